//! What a watch counts of each table, and what the counts leave open.

use sekisho_event::catalogue::Catalogue;

use super::place::Place;
use super::result::{AllowDoubt, AllowOrg};
use crate::knowledge::TableFacts;
use crate::result::DoubtReason;

/// Events of one table of one org.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) inside: u64,
    pub(super) outside: u64,
    pub(super) undecided: u64,
    pub(super) internal: u64,
    pub(super) without_app: u64,
    /// Rows that say both which application and from which address.
    pub(super) telling: u64,
}

impl Counts {
    pub(super) fn add(&mut self, lists: &[u32], place: &Place, has_app: bool) {
        self.without_app += u64::from(!has_app);
        self.telling += u64::from(has_app && matches!(place, Place::Address { .. }));
        if lists.is_empty() {
            return;
        }
        let of_place = match place {
            Place::Blank => &mut self.undecided,
            Place::Word => &mut self.internal,
            Place::Address { .. } if place.is_outside(lists) => &mut self.outside,
            Place::Address { .. } if place.is_listed(lists) => &mut self.inside,
            Place::Address { .. } => &mut self.internal,
        };
        *of_place += 1;
    }

    pub(super) fn merge(&mut self, more: Self) {
        self.inside += more.inside;
        self.outside += more.outside;
        self.undecided += more.undecided;
        self.internal += more.internal;
        self.without_app += more.without_app;
        self.telling += more.telling;
    }
}

/// Returns why it is not sure that an application was nowhere else than it was seen.
pub(super) fn doubts(org: &AllowOrg, tables: &[(String, Counts)]) -> Vec<AllowDoubt> {
    let is_used = org.inside + org.outside + org.undecided + org.internal > 0;
    let is_salesforce = tables.iter().any(|(table, _)| table.starts_with("salesforce"));
    // An org of another platform that never names the application has nothing to do with it.
    if !is_used && !is_salesforce {
        return Vec::new();
    }
    if tables.iter().all(|(_, counts)| counts.telling == 0) {
        return vec![AllowDoubt {
            reason: DoubtReason::NotShown,
            table: None,
            rows: None,
            when: None,
        }];
    }
    let mut doubts = Vec::new();
    for (table, counts) in tables {
        let blind = |rows, when| AllowDoubt {
            reason: DoubtReason::Blind,
            table: Some(table.clone()),
            rows: Some(rows),
            when,
        };
        if counts.undecided > 0 {
            doubts.push(blind(counts.undecided, None));
        }
        let facts = TableFacts::lookup(Catalogue::builtin(), table);
        if let Some(when) = facts.blank_when(&["app", "app_id"]).filter(|_| counts.without_app > 0) {
            doubts.push(blind(counts.without_app, Some(when.clone())));
        }
    }
    doubts
}
