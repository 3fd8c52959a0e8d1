//! What one table does not record because another does: without the other, the first decides nothing.
//!
//! The login history shows who logged in. A stolen token logs in nowhere, and what a session reads is not there either: an
//! address that the login history does not have may well have read everything. Those who have a log of the calls beside it,
//! over the same time, can tell; the others cannot, whatever the login history says.

use sekisho_event::time::{MICROS_PER_DAY, Micros};

use super::{BlindReason, Sight, TableCoverage};
use crate::lists::Kind;

/// A table, the word for what it does not record, and the tables that do.
const RECORDED_ELSEWHERE: [(&str, &str, &[&str]); 1] = [(
    "salesforce.LoginHistory",
    "data_access",
    &[
        "salesforce.ApiEvent",
        "salesforce.ApiEventStream",
        "salesforce_elf.API",
        "salesforce_elf.ApiTotalUsage",
        "salesforce_elf.RestApi",
        "salesforce_event_log.ApiTotalUsageEventLog",
        "salesforce_event_log.RestApiEventLog",
        "salesforce_event_log.SoapApiEventLog",
    ],
)];

/// How much later or earlier the other table may begin or end: a quiet day at either end, or a daily file, is no gap.
const SLACK_US: Micros = 2 * MICROS_PER_DAY;

/// Lets a table's blindness decide where no other table of its org makes up for it over the same time.
pub(crate) fn decide_unrecorded(accounts: &mut [(TableCoverage, Sight)]) {
    let uncovered: Vec<(usize, &str, Vec<Kind>)> = accounts
        .iter()
        .enumerate()
        .filter_map(|(place, (coverage, sight))| {
            let (_, what, recorders) = RECORDED_ELSEWHERE
                .iter()
                .find(|(table, _, _)| *table == coverage.table && coverage.events > 0)?;
            let kinds = sight.shows.iter().copied();
            let kinds: Vec<Kind> = kinds
                .filter(|kind| !is_covered(coverage, *kind, recorders, accounts))
                .collect();
            (!kinds.is_empty()).then_some((place, *what, kinds))
        })
        .collect();
    for (place, what, kinds) in uncovered {
        let (coverage, sight) = &mut accounts[place];
        let is_it = |reason: BlindReason, of: &Option<String>| {
            reason == BlindReason::NotRecorded && of.as_deref() == Some(what)
        };
        for blind in sight.blind.iter_mut().filter(|blind| is_it(blind.reason, &blind.what)) {
            blind.kinds.clone_from(&kinds);
            blind.decides = true;
        }
        coverage.blind.clone_from(&sight.blind);
    }
}

fn is_covered(table: &TableCoverage, kind: Kind, recorders: &[&str], accounts: &[(TableCoverage, Sight)]) -> bool {
    let others = accounts.iter().filter(|(other, sight)| {
        other.org == table.org
            && other.events > 0
            && recorders.contains(&other.table.as_str())
            && sight.shows.contains(&kind)
    });
    let (mut from, mut to) = (None, None);
    for (other, _) in others {
        from = from.into_iter().chain(other.from).min();
        to = to.into_iter().chain(other.to).max();
    }
    let (Some(from), Some(to)) = (from, to) else {
        return false;
    };
    let begins = table
        .from
        .is_none_or(|start| from.0 <= start.0.saturating_add(SLACK_US));
    let ends = table.to.is_none_or(|end| to.0 >= end.0.saturating_sub(SLACK_US));
    begins && ends
}
