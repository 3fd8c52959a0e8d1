//! Asking the store for events: which of them the caller may see, and within what limits.

use std::path::Path;
use std::time::Duration;

use arrow::array::RecordBatch;
use sekisho_event::common::{COLUMNS, EVENTS};
use sekisho_event::text::Text;
use sekisho_event::time::Range;
use sekisho_search::{instant, literal, parse, to_sql};
use sekisho_store::{SqlLimits, SqlResult, Store};

use super::time_text;
use super::types::EventFilter;
use crate::Error;
use crate::caller::{Caller, OrgScope, Permission};
use crate::source::open_store;

/// How long a search may take: whoever looks at a page has gone elsewhere by then.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(30);

/// The memory of a search: a page is small, and several people search at once.
const SEARCH_MEMORY_BYTES: usize = 512 * 1024 * 1024;

/// The most orgs that a request names: more than a company has, and few enough for one statement.
const MAX_ORGS: usize = 200;

/// The store as searches read it.
#[derive(Debug)]
pub(super) struct Reading {
    store: Store,
    limits: SqlLimits,
    took: Duration,
}

impl Reading {
    /// Opens the store for a caller who may read.
    pub(super) fn open(caller: &Caller, data_dir: &Path) -> Result<Self, Error> {
        caller.may(Permission::Read)?;
        Ok(Self {
            store: open_store(data_dir)?,
            limits: SqlLimits {
                max_memory_bytes: SEARCH_MEMORY_BYTES,
                timeout: SEARCH_TIMEOUT,
                ..SqlLimits::default()
            },
            took: Duration::ZERO,
        })
    }

    /// Gives statements this long.
    pub(super) fn with_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Begins a statement.
    pub(super) fn start(&self, statement: &str) -> Result<SqlResult, Error> {
        Ok(self.store.sql(statement, self.limits)?)
    }

    /// Returns all rows of a statement, whose number the statement itself must bound.
    pub(super) fn rows(&mut self, statement: &str) -> Result<Vec<RecordBatch>, Error> {
        let mut rows = self.start(statement)?;
        let batches = rows.by_ref().collect::<Result<Vec<RecordBatch>, _>>()?;
        self.took += rows.elapsed();
        Ok(batches)
    }

    /// Gives the rows of a statement to `visit` as they come.
    pub(super) fn each(&mut self, statement: &str, mut visit: impl FnMut(&RecordBatch)) -> Result<(), Error> {
        let mut rows = self.start(statement)?;
        for batch in rows.by_ref() {
            visit(&batch?);
        }
        self.took += rows.elapsed();
        Ok(())
    }

    /// Adds the time of an answer that the store gave without a statement.
    pub(super) fn add_time(&mut self, took: Duration) {
        self.took += took;
    }

    /// Returns the milliseconds that statements took so far.
    pub(super) fn took_ms(&self) -> u64 {
        u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns when the store last changed, RFC 3339.
    pub(super) fn updated_at(&self) -> Result<String, Error> {
        Ok(time_text(self.store.changed_us()?.unwrap_or_default()))
    }
}

/// Some orgs, or all where there is no list.
pub(super) type Orgs = Option<Vec<String>>;

/// Which events a request means, as SQL.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    /// The search and the orgs.
    base: String,
    /// The orgs where nothing is searched for.
    orgs_alone: Option<Orgs>,
    /// The times.
    pub(super) range: Range,
}

impl Condition {
    /// Returns the condition of a request, limited to what the caller may see.
    pub(super) fn new(caller: &Caller, filter: &EventFilter) -> Result<Self, Error> {
        if filter.orgs.len() > MAX_ORGS {
            return Err(Error::Asked(Text::of(
                format!("more than {MAX_ORGS} orgs are named"),
                format!("組織の指定は {MAX_ORGS} 個までです。"),
            )));
        }
        let query = parse(&filter.q)?;
        let named: Vec<&str> = filter.orgs.iter().map(sekisho_event::ids::OrgId::as_str).collect();
        let orgs = visible(caller, &named);
        Ok(Self {
            base: format!("{} AND {}", orgs_sql(&orgs), to_sql(&query)),
            orgs_alone: matches!(query.condition, sekisho_search::Condition::Any).then_some(orgs),
            range: filter.range,
        })
    }

    /// Returns the condition of events that the caller may see and that `sql` is true for.
    pub(super) fn of_visible(caller: &Caller, sql: &str) -> Self {
        Self {
            base: format!("{} AND {sql}", orgs_sql(&visible(caller, &[]))),
            orgs_alone: None,
            range: Range::default(),
        }
    }

    /// Returns the condition with another range in its own's place.
    pub(super) fn within(&self, range: Range) -> Self {
        Self {
            base: self.base.clone(),
            orgs_alone: self.orgs_alone.clone(),
            range,
        }
    }

    /// Returns the orgs, where the condition says no more than them and its times.
    pub(super) fn orgs_alone(&self) -> Option<&Orgs> {
        self.orgs_alone.as_ref()
    }

    /// Returns the condition without its times.
    pub(super) fn at_any_time(&self) -> &str {
        &self.base
    }

    /// Returns the condition. Events without a time are in it only where the range has no end at all.
    pub(super) fn sql(&self) -> String {
        format!("{}{}", self.base, range_sql(self.range))
    }

    /// Returns the condition of the events that have a time.
    pub(super) fn dated(&self) -> String {
        format!("{}{} AND \"time\" IS NOT NULL", self.base, range_sql(self.range))
    }
}

fn range_sql(range: Range) -> String {
    let from = range.from_us.map(|from| format!(" AND \"time\" >= {}", instant(from)));
    let to = range.to_us.map(|to| format!(" AND \"time\" < {}", instant(to)));
    from.unwrap_or_default() + &to.unwrap_or_default()
}

/// Returns the orgs that are named and may be seen.
fn visible(caller: &Caller, named: &[&str]) -> Orgs {
    let orgs: Vec<&str> = match (&caller.orgs, named) {
        (OrgScope::All, []) => return None,
        (OrgScope::All, named) => named.to_vec(),
        (OrgScope::Only(seen), []) => seen.iter().map(sekisho_event::ids::OrgId::as_str).collect(),
        (OrgScope::Only(_), named) => named.iter().copied().filter(|org| caller.orgs.contains(org)).collect(),
    };
    Some(orgs.into_iter().map(str::to_owned).collect())
}

fn orgs_sql(orgs: &Orgs) -> String {
    match orgs.as_deref() {
        None => "TRUE".to_owned(),
        Some([]) => "FALSE".to_owned(),
        Some(orgs) => {
            let orgs: Vec<String> = orgs.iter().map(|org| literal(org)).collect();
            format!("\"org\" IN ({})", orgs.join(", "))
        }
    }
}

/// Returns a statement that reads the common columns.
pub(super) fn select_events(condition: &str, order: &str, limit: Option<usize>) -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let limit = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
    format!(
        "SELECT {} FROM {EVENTS} WHERE {condition} ORDER BY {order}{limit}",
        columns.join(", ")
    )
}
