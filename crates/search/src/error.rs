//! Why a search is not understood, and where.

use std::fmt;

use sekisho_event::text::{Lang, Text};

/// What a search may not be, with the bytes of it that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The first byte of the part that is not understood.
    pub start: usize,
    /// The first byte after it.
    pub end: usize,
    /// What is wrong with it.
    pub message: Text,
}

impl SyntaxError {
    pub(crate) fn new(span: std::ops::Range<usize>, en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self {
            start: span.start,
            end: span.end,
            message: Text::of(en, ja),
        }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.get(Lang::En))
    }
}

impl std::error::Error for SyntaxError {}
