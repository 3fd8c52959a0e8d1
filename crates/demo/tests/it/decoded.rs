//! The files are what the platforms write: each is told by its content, and every row fits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use sekisho_decode::{Options, Rejected, Sink, SinkError, decode};
use sekisho_event::catalogue::Table;
use sekisho_event::ids::OrgId;
use sekisho_hunt::FileSpan;

use crate::support::{places, small, whole};

/// 2025-10-27 to 2025-11-24, in microseconds.
const PERIOD: std::ops::Range<i64> = 1_761_523_200_000_000..1_763_942_400_000_000;

#[derive(Default)]
struct Kept {
    rows: BTreeMap<String, u64>,
    lines: Vec<i64>,
    rejected: Vec<Rejected>,
    undated: BTreeSet<String>,
    extra: BTreeSet<String>,
}

impl Sink for Kept {
    fn batch(&mut self, table: &Arc<Table>, batch: RecordBatch) -> Result<(), SinkError> {
        *self.rows.entry(table.name.clone()).or_default() += batch.num_rows() as u64;
        let lines = batch.column_by_name("_line").unwrap().as_primitive::<Int64Type>();
        self.lines.extend(lines.values());
        let times = batch
            .column_by_name("_time")
            .unwrap()
            .as_primitive::<TimestampMicrosecondType>();
        for time in times {
            match time {
                Some(time) => assert!(PERIOD.contains(&time), "{} {time}", table.name),
                None => drop(self.undated.insert(table.name.clone())),
            }
        }
        let extra = batch.column_by_name("_extra").unwrap().as_string::<i32>();
        self.extra
            .extend(extra.iter().flatten().map(|text| format!("{}: {text}", table.name)));
        let orgs = batch.column_by_name("_org").unwrap().as_dictionary::<Int32Type>();
        assert_eq!(orgs.values().len(), 1);
        Ok(())
    }

    fn rejected(&mut self, row: Rejected) -> Result<(), SinkError> {
        self.rejected.push(row);
        Ok(())
    }
}

#[test]
fn every_row_of_every_file_fits_a_table() {
    let demo = small();
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    let mut lines: BTreeSet<(String, u64)> = BTreeSet::new();
    for (path, (org, bytes)) in &demo.files {
        let options = Options {
            org: Some(OrgId::new(*org)),
            file: path.clone(),
            ..Options::default()
        };
        let mut kept = Kept::default();
        decode(&mut bytes.as_slice(), &options, &mut kept).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(kept.rejected, [], "{path}");
        // Only the old runner's trace has no times.
        assert!(kept.undated.is_empty() || path.contains("job-48871"), "{path}");
        assert!(kept.extra.is_empty(), "{path}: {:?}", kept.extra);
        assert_eq!(kept.rows.len(), 1, "{path}: {:?}", kept.rows);
        lines.extend(
            kept.lines
                .iter()
                .map(|line| (path.clone(), u64::try_from(*line).unwrap())),
        );
        for (table, count) in kept.rows {
            *rows.entry(table).or_default() += count;
        }
    }
    for act in &demo.truth.acts {
        for place in places(act) {
            assert!(lines.contains(&place), "{} {place:?} is no row", act.id);
        }
    }
    assert!(rows.len() >= 26, "{rows:?}");
    let sum: u64 = rows.values().sum();
    assert_eq!(sum, demo.truth.events);
}

#[test]
fn names_state_the_hours_and_days_that_they_cover() {
    let demo = whole();
    for path in demo.files.keys() {
        let span = FileSpan::interval_of_name(path).map(|(from, to)| (to - from) / 3_600_000_000);
        let expected = match path.as_str() {
            path if path.contains("/hourly/") => Some(1),
            path if path.contains("/setup/") || path.contains("/traces/") => None,
            path if ["LoginAsEvent", "BulkApiResult", "PermissionSet"]
                .iter()
                .any(|name| path.contains(name)) =>
            {
                None
            }
            _ => Some(24),
        };
        assert_eq!(span, expected, "{path}");
    }
}
