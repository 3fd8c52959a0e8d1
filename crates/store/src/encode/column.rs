//! One column of the row group being written.

use std::cell::RefCell;
use std::io::Write;
use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, NullBufferBuilder, StringArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use parquet::basic::Encoding;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::statistics::Statistics;
use parquet::file::writer::SerializedRowGroupWriter;
use parquet::schema::types::ColumnDescPtr;

use super::KEPT_BYTES;
use super::bounds::Bounds;
use super::chunk::{Chunk, Page, Press};
use super::pack;
use super::words::{Rows, Words};

/// The rows of a page: what a reader that skips by times reads at least.
const PAGE_ROWS: usize = 16 * 1024;

/// The bytes of text after which a page ends before its rows are full.
const PAGE_BYTES: usize = 1 << 20;

/// Bounds of text are kept where both are this short: they are there to tell tables and kinds apart.
const MAX_BOUND_BYTES: usize = 64;

/// Writes one column.
pub(super) struct ColumnWriter {
    chunk: Chunk,
    values: Values,
    /// Which rows of the page have a value.
    levels: NullBufferBuilder,
    rows: usize,
    nulls: usize,
}

thread_local! {
    /// One for each thread: a load has thousands of columns open, and works on one page at a time.
    static TOOLS: RefCell<Tools> = RefCell::default();
}

/// What is needed to end a page.
#[derive(Default)]
struct Tools {
    body: Vec<u8>,
    press: Press,
}

/// The values of the page's rows that are not null.
enum Values {
    Words(Box<WordColumn>),
    Texts(Texts),
    Integers(Vec<i64>, Bounds<i64>),
    Decimals(Vec<f64>, Bounds<f64>),
    Truths(Truths, Bounds<bool>),
}

#[derive(Default)]
struct WordColumn {
    words: Words,
    /// Rows that the dictionary has no room for.
    texts: Texts,
    /// Some rows of the row group are not in the dictionary.
    is_mixed: bool,
}

#[derive(Default)]
struct Texts {
    lengths: Vec<i32>,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Truths {
    bits: Vec<u8>,
    count: usize,
}

impl ColumnWriter {
    /// Returns the writer of a column of this type; `None` for a type that the store does not keep.
    pub(super) fn new(data_type: &DataType, descr: ColumnDescPtr) -> Option<Self> {
        let values = match data_type {
            DataType::Dictionary(..) => Values::Words(Box::default()),
            DataType::Utf8 => Values::Texts(Texts::default()),
            DataType::Int64 | DataType::Timestamp(..) => Values::Integers(Vec::new(), Bounds::default()),
            DataType::Float64 => Values::Decimals(Vec::new(), Bounds::default()),
            DataType::Boolean => Values::Truths(Truths::default(), Bounds::default()),
            _ => return None,
        };
        Some(Self {
            chunk: Chunk::new(descr),
            values,
            levels: NullBufferBuilder::new(PAGE_ROWS),
            rows: 0,
            nulls: 0,
        })
    }

    /// Adds rows, which are of the column's type.
    pub(super) fn append(&mut self, array: &ArrayRef) -> Result<()> {
        let mut from = 0;
        while from < array.len() {
            let room = (array.len() - from).min(PAGE_ROWS - self.rows);
            let rows = self.values.rows_that_fit(array, from..from + room);
            self.append_piece(&array.slice(from, rows))?;
            from += rows;
            if self.rows >= PAGE_ROWS || self.values.page_bytes() >= PAGE_BYTES {
                self.end_page()?;
            }
        }
        Ok(())
    }

    /// Puts the column into the row group and starts the next one's.
    pub(super) fn end<W: Write + Send>(&mut self, group: &mut SerializedRowGroupWriter<'_, W>) -> Result<()> {
        self.end_page()?;
        if let Values::Words(column) = &mut self.values {
            let (texts, body) = (column.words.len(), column.words.body());
            TOOLS.with_borrow_mut(|tools| self.chunk.set_dictionary(texts, body, &mut tools.press))?;
        }
        let statistics = self.values.take_statistics(self.chunk.nulls());
        let (bytes, close) = self.chunk.finish(statistics)?;
        group.append_column(&bytes, close)?;
        self.chunk.clear();
        Ok(())
    }

    /// Returns the bytes held in memory.
    pub(super) fn bytes_held(&self) -> usize {
        self.chunk.bytes_held() + self.values.bytes_held() + self.levels.allocated_size()
    }

    /// Gives memory back, but for so many bytes a buffer. Nothing is lost between row groups.
    pub(super) fn shrink(&mut self, kept_bytes: usize) {
        self.chunk.shrink(kept_bytes);
        match &mut self.values {
            Values::Words(column) => {
                column.words.shrink(kept_bytes);
                column.texts.shrink(kept_bytes);
            }
            Values::Texts(texts) => texts.shrink(kept_bytes),
            Values::Integers(values, _) => values.shrink_to(kept_bytes / size_of::<i64>()),
            Values::Decimals(values, _) => values.shrink_to(kept_bytes / size_of::<f64>()),
            Values::Truths(..) => {}
        }
    }

    /// Adds rows that go into one page.
    fn append_piece(&mut self, piece: &ArrayRef) -> Result<()> {
        let nulls = piece.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        if let Values::Words(column) = &mut self.values {
            let rows = piece.as_dictionary_opt::<Int32Type>().ok_or_else(wrong_type)?;
            let is_all_null = nulls.as_ref().is_some_and(|nulls| nulls.null_count() == piece.len());
            if !is_all_null && !column.words.append(rows, nulls.as_ref()) {
                return self.append_past_dictionary(rows, nulls.as_ref());
            }
        } else if !self.values.append(piece, nulls.as_ref()) {
            return Err(wrong_type());
        }
        self.count(piece.len(), nulls.as_ref());
        Ok(())
    }

    /// Gives rows that the dictionary has no room for pages of their own.
    fn append_past_dictionary(&mut self, rows: &Rows, nulls: Option<&NullBuffer>) -> Result<()> {
        self.end_page()?;
        let texts = rows.values().as_string_opt::<i32>().ok_or_else(wrong_type)?;
        for (row, key) in rows.keys().values().iter().enumerate() {
            let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
            if let Values::Words(column) = &mut self.values
                && !is_null
            {
                column.is_mixed = true;
                column.texts.push(texts.value(*key as usize))?;
            }
            self.levels.append(!is_null);
            self.rows += 1;
            self.nulls += usize::from(is_null);
            if self.values.page_bytes() >= PAGE_BYTES {
                self.end_page()?;
            }
        }
        self.end_page()
    }

    fn count(&mut self, rows: usize, nulls: Option<&NullBuffer>) {
        match nulls {
            None => self.levels.append_n_non_nulls(rows),
            Some(nulls) if nulls.null_count() == rows => self.levels.append_n_nulls(rows),
            Some(nulls) => self.levels.append_buffer(nulls),
        }
        self.rows += rows;
        self.nulls += nulls.map_or(0, NullBuffer::null_count);
    }

    fn end_page(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        TOOLS.with_borrow_mut(|Tools { body, press }| {
            body.clear();
            body.shrink_to(KEPT_BYTES);
            write_levels(body, self.levels.finish().as_ref(), self.rows, self.nulls);
            let (encoding, bounds) = self.values.end_page(body);
            let page = Page {
                encoding,
                rows: self.rows,
                nulls: self.nulls,
                bounds,
                body,
            };
            self.chunk.add(&page, press)
        })?;
        (self.rows, self.nulls) = (0, 0);
        Ok(())
    }
}

/// Writes for each row whether it has a value, with the length before it.
fn write_levels(out: &mut Vec<u8>, levels: Option<&NullBuffer>, rows: usize, nulls: usize) {
    let length_at = out.len();
    out.extend_from_slice(&[0; size_of::<u32>()]);
    let start = out.len();
    match levels {
        Some(levels) if nulls < rows => pack::packed_bits(out, levels.validity(), rows),
        _ => pack::run_of(out, u32::from(nulls == 0), rows, 1),
    }
    let length = (out.len() - start) as u32;
    out[length_at..start].copy_from_slice(&length.to_le_bytes());
}

impl Values {
    /// Returns how many of the rows fit into the page, at least one.
    fn rows_that_fit(&self, array: &ArrayRef, rows: Range<usize>) -> usize {
        let (Self::Texts(texts), Some(array)) = (self, array.as_string_opt::<i32>()) else {
            return rows.len();
        };
        let ends = &array.value_offsets()[rows.start..=rows.end];
        let room = PAGE_BYTES.saturating_sub(texts.bytes.len());
        let start = ends.first().copied().unwrap_or(0);
        let fitting = ends.partition_point(|end| (end - start) as usize <= room);
        fitting.saturating_sub(1).clamp(1, rows.len())
    }

    fn append(&mut self, piece: &ArrayRef, nulls: Option<&NullBuffer>) -> bool {
        match self {
            Self::Words(_) => false,
            Self::Texts(texts) => piece
                .as_string_opt::<i32>()
                .is_some_and(|rows| texts.append(rows, nulls)),
            Self::Integers(values, _) if piece.data_type() == &DataType::Int64 => {
                append_numbers::<Int64Type>(values, piece, nulls)
            }
            Self::Integers(values, _) => append_numbers::<TimestampMicrosecondType>(values, piece, nulls),
            Self::Decimals(values, _) => append_numbers::<Float64Type>(values, piece, nulls),
            Self::Truths(truths, bounds) => piece.as_boolean_opt().is_some_and(|rows| {
                truths.append(rows, bounds);
                true
            }),
        }
    }

    fn page_bytes(&self) -> usize {
        match self {
            Self::Words(column) => column.texts.bytes.len(),
            Self::Texts(texts) => texts.bytes.len(),
            _ => 0,
        }
    }

    /// Writes the page's values and forgets them. Returns their encoding and, where they are known, their bounds.
    fn end_page(&mut self, out: &mut Vec<u8>) -> (Encoding, Option<super::chunk::PageBounds>) {
        match self {
            Self::Words(column) if column.texts.lengths.is_empty() => {
                let greatest = column.words.len().saturating_sub(1) as u64;
                let width = pack::width_of(greatest);
                out.push(width as u8);
                pack::runs(out, &column.words.keys, width);
                column.words.keys.clear();
                (Encoding::RLE_DICTIONARY, None)
            }
            Self::Words(column) => (column.texts.end_page(out), None),
            Self::Texts(texts) => (texts.end_page(out), None),
            Self::Integers(values, bounds) => {
                let page = bounds.add_page(values);
                // A page without values says nothing, in any encoding; not every reader takes differences of nothing.
                let encoding = if values.is_empty() {
                    Encoding::PLAIN
                } else {
                    pack::differences(out, values.iter().copied());
                    Encoding::DELTA_BINARY_PACKED
                };
                values.clear();
                (encoding, page)
            }
            Self::Decimals(values, bounds) => {
                let page = bounds.add_page(values);
                out.reserve(values.len() * size_of::<f64>());
                for value in values.drain(..) {
                    out.extend_from_slice(&value.to_le_bytes());
                }
                (Encoding::PLAIN, page)
            }
            Self::Truths(truths, bounds) => {
                out.extend_from_slice(&truths.bits);
                *truths = Truths::default();
                (Encoding::PLAIN, bounds.end_page())
            }
        }
    }

    fn take_statistics(&mut self, nulls: u64) -> Statistics {
        let nulls = Some(nulls);
        match self {
            Self::Words(column) => {
                let is_short = |(min, max): &(&[u8], &[u8])| min.len().max(max.len()) <= MAX_BOUND_BYTES;
                let bounds = column
                    .words
                    .bounds()
                    .filter(|bounds| !column.is_mixed && is_short(bounds));
                let (min, max) = bounds
                    .map(|(min, max)| (ByteArray::from(min.to_vec()), ByteArray::from(max.to_vec())))
                    .unzip();
                column.words.clear();
                column.is_mixed = false;
                Statistics::byte_array(min, max, None, nulls, false)
            }
            Self::Texts(_) => Statistics::byte_array(None, None, None, nulls, false),
            Self::Integers(_, bounds) => {
                let (min, max) = bounds.take();
                Statistics::int64(min, max, None, nulls, false)
            }
            Self::Decimals(_, bounds) => {
                let (min, max) = bounds.take();
                Statistics::double(min, max, None, nulls, false)
            }
            Self::Truths(_, bounds) => {
                let (min, max) = bounds.take();
                Statistics::boolean(min, max, None, nulls, false)
            }
        }
    }

    fn bytes_held(&self) -> usize {
        match self {
            Self::Words(column) => column.words.bytes_held() + column.texts.bytes_held(),
            Self::Texts(texts) => texts.bytes_held(),
            Self::Integers(values, _) => values.capacity() * size_of::<i64>(),
            Self::Decimals(values, _) => values.capacity() * size_of::<f64>(),
            Self::Truths(truths, _) => truths.bits.capacity(),
        }
    }
}

fn append_numbers<T: ArrowPrimitiveType>(
    values: &mut Vec<T::Native>,
    piece: &ArrayRef,
    nulls: Option<&NullBuffer>,
) -> bool {
    let Some(array) = piece.as_primitive_opt::<T>() else {
        return false;
    };
    match nulls {
        None => values.extend_from_slice(array.values()),
        Some(nulls) => values.extend(nulls.valid_indices().map(|row| array.values()[row])),
    }
    true
}

impl Texts {
    fn append(&mut self, rows: &StringArray, nulls: Option<&NullBuffer>) -> bool {
        let offsets = rows.value_offsets();
        let bytes = rows.value_data();
        let Some(nulls) = nulls else {
            let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else {
                return false;
            };
            self.bytes.extend_from_slice(&bytes[*first as usize..*last as usize]);
            self.lengths.extend(offsets.windows(2).map(|pair| pair[1] - pair[0]));
            return true;
        };
        for row in nulls.valid_indices() {
            let (start, end) = (offsets[row], offsets[row + 1]);
            self.bytes.extend_from_slice(&bytes[start as usize..end as usize]);
            self.lengths.push(end - start);
        }
        true
    }

    fn push(&mut self, text: &str) -> Result<()> {
        let length = i32::try_from(text.len()).map_err(|_| wrong_type())?;
        self.lengths.push(length);
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn end_page(&mut self, out: &mut Vec<u8>) -> Encoding {
        if self.lengths.is_empty() {
            return Encoding::PLAIN;
        }
        pack::differences(out, self.lengths.iter().map(|length| i64::from(*length)));
        out.extend_from_slice(&self.bytes);
        self.lengths.clear();
        self.bytes.clear();
        Encoding::DELTA_LENGTH_BYTE_ARRAY
    }

    fn shrink(&mut self, kept_bytes: usize) {
        self.bytes.shrink_to(kept_bytes);
        self.lengths.shrink_to(kept_bytes / size_of::<i32>());
    }

    fn bytes_held(&self) -> usize {
        self.bytes.capacity() + self.lengths.capacity() * size_of::<i32>()
    }
}

impl Truths {
    fn append(&mut self, rows: &BooleanArray, bounds: &mut Bounds<bool>) {
        for value in rows.iter().flatten() {
            if self.count.is_multiple_of(8) {
                self.bits.push(0);
            }
            if let Some(last) = self.bits.last_mut() {
                *last |= u8::from(value) << (self.count % 8);
            }
            self.count += 1;
            bounds.add(value);
        }
    }
}

fn wrong_type() -> ParquetError {
    ParquetError::General("a column is not of the type it is written as".to_owned())
}
