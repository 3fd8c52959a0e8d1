//! Why an operation did nothing. What went wrong with single files and rows is no error: it is in the operation's report.

use sekisho_event::text::Text;

use crate::caller::Permission;

/// The class of an error; the command line turns it into an exit code, the server into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The request was wrong: usage, a missing input file, a rule, list or query that is not accepted.
    Request,
    /// The set-up is wrong: no store, no access.
    Configuration,
    /// It is our fault, or the machine's.
    Internal,
}

/// What kind of reason an operation had to do nothing, for clients that act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The caller may not do this.
    NotAllowed,
    /// What was asked for is not there, or not to be seen by the caller.
    NotFound,
    /// The request is wrong.
    BadRequest,
    /// The search is not understood; [`Error::place`] says where.
    BadQuery,
    /// There is no store, or it cannot be used.
    NoStore,
    /// It took longer, or more memory, than it may.
    TooSlow,
    /// It is our fault, or the machine's.
    Internal,
}

/// Why an operation did nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller lacks a permission.
    #[error("{principal} may not do this: the permission {permission:?} is missing")]
    NotAllowed {
        /// Who asked.
        principal: String,
        /// What is missing.
        permission: Permission,
    },
    /// Two options contradict each other, or one is out of place.
    #[error("{0}")]
    Usage(String),
    /// An input could not be opened.
    #[error("opening an input: {0}")]
    Input(#[from] sekisho_io::Error),
    /// A stream could not be decoded because its rows could not be taken.
    #[error("reading an input: {0}")]
    Decode(#[from] sekisho_decode::DecodeError),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] sekisho_store::Error),
    /// A search is not understood.
    #[error("the search is not understood: {0}")]
    Search(#[from] sekisho_search::SyntaxError),
    /// More is asked for than is answered, or something that is not there to ask for; said in both languages.
    #[error("{}", .0.en)]
    Asked(Text),
    /// A page cannot go on from here.
    #[error("the cursor is not one of this search: start again without it")]
    Cursor,
    /// An event that the store does not have, or that the caller may not see.
    #[error("there is no event {0}")]
    NoEvent(String),
    /// An event without what others were to share with it.
    #[error("the event {uid} has no {field}: nothing can be found by it")]
    NotSurrounded {
        /// The event.
        uid: String,
        /// What it lacks.
        field: &'static str,
    },
    /// Rules are not accepted.
    #[error("{0}")]
    Rules(#[from] sekisho_sigma::SigmaError),
    /// An indicator list is not accepted.
    #[error(transparent)]
    Hunt(#[from] sekisho_hunt::HuntError),
    /// The rows of a login could not be gathered.
    #[error(transparent)]
    Session(#[from] sekisho_session::SessionError),
    /// Columns could not be put together.
    #[error("putting columns of {table} together: {source}; this is a defect, please report it")]
    Columns {
        /// The table.
        table: String,
        /// What went wrong.
        source: arrow::error::ArrowError,
    },
    /// Whoever takes the answer has stopped taking it.
    #[error("stopped before the end")]
    Stopped,
    /// A table that neither the catalogue nor the store has.
    #[error("there is no table {0}: `sekisho tables` lists them all")]
    NoTable(String),
    /// Something that is asked for by its name or id and is not there, or not for this caller.
    #[error("there is no {0}")]
    NotFound(String),
}

impl Error {
    /// Returns the error's class.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::NotAllowed { .. } => Class::Configuration,
            Self::Usage(_)
            | Self::Input(_)
            | Self::Search(_)
            | Self::Asked(_)
            | Self::Cursor
            | Self::NoEvent(_)
            | Self::NotSurrounded { .. }
            | Self::NotFound(_)
            | Self::NoTable(_)
            | Self::Rules(_)
            | Self::Hunt(_) => Class::Request,
            Self::Store(error) => store_class(error),
            Self::Decode(_) | Self::Columns { .. } | Self::Stopped | Self::Session(_) => Class::Internal,
        }
    }

    /// Returns what kind of reason it is.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::NotAllowed { .. } => Reason::NotAllowed,
            Self::NoTable(_) | Self::NoEvent(_) | Self::NotFound(_) => Reason::NotFound,
            Self::Search(_) => Reason::BadQuery,
            Self::Store(
                sekisho_store::Error::SqlTimeout { .. }
                | sekisho_store::Error::SqlMemory { .. }
                | sekisho_store::Error::SqlCrowded { .. },
            ) => Reason::TooSlow,
            _ => match self.class() {
                Class::Request => Reason::BadRequest,
                Class::Configuration => Reason::NoStore,
                Class::Internal => Reason::Internal,
            },
        }
    }

    /// Returns whether the work ended because it was told to.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped | Self::Store(sekisho_store::Error::Stopped))
    }

    /// Returns where in a search the problem is, in bytes.
    #[must_use]
    pub fn place(&self) -> Option<std::ops::Range<usize>> {
        match self {
            Self::Search(error) => Some(error.start..error.end),
            _ => None,
        }
    }

    /// Returns what to do next, where the message does not say it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Input(error) => error.hint(),
            _ => None,
        }
    }

    pub(crate) fn columns(table: &str) -> impl FnOnce(arrow::error::ArrowError) -> Self {
        let table = table.to_owned();
        move |source| Self::Columns { table, source }
    }
}

fn store_class(error: &sekisho_store::Error) -> Class {
    use sekisho_store::Error as Store;
    match error {
        Store::NoStore { .. }
        | Store::Locked { .. }
        | Store::Version { .. }
        | Store::ReadOnly { .. }
        | Store::NotVacant { .. }
        | Store::Backup { .. }
        | Store::Damaged { .. }
        // A directory that cannot be used: what the user named, or its permissions and space.
        | Store::Io { .. } => Class::Configuration,
        Store::NotReadOnly { .. }
        | Store::Sql { .. }
        | Store::SqlMemory { .. }
        | Store::SqlCrowded { .. }
        | Store::SqlTimeout { .. }
        // Division by zero, text that is no number: the statement's own doing.
        | Store::SqlFailed { .. }
        | Store::NoTable { .. }
        | Store::NoColumn { .. }
        | Store::Setting { .. }
        | Store::TableName { .. } => Class::Request,
        _ => Class::Internal,
    }
}
