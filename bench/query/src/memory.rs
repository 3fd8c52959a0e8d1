//! What this process took: memory at most, time of processors.

/// What the kernel takes as the wish to begin the peak anew.
const FORGET_PEAK: &str = "5";

/// Begins the peak anew, where the system lets us.
pub(crate) fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", FORGET_PEAK);
}

/// Returns the peak since, in MB; 0 where the system does not say.
pub(crate) fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1_024 / 1_000_000
}

/// The kernel's ticks of processor time a second.
const TICKS_PER_SECOND: f64 = 100.0;

/// Returns the processor time of all threads so far, in seconds; 0 where the system does not say.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold anything; user and system time are the 12th and 13th word after it.
    let words = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = words.skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    ticks / TICKS_PER_SECOND
}
