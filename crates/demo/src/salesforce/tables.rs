//! The files that a Salesforce org's logs come in.

use crate::rows::{Cut, Form, Table};

const fn elf(name: &'static str) -> Table {
    Table {
        folder: "elf",
        name,
        extension: "csv",
        form: Form::Csv,
        cut: Cut::Day,
    }
}

/// Exported through the REST API, one object a line.
const fn rtem(name: &'static str, cut: Cut) -> Table {
    Table {
        folder: "rtem",
        name,
        extension: "ndjson",
        form: Form::Records,
        cut,
    }
}

/// Exported with Data Loader.
const fn loaded(folder: &'static str, name: &'static str, cut: Cut) -> Table {
    Table {
        folder,
        name,
        extension: "csv",
        form: Form::DataLoader,
        cut,
    }
}

pub(super) static LOGIN: Table = elf("Login");
pub(super) static LOGOUT: Table = elf("Logout");
pub(super) static LOGIN_AS: Table = elf("LoginAs");
pub(super) static API: Table = elf("API");
pub(super) static REST_API: Table = elf("RestApi");
pub(super) static BULK_API_2: Table = elf("BulkApi2");
pub(super) static API_TOTAL_USAGE: Table = elf("ApiTotalUsage");
pub(super) static PAGE_VIEW: Table = elf("LightningPageView");
pub(super) static URI: Table = elf("URI");
pub(super) static REPORT: Table = elf("Report");
pub(super) static REPORT_EXPORT: Table = elf("ReportExport");
pub(super) static CONTENT_TRANSFER: Table = elf("ContentTransfer");

pub(super) static LOGIN_EVENT: Table = rtem("LoginEvent", Cut::Day);
pub(super) static LOGIN_AS_EVENT: Table = rtem("LoginAsEvent", Cut::Whole);
pub(super) static API_EVENT: Table = rtem("ApiEvent", Cut::Day);
pub(super) static LIGHTNING_URI_EVENT: Table = rtem("LightningUriEvent", Cut::Day);
pub(super) static FILE_EVENT: Table = rtem("FileEventStore", Cut::Day);
pub(super) static BULK_RESULT_EVENT: Table = rtem("BulkApiResultEventStore", Cut::Whole);
pub(super) static PERMISSION_SET_EVENT: Table = rtem("PermissionSetEventStore", Cut::Whole);
pub(super) static REPORT_EVENT: Table = loaded("rtem", "ReportEvent", Cut::Day);
pub(super) static LIST_VIEW_EVENT: Table = loaded("rtem", "ListViewEvent", Cut::Day);

/// As the setup page's download writes it.
pub(super) static LOGIN_HISTORY: Table = Table {
    folder: "setup",
    name: "LoginHistory",
    extension: "csv",
    form: Form::Csv,
    cut: Cut::Whole,
};
pub(super) static SETUP_AUDIT_TRAIL: Table = loaded("setup", "SetupAuditTrail", Cut::Whole);
