//! What both sides are asked.

use crate::rows::{ASKED_KEY, ATTACK_ADDRESSES, ATTACK_AGENTS, attack_address, attack_agent};

/// A question, the same text for both sides but for the names that stand in braces.
pub(crate) struct Question {
    pub(crate) name: &'static str,
    text: &'static str,
}

const fn question(name: &'static str, text: &'static str) -> Question {
    Question { name, text }
}

pub(crate) const QUESTIONS: [Question; 9] = [
    question(
        "indicators",
        r#"SELECT "_uid", "_time", "Username", "SourceIp", "UserAgent", "SessionKey" FROM {api} WHERE "SourceIp" IN ({addresses}) OR "UserAgent" IN ({agents})"#,
    ),
    question(
        "session",
        r#"SELECT "_time", "Username", "SourceIp", "Operation", "QueriedEntities", "RowsReturned", "Query" FROM {api} WHERE "SessionKey" = '{key}' ORDER BY "_time""#,
    ),
    question(
        "session-in-events",
        r#"SELECT "time", "actor", "src_ip", "action", "object", "rows", "query" FROM {events} WHERE "session_key" = '{key}' ORDER BY "time""#,
    ),
    question(
        "sessions",
        r#"SELECT "SessionKey", count(*) AS events, count(DISTINCT "SourceIp") AS addresses, min("_time") AS first, max("_time") AS last, sum("RowsProcessed") AS read FROM {api} GROUP BY "SessionKey""#,
    ),
    question(
        "user-day",
        r#"SELECT "Username", {day} AS day, count(*) AS events, sum("RowsProcessed") AS read FROM {api} GROUP BY 1, 2"#,
    ),
    question(
        "substring",
        r#"SELECT "_uid", "_time", "Username", "SourceIp", "Query" FROM {api} WHERE "Query" LIKE '%AwsKey%'"#,
    ),
    question(
        "substring-any-case",
        r#"SELECT count(*) AS events FROM {api} WHERE "Query" ILIKE '%password%'"#,
    ),
    question(
        "networks",
        r#"SELECT left("SourceIp", length("SourceIp") - length(split_part("SourceIp", '.', 4))) AS network, count(*) AS events, count(DISTINCT "Username") AS users FROM {api} WHERE NOT {allowed} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20"#,
    ),
    question(
        "networks-of-users",
        r#"SELECT "Username", "SourceIp", count(*) AS events FROM {api} WHERE NOT {allowed} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 100"#,
    ),
];

impl Question {
    /// Returns the statement for our SQL.
    pub(crate) fn for_us(&self) -> String {
        let allowed = r#"(ip_in_cidr("SourceIp", '198.18.0.0/16') OR ip_in_cidr("SourceIp", '203.0.113.0/24'))"#;
        self.fill("salesforce.\"ApiEvent\"", r#"date_trunc('day', "_time")"#, allowed)
    }

    /// Returns the statement for DuckDB. It has no networks without an extension, so it compares text, which is less
    /// work; and it counts days from a number, which it does several times faster than it truncates times with a zone.
    pub(crate) fn for_duckdb(&self) -> String {
        let allowed = r#"("SourceIp" LIKE '198.18.%' OR "SourceIp" LIKE '203.0.113.%')"#;
        let day = r#"epoch_us("_time") // 86400000000 * 86400000000"#;
        self.fill("api", day, allowed)
    }

    fn fill(&self, table: &str, day: &str, allowed: &str) -> String {
        let addresses: Vec<String> = (0..ATTACK_ADDRESSES)
            .map(|number| quoted(&attack_address(number)))
            .collect();
        let agents: Vec<String> = (0..ATTACK_AGENTS).map(|number| quoted(&attack_agent(number))).collect();
        self.text
            .replace("{api}", table)
            .replace("{events}", "events")
            .replace("{day}", day)
            .replace("{key}", ASKED_KEY)
            .replace("{allowed}", allowed)
            .replace("{addresses}", &addresses.join(", "))
            .replace("{agents}", &agents.join(", "))
    }
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}
