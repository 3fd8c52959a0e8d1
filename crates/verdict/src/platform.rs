//! Whose logs an org has: the advice differs.

use sekisho_hunt::TableCoverage;

/// Who runs the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Platform {
    Salesforce,
    GitLab,
    Aws,
    Gcp,
    Other,
}

/// Returns the platform of a table.
pub(crate) fn of_table(table: &str) -> Platform {
    match table.split_once('.').map_or(table, |(schema, _)| schema) {
        "salesforce" | "salesforce_elf" | "salesforce_event_log" => Platform::Salesforce,
        "gitlab" => Platform::GitLab,
        "aws" => Platform::Aws,
        "gcp" => Platform::Gcp,
        _ => Platform::Other,
    }
}

/// Returns the platform that most events of an org come from.
pub(crate) fn of_org(coverage: &[&TableCoverage]) -> Platform {
    let platforms = [
        Platform::Salesforce,
        Platform::GitLab,
        Platform::Aws,
        Platform::Gcp,
        Platform::Other,
    ];
    let events = |platform: &Platform| {
        let own = coverage.iter().filter(|table| of_table(&table.table) == *platform);
        // A table without an event in the range still says whose org it is.
        (own.clone().map(|table| table.events).sum::<u64>(), own.count())
    };
    let best = platforms.into_iter().rev().max_by_key(events);
    best.filter(|platform| events(platform).1 > 0)
        .unwrap_or(Platform::Other)
}

/// Returns whether a Salesforce org has only logs of logins and set-up changes: they do not show what was read.
pub(crate) fn shows_logins_only(coverage: &[&TableCoverage]) -> bool {
    let with_events: Vec<&str> = coverage
        .iter()
        .filter(|table| table.events > 0 && of_table(&table.table) == Platform::Salesforce)
        .map(|table| table.table.split_once('.').map_or("", |(_, name)| name))
        .collect();
    let is_login = |name: &&str| {
        let name = name
            .strip_suffix("EventLog")
            .or_else(|| name.strip_suffix("Stream"))
            .unwrap_or(name);
        matches!(
            name,
            "LoginHistory"
                | "LoginEvent"
                | "Login"
                | "LogoutEvent"
                | "Logout"
                | "LoginAs"
                | "LoginAsEvent"
                | "LoginGeo"
                | "LoginIp"
                | "SetupAuditTrail"
                | "AuthSession"
                | "OauthToken"
                | "ConnectedApplication"
                | "UserLogin"
                | "VerificationHistory"
                | "IdpEventLog"
                | "EventLogFile"
        )
    };
    !with_events.is_empty() && with_events.iter().all(is_login)
}
