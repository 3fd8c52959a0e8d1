//! Where the rows can be that a query's filters are true for, by the value indexes of segments.
//!
//! A part of a filter that reads one indexed column is worked out on the column's distinct values, null among them; it is
//! true nowhere but in the blocks of the values that it is true for. Such parts are put together as AND and OR do. Of
//! every other part nothing is known, so it may be true anywhere. The filters still run over the rows that are read: an
//! index only says where there is nothing to read.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::{Column, DFSchema, DataFusionError, ScalarValue};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use datafusion::physical_plan::PhysicalExpr;
use sekisho_index::{Blocks, Chunk, ColumnIndex, Index};

/// The most distinct values of a segment that a test is tried on, a few milliseconds' work. With more, and no value named
/// outright, reading the rows costs about as much.
const MAX_VALUES_TRIED: u64 = 256 * 1024;

/// The values that a test is tried on at once.
const VALUES_AT_ONCE: usize = 8 * 1024;

/// The most values that are looked up one by one; each reads a chunk of the index.
const MAX_LOOK_UPS: usize = 64;

/// Rows are picked out of a segment where one in so many is left at most: while they are picked out, the engine skips no row
/// groups by what it finds on the way, which a search for the newest rows lives by.
const MIN_PART_LEFT: u64 = 8;

/// What of a segment is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Nothing,
    Rows(Vec<Range<u64>>),
    All,
}

impl Part {
    /// Returns what is read where rows can be in these blocks only.
    pub(super) fn of(blocks: &Blocks, rows: u64) -> Self {
        let ranges: Vec<Range<u64>> = blocks.row_ranges(rows).collect();
        let wanted: u64 = ranges.iter().map(|range| range.end - range.start).sum();
        match wanted {
            0 => Self::Nothing,
            _ if wanted > rows / MIN_PART_LEFT => Self::All,
            _ => Self::Rows(ranges),
        }
    }
}

/// What a query's filters say of single columns, ready to be asked of every segment.
#[derive(Debug)]
pub(super) struct Places {
    test: Test,
}

#[derive(Debug)]
enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    /// The column holds one of these values.
    Is(String, Vec<String>),
    /// The column holds this value in some case.
    IsInAnyCase(String, String),
    /// Something about one column.
    Column(String, SchemaRef, Arc<dyn PhysicalExpr>),
    Unknown,
}

impl Places {
    /// Returns what the filters say; `None` where that is nothing.
    pub(super) fn of(state: &dyn Session, schema: &Schema, filters: &[Expr]) -> Option<Self> {
        let tests = filters.iter().map(|filter| test_of(state, schema, filter)).collect();
        let test = Test::all(tests);
        (!matches!(test, Test::Unknown)).then_some(Self { test })
    }

    /// Returns the blocks outside which the filters are true of no row; `None` where they may be true anywhere.
    pub(super) fn in_segment(&self, index: &Index) -> Option<Blocks> {
        self.test.places(index)
    }
}

fn test_of(state: &dyn Session, schema: &Schema, filter: &Expr) -> Test {
    let of = |part: &Expr| test_of(state, schema, part);
    match filter {
        Expr::Alias(alias) => of(&alias.expr),
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::And,
            right,
        }) => Test::all(vec![of(left), of(right)]),
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::Or,
            right,
        }) => Test::any(vec![of(left), of(right)]),
        other => is_one_of(other)
            .or_else(|| column_test(state, schema, other))
            .unwrap_or(Test::Unknown),
    }
}

impl Test {
    fn all(tests: Vec<Self>) -> Self {
        let mut known: Vec<Self> = tests
            .into_iter()
            .filter(|test| !matches!(test, Self::Unknown))
            .collect();
        match known.len() {
            0 => Self::Unknown,
            1 => known.swap_remove(0),
            _ => Self::All(known),
        }
    }

    fn any(tests: Vec<Self>) -> Self {
        if tests.iter().any(|test| matches!(test, Self::Unknown)) {
            return Self::Unknown;
        }
        Self::Any(tests)
    }

    /// Returns the blocks outside which the test is true of no row; `None` where it may be true anywhere.
    fn places(&self, index: &Index) -> Option<Blocks> {
        match self {
            Self::Unknown => None,
            Self::All(tests) => {
                let mut places: Option<Blocks> = None;
                for test in tests {
                    match (&mut places, test.places(index)) {
                        (_, None) => {}
                        (None, found) => places = found,
                        (Some(places), Some(found)) => places.intersect(&found),
                    }
                    if places.as_ref().is_some_and(Blocks::is_empty) {
                        break;
                    }
                }
                places
            }
            Self::Any(tests) => {
                let mut places = Blocks::none();
                for test in tests {
                    places.unite(&test.places(index)?);
                }
                Some(places)
            }
            Self::Is(column, values) => {
                let column = index.column(column)?;
                let mut places = Blocks::none();
                for value in values {
                    // What cannot be read may be anywhere.
                    if let Some(entry) = column.lookup(value).ok()? {
                        places.unite(&entry.blocks);
                    }
                }
                Some(places)
            }
            Self::IsInAnyCase(column, value) => index.column(column)?.places_ignoring_case(value).ok(),
            Self::Column(column, schema, test) => tried(index.column(column)?, schema, test.as_ref()),
        }
    }
}

/// Returns the test that a column holds one of some values, or one in any case, where the expression is that.
fn is_one_of(filter: &Expr) -> Option<Test> {
    let column = |expr: &Expr| match expr {
        Expr::Column(Column { name, .. }) => Some(name.clone()),
        _ => None,
    };
    let text = |expr: &Expr| match expr {
        Expr::Literal(value, _) => literal_text(value),
        _ => None,
    };
    match filter {
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::Eq,
            right,
        }) => column(left)
            .zip(text(right))
            .or_else(|| column(right).zip(text(left)))
            .map(|(column, text)| Test::Is(column, vec![text])),
        Expr::Like(like) if like.case_insensitive && !like.negated && like.escape_char.is_none() => {
            Some(Test::IsInAnyCase(column(&like.expr)?, plain(&text(&like.pattern)?)?))
        }
        Expr::InList(list) if !list.negated && list.list.len() <= MAX_LOOK_UPS => {
            let values = list.list.iter().map(text).collect::<Option<Vec<String>>>()?;
            Some(Test::Is(column(&list.expr)?, values))
        }
        _ => None,
    }
}

fn literal_text(value: &ScalarValue) -> Option<String> {
    match value {
        ScalarValue::Utf8View(text) | ScalarValue::Utf8(text) => text.clone(),
        ScalarValue::Dictionary(_, value) => literal_text(value),
        _ => None,
    }
}

/// Returns the text that a pattern stands for, where it stands for one and case means the same to the index: that of Latin
/// letters.
fn plain(pattern: &str) -> Option<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' | '_' => return None,
            '\\' => text.push(characters.next().filter(|next| matches!(next, '\\' | '%' | '_'))?),
            _ => text.push(character),
        }
    }
    text.is_ascii().then_some(text)
}

/// Returns an expression as a test of a column, where it reads one column of texts and nothing that changes by itself.
fn column_test(state: &dyn Session, schema: &Schema, filter: &Expr) -> Option<Test> {
    let columns = filter.column_refs();
    let mut columns = columns.into_iter();
    let (Some(column), None) = (columns.next(), columns.next()) else {
        return None;
    };
    let field = schema.field_with_name(&column.name).ok()?;
    if !is_text(field.data_type()) || filter.is_volatile() {
        return None;
    }
    let alone = Arc::new(Schema::new(vec![field.clone()]));
    let named = DFSchema::try_from(Arc::clone(&alone)).ok()?;
    let test = state.create_physical_expr(filter.clone(), &named).ok()?;
    (test.data_type(&alone).ok()? == DataType::Boolean).then(|| Test::Column(column.name.clone(), alone, test))
}

/// Returns whether a column gives texts, in whatever encoding.
fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// Returns the blocks of the values that the test is true for; `None` where the index cannot be read or the test cannot be
/// worked out: reading the rows will say why.
fn tried(column: ColumnIndex<'_>, schema: &SchemaRef, test: &dyn PhysicalExpr) -> Option<Blocks> {
    if column.values() > MAX_VALUES_TRIED {
        return None;
    }
    let mut places = Blocks::none();
    let data_type = schema.fields().first()?.data_type();
    if column.nulls().count > 0 && is_true(test, schema, new_null_array(data_type, 1)).ok()? == [true] {
        places.unite(&column.nulls().blocks);
    }
    let mut waiting: Vec<Chunk> = Vec::new();
    let mut values = 0;
    let mut chunks = column.chunks().ok()?;
    loop {
        let chunk = chunks.next().transpose().ok()?;
        let is_last = chunk.is_none();
        values += chunk.as_ref().map_or(0, |chunk| chunk.values().len());
        waiting.extend(chunk);
        if is_last || values >= VALUES_AT_ONCE {
            add_true(&mut places, &waiting, schema, test)?;
            waiting.clear();
            values = 0;
        }
        if is_last {
            return Some(places);
        }
    }
}

/// Adds the blocks of the values that the test is true for.
fn add_true(places: &mut Blocks, chunks: &[Chunk], schema: &SchemaRef, test: &dyn PhysicalExpr) -> Option<()> {
    let texts: Vec<&dyn Array> = chunks.iter().map(|chunk| chunk.values() as &dyn Array).collect();
    if texts.is_empty() {
        return Some(());
    }
    let texts = concat(&texts).ok()?;
    let texts = cast(&texts, schema.fields().first()?.data_type()).ok()?;
    let mut is_true = is_true(test, schema, texts).ok()?.into_iter();
    for chunk in chunks {
        let wanted: Vec<bool> = is_true.by_ref().take(chunk.values().len()).collect();
        if wanted.contains(&true) {
            let entries = chunk.entries().ok()?;
            let found = entries.iter().zip(&wanted).filter(|(_, wanted)| **wanted);
            found.for_each(|(entry, _)| places.unite(&entry.blocks));
        }
    }
    Some(())
}

/// Returns for each value whether the test is true.
fn is_true(test: &dyn PhysicalExpr, schema: &SchemaRef, values: ArrayRef) -> Result<Vec<bool>, DataFusionError> {
    let rows = values.len();
    let batch = RecordBatch::try_new(Arc::clone(schema), vec![values])?;
    let answer = test.evaluate(&batch)?.into_array(rows)?;
    let answer = answer
        .as_boolean_opt()
        .ok_or_else(|| DataFusionError::Internal("a filter that is not true or false".to_owned()))?;
    Ok(answer.iter().map(|answer| answer == Some(true)).collect())
}

#[cfg(test)]
mod tests {
    use sekisho_index::BLOCK_ROWS;

    use super::*;

    #[test]
    fn rows_are_picked_out_where_few_are_left() {
        let rows = 10 * BLOCK_ROWS;
        assert_eq!(Part::of(&Blocks::none(), rows), Part::Nothing);
        assert_eq!(Part::of(&Blocks::all(rows), rows), Part::All);
        let first = Blocks::all(BLOCK_ROWS);
        let picked = Part::Rows(std::iter::once(0..BLOCK_ROWS).collect());
        assert_eq!(Part::of(&first, rows), picked);
        assert_eq!(Part::of(&first, 2 * BLOCK_ROWS), Part::All);
    }

    #[test]
    fn a_pattern_without_wildcards_is_a_text() {
        for (pattern, text) in [
            ("198.51.100.7", Some("198.51.100.7")),
            (r"svc\_backup@example.com", Some("svc_backup@example.com")),
            (r"a\\b\%", Some(r"a\b%")),
            ("", Some("")),
            ("a%", None),
            ("a_b", None),
            (r"a\b", None),
            (r"a\", None),
            ("利用者", None),
        ] {
            assert_eq!(plain(pattern).as_deref(), text, "{pattern}");
        }
    }
}
