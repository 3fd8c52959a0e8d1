//! How many events each org and table has on each day.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{ArrayRef, AsArray, RecordBatch};
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
    #[schema(required)]
    pub from: Option<String>,
    /// The last, RFC 3339.
    #[schema(required)]
    pub to: Option<String>,
}

/// Counts under way.
#[derive(Debug, Default)]
pub(super) struct Days {
    /// (org, table) → day since 1970 → events.
    days: BTreeMap<(String, String), BTreeMap<i64, u64>>,
    count: usize,
    orgs: BTreeMap<String, Counted>,
}

/// Codes of org and table, -1 for none, and the day since 1970.
type Place = (i32, i32, Option<i64>);

/// Events with the first and last of their times.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    events: u64,
    from_us: Option<Micros>,
    to_us: Option<Micros>,
}

impl Counted {
    fn add(&mut self, time_us: Option<Micros>) {
        self.join(Self {
            events: 1,
            from_us: time_us,
            to_us: time_us,
        });
    }

    fn join(&mut self, other: Self) {
        self.events += other.events;
        self.from_us = self.from_us.into_iter().chain(other.from_us).min();
        self.to_us = self.to_us.into_iter().chain(other.to_us).max();
    }
}

fn code(column: &ArrayRef, row: usize) -> i32 {
    let column = column.as_dictionary_opt::<Int32Type>();
    let key = column.and_then(|column| column.key(row));
    key.and_then(|key| i32::try_from(key).ok()).unwrap_or(-1)
}

impl Days {
    pub(super) fn push(&mut self, events: &RecordBatch) {
        let columns = ["org", "table", "time"].map(|name| events.column_by_name(name));
        let [Some(orgs), Some(tables), Some(times)] = columns else {
            return;
        };
        // Rows of a batch share few orgs, tables and days: count codes, then look the names up.
        let mut counts: HashMap<Place, Counted> = HashMap::new();
        let mut first_rows: HashMap<(i32, i32), usize> = HashMap::new();
        for row in 0..events.num_rows() {
            let (org, table) = (code(orgs, row), code(tables, row));
            first_rows.entry((org, table)).or_insert(row);
            let time_us = cells::time_us(times, row);
            let day = time_us.map(|time_us| time_us.div_euclid(MICROS_PER_DAY));
            counts.entry((org, table, day)).or_default().add(time_us);
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

    fn add(&mut self, org: String, table: String, day: Option<i64>, counted: Counted) {
        self.orgs.entry(org.clone()).or_default().join(counted);
        let Some(day) = day else { return };
        let days = self.days.entry((org, table)).or_default();
        if self.count < MAX_DAYS || days.contains_key(&day) {
            let before = days.len();
            *days.entry(day).or_default() += counted.events;
            self.count += days.len() - before;
        }
    }

    pub(super) fn orgs(&self) -> Vec<OrgSpan> {
        let span = |(org, counted): (&String, &Counted)| OrgSpan {
            org: org.clone(),
            events: counted.events,
            from: counted.from_us.map(to_rfc3339),
            to: counted.to_us.map(to_rfc3339),
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
