//! Calls of apps: REST, SOAP and Bulk API 2.0, each in every log that records it.

use super::tables::{API, API_EVENT, API_TOTAL_USAGE, BULK_API_2, BULK_RESULT_EVENT, REST_API};
use super::{Scribe, Session, Shape};
use crate::clock::{MINUTE, Ms, SECOND};
use crate::ids::{id15, id18};
use crate::rows::Cell::{Empty, Int, Text};

/// What a call does, as far as the logs tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A query, or the next page of one: real-time events have these.
    Query,
    QueryMore,
    /// Anything else.
    Other,
}

/// One REST call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ApiCall<'a> {
    pub(crate) method: &'a str,
    pub(crate) uri: &'a str,
    pub(crate) entity: &'a str,
    pub(crate) query: &'a str,
    pub(crate) rows: i64,
    pub(crate) bytes: i64,
    pub(crate) operation: Operation,
}

impl<'a> ApiCall<'a> {
    /// Returns a call that reads no rows.
    pub(crate) fn get(uri: &'a str, entity: &'a str) -> Self {
        Self {
            method: "GET",
            uri,
            entity,
            query: "",
            rows: 0,
            bytes: 2_400,
            operation: Operation::Other,
        }
    }

    /// Returns a query that answers `rows` rows.
    pub(crate) fn query(entity: &'a str, query: &'a str, rows: i64) -> Self {
        Self {
            method: "GET",
            uri: "/services/data/v65.0/query",
            entity,
            query,
            rows,
            bytes: 320 + rows * 410,
            operation: Operation::Query,
        }
    }

    /// Returns a call that writes.
    pub(crate) fn write(method: &'a str, uri: &'a str, entity: &'a str) -> Self {
        Self {
            method,
            bytes: 120,
            rows: 1,
            ..Self::get(uri, entity)
        }
    }
}

/// A Bulk API 2.0 query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BulkQuery<'a> {
    pub(crate) entity: &'a str,
    pub(crate) query: &'a str,
    pub(crate) rows: i64,
    /// How long the platform works on it.
    pub(crate) working: Ms,
}

const API_VERSION: &str = "65.0";

impl Scribe<'_> {
    pub(crate) fn api_call(&mut self, at: Ms, session: &Session<'_>, call: ApiCall<'_>) {
        let run_ms = 25 + call.rows / 3 + self.random.between(0, 120);
        self.rest_row(at, session, call, run_ms);
        self.usage_row(at, session, call, "REST");
        if call.operation != Operation::Other {
            self.api_event(at, session, call, run_ms);
        }
    }

    /// A SOAP call of an old interface.
    pub(crate) fn soap_call(&mut self, at: Ms, session: &Session<'_>, method: &str, entity: &str, rows: i64) {
        let run_ms = self.random.between(60, 700);
        self.elf(
            &API,
            at,
            Shape::Session,
            session,
            &[
                ("API_TYPE", Text("E")),
                ("API_VERSION", Text("52.0")),
                ("CLIENT_NAME", Text("KaedeERP/7.1")),
                ("METHOD_NAME", Text(method)),
                ("ENTITY_NAME", Text(entity)),
                ("ROWS_PROCESSED", Int(rows)),
                ("REQUEST_SIZE", Int(900 + rows * 60)),
                ("RESPONSE_SIZE", Int(700 + rows * 350)),
                ("RUN_TIME", Int(run_ms)),
                ("CPU_TIME", Int(run_ms / 3)),
                ("DB_TOTAL_TIME", Int(run_ms * 300_000)),
                ("REQUEST_STATUS", Text("S")),
                ("URI", Text("/services/Soap/u/52.0")),
                ("USER_TYPE", Text("S")),
            ],
        );
    }

    /// Starts a query job and sees it through; returns its id and when it is complete.
    pub(crate) fn bulk_query(&mut self, at: Ms, session: &Session<'_>, bulk: BulkQuery<'_>) -> (String, Ms) {
        let job = id15("750", self.org.instance, self.random.between(1, 800_000_000));
        let jobs = "/services/data/v65.0/jobs/query";
        let start = ApiCall {
            method: "POST",
            rows: 0,
            ..ApiCall::get(jobs, bulk.entity)
        };
        self.usage_row(at, session, start, "Bulk");
        self.bulk_row(at, session, bulk, &job, "UploadComplete", 0);
        self.bulk_row(at + 2 * SECOND, session, bulk, &job, "InProgress", 0);
        let done = at + bulk.working;
        let poll = format!("{jobs}/{job}");
        let mut poll_at = at + 10 * SECOND;
        while poll_at < done {
            self.usage_row(poll_at, session, ApiCall::get(&poll, bulk.entity), "Bulk");
            poll_at += MINUTE;
        }
        self.bulk_row(done, session, bulk, &job, "JobComplete", bulk.rows);
        // By the platform's design, real-time rows of bulk work have neither client nor user agent.
        let blank = Session {
            app: None,
            user_agent: "",
            ..session.clone()
        };
        let call = ApiCall::query(bulk.entity, bulk.query, bulk.rows);
        self.api_event(done, &blank, call, bulk.working);
        (job, done)
    }

    /// Downloads the result of a job in `parts`; returns when it is through.
    pub(crate) fn bulk_download(
        &mut self,
        at: Ms,
        session: &Session<'_>,
        bulk: BulkQuery<'_>,
        job: &str,
        parts: i64,
    ) -> Ms {
        let uri = format!("/services/data/v65.0/jobs/query/{job}/results");
        let mut at = at;
        for _ in 0..parts {
            let call = ApiCall {
                rows: bulk.rows / parts,
                bytes: bulk.rows / parts * 640,
                ..ApiCall::get(&uri, bulk.entity)
            };
            self.usage_row(at, session, call, "Bulk");
            self.rtem(
                &BULK_RESULT_EVENT,
                at,
                session,
                &[
                    ("Query", Text(bulk.query)),
                    ("ProfileId", Text(&session.user.profile_id)),
                    ("EvaluationTime", Int(0)),
                ],
            );
            at += self.random.between(4, 20) * SECOND;
        }
        at
    }

    /// Deletes a job and with it the result.
    pub(crate) fn bulk_delete(&mut self, at: Ms, session: &Session<'_>, bulk: BulkQuery<'_>, job: &str) {
        let uri = format!("/services/data/v65.0/jobs/query/{job}");
        self.usage_row(at, session, ApiCall::write("DELETE", &uri, bulk.entity), "Bulk");
        self.bulk_row(at, session, bulk, job, "deleted", 0);
    }

    fn rest_row(&mut self, at: Ms, session: &Session<'_>, call: ApiCall<'_>, run_ms: i64) {
        let app = session.app;
        self.elf(
            &REST_API,
            at,
            Shape::Session,
            session,
            &[
                ("RUN_TIME", Int(run_ms)),
                ("CPU_TIME", Int(run_ms / 4 + 2)),
                ("DB_TOTAL_TIME", Int(run_ms * 410_000)),
                ("URI", Text(call.uri)),
                ("REQUEST_STATUS", Text("S")),
                ("METHOD", Text(call.method)),
                ("MEDIA_TYPE", Text("application/json")),
                ("ENTITY_NAME", Text(call.entity)),
                ("QUERY", Text(call.query)),
                ("ROWS_PROCESSED", Int(call.rows)),
                ("NUMBER_FIELDS", Int(call.query.matches(',').count() as i64 + 1)),
                ("STATUS_CODE", Int(status_of(call.method))),
                ("REQUEST_SIZE", Int(if call.method == "GET" { 12 } else { 640 })),
                ("RESPONSE_SIZE", Int(call.bytes)),
                ("USER_AGENT", Text(session.user_agent)),
                ("CLIENT_NAME", app.map_or(Empty, |app| Text(app.name))),
                ("CONNECTED_APP_ID", app.map_or(Empty, |app| Text(app.id15))),
                ("USER_TYPE", Text("S")),
            ],
        );
    }

    fn usage_row(&mut self, at: Ms, session: &Session<'_>, call: ApiCall<'_>, family: &str) {
        let app = session.app;
        self.elf(
            &API_TOTAL_USAGE,
            at,
            Shape::Usage,
            session,
            &[
                ("USER_NAME", Text(&session.user.username)),
                ("API_FAMILY", Text(family)),
                ("API_VERSION", Text(API_VERSION)),
                ("API_RESOURCE", Text(call.uri)),
                ("API_CLIENT_CATEGORY", Text("External App")),
                ("CLIENT_NAME", Empty),
                ("HTTP_METHOD", Text(call.method)),
                ("ENTITY_NAME", Text(call.entity)),
                ("COUNTS_AGAINST_API_LIMIT", Int(1)),
                ("STATUS_CODE", Int(status_of(call.method))),
                ("CONNECTED_APP_ID", app.map_or(Empty, |app| Text(app.id15))),
                ("CONNECTED_APP_NAME", app.map_or(Empty, |app| Text(app.name))),
            ],
        );
    }

    fn api_event(&mut self, at: Ms, session: &Session<'_>, call: ApiCall<'_>, run_ms: i64) {
        let is_bulk = session.user_agent.is_empty();
        let app_id = session.app.map(|app| id18(app.id15));
        let operation = match call.operation {
            Operation::QueryMore => "QueryMore",
            Operation::Query | Operation::Other => "Query",
        };
        let client = session.app.map_or(Empty, |app| Text(app.name));
        let has_records = !is_bulk && !call.query.starts_with("SELECT COUNT()");
        let records = has_records.then(|| self.records(call));
        self.rtem(
            &API_EVENT,
            at,
            session,
            &[
                ("ApiType", Text(if is_bulk { "Bulk" } else { "REST" })),
                ("ApiVersion", Text(API_VERSION)),
                ("Application", client),
                ("Client", client),
                ("ConnectedAppId", app_id.as_deref().map_or(Empty, Text)),
                ("UserAgent", if is_bulk { Empty } else { Text(session.user_agent) }),
                ("Operation", Text(operation)),
                ("OperationStatus", Text("Success")),
                ("QueriedEntities", Text(call.entity)),
                ("Query", Text(call.query)),
                ("Records", records.as_deref().map_or(Empty, Text)),
                ("RowsProcessed", Int(call.rows)),
                ("RowsReturned", Int(call.rows)),
                ("ElapsedTime", Int(run_ms)),
                ("Platform", Text("Unknown")),
                ("ProfileId", Text(&session.user.profile_id)),
                ("EvaluationTime", Int(0)),
            ],
        );
    }

    /// The first of the records that a query answered, as the event carries them.
    fn records(&mut self, call: ApiCall<'_>) -> String {
        let prefix = prefix_of(call.entity);
        let shown = call.rows.min(2);
        let ids: Vec<String> = (0..shown)
            .map(|_| {
                let id = id18(&id15(prefix, self.org.instance, self.random.between(1, 60_000)));
                format!("{{\"attributes\":{{\"type\":\"{}\"}},\"Id\":\"{id}\"}}", call.entity)
            })
            .collect();
        format!(
            "{{\"totalSize\":{},\"done\":true,\"records\":[{}]}}",
            call.rows,
            ids.join(",")
        )
    }

    fn bulk_row(&mut self, at: Ms, session: &Session<'_>, bulk: BulkQuery<'_>, job: &str, state: &str, rows: i64) {
        let uri = format!("/services/data/v65.0/jobs/query/{job}");
        let job_id = id18(job);
        let size = format!("{}.{:02}", rows * 640 / 1_000_000, rows * 64 / 1_000 % 100);
        let run_ms = self.random.between(30, 900);
        self.elf(
            &BULK_API_2,
            at,
            Shape::Session,
            session,
            &[
                ("JOB_ID", Text(job)),
                ("ENTITY_TYPE", Text(bulk.entity)),
                ("OPERATION_TYPE", Text("query")),
                ("JOB_STATUS", Text(state)),
                ("RECORDS_PROCESSED", Int(rows)),
                ("RECORDS_FAILED", Int(0)),
                ("RESULT_SIZE_MB", Text(&size)),
                ("RUN_TIME", Int(run_ms)),
                ("CPU_TIME", Int(run_ms / 5)),
                ("URI", Text(&uri)),
                ("URI_ID_DERIVED", Text(&job_id)),
            ],
        );
    }
}

fn status_of(method: &str) -> i64 {
    match method {
        "POST" => 201,
        "PATCH" | "DELETE" => 204,
        _ => 200,
    }
}

/// The first characters of an object's ids.
pub(super) fn prefix_of(entity: &str) -> &'static str {
    match entity {
        "Account" => "001",
        "Contact" => "003",
        "Opportunity" => "006",
        "Case" => "500",
        "Lead" => "00Q",
        "User" => "005",
        "Organization" => "00D",
        "ContentVersion" => "068",
        _ => "00T",
    }
}
