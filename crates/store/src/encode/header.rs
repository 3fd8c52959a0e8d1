//! What stands before each page, in Thrift's compact form.

use parquet::basic::{Encoding, PageType};

use super::pack::zigzag;

/// A field whose number is one above the last one's: a number, then a structure two and four above.
const NEXT_NUMBER: u8 = 1 << 4 | 5;
const DATA_HEADER: u8 = 2 << 4 | 12;
const DICTIONARY_HEADER: u8 = 4 << 4 | 12;

/// The end of a structure.
const END: u8 = 0;

/// The sizes of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    uncompressed: i32,
    compressed: i32,
}

impl Sizes {
    /// Returns the sizes of a page before and after compression; `None` where the format cannot say them.
    pub(super) fn of(body: &[u8], compressed: &[u8]) -> Option<Self> {
        Some(Self {
            uncompressed: i32::try_from(body.len()).ok()?,
            compressed: i32::try_from(compressed.len()).ok()?,
        })
    }
}

/// Appends the header of a page of values. Levels come as runs.
pub(super) fn data(out: &mut Vec<u8>, sizes: Sizes, rows: usize, encoding: Encoding) {
    start(out, PageType::DATA_PAGE, sizes);
    out.push(DATA_HEADER);
    number(out, rows as i64);
    number(out, encoding as i64);
    number(out, Encoding::RLE as i64);
    number(out, Encoding::RLE as i64);
    out.extend_from_slice(&[END, END]);
}

/// Appends the header of a dictionary.
pub(super) fn dictionary(out: &mut Vec<u8>, sizes: Sizes, values: usize) {
    start(out, PageType::DICTIONARY_PAGE, sizes);
    out.push(DICTIONARY_HEADER);
    number(out, values as i64);
    number(out, Encoding::PLAIN as i64);
    out.extend_from_slice(&[END, END]);
}

fn start(out: &mut Vec<u8>, page_type: PageType, sizes: Sizes) {
    number(out, page_type as i64);
    number(out, i64::from(sizes.uncompressed));
    number(out, i64::from(sizes.compressed));
}

fn number(out: &mut Vec<u8>, number: i64) {
    out.push(NEXT_NUMBER);
    zigzag(out, number);
}
