//! CI job traces: visible lines without ANSI codes, with section, runner time and byte offset as evidence.
//!
//! Source: GitLab documentation on job logs and the runner's `FF_TIMESTAMPS` form (domain notes, CI job trace).

use sekisho_event::catalogue::Catalogue;
use sekisho_event::time::{CellZone, parse_cell};

use super::output::Output;
use crate::input::{Lines, Raw, Stream};
use crate::{DecodeError, Options};

/// Length of `2024-05-22T12:43:46.962646Z 00O`, after which a space or `+` stands.
const PREFIX_BYTES: usize = 31;

/// The deepest nesting of sections that is followed; runners write two or three levels.
const MAX_SECTIONS: usize = 64;

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
    let handle = output.builder_of(table);
    let mut lines = Lines::new(stream);
    let mut sections: Vec<String> = Vec::new();
    loop {
        let line = lines.line() + 1;
        let raw = match lines.next() {
            Ok(Some(Raw::Row(bytes))) => Ok(bytes.to_vec()),
            Ok(Some(Raw::Broken { reason, .. })) => Err(reason),
            Ok(None) => return Ok(()),
            Err(source) => {
                output.flush_all()?;
                return Err(output.read_error(line, source));
            }
        };
        match raw {
            Ok(bytes) => append_line(&bytes, line, lines.offset(), &mut sections, handle, output)?,
            Err(reason) => output.reject(line, reason, b"")?,
        }
    }
}

/// Adds one row for each part of a line that was visible. A carriage return overwrites on a terminal; what it overwrote
/// was still sent, so it is kept as a row of its own.
fn append_line(
    line: &[u8],
    number: u64,
    offset: u64,
    sections: &mut Vec<String>,
    handle: usize,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    let prefix = prefix(line);
    let skipped = if prefix.is_some() {
        (PREFIX_BYTES + 1).min(line.len())
    } else {
        0
    };
    let mut start = skipped;
    for part in line[skipped..].split(|byte| *byte == b'\r') {
        let at = offset + start as u64;
        start += part.len() + 1;
        let visible = strip_ansi(part);
        let text = String::from_utf8_lossy(&visible);
        let text = follow_sections(&text, sections);
        if text.trim().is_empty() {
            continue;
        }
        append_row(text, number, at, prefix, sections.last(), handle, output)?;
    }
    Ok(())
}

fn append_row(
    text: &str,
    line: u64,
    offset: u64,
    prefix: Option<Prefix<'_>>,
    section: Option<&String>,
    handle: usize,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    let offset = offset.to_string();
    let is_masked = text.contains("[MASKED]");
    let cells = [
        ("line_time", prefix.map(|prefix| prefix.time)),
        ("stream", prefix.map(|prefix| prefix.stream)),
        ("section", section.map(String::as_str)),
        ("text", Some(text)),
        ("byte_offset", Some(offset.as_str())),
        ("continued", prefix.filter(|prefix| prefix.is_continued).map(|_| "true")),
        ("masked", is_masked.then_some("true")),
    ];
    let builder = output.builder(handle);
    let before = builder.bytes();
    let mut row = builder.new_row();
    for (name, cell) in cells {
        if let Some(cell) = cell {
            row.put(&builder.slot(name), name, cell, false);
        }
    }
    builder.append(line, row, None);
    let bytes = builder.bytes() - before;
    output.row_added(handle, bytes)
}

/// Follows `section_start:TIME:NAME[options]` and `section_end:TIME:NAME` marks; returns what of the part is no mark.
fn follow_sections<'t>(text: &'t str, sections: &mut Vec<String>) -> &'t str {
    let (mark, is_start) = match (text.strip_prefix("section_start:"), text.strip_prefix("section_end:")) {
        (Some(mark), _) => (mark, true),
        (_, Some(mark)) => (mark, false),
        _ => return text,
    };
    let Some((time, name)) = mark.split_once(':') else {
        return text;
    };
    if time.is_empty() || !time.bytes().all(|byte| byte.is_ascii_digit()) {
        return text;
    }
    let name = name.split('[').next().unwrap_or(name).trim();
    if is_start && sections.len() < MAX_SECTIONS {
        sections.push(name.to_owned());
    } else if let Some(open) = sections.iter().rposition(|open| open == name) {
        sections.truncate(open);
    }
    ""
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
            end.map_or(&[], |end| {
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
    }

    #[test]
    fn sections_are_followed_and_their_marks_hidden() {
        let mut sections = Vec::new();
        assert_eq!(
            follow_sections("section_start:1560896352:build[collapsed=true]", &mut sections),
            ""
        );
        assert_eq!(sections, ["build"]);
        assert_eq!(
            follow_sections("section_start: not a mark", &mut sections),
            "section_start: not a mark"
        );
        assert_eq!(follow_sections("section_end:1560896353:build", &mut sections), "");
        assert!(sections.is_empty());
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
