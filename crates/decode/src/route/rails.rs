//! Telling GitLab's JSON logs apart. They carry no name of their own: each is known by the keys that only it has
//! (GitLab documentation, "Log system").

use crate::json_text::Member;
use crate::route::text_of;

/// Returns the event type (catalogue) of a log row, or `None` where it is no GitLab log.
pub(super) fn event_type(members: &[Member<'_>], file: &str) -> Option<&'static str> {
    let has = |key: &str| members.iter().any(|(name, _)| name == key);
    let starts = |prefix: &str| members.iter().any(|(name, _)| name.starts_with(prefix));
    if let Some(name) = text_of(members, "subcomponent").and_then(|name| known_name(&name)) {
        return Some(name);
    }
    if !has("time") && !has("severity") && !has("level") {
        return None;
    }
    let is_message = |text: &str| text_of(members, "message").is_some_and(|message| message == text);
    if is_message("Rack_Attack") || has("env") && has("request_method") && has("remote_ip") {
        return Some("auth_json");
    }
    if starts("query_analysis") || has("operation_fingerprint") || has("graphql_errors") {
        return Some("graphql_json");
    }
    if has("hook_id") {
        return Some("web_hooks");
    }
    if has("jid") && (has("queue") || has("job_status")) {
        return Some("sidekiq");
    }
    if has("controller") && has("action") {
        return Some("production_json");
    }
    let is_api_path = text_of(members, "path").is_some_and(|path| path.starts_with("/api/"));
    if has("route") && has("status") || is_api_path && has("remote_ip") {
        return Some("api_json");
    }
    if starts("grpc.") {
        return Some("gitaly");
    }
    if has("gl_project_path") || has("gl_key_id") || has("git_protocol") || has("msg") && has("level") && has("time") {
        return Some("gitlab-shell");
    }
    if has("exception.class") && (starts("extra.") || starts("tags.")) {
        return Some("exceptions_json");
    }
    if has("severity") && has("key") && has("action") {
        return Some("features_json");
    }
    if has("integration_class") || has("service_class") {
        return Some("integrations_json");
    }
    let is_log_row = has("severity") && has("time");
    is_log_row.then(|| named_by_file(file).unwrap_or(if has("message") { "application_json" } else { "other" }))
}

/// Logs that only their file's name tells apart.
fn named_by_file(file: &str) -> Option<&'static str> {
    let base = file.rsplit(['/', '\\', '!']).next().unwrap_or(file);
    known_name(base.split('.').next().unwrap_or(base))
}

fn known_name(name: &str) -> Option<&'static str> {
    use sekisho_event::catalogue::Catalogue;
    use sekisho_event::kind::SourceKind;
    let table = Catalogue::builtin().table_of_event_type(SourceKind::GitlabApiLog, name)?;
    Some(table.event_type.as_str())
}
