//! A search as it was understood.

use ipnet::IpNet;
use sekisho_event::time::Micros;

use crate::field::Field;

/// A search.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What an event must be.
    pub condition: Condition,
}

/// What an event must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Anything.
    Any,
    /// All of these.
    All(Vec<Condition>),
    /// One of these.
    Either(Vec<Condition>),
    /// Anything but this. An event without the value that is asked for is not this.
    Not(Box<Condition>),
    /// A field is something.
    Field(Field, Test),
    /// One of the fields of words holds this.
    Word(Pattern),
}

/// What a field must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It has a value.
    HasValue,
    /// Its text is this, as a whole.
    Is(Pattern),
    /// An address in it is of this network.
    InNetwork(IpNet),
    /// Its number compares so.
    Integer(Comparison, i64),
    /// Its number compares so.
    Decimal(Comparison, f64),
    /// Its time compares so.
    Time(Comparison, Micros),
}

/// How a value stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Equal,
    /// Less.
    Less,
    /// Less or equal.
    AtMost,
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
}

/// Text with wildcards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pattern(pub(crate) Vec<Piece>);

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// This text.
    Text(String),
    /// Any characters, or none (`*`).
    Characters,
    /// Any one character (`?`).
    Character,
}

impl Pattern {
    /// Returns its parts.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    pub(crate) fn push_char(&mut self, character: char) {
        if let Some(Piece::Text(text)) = self.0.last_mut() {
            text.push(character);
        } else {
            self.0.push(Piece::Text(character.to_string()));
        }
    }

    /// Adds a wildcard; `**` is `*`.
    pub(crate) fn push_wildcard(&mut self, piece: Piece) {
        if piece != Piece::Characters || self.0.last() != Some(&Piece::Characters) {
            self.0.push(piece);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns true for `*` alone.
    pub(crate) fn is_anything(&self) -> bool {
        self.0 == [Piece::Characters]
    }

    /// Returns its text where it has no wildcard.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }
}
