//! Synthetic log files in true format: the same bytes on every machine.

use std::io::{self, Write};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `RestApi` files as EventLogFile has them.
    ElfCsv,
    /// Stored `ApiEvent` records, one a line.
    RtemNdjson,
}

impl Format {
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "csv" => Ok(Self::ElfCsv),
            "ndjson" => Ok(Self::RtemNdjson),
            _ => Err(format!("unknown format `{name}`")),
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::ElfCsv => "csv",
            Self::RtemNdjson => "ndjson",
        }
    }
}

/// The days that the rows spread over.
pub(crate) const DAYS: u64 = 28;

const MILLIS_PER_DAY: u64 = 86_400_000;

const USERS: u64 = 800;
const ADDRESSES: u64 = 250;
const AGENTS: [&str; 6] = [
    "9999",
    "python-requests/2.28.2",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Example-Connector/4.2",
    "okhttp/4.12.0",
    "10000007",
];
const OBJECTS: [&str; 8] = [
    "Account",
    "Contact",
    "Case",
    "Opportunity",
    "Lead",
    "Task",
    "User",
    "Invoice__c",
];

const ELF_HEADER: &str = "\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"USER_ID\",\"RUN_TIME\",\"CPU_TIME\",\"URI\",\"SESSION_KEY\",\"LOGIN_KEY\",\"USER_TYPE\",\"REQUEST_STATUS\",\"DB_TOTAL_TIME\",\"METHOD\",\"MEDIA_TYPE\",\"STATUS_CODE\",\"USER_AGENT\",\"ROWS_PROCESSED\",\"NUMBER_FIELDS\",\"DB_BLOCKS\",\"DB_CPU_TIME\",\"REQUEST_SIZE\",\"RESPONSE_SIZE\",\"ENTITY_NAME\",\"EXCEPTION_MESSAGE\",\"TIMESTAMP_DERIVED\",\"USER_ID_DERIVED\",\"CLIENT_IP\",\"URI_ID_DERIVED\",\"CONNECTED_APP_ID\"\n";

/// Writes the file of a day, its share of `rows`.
pub(crate) fn write_day(out: &mut impl Write, format: Format, day: u64, rows: u64) -> io::Result<()> {
    if format == Format::ElfCsv {
        out.write_all(ELF_HEADER.as_bytes())?;
    }
    let (first, after) = (rows * day / DAYS, rows * (day + 1) / DAYS);
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (day << 32));
    for number in first..after {
        let milli = (number - first) * MILLIS_PER_DAY / (after - first);
        let row = Row::new(day + 1, milli, number, random.next());
        match format {
            Format::ElfCsv => row.write_elf(out)?,
            Format::RtemNdjson => row.write_rtem(out)?,
        }
    }
    Ok(())
}

/// Xorshift: a few distinct values for words that repeat, many for those that do not.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// What a row says, in either format.
struct Row {
    number: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
    milli: u64,
    user: u64,
    address: u64,
    agent: &'static str,
    object: &'static str,
    amount: u64,
}

impl Row {
    fn new(day: u64, milli: u64, number: u64, random: u64) -> Self {
        Self {
            number,
            day,
            hour: milli / 3_600_000,
            minute: milli / 60_000 % 60,
            second: milli / 1_000 % 60,
            milli: milli % 1_000,
            user: random % USERS,
            address: (random >> 10) % ADDRESSES,
            agent: AGENTS[(random >> 20) as usize % AGENTS.len()],
            object: OBJECTS[(random >> 30) as usize % OBJECTS.len()],
            amount: (random >> 40) % 100_000,
        }
    }

    /// A user has one login and one session a day.
    fn write_elf(&self, out: &mut impl Write) -> io::Result<()> {
        let Self {
            number,
            day,
            hour,
            minute,
            second,
            milli,
            user,
            address,
            agent,
            object,
            amount,
        } = self;
        writeln!(
            out,
            "\"RestApi\",\"202511{day:02}{hour:02}{minute:02}{second:02}.{milli:03}\",\"4oVZ{number:012}-A\",\
             \"00D5g00000AbCdE\",\"0055g00000{user:05}\",\"{amount}\",\"{}\",\
             \"/services/data/v58.0/sobjects/{object}/0015g{number:010}\",\"iK+3/{user:05}{day:02}waB4c\",\
             \"aB+7/{user:05}{day:02}oPqRs\",\"Standard\",\"S\",\"{}\",\"GET\",\"application/json\",\"200\",\"{agent}\",\
             \"{}\",\"{}\",\"{}\",\"{}\",\"512\",\"{amount}\",\"{object}\",\"\",\
             \"2025-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z\",\"0055g00000{user:05}AAK\",\
             \"192.0.2.{address}\",\"\",\"0H45g0000000001\"",
            amount / 7,
            amount * 1_013,
            amount % 2_000,
            amount % 40,
            amount / 3,
            amount / 11,
        )
    }

    fn write_rtem(&self, out: &mut impl Write) -> io::Result<()> {
        let Self {
            number,
            day,
            hour,
            minute,
            second,
            milli,
            user,
            address,
            agent,
            object,
            amount,
        } = self;
        let rows = amount % 2_000;
        writeln!(
            out,
            "{{\"Id\":\"0Uk5g{number:010}CAA\",\"EventIdentifier\":\"3f2b1c00-0000-4000-8000-{number:012}\",\
             \"EventDate\":\"2025-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z\",\
             \"CreatedDate\":\"2025-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z\",\
             \"UserId\":\"0055g00000{user:05}AAK\",\"Username\":\"user{user}@example.com\",\
             \"SourceIp\":\"192.0.2.{address}\",\"UserAgent\":\"{agent}\",\"Client\":\"Example Connector\",\
             \"Application\":\"Example\",\"ApiType\":\"REST\",\"ApiVersion\":58.0,\"Platform\":\"Unknown\",\
             \"ConnectedAppId\":\"0H45g0000000001AAA\",\"LoginHistoryId\":\"0Ya5g00000{user:05}{day:02}A\",\
             \"LoginKey\":\"aB+7/{user:05}{day:02}oPqRs\",\"SessionKey\":\"iK+3/{user:05}{day:02}waB4c\",\
             \"SessionLevel\":\"STANDARD\",\"Operation\":\"Query\",\"OperationStatus\":\"Success\",\
             \"QueriedEntities\":\"{object}\",\
             \"Query\":\"SELECT Id, Name FROM {object} WHERE CreatedDate > {number}\",\
             \"RequestIdentifier\":\"4oVZ{number:012}-A\",\"RowsProcessed\":{rows}.0,\"RowsReturned\":{rows}.0,\
             \"ElapsedTime\":{},\"EvaluationTime\":0.0,\"PolicyId\":null,\"PolicyOutcome\":null,\
             \"RelatedEventIdentifier\":null}}",
            amount / 9,
        )
    }
}
