//! Rows of no known kind. As long as none fits, the file may be of no known kind as a whole; once one has fitted, each of
//! the others costs only itself.

use crate::input::excerpt;
use crate::kinds::output::Output;
use crate::route::Routed;
use crate::{DecodeError, Rejected};

/// How many rows may be of no known kind before the file is.
const MAX_UNFIT_ROWS: usize = 16;

/// The unfit rows before the first that fits.
pub(super) struct Unfit {
    file: String,
    held: Vec<Rejected>,
    what: Option<&'static str>,
}

impl Unfit {
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            held: Vec::new(),
            what: None,
        }
    }

    /// Takes a row that no table has.
    pub(super) fn take(
        &mut self,
        line: u64,
        routed: &Routed,
        text: &str,
        output: &mut Output<'_>,
    ) -> Result<(), DecodeError> {
        let reason = match routed {
            Routed::NotEvents(what) => *what,
            _ => "the row is of no known kind",
        };
        if output.has_rows() {
            return output.reject(line, reason, text.as_bytes());
        }
        if let Routed::NotEvents(what) = routed {
            self.what.get_or_insert(what);
        }
        self.held.push(Rejected {
            line,
            reason: reason.to_owned(),
            excerpt: excerpt(text.as_bytes()),
        });
        if self.held.len() > MAX_UNFIT_ROWS {
            return Err(self.error());
        }
        Ok(())
    }

    /// Says that a row fits: those before it are rejected for themselves.
    pub(super) fn row_fits(&mut self, output: &mut Output<'_>) -> Result<(), DecodeError> {
        self.held
            .drain(..)
            .try_for_each(|row| output.reject(row.line, row.reason, row.excerpt.as_bytes()))
    }

    /// Ends the file.
    pub(super) fn finish(self, output: &Output<'_>) -> Result<(), DecodeError> {
        if self.held.is_empty() || output.has_rows() {
            return Ok(());
        }
        Err(self.error())
    }

    fn error(&self) -> DecodeError {
        let file = self.file.clone();
        match self.what {
            Some(what) => DecodeError::NotEvents { file, what },
            None => DecodeError::UnknownKind {
                file,
                what: "JSON whose keys no known kind has, and no time".to_owned(),
            },
        }
    }
}
