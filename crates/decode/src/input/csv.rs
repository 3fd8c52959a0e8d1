//! CSV records of a stream, by `csv-core`, with a way back: a record that an unclosed quote has run together is given up
//! one physical line at a time, so that it takes no good row with it.

mod plain;

use std::io;
use std::ops::Range;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::{memchr, memchr_iter};

use super::Stream;
use crate::limits::{EXCERPT_BYTES, MAX_COLUMNS, MAX_RECORD_LINES, MAX_REREAD_BYTES, MAX_ROW_BYTES};

/// How much is given to `csv-core` at once: what bounds a record is looked at in between.
const STEP_BYTES: usize = 64 << 10;

const UNCLOSED: &str = "a quote is never closed";

/// Reads a stream record by record.
pub(crate) struct CsvRecords<'r> {
    stream: Stream<'r>,
    core: Reader,
    delimiter: u8,
    /// What `csv-core` writes: the cells of a record without quotes, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
    /// Where the cells of the last record are, in the window or in `cells`.
    ranges: Vec<Range<usize>>,
    next_line: u64,
    /// Bytes read as part of a record that was then given up.
    reread_bytes: u64,
    /// Bytes given out for good.
    taken_bytes: u64,
}

/// Where the reading of one record stands.
#[derive(Default)]
struct Progress {
    read: usize,
    written: usize,
    columns: usize,
    newlines: u64,
}

/// A record: offsets into the reader's buffers, valid until the next call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CsvRecord {
    /// The line where it starts, from 1.
    pub(crate) line: u64,
    /// Bytes it takes in the window.
    bytes: usize,
    /// Physical lines it spans.
    lines: u64,
    /// Its cells stand in the window as they are.
    is_plain: bool,
    /// Cells it has.
    pub(crate) columns: usize,
    /// Why it is no record, where it is none.
    pub(crate) broken: Option<&'static str>,
}

impl<'r> CsvRecords<'r> {
    pub(crate) fn new(stream: Stream<'r>, delimiter: u8) -> Self {
        let core = ReaderBuilder::new().delimiter(delimiter).build();
        Self {
            stream,
            core,
            delimiter,
            cells: vec![0; 64 << 10],
            ends: vec![0; MAX_COLUMNS],
            ranges: Vec::new(),
            next_line: 1,
            reread_bytes: 0,
            taken_bytes: 0,
        }
    }

    /// Returns the line after the last one read.
    pub(crate) fn line(&self) -> u64 {
        self.next_line
    }

    /// Returns the next record. It must be given to [`Self::take`] or [`Self::give_up`].
    pub(crate) fn next(&mut self) -> io::Result<Option<CsvRecord>> {
        if !self.skip_blank_lines()? {
            return Ok(None);
        }
        if !self.is_spent()
            && let Some(bytes) = plain::cut(self.stream.window(), self.delimiter, &mut self.ranges)
        {
            return Ok(Some(self.record(bytes, self.ranges.len(), None, true)));
        }
        self.read_record().map(Some)
    }

    /// Reads a record of any form.
    fn read_record(&mut self) -> io::Result<CsvRecord> {
        self.core.reset();
        let mut at = Progress::default();
        let (read, broken) = loop {
            match self.step(&mut at) {
                ReadRecordResult::Record | ReadRecordResult::End => {
                    break (at.read + self.rest_of_line_end(at.read)?, None);
                }
                ReadRecordResult::OutputEndsFull => break (at.read, Some("the row has more than 2,000 columns")),
                ReadRecordResult::OutputFull => {
                    let larger = self.cells.len() * 2;
                    self.cells.resize(larger, 0);
                }
                ReadRecordResult::InputEmpty if self.is_run_together(&at) => break (at.read, Some(UNCLOSED)),
                ReadRecordResult::InputEmpty => {
                    // At the end an empty window tells `csv-core` to finish the record.
                    if self.stream.window().len() == at.read {
                        self.stream.fill()?;
                    }
                }
            }
        };
        self.ranges.clear();
        let mut start = 0;
        for end in &self.ends[..at.columns] {
            self.ranges.push(start..*end);
            start = *end;
        }
        Ok(self.record(read, at.columns, broken, false))
    }

    fn step(&mut self, at: &mut Progress) -> ReadRecordResult {
        let window = &self.stream.window()[at.read..];
        let line_bytes = || memchr(b'\n', window).map_or(window.len(), |end| end + 1);
        let step = if self.is_spent() { line_bytes() } else { STEP_BYTES };
        let window = &window[..window.len().min(step)];
        let (cells, ends) = (&mut self.cells[at.written..], &mut self.ends[at.columns..]);
        let (result, bytes_in, bytes_out, columns) = self.core.read_record(window, cells, ends);
        at.newlines += memchr_iter(b'\n', &window[..bytes_in]).count() as u64;
        at.read += bytes_in;
        at.written += bytes_out;
        at.columns += columns;
        result
    }

    /// Returns true where a record cannot be one any more.
    fn is_run_together(&self, at: &Progress) -> bool {
        at.read > MAX_ROW_BYTES || at.newlines > MAX_RECORD_LINES as u64 || self.is_spent() && at.newlines > 0
    }

    /// What a broken record has run together is read again. In a file made of such records that would cost the square of
    /// its size, so past a share of the file a record is one line.
    fn is_spent(&self) -> bool {
        self.reread_bytes > MAX_REREAD_BYTES + 4 * self.taken_bytes
    }

    /// Returns the bytes of a cell of the record.
    pub(crate) fn cell(&self, record: CsvRecord, column: usize) -> &[u8] {
        &self.text(record)[self.ranges[column].clone()]
    }

    /// Returns the bytes in which the record's cells stand.
    pub(crate) fn text(&self, record: CsvRecord) -> &[u8] {
        if record.is_plain {
            return &self.stream.window()[..record.bytes];
        }
        &self.cells[..self.ranges.last().map_or(0, |last| last.end)]
    }

    /// Returns where the record's cells stand within [`Self::text`].
    pub(crate) fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// Goes on after the record.
    pub(crate) fn take(&mut self, record: CsvRecord) {
        self.next_line += record.lines;
        self.taken_bytes += record.bytes as u64;
        self.stream.consume(record.bytes);
    }

    /// Gives up the record's first physical line only; what follows is read anew. Returns the line's beginning.
    pub(crate) fn give_up(&mut self, record: CsvRecord) -> io::Result<Vec<u8>> {
        let first = loop {
            if let Some(end) = memchr(b'\n', self.stream.window()) {
                break end + 1;
            }
            if self.stream.window().len() > MAX_ROW_BYTES {
                return self.skip_long_line();
            }
            if !self.stream.fill()? {
                break self.stream.window().len();
            }
        };
        self.reread_bytes += record.bytes.saturating_sub(first) as u64;
        let line = self.stream.window()[..first.min(EXCERPT_BYTES)].to_vec();
        self.take(CsvRecord {
            bytes: first,
            lines: 1,
            ..record
        });
        Ok(line)
    }

    fn skip_long_line(&mut self) -> io::Result<Vec<u8>> {
        let excerpt = self.stream.window()[..EXCERPT_BYTES].to_vec();
        self.next_line += 1;
        loop {
            if let Some(end) = memchr(b'\n', self.stream.window()) {
                self.stream.consume(end + 1);
                return Ok(excerpt);
            }
            self.stream.consume(self.stream.window().len());
            if !self.stream.fill()? {
                return Ok(excerpt);
            }
        }
    }

    fn skip_blank_lines(&mut self) -> io::Result<bool> {
        loop {
            let window = self.stream.window();
            let blank = window.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            self.next_line += memchr_iter(b'\n', &window[..blank]).count() as u64;
            let is_all_blank = blank == window.len();
            self.stream.consume(blank);
            if !is_all_blank {
                return Ok(true);
            }
            if !self.stream.fill()? {
                return Ok(false);
            }
        }
    }

    /// `csv-core` ends a record at the carriage return; the line feed behind it belongs to the same line.
    fn rest_of_line_end(&mut self, read: usize) -> io::Result<usize> {
        if read == 0 || self.stream.window()[read - 1] != b'\r' {
            return Ok(0);
        }
        while self.stream.window().len() == read && self.stream.fill()? {}
        Ok(usize::from(self.stream.window().get(read) == Some(&b'\n')))
    }

    fn record(&self, bytes: usize, columns: usize, broken: Option<&'static str>, is_plain: bool) -> CsvRecord {
        let raw = &self.stream.window()[..bytes];
        let newlines = memchr_iter(b'\n', raw).count() as u64;
        let ends_in_newline = raw.last() == Some(&b'\n');
        let spans_lines = newlines > u64::from(ends_in_newline);
        // In a whole record quotes come in pairs. Looked at only where lines were run together or the file broke off,
        // which is rare.
        let may_be_unclosed = spans_lines || !ends_in_newline;
        let is_too_long = bytes > MAX_ROW_BYTES || newlines > MAX_RECORD_LINES as u64;
        let is_unclosed = is_too_long || may_be_unclosed && memchr_iter(b'"', raw).count() % 2 == 1;
        let broken = broken.or(is_unclosed.then_some(UNCLOSED));
        CsvRecord {
            line: self.next_line,
            bytes,
            lines: newlines.max(1),
            is_plain,
            columns,
            broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8], columns: usize) -> Vec<(u64, Result<Vec<String>, String>)> {
        let mut records = CsvRecords::new(Stream::new(&mut bytes), b',');
        let mut all = Vec::new();
        while let Some(record) = records.next().unwrap() {
            if record.broken.is_some() || record.columns != columns {
                let line = records.give_up(record).unwrap();
                all.push((record.line, Err(String::from_utf8_lossy(&line).trim_end().to_owned())));
            } else {
                let cells = (0..record.columns)
                    .map(|column| String::from_utf8_lossy(records.cell(record, column)).into_owned());
                all.push((record.line, Ok(cells.collect())));
                records.take(record);
            }
        }
        all
    }

    fn ok(line: u64, cells: &[&str]) -> (u64, Result<Vec<String>, String>) {
        (line, Ok(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    #[test]
    fn quotes_and_newlines_within_cells_are_kept() {
        let rows = read(b"\"a\",\"\"\"q\"\"\"\r\n\r\n\"b\nc\",\"d,e\"\n\"f\",g", 2);
        assert_eq!(
            rows,
            [ok(1, &["a", "\"q\""]), ok(3, &["b\nc", "d,e"]), ok(5, &["f", "g"])]
        );
    }

    #[test]
    fn an_unclosed_quote_takes_no_good_row_with_it() {
        let rows = read(b"\"a\",\"b\"\n\"c\",\"d\n\"e\",\"f\"\n\"g\",\"h\"\n", 2);
        assert_eq!(
            rows,
            [
                ok(1, &["a", "b"]),
                (2, Err("\"c\",\"d".to_owned())),
                ok(3, &["e", "f"]),
                ok(4, &["g", "h"])
            ]
        );
    }

    #[test]
    fn an_unclosed_quote_in_the_last_cell_does_not_swallow_the_rest() {
        let rows = read(b"a,\"b\nc,d\ne,f\n", 2);
        assert_eq!(
            rows,
            [(1, Err("a,\"b".to_owned())), ok(2, &["c", "d"]), ok(3, &["e", "f"])]
        );
    }

    #[test]
    fn a_row_of_another_width_costs_only_itself() {
        let rows = read(b"a,b,c\nd,e\n", 2);
        assert_eq!(rows, [(1, Err("a,b,c".to_owned())), ok(2, &["d", "e"])]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics_and_everything_ends(bytes in proptest::collection::vec(proptest::sample::select(b"a,\"\n\r\xff".to_vec()), 0..200)) {
            read(&bytes, 2);
        }
    }
}
