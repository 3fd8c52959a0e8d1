//! Reading an index file.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};

use arrow::array::Array;

use crate::blocks::Blocks;
use crate::chunk::{self, Chunk, Entry};
use crate::error::{IndexError, Result, damaged};
use crate::format::{self, Part};
use crate::hours::Hours;
use crate::texts::{folded, order};
use crate::varint::Cursor;
use crate::{BLOCK_ROWS, MAX_ROWS};

/// Bytes that can be read anywhere, by several readers at a time.
pub trait ReadAt {
    /// Returns how many bytes there are.
    ///
    /// # Errors
    /// When they cannot be asked for.
    fn len_bytes(&self) -> io::Result<u64>;

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// When there are not as many, or they cannot be read.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

impl ReadAt for Vec<u8> {
    fn len_bytes(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buffer.len())?))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

/// An open index file.
pub struct Index {
    file: Box<dyn ReadAt + Send + Sync>,
    rows: u64,
    columns: Vec<Column>,
    hours: Option<(Vec<String>, Part)>,
}

/// What the footer says of a column.
struct Column {
    name: String,
    indexed: Option<Indexed>,
}

struct Indexed {
    values: u64,
    chunks_offset: u64,
    directory_part: Part,
    nulls: Entry,
    /// Read when it is first needed, and kept.
    directory: OnceLock<Arc<Directory>>,
}

/// The chunks of a column.
#[derive(Debug)]
struct Directory {
    /// The first value of each and where it is.
    chunks: Vec<(Box<[u8]>, Part)>,
}

impl Index {
    /// Opens an index file.
    ///
    /// # Errors
    /// When it cannot be read, is of another version, or is not what was written.
    pub fn open(file: Box<dyn ReadAt + Send + Sync>) -> Result<Self> {
        const PART: &str = "the footer";
        let footer = format::find_footer(file.as_ref())?;
        let bytes = footer.load(file.as_ref(), PART)?;
        let mut cursor = Cursor::new(PART, &bytes);
        let rows = cursor.number()?;
        if rows > MAX_ROWS || cursor.number()? != BLOCK_ROWS {
            return Err(cursor.wrong("its rows are not numbered as they are here"));
        }
        let columns = cursor.count()?;
        let columns = (0..columns)
            .map(|_| Column::read(&mut cursor, rows, footer.offset))
            .collect::<Result<Vec<Column>>>()?;
        let hours = match cursor.number()? {
            0 => None,
            _ => {
                let keys = cursor.count()?;
                let keys = (0..keys)
                    .map(|_| cursor.text().map(str::to_owned))
                    .collect::<Result<Vec<String>>>()?;
                Some((keys, within(Part::take(&mut cursor)?, footer.offset, &cursor)?))
            }
        };
        cursor.end()?;
        Ok(Self {
            file,
            rows,
            columns,
            hours,
        })
    }

    /// Returns how many rows were indexed.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns the names of the columns that were to be indexed, and whether they are.
    pub fn columns(&self) -> impl Iterator<Item = (&str, bool)> {
        self.columns
            .iter()
            .map(|column| (column.name.as_str(), column.indexed.is_some()))
    }

    /// Returns what is known of a column; `None` where it is not indexed, so that its values may stand anywhere.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<ColumnIndex<'_>> {
        let column = self.columns.iter().find(|column| column.name == name)?;
        Some(ColumnIndex {
            index: self,
            column: column.indexed.as_ref()?,
        })
    }

    /// Returns the rows by hour; `None` where they were too many to count.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn hours(&self) -> Result<Option<Hours>> {
        const PART: &str = "the hours";
        let Some((keys, part)) = &self.hours else {
            return Ok(None);
        };
        let bytes = part.load(self.file.as_ref(), PART)?;
        Hours::read(&bytes, keys, self.rows).map(Some)
    }

    /// Returns the memory that the index takes, also what it will take when everything it keeps has been read.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        // A directory takes a few times its bytes in the file: a box and a place for each value.
        let columns = self.columns.iter().map(|column| {
            let directory = column
                .indexed
                .as_ref()
                .map_or(0, |indexed| indexed.directory_part.raw as usize);
            size_of::<Column>() + column.name.len() + 3 * directory
        });
        size_of::<Self>() + columns.sum::<usize>()
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("rows", &self.rows)
            .field("columns", &self.columns().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What an index knows of one column.
#[derive(Clone, Copy)]
pub struct ColumnIndex<'a> {
    index: &'a Index,
    column: &'a Indexed,
}

impl<'a> ColumnIndex<'a> {
    /// Returns how many distinct values there are.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.column.values
    }

    /// Returns what is known of the rows without a value.
    #[must_use]
    pub fn nulls(&self) -> &'a Entry {
        &self.column.nulls
    }

    /// Returns what is known of a value; `None` where no row holds it. Reads one chunk.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn lookup(&self, value: &str) -> Result<Option<Entry>> {
        let directory = self.directory()?;
        let after = directory
            .chunks
            .partition_point(|(first, _)| order(first, value.as_bytes()).is_le());
        let Some((_, part)) = after.checked_sub(1).and_then(|at| directory.chunks.get(at)) else {
            return Ok(None);
        };
        let chunk = self.load(part)?;
        match chunk.values().iter().position(|other| other == Some(value)) {
            Some(at) => Ok(chunk.entries()?.into_iter().nth(at)),
            None => Ok(None),
        }
    }

    /// Returns where the rows are that hold a value or one that differs from it in the case of Latin letters alone. Reads
    /// the chunks that such values stand in, mostly one.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn places_ignoring_case(&self, value: &str) -> Result<Blocks> {
        let directory = self.directory()?;
        let wanted = folded(value.as_bytes());
        let before = directory
            .chunks
            .partition_point(|(first, _)| folded(first).lt(wanted.clone()));
        let mut places = Blocks::none();
        // The chunk before may end with such values; those after it may begin with them.
        let from = before.saturating_sub(1);
        for (position, (first, part)) in directory.chunks.iter().enumerate().skip(from) {
            if position >= before && folded(first).ne(wanted.clone()) {
                break;
            }
            let chunk = self.load(part)?;
            let is_wanted =
                |other: Option<&str>| other.is_some_and(|other| folded(other.as_bytes()).eq(wanted.clone()));
            if !chunk.values().iter().any(is_wanted) {
                continue;
            }
            let entries = chunk.entries()?;
            let found = chunk
                .values()
                .iter()
                .zip(&entries)
                .filter(|(other, _)| is_wanted(*other));
            found.for_each(|(_, entry)| places.unite(&entry.blocks));
        }
        Ok(places)
    }

    /// Returns all values in the order of the file, some hundreds at a time.
    ///
    /// # Errors
    /// When they cannot be read; reading on may fail too.
    pub fn chunks(&self) -> Result<impl Iterator<Item = Result<Chunk>> + use<'a>> {
        let directory = self.directory()?;
        let this = *self;
        let mut next = 0;
        let mut seen = 0u64;
        let mut is_over = false;
        Ok(std::iter::from_fn(move || {
            if is_over {
                return None;
            }
            let Some((_, part)) = directory.chunks.get(next) else {
                is_over = true;
                let is_whole = seen == this.column.values;
                return (!is_whole).then(|| Err(damaged("values")("some are missing")));
            };
            next += 1;
            let chunk = this.load(part);
            match &chunk {
                Ok(chunk) => seen += chunk.values().len() as u64,
                Err(_) => is_over = true,
            }
            Some(chunk)
        }))
    }

    /// Returns all values in the order of the file with what is known of each.
    ///
    /// # Errors
    /// When they cannot be read; reading on may fail too.
    pub fn entries(&self) -> Result<impl Iterator<Item = Result<(String, Entry)>> + use<'a>> {
        let mut chunks = self.chunks()?;
        let mut ready: VecDeque<(String, Entry)> = VecDeque::new();
        Ok(std::iter::from_fn(move || {
            while ready.is_empty() {
                let chunk = match chunks.next()? {
                    Ok(chunk) => chunk,
                    Err(error) => return Some(Err(error)),
                };
                match chunk.entries() {
                    Ok(entries) => ready.extend(chunk.values().iter().flatten().map(str::to_owned).zip(entries)),
                    Err(error) => return Some(Err(error)),
                }
            }
            ready.pop_front().map(Ok)
        }))
    }

    fn load(&self, part: &Part) -> Result<Chunk> {
        let bytes = part.load(self.index.file.as_ref(), "values")?;
        chunk::read(&bytes, self.index.rows)
    }

    fn directory(&self) -> Result<Arc<Directory>> {
        if let Some(directory) = self.column.directory.get() {
            return Ok(Arc::clone(directory));
        }
        let read = Arc::new(self.column.read_directory(self.index.file.as_ref())?);
        Ok(Arc::clone(self.column.directory.get_or_init(|| read)))
    }
}

impl Column {
    fn read(cursor: &mut Cursor<'_>, rows: u64, parts_end: u64) -> Result<Self> {
        let name = cursor.text()?.to_owned();
        if cursor.number()? == 0 {
            return Ok(Self { name, indexed: None });
        }
        let values = cursor.number()?;
        let chunks_offset = cursor.number()?;
        let directory_part = within(Part::take(cursor)?, parts_end, cursor)?;
        let nulls = chunk::read_entries(cursor, 1, rows)?.pop().unwrap_or_default();
        let indexed = Indexed {
            values,
            chunks_offset,
            directory_part,
            nulls,
            directory: OnceLock::new(),
        };
        Ok(Self {
            name,
            indexed: Some(indexed),
        })
    }
}

impl Indexed {
    fn read_directory(&self, file: &dyn ReadAt) -> Result<Directory> {
        const PART: &str = "a directory";
        let bytes = self.directory_part.load(file, PART)?;
        let mut cursor = Cursor::new(PART, &bytes);
        let count = cursor.count()?;
        let mut chunks: Vec<(Box<[u8]>, Part)> = Vec::with_capacity(count);
        let mut offset = self.chunks_offset;
        for _ in 0..count {
            let first: Box<[u8]> = cursor.bytes()?.into();
            let part = within(
                Part::take_placed(&mut cursor, offset)?,
                self.directory_part.offset,
                &cursor,
            )?;
            offset = part.end();
            if chunks.last().is_some_and(|(last, _)| order(last, &first).is_ge()) {
                return Err(cursor.wrong("its values are out of order"));
            }
            chunks.push((first, part));
        }
        cursor.end()?;
        Ok(Directory { chunks })
    }
}

/// Returns the part where it ends before `end`.
fn within(part: Part, end: u64, cursor: &Cursor<'_>) -> Result<Part> {
    if part.offset >= format::HEAD_BYTES as u64 && part.end() <= end {
        Ok(part)
    } else {
        Err::<Part, IndexError>(cursor.wrong("it leads to a part outside the file"))
    }
}
