//! Synthetic input in true format: the same bytes on every machine.

use std::io::Read;

/// What is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// An hourly `RestApi` file.
    ElfCsv,
    /// `ApiEvent` records, one a line.
    RtemNdjson,
}

impl Format {
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "elf-csv" => Ok(Self::ElfCsv),
            "ndjson" => Ok(Self::RtemNdjson),
            _ => Err(format!("unknown format `{name}`")),
        }
    }

    /// The table that the rows belong to.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::ElfCsv => "salesforce_elf.RestApi",
            Self::RtemNdjson => "salesforce.ApiEvent",
        }
    }
}

/// Rows made as they are read, until at least so many bytes have been.
pub(crate) struct Generated {
    format: Format,
    left: u64,
    number: u64,
    random: u64,
    chunk: Vec<u8>,
    at: usize,
}

impl Generated {
    pub(crate) fn new(format: Format, bytes: u64) -> Self {
        let chunk = match format {
            Format::ElfCsv => ELF_HEADER.as_bytes().to_vec(),
            Format::RtemNdjson => Vec::new(),
        };
        Self {
            format,
            left: bytes,
            number: 0,
            random: 0x9e37_79b9_7f4a_7c15,
            chunk,
            at: 0,
        }
    }

    /// Xorshift: a few distinct values for words that repeat, many for those that do not.
    fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn row(&mut self) -> String {
        let random = self.next_random();
        let number = self.number;
        self.number += 1;
        let seen = Seen {
            number,
            user: random % 800,
            address: (random >> 10) % 250,
            agent: AGENTS[(random >> 20) as usize % AGENTS.len()],
            object: OBJECTS[(random >> 30) as usize % OBJECTS.len()],
            amount: (random >> 40) % 100_000,
            second: number / 50 % 3_600,
            milli: number * 7 % 1_000,
        };
        match self.format {
            Format::ElfCsv => seen.elf_row(),
            Format::RtemNdjson => seen.rtem_row(),
        }
    }
}

impl Read for Generated {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.chunk.len() {
            self.chunk.clear();
            self.at = 0;
            while self.left > 0 && self.chunk.len() < buffer.len() {
                let row = self.row();
                self.left = self.left.saturating_sub(row.len() as u64);
                self.chunk.extend_from_slice(row.as_bytes());
            }
        }
        let taken = buffer.len().min(self.chunk.len() - self.at);
        buffer[..taken].copy_from_slice(&self.chunk[self.at..self.at + taken]);
        self.at += taken;
        Ok(taken)
    }
}

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

struct Seen {
    number: u64,
    user: u64,
    address: u64,
    agent: &'static str,
    object: &'static str,
    amount: u64,
    second: u64,
    milli: u64,
}

impl Seen {
    fn elf_row(&self) -> String {
        let Self {
            number,
            user,
            address,
            agent,
            object,
            amount,
            second,
            milli,
        } = self;
        let (minute, second) = (second / 60, second % 60);
        format!(
            "\"RestApi\",\"2025112009{minute:02}{second:02}.{milli:03}\",\"4oVZ{number:012}-A\",\"00D5g00000AbCdE\",\"0055g00000{user:05}\",\"{amount}\",\"{}\",\"/services/data/v58.0/sobjects/{object}/0015g{number:010}\",\"iK+3/{user:05}XwaB4c\",\"aB+7/{user:05}NoPqRs\",\"Standard\",\"S\",\"{}\",\"GET\",\"application/json\",\"200\",\"{agent}\",\"{}\",\"{}\",\"{}\",\"{}\",\"512\",\"{amount}\",\"{object}\",\"\",\"2025-11-20T09:{minute:02}:{second:02}.{milli:03}Z\",\"0055g00000{user:05}AAK\",\"192.0.2.{address}\",\"\",\"0H45g0000000001\"\n",
            amount / 7,
            amount * 1_013,
            amount % 2_000,
            amount % 40,
            amount / 3,
            amount / 11,
        )
    }

    fn rtem_row(&self) -> String {
        let Self {
            number,
            user,
            address,
            agent,
            object,
            amount,
            second,
            milli,
        } = self;
        let (minute, second) = (second / 60, second % 60);
        format!(
            "{{\"EventIdentifier\":\"3f2b1c00-0000-4000-8000-{number:012}\",\"EventDate\":\"2025-11-20T09:{minute:02}:{second:02}.{milli:03}Z\",\"CreatedDate\":\"2025-11-20T09:{minute:02}:{second:02}.{milli:03}Z\",\"UserId\":\"0055g00000{user:05}AAK\",\"Username\":\"user{user}@example.com\",\"SourceIp\":\"192.0.2.{address}\",\"UserAgent\":\"{agent}\",\"Client\":\"Example Connector\",\"ConnectedAppId\":\"0H45g0000000001AAA\",\"LoginKey\":\"aB+7/{user:05}NoPqRs\",\"SessionKey\":\"iK+3/{user:05}XwaB4c\",\"SessionLevel\":\"STANDARD\",\"Operation\":\"Query\",\"OperationStatus\":\"Success\",\"QueriedEntities\":\"{object}\",\"Query\":\"SELECT Id, Name FROM {object} WHERE CreatedDate > {number}\",\"RowsProcessed\":{amount}.0,\"RowsReturned\":{amount}.0,\"ElapsedTime\":{},\"PolicyId\":null}}\n",
            amount / 9,
        )
    }
}
