//! Which characters the bytes of a file are: UTF-8, or Shift-JIS as Japanese spreadsheets save it.

use std::borrow::Cow;

use crate::limits::EXCERPT_BYTES;

/// Decodes the rows of one file. The encoding is settled by the first row that is not plain ASCII.
#[derive(Debug, Default)]
pub(crate) struct TextDecoder {
    encoding: Option<Encoding>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    ShiftJis,
}

impl TextDecoder {
    /// Returns the text of a row, or `None` where its bytes are broken.
    pub(crate) fn decode<'a>(&mut self, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
        let as_utf8 = std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
        if self.encoding == Some(Encoding::Utf8) || bytes.is_ascii() {
            return as_utf8;
        }
        match self.encoding {
            Some(Encoding::Utf8) => as_utf8,
            Some(Encoding::ShiftJis) => shift_jis(bytes),
            None => self.settle(bytes, as_utf8),
        }
    }

    fn settle<'a>(&mut self, bytes: &'a [u8], as_utf8: Option<Cow<'a, str>>) -> Option<Cow<'a, str>> {
        if as_utf8.is_some() {
            self.encoding = Some(Encoding::Utf8);
            return as_utf8;
        }
        let text = shift_jis(bytes).filter(|text| reads_as_japanese(text))?;
        self.encoding = Some(Encoding::ShiftJis);
        Some(text)
    }
}

fn shift_jis(bytes: &[u8]) -> Option<Cow<'_, str>> {
    encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)
}

/// Nearly any bytes decode as Shift-JIS; broken UTF-8 gives half-width katakana and rare kanji. A row settles the
/// encoding only if most of it is in the blocks that Japanese text is written in.
fn reads_as_japanese(text: &str) -> bool {
    let wide: Vec<char> = text.chars().filter(|character| !character.is_ascii()).collect();
    let is_common = |character: &&char| matches!(**character, '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff5e}');
    wide.iter().filter(is_common).count() * 10 >= wide.len() * 9
}

/// Returns the beginning of a rejected row, readable.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(EXCERPT_BYTES)])
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIFT_JIS_TOKYO: &[u8] = b"\x93\x8c\x8b\x9e\x8e\x78\x8e\xd0";

    #[test]
    fn shift_jis_is_read_once_a_row_shows_it() {
        let mut decoder = TextDecoder::default();
        assert_eq!(decoder.decode(b"plain").unwrap(), "plain");
        assert_eq!(decoder.decode(SHIFT_JIS_TOKYO).unwrap(), "東京支社");
        assert_eq!(decoder.decode(b"\x81\x5c").unwrap(), "―");
    }

    #[test]
    fn broken_utf8_is_not_taken_for_shift_jis() {
        let mut decoder = TextDecoder::default();
        assert_eq!(decoder.decode(b"caf\xc3"), None);
        assert_eq!(decoder.decode(b"\xff\xfe\xfd"), None);
        assert_eq!(decoder.decode("café 東京".as_bytes()).unwrap(), "café 東京");
        assert_eq!(
            decoder.decode(SHIFT_JIS_TOKYO),
            None,
            "the file has shown itself to be UTF-8"
        );
    }
}
