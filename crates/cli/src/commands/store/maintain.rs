//! `sekisho store maintain`.

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::store_care::{Maintained, maintain};

use crate::commands::{Failure, remark};
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let done = super::writing(matches, settings, |job| {
        maintain(&settings.caller(), &settings.data_dir, job)
    })?;
    if settings.is_for_people() {
        remark(&summary(&done, settings.lang));
    } else {
        output::record(&mut output::stdout(), settings.format, &done)?;
    }
    super::tell_problems(&done.problems, settings.lang);
    Ok(Exit::of(false, !done.problems.is_empty()))
}

fn summary(done: &Maintained, lang: Lang) -> String {
    let (merged, new, rows) = (done.merged_segments, done.new_segments, done.merged_rows);
    let (deleted, removed, waiting) = (done.deleted_rows, done.removed_files, done.waiting_files);
    match lang {
        Lang::En => format!(
            "{merged} segments merged into {new} ({rows} rows); {deleted} rows deleted as set; {removed} files removed, {waiting} wait for readers"
        ),
        Lang::Ja => format!(
            "セグメント {merged} 個を {new} 個に結合しました({rows} 行)。設定により {deleted} 行を削除しました。ファイル {removed} 個を除去し、{waiting} 個は読み取りの終了を待っています。"
        ),
    }
}
