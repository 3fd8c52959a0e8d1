//! Fields of JSON values: dotted paths through nested maps, flat dotted keys and lists.

use std::ops::ControlFlow;

use sekisho_predicate::{Cell, Presence, Visit};
use serde_json::{Map, Number, Value};

/// The most steps of one look-up. A path of a few parts takes a few; only values made to have many ways to one name
/// take more, and beyond this the rest of them is not looked at.
pub const STEP_LIMIT: usize = 10_000;

/// Visits the cells of a field of a JSON object; says whether it has the field.
pub(crate) fn cells(object: &Map<String, Value>, name: &str, visit: &mut Visit<'_>) -> Presence {
    look_up(name, visit, |walk, name| walk.object(object, name))
}

/// As [`cells`] for any JSON value: a list has the fields of its members.
pub(crate) fn cells_inside(value: &Value, name: &str, visit: &mut Visit<'_>) -> Presence {
    look_up(name, visit, |walk, name| walk.inside(value, name))
}

/// By the name as written, then without its blanks, as the specification has it.
fn look_up(name: &str, visit: &mut Visit<'_>, find: impl Fn(&mut Walk<'_, '_>, &str) -> Presence) -> Presence {
    let mut walk = Walk {
        visit,
        steps: STEP_LIMIT,
        ended: false,
    };
    let mut presence = find(&mut walk, name);
    if presence == Presence::Missing && name.contains(char::is_whitespace) {
        let stripped: String = name.split_whitespace().collect();
        presence = find(&mut walk, &stripped);
    }
    presence
}

/// Visits the cells that a value has as a field: members of lists, objects as compact text.
pub(crate) fn cells_of_value(value: &Value, visit: &mut Visit<'_>) -> ControlFlow<()> {
    match value {
        Value::Null => visit(Cell::Null),
        Value::Bool(truth) => visit(Cell::Boolean(*truth)),
        Value::Number(number) => visit(cell_of_number(number)),
        Value::String(text) => visit(Cell::Text(text)),
        Value::Array(members) => members.iter().try_for_each(|member| cells_of_value(member, visit)),
        // Keys keep their order, so this is the event's own text without blanks.
        Value::Object(_) => visit(Cell::Text(&value.to_string())),
    }
}

/// Visits every scalar inside of a value, keys apart: what a keyword search sees.
pub(crate) fn scalars(value: &Value, visit: &mut Visit<'_>) -> ControlFlow<()> {
    match value {
        Value::Object(members) => members.values().try_for_each(|member| scalars(member, visit)),
        Value::Array(members) => members.iter().try_for_each(|member| scalars(member, visit)),
        scalar => cells_of_value(scalar, visit),
    }
}

struct Walk<'w, 'v> {
    visit: &'w mut Visit<'v>,
    steps: usize,
    ended: bool,
}

impl Walk<'_, '_> {
    fn object(&mut self, object: &Map<String, Value>, name: &str) -> Presence {
        if let Some(value) = object.get(name) {
            self.ended = cells_of_value(value, self.visit).is_break();
            return Presence::Present;
        }
        // A key may itself have dots, so every split is a way; all ways that lead to the field count.
        let mut presence = Presence::Missing;
        for (dot, _) in name.match_indices('.') {
            let Some(inner) = object.get(&name[..dot]) else {
                continue;
            };
            if self.steps == 0 || self.ended {
                break;
            }
            self.steps -= 1;
            if self.inside(inner, &name[dot + 1..]) == Presence::Present {
                presence = Presence::Present;
            }
        }
        presence
    }

    fn inside(&mut self, value: &Value, name: &str) -> Presence {
        match value {
            Value::Object(object) => self.object(object, name),
            Value::Array(members) => {
                let mut presence = Presence::Missing;
                for member in members {
                    if self.steps == 0 || self.ended {
                        break;
                    }
                    self.steps -= 1;
                    if self.inside(member, name) == Presence::Present {
                        presence = Presence::Present;
                    }
                }
                presence
            }
            _ => Presence::Missing,
        }
    }
}

fn cell_of_number(number: &Number) -> Cell<'static> {
    match number.as_i128() {
        Some(whole) => Cell::Integer(whole),
        None => number.as_f64().map_or(Cell::Null, Cell::Float),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn found(json: &str, name: &str) -> (Presence, Vec<String>) {
        let Value::Object(object) = serde_json::from_str(json).unwrap() else {
            panic!("{json}");
        };
        let mut texts = Vec::new();
        let presence = cells(&object, name, &mut |cell| {
            texts.push(cell.text().into_owned());
            ControlFlow::Continue(())
        });
        (presence, texts)
    }

    #[test]
    fn fields_are_found_through_maps_lists_and_dotted_keys() {
        for (json, name, texts) in [
            (r#"{"a":{"b":{"c":"x"}}}"#, "a.b.c", vec!["x"]),
            (r#"{"a.b":{"c":"x"}}"#, "a.b.c", vec!["x"]),
            (r#"{"a":{"b.c":"x"}}"#, "a.b.c", vec!["x"]),
            (r#"{"a":[{"b":1},{"b":[2,[3]]},{"c":4}]}"#, "a.b", vec!["1", "2", "3"]),
            (r#"{"a":{"k":"v","n":[1]}}"#, "a", vec![r#"{"k":"v","n":[1]}"#]),
            (r#"{"EventID":7}"#, "Event ID", vec!["7"]),
            (r#"{"Event ID":7}"#, "Event ID", vec!["7"]),
            (r#"{"a":18446744073709551615}"#, "a", vec!["18446744073709551615"]),
        ] {
            assert_eq!(
                found(json, name),
                (Presence::Present, texts.iter().map(ToString::to_string).collect()),
                "{json}"
            );
        }
        for (json, name) in [
            (r#"{"A":1}"#, "a"),
            (r#"{"a":{"b":1}}"#, "a.c"),
            (r#"{"a":1}"#, "a.b"),
            ("{}", ""),
        ] {
            assert_eq!(found(json, name).0, Presence::Missing, "{json}");
        }
        assert_eq!(found(r#"{"a":[]}"#, "a"), (Presence::Present, vec![]));
    }

    #[test]
    fn values_made_to_have_many_ways_end_soon() {
        let mut value = serde_json::json!({});
        for _ in 0..60 {
            value = serde_json::json!({"a": value.clone(), "a.a": [value]});
            if value.to_string().len() > 1 << 18 {
                break;
            }
        }
        let name = vec!["a"; 80].join(".");
        assert_eq!(found(&value.to_string(), &name).0, Presence::Missing);
    }
}
