//! What was seen of a field in one row, and what a test makes of it. Both paths decide here, so they cannot differ.

use crate::cell::{Cell, Presence, Visit};
use crate::column::break_if;
use crate::spec::{Anchor, Case, Missing};
use crate::test::{Question, Test};

/// The answer for one row: `matched`, and whether it rests on a value (`known`) rather than on a rule for missing ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Answer {
    pub(crate) matched: bool,
    pub(crate) known: bool,
}

/// Returns the answer of a test for a row whose cells `field` visits.
pub(crate) fn answer(test: &Test, field: &mut dyn FnMut(&mut Visit<'_>) -> Presence) -> Answer {
    match test.question() {
        Question::Value => {
            let (mut hit, mut value) = (false, false);
            field(&mut |cell| {
                value |= cell != Cell::Null;
                hit |= test.matches(&cell);
                break_if(hit)
            });
            value_answer(hit, value, test.missing())
        }
        Question::Exists { wanted } => {
            let present = field(&mut |_| break_if(true)) == Presence::Present;
            presence_answer(present == wanted)
        }
        Question::Null => {
            let (mut value, mut null) = (false, false);
            field(&mut |cell| {
                null |= cell == Cell::Null;
                value |= cell != Cell::Null;
                break_if(null)
            });
            presence_answer(null || !value)
        }
    }
}

/// The answer of a value test from whether a value matched and whether there was one.
pub(crate) fn value_answer(hit: bool, value: bool, missing: Missing) -> Answer {
    Answer {
        matched: hit || (!value && missing == Missing::Matches),
        known: value,
    }
}

/// A question about presence is answered by absence as well.
pub(crate) fn presence_answer(matched: bool) -> Answer {
    Answer { matched, known: true }
}

/// Returns whether a text of the one list stands to a text of the other as the anchor says; known where both have one.
pub(crate) fn pair_answer(left: &[String], right: &[String], anchor: Anchor, missing: Missing) -> Answer {
    let fits = |one: &str, other: &str| match anchor {
        Anchor::Whole => one == other,
        Anchor::Start => one.starts_with(other),
        Anchor::End => one.ends_with(other),
        Anchor::Anywhere => one.contains(other),
    };
    let hit = left.iter().any(|one| right.iter().any(|other| fits(one, other)));
    value_answer(hit, !left.is_empty() && !right.is_empty(), missing)
}

/// The most cells of one field that a pair test looks at; beyond it an attacker's lists would cost their product.
const PAIR_CELLS_LIMIT: usize = 256;

/// Returns the texts of a field's cells in the form that the case rule compares.
pub(crate) fn texts(case: Case, field: &mut dyn FnMut(&mut Visit<'_>) -> Presence) -> Vec<String> {
    let mut texts = Vec::new();
    field(&mut |cell| {
        if cell != Cell::Null {
            texts.push(match case {
                Case::Exact => cell.text().into_owned(),
                Case::Folded => cell.folded().into_owned(),
            });
        }
        break_if(texts.len() >= PAIR_CELLS_LIMIT)
    });
    texts
}
