//! `sekisho completions SHELL`.

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
    generate(*shell, &mut args::command(lang), "sekisho", &mut output::stdout());
    Ok(Exit::Done)
}
