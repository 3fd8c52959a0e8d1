//! One event of the common table, as far as the sheet looks at it.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use sekisho_event::ids::UNKNOWN_ORG;
use sekisho_event::time::Micros;
use sekisho_hunt::{HuntError, TextColumn};

/// The columns that are looked at.
pub(crate) struct Columns<'a> {
    pub(crate) org: TextColumn,
    pub(crate) table: TextColumn,
    pub(crate) event_uid: TextColumn,
    pub(crate) session_key: TextColumn,
    pub(crate) login_key: TextColumn,
    pub(crate) token_id: TextColumn,
    time: Option<&'a ArrayRef>,
    pub(crate) actor: TextColumn,
    actor_id: TextColumn,
    pub(crate) src_ip: TextColumn,
    user_agent: TextColumn,
    app: TextColumn,
    app_id: TextColumn,
    action: TextColumn,
    kind: TextColumn,
    outcome: TextColumn,
    object: TextColumn,
    record_id: TextColumn,
    target: TextColumn,
    query: TextColumn,
    message: TextColumn,
    rows: Option<&'a ArrayRef>,
    bytes: Option<&'a ArrayRef>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> Result<Self, HuntError> {
        let text = |name| TextColumn::of(batch, name);
        Ok(Self {
            org: text("org")?,
            table: text("table")?,
            event_uid: text("event_uid")?,
            session_key: text("session_key")?,
            login_key: text("login_key")?,
            token_id: text("token_id")?,
            time: batch.column_by_name("time"),
            actor: text("actor")?,
            actor_id: text("actor_id")?,
            src_ip: text("src_ip")?,
            user_agent: text("user_agent")?,
            app: text("app")?,
            app_id: text("app_id")?,
            action: text("action")?,
            kind: text("kind")?,
            outcome: text("outcome")?,
            object: text("object")?,
            record_id: text("record_id")?,
            target: text("target")?,
            query: text("query")?,
            message: text("message")?,
            rows: batch.column_by_name("rows"),
            bytes: batch.column_by_name("bytes"),
        })
    }

    pub(crate) fn org_at(&self, row: usize) -> &str {
        self.org.at(row).unwrap_or(UNKNOWN_ORG)
    }

    pub(crate) fn time_at(&self, row: usize) -> Option<Micros> {
        let times = self.time?.as_primitive_opt::<TimestampMicrosecondType>()?;
        times.is_valid(row).then(|| times.value(row))
    }

    /// Returns whether an event is of no session, login or token.
    pub(crate) fn has_no_key(&self, row: usize) -> bool {
        let keys = [&self.session_key, &self.login_key, &self.token_id];
        keys.iter().all(|column| column.at(row).is_none())
    }

    pub(crate) fn row(&self, row: usize) -> Row<'_> {
        let whole = |column: Option<&ArrayRef>| {
            let numbers = column?.as_primitive_opt::<Int64Type>()?;
            numbers
                .is_valid(row)
                .then(|| numbers.value(row))
                .and_then(|number| u64::try_from(number).ok())
        };
        Row {
            table: self.table.at(row).unwrap_or("unknown"),
            time_us: self.time_at(row),
            session_key: self.session_key.at(row),
            login_key: self.login_key.at(row),
            token_id: self.token_id.at(row),
            actor: self.actor.at(row),
            actor_id: self.actor_id.at(row),
            src_ip: self.src_ip.at(row),
            user_agent: self.user_agent.at(row),
            app: self.app.at(row).or_else(|| self.app_id.at(row)),
            is_app_named: self.app.at(row).is_some(),
            action: self.action.at(row),
            kind: self.kind.at(row),
            outcome: self.outcome.at(row),
            object: self.object.at(row),
            record_id: self.record_id.at(row),
            target: self.target.at(row),
            query: self.query.at(row),
            message: self.message.at(row),
            rows: whole(self.rows),
            bytes: whole(self.bytes),
        }
    }
}

/// One event.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Row<'a> {
    pub(crate) table: &'a str,
    pub(crate) time_us: Option<Micros>,
    pub(crate) session_key: Option<&'a str>,
    pub(crate) login_key: Option<&'a str>,
    pub(crate) token_id: Option<&'a str>,
    pub(crate) actor: Option<&'a str>,
    pub(crate) actor_id: Option<&'a str>,
    pub(crate) src_ip: Option<&'a str>,
    pub(crate) user_agent: Option<&'a str>,
    /// The application by its name, else by its id.
    pub(crate) app: Option<&'a str>,
    pub(crate) is_app_named: bool,
    pub(crate) action: Option<&'a str>,
    pub(crate) kind: Option<&'a str>,
    pub(crate) outcome: Option<&'a str>,
    pub(crate) object: Option<&'a str>,
    pub(crate) record_id: Option<&'a str>,
    pub(crate) target: Option<&'a str>,
    pub(crate) query: Option<&'a str>,
    pub(crate) message: Option<&'a str>,
    pub(crate) rows: Option<u64>,
    pub(crate) bytes: Option<u64>,
}

impl Row<'_> {
    /// Returns the schema of the table.
    pub(crate) fn schema(&self) -> &str {
        self.table.split_once('.').map_or(self.table, |(schema, _)| schema)
    }

    /// Returns whether the log says that it went wrong; what went wrong returned nothing.
    pub(crate) fn is_failure(&self) -> bool {
        self.outcome == Some("failure")
    }

    /// Returns whether the action is one of these words, whatever their case.
    pub(crate) fn acts(&self, words: &[&str]) -> bool {
        self.action
            .is_some_and(|action| words.iter().any(|word| action.eq_ignore_ascii_case(word)))
    }

    /// Returns the action in small letters.
    pub(crate) fn action_lower(&self) -> String {
        self.action.unwrap_or_default().to_ascii_lowercase()
    }

    /// Returns the path or query without its parameters.
    pub(crate) fn path(&self) -> &str {
        self.query.unwrap_or_default().split('?').next().unwrap_or_default()
    }
}
