//! What tables can show, from the catalogue.

use std::collections::BTreeMap;

use sekisho_event::catalogue::{Catalogue, Table};
use sekisho_event::kind::SourceKind;
use sekisho_event::text::Text;

use crate::lists::Kind;

/// The common columns that an indicator of a kind is shown by; a table shows it if it has any of them.
pub(crate) fn columns_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Ip | Kind::Cidr => &["src_ip"],
        Kind::UserAgent | Kind::UserAgentAllOf => &["user_agent"],
        Kind::App => &["app", "app_id"],
        Kind::User => &["actor", "actor_id"],
        // Users' mail addresses have domains too, but a table of users does not show where connections went.
        Kind::Domain => &["target"],
    }
}

/// What is known of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableFacts {
    /// For each common column the platform's columns behind it; `None` for a table that the catalogue does not know,
    /// where the data say what is there.
    pub columns: Option<BTreeMap<String, Vec<String>>>,
    /// Platform columns that are blank in some rows by design.
    pub blank: Vec<BlankByDesign>,
    /// What is not in the table at all, as a stable word with its explanation.
    pub absent: Vec<(String, Text)>,
    /// True where files arrive hours after the events.
    pub arrives_late: bool,
}

/// Columns that are blank in some rows by the platform's design.
#[derive(Debug, Clone, PartialEq)]
pub struct BlankByDesign {
    /// The platform's columns.
    pub columns: Vec<String>,
    /// In which rows.
    pub when: Text,
}

/// Columns that hold a browser's name (`Chrome 138`) instead of its user agent: a match in them counts, its absence
/// says nothing.
const BROWSER_NAME_COLUMNS: [&str; 2] = ["Browser", "BrowserType"];

impl TableFacts {
    /// Returns what the catalogue knows of a table.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        let mut facts = Self {
            columns: Some(table.common.clone()),
            arrives_late: matches!(
                table.source,
                SourceKind::SalesforceElf | SourceKind::SalesforceEventLogObject
            ),
            ..Self::default()
        };
        for blind in &table.blind {
            if let Some(what) = &blind.what {
                facts.absent.push((what.clone(), blind.when.clone()));
            }
            if !blind.columns.is_empty() {
                facts.blank.push(BlankByDesign {
                    columns: blind.columns.clone(),
                    when: blind.when.clone(),
                });
            }
        }
        facts
    }

    /// Returns what the catalogue knows of a table by name; nothing for tables it does not have.
    #[must_use]
    pub fn lookup(catalogue: &Catalogue, name: &str) -> Self {
        catalogue.table(name).map(|table| Self::of(table)).unwrap_or_default()
    }

    /// Returns whether the table has a column for a common column; `None` where that is not known.
    pub(crate) fn has(&self, common: &str) -> Option<bool> {
        let columns = self.columns.as_ref()?;
        Some(columns.get(common).is_some_and(|behind| !behind.is_empty()))
    }

    /// Returns whether all that is behind a common column is a browser's name.
    pub(crate) fn has_only_browser_names(&self, common: &str) -> bool {
        let behind = self.columns.as_ref().and_then(|columns| columns.get(common));
        behind.is_some_and(|behind| {
            !behind.is_empty() && behind.iter().all(|name| BROWSER_NAME_COLUMNS.contains(&name.as_str()))
        })
    }

    /// Returns when any of these common columns is blank by design.
    pub(crate) fn blank_when(&self, commons: &[&str]) -> Option<&Text> {
        let columns = self.columns.as_ref()?;
        let behind: Vec<&String> = commons
            .iter()
            .filter_map(|common| columns.get(*common))
            .flatten()
            .collect();
        self.blank
            .iter()
            .find(|blank| blank.columns.iter().any(|column| behind.contains(&column)))
            .map(|blank| &blank.when)
    }
}

/// The word under which the catalogue says that some event types are only streamed.
pub(crate) const STREAMED_ONLY: &str = "streamed_only_types";

/// Returns whether GitLab only streams an event type: such a row proves that a stream was loaded.
pub(crate) fn is_streamed_only(event_type: &str) -> bool {
    STREAMED_ONLY_TYPES.binary_search(&event_type).is_ok()
}

/// Types that never reach GitLab's database, REST or `audit_json.log`, in order (about GitLab 18.7).
const STREAMED_ONLY_TYPES: [&str; 36] = [
    "comment_by_project_bot",
    "comment_created",
    "comment_deleted",
    "comment_updated",
    "delete_epic",
    "delete_issue",
    "delete_merge_request",
    "delete_work_item",
    "email_confirmation_sent",
    "group_ci_cd_settings_accessed",
    "ip_restricted_group_accessed",
    "job_artifact_downloaded",
    "merge_request_approval_operation",
    "merge_request_create",
    "merged_merge_request_deleted",
    "merged_merge_request_deletion_started",
    "multi_project_downstream_pipeline_created",
    "password_reset_failed",
    "policy_warn_mode_merge_request_approval_settings_overrides",
    "policy_warn_mode_push_settings_overrides",
    "project_ci_cd_settings_accessed",
    "project_description_updated",
    "public_repository_download_operation",
    "repository_git_operation",
    "request_to_compliance_external_control_successful",
    "secrets_manager_read_project_secret",
    "security_policy_pipeline_failed",
    "security_policy_pipeline_skipped",
    "security_policy_scheduled_scans_not_enforced",
    "security_policy_violations_detected",
    "security_policy_violations_resolved",
    "status_check_response_update",
    "user_authenticated_using_job_token",
    "user_profile_visibility_updated",
    "user_profile_visiblity_updated",
    "variable_viewed_api",
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_streamed_types_are_in_order_for_the_search() {
        assert!(STREAMED_ONLY_TYPES.is_sorted());
        assert!(is_streamed_only("repository_git_operation"));
        assert!(!is_streamed_only("user_created"));
    }

    #[test]
    fn the_catalogue_says_what_api_events_cannot_show() {
        let facts = TableFacts::lookup(Catalogue::builtin(), "salesforce.ApiEvent");
        assert_eq!(facts.has("user_agent"), Some(true));
        assert!(facts.blank_when(&["user_agent"]).is_some());
        assert!(facts.blank_when(&["src_ip"]).is_none());
        assert!(facts.absent.iter().any(|(what, _)| what == "writes"));
        assert!(TableFacts::lookup(Catalogue::builtin(), "salesforce_elf.Login").arrives_late);
        let login = TableFacts::lookup(Catalogue::builtin(), "salesforce.LoginEvent");
        assert!(login.has_only_browser_names("user_agent"));
        assert_eq!(TableFacts::lookup(Catalogue::builtin(), "x.y"), TableFacts::default());
    }
}
