//! What is asked of events, and what is answered (the shapes of the HTTP interface).

use sekisho_event::ids::OrgId;
use sekisho_event::text::Text;
use sekisho_event::time::Range;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Error;

/// Which events are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The search; empty means every event.
    pub q: String,
    /// The times. With either end, events without a time are left out.
    pub range: Range,
    /// The orgs; none means all that the caller may see.
    pub orgs: Vec<OrgId>,
}

/// The order of a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Newest first.
    #[default]
    Desc,
    /// Oldest first.
    Asc,
}

/// A page of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// Which events.
    pub filter: EventFilter,
    /// Their order.
    pub sort: Sort,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// The most events, from 1 to `MAX_PAGE_EVENTS`.
    pub limit: Option<usize>,
}

/// How many events there are over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistogramRequest {
    /// Which events.
    pub filter: EventFilter,
    /// The most bars, from 1 to `MAX_BUCKETS`.
    pub buckets: Option<usize>,
}

/// The most frequent values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FacetsRequest {
    /// Which events.
    pub filter: EventFilter,
    /// The fields, at most `MAX_FACET_FIELDS`; none means `DEFAULT_FACET_FIELDS`.
    pub fields: Vec<String>,
}

/// What the surrounding events share with an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SurroundingBy {
    /// The session key, in the same org.
    #[default]
    Session,
    /// The actor, in the same org.
    Actor,
    /// The source address, in any org.
    Address,
    /// The org.
    Org,
}

/// What surrounds an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurroundingRequest {
    /// The event in the middle.
    pub event_uid: String,
    /// What the others share with it.
    pub by: SurroundingBy,
    /// The most on each side, from 1 to `MAX_SURROUNDING_EVENTS`.
    pub limit: Option<usize>,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// CSV that does nothing when a spreadsheet opens it.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRequest {
    /// Which events.
    pub filter: EventFilter,
    /// The form.
    pub format: ExportFormat,
}

/// An export as it comes: pieces of text, each of whole rows. Dropped early, it stops reading.
pub struct Export {
    /// The media type.
    pub content_type: &'static str,
    /// A name for the file.
    pub file_name: &'static str,
    pub(super) pieces: Box<dyn Iterator<Item = Result<Vec<u8>, Error>> + Send>,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export")
            .field("content_type", &self.content_type)
            .field("file_name", &self.file_name)
            .finish_non_exhaustive()
    }
}

impl Iterator for Export {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.pieces.next()
    }
}

/// The common columns of an event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Event {
    /// When it happened, in microseconds: what cursors go by.
    #[serde(skip)]
    pub(super) at_us: Option<i64>,
    /// Identity of the row, the same in the typed table.
    pub event_uid: String,
    /// When it happened (UTC); RFC 3339.
    #[schema(required)]
    pub time: Option<String>,
    /// The org or instance it happened in.
    pub org: String,
    /// The kind of input it came from.
    pub source: String,
    /// The typed table that holds the whole row.
    pub table: String,
    /// The platform's name of the event type.
    #[schema(required)]
    pub kind: Option<String>,
    /// What was done, in the platform's word.
    #[schema(required)]
    pub action: Option<String>,
    /// Success, failure, or null where the log does not say.
    #[schema(required)]
    pub outcome: Option<String>,
    /// Who did it: user name, else id.
    #[schema(required)]
    pub actor: Option<String>,
    /// Id of the actor.
    #[schema(required)]
    pub actor_id: Option<String>,
    /// Source address as logged.
    #[schema(required)]
    pub src_ip: Option<String>,
    /// Addresses claimed by headers; anyone can write them.
    #[schema(required)]
    pub forwarded_ip: Option<String>,
    /// User agent or client.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// Application or connected app.
    #[schema(required)]
    pub app: Option<String>,
    /// Id of the application.
    #[schema(required)]
    pub app_id: Option<String>,
    /// Id of the token or key used.
    #[schema(required)]
    pub token_id: Option<String>,
    /// Login that the session belongs to.
    #[schema(required)]
    pub login_key: Option<String>,
    /// Session.
    #[schema(required)]
    pub session_key: Option<String>,
    /// Assurance level of the session.
    #[schema(required)]
    pub session_level: Option<String>,
    /// Object or resource type.
    #[schema(required)]
    pub object: Option<String>,
    /// Record or resource.
    #[schema(required)]
    pub record_id: Option<String>,
    /// What it was done to, by name.
    #[schema(required)]
    pub target: Option<String>,
    /// Rows read or written.
    #[schema(required)]
    pub rows: Option<i64>,
    /// Bytes returned or sent.
    #[schema(required)]
    pub bytes: Option<i64>,
    /// How long it took, in milliseconds.
    #[schema(required)]
    pub duration_ms: Option<f64>,
    /// Query, URI or command: the text to search first.
    #[schema(required)]
    pub query: Option<String>,
    /// Message or description.
    #[schema(required)]
    pub message: Option<String>,
    /// Request or correlation id.
    #[schema(required)]
    pub request_id: Option<String>,
    /// The platform's id of the related event.
    #[schema(required)]
    pub related_uid: Option<String>,
    /// Country as the platform logged it.
    #[schema(required)]
    pub country: Option<String>,
    /// OCSF class, where one fits.
    #[schema(required)]
    pub ocsf_class_uid: Option<i64>,
    /// OCSF activity of that class, where one fits; 0 where it varies by row.
    #[schema(required)]
    pub ocsf_activity_id: Option<i64>,
    /// File it came from.
    pub file: String,
    /// Line in the file, from 1.
    pub line: i64,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventPage {
    /// The events.
    pub items: Vec<Event>,
    /// What leads to the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// When the store last changed.
    pub updated_at: String,
    /// Milliseconds that reading took.
    pub took_ms: u64,
}

/// How many events there are over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Histogram {
    /// Where the first bucket begins; null where there is no time to count by.
    #[schema(required)]
    pub from: Option<String>,
    /// Where the last bucket ends.
    #[schema(required)]
    pub to: Option<String>,
    /// The width of a bucket.
    pub bucket_ms: i64,
    /// The events in each bucket, one after the other.
    pub buckets: Vec<u64>,
    /// The events in all buckets.
    pub total: u64,
    /// The events found beside them that have no time.
    pub undated: u64,
    /// Milliseconds that reading took.
    pub took_ms: u64,
}

/// The most frequent values of some fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facets {
    /// One for each field, in the order asked for.
    pub facets: Vec<Facet>,
    /// The events found.
    pub total: u64,
    /// Milliseconds that reading took.
    pub took_ms: u64,
}

/// The most frequent values of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facet {
    /// The field.
    pub field: String,
    /// The values, most frequent first.
    pub values: Vec<FacetValue>,
    /// The events with another value.
    pub other: u64,
    /// The events without a value.
    pub missing: u64,
}

/// A value and how often it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// The events that have it.
    pub count: u64,
}

/// All that is known of one event.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventDetail {
    /// The common columns.
    pub event: Event,
    /// The table that holds the whole row.
    pub table: TableAbout,
    /// The columns of that table.
    pub fields: Vec<FieldValue>,
    /// Columns that the catalogue does not know.
    #[schema(required, value_type = Option<Object>)]
    pub extra: Option<serde_json::Map<String, serde_json::Value>>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TableAbout {
    /// `<schema>.<table>`.
    pub name: String,
    /// What one row is.
    pub about: Text,
}

/// A column of a row and its value.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FieldValue {
    /// The column.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// The unit of its numbers.
    #[schema(required)]
    pub unit: Option<String>,
    /// What it means.
    pub meaning: Text,
    /// The value; null where there is none.
    #[schema(required)]
    pub value: Option<CellValue>,
    /// The text of the source, where the value does not print back as it.
    #[schema(required)]
    pub original: Option<String>,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum CellValue {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Decimal(f64),
    /// Text, also of times.
    Text(String),
}

/// What surrounds an event.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Surrounding {
    /// What the others share with it.
    pub by: SurroundingBy,
    /// The events just before it, oldest first.
    pub before: Vec<Event>,
    /// The event.
    pub event: Event,
    /// The events just after it, oldest first.
    pub after: Vec<Event>,
}

/// The fields that a search can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldList {
    /// The fields.
    pub fields: Vec<FieldAbout>,
}

/// A field that a search can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldAbout {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub meaning: Text,
}
