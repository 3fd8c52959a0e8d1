//! What was touched, as a small table.

use unicode_width::UnicodeWidthStr;

use super::labels::{self, Labels};
use super::page::{Page, cell, cell_right, safe};
use crate::sheet::Touched;
use crate::words::grouped;

/// Columns of an object's name: the least that a table needs, and the most that leaves room for the proof.
const MIN_NAME_WIDTH: usize = 10;
const MAX_NAME_WIDTH: usize = 28;
/// Columns of the number of events.
const EVENTS_WIDTH: usize = 8;
/// Columns of the rows with the log that says so.
const ROWS_WIDTH: usize = 26;

/// Adds a table of the first of so many objects below a label.
pub(super) fn add(objects: &[Touched], count: usize, label: &str, labels: &Labels, page: &mut Page) {
    let lead = " ".repeat(label.width());
    let names = objects
        .iter()
        .map(|object| safe(&object.object).width())
        .max()
        .unwrap_or(0);
    let name_width = names.clamp(MIN_NAME_WIDTH, MAX_NAME_WIDTH);
    let cells = |lead: &str, name: &str, events: &str, rows: &str| {
        format!(
            "{lead}{} {}  {} ",
            cell(name, name_width),
            cell_right(events, EVENTS_WIDTH),
            cell(rows, ROWS_WIDTH)
        )
    };
    let part = if count > objects.len() {
        labels.part(objects.len(), count)
    } else {
        String::new()
    };
    page.paragraph(&cells(label, &part, labels.events, labels.returned), labels.taken);
    for object in objects {
        let events = grouped(object.accessed);
        page.paragraph(
            &cells(&lead, &object.object, &events, &returned(object)),
            &taken(object, labels),
        );
    }
}

fn returned(object: &Touched) -> String {
    match (object.returned_rows, &object.returned_table) {
        (Some(rows), Some(table)) => format!("{} ({})", grouped(rows), short_log(table)),
        (Some(rows), None) => grouped(rows),
        (None, _) => "-".to_owned(),
    }
}

fn taken(object: &Touched, labels: &Labels) -> String {
    if object.taken_by.is_empty() {
        return labels.not_proven.to_owned();
    }
    let ways: Vec<&str> = object.taken_by.iter().map(|way| labels.taken_by(*way)).collect();
    let amounts = [
        (object.taken_events > 1).then(|| labels.times(&grouped(object.taken_events))),
        object.taken_rows.map(|rows| labels.rows(&grouped(rows))),
        object.taken_bytes.map(labels::bytes),
    ];
    let parts: Vec<String> = std::iter::once(ways.join(labels.separator))
        .chain(amounts.into_iter().flatten())
        .collect();
    parts.join(labels.separator)
}

/// `salesforce_elf.RestApi` reads as `RestApi`: what people call the log.
fn short_log(table: &str) -> &str {
    table.split_once('.').map_or(table, |(_, name)| name)
}
