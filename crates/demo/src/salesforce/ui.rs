//! People's work in the browser: pages, lists, reports, files.

use super::api::prefix_of;
use super::tables::{
    CONTENT_TRANSFER, FILE_EVENT, LIGHTNING_URI_EVENT, LIST_VIEW_EVENT, PAGE_VIEW, REPORT, REPORT_EVENT, REPORT_EXPORT,
    URI,
};
use super::{Scribe, Session, Shape};
use crate::clock::{Ms, iso};
use crate::ids::{id15, id18};
use crate::rows::Cell::{Empty, Flag, Int, Text};

/// How many records an org has of each object that people open.
const RECORDS: i64 = 60_000;

/// A page that somebody opens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) entity: &'a str,
    /// Shows one record; a list otherwise.
    pub(crate) is_record: bool,
}

/// A report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report<'a> {
    pub(crate) number: i64,
    pub(crate) name: &'a str,
    pub(crate) entity: &'a str,
    pub(crate) columns: &'a str,
    pub(crate) rows: i64,
}

impl Scribe<'_> {
    /// Returns the id of some record, 15 characters.
    pub(crate) fn some_record(&mut self, entity: &str) -> String {
        let number = self.random.between(1, RECORDS);
        id15(prefix_of(entity), self.org.instance, number)
    }

    /// Opens a page; real-time events have those of records.
    pub(crate) fn open_page(&mut self, at: Ms, session: &Session<'_>, page: Page<'_>) {
        let record = page.is_record.then(|| self.some_record(page.entity));
        let url = match &record {
            Some(record) => format!("/lightning/r/{}/{}/view", page.entity, id18(record)),
            None => format!("/lightning/o/{}/list?filterName=Recent", page.entity),
        };
        self.page_view(at, session, page, record.as_deref(), &url);
        match &record {
            Some(record) => {
                self.uri_event(at, session, page.entity, record, "Read", None);
            }
            None => self.list_view_event(at, session, page.entity),
        }
    }

    /// Edits a record: two events, the second of which names the first, unless the user gives up.
    pub(crate) fn edit_record(&mut self, at: Ms, session: &Session<'_>, entity: &str) {
        let record = self.some_record(entity);
        let url = format!("/lightning/r/{entity}/{}/edit", id18(&record));
        let page = Page {
            entity,
            is_record: true,
        };
        self.page_view(at, session, page, Some(&record), &url);
        let start = self.uri_event(at, session, entity, &record, "Update", None);
        if !self.random.chance(60) {
            let saved = at + self.random.between(8_000, 240_000);
            self.uri_event(saved, session, entity, &record, "Update", Some(&start));
        }
    }

    pub(crate) fn run_report(&mut self, at: Ms, session: &Session<'_>, report: Report<'_>) {
        self.report_rows(at, session, report, "ReportRun", "W");
    }

    pub(crate) fn export_report(&mut self, at: Ms, session: &Session<'_>, report: Report<'_>) {
        self.report_rows(at, session, report, "ReportExported", "C");
        let run_ms = 200 + report.rows / 20;
        let report_id = id15("00O", self.org.instance, report.number);
        let uri = format!("/{report_id}?export=1&enc=UTF-8&xf=csv");
        let uri_id = id18(&report_id);
        self.elf(
            &REPORT_EXPORT,
            at,
            Shape::Session,
            session,
            &[
                ("RUN_TIME", Int(run_ms)),
                ("CPU_TIME", Int(run_ms / 3)),
                ("URI", Text(&uri)),
                ("URI_ID_DERIVED", Text(&uri_id)),
                ("REPORT_DESCRIPTION", Text(report.name)),
                ("CLIENT_INFO", Text(session.user_agent)),
            ],
        );
    }

    /// Downloads, uploads or looks at a file.
    pub(crate) fn transfer_file(&mut self, at: Ms, session: &Session<'_>, action: &str, file_type: &str, bytes: i64) {
        let number = self.random.between(1, 9_000);
        let document = id15("069", self.org.instance, number);
        let version = id15("068", self.org.instance, number);
        let (document_18, version_18) = (id18(&document), id18(&version));
        self.elf(
            &CONTENT_TRANSFER,
            at,
            Shape::Bare,
            session,
            &[
                ("TRANSACTION_TYPE", Text(action)),
                ("DOCUMENT_ID", Text(&document)),
                ("VERSION_ID", Text(&version)),
                ("FILE_TYPE", Text(file_type)),
                ("FILE_PREVIEW_TYPE", Empty),
                ("SIZE_BYTES", Int(bytes)),
                ("DOCUMENT_ID_DERIVED", Text(&document_18)),
                ("VERSION_ID_DERIVED", Text(&version_18)),
            ],
        );
        let name = format!("attachment-{number}.{}", file_type.to_ascii_lowercase());
        self.rtem(
            &FILE_EVENT,
            at,
            session,
            &[
                ("FileAction", Text(action)),
                ("FileName", Text(&name)),
                ("FileType", Text(file_type)),
                ("FileSource", Text("S")),
                ("ContentSize", Int(bytes)),
                ("DocumentId", Text(&document_18)),
                ("VersionId", Text(&version_18)),
                ("VersionNumber", Text("1")),
                ("IsLatestVersion", Flag(true)),
                ("EvaluationTime", Int(0)),
            ],
        );
    }

    /// A page of the old interface.
    pub(crate) fn classic_page(&mut self, at: Ms, session: &Session<'_>, uri: &str) {
        let run_ms = self.random.between(40, 900);
        self.elf(
            &URI,
            at,
            Shape::Session,
            session,
            &[
                ("RUN_TIME", Int(run_ms)),
                ("CPU_TIME", Int(run_ms / 3)),
                ("DB_TOTAL_TIME", Int(run_ms * 350_000)),
                ("URI", Text(uri)),
                ("REFERRER_URI", Empty),
                ("REQUEST_STATUS", Text("S")),
                ("USER_TYPE", Text("S")),
            ],
        );
    }

    fn page_view(&mut self, at: Ms, session: &Session<'_>, page: Page<'_>, record: Option<&str>, url: &str) {
        let record = record.map(id18);
        let time_ms = self.random.between(350, 9_000);
        let context = if record.is_some() {
            "one:recordHomeFlexipage"
        } else {
            "force:objectHomeDesktop"
        };
        let device = session.device;
        let (id, page_session) = (self.random.uuid(), self.random.hex(16));
        self.elf(
            &PAGE_VIEW,
            at,
            Shape::Session,
            session,
            &[
                ("PAGE_APP_NAME", Text("Sales")),
                ("APP_NAME", Text("one:one")),
                ("PAGE_CONTEXT", Text(context)),
                ("PAGE_ENTITY_ID", record.as_deref().map_or(Empty, Text)),
                ("PAGE_ENTITY_TYPE", Text(page.entity)),
                ("PAGE_URL", Text(url)),
                ("PAGE_START_TIME", Int(at)),
                ("DURATION", Int(time_ms + 400)),
                ("EFFECTIVE_PAGE_TIME", Int(time_ms)),
                ("UI_EVENT_ID", Text(&id)),
                ("UI_EVENT_SOURCE", Text("click")),
                ("UI_EVENT_TYPE", Text("user")),
                ("UI_EVENT_TIMESTAMP", Int(at)),
                ("BROWSER_NAME", Text(device.browser_name)),
                ("BROWSER_VERSION", Text(device.browser_version)),
                ("OS_NAME", Text(device.os)),
                ("OS_VERSION", Text(device.os_version)),
                ("DEVICE_SESSION_ID", Text(&page_session)),
                ("USER_AGENT", Text(session.user_agent)),
                ("USER_TYPE", Text("Standard")),
            ],
        );
    }

    fn uri_event(
        &mut self,
        at: Ms,
        session: &Session<'_>,
        entity: &str,
        record: &str,
        operation: &str,
        related: Option<&str>,
    ) -> String {
        let record = id18(record);
        let url = format!("/lightning/r/{entity}/{record}/view");
        let started = iso(at);
        let time_ms = self.random.between(350, 9_000);
        self.rtem(
            &LIGHTNING_URI_EVENT,
            at,
            session,
            &[
                ("AppName", Text("one:one")),
                ("Operation", Text(operation)),
                ("QueriedEntities", Text(entity)),
                ("RecordId", Text(&record)),
                ("RelatedEventIdentifier", related.map_or(Empty, Text)),
                ("PageUrl", Text(&url)),
                ("PageStartTime", Text(&started)),
                ("Duration", Int(time_ms + 400)),
                ("EffectivePageTime", Int(time_ms)),
                ("OsName", Text(session.device.os)),
                ("OsVersion", Text(session.device.os_version)),
                ("UserAgent", Text(session.user_agent)),
                ("UserType", Text("Standard")),
            ],
        )
    }

    fn list_view_event(&mut self, at: Ms, session: &Session<'_>, entity: &str) {
        let rows = self.random.between(12, 50);
        let execution = self.random.uuid();
        let list = id18(&id15("00B", self.org.instance, self.random.between(1, 40)));
        self.rtem(
            &LIST_VIEW_EVENT,
            at,
            session,
            &[
                ("AppName", Text("one:one")),
                ("Name", Text("Recently Viewed")),
                ("DeveloperName", Text("Recent")),
                ("ListViewId", Text(&list)),
                ("EventSource", Text("Lightning")),
                ("ExecutionIdentifier", Text(&execution)),
                ("Sequence", Int(1)),
                ("QueriedEntities", Text(entity)),
                ("ColumnHeaders", Text("[Name, Owner, Last Modified]")),
                ("NumberOfColumns", Int(3)),
                ("OrderBy", Text("LastViewedDate DESC")),
                ("RowsProcessed", Int(rows)),
                ("Scope", Text("mru")),
                ("EvaluationTime", Int(0)),
            ],
        );
    }

    fn report_rows(&mut self, at: Ms, session: &Session<'_>, report: Report<'_>, operation: &str, rendering: &str) {
        let report_id = id15("00O", self.org.instance, report.number);
        let report_18 = id18(&report_id);
        let is_export = operation == "ReportExported";
        let columns = report.columns.matches(',').count() as i64 + 1;
        let run_ms = 300 + report.rows / 10 + self.random.between(0, 500);
        let uri = format!("/lightning/r/Report/{report_18}/view");
        self.elf(
            &REPORT,
            at,
            Shape::Session,
            session,
            &[
                ("RUN_TIME", Int(run_ms)),
                ("CPU_TIME", Int(run_ms / 3)),
                ("DB_TOTAL_TIME", Int(run_ms * 500_000)),
                ("URI", Text(&uri)),
                ("URI_ID_DERIVED", Text(&report_18)),
                ("USER_TYPE", Text("S")),
                ("REQUEST_STATUS", Text("S")),
                ("ENTITY_NAME", Text(report.entity)),
                ("DISPLAY_TYPE", Text("D")),
                ("RENDERING_TYPE", Text(rendering)),
                ("REPORT_ID", Text(&report_id)),
                ("REPORT_ID_DERIVED", Text(&report_18)),
                ("ROW_COUNT", Int(report.rows)),
                ("NUMBER_COLUMNS", Int(columns)),
                ("AVERAGE_ROW_SIZE", Int(columns * 24)),
                ("ORIGIN", Text("ReportRunFromLightning")),
            ],
        );
        let execution = self.random.uuid();
        self.rtem(
            &REPORT_EVENT,
            at,
            session,
            &[
                (
                    "Operation",
                    Text(if is_export { operation } else { "ReportRunFromLightning" }),
                ),
                ("EventSource", Text("Lightning")),
                ("Format", Text("Tabular")),
                ("ExportFileFormat", if is_export { Text("CSV") } else { Empty }),
                ("Name", Text(report.name)),
                ("ReportId", Text(&report_18)),
                ("QueriedEntities", Text(report.entity)),
                ("ColumnHeaders", Text(report.columns)),
                ("NumberOfColumns", Int(columns)),
                ("RowsProcessed", Int(report.rows)),
                ("Scope", Text("organization")),
                ("IsScheduled", Flag(false)),
                ("ExecutionIdentifier", Text(&execution)),
                ("Sequence", Int(1)),
                ("EvaluationTime", Int(0)),
            ],
        );
    }
}
