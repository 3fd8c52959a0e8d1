//! The AWS account: its CloudTrail, management events and those of the buckets' objects.

use crate::chronicle::Chronicle;
use crate::clock::{DAY, DayKind, HOUR, MINUTE, Ms, SECOND, Zone, iso_seconds};
use crate::gitlab::RUNNER;
use crate::random::Random;
use crate::rows::Cell::{Empty, Flag, Json, Text};
use crate::rows::{Cut, Form, Rows, Table, push_json_text};

pub(crate) const ORG: &str = "kaede-aws";
const ACCOUNT: &str = "111122223333";
const REGION: &str = "ap-northeast-1";

static TRAIL: Table = Table {
    folder: "cloudtrail",
    name: "cloudtrail",
    extension: "ndjson",
    form: Form::Lines,
    cut: Cut::Day,
};

/// The key that deploys; it stands in a CI/CD variable.
pub(crate) const DEPLOY: Identity = Identity {
    kind: "IAMUser",
    name: "ci-deploy",
    // In two parts: what looks like a key in a source file stops a push.
    key: &["AKIA", "KAEDEDEMOKEY2345"],
};
const REPORTS: Identity = Identity {
    kind: "AssumedRole",
    name: "report-builder",
    key: &["ASIA", "KAEDEDEMOROLE234"],
};

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity {
    kind: &'static str,
    name: &'static str,
    key: &'static [&'static str],
}

/// A call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) service: &'a str,
    pub(crate) name: &'a str,
    pub(crate) is_read_only: bool,
    /// Objects of a bucket are data, everything else is management.
    pub(crate) is_data: bool,
    /// JSON.
    pub(crate) parameters: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
}

impl<'a> Call<'a> {
    pub(crate) fn read(service: &'a str, name: &'a str) -> Self {
        Self {
            service,
            name,
            is_read_only: true,
            is_data: false,
            parameters: None,
            error: None,
        }
    }
}

/// Writes the account's trail.
#[derive(Debug)]
pub(crate) struct Cloud<'c> {
    pub(crate) random: Random,
    pub(crate) rows: Rows,
    pub(crate) chronicle: &'c mut Chronicle,
    pub(crate) act: Option<usize>,
    pub(crate) scale: i64,
}

impl<'c> Cloud<'c> {
    pub(crate) fn new(random: Random, scale: i64, chronicle: &'c mut Chronicle) -> Self {
        Self {
            random,
            rows: Rows::new(ORG, &[], None),
            chronicle,
            act: None,
            scale,
        }
    }

    pub(crate) fn call(&mut self, at: Ms, identity: Identity, ip: &str, user_agent: &str, call: Call<'_>) {
        let time = iso_seconds(at);
        let who = identity_json(identity);
        let source = format!("{}.amazonaws.com", call.service);
        let request = self.random.hex(16).to_ascii_uppercase();
        let event = self.random.uuid();
        if let Some(act) = self.act {
            self.chronicle.note_origin(act, None, Some(ip));
        }
        self.rows.add(
            &TRAIL,
            at,
            self.act,
            &[
                ("eventVersion", Text("1.11")),
                ("userIdentity", Json(&who)),
                ("eventTime", Text(&time)),
                ("eventSource", Text(&source)),
                ("eventName", Text(call.name)),
                ("awsRegion", Text(REGION)),
                ("sourceIPAddress", Text(ip)),
                ("userAgent", Text(user_agent)),
                ("errorCode", call.error.map_or(Empty, Text)),
                ("requestParameters", call.parameters.map_or(Empty, Json)),
                ("responseElements", Empty),
                ("requestID", Text(&request)),
                ("eventID", Text(&event)),
                ("readOnly", Flag(call.is_read_only)),
                ("eventType", Text("AwsApiCall")),
                ("managementEvent", Flag(!call.is_data)),
                ("recipientAccountId", Text(ACCOUNT)),
                ("eventCategory", Text(if call.is_data { "Data" } else { "Management" })),
            ],
        );
    }

    /// Reads or writes an object of a bucket.
    pub(crate) fn object(&mut self, at: Ms, from: (Identity, &str, &str), name: &str, bucket: &str, key: &str) {
        let mut parameters = String::from("{\"bucketName\":");
        push_json_text(&mut parameters, bucket);
        parameters.push_str(",\"key\":");
        push_json_text(&mut parameters, key);
        parameters.push('}');
        let call = Call {
            is_data: true,
            is_read_only: name == "GetObject",
            parameters: Some(&parameters),
            ..Call::read("s3", name)
        };
        let (identity, ip, user_agent) = from;
        self.call(at, identity, ip, user_agent, call);
    }

    /// Plays one day of UTC.
    pub(crate) fn day(&mut self, day: i64) {
        for hour in 0..24 {
            self.reports(day * DAY + hour * HOUR, day);
        }
        let is_workday = Zone::Tokyo.kind_of(day) == DayKind::Work;
        let deployments = if is_workday { self.scaled(900) } else { self.scaled(60) };
        for _ in 0..deployments {
            self.deploy(day);
        }
    }

    /// Every hour reports are built from what the backup left.
    fn reports(&mut self, hour: Ms, day: i64) {
        let from = (
            REPORTS,
            RUNNER,
            "Boto3/1.35.10 md/Botocore#1.35.10 ua/2.0 os/linux lang/python#3.12",
        );
        for number in 0..self.scaled(1_000).max(1) {
            let at = hour + 20 * MINUTE + number * 3 * SECOND + self.random.between(0, 2_000);
            let key = format!("daily/{day}/part-{number:04}.parquet");
            let name = if number % 8 == 7 { "PutObject" } else { "GetObject" };
            self.object(at, from, name, "kaede-reports", &key);
        }
    }

    fn deploy(&mut self, day: i64) {
        let agent = "aws-cli/2.17.20 md/awscrt#0.20.11 ua/2.0 os/linux#6.1 lang/python#3.11.9";
        let mut at = Zone::Tokyo.at(day, 9 * HOUR) + self.random.between(0, 10 * HOUR);
        self.call(at, DEPLOY, RUNNER, agent, Call::read("sts", "GetCallerIdentity"));
        for (service, name) in [
            ("ecr", "GetAuthorizationToken"),
            ("ecs", "UpdateService"),
            ("ecs", "DescribeServices"),
        ] {
            at += self.random.between(1, 9) * SECOND;
            let call = Call {
                is_read_only: name != "UpdateService",
                ..Call::read(service, name)
            };
            self.call(at, DEPLOY, RUNNER, agent, call);
        }
    }

    fn scaled(&mut self, mean_percent: i64) -> i64 {
        self.random.about(mean_percent * self.scale / 100)
    }
}

fn identity_json(identity: Identity) -> String {
    let key = identity.key.concat();
    let name = identity.name;
    match identity.kind {
        "IAMUser" => format!(
            "{{\"type\":\"IAMUser\",\"principalId\":\"AIDAKAEDEDEMO{}\",\"arn\":\"arn:aws:iam::{ACCOUNT}:user/{name}\",\"accountId\":\"{ACCOUNT}\",\"accessKeyId\":\"{key}\",\"userName\":\"{name}\"}}",
            name.len()
        ),
        kind => format!(
            "{{\"type\":\"{kind}\",\"principalId\":\"AROAKAEDEDEMO:{name}\",\"arn\":\"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{name}\",\"accountId\":\"{ACCOUNT}\",\"accessKeyId\":\"{key}\",\"sessionContext\":{{\"sessionIssuer\":{{\"type\":\"Role\",\"arn\":\"arn:aws:iam::{ACCOUNT}:role/{name}\",\"accountId\":\"{ACCOUNT}\",\"userName\":\"{name}\"}}}}}}"
        ),
    }
}
