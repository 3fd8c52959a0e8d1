//! `sekisho tables [NAME]`.

use clap::ArgMatches;
use sekisho_event::text::{Lang, Text};
use sekisho_operation::tables::{table, tables};

use super::Failure;
use crate::exit::Exit;
use crate::output::{self, Row, row_of};
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let mut out = output::stdout();
    match matches.get_one::<String>("name") {
        Some(name) => {
            let table = table(&settings.caller(), &settings.data_dir, name)?;
            let rows: Vec<Row> = table
                .columns
                .iter()
                .map(|column| in_language(row_of(column), "meaning", &column.meaning, settings.lang))
                .collect();
            output::rows(&mut out, settings.format, &rows)?;
        }
        None => {
            let tables = tables(&settings.caller(), &settings.data_dir)?;
            let rows: Vec<Row> = tables
                .iter()
                .map(|table| in_language(row_of(table), "about", &table.about, settings.lang))
                .collect();
            output::rows(&mut out, settings.format, &rows)?;
        }
    }
    Ok(Exit::Done)
}

/// A person is told in one language; the key keeps its place.
fn in_language(mut row: Row, key: &str, text: &Text, lang: Lang) -> Row {
    if let Some(value) = row.get_mut(key) {
        *value = text.get(lang).into();
    }
    row
}
