//! What could not be seen, most important first, each with the log that would settle it.

mod gaps;
mod settle;

use sekisho_event::text::{Lang, Text};
use sekisho_hunt::{
    AllowOrg, AllowResult, BlindReason, Blindness, DoubtReason, HuntResult, Kind, OrgVerdict, TableCoverage,
};

use crate::platform::{self, Platform};
use crate::sheet::{Unseen, UnseenKind};
use crate::trail::OwnersUse;
use crate::words::{day, grouped, listed, named, plural, text};
use settle::Source;

/// What there is to go by for one org.
pub(crate) struct Sight<'a> {
    pub(crate) hunt: &'a HuntResult,
    pub(crate) org: &'a OrgVerdict,
    pub(crate) coverage: &'a [&'a TableCoverage],
    pub(crate) platform: Platform,
    pub(crate) allow: &'a AllowResult,
    pub(crate) allow_org: Option<&'a AllowOrg>,
    /// Whether an allow-list concerns the org at all.
    pub(crate) is_app_asked: bool,
    pub(crate) finished_bulk_queries: u64,
    pub(crate) bulk_downloads: u64,
    pub(crate) deleted_bulk_jobs: u64,
    pub(crate) has_object_downloads: bool,
    /// What tokens of finds did at the places of their owners.
    pub(crate) owners: &'a [OwnersUse],
    pub(crate) is_trail_capped: bool,
    pub(crate) is_hit: bool,
}

/// How much something matters; smaller is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Nothing is there to be seen.
    Nothing,
    /// Events are missing that are usually there.
    Lost,
    /// Nobody can say whether content left.
    Taking,
    /// What was asked for is in no log of the org.
    NotShown,
    /// Rows of a log that could have shown it do not.
    Blind,
    /// The range that was asked for goes beyond the data.
    OutsideData,
    /// A limit of ours, or of the lists.
    Limit,
    /// What a log never holds.
    ByDesign,
}

/// Something that could not be seen, with how much it matters: first by rank, then by weight.
struct Ranked {
    rank: Rank,
    weight: u64,
    /// Whether the log that would settle it is in the data.
    is_settled_here: bool,
    unseen: Unseen,
}

/// Everything that could not be seen.
pub(crate) struct NotSeen {
    /// Most important first.
    pub(crate) unseen: Vec<Unseen>,
    /// Whether any of it keeps the org from being clear beyond what the hunt itself says.
    pub(crate) decides: bool,
    /// The log that would settle the most important of it and is not in the data.
    pub(crate) missing_log: Option<String>,
}

/// Returns everything that could not be seen.
pub(crate) fn unseen(sight: &Sight<'_>) -> NotSeen {
    let mut ranked: Vec<Ranked> = Vec::new();
    of_the_hunt(sight, &mut ranked);
    ranked.extend(gaps::gaps(sight));
    for table in sight.coverage {
        ranked.extend(table.blind.iter().filter_map(|blind| of_blindness(sight, table, blind)));
    }
    let decides = of_the_watch(sight, &mut ranked) | of_what_was_asked(sight, &mut ranked);
    of_the_trail(sight, &mut ranked);
    // What one log does not hold by design is no hole where another log of the data holds it.
    ranked.retain(|one| one.rank != Rank::ByDesign || !one.is_settled_here);
    // Stable: what is equal stays in the order of tables.
    ranked.sort_by_key(|one| (one.rank, std::cmp::Reverse(one.weight)));
    let missing_log = ranked
        .iter()
        .filter(|one| !one.is_settled_here)
        .find_map(|one| one.unseen.settle.as_ref().map(|settle| settle.log.clone()));
    NotSeen {
        unseen: ranked.into_iter().map(|one| one.unseen).collect(),
        decides,
        missing_log,
    }
}

/// One thing that could not be seen, under construction.
struct Note<'a> {
    kind: UnseenKind,
    rank: Rank,
    weight: u64,
    table: Option<&'a str>,
    source: Option<Source>,
}

impl<'a> Note<'a> {
    fn new(kind: UnseenKind, rank: Rank, weight: u64) -> Self {
        Self {
            kind,
            rank,
            weight,
            table: None,
            source: None,
        }
    }

    fn of(self, table: &'a str) -> Self {
        Self {
            table: Some(table),
            ..self
        }
    }

    fn settled_by(self, source: Option<Source>) -> Self {
        Self { source, ..self }
    }

    /// Names a log that would settle it, but not one that is in the data and evidently does not.
    fn settled_by_missing(self, sight: &Sight<'_>, source: Option<Source>) -> Self {
        let missing = source.filter(|source| !source.is_in(sight.coverage));
        Self {
            source: missing,
            ..self
        }
    }

    fn says(self, sight: &Sight<'_>, text: Text) -> Ranked {
        let (settle, is_here) = self.source.map(|source| source.settle(sight.coverage)).unzip();
        Ranked {
            rank: self.rank,
            weight: self.weight,
            is_settled_here: is_here.unwrap_or(false),
            unseen: Unseen {
                kind: self.kind,
                table: self.table.map(str::to_owned),
                from: None,
                to: None,
                expected_events: None,
                text,
                settle,
            },
        }
    }
}

fn of_the_hunt(sight: &Sight<'_>, ranked: &mut Vec<Ranked>) {
    for doubt in &sight.org.doubts {
        let (note, what) = match doubt.reason {
            DoubtReason::NoData => (
                Note::new(UnseenKind::NoData, Rank::Nothing, 0).settled_by(settle::not_shown(sight.platform)),
                text(
                    "No events of this org are in the range.",
                    "この組織のイベントは、対象期間に 1 件もありません。",
                ),
            ),
            DoubtReason::NotShown => {
                let kinds = kinds(&doubt.kinds);
                let what = text(
                    format!("No log of this org could have shown indicators of kind {}.", kinds.0),
                    format!("種類 {} の指標を示せるログが、この組織にはありません。", kinds.1),
                );
                let note = Note::new(UnseenKind::NotShown, Rank::NotShown, 1);
                let source = settle::not_shown_kinds(sight.platform, &doubt.kinds);
                (note.settled_by_missing(sight, source), what)
            }
            DoubtReason::UnusableIndicators => {
                let entries: u64 = sight.hunt.lists.iter().map(|list| list.unusable as u64).sum();
                let entries = grouped(entries);
                let what = text(
                    format!("{entries} entries of the lists are of kinds that no log here can show."),
                    format!("指標リストのうち {entries} 件は、ここにあるログでは確かめられない種類です。"),
                );
                (Note::new(UnseenKind::Unusable, Rank::Limit, 0), what)
            }
            DoubtReason::Capped => (Note::new(UnseenKind::Capped, Rank::Limit, 1), too_much()),
            // Each gap and each blindness is listed by itself.
            DoubtReason::Gap | DoubtReason::Blind => continue,
        };
        ranked.push(note.says(sight, what));
    }
}

fn too_much() -> Text {
    text(
        "There is more than is counted one by one: numbers here are lower bounds.",
        "件数が上限を超えたため、ここの数値は下限です。",
    )
}

fn of_blindness(sight: &Sight<'_>, table: &TableCoverage, blind: &Blindness) -> Option<Ranked> {
    let rows = blind.rows.unwrap_or(table.events);
    let what = match blind.reason {
        BlindReason::NotRecorded => return by_design(sight, table, blind),
        _ if !blind.decides => return None,
        BlindReason::StreamedOnlyTypes => text(
            "Event types that GitLab only streams are not in the data: Git clones and reads of CI/CD variables among them.",
            "GitLab がストリームにしか流さない種別（Git の取得、CI/CD 変数の参照など）は、データに含まれていません。",
        ),
        BlindReason::BlankByDesign => blank(table, blind, rows),
        BlindReason::CodedUserAgent => counted(
            table,
            rows,
            "hold a code in place of the user agent",
            "には、ユーザーエージェントの代わりに番号が入っています。",
        ),
        BlindReason::NotAnAddress => counted(
            table,
            rows,
            "hold a word in place of an address",
            "には、アドレスの代わりに語が入っています。",
        ),
        BlindReason::FieldAbsent | BlindReason::ColumnEmpty | BlindReason::BrowserNameOnly | BlindReason::NotAHost => {
            let columns = listed(blind.columns.iter().copied());
            let kinds = kinds(&blind.kinds);
            text(
                format!(
                    "{} is here without {}: indicators of kind {} cannot be found in it.",
                    table.table, columns.0, kinds.0
                ),
                format!(
                    "{} には {} の値がないため、種類 {} の指標を探せません。",
                    table.table, columns.1, kinds.1
                ),
            )
        }
    };
    let note = Note::new(UnseenKind::Blind, Rank::Blind, rows).of(&table.table);
    Some(
        note.settled_by(settle::blind(&table.table, blind.reason))
            .says(sight, what),
    )
}

fn blank(table: &TableCoverage, blind: &Blindness, rows: u64) -> Text {
    let columns = listed(blind.columns.iter().copied());
    let when = |lang| blind.when.as_ref().map_or("", |when| when.get(lang)).to_owned();
    text(
        format!(
            "{} row{} of {} leave {} blank by design ({}).",
            grouped(rows),
            plural(rows),
            table.table,
            columns.0,
            when(Lang::En)
        ),
        format!(
            "{} の {} 行は、仕様により {} が空です（{}）。",
            table.table,
            grouped(rows),
            columns.1,
            when(Lang::Ja)
        ),
    )
}

fn counted(table: &TableCoverage, rows: u64, en: &str, ja: &str) -> Text {
    text(
        format!("{} row{} of {} {en}.", grouped(rows), plural(rows), table.table),
        format!("{} の {} 行{ja}", table.table, grouped(rows)),
    )
}

fn by_design(sight: &Sight<'_>, table: &TableCoverage, blind: &Blindness) -> Option<Ranked> {
    if blind.decides {
        return Some(of_logins_alone(sight, table));
    }
    let when = blind.when.as_ref().filter(|_| table.events > 0)?;
    // Rows that read objects prove that the trail records data events.
    if sight.has_object_downloads && blind.what.as_deref() == Some("data_events") {
        return None;
    }
    let what = text(
        format!("{} by design: {}.", table.table, when.get(Lang::En)),
        format!("{} の仕様: {}。", table.table, when.get(Lang::Ja)),
    );
    let source = blind
        .what
        .as_deref()
        .and_then(|what| settle::not_recorded(&table.table, what));
    let weight = u64::from(source.is_some());
    let note = Note::new(UnseenKind::Blind, Rank::ByDesign, weight).of(&table.table);
    Some(note.settled_by(source).says(sight, what))
}

/// Logins are logged, what was called is not: the hunt says so where no log of the calls covers the same time.
fn of_logins_alone(sight: &Sight<'_>, table: &TableCoverage) -> Ranked {
    let days = table.from.zip(table.to).map(|(from, to)| (day(from.0), day(to.0)));
    let (from, to) = days.unwrap_or_default();
    let what = text(
        format!(
            "{} shows logins alone: calls with a stolen token are not in it, and no log of the calls covers {from} .. {to}.",
            table.table
        ),
        format!(
            "{} に記録されるのはログインだけです。盗まれたトークンによる呼び出しは残らず、{from} .. {to} 全体の呼び出しのログもありません。",
            table.table
        ),
    );
    let note = Note::new(UnseenKind::Blind, Rank::Blind, table.events).of(&table.table);
    note.settled_by(Some(settle::calls(&from, &to))).says(sight, what)
}

/// What keeps it from being sure that the application was nowhere else; true where anything does.
fn of_the_watch(sight: &Sight<'_>, ranked: &mut Vec<Ranked>) -> bool {
    if sight.allow.lists.is_empty() || !sight.is_app_asked {
        return false;
    }
    let apps = listed(sight.allow.lists.iter().map(|list| list.app.as_str()));
    let mut decides = false;
    for &list in &sight.allow.unnamed {
        let app = sight
            .allow
            .lists
            .get(list)
            .map_or_else(String::new, |list| named(&list.app));
        let what = text(
            format!("No event of any org names the application {app}: the logs may spell it differently."),
            format!(
                "どの組織のイベントにもアプリケーション「{app}」の名前がありません。ログでは表記が異なる可能性があります。"
            ),
        );
        ranked.push(Note::new(UnseenKind::Unusable, Rank::NotShown, 2).says(sight, what));
        decides = true;
    }
    for doubt in sight.allow_org.iter().flat_map(|org| &org.doubts) {
        let rows = doubt.rows.unwrap_or(0);
        let count = grouped(rows);
        let table = doubt.table.as_deref();
        let shown = table.unwrap_or_default();
        let (rank, what, source) = match (&doubt.reason, &doubt.when) {
            (DoubtReason::NotShown, _) => (
                Rank::NotShown,
                text(
                    format!(
                        "No log of this org says both which application called and from where: calls of {} from outside its vendor's networks could not be seen.",
                        apps.0
                    ),
                    format!(
                        "呼び出したアプリケーションと送信元の両方を示すログが、この組織にはありません。{} のベンダー網外からの呼び出しは見えません。",
                        apps.1
                    ),
                ),
                settle::not_shown(sight.platform),
            ),
            (_, Some(when)) => (
                Rank::Blind,
                text(
                    format!(
                        "{count} row{} of {shown} do not name the application ({}).",
                        plural(rows),
                        when.get(Lang::En)
                    ),
                    format!(
                        "{shown} の {count} 行には、アプリケーションの名前がありません（{}）。",
                        when.get(Lang::Ja)
                    ),
                ),
                settle::without_app(shown),
            ),
            (_, None) => (
                Rank::Blind,
                text(
                    format!(
                        "{count} event{} of {} in {shown} carry no address.",
                        plural(rows),
                        apps.0
                    ),
                    format!(
                        "{shown} にある {} のイベント {count} 件には、送信元アドレスがありません。",
                        apps.1
                    ),
                ),
                settle::without_app(shown),
            ),
        };
        let kind = if rank == Rank::NotShown {
            UnseenKind::NotShown
        } else {
            UnseenKind::Blind
        };
        let note = Note {
            table,
            ..Note::new(kind, rank, rows)
        };
        let note = match rank {
            Rank::NotShown => note.settled_by_missing(sight, source),
            _ => note.settled_by(source),
        };
        ranked.push(note.says(sight, what));
        decides = true;
    }
    decides
}

/// What the question leaves open whatever the logs are; true where it does.
fn of_what_was_asked(sight: &Sight<'_>, ranked: &mut Vec<Ranked>) -> bool {
    let mut decides = false;
    if sight.hunt.lists.is_empty() && sight.allow.lists.is_empty() {
        let what = text(
            "No indicator list and no allow-list was given: nothing was looked for.",
            "指標リストも許可リストも指定されていないため、何も探していません。",
        );
        ranked.push(Note::new(UnseenKind::NotShown, Rank::Nothing, 1).says(sight, what));
        decides = true;
    }
    if platform::shows_logins_only(sight.coverage) {
        let what = text(
            "Only logins and set-up changes are in the data: what an application reads with a token it already has leaves no row there.",
            "データはログインと設定変更の記録だけです。取得済みのトークンでアプリケーションが読んだ内容は、そこには残りません。",
        );
        let note = Note::new(UnseenKind::NotShown, Rank::NotShown, 4);
        ranked.push(
            note.settled_by(settle::not_shown(Platform::Salesforce))
                .says(sight, what),
        );
        decides = true;
    }
    decides
}

/// What the trail of the finds leaves open.
fn of_the_trail(sight: &Sight<'_>, ranked: &mut Vec<Ranked>) {
    bulk(sight, ranked);
    for owners in sight.owners {
        let events = grouped(owners.events);
        let (token, place) = (named(&owners.token), named(&owners.place));
        let what = text(
            format!(
                "Token {token} was used from {place} before, too: its {events} event{} from there count as its owner's.",
                plural(owners.events)
            ),
            format!(
                "トークン {token} は以前から {place} で使われているため、そこからの {events} 件は本来の利用者のものとしています。"
            ),
        );
        ranked.push(Note::new(UnseenKind::NotShown, Rank::Taking, 0).says(sight, what));
    }
    let has = |name: &str| has_events(sight, name);
    if sight.is_hit && has(".ContentTransfer") && !has(".FileEvent") {
        let what = text(
            "File downloads in ContentTransfer carry no session key: they are not among what these sessions took.",
            "ContentTransfer のファイルダウンロードにはセッションキーがないため、これらのセッションの持ち出しに数えていません。",
        );
        let note = Note::new(UnseenKind::Blind, Rank::Taking, 0).of("salesforce_elf.ContentTransfer");
        ranked.push(note.settled_by(Some(settle::files())).says(sight, what));
    }
    if sight.is_hit && (sight.is_trail_capped || sight.hunt.hits_capped || sight.allow.is_capped) {
        ranked.push(Note::new(UnseenKind::Capped, Rank::Limit, 2).says(sight, too_much()));
    }
}

fn has_events(sight: &Sight<'_>, name: &str) -> bool {
    sight
        .coverage
        .iter()
        .any(|table| table.events > 0 && table.table.contains(name))
}

/// Bulk jobs of the trail whose results nobody can follow.
fn bulk(sight: &Sight<'_>, ranked: &mut Vec<Ranked>) {
    let knows_downloads = sight.bulk_downloads > 0 || has_events(sight, ".BulkApiResultEvent");
    if sight.finished_bulk_queries > 0 && !knows_downloads {
        let jobs = grouped(sight.finished_bulk_queries);
        let queries = if sight.finished_bulk_queries == 1 {
            "query"
        } else {
            "queries"
        };
        let what = text(
            format!("{jobs} bulk {queries} finished; whether the result was downloaded is in no log of the data."),
            format!("一括クエリ {jobs} 件が完了していますが、結果がダウンロードされたかを示すログがありません。"),
        );
        let note = Note::new(UnseenKind::NotShown, Rank::Taking, 2).of("salesforce.BulkApiResultEventStore");
        ranked.push(note.settled_by(Some(settle::bulk_results())).says(sight, what));
    }
    if sight.deleted_bulk_jobs > 0 {
        let jobs = grouped(sight.deleted_bulk_jobs);
        let what = text(
            match sight.deleted_bulk_jobs {
                1 => "A bulk job of these sessions was deleted: the org no longer shows what it held.".to_owned(),
                _ => {
                    format!("{jobs} bulk jobs of these sessions were deleted: the org no longer shows what they held.")
                }
            },
            format!("これらのセッションの一括ジョブ {jobs} 件は削除されており、組織側で内容を確認できません。"),
        );
        ranked.push(Note::new(UnseenKind::NotShown, Rank::Taking, 1).says(sight, what));
    }
}

fn kinds(kinds: &[Kind]) -> (String, String) {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    (names.join(", "), names.join("、"))
}
