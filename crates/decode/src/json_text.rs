//! JSON rows as cells: keys and the raw text of their values, without building a tree.

mod flat;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::limits::MAX_KEYS;

/// A key of a row and the raw text of its value.
pub(crate) type Member<'a> = (Cow<'a, str>, &'a str);

/// Room for the keys of most rows.
const USUAL_KEYS: usize = 32;

/// Returns the members of a JSON object in their order, duplicates included.
pub(crate) fn members(text: &str) -> Result<Vec<Member<'_>>, serde_json::Error> {
    match flat::members(text) {
        Some(members) => Ok(members),
        None => parsed(text),
    }
}

fn parsed(text: &str) -> Result<Vec<Member<'_>>, serde_json::Error> {
    let mut members = Vec::with_capacity(USUAL_KEYS);
    let mut parser = serde_json::Deserializer::from_str(text);
    parser.deserialize_map(Members(&mut members))?;
    parser.end()?;
    Ok(members)
}

struct Members<'o, 'a>(&'o mut Vec<Member<'a>>);

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            if self.0.len() == MAX_KEYS {
                return Err(serde::de::Error::custom("the object has more than 10,000 keys"));
            }
            let value: &RawValue = map.next_value()?;
            self.0.push((key, value.get()));
        }
        Ok(())
    }
}

/// A key, borrowed where it holds no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

/// Returns the elements of a JSON array.
pub(crate) fn elements(text: &str) -> Result<Vec<&str>, serde_json::Error> {
    let elements: Vec<&RawValue> = serde_json::from_str(text)?;
    Ok(elements.into_iter().map(RawValue::get).collect())
}

/// Returns the text of a cell: strings without quotes and escapes, everything else as compact JSON; `None` for null.
pub(crate) fn cell(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'n' => None,
        b'"' => Some(string(raw)),
        b'{' | b'[' => Some(compact(raw)),
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// Returns a string's text. An unpaired surrogate (`\ud800`) has no text: it stays as it is written.
fn string(raw: &str) -> Cow<'_, str> {
    let inner = &raw[1..raw.len() - 1];
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str(raw).map_or(Cow::Borrowed(inner), Cow::Owned)
}

/// Returns JSON text without the spaces between its tokens: the same value printed over several lines is the same cell.
pub(crate) fn compact(raw: &str) -> Cow<'_, str> {
    let mut in_string = false;
    let mut is_escaped = false;
    let mut is_space = |byte: u8| {
        if in_string {
            in_string = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
            return false;
        }
        in_string = byte == b'"';
        byte.is_ascii_whitespace()
    };
    let Some(first) = raw.bytes().position(&mut is_space) else {
        return Cow::Borrowed(raw);
    };
    let mut text = Vec::with_capacity(raw.len());
    text.extend_from_slice(&raw.as_bytes()[..first]);
    text.extend(raw.bytes().skip(first + 1).filter(|byte| !is_space(*byte)));
    // Only ASCII spaces were left out, so what remains is UTF-8.
    String::from_utf8(text).map_or(Cow::Borrowed(raw), Cow::Owned)
}

/// Writes one JSON object a row without building a tree.
#[derive(Debug, Default)]
pub(crate) struct ObjectWriter {
    text: String,
}

impl ObjectWriter {
    /// Starts a new object.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
    }

    /// Adds a string member.
    pub(crate) fn string(&mut self, key: &str, value: &str) {
        self.key(key);
        push_string(&mut self.text, value);
    }

    /// Adds a member whose value is JSON text already.
    pub(crate) fn json(&mut self, key: &str, value: &str) {
        self.key(key);
        self.text.push_str(value);
    }

    /// Returns the object, or `None` where nothing was added.
    pub(crate) fn finish(&mut self) -> Option<&str> {
        if self.text.is_empty() {
            return None;
        }
        self.text.push('}');
        Some(&self.text)
    }

    fn key(&mut self, key: &str) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        push_string(&mut self.text, key);
        self.text.push(':');
    }
}

fn push_string(out: &mut String, text: &str) {
    let is_plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if is_plain {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_order_duplicates_and_raw_text() {
        let found = members(r#"{"b": 1.50, "a":"x\ny", "b":{"c" : [ 1 , " 2 " ]}, "\u0061":null}"#).unwrap();
        let cells: Vec<_> = found.iter().map(|(key, raw)| (key.as_ref(), cell(raw))).collect();
        assert_eq!(cells[0], ("b", Some("1.50".into())));
        assert_eq!(cells[1], ("a", Some("x\ny".into())));
        assert_eq!(cells[2], ("b", Some(r#"{"c":[1," 2 "]}"#.into())));
        assert_eq!(cells[3], ("a", None));
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        for text in ["", "[]", "1", "{", r#"{"a":}"#, r#"{"a":1} x"#, r#"{"a":1,}"#] {
            assert!(members(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ten_thousand_levels_are_one_cell() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(members(&deep).unwrap()[0].1.len(), 20_000);
    }

    #[test]
    fn an_unpaired_surrogate_stays_as_written() {
        assert_eq!(cell(r#""a\ud800b""#).unwrap(), r"a\ud800b");
    }

    #[test]
    fn written_objects_parse_whatever_the_text() {
        let mut writer = ObjectWriter::default();
        assert_eq!(writer.finish(), None);
        writer.string("k\"", "a\u{1}\\\n東");
        writer.json("n", "[1]");
        let value: serde_json::Value = serde_json::from_str(writer.finish().unwrap()).unwrap();
        assert_eq!(value, serde_json::json!({"k\"": "a\u{1}\\\n東", "n": [1]}));
    }

    proptest::proptest! {
        #[test]
        fn compacting_keeps_the_value(value in ".{0,60}") {
            let pretty = serde_json::to_string_pretty(&serde_json::json!({"a": [value, {"b": 1}]})).unwrap();
            let compacted: serde_json::Value = serde_json::from_str(&compact(&pretty)).unwrap();
            proptest::prop_assert_eq!(compact(&pretty).into_owned(), compacted.to_string());
        }
    }
}
