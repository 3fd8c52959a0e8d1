//! What a hunt answers, in the shape of the command-line contract.

use serde::Serialize;

use crate::breadth::Breadth;
use crate::coverage::{At, TableCoverage};
use crate::lists::Kind;
use crate::matching::{How, ListHead};

/// The answer of a hunt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was asked could have been seen, and nothing was.
    Clear,
    /// Nothing was seen, but not everything could have been.
    Inconclusive,
    /// Something was seen.
    Hit,
}

/// An event that an indicator matches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The indicator.
    pub indicator: String,
    /// Its kind.
    pub kind: Kind,
    /// How it was found.
    #[serde(rename = "match")]
    pub how: How,
    /// When the event happened.
    pub time: Option<At>,
    /// The table that holds the event.
    pub table: String,
    /// The event.
    pub event_uid: Option<String>,
    /// The org.
    pub org: String,
    /// Who did it.
    pub actor: Option<String>,
    /// From where.
    pub src_ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// Through which application.
    pub app: Option<String>,
    /// In which session.
    pub session_key: Option<String>,
    /// Under which login; what belongs to a find is gathered by it.
    #[serde(skip)]
    pub login_key: Option<String>,
    /// With which token; what belongs to a find is gathered by it.
    #[serde(skip)]
    pub token_id: Option<String>,
    /// Numbers of the lists that have the indicator, in the order of `lists`.
    pub in_lists: Vec<usize>,
    /// What the lists say about the indicator, so that a hit that means little says so itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The columns that it was found in.
    pub columns: Vec<&'static str>,
}

/// Why a verdict is not `clear` although nothing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DoubtReason {
    /// No events in the range.
    NoData,
    /// No table of the data could have shown these kinds of indicators.
    NotShown,
    /// A table that could have shown them lost events.
    Gap,
    /// A table that could have shown them is blind in some rows.
    Blind,
    /// The lists have entries that no log can show.
    UnusableIndicators,
    /// A limit was reached.
    Capped,
}

/// One reason, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Doubt {
    /// The reason.
    pub reason: DoubtReason,
    /// The table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The kinds of indicators.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
}

/// The answer for one org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrgVerdict {
    /// The org.
    pub org: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Events that match, weak ones apart.
    pub hits: u64,
    /// Events that match only weakly.
    pub weak_hits: u64,
    /// Why the org is not clear; a hit has them too, since more may be hidden.
    pub doubts: Vec<Doubt>,
}

/// Everything that a hunt found and could not have found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HuntResult {
    /// The verdict over all orgs: a hit of one is a hit, and all must be clear to be clear.
    pub verdict: Verdict,
    /// What was hunted.
    pub lists: Vec<ListHead>,
    /// What was found, by time; weak finds included.
    pub hits: Vec<Hit>,
    /// How many finds there are, weak ones apart.
    pub hit_count: u64,
    /// How many weak finds there are.
    pub weak_hit_count: u64,
    /// True where `hits` does not hold all of them.
    pub hits_capped: bool,
    /// What each indicator touches.
    pub breadth: Vec<Breadth>,
    /// What was searched, and what could not be seen there.
    pub coverage: Vec<TableCoverage>,
    /// The verdict of each org.
    pub orgs: Vec<OrgVerdict>,
    /// Start of the range asked for.
    pub from: Option<At>,
    /// End of the range asked for, outside.
    pub to: Option<At>,
}
