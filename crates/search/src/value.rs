//! Names and values in the text of a search.

use std::net::IpAddr;
use std::ops::Range;

use ipnet::IpNet;

use crate::error::SyntaxError;
use crate::query::{Pattern, Piece};

/// The characters that a backslash takes their meaning from, outside quotes.
const ESCAPABLE: &str = "\\*?\"():<>-";

/// The characters that a backslash takes their meaning from, in quotes. Any other backslash is one: Windows names are
/// full of them.
const ESCAPABLE_IN_QUOTES: &str = "\\*?\"";

/// The prefix of `::ffff:0:0/96`, the network of mapped IPv4 addresses.
const MAPPED_PREFIX: u8 = 96;

/// A value as it is written.
#[derive(Debug)]
pub(crate) struct Value<'a> {
    /// Where it stands, with its quotes.
    pub(crate) span: Range<usize>,
    /// What is written there.
    pub(crate) written: &'a str,
    /// What it means as text.
    pub(crate) pattern: Pattern,
}

impl Value<'_> {
    /// Returns the network that it spells, with its prefix; a mapped network as the IPv4 network that it is.
    pub(crate) fn network(&self) -> Option<IpNet> {
        let network = self.pattern.plain()?.parse().ok()?;
        let IpNet::V6(six) = network else {
            return Some(network);
        };
        match (six.addr().to_ipv4_mapped(), six.prefix_len().checked_sub(MAPPED_PREFIX)) {
            (Some(four), Some(prefix)) => IpNet::new(IpAddr::V4(four), prefix).ok(),
            _ => Some(network),
        }
    }
}

/// Returns `value` in quotes, so that a search finds exactly it.
#[must_use]
pub fn quote(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for character in value.chars() {
        if ESCAPABLE_IN_QUOTES.contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// Returns the name at the start of the text: a letter, then letters, digits and underscores.
pub(crate) fn name_at(text: &str) -> &str {
    let is_in_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let end = text.find(|character| !is_in_name(character)).unwrap_or(text.len());
    let name = text.get(..end).unwrap_or_default();
    if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        name
    } else {
        ""
    }
}

/// Returns true where the text starts with an IPv6 address or network, whose first group looks like a name.
pub(crate) fn is_address(text: &str) -> bool {
    let word = text.split(ends_word).next().unwrap_or_default();
    word.parse::<IpAddr>().is_ok() || word.parse::<IpNet>().is_ok()
}

/// Returns the value at a place in the text where one must be.
pub(crate) fn value_at(text: &str, start: usize) -> Result<Value<'_>, SyntaxError> {
    let rest = text.get(start..).unwrap_or_default();
    let (pattern, bytes) = match rest.strip_prefix('"') {
        Some(inside) => {
            let (pattern, bytes) = quoted(inside).ok_or_else(|| unclosed(start..text.len()))?;
            (pattern, bytes + 1)
        }
        None => bare(rest),
    };
    let span = start..start + bytes;
    let after = text.get(span.end..).unwrap_or_default();
    if !after.is_empty() && !after.starts_with(ends_word) {
        return Err(SyntaxError::new(
            span,
            "a blank is missing after the closing quote; a quote inside quotes is written \\\"",
            "閉じ引用符の後に空白が必要です。引用符の中の引用符は \\\" と書いてください。",
        ));
    }
    if pattern.is_empty() {
        return Err(SyntaxError::new(
            span,
            "there is nothing between the quotes; events without a value are found with -field:*",
            "引用符の中が空です。値のないイベントは -field:* で検索できます。",
        ));
    }
    let written = text.get(span.clone()).unwrap_or_default();
    Ok(Value { span, written, pattern })
}

fn unclosed(span: Range<usize>) -> SyntaxError {
    SyntaxError::new(span, "a quote is never closed", "引用符が閉じられていません。")
}

/// Reads up to the closing quote; returns what it means and its bytes with that quote.
fn quoted(text: &str) -> Option<(Pattern, usize)> {
    let mut pattern = Pattern::default();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((pattern, at + 1)),
            '\\' => take_escape(&mut characters, ESCAPABLE_IN_QUOTES, &mut pattern),
            _ => push(&mut pattern, character),
        }
    }
    None
}

/// Reads up to a blank or a parenthesis.
fn bare(text: &str) -> (Pattern, usize) {
    let mut pattern = Pattern::default();
    let mut characters = text.char_indices();
    loop {
        let before = characters.clone();
        match characters.next() {
            Some((_, '\\')) => take_escape(&mut characters, ESCAPABLE, &mut pattern),
            Some((_, character)) if !ends_word(character) => push(&mut pattern, character),
            _ => return (pattern, before.offset()),
        }
    }
}

fn take_escape(characters: &mut std::str::CharIndices<'_>, escapable: &str, pattern: &mut Pattern) {
    let next = characters.clone().next().map(|(_, next)| next);
    match next.filter(|next| escapable.contains(*next) || (escapable == ESCAPABLE && next.is_whitespace())) {
        Some(next) => {
            pattern.push_char(next);
            characters.next();
        }
        None => pattern.push_char('\\'),
    }
}

fn push(pattern: &mut Pattern, character: char) {
    match character {
        '*' => pattern.push_wildcard(Piece::Characters),
        '?' => pattern.push_wildcard(Piece::Character),
        _ => pattern.push_char(character),
    }
}

fn ends_word(character: char) -> bool {
    character.is_whitespace() || character == '(' || character == ')'
}
