//! The words around the facts, in both languages.

use sekisho_event::text::Lang;
use sekisho_event::time::{Micros, to_rfc3339};
use sekisho_hunt::Verdict;

use crate::sheet::{Because, TakenBy};

/// Words and forms of one language.
#[derive(Debug)]
pub(super) struct Labels {
    pub(super) lang: Lang,
    pub(super) title: &'static str,
    pub(super) made_at: &'static str,
    pub(super) verdict: &'static str,
    pub(super) asked: &'static str,
    pub(super) allow_list: &'static str,
    pub(super) who: &'static str,
    pub(super) what: &'static str,
    pub(super) weak: &'static str,
    pub(super) unseen: &'static str,
    pub(super) next: &'static str,
    pub(super) events: &'static str,
    pub(super) returned: &'static str,
    pub(super) taken: &'static str,
    pub(super) not_proven: &'static str,
    pub(super) unknown_app: &'static str,
    pub(super) unknown_user: &'static str,
    pub(super) no_objects: &'static str,
    pub(super) settled_by: &'static str,
    pub(super) separator: &'static str,
}

const EN: Labels = Labels {
    lang: Lang::En,
    title: "Sekisho verdict sheet",
    made_at: "made at",
    verdict: "Verdict",
    asked: "Looked for",
    allow_list: "allow-list",
    who: "Who",
    what: "What",
    weak: "Weak",
    unseen: "Unseen",
    next: "Next",
    events: "events",
    returned: "rows returned (log)",
    taken: "proven taken",
    not_proven: "not proven",
    unknown_app: "unknown application",
    unknown_user: "unknown user",
    no_objects: "no object is named by the events",
    settled_by: "settled by",
    separator: ", ",
};

const JA: Labels = Labels {
    lang: Lang::Ja,
    title: "Sekisho 判定シート",
    made_at: "作成",
    verdict: "判定",
    asked: "調べたもの",
    allow_list: "許可リスト",
    who: "実行者",
    what: "対象",
    weak: "手がかり",
    unseen: "不明点",
    next: "次の手順",
    events: "イベント",
    returned: "返された行（ログ）",
    taken: "持ち出しの証拠",
    not_proven: "確認できず",
    unknown_app: "アプリケーション不明",
    unknown_user: "ユーザー不明",
    no_objects: "対象を示すイベントはありません",
    settled_by: "確認できるログ",
    separator: "、",
};

impl Labels {
    pub(super) fn of(lang: Lang) -> Self {
        match lang {
            Lang::En => EN,
            Lang::Ja => JA,
        }
    }

    fn say(&self, en: String, ja: String) -> String {
        match self.lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    /// Of hit, inconclusive, clear.
    pub(super) fn org_count(&self, orgs: usize, [hit, inconclusive, clear]: [usize; 3]) -> String {
        self.say(
            format!(
                "{}: {hit} hit, {inconclusive} inconclusive, {clear} clear",
                counted(orgs as u64, "org")
            ),
            format!("{orgs} 組織: hit {hit}、inconclusive {inconclusive}、clear {clear}"),
        )
    }

    pub(super) fn range(&self, from_us: Option<Micros>, to_us: Option<Micros>) -> String {
        match (from_us, to_us) {
            (None, None) => self.say("all times".to_owned(), "全期間".to_owned()),
            (from, to) => format!(
                "{} .. {}",
                from.map(minute).unwrap_or_default(),
                to.map(minute).unwrap_or_default()
            ),
        }
    }

    pub(super) fn indicators(&self, count: usize) -> String {
        self.say(counted(count as u64, "indicator"), format!("指標 {count} 件"))
    }

    pub(super) fn networks(&self, count: usize) -> String {
        self.say(counted(count as u64, "network"), format!("ネットワーク {count} 件"))
    }

    pub(super) fn rules(&self, count: &str) -> String {
        self.say(
            format!("{count} rule{}", if count == "1" { "" } else { "s" }),
            format!("ルール {count} 件"),
        )
    }

    pub(super) fn part(&self, shown: usize, count: usize) -> String {
        self.say(format!("{shown} of {count}"), format!("{count} 件中 {shown} 件"))
    }

    pub(super) fn nothing_searched(&self) -> String {
        self.say(
            "no events searched".to_owned(),
            "調査したイベントはありません".to_owned(),
        )
    }

    pub(super) fn because(&self, because: Because, count: &str) -> String {
        match because {
            Because::Indicator => self.say(
                format!("{count} indicator match{}", if count == "1" { "" } else { "es" }),
                format!("指標との一致 {count} 件"),
            ),
            Because::OutsideAllowList => self.say(
                format!("{count} outside the vendor's networks"),
                format!("ベンダー網の外 {count} 件"),
            ),
        }
    }

    pub(super) fn findings(&self, critical: u64, high: u64) -> String {
        self.say(
            format!("findings: {critical} critical, {high} high"),
            format!("検出結果: critical {critical}、high {high}"),
        )
    }

    pub(super) fn event_count(&self, count: &str) -> String {
        let plural = if count == "1" { "" } else { "s" };
        self.say(format!("{count} event{plural}"), format!("イベント {count} 件"))
    }

    pub(super) fn sessions(&self, count: usize, keys: &str) -> String {
        self.say(
            format!("session{} {keys}", if count == 1 { "" } else { "s" }),
            format!("セッション {keys}"),
        )
    }

    pub(super) fn tokens(&self, count: usize, ids: &str) -> String {
        self.say(
            format!("token{} {ids}", if count == 1 { "" } else { "s" }),
            format!("トークン {ids}"),
        )
    }

    /// Weak matches say that they are, in a language whose label does not.
    pub(super) fn weak_match(&self, indicator: &str, columns: &str, events: &str) -> String {
        self.say(
            format!("{indicator} ({columns}): {events}"),
            format!("弱い: {indicator}（{columns}）、{events}"),
        )
    }

    pub(super) fn places(&self, addresses: &str, is_outside: bool) -> String {
        let outside = match (is_outside, self.lang) {
            (false, _) => "",
            (true, Lang::En) => " (outside)",
            (true, Lang::Ja) => "（網の外）",
        };
        self.say(
            format!("from {addresses}{outside}"),
            format!("送信元 {addresses}{outside}"),
        )
    }

    pub(super) fn more(&self, count: usize) -> String {
        self.say(format!("and {count} more"), format!("ほか {count} 件"))
    }

    /// Returns a line that ends in how many there are beyond it.
    pub(super) fn with_more(&self, line: &str, more: usize) -> String {
        match more {
            0 => line.to_owned(),
            more => self.say(format!("{line} (and {more} more)"), format!("{line}（ほか {more} 件）")),
        }
    }

    /// The same for actors.
    pub(super) fn with_more_actors(&self, line: &str, more: usize) -> String {
        match more {
            0 => line.to_owned(),
            1 => self.say(
                format!("{line} (and 1 more actor)"),
                format!("{line}（ほか実行者 1 件）"),
            ),
            more => self.say(
                format!("{line} (and {more} more actors)"),
                format!("{line}（ほか実行者 {more} 件）"),
            ),
        }
    }

    pub(super) fn taken_by(&self, way: TakenBy) -> &'static str {
        let (en, ja) = match way {
            TakenBy::BulkResultDownload => ("bulk result download", "一括結果のダウンロード"),
            TakenBy::ReportExport => ("report export", "レポートのエクスポート"),
            TakenBy::FileDownload => ("file download", "ファイルのダウンロード"),
            TakenBy::GitClone => ("repository download", "リポジトリの取得"),
            TakenBy::ObjectDownload => ("object download", "オブジェクトのダウンロード"),
            TakenBy::VariableRead => ("secret read", "秘密情報の参照"),
        };
        match self.lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    pub(super) fn rows(&self, rows: &str) -> String {
        let plural = if rows == "1" { "" } else { "s" };
        self.say(format!("{rows} row{plural}"), format!("{rows} 行"))
    }

    pub(super) fn times(&self, count: &str) -> String {
        self.say(format!("{count}x"), format!("{count} 回"))
    }
}

/// The sign before an org: a shape beside the word, so that nothing rests on colour.
pub(super) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Hit => "[!]",
        Verdict::Inconclusive => "[?]",
        Verdict::Clear => "[ ]",
    }
}

/// The word of a verdict; English in both languages.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Hit => "hit",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Clear => "clear",
    }
}

/// Returns an instant to the minute, with its zone.
pub(super) fn minute(at_us: Micros) -> String {
    let text = to_rfc3339(at_us);
    match text.get(..16) {
        Some(minute) => format!("{}Z", minute.replacen('T', " ", 1)),
        None => text,
    }
}

/// Returns a stretch, with the day once where it is one day.
pub(super) fn span(from_us: Option<Micros>, to_us: Option<Micros>) -> String {
    match (from_us.map(minute), to_us.map(minute)) {
        (Some(from), Some(to)) if from == to => from,
        (Some(from), Some(to)) if from.get(..10) == to.get(..10) => {
            format!("{from} .. {}", to.get(11..).unwrap_or_default())
        }
        (from, to) => format!("{} .. {}", from.unwrap_or_default(), to.unwrap_or_default()),
    }
}

/// Returns a size as people say it.
pub(super) fn bytes(bytes: u64) -> String {
    const STEPS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match STEPS.into_iter().find(|(_, step)| bytes >= *step) {
        Some((unit, step)) => format!("{}.{} {unit}", bytes / step, bytes % step * 10 / step),
        None => format!("{bytes} B"),
    }
}

fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_zone_and_days_are_said_once() {
        let minute_us = 60_000_000;
        let start = 1_763_430_000_000_000;
        assert_eq!(
            span(Some(start), Some(start + minute_us)),
            "2025-11-18 01:40Z .. 01:41Z"
        );
        assert_eq!(span(Some(start), Some(start + 1)), "2025-11-18 01:40Z");
        assert_eq!(
            span(Some(start), Some(start + 1440 * minute_us)),
            "2025-11-18 01:40Z .. 2025-11-19 01:40Z"
        );
        assert_eq!(span(Some(start), None), "2025-11-18 01:40Z .. ");
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(
            [0, 999, 1_000, 12_345_678, 7_000_000_000].map(bytes),
            ["0 B", "999 B", "1.0 kB", "12.3 MB", "7.0 GB"]
        );
    }
}
