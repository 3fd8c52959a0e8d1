//! `coverage`: what of each org and table was searched, day by day, and what could not be seen there.

use std::collections::BTreeMap;

use sekisho_hunt::{TableCoverage, Verdict};
use serde::Serialize;

use crate::Error;
use crate::board::Board;
use crate::caller::Caller;

/// What was searched, org by org.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Coverage {
    /// Each org.
    pub orgs: Vec<OrgCoverage>,
    /// The first day with events in UTC, `YYYY-MM-DD`.
    #[schema(required)]
    pub from: Option<String>,
    /// The last day with events.
    #[schema(required)]
    pub to: Option<String>,
}

/// What was searched of one org.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OrgCoverage {
    /// The org.
    pub org: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Each table.
    pub tables: Vec<TableDays>,
}

/// What was searched of one table.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TableDays {
    /// The account of the hunt.
    #[serde(flatten)]
    pub coverage: TableCoverage,
    /// Days with events.
    pub days: Vec<Day>,
}

/// Events of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Day {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// How many events.
    pub events: u64,
}

/// Returns what was searched, and what could not be seen.
///
/// # Errors
/// The store cannot be read.
pub fn coverage(caller: &Caller, board: &Board) -> Result<Coverage, Error> {
    let answer = board.answer(caller)?;
    let found = &answer.examination;
    let mut days: BTreeMap<(&str, &str), Vec<Day>> = BTreeMap::new();
    for count in &found.days {
        days.entry((&count.org, &count.table)).or_default().push(Day {
            day: count.day.clone(),
            events: count.events,
        });
    }
    let mut orgs: BTreeMap<&str, Vec<TableDays>> = BTreeMap::new();
    for table in &found.hunt.coverage {
        orgs.entry(&table.org).or_default().push(TableDays {
            days: days
                .remove(&(table.org.as_str(), table.table.as_str()))
                .unwrap_or_default(),
            coverage: table.clone(),
        });
    }
    let verdict_of = |org: &str| {
        let sheet = found.sheet.orgs.iter().find(|sheet| sheet.org == org);
        sheet.map_or(Verdict::Inconclusive, |sheet| sheet.verdict)
    };
    Ok(Coverage {
        from: found.days.iter().map(|count| count.day.clone()).min(),
        to: found.days.iter().map(|count| count.day.clone()).max(),
        orgs: orgs
            .into_iter()
            .map(|(org, tables)| OrgCoverage {
                org: org.to_owned(),
                verdict: verdict_of(org),
                tables,
            })
            .collect(),
    })
}
