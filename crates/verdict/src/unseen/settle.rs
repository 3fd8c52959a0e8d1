//! Which log would settle a question, by the table and the reason.

use sekisho_event::time::Micros;
use sekisho_hunt::{BlindReason, Kind, TableCoverage};

use crate::platform::{Platform, of_table};
use crate::sheet::Settle;
use crate::words::{day, text};

/// A log that would settle a question, and the tables that it would come as.
#[derive(Debug, Clone)]
pub(super) struct Source {
    settle: Settle,
    /// Names of tables; any of them in the data is the log itself. None where only other files of the same log help.
    tables: &'static [&'static str],
}

impl Source {
    /// Returns what settles the question, and whether it is in the data already.
    pub(super) fn settle(self, coverage: &[&TableCoverage]) -> (Settle, bool) {
        if !self.is_in(coverage) {
            return (self.settle, false);
        }
        let text = text(
            "It is in the data: compare by session, user and time.",
            "データに含まれています。セッション、ユーザー、時刻で照合してください。",
        );
        (
            Settle {
                log: self.settle.log,
                text,
            },
            true,
        )
    }

    /// Returns whether the log is in the data.
    pub(super) fn is_in(&self, coverage: &[&TableCoverage]) -> bool {
        let is_one = |table: &&TableCoverage| table.events > 0 && self.tables.contains(&base_name(&table.table));
        coverage.iter().copied().any(|table| is_one(&table))
    }

    /// Says as which tables the log would be in the data.
    fn held_by(self, tables: &'static [&'static str]) -> Self {
        Self { tables, ..self }
    }
}

/// Returns the days that a hole touches.
fn days(from_us: Micros, to_us: Micros) -> String {
    let (first, last) = (day(from_us), day(to_us.saturating_sub(1).max(from_us)));
    if first == last {
        first
    } else {
        format!("{first} .. {last}")
    }
}

/// Returns a table's name without its schema, and without what says how it was delivered.
fn base_name(table: &str) -> &str {
    let name = table.split_once('.').map_or(table, |(_, name)| name);
    ["EventLog", "Stream", "Store"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

fn log(log: impl Into<String>, en: impl Into<String>, ja: impl Into<String>) -> Source {
    Source {
        settle: Settle {
            log: log.into(),
            text: text(en, ja),
        },
        tables: &[],
    }
}

/// Returns what fills a hole of a table.
pub(super) fn gap(table: &str, from_us: Micros, to_us: Micros) -> Option<Source> {
    let (schema, name) = table.split_once('.')?;
    let date = days(from_us, to_us);
    match (schema, name) {
        ("salesforce_elf", _) => Some(log(
            format!("EventLogFile {name} {date}"),
            format!(
                "Fetch the daily EventLogFile of {date} (EventType {name}, Interval Daily): it has what hourly files lack. Salesforce keeps it 30 days by default."
            ),
            format!(
                "{date} の日次 EventLogFile（EventType {name}、Interval Daily）を取得してください。時間別ファイルの抜けも含みます。既定の保存期間は 30 日です。"
            ),
        )),
        ("salesforce_event_log", _) => Some(log(
            format!("EventLogFile {date}"),
            format!("Fetch the EventLogFile of the same type of {date}; Salesforce keeps it 30 days by default."),
            format!("同じ種類の {date} の EventLogFile を取得してください。既定の保存期間は 30 日です。"),
        )),
        ("salesforce", "LoginHistory" | "SetupAuditTrail") => Some(log(
            name,
            format!("Export {name} again from Setup; it reaches back 6 months."),
            format!("「設定」から {name} をもう一度エクスポートしてください。6 か月前まで遡れます。"),
        )),
        ("salesforce", _) => Some(log(
            format!("EventLogFile {}", twin(name)),
            format!(
                "Export {name} again for these hours (stored 6 months), or fetch the daily EventLogFile {} of {date}.",
                twin(name)
            ),
            format!(
                "この時間帯の {name} をもう一度エクスポートするか（保存期間 6 か月）、{date} の日次 EventLogFile {} を取得してください。",
                twin(name)
            ),
        )),
        ("gitlab", "audit_events") => Some(log(
            "GitLab audit events",
            "Fetch the audit events of these hours by REST, or audit_json.log of every node.",
            "この時間帯の監査イベントを REST で取得するか、全ノードの audit_json.log を集めてください。",
        )),
        ("gitlab", _) => Some(log(
            file_of(name),
            format!(
                "Collect {} of every node, rotated files too: GitLab keeps them 30 days by default.",
                file_of(name)
            ),
            format!(
                "全ノードの {} を、ローテート済みのものも含めて集めてください。既定の保存期間は 30 日です。",
                file_of(name)
            ),
        )),
        ("aws", _) => Some(log(
            "CloudTrail",
            "Fetch the trail's files of these hours from its bucket; the console's event history reaches back 90 days.",
            "この時間帯の証跡ファイルをバケットから取得してください。コンソールのイベント履歴は 90 日前まで遡れます。",
        )),
        ("gcp", _) => Some(log(
            "Cloud Audit Logs",
            "Export the audit logs of these hours; data access logs are kept 30 days by default.",
            "この時間帯の監査ログをエクスポートしてください。データアクセスログの既定の保存期間は 30 日です。",
        )),
        _ => None,
    }
}

/// Returns what shows indicators of these kinds, where no log at hand does.
pub(super) fn not_shown_kinds(platform: Platform, kinds: &[Kind]) -> Option<Source> {
    let is_agent = |kind: &Kind| matches!(kind, Kind::UserAgent | Kind::UserAgentAllOf);
    if platform != Platform::Salesforce || !kinds.iter().any(is_agent) {
        return not_shown(platform);
    }
    let user_agents = log(
        "EventLogFile Login, RestApi, API",
        "User agents stand in EventLogFile Login, RestApi and API, and with Shield in LoginEvent and ApiEvent. The login history has a browser's name alone, ApiTotalUsage neither.",
        "ユーザーエージェントは EventLogFile の Login、RestApi、API、Shield があれば LoginEvent と ApiEvent に記録されます。ログイン履歴はブラウザー名だけで、ApiTotalUsage にはどちらもありません。",
    );
    Some(user_agents.held_by(&["RestApi", "API", "Login", "LoginEvent", "ApiEvent"]))
}

/// Returns what shows who called from where.
pub(super) fn not_shown(platform: Platform) -> Option<Source> {
    match platform {
        Platform::Salesforce => Some(log(
            "EventLogFile ApiTotalUsage",
            "Fetch EventLogFile ApiTotalUsage: every org has it, without Shield for one day. For earlier days ask Salesforce Support for the logs of the application; with Shield export ApiEvent.",
            "EventLogFile ApiTotalUsage を取得してください。どの組織にもあります（Shield なしでは 1 日分）。それ以前は、該当アプリケーションのログを Salesforce サポートに依頼してください。Shield があれば ApiEvent をエクスポートできます。",
        ).held_by(&["ApiTotalUsage", "RestApi", "ApiEvent", "API"])),
        Platform::GitLab => Some(log(
            "api_json.log",
            "Collect api_json.log and production_json.log of every node: they name token, address and user agent.",
            "全ノードの api_json.log と production_json.log を集めてください。トークン、アドレス、ユーザーエージェントが分かります。",
        ).held_by(&["api_log"])),
        Platform::Aws => Some(log(
            "CloudTrail",
            "Fetch CloudTrail of every region; it names access key, address and user agent.",
            "全リージョンの CloudTrail を取得してください。アクセスキー、アドレス、ユーザーエージェントが分かります。",
        )),
        Platform::Gcp => Some(log(
            "Cloud Audit Logs",
            "Export the admin activity and data access logs of every project.",
            "全プロジェクトの管理アクティビティログとデータアクセスログをエクスポートしてください。",
        )),
        Platform::Other => None,
    }
}

/// Returns what shows what rows of a table do not.
pub(super) fn blind(table: &str, reason: BlindReason) -> Option<Source> {
    match (of_table(table), reason) {
        (Platform::GitLab, BlindReason::StreamedOnlyTypes) => Some(log(
            "GitLab audit event streaming",
            "For the past, collect api_json.log, production_json.log and gitlab-shell.log of every node; from now on, stream audit events.",
            "過去分は全ノードの api_json.log、production_json.log、gitlab-shell.log を集めてください。今後は監査イベントのストリーミングを設定してください。",
        )),
        _ if table.starts_with("salesforce.ApiEvent") => Some(without_client()),
        (Platform::Salesforce, _) if table.contains(".Login") => Some(log(
            "LoginEvent",
            "Export LoginEvent or EventLogFile Login: they have more columns of the same logins.",
            "LoginEvent または EventLogFile Login を取得してください。同じログインの記録で、列が多くあります。",
        )),
        (Platform::Salesforce, _) => Some(log(
            "EventLogFile RestApi",
            "Fetch EventLogFile RestApi and ApiTotalUsage of the same days: they name client, address and user agent.",
            "同じ日の EventLogFile RestApi と ApiTotalUsage を取得してください。クライアント、アドレス、ユーザーエージェントが分かります。",
        )),
        (Platform::Aws, _) => Some(log(
            "CloudTrail",
            "Look at the events of the calling service: rows that a service wrote name it instead of an address.",
            "呼び出し元サービスのイベントを確認してください。サービスが書いた行には、アドレスの代わりにサービス名が入ります。",
        )),
        _ => None,
    }
}

/// Returns what names the application or address that rows of a table lack.
pub(super) fn without_app(table: &str) -> Option<Source> {
    match of_table(table) {
        Platform::Salesforce => Some(without_client()),
        platform => not_shown(platform),
    }
}

fn without_client() -> Source {
    log(
        "EventLogFile BulkApi2, LoginEvent",
        "Fetch EventLogFile BulkApi2 for the jobs, and LoginEvent: the row with the same LoginKey names application and address.",
        "ジョブは EventLogFile BulkApi2 で、アプリケーションとアドレスは同じ LoginKey を持つ LoginEvent の行で確認できます。",
    ).held_by(&["BulkApi2"])
}

/// Returns what records what a table does not by design.
pub(super) fn not_recorded(table: &str, what: &str) -> Option<Source> {
    match what {
        "writes" => Some(
            log(
                "EventLogFile RestApi, DatabaseSave",
                "Calls that write are in EventLogFile RestApi, API and DatabaseSave.",
                "書き込みの呼び出しは EventLogFile の RestApi、API、DatabaseSave にあります。",
            )
            .held_by(&["RestApi", "DatabaseSave"]),
        ),
        "formatted_exports" => Some(
            log(
                "ReportEvent",
                "ReportEvent and EventLogFile Report have every export.",
                "すべてのエクスポートは ReportEvent と EventLogFile Report にあります。",
            )
            .held_by(&["ReportEvent", "Report"]),
        ),
        "data_access" | "token_refresh" if of_table(table) == Platform::Salesforce => not_shown(Platform::Salesforce),
        "data_events" => Some(log(
            "CloudTrail data events",
            "Data events of buckets and functions, where a trail records them; else the bucket's own access log.",
            "証跡が記録していれば、バケットと関数のデータイベント。なければバケットのアクセスログを確認してください。",
        )),
        "token" if of_table(table) == Platform::GitLab => not_shown(Platform::GitLab),
        "data_access" => Some(log(
            "Data access audit logs",
            "Data access audit logs, where they were switched on.",
            "有効にしていれば、データアクセス監査ログを確認してください。",
        )),
        _ => None,
    }
}

/// Returns what shows the calls of these days.
pub(super) fn calls(from: &str, to: &str) -> Source {
    log(
        format!("EventLogFile ApiTotalUsage {from} .. {to}"),
        "Every org gets the last day of it for nothing. For the days before it ask Salesforce Support, or use Event Monitoring, which keeps 30 days and more.",
        "どの組織でも直近 1 日分は無償で取得できます。それ以前は Salesforce サポートに依頼するか、30 日以上保存されるイベントモニタリングを使ってください。",
    )
}

/// Returns what shows whether a bulk result was downloaded.
pub(super) fn bulk_results() -> Source {
    log(
        "BulkApiResultEventStore",
        "Export BulkApiResultEventStore, or fetch EventLogFile ApiTotalUsage: a read of a job's results is the download.",
        "BulkApiResultEventStore をエクスポートするか、EventLogFile ApiTotalUsage を取得してください。ジョブの results の読み取りがダウンロードです。",
    ).held_by(&["BulkApiResultEvent"])
}

/// Returns what ties file downloads to sessions.
pub(super) fn files() -> Source {
    log(
        "FileEventStore",
        "Export FileEventStore, which has the session key; or compare users and times of ContentTransfer by hand.",
        "セッションキーを持つ FileEventStore をエクスポートするか、ContentTransfer のユーザーと時刻を照合してください。",
    ).held_by(&["FileEvent"])
}

/// Returns what mends rows and files that could not be read.
pub(super) fn unread() -> Source {
    log(
        "sekisho.quarantine",
        "Look at what was rejected, then fetch or export those files again.",
        "受け付けられなかった行を確認し、そのファイルを取得し直してください。",
    )
}

/// The EventLogFile type that records what a real-time event does.
fn twin(name: &str) -> &'static str {
    let name = name
        .strip_suffix("Stream")
        .or_else(|| name.strip_suffix("Store"))
        .unwrap_or(name);
    match name {
        "ApiEvent" => "RestApi",
        "ReportEvent" => "Report",
        "LightningUriEvent" => "LightningPageView",
        "UriEvent" => "URI",
        "LoginEvent" => "Login",
        "LoginAsEvent" => "LoginAs",
        "LogoutEvent" => "Logout",
        "BulkApiResultEvent" => "BulkApi2",
        "FileEvent" => "ContentTransfer",
        _ => "ApiTotalUsage",
    }
}

/// The file that a GitLab table is read from.
fn file_of(name: &str) -> &'static str {
    match name {
        "api_log" => "api_json.log",
        "production_log" => "production_json.log",
        "auth_log" => "auth_json.log",
        "application_log" => "application_json.log",
        "shell_log" => "gitlab-shell.log",
        "graphql_log" => "graphql_json.log",
        "workhorse_log" => "gitlab-workhorse",
        "gitaly_log" => "gitaly",
        "sidekiq_log" => "sidekiq.log",
        _ => "GitLab logs",
    }
}
