//! Rows on their way into files: written once, sorted by time, cut into the files that platforms and tools write.

use std::collections::BTreeMap;

use crate::DemoFile;
use crate::chronicle::Chronicle;
use crate::clock::{DAY, END, HOUR, Ms, START, date, date_hour};

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    Text(&'a str),
    Int(i64),
    Flag(bool),
    /// JSON that stands as it is in JSON, and as text in CSV.
    Json(&'a str),
    Empty,
}

/// How a table's rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Every cell quoted, names as they are.
    Csv,
    /// Every cell quoted, names in capitals, as Data Loader exports objects.
    DataLoader,
    /// One object a line, as the REST API gives it: with the object's name.
    Records,
    /// One object a line.
    Lines,
}

/// How a table's rows are cut into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    Hour,
    Day,
    /// One file for the whole period.
    Whole,
}

/// A kind of file.
#[derive(Debug)]
pub(crate) struct Table {
    /// Folder below the org's, without the cut.
    pub(crate) folder: &'static str,
    pub(crate) name: &'static str,
    pub(crate) extension: &'static str,
    pub(crate) form: Form,
    /// How it is cut where the org does not say otherwise.
    pub(crate) cut: Cut,
}

#[derive(Debug)]
struct Row {
    at: Ms,
    table: &'static Table,
    line: String,
    act: Option<usize>,
}

/// Hours whose files are lost, of all types that come by the hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lost {
    pub(crate) from: Ms,
    pub(crate) to: Ms,
}

/// The rows of one org that are not in files yet: those of a few days, and those of files over the whole period.
#[derive(Debug)]
pub(crate) struct Rows {
    org: &'static str,
    /// EventLogFile types that the org has by the hour.
    hourly: &'static [&'static str],
    lost: Option<Lost>,
    by_day: BTreeMap<i64, Vec<Row>>,
    whole: Vec<Row>,
    headers: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Rows {
    pub(crate) fn new(org: &'static str, hourly: &'static [&'static str], lost: Option<Lost>) -> Self {
        Self {
            org,
            hourly,
            lost,
            by_day: BTreeMap::new(),
            whole: Vec::new(),
            headers: BTreeMap::new(),
        }
    }

    /// Adds a row; what lies outside of the period is nobody's.
    pub(crate) fn add(
        &mut self,
        table: &'static Table,
        at: Ms,
        act: Option<usize>,
        cells: &[(&'static str, Cell<'_>)],
    ) {
        if !(START..END).contains(&at) {
            return;
        }
        let line = match table.form {
            Form::Csv | Form::DataLoader => {
                self.headers
                    .entry(table.name)
                    .or_insert_with(|| cells.iter().map(|(name, _)| *name).collect());
                csv_line(cells)
            }
            Form::Records | Form::Lines => json_line(table, cells),
        };
        let row = Row { at, table, line, act };
        if self.cut_of(table) == Cut::Whole {
            self.whole.push(row);
        } else {
            self.by_day.entry(at.div_euclid(DAY)).or_default().push(row);
        }
    }

    /// Returns the files of the days before `day`, which nothing is added to any more.
    pub(crate) fn files_before(&mut self, day: i64, chronicle: &mut Chronicle) -> Vec<DemoFile> {
        let later = self.by_day.split_off(&day);
        let done = std::mem::replace(&mut self.by_day, later);
        let mut files = Vec::new();
        for rows in done.into_values() {
            files.extend(self.files_of(rows, chronicle));
        }
        files
    }

    /// Returns the files over the whole period; nothing is added any more.
    pub(crate) fn whole_files(&mut self, chronicle: &mut Chronicle) -> Vec<DemoFile> {
        let rows = std::mem::take(&mut self.whole);
        self.files_of(rows, chronicle)
    }

    fn files_of(&self, rows: Vec<Row>, chronicle: &mut Chronicle) -> Vec<DemoFile> {
        let mut by_path: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in rows {
            if let Some(act) = row.act {
                chronicle.note_time(act, row.at);
            }
            if !self.is_lost(&row) {
                by_path.entry(self.path_of(&row)).or_default().push(row);
            }
        }
        by_path
            .into_iter()
            .map(|(path, rows)| self.file(path, rows, chronicle))
            .collect()
    }

    fn file(&self, path: String, mut rows: Vec<Row>, chronicle: &mut Chronicle) -> DemoFile {
        rows.sort_by_key(|row| row.at);
        let mut bytes = Vec::with_capacity(rows.iter().map(|row| row.line.len() + 1).sum::<usize>() + 1_024);
        let mut line = 1;
        if let Some(first) = rows.first()
            && let Some(header) = self.header_of(first.table)
        {
            bytes.extend_from_slice(header.as_bytes());
            bytes.push(b'\n');
            line += 1;
        }
        for row in &rows {
            if let Some(act) = row.act {
                chronicle.note_line(act, &path, line);
            }
            bytes.extend_from_slice(row.line.as_bytes());
            bytes.push(b'\n');
            line += 1;
        }
        chronicle.events += rows.len() as u64;
        DemoFile {
            org: self.org,
            path,
            bytes,
        }
    }

    fn header_of(&self, table: &Table) -> Option<String> {
        let names = self.headers.get(table.name)?;
        let cells: Vec<String> = names
            .iter()
            .map(|name| match table.form {
                Form::DataLoader => format!("\"{}\"", name.to_ascii_uppercase()),
                _ => format!("\"{name}\""),
            })
            .collect();
        Some(cells.join(","))
    }

    fn is_lost(&self, row: &Row) -> bool {
        self.lost
            .is_some_and(|lost| self.cut_of(row.table) == Cut::Hour && (lost.from..lost.to).contains(&row.at))
    }

    fn cut_of(&self, table: &Table) -> Cut {
        if self.hourly.contains(&table.name) {
            Cut::Hour
        } else {
            table.cut
        }
    }

    fn path_of(&self, row: &Row) -> String {
        let Table {
            folder,
            name,
            extension,
            ..
        } = row.table;
        let org = self.org;
        match self.cut_of(row.table) {
            Cut::Hour => format!("{org}/{folder}/hourly/{name}_{}.{extension}", date_hour(row.at)),
            Cut::Day if *folder == "elf" => format!("{org}/{folder}/daily/{name}_{}.{extension}", date(row.at)),
            Cut::Day => format!("{org}/{folder}/{name}_{}.{extension}", date(row.at / HOUR * HOUR)),
            Cut::Whole => format!("{org}/{folder}/{name}.{extension}"),
        }
    }
}

fn csv_line(cells: &[(&'static str, Cell<'_>)]) -> String {
    let mut line = String::with_capacity(512);
    for (index, (_, cell)) in cells.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        line.push('"');
        match cell {
            Cell::Text(text) | Cell::Json(text) if text.contains('"') => line.push_str(&text.replace('"', "\"\"")),
            Cell::Text(text) | Cell::Json(text) => line.push_str(text),
            cell => line.push_str(&plain_text(*cell)),
        }
        line.push('"');
    }
    line
}

fn json_line(table: &Table, cells: &[(&'static str, Cell<'_>)]) -> String {
    let mut line = String::with_capacity(768);
    line.push('{');
    if table.form == Form::Records {
        line.push_str("\"attributes\":{\"type\":\"");
        line.push_str(table.name);
        line.push_str("\",\"url\":\"/services/data/v65.0/sobjects/");
        line.push_str(table.name);
        line.push_str("/000000000000000AAA\"},");
    }
    for (index, (name, cell)) in cells.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        line.push('"');
        line.push_str(name);
        line.push_str("\":");
        match cell {
            Cell::Text(text) => push_json_text(&mut line, text),
            Cell::Empty => line.push_str("null"),
            cell => line.push_str(&plain_text(*cell)),
        }
    }
    line.push('}');
    line
}

fn plain_text(cell: Cell<'_>) -> String {
    match cell {
        Cell::Text(text) | Cell::Json(text) => text.to_owned(),
        Cell::Int(number) => number.to_string(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Empty => String::new(),
    }
}

/// Appends a JSON string; our texts hold no control characters but those of a trace.
pub(crate) fn push_json_text(line: &mut String, text: &str) {
    line.push('"');
    if text.contains(['"', '\\']) {
        line.push_str(&text.replace('\\', "\\\\").replace('"', "\\\""));
    } else {
        line.push_str(text);
    }
    line.push('"');
}
