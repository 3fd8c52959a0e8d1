//! `sekisho store verify`.

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::store_care::{DamageRow, Mended, VerifyAnswer, repair, verify};

use crate::commands::{Failure, remark};
use crate::exit::Exit;
use crate::lang::say;
use crate::output::{self, Format};
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let is_repair = matches.get_flag("repair");
    let answer = super::job(settings, |job| {
        let work = if is_repair { repair } else { verify };
        work(&settings.caller(), &settings.data_dir, job)
    })?;
    match settings.format {
        Format::Table => sheet(&answer, settings)?,
        Format::Csv => output::rows(&mut output::stdout(), settings.format, &answer.damage)?,
        Format::Json | Format::JsonLines => output::record(&mut output::stdout(), settings.format, &answer)?,
    }
    Ok(Exit::of(!answer.ok, false))
}

fn sheet(answer: &VerifyAnswer, settings: &Settings) -> Result<(), Failure> {
    let rows: Vec<_> = answer
        .damage
        .iter()
        .map(damage)
        .chain(answer.missing.iter().map(missing))
        .collect();
    if !rows.is_empty() {
        output::rows(&mut output::stdout(), settings.format, &rows)?;
    }
    if let Some(mended) = &answer.mended {
        remark(&told(mended, settings.lang));
    }
    remark(&summary(answer, settings.lang));
    for file in &answer.unknown {
        remark(&match settings.lang {
            Lang::En => format!("note: the catalogue does not name {file}: nothing reads it"),
            Lang::Ja => format!("注記: {file} はカタログにないため、どの処理からも読み取られません。"),
        });
    }
    if !answer.unsummed.is_empty() {
        let count = answer.unsummed.len();
        remark(&match settings.lang {
            Lang::En => {
                format!("note: {count} files have no checksums; they were decoded as a whole, which finds less")
            }
            Lang::Ja => format!(
                "注記: {count} 個のファイルにはチェックサムがありません。全体を復号して検査しましたが、見つけられる破損は限られます。"
            ),
        });
    }
    if !answer.ok {
        remark(say(
            settings.lang,
            "hint: the other files stay readable; restore the store from a backup, or load the sources of these times again",
            "ヒント: ほかのファイルは引き続き読み取れます。バックアップから復元するか、該当期間の元データを取り込み直してください。",
        ));
    }
    Ok(())
}

fn told(mended: &Mended, lang: Lang) -> String {
    let (rebuilt, summed) = (mended.rebuilt.len(), mended.summed.len());
    match lang {
        Lang::En => format!("{rebuilt} files were made anew, {summed} were given checksums"),
        Lang::Ja => format!("{rebuilt} 個のファイルを作り直し、{summed} 個にチェックサムを付けました。"),
    }
}

fn summary(answer: &VerifyAnswer, lang: Lang) -> String {
    let (files, bytes) = (answer.files, answer.bytes);
    let hurt = answer.damage.len() + answer.missing.len();
    match (lang, answer.ok) {
        (Lang::En, true) => format!("{files} files, {bytes} bytes: all as they were written"),
        (Lang::En, false) => format!("{files} files, {bytes} bytes: {hurt} places are damaged or missing"),
        (Lang::Ja, true) => format!("{files} ファイル、{bytes} バイト: すべて書き込み時のままです。"),
        (Lang::Ja, false) => format!("{files} ファイル、{bytes} バイト: 破損または欠落が {hurt} か所あります。"),
    }
}

fn damage(damage: &DamageRow) -> serde_json::Value {
    serde_json::json!({
        "file": damage.file,
        "part": damage.part,
        "bytes": format!("{}..{}", damage.from_byte, damage.to_byte),
        "what": damage.what,
        "rows": damage.rows_from.zip(damage.rows_to).map(|(from, to)| format!("{from}..{to}")),
        "from": damage.from,
        "to": damage.to,
        "columns": damage.columns.join(" "),
        "detail": damage.detail,
    })
}

fn missing(file: &String) -> serde_json::Value {
    serde_json::json!({ "file": file, "what": "missing" })
}
