//! What an event touched, by a name that a person knows: a Salesforce object, a repository, a bucket, a secret.

use std::ops::Range;

use serde_json::Value;

use crate::row::Row;
use crate::search::{around, exactly};

/// Something that an event touched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    /// Its name.
    pub(crate) name: String,
    /// A search term that holds for the event.
    pub(crate) term: Option<String>,
}

impl Named {
    fn of(name: &str, term: Option<String>) -> Self {
        let mut name = name.trim().to_owned();
        name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
        Self { name, term }
    }

    /// By a column that holds exactly the value.
    fn by(name: &str, field: &str, value: &str) -> Self {
        Self::of(name, exactly(field, value))
    }

    /// By a column that holds this part of its text.
    fn within(name: &str, field: &str, text: &str, part: Range<usize>) -> Self {
        Self::of(name, around(field, text, part))
    }
}

/// Most names that one event gives; a query joins a handful of objects.
const MAX_NAMES: usize = 8;
/// Most bytes of a name.
const MAX_NAME_BYTES: usize = 200;
/// Most bytes of request parameters that are read; a longer document names nothing that a person would read.
const MAX_PARAMETER_BYTES: usize = 64 * 1024;

/// Returns what an event touched; nothing for events that touch none, such as logins.
pub(crate) fn objects(row: &Row<'_>) -> Vec<Named> {
    let mut named = match row.schema() {
        "salesforce" | "salesforce_elf" | "salesforce_event_log" => salesforce(row),
        "gitlab" => gitlab(row).into_iter().collect(),
        "aws" => aws(row).into_iter().collect(),
        "gcp" => match row.record_id {
            Some(resource) => vec![Named::by(resource, "record_id", resource)],
            None => whole_object(row),
        },
        _ => whole_object(row),
    };
    named.retain(|named| !named.name.is_empty());
    named.sort();
    named.dedup_by(|one, other| one.name == other.name);
    named.truncate(MAX_NAMES);
    named
}

fn whole_object(row: &Row<'_>) -> Vec<Named> {
    row.object
        .map(|object| Named::by(object, "object", object))
        .into_iter()
        .collect()
}

/// Returns the report that an event is about, in the short form of its id; its objects are known from other events of it.
pub(crate) fn report<'a>(row: &Row<'a>) -> Option<&'a str> {
    let id = row.record_id?;
    let is_report = id.starts_with("00O") && matches!(id.len(), 15 | 18) && id.is_ascii();
    is_report.then(|| &id[..15])
}

fn salesforce(row: &Row<'_>) -> Vec<Named> {
    let (_, name) = row.table.split_once('.').unwrap_or_default();
    let name = name.strip_suffix("EventLog").unwrap_or(name);
    match name {
        "Login" | "LoginAs" | "Logout" | "LoginHistory" | "SetupAuditTrail" => return Vec::new(),
        "ContentTransfer" | "FileEvent" | "FileEventStore" => {
            return vec![Named::by("ContentVersion", "table", row.table)];
        }
        "DocumentAttachmentDownloads" => {
            let is_document = row.record_id.is_some_and(|id| id.starts_with("015"));
            let name = if is_document { "Document" } else { "Attachment" };
            return vec![Named::by(name, "table", row.table)];
        }
        _ => {}
    }
    if let Some(object) = row.object {
        return match object.split([',', ';']).collect::<Vec<_>>().as_slice() {
            [only] => vec![Named::by(only, "object", object)],
            several => several.iter().map(|name| Named::by(name, "object", object)).collect(),
        };
    }
    let query = row.query.unwrap_or_default();
    if let Some(part) = from_of(query) {
        let name = part.start + "from".len()..part.end;
        return vec![Named::within(&query[name], "query", query, part)];
    }
    if let Some(part) = sobject_of(query) {
        let name = part.start + SOBJECTS.len()..part.end;
        return vec![Named::within(&query[name], "query", query, part)];
    }
    let of_report = |id: &str| Named::of(&report_name(id), row.record_id.and_then(|id| exactly("record_id", id)));
    report(row).map(of_report).into_iter().collect()
}

/// Returns the name of a report whose objects its log does not say.
pub(crate) fn report_name(id: &str) -> String {
    format!("report {id}")
}

/// Returns where the outermost `FROM` of a query stands with the object after it: those in parentheses name relationships.
fn from_of(query: &str) -> Option<Range<usize>> {
    let mut depth = 0_u32;
    let mut in_quotes = false;
    let mut last_from = None;
    let mut start = None;
    let bytes = query.as_bytes();
    let is_select = query
        .trim_start()
        .get(..6)
        .is_some_and(|word| word.eq_ignore_ascii_case("select"));
    if !is_select {
        return None;
    }
    for at in 0..=bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b' ');
        let is_word = !in_quotes && (byte.is_ascii_alphanumeric() || byte == b'_');
        match (is_word, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let word = &query[from..at];
                if let Some(keyword) = last_from.filter(|_| depth == 0) {
                    return Some(keyword..at);
                }
                last_from = (depth == 0 && word.eq_ignore_ascii_case("from")).then_some(from);
                start = None;
            }
            _ => {}
        }
        match byte {
            b'\'' if !(in_quotes && at > 0 && bytes[at - 1] == b'\\') => in_quotes = !in_quotes,
            b'(' if !in_quotes => depth += 1,
            b')' if !in_quotes => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// What stands before the object in an address.
const SOBJECTS: &str = "/sobjects/";

/// Returns where an address such as `/services/data/v65.0/sobjects/Case/describe` has its object.
fn sobject_of(path: &str) -> Option<Range<usize>> {
    let start = path.find(SOBJECTS)?;
    let name = path[start + SOBJECTS.len()..].split(['/', '?']).next()?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| start..start + SOBJECTS.len() + name.len())
}

/// A GitLab event touches a project or group: by its path where the log has it, else by the id in the address.
fn gitlab(row: &Row<'_>) -> Option<Named> {
    let path_like = |text: &&str| text.contains('/') && !text.contains("//") && !text.starts_with('/');
    if let Some(project) = row.target.filter(path_like) {
        return Some(Named::by(project.trim_end_matches(".git"), "target", project));
    }
    let path = row.path();
    if let Some((before, _)) = path.split_once(".git/") {
        let project = before.trim_start_matches('/');
        let address = row.query.unwrap_or_default();
        return Some(Named::within(project, "query", address, 0..before.len() + ".git".len()));
    }
    for (word, label) in [("/projects/", "project"), ("/groups/", "group")] {
        if let Some((before, rest)) = path.split_once(word)
            && let Some(id) = rest.split('/').next()
            && !id.is_empty()
        {
            let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
            let name = if is_number {
                format!("{label} {id}")
            } else {
                id.replace("%2F", "/").replace("%2f", "/")
            };
            let part = before.len()..before.len() + word.len() + id.len();
            return Some(Named::within(&name, "query", row.query.unwrap_or_default(), part));
        }
    }
    match (row.table, row.target, row.object) {
        ("gitlab.audit_events", Some(target), _) => Some(Named::by(target, "target", target)),
        // The object of an API request is its route, and its target the host: neither names what was touched.
        ("gitlab.api_log" | "gitlab.workhorse_log" | "gitlab.pages_log", _, _) => None,
        (_, _, Some(object)) => Some(Named::by(object, "object", object)),
        _ => None,
    }
}

/// A call of AWS touches a bucket, a secret or a parameter where its parameters name one, else the service.
fn aws(row: &Row<'_>) -> Option<Named> {
    let parameters = row
        .query
        .filter(|text| text.len() <= MAX_PARAMETER_BYTES)
        .and_then(|text| serde_json::from_str::<Value>(text).ok())
        .unwrap_or(Value::Null);
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    let of = |name: String, value: &str| Named::of(&name, in_quotes(row.query.unwrap_or_default(), value));
    if let Some(bucket) = text("bucketName") {
        return Some(of(format!("s3://{bucket}"), bucket));
    }
    if let Some(secret) = text("secretId") {
        return Some(of(format!("secret {secret}"), secret));
    }
    let is_parameter = row.action.is_some_and(|action| action.starts_with("GetParameter"));
    if let Some(name) = text("name").or_else(|| text("path")).filter(|_| is_parameter) {
        return Some(of(format!("parameter {name}"), name));
    }
    let by_object = row.object.map(|object| ("object", object));
    let (field, service) = by_object.or_else(|| row.target.map(|target| ("target", target)))?;
    // Calls of the service that name a bucket are the bucket's.
    let term = exactly(field, service).zip(row.action.and_then(|action| exactly("action", action)));
    Some(Named::of(
        service,
        term.map(|(service, action)| format!("({service} {action})")),
    ))
}

/// Returns the search for a value in quotes, as request parameters have it; `None` where they spell it otherwise.
fn in_quotes(parameters: &str, value: &str) -> Option<String> {
    let quoted = format!("\"{value}\"");
    let start = parameters.find(&quoted)?;
    around("query", parameters, start..start + quoted.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outermost_from_names_the_object() {
        for (query, object) in [
            ("SELECT Id FROM Case", Some("Case")),
            ("select count() from contact where Name = 'from x'", Some("contact")),
            (
                "SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity)",
                Some("Account"),
            ),
            ("SELECT Id FROM My_Object__c LIMIT 1", Some("My_Object__c")),
            ("SELECT 'it\\'s FROM' , Id FROM Lead", Some("Lead")),
            ("FIND {x} IN ALL FIELDS", None),
            ("SELECT Id FROM", None),
            ("SELECT ((((", None),
            ("選択 FROM x", None),
            ("SELECT 顧客 FROM Case", Some("Case")),
            ("", None),
        ] {
            let found = from_of(query).and_then(|part| query[part].split_whitespace().last());
            assert_eq!(found, object, "{query}");
        }
    }

    #[test]
    fn objects_have_the_names_that_people_know() {
        let of = |table, object, target, query| {
            let row = Row {
                table,
                object,
                target,
                query,
                ..Row::default()
            };
            objects(&row).into_iter().map(|named| named.name).collect::<Vec<_>>()
        };
        assert_eq!(
            of("salesforce.ApiEvent", Some("Contact, Case"), None, None),
            ["Case", "Contact"]
        );
        assert_eq!(
            of("salesforce.BulkApiResultEvent", None, None, Some("SELECT Id FROM Case")),
            ["Case"]
        );
        assert_eq!(
            of(
                "salesforce_elf.RestApi",
                None,
                None,
                Some("/services/data/v65.0/sobjects/User/describe")
            ),
            ["User"]
        );
        assert!(of("salesforce_elf.Login", Some("x"), None, None).is_empty());
        assert_eq!(
            of(
                "gitlab.api_log",
                Some("/api/:v"),
                Some("shop/web"),
                Some("/api/v4/projects/7/variables")
            ),
            ["shop/web"]
        );
        assert_eq!(
            of(
                "gitlab.api_log",
                None,
                Some("gitlab.example"),
                Some("/api/v4/projects/7/variables")
            ),
            ["project 7"]
        );
        assert_eq!(
            of(
                "gitlab.api_log",
                None,
                None,
                Some("/api/v4/projects/shop%2Fweb/variables")
            ),
            ["shop/web"]
        );
        assert!(
            of(
                "gitlab.api_log",
                Some("/api/:version/user"),
                Some("gitlab.example"),
                Some("/api/v4/user")
            )
            .is_empty()
        );
        assert_eq!(
            of(
                "gitlab.workhorse_log",
                None,
                Some("gitlab.example"),
                Some("/shop/web.git/git-upload-pack")
            ),
            ["shop/web"]
        );
        assert_eq!(
            of(
                "aws.cloudtrail",
                Some("s3.amazonaws.com"),
                None,
                Some(r#"{"bucketName":"backups","key":"a"}"#)
            ),
            ["s3://backups"]
        );
        assert_eq!(
            of("aws.cloudtrail", Some("iam.amazonaws.com"), None, Some("{not json")),
            ["iam.amazonaws.com"]
        );
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let long = "関".repeat(500);
        let names = objects(&Row {
            table: "salesforce.ApiEvent",
            object: Some(&long),
            ..Row::default()
        });
        assert_eq!(names[0].name.len(), 198);
    }
}
