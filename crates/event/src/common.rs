//! The common table `events`: what every event has in common, as a projection of typed batches.

mod extra;
mod outcome;
mod pick;

use std::sync::{Arc, OnceLock};

use arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::array::{DictionaryArray, new_null_array};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use arrow::error::ArrowError;

use crate::catalogue::Table;
use crate::layout;

/// The name of the common table.
pub const EVENTS: &str = "events";

/// A column of the common table, with its meaning in English and Japanese.
#[derive(Debug, Clone, Copy)]
pub struct CommonColumn {
    /// Its name.
    pub name: &'static str,
    /// What it holds, in English.
    pub en: &'static str,
    /// What it holds, in Japanese.
    pub ja: &'static str,
    form: Form,
}

/// How a common column is held and filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A system column of the typed batch, under this name.
    System(&'static str),
    /// The same word in every row of the batch.
    Constant,
    /// Text whose values repeat, from the catalogue's candidates.
    Few,
    /// Text, from the catalogue's candidates.
    Many,
    /// A whole number, from the catalogue's candidates.
    Whole,
    /// A number, from the catalogue's candidates.
    Decimal,
}

const fn column(name: &'static str, form: Form, en: &'static str, ja: &'static str) -> CommonColumn {
    CommonColumn { name, en, ja, form }
}

/// The columns of `events`, in order.
pub const COLUMNS: [CommonColumn; 34] = [
    column(
        "event_uid",
        Form::System(layout::UID),
        "identity of the row, the same in the typed table",
        "行の識別子(型付きテーブルと共通)",
    ),
    column(
        "time",
        Form::System(layout::TIME),
        "when it happened (UTC)",
        "発生日時(UTC)",
    ),
    column(
        "org",
        Form::System(layout::ORG),
        "the org or instance it happened in",
        "発生した組織またはインスタンス",
    ),
    column(
        "source",
        Form::System(layout::SOURCE),
        "the kind of input it came from",
        "入力の種類",
    ),
    column(
        "table",
        Form::Constant,
        "the typed table that holds the whole row",
        "行全体を保持する型付きテーブル",
    ),
    column(
        "kind",
        Form::Constant,
        "the platform's name of the event type",
        "プラットフォームでのイベント種別名",
    ),
    column(
        "action",
        Form::Few,
        "what was done, in the platform's word",
        "操作(プラットフォームの用語)",
    ),
    column(
        "outcome",
        Form::Constant,
        "success, failure, or null where the log does not say",
        "結果(success、failure。ログが示さない場合は null)",
    ),
    column(
        "actor",
        Form::Few,
        "who did it: user name, else id",
        "実行者(ユーザー名。なければ ID)",
    ),
    column("actor_id", Form::Few, "id of the actor", "実行者の ID"),
    column(
        "src_ip",
        Form::Few,
        "source address as logged",
        "送信元アドレス(記録のまま)",
    ),
    column(
        "forwarded_ip",
        Form::Few,
        "addresses claimed by headers; anyone can write them",
        "ヘッダーが主張するアドレス(偽装可能)",
    ),
    column(
        "user_agent",
        Form::Few,
        "user agent or client",
        "ユーザーエージェントまたはクライアント",
    ),
    column(
        "app",
        Form::Few,
        "application or connected app",
        "アプリケーションまたは接続アプリケーション",
    ),
    column("app_id", Form::Few, "id of the application", "アプリケーションの ID"),
    column(
        "token_id",
        Form::Few,
        "id of the token or key used",
        "使用されたトークンまたは鍵の ID",
    ),
    column(
        "login_key",
        Form::Few,
        "login that the session belongs to",
        "セッションが属するログイン",
    ),
    column("session_key", Form::Few, "session", "セッション"),
    column(
        "session_level",
        Form::Few,
        "assurance level of the session",
        "セッションの保証レベル",
    ),
    column(
        "object",
        Form::Few,
        "object or resource type",
        "オブジェクトまたはリソースの種類",
    ),
    column("record_id", Form::Many, "record or resource", "レコードまたはリソース"),
    column("target", Form::Few, "what it was done to, by name", "操作の対象(名前)"),
    column("rows", Form::Whole, "rows read or written", "読み書きした行数"),
    column(
        "bytes",
        Form::Whole,
        "bytes returned or sent",
        "返却または送信したバイト数",
    ),
    column(
        "duration_ms",
        Form::Decimal,
        "how long it took, in milliseconds",
        "所要時間(ミリ秒)",
    ),
    column(
        "query",
        Form::Many,
        "query, URI or command: the text to search first",
        "クエリ、URI、コマンド(最初に検索すべき文字列)",
    ),
    column("message", Form::Many, "message or description", "メッセージまたは説明"),
    column(
        "request_id",
        Form::Many,
        "request or correlation id",
        "リクエスト ID または相関 ID",
    ),
    column(
        "related_uid",
        Form::Many,
        "the platform's id of the related event",
        "関連イベントの ID",
    ),
    column(
        "country",
        Form::Few,
        "country as the platform logged it",
        "国(プラットフォームの記録)",
    ),
    column(
        "ocsf_class_uid",
        Form::Constant,
        "OCSF class, where one fits",
        "OCSF クラス(該当する場合)",
    ),
    column(
        "ocsf_activity_id",
        Form::Constant,
        "OCSF activity of that class, where one fits; 0 where it varies by row",
        "そのクラスの OCSF アクティビティ(該当する場合。行ごとに異なる場合は 0)",
    ),
    column(
        "file",
        Form::System(layout::FILE),
        "file it came from",
        "取り込み元ファイル",
    ),
    column(
        "line",
        Form::System(layout::LINE),
        "line in the file, from 1",
        "ファイル内の行番号(1 起点)",
    ),
];

/// Returns the Arrow schema of `events`.
#[must_use]
pub fn schema() -> SchemaRef {
    static SCHEMA: OnceLock<SchemaRef> = OnceLock::new();
    let build = || {
        Arc::new(Schema::new(
            COLUMNS
                .map(|column| Field::new(column.name, arrow_type(&column), is_nullable(&column)))
                .to_vec(),
        ))
    };
    Arc::clone(SCHEMA.get_or_init(build))
}

/// Returns the common columns of a typed batch of `table`.
///
/// # Errors
/// The batch is not of the table's schema.
pub fn project(table: &Table, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let found = extra::found(table, batch);
    let sources = |name: &str| match name {
        "actor" => actor_sources(table, batch, &found),
        _ => pick::Sources::of(batch, candidates(table, name), found.get(name)),
    };
    let addresses = pick::addresses(batch.num_rows(), &sources("src_ip"), &sources("forwarded_ip"));
    let columns = COLUMNS.map(|column| match (column.form, column.name) {
        (Form::System(name), _) => system(batch, name, &arrow_type(&column)),
        (_, "table") => word(Some(&table.name), batch.num_rows()),
        (_, "kind") => kind(table, batch),
        (_, "outcome") => outcome::outcome(table, batch),
        (_, "ocsf_class_uid") => number(table.ocsf.map(|ocsf| ocsf.class_uid), batch.num_rows()),
        (_, "ocsf_activity_id") => number(table.ocsf.and_then(|ocsf| ocsf.activity_id), batch.num_rows()),
        (_, "src_ip") => Arc::clone(&addresses.source),
        (_, "forwarded_ip") => Arc::clone(&addresses.forwarded),
        (Form::Few | Form::Constant, name) => pick::few(&sources(name)),
        (Form::Many, name) => pick::many(&sources(name)),
        (Form::Whole, name) => pick::whole(&sources(name)),
        (Form::Decimal, name) => pick::decimal(&sources(name)),
    });
    RecordBatch::try_new(schema(), columns.to_vec())
}

fn arrow_type(column: &CommonColumn) -> DataType {
    match (column.form, column.name) {
        (_, "event_uid") => DataType::Utf8,
        (_, "time") => layout::instant(),
        (_, "line" | "ocsf_class_uid" | "ocsf_activity_id") | (Form::Whole, _) => DataType::Int64,
        (Form::Decimal, _) => DataType::Float64,
        (Form::Many, _) => DataType::Utf8,
        _ => layout::dictionary(),
    }
}

fn is_nullable(column: &CommonColumn) -> bool {
    !matches!(column.name, "event_uid" | "org" | "source" | "table" | "file" | "line")
}

fn candidates<'a>(table: &'a Table, name: &str) -> &'a [String] {
    table.common.get(name).map_or(&[], Vec::as_slice)
}

/// An actor is a name before it is an id, wherever the name stands.
fn actor_sources<'a>(table: &Table, batch: &'a RecordBatch, found: &'a extra::Found) -> pick::Sources<'a> {
    let own = candidates(table, "actor");
    let names = own
        .iter()
        .rposition(|name| !extra::is_id(name))
        .map_or(0, |last| last + 1);
    let (names, ids) = own.split_at(names);
    pick::Sources::of(batch, names, found.get("actor")).or(pick::Sources::of(batch, ids, found.get("actor_id")))
}

fn system(batch: &RecordBatch, name: &str, ty: &DataType) -> ArrayRef {
    batch
        .column_by_name(name)
        .map_or_else(|| new_null_array(ty, batch.num_rows()), Arc::clone)
}

fn kind(table: &Table, batch: &RecordBatch) -> ArrayRef {
    match &table.kind_column {
        Some(column) => pick::few(&pick::Sources::of(batch, std::slice::from_ref(column), None)),
        None => word(Some(table.kind.as_ref().unwrap_or(&table.event_type)), batch.num_rows()),
    }
}

fn number(number: Option<i64>, rows: usize) -> ArrayRef {
    Arc::new(Int64Array::from(vec![number; rows]))
}

/// Returns a dictionary column with one word in every row.
fn word(word: Option<&str>, rows: usize) -> ArrayRef {
    let Some(word) = word else {
        return new_null_array(&layout::dictionary(), rows);
    };
    let values: ArrayRef = Arc::new(StringArray::from(vec![word]));
    let keys = Int32Array::from(vec![0; rows]);
    DictionaryArray::<Int32Type>::try_new(keys, values).map_or_else(
        |_| new_null_array(&layout::dictionary(), rows),
        |words| Arc::new(words) as ArrayRef,
    )
}
