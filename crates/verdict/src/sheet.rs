//! The verdict sheet: what a hunt means for each org, in the shape of the API.

use sekisho_event::text::Text;
use sekisho_hunt::{AllowListHead, At, Kind, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

/// What a hunt means, for all orgs and for each.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Sheet {
    /// When the sheet was made.
    pub made_at: At,
    /// Start of the range that was asked for.
    #[schema(required)]
    pub from: Option<At>,
    /// End of the range that was asked for, outside.
    #[schema(required)]
    pub to: Option<At>,
    /// The verdict over all orgs.
    pub verdict: Verdict,
    /// The indicator lists that were hunted.
    pub lists: Vec<SheetList>,
    /// The allow-lists that were watched.
    pub allow_lists: Vec<AllowListHead>,
    /// How many rules looked at the events.
    pub rules: usize,
    /// The orgs: hit, then inconclusive, then clear; hits by what was found, most first, the others by name.
    pub orgs: Vec<OrgSheet>,
}

/// An indicator list that was hunted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SheetList {
    /// Its name.
    pub name: String,
    /// Its version.
    #[schema(required)]
    pub version: Option<String>,
    /// When it was true, as its source writes it.
    #[schema(required)]
    pub as_of: Option<String>,
    /// Who says so.
    #[schema(required)]
    pub source: Option<String>,
    /// How many indicators it has.
    pub indicators: usize,
}

/// What makes an org a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// An indicator of a list matches an event, and not only weakly.
    Indicator,
    /// A named application worked from outside its vendor's networks.
    OutsideAllowList,
}

/// What a hunt means for one org.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OrgSheet {
    /// The org.
    pub org: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Why it is a hit; empty unless it is one.
    pub because: Vec<Because>,
    /// Events that match an indicator, weak ones apart.
    pub hits: u64,
    /// Events that match only weakly.
    pub weak_hits: u64,
    /// Events of a named application from outside its vendor's networks.
    pub outside_allow_list: u64,
    /// Events that were searched.
    pub events: u64,
    /// The first of them.
    #[schema(required)]
    pub from: Option<At>,
    /// The last of them.
    #[schema(required)]
    pub to: Option<At>,
    /// Findings of every detector by level.
    pub findings: FindingCounts,
    /// Who got in: what the found events and those of the same sessions and tokens name; most events first.
    pub actors: Vec<Actor>,
    /// How many there are.
    pub actor_count: usize,
    /// What they touched: taken first, then by rows returned.
    pub objects: Vec<Touched>,
    /// How many there are.
    pub object_count: usize,
    /// Weak matches, which never decide.
    pub weak: Vec<WeakMatch>,
    /// What could not be seen, most important first.
    pub unseen: Vec<Unseen>,
    /// How much there is.
    pub unseen_count: usize,
    /// What to do next, most urgent first.
    pub next: Vec<NextStep>,
}

/// Findings by level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct FindingCounts {
    /// Act at once.
    pub critical: u64,
    /// Act today.
    pub high: u64,
    /// Look at it.
    pub medium: u64,
    /// Usually harmless.
    pub low: u64,
    /// Context only.
    pub informational: u64,
}

/// Somebody who got in: an application with a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Actor {
    /// The application.
    #[schema(required)]
    pub app: Option<String>,
    /// The user.
    #[schema(required)]
    pub user: Option<String>,
    /// Session keys, at most [`MAX_SESSIONS_SHOWN`].
    pub sessions: Vec<String>,
    /// How many sessions there are.
    pub session_count: usize,
    /// Ids of tokens and keys that were used outside sessions, at most [`MAX_SESSIONS_SHOWN`].
    pub tokens: Vec<String>,
    /// How many tokens there are.
    pub token_count: usize,
    /// Source addresses, at most [`MAX_ADDRESSES_SHOWN`].
    pub addresses: Vec<String>,
    /// How many addresses there are.
    pub address_count: usize,
    /// User agents, at most [`MAX_AGENTS_SHOWN`].
    pub user_agents: Vec<String>,
    /// Events, as many as the search shows.
    pub events: u64,
    /// The first of them.
    #[schema(required)]
    pub from: Option<At>,
    /// The last of them.
    #[schema(required)]
    pub to: Option<At>,
    /// True where one of them came from outside the networks of the application's vendor.
    pub is_outside_allow_list: bool,
    /// A search that shows the events.
    pub query: String,
}

/// A way in which content leaves, where the log proves that it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TakenBy {
    /// The result of a bulk job was downloaded.
    BulkResultDownload,
    /// A report was exported.
    ReportExport,
    /// A file was downloaded.
    FileDownload,
    /// A repository was cloned, fetched or downloaded as an archive or export.
    GitClone,
    /// An object was read out of a bucket.
    ObjectDownload,
    /// A CI/CD variable or a stored secret was read.
    VariableRead,
}

/// Something that was touched: a Salesforce object, a repository, a bucket, a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Touched {
    /// Its name.
    pub object: String,
    /// Events that touched it; a call that several logs record counts once.
    pub accessed: u64,
    /// Rows that a log says were returned to reads; logs of the same calls are never added up.
    #[schema(required)]
    pub returned_rows: Option<u64>,
    /// The log that says so.
    #[schema(required)]
    pub returned_table: Option<String>,
    /// Events that prove that content left.
    pub taken_events: u64,
    /// Rows that left, where the log counts them.
    #[schema(required)]
    pub taken_rows: Option<u64>,
    /// Bytes that left, where the log counts them.
    #[schema(required)]
    pub taken_bytes: Option<u64>,
    /// How they left.
    pub taken_by: Vec<TakenBy>,
    /// A search that shows the events, in every log that records them.
    pub query: String,
}

/// An indicator that matches only where anybody can write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeakMatch {
    /// The indicator.
    pub indicator: String,
    /// Its kind.
    pub kind: Kind,
    /// Events that match.
    pub events: u64,
    /// The columns that it was found in.
    pub columns: Vec<String>,
}

/// Why something could not be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnseenKind {
    /// Events are missing, with evidence.
    Gap,
    /// Rows are there but cannot show it.
    Blind,
    /// No events at all.
    NoData,
    /// No log of the data could have shown it.
    NotShown,
    /// What was asked for is in no log.
    Unusable,
    /// A limit was reached.
    Capped,
}

/// Something that could not be seen.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Unseen {
    /// Why.
    pub kind: UnseenKind,
    /// The table that it is about.
    #[schema(required)]
    pub table: Option<String>,
    /// From when.
    #[schema(required)]
    pub from: Option<At>,
    /// Until when, outside.
    #[schema(required)]
    pub to: Option<At>,
    /// Events that were to be expected, where there is history.
    #[schema(required)]
    pub expected_events: Option<u64>,
    /// What it means, for people.
    pub text: Text,
    /// The log that would settle it.
    #[schema(required)]
    pub settle: Option<Settle>,
}

/// A log that would settle a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Settle {
    /// The log, by the platform's name.
    pub log: String,
    /// How to get it, for people.
    pub text: Text,
}

/// A step to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextStep {
    /// What kind of step it is, as a stable word.
    pub code: StepCode,
    /// What to do, for people.
    pub text: Text,
}

/// What kind of step to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepCode {
    /// Keep the logs before they age out.
    KeepLogs,
    /// Take an application's or user's tokens away.
    RevokeToken,
    /// End sessions.
    ResetSession,
    /// Replace secrets that were read or could be.
    RotateSecret,
    /// Get a log that is missing.
    GetMissingLog,
    /// Ask the vendor whether a network is theirs.
    ConfirmWithVendor,
    /// Look at weak matches.
    ReviewWeak,
    /// Look at findings of rules.
    ReviewFindings,
    /// Hunt again when the list has a new version.
    HuntAgain,
}

/// Most sessions of an actor on the sheet.
pub const MAX_SESSIONS_SHOWN: usize = 5;
/// Most addresses of an actor on the sheet.
pub const MAX_ADDRESSES_SHOWN: usize = 5;
/// Most user agents of an actor on the sheet.
pub const MAX_AGENTS_SHOWN: usize = 3;
/// Most actors of an org on the sheet.
pub const MAX_ACTORS_SHOWN: usize = 5;
/// Most objects of an org on the sheet.
pub const MAX_OBJECTS_SHOWN: usize = 8;
/// Most weak matches of an org on the sheet.
pub const MAX_WEAK_SHOWN: usize = 5;
/// Most unseen things of an org on the sheet.
pub const MAX_UNSEEN_SHOWN: usize = 6;
/// Most steps of an org on the sheet.
pub const MAX_STEPS: usize = 4;
