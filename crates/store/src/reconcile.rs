//! Comparing hourly with daily files: which rows stood in both, and which in one kind alone.
//!
//! The set of stored events does not depend on it; the comparison says what the files said. It follows from the files
//! alone, so that it is the same whatever order they came in. For one table, org and day its rows are the stored ones that
//! name one of the day's files, and the deliveries of those files.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use jiff::Timestamp;

use crate::catalogue::evidence::{DayFile, Outcome, Unit};
use crate::error::Result;
use crate::evidence::{Cover, DELIVERIES_TABLE, ReachKind};
use crate::identity::{self, RowId};
use crate::name::Name;
use crate::scan::ScanRange;
use crate::store::Store;

/// A day in microseconds.
pub(crate) const DAY_US: i64 = 24 * HOUR_US;

const HOUR_US: i64 = 3_600 * 1_000_000;

/// The most rows of one day, table and side that are listed by name; the counts are of all.
pub const MAX_LISTED_DIFFERENCES: usize = 1_000;

/// The most identities held at once (16 bytes each): larger days are compared range by range.
const MAX_HELD: u64 = 2 * 1024 * 1024;

/// How the hourly and daily files of one table and org agree on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// The table.
    pub table: String,
    /// The org.
    pub org: String,
    /// The start of the day, in microseconds since 1970 UTC.
    pub day_us: i64,
    /// The rows in hourly files.
    pub hourly: u64,
    /// The rows in daily files.
    pub daily: u64,
    /// The rows in both.
    pub both: u64,
    /// The rows in hourly files alone.
    pub only_hourly: u64,
    /// The rows in daily files alone.
    pub only_daily: u64,
    /// The hours, a bit each, in which daily files have rows and for which there is no hourly file.
    pub hours_missing: u32,
    /// The hourly files.
    pub hourly_files: u64,
    /// The daily files, or parts of them.
    pub daily_files: u64,
}

impl Reconciled {
    /// Returns the hours in which daily files have rows and for which there is no hourly file.
    pub fn missing_hours(&self) -> impl Iterator<Item = u32> + use<> {
        let hours = self.hours_missing;
        (0..24).filter(move |hour| hours >> hour & 1 == 1)
    }
}

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// The days whose files were loaded since the last comparison and that have files of both kinds.
    pub days: Vec<Reconciled>,
    /// Whether it was told to stop before the end; the next comparison does it all.
    pub is_stopped: bool,
}

/// A row that stands in one kind of file alone, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) side: ReachKind,
    pub(crate) uid: String,
    pub(crate) file: String,
    pub(crate) line: i64,
}

impl Store {
    /// Compares hourly with daily files for each table, org and day of which files were loaded since the last comparison,
    /// and records what it finds. `is_stopped` is asked again and again; a comparison that it ends records nothing.
    ///
    /// # Errors
    /// When the store is open for reading, or cannot be read or written.
    pub fn reconcile(&self, is_stopped: &dyn Fn() -> bool) -> Result<Reconciliation> {
        self.inner().writable("compare files")?;
        let catalogue = &self.inner().catalogue;
        let (units, contents) = catalogue.units_to_compare()?;
        let mut outcomes = Vec::new();
        let mut group = Group::new(self, is_stopped);
        let mut day: Option<(i64, Vec<DayFile>)> = None;
        for unit in units {
            if day.as_ref().is_none_or(|(day_us, _)| *day_us != unit.day_us) {
                day = Some((unit.day_us, catalogue.files_of_day(unit.day_us)?));
            }
            let files = day.as_ref().map(|(_, files)| files.as_slice()).unwrap_or_default();
            match Item::of(unit, files) {
                Err(unit) => outcomes.push(Outcome { unit, found: None }),
                Ok(item) => {
                    if group.rows() + item.rows > MAX_HELD {
                        group.compare(&mut outcomes)?;
                    }
                    group.items.push(item);
                }
            }
        }
        group.compare(&mut outcomes)?;
        if is_stopped() {
            return Ok(Reconciliation {
                days: Vec::new(),
                is_stopped: true,
            });
        }
        catalogue.record_outcomes(&outcomes, &contents, Timestamp::now().as_microsecond())?;
        let found = outcomes.into_iter().filter_map(|outcome| outcome.found);
        Ok(Reconciliation {
            days: found.map(|(found, _)| found).collect(),
            is_stopped: false,
        })
    }
}

/// One day of one table and org, and how its rows are known.
struct Item {
    unit: Unit,
    /// The kinds of file by the names that rows of the table carry.
    names: HashMap<String, ReachKind>,
    /// The kinds of file by what deliveries are kept under.
    keys: HashMap<String, ReachKind>,
    range: ScanRange,
    /// No fewer than there are identities to hold.
    rows: u64,
    hours_covered: u32,
    hourly_files: u64,
    daily_files: u64,
}

impl Item {
    /// Returns what is to be compared; the unit again where it has files of one kind alone.
    fn of(unit: Unit, files: &[DayFile]) -> std::result::Result<Self, Unit> {
        let mut item = Self {
            unit,
            names: HashMap::new(),
            keys: HashMap::new(),
            range: ScanRange::default(),
            rows: 0,
            hours_covered: 0,
            hourly_files: 0,
            daily_files: 0,
        };
        let mut times: Option<(i64, i64)> = None;
        let mut is_undated = false;
        for file in files {
            let of_unit = |cover: &&Cover| cover.table == item.unit.table && cover.org == item.unit.org;
            let Some(cover) = file.covers.iter().find(of_unit) else {
                continue;
            };
            item.add_file(file, cover);
            is_undated |= cover.undated > 0;
            times = match (times, cover.times) {
                (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                (a, b) => a.or(b),
            };
        }
        if item.hourly_files == 0 || item.daily_files == 0 {
            return Err(item.unit);
        }
        // Rows without a time are in no range.
        if let Some((first, last)) = times.filter(|_| !is_undated) {
            item.range = ScanRange {
                from: Some(first),
                to: Some(last.saturating_add(1)),
            };
        }
        Ok(item)
    }

    fn add_file(&mut self, file: &DayFile, cover: &Cover) {
        let kind = file.reach.kind;
        match kind {
            ReachKind::Hour => {
                self.hourly_files += 1;
                self.hours_covered |= hour_bit(self.unit.day_us, file.reach.from_us);
            }
            ReachKind::Day => self.daily_files += 1,
        }
        self.rows += cover.rows;
        self.names.extend(file.names.iter().map(|name| (name.clone(), kind)));
        self.keys.extend(file.keys.iter().map(|key| (key.clone(), kind)));
    }

    fn is_of(&self, table: &str, org: &str) -> bool {
        self.unit.table == table && self.unit.org == org
    }
}

/// What is found of an item.
#[derive(Default)]
struct Tally {
    /// The identities of the pass at hand.
    hourly: Vec<RowId>,
    daily: Vec<RowId>,
    hours_daily: u32,
    both: u64,
    only_hourly: u64,
    only_daily: u64,
    listed: Vec<(RowId, ReachKind)>,
}

impl Tally {
    fn push(&mut self, day_us: i64, row: &Found<'_>) {
        match row.kind {
            ReachKind::Hour => self.hourly.push(row.id),
            ReachKind::Day => {
                self.daily.push(row.id);
                self.hours_daily |= row.at_us.map_or(0, |at_us| hour_bit(day_us, at_us));
            }
        }
    }

    /// Counts the identities of a pass. Passes go upwards, so that the first differences listed are the least.
    fn settle(&mut self) {
        let [mut hourly, mut daily] = [&mut self.hourly, &mut self.daily].map(std::mem::take);
        for ids in [&mut hourly, &mut daily] {
            ids.sort_unstable();
            ids.dedup();
        }
        let (mut hourly, mut daily) = (hourly.into_iter().peekable(), daily.into_iter().peekable());
        while hourly.peek().is_some() || daily.peek().is_some() {
            if hourly.peek() == daily.peek() {
                self.both += 1;
                hourly.next();
                daily.next();
            } else if daily
                .peek()
                .is_none_or(|right| hourly.peek().is_some_and(|left| left < right))
            {
                self.only_hourly += 1;
                self.list(self.only_hourly, ReachKind::Hour, hourly.next());
            } else {
                self.only_daily += 1;
                self.list(self.only_daily, ReachKind::Day, daily.next());
            }
        }
    }

    fn list(&mut self, so_far: u64, side: ReachKind, id: Option<RowId>) {
        if so_far <= MAX_LISTED_DIFFERENCES as u64 {
            self.listed.extend(id.map(|id| (id, side)));
        }
    }

    fn reconciled(&self, item: &Item) -> Reconciled {
        Reconciled {
            table: item.unit.table.clone(),
            org: item.unit.org.clone(),
            day_us: item.unit.day_us,
            hourly: self.both + self.only_hourly,
            daily: self.both + self.only_daily,
            both: self.both,
            only_hourly: self.only_hourly,
            only_daily: self.only_daily,
            hours_missing: self.hours_daily & !item.hours_covered,
            hourly_files: item.hourly_files,
            daily_files: item.daily_files,
        }
    }
}

/// Days that are compared together, so that what they share is read once.
struct Group<'a> {
    store: &'a Store,
    is_stopped: &'a dyn Fn() -> bool,
    items: Vec<Item>,
}

/// A row of a file that is being compared.
struct Found<'r> {
    item: usize,
    kind: ReachKind,
    id: RowId,
    at_us: Option<i64>,
    file: &'r str,
    line: i64,
}

impl<'a> Group<'a> {
    fn new(store: &'a Store, is_stopped: &'a dyn Fn() -> bool) -> Self {
        Self {
            store,
            is_stopped,
            items: Vec::new(),
        }
    }

    fn rows(&self) -> u64 {
        self.items.iter().map(|item| item.rows).sum()
    }

    /// Compares the days and takes them away.
    fn compare(&mut self, outcomes: &mut Vec<Outcome>) -> Result<()> {
        if self.items.is_empty() {
            return Ok(());
        }
        let mut tallies: Vec<Tally> = self.items.iter().map(|_| Tally::default()).collect();
        let passes = self.rows().div_ceil(MAX_HELD).max(1);
        for pass in 0..passes {
            self.visit(Share { pass, passes }, &mut |row| {
                if let (Some(tally), Some(item)) = (tallies.get_mut(row.item), self.items.get(row.item)) {
                    tally.push(item.unit.day_us, &row);
                }
            })?;
            tallies.iter_mut().for_each(Tally::settle);
        }
        let mut places = self.places(&tallies)?;
        for (at, (item, tally)) in std::mem::take(&mut self.items).into_iter().zip(tallies).enumerate() {
            let differences = tally.listed.iter().map(|(id, side)| {
                let (file, line) = places.remove(&(at, *id)).unwrap_or_default();
                Difference {
                    side: *side,
                    uid: identity::text(*id),
                    file,
                    line,
                }
            });
            let differences = differences.collect();
            outcomes.push(Outcome {
                found: Some((tally.reconciled(&item), differences)),
                unit: item.unit,
            });
        }
        Ok(())
    }

    /// Returns where the listed rows stand: of several places the first by name and line, since which file came first is
    /// no property of the files.
    fn places(&self, tallies: &[Tally]) -> Result<HashMap<(usize, RowId), (String, i64)>> {
        let mut places: HashMap<(usize, RowId), (String, i64)> = HashMap::new();
        let listed: std::collections::HashSet<(usize, RowId)> = tallies
            .iter()
            .enumerate()
            .flat_map(|(item, tally)| tally.listed.iter().map(move |(id, _)| (item, *id)))
            .collect();
        if listed.is_empty() {
            return Ok(places);
        }
        self.visit(Share::ALL, &mut |row| {
            let key = (row.item, row.id);
            if !listed.contains(&key) {
                return;
            }
            match places.get_mut(&key) {
                Some(place) if (place.0.as_str(), place.1) <= (row.file, row.line) => {}
                _ => {
                    places.insert(key, (row.file.to_owned(), row.line));
                }
            }
        })?;
        Ok(places)
    }

    /// Calls `visit` for every row of every file of the items whose identity is in the share; for one that stands in
    /// several files, several times.
    fn visit(&self, share: Share, visit: &mut dyn FnMut(Found<'_>)) -> Result<()> {
        let mut renamed: Vec<Vec<RowId>> = self.items.iter().map(|_| Vec::new()).collect();
        self.visit_deliveries(share, &mut renamed, visit)?;
        renamed.iter_mut().for_each(|ids| ids.sort_unstable());
        let mut tables: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, item) in self.items.iter().enumerate() {
            tables.entry(&item.unit.table).or_default().push(at);
        }
        for (table, items) in tables {
            self.visit_table(table, &items, share, &renamed, visit)?;
        }
        Ok(())
    }

    /// Visits the rows that came again. Those that came first in a file whose name another file had before are noted in
    /// `renamed` too: the name that they carry is not that file's.
    fn visit_deliveries(
        &self,
        share: Share,
        renamed: &mut [Vec<RowId>],
        visit: &mut dyn FnMut(Found<'_>),
    ) -> Result<()> {
        let columns = ["row", "_time", "_org", "_file", "_line", "table", "key", "is_first"];
        let range = joined(self.items.iter().map(|item| item.range));
        self.each_batch(DELIVERIES_TABLE, range, &columns, &mut |batch| {
            let rows = Rows::of(batch, "row");
            let (tables, keys) = (Words::of(batch, "table"), Words::of(batch, "key"));
            let is_first = batch
                .column_by_name("is_first")
                .and_then(|flags| flags.as_boolean_opt());
            let mut known = Remembered::default();
            for at in 0..batch.num_rows() {
                let Some(id) = rows.id(at).filter(|id| share.has(*id)) else {
                    continue;
                };
                let (table, org, key, file) = (tables.at(at), rows.orgs.at(at), keys.at(at), rows.files.at(at));
                let items = known.of([table, org], |[table, org]| self.items_of(table, org));
                for item in items {
                    let Some(about) = self.items.get(*item) else { continue };
                    if let Some(kind) = about.keys.get(key) {
                        visit(rows.found(*item, *kind, id, at));
                    }
                    let is_first = is_first.is_some_and(|flags| flags.value(at));
                    if is_first
                        && about.names.contains_key(file)
                        && let Some(ids) = renamed.get_mut(*item)
                    {
                        ids.push(id);
                    }
                }
            }
        })
    }

    fn visit_table(
        &self,
        table: &str,
        items: &[usize],
        share: Share,
        renamed: &[Vec<RowId>],
        visit: &mut dyn FnMut(Found<'_>),
    ) -> Result<()> {
        let range = joined(items.iter().filter_map(|at| self.items.get(*at)).map(|item| item.range));
        let columns = ["_uid", "_time", "_org", "_file", "_line"];
        self.each_batch(table, range, &columns, &mut |batch| {
            let rows = Rows::of(batch, "_uid");
            let mut known = Remembered::default();
            for at in 0..batch.num_rows() {
                let found = known.of([rows.orgs.at(at), rows.files.at(at)], |[org, file]| {
                    self.files_of(table, org, file)
                });
                if found.is_empty() {
                    continue;
                }
                let Some(id) = rows.id(at).filter(|id| share.has(*id)) else {
                    continue;
                };
                for (item, kind) in found {
                    let is_renamed = renamed.get(*item).is_some_and(|ids| ids.binary_search(&id).is_ok());
                    if !is_renamed {
                        visit(rows.found(*item, *kind, id, at));
                    }
                }
            }
        })
    }

    fn items_of(&self, table: &str, org: &str) -> Vec<usize> {
        let items = self.items.iter().enumerate();
        items
            .filter(|(_, item)| item.is_of(table, org))
            .map(|(at, _)| at)
            .collect()
    }

    fn files_of(&self, table: &str, org: &str, file: &str) -> Vec<(usize, ReachKind)> {
        let items = self.items_of(table, org).into_iter();
        let kind = |at: usize| self.items.get(at)?.names.get(file).map(|kind| (at, *kind));
        items.filter_map(kind).collect()
    }

    /// Reads a table, where it is stored, until the work is stopped.
    fn each_batch(
        &self,
        table: &str,
        range: ScanRange,
        columns: &[&str],
        take: &mut dyn FnMut(&RecordBatch),
    ) -> Result<()> {
        let catalogue = &self.store.inner().catalogue;
        let name = Name::parse(table)?;
        if catalogue.table(catalogue.latest()?, &name)?.is_none() {
            return Ok(());
        }
        for batch in self.store.scan(table, range, Some(columns))? {
            if (self.is_stopped)() {
                return Ok(());
            }
            take(&batch?);
        }
        Ok(())
    }
}

/// A part of all identities.
#[derive(Debug, Clone, Copy)]
struct Share {
    pass: u64,
    passes: u64,
}

impl Share {
    const ALL: Self = Self { pass: 0, passes: 1 };

    /// Returns whether an identity is in it. Identities are spread evenly, and a later pass has greater ones.
    fn has(self, id: RowId) -> bool {
        let head = id >> 64;
        (head * u128::from(self.passes)) >> 64 == u128::from(self.pass)
    }
}

/// The columns of a batch that tell a row and its place.
struct Rows<'b> {
    ids: Option<&'b arrow::array::StringArray>,
    times: Option<&'b arrow::array::TimestampMicrosecondArray>,
    lines: Option<&'b arrow::array::Int64Array>,
    orgs: Words<'b>,
    files: Words<'b>,
}

impl<'b> Rows<'b> {
    fn of(batch: &'b RecordBatch, ids: &str) -> Self {
        Self {
            ids: batch.column_by_name(ids).and_then(|ids| ids.as_string_opt()),
            times: batch
                .column_by_name("_time")
                .and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>()),
            lines: batch.column_by_name("_line").and_then(|lines| lines.as_primitive_opt()),
            orgs: Words::of(batch, "_org"),
            files: Words::of(batch, "_file"),
        }
    }

    fn id(&self, at: usize) -> Option<RowId> {
        identity::parse(self.ids.filter(|ids| ids.is_valid(at))?.value(at))
    }

    fn found(&self, item: usize, kind: ReachKind, id: RowId, at: usize) -> Found<'b> {
        Found {
            item,
            kind,
            id,
            at_us: self
                .times
                .filter(|times| times.is_valid(at))
                .map(|times| times.value(at)),
            file: self.files.at(at),
            line: self
                .lines
                .filter(|lines| lines.is_valid(at))
                .map_or(0, |lines| lines.value(at)),
        }
    }
}

/// A column of words; null is the empty one.
enum Words<'b> {
    None,
    Plain(&'b arrow::array::StringArray),
    Repeated(&'b arrow::array::Int32Array, &'b arrow::array::StringArray),
}

impl<'b> Words<'b> {
    fn of(batch: &'b RecordBatch, column: &str) -> Self {
        let Some(values) = batch.column_by_name(column) else {
            return Self::None;
        };
        if let Some(plain) = values.as_string_opt() {
            return Self::Plain(plain);
        }
        let repeated = values.as_dictionary_opt::<Int32Type>();
        match repeated.and_then(|values| Some((values.keys(), values.values().as_string_opt()?))) {
            Some((keys, words)) => Self::Repeated(keys, words),
            None => Self::None,
        }
    }

    fn at(&self, at: usize) -> &'b str {
        match self {
            Self::None => "",
            Self::Plain(values) => {
                if values.is_valid(at) {
                    values.value(at)
                } else {
                    ""
                }
            }
            Self::Repeated(keys, words) => {
                let key = keys.is_valid(at).then(|| keys.value(at));
                let key = key.and_then(|key| usize::try_from(key).ok());
                key.filter(|key| *key < words.len() && words.is_valid(*key))
                    .map_or("", |key| words.value(key))
            }
        }
    }
}

/// The last answer: rows of one file stand together.
struct Remembered<'b, T> {
    about: Option<[&'b str; 2]>,
    answer: T,
}

impl<T: Default> Default for Remembered<'_, T> {
    fn default() -> Self {
        Self {
            about: None,
            answer: T::default(),
        }
    }
}

impl<'b, T> Remembered<'b, T> {
    fn of(&mut self, about: [&'b str; 2], ask: impl FnOnce([&'b str; 2]) -> T) -> &T {
        if self.about != Some(about) {
            self.answer = ask(about);
            self.about = Some(about);
        }
        &self.answer
    }
}

/// Returns a range that holds all of them.
fn joined(ranges: impl Iterator<Item = ScanRange>) -> ScanRange {
    let wider = |a: ScanRange, b: ScanRange| ScanRange {
        from: a.from.zip(b.from).map(|(a, b)| a.min(b)),
        to: a.to.zip(b.to).map(|(a, b)| a.max(b)),
    };
    ranges.reduce(wider).unwrap_or_default()
}

/// Returns the bit of the hour of the day that a time is in; none where it is in another day.
fn hour_bit(day_us: i64, at_us: i64) -> u32 {
    let hour = at_us.saturating_sub(day_us).div_euclid(HOUR_US);
    u32::try_from(hour)
        .ok()
        .filter(|hour| *hour < 24)
        .map_or(0, |hour| 1 << hour)
}
