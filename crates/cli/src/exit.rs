//! Exit codes (CONTRACT.md, "Everywhere").

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Something was found.
    Found,
    /// Wrong usage; nothing was done.
    Usage,
    /// The set-up is wrong.
    Configuration,
    /// Done, but the data was incomplete.
    Incomplete,
    /// An error of ours or of the machine.
    Internal,
}

impl Exit {
    /// Returns the exit of a command that looked for something: found wins over incomplete.
    pub(crate) fn of(found: bool, incomplete: bool) -> Self {
        match (found, incomplete) {
            (true, _) => Self::Found,
            (false, true) => Self::Incomplete,
            (false, false) => Self::Done,
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::Configuration => 3,
            Self::Incomplete => 4,
            Self::Internal => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_wins_over_incomplete() {
        assert_eq!(Exit::of(true, true).code(), 1);
        assert_eq!(Exit::of(false, true).code(), 4);
        assert_eq!(Exit::of(false, false).code(), 0);
    }
}
