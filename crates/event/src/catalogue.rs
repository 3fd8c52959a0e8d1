//! The event catalogue: every table that Sekisho knows, with typed and documented columns.
//!
//! It is data (`catalogue/*.json`), read once. Names and types come from the platforms' documentation and from samples;
//! where a fact is a guess, the column says so in `doubt`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::kind::SourceKind;
use crate::text::Text;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Text.
    Text,
    /// An id of the platform: text that is compared exactly.
    Id,
    /// An address; text, because platforms also write words there (`Salesforce.com IP`).
    Ip,
    /// JSON text.
    Json,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// True or false.
    Boolean,
    /// A point in time.
    Time,
}

impl ColumnType {
    /// Returns the name that `sekisho tables NAME` prints.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Id => "id",
            Self::Ip => "ip",
            Self::Json => "json",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Time => "time",
        }
    }
}

/// How many different values a column has within a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distinct {
    /// Values repeat: worth a dictionary.
    Few,
    /// Nearly every row has its own.
    #[default]
    Many,
}

/// A unit that has a normalised column beside it: the factor to it, and its suffix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normalised {
    /// What the normalised column's name ends in.
    pub suffix: &'static str,
    /// What a value is multiplied by.
    pub factor: f64,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The platform's own name; a dot names a member of the JSON column before it, or a flat dotted key.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// The unit of its numbers in this table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whether values repeat.
    #[serde(default)]
    pub distinct: Distinct,
    /// What it means.
    #[serde(default)]
    pub meaning: Text,
    /// What about it is a guess.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubt: Vec<String>,
    /// Other names under which exports carry it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// True where the value is a secret and is never shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

impl Column {
    /// Returns the normalised column that stands beside this one, if its unit has one.
    #[must_use]
    pub fn normalised(&self) -> Option<Normalised> {
        if !matches!(self.ty, ColumnType::Integer | ColumnType::Decimal) {
            return None;
        }
        let (suffix, factor) = match self.unit.as_deref()? {
            "ns" => ("_ms", 1e-6),
            "us" => ("_ms", 1e-3),
            "ms" => ("_ms", 1.0),
            "s" => ("_ms", 1e3),
            "KB" => ("_bytes", 1024.0),
            "MB" => ("_bytes", 1024.0 * 1024.0),
            _ => return None,
        };
        let says_so_already = self.name.to_ascii_lowercase().ends_with(suffix);
        (!says_so_already).then_some(Normalised { suffix, factor })
    }

    /// Returns the name of the normalised column, if there is one.
    #[must_use]
    pub fn normalised_name(&self) -> Option<String> {
        self.normalised()
            .map(|normalised| format!("{}{}", self.name, normalised.suffix))
    }
}

/// How Sigma rules and lists address a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogSource {
    /// Sigma `product`.
    pub product: String,
    /// Every Sigma `service` that means this table.
    #[serde(default)]
    pub services: Vec<String>,
    /// Every Sigma `category` that means this table.
    #[serde(default)]
    pub categories: Vec<String>,
}

/// How long the platform keeps the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Retention {
    /// Days by default.
    pub days: u32,
    /// Days where the platform's longer retention has been switched on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_days: Option<u32>,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

/// What rows of a table cannot show, by the platform's design.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blind {
    /// Columns that are blank in such rows.
    #[serde(default)]
    pub columns: Vec<String>,
    /// What is not in the table at all, as a stable word (`writes`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// When it applies, for people.
    #[serde(default)]
    pub when: Text,
}

/// Which values of a column mean success or failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeRule {
    /// The column that tells.
    pub column: String,
    /// Values that mean success.
    #[serde(default)]
    pub success: Vec<String>,
    /// Values that mean failure, or the word `other`.
    #[serde(default)]
    pub failure: Option<FailureValues>,
    /// Numbers below this are success, others failure (HTTP status).
    #[serde(default)]
    pub success_below: Option<f64>,
    /// What a row without a value means, where the platform writes the column only for one outcome (`errorCode`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<Outcome>,
}

/// What became of what was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused or went wrong.
    Failure,
}

impl Outcome {
    /// Returns the word that stands in `events.outcome`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// Values that mean failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FailureValues {
    /// The word `other`: every value that is not a success.
    Word(String),
    /// These values.
    Values(Vec<String>),
}

/// OCSF class and activity that rows of a table fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ocsf {
    /// `class_uid`.
    pub class_uid: i64,
    /// `activity_id`.
    #[serde(default)]
    pub activity_id: Option<i64>,
}

/// A table of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// `<schema>.<table>`.
    pub name: String,
    /// The kind of input that fills it.
    pub source: SourceKind,
    /// The platform's own name of the event type, object or log.
    pub event_type: String,
    /// Other spellings of the event type.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How Sigma rules address it.
    pub logsource: LogSource,
    /// What one row is.
    pub about: Text,
    /// How long the platform keeps it; `None` where it does not age out or is not known.
    #[serde(default)]
    pub retention: Option<Retention>,
    /// Columns that may hold the time of the event, best first.
    pub time: Vec<String>,
    /// Columns that may hold the org, best first.
    #[serde(default)]
    pub org: Vec<String>,
    /// What its rows cannot show.
    #[serde(default)]
    pub blind: Vec<Blind>,
    /// For each common column the columns that may fill it, best first.
    #[serde(default)]
    pub common: BTreeMap<String, Vec<String>>,
    /// How `outcome` is told.
    #[serde(default)]
    pub outcome: Option<OutcomeRule>,
    /// What stands in `events.kind`, unless `kind_column` does.
    #[serde(default)]
    pub kind: Option<String>,
    /// The column whose value stands in `events.kind`.
    #[serde(default)]
    pub kind_column: Option<String>,
    /// OCSF class and activity, where they fit.
    #[serde(default)]
    pub ocsf: Option<Ocsf>,
    /// Its columns.
    pub columns: Vec<Column>,
}

impl Table {
    /// Returns the schema part of the name.
    #[must_use]
    pub fn schema(&self) -> &str {
        self.name.split_once('.').map_or("", |(schema, _)| schema)
    }

    /// Returns the table part of the name.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.name.split_once('.').map_or(&self.name, |(_, table)| table)
    }

    /// Returns the column of exactly this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

#[derive(Deserialize)]
struct CatalogueFile {
    tables: Vec<Table>,
}

/// What about the built-in catalogue does not hold together; found by tests, never by users.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A file of the catalogue is not of the catalogue's form.
    #[error("reading catalogue file `{file}`")]
    Form {
        /// The file.
        file: &'static str,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

const FILES: [(&str, &str); 8] = [
    (
        "salesforce_rtem.json",
        include_str!("../catalogue/salesforce_rtem.json"),
    ),
    ("salesforce_elf.json", include_str!("../catalogue/salesforce_elf.json")),
    (
        "salesforce_event_log_object.json",
        include_str!("../catalogue/salesforce_event_log_object.json"),
    ),
    (
        "salesforce_support.json",
        include_str!("../catalogue/salesforce_support.json"),
    ),
    ("gitlab.json", include_str!("../catalogue/gitlab.json")),
    ("aws.json", include_str!("../catalogue/aws.json")),
    ("gcp.json", include_str!("../catalogue/gcp.json")),
    ("generic.json", include_str!("../catalogue/generic.json")),
];

/// Families in which event types appear that the catalogue does not know: kind, schema, and the table whose common columns
/// such a type has.
const UNKNOWN_FAMILIES: [(SourceKind, &str, &str); 3] = [
    (SourceKind::SalesforceElf, "salesforce_elf", "salesforce_elf.RestApi"),
    (SourceKind::SalesforceRtem, "salesforce", "salesforce.ApiEvent"),
    (
        SourceKind::SalesforceEventLogObject,
        "salesforce_event_log",
        "salesforce_event_log.RestApiEventLog",
    ),
];

/// Columns that event types of a family have in common.
const UNKNOWN_TYPE_COLUMNS: [&str; 31] = [
    "EVENT_TYPE",
    "TIMESTAMP",
    "REQUEST_ID",
    "ORGANIZATION_ID",
    "USER_ID",
    "RUN_TIME",
    "CPU_TIME",
    "URI",
    "SESSION_KEY",
    "LOGIN_KEY",
    "TIMESTAMP_DERIVED",
    "USER_ID_DERIVED",
    "CLIENT_IP",
    "URI_ID_DERIVED",
    "USER_AGENT",
    "Id",
    "CreatedDate",
    "EventDate",
    "EventIdentifier",
    "LoginKey",
    "SessionKey",
    "SourceIp",
    "UserId",
    "Username",
    "RelatedEventIdentifier",
    "Timestamp",
    "ClientIp",
    "RequestIdentifier",
    "UserIdentifier",
    "UserAgent",
    "LoginHistoryId",
];

/// The longest event type that names a table of its own.
const MAX_EVENT_TYPE_CHARS: usize = 64;

/// Returns true where an event type that the catalogue does not know may name a table: it is attacker-written, and a table's
/// name goes into SQL and file names.
#[must_use]
pub fn is_plain_event_type(event_type: &str) -> bool {
    (1..=MAX_EVENT_TYPE_CHARS).contains(&event_type.len())
        && event_type
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn model_service(model: &str) -> String {
    model
        .split_once('.')
        .map_or(model, |(_, table)| table)
        .to_ascii_lowercase()
}

/// All tables that Sekisho knows.
#[derive(Debug, Default)]
pub struct Catalogue {
    tables: Vec<Arc<Table>>,
    by_name: HashMap<String, usize>,
    by_event_type: HashMap<(SourceKind, String), usize>,
}

impl Catalogue {
    /// Returns the catalogue that ships with the program.
    ///
    /// Tests read every file, so a form error cannot ship; it would leave an empty catalogue, under which every row is
    /// kept in the tables for unknown types.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Catalogue> = OnceLock::new();
        BUILTIN.get_or_init(|| Self::read(&FILES).unwrap_or_default())
    }

    /// Returns the catalogue in these files (name, text).
    ///
    /// # Errors
    /// A file is not of the catalogue's form.
    pub fn read(files: &[(&'static str, &str)]) -> Result<Self, CatalogueError> {
        let mut catalogue = Self::default();
        for (file, text) in files {
            let read: CatalogueFile =
                serde_json::from_str(text).map_err(|source| CatalogueError::Form { file, source })?;
            for table in read.tables {
                catalogue.add(table);
            }
        }
        Ok(catalogue)
    }

    /// Returns every table, in catalogue order.
    #[must_use]
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    /// Returns the table of a full name (`salesforce.ApiEvent`), whatever the case.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.by_name
            .get(&name.to_ascii_lowercase())
            .map(|&index| &self.tables[index])
    }

    /// Returns the table that holds an event type of a kind; spelling traps (`DocumentAttachmentDownoads`) and case do
    /// not matter.
    #[must_use]
    pub fn table_of_event_type(&self, kind: SourceKind, event_type: &str) -> Option<&Arc<Table>> {
        self.by_event_type
            .get(&(kind, event_type.to_ascii_lowercase()))
            .map(|&index| &self.tables[index])
    }

    /// Returns the table of a full name, also where it holds an event type that the catalogue does not know: such a table
    /// has the columns common to its family and keeps every other column in `_extra`.
    #[must_use]
    pub fn table_or_unknown(&self, name: &str) -> Option<Arc<Table>> {
        if let Some(known) = self.table(name) {
            return Some(Arc::clone(known));
        }
        let (schema, short_name) = name.split_once('.')?;
        let kind = UNKNOWN_FAMILIES.iter().find(|(_, family, _)| *family == schema)?.0;
        self.unknown_event_type(kind, short_name)
    }

    /// Returns the table for an event type that the catalogue does not know. A name that is no plain identifier (it is
    /// attacker-written) goes to the family's table `unknown`.
    #[must_use]
    pub fn unknown_event_type(&self, kind: SourceKind, event_type: &str) -> Option<Arc<Table>> {
        let (_, schema, model) = UNKNOWN_FAMILIES.iter().find(|(family, _, _)| *family == kind)?;
        let event_type = if is_plain_event_type(event_type) {
            event_type
        } else {
            "unknown"
        };
        let mut table = Table::clone(self.table(model)?);
        let is_common = |name: &str| UNKNOWN_TYPE_COLUMNS.contains(&name);
        table.columns.retain(|column| is_common(&column.name));
        table
            .common
            .values_mut()
            .for_each(|columns| columns.retain(|name| is_common(name)));
        table.common.retain(|_, columns| !columns.is_empty());
        table.name = format!("{schema}.{event_type}");
        table.event_type = event_type.to_owned();
        table.aliases = Vec::new();
        table
            .logsource
            .services
            .retain(|service| *service != model_service(model));
        table.logsource.services.push(event_type.to_ascii_lowercase());
        table.about = Text {
            en: format!("{event_type}: an event type that the catalogue does not know; its own columns are in _extra"),
            ja: Some(format!(
                "{event_type}: カタログにないイベント種別。固有の列は _extra に保持されます"
            )),
        };
        table.kind = Some(event_type.to_owned());
        table.kind_column = None;
        table.blind = Vec::new();
        table.outcome = None;
        table.ocsf = None;
        Some(Arc::new(table))
    }

    fn add(&mut self, table: Table) {
        let index = self.tables.len();
        self.by_name.insert(table.name.to_ascii_lowercase(), index);
        for event_type in std::iter::once(&table.event_type).chain(&table.aliases) {
            self.by_event_type
                .entry((table.source, event_type.to_ascii_lowercase()))
                .or_insert(index);
        }
        self.tables.push(Arc::new(table));
    }
}
