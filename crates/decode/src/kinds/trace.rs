//! CI job traces: visible lines without ANSI codes, with section, runner time and byte offset as evidence.
//!
//! Source: GitLab documentation on job logs and the runner's `FF_TIMESTAMPS` form (domain notes, CI job trace).

use std::sync::Arc;

use sekisho_event::catalogue::{Catalogue, Table};
use sekisho_event::time::{CellZone, parse_cell};

use super::output::Output;
use crate::build::{Cell, RowTime, Slot};
use crate::input::{Lines, Raw, Stream};
use crate::{DecodeError, Options};

/// Length of `2024-05-22T12:43:46.962646Z 00O`, after which a space or `+` stands.
const PREFIX_BYTES: usize = 31;

/// The deepest nesting of sections that is followed; runners write two or three levels.
const MAX_SECTIONS: usize = 64;

/// The longest section name, and the longest options behind it, that are a mark; others are text.
const MAX_SECTION_NAME_BYTES: usize = 128;

/// Job ids are 64-bit numbers.
const MAX_JOB_DIGITS: usize = 19;

/// What stands beside a job's id in the name of its trace.
const JOB_WORDS: [&str; 8] = ["build", "ci", "gitlab", "job", "log", "output", "raw", "trace"];

/// A runner's line prefix: time, stream and whether the line goes on from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefix<'a> {
    time: &'a str,
    stream: &'a str,
    is_continued: bool,
}

/// Returns the `FF_TIMESTAMPS` prefix of a line.
pub(crate) fn prefix(line: &[u8]) -> Option<Prefix<'_>> {
    let text = std::str::from_utf8(line.get(..PREFIX_BYTES)?).ok()?;
    let (time, stream) = text.split_once(' ')?;
    let is_stream = stream.len() == 3
        && stream.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
        && matches!(stream.as_bytes()[2], b'O' | b'E');
    let mark = line.get(PREFIX_BYTES).copied().unwrap_or(b' ');
    parse_cell(time.as_bytes(), CellZone::Refuse)?;
    (is_stream && matches!(mark, b' ' | b'+' | b'\n')).then_some(Prefix {
        time,
        stream,
        is_continued: mark == b'+',
    })
}

/// Reads the stream.
pub(crate) fn read(stream: Stream<'_>, options: &Options, output: &mut Output<'_>) -> Result<(), DecodeError> {
    let Some(table) = Catalogue::builtin().table("gitlab.job_trace") else {
        return Err(DecodeError::UnknownKind {
            file: options.file.clone(),
            what: "a job trace".to_owned(),
        });
    };
    let mut lines = Lines::new(stream);
    let mut trace = Trace::new(table, &options.file, output);
    loop {
        let number = lines.line() + 1;
        // Each line starts where the one before has ended.
        let offset = lines.end();
        match lines.next() {
            Ok(Some(Raw::Row(bytes))) => trace.line(Line { number, offset, bytes }, output)?,
            Ok(Some(Raw::Broken { reason, bytes })) => output.reject(number, reason, bytes)?,
            Ok(None) => return Ok(()),
            Err(source) => {
                output.flush_all()?;
                return Err(output.read_error(number, source));
            }
        }
    }
}

/// What is followed from line to line.
struct Trace {
    handle: usize,
    /// Where each of [`COLUMNS`] goes.
    slots: [Slot; COLUMNS.len()],
    /// The job, where the file's name says it.
    job: Option<String>,
    sections: Vec<String>,
}

const COLUMNS: [&str; 8] = [
    "job_id",
    "line_time",
    "stream",
    "section",
    "text",
    "byte_offset",
    "continued",
    "masked",
];

/// A physical line, and where it starts in the trace.
#[derive(Clone, Copy)]
struct Line<'a> {
    number: u64,
    offset: u64,
    bytes: &'a [u8],
}

impl Trace {
    fn new(table: &Arc<Table>, file: &str, output: &mut Output<'_>) -> Self {
        let handle = output.builder_of(table);
        let builder = output.builder(handle);
        Self {
            handle,
            slots: COLUMNS.map(|name| builder.slot(name)),
            job: job_of(file).map(str::to_owned),
            sections: Vec::new(),
        }
    }

    /// Adds one row for each part of a line that was visible. A carriage return overwrites on a terminal; what it overwrote
    /// was still sent, so it is kept as a row of its own.
    fn line(&mut self, line: Line<'_>, output: &mut Output<'_>) -> Result<(), DecodeError> {
        let prefix = prefix(line.bytes);
        let skipped = if prefix.is_some() {
            (PREFIX_BYTES + 1).min(line.bytes.len())
        } else {
            0
        };
        let mut start = skipped;
        for part in line.bytes[skipped..].split(|byte| *byte == b'\r') {
            let offset = line.offset + start as u64;
            start += part.len() + 1;
            let visible = strip_ansi(part);
            let text = String::from_utf8_lossy(&visible);
            let is_mark = follow_section(&text, &mut self.sections);
            if !is_mark && !text.trim().is_empty() {
                self.row(&text, line.number, offset, prefix, output)?;
            }
        }
        Ok(())
    }

    fn row(
        &self,
        text: &str,
        line: u64,
        offset: u64,
        prefix: Option<Prefix<'_>>,
        output: &mut Output<'_>,
    ) -> Result<(), DecodeError> {
        let offset = offset.to_string();
        let cells = [
            self.job.as_deref(),
            prefix.map(|prefix| prefix.time),
            prefix.map(|prefix| prefix.stream),
            self.sections.last().map(String::as_str),
            Some(text),
            Some(offset.as_str()),
            prefix.filter(|prefix| prefix.is_continued).map(|_| "true"),
            text.contains("[MASKED]").then_some("true"),
        ];
        let builder = output.builder(self.handle);
        let before = builder.bytes();
        let mut row = builder.new_row();
        for ((slot, name), cell) in self.slots.iter().zip(COLUMNS).zip(cells) {
            if let Some(cell) = cell {
                row.put(*slot, Cell::text(name, cell));
            }
        }
        builder.append(line, row, RowTime::InColumns);
        let bytes = builder.bytes() - before;
        output.row_added(self.handle, bytes)
    }
}

/// Returns the job that a trace's file is named after: `4711.log`, `job-4711.txt`, `4711_trace.txt`. Lines that two jobs
/// have in common are two events, so the job is part of what a row is.
fn job_of(file: &str) -> Option<&str> {
    let base = file.rsplit(['/', '\\', '!']).next().unwrap_or(file);
    let stem = base.split_once('.').map_or(base, |(stem, _)| stem);
    let is_number =
        |word: &&str| (1..=MAX_JOB_DIGITS).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    let (numbers, others): (Vec<&str>, Vec<&str>) = stem.split(['-', '_', ' ']).partition(is_number);
    let says_job = others
        .iter()
        .all(|word| JOB_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)));
    match numbers.as_slice() {
        [job] if says_job => Some(job),
        _ => None,
    }
}

/// Follows `section_start:TIME:NAME[options]` and `section_end:TIME:NAME`; returns true where the part is such a mark and
/// nothing else. Anyone who writes to the trace can write what looks like one: what has other text in it is shown.
fn follow_section(text: &str, sections: &mut Vec<String>) -> bool {
    let (mark, is_start) = match (text.strip_prefix("section_start:"), text.strip_prefix("section_end:")) {
        (Some(mark), _) => (mark, true),
        (_, Some(mark)) => (mark, false),
        _ => return false,
    };
    let Some(name) = section_name(mark) else { return false };
    if is_start && sections.len() < MAX_SECTIONS {
        sections.push(name.to_owned());
    } else if let Some(open) = sections.iter().rposition(|open| open == name) {
        sections.truncate(open);
    }
    true
}

/// Returns the name in `TIME:NAME` or `TIME:NAME[options]`.
fn section_name(mark: &str) -> Option<&str> {
    let (time, rest) = mark.trim_end().split_once(':')?;
    let (name, options) = rest
        .split_once('[')
        .map_or((rest, None), |(name, rest)| (name, Some(rest)));
    let is_time = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = (1..=MAX_SECTION_NAME_BYTES).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let are_options = options.is_none_or(|options| {
        options.len() <= MAX_SECTION_NAME_BYTES && options.find(']').is_some_and(|end| end + 1 == options.len())
    });
    (is_time && is_name && are_options).then_some(name)
}

/// Removes ANSI escape sequences: CSI (`ESC [ … final byte`), OSC (`ESC ] … BEL or ESC \`) and two-byte escapes.
fn strip_ansi(bytes: &[u8]) -> Vec<u8> {
    let mut visible = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(escape) = memchr::memchr(0x1b, rest) {
        visible.extend_from_slice(&rest[..escape]);
        rest = after_escape(&rest[escape + 1..]);
    }
    visible.extend_from_slice(rest);
    visible
}

fn after_escape(rest: &[u8]) -> &[u8] {
    match rest.first() {
        Some(b'[') => {
            let end = rest[1..].iter().position(|byte| (0x40..=0x7e).contains(byte));
            end.map_or(&[], |end| &rest[end + 2..])
        }
        Some(b']') => {
            let end = rest.iter().position(|byte| matches!(byte, 0x07 | 0x1b));
            // Without an end it would hide the rest of the line.
            end.map_or(&rest[1..], |end| {
                if rest[end] == 0x07 {
                    &rest[end + 1..]
                } else {
                    rest.get(end + 2..).unwrap_or(&[])
                }
            })
        }
        Some(_) => &rest[1..],
        None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ansi_codes_are_removed_and_text_is_kept() {
        let strip = |text: &str| String::from_utf8(strip_ansi(text.as_bytes())).unwrap();
        assert_eq!(strip("\x1b[0K\x1b[32;1mok\x1b[0;m done"), "ok done");
        assert_eq!(strip("a\x1b]0;title\x07b\x1b]8;;u\x1b\\c"), "abc");
        assert_eq!(strip("cut \x1b[3"), "cut ");
        assert_eq!(strip("\x1b"), "");
        assert_eq!(strip("\x1b]secret"), "secret", "an unclosed sequence hides nothing");
    }

    #[test]
    fn the_job_is_told_by_the_name_of_the_file() {
        for file in [
            "4711.log",
            "job-4711.txt",
            "a/b/4711_trace.txt.gz",
            "x.zip!Job_4711.log",
        ] {
            assert_eq!(job_of(file), Some("4711"), "{file}");
        }
        for file in [
            "job.log",
            "2025-11-20.log",
            "server1.log",
            "web-4711.log",
            "",
            "4711/trace",
            "x-1-2.log",
        ] {
            assert_eq!(job_of(file), None, "{file}");
        }
    }

    #[test]
    fn sections_are_followed_and_their_marks_hidden() {
        let mut sections = Vec::new();
        assert!(follow_section(
            "section_start:1560896352:build[collapsed=true]",
            &mut sections
        ));
        assert_eq!(sections, ["build"]);
        assert!(follow_section("section_end:1560896353:build", &mut sections));
        assert!(sections.is_empty());
    }

    #[test]
    fn what_only_looks_like_a_section_mark_is_text() {
        let long = format!("section_start:1:{}", "x".repeat(1_000));
        for text in [
            "section_start: not a mark",
            "section_start:1:build secret=abc",
            "section_start:1:build[collapsed=true] secret=abc",
            "section_end:x:build",
            long.as_str(),
        ] {
            assert!(!follow_section(text, &mut Vec::new()), "{text}");
        }
    }

    #[test]
    fn runner_prefixes_are_read() {
        let found = prefix(b"2024-05-22T12:43:46.962646Z 00O+text").unwrap();
        assert_eq!(
            (found.time, found.stream, found.is_continued),
            ("2024-05-22T12:43:46.962646Z", "00O", true)
        );
        assert_eq!(prefix(b"2024-05-22T12:43:46.962646Z 00X text"), None);
        assert_eq!(prefix(b"short"), None);
    }
}
