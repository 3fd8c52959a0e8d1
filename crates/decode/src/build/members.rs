//! Columns whose name is a path into a JSON column (`details.ip_address`): taken out of the JSON for convenience.

use std::collections::HashMap;

use sekisho_event::catalogue::{ColumnType, Table};
use serde_json::Value;

/// Texts taken out of a row's JSON cells, by column.
pub(crate) type TakenOut = HashMap<usize, String>;

/// The member columns of a table, by the JSON column they are taken from.
#[derive(Debug, Default)]
pub(crate) struct MemberColumns {
    sources: Vec<(usize, Vec<Member>)>,
}

#[derive(Debug)]
struct Member {
    column: usize,
    path: Vec<String>,
}

impl MemberColumns {
    pub(crate) fn of(table: &Table) -> Self {
        let mut sources = Vec::new();
        for (index, column) in table
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.ty == ColumnType::Json)
        {
            let prefix = format!("{}.", column.name);
            let members = table.columns.iter().enumerate().filter_map(|(column, candidate)| {
                let path = candidate
                    .name
                    .strip_prefix(&prefix)?
                    .split('.')
                    .map(str::to_owned)
                    .collect();
                Some(Member { column, path })
            });
            let members: Vec<Member> = members.collect();
            if !members.is_empty() {
                sources.push((index, members));
            }
        }
        Self { sources }
    }

    /// Returns the text of every member found in a row's JSON cells. JSON that is too deep to parse gives none: the
    /// whole text stays in its own column.
    pub(crate) fn take_out(&self, cells: &[Option<&str>]) -> TakenOut {
        let mut found = TakenOut::new();
        for (source, members) in &self.sources {
            let parsed = cells[*source].and_then(|text| serde_json::from_str::<Value>(text).ok());
            let Some(value) = parsed else { continue };
            for member in members {
                if let Some(text) = walk(&value, &member.path).and_then(text_of) {
                    found.insert(member.column, text);
                }
            }
        }
        found
    }
}

/// Follows a path. A key that itself holds dots (`request.@type`) is tried whole before it is split.
fn walk<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    let object = value.as_object()?;
    if let Some(found) = object.get(&path.join(".")) {
        return Some(found);
    }
    let (first, rest) = path.split_first()?;
    let next = object.get(first)?;
    if rest.is_empty() { Some(next) } else { walk(next, rest) }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
