//! The kinds of input that `--as` names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of input, as `--as` spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// `EventLogFile` contents: CSV, rows as JSON, or records with Base64 `LogFile`.
    SalesforceElf,
    /// Real-Time Event Monitoring objects: Data Loader CSV, REST JSON, NDJSON, streaming envelopes.
    SalesforceRtem,
    /// `LoginHistory` records.
    SalesforceLoginHistory,
    /// `SetupAuditTrail` records.
    SalesforceSetupAuditTrail,
    /// `XHistory`, `X__History` and `FieldHistoryArchive` records.
    SalesforceFieldHistory,
    /// Event Log Objects: the SOQL twins of EventLogFile types.
    SalesforceEventLogObject,
    /// GitLab audit events: streamed, from REST, or `audit_json.log`.
    GitlabAudit,
    /// GitLab Rails JSON logs: API, production, auth and the others.
    GitlabApiLog,
    /// The text trace of a CI job.
    GitlabJobTrace,
    /// AWS CloudTrail records.
    AwsCloudtrail,
    /// Google Cloud audit logs.
    GcpAudit,
    /// One JSON object a line.
    Json,
}

impl SourceKind {
    /// Every kind, in the order of the contract.
    pub const ALL: [Self; 12] = [
        Self::SalesforceElf,
        Self::SalesforceRtem,
        Self::SalesforceLoginHistory,
        Self::SalesforceSetupAuditTrail,
        Self::SalesforceFieldHistory,
        Self::SalesforceEventLogObject,
        Self::GitlabAudit,
        Self::GitlabApiLog,
        Self::GitlabJobTrace,
        Self::AwsCloudtrail,
        Self::GcpAudit,
        Self::Json,
    ];

    /// Returns the kind's name as `--as` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SalesforceElf => "salesforce-elf",
            Self::SalesforceRtem => "salesforce-rtem",
            Self::SalesforceLoginHistory => "salesforce-login-history",
            Self::SalesforceSetupAuditTrail => "salesforce-setup-audit-trail",
            Self::SalesforceFieldHistory => "salesforce-field-history",
            Self::SalesforceEventLogObject => "salesforce-event-log-object",
            Self::GitlabAudit => "gitlab-audit",
            Self::GitlabApiLog => "gitlab-api-log",
            Self::GitlabJobTrace => "gitlab-job-trace",
            Self::AwsCloudtrail => "aws-cloudtrail",
            Self::GcpAudit => "gcp-audit",
            Self::Json => "json",
        }
    }

    /// Returns true where the platform cannot tell an empty cell from an absent one, so that the same row from CSV and
    /// from JSON is one event.
    #[must_use]
    pub fn blank_is_absent(self) -> bool {
        matches!(
            self,
            Self::SalesforceElf
                | Self::SalesforceRtem
                | Self::SalesforceLoginHistory
                | Self::SalesforceSetupAuditTrail
                | Self::SalesforceFieldHistory
                | Self::SalesforceEventLogObject
        )
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A kind that `--as` does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind `{0}`; kinds: {known}", known = SourceKind::ALL.map(SourceKind::name).join(", "))]
pub struct UnknownKind(pub String);

impl FromStr for SourceKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_serialises_as_it_is_printed() {
        for kind in SourceKind::ALL {
            assert_eq!(kind.name().parse::<SourceKind>().unwrap(), kind);
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        assert!(
            "salesforce"
                .parse::<SourceKind>()
                .unwrap_err()
                .to_string()
                .contains("gitlab-job-trace")
        );
    }
}
