//! The file inside an EventLogFile record: SOAP and exports carry it as Base64, where REST gives a path.

use base64::Engine;

use super::csv;
use super::output::Output;
use crate::limits::MAX_LOG_FILE_BYTES;
use crate::{DecodeError, Options};

/// Returns true where the text of `LogFile` is the file itself and not where to get it.
pub(super) fn is_content(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('/') && !text.starts_with("http")
}

/// Reads the rows of the file. They have the line of the record, `row`.
pub(super) fn read(
    line: u64,
    encoded: &str,
    row: &str,
    options: &Options,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    let packed: Vec<u8> = encoded.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    match base64::engine::general_purpose::STANDARD.decode(packed) {
        Ok(bytes) if bytes.len() > MAX_LOG_FILE_BYTES => output.reject(line, "LogFile is too long", row.as_bytes()),
        Ok(bytes) => csv::read_nested(&bytes, line, options, output),
        Err(error) => output.reject(line, format!("LogFile is not Base64: {error}"), row.as_bytes()),
    }
}
