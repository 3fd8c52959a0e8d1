//! `sekisho completions SHELL`.

use std::io::Write;

use clap::ArgMatches;
use clap_complete::{Shell, generate};
use sekisho_event::text::Lang;

use super::Failure;
use crate::exit::Exit;
use crate::{args, output};

pub(super) fn run(matches: &ArgMatches, lang: Lang) -> Result<Exit, Failure> {
    let Some(shell) = matches.get_one::<Shell>("shell") else {
        return Ok(Exit::Usage);
    };
    // The generator panics where it cannot write: it writes to memory, and a closed pipe stays our business.
    let mut text = Vec::new();
    generate(*shell, &mut args::command(lang), "sekisho", &mut text);
    let mut out = output::stdout();
    out.write_all(&text)?;
    out.flush()?;
    Ok(Exit::Done)
}
