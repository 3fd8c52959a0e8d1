//! The names of users, learnt from rows that say both name and id: many logs say the id alone.

use std::collections::{HashMap, HashSet};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::Int32Type;
use sekisho_event::cells;

/// Most users whose names are kept: a large company has fewer in all its orgs.
const MAX_NAMES: usize = 200_000;
/// Salesforce writes ids with 15 characters or with three more that follow from them.
const SHORT_ID_CHARS: usize = 15;
const LONG_ID_CHARS: usize = 18;

/// Org and id → name.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<(String, String), String>);

impl Names {
    /// Learns from a common batch. Rows share few users, so pairs of codes are looked at once.
    pub(super) fn push(&mut self, events: &RecordBatch) {
        let columns = ["org", "actor_id", "actor"].map(|name| events.column_by_name(name));
        let [Some(orgs), Some(ids), Some(names)] = columns else {
            return;
        };
        let mut seen = HashSet::new();
        for row in 0..events.num_rows() {
            if ids.is_null(row)
                || names.is_null(row)
                || !seen.insert([orgs, ids, names].map(|column| code(column, row)))
            {
                continue;
            }
            let text = |column: &ArrayRef| cells::text(column, row).unwrap_or_default().into_owned();
            let (org, id, name) = (text(orgs), text(ids), text(names));
            if id != name && self.0.len() < MAX_NAMES {
                self.0.entry((org, short(&id).to_owned())).or_insert(name);
            }
        }
    }

    /// Returns the name of an id; what is no known id stays as it is.
    pub(crate) fn of(&self, org: &str, actor: String) -> String {
        let key = (org.to_owned(), short(&actor).to_owned());
        self.0.get(&key).cloned().unwrap_or(actor)
    }
}

fn code(column: &ArrayRef, row: usize) -> Option<usize> {
    column.as_dictionary_opt::<Int32Type>()?.key(row)
}

fn short(id: &str) -> &str {
    let is_long_id = id.len() == LONG_ID_CHARS && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    id.get(..SHORT_ID_CHARS).filter(|_| is_long_id).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_of_an_id_are_one_user() {
        let known = HashMap::from([(
            ("o".to_owned(), "0055h00000WALAB".to_owned()),
            "a@example.com".to_owned(),
        )]);
        let names = Names(known);
        for id in ["0055h00000WALAB", "0055h00000WALABAA5"] {
            assert_eq!(names.of("o", id.to_owned()), "a@example.com");
        }
        assert_eq!(names.of("p", "0055h00000WALAB".to_owned()), "0055h00000WALAB");
        assert_eq!(names.of("o", "b@example.com".to_owned()), "b@example.com");
    }
}
