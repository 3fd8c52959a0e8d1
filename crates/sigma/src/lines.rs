//! `sigma match`: rules over generic JSON, one object a line.

use sekisho_predicate::{RowMemory, RowRun};

use crate::event::JsonEvent;
use crate::route::Routing;
use crate::ruleset::{RuleIndex, RuleSet};

/// The longest line that is looked at; real events stay under 1 MB.
pub const LINE_LIMIT_BYTES: usize = 16 << 20;

/// What a line gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineResult {
    /// A rule matches the line.
    Match {
        /// The rule.
        rule: RuleIndex,
        /// The line, as it was numbered to us.
        line: u64,
    },
    /// The line is no event; the ones after it are still read.
    Rejected {
        /// The line, as it was numbered to us.
        line: u64,
        /// Why.
        reason: String,
    },
}

/// Matches rules against lines of JSON, in the order of the lines; within a line by rule id.
pub fn match_ndjson<'r, Line: AsRef<[u8]>>(
    rules: &'r RuleSet,
    routing: &Routing,
    lines: impl IntoIterator<Item = (u64, Line), IntoIter: 'r>,
) -> impl Iterator<Item = LineResult> + 'r {
    let mut asked = rules.route(routing);
    asked.sort_by_key(|index| rules.rule(*index).map(|rule| rule.id.as_str()));
    let mut memory = RowMemory::default();
    lines
        .into_iter()
        .flat_map(move |(line, bytes)| match_line(rules, &asked, line, bytes.as_ref(), &mut memory))
}

fn match_line(
    rules: &RuleSet,
    asked: &[RuleIndex],
    line: u64,
    bytes: &[u8],
    memory: &mut RowMemory,
) -> Vec<LineResult> {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Vec::new();
    }
    let event = if bytes.len() > LINE_LIMIT_BYTES {
        Err(format!("the line is longer than {LINE_LIMIT_BYTES} bytes"))
    } else {
        JsonEvent::parse(bytes)
    };
    match event {
        Ok(mut event) => {
            event.keep_fields(rules.plan().fields().len());
            let mut run = RowRun::new(rules.plan(), &event, memory);
            asked
                .iter()
                .filter(|rule| run.matches(rule.slot()))
                .map(|rule| LineResult::Match { rule: *rule, line })
                .collect()
        }
        Err(reason) => vec![LineResult::Rejected { line, reason }],
    }
}
