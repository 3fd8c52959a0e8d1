//! `sekisho man DIR`: a manual page for each command.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Command};
use sekisho_event::text::Lang;

use super::Failure;
use crate::args;
use crate::exit::Exit;

pub(super) fn run(matches: &ArgMatches, lang: Lang) -> Result<Exit, Failure> {
    let Some(dir) = matches.get_one::<PathBuf>("dir") else {
        return Ok(Exit::Usage);
    };
    std::fs::create_dir_all(dir)
        .map_err(|error| Failure::Usage(format!("cannot create the directory {}: {error}", dir.display())))?;
    let mut command = args::command(lang);
    command.build();
    write_pages(dir, &command, "sekisho")?;
    Ok(Exit::Done)
}

fn write_pages(dir: &Path, command: &Command, name: &str) -> Result<(), Failure> {
    let page = clap_mangen::Man::new(command.clone().name(name.to_owned()));
    let mut text = Vec::new();
    page.render(&mut text)?;
    sekisho_operation::write_file(&dir.join(format!("{name}.1")), &text)?;
    let inner = command.get_subcommands().filter(|inner| inner.get_name() != "help");
    inner
        .into_iter()
        .try_for_each(|inner| write_pages(dir, inner, &format!("{name}-{}", inner.get_name())))
}
