//! Telling a file's form from its first bytes. What its rows are is told row by row (`route`).

use sekisho_event::kind::SourceKind;

use crate::route;

/// How the bytes are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A header line, then records, with this delimiter.
    Csv {
        /// The delimiter.
        delimiter: u8,
    },
    /// One JSON object a line.
    JsonLines,
    /// JSON objects in any layout: arrays, bodies, pretty-printed.
    JsonValues,
    /// The text of a job trace.
    Trace,
}

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sniffed {
    /// How the bytes are laid out.
    pub form: Form,
    /// The kind, where the user said it.
    pub kind: Option<SourceKind>,
    /// Bytes of a byte order mark to pass over.
    pub mark_bytes: usize,
}

/// The byte order mark that Windows programs put before UTF-8 text.
pub(crate) const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the form of a stream that starts with `head`.
///
/// # Errors
/// The content is of no known form; the error says what was seen.
pub fn sniff(head: &[u8], kind: Option<SourceKind>, file: &str) -> Result<Sniffed, String> {
    let mark_bytes = if head.starts_with(UTF8_MARK) {
        UTF8_MARK.len()
    } else {
        0
    };
    let text = &head[mark_bytes..];
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err("UTF-16 text: save it as UTF-8".to_owned());
    }
    let form = if kind == Some(SourceKind::GitlabJobTrace) {
        Form::Trace
    } else {
        form_of(text, kind, file)?
    };
    Ok(Sniffed { form, kind, mark_bytes })
}

/// Cells and values are attacker-written, so a header and the start of an object say more than a runner's mark behind them.
fn form_of(text: &[u8], kind: Option<SourceKind>, file: &str) -> Result<Form, String> {
    if text.trim_ascii().is_empty() {
        return Err("an empty file".to_owned());
    }
    if starts_as_json(text) {
        return Ok(if is_line_by_line(text) {
            Form::JsonLines
        } else {
            Form::JsonValues
        });
    }
    let header = text
        .split(|byte| *byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty())
        .unwrap_or_default();
    let delimiter = delimiter_of(header);
    let names = header_names(header, delimiter);
    if kind.is_some() && names.len() > 1 || route::knows_header(&names, file) {
        return Ok(Form::Csv { delimiter });
    }
    if is_trace(text) {
        return Ok(Form::Trace);
    }
    if matches!(text.trim_ascii_start(), [b'{' | b'[', ..]) {
        return Ok(Form::JsonValues);
    }
    if text.contains(&0) {
        return Err("binary content".to_owned());
    }
    Err("text whose first line is no header that the catalogue knows".to_owned())
}

/// A trace may start with a bracket (`[0K`, `[INFO]`); only objects and lists of objects hold events.
fn starts_as_json(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let Some((first, rest)) = text.split_first() else {
        return false;
    };
    let second = rest.trim_ascii_start().first();
    match first {
        b'{' => matches!(second, Some(b'"' | b'}') | None),
        b'[' => matches!(second, Some(b'{' | b']') | None),
        _ => false,
    }
}

/// Returns true where each line is a value of its own. A pretty-printed file opens its first value on a line and does not
/// close it there.
fn is_line_by_line(text: &[u8]) -> bool {
    let mut lines = text
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    let (Some(first), second) = (lines.next(), lines.next()) else {
        return false;
    };
    let opens = |line: &[u8]| line.starts_with(b"{");
    let closes = |line: &[u8]| line.ends_with(b"}");
    let is_body = || {
        let keys = [&b"\"records\""[..], b"\"Records\""];
        keys.iter().any(|key| memchr::memmem::find(first, key).is_some())
    };
    match second {
        Some(second) => opens(first) && opens(second) && (closes(first) || closes(second)),
        None => opens(first) && closes(first) && !is_body(),
    }
}

/// GitLab Runner writes section marks and ANSI codes into every trace; newer runners put a time before each line.
fn is_trace(text: &[u8]) -> bool {
    let marks = [
        &b"section_start:"[..],
        b"section_end:",
        b"Running with gitlab-runner",
        b"\x1b[0K",
    ];
    let has_mark = marks.iter().any(|mark| memchr::memmem::find(text, mark).is_some());
    has_mark || crate::kinds::trace_prefix(text).is_some()
}

fn delimiter_of(header: &[u8]) -> u8 {
    let count = |delimiter: u8| header.iter().filter(|byte| **byte == delimiter).count();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|delimiter| (count(*delimiter), *delimiter == b','))
        .unwrap_or(b',')
}

fn header_names(header: &[u8], delimiter: u8) -> Vec<String> {
    let cells = header.split(|byte| *byte == delimiter);
    cells
        .map(|cell| String::from_utf8_lossy(cell).trim().trim_matches('"').to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Result<Form, String> {
        sniff(text.as_bytes(), None, "file").map(|sniffed| sniffed.form)
    }

    #[test]
    fn forms_are_told_from_content() {
        assert_eq!(
            form("\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\"\n").unwrap(),
            Form::Csv { delimiter: b',' }
        );
        assert_eq!(
            form("\u{feff}EVENT_TYPE;TIMESTAMP;REQUEST_ID\n").unwrap(),
            Form::Csv { delimiter: b';' }
        );
        assert_eq!(form("{\"a\":1}\n{\"a\":2}\n").unwrap(), Form::JsonLines);
        assert_eq!(form("{\"a\":1}").unwrap(), Form::JsonLines);
        assert_eq!(form("{\"a\":1}\n{broken\n").unwrap(), Form::JsonLines);
        assert_eq!(form("{\n  \"a\": 1\n}\n").unwrap(), Form::JsonValues);
        assert_eq!(form("[{\"a\":1},\n{\"a\":2}]").unwrap(), Form::JsonValues);
        assert_eq!(form("{\"totalSize\":1,\"records\":[{}]}").unwrap(), Form::JsonValues);
        assert_eq!(form("\u{1b}[0KRunning with gitlab-runner 17\n").unwrap(), Form::Trace);
        assert_eq!(form("2024-05-22T12:43:46.962646Z 00O hello\n").unwrap(), Form::Trace);
    }

    #[test]
    fn text_in_cells_does_not_decide_the_form() {
        let header = "\"EVENT_TYPE\",\"TIMESTAMP\",\"URI\"\n";
        let csv = format!("{header}\"Login\",\"20250101000000.000\",\"section_start:1:x \u{1b}[0K\"\n");
        assert_eq!(form(&csv).unwrap(), Form::Csv { delimiter: b',' });
        assert_eq!(form("{\n \"a\": \"section_start:1:x\"\n}").unwrap(), Form::JsonValues);
        assert_eq!(form("[INFO] started\nsection_start:1:x\r\n").unwrap(), Form::Trace);
    }

    #[test]
    fn what_is_not_known_is_named() {
        for (text, what) in [
            ("", "empty"),
            ("\0\0", "binary"),
            ("hello\n", "header"),
            ("a,b\n1,2\n", "header"),
        ] {
            assert!(form(text).unwrap_err().contains(what), "{text:?}");
        }
        assert!(sniff(b"\xff\xfea\0", None, "f").unwrap_err().contains("UTF-16"));
    }
}
