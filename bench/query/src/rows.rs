//! Synthetic rows of `salesforce.ApiEvent` in the order of time: the same on every machine.
//!
//! Some six hundred sessions are open at any moment, most of them short, some those of a connector that runs all night.
//! What the questions look for is rare: an attacker's addresses and clients on one day, a secret's field name in a few
//! query texts.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::Int32Type;
use arrow::error::ArrowError;
use sekisho_event::catalogue::Table;
use sekisho_event::layout;

use crate::random::Random;

/// The days that the rows spread over.
const DAYS: u64 = 90;

/// 2026-01-01T00:00:00Z.
const FIRST_US: i64 = 1_767_225_600_000_000;

const MICROS_PER_DAY: u64 = 86_400_000_000;

/// Sessions open at once.
const OPEN_SESSIONS: usize = 600;

const USERS: u64 = 5_000;

/// One row in so many names the secret's field.
const SECRET_ONE_IN: u64 = 4_000;

/// The session that is asked for by its key: the thousandth, which the smallest store has too.
const ASKED_SESSION: u64 = 1_000;
const ASKED_ROWS: u64 = 120;
pub(crate) const ASKED_KEY: &str = "7f3e5b2a9c0d4e1f000003e8";

/// The attack: addresses and clients that are seen on one day in the middle alone.
const ATTACK_DAY: u64 = 47;
const ATTACK_ONE_IN: u64 = 400;
pub(crate) const ATTACK_ADDRESSES: u64 = 45;
pub(crate) const ATTACK_AGENTS: u64 = 8;

const AGENTS: [&str; 12] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Example-Connector/4.2 (+https://connector.example)",
    "python-requests/2.31.0",
    "okhttp/4.12.0",
    "Jakarta Commons-HttpClient/3.1",
    "node-fetch/1.0 (+https://fetch.example)",
    "Example-Loader/63.0.0",
    "curl/8.9.1",
    "Go-http-client/2.0",
    "axios/1.7.7",
];
const CLIENTS: [&str; 6] = [
    "",
    "Example Connector",
    "Example Loader",
    "BulkSync",
    "Nightly Export",
    "Mobile",
];
const OBJECTS: [(&str, &str); 10] = [
    ("Account", "Id, Name, Industry, BillingCountry, OwnerId"),
    ("Contact", "Id, FirstName, LastName, Email, Phone, AccountId"),
    ("Case", "Id, CaseNumber, Subject, Status, Priority, ContactId"),
    ("Opportunity", "Id, Name, StageName, Amount, CloseDate"),
    ("Lead", "Id, Company, Status, Email"),
    ("Task", "Id, Subject, WhoId, WhatId, ActivityDate"),
    ("User", "Id, Username, IsActive, ProfileId"),
    ("Invoice__c", "Id, Number__c, Total__c, Account__c"),
    ("Shipment__c", "Id, Tracking__c, Carrier__c, Delivered__c"),
    ("Credential__c", "Id, Name, Password_Hint__c"),
];
const FIELDS: [&str; 6] = [
    "LastModifiedDate",
    "CreatedDate",
    "SystemModstamp",
    "OwnerId",
    "Region__c",
    "External_Key__c",
];
const OPERATIONS: [&str; 4] = ["Query", "QueryMore", "QueryAll", "Count"];
const API_TYPES: [&str; 4] = ["REST", "SOAP Partner", "Bulk API", "SOAP Enterprise"];
const PLATFORMS: [&str; 4] = ["Windows 10", "Mac OSX", "Linux", "Unknown"];

/// An open session: what its rows share.
struct Session {
    key: String,
    login: String,
    user: u64,
    address: String,
    second_address: String,
    agent: usize,
    client: usize,
    left: u64,
}

impl Session {
    fn new(random: &mut Random, number: u64) -> Self {
        let user = random.skewed(USERS);
        let length = match random.below(100) {
            0..70 => 5 + random.below(16),
            70..95 => 20 + random.below(130),
            _ => 100 + random.below(760),
        };
        let (key, length) = match number {
            ASKED_SESSION => (ASKED_KEY.to_owned(), ASKED_ROWS),
            _ => (format!("{:016x}{number:08x}", random.next()), length),
        };
        Self {
            key,
            login: format!("{:012x}", random.next() >> 16),
            user,
            address: address(user * 7 + random.below(3)),
            second_address: address(random.below(120_000)),
            agent: (user as usize + random.below(2) as usize) % AGENTS.len(),
            client: user as usize % CLIENTS.len(),
            left: length,
        }
    }
}

/// An address of the two networks that are set aside for measurements: 131,072 of them.
fn address(number: u64) -> String {
    let number = number % 131_072;
    format!("198.{}.{}.{}", 18 + (number >> 16), (number >> 8) & 255, number & 255)
}

/// Returns an address of the attack.
pub(crate) fn attack_address(number: u64) -> String {
    format!("203.0.113.{}", 10 + number * 3)
}

/// Returns a client of the attack.
pub(crate) fn attack_agent(number: u64) -> String {
    format!("sync-tool/{number}.0 (batch)")
}

/// Makes the rows, a batch at a time.
pub(crate) struct Rows {
    total: u64,
    next: u64,
    random: Random,
    sessions: Vec<Session>,
    begun: u64,
    line: i64,
    day: u64,
}

impl Rows {
    pub(crate) fn new(total: u64) -> Self {
        let mut random = Random::new(0x5eed);
        let sessions = (0..OPEN_SESSIONS as u64)
            .map(|number| Session::new(&mut random, number))
            .collect();
        Self {
            total,
            next: 0,
            random,
            sessions,
            begun: OPEN_SESSIONS as u64,
            line: 1,
            day: 0,
        }
    }

    /// Returns the sessions that have begun.
    pub(crate) fn sessions(&self) -> u64 {
        self.begun
    }

    /// Returns the next rows as a typed batch; `None` at the end.
    pub(crate) fn batch(&mut self, table: &Table, most: u64) -> Result<Option<RecordBatch>, ArrowError> {
        let count = most.min(self.total - self.next);
        if count == 0 {
            return Ok(None);
        }
        let mut columns = Columns::default();
        for _ in 0..count {
            self.push(&mut columns);
        }
        columns.finish(table, count as usize).map(Some)
    }

    fn push(&mut self, columns: &mut Columns) {
        let number = self.next;
        self.next += 1;
        let span = DAYS * MICROS_PER_DAY;
        let offset = (u128::from(number) * u128::from(span) / u128::from(self.total)) as u64;
        let day = offset / MICROS_PER_DAY;
        if day != self.day {
            (self.day, self.line) = (day, 1);
        }
        self.line += 1;
        // Log files are in order but for a second or two.
        let at_us = FIRST_US + offset as i64 + self.random.below(1_500) as i64 * 1_000;
        let at_us = at_us - at_us % 1_000;
        let slot = self.random.below(OPEN_SESSIONS as u64) as usize;
        if self.sessions[slot].left == 0 {
            self.sessions[slot] = Session::new(&mut self.random, self.begun);
            self.begun += 1;
        }
        let session = &mut self.sessions[slot];
        session.left -= 1;
        columns.push(&mut self.random, session, number, at_us, day, self.line);
    }
}

/// Text that repeats: the values, and a code for each row.
#[derive(Default)]
struct Repeating {
    values: Vec<String>,
    codes: Vec<Option<i32>>,
    seen: std::collections::HashMap<String, i32>,
}

impl Repeating {
    fn push(&mut self, value: &str) {
        if value.is_empty() {
            return self.codes.push(None);
        }
        if let Some(code) = self.seen.get(value) {
            return self.codes.push(Some(*code));
        }
        let code = self.values.len() as i32;
        self.values.push(value.to_owned());
        self.seen.insert(value.to_owned(), code);
        self.codes.push(Some(code));
    }

    fn finish(self) -> Result<ArrayRef, ArrowError> {
        let values: ArrayRef = Arc::new(StringArray::from(self.values));
        let codes = Int32Array::from(self.codes);
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(codes, values)?))
    }
}

/// The columns of a batch under way.
#[derive(Default)]
struct Columns {
    uid: Vec<String>,
    time: Vec<i64>,
    created: Vec<i64>,
    line: Vec<i64>,
    query: Vec<String>,
    records: Vec<Option<String>>,
    identifier: Vec<String>,
    request: Vec<String>,
    history: Vec<Option<String>>,
    elapsed: Vec<i64>,
    processed: Vec<f64>,
    returned: Vec<f64>,
    evaluation: Vec<f64>,
    version: Vec<f64>,
    repeating: std::collections::BTreeMap<&'static str, Repeating>,
}

impl Columns {
    fn few(&mut self, name: &'static str, value: &str) {
        self.repeating.entry(name).or_default().push(value);
    }

    fn push(&mut self, random: &mut Random, session: &Session, number: u64, at_us: i64, day: u64, line: i64) {
        let is_attack = day == ATTACK_DAY && random.below(ATTACK_ONE_IN) == 0;
        self.uid
            .push(format!("{:016x}{:016x}", random.next(), random.next() ^ number));
        self.time.push(at_us);
        self.created.push(at_us + 1_000 * random.below(60_000) as i64);
        self.line.push(line);
        self.few("_org", "00D5g00000AbCdEEAV");
        self.few("_source", "salesforce-rtem");
        self.few("_file", &format!("ApiEvent-day-{day:03}.csv"));
        let (object, query) = query(random, session.user);
        self.query.push(query);
        let rows = random.skewed(2_000);
        self.records.push((rows < 3).then(|| {
            format!(
                "{{\"totalSize\":{rows},\"done\":true,\"records\":[{{\"attributes\":{{\"type\":\"{object}\"}},\"Id\":\"0015g{:010}\"}}]}}",
                random.below(10_000_000_000)
            )
        }));
        self.identifier.push(uuid(random));
        self.request.push(format!("4{:017x}", random.next()));
        let is_bulk = session.client == 3;
        self.history
            .push((!is_bulk).then(|| format!("0Ya{:015x}", random.below(1 << 58))));
        self.elapsed.push(20 + random.skewed(4_000) as i64);
        self.processed.push(rows as f64);
        self.returned.push((rows / 2) as f64);
        self.evaluation.push(0.0);
        self.version.push(58.0 + (session.user % 6) as f64);
        self.words(random, session, object, is_attack);
    }

    fn words(&mut self, random: &mut Random, session: &Session, object: &str, is_attack: bool) {
        let user = session.user;
        let address = match is_attack {
            true => attack_address(random.below(ATTACK_ADDRESSES)),
            false if random.below(64) == 0 => session.second_address.clone(),
            false => session.address.clone(),
        };
        let agent = match is_attack && random.below(2) == 0 {
            true => attack_agent(random.below(ATTACK_AGENTS)),
            false => AGENTS[session.agent].to_owned(),
        };
        self.few("SourceIp", &address);
        self.few("UserAgent", &agent);
        self.few("SessionKey", &session.key);
        self.few("LoginKey", &session.login);
        self.few("Username", &format!("user{user:04}@corp.example"));
        self.few("UserId", &format!("0055g00000{user:05}AAK"));
        self.few("ProfileId", &format!("00e5g0000{:06}AAK", user % 40));
        self.few("Client", CLIENTS[session.client]);
        self.few("Application", CLIENTS[(session.client + 1) % CLIENTS.len()]);
        self.few("ApiType", API_TYPES[user as usize % API_TYPES.len()]);
        self.few("Platform", PLATFORMS[session.agent % PLATFORMS.len()]);
        self.few("ConnectedAppId", &format!("0H45g00000{:05}AAK", user % 30));
        self.few("Operation", OPERATIONS[random.skewed(OPERATIONS.len() as u64) as usize]);
        self.few(
            "OperationStatus",
            if random.below(200) == 0 { "Failure" } else { "Success" },
        );
        self.few("QueriedEntities", object);
        self.few(
            "SessionLevel",
            if user.is_multiple_of(3) {
                "HIGH_ASSURANCE"
            } else {
                "STANDARD"
            },
        );
    }

    fn finish(mut self, table: &Table, rows: usize) -> Result<RecordBatch, ArrowError> {
        let schema = layout::schema_of(table);
        let times =
            |values: Vec<i64>| -> ArrayRef { Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC")) };
        let elapsed_ms = self.elapsed.iter().map(|ms| *ms as f64).collect::<Vec<f64>>();
        let mut made: std::collections::HashMap<&str, ArrayRef> = [
            ("_uid", Arc::new(StringArray::from(self.uid)) as ArrayRef),
            ("_time", times(self.time.clone())),
            ("EventDate", times(self.time)),
            ("CreatedDate", times(self.created)),
            ("_line", Arc::new(Int64Array::from(self.line))),
            ("Query", Arc::new(StringArray::from(self.query))),
            ("Records", Arc::new(StringArray::from(self.records))),
            ("EventIdentifier", Arc::new(StringArray::from(self.identifier))),
            ("RequestIdentifier", Arc::new(StringArray::from(self.request))),
            ("LoginHistoryId", Arc::new(StringArray::from(self.history))),
            ("ElapsedTime", Arc::new(Int64Array::from(self.elapsed))),
            ("ElapsedTime_ms", Arc::new(Float64Array::from(elapsed_ms))),
            ("RowsProcessed", Arc::new(Float64Array::from(self.processed))),
            ("RowsReturned", Arc::new(Float64Array::from(self.returned))),
            ("EvaluationTime", Arc::new(Float64Array::from(self.evaluation))),
            ("ApiVersion", Arc::new(Float64Array::from(self.version))),
        ]
        .into();
        for (name, values) in std::mem::take(&mut self.repeating) {
            made.insert(name, values.finish()?);
        }
        let columns = schema
            .fields()
            .iter()
            .map(|field| match made.remove(field.name().as_str()) {
                Some(values) if values.data_type() == field.data_type() => Ok(values),
                Some(values) => arrow::compute::cast(&values, field.data_type()),
                None => Ok(new_null_array(field.data_type(), rows)),
            });
        let columns = columns.collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
        RecordBatch::try_new(schema, columns)
    }
}

fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.next(), random.next());
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// Returns an object and the text of a query of it.
fn query(random: &mut Random, user: u64) -> (&'static str, String) {
    let (object, fields) = OBJECTS[random.skewed(OBJECTS.len() as u64) as usize];
    let secret = if random.below(SECRET_ONE_IN) == 0 {
        ", AwsKey__c"
    } else {
        ""
    };
    let field = FIELDS[random.below(FIELDS.len() as u64) as usize];
    let value = match random.below(3) {
        0 => format!(
            "2026-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            1 + random.below(3),
            1 + random.below(28),
            random.below(24),
            random.below(60),
            random.below(60)
        ),
        1 => format!("'0015g{:010}AAK'", random.below(10_000_000_000)),
        _ => format!("'region-{}-{}'", user % 50, random.below(100_000)),
    };
    let order = match random.below(4) {
        0 => format!(" ORDER BY {field} DESC LIMIT {}", 1 + random.below(2_000)),
        1 => " LIMIT 200".to_owned(),
        _ => String::new(),
    };
    (
        object,
        format!("SELECT {fields}{secret} FROM {object} WHERE {field} > {value} AND IsDeleted = false{order}"),
    )
}
