//! What a table cannot show although it was searched.

use sekisho_event::text::Text;
use serde::Serialize;

use super::series::{Rows, Series};
use crate::knowledge::{STREAMED_ONLY, TableFacts, columns_of};
use crate::lists::Kind;

/// Why something cannot be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlindReason {
    /// The table has no such column.
    FieldAbsent,
    /// The table has the column, but no row of the data fills it: it was not exported, or never is.
    ColumnEmpty,
    /// The column is blank in these rows by the platform's design.
    BlankByDesign,
    /// These rows hold the platform's code instead of the user agent.
    CodedUserAgent,
    /// The column holds a browser's name instead of the user agent.
    BrowserNameOnly,
    /// These rows hold a word instead of an address: the platform called itself, or the address was masked. Decides
    /// where no row of the range holds an address.
    NotAnAddress,
    /// No value of the column is a host.
    NotAHost,
    /// Event types that are only streamed are missing, because no stream was loaded.
    StreamedOnlyTypes,
    /// The platform does not write such events to the table at all.
    NotRecorded,
}

/// Something that a table cannot show.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Blindness {
    /// Why.
    pub reason: BlindReason,
    /// The kinds of indicators that cannot be seen there; empty where it is about events, not fields.
    pub kinds: Vec<Kind>,
    /// The common columns that would show them.
    pub columns: Vec<&'static str>,
    /// How many rows of the range it is about; all of them where `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// What is not recorded, as a stable word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// When it applies, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Text>,
    /// True where it keeps the verdict from being `clear`.
    pub decides: bool,
}

/// What a table says about the indicators of a hunt.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sight {
    /// Kinds that the table could have shown.
    pub(crate) shows: Vec<Kind>,
    pub(crate) blind: Vec<Blindness>,
}

/// Returns what a table of one org could and could not show of these kinds.
pub(crate) fn blindness(series: &Series, facts: &TableFacts, kinds: &[Kind], has_stream: bool) -> Sight {
    let mut sight = Sight::default();
    if series.events == 0 {
        // Nothing was there to be blind in; a table that could show a kind still counts when all of it is missing.
        let could = |kind: &&Kind| columns_of(**kind).iter().any(|column| facts.has(column) == Some(true));
        sight.shows = kinds.iter().filter(could).copied().collect();
        return sight;
    }
    for &kind in kinds {
        let view = view(series, facts, kind);
        if view.is_shown {
            sight.shows.push(kind);
        }
        for blind in view.blind {
            merge(&mut sight.blind, blind);
        }
    }
    add_unrecorded(series, facts, has_stream, &mut sight);
    sight
}

struct View {
    is_shown: bool,
    blind: Vec<Blindness>,
}

fn view(series: &Series, facts: &TableFacts, kind: Kind) -> View {
    let columns = columns_of(kind);
    let rows = series.rows.get(columns[0]).copied().unwrap_or_default();
    let note = |reason, rows, decides| Blindness {
        reason,
        kinds: vec![kind],
        columns: columns.to_vec(),
        rows,
        what: None,
        when: None,
        decides,
    };
    let known: Vec<Option<bool>> = columns.iter().map(|column| facts.has(column)).collect();
    let is_known_absent = known.iter().all(|has| *has == Some(false));
    let is_unknown = known.contains(&None);
    let has_values = rows.filled + rows.other > 0;
    if !has_values && (is_known_absent || is_unknown) {
        return hidden(note(BlindReason::FieldAbsent, None, false));
    }
    if !has_values {
        // The table could have shown it, so its emptiness is a blindness of a capable table.
        let mut empty = note(BlindReason::ColumnEmpty, None, true);
        empty.when = facts.blank_when(columns).cloned();
        return View {
            is_shown: true,
            blind: vec![empty],
        };
    }
    if kind == Kind::Domain && rows.filled == 0 {
        return hidden(note(BlindReason::NotAHost, None, false));
    }
    let is_agent = matches!(kind, Kind::UserAgent | Kind::UserAgentAllOf);
    if is_agent && facts.has_only_browser_names(columns[0]) {
        return hidden(note(BlindReason::BrowserNameOnly, None, false));
    }
    View {
        is_shown: true,
        blind: partial(facts, kind, rows, note),
    }
}

fn hidden(blind: Blindness) -> View {
    View {
        is_shown: false,
        blind: vec![blind],
    }
}

/// Rows of a capable table that cannot show a kind.
fn partial(
    facts: &TableFacts,
    kind: Kind,
    rows: Rows,
    note: impl Fn(BlindReason, Option<u64>, bool) -> Blindness,
) -> Vec<Blindness> {
    let mut blind = Vec::new();
    if let Some(when) = facts.blank_when(columns_of(kind)).filter(|_| rows.blank > 0) {
        let mut blank = note(BlindReason::BlankByDesign, Some(rows.blank), true);
        blank.when = Some(when.clone());
        blind.push(blank);
    }
    if rows.other > 0 {
        match kind {
            Kind::UserAgent | Kind::UserAgentAllOf => {
                blind.push(note(BlindReason::CodedUserAgent, Some(rows.other), true));
            }
            // The platform's own calls have no sender to be hunted; but a column without a single address, whatever
            // words or masks fill it, shows no more than an empty one.
            Kind::Ip | Kind::Cidr => {
                blind.push(note(BlindReason::NotAnAddress, Some(rows.other), rows.filled == 0));
            }
            Kind::Domain | Kind::App | Kind::User => {}
        }
    }
    blind
}

fn add_unrecorded(series: &Series, facts: &TableFacts, has_stream: bool, sight: &mut Sight) {
    for (what, when) in &facts.absent {
        let is_stream = what == STREAMED_ONLY;
        if is_stream && (has_stream || series.has_streamed_types) {
            continue;
        }
        sight.blind.push(Blindness {
            reason: if is_stream {
                BlindReason::StreamedOnlyTypes
            } else {
                BlindReason::NotRecorded
            },
            kinds: if is_stream { sight.shows.clone() } else { Vec::new() },
            columns: Vec::new(),
            rows: None,
            what: Some(what.clone()),
            when: Some(when.clone()),
            // Streamed types carry the fields that the table shows; other unrecorded events belong to other tables.
            decides: is_stream && !sight.shows.is_empty(),
        });
    }
}

/// Kinds with the same blindness share one entry.
fn merge(known: &mut Vec<Blindness>, blind: Blindness) {
    let same = |other: &&mut Blindness| {
        (other.reason, &other.columns, other.rows, other.decides)
            == (blind.reason, &blind.columns, blind.rows, blind.decides)
    };
    match known.iter_mut().find(same) {
        Some(other) => other.kinds.extend(blind.kinds),
        None => known.push(blind),
    }
}
