//! Bytes that are not what was written: an error, and never a wrong answer.

use arrow::array::RecordBatch;
use proptest::prelude::*;
use sekisho_index::{Index, IndexError, Result};

use crate::kit::{COLUMNS, Dice, Form, Row, batch, file_of};

fn sample() -> Vec<u8> {
    let mut dice = Dice(3);
    let rows: Vec<Row> = (0..20_000u64)
        .map(|row| Row {
            time_us: (dice.below(9) > 0).then_some(row as i64 * 1_000_000),
            texts: [
                (dice.below(9) > 0).then(|| format!("user{}", dice.below(20))),
                Some(format!("session{}", row / 12)),
            ],
        })
        .collect();
    let batches: Vec<RecordBatch> = rows.chunks(5_000).map(|rows| batch(rows, Form::Dictionary)).collect();
    file_of(&batches).0
}

/// Reads everything and returns it as one text.
fn everything(bytes: Vec<u8>) -> Result<String> {
    let index = Index::open(Box::new(bytes))?;
    let mut all = format!("{} rows, {:?}", index.rows(), index.columns().collect::<Vec<_>>());
    for name in COLUMNS {
        let Some(column) = index.column(name) else { continue };
        all += &format!("{name}: {} {:?}\n", column.values(), column.nulls());
        for entry in column.entries()? {
            all += &format!("{:?}\n", entry?);
        }
        all += &format!("{:?}\n", column.lookup("session77")?);
    }
    all += &format!("{:?}", index.hours()?);
    Ok(all)
}

#[test]
fn every_flipped_byte_is_an_error() {
    let bytes = sample();
    assert!(everything(bytes.clone()).is_ok());
    let mut dice = Dice(11);
    let step = 1 + bytes.len() / flips();
    let near_ends = (0..20).chain(bytes.len() - 120..bytes.len());
    for position in near_ends.chain((0..bytes.len()).step_by(step)) {
        let mut damaged = bytes.clone();
        damaged[position] ^= 1 << dice.below(8);
        assert!(everything(damaged).is_err(), "byte {position} of {}", bytes.len());
    }
}

/// Returns how many bytes to flip: more in the full tier.
#[allow(clippy::disallowed_methods, reason = "tests are told their tier by the environment")]
fn flips() -> usize {
    if std::env::var_os("SEKISHO_FULL").is_some() {
        10_000
    } else {
        300
    }
}

#[test]
fn every_cut_is_an_error() {
    let bytes = sample();
    for length in (0..bytes.len()).step_by(397).chain([bytes.len() - 1]) {
        assert!(everything(bytes[..length].to_vec()).is_err(), "{length} bytes");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(everything(longer).is_err());
}

#[test]
fn another_version_says_so() {
    let mut bytes = sample();
    bytes[8] = 9;
    let error = everything(bytes).unwrap_err();
    assert!(matches!(error, IndexError::Version { found: 9, .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(everything(bytes).is_err());
    }
}
