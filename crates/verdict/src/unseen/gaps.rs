//! Losses with evidence, put together where they are one loss.

use std::collections::BTreeMap;

use sekisho_event::time::Micros;
use sekisho_hunt::{At, Gap, GapReason, TableCoverage};

use super::{Note, Rank, Ranked, Sight, settle};
use crate::sheet::UnseenKind;
use crate::words::{grouped, listed, text};

/// A loss of one or several tables.
#[derive(Debug)]
struct Loss {
    reason: GapReason,
    from_us: Micros,
    to_us: Micros,
    expected: Option<f64>,
    tables: Vec<String>,
}

/// Returns the losses of an org: neighbours as one, and tables that lost the same hours together.
pub(super) fn gaps(sight: &Sight<'_>) -> Vec<Ranked> {
    let mut together: BTreeMap<(GapReason, Micros, Micros), Loss> = BTreeMap::new();
    for loss in sight.coverage.iter().flat_map(|table| merged(table)) {
        match together.get_mut(&(loss.reason, loss.from_us, loss.to_us)) {
            None => _ = together.insert((loss.reason, loss.from_us, loss.to_us), loss),
            Some(known) => {
                known.expected = sum(known.expected, loss.expected);
                known.tables.extend(loss.tables);
            }
        }
    }
    together.values().map(|loss| ranked(sight, loss)).collect()
}

/// A lost afternoon is not four lost hours; but where an hour with events lies between, it is two losses.
fn merged(table: &TableCoverage) -> Vec<Loss> {
    let mut losses: Vec<Loss> = Vec::new();
    for gap in &table.gaps {
        match losses.last_mut() {
            Some(last) if last.reason == gap.reason && gap.from.0 <= last.to_us => {
                last.to_us = last.to_us.max(gap.to.0);
                last.expected = sum(last.expected, gap.expected_events);
            }
            _ => losses.push(loss(table, gap)),
        }
    }
    losses
}

fn loss(table: &TableCoverage, gap: &Gap) -> Loss {
    Loss {
        reason: gap.reason,
        from_us: gap.from.0,
        to_us: gap.to.0,
        expected: gap.expected_events,
        tables: vec![table.table.clone()],
    }
}

fn ranked(sight: &Sight<'_>, loss: &Loss) -> Ranked {
    let expected = loss
        .expected
        .filter(|events| events.is_finite() && *events > 0.0)
        .map(|events| events.round() as u64);
    let rank = match loss.reason {
        GapReason::MissingFile | GapReason::Silence | GapReason::KnownLoss => Rank::Lost,
        GapReason::NoData => Rank::OutsideData,
    };
    let tables = listed(loss.tables.iter().map(String::as_str));
    let usual = expected.filter(|events| *events > 0).map(grouped);
    let first = loss.tables.first().cloned();
    let what = match (loss.reason, usual) {
        (GapReason::MissingFile, Some(usual)) => text(
            format!(
                "A file of {} is missing between its neighbours; about {usual} events are usual there.",
                tables.0
            ),
            format!(
                "{} のファイルが、前後はあるのに抜けています。通常は約 {usual} 件あります。",
                tables.1
            ),
        ),
        (GapReason::MissingFile, None) => text(
            format!("A file of {} is missing between its neighbours.", tables.0),
            format!("{} のファイルが、前後はあるのに抜けています。", tables.1),
        ),
        (GapReason::Silence, Some(usual)) => text(
            format!("{} has no events where about {usual} are usual.", tables.0),
            format!("通常は約 {usual} 件ある時間帯に、{} のイベントがありません。", tables.1),
        ),
        (GapReason::Silence, None) => text(
            format!("{} has no events where some are usual.", tables.0),
            format!("通常はイベントがある時間帯に、{} のイベントがありません。", tables.1),
        ),
        (GapReason::NoData, _) => text(
            format!("The data of {} does not reach this part of the range.", tables.0),
            format!("{} のデータは、対象期間のこの部分を含んでいません。", tables.1),
        ),
        (GapReason::KnownLoss, _) => text(
            "Some rows or files could not be read; what they held is unknown.",
            "読み取れない行またはファイルがあります。何が書かれていたかは不明です。",
        ),
    };
    let source = match loss.reason {
        GapReason::KnownLoss => Some(settle::unread()),
        _ => first
            .as_deref()
            .and_then(|table| settle::gap(table, loss.from_us, loss.to_us)),
    };
    let note = Note::new(UnseenKind::Gap, rank, expected.unwrap_or(0)).settled_by(source);
    let mut ranked = note.says(sight, what);
    ranked.unseen.table = first.filter(|_| loss.reason != GapReason::KnownLoss);
    ranked.unseen.from = Some(At(loss.from_us));
    ranked.unseen.to = Some(At(loss.to_us));
    ranked.unseen.expected_events = expected;
    ranked
}

fn sum(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (known, None) | (None, known) => known,
    }
}
