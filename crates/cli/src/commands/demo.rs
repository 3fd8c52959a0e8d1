//! `sekisho demo`.

use std::io::{self, Write};
use std::path::Path;

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::demo::{self, Stage};
use sekisho_operation::examine::{ActsFound, Examination, render};
use sekisho_operation::scratch_dir;

use super::{Failure, SHEET_COLUMNS, problems, remark, serve};
use crate::exit::Exit;
use crate::lang::say;
use crate::output;
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    if let Some(folder) = matches.get_one::<std::path::PathBuf>("write") {
        return write(folder, settings);
    }
    let stops = matches.get_flag("no-serve");
    if !stops {
        serve::check_address(matches, settings)?;
    }
    let (folder, caller) = (scratch_dir()?, settings.caller());
    let demo = demo::build(&caller, folder.path(), &mut |stage| tell(stage, settings))?;
    problems(settings.lang, &demo.loaded.problems, demo.loaded.problem_count);
    if stops && !settings.is_for_people() {
        output::rows(&mut output::stdout(), settings.format, &demo.examine(&caller)?.each)?;
        return Ok(Exit::Done);
    }
    let board = demo.board()?;
    if settings.is_for_people() {
        sheet(&mut output::stdout(), &board.answer(&caller)?.examination, settings)?;
    }
    if stops {
        return Ok(Exit::Done);
    }
    serve::board(matches, settings, board, &demo.data_dir)
}

/// Writes the log files, the lists and the ground truth, for trying the other commands on them.
fn write(folder: &Path, settings: &Settings) -> Result<Exit, Failure> {
    let written = demo::write(folder, &Default::default())?;
    let (files, folder) = (written.files, output::printable(&folder.to_string_lossy()));
    remark(&match settings.lang {
        Lang::En => format!(
            "{files} log files, the lists and {} written to {folder}",
            demo::GROUND_TRUTH_FILE
        ),
        Lang::Ja => format!(
            "ログ {files} ファイル、指標リスト、{} を {folder} に書き出しました",
            demo::GROUND_TRUTH_FILE
        ),
    });
    Ok(Exit::Done)
}

fn tell(stage: Stage, settings: &Settings) {
    let lang = settings.lang;
    remark(&match stage {
        Stage::Writing => say(
            lang,
            "making the log files of the sample incident",
            "サンプルインシデントのログファイルを作成しています",
        )
        .to_owned(),
        Stage::Loading { done, of } => match lang {
            Lang::En => format!("loading the logs of organisation {} of {of}", done + 1),
            Lang::Ja => format!("{of} 組織のうち {} 番目のログを取り込んでいます", done + 1),
        },
        Stage::Examining => say(
            lang,
            "running rules, indicator lists and allow-lists",
            "ルール、指標リスト、許可リストで調べています",
        )
        .to_owned(),
    });
}

fn sheet(out: &mut impl Write, examination: &Examination, settings: &Settings) -> io::Result<()> {
    out.write_all(render(&examination.sheet, settings.lang, SHEET_COLUMNS).as_bytes())?;
    if let Some(acts) = &examination.acts {
        acts_found(out, acts, settings.lang)?;
    }
    out.flush()
}

/// What the sample hides and nothing has seen is said too: a demo that finds everything proves nothing.
fn acts_found(out: &mut impl Write, acts: &ActsFound, lang: Lang) -> io::Result<()> {
    let (found, total) = (acts.found, acts.total);
    match lang {
        Lang::En => writeln!(
            out,
            "\nThis is invented data. Of its {total} labelled acts {found} were found. Not found:"
        )?,
        Lang::Ja => writeln!(
            out,
            "\nこれは架空のデータです。ラベル付きの行為 {total} 件のうち {found} 件を検出しました。未検出:"
        )?,
    }
    for act in &acts.not_found {
        writeln!(out, "  {}  {}", act.id, act.name.get(lang))?;
        writeln!(out, "       {}", act.why.get(lang))?;
    }
    Ok(())
}
