//! What to do next: at most four steps, the most urgent first. Steps that break something say what.

use std::collections::BTreeSet;

use sekisho_event::catalogue::Catalogue;
use sekisho_event::time::{MICROS_PER_DAY, Micros};
use sekisho_hunt::{AllowResult, TableCoverage, Verdict};

use crate::platform::Platform;
use crate::sheet::{Because, FindingCounts, MAX_STEPS, NextStep, StepCode, TakenBy};
use crate::trail::{ActorTrail, ObjectTrail};
use crate::words::{day, grouped, listed, named, plural, text};

/// What there is to go by for one org.
pub(crate) struct Situation<'a> {
    pub(crate) verdict: Verdict,
    pub(crate) platform: Platform,
    pub(crate) because: &'a [Because],
    pub(crate) actors: &'a [ActorTrail],
    pub(crate) objects: &'a [ObjectTrail],
    pub(crate) weak_hits: u64,
    pub(crate) findings: FindingCounts,
    /// What rules found beside the trail.
    pub(crate) elsewhere: &'a Elsewhere,
    /// The log that would settle most and is not in the data.
    pub(crate) missing_log: Option<&'a str>,
    pub(crate) coverage: &'a [&'a TableCoverage],
    pub(crate) allow: &'a AllowResult,
    pub(crate) made_at_us: Micros,
}

/// Findings of rules that the trail does not contain: of other users, or of other sessions.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    /// Critical and high ones.
    pub(crate) grave: u64,
    pub(crate) medium: u64,
    /// Who did what is critical or high.
    pub(crate) actors: BTreeSet<String>,
}

/// Returns the steps.
pub(crate) fn steps(situation: &Situation<'_>) -> Vec<NextStep> {
    let order: Vec<Option<NextStep>> = match situation.verdict {
        // What is found is secured before anything is changed; then the way in is closed.
        Verdict::Hit => vec![
            keep_logs(situation),
            confirm_with_vendor(situation),
            shut_out(situation),
            // Whoever came another way is still inside when this way is closed.
            review_elsewhere(situation),
            rotate_secret(situation),
            get_missing_log(situation),
            review_weak(situation),
        ],
        Verdict::Inconclusive => vec![
            get_missing_log(situation),
            review_findings(situation),
            review_weak(situation),
            keep_logs(situation),
            Some(hunt_again(situation)),
        ],
        Verdict::Clear => vec![
            review_findings(situation),
            review_weak(situation),
            Some(hunt_again(situation)),
            keep_logs(situation),
        ],
    };
    order.into_iter().flatten().take(MAX_STEPS).collect()
}

fn step(code: StepCode, en: impl Into<String>, ja: impl Into<String>) -> Option<NextStep> {
    Some(NextStep {
        code,
        text: text(en, ja),
    })
}

/// Names the day on which the first of the logs that are here ages out at its platform.
fn keep_logs(situation: &Situation<'_>) -> Option<NextStep> {
    let soonest = situation.coverage.iter().filter_map(|table| ages_out(table)).min();
    // A hit is about to be acted on, and acting changes what is there.
    let (save_en, save_ja) = match situation.verdict {
        Verdict::Hit => ("Save the original logs first", "まず元のログを保全してください。"),
        _ => ("Save the original logs", "元のログを保全してください。"),
    };
    match soonest {
        Some((at_us, table)) if at_us > situation.made_at_us => step(
            StepCode::KeepLogs,
            format!("{save_en}; {table} ages out from {} on.", day(at_us)),
            format!("{save_ja}{table} は {} から消えます。", day(at_us)),
        ),
        Some((_, table)) => step(
            StepCode::KeepLogs,
            format!("{save_en}; the oldest of {table} is past its usual retention."),
            format!("{save_ja}{table} の古い分は通常の保存期間を過ぎています。"),
        ),
        None if situation.coverage.is_empty() => None,
        None => step(StepCode::KeepLogs, format!("{save_en}."), save_ja),
    }
}

fn ages_out<'a>(table: &&'a TableCoverage) -> Option<(Micros, &'a str)> {
    let from = table.from?;
    let retention = Catalogue::builtin().table(&table.table)?.retention.as_ref()?;
    let kept_us = Micros::from(retention.days).checked_mul(MICROS_PER_DAY)?;
    Some((from.0.checked_add(kept_us)?, table.table.as_str()))
}

/// Only the vendor knows whether a network is theirs; asked where nothing else says that it is not.
fn confirm_with_vendor(situation: &Situation<'_>) -> Option<NextStep> {
    if situation.because != [Because::OutsideAllowList] {
        return None;
    }
    let outside = || situation.actors.iter().filter(|actor| actor.is_outside);
    let addresses: Vec<&str> = outside()
        .flat_map(|actor| &actor.addresses)
        .map(String::as_str)
        .collect();
    let (en, ja) = listed(addresses);
    let app = outside()
        .find_map(|actor| actor.app.as_deref())
        .or_else(|| situation.allow.lists.first().map(|list| list.app.as_str()))
        .map(named)?;
    step(
        StepCode::ConfirmWithVendor,
        format!(
            "Ask the vendor of {app}, by a channel you know, whether {en} are theirs; until then treat them as not."
        ),
        format!(
            "{app} のベンダーに、既知の連絡先で {ja} がベンダーのものか確認してください。回答までは外部として扱います。"
        ),
    )
}

/// Closes the way in, in the words of the platform.
fn shut_out(situation: &Situation<'_>) -> Option<NextStep> {
    let with_app = situation.actors.iter().find_map(|actor| actor.app.as_deref());
    let user = situation
        .actors
        .iter()
        .find_map(|actor| actor.user.as_deref())
        .map(named);
    let token = situation
        .actors
        .iter()
        .find_map(|actor| actor.tokens.first())
        .map(|token| named(token));
    let user_en = user.as_deref().unwrap_or("the user");
    let user_ja = user.as_deref().unwrap_or("該当ユーザー");
    match (situation.platform, with_app, token) {
        (Platform::Salesforce, Some(app), _) => {
            let app = named(app);
            step(
                StepCode::RevokeToken,
                format!(
                    "Block the connected app {app} (Setup, Connected Apps OAuth Usage) and revoke its tokens; its integration stops. Password resets alone do not help."
                ),
                format!(
                    "接続アプリケーション {app} をブロックし（「設定」の「接続アプリケーションの OAuth の利用状況」）、トークンを取り消してください。連携は止まります。パスワードのリセットでは防げません。"
                ),
            )
        }
        (Platform::Salesforce, None, _) => step(
            StepCode::ResetSession,
            format!(
                "End the sessions of {user_en} (Setup, Session Management) and freeze the user; open work and scheduled jobs of the user stop."
            ),
            format!(
                "「設定」の「セッション管理」で {user_ja} のセッションを終了し、ユーザーを凍結してください。作業中の画面とスケジュール済みジョブは止まります。"
            ),
        ),
        (Platform::GitLab, _, Some(token)) => step(
            StepCode::RevokeToken,
            format!("Revoke token {token} of {user_en} and note when it leaked; jobs that still use it will fail."),
            format!(
                "{user_ja} のトークン {token} を失効させ、漏えいの時刻を記録してください。使用中のジョブは失敗します。"
            ),
        ),
        (Platform::GitLab, _, None) => step(
            StepCode::ResetSession,
            format!(
                "Block {user_en}, then revoke every token and key of the account: pipelines that run under it stop."
            ),
            format!(
                "{user_ja} をブロックし、アカウントのトークンと鍵をすべて失効させてください。このアカウントで動くパイプラインは止まります。"
            ),
        ),
        (Platform::Aws | Platform::Gcp, _, Some(token)) => step(
            StepCode::RevokeToken,
            format!("Set key {token} of {user_en} inactive (delete it later); workloads that still use it stop."),
            format!("{user_ja} の鍵 {token} を無効にしてください（削除は後で）。使用中のワークロードは止まります。"),
        ),
        _ => step(
            StepCode::ResetSession,
            format!("End the sessions and take away the tokens of {user_en}; what still uses them stops."),
            format!("{user_ja} のセッションを終了し、トークンを取り消してください。使用中の連携は止まります。"),
        ),
    }
}

/// What was read may hold secrets, and what was handed out is one.
fn rotate_secret(situation: &Situation<'_>) -> Option<NextStep> {
    let read: Vec<&ObjectTrail> = situation
        .objects
        .iter()
        .filter(|object| object.returned().is_some() || !object.taken_by().is_empty())
        .collect();
    if read.is_empty() {
        return None;
    }
    let variables: Vec<&&ObjectTrail> = read
        .iter()
        .filter(|object| object.taken_by().contains(&TakenBy::VariableRead))
        .collect();
    if !variables.is_empty() {
        let (en, ja) = listed(variables.iter().map(|object| object.name.as_str()));
        return step(
            StepCode::RotateSecret,
            format!(
                "Replace the secrets that were handed out ({en}) and look at the logs of what they open; what uses the old values fails."
            ),
            format!(
                "渡った秘密情報（{ja}）を更新し、それで入れるシステムのログも確認してください。古い値を使う処理は失敗します。"
            ),
        );
    }
    let (en, ja) = listed(read.iter().map(|object| object.name.as_str()));
    step(
        StepCode::RotateSecret,
        format!(
            "Replace passwords, keys and tokens that stand in what was read ({en}); what uses the old values fails."
        ),
        format!(
            "読まれた内容（{ja}）に含まれるパスワード、鍵、トークンを更新してください。古い値を使う処理は失敗します。"
        ),
    )
}

fn get_missing_log(situation: &Situation<'_>) -> Option<NextStep> {
    let log = situation.missing_log?;
    let again_en = if situation.verdict == Verdict::Hit {
        ""
    } else {
        ", then hunt again"
    };
    let again_ja = if situation.verdict == Verdict::Hit {
        ""
    } else {
        "、もう一度ハントして"
    };
    step(
        StepCode::GetMissingLog,
        format!("Get {}{again_en}: it settles what could not be seen.", named(log)),
        format!(
            "{} を入手し{}ください。見えなかった点が確定します。",
            named(log),
            if again_ja.is_empty() { "て" } else { again_ja }
        ),
    )
}

fn review_weak(situation: &Situation<'_>) -> Option<NextStep> {
    let weak = situation.weak_hits;
    if weak == 0 {
        return None;
    }
    step(
        StepCode::ReviewWeak,
        match weak {
            1 => "Look at the weak match; anyone can write there, so it decides nothing by itself.".to_owned(),
            _ => format!(
                "Look at the {} weak matches; anyone can write there, so they decide nothing by themselves.",
                grouped(weak)
            ),
        },
        format!(
            "弱い手がかり {} 件を確認してください。誰でも書ける場所にあり、それだけでは判定を変えません。",
            grouped(weak)
        ),
    )
}

fn review_findings(situation: &Situation<'_>) -> Option<NextStep> {
    let grave = situation.findings.critical + situation.findings.high;
    if grave == 0 {
        return None;
    }
    step(
        StepCode::ReviewFindings,
        format!(
            "Look at the {}critical or high finding{}: rules see what no indicator names.",
            if grave == 1 {
                String::new()
            } else {
                format!("{} ", grouped(grave))
            },
            plural(grave)
        ),
        format!(
            "critical と high の検出結果 {} 件を確認してください。指標にない動きはルールが捉えます。",
            grouped(grave)
        ),
    )
}

/// The sheet of a hit tells of what was looked for; rules may have found more, and what was taken there it does not count.
fn review_elsewhere(situation: &Situation<'_>) -> Option<NextStep> {
    let Elsewhere { grave, medium, actors } = situation.elsewhere;
    if *grave == 0 {
        return None;
    }
    let (en, ja) = listed(actors.iter().map(String::as_str));
    let of_en = if actors.is_empty() {
        String::new()
    } else {
        format!(" ({en})")
    };
    let of_ja = if actors.is_empty() {
        String::new()
    } else {
        format!("（{ja}）")
    };
    let (also_en, also_ja) = match medium {
        0 => (String::new(), String::new()),
        _ => (
            format!(" and {} medium one{}", grouped(*medium), plural(*medium)),
            format!("、medium {} 件", grouped(*medium)),
        ),
    };
    let grave_count = grouped(*grave);
    let counted_en = match grave {
        1 => "critical or high finding".to_owned(),
        _ => format!("{grave_count} critical or high findings"),
    };
    step(
        StepCode::ReviewFindings,
        format!(
            "Look at the {counted_en}{of_en}{also_en} of other users or sessions: rules found more than this trail, and what was taken there is not counted here."
        ),
        format!(
            "別のユーザーやセッションでもルールが検出しています（critical と high {grave_count} 件{of_ja}{also_ja}）。内容を確認してください。そこでの持ち出しは、このシートの件数に含まれていません。"
        ),
    )
}

fn hunt_again(situation: &Situation<'_>) -> NextStep {
    let (en, ja) = match situation.verdict {
        Verdict::Clear => (
            "Hunt again when a list has a new version: clear holds for these lists and this range only.",
            "指標リストが更新されたら、もう一度ハントしてください。clear は、このリストとこの期間だけの判定です。",
        ),
        _ => (
            "Hunt again when the logs are complete or a list has a new version.",
            "ログがそろうか指標リストが更新されたら、もう一度ハントしてください。",
        ),
    };
    NextStep {
        code: StepCode::HuntAgain,
        text: text(en, ja),
    }
}
