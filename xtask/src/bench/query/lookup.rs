//! Look-ups by value in the running server, as a person at the console makes them, with the value indexes and without.

use std::path::Path;
use std::process::Command;

use crate::Failure;
use crate::workspace::output;

/// Starts the server on the store, times pages of look-ups in it, and prints what comes of it.
pub(super) fn run(python: &Path, server: &Path, store: &Path) -> Result<(), Failure> {
    let mut asking = Command::new(python);
    asking.args(["-c", ASKING]).arg(server).arg(store);
    print!("{}", output(&mut asking)?);
    Ok(())
}

/// A value that one session has, one that a few rows of one day have, one that thousands have, and one that none has.
const ASKING: &str = r#"
import json, os, shutil, subprocess, sys, time, urllib.parse, urllib.request
server, store = sys.argv[1:3]
looks = {
    "session_key": 'session_key:"7f3e5b2a9c0d4e1f000003e8"',
    "src_ip-rare": 'src_ip:"203.0.113.10"',
    "src_ip": 'src_ip:"198.18.11.133"',
    "actor": 'actor:"user4000@corp.example"',
    "nobody": 'actor:"nobody@corp.example"',
}

def folder_bytes(*ends):
    found = 0
    for folder, _, names in os.walk(os.path.join(store, "data")):
        found += sum(os.path.getsize(os.path.join(folder, name)) for name in names if name.endswith(ends))
    return found

def without_indexes(copy):
    # Segments never change, so the copy shares them.
    shutil.rmtree(copy, ignore_errors=True)
    for folder, _, names in os.walk(store):
        there = os.path.join(copy, os.path.relpath(folder, store))
        os.makedirs(there)
        for name in names:
            if name.endswith((".parquet", ".uids")):
                os.link(os.path.join(folder, name), os.path.join(there, name))
            elif not name.endswith(".vals"):
                shutil.copyfile(os.path.join(folder, name), os.path.join(there, name))

def ask(address, q):
    url = f"{address}/api/v1/events?limit=100&q=" + urllib.parse.quote(q)
    with urllib.request.urlopen(url, timeout=120) as answer:
        return json.load(answer)

def times(store):
    process = subprocess.Popen([server, "--data", store, "serve", "--listen", "127.0.0.1:0"],
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        line = ""
        while "listening on" not in line:
            line = process.stderr.readline()
            if not line:
                raise SystemExit("the server did not start")
        address = line.split()[-1]
        found = {}
        for name, q in looks.items():
            best = float("inf")
            for _ in range(5):
                start = time.perf_counter()
                answer = ask(address, q)
                best = min(best, time.perf_counter() - start)
            found[name] = (best, [event["event_uid"] for event in answer["items"]])
        with open(f"/proc/{process.pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
        return found, peak * 1024 // 1000000
    finally:
        process.terminate()
        process.wait()

indexed, peak = times(store)
print(f"the server's peak: {peak} MB")
index = folder_bytes(".vals")
if index == 0:
    for name, (seconds, uids) in indexed.items():
        print(f"look-up {name:<12} {seconds * 1e3:>9.1f} ms   {len(uids):>4} events, the store has no value index")
    sys.exit()
copy = store + "-without-indexes"
without_indexes(copy)
plain, _ = times(copy)
shutil.rmtree(copy)
for name, (seconds, uids) in indexed.items():
    if uids != plain[name][1]:
        raise SystemExit(f"{name}: the index gives other events")
    rows = plain[name][0]
    print(f"look-up {name:<12} {seconds * 1e3:>9.1f} ms   without index {rows * 1e3:>9.1f} ms   {rows / seconds:>6.1f}   {len(uids):>4} events")
data = folder_bytes(".parquet")
print(f"value index: {index / 1e6:.0f} MB, {100 * index / data:.1f} % of the data's {data / 1e6:.0f} MB")
print(f"look-up-vs-rows: {min(plain[name][0] / indexed[name][0] for name in indexed):.2f}")
"#;
