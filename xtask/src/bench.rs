//! Comparisons with peers, one module each below `bench/`.
//!
//! A benchmark runs us and its peer on the same input in one run, and ends with the line
//! `NAME-vs-PEER: RATIO`, over 1 where we are faster.

mod decode;
mod ingest;
mod query;
mod search;

use crate::Failure;

pub(crate) const ABOUT: &str = "run one comparison with its peer";

/// A comparison.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

/// Every comparison. A new one is a module `bench/NAME.rs` with `ABOUT` and `run_all`, and a row here.
const BENCHES: &[Bench] = &[
    Bench {
        name: "decode",
        about: decode::ABOUT,
        run: decode::run_all,
    },
    Bench {
        name: "ingest",
        about: ingest::ABOUT,
        run: ingest::run_all,
    },
    Bench {
        name: "query",
        about: query::ABOUT,
        run: query::run_all,
    },
    Bench {
        name: "search",
        about: search::ABOUT,
        run: search::run_all,
    },
];

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let Some((name, rest)) = arguments.split_first() else {
        return Err(format!("which one? {}", known(BENCHES)));
    };
    match BENCHES.iter().find(|bench| bench.name == name) {
        Some(bench) => (bench.run)(rest),
        None => Err(format!("there is no benchmark `{name}`; {}", known(BENCHES))),
    }
}

fn known(benches: &[Bench]) -> String {
    if benches.is_empty() {
        return "there are none yet".to_owned();
    }
    let mut text = String::from("there are:");
    for bench in benches {
        text.push_str(&format!("\n  {:<12} {}", bench.name, bench.about));
    }
    text
}
