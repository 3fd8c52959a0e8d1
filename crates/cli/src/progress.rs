//! The line that long work shows on a terminal's standard error, gone when the work ends.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sekisho_event::text::Lang;
use sekisho_operation::progress::{Phase, Progress, Reached};

/// How often the line is drawn: often enough to be alive, seldom enough to be read.
const DRAW_EVERY: Duration = Duration::from_millis(250);

/// Work that is done by then shows nothing.
const FIRST_DRAWN_AFTER: Duration = Duration::from_millis(500);

/// The time over which the rate is taken: old speeds say little about what is left.
const RATE_OVER: Duration = Duration::from_secs(15);

/// The line while it is shown; dropped, it goes.
#[derive(Debug)]
pub(crate) struct ProgressLine {
    end: Option<Sender<()>>,
    drawing: Option<JoinHandle<()>>,
}

impl ProgressLine {
    /// Shows how far `progress` comes; nothing where standard error is no terminal.
    pub(crate) fn show(progress: &Progress, lang: Lang) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self {
                end: None,
                drawing: None,
            };
        }
        let (end, ended) = channel();
        let progress = progress.clone();
        let drawing = std::thread::Builder::new().name("progress".to_owned()).spawn(move || {
            let mut pace = Pace::default();
            let started = Instant::now();
            let mut is_drawn = false;
            while ended.recv_timeout(DRAW_EVERY) == Err(RecvTimeoutError::Timeout) {
                let reached = progress.reached();
                pace.note(Instant::now(), reached);
                if started.elapsed() >= FIRST_DRAWN_AFTER {
                    draw(&line(lang, reached, &pace));
                    is_drawn = true;
                }
            }
            if is_drawn {
                draw("");
            }
        });
        Self {
            end: Some(end),
            // Without a thread to draw it there is no line, and the work goes on.
            drawing: drawing.ok(),
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(drawing) = self.drawing.take() {
            let _ = drawing.join();
        }
    }
}

/// Draws over the line before. Whoever closed standard error sees nothing, and the work goes on.
fn draw(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "\r{text}\x1b[K").and_then(|()| out.flush());
}

/// How fast the work goes, from what it had reached at several moments.
#[derive(Debug, Default)]
struct Pace(VecDeque<(Instant, Reached)>);

impl Pace {
    fn note(&mut self, now: Instant, reached: Reached) {
        // Another phase goes at another speed.
        if self.0.back().is_some_and(|(_, last)| last.phase != reached.phase) {
            self.0.clear();
        }
        self.0.push_back((now, reached));
        while self.0.len() > 2 && self.0.front().is_some_and(|(then, _)| now - *then > RATE_OVER) {
            self.0.pop_front();
        }
    }

    /// Returns bytes and rows a second.
    fn rates(&self) -> Option<(f64, f64)> {
        let ((first_at, first), (last_at, last)) = self.0.front().zip(self.0.back())?;
        let seconds = (*last_at - *first_at).as_secs_f64();
        let per_second = |from: u64, to: u64| to.saturating_sub(from) as f64 / seconds;
        (seconds >= 1.0).then(|| (per_second(first.bytes, last.bytes), per_second(first.rows, last.rows)))
    }
}

fn line(lang: Lang, reached: Reached, pace: &Pace) -> String {
    let mut parts = Vec::new();
    if reached.phase != Phase::Reading || reached.bytes == 0 {
        parts.push(reached.phase.text().get(lang).to_owned());
    }
    if reached.phase == Phase::Waiting {
        return parts.concat();
    }
    let done = bytes(reached.bytes);
    let total = reached.bytes_total;
    // What is read twice, or grows while it is read, is no reason to show more than all.
    let is_total_known = total >= reached.bytes && total > 0;
    if is_total_known {
        let total = bytes(total);
        parts.push(match lang {
            Lang::En => format!("{done} of {total}"),
            Lang::Ja => format!("{total} 中 {done}"),
        });
    } else if reached.bytes > 0 {
        parts.push(done);
    }
    if reached.rows > 0 {
        parts.push(rows(lang, reached.rows as f64, ""));
    }
    if let Some((bytes_rate, rows_rate)) = pace.rates() {
        if rows_rate > 0.0 {
            parts.push(rows(lang, rows_rate, "/s"));
        } else if bytes_rate > 0.0 {
            parts.push(format!("{}/s", bytes(bytes_rate as u64)));
        }
        if is_total_known && bytes_rate > 0.0 {
            parts.push(left(lang, (total - reached.bytes) as f64 / bytes_rate));
        }
    }
    parts.join(" · ")
}

/// Returns a size in decimal units, as disks and file managers count.
pub(crate) fn bytes(count: u64) -> String {
    let (number, unit) = scaled(count as f64, &["B", "kB", "MB", "GB", "TB"]);
    format!("{number} {unit}")
}

fn rows(lang: Lang, count: f64, per: &str) -> String {
    match lang {
        Lang::En => {
            let (number, unit) = scaled(count, &["", "k", "M", "G"]);
            let gap = if unit.is_empty() { "" } else { " " };
            format!("{number}{gap}{unit} rows{per}")
        }
        Lang::Ja => {
            let per = if per.is_empty() { "" } else { "/秒" };
            if count >= 1e8 {
                format!("{:.1} 億行{per}", count / 1e8)
            } else if count >= 1e5 {
                format!("{:.1} 万行{per}", count / 1e4)
            } else {
                format!("{count:.0} 行{per}")
            }
        }
    }
}

/// Returns a number with three digits at most before its unit, and one behind the point where it is small.
fn scaled<'u>(count: f64, units: &[&'u str]) -> (String, &'u str) {
    let mut number = count;
    let mut at = 0;
    while number >= 999.5 && at + 1 < units.len() {
        number /= 1_000.0;
        at += 1;
    }
    let text = if at > 0 && number < 9.95 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    };
    (text, units.get(at).copied().unwrap_or_default())
}

fn left(lang: Lang, seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    let minutes = seconds.div_ceil(60);
    let hours = minutes / 60;
    match (lang, seconds) {
        (Lang::En, 0..90) => format!("{seconds} s left"),
        (Lang::Ja, 0..90) => format!("残り {seconds} 秒"),
        (Lang::En, 90..5_400) => format!("{minutes} min left"),
        (Lang::Ja, 90..5_400) => format!("残り {minutes} 分"),
        (Lang::En, _) => format!("{hours} h {} min left", minutes - hours * 60),
        (Lang::Ja, _) => format!("残り {hours} 時間 {} 分", minutes - hours * 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(bytes: u64, rows: u64) -> Reached {
        Reached {
            phase: Phase::Reading,
            bytes,
            bytes_total: 4_800_000_000,
            rows,
            files: 0,
        }
    }

    #[test]
    fn the_line_says_how_much_how_fast_and_how_long() {
        let mut pace = Pace::default();
        let start = Instant::now();
        pace.note(start, reading(900_000_000, 0));
        pace.note(start + Duration::from_secs(10), reading(1_200_000_000, 3_120_000));
        let now = reading(1_200_000_000, 3_120_000);
        assert_eq!(
            line(Lang::En, now, &pace),
            "1.2 GB of 4.8 GB · 3.1 M rows · 312 k rows/s · 2 min left"
        );
        assert_eq!(
            line(Lang::Ja, now, &pace),
            "4.8 GB 中 1.2 GB · 312.0 万行 · 31.2 万行/秒 · 残り 2 分"
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let pace = Pace::default();
        assert_eq!(line(Lang::En, Reached::default(), &pace), "starting");
        let streamed = Reached {
            bytes_total: 0,
            ..reading(12_000, 40)
        };
        assert_eq!(line(Lang::En, streamed, &pace), "12 kB · 40 rows");
        let waiting = Reached {
            phase: Phase::Waiting,
            ..reading(1, 1)
        };
        assert_eq!(line(Lang::En, waiting, &pace), "waiting for another writer");
    }

    #[test]
    fn times_and_sizes_are_short() {
        let times = [0.4, 89.0, 90.0, 5_399.0, 9_000.0].map(|seconds| left(Lang::En, seconds));
        assert_eq!(
            times,
            ["0 s left", "89 s left", "2 min left", "90 min left", "2 h 30 min left"]
        );
        assert_eq!(
            [999, 1_000, 99_999, 1_500_000_000].map(bytes),
            ["999 B", "1.0 kB", "100 kB", "1.5 GB"]
        );
    }
}
