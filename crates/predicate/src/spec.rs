//! What a test is, in full: no rule about case, anchors or missing values is implied.

use ipnet::IpNet;

use crate::number::Number;
use crate::pattern::Pattern;

/// Whether case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Case {
    /// It counts.
    Exact,
    /// It does not: both sides are folded (see [`crate::fold`]).
    Folded,
}

/// Where in the text a literal must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// It is the whole text.
    Whole,
    /// The text starts with it.
    Start,
    /// The text ends with it.
    End,
    /// It stands anywhere.
    Anywhere,
}

/// What a test answers for a row that has no value in the field: absent, null or an empty list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// No match.
    Fails,
    /// A match.
    Matches,
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// A number that can be read off a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimePart {
    /// Minute, 0 to 59.
    Minute,
    /// Hour, 0 to 23.
    Hour,
    /// Day of the month.
    Day,
    /// Week of ISO 8601.
    Week,
    /// Month, 1 to 12.
    Month,
    /// Year.
    Year,
}

/// Flags of a regular expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RegexFlags {
    /// Case does not count.
    pub ignore_case: bool,
    /// `^` and `$` match at line ends.
    pub multi_line: bool,
    /// `.` matches a line feed.
    pub dot_all: bool,
}

/// A test on the values of one field; several values are alternatives.
#[derive(Debug, Clone)]
pub enum TestSpec {
    /// The value is one of these texts (its text form counts) or equals one of these numbers (if it is a number).
    OneOf {
        /// Texts.
        texts: Vec<String>,
        /// Numbers; their text forms belong to `texts` as well where text should equal them.
        numbers: Vec<Number>,
        /// Case rule.
        case: Case,
        /// Missing-value rule.
        missing: Missing,
    },
    /// One of these literals stands in the value where the anchor says.
    Text {
        /// Literals.
        literals: Vec<String>,
        /// Anchor.
        anchor: Anchor,
        /// Case rule.
        case: Case,
        /// Missing-value rule.
        missing: Missing,
    },
    /// One of these wildcard patterns fits the whole value.
    Patterns {
        /// Patterns.
        patterns: Vec<Pattern>,
        /// Case rule.
        case: Case,
        /// Missing-value rule.
        missing: Missing,
    },
    /// One of these regular expressions matches somewhere in the value.
    Regexes {
        /// Expressions.
        expressions: Vec<String>,
        /// Flags; they hold the case rule.
        flags: RegexFlags,
        /// Missing-value rule.
        missing: Missing,
    },
    /// The value is an address in one of these networks.
    Networks {
        /// Networks.
        networks: Vec<IpNet>,
        /// Missing-value rule.
        missing: Missing,
    },
    /// The value is a number, or a text that is one, and stands so to one of these.
    Compare {
        /// How.
        comparison: Comparison,
        /// To what.
        numbers: Vec<Number>,
        /// Missing-value rule.
        missing: Missing,
    },
    /// The value is a time, and this part of it stands so to one of these numbers. The time is read in the zone it is
    /// written in.
    TimePart {
        /// Which part.
        part: TimePart,
        /// How.
        comparison: Comparison,
        /// To what.
        numbers: Vec<Number>,
        /// Missing-value rule.
        missing: Missing,
    },
    /// The field is there (or is not), whatever its value. In a column a null is not there.
    Exists {
        /// Whether it should be.
        wanted: bool,
    },
    /// The field is absent, null, an empty list or a list that has a null.
    Null,
}
