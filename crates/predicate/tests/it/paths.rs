//! Random plans over random batches: every path gives the answer of every other.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sekisho_predicate::{
    Anchor, BatchRow, BatchRun, Case, Cell, Comparison, DictionaryCache, Expr, Extract, FieldColumn, FieldKey, Missing,
    Number, Pattern, PatternPart, Plan, PlanBuilder, Presence, RegexFlags, RowMemory, RowRun, TestSpec, TimePart,
    Visit,
};

/// Words between commas, as an array would be; `-` is null.
#[derive(Debug)]
struct Words;

impl Extract for Words {
    fn cells(&self, text: &str, visit: &mut Visit<'_>) -> Presence {
        if text.is_empty() {
            return Presence::Missing;
        }
        for word in text.split(',') {
            let cell = if word == "-" { Cell::Null } else { Cell::Text(word) };
            if visit(cell) == ControlFlow::Break(()) {
                break;
            }
        }
        Presence::Present
    }
}

const ROWS: usize = 24;
const FIELDS: usize = 13;

fn texts() -> impl Strategy<Value = Vec<Option<String>>> {
    vec(option::weighted(0.8, "[aAbBé12,-]{0,3}"), ROWS)
}

fn dictionary(values: &[Option<String>]) -> ArrayRef {
    let array: DictionaryArray<Int32Type> = values.iter().map(Option::as_deref).collect();
    Arc::new(array)
}

prop_compose! {
    fn columns()(
        few in texts(), many in texts(), extracted_few in texts(), extracted_many in texts(), original in texts(),
        whole in vec(option::of(-2i64..14), ROWS), float in vec(option::of(-1.0f64..3.0), ROWS),
        truth in vec(option::of(any::<bool>()), ROWS), time in vec(option::of(0i64..2_000_000_000_000_000), ROWS),
    ) -> Vec<FieldColumn> {
        let cells = |column: ArrayRef| FieldColumn::Cells { column, original: None };
        let few_column = dictionary(&few);
        let union = FieldColumn::Union(vec![
            cells(few_column.clone()),
            FieldColumn::Extracted { column: dictionary(&extracted_few), extract: Arc::new(Words) },
            cells(Arc::new(Int64Array::from(whole.clone()))),
        ]);
        vec![
            cells(cast(&few_column, &DataType::Dictionary(Box::new(DataType::UInt16), Box::new(DataType::Utf8))).unwrap()),
            cells(cast(&few_column, &DataType::Utf8View).unwrap()),
            cells(cast(&few_column, &DataType::LargeUtf8).unwrap()),
            FieldColumn::Extracted {
                column: cast(&dictionary(&extracted_few), &DataType::Utf8View).unwrap(),
                extract: Arc::new(Words),
            },
            cells(few_column),
            cells(Arc::new(StringArray::from(many))),
            FieldColumn::Extracted { column: dictionary(&extracted_few), extract: Arc::new(Words) },
            FieldColumn::Extracted { column: Arc::new(StringArray::from(extracted_many)), extract: Arc::new(Words) },
            FieldColumn::Cells { column: Arc::new(Int64Array::from(whole)), original: Some(StringArray::from(original)) },
            cells(Arc::new(Float64Array::from(float))),
            cells(Arc::new(BooleanArray::from(truth))),
            cells(Arc::new(TimestampMicrosecondArray::from(time).with_timezone("UTC"))),
            union,
        ]
    }
}

fn case() -> impl Strategy<Value = Case> {
    prop_oneof![Just(Case::Exact), Just(Case::Folded)]
}

fn missing() -> impl Strategy<Value = Missing> {
    prop_oneof![Just(Missing::Fails), Just(Missing::Matches)]
}

fn spec() -> impl Strategy<Value = TestSpec> {
    let anchor = prop_oneof![
        Just(Anchor::Whole),
        Just(Anchor::Start),
        Just(Anchor::End),
        Just(Anchor::Anywhere)
    ];
    let word = || "[abé12]{0,2}";
    prop_oneof![
        (vec(word(), 1..6), anchor, case(), missing()).prop_map(|(literals, anchor, case, missing)| TestSpec::Text {
            literals,
            anchor,
            case,
            missing
        }),
        (word(), -2i64..14, case(), missing()).prop_map(|(text, number, case, missing)| TestSpec::OneOf {
            texts: vec![text, number.to_string()],
            numbers: vec![Number::Integer(number.into())],
            case,
            missing
        }),
        (word(), case(), missing()).prop_map(|(text, case, missing)| TestSpec::Patterns {
            patterns: vec![Pattern::new(vec![
                PatternPart::Literal(text),
                PatternPart::One,
                PatternPart::Many
            ])],
            case,
            missing
        }),
        (any::<bool>(), missing()).prop_map(|(ignore_case, missing)| TestSpec::Regexes {
            expressions: vec!["^[ab]+1?$".to_owned()],
            flags: RegexFlags {
                ignore_case,
                ..RegexFlags::default()
            },
            missing
        }),
        (-2i64..14, missing()).prop_map(|(number, missing)| TestSpec::Compare {
            comparison: Comparison::AtLeast,
            numbers: vec![Number::Integer(number.into())],
            missing
        }),
        missing().prop_map(|missing| TestSpec::TimePart {
            part: TimePart::Hour,
            comparison: Comparison::Less,
            numbers: vec![Number::Integer(12)],
            missing
        }),
        any::<bool>().prop_map(|wanted| TestSpec::Exists { wanted }),
        Just(TestSpec::Null),
    ]
}

/// The shape of a rule before its tests are in a plan.
#[derive(Debug, Clone)]
enum Shape {
    Test(usize, TestSpec),
    Pair(usize, usize, Case, Missing),
    All(Vec<Shape>),
    Any(Vec<Shape>),
    AtLeast(usize, Vec<Shape>),
    Not(Box<Shape>),
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        8 => (0..=FIELDS, spec()).prop_map(|(field, spec)| Shape::Test(field, spec)),
        1 => (0..FIELDS, 0..FIELDS, case(), missing()).prop_map(|(l, r, case, missing)| Shape::Pair(l, r, case, missing)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Shape::All),
            vec(inner.clone(), 0..4).prop_map(Shape::Any),
            (0usize..3, vec(inner.clone(), 0..4)).prop_map(|(wanted, members)| Shape::AtLeast(wanted, members)),
            inner.prop_map(|member| Shape::Not(Box::new(member))),
        ]
    })
}

fn lower(shape: &Shape, builder: &mut PlanBuilder) -> Expr {
    let field = |builder: &mut PlanBuilder, index: usize| builder.field(FieldKey::Named(format!("f{index}")));
    match shape {
        Shape::Test(index, spec) => {
            let field = field(builder, *index);
            builder.test(field, spec).unwrap()
        }
        Shape::Pair(left, right, case, missing) => {
            let (left, right) = (field(builder, *left), field(builder, *right));
            builder.pair(left, right, Anchor::Start, *case, *missing)
        }
        Shape::All(members) => Expr::All(members.iter().map(|member| lower(member, builder)).collect()),
        Shape::Any(members) => Expr::Any(members.iter().map(|member| lower(member, builder)).collect()),
        Shape::AtLeast(wanted, members) => {
            Expr::AtLeast(*wanted, members.iter().map(|member| lower(member, builder)).collect())
        }
        Shape::Not(member) => Expr::Not(Box::new(lower(member, builder))),
    }
}

fn plan_of(shapes: &[Shape]) -> Plan {
    let mut builder = PlanBuilder::new();
    // One field more than there are columns: it is absent.
    for index in 0..=FIELDS {
        builder.field(FieldKey::Named(format!("f{index}")));
    }
    for shape in shapes {
        let expr = lower(shape, &mut builder);
        builder.rule(expr);
    }
    builder.build()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn batch_masked_and_row_paths_agree(columns in columns(), shapes in vec(shape(), 1..4)) {
        let plan = plan_of(&shapes);
        let mut cache = DictionaryCache::default();
        let mut memory = RowMemory::default();
        // The second batch is the first again: its answers come from the cache.
        for _ in 0..2 {
            let mut masked = BatchRun::new(&plan, &columns, ROWS, &mut cache);
            let masked: Vec<_> = (0..shapes.len()).map(|rule| masked.matched(sekisho_predicate::RuleSlot(rule))).collect();
            let mut full = BatchRun::new(&plan, &columns, ROWS, &mut cache);
            for (rule, masked) in masked.iter().enumerate() {
                let slot = sekisho_predicate::RuleSlot(rule);
                let outcome = full.outcome(slot);
                prop_assert_eq!(masked, &outcome.matched);
                for row in 0..ROWS {
                    let fields = BatchRow::new(&columns, row);
                    let mut run = RowRun::new(&plan, &fields, &mut memory);
                    prop_assert_eq!(run.matches(slot), outcome.matched.value(row), "row {}", row);
                    prop_assert_eq!(run.outcome(slot), (outcome.matched.value(row), outcome.known.value(row)), "row {}", row);
                }
            }
        }
    }
}

#[test]
fn a_slice_of_a_large_dictionary_answers_as_the_whole() {
    let values: Vec<Option<String>> = (0..100).map(|number| Some(format!("v{number}"))).collect();
    let whole = dictionary(&values);
    let slice = whole.slice(40, 3);
    let mut builder = PlanBuilder::new();
    let field = builder.field(FieldKey::Named("f".to_owned()));
    let test = builder
        .test(
            field,
            &TestSpec::Text {
                literals: vec!["V41".to_owned()],
                anchor: Anchor::Whole,
                case: Case::Folded,
                missing: Missing::Fails,
            },
        )
        .unwrap();
    let rule = builder.rule(test);
    let plan = builder.build();
    let columns = vec![FieldColumn::Cells {
        column: slice,
        original: None,
    }];
    let mut cache = DictionaryCache::default();
    let matched = BatchRun::new(&plan, &columns, 3, &mut cache).matched(rule);
    assert_eq!(matched.set_indices().collect::<Vec<_>>(), [1]);
}

#[test]
fn equal_tests_of_many_rules_are_one() {
    let shape = Shape::Test(0, TestSpec::Null);
    let plan = plan_of(&[shape.clone(), Shape::Not(Box::new(shape))]);
    assert_eq!((plan.atom_count(), plan.rule_count()), (1, 2));
}
