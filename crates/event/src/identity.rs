//! Row identity: rows equal in every column of one kind and org are one event (CONTRACT.md, "Identity").
//!
//! The hash is cryptographic on purpose. Every cell is attacker-written, and a row that could be made to collide with a
//! harmless one would be dropped as its duplicate.

use sha2::{Digest, Sha256};

/// Hex digits of a row identity: the first 128 bits of SHA-256.
pub const UID_HEX_LEN: usize = 32;

/// Collects the cells of one row and returns its identity. One hasher is reused for all rows of a file.
#[derive(Debug, Default)]
pub struct RowHasher {
    bytes: Vec<u8>,
}

/// The identity of the set of columns that a row has. Rows of a file have few such sets, so it is computed seldom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnsTag([u8; 16]);

impl ColumnsTag {
    /// Returns the tag of column names in their order: the first 128 bits of SHA-256 over them, so that no unknown column
    /// can be named to pass for another.
    #[must_use]
    pub fn of(names: &[String]) -> Self {
        let mut bytes = Vec::new();
        names.iter().for_each(|name| push(&mut bytes, name.as_bytes()));
        let mut tag = [0; 16];
        tag.copy_from_slice(&Sha256::digest(&bytes)[..16]);
        Self(tag)
    }
}

impl RowHasher {
    /// Starts a row of `table` (its full name) in `org` that has these columns.
    pub fn start(&mut self, table: &str, org: &str, columns: ColumnsTag) {
        self.bytes.clear();
        push(&mut self.bytes, table.as_bytes());
        push(&mut self.bytes, org.as_bytes());
        self.bytes.extend_from_slice(&columns.0);
    }

    /// Adds the cell of the next column.
    #[inline]
    pub fn cell(&mut self, text: &[u8]) {
        push(&mut self.bytes, text);
    }

    /// Returns the identity of the row as lower-case hex.
    #[must_use]
    pub fn finish(&self) -> [u8; UID_HEX_LEN] {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let digest = Sha256::digest(&self.bytes);
        let mut uid = [0; UID_HEX_LEN];
        for (pair, byte) in uid.chunks_exact_mut(2).zip(digest) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 15)];
        }
        uid
    }
}

/// The length goes before the bytes, so that no two lists of texts give the same bytes. It is written in groups of seven bits,
/// lowest first: one byte for nearly every cell.
#[inline]
fn push(bytes: &mut Vec<u8>, text: &[u8]) {
    let mut length = text.len();
    while length >= 0x80 {
        bytes.push(0x80 | (length & 0x7f) as u8);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uid(table: &str, org: &str, cells: &[(&str, &str)]) -> [u8; UID_HEX_LEN] {
        let names: Vec<String> = cells.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut hasher = RowHasher::default();
        hasher.start(table, org, ColumnsTag::of(&names));
        for (_, text) in cells {
            hasher.cell(text.as_bytes());
        }
        hasher.finish()
    }

    #[test]
    fn equal_rows_are_equal_and_every_part_counts() {
        let row = uid("t.a", "o", &[("A", "1"), ("B", "2")]);
        assert_eq!(row, uid("t.a", "o", &[("A", "1"), ("B", "2")]));
        let others = [
            uid("t.b", "o", &[("A", "1"), ("B", "2")]),
            uid("t.a", "p", &[("A", "1"), ("B", "2")]),
            uid("t.a", "o", &[("A", "1"), ("B", "3")]),
            uid("t.a", "o", &[("A", "1"), ("C", "2")]),
            uid("t.a", "o", &[("A", "1")]),
        ];
        for other in others {
            assert_ne!(row, other);
        }
    }

    #[test]
    fn long_cells_have_lengths_of_their_own() {
        let cell = |length: usize| uid("t", "o", &[("A", &"x".repeat(length))]);
        let lengths = [0, 1, 127, 128, 129, 16_383, 16_384, 100_000];
        let uids: std::collections::HashSet<_> = lengths.into_iter().map(cell).collect();
        assert_eq!(uids.len(), lengths.len());
    }

    #[test]
    fn text_cannot_move_from_one_cell_to_its_neighbour() {
        assert_ne!(
            uid("t", "o", &[("A", "12"), ("B", "3")]),
            uid("t", "o", &[("A", "1"), ("B", "23")])
        );
        assert_ne!(uid("t", "oA", &[]), uid("to", "A", &[]));
        assert_ne!(
            uid("t", "o", &[("AB", "1"), ("C", "2")]),
            uid("t", "o", &[("A", "1"), ("BC", "2")])
        );
    }
}
