//! One number for all events of a store, whatever files, commits and order they came in. Tests of other crates take this
//! file in by its path.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use sekisho_store::Store;
use sha2::{Digest, Sha256};

/// The columns that say how an event was delivered, in typed tables and in `events`. They are no part of it.
const DELIVERY: [&str; 4] = ["_file", "_line", "file", "line"];

/// Returns the digest of all events: of the rows of every table but the store's own, without their order.
pub(crate) fn digest(store: &Store) -> [u8; 32] {
    let mut all = Sha256::new();
    for table in store.tables().unwrap() {
        if table.name.starts_with("sekisho.") || table.events == 0 {
            continue;
        }
        let mut rows = 0u64;
        let mut sum = [0u64; 4];
        for batch in store.scan(&table.name, Default::default(), None).unwrap() {
            for row in canonical(&batch.unwrap(), &DELIVERY) {
                rows += 1;
                let hash = Sha256::digest(row.as_bytes());
                for (lane, bytes) in sum.iter_mut().zip(hash.chunks_exact(8)) {
                    *lane = lane.wrapping_add(u64::from_be_bytes(bytes.try_into().unwrap()));
                }
            }
        }
        all.update(format!("{} {rows} {sum:?}\n", table.name));
    }
    all.finalize().into()
}

/// Returns each row as text: its columns but `without`, in the order of their names; those that are null do not count.
pub(crate) fn canonical(batch: &RecordBatch, without: &[&str]) -> Vec<String> {
    let schema = batch.schema();
    let mut columns: Vec<(&str, &ArrayRef)> = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, values)| (field.name().as_str(), values))
        .filter(|(name, _)| !without.contains(name))
        .collect();
    columns.sort_by_key(|(name, _)| *name);
    let options = FormatOptions::default().with_null("");
    let columns: Vec<_> = columns
        .into_iter()
        .map(|(name, values)| (name, ArrayFormatter::try_new(values, &options).unwrap()))
        .collect();
    (0..batch.num_rows())
        .map(|row| {
            let mut text = String::new();
            for (name, values) in &columns {
                let value = values.value(row).to_string();
                if !value.is_empty() {
                    text += &format!("{name}={value} ");
                }
            }
            text
        })
        .collect()
}
