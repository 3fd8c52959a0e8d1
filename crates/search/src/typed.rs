//! Values as their fields want them: text, networks, numbers and times.

use std::net::{IpAddr, Ipv6Addr};
use std::ops::Range;

use ipnet::IpNet;
use sekisho_event::time::{MICROS_PER_DAY, parse_instant};

use crate::error::SyntaxError;
use crate::field::{Field, FieldType};
use crate::query::{Comparison, Condition, Test};
use crate::value::Value;

/// The bytes of `2025-11-20`.
const DATE_BYTES: usize = 10;

/// Returns what a field must be for a value to be found in it.
pub(crate) fn condition(
    field: Field,
    comparison: Option<Comparison>,
    value: &Value<'_>,
) -> Result<Condition, SyntaxError> {
    if comparison.is_none() && value.pattern.is_anything() {
        return Ok(Condition::Field(field, Test::HasValue));
    }
    match field.ty() {
        FieldType::Text | FieldType::Key | FieldType::Address if comparison.is_some() => {
            Err(not_comparable(value.span.clone(), field))
        }
        FieldType::Text | FieldType::Key => Ok(Condition::Field(field, Test::Is(value.pattern.clone()))),
        FieldType::Address => address(field, value),
        FieldType::Integer => integer(field, comparison, value),
        FieldType::Decimal => decimal(field, comparison, value),
        FieldType::Time => time(field, comparison, value),
    }
}

/// Returns the error of `<` and `>` after a field that has no order.
pub(crate) fn not_comparable(span: Range<usize>, field: Field) -> SyntaxError {
    let name = field.name();
    SyntaxError::new(
        span,
        format!("`{name}` is text: < and > are for numbers and time"),
        format!("`{name}` は文字列です。< と > は数値と時刻に使えます。"),
    )
}

fn address(field: Field, value: &Value<'_>) -> Result<Condition, SyntaxError> {
    let is_network = value.pattern.plain().is_some_and(|text| text.contains('/'));
    let test = match value.network() {
        Some(network) => Test::InNetwork(network),
        None if is_network => {
            let written = value.written;
            return Err(SyntaxError::new(
                value.span.clone(),
                format!("`{written}` is not a network; write it as 192.0.2.0/24 or 2001:db8::/32"),
                format!(
                    "`{written}` はネットワークではありません。192.0.2.0/24 や 2001:db8::/32 の形で書いてください。"
                ),
            ));
        }
        None => match value.pattern.plain().map(str::parse::<Ipv6Addr>) {
            // One address has many spellings.
            Some(Ok(address)) => Test::InNetwork(IpNet::from(IpAddr::from(address).to_canonical())),
            _ => Test::Is(value.pattern.clone()),
        },
    };
    Ok(Condition::Field(field, test))
}

fn integer(field: Field, comparison: Option<Comparison>, value: &Value<'_>) -> Result<Condition, SyntaxError> {
    let number = value.pattern.plain().and_then(|text| text.parse().ok());
    let number = number.ok_or_else(|| not_a_number(field, value, "a whole number", "整数"))?;
    Ok(Condition::Field(
        field,
        Test::Integer(comparison.unwrap_or(Comparison::Equal), number),
    ))
}

fn decimal(field: Field, comparison: Option<Comparison>, value: &Value<'_>) -> Result<Condition, SyntaxError> {
    let number = value.pattern.plain().and_then(|text| text.parse().ok());
    let number = number.filter(|number: &f64| number.is_finite());
    let number = number.ok_or_else(|| not_a_number(field, value, "a number", "数値"))?;
    Ok(Condition::Field(
        field,
        Test::Decimal(comparison.unwrap_or(Comparison::Equal), number),
    ))
}

fn not_a_number(field: Field, value: &Value<'_>, en: &str, ja: &str) -> SyntaxError {
    let (name, written) = (field.name(), value.written);
    SyntaxError::new(
        value.span.clone(),
        format!("`{name}` is compared with {en}, and `{written}` is none"),
        format!("`{name}` の値には{ja}を指定してください。`{written}` は{ja}ではありません。"),
    )
}

fn time(field: Field, comparison: Option<Comparison>, value: &Value<'_>) -> Result<Condition, SyntaxError> {
    let written = value.written;
    let text = value.pattern.plain().unwrap_or_default();
    let at_us = parse_instant(text, None).map_err(|_| {
        SyntaxError::new(
            value.span.clone(),
            format!("`{written}` is not a time with a zone; write it as 2025-11-20T09:00:00Z, or as a date in UTC"),
            format!(
                "`{written}` はタイムゾーン付きの時刻ではありません。2025-11-20T09:00:00Z の形か、UTC の日付で書いてください。"
            ),
        )
    })?;
    let test = |comparison, at_us| Condition::Field(field, Test::Time(comparison, at_us));
    match comparison {
        Some(comparison) => Ok(test(comparison, at_us)),
        // A date alone is the day, not its first moment.
        None if text.trim().len() == DATE_BYTES => Ok(Condition::All(vec![
            test(Comparison::AtLeast, at_us),
            test(Comparison::Less, at_us.saturating_add(MICROS_PER_DAY)),
        ])),
        None => Ok(test(Comparison::Equal, at_us)),
    }
}
