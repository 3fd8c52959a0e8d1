//! Table names: `<schema>.<table>`, or one part for the tables of the schema `main`.

use std::fmt;

use crate::error::{Error, Result};

/// The longest part of a table name: file systems allow 255 bytes, segment names need some of them.
const MAX_PART_CHARS: usize = 128;

/// The DuckLake schema of tables whose name has one part, as in DuckDB.
pub(crate) const MAIN_SCHEMA: &str = "main";

/// A checked table name. Its parts are folder names, so nothing but plain characters gets in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    pub(crate) schema: String,
    pub(crate) table: String,
}

impl Name {
    /// Returns the name that `text` spells.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let (schema, table) = text.split_once('.').unwrap_or((MAIN_SCHEMA, text));
        if !is_part(schema) || !is_part(table) {
            return Err(Error::TableName {
                name: text.chars().take(MAX_PART_CHARS).collect(),
                max: MAX_PART_CHARS,
            });
        }
        Ok(Self {
            schema: schema.to_owned(),
            table: table.to_owned(),
        })
    }

    /// Returns whether both name the same table for an engine that ignores letter case.
    pub(crate) fn same_ignoring_case(&self, other: &Self) -> bool {
        self.schema.eq_ignore_ascii_case(&other.schema) && self.table.eq_ignore_ascii_case(&other.table)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema == MAIN_SCHEMA {
            f.write_str(&self.table)
        } else {
            write!(f, "{}.{}", self.schema, self.table)
        }
    }
}

fn is_part(part: &str) -> bool {
    !part.is_empty()
        && part.len() <= MAX_PART_CHARS
        && part
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        for name in ["events", "salesforce.ApiEvent", "gitlab.audit_events"] {
            assert_eq!(Name::parse(name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn refuses_what_could_leave_the_folder() {
        let long = "x".repeat(129);
        for name in ["", ".", "a.", ".b", "a.b.c", "../x", "a./b", "a.b\0", "a b", "é", &long] {
            assert!(Name::parse(name).is_err(), "{name:?}");
        }
    }
}
