//! The identity of each row: its cells in the order of their columns' names, whether the catalogue knows the columns or not,
//! so that a row keeps its identity when the catalogue learns a column.

use std::collections::HashMap;

use sekisho_event::catalogue::Table;
use sekisho_event::identity::{ColumnsTag, RowHasher, UID_HEX_LEN};

use super::{Row, Slot};

/// How many sets of columns are remembered. Nulls come and go in a handful of patterns; more are worked out anew.
const MAX_KNOWN: usize = 256;

/// A set with more text in its names than this is not remembered: its row is an exception, or made to fill memory.
const MAX_NAME_BYTES: usize = 4 << 10;

/// Hashes the rows of one table.
pub(super) struct RowIdentity {
    table: String,
    /// Names of the catalogue columns, and their order by name.
    names: Vec<String>,
    order: Vec<usize>,
    hasher: RowHasher,
    known: HashMap<Present, ColumnsTag>,
    last: Option<(Present, ColumnsTag)>,
}

/// Which columns a row has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Present {
    /// One bit for each catalogue column.
    columns: Vec<u64>,
    /// Names of the others, sorted.
    others: Vec<String>,
}

impl RowIdentity {
    pub(super) fn of(table: &Table) -> Self {
        let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|index| &names[*index]);
        Self {
            table: table.name.clone(),
            names,
            order,
            hasher: RowHasher::default(),
            known: HashMap::new(),
            last: None,
        }
    }

    /// Returns the identity of a row whose extras are sorted by name.
    pub(super) fn of_row(&mut self, org: &str, row: &Row<'_>) -> [u8; UID_HEX_LEN] {
        let tag = self.tag(row);
        let Self {
            table,
            names,
            order,
            hasher,
            ..
        } = self;
        hasher.start(table, org, tag);
        for_each(names, order, row, |_, text| hasher.cell(text.as_bytes()));
        hasher.finish()
    }

    fn tag(&mut self, row: &Row<'_>) -> ColumnsTag {
        if let Some((present, tag)) = &self.last
            && present.is_of(row)
        {
            return *tag;
        }
        let present = Present::of(row);
        let tag = self.known.get(&present).copied();
        let tag = tag.unwrap_or_else(|| self.work_out(row));
        if present.others.iter().map(String::len).sum::<usize>() <= MAX_NAME_BYTES {
            if self.known.len() < MAX_KNOWN {
                self.known.insert(present.clone(), tag);
            }
            self.last = Some((present, tag));
        }
        tag
    }

    fn work_out(&self, row: &Row<'_>) -> ColumnsTag {
        let mut names = Vec::new();
        for_each(&self.names, &self.order, row, |name, _| names.push(name.to_owned()));
        ColumnsTag::of(&names)
    }
}

/// Gives every cell that counts, in the order of the columns' names.
fn for_each<'r>(names: &'r [String], order: &[usize], row: &'r Row<'_>, mut give: impl FnMut(&'r str, &'r str)) {
    let mut others = counting(row).peekable();
    for index in order {
        let Some(text) = row.cells[*index] else { continue };
        let name = names[*index].as_str();
        while let Some((other, text)) = others.next_if(|(other, _)| *other < name) {
            give(other, text);
        }
        give(name, text);
    }
    others.for_each(|(name, text)| give(name, text));
}

/// Returns name and text of the cells outside the catalogue that say what the row says.
fn counting<'r>(row: &'r Row<'_>) -> impl Iterator<Item = (&'r str, &'r str)> {
    let counts = row.extras.iter().filter(|(_, slot)| *slot != Slot::Delivery);
    counts.map(|(cell, _)| (cell.name, cell.text))
}

impl Present {
    fn of(row: &Row<'_>) -> Self {
        Self {
            columns: words(row).collect(),
            others: counting(row).map(|(name, _)| name.to_owned()).collect(),
        }
    }

    fn is_of(&self, row: &Row<'_>) -> bool {
        words(row).eq(self.columns.iter().copied())
            && counting(row)
                .map(|(name, _)| name)
                .eq(self.others.iter().map(String::as_str))
    }
}

/// Returns one bit for each catalogue column, set where the row has a cell.
fn words(row: &Row<'_>) -> impl Iterator<Item = u64> {
    row.cells.chunks(64).map(|cells| {
        let bits = cells.iter().enumerate();
        bits.fold(0, |word, (bit, cell)| word | u64::from(cell.is_some()) << bit)
    })
}
