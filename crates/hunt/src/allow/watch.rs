//! Watching a named application against the networks that its vendor lists.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use arrow::array::{Array, AsArray, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use sekisho_event::ids::UNKNOWN_ORG;
use sekisho_event::time::Range;

use super::counts::{Counts, doubts};
use super::list::AllowList;
use super::place::{AppName, Place, is_public};
use super::result::{AllowListHead, AllowOrg, AllowResult, Outside, OutsideRow};
use crate::column::TextColumn;
use crate::coverage::At;
use crate::error::HuntError;
use crate::matching::{Found, Networks, whole_address};

/// Most events that a result lists; all are counted.
pub const MAX_OUTSIDE: usize = 100_000;
/// Pairs of org and table that are counted apart; the platforms have some hundred tables.
const MAX_SERIES: usize = 50_000;
/// Events that are remembered to count one that comes twice once.
const MAX_REMEMBERED: usize = 1_000_000;
/// Most bytes of a text in a result.
const MAX_TEXT_BYTES: usize = 4 * 1024;

/// A watch under way.
#[derive(Debug)]
pub struct AllowWatch {
    heads: Vec<AllowListHead>,
    apps: Vec<Vec<AppName>>,
    networks: Networks,
    range: Range,
    series: BTreeMap<(String, String), Counts>,
    seen: Vec<bool>,
    outside: Vec<Outside>,
    outside_count: u64,
    remembered: HashSet<u64>,
    is_capped: bool,
}

impl AllowWatch {
    /// Starts a watch.
    #[must_use]
    pub fn new(lists: &[AllowList]) -> Self {
        let mut networks = Networks::default();
        for (number, list) in (0..).zip(lists) {
            for range in &list.ranges {
                networks.add_network(number, range.network);
            }
        }
        Self {
            heads: lists.iter().map(AllowListHead::of).collect(),
            apps: lists
                .iter()
                .map(|list| list.apps.iter().map(|app| AppName::new(app)).collect())
                .collect(),
            networks,
            range: Range::default(),
            series: BTreeMap::new(),
            seen: vec![false; lists.len()],
            outside: Vec::new(),
            outside_count: 0,
            remembered: HashSet::new(),
            is_capped: false,
        }
    }

    /// Counts only events of the range; those without a time may have happened inside and count too.
    #[must_use]
    pub fn in_range(mut self, range: Range) -> Self {
        self.range = range;
        self
    }

    /// Looks at one batch of the common table and returns its rows that are outside, each event once.
    ///
    /// # Errors
    /// The batch is not of the common table.
    pub fn push(&mut self, events: &RecordBatch) -> Result<Vec<OutsideRow>, HuntError> {
        if self.heads.is_empty() || events.num_rows() == 0 {
            return Ok(Vec::new());
        }
        let cells = Cells::of(events)?;
        let by_app = self.lists_of(&cells.app);
        let by_app_id = self.lists_of(&cells.app_id);
        let places = self.places(&cells.src_ip);
        let mut rows = Vec::new();
        // Counted by codes first: names are looked up once for each org and table of the batch, not for each row.
        let mut counted: BTreeMap<(Option<usize>, Option<usize>), (usize, Counts)> = BTreeMap::new();
        for row in 0..events.num_rows() {
            let at_us = cells.time(row);
            if at_us.is_some() && !self.range.contains(at_us) {
                continue;
            }
            let named = |column: &TextColumn, by_code: &[Vec<u32>]| {
                column.code(row).and_then(|code| by_code.get(code)).cloned()
            };
            let mut lists = named(&cells.app, &by_app).unwrap_or_default();
            lists.extend(named(&cells.app_id, &by_app_id).unwrap_or_default());
            let place = cells
                .src_ip
                .code(row)
                .and_then(|code| places.get(code))
                .unwrap_or(&Place::Blank);
            let is_outside = !lists.is_empty() && place.is_outside(&lists);
            if is_outside && !self.is_new(&cells, row) {
                continue;
            }
            let has_app = cells.app.at(row).is_some() || cells.app_id.at(row).is_some();
            let (_, counts) = counted
                .entry((cells.org.code(row), cells.table.code(row)))
                .or_insert_with(|| (row, Counts::default()));
            counts.add(&lists, place, has_app);
            for &list in &lists {
                self.seen[list as usize] = true;
            }
            if is_outside {
                let list = lists.iter().copied().min().unwrap_or(0) as usize;
                self.keep(&cells, row, list);
                rows.push(OutsideRow { row, list });
            }
        }
        for (row, counts) in counted.into_values() {
            self.count(&cells, row, counts);
        }
        Ok(rows)
    }

    /// Ends the watch.
    #[must_use]
    pub fn finish(self) -> AllowResult {
        let mut orgs: BTreeMap<String, AllowOrg> = BTreeMap::new();
        let mut tables: BTreeMap<String, Vec<(String, Counts)>> = BTreeMap::new();
        for ((org, table), counts) in self.series {
            let of_org = orgs.entry(org.clone()).or_default();
            of_org.org.clone_from(&org);
            of_org.inside += counts.inside;
            of_org.outside += counts.outside;
            of_org.undecided += counts.undecided;
            of_org.internal += counts.internal;
            tables.entry(org).or_default().push((table, counts));
        }
        for (name, org) in &mut orgs {
            if let Some(tables) = tables.get(name) {
                org.doubts = doubts(org, tables);
            }
        }
        let unnamed = (0..self.heads.len()).filter(|&list| !self.seen[list]).collect();
        AllowResult {
            lists: self.heads,
            is_capped: self.is_capped || (self.outside.len() as u64) < self.outside_count,
            outside: self.outside,
            outside_count: self.outside_count,
            unnamed,
            orgs: orgs.into_values().collect(),
        }
    }

    /// Returns for each code the lists that name the application.
    fn lists_of(&self, column: &TextColumn) -> Vec<Vec<u32>> {
        let of_text = |text: &str| {
            let names_it = |apps: &Vec<AppName>| apps.iter().any(|app| app.is(text));
            (0..)
                .zip(&self.apps)
                .filter(|(_, apps)| names_it(apps))
                .map(|(number, _)| number)
                .collect()
        };
        (0..column.code_count())
            .map(|code| column.text(code).map(of_text).unwrap_or_default())
            .collect()
    }

    /// Returns for each code where the address is.
    fn places(&self, column: &TextColumn) -> Vec<Place> {
        let mut found: Vec<Found> = Vec::new();
        (0..column.code_count())
            .map(|code| {
                let Some(text) = column.text(code) else {
                    return Place::Blank;
                };
                let Some(address) = whole_address(text) else {
                    return Place::Word;
                };
                found.clear();
                self.networks.find(address, None, &mut found);
                Place::Address {
                    listed_in: found.iter().map(|found| found.target).collect(),
                    is_public: is_public(address),
                }
            })
            .collect()
    }

    /// Returns false for an event that was outside before: a daily and an hourly file may both have it.
    fn is_new(&mut self, cells: &Cells<'_>, row: usize) -> bool {
        let Some(uid) = cells.uid.at(row) else {
            return true;
        };
        let event = hash(&(cells.org_at(row), cells.table_at(row), uid));
        self.remembered.len() >= MAX_REMEMBERED || self.remembered.insert(event)
    }

    /// Adds what a batch counts for the org and table of one of its rows.
    fn count(&mut self, cells: &Cells<'_>, row: usize, counts: Counts) {
        self.outside_count += counts.outside;
        let key = (cells.org_at(row).to_owned(), cells.table_at(row).to_owned());
        if self.series.len() >= MAX_SERIES && !self.series.contains_key(&key) {
            self.is_capped = true;
            return;
        }
        self.series.entry(key).or_default().merge(counts);
    }

    fn keep(&mut self, cells: &Cells<'_>, row: usize, list: usize) {
        if self.outside.len() < MAX_OUTSIDE {
            self.outside.push(cells.outside(row, list));
        }
    }
}

struct Cells<'a> {
    times: &'a TimestampMicrosecondArray,
    uid: TextColumn,
    org: TextColumn,
    table: TextColumn,
    actor: TextColumn,
    src_ip: TextColumn,
    user_agent: TextColumn,
    app: TextColumn,
    app_id: TextColumn,
    session_key: TextColumn,
    login_key: TextColumn,
    token_id: TextColumn,
}

impl<'a> Cells<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self, HuntError> {
        let column = |name| TextColumn::of(batch, name);
        let times = batch
            .column_by_name("time")
            .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>())
            .ok_or_else(|| HuntError::NotCommon {
                what: "it has no column `time` of microseconds".to_owned(),
            })?;
        Ok(Self {
            times,
            uid: column("event_uid")?,
            org: column("org")?,
            table: column("table")?,
            actor: column("actor")?,
            src_ip: column("src_ip")?,
            user_agent: column("user_agent")?,
            app: column("app")?,
            app_id: column("app_id")?,
            session_key: column("session_key")?,
            login_key: column("login_key")?,
            token_id: column("token_id")?,
        })
    }

    fn org_at(&self, row: usize) -> &str {
        self.org.at(row).unwrap_or(UNKNOWN_ORG)
    }

    fn table_at(&self, row: usize) -> &str {
        self.table.at(row).unwrap_or("unknown")
    }

    fn time(&self, row: usize) -> Option<i64> {
        self.times.is_valid(row).then(|| self.times.value(row))
    }

    fn outside(&self, row: usize, list: usize) -> Outside {
        let text = |column: &TextColumn| {
            let cut = |text: &str| text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_owned();
            column.at(row).map(cut)
        };
        Outside {
            list,
            time: self.time(row).map(At),
            table: self.table_at(row).to_owned(),
            event_uid: text(&self.uid),
            org: self.org_at(row).to_owned(),
            actor: text(&self.actor),
            src_ip: text(&self.src_ip),
            user_agent: text(&self.user_agent),
            app: text(&self.app).or_else(|| text(&self.app_id)),
            session_key: text(&self.session_key),
            login_key: text(&self.login_key),
            token_id: text(&self.token_id),
        }
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, DictionaryArray, StringArray};
    use arrow::datatypes::Int32Type;
    use proptest::prelude::*;

    use super::*;
    use crate::result::DoubtReason;

    type Row = (&'static str, &'static str, Option<&'static str>, Option<&'static str>);

    /// Rows of (org, table, app, address), each its own event.
    fn batch(rows: &[Row]) -> RecordBatch {
        let few = |values: Vec<Option<&str>>| -> ArrayRef {
            Arc::new(values.into_iter().collect::<DictionaryArray<Int32Type>>())
        };
        let uids: Vec<String> = (0..rows.len()).map(|row| format!("{row:032x}")).collect();
        let times = (0..).take(rows.len()).map(|row| Some(row * 1_000_000));
        RecordBatch::try_from_iter(vec![
            ("event_uid", Arc::new(StringArray::from(uids)) as ArrayRef),
            (
                "time",
                Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
            ),
            ("org", few(rows.iter().map(|row| Some(row.0)).collect())),
            ("table", few(rows.iter().map(|row| Some(row.1)).collect())),
            ("app", few(rows.iter().map(|row| row.2).collect())),
            ("src_ip", few(rows.iter().map(|row| row.3).collect())),
        ])
        .unwrap()
    }

    fn list(app: &str, ranges: &str) -> AllowList {
        let yaml = format!("kind: allow_list\nname: {app}\napp: {app}\nranges: [{ranges}]\n");
        AllowList::parse("l.yaml", yaml.as_bytes()).unwrap()
    }

    const REST: &str = "salesforce_elf.RestApi";

    fn watched(lists: &[AllowList], rows: &[Row]) -> (Vec<usize>, AllowResult) {
        let mut watch = AllowWatch::new(lists);
        let found = watch.push(&batch(rows)).unwrap();
        (found.iter().map(|found| found.row).collect(), watch.finish())
    }

    #[test]
    fn only_public_addresses_outside_the_networks_are_outside() {
        let rows: [Row; 8] = [
            ("a", REST, Some("Vendor"), Some("192.0.2.5")),
            ("a", REST, Some("vendor "), Some("203.0.113.5")),
            ("a", REST, Some("VENDOR"), Some("::ffff:192.0.2.9")),
            ("a", REST, Some("Vendor"), Some("Salesforce.com IP")),
            ("a", REST, Some("Vendor"), Some("10.1.2.3")),
            ("a", REST, Some("Vendor"), None),
            ("a", REST, Some("Other"), Some("203.0.113.5")),
            ("b", REST, Some("Vendor"), Some("[2001:db8::5]:443")),
        ];
        let (outside, result) = watched(&[list("Vendor", "192.0.2.0/26")], &rows);
        assert_eq!(outside, [1, 7]);
        assert_eq!(result.outside_count, 2);
        let a = &result.orgs[0];
        assert_eq!((a.inside, a.outside, a.undecided, a.internal), (2, 1, 1, 2));
        assert_eq!(a.doubts.len(), 1);
        assert_eq!((a.doubts[0].reason, a.doubts[0].rows), (DoubtReason::Blind, Some(1)));
        assert_eq!(result.orgs[1].outside, 1);
        assert_eq!(result.outside[0].src_ip.as_deref(), Some("203.0.113.5"));
        assert!(result.unnamed.is_empty() && !result.is_capped);
    }

    #[test]
    fn the_lists_of_one_application_add_up_and_those_of_others_do_not() {
        let rows: [Row; 3] = [
            ("a", REST, Some("One"), Some("198.51.100.1")),
            ("a", REST, Some("One"), Some("203.0.113.1")),
            ("a", REST, Some("Two"), Some("192.0.2.1")),
        ];
        let lists = [
            list("One", "192.0.2.0/24"),
            list("One", "198.51.100.0/24"),
            list("Two", "203.0.113.0/24"),
        ];
        let (outside, result) = watched(&lists, &rows);
        assert_eq!(outside, [1, 2]);
        let numbers: Vec<usize> = result.outside.iter().map(|outside| outside.list).collect();
        assert_eq!(numbers, [0, 2]);
    }

    #[test]
    fn an_org_whose_logs_do_not_tell_is_doubted_unless_it_has_nothing_to_do_with_the_application() {
        let rows: [Row; 4] = [
            ("logins", "salesforce.SetupAuditTrail", None, None),
            ("git", "gitlab.audit_events", None, Some("203.0.113.1")),
            ("bulk", "salesforce.ApiEvent", Some("Vendor"), Some("192.0.2.1")),
            ("bulk", "salesforce.ApiEvent", None, Some("203.0.113.1")),
        ];
        let (_, result) = watched(&[list("Vendor", "192.0.2.0/24")], &rows);
        let of = |name: &str| result.orgs.iter().find(|org| org.org == name).unwrap();
        assert_eq!(of("logins").doubts[0].reason, DoubtReason::NotShown);
        assert!(of("git").doubts.is_empty());
        assert_eq!(of("bulk").doubts[0].rows, Some(1));
        assert!(of("bulk").doubts[0].when.is_some());
    }

    #[test]
    fn an_application_that_nobody_names_is_reported() {
        let rows: [Row; 1] = [("a", REST, Some("Vendor Connect"), Some("192.0.2.1"))];
        let (_, result) = watched(&[list("Vendor", "192.0.2.0/24")], &rows);
        assert_eq!(result.unnamed, [0]);
    }

    #[test]
    fn an_event_that_comes_twice_counts_once_and_the_range_is_kept() {
        let rows: [Row; 3] = [("a", REST, Some("Vendor"), Some("203.0.113.1")); 3];
        let mut watch = AllowWatch::new(&[list("Vendor", "192.0.2.0/24")]).in_range(Range {
            from_us: Some(0),
            to_us: Some(2_000_000),
        });
        assert_eq!(watch.push(&batch(&rows)).unwrap().len(), 2);
        assert_eq!(watch.push(&batch(&rows)).unwrap().len(), 0);
        assert_eq!(watch.finish().outside_count, 2);
    }

    proptest! {
        #[test]
        fn outside_is_what_a_plain_test_of_every_row_says(
            rows in prop::collection::vec((0usize..4, 0usize..8), 0..60)
        ) {
            const APPS: [Option<&str>; 4] = [Some("Vendor"), Some("vendor"), Some("x"), None];
            const PLACES: [Option<&str>; 8] = [
                Some("192.0.2.1"), Some("192.0.2.64"), Some("203.0.113.9"), Some("::ffff:192.0.2.64"),
                Some("10.0.0.1"), Some("Internal"), None, Some("2001:db8::1"),
            ];
            const OUTSIDE: [bool; 8] = [false, true, true, true, false, false, false, true];
            let made: Vec<Row> = rows.iter().map(|&(app, place)| ("a", REST, APPS[app], PLACES[place])).collect();
            let (outside, _) = watched(&[list("Vendor", "192.0.2.0/26")], &made);
            let expected: Vec<usize> = rows
                .iter()
                .enumerate()
                .filter(|(_, (app, place))| *app < 2 && OUTSIDE[*place])
                .map(|(row, _)| row)
                .collect();
            prop_assert_eq!(outside, expected);
        }

        #[test]
        fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = AllowList::parse("x.yaml", &bytes);
        }
    }
}
