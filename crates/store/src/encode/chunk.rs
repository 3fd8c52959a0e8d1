//! A column of a row group, page by page, in the bytes in which it goes into the file.

use std::io::{self, Chain, Read};

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, EncodingMask, PageType, Type, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ColumnIndexBuilder, OffsetIndexBuilder, PageEncodingStats};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::KEPT_BYTES;
use super::header::{self, Sizes};

/// The fastest zstd level: higher ones cost more writing time than they save in reading.
const ZSTD_LEVEL: i32 = 1;

/// Compresses pages. Making a compressor costs more than compressing a page with it.
#[derive(Default)]
pub(super) struct Press {
    compressor: Option<Compressor<'static>>,
    compressed: Vec<u8>,
}

impl Press {
    fn press(&mut self, body: &[u8]) -> Result<&[u8]> {
        let failed = |error: io::Error| ParquetError::External(Box::new(error));
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(Compressor::new(ZSTD_LEVEL).map_err(failed)?),
        };
        self.compressed.clear();
        self.compressed.shrink_to(KEPT_BYTES);
        self.compressed.reserve(zstd::zstd_safe::compress_bound(body.len()));
        compressor
            .compress_to_buffer(body, &mut self.compressed)
            .map_err(failed)?;
        Ok(&self.compressed)
    }
}

/// The least and the greatest of a page's values, as the page index has them.
pub(super) struct PageBounds {
    pub(super) min: Vec<u8>,
    pub(super) max: Vec<u8>,
}

/// A page that is ready to be compressed.
pub(super) struct Page<'a> {
    pub(super) encoding: Encoding,
    pub(super) rows: usize,
    pub(super) nulls: usize,
    /// `None` where they are not known; a page of nulls has none to know.
    pub(super) bounds: Option<PageBounds>,
    /// Levels and values.
    pub(super) body: &'a [u8],
}

/// The pages of a column so far.
pub(super) struct Chunk {
    descr: ColumnDescPtr,
    dictionary: Vec<u8>,
    pages: Vec<u8>,
    offsets: OffsetIndexBuilder,
    bounds: ColumnIndexBuilder,
    encodings: Vec<(PageType, Encoding, i32)>,
    rows: usize,
    nulls: usize,
    uncompressed: usize,
}

impl Chunk {
    pub(super) fn new(descr: ColumnDescPtr) -> Self {
        let physical = descr.physical_type();
        Self {
            descr,
            dictionary: Vec::new(),
            pages: Vec::new(),
            offsets: OffsetIndexBuilder::new(),
            bounds: ColumnIndexBuilder::new(physical),
            encodings: Vec::new(),
            rows: 0,
            nulls: 0,
            uncompressed: 0,
        }
    }

    /// Returns the bytes held.
    pub(super) fn bytes_held(&self) -> usize {
        self.dictionary.capacity() + self.pages.capacity()
    }

    /// Gives memory back, but for so many bytes a buffer.
    pub(super) fn shrink(&mut self, kept_bytes: usize) {
        self.dictionary.shrink_to(kept_bytes);
        self.pages.shrink_to(kept_bytes);
    }

    pub(super) fn nulls(&self) -> u64 {
        self.nulls as u64
    }

    /// Adds a page of rows.
    pub(super) fn add(&mut self, page: &Page<'_>, press: &mut Press) -> Result<()> {
        let compressed = press.press(page.body)?;
        let start = self.pages.len();
        let sizes = Sizes::of(page.body, compressed).ok_or_else(too_large)?;
        header::data(&mut self.pages, sizes, page.rows, page.encoding);
        self.uncompressed += self.pages.len() - start + page.body.len();
        self.pages.extend_from_slice(compressed);
        let bytes = i32::try_from(self.pages.len() - start).map_err(|_| too_large())?;
        self.offsets.append_offset_and_size(start as i64, bytes);
        self.offsets.append_row_count(page.rows as i64);
        match &page.bounds {
            Some(PageBounds { min, max }) => self.bounds.append(false, min.clone(), max.clone(), page.nulls as i64),
            None if page.nulls == page.rows => self.bounds.append(true, Vec::new(), Vec::new(), page.nulls as i64),
            None => self.bounds.to_invalid(),
        }
        self.count(PageType::DATA_PAGE, page.encoding);
        self.rows += page.rows;
        self.nulls += page.nulls;
        Ok(())
    }

    /// Sets the dictionary that the pages so far have their values from.
    pub(super) fn set_dictionary(&mut self, values: usize, body: &[u8], press: &mut Press) -> Result<()> {
        let compressed = press.press(body)?;
        self.dictionary.clear();
        let sizes = Sizes::of(body, compressed).ok_or_else(too_large)?;
        header::dictionary(&mut self.dictionary, sizes, values);
        self.uncompressed += self.dictionary.len() + body.len();
        self.dictionary.extend_from_slice(compressed);
        self.count(PageType::DICTIONARY_PAGE, Encoding::PLAIN);
        Ok(())
    }

    /// Returns what the file says about the column, and starts a new one. The bytes are read before the next page comes.
    pub(super) fn finish(&mut self, statistics: Statistics) -> Result<(ChunkBytes<'_>, ColumnCloseResult)> {
        let descr = self.descr.clone();
        let offsets = std::mem::replace(&mut self.offsets, OffsetIndexBuilder::new());
        let bounds = std::mem::replace(&mut self.bounds, ColumnIndexBuilder::new(descr.physical_type()));
        let encodings = std::mem::take(&mut self.encodings);
        let dictionary_bytes = self.dictionary.len();
        let mut offsets = offsets.build();
        for location in &mut offsets.page_locations {
            location.offset += dictionary_bytes as i64;
        }
        let compressed = dictionary_bytes + self.pages.len();
        // Levels are runs, whatever the values are.
        let used = encodings
            .iter()
            .map(|(_, encoding, _)| encoding)
            .chain([&Encoding::RLE]);
        let mask = EncodingMask::new_from_encodings(used);
        let stats = encodings.iter().map(|(page_type, encoding, count)| PageEncodingStats {
            page_type: *page_type,
            encoding: *encoding,
            count: *count,
        });
        let metadata = ColumnChunkMetaData::builder(descr)
            .set_encodings_mask(mask)
            .set_page_encoding_stats(stats.collect())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
            .set_num_values(self.rows as i64)
            .set_total_compressed_size(compressed as i64)
            .set_total_uncompressed_size(self.uncompressed as i64)
            .set_dictionary_page_offset((dictionary_bytes > 0).then_some(0))
            .set_data_page_offset(dictionary_bytes as i64)
            .set_statistics(statistics)
            .build()?;
        let has_bounds = bounds.valid() && self.descr.physical_type() != Type::BYTE_ARRAY;
        let close = ColumnCloseResult {
            bytes_written: compressed as u64,
            rows_written: self.rows as u64,
            metadata,
            bloom_filter: None,
            column_index: if has_bounds { Some(bounds.build()?) } else { None },
            offset_index: Some(offsets),
        };
        (self.rows, self.nulls, self.uncompressed) = (0, 0, 0);
        let bytes = ChunkBytes {
            dictionary: &self.dictionary,
            pages: &self.pages,
        };
        Ok((bytes, close))
    }

    /// Forgets the bytes that `finish` gave out; their memory is used again.
    pub(super) fn clear(&mut self) {
        self.dictionary.clear();
        self.pages.clear();
    }

    fn count(&mut self, page_type: PageType, encoding: Encoding) {
        let known =
            |(known_type, known, _): &&mut (PageType, Encoding, i32)| *known_type == page_type && *known == encoding;
        match self.encodings.iter_mut().find(known) {
            Some((_, _, count)) => *count += 1,
            None => self.encodings.push((page_type, encoding, 1)),
        }
    }
}

/// The bytes of a column in the order of the file.
pub(super) struct ChunkBytes<'a> {
    dictionary: &'a [u8],
    pages: &'a [u8],
}

impl Length for ChunkBytes<'_> {
    fn len(&self) -> u64 {
        (self.dictionary.len() + self.pages.len()) as u64
    }
}

impl<'a> ChunkReader for ChunkBytes<'a> {
    type T = Chain<&'a [u8], &'a [u8]>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        // A column is read from its beginning only: at the dictionary, or at the pages where there is none.
        if start != 0 {
            return Err(ParquetError::General("a column is copied as a whole".to_owned()));
        }
        Ok(self.dictionary.chain(self.pages))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let mut bytes = vec![0; length];
        self.get_read(start)?.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

fn too_large() -> ParquetError {
    ParquetError::General("a page is larger than 2 GiB".to_owned())
}
