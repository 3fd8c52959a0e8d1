//! Which labelled acts of the demo incident have been found, and which have not.

use std::collections::{BTreeSet, HashMap, HashSet};

use arrow::array::RecordBatch;
use sekisho_demo::{Act, Expect, GroundTruth};
use sekisho_event::cells;
use sekisho_event::text::Text;
use serde::Serialize;

use super::groups::ActRef;

/// How the labelled acts of the demo fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ActsFound {
    /// Acts in the ground truth.
    pub total: usize,
    /// Acts of which at least one event was found.
    pub found: usize,
    /// The others, by name.
    pub not_found: Vec<ActNotFound>,
}

/// A labelled act that nothing saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ActNotFound {
    /// Its id in the ground truth.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Why nothing saw it.
    pub why: Text,
}

/// The acts of a ground truth, with the events that were found.
#[derive(Debug)]
pub(super) struct Acts<'a> {
    truth: &'a GroundTruth,
    /// File → stretches of lines, sorted, with the act that they belong to.
    stretches: HashMap<&'a str, Vec<([u64; 2], usize)>>,
    found: HashSet<String>,
    of_event: HashMap<String, usize>,
}

impl<'a> Acts<'a> {
    pub(super) fn new(truth: &'a GroundTruth) -> Self {
        let mut stretches: HashMap<&str, Vec<([u64; 2], usize)>> = HashMap::new();
        for (index, act) in truth.acts.iter().enumerate() {
            for lines in &act.events {
                let of_file = stretches.entry(lines.file.as_str()).or_default();
                of_file.extend(lines.lines.iter().map(|stretch| (*stretch, index)));
            }
        }
        stretches.values_mut().for_each(|of_file| of_file.sort_unstable());
        Self {
            truth,
            stretches,
            found: HashSet::new(),
            of_event: HashMap::new(),
        }
    }

    /// Notes an event that something saw.
    pub(super) fn note(&mut self, event_uid: &str) {
        self.found.insert(event_uid.to_owned());
    }

    /// Looks up the acts of those events of a common batch that were found.
    pub(super) fn place(&mut self, events: &RecordBatch) {
        let columns = ["event_uid", "file", "line"].map(|name| events.column_by_name(name));
        let [Some(uids), Some(files), Some(lines)] = columns else {
            return;
        };
        for row in 0..events.num_rows() {
            let Some(uid) = cells::text(uids, row).filter(|uid| self.found.contains(uid.as_ref())) else {
                continue;
            };
            let file = cells::text(files, row).unwrap_or_default();
            let line = cells::text(lines, row).and_then(|line| line.parse().ok());
            if let Some(act) = line.and_then(|line| self.act_at(&file, line)) {
                self.of_event.insert(uid.into_owned(), act);
            }
        }
    }

    fn act_at(&self, file: &str, line: u64) -> Option<usize> {
        let of_file = self.stretches.get(file)?;
        let after = of_file.partition_point(|([from, _], _)| *from <= line);
        let ([_, to], act) = of_file.get(after.checked_sub(1)?)?;
        (line <= *to).then_some(*act)
    }

    pub(super) fn act_of(&self, event_uid: &str) -> Option<ActRef> {
        let act = self.truth.acts.get(*self.of_event.get(event_uid)?)?;
        Some(ActRef {
            id: act.id.clone(),
            name: act.name.clone(),
        })
    }

    pub(super) fn finish(&self) -> ActsFound {
        let found: BTreeSet<usize> = self.of_event.values().copied().collect();
        let acts = self.truth.acts.iter().enumerate();
        let not_found = acts
            .filter(|(index, _)| !found.contains(index))
            .map(|(_, act)| ActNotFound {
                id: act.id.clone(),
                name: act.name.clone(),
                why: why(act),
            })
            .collect();
        ActsFound {
            total: self.truth.acts.len(),
            found: found.len(),
            not_found,
        }
    }
}

fn why(act: &Act) -> Text {
    let (en, ja) = match act.expect {
        Expect::Invisible => (
            "the log that held it is missing; the org is inconclusive because of it",
            "記録していたログが欠落しています。そのためこの組織は inconclusive です",
        ),
        Expect::Beyond => (
            "needs a baseline, a correlation or a scan that does not exist yet",
            "ベースライン、相関、スキャンのいずれかが必要です(未実装)",
        ),
        Expect::List | Expect::AllowList | Expect::Rule => (
            "no shipped rule or list sees it yet",
            "検出できるルールやリストがまだありません",
        ),
    };
    Text {
        en: en.to_owned(),
        ja: Some(ja.to_owned()),
    }
}
