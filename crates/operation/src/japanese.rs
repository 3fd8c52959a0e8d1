//! The Japanese of errors, hints and problems. The English stands with each error, in the crate that raises it; a test here
//! holds that no error that a user can cause is without its Japanese.

use sekisho_event::text::Lang;
use sekisho_event::time::TimeArgError;
use sekisho_hunt::HuntError;
use sekisho_io::Error as Input;
use sekisho_store::Error as Store;

use crate::Error;

/// Returns an error as a Japanese sentence. Details that come from an engine or the operating system stay as they are.
#[must_use]
pub fn error(error: &Error) -> String {
    match error {
        Error::NotAllowed { principal, .. } => format!("{principal} にはこの操作の権限がありません。"),
        Error::Usage(detail) => format!("指定に誤りがあります({detail})。"),
        Error::Input(error) => input(error),
        Error::Store(error) => store(error),
        Error::NoTable(name) => format!("テーブル {name} はありません。`sekisho tables` で一覧を表示できます。"),
        Error::Search(problem) => format!("検索式を解釈できません。{}", problem.message.get(Lang::Ja)),
        Error::Asked(text) => text.get(Lang::Ja).to_owned(),
        Error::Cursor => {
            "このカーソルはこの検索のものではありません。カーソルなしで最初から検索してください。".to_owned()
        }
        Error::NotFound(what) => format!("{what} はありません。"),
        Error::NoEvent(uid) => format!("イベント {uid} はありません。"),
        Error::NotSurrounded { uid, field } => {
            format!("イベント {uid} には {field} がないため、前後のイベントを検索できません。")
        }
        Error::Rules(detail) => format!("ルールを受け付けられません({detail})。"),
        Error::Hunt(detail @ HuntError::AllowListRefused { .. }) => {
            format!("許可リストを受け付けられません({detail})。")
        }
        Error::Hunt(detail) => format!("指標リストを受け付けられません({detail})。"),
        Error::Decode(detail) => format!("入力を読み取れません({detail})。"),
        Error::Session(detail) => format!("ログインの行を集められません({detail})。"),
        Error::Columns { table, source } => {
            format!("{table} の列を組み立てられません({source})。不具合のため、報告してください。")
        }
        Error::Stopped => "途中で停止しました。".to_owned(),
    }
}

/// Returns the next step after an error, where there is one.
#[must_use]
pub fn hint(error: &Error) -> Option<&'static str> {
    let Error::Input(error) = error else { return None };
    match error {
        Input::Missing { .. } => Some("パスを確認してください。相対パスは現在のディレクトリが起点です。"),
        Input::Open { .. } | Input::List { .. } => Some("読み取り権限を確認してください。"),
        Input::Corrupt { .. } => Some("もう一度取得または書き出してください。壊れた箇所より前の行は保持されています。"),
        Input::TooLarge { .. } | Input::TotalTooLarge { .. } | Input::SuspiciousRatio { .. } => {
            Some("信頼できるファイルであれば、展開してから指定してください。")
        }
        Input::TooManyMembers { .. } | Input::TooDeep { .. } | Input::SpoolTooLarge { .. } => {
            Some("展開して、そのフォルダーを指定してください。")
        }
        Input::TooManyFiles { .. } => Some("サブフォルダーを 1 つずつ指定してください。"),
        Input::Encrypted { .. } => Some("パスワードで展開してから指定してください。"),
        Input::UnsupportedMethod { .. } | Input::UnsupportedFormat { .. } => {
            Some("展開するか、.gz、.zst、.zip のいずれかにしてください。")
        }
        Input::Spool { .. } => Some("一時フォルダーの空きを増やすか、TMPDIR で空きのある場所を指定してください。"),
        Input::WholeTooLarge { .. } => Some("ファイルを分割してください。"),
        Input::NotUtf8 { .. } => Some("UTF-8 で保存してください。"),
        _ => None,
    }
}

/// Returns a time argument's error as a Japanese sentence.
#[must_use]
pub fn time(error: &TimeArgError) -> String {
    match error {
        TimeArgError::UnknownZone(zone) => {
            format!("タイムゾーン {zone} は不明です。Asia/Tokyo のような IANA 名か UTC を指定してください。")
        }
        TimeArgError::NotATime(text) => {
            format!("`{text}` は時刻ではありません。2025-11-20T09:00:00Z の形か日付で指定してください。")
        }
        TimeArgError::NoZone(text) => format!(
            "時刻 `{text}` にタイムゾーンがありません。Z や +09:00 を付けるか、--tz(例: --tz Asia/Tokyo)で指定してください。"
        ),
        TimeArgError::NotADuration(text) => {
            format!("`{text}` は期間ではありません。28d のように数字と s、m、h、d、w で指定してください。")
        }
    }
}

fn input(error: &Input) -> String {
    match error {
        Input::Missing { path } => format!("{} が見つかりません。", shown(path)),
        Input::Open { path, source } => format!("{} を開けません({source})。", shown(path)),
        Input::List { path, source } => format!("フォルダー {} の一覧を取得できません({source})。", shown(path)),
        Input::Read { name, source } => format!("{name} を読み取れません({source})。"),
        Input::Corrupt { name, reason } => format!("{name} は壊れています({reason})。"),
        Input::TooLarge { name, limit_bytes } => {
            format!("{name} は展開すると {limit_bytes} バイトを超えます。残りは読み取っていません。")
        }
        Input::TotalTooLarge { name, limit_bytes } => {
            format!("{name} までの入力は展開すると {limit_bytes} バイトを超えます。残りは読み取っていません。")
        }
        Input::SuspiciousRatio { name, limit } => {
            format!("{name} は展開すると {limit} 倍を超え、圧縮爆弾の疑いがあります。残りは読み取っていません。")
        }
        Input::TooManyMembers { name, members, limit } => {
            format!("{name} には {members} 個のファイルがあり、上限 {limit} 個を超えた分は読み取っていません。")
        }
        Input::TooManyFiles { path, limit } => format!("{} には {limit} 個を超えるファイルがあります。", shown(path)),
        Input::TooDeep { name } => format!("{name} は圧縮が重なりすぎていて開けません。"),
        Input::Encrypted { name } => format!("{name} は暗号化されています。"),
        Input::UnsupportedMethod { name, method } => format!("{name} の圧縮方式 {method} は読み取れません。"),
        Input::UnsupportedFormat { name, format } => format!("{name} は {format} 形式のため読み取れません。"),
        Input::Spool { name, source } => format!("{name} の一時コピーを作成できません({source})。"),
        Input::SpoolTooLarge { name, limit_bytes } => {
            format!("{name} は一時ファイルの上限 {limit_bytes} バイトを超えています。")
        }
        Input::WholeTooLarge { name, limit_bytes } => format!("{name} は {limit_bytes} バイトを超えています。"),
        Input::NotUtf8 { path, offset } => {
            format!("{} は UTF-8 のテキストではありません({offset} バイト目)。", shown(path))
        }
        Input::Write { path, source, .. } => format!("{} に書き込めません({source})。", shown(path)),
        other => format!("入力を扱えません({other})。"),
    }
}

fn store(error: &Store) -> String {
    match error {
        Store::NoStore { dir } => format!(
            "{} にストアがありません。先に `sekisho ingest` で取り込むか、--data で別の場所を指定してください。",
            shown(dir)
        ),
        Store::Locked { dir, by } => format!(
            "ストア {} には{}が書き込んでいます。終了を待ってから再度実行してください。",
            shown(dir),
            by.map_or_else(
                || "別のプロセス".to_owned(),
                |writer| format!("プロセス {} ", writer.process)
            )
        ),
        Store::Setting { detail } => format!("設定を受け付けられません({detail})。"),
        Store::NotReadOnly { reason } => {
            format!("クエリを受け付けられません({reason})。読み取りの文を 1 つだけ指定してください。")
        }
        Store::Sql { message } => format!("クエリを受け付けられません({message})。"),
        Store::SqlMemory { max_memory_bytes, .. } => format!(
            "クエリに必要なメモリが上限 {max_memory_bytes} バイトを超えました。期間を絞るか、--max-memory を増やしてください。"
        ),
        Store::SqlCrowded { held_bytes, max_bytes } => format!(
            "クエリに使えるメモリが残っていません(全クエリの合計上限 {max_bytes} バイトのうち、ほかのクエリが {held_bytes} バイトを使用中)。ほかのクエリが終わってから再実行するか、期間を絞ってください。"
        ),
        Store::SqlTimeout { seconds } => {
            format!("クエリが上限の {seconds} 秒を超えました。期間を絞るか、--timeout を延ばしてください。")
        }
        Store::SqlUnreadable { message } => format!(
            "クエリがセグメントを読み取れませんでした({message})。`sekisho store verify` で破損箇所を確認してください。"
        ),
        Store::SqlFailed { message } => format!("クエリの実行中に問題が起きました({message})。"),
        Store::NoTable { name } => {
            format!("ストアにテーブル {name} はありません。`sekisho tables` で一覧を表示できます。")
        }
        Store::NoColumn { table, column } => {
            format!("テーブル {table} に列 {column} はありません。`sekisho tables {table}` で列を表示できます。")
        }
        Store::Io { path, source, .. } => format!(
            "ストアの {} を扱えません({source})。権限と空き容量を確認してください。",
            shown(path)
        ),
        Store::Damaged { path } => format!(
            "{} は壊れています。`sekisho store verify` で破損箇所を確認してください。",
            shown(path)
        ),
        Store::NotVacant { dir, .. } => format!(
            "{} は使えません。新しいフォルダーか空のフォルダーを指定してください(バックアップ先には、バックアップだけが入ったフォルダーも指定できます)。",
            shown(dir)
        ),
        Store::Backup { dir, problem } => format!(
            "バックアップ {} を復元できません({problem})。別のバックアップを使うか、作り直してください。",
            shown(dir)
        ),
        Store::Stopped => "途中で停止しました。".to_owned(),
        Store::Version { dir, found, known } => format!(
            "ストア {} のバージョンは {found} で、このプログラムは {known} までに対応しています。新しいプログラムを使ってください。",
            shown(dir)
        ),
        Store::Segment { path, source, .. } => format!(
            "{} を読み取れません({source})。`sekisho store verify` で破損箇所を確認してください。",
            shown(path)
        ),
        other => format!("ストアを扱えません({other})。"),
    }
}

/// Returns a problem with a file or a row in Japanese; one that is not known here stays in English rather than unsaid.
#[must_use]
pub fn problem(reason: &str) -> String {
    let fixed = [
        ("the row is not valid UTF-8", "UTF-8 として読み取れない行です。"),
        ("the row is of no known table", "どのテーブルにも当てはまらない行です。"),
        ("the row is of no known kind", "種類を判別できない行です。"),
        ("a quote is never closed", "引用符が閉じられていません。"),
        ("a string is never closed", "文字列が閉じられていません。"),
        ("the line is longer than 16 MiB", "行が 16 MiB を超えています。"),
        ("the value is longer than 16 MiB", "値が 16 MiB を超えています。"),
        (
            "the file ends in the middle of a value",
            "ファイルが値の途中で終わっています。",
        ),
        (
            "the file ends in the middle of a list",
            "ファイルがリストの途中で終わっています。",
        ),
    ];
    if let Some((_, japanese)) = fixed.iter().find(|(english, _)| *english == reason) {
        return (*japanese).to_owned();
    }
    let starts = [
        (
            "unknown kind of file: ",
            "ファイルの種類を判別できません。--as KIND で種類を指定してください",
        ),
        ("no events in it: ", "イベントを含まないファイルです"),
        ("not a JSON object: ", "JSON のオブジェクトではありません"),
        ("reading stopped here: ", "ここで読み取りを中断しました"),
        ("the row has ", "列の数が合いません"),
        (
            "time not read in ",
            "時刻を読み取れない行があり、時刻なしで保持しています。ゾーンがないだけなら --tz で指定してください",
        ),
    ];
    let begun = starts
        .iter()
        .find_map(|(start, japanese)| reason.strip_prefix(start).map(|detail| (japanese, detail)));
    begun.map_or_else(
        || reason.to_owned(),
        |(japanese, detail)| format!("{japanese}({detail})。"),
    )
}

fn shown(path: &std::path::Path) -> String {
    sekisho_io::printable(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_japanese(text: &str) -> bool {
        text.contains('。')
            && text
                .chars()
                .any(|character| matches!(character, '\u{3040}'..='\u{30ff}'))
    }

    #[test]
    fn what_users_meet_most_is_said_in_japanese() {
        let dir = std::path::PathBuf::from("x");
        let errors = [
            Error::Input(Input::Missing { path: dir.clone() }),
            Error::Store(Store::NoStore { dir: dir.clone() }),
            Error::Store(Store::Locked { dir, by: None }),
            Error::Store(Store::SqlTimeout { seconds: 1.0 }),
            Error::NoTable("t".to_owned()),
            Error::Usage("u".to_owned()),
            Error::Search(sekisho_search::parse("acter:a").unwrap_err()),
            Error::Cursor,
            Error::NoEvent("u".to_owned()),
            Error::NotSurrounded {
                uid: "u".to_owned(),
                field: "time",
            },
        ];
        for each in &errors {
            assert!(is_japanese(&error(each)), "{each}");
        }
        assert!(hint(&errors[0]).is_some_and(is_japanese));
        assert!(is_japanese(&time(&TimeArgError::NoZone("10:00".to_owned()))));
    }

    #[test]
    fn problems_keep_their_detail_and_unknown_ones_their_words() {
        assert_eq!(
            problem("the row has 3 columns, the header 2"),
            "列の数が合いません(3 columns, the header 2)。"
        );
        assert_eq!(problem("something new"), "something new");
    }
}
