//! What the platform's own list of its files (`salesforce.EventLogFile`) says of files that are named by their ids.

use std::collections::HashMap;

use sekisho_event::cells;
use sekisho_event::time::{MICROS_PER_DAY, MICROS_PER_HOUR, Micros};
use sekisho_store::{Reach, ReachBy, ReachKind, ScanRange, Store, StreamName};

use crate::Error;

/// The table of the platform's list.
pub(super) const LIST_TABLE: &str = "salesforce.EventLogFile";

/// What the ids of event log files begin with.
pub(super) const ID_PREFIX: &str = "0AT";

/// Characters of an id; three more are a checksum of their case.
const ID_CHARS: usize = 15;
const ID_CHARS_WITH_SUFFIX: usize = 18;

/// Notes the hour or day of every stored file whose name holds an id that the list knows, whichever came first.
pub(super) fn note_list(store: &Store) -> Result<(), Error> {
    let mut by_id: HashMap<String, Vec<StreamName>> = HashMap::new();
    for stream in store.streams_named(ID_PREFIX)? {
        if let Some(id) = id_in(&stream.name) {
            by_id.entry(id.to_owned()).or_default().push(stream);
        }
    }
    if by_id.is_empty() {
        return Ok(());
    }
    let mut said = Vec::new();
    let columns = ["Id", "Interval", "Sequence", "LogDate"];
    for batch in store.scan(LIST_TABLE, ScanRange::default(), Some(&columns))? {
        let batch = batch?;
        let column = |name: &str| batch.column_by_name(name);
        let (Some(ids), Some(intervals), Some(sequences), Some(dates)) =
            (column("Id"), column("Interval"), column("Sequence"), column("LogDate"))
        else {
            continue;
        };
        for row in 0..batch.num_rows() {
            let id = cells::text(ids, row).unwrap_or_default();
            let Some(streams) = id.get(..ID_CHARS).and_then(|id| by_id.get(id)) else {
                continue;
            };
            let (interval, sequence) = (cells::text(intervals, row), cells::text(sequences, row));
            let kind = kind_of(interval.as_deref(), sequence.as_deref());
            if let Some((kind, at_us)) = kind.zip(cells::time_us(dates, row)) {
                said.extend(streams.iter().map(|stream| (stream.clone(), reach(kind, at_us))));
            }
        }
    }
    Ok(store.note_reaches(&said)?)
}

/// Returns the id of an event log file in the last part of a name, without its checksum.
pub(super) fn id_in(name: &str) -> Option<&str> {
    let base = name.rsplit(['/', '\\', '!']).next().unwrap_or(name);
    let words = base.split(|character: char| !character.is_ascii_alphanumeric());
    let is_id =
        |word: &&str| word.starts_with(ID_PREFIX) && (word.len() == ID_CHARS || word.len() == ID_CHARS_WITH_SUFFIX);
    words.filter(is_id).find_map(|word| word.get(..ID_CHARS))
}

/// Orgs without hourly files may have no `Interval`; `Sequence` says the same.
fn kind_of(interval: Option<&str>, sequence: Option<&str>) -> Option<ReachKind> {
    match interval {
        Some(interval) if interval.eq_ignore_ascii_case("hourly") => return Some(ReachKind::Hour),
        Some(interval) if interval.eq_ignore_ascii_case("daily") => return Some(ReachKind::Day),
        _ => {}
    }
    match sequence?.parse::<u64>().ok()? {
        0 => Some(ReachKind::Day),
        _ => Some(ReachKind::Hour),
    }
}

fn reach(kind: ReachKind, at_us: Micros) -> Reach {
    let length_us = match kind {
        ReachKind::Hour => MICROS_PER_HOUR,
        ReachKind::Day => MICROS_PER_DAY,
    };
    Reach {
        by: ReachBy::Metadata,
        kind,
        from_us: at_us.div_euclid(length_us) * length_us,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_names() {
        for name in [
            "0AT5g00000000abGAA.csv",
            "x.zip!Login-0AT5g00000000ab.csv",
            "in/0AT5g00000000ab_Login.csv",
        ] {
            assert_eq!(id_in(name), Some("0AT5g00000000ab"), "{name}");
        }
        for name in [
            "0AT.csv",
            "X0AT5g00000000ab.csv",
            "0AT5g00000000abGAA/Login.csv",
            "0AT5g00000000abG.csv",
        ] {
            assert_eq!(id_in(name), None, "{name}");
        }
    }

    #[test]
    fn an_interval_decides_before_the_sequence() {
        assert_eq!(kind_of(Some("Hourly"), Some("0")), Some(ReachKind::Hour));
        assert_eq!(kind_of(None, Some("0")), Some(ReachKind::Day));
        assert_eq!(kind_of(Some(""), Some("4")), Some(ReachKind::Hour));
        assert_eq!(kind_of(None, None), None);
    }
}
