//! The batch path: every test once per distinct value of a dictionary, and only where its answer can matter.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};

use crate::cell::{Cell, Presence};
use crate::column::{Extract, FieldColumn, text_of};
use crate::fold::fold;
use crate::observe::{Answer, answer, pair_answer, texts};
use crate::plan::{Atom, AtomId, Expr, FieldId, FieldKey, Outcome, Plan, RuleSlot};
use crate::spec::Missing;
use crate::test::{Question, Test};

/// Says where the fields of a batch are.
pub trait BatchFields {
    /// Returns where the cells of a field are.
    fn field(&self, field: FieldId, key: &FieldKey) -> FieldColumn;
}

/// Answers per distinct value, kept from batch to batch for dictionaries that the next batch still has.
///
/// It belongs to one plan. It holds the dictionaries of at most two batches.
#[derive(Default)]
pub struct DictionaryCache {
    states: HashMap<TextAddress, DictionaryState>,
}

/// Where texts are in memory: offsets, bytes and count. It tells arrays apart as long as they are held.
type TextAddress = (usize, usize, usize);

struct DictionaryState {
    /// Keeps the memory alive whose address is the key, so that the address cannot come to mean another dictionary.
    values: ArrayRef,
    folded: Option<StringArray>,
    hits: HashMap<AtomId, Arc<Hits>>,
    used: bool,
}

struct Hits {
    by_key: Vec<bool>,
    any: bool,
}

/// Below this share of rows left, a slow column is read row by row instead of whole.
const SPARSE_SHARE: usize = 8;

/// One batch under a plan.
pub struct BatchRun<'a> {
    plan: &'a Plan,
    source: &'a dyn BatchFields,
    rows: usize,
    columns: Vec<Option<Arc<FieldColumn>>>,
    answers: Vec<Option<Outcome>>,
    folded: HashMap<TextAddress, StringArray>,
    cache: &'a mut DictionaryCache,
}

impl<'a> BatchRun<'a> {
    /// Starts on a batch of `rows` rows.
    #[must_use]
    pub fn new(plan: &'a Plan, source: &'a dyn BatchFields, rows: usize, cache: &'a mut DictionaryCache) -> Self {
        cache.states.retain(|_, state| std::mem::take(&mut state.used));
        Self {
            plan,
            source,
            rows,
            columns: vec![None; plan.fields().len()],
            answers: vec![None; plan.atom_count()],
            folded: HashMap::new(),
            cache,
        }
    }

    /// Returns the rows that match a rule. An unknown rule matches nothing.
    pub fn matched(&mut self, rule: RuleSlot) -> BooleanBuffer {
        let plan = self.plan;
        match plan.rule(rule) {
            Some(shape) => self.narrow(shape, &BooleanBuffer::new_set(self.rows)),
            None => BooleanBuffer::new_unset(self.rows),
        }
    }

    /// Returns the rows that match a rule and those whose answer rests on values.
    pub fn outcome(&mut self, rule: RuleSlot) -> Outcome {
        let plan = self.plan;
        match plan.rule(rule) {
            Some(shape) => self.weigh(shape),
            None => Outcome {
                matched: BooleanBuffer::new_unset(self.rows),
                known: BooleanBuffer::new_unset(self.rows),
            },
        }
    }

    /// Returns the rows of `within` that match; cheap members first, and each only where the ones before leave doubt.
    fn narrow(&mut self, shape: &Expr, within: &BooleanBuffer) -> BooleanBuffer {
        match shape {
            Expr::Atom(atom) => self.atom_within(*atom, within),
            Expr::All(members) => {
                let mut left = within.clone();
                for member in self.cheapest_first(members) {
                    if left.count_set_bits() == 0 {
                        break;
                    }
                    left = self.narrow(member, &left);
                }
                left
            }
            Expr::Any(members) => {
                let mut found = BooleanBuffer::new_unset(self.rows);
                let mut left = within.clone();
                for member in self.cheapest_first(members) {
                    if left.count_set_bits() == 0 {
                        break;
                    }
                    let more = self.narrow(member, &left);
                    left = &left & &!&more;
                    found = &found | &more;
                }
                found
            }
            Expr::AtLeast(wanted, members) => {
                let mut counts = vec![0_usize; self.rows];
                for member in members {
                    for row in self.narrow(member, within).set_indices() {
                        counts[row] += 1;
                    }
                }
                within & &BooleanBuffer::collect_bool(self.rows, |row| counts[row] >= *wanted)
            }
            Expr::Not(member) => within & &!&self.narrow(member, within),
        }
    }

    fn weigh(&mut self, shape: &Expr) -> Outcome {
        match shape {
            Expr::Atom(atom) => self.atom(*atom),
            Expr::All(members) => self.count(members, members.len()),
            Expr::Any(members) => self.count(members, 1),
            Expr::AtLeast(wanted, members) => self.count(members, *wanted),
            Expr::Not(member) => {
                let outcome = self.weigh(member);
                Outcome {
                    matched: !&outcome.matched,
                    known: outcome.known,
                }
            }
        }
    }

    fn count(&mut self, members: &[Expr], wanted: usize) -> Outcome {
        let (mut matched, mut known_yes, mut known_no) = (
            vec![0_usize; self.rows],
            vec![0_usize; self.rows],
            vec![0_usize; self.rows],
        );
        for member in members {
            let outcome = self.weigh(member);
            add(&mut matched, &outcome.matched);
            add(&mut known_yes, &(&outcome.matched & &outcome.known));
            add(&mut known_no, &(&!&outcome.matched & &outcome.known));
        }
        Outcome {
            matched: BooleanBuffer::collect_bool(self.rows, |row| matched[row] >= wanted),
            known: BooleanBuffer::collect_bool(self.rows, |row| {
                known_yes[row] >= wanted || known_no[row] + wanted > members.len()
            }),
        }
    }

    fn cheapest_first<'e>(&mut self, members: &'e [Expr]) -> Vec<&'e Expr> {
        let mut priced: Vec<(u32, &Expr)> = members.iter().map(|member| (self.price(member), member)).collect();
        priced.sort_by_key(|(price, _)| *price);
        priced.into_iter().map(|(_, member)| member).collect()
    }

    /// A rough price; only the order matters.
    fn price(&mut self, shape: &Expr) -> u32 {
        match shape {
            Expr::Atom(atom) if self.answers[atom.index()].is_some() => 0,
            Expr::Atom(atom) => match self.plan.atom(*atom) {
                Atom::Test { field, .. } => price_of_column(&self.column(*field)),
                Atom::Pair { .. } => PAIR_PRICE,
            },
            Expr::Not(member) => self.price(member),
            Expr::All(members) | Expr::Any(members) | Expr::AtLeast(_, members) => members
                .iter()
                .map(|member| self.price(member))
                .fold(0, u32::saturating_add),
        }
    }

    fn atom_within(&mut self, atom: AtomId, within: &BooleanBuffer) -> BooleanBuffer {
        let sparse = within.count_set_bits() * SPARSE_SHARE < self.rows;
        if sparse && self.answers[atom.index()].is_none() && self.is_slow(atom) {
            return self.atom_of_rows(atom, within);
        }
        within & &self.atom(atom).matched
    }

    fn is_slow(&mut self, atom: AtomId) -> bool {
        match self.plan.atom(atom) {
            Atom::Test { field, .. } => price_of_column(&self.column(*field)) > DICTIONARY_PRICE,
            Atom::Pair { .. } => true,
        }
    }

    fn atom_of_rows(&mut self, atom: AtomId, rows: &BooleanBuffer) -> BooleanBuffer {
        let mut found = vec![false; self.rows];
        let ask = self.asker(atom);
        for row in rows.set_indices() {
            found[row] = ask(row).matched;
        }
        BooleanBuffer::from(found)
    }

    fn atom(&mut self, atom: AtomId) -> Outcome {
        if let Some(outcome) = &self.answers[atom.index()] {
            return outcome.clone();
        }
        let plan = self.plan;
        let outcome = match plan.atom(atom) {
            Atom::Test { field, test } => {
                let column = self.column(*field);
                self.test_column(atom, test, &column)
            }
            Atom::Pair { .. } => {
                let ask = self.asker(atom);
                by_row(self.rows, &*ask)
            }
        };
        self.answers[atom.index()] = Some(outcome.clone());
        outcome
    }

    /// Returns what answers an atom for one row.
    fn asker(&mut self, atom: AtomId) -> Box<dyn Fn(usize) -> Answer + 'a> {
        let plan = self.plan;
        match plan.atom(atom) {
            Atom::Test { field, test } => {
                let column = self.column(*field);
                Box::new(move |row| answer(test, &mut |visit| column.cells(row, visit)))
            }
            Atom::Pair {
                left,
                right,
                anchor,
                case,
                missing,
            } => {
                let (left, right) = (self.column(*left), self.column(*right));
                Box::new(move |row| {
                    pair_answer(
                        &texts(*case, &mut |visit| left.cells(row, visit)),
                        &texts(*case, &mut |visit| right.cells(row, visit)),
                        *anchor,
                        *missing,
                    )
                })
            }
        }
    }

    fn test_column(&mut self, atom: AtomId, test: &Test, column: &FieldColumn) -> Outcome {
        let asks_for_value = test.question() == Question::Value;
        match column {
            FieldColumn::Absent => everywhere(self.rows, answer(test, &mut |_| Presence::Missing)),
            FieldColumn::Cells { column, original: None } if asks_for_value && is_plain_dictionary(column) => {
                let hits = self.cache.hits(atom, test, column, self.rows);
                value_outcome(rows_of_hits(column, &hits), valid_rows(column), test.missing())
            }
            FieldColumn::Cells { column, original: None }
                if asks_for_value && *column.data_type() == DataType::Utf8 =>
            {
                value_outcome(self.hits_of_text(test, column), valid_rows(column), test.missing())
            }
            FieldColumn::Extracted { column, extract } if is_plain_dictionary(column) => {
                by_distinct_text(test, column, &**extract)
            }
            FieldColumn::Union(members) if asks_for_value => {
                let none = BooleanBuffer::new_unset(self.rows);
                let (hit, value) = members.iter().fold((none.clone(), none), |(hit, value), member| {
                    let outcome = self.test_column(atom, test, member);
                    // A match without a value is the missing-value rule, which is for the whole field to apply.
                    (&hit | &(&outcome.matched & &outcome.known), &value | &outcome.known)
                });
                value_outcome(hit, value, test.missing())
            }
            _ => by_row(self.rows, &|row| answer(test, &mut |visit| column.cells(row, visit))),
        }
    }

    fn hits_of_text(&mut self, test: &Test, column: &ArrayRef) -> BooleanBuffer {
        let texts = if test.takes_folded_text() {
            // Columns live as long as the run holds them, so their addresses tell them apart.
            self.folded
                .entry(address(column.as_string::<i32>()))
                .or_insert_with(|| folded(column.as_string::<i32>()))
        } else {
            column.as_string::<i32>()
        };
        BooleanBuffer::collect_bool(self.rows, |row| {
            texts.is_valid(row) && test.matches_prepared(texts.value(row))
        })
    }

    fn column(&mut self, field: FieldId) -> Arc<FieldColumn> {
        if let Some(column) = &self.columns[field.index()] {
            return Arc::clone(column);
        }
        let column = Arc::new(in_plain_form(self.source.field(field, self.plan.key(field))));
        self.columns[field.index()] = Some(Arc::clone(&column));
        column
    }
}

impl DictionaryCache {
    fn hits(&mut self, atom: AtomId, test: &Test, column: &ArrayRef, rows: usize) -> Arc<Hits> {
        let dictionary = column.as_dictionary::<Int32Type>();
        let values = dictionary.values();
        if values.len() > rows {
            // A slice of a larger batch: only the values that it uses are worth looking at.
            return Arc::new(Hits::of_used(test, column));
        }
        let state = self
            .states
            .entry(address(values.as_string::<i32>()))
            .or_insert_with(|| DictionaryState {
                values: Arc::clone(values),
                folded: None,
                hits: HashMap::new(),
                used: true,
            });
        state.used = true;
        if let Some(hits) = state.hits.get(&atom) {
            return Arc::clone(hits);
        }
        let texts = if test.takes_folded_text() {
            state.folded.get_or_insert_with(|| folded(values.as_string::<i32>()))
        } else {
            state.values.as_string::<i32>()
        };
        let hits = Arc::new(Hits::new(
            (0..texts.len())
                .map(|key| test.matches_prepared(texts.value(key)))
                .collect(),
        ));
        state.hits.insert(atom, Arc::clone(&hits));
        hits
    }
}

impl Hits {
    fn new(by_key: Vec<bool>) -> Self {
        let any = by_key.contains(&true);
        Self { by_key, any }
    }

    fn of_used(test: &Test, column: &ArrayRef) -> Self {
        let dictionary = column.as_dictionary::<Int32Type>();
        let mut by_key = vec![false; dictionary.values().len()];
        let mut seen = by_key.clone();
        for key in dictionary.keys_iter().flatten() {
            if !std::mem::replace(&mut seen[key], true) {
                by_key[key] = text_of(dictionary.values(), key).is_some_and(|text| test.matches(&Cell::Text(text)));
            }
        }
        Self::new(by_key)
    }
}

const DICTIONARY_PRICE: u32 = 1;
const PAIR_PRICE: u32 = 100;

fn price_of_column(column: &FieldColumn) -> u32 {
    match column {
        FieldColumn::Absent => 0,
        FieldColumn::Cells { column, original: None } if is_plain_dictionary(column) => DICTIONARY_PRICE,
        FieldColumn::Cells { original: None, .. } => 8,
        FieldColumn::Cells { .. } => 16,
        FieldColumn::Extracted { .. } => 64,
        FieldColumn::Union(members) => members
            .iter()
            .map(price_of_column)
            .fold(DICTIONARY_PRICE + 1, u32::saturating_add),
    }
}

/// Brings text that a store hands over in another layout (views, long offsets) into the one that the fast paths read.
/// Columns that do not cast stay as they are, and are read row by row.
fn in_plain_form(column: FieldColumn) -> FieldColumn {
    match column {
        FieldColumn::Absent => FieldColumn::Absent,
        FieldColumn::Cells { column, original } => FieldColumn::Cells {
            column: plain_text(column),
            original,
        },
        FieldColumn::Extracted { column, extract } => FieldColumn::Extracted {
            column: plain_text(column),
            extract,
        },
        FieldColumn::Union(members) => FieldColumn::Union(members.into_iter().map(in_plain_form).collect()),
    }
}

fn plain_text(column: ArrayRef) -> ArrayRef {
    let plain = match column.data_type() {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::Dictionary(_, values) if matches!(**values, DataType::Utf8View | DataType::LargeUtf8) => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
        DataType::Dictionary(key, values) if **key != DataType::Int32 && **values == DataType::Utf8 => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
        _ => return column,
    };
    cast(&column, &plain).unwrap_or(column)
}

/// Whether a column is a dictionary of text without null values, as tables have them.
fn is_plain_dictionary(column: &ArrayRef) -> bool {
    column.as_dictionary_opt::<Int32Type>().is_some_and(|dictionary| {
        *dictionary.values().data_type() == DataType::Utf8 && dictionary.values().null_count() == 0
    })
}

fn rows_of_hits(column: &ArrayRef, hits: &Hits) -> BooleanBuffer {
    if !hits.any {
        return BooleanBuffer::new_unset(column.len());
    }
    let keys = column.as_dictionary::<Int32Type>().keys().values();
    // The key of a null row can be anything.
    let hit = |row: usize| usize::try_from(keys[row]).is_ok_and(|key| hits.by_key.get(key).is_some_and(|hit| *hit));
    &BooleanBuffer::collect_bool(column.len(), hit) & &valid_rows(column)
}

fn valid_rows(column: &ArrayRef) -> BooleanBuffer {
    match column.nulls() {
        Some(nulls) => nulls.inner().clone(),
        None => BooleanBuffer::new_set(column.len()),
    }
}

fn value_outcome(hit: BooleanBuffer, value: BooleanBuffer, missing: Missing) -> Outcome {
    let matched = match missing {
        Missing::Fails => hit,
        Missing::Matches => &hit | &!&value,
    };
    Outcome { matched, known: value }
}

fn everywhere(rows: usize, answer: Answer) -> Outcome {
    let all = |bit: bool| {
        if bit {
            BooleanBuffer::new_set(rows)
        } else {
            BooleanBuffer::new_unset(rows)
        }
    };
    Outcome {
        matched: all(answer.matched),
        known: all(answer.known),
    }
}

fn by_row(rows: usize, ask: &dyn Fn(usize) -> Answer) -> Outcome {
    let (mut matched, mut known) = (vec![false; rows], vec![false; rows]);
    for row in 0..rows {
        let answer = ask(row);
        matched[row] = answer.matched;
        known[row] = answer.known;
    }
    Outcome {
        matched: BooleanBuffer::from(matched),
        known: BooleanBuffer::from(known),
    }
}

fn by_distinct_text(test: &Test, column: &ArrayRef, extract: &dyn Extract) -> Outcome {
    let dictionary = column.as_dictionary::<Int32Type>();
    let mut by_key: Vec<Option<Answer>> = vec![None; dictionary.values().len()];
    let of_null = answer(test, &mut |_| Presence::Missing);
    let answers: Vec<Answer> = dictionary
        .keys_iter()
        .map(|key| {
            let Some((key, known)) = key.and_then(|key| Some((key, by_key.get_mut(key)?))) else {
                return of_null;
            };
            *known.get_or_insert_with(|| {
                answer(test, &mut |visit| match text_of(dictionary.values(), key) {
                    Some(text) => extract.cells(text, visit),
                    None => Presence::Missing,
                })
            })
        })
        .collect();
    by_row(answers.len(), &|row| answers[row])
}

fn address(texts: &StringArray) -> TextAddress {
    (
        texts.value_offsets().as_ptr() as usize,
        texts.value_data().as_ptr() as usize,
        texts.len(),
    )
}

fn folded(texts: &StringArray) -> StringArray {
    let mut builder = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
    for text in texts {
        builder.append_option(text.map(fold));
    }
    builder.finish()
}

fn add(counts: &mut [usize], rows: &BooleanBuffer) {
    for row in rows.set_indices() {
        counts[row] += 1;
    }
}
