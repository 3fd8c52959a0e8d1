//! Which table the rows of a CSV file go to, told from its header before any row is read.

use std::sync::Arc;

use sekisho_event::catalogue::Table;
use sekisho_event::kind::SourceKind;
use sekisho_event::layout;

use crate::route::{Fit, Router, has_event_type};

/// The header of `events` under which a row's identity is exported.
const EXPORTED_UID: &str = "event_uid";

/// Where the rows of a file go.
pub(super) enum Plan {
    /// To the table of the event type in this column.
    ByEventType(usize),
    /// All to one table.
    Whole(Arc<Table>),
    /// Nowhere: the file has no header.
    Nowhere,
}

impl Plan {
    /// Settles where rows under this header go; the error says why it is not known.
    pub(super) fn of(header: &[String], kind: Option<SourceKind>, router: &Router) -> Result<Self, String> {
        if header.is_empty() {
            return Ok(Self::Nowhere);
        }
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        let event_type = match kind {
            None => has_event_type(&names),
            Some(SourceKind::SalesforceElf) => names.iter().position(|name| name.eq_ignore_ascii_case("EVENT_TYPE")),
            Some(_) => None,
        };
        if let Some(column) = event_type {
            return Ok(Self::ByEventType(column));
        }
        if kind == Some(SourceKind::Json) {
            return Err(NOT_JSON.to_owned());
        }
        match (router.header(&names), kind) {
            (Fit::One(table), _) => Ok(Self::Whole(table)),
            (Fit::Several(objects), _) => Err(several(&objects)),
            (Fit::Nothing, Some(kind)) if is_json_only(kind) => Err(NOT_JSON.to_owned()),
            (Fit::Nothing, Some(kind)) => Err(format!("the header fits no table of {kind}")),
            (Fit::Nothing, None) => Err("the header fits no table that is known".to_owned()),
        }
    }
}

/// Returns true where we wrote the file: vendors' exports have no such columns.
pub(super) fn is_own_export(header: &[String]) -> bool {
    header.iter().any(|name| name == layout::UID || name == EXPORTED_UID)
}

const NOT_JSON: &str = "this is CSV, not JSON";

/// Platforms give these as JSON; as CSV there are only our own exports of them, whose headers fit.
fn is_json_only(kind: SourceKind) -> bool {
    matches!(
        kind,
        SourceKind::GitlabAudit | SourceKind::GitlabApiLog | SourceKind::AwsCloudtrail | SourceKind::GcpAudit
    )
}

fn several(objects: &[String]) -> String {
    let first = objects.first().map_or("ApiEvent", String::as_str);
    format!(
        "the header fits {} equally well: name the file after its object, for example {first}.csv",
        objects.join(", ")
    )
}
