//! Logs that record the same events. What one of them says is never added to what another says.

/// A group of tables of which several may record one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// Calls of the Salesforce APIs, and what they download: a file or a bulk result is fetched by a call.
    ApiCalls,
    /// Runs and exports of reports.
    Reports,
    /// Pages of records.
    Pages,
    /// List views.
    ListViews,
    /// Logins.
    Logins,
    /// Everything that the components of GitLab log of one request.
    GitLab,
    /// A log that nothing else repeats.
    Alone,
}

/// Returns the family of a table.
pub(crate) fn family(table: &str) -> Family {
    let (schema, name) = table.split_once('.').unwrap_or(("", table));
    match schema {
        "salesforce" => real_time(name),
        "salesforce_elf" => log_file(name),
        "salesforce_event_log" => log_file(name.strip_suffix("EventLog").unwrap_or(name)),
        // `job_trace` is what a job printed, not a request.
        "gitlab" if name != "job_trace" => Family::GitLab,
        _ => Family::Alone,
    }
}

fn real_time(name: &str) -> Family {
    let name = name
        .strip_suffix("Stream")
        .or_else(|| name.strip_suffix("Store"))
        .unwrap_or(name);
    match name {
        "ApiEvent" | "BulkApiResultEvent" | "FileEvent" => Family::ApiCalls,
        "ReportEvent" => Family::Reports,
        "LightningUriEvent" | "UriEvent" => Family::Pages,
        "ListViewEvent" => Family::ListViews,
        "LoginEvent" | "LoginHistory" => Family::Logins,
        _ => Family::Alone,
    }
}

fn log_file(name: &str) -> Family {
    match name {
        "API"
        | "SoapApi"
        | "RestApi"
        | "ApiTotalUsage"
        | "BulkApi"
        | "BulkApi2"
        | "BulkApiRequest"
        | "CompositeApi"
        | "CompositeApiSubrequest"
        | "UniqueQuery"
        | "ContentTransfer"
        | "DocumentAttachmentDownloads"
        | "ContentDistribution"
        | "ApexRestApi"
        | "ApexSoap" => Family::ApiCalls,
        "Report" | "ReportExport" | "AsyncReportRun" | "MultiBlockReport" => Family::Reports,
        "LightningPageView" | "LightningInteraction" | "LightningPerformance" | "URI" | "Uri" | "AuraRequest" => {
            Family::Pages
        }
        "Login" => Family::Logins,
        _ => Family::Alone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_of_the_same_calls_are_one_family_in_every_spelling() {
        for table in [
            "salesforce.ApiEvent",
            "salesforce.ApiEventStream",
            "salesforce_elf.API",
            "salesforce_elf.RestApi",
            "salesforce_elf.ApiTotalUsage",
            "salesforce_elf.BulkApi2",
            "salesforce_event_log.RestApiEventLog",
            "salesforce_event_log.SoapApiEventLog",
        ] {
            assert_eq!(family(table), Family::ApiCalls, "{table}");
        }
        assert_eq!(family("salesforce.BulkApiResultEventStore"), Family::ApiCalls);
        assert_eq!(family("gitlab.workhorse_log"), family("gitlab.audit_events"));
        assert_eq!(family("aws.cloudtrail"), Family::Alone);
        assert_eq!(family("x"), Family::Alone);
    }
}
