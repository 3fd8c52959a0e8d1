//! `sekisho store retention`.

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::RetentionKind;
use sekisho_operation::store_care::{Applied, apply_retention, retention, set_retention};

use crate::commands::{Failure, remark};
use crate::exit::Exit;
use crate::output::{self, Format};
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some(("set", inner)) => set(inner, settings),
        Some(("apply", inner)) => apply(inner, settings),
        _ => {
            let rows = retention(&settings.caller(), &settings.data_dir)?;
            output::rows(&mut output::stdout(), settings.format, &rows)?;
            Ok(Exit::Done)
        }
    }
}

fn set(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let (kind, length) = match matches.contains_id("keep") {
        true => (RetentionKind::Keep, text("keep")),
        false => (RetentionKind::Platform, text("platform")),
    };
    let days = days(length).ok_or_else(|| {
        Failure::Usage(match settings.lang {
            Lang::En => format!("`{length}` is no length of time: write days as 400d, or forever"),
            Lang::Ja => format!("`{length}` は期間ではありません。400d のような日数か forever を指定してください。"),
        })
    })?;
    super::writing(matches, settings, |job| {
        set_retention(
            &settings.caller(),
            &settings.data_dir,
            text("pattern"),
            (kind, days),
            text("reason"),
            job,
        )
    })?;
    Ok(Exit::Done)
}

/// Returns days, or `None` in it for ever.
fn days(text: &str) -> Option<Option<u32>> {
    if text == "forever" {
        return Some(None);
    }
    text.strip_suffix('d').and_then(|number| number.parse().ok()).map(Some)
}

fn apply(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let is_dry_run = matches.get_flag("dry-run");
    let takes_undated = matches.get_flag("undated");
    let done = super::writing(matches, settings, |job| {
        apply_retention(&settings.caller(), &settings.data_dir, is_dry_run, takes_undated, job)
    })?;
    match settings.format {
        Format::Json | Format::JsonLines => output::record(&mut output::stdout(), settings.format, &done)?,
        Format::Table | Format::Csv => output::rows(&mut output::stdout(), settings.format, &done.tables)?,
    }
    if settings.is_for_people() {
        tell(&done, is_dry_run, settings.lang);
    }
    super::tell_problems(&done.problems, settings.lang);
    Ok(Exit::of(false, done.is_incomplete(is_dry_run)))
}

fn tell(done: &Applied, is_dry_run: bool, lang: Lang) {
    let rows: u64 = done.tables.iter().map(|table| table.rows).sum();
    let held: u64 = done.tables.iter().map(|table| table.held).sum();
    if is_dry_run {
        remark(&match lang {
            Lang::En => format!("{rows} rows would be deleted, {held} are held; nothing was changed"),
            Lang::Ja => format!("削除の対象は {rows} 行、ホールド中は {held} 行です。何も変更していません。"),
        });
        return;
    }
    let files = done.removed_files;
    remark(&match lang {
        Lang::En => format!("{rows} rows deleted, {held} held; {files} files removed"),
        Lang::Ja => format!("{rows} 行を削除しました。ホールド中は {held} 行です。ファイル {files} 個を除去しました。"),
    });
    for file in &done.waiting_files {
        remark(&match lang {
            Lang::En => format!("warning: {file} is still being read; the next `sekisho store maintain` removes it"),
            Lang::Ja => format!("警告: {file} は読み取り中です。次の `sekisho store maintain` で除去します。"),
        });
    }
    if !done.is_scrubbed {
        remark(match lang {
            Lang::En => "warning: the catalogue is being read, so its log was not emptied: run this again",
            Lang::Ja => "警告: カタログが読み取り中のため、ログを空にできませんでした。もう一度実行してください。",
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_days_or_for_ever() {
        assert_eq!(days("400d"), Some(Some(400)));
        assert_eq!(days("forever"), Some(None));
        for text in ["", "d", "400", "-1d", "1y", "99999999999d"] {
            assert_eq!(days(text), None, "{text}");
        }
    }
}
