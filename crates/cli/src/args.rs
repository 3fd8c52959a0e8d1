//! The command line, in both languages from one definition: help, completions and manual pages follow from it.

mod store;

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use clap_complete::Shell;
use sekisho_event::kind::SourceKind;
use sekisho_event::text::Lang;

use crate::lang::say;
use crate::output::Format;

/// Returns the whole command line.
pub(crate) fn command(lang: Lang) -> Command {
    in_language(definition(lang), lang)
}

/// Puts the headings of help into the language too; those of English are the parser's own.
fn in_language(command: Command, lang: Lang) -> Command {
    if lang == Lang::En {
        return command;
    }
    let mut template = String::from("{about-with-newline}\n使い方: {usage}\n");
    if command.get_subcommands().next().is_some() {
        template.push_str("\nコマンド:\n{subcommands}\n");
    }
    if command.get_positionals().next().is_some() {
        template.push_str("\n引数:\n{positionals}\n");
    }
    template.push_str("\nオプション:\n{options}{after-help}");
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help("ヘルプを表示します");
    let command = command
        .help_template(template)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg(help);
    command.mut_subcommands(|inner| in_language(inner, lang))
}

fn definition(lang: Lang) -> Command {
    let about = say(
        lang,
        "Keeps, searches and investigates the audit trails of Salesforce and GitLab",
        "Salesforce と GitLab の監査ログを保管・検索・調査します",
    );
    Command::new("sekisho")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about.to_owned())
        .after_help(say(lang, EXITS_EN, EXITS_JA).to_owned())
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args_override_self(true)
        .args(shared(lang))
        .subcommands([
            demo(lang),
            ingest(lang),
            verdict(lang),
            tables(lang),
            query(lang),
            detect(lang),
            sigma(lang),
            hunt(lang),
            session(lang),
            serve(lang),
            store::command(lang),
            completions(lang),
            man(lang),
        ])
}

const EXITS_EN: &str = "Exit: 0 done, 1 something was found, 2 wrong usage (nothing was done), 3 configuration, \
    4 done but the data was incomplete, 5 internal error";
const EXITS_JA: &str = "終了コード: 0 完了、1 検出あり、2 使い方の誤り(何も実行していません)、3 設定の問題、\
    4 完了したがデータが不完全、5 内部エラー";

/// Options that every command takes, before or after its name.
fn shared(lang: Lang) -> [Arg; 4] {
    [
        Arg::new("data")
            .long("data")
            .value_name("DIR")
            .value_parser(value_parser!(PathBuf))
            .global(true)
            .help(
                say(
                    lang,
                    "Where the store is [env: SEKISHO_DATA] [default: ./sekisho-data]",
                    "ストアの場所 [環境変数: SEKISHO_DATA] [既定: ./sekisho-data]",
                )
                .to_owned(),
            ),
        Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .value_parser(Format::NAMES)
            .global(true)
            .help(
                say(
                    lang,
                    "Form of the answer (table on a terminal, else jsonl)",
                    "出力形式(端末では table、それ以外は jsonl)",
                )
                .to_owned(),
            ),
        Arg::new("lang")
            .long("lang")
            .value_name("LANG")
            .value_parser(["en", "ja"])
            .global(true)
            .help(
                say(
                    lang,
                    "Language of human text [env: SEKISHO_LANG, else the locale]",
                    "人が読む文の言語 [環境変数: SEKISHO_LANG、なければロケール]",
                )
                .to_owned(),
            ),
        Arg::new("tz").long("tz").value_name("ZONE").global(true).help(
            say(
                lang,
                "Zone of times given without one, for example Asia/Tokyo",
                "ゾーンなしで指定した時刻のタイムゾーン(例: Asia/Tokyo)",
            )
            .to_owned(),
        ),
    ]
}

fn ingest(lang: Lang) -> Command {
    Command::new("ingest")
        .about(
            say(
                lang,
                "Loads files into the store; the same input twice changes nothing",
                "ファイルをストアに取り込みます。同じ入力を 2 回取り込んでも結果は変わりません",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho ingest logs/",
                "sekisho ingest --org 00D5g00000AbCdE --as salesforce-rtem ApiEvent.csv",
            ],
        ))
        .args(reading(lang))
        .arg(no_wait(lang))
        .arg(paths(lang).required(true))
}

/// For commands that write the store.
fn no_wait(lang: Lang) -> Arg {
    Arg::new("no-wait").long("no-wait").action(ArgAction::SetTrue).help(
        say(
            lang,
            "Exit 3 at once where another process writes the store, instead of waiting for it",
            "ほかのプロセスがストアに書き込み中の場合、待たずに終了コード 3 で終わります",
        )
        .to_owned(),
    )
}

fn tables(lang: Lang) -> Command {
    Command::new("tables")
        .about(
            say(
                lang,
                "Lists the tables, or the columns of one; works without a store too",
                "テーブルの一覧、または 1 つのテーブルの列を表示します。ストアがなくても使えます",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            ["sekisho tables", "sekisho tables salesforce_elf.Report --lang ja"],
        ))
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .help(say(lang, "Table whose columns are shown", "列を表示するテーブル").to_owned()),
        )
}

fn query(lang: Lang) -> Command {
    Command::new("query")
        .about(
            say(
                lang,
                "Runs read-only SQL over the tables and `events`",
                "テーブルと `events` に対して読み取り専用の SQL を実行します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho query \"SELECT actor, count(*) AS n FROM events GROUP BY actor ORDER BY n DESC\"",
                "sekisho query --format csv 'SELECT * FROM \"salesforce\".\"ApiEvent\"'",
            ],
        ))
        .arg(
            Arg::new("sql")
                .value_name("SQL")
                .required(true)
                .help(say(lang, "One statement that reads", "読み取りの文を 1 つ").to_owned()),
        )
        .arg(
            Arg::new("max-memory")
                .long("max-memory")
                .value_name("BYTES")
                .help(say(lang, "Memory the query may use (1GiB)", "使用できるメモリ(既定 1GiB)").to_owned()),
        )
        .arg(
            Arg::new("timeout")
                .long("timeout")
                .value_name("TIME")
                .help(say(lang, "Time the query may take (60s)", "実行時間の上限(既定 60s)").to_owned()),
        )
}

fn detect(lang: Lang) -> Command {
    Command::new("detect")
        .about(
            say(
                lang,
                "Runs Sigma rules over the store or over files",
                "ストアまたはファイルに Sigma ルールを適用します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho detect logs/*.csv",
                "sekisho detect --rules rules/ --since 28d logs/*.csv",
            ],
        ))
        .args([rules_in_place_of_shipped(lang), skip_invalid(lang), logsource(lang)])
        .args(ranges(lang))
        .args(reading(lang))
        .arg(paths(lang))
}

fn sigma(lang: Lang) -> Command {
    let match_command = Command::new("match")
        .about(
            say(
                lang,
                "Matches rules against generic JSON, one object a line",
                "1 行 1 オブジェクトの JSON にルールを照合します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho sigma match --rules rule.yml events.ndjson",
                "sekisho sigma match --rules rules/ --logsource product=gitlab,service=audit events.ndjson",
            ],
        ))
        .args([rules(lang), skip_invalid(lang), logsource(lang)])
        .arg(
            Arg::new("path")
                .value_name("FILE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help(say(lang, "File of JSON lines", "JSON Lines ファイル").to_owned()),
        );
    let check = Command::new("check")
        .about(
            say(
                lang,
                "Lints rules; every error with file and line",
                "ルールを検査し、誤りをファイル名と行番号で示します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho sigma check rules/",
                "sekisho sigma check --format json rule.yml",
            ],
        ))
        .arg(paths(lang).required(true));
    Command::new("sigma")
        .about(say(lang, "Matches and checks Sigma rules", "Sigma ルールの照合と検査").to_owned())
        .after_help(examples(
            lang,
            [
                "sekisho sigma check rules/",
                "sekisho sigma match --rules rules/ events.ndjson",
            ],
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([match_command, check])
}

fn hunt(lang: Lang) -> Command {
    Command::new("hunt")
        .about(
            say(
                lang,
                "Looks for indicators in what has happened, and says what could not be seen",
                "過去のログから侵害指標を探し、調べられなかった範囲も示します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho hunt --ioc advisory.yaml logs/",
                "sekisho hunt --ioc advisory.yaml --from 2025-10-20 --to 2025-12-05 --tz Asia/Tokyo",
            ],
        ))
        .arg(
            repeated("ioc", "LIST")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help(
                    say(
                        lang,
                        "Indicator list: YAML, JSON, CSV, text, STIX 2.1 or MISP",
                        "指標リスト: YAML、JSON、CSV、テキスト、STIX 2.1、MISP",
                    )
                    .to_owned(),
                ),
        )
        .args(ranges(lang))
        .args(reading(lang))
        .arg(paths(lang))
}

fn verdict(lang: Lang) -> Command {
    Command::new("verdict")
        .about(
            say(
                lang,
                "Answers on one page: who got in, what they read, what could not be seen, what to do next",
                "誰が侵入し、何を読み、何が見えなかったか、次に何をすべきかを 1 ページで示します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho verdict --ioc advisory.yaml --allow vendor-networks.yaml",
                "sekisho verdict --ioc advisory.yaml --lang ja logs/",
            ],
        ))
        .args(watching(lang))
        .args(ranges(lang))
        .args(reading(lang))
        .arg(paths(lang))
}

fn demo(lang: Lang) -> Command {
    Command::new("demo")
        .about(
            say(
                lang,
                "Shows a sample incident: its verdict sheet here, the rest in the console",
                "サンプルインシデントの判定シートを表示し、詳細をコンソールで公開します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            ["sekisho demo --no-serve --lang ja", "sekisho demo --write sample-logs/"],
        ))
        .arg(
            Arg::new("no-serve")
                .long("no-serve")
                .action(ArgAction::SetTrue)
                .help(say(lang, "Print the findings and stop", "検出結果を表示して終了します").to_owned()),
        )
        .arg(
            Arg::new("write")
                .long("write")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with("no-serve")
                .help(
                    say(
                        lang,
                        "Only write the log files, the lists and the ground truth into a directory",
                        "ログファイル、リスト、正解データをディレクトリに書き出すだけにします",
                    )
                    .to_owned(),
                ),
        )
        .arg(listen(lang))
}

/// Where the server listens.
fn listen(lang: Lang) -> Arg {
    Arg::new("listen").long("listen").value_name("ADDRESS").help(
        say(
            lang,
            "Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:7474]",
            "待ち受けるアドレスとポート。ポート 0 は空きポートを使います [既定: 127.0.0.1:7474]",
        )
        .to_owned(),
    )
}

/// What is watched for.
fn watching(lang: Lang) -> [Arg; 4] {
    let list = repeated("ioc", "LIST").value_parser(value_parser!(PathBuf)).help(
        say(
            lang,
            "Indicator list: YAML, JSON, CSV, text, STIX 2.1 or MISP",
            "指標リスト: YAML、JSON、CSV、テキスト、STIX 2.1、MISP",
        )
        .to_owned(),
    );
    let allow = repeated("allow", "LIST").value_parser(value_parser!(PathBuf)).help(
        say(
            lang,
            "Networks that a vendor says its application uses; anything else is suspect",
            "ベンダーがアプリケーションに使うと公表しているネットワーク。それ以外からの利用を疑います",
        )
        .to_owned(),
    );
    [list, allow, rules_in_place_of_shipped(lang), skip_invalid(lang)]
}

fn session(lang: Lang) -> Command {
    Command::new("session")
        .about(
            say(
                lang,
                "Shows the sessions of a login, from a login key or a session key",
                "ログインキーまたはセッションキーから、そのログインの全セッションを表示します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho session 'AbC+d/EfGh1234Xy'",
                "sekisho session --format json 'AbC+d/EfGh1234Xy' logs/",
            ],
        ))
        .args(reading(lang))
        .arg(
            Arg::new("key").value_name("KEY").required(true).help(
                say(
                    lang,
                    "LoginKey or SessionKey; put -- before one that starts with -",
                    "LoginKey または SessionKey。- で始まる場合は前に -- を置きます",
                )
                .to_owned(),
            ),
        )
        .arg(paths(lang))
}

fn serve(lang: Lang) -> Command {
    Command::new("serve")
        .about(
            say(
                lang,
                "Serves the console and the API to this machine until stopped; SEKISHO_LOG=info logs each request",
                "コンソールと API を停止するまでこのマシンに公開します。SEKISHO_LOG=info でリクエストを記録します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho serve --ioc advisory.yaml --allow vendor-networks.yaml",
                "sekisho serve --data ./kaede --listen 127.0.0.1:0 --lang ja",
            ],
        ))
        .arg(listen(lang))
        .args(watching(lang))
        .args(ranges(lang))
}

fn completions(lang: Lang) -> Command {
    Command::new("completions")
        .about(say(lang, "Prints completions for a shell", "シェルの補完定義を出力します").to_owned())
        .after_help(examples(
            lang,
            ["sekisho completions bash", "sekisho completions fish > sekisho.fish"],
        ))
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(value_parser!(Shell)),
        )
}

fn man(lang: Lang) -> Command {
    Command::new("man")
        .about(
            say(
                lang,
                "Writes manual pages into a directory",
                "マニュアルページをディレクトリに書き出します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            ["sekisho man /usr/local/share/man/man1", "sekisho man --lang ja man/ja"],
        ))
        .arg(
            Arg::new("dir")
                .value_name("DIR")
                .required(true)
                .value_parser(value_parser!(PathBuf)),
        )
}

/// How files are read, on every command that reads files.
fn reading(lang: Lang) -> [Arg; 3] {
    let kinds = SourceKind::ALL.map(SourceKind::name);
    [
        Arg::new("as").long("as").value_name("KIND").value_parser(kinds).help(
            say(
                lang,
                "Kind of the files; told from content otherwise",
                "ファイルの種類。指定しない場合は内容から判別します",
            )
            .to_owned(),
        ),
        Arg::new("org").long("org").value_name("ID").help(
            say(
                lang,
                "Org of the rows; on the store, the org to look at",
                "行の組織。ストアに対しては調べる組織",
            )
            .to_owned(),
        ),
        Arg::new("time-field")
            .long("time-field")
            .value_name("NAME")
            .help(say(lang, "Time field of generic JSON", "汎用 JSON の時刻フィールド").to_owned()),
    ]
}

fn ranges(lang: Lang) -> [Arg; 3] {
    [
        Arg::new("from").long("from").value_name("TIME").help(
            say(
                lang,
                "First time, RFC 3339 with a zone, or a date",
                "開始時刻(ゾーン付き RFC 3339、または日付)",
            )
            .to_owned(),
        ),
        Arg::new("to")
            .long("to")
            .value_name("TIME")
            .help(say(lang, "End, not included", "終了時刻(この時刻は含みません)").to_owned()),
        Arg::new("since")
            .long("since")
            .value_name("TIME")
            .conflicts_with("from")
            .help(say(lang, "From this long ago, for example 28d", "現在から遡る期間(例: 28d)").to_owned()),
    ]
}

fn rules(lang: Lang) -> Arg {
    repeated("rules", "PATH")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .help(
            say(
                lang,
                "Rule file or folder of rules; may be repeated",
                "ルールのファイルまたはフォルダー(繰り返し指定可)",
            )
            .to_owned(),
        )
}

fn rules_in_place_of_shipped(lang: Lang) -> Arg {
    rules(lang).required(false).help(
        say(
            lang,
            "Rule file or folder of rules, in place of the shipped ones; may be repeated",
            "同梱ルールの代わりに使うルールのファイルまたはフォルダー(繰り返し指定可)",
        )
        .to_owned(),
    )
}

fn skip_invalid(lang: Lang) -> Arg {
    Arg::new("skip-invalid")
        .long("skip-invalid")
        .action(ArgAction::SetTrue)
        .help(
            say(
                lang,
                "Go on without rules that do not load, list them, and exit 4",
                "読み込めないルールを除いて続行し、一覧を示して終了コード 4 で終わります",
            )
            .to_owned(),
        )
}

fn logsource(lang: Lang) -> Arg {
    Arg::new("logsource")
        .long("logsource")
        .value_name("product=..,service=..")
        .help(
            say(
                lang,
                "Log source of generic JSON; without it every rule applies",
                "汎用 JSON のログソース。指定しない場合は全ルールを適用します",
            )
            .to_owned(),
        )
}

/// An option that takes one value and is repeated for more.
fn repeated(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).action(ArgAction::Append)
}

fn paths(lang: Lang) -> Arg {
    Arg::new("path")
        .value_name("PATH")
        .action(ArgAction::Append)
        .num_args(0..)
        .value_parser(value_parser!(PathBuf))
        .help(
            say(
                lang,
                "Files, folders or archives (.gz .zst .zip), - for standard input; without any, the store",
                "ファイル、フォルダー、アーカイブ(.gz .zst .zip)。- は標準入力。省略時はストア",
            )
            .to_owned(),
        )
}

fn examples(lang: Lang, examples: [&str; 2]) -> String {
    format!(
        "{}\n  {}\n  {}",
        say(lang, "Examples:", "例:"),
        examples[0],
        examples[1]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds_together_in_both_languages() {
        for lang in [Lang::En, Lang::Ja] {
            command(lang).debug_assert();
        }
    }

    #[test]
    fn every_command_has_two_examples() {
        fn check(command: &Command) {
            for inner in command.get_subcommands() {
                let help = inner.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert_eq!(help.matches("\n  sekisho ").count(), 2, "{}", inner.get_name());
                check(inner);
            }
        }
        check(&command(Lang::En));
    }
}
