//! Which events prove that content left, and which say how many rows were returned to a read.
//!
//! Reading is not taking: a query whose answer a person saw and a query whose answer was saved look the same. Only what is
//! listed here is called taken; one line for each log, with the reason.

use crate::row::Row;
use crate::sheet::TakenBy;

/// What an event proves to have left, if it proves it.
pub(crate) fn taken_by(row: &Row<'_>) -> Option<TakenBy> {
    if row.is_failure() {
        return None;
    }
    let (_, name) = row.table.split_once('.')?;
    match row.schema() {
        "salesforce" => real_time(name, row),
        "salesforce_elf" => log_file(name, row),
        "salesforce_event_log" => log_file(name.strip_suffix("EventLog").unwrap_or(name), row),
        "gitlab" => gitlab(name, row),
        "aws" => aws(row),
        "gcp" => gcp(row),
        _ => None,
    }
}

fn real_time(name: &str, row: &Row<'_>) -> Option<TakenBy> {
    match name
        .strip_suffix("Stream")
        .or_else(|| name.strip_suffix("Store"))
        .unwrap_or(name)
    {
        // Written when a result is downloaded, never when a job runs.
        "BulkApiResultEvent" => Some(TakenBy::BulkResultDownload),
        // `ReportExported`, `ReportExportedAsynchronously`, ...; runs and previews have other words.
        "ReportEvent" if row.action_lower().starts_with("reportexport") => Some(TakenBy::ReportExport),
        // `UI_DOWNLOAD`, `API_DOWNLOAD`; previews and uploads are written too.
        "FileEvent" if row.action_lower().contains("download") => Some(TakenBy::FileDownload),
        _ => None,
    }
}

fn log_file(name: &str, row: &Row<'_>) -> Option<TakenBy> {
    match name {
        // One row for each export.
        "ReportExport" => Some(TakenBy::ReportExport),
        // Rendered as CSV, Excel or a printable page; anything else was shown on the screen.
        "Report" if row.acts(&["C", "X", "P"]) => Some(TakenBy::ReportExport),
        // One row for each download of a dataset.
        "WaveDownload" | "AnalyticsDownload" => Some(TakenBy::ReportExport),
        // `VersionDownloadAction`, `VersionDownloadApi`; a rendition is a preview.
        "ContentTransfer" => {
            let action = row.action_lower();
            (action.contains("download") && !action.contains("rendition")).then_some(TakenBy::FileDownload)
        }
        // One row for each download of a classic attachment or document.
        "DocumentAttachmentDownloads" => Some(TakenBy::FileDownload),
        // Reading the address of a bulk result, or of a file's content, is the download of it.
        "RestApi" | "ApiTotalUsage" | "BulkApiRequest" | "BulkApi" | "BulkApi2" => downloaded_address(row),
        _ => None,
    }
}

fn downloaded_address(row: &Row<'_>) -> Option<TakenBy> {
    let reads = row.acts(&["GET", "query", "queryAll"]) || row.action.is_none();
    let path = row.path().to_ascii_lowercase();
    let is_bulk_two = path.contains("/jobs/query/") && path.trim_end_matches('/').ends_with("/results");
    let is_bulk_one = path.contains("/job/") && path.contains("/batch/") && path.contains("/result/");
    let is_content = path.contains("/sobjects/") && (path.ends_with("/versiondata") || path.ends_with("/body"));
    if !reads {
        None
    } else if is_bulk_one || is_bulk_two {
        Some(TakenBy::BulkResultDownload)
    } else {
        is_content.then_some(TakenBy::FileDownload)
    }
}

fn gitlab(name: &str, row: &Row<'_>) -> Option<TakenBy> {
    match name {
        "audit_events" => gitlab_audit(row),
        "api_log" => gitlab_api(row),
        // The controller's action of a fetch over HTTP, and of an archive download.
        "production_log" if row.acts(&["git_upload_pack"]) || row.path().contains("/-/archive/") => {
            Some(TakenBy::GitClone)
        }
        // The proxy in front of both.
        "workhorse_log" => is_repository_address(row.path()).then_some(TakenBy::GitClone),
        // A fetch over SSH; `git-receive-pack` is a push.
        "shell_log" if row.action_lower().contains("git-upload-pack") => Some(TakenBy::GitClone),
        // The storage's call behind each fetch; what only lists branches has other names.
        "gitaly_log" if row.action_lower().contains("uploadpack") => Some(TakenBy::GitClone),
        _ => None,
    }
}

fn gitlab_audit(row: &Row<'_>) -> Option<TakenBy> {
    match row.action.or(row.kind)? {
        // Fetches and pushes share the type; the message tells them apart.
        "repository_git_operation" => row
            .message
            .is_some_and(|message| message.contains("upload-pack"))
            .then_some(TakenBy::GitClone),
        // An archive, or an export, was handed out.
        "repository_download_operation"
        | "public_repository_download_operation"
        | "project_export_file_download_started"
        | "direct_transfer_relation_export_downloaded"
        | "direct_transfer_relation_export_batch_downloaded" => Some(TakenBy::GitClone),
        // The value was handed out, not only the name.
        "variable_viewed_api" | "secrets_manager_read_project_secret" => Some(TakenBy::VariableRead),
        "job_artifact_downloaded" => Some(TakenBy::FileDownload),
        _ => None,
    }
}

fn gitlab_api(row: &Row<'_>) -> Option<TakenBy> {
    if !row.acts(&["GET"]) {
        return None;
    }
    let path = row.path();
    let is_last = |word: &str| path.trim_end_matches('/').ends_with(word);
    if is_repository_address(path) || is_last("/export/download") {
        return Some(TakenBy::GitClone);
    }
    // The API answers with values, masked ones included.
    if is_last("/variables") || path.contains("/variables/") {
        return Some(TakenBy::VariableRead);
    }
    let is_file = path.contains("/repository/files/") || path.contains("/repository/blobs/");
    // The list of a project's jobs has no slash behind `artifacts`; either form under a job is a download.
    let is_artifact = path.contains("/jobs/") && path.contains("/artifacts");
    (is_file || is_artifact).then_some(TakenBy::FileDownload)
}

fn is_repository_address(path: &str) -> bool {
    path.ends_with("/git-upload-pack") || path.contains("/repository/archive") || path.contains("/-/archive/")
}

fn aws(row: &Row<'_>) -> Option<TakenBy> {
    match row.action? {
        // Data events: written only where a trail records them.
        "GetObject" | "SelectObjectContent" => Some(TakenBy::ObjectDownload),
        "GetSecretValue" | "BatchGetSecretValue" | "GetParameter" | "GetParameters" | "GetParametersByPath" => {
            Some(TakenBy::VariableRead)
        }
        _ => None,
    }
}

fn gcp(row: &Row<'_>) -> Option<TakenBy> {
    let action = row.action?;
    if action.ends_with("storage.objects.get") {
        return Some(TakenBy::ObjectDownload);
    }
    action.ends_with("AccessSecretVersion").then_some(TakenBy::VariableRead)
}

/// Returns how many rows a log says were returned to a read; `None` for writes, failures and logs that count something else.
pub(crate) fn returned_rows(row: &Row<'_>) -> Option<u64> {
    let rows = row.rows.filter(|rows| *rows > 0 && !row.is_failure())?;
    let (schema, name) = row.table.split_once('.')?;
    let name = match schema {
        "salesforce" => name
            .strip_suffix("Stream")
            .or_else(|| name.strip_suffix("Store"))
            .unwrap_or(name),
        "salesforce_event_log" => name.strip_suffix("EventLog").unwrap_or(name),
        "salesforce_elf" => name,
        _ => return None,
    };
    let counts = match name {
        // Reads only, by the platform's design; list views and reports likewise.
        "ApiEvent" | "ListViewEvent" | "ReportEvent" | "Report" | "AsyncReportRun" | "WaveDownload"
        | "AnalyticsDownload" => true,
        "RestApi" => row.acts(&["GET"]),
        // SOAP calls by name; `create`, `update` and their kind count rows written.
        "API" | "SoapApi" => row.acts(&["query", "queryAll", "queryMore", "retrieve", "search", "getUpdated"]),
        "BulkApi" | "BulkApi2" => row.acts(&["query", "queryAll"]),
        _ => false,
    };
    counts.then_some(rows)
}

/// Returns the job that a row reports on, where a log writes one row for each step of a job and each counts all rows.
pub(crate) fn job<'a>(row: &Row<'a>) -> Option<&'a str> {
    let is_stepwise = matches!(
        row.table,
        "salesforce_elf.BulkApi2" | "salesforce_event_log.BulkApi2EventLog"
    );
    row.record_id.filter(|_| is_stepwise)
}

/// Returns whether the row says that a bulk query came to its end: its result lies there to be downloaded.
pub(crate) fn is_finished_bulk_query(row: &Row<'_>) -> bool {
    let is_bulk = row.table.contains(".BulkApi2");
    let state = row.message.unwrap_or_default().to_ascii_lowercase();
    is_bulk && row.acts(&["query", "queryAll"]) && state.contains("complete")
}

/// Returns whether the row says that a bulk job was deleted, and its result with it.
pub(crate) fn is_deleted_bulk_job(row: &Row<'_>) -> bool {
    row.table.contains(".BulkApi2")
        && row
            .message
            .is_some_and(|state| state.to_ascii_lowercase().contains("deleted"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(table: &'a str, action: &'a str) -> Row<'a> {
        Row {
            table,
            action: (!action.is_empty()).then_some(action),
            ..Row::default()
        }
    }

    fn path<'a>(table: &'a str, action: &'a str, query: &'a str) -> Row<'a> {
        Row {
            query: Some(query),
            ..row(table, action)
        }
    }

    #[test]
    fn only_what_a_log_proves_is_taken() {
        use TakenBy::{BulkResultDownload, FileDownload, GitClone, ObjectDownload, ReportExport, VariableRead};
        let proven = [
            (row("salesforce.BulkApiResultEvent", ""), BulkResultDownload),
            (row("salesforce.BulkApiResultEventStore", ""), BulkResultDownload),
            (row("salesforce.ReportEvent", "ReportExported"), ReportExport),
            (
                row("salesforce.ReportEventStream", "ReportExportedUsingExcelConnector"),
                ReportExport,
            ),
            (row("salesforce_elf.ReportExport", ""), ReportExport),
            (row("salesforce_elf.Report", "X"), ReportExport),
            (
                row("salesforce_elf.ContentTransfer", "VersionDownloadApi"),
                FileDownload,
            ),
            (row("salesforce.FileEventStore", "API_DOWNLOAD"), FileDownload),
            (row("salesforce_elf.DocumentAttachmentDownloads", ""), FileDownload),
            (
                path(
                    "salesforce_elf.RestApi",
                    "GET",
                    "/services/data/v65.0/jobs/query/750x/results?maxRecords=9",
                ),
                BulkResultDownload,
            ),
            (
                path(
                    "salesforce_elf.ApiTotalUsage",
                    "GET",
                    "/services/data/v65.0/jobs/query/750x/results",
                ),
                BulkResultDownload,
            ),
            (
                path(
                    "salesforce_elf.BulkApiRequest",
                    "",
                    "/services/async/65.0/job/750x/batch/751x/result/752x",
                ),
                BulkResultDownload,
            ),
            (
                path(
                    "salesforce_elf.RestApi",
                    "GET",
                    "/services/data/v65.0/sobjects/ContentVersion/068x/VersionData",
                ),
                FileDownload,
            ),
            (row("gitlab.audit_events", "variable_viewed_api"), VariableRead),
            (row("gitlab.audit_events", "repository_download_operation"), GitClone),
            (
                path("gitlab.api_log", "GET", "/api/v4/projects/7/repository/archive.tar.gz"),
                GitClone,
            ),
            (
                path("gitlab.api_log", "GET", "/api/v4/projects/7/variables"),
                VariableRead,
            ),
            (
                path("gitlab.api_log", "GET", "/api/v4/projects/7/jobs/9/artifacts"),
                FileDownload,
            ),
            (
                path("gitlab.workhorse_log", "POST", "/group/project.git/git-upload-pack"),
                GitClone,
            ),
            (row("gitlab.production_log", "git_upload_pack"), GitClone),
            (row("gitlab.shell_log", "git-upload-pack"), GitClone),
            (row("aws.cloudtrail", "GetObject"), ObjectDownload),
            (row("aws.cloudtrail", "GetSecretValue"), VariableRead),
            (
                row(
                    "gcp.audit",
                    "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion",
                ),
                VariableRead,
            ),
        ];
        for (event, way) in proven {
            assert_eq!(taken_by(&event), Some(way), "{event:?}");
            let failed = Row {
                outcome: Some("failure"),
                ..event
            };
            assert_eq!(taken_by(&failed), None, "{failed:?}");
        }
    }

    #[test]
    fn reading_running_previewing_and_writing_are_not_taking() {
        let harmless = [
            row("salesforce.ApiEvent", "Query"),
            row("salesforce.ReportEvent", "ReportRunFromLightning"),
            row("salesforce_elf.Report", "W"),
            row("salesforce_elf.Report", ""),
            row("salesforce_elf.ContentTransfer", "VersionRenditionDownload"),
            row("salesforce_elf.ContentTransfer", "ChatterUpload"),
            row("salesforce.FileEvent", "PREVIEW"),
            row("salesforce_elf.BulkApi2", "query"),
            path("salesforce_elf.RestApi", "GET", "/services/data/v65.0/jobs/query/750x"),
            path(
                "salesforce_elf.RestApi",
                "DELETE",
                "/services/data/v65.0/jobs/query/750x/results",
            ),
            path(
                "salesforce_elf.RestApi",
                "GET",
                "/services/data/v65.0/query?q=/jobs/query/results",
            ),
            path("gitlab.api_log", "PUT", "/api/v4/projects/7/variables/KEY"),
            path("gitlab.api_log", "GET", "/api/v4/projects/7/issues"),
            row("gitlab.audit_events", "repository_git_operation"),
            row("gitlab.shell_log", "git-receive-pack"),
            row("gitlab.job_trace", "git_upload_pack"),
            row("aws.cloudtrail", "PutObject"),
            row("unknown", "GetObject"),
        ];
        for event in harmless {
            assert_eq!(taken_by(&event), None, "{event:?}");
        }
    }

    #[test]
    fn a_push_is_no_clone() {
        let of = |message| Row {
            message: Some(message),
            ..row("gitlab.audit_events", "repository_git_operation")
        };
        let fetch = of(r#"{"protocol":"ssh","action":"git-upload-pack"}"#);
        assert_eq!(taken_by(&fetch), Some(TakenBy::GitClone));
        assert_eq!(taken_by(&of(r#"{"protocol":"ssh","action":"git-receive-pack"}"#)), None);
    }

    #[test]
    fn only_rows_of_reads_count_as_returned() {
        let of = |table, action| {
            returned_rows(&Row {
                rows: Some(5),
                ..row(table, action)
            })
        };
        assert_eq!(of("salesforce.ApiEvent", "Query"), Some(5));
        assert_eq!(of("salesforce_elf.RestApi", "GET"), Some(5));
        assert_eq!(of("salesforce_elf.API", "queryMore"), Some(5));
        assert_eq!(of("salesforce_elf.BulkApi2", "query"), Some(5));
        for (table, action) in [
            ("salesforce_elf.RestApi", "POST"),
            ("salesforce_elf.API", "update"),
            ("salesforce_elf.BulkApi2", "insert"),
            ("salesforce_elf.DatabaseSave", "Update"),
            ("gcp.audit", "x"),
        ] {
            assert_eq!(of(table, action), None, "{table} {action}");
        }
    }
}
