//! The search itself: one pass over common batches, in memory that does not grow with them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, TimestampMicrosecondArray, UInt32Array};
use arrow::compute::{filter_record_batch, take_record_batch};
use arrow::datatypes::TimestampMicrosecondType;
use sekisho_event::catalogue::Catalogue;
use sekisho_event::ids::UNKNOWN_ORG;
use sekisho_event::time::{Micros, Range};

use crate::breadth::Touched;
use crate::column::TextColumn;
use crate::coverage::{
    self, At, Context, FileSpan, FileSpans, KnownLoss, Rows, Series, SeriesKey, SeriesSet, TableCoverage, blindness,
    decide_unrecorded, plausible_hour,
};
use crate::error::HuntError;
use crate::knowledge::{TableFacts, is_streamed_only};
use crate::lists::{IndicatorList, Kind};
use crate::matching::{Found, How, Matcher, Role, whole_address};
use crate::result::{Hit, HuntResult};
use crate::verdict::{self, HitCounts, Judged};

/// Most finds that a result lists, weak ones apart; all are counted.
pub const MAX_HITS: usize = 100_000;
/// Most weak finds that a result lists: anyone can write them, so they must not push out the others.
pub const MAX_WEAK_HITS: usize = 10_000;
/// Most bytes of a text in a hit.
pub(crate) const MAX_HIT_TEXT_BYTES: usize = 4 * 1024;
/// Finds that are remembered to list an event that comes twice (a daily and an hourly file) once.
const MAX_REMEMBERED_FINDS: usize = 1_000_000;
/// Orgs whose finds are counted apart.
const MAX_ORGS: usize = 20_000;

/// What a hunt may know beside its lists and rows.
#[derive(Debug, Clone, Default)]
pub struct HuntOptions {
    /// What tables can show; the built-in catalogue answers for tables that are not here.
    pub facts: BTreeMap<String, TableFacts>,
    /// Files that were given, with the interval that each covers, empty ones included.
    pub file_spans: Vec<FileSpan>,
    /// Losses that the caller knows of: rows in quarantine, files that could not be read.
    pub known_losses: Vec<KnownLoss>,
    /// Orgs and tables that were loaded from a stream.
    pub streamed: Vec<(String, String)>,
    /// Orgs that are asked about, whether they have data or not.
    pub orgs: Vec<String>,
    /// When the data were collected.
    pub as_of_us: Option<Micros>,
}

/// Hunts lists in common batches.
///
/// # Errors
/// The lists break a limit, or a batch is not of the common table.
pub fn hunt(
    lists: &[IndicatorList],
    batches: impl IntoIterator<Item = RecordBatch>,
    range: Range,
    options: HuntOptions,
) -> Result<HuntResult, HuntError> {
    let matcher = Matcher::new(lists)?;
    let mut hunt = Hunt::new(&matcher, range, options);
    for batch in batches {
        hunt.push(&batch)?;
    }
    Ok(hunt.finish())
}

/// A hunt under way.
#[derive(Debug)]
pub struct Hunt<'a> {
    matcher: &'a Matcher,
    kinds: Vec<Kind>,
    range: Range,
    options: HuntOptions,
    series: SeriesSet,
    touched: Touched,
    hits: Vec<(u32, Hit)>,
    weak_hits: Vec<(u32, Hit)>,
    counts: HashMap<String, HitCounts>,
    total: HitCounts,
    remembered: HashSet<(u64, u32)>,
}

/// The columns that can show indicators, with what they hold.
const SEARCHED: [(&str, Role); 9] = [
    ("src_ip", Role::Address),
    ("user_agent", Role::UserAgent),
    ("app", Role::App),
    ("app_id", Role::App),
    ("actor", Role::User),
    ("actor_id", Role::User),
    ("target", Role::Target),
    ("forwarded_ip", Role::ClaimedAddress),
    ("query", Role::FreeText),
];

/// Text that is searched like a query.
const MESSAGE: (&str, Role) = ("message", Role::FreeText);

impl<'a> Hunt<'a> {
    /// Starts a hunt.
    #[must_use]
    pub fn new(matcher: &'a Matcher, range: Range, options: HuntOptions) -> Self {
        Self {
            kinds: matcher.kinds(),
            matcher,
            range,
            options,
            series: SeriesSet::default(),
            touched: Touched::default(),
            hits: Vec::new(),
            weak_hits: Vec::new(),
            counts: HashMap::new(),
            total: HitCounts::default(),
            remembered: HashSet::new(),
        }
    }

    /// Searches one batch. Rows outside the range are not searched, but they tell how much a table usually says.
    ///
    /// # Errors
    /// The batch is not of the common table.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), HuntError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let orgs = TextColumn::of(batch, "org")?;
        let tables = TextColumn::of(batch, "table")?;
        let key = |row: usize| SeriesKey {
            org: orgs.at(row).unwrap_or(UNKNOWN_ORG).to_owned(),
            table: tables.at(row).unwrap_or("unknown").to_owned(),
        };
        let mut groups: BTreeMap<(Option<usize>, Option<usize>), Vec<u32>> = BTreeMap::new();
        let is_uniform = {
            let code = |row: usize| (orgs.code(row), tables.code(row));
            let first = code(0);
            (1..batch.num_rows()).all(|row| code(row) == first)
        };
        if is_uniform {
            return self.push_series(&key(0), batch);
        }
        for (row, number) in (0..batch.num_rows()).zip(0u32..) {
            groups
                .entry((orgs.code(row), tables.code(row)))
                .or_default()
                .push(number);
        }
        for rows in groups.into_values() {
            let first = rows.first().map_or(0, |&row| row as usize);
            let part = take_record_batch(batch, &UInt32Array::from(rows)).map_err(|error| not_common(&error))?;
            self.push_series(&key(first), &part)?;
        }
        Ok(())
    }

    /// Notes a loss that became known while the rows were read.
    pub fn note_loss(&mut self, loss: KnownLoss) {
        self.options.known_losses.push(loss);
    }

    /// Notes the interval of a file that was met while the rows were read.
    pub fn note_file_span(&mut self, span: FileSpan) {
        self.options.file_spans.push(span);
    }

    /// Ends the hunt.
    #[must_use]
    pub fn finish(self) -> HuntResult {
        let has_unusable = self.matcher.heads().iter().any(|head| head.unusable > 0);
        let is_capped = self.series.is_capped;
        let mut accounts = accounts(self.series.into_sorted(), &self.kinds, self.range, &self.options);
        decide_unrecorded(&mut accounts);
        let mut by_org: BTreeMap<&str, Vec<Judged<'_>>> =
            self.options.orgs.iter().map(|org| (org.as_str(), Vec::new())).collect();
        for (coverage, sight) in &accounts {
            by_org
                .entry(&coverage.org)
                .or_default()
                .push(Judged { coverage, sight });
        }
        let orgs: Vec<_> = by_org
            .into_iter()
            .map(|(org, tables)| {
                let counts = self.counts.get(org).copied().unwrap_or_default();
                verdict::of_org(org, &tables, &self.kinds, counts, has_unusable, is_capped)
            })
            .collect();
        let hits_capped =
            (self.hits.len() as u64) < self.total.strong || (self.weak_hits.len() as u64) < self.total.weak;
        HuntResult {
            verdict: verdict::over_all(&orgs),
            lists: self.matcher.heads().to_vec(),
            hits: in_order(self.hits, self.weak_hits),
            hit_count: self.total.strong,
            weak_hit_count: self.total.weak,
            hits_capped,
            breadth: self.touched.rows(self.matcher),
            coverage: accounts.into_iter().map(|(coverage, _)| coverage).collect(),
            orgs,
            from: self.range.from_us.map(At),
            to: self.range.to_us.map(At),
        }
    }

    fn push_series(&mut self, key: &SeriesKey, batch: &RecordBatch) -> Result<(), HuntError> {
        let number = self.series.number_of(key.clone());
        let times = times(batch)?;
        let inside: Vec<bool> = (0..batch.num_rows())
            .map(|row| {
                let at_us = time_at(times, row);
                // A row without a time may have happened inside; better searched than missed.
                at_us.is_none() || self.range.contains(at_us)
            })
            .collect();
        if let Some(number) = number {
            self.count_times(number, batch, times, &inside)?;
        }
        if inside.iter().all(|&is_inside| is_inside) {
            return self.search(number, key, batch);
        }
        if inside.iter().any(|&is_inside| is_inside) {
            let part = filter_record_batch(batch, &BooleanArray::from(inside)).map_err(|error| not_common(&error))?;
            return self.search(number, key, &part);
        }
        Ok(())
    }

    fn count_times(
        &mut self,
        number: usize,
        batch: &RecordBatch,
        times: &TimestampMicrosecondArray,
        inside: &[bool],
    ) -> Result<(), HuntError> {
        let files = TextColumn::of(batch, "file")?;
        let mut file_hours: HashMap<usize, (i64, i64)> = HashMap::new();
        let mut run: Option<(i64, u64)> = None;
        for (row, &is_inside) in inside.iter().enumerate() {
            let at_us = time_at(times, row);
            let hour = at_us.and_then(plausible_hour);
            let series = self.series.get(number);
            if is_inside {
                series.note_in_range(at_us);
            }
            let Some(hour) = hour else {
                continue;
            };
            series.data_end_us = series.data_end_us.max(at_us);
            if let Some(file) = files.code(row) {
                let span = file_hours.entry(file).or_insert((hour, hour));
                *span = (span.0.min(hour), span.1.max(hour));
            }
            match &mut run {
                Some((current, count)) if *current == hour => *count += 1,
                _ => {
                    if let Some((before, count)) = run.replace((hour, 1)) {
                        self.series.count_hour(number, before, count);
                    }
                }
            }
        }
        if let Some((hour, count)) = run {
            self.series.count_hour(number, hour, count);
        }
        let series = self.series.get(number);
        for (file, (first, last)) in file_hours {
            if let Some(name) = files.text(file) {
                series.files.note(name, first, last);
            }
        }
        Ok(())
    }

    fn search(&mut self, number: Option<usize>, key: &SeriesKey, batch: &RecordBatch) -> Result<(), HuntError> {
        if let Some(number) = number {
            self.count_blindness(number, batch)?;
        }
        let mut finds: Vec<Find> = Vec::new();
        for (name, role) in SEARCHED.into_iter().chain([MESSAGE]) {
            if self.matcher.concerns(role) {
                find_in_column(self.matcher, batch, name, role, &mut finds)?;
            }
        }
        if finds.is_empty() {
            return Ok(());
        }
        // Strongest first, so that one event is one find of an indicator, with its best match.
        finds.sort_by_key(|find| (find.row, find.found.target, std::cmp::Reverse(find.found.how)));
        let cells = HitCells::of(batch, times(batch)?)?;
        for same in finds.chunk_by(|one, other| (one.row, one.found.target) == (other.row, other.found.target)) {
            self.note_find(key, &cells, same);
        }
        Ok(())
    }

    fn count_blindness(&mut self, number: usize, batch: &RecordBatch) -> Result<(), HuntError> {
        let groups: BTreeSet<&'static [&'static str]> = self
            .kinds
            .iter()
            .map(|&kind| crate::knowledge::columns_of(kind))
            .collect();
        let series = self.series.get(number);
        for columns in groups {
            let rows = count_rows(batch, columns)?;
            series.rows.entry(columns[0]).or_default().add(rows);
        }
        if !series.has_streamed_types {
            let kinds = TextColumn::of(batch, "kind")?;
            let is_streamed = |code: usize| kinds.text(code).is_some_and(is_streamed_only);
            series.has_streamed_types = (0..kinds.code_count()).any(is_streamed);
        }
        Ok(())
    }

    fn note_find(&mut self, key: &SeriesKey, cells: &HitCells<'_>, same: &[Find]) {
        let Some(best) = same.first() else {
            return;
        };
        let (row, Found { target, how }) = (best.row, best.found);
        if let Some(uid) = cells.uid.at(row)
            && self.remembered.len() < MAX_REMEMBERED_FINDS
            && !self.remembered.insert((hash(&(&key.table, &key.org, uid)), target))
        {
            return;
        }
        self.touched
            .note(target, how, &key.org, cells.actor.at(row), cells.time(row));
        let is_weak = how == How::Weak;
        let count = |counts: &mut HitCounts| {
            counts.strong += u64::from(!is_weak);
            counts.weak += u64::from(is_weak);
        };
        count(&mut self.total);
        if let Some(counts) = self.counts.get_mut(&key.org) {
            count(counts);
        } else if self.counts.len() < MAX_ORGS {
            count(self.counts.entry(key.org.clone()).or_default());
        }
        let (list, limit) = if is_weak {
            (&mut self.weak_hits, MAX_WEAK_HITS)
        } else {
            (&mut self.hits, MAX_HITS)
        };
        if list.len() < limit {
            let strongest = same.iter().take_while(|find| find.found.how == how);
            let columns = strongest.map(|find| find.column).collect();
            list.push((target, cells.hit(self.matcher, key, row, best.found, columns)));
        }
    }
}

/// An indicator in a row.
#[derive(Debug, Clone, Copy)]
struct Find {
    row: usize,
    found: Found,
    column: &'static str,
}

fn find_in_column(
    matcher: &Matcher,
    batch: &RecordBatch,
    name: &'static str,
    role: Role,
    finds: &mut Vec<Find>,
) -> Result<(), HuntError> {
    let column = TextColumn::of(batch, name)?;
    let counts = column.counts(batch.num_rows());
    let mut by_code: HashMap<usize, Vec<Found>> = HashMap::new();
    let mut found = Vec::new();
    for (code, &count) in counts.by_code.iter().enumerate() {
        if count == 0 {
            continue;
        }
        if let Some(text) = column.text(code) {
            matcher.find(role, text, &mut found);
        }
        if !found.is_empty() {
            by_code.insert(code, std::mem::take(&mut found));
        }
    }
    if by_code.is_empty() {
        return Ok(());
    }
    for row in 0..batch.num_rows() {
        let founds = column.code(row).and_then(|code| by_code.get(&code));
        finds.extend(founds.into_iter().flatten().map(|&found| Find {
            row,
            found,
            column: name,
        }));
    }
    Ok(())
}

/// Counts rows that can show what a group of columns shows.
fn count_rows(batch: &RecordBatch, columns: &[&'static str]) -> Result<Rows, HuntError> {
    let rows = batch.num_rows();
    let mut total = Rows::default();
    if let [only] = columns {
        let column = TextColumn::of(batch, only)?;
        let counts = column.counts(rows);
        total.blank += counts.without;
        for (code, &count) in counts.by_code.iter().enumerate().filter(|(_, count)| **count > 0) {
            let of_kind = match column.text(code) {
                None => &mut total.blank,
                Some(text) if is_of_its_kind(only, text) => &mut total.filled,
                Some(_) => &mut total.other,
            };
            *of_kind += u64::from(count);
        }
        return Ok(total);
    }
    let columns: Vec<TextColumn> = columns
        .iter()
        .map(|name| TextColumn::of(batch, name))
        .collect::<Result<_, _>>()?;
    for row in 0..rows {
        let is_filled = columns.iter().any(|column| column.at(row).is_some());
        total.filled += u64::from(is_filled);
        total.blank += u64::from(!is_filled);
    }
    Ok(total)
}

/// Returns whether a value can show what its column is for.
fn is_of_its_kind(column: &str, text: &str) -> bool {
    match column {
        "src_ip" => whole_address(text).is_some(),
        // Older event log files hold a number for the kind of client.
        "user_agent" => !text.trim().bytes().all(|byte| byte.is_ascii_digit()),
        "target" => crate::lists::is_domain(crate::lists::host_of(text.trim())),
        _ => true,
    }
}

/// The columns of a hit.
struct HitCells<'a> {
    times: &'a TimestampMicrosecondArray,
    uid: TextColumn,
    actor: TextColumn,
    src_ip: TextColumn,
    user_agent: TextColumn,
    app: TextColumn,
    session_key: TextColumn,
    login_key: TextColumn,
    token_id: TextColumn,
}

impl<'a> HitCells<'a> {
    fn of(batch: &RecordBatch, times: &'a TimestampMicrosecondArray) -> Result<Self, HuntError> {
        let column = |name| TextColumn::of(batch, name);
        Ok(Self {
            times,
            uid: column("event_uid")?,
            actor: column("actor")?,
            src_ip: column("src_ip")?,
            user_agent: column("user_agent")?,
            app: column("app")?,
            session_key: column("session_key")?,
            login_key: column("login_key")?,
            token_id: column("token_id")?,
        })
    }

    fn time(&self, row: usize) -> Option<Micros> {
        time_at(self.times, row)
    }

    fn hit(&self, matcher: &Matcher, key: &SeriesKey, row: usize, found: Found, columns: Vec<&'static str>) -> Hit {
        let target = &matcher.targets()[found.target as usize];
        let text = |column: &TextColumn| {
            let cut = |text: &str| text[..text.floor_char_boundary(MAX_HIT_TEXT_BYTES)].to_owned();
            column.at(row).map(cut)
        };
        Hit {
            indicator: target.indicator.label(),
            kind: target.indicator.kind,
            how: found.how,
            time: self.time(row).map(At),
            table: key.table.clone(),
            event_uid: text(&self.uid),
            org: key.org.clone(),
            actor: text(&self.actor),
            src_ip: text(&self.src_ip),
            user_agent: text(&self.user_agent),
            app: text(&self.app),
            session_key: text(&self.session_key),
            login_key: text(&self.login_key),
            token_id: text(&self.token_id),
            in_lists: target.lists.clone(),
            note: target.indicator.note.clone(),
            columns,
        }
    }
}

fn in_order(strong: Vec<(u32, Hit)>, weak: Vec<(u32, Hit)>) -> Vec<Hit> {
    let mut hits: Vec<(u32, Hit)> = strong.into_iter().chain(weak).collect();
    hits.sort_by(|(one_target, one), (other_target, other)| {
        let key = |hit: &Hit| (hit.time.is_none(), hit.time);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.event_uid.cmp(&other.event_uid))
            .then_with(|| one_target.cmp(other_target))
    });
    hits.into_iter().map(|(_, hit)| hit).collect()
}

fn accounts(
    all: Vec<Series>,
    kinds: &[Kind],
    range: Range,
    options: &HuntOptions,
) -> Vec<(TableCoverage, coverage::Sight)> {
    let mut data_ends: HashMap<String, Micros> = HashMap::new();
    for series in &all {
        if let Some(end_us) = series.data_end_us {
            let known = data_ends.entry(series.key.org.clone()).or_insert(end_us);
            *known = end_us.max(*known);
        }
    }
    let spans = FileSpans::new(&options.file_spans);
    all.into_iter()
        .map(|series| {
            let facts = options
                .facts
                .get(&series.key.table)
                .cloned()
                .unwrap_or_else(|| TableFacts::lookup(Catalogue::builtin(), &series.key.table));
            let context = Context {
                range,
                data_end_us: data_ends.get(&series.key.org).copied().unwrap_or(0),
                as_of_us: options.as_of_us,
                arrives_late: facts.arrives_late,
                spans: &spans,
                known_losses: &options.known_losses,
            };
            let mut coverage = coverage::account(&series, context);
            let has_stream = options
                .streamed
                .iter()
                .any(|(org, table)| *org == series.key.org && *table == series.key.table);
            let sight = blindness(&series, &facts, kinds, has_stream);
            coverage.blind.clone_from(&sight.blind);
            (coverage, sight)
        })
        .collect()
}

fn times(batch: &RecordBatch) -> Result<&TimestampMicrosecondArray, HuntError> {
    batch
        .column_by_name("time")
        .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>())
        .ok_or_else(|| HuntError::NotCommon {
            what: "it has no column `time` of microseconds".to_owned(),
        })
}

fn time_at(times: &TimestampMicrosecondArray, row: usize) -> Option<Micros> {
    times.is_valid(row).then(|| times.value(row))
}

fn not_common(error: &arrow::error::ArrowError) -> HuntError {
    HuntError::NotCommon {
        what: error.to_string(),
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
