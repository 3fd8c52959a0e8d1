//! Random rows: the index says of them what a plain count says.

use proptest::prelude::*;

use crate::kit::{Dice, Form, Row, batch, check, file_of, open};

fn text() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(String::new())),
        4 => "[abABks\u{212a}\u{17f}]{0,3}".prop_map(Some),
        2 => prop::sample::select(vec!["関所", "関", "所", "データローダ", "\u{0}", "\u{10ffff}"])
            .prop_map(|text| Some(text.to_owned())),
        1 => "\\PC{0,40}".prop_map(Some),
    ]
}

fn time() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![
        2 => Just(None),
        4 => (1_700_000_000i64..1_700_090_000).prop_map(|seconds| Some(seconds * 1_000_000)),
        2 => (1_700_000_000_000i64..1_700_000_900_000).prop_map(|millis| Some(millis * 1_000)),
        1 => any::<i64>().prop_map(Some),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, 0, -1]).prop_map(Some),
    ]
}

fn row() -> impl Strategy<Value = Row> {
    (time(), text(), text()).prop_map(|(time_us, few, many)| Row {
        time_us,
        texts: [few, many],
    })
}

fn form() -> impl Strategy<Value = Form> {
    prop::sample::select(vec![Form::Plain, Form::Dictionary, Form::Untidy])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_index_says_what_a_count_says(batches in prop::collection::vec((prop::collection::vec(row(), 0..60), form()), 0..6)) {
        let rows: Vec<Row> = batches.iter().flat_map(|(rows, _)| rows.clone()).collect();
        let batches: Vec<_> = batches.iter().map(|(rows, form)| batch(rows, *form)).collect();
        let (bytes, _) = file_of(&batches);
        check(&open(&bytes), &rows);
    }
}

/// Rows over several blocks, in batches that end inside them, of which some are slices of larger ones.
#[test]
fn places_are_right_over_many_blocks() {
    let mut dice = Dice(7);
    let rows: Vec<Row> = (0..70_000u64)
        .map(|row| Row {
            time_us: (dice.below(50) > 0).then(|| (row * 40 + dice.below(3_000)) as i64 * 1_000),
            texts: [
                (dice.below(9) > 0).then(|| format!("user{}", dice.below(20))),
                (dice.below(3) > 0).then(|| format!("session{}", row / 100 + dice.below(30))),
            ],
        })
        .collect();
    let mut batches = Vec::new();
    let mut rest = rows.as_slice();
    let forms = [Form::Plain, Form::Dictionary, Form::Untidy];
    while !rest.is_empty() {
        let (now, later) = rest.split_at((1 + dice.below(20_000) as usize).min(rest.len()));
        let form = forms[dice.below(3) as usize];
        let whole = batch(now, form);
        let half = whole.num_rows() / 2;
        batches.push(whole.slice(0, half));
        batches.push(whole.slice(half, whole.num_rows() - half));
        rest = later;
    }
    let (bytes, size) = file_of(&batches);
    check(&open(&bytes), &rows);
    assert!(size.given_up.is_empty());
}

#[test]
fn no_rows_are_an_index_too() {
    let (bytes, _) = file_of(&[]);
    check(&open(&bytes), &[]);
    let (bytes, _) = file_of(&[batch(&[], Form::Dictionary)]);
    check(&open(&bytes), &[]);
}
