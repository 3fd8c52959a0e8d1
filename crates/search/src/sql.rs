//! A [`Query`] as SQL. Every literal is written here, and nowhere as it was typed.

use std::fmt::Write;

use crate::field::{Field, FieldType};
use crate::query::{Comparison, Condition, Pattern, Piece, Query, Test};

/// The engine's function that says whether an address is of a network.
pub const IN_NETWORK_FUNCTION: &str = "ip_in_cidr";

/// Returns the condition as one SQL expression over the columns of `events`, in parentheses where it has parts. Where a
/// column that it asks for is null, the expression may be null as well as false.
#[must_use]
pub fn to_sql(query: &Query) -> String {
    let mut sql = String::new();
    write_condition(&mut sql, &query.condition);
    sql
}

/// Returns text as an SQL literal.
#[must_use]
pub fn literal(text: &str) -> String {
    let mut sql = String::with_capacity(text.len() + 2);
    write_literal(&mut sql, text);
    sql
}

fn write_condition(sql: &mut String, condition: &Condition) {
    match condition {
        Condition::Any => sql.push_str("TRUE"),
        Condition::All(conditions) => write_joined(sql, conditions, " AND "),
        Condition::Either(conditions) => write_joined(sql, conditions, " OR "),
        // Not `NOT`: that is null where a column is, and events without the value would be lost.
        Condition::Not(condition) => {
            sql.push('(');
            write_condition(sql, condition);
            sql.push_str(" IS NOT TRUE)");
        }
        Condition::Field(field, test) => write_test(sql, *field, test),
        Condition::Word(pattern) => write_word(sql, pattern),
    }
}

fn write_joined(sql: &mut String, conditions: &[Condition], between: &str) {
    sql.push('(');
    for (index, condition) in conditions.iter().enumerate() {
        if index > 0 {
            sql.push_str(between);
        }
        write_condition(sql, condition);
    }
    sql.push(')');
}

fn write_test(sql: &mut String, field: Field, test: &Test) {
    sql.push('(');
    match test {
        Test::HasValue => {
            write_column(sql, field);
            sql.push_str(" IS NOT NULL");
        }
        Test::Is(pattern) => write_is(sql, field, pattern),
        Test::InNetwork(network) => {
            sql.push_str(IN_NETWORK_FUNCTION);
            sql.push('(');
            write_column(sql, field);
            sql.push_str(", ");
            write_literal(sql, &network.to_string());
            sql.push(')');
        }
        Test::Integer(comparison, number) => {
            write_column(sql, field);
            // A string cannot fail.
            let _ = write!(sql, " {} {}", operator(*comparison), Whole(*number));
        }
        Test::Decimal(comparison, number) => {
            write_column(sql, field);
            let _ = write!(sql, " {} CAST('{number:e}' AS DOUBLE)", operator(*comparison));
        }
        Test::Time(comparison, at_us) => {
            write_column(sql, field);
            let _ = write!(sql, " {} {}", operator(*comparison), instant(*at_us));
        }
    }
    sql.push(')');
}

/// Returns a time as an SQL expression that the engine folds into a constant.
#[must_use]
pub fn instant(at_us: i64) -> String {
    format!("arrow_cast({}, 'Timestamp(Microsecond, Some(\"UTC\"))')", Whole(at_us))
}

/// A whole number as SQL writes it. The least one has no literal: its digits alone are too great for a minus before them.
struct Whole(i64);

impl std::fmt::Display for Whole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            i64::MIN => write!(f, "({} - 1)", i64::MIN + 1),
            number => write!(f, "{number}"),
        }
    }
}

fn write_is(sql: &mut String, field: Field, pattern: &Pattern) {
    write_column(sql, field);
    match (field.ty(), pattern.plain()) {
        (FieldType::Key, Some(text)) => {
            sql.push_str(" = ");
            write_literal(sql, text);
        }
        (FieldType::Key, None) => {
            sql.push_str(" LIKE ");
            write_like(sql, pattern, "");
        }
        _ => {
            sql.push_str(" ILIKE ");
            write_like(sql, pattern, "");
        }
    }
}

fn write_word(sql: &mut String, pattern: &Pattern) {
    sql.push('(');
    for (index, field) in Field::of_words().enumerate() {
        if index > 0 {
            sql.push_str(" OR ");
        }
        write_column(sql, field);
        sql.push_str(if field.ty() == FieldType::Key {
            " LIKE "
        } else {
            " ILIKE "
        });
        write_like(sql, pattern, "%");
    }
    sql.push(')');
}

/// Names of columns are ours and hold no quote.
fn write_column(sql: &mut String, field: Field) {
    sql.push('"');
    sql.push_str(field.name());
    sql.push('"');
}

/// Writes a pattern between `ends`. A backslash before `\`, `%` and `_` takes their meaning from them.
fn write_like(sql: &mut String, pattern: &Pattern, ends: &str) {
    let mut like = String::from(ends);
    for piece in pattern.pieces() {
        match piece {
            Piece::Characters => like.push('%'),
            Piece::Character => like.push('_'),
            Piece::Text(text) => {
                for character in text.chars() {
                    if matches!(character, '\\' | '%' | '_') {
                        like.push('\\');
                    }
                    like.push(character);
                }
            }
        }
    }
    like.push_str(ends);
    write_literal(sql, &like);
}

fn write_literal(sql: &mut String, text: &str) {
    sql.push('\'');
    for character in text.chars() {
        if character == '\'' {
            sql.push('\'');
        }
        sql.push(character);
    }
    sql.push('\'');
}

fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
        Comparison::Greater => ">",
        Comparison::AtLeast => ">=",
    }
}
