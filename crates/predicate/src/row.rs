//! The one-row path.

use crate::cell::{Presence, Visit};
use crate::observe::{Answer, answer, pair_answer, texts};
use crate::plan::{Atom, AtomId, Expr, FieldId, FieldKey, Plan, RuleSlot};

/// A row: visits the cells of its fields.
pub trait RowFields {
    /// Visits the cells of a field; says whether the row has the field.
    fn cells(&self, field: FieldId, key: &FieldKey, visit: &mut Visit<'_>) -> Presence;
}

/// Memory that is used again from row to row.
#[derive(Debug, Default)]
pub struct RowMemory {
    answers: Vec<Option<Answer>>,
}

/// One row under a plan: every distinct test is answered at most once for it.
pub struct RowRun<'a> {
    plan: &'a Plan,
    row: &'a dyn RowFields,
    memory: &'a mut RowMemory,
}

impl<'a> RowRun<'a> {
    /// Starts on a row.
    #[must_use]
    pub fn new(plan: &'a Plan, row: &'a dyn RowFields, memory: &'a mut RowMemory) -> Self {
        memory.answers.clear();
        memory.answers.resize(plan.atom_count(), None);
        Self { plan, row, memory }
    }

    /// Returns whether the row matches a rule; an unknown rule matches nothing.
    pub fn matches(&mut self, rule: RuleSlot) -> bool {
        let plan = self.plan;
        plan.rule(rule).is_some_and(|shape| self.holds(shape))
    }

    /// Returns whether the row matches a rule, and whether the answer rests on values.
    pub fn outcome(&mut self, rule: RuleSlot) -> (bool, bool) {
        let plan = self.plan;
        let answer = plan.rule(rule).map(|shape| self.weigh(shape)).unwrap_or_default();
        (answer.matched, answer.known)
    }

    fn holds(&mut self, shape: &Expr) -> bool {
        match shape {
            Expr::Atom(atom) => self.atom(*atom).matched,
            Expr::All(members) => members.iter().all(|member| self.holds(member)),
            Expr::Any(members) => members.iter().any(|member| self.holds(member)),
            Expr::AtLeast(wanted, members) => members.iter().filter(|member| self.holds(member)).count() >= *wanted,
            Expr::Not(member) => !self.holds(member),
        }
    }

    fn weigh(&mut self, shape: &Expr) -> Answer {
        match shape {
            Expr::Atom(atom) => self.atom(*atom),
            Expr::All(members) => self.count(members, members.len()),
            Expr::Any(members) => self.count(members, 1),
            Expr::AtLeast(wanted, members) => self.count(members, *wanted),
            Expr::Not(member) => {
                let answer = self.weigh(member);
                Answer {
                    matched: !answer.matched,
                    known: answer.known,
                }
            }
        }
    }

    /// Known where enough known members match, or so many known ones do not that the rest cannot matter.
    fn count(&mut self, members: &[Expr], wanted: usize) -> Answer {
        let (mut matched, mut known_yes, mut known_no) = (0, 0, 0);
        for member in members {
            let answer = self.weigh(member);
            matched += usize::from(answer.matched);
            known_yes += usize::from(answer.known && answer.matched);
            known_no += usize::from(answer.known && !answer.matched);
        }
        Answer {
            matched: matched >= wanted,
            known: known_yes >= wanted || known_no + wanted > members.len(),
        }
    }

    fn atom(&mut self, atom: AtomId) -> Answer {
        if let Some(answer) = self.memory.answers[atom.index()] {
            return answer;
        }
        let answer = self.ask(self.plan.atom(atom));
        self.memory.answers[atom.index()] = Some(answer);
        answer
    }

    fn ask(&self, atom: &Atom) -> Answer {
        let cells = |field: FieldId, visit: &mut Visit<'_>| self.row.cells(field, self.plan.key(field), visit);
        match atom {
            Atom::Test { field, test } => answer(test, &mut |visit| cells(*field, visit)),
            Atom::Pair {
                left,
                right,
                anchor,
                case,
                missing,
            } => pair_answer(
                &texts(*case, &mut |visit| cells(*left, visit)),
                &texts(*case, &mut |visit| cells(*right, visit)),
                *anchor,
                *missing,
            ),
        }
    }
}
