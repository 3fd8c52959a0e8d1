//! The most frequent values of fields.
//!
//! Where nothing is searched for, the store's counts say them. Else all fields are counted in one pass, so that the search is worked out once. Text comes as views: those of one batch that
//! are equal bit for bit are equal text, so most rows cost a look-up of 16 bytes and no look at the text.

use std::collections::HashSet;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewArray};
use hashbrown::HashMap;
use sekisho_event::cells;
use sekisho_event::common::EVENTS;
use sekisho_event::text::Text;
use sekisho_search::{Field, FieldType};
use sekisho_store::ValueCount;

use super::reading::{Condition, Reading};
use super::rollup;
use super::types::{Facet, FacetValue, Facets, FacetsRequest};
use super::{DEFAULT_FACET_FIELDS, FACET_VALUES, MAX_FACET_FIELDS};
use crate::Error;
use crate::caller::Caller;

/// The distinct values of a field that are counted in memory, some 10 MB of addresses. With more, the engine counts that
/// field again, within its own bounds.
const MAX_DISTINCT_VALUES: usize = 100_000;

pub(super) fn facets(caller: &Caller, data_dir: &Path, request: &FacetsRequest) -> Result<Facets, Error> {
    let fields = fields(&request.fields)?;
    let condition = Condition::new(caller, &request.filter)?;
    let mut reading = Reading::open(caller, data_dir)?;
    if let Some(found) = rolled_up(&mut reading, &condition, &fields)? {
        return Ok(found);
    }
    let condition = condition.sql();
    let mut counts: Vec<Counts> = fields.iter().map(|_| Counts::default()).collect();
    let columns: Vec<String> = fields.iter().map(|field| as_text(*field)).collect();
    let statement = format!("SELECT {} FROM {EVENTS} WHERE {condition}", columns.join(", "));
    let mut total = 0;
    reading.each(&statement, |batch| {
        total += batch.num_rows() as u64;
        add(&mut counts, batch);
    })?;
    let counted = fields.into_iter().zip(counts);
    let facets = counted.map(|(field, counts)| {
        if counts.is_too_many() {
            counted_by_engine(&mut reading, &condition, field, &counts)
        } else {
            Ok(counts.into_facet(field))
        }
    });
    let facets = facets.collect::<Result<Vec<Facet>, Error>>()?;
    Ok(Facets {
        facets,
        total,
        took_ms: reading.took_ms(),
    })
}

/// Returns the facets where they can be had without reading events.
fn rolled_up(reading: &mut Reading, condition: &Condition, fields: &[Field]) -> Result<Option<Facets>, Error> {
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    if !names.iter().all(|name| rollup::counts_values_of(name)) {
        return Ok(None);
    }
    let Some(counts) = rollup::values(reading, condition, &names)? else {
        return Ok(None);
    };
    let Some(columns) = counts.columns.into_iter().collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let facets = fields
        .iter()
        .zip(columns)
        .map(|(field, values)| of_values(*field, values));
    Ok(Some(Facets {
        facets: facets.collect(),
        total: counts.rows,
        took_ms: reading.took_ms(),
    }))
}

fn of_values(field: Field, counts: Vec<ValueCount>) -> Facet {
    let missing = counts.iter().filter(|count| count.value.is_none());
    let missing = missing.map(|count| count.count).sum();
    let present = counts.iter().map(|count| count.count).sum::<u64>() - missing;
    let values = counts.into_iter().filter_map(|count| {
        Some(FacetValue {
            value: count.value?,
            count: count.count,
        })
    });
    facet(field, most_frequent(values.collect()), present, missing)
}

fn most_frequent(mut values: Vec<FacetValue>) -> Vec<FacetValue> {
    values.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    values.truncate(FACET_VALUES);
    values
}

fn fields(named: &[String]) -> Result<Vec<Field>, Error> {
    let names: Vec<&str> = if named.is_empty() {
        DEFAULT_FACET_FIELDS.to_vec()
    } else {
        named.iter().map(String::as_str).collect()
    };
    if names.len() > MAX_FACET_FIELDS {
        return Err(Error::Asked(Text::of(
            format!("more than {MAX_FACET_FIELDS} fields are named"),
            format!("フィールドの指定は {MAX_FACET_FIELDS} 個までです。"),
        )));
    }
    let mut seen = HashSet::new();
    let fields = names.into_iter().map(field).collect::<Result<Vec<Field>, Error>>()?;
    Ok(fields.into_iter().filter(|field| seen.insert(field.name())).collect())
}

fn field(name: &str) -> Result<Field, Error> {
    let no_field = || {
        Error::Asked(Text::of(
            format!("there is no field `{name}`"),
            format!("フィールド `{name}` はありません。"),
        ))
    };
    let field = Field::named(name).ok_or_else(no_field)?;
    if field.ty() == FieldType::Time {
        return Err(Error::Asked(Text::of(
            format!("`{name}` has no facet: the histogram counts by time"),
            format!("`{name}` は集計できません。時刻ごとの件数はヒストグラムで確認できます。"),
        )));
    }
    Ok(field)
}

fn as_text(field: Field) -> String {
    format!("arrow_cast(\"{}\", 'Utf8View')", field.name())
}

/// The values of one field.
#[derive(Debug, Default)]
struct Counts {
    values: HashMap<Box<str>, u64>,
    missing: u64,
    /// Events whose values are not counted any more.
    uncounted: u64,
    /// The views of the batch being counted.
    views: HashMap<u128, (usize, u64)>,
}

fn add(counts: &mut [Counts], batch: &RecordBatch) {
    for (counts, column) in counts.iter_mut().zip(batch.columns()) {
        if let Some(texts) = column.as_string_view_opt() {
            counts.add(texts);
        }
    }
}

impl Counts {
    fn is_too_many(&self) -> bool {
        self.uncounted > 0
    }

    fn add(&mut self, texts: &StringViewArray) {
        self.missing += texts.null_count() as u64;
        self.views.clear();
        for (row, view) in texts.views().iter().enumerate() {
            if texts.is_valid(row) {
                self.views.entry(*view).or_insert((row, 0)).1 += 1;
            }
        }
        for (row, events) in self.views.values() {
            let text = texts.value(*row);
            let has_room = self.values.len() < MAX_DISTINCT_VALUES;
            match self.values.get_mut(text) {
                Some(count) => *count += events,
                None if has_room => {
                    self.values.insert(text.into(), *events);
                }
                None => self.uncounted += events,
            }
        }
    }

    fn present(&self) -> u64 {
        self.values.values().sum::<u64>() + self.uncounted
    }

    fn into_facet(self, field: Field) -> Facet {
        let present = self.present();
        let values = self
            .values
            .into_iter()
            .map(|(value, count)| FacetValue {
                value: value.into_string(),
                count,
            })
            .collect();
        facet(field, most_frequent(values), present, self.missing)
    }
}

fn facet(field: Field, values: Vec<FacetValue>, present: u64, missing: u64) -> Facet {
    let shown: u64 = values.iter().map(|value| value.count).sum();
    Facet {
        field: field.name().to_owned(),
        values,
        other: present.saturating_sub(shown),
        missing,
    }
}

/// Returns the facet of a field with more values than are counted here.
fn counted_by_engine(reading: &mut Reading, condition: &str, field: Field, counts: &Counts) -> Result<Facet, Error> {
    let statement = format!(
        "SELECT {} AS value, count(*) AS events FROM {EVENTS} WHERE {condition} AND \"{}\" IS NOT NULL GROUP BY 1 \
         ORDER BY events DESC, value LIMIT {FACET_VALUES}",
        as_text(field),
        field.name()
    );
    let mut values = Vec::new();
    for batch in reading.rows(&statement)? {
        let [texts, events] = batch.columns() else { continue };
        values.extend((0..batch.num_rows()).filter_map(|row| value_at(texts, events, row)));
    }
    Ok(facet(field, values, counts.present(), counts.missing))
}

fn value_at(texts: &ArrayRef, events: &ArrayRef, row: usize) -> Option<FacetValue> {
    Some(FacetValue {
        value: cells::text(texts, row)?.into_owned(),
        count: cells::text(events, row)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn values_are_counted_over_batches_whatever_their_length() {
        let mut counts = Counts::default();
        let long = "a value that is longer than a view";
        counts.add(&StringViewArray::from(vec![
            Some("a"),
            None,
            Some(long),
            Some("a"),
            Some(long),
        ]));
        counts.add(&StringViewArray::from(vec![Some(long), Some("b"), None]));
        let facet = counts.into_facet(Field::named("app").unwrap());
        let values: Vec<(&str, u64)> = facet
            .values
            .iter()
            .map(|value| (value.value.as_str(), value.count))
            .collect();
        assert_eq!(values, [(long, 3), ("a", 2), ("b", 1)]);
        assert_eq!((facet.other, facet.missing), (0, 2));
    }

    #[test]
    fn too_many_values_are_noticed_and_none_is_lost() {
        let mut counts = Counts::default();
        let texts = (0..MAX_DISTINCT_VALUES + 5).map(|number| Some(number.to_string()));
        counts.add(&texts.collect::<StringViewArray>());
        assert!(counts.is_too_many());
        assert_eq!(counts.present(), MAX_DISTINCT_VALUES as u64 + 5);
    }
}
