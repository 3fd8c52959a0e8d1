//! One scalar value as a test sees it.

use std::borrow::Cow;
use std::ops::ControlFlow;

use sekisho_event::cells::decimal;
use sekisho_event::time::to_rfc3339;

use crate::fold::fold;
use crate::number::Number;

/// One scalar value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// A value that is there and is null.
    Null,
    /// Text, and objects as their compact JSON text.
    Text(&'a str),
    /// Text whose folded form (see [`crate::fold`]) is at hand, for rows that many tests look at.
    Folded {
        /// The text.
        text: &'a str,
        /// Its folded form.
        folded: &'a str,
    },
    /// A whole number.
    Integer(i128),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A point in time, in microseconds since 1970 in UTC.
    Time(i64),
}

impl<'a> Cell<'a> {
    /// Returns the text that text tests see; empty for null.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Text(text) | Self::Folded { text, .. } => Cow::Borrowed(text),
            Self::Integer(whole) => Cow::Owned(whole.to_string()),
            Self::Float(float) => Cow::Owned(decimal(*float)),
            Self::Boolean(true) => Cow::Borrowed("true"),
            Self::Boolean(false) => Cow::Borrowed("false"),
            Self::Time(at_us) => Cow::Owned(to_rfc3339(*at_us)),
        }
    }

    /// Returns the text in folded form; empty for null.
    #[must_use]
    pub fn folded(&self) -> Cow<'a, str> {
        match self {
            Self::Folded { folded, .. } => Cow::Borrowed(folded),
            _ => match self.text() {
                Cow::Borrowed(text) => fold(text),
                Cow::Owned(text) => Cow::Owned(fold(&text).into_owned()),
            },
        }
    }

    /// Returns the number that number tests see: that of a number, or of a text that is one.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Text(text) | Self::Folded { text, .. } => Number::parse(text),
            _ => self.own_number(),
        }
    }

    /// Returns the number of a cell that holds one; `None` for text, whatever it says.
    #[must_use]
    pub fn own_number(&self) -> Option<Number> {
        match self {
            Self::Integer(whole) => Some(Number::Integer(*whole)),
            Self::Float(float) => Some(Number::Float(*float)),
            _ => None,
        }
    }
}

/// Whether a row has a field at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has, though it may be null or an empty list.
    Present,
    /// It has not.
    Missing,
}

/// What is called with every cell of a field; `Break` ends the visit early.
pub type Visit<'v> = dyn FnMut(Cell<'_>) -> ControlFlow<()> + 'v;
