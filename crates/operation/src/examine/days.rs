//! How many events each org and table has on each day.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int32Type;
use sekisho_event::cells;
use sekisho_event::time::{MICROS_PER_DAY, Micros, to_rfc3339};
use serde::Serialize;

/// Most days that are counted apart: ten years of sixty tables. Later days are counted in their org alone.
const MAX_DAYS: usize = 200_000;

/// Events of one table of one org on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DayCount {
    /// The org.
    pub org: String,
    /// The table.
    pub table: String,
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// How many events.
    pub events: u64,
}

/// What there is of one org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OrgSpan {
    /// The org.
    pub org: String,
    /// How many events.
    pub events: u64,
    /// The first, RFC 3339.
    pub from: Option<String>,
    /// The last, RFC 3339.
    pub to: Option<String>,
}

/// Counts under way.
#[derive(Debug, Default)]
pub(super) struct Days {
    /// (org, table) → day since 1970 → events.
    days: BTreeMap<(String, String), BTreeMap<i64, u64>>,
    count: usize,
    orgs: BTreeMap<String, (u64, Option<Micros>, Option<Micros>)>,
}

impl Days {
    pub(super) fn push(&mut self, events: &RecordBatch) {
        let columns = ["org", "table", "time"].map(|name| events.column_by_name(name));
        let [Some(orgs), Some(tables), Some(times)] = columns else {
            return;
        };
        // Rows of a batch share few orgs, tables and days: count codes, then look the names up.
        let mut counts: HashMap<(i32, i32, Option<i64>), (u64, Micros, Micros)> = HashMap::new();
        let code = |column: &arrow::array::ArrayRef, row: usize| {
            let column = column.as_dictionary_opt::<Int32Type>();
            column
                .and_then(|column| column.key(row))
                .and_then(|key| i32::try_from(key).ok())
        };
        let mut first_rows: HashMap<(i32, i32), usize> = HashMap::new();
        for row in 0..events.num_rows() {
            let key = (code(orgs, row).unwrap_or(-1), code(tables, row).unwrap_or(-1));
            first_rows.entry(key).or_insert(row);
            let time_us = cells::time_us(times, row);
            let day = time_us.map(|time_us| time_us.div_euclid(MICROS_PER_DAY));
            let count = counts
                .entry((key.0, key.1, day))
                .or_insert((0, Micros::MAX, Micros::MIN));
            count.0 += 1;
            if let Some(time_us) = time_us {
                *count = (count.0, count.1.min(time_us), count.2.max(time_us));
            }
        }
        for ((org, table, day), count) in counts {
            let Some(row) = first_rows.get(&(org, table)) else {
                continue;
            };
            let org = cells::text(orgs, *row).unwrap_or_default().into_owned();
            let table = cells::text(tables, *row).unwrap_or_default().into_owned();
            self.add(org, table, day, count);
        }
    }

    fn add(&mut self, org: String, table: String, day: Option<i64>, (events, from, to): (u64, Micros, Micros)) {
        let span = self.orgs.entry(org.clone()).or_default();
        span.0 += events;
        let Some(day) = day else { return };
        span.1 = span.1.into_iter().chain([from]).min();
        span.2 = span.2.into_iter().chain([to]).max();
        let days = self.days.entry((org, table)).or_default();
        if self.count < MAX_DAYS || days.contains_key(&day) {
            let before = days.len();
            *days.entry(day).or_default() += events;
            self.count += days.len() - before;
        }
    }

    pub(super) fn orgs(&self) -> Vec<OrgSpan> {
        let span = |(org, (events, from, to)): (&String, &(u64, Option<Micros>, Option<Micros>))| OrgSpan {
            org: org.clone(),
            events: *events,
            from: from.map(to_rfc3339),
            to: to.map(to_rfc3339),
        };
        self.orgs.iter().map(span).collect()
    }

    pub(super) fn finish(self) -> Vec<DayCount> {
        let mut counts = Vec::new();
        for ((org, table), days) in self.days {
            for (day, events) in days {
                let start = to_rfc3339(day.saturating_mul(MICROS_PER_DAY));
                counts.push(DayCount {
                    org: org.clone(),
                    table: table.clone(),
                    day: start.get(..10).unwrap_or_default().to_owned(),
                    events,
                });
            }
        }
        counts
    }
}
