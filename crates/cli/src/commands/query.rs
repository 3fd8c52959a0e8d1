//! `sekisho query SQL`.

use std::time::Duration;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimeUnit};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use clap::ArgMatches;
use sekisho_event::cells;
use sekisho_operation::query::{QueryLimits, query};
use serde_json::Value;

use super::Failure;
use crate::exit::Exit;
use crate::output::{self, Row, RowWriter};
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let sql = matches.get_one::<String>("sql").map(String::as_str).unwrap_or_default();
    let result = query(&settings.caller(), &settings.data_dir, sql, limits(matches)?)?;
    let mut out = output::stdout();
    let mut writer = RowWriter::new(&mut out, settings.format);
    writer.columns(
        result
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect(),
    );
    for batch in result {
        let batch = batch.map_err(sekisho_operation::Error::from)?;
        for row in 0..batch.num_rows() {
            writer.row(row_of(&batch, row))?;
        }
    }
    writer.finish()?;
    Ok(Exit::Done)
}

fn limits(matches: &ArgMatches) -> Result<QueryLimits, Failure> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let max_memory_bytes = text("max-memory").map(bytes).transpose()?;
    let timeout = text("timeout").map(seconds).transpose()?;
    Ok(QueryLimits {
        max_memory_bytes,
        timeout,
    })
}

/// Reads `512MiB`, `2GB`, `1g` or a number of bytes.
fn bytes(text: &str) -> Result<usize, Failure> {
    let wrong = || {
        Failure::Usage(format!(
            "`{text}` is not an amount of memory; write for example 512MiB or 2GiB"
        ))
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count: usize = text[..digits].parse().map_err(|_| wrong())?;
    let unit: usize = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "kb" => 1_000,
        "m" | "mib" => 1 << 20,
        "mb" => 1_000_000,
        "g" | "gib" => 1 << 30,
        "gb" => 1_000_000_000,
        _ => return Err(wrong()),
    };
    count.checked_mul(unit).filter(|bytes| *bytes > 0).ok_or_else(wrong)
}

/// Reads `30s`, `5m` or a number of seconds.
fn seconds(text: &str) -> Result<Duration, Failure> {
    let wrong = || Failure::Usage(format!("`{text}` is not a duration; write for example 30s or 5m"));
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).map_err(|_| wrong());
    }
    let length_us = sekisho_event::time::parse_since(text).map_err(|_| wrong())?;
    Ok(Duration::from_micros(length_us.unsigned_abs()))
}

fn row_of(batch: &RecordBatch, row: usize) -> Row {
    let schema = batch.schema_ref();
    let named = schema.fields().iter().zip(batch.columns());
    named
        .map(|(field, column)| (field.name().clone(), value_of(column, row)))
        .collect()
}

fn value_of(column: &ArrayRef, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Int64 => Value::from(column.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => Value::from(column.as_boolean().value(row)),
        DataType::Float64 => number(column.as_primitive::<Float64Type>().value(row)),
        DataType::Dictionary(_, _) => match column.as_dictionary_opt::<Int32Type>() {
            Some(dictionary) => dictionary
                .key(row)
                .map_or(Value::Null, |key| value_of(dictionary.values(), key)),
            None => formatted(column, row),
        },
        DataType::Timestamp(..) => instant(column, row),
        DataType::List(_) => list(&column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(&column.as_list::<i64>().value(row)),
        DataType::Struct(fields) => {
            let members = fields.iter().zip(column.as_struct().columns());
            Value::Object(
                members
                    .map(|(field, values)| (field.name().clone(), value_of(values, row)))
                    .collect(),
            )
        }
        _ => cells::text(column, row).map_or_else(|| formatted(column, row), |text| Value::from(text.into_owned())),
    }
}

/// A whole number is written without `.0`, as the platform wrote it: text that differs stands in `_original`. JSON has no
/// infinity: what is no number there stays readable as text.
fn number(value: f64) -> Value {
    const PAST_INTEGERS: f64 = 9_223_372_036_854_775_808.0;
    if value.fract() == 0.0 && value.abs() < PAST_INTEGERS {
        return Value::from(value as i64);
    }
    serde_json::Number::from_f64(value).map_or_else(|| Value::from(value.to_string()), Value::Number)
}

/// Every time in the store is UTC, and so is what SQL makes of it, whatever unit it has and whether or not it kept the zone.
fn instant(column: &ArrayRef, row: usize) -> Value {
    let in_us = arrow::compute::cast(column, &DataType::Timestamp(TimeUnit::Microsecond, None)).ok();
    let at_us = in_us.and_then(|times| cells::time_us(&times, row));
    at_us.map_or_else(
        || formatted(column, row),
        |at_us| Value::from(sekisho_event::time::to_rfc3339(at_us)),
    )
}

fn list(values: &ArrayRef) -> Value {
    (0..values.len()).map(|row| value_of(values, row)).collect()
}

/// Types that only SQL expressions give: other integers as numbers, the rest as text.
fn formatted(column: &ArrayRef, row: usize) -> Value {
    let options = FormatOptions::default().with_display_error(true);
    let Ok(formatter) = ArrayFormatter::try_new(column.as_ref(), &options) else {
        return Value::Null;
    };
    let text = formatter.value(row).to_string();
    if column.data_type().is_numeric()
        && let Ok(number) = text.parse::<serde_json::Number>()
    {
        return Value::Number(number);
    }
    Value::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_durations_are_read_or_refused() {
        assert_eq!(bytes("512MiB").unwrap(), 512 << 20);
        assert_eq!(bytes("1000").unwrap(), 1000);
        assert!(bytes("0").is_err() && bytes("x").is_err() && bytes("1 parsec").is_err());
        assert_eq!(seconds("30s").unwrap(), Duration::from_secs(30));
        assert_eq!(seconds("0.5").unwrap(), Duration::from_millis(500));
        assert!(seconds("-1").is_err() && seconds("soon").is_err());
    }
}
