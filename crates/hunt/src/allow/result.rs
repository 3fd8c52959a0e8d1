//! What a watch saw.

use sekisho_event::text::Text;
use serde::Serialize;

use super::list::AllowList;
use crate::coverage::At;
use crate::result::DoubtReason;

/// What was watched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AllowListHead {
    /// The list's name.
    pub name: String,
    /// The application, by the names and ids that the list gives.
    pub app: String,
    /// How many networks it has.
    pub ranges: usize,
}

impl AllowListHead {
    /// Returns the head of a list.
    #[must_use]
    pub fn of(list: &AllowList) -> Self {
        Self {
            name: list.name.clone(),
            app: list.apps.join(", "),
            ranges: list.ranges.len(),
        }
    }
}

/// A row of a batch that is outside, with the first list that names its application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutsideRow {
    /// The row.
    pub row: usize,
    /// The list's number.
    pub list: usize,
}

/// An event of a named application from outside its vendor's networks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outside {
    /// Number of the list, in the order of `lists`.
    pub list: usize,
    /// When it happened.
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
    /// Under which login.
    pub login_key: Option<String>,
    /// With which token.
    pub token_id: Option<String>,
}

/// Why it is not sure that the application was nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AllowDoubt {
    /// The reason.
    pub reason: DoubtReason,
    /// The table; `None` where it is about all of them.
    pub table: Option<String>,
    /// How many rows it is about, where they are counted.
    pub rows: Option<u64>,
    /// When such rows are blank, for people.
    pub when: Option<Text>,
}

/// What was seen in one org.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AllowOrg {
    /// The org.
    pub org: String,
    /// Events of the application from a listed network.
    pub inside: u64,
    /// From a public address that no list of the application has.
    pub outside: u64,
    /// Without any address: nobody can say from where.
    pub undecided: u64,
    /// From a private address, or with the platform's word for itself in place of an address.
    pub internal: u64,
    /// Why the count of `outside` may be too low.
    pub doubts: Vec<AllowDoubt>,
}

/// Everything that was seen of the named applications.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AllowResult {
    /// What was watched for.
    pub lists: Vec<AllowListHead>,
    /// Events outside, in the order in which they were read.
    pub outside: Vec<Outside>,
    /// How many there are.
    pub outside_count: u64,
    /// True where `outside` does not hold all of them, or orgs and tables were left out of the counts.
    pub is_capped: bool,
    /// Numbers of the lists whose application no event names: a name that is spelt differently looks just like that.
    pub unnamed: Vec<usize>,
    /// What was seen in each org, by name.
    pub orgs: Vec<AllowOrg>,
}
