//! What the child does, step by step, and what its rows are: both sides work them out from a round's number alone.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use sekisho_store::{
    Checkpoint, Error, FileRecord, MaintainLimits, NewSetting, QuarantineRow, Result, RetainOptions, RetentionKind,
    Store,
};

use crate::digest::canonical;
use crate::kit::{START, batch, dictionary, open, uid};

pub(crate) const EVENTS: &str = "events";
pub(crate) const QUARANTINE: &str = "sekisho.quarantine";
/// Not a table: the names of loaded files, each noted with the number of its load.
pub(crate) const FILES: &str = "files";

/// The table whose rows are not kept.
pub(crate) const AGED: &str = "old.rows";

/// The numbers that a round has to itself.
const ROUND_NUMBERS: u64 = 1_000;
/// Rows whose number in the round is beyond this one have a further column.
const WIDE_FROM: u64 = 500;

/// The rows of one load by table, each known by its number.
pub(crate) type Numbers = BTreeMap<&'static str, Vec<u64>>;

/// What one step gives to the store, all or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// Rows that no other step gives first.
    pub(crate) fresh: Numbers,
    /// Rows that an earlier step of the round gave.
    pub(crate) repeats: Numbers,
    /// Rows that an earlier step of the round gave and that the step deletes.
    pub(crate) deletes: Numbers,
}

/// One step of the child's work.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) gives: fn(u64) -> Given,
    pub(crate) act: Act,
}

/// How a step is done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Loads what it gives into segments.
    Load,
    /// Loads what it gives as a stream does: the catalogue keeps the rows.
    Stream,
    /// Closes the store and opens it again.
    Reopen,
    /// Something else, which changes nothing that can be asked for.
    Do(fn(&Store, u64) -> Result<()>),
}

/// The work of a round. A feature of the store that writes has its line here.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "open",
        gives: nothing,
        act: Act::Do(|_, _| Ok(())),
    },
    Step {
        name: "two tables",
        gives: two_tables,
        act: Act::Load,
    },
    Step {
        name: "new columns, a new table",
        gives: new_columns,
        act: Act::Load,
    },
    Step {
        name: "bad rows",
        gives: bad_rows,
        act: Act::Stream,
    },
    Step {
        name: "all again",
        gives: all_again,
        act: Act::Load,
    },
    Step {
        name: "reopen",
        gives: nothing,
        act: Act::Reopen,
    },
    Step {
        name: "dropped",
        gives: nothing,
        act: Act::Do(dropped),
    },
    Step {
        name: "small",
        gives: |round| small(round, 0),
        act: Act::Stream,
    },
    Step {
        name: "merge and remove",
        gives: nothing,
        act: Act::Do(merge),
    },
    Step {
        name: "rows to be deleted",
        gives: aged,
        act: Act::Load,
    },
    Step {
        name: "retention",
        gives: |round| Given {
            deletes: deleted(round),
            ..Given::default()
        },
        act: Act::Do(retain),
    },
    Step {
        name: "small again",
        gives: |round| small(round, 1),
        act: Act::Stream,
    },
    Step {
        name: "flush",
        gives: nothing,
        act: Act::Do(|store, _| store.flush().map(|_| ())),
    },
    Step {
        name: "small after a flush",
        gives: |round| small(round, 2),
        act: Act::Stream,
    },
];

/// Does the work of `rounds` on the store in `dir` and closes it.
pub(crate) fn fill(dir: &Path, rounds: Range<u64>) {
    let mut store = Some(open(dir));
    for round in rounds {
        for step in STEPS {
            if matches!(step.act, Act::Reopen) {
                store = None;
            }
            step.run(store.get_or_insert_with(|| open(dir)), round).unwrap();
        }
    }
}

impl Step {
    /// Does the step, but for opening the store anew.
    pub(crate) fn run(&self, store: &Store, round: u64) -> Result<()> {
        match self.act {
            Act::Load => load(store, &(self.gives)(round), false),
            Act::Stream => load(store, &(self.gives)(round), true),
            Act::Do(act) => act(store, round),
            Act::Reopen => Ok(()),
        }
    }
}

fn nothing(_: u64) -> Given {
    Given::default()
}

fn two_tables(round: u64) -> Given {
    fresh(round, 1, [("a.one", 0..30), ("a.two", 100..120)])
}

fn new_columns(round: u64) -> Given {
    fresh(round, 2, [("a.one", 490..510), ("b.three", 200..220)])
}

fn bad_rows(round: u64) -> Given {
    fresh(round, 3, [("a.two", 120..125), (QUARANTINE, 0..7)])
}

fn all_again(round: u64) -> Given {
    let mut given = fresh(round, 4, [("a.one", 30..35)]);
    for earlier in [two_tables(round), new_columns(round), bad_rows(round)] {
        for (table, numbers) in earlier.fresh {
            given.repeats.entry(table).or_default().extend(numbers);
        }
    }
    given.repeats.remove(FILES);
    given
}

/// Returns rows that all have a time, since age is counted from it.
fn aged(round: u64) -> Given {
    fresh(round, 9, [(AGED, 601..609)])
}

/// Returns the rows of a round that retention deletes.
pub(crate) fn deleted(round: u64) -> Numbers {
    let mut rows = aged(round).fresh;
    rows.remove(FILES);
    rows
}

fn small(round: u64, which: u64) -> Given {
    fresh(round, 5 + which, [("a.one", 300 + which * 3..303 + which * 3)])
}

/// Returns a load of the round's `rows`; what follows from them, their common rows and the file's name, is added.
fn fresh<const N: usize>(round: u64, load: u64, rows: [(&'static str, Range<u64>); N]) -> Given {
    let base = round * ROUND_NUMBERS;
    let mut fresh = Numbers::new();
    for (table, numbers) in rows {
        let numbers: Vec<u64> = numbers.map(|n| base + n).collect();
        if table != QUARANTINE {
            fresh.entry(EVENTS).or_default().extend(&numbers);
        }
        fresh.insert(table, numbers);
    }
    fresh.insert(FILES, vec![base + load]);
    Given {
        fresh,
        ..Given::default()
    }
}

/// Loads what is given, as `ingest` does it: typed rows with their identities, then the common rows of those kept.
fn load(store: &Store, given: &Given, is_streamed: bool) -> Result<()> {
    let mut ingest = store.begin()?;
    if !is_streamed {
        ingest.write_segments()?;
    }
    // Repeats first, so that new rows stand beside old ones in one batch.
    let mut tables = given.repeats.clone();
    for (table, numbers) in &given.fresh {
        tables.entry(table).or_default().extend(numbers);
    }
    for (table, numbers) in tables {
        match table {
            EVENTS => {}
            FILES => {
                for file in numbers.into_iter().map(file) {
                    ingest.checkpoint(checkpoint(&file.name));
                    ingest.note_file(file);
                }
            }
            QUARANTINE => {
                for n in numbers {
                    ingest.quarantine(&QuarantineRow {
                        org: "unknown",
                        file: "bad.csv",
                        line: n,
                        reason: "no JSON",
                        excerpt: &format!("{{ broken {n}"),
                    })?;
                }
            }
            table => {
                let kept = ingest.append(table, rows(table, &numbers))?.kept;
                if kept.num_rows() > 0 {
                    ingest.append_unchecked(EVENTS, &common(table, &kept))?;
                }
            }
        }
    }
    ingest.commit()?;
    Ok(())
}

/// A load that is given up: nothing of it may ever be seen.
fn dropped(store: &Store, round: u64) -> Result<()> {
    let base = round * ROUND_NUMBERS;
    let mut ingest = store.begin()?;
    ingest.append("a.one", rows("a.one", &(base + 900..base + 910).collect::<Vec<_>>()))?;
    ingest.append("c.never", rows("c.never", &[base + 950]))?;
    Ok(())
}

/// Merges what there is to merge and removes what that leaves. Reads between two removals keep nothing from them here.
fn merge(store: &Store, _: u64) -> Result<()> {
    let limits = MaintainLimits {
        grace: Duration::ZERO,
        ..MaintainLimits::default()
    };
    store.maintain(&limits, &|| false)?;
    Ok(())
}

/// Deletes the rows of the table that is not kept.
fn retain(store: &Store, _: u64) -> Result<()> {
    store.set_retention(NewSetting {
        pattern: AGED.to_owned(),
        kind: RetentionKind::Keep,
        days: Some(30),
        reason: "a test".to_owned(),
        by: "somebody".to_owned(),
    })?;
    let rows = store.apply_retention(RetainOptions::default(), &|| false)?;
    // What could not be looked at stays, and is told beside the rest.
    if let Some(problem) = rows.into_iter().flat_map(|row| row.problems).next() {
        return Err(Error::Setting { detail: problem });
    }
    store.remove_now(Duration::ZERO)?;
    store.scrub()?;
    Ok(())
}

/// Returns how far the source of a file has been read with it.
pub(crate) fn checkpoint(file: &str) -> Checkpoint {
    Checkpoint {
        source: format!("source of {file}"),
        position: format!("after {file}"),
        watermark_us: Some(START),
    }
}

fn file(n: u64) -> FileRecord {
    FileRecord {
        name: format!("file-{n}.csv"),
        sha256: format!("{n:064x}"),
        bytes: n,
        kind: "json".to_owned(),
        events: n,
        duplicates: 0,
        rejected: 0,
    }
}

/// Returns the rows of a typed table with these numbers.
fn rows(table: &str, numbers: &[u64]) -> RecordBatch {
    let mut columns = vec![
        ("_uid", texts(numbers, |n| Some(uid(n)))),
        ("_time", times(numbers)),
        ("_org", dictionary(numbers.iter().map(|_| Some("00D000000000001")))),
        (
            "TEXT",
            texts(numbers, |n| (n % 7 != 0).then(|| format!("{table} 行 {n}"))),
        ),
        (
            "KIND",
            dictionary(
                numbers
                    .iter()
                    .map(|n| [Some("Standard"), Some("Guest"), None][(n % 3) as usize]),
            ),
        ),
        (
            "NUMBER",
            Arc::new(Int64Array::from_iter_values(numbers.iter().map(|n| n.cast_signed()))) as ArrayRef,
        ),
    ];
    if numbers.iter().any(|n| n % ROUND_NUMBERS >= WIDE_FROM) {
        let wide = |n: u64| (n % ROUND_NUMBERS >= WIDE_FROM).then(|| format!("extra {n}"));
        columns.push(("EXTRA", texts(numbers, wide)));
    }
    batch(columns)
}

/// Returns the common rows of typed rows.
fn common(table: &str, typed: &RecordBatch) -> RecordBatch {
    let column = |name: &str| Arc::clone(typed.column_by_name(name).unwrap());
    batch(vec![
        ("event_uid", column("_uid")),
        ("time", column("_time")),
        ("actor", column("TEXT")),
        ("table", Arc::new(StringArray::from(vec![table; typed.num_rows()]))),
    ])
}

fn texts(numbers: &[u64], text: impl Fn(u64) -> Option<String>) -> ArrayRef {
    Arc::new(numbers.iter().map(|n| text(*n)).collect::<StringArray>())
}

/// Ten days in no order, so that every load meets the days of every other; some rows have no time.
fn times(numbers: &[u64]) -> ArrayRef {
    let minutes = |n: u64| (n * 7_919 % 14_400).cast_signed();
    let times = numbers
        .iter()
        .map(|n| (n % 10 != 0).then(|| START + minutes(*n) * 60_000_000));
    Arc::new(TimestampMicrosecondArray::from_iter(times).with_timezone("UTC"))
}

/// Returns the rows that `table` must have for these numbers, as the oracle compares them.
pub(crate) fn expected(table: &str, numbers: &[u64]) -> Vec<String> {
    match table {
        FILES => numbers.iter().map(|n| file(*n).name).collect(),
        QUARANTINE => {
            let text = |n: &u64| format!("_file=bad.csv _line={n} _org=unknown excerpt={{ broken {n} reason=no JSON ");
            numbers.iter().map(text).collect()
        }
        // The typed table that a common row comes from follows from its number, as `STEPS` gives them out.
        EVENTS => numbers
            .iter()
            .flat_map(|n| canonical(&common(table_of(*n), &rows(table_of(*n), &[*n])), &[]))
            .collect(),
        table => canonical(&rows(table, numbers), &[]),
    }
}

fn table_of(n: u64) -> &'static str {
    match n % ROUND_NUMBERS {
        100..200 => "a.two",
        200..300 => "b.three",
        600..700 => AGED,
        _ => "a.one",
    }
}
