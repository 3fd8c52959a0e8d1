//! Synthetic `RestApi` files in true format: the same bytes on every machine.

use std::io::{self, Write};

/// The days that the events spread over.
pub(crate) const DAYS: u64 = 28;

/// What is searched for, by name. The other side asks the same in its own words.
pub(crate) const SEARCHES: [(&str, &str); 4] = [
    ("everything", ""),
    ("actor", "actor:0055g0000000077AAK rows>1000"),
    ("network", "src_ip:192.0.2.64/26 -user_agent:python*"),
    ("word", "0015g0000654321"),
];

const SECONDS_PER_DAY: u64 = 86_400;

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

const HEADER: &str = "\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"USER_ID\",\"RUN_TIME\",\"CPU_TIME\",\"URI\",\"SESSION_KEY\",\"LOGIN_KEY\",\"REQUEST_STATUS\",\"DB_TOTAL_TIME\",\"METHOD\",\"STATUS_CODE\",\"USER_AGENT\",\"ROWS_PROCESSED\",\"RESPONSE_SIZE\",\"ENTITY_NAME\",\"TIMESTAMP_DERIVED\",\"USER_ID_DERIVED\",\"CLIENT_IP\",\"CONNECTED_APP_ID\"\n";

/// Writes the file of a day, its share of `events`.
pub(crate) fn write_day(out: &mut impl Write, day: u64, events: u64) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    let (first, after) = (events * day / DAYS, events * (day + 1) / DAYS);
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (day << 32));
    for number in first..after {
        let second = (number - first) * SECONDS_PER_DAY / (after - first);
        write_row(out, day + 1, second, number, random.next())?;
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

fn write_row(out: &mut impl Write, day: u64, second: u64, number: u64, random: u64) -> io::Result<()> {
    let user = random % 800;
    let address = (random >> 10) % 250;
    let agent = AGENTS[(random >> 20) as usize % AGENTS.len()];
    let object = OBJECTS[(random >> 30) as usize % OBJECTS.len()];
    let amount = (random >> 40) % 100_000;
    let milli = number * 7 % 1_000;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let rows = amount % 2_000;
    let taken_ns = amount * 1_013;
    writeln!(
        out,
        "\"RestApi\",\"202511{day:02}{hour:02}{minute:02}{second:02}.{milli:03}\",\"4oVZ{number:012}-A\",\"00D5g00000AbCdE\",\
         \"0055g00000{user:05}\",\"{amount}\",\"{}\",\"/services/data/v60.0/sobjects/{object}/0015g{number:010}\",\
         \"iK+3/{user:05}{day:02}waB4c\",\"aB+7/{user:05}{day:02}PqRs\",\"S\",\"{taken_ns}\",\"GET\",\"200\",\"{agent}\",\"{rows}\",\
         \"{amount}\",\"{object}\",\"2025-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z\",\
         \"0055g00000{user:05}AAK\",\"192.0.2.{address}\",\"0H45g0000000001\"",
        amount / 7,
    )
}
