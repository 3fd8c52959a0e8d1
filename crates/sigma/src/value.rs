//! Values of detection items: wildcards, escapes, encodings.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sekisho_predicate::PatternPart;

use crate::modifier::Transform;

/// The most variants that one value may grow into when dashes are varied before an encoding; 5 dashes have 3,125.
const VARIANT_LIMIT: usize = 3_125;

const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// Returns the parts of a value: `*` and `?` are wildcards, a backslash makes `*`, `?` and `\` literal and stands for
/// itself before anything else.
pub(crate) fn parts_of(text: &str) -> Vec<PatternPart> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let wildcard = match character {
            '*' => Some(PatternPart::Many),
            '?' => Some(PatternPart::One),
            _ => None,
        };
        if let Some(wildcard) = wildcard {
            flush(&mut literal, &mut parts);
            parts.push(wildcard);
            continue;
        }
        let escaped = characters.next_if(|next| character == '\\' && matches!(next, '*' | '?' | '\\'));
        literal.push(escaped.unwrap_or(character));
    }
    flush(&mut literal, &mut parts);
    parts
}

/// Returns every variant that the transforms turn a value into; the error names what is wrong.
pub(crate) fn transformed(parts: Vec<PatternPart>, transforms: &[Transform]) -> Result<Vec<Vec<PatternPart>>, String> {
    let mut variants = vec![Material::Parts(parts)];
    for transform in transforms {
        let mut next = Vec::new();
        for material in variants {
            next.extend(apply(material, *transform)?);
        }
        if next.len() > VARIANT_LIMIT {
            return Err(format!("the value has more than {VARIANT_LIMIT} variants"));
        }
        variants = next;
    }
    variants.into_iter().map(into_parts).collect()
}

enum Material {
    Parts(Vec<PatternPart>),
    Bytes(Vec<u8>),
}

fn apply(material: Material, transform: Transform) -> Result<Vec<Material>, String> {
    if transform == Transform::Windash {
        return match material {
            Material::Parts(parts) => Ok(vec![Material::Parts(with_dashes(parts))]),
            Material::Bytes(_) => Err("the modifier `windash` stands after an encoding".to_owned()),
        };
    }
    let texts = match material {
        Material::Parts(parts) => plain_variants(parts)?,
        Material::Bytes(bytes) => vec![bytes],
    };
    let encoded: Vec<Vec<u8>> = texts.into_iter().flat_map(|bytes| encode(&bytes, transform)).collect();
    if transform == Transform::Base64Offset && encoded.iter().any(Vec::is_empty) {
        // An empty variant would match every value.
        return Err("the value is too short for `base64offset`: two bytes at least".to_owned());
    }
    Ok(encoded.into_iter().map(Material::Bytes).collect())
}

fn encode(bytes: &[u8], transform: Transform) -> Vec<Vec<u8>> {
    let units = || String::from_utf8_lossy(bytes).encode_utf16().collect::<Vec<u16>>();
    let little = || units().into_iter().flat_map(u16::to_le_bytes);
    match transform {
        Transform::Windash => vec![bytes.to_vec()],
        Transform::Base64 => vec![STANDARD.encode(bytes).into_bytes()],
        Transform::Base64Offset => (0..3).map(|offset| base64_at(bytes, offset)).collect(),
        Transform::Utf16Le => vec![little().collect()],
        Transform::Utf16Be => vec![units().into_iter().flat_map(u16::to_be_bytes).collect()],
        Transform::Utf16 => vec![[0xff, 0xfe].into_iter().chain(little()).collect()],
    }
}

/// Returns the characters of the encoding that depend on these bytes alone, when so many unknown bytes stand before.
fn base64_at(bytes: &[u8], offset: usize) -> Vec<u8> {
    /// Characters that the unknown bytes before have a part in.
    const START: [usize; 3] = [0, 2, 3];
    /// Characters at the end that padding or the bytes after have a part in.
    const END: [usize; 3] = [0, 3, 2];
    let padded: Vec<u8> = std::iter::repeat_n(b' ', offset).chain(bytes.iter().copied()).collect();
    let encoded = STANDARD.encode(&padded).into_bytes();
    let end = encoded.len().saturating_sub(END[padded.len() % 3]);
    encoded.get(START[offset]..end).unwrap_or_default().to_vec()
}

fn into_parts(material: Material) -> Result<Vec<PatternPart>, String> {
    match material {
        Material::Parts(parts) => Ok(parts),
        Material::Bytes(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(vec![PatternPart::Literal(text)]),
            Err(_) => Err("a UTF-16 value is no text by itself: `base64` or `base64offset` must follow".to_owned()),
        },
    }
}

fn with_dashes(parts: Vec<PatternPart>) -> Vec<PatternPart> {
    let mut varied = Vec::new();
    for part in parts {
        let PatternPart::Literal(text) = part else {
            varied.push(part);
            continue;
        };
        let mut literal = String::new();
        for character in text.chars() {
            if DASHES.contains(&character) {
                flush(&mut literal, &mut varied);
                varied.push(PatternPart::Dash);
            } else {
                literal.push(character);
            }
        }
        flush(&mut literal, &mut varied);
    }
    varied
}

/// Returns the texts that parts without wildcards can be.
fn plain_variants(parts: Vec<PatternPart>) -> Result<Vec<Vec<u8>>, String> {
    let mut texts = vec![String::new()];
    for part in parts {
        match part {
            PatternPart::Literal(literal) => texts.iter_mut().for_each(|text| text.push_str(&literal)),
            PatternPart::Dash => {
                texts = texts
                    .iter()
                    .flat_map(|text| DASHES.iter().map(move |dash| format!("{text}{dash}")))
                    .collect();
            }
            PatternPart::One | PatternPart::Many => {
                return Err("a wildcard stands in a value that is to be encoded".to_owned());
            }
        }
        if texts.len() > VARIANT_LIMIT {
            return Err(format!("the value has more than {VARIANT_LIMIT} variants"));
        }
    }
    Ok(texts.into_iter().map(String::into_bytes).collect())
}

fn flush(literal: &mut String, parts: &mut Vec<PatternPart>) {
    if !literal.is_empty() {
        parts.push(PatternPart::Literal(std::mem::take(literal)));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn shown(text: &str) -> String {
        parts_of(text)
            .into_iter()
            .map(|part| match part {
                PatternPart::Literal(text) => format!("<{text}>"),
                PatternPart::One => "?".to_owned(),
                PatternPart::Many => "*".to_owned(),
                PatternPart::Dash => "-".to_owned(),
            })
            .collect()
    }

    #[test]
    fn escapes_follow_the_specification() {
        for (text, expected) in [
            (r"a*b?c", "<a>*<b>?<c>"),
            (r"a\*b", "<a*b>"),
            (r"a\\*b", r"<a\>*<b>"),
            (r"a\\\*b", r"<a\*b>"),
            (r"C:\Windows", r"<C:\Windows>"),
            (r"C:\\Windows", r"<C:\Windows>"),
            (r"\\\srv", r"<\\srv>"),
            (r"\\\\srv", r"<\\srv>"),
            (r"end\", r"<end\>"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    fn encoded(text: &str, transforms: &[Transform]) -> Vec<String> {
        let variants = transformed(parts_of(text), transforms).unwrap();
        variants
            .into_iter()
            .map(|parts| match parts.as_slice() {
                [PatternPart::Literal(text)] => text.clone(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn encodings_are_applied_in_order() {
        assert_eq!(encoded("foobar", &[Transform::Base64]), ["Zm9vYmFy"]);
        assert_eq!(
            encoded("foobar", &[Transform::Base64Offset]),
            ["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"]
        );
        assert_eq!(encoded("cmd", &[Transform::Utf16Le, Transform::Base64]), ["YwBtAGQA"]);
        assert_eq!(encoded("cmd", &[Transform::Utf16Be, Transform::Base64]), ["AGMAbQBk"]);
        assert_eq!(encoded("cmd", &[Transform::Utf16, Transform::Base64]), ["//5jAG0AZAA="]);
        assert_eq!(encoded("-a", &[Transform::Windash, Transform::Base64]).len(), 5);
    }

    #[test]
    fn offsets_keep_only_what_is_certain() {
        for length in 2..9 {
            let secret = "secretwords"[..length].to_owned();
            for (offset, variant) in encoded(&secret, &[Transform::Base64Offset]).into_iter().enumerate() {
                for (before, after) in [("\u{0}\u{0}", "\u{7f}\u{7f}"), ("~~", "AA")] {
                    let whole = format!("{}{secret}{after}", &before[..offset]);
                    assert!(STANDARD.encode(whole).contains(&variant), "{secret} {offset}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_encoded_is_named() {
        let fails = |text: &str, transforms: &[Transform]| transformed(parts_of(text), transforms).unwrap_err();
        assert!(fails("a*b", &[Transform::Base64Offset]).contains("wildcard"));
        assert!(fails("é", &[Transform::Utf16]).contains("must follow"));
        assert!(fails("a", &[Transform::Base64Offset]).contains("too short"));
        assert!(fails("a-b", &[Transform::Base64, Transform::Windash]).contains("windash"));
        assert!(fails("------", &[Transform::Windash, Transform::Base64]).contains("variants"));
    }
}
