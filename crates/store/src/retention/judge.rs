//! Which rows go: pure rules over table, org and time.

use std::collections::BTreeMap;

use super::{Hold, NewHold, RetentionKind, RetentionSetting};
use crate::name::MAIN_SCHEMA;

/// The microseconds of a day.
const DAY_US: i64 = 86_400 * 1_000_000;

/// The schema of the store's own tables. A pattern has to name it to match them.
const OWN_HEAD: &str = "sekisho.";

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    /// It would go, but for a hold.
    Held,
    Goes,
}

/// The rules at one time.
#[derive(Debug)]
pub(super) struct Judge {
    settings: Vec<RetentionSetting>,
    holds: Vec<NewHold>,
    now_us: i64,
    /// Whether rows without a time go too.
    takes_undated: bool,
    cutoffs: BTreeMap<String, Option<i64>>,
}

impl Judge {
    pub(super) fn new(settings: Vec<RetentionSetting>, holds: Vec<Hold>, now_us: i64, takes_undated: bool) -> Self {
        let in_force = holds.into_iter().filter(|hold| hold.released.is_none());
        Self {
            settings,
            holds: in_force.map(|hold| hold.hold).collect(),
            now_us,
            takes_undated,
            cutoffs: BTreeMap::new(),
        }
    }

    /// Returns whether anything may go at all.
    pub(super) fn is_idle(&self) -> bool {
        !self.settings.iter().any(|setting| {
            setting.is_in_force && setting.setting.kind == RetentionKind::Keep && setting.setting.days.is_some()
        })
    }

    /// Returns the time before which rows of `table` go; `None` where they stay for ever.
    pub(super) fn cutoff(&mut self, table: &str) -> Option<i64> {
        if let Some(known) = self.cutoffs.get(table) {
            return *known;
        }
        let days = in_force(&self.settings, table, RetentionKind::Keep).and_then(|setting| setting.setting.days);
        let cutoff = days.map(|days| self.now_us.saturating_sub(i64::from(days) * DAY_US));
        self.cutoffs.insert(table.to_owned(), cutoff);
        cutoff
    }

    /// Returns which setting makes rows of `table` go.
    pub(super) fn cause(&self, table: &str) -> String {
        in_force(&self.settings, table, RetentionKind::Keep).map_or_else(String::new, |setting| {
            let NewRule { pattern, days, reason } = rule(setting);
            format!("retention {pattern} {days}: {reason}")
        })
    }

    /// Returns the latest time before which rows of any table go.
    pub(super) fn latest_cutoff(&self) -> Option<i64> {
        let days = self
            .settings
            .iter()
            .filter(|setting| setting.is_in_force && setting.setting.kind == RetentionKind::Keep)
            .filter_map(|setting| setting.setting.days)
            .min()?;
        Some(self.now_us.saturating_sub(i64::from(days) * DAY_US))
    }

    pub(super) fn takes_undated(&self) -> bool {
        self.takes_undated
    }

    /// Returns what becomes of a row.
    pub(super) fn fate(&mut self, table: &str, org: Option<&str>, time_us: Option<i64>) -> Fate {
        let Some(cutoff) = self.cutoff(table) else {
            return Fate::Stays;
        };
        let is_due = match time_us {
            Some(time) => time < cutoff,
            None => self.takes_undated,
        };
        if !is_due {
            return Fate::Stays;
        }
        let is_held = self.holds.iter().any(|hold| {
            holds_table(hold, table)
                // A row that names no org may be of any.
                && (hold.orgs.is_empty() || org.is_none_or(|org| hold.orgs.iter().any(|held| held == org)))
                // A row without a time may be of any time.
                && time_us.is_none_or(|time| holds_time(hold, time, time))
        });
        if is_held { Fate::Held } else { Fate::Goes }
    }

    /// Returns whether a hold can touch rows of `table` between two times.
    pub(super) fn may_hold(&self, table: &str, range: Option<(i64, i64)>) -> bool {
        self.holds
            .iter()
            .any(|hold| holds_table(hold, table) && range.is_none_or(|(first, last)| holds_time(hold, first, last)))
    }
}

/// Returns whether `pattern` names `table`: by its name, or by the head of it and a `*`.
fn matches(pattern: &str, table: &str) -> bool {
    match pattern.strip_suffix('*') {
        None => pattern.eq_ignore_ascii_case(table),
        Some(head) => {
            let is_own = starts_with(table, OWN_HEAD);
            starts_with(table, head) && (!is_own || starts_with(head, OWN_HEAD))
        }
    }
}

/// Returns the setting in force for `table`: its own, else that of the longest pattern.
pub fn in_force<'s>(
    settings: &'s [RetentionSetting],
    table: &str,
    kind: RetentionKind,
) -> Option<&'s RetentionSetting> {
    settings
        .iter()
        .filter(|setting| setting.is_in_force && setting.setting.kind == kind)
        .filter(|setting| matches(&setting.setting.pattern, table))
        .max_by_key(|setting| {
            let pattern = &setting.setting.pattern;
            (!pattern.ends_with('*'), pattern.len())
        })
}

struct NewRule<'s> {
    pattern: &'s str,
    days: String,
    reason: &'s str,
}

fn rule(setting: &RetentionSetting) -> NewRule<'_> {
    NewRule {
        pattern: &setting.setting.pattern,
        days: setting
            .setting
            .days
            .map_or_else(|| "forever".to_owned(), |days| format!("{days}d")),
        reason: &setting.setting.reason,
    }
}

fn holds_table(hold: &NewHold, table: &str) -> bool {
    hold.tables.is_empty() || hold.tables.iter().any(|pattern| matches(pattern, table))
}

/// Returns whether the hold covers a time between the two.
fn holds_time(hold: &NewHold, first: i64, last: i64) -> bool {
    hold.from_us.is_none_or(|from| from <= last) && hold.to_us.is_none_or(|to| first < to)
}

fn starts_with(text: &str, head: &str) -> bool {
    text.get(..head.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(head))
}

/// Returns a table's name as `events` spells it.
pub(super) fn in_events(schema: &str, table: &str) -> String {
    if schema == MAIN_SCHEMA {
        table.to_owned()
    } else {
        format!("{schema}.{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::NewSetting;
    use super::*;

    fn keep(pattern: &str, days: Option<u32>) -> RetentionSetting {
        RetentionSetting {
            setting: NewSetting {
                pattern: pattern.to_owned(),
                kind: RetentionKind::Keep,
                days,
                reason: "rule".to_owned(),
                by: "me".to_owned(),
            },
            set_us: 0,
            is_in_force: true,
        }
    }

    fn hold(tables: &[&str], orgs: &[&str], from: Option<i64>, to: Option<i64>) -> Hold {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Hold {
            hold: NewHold {
                tables: texts(tables),
                orgs: texts(orgs),
                from_us: from,
                to_us: to,
                ..NewHold::default()
            },
            placed_us: 0,
            released: None,
        }
    }

    fn judge(settings: Vec<RetentionSetting>, holds: Vec<Hold>) -> Judge {
        Judge::new(settings, holds, 100 * DAY_US, false)
    }

    #[test]
    fn patterns_are_names_or_heads_and_own_tables_are_named_alone() {
        for (pattern, table, expected) in [
            ("a.b", "a.b", true),
            ("A.B", "a.b", true),
            ("a.b", "a.bc", false),
            ("a.*", "a.bc", true),
            ("a*", "a", true),
            ("*", "a.b", true),
            ("*", "sekisho.quarantine", false),
            ("s*", "sekisho.quarantine", false),
            ("sekisho.*", "sekisho.quarantine", true),
            ("sekisho.quarantine", "sekisho.quarantine", true),
        ] {
            assert_eq!(matches(pattern, table), expected, "{pattern} {table}");
        }
    }

    #[test]
    fn the_nearest_setting_counts() {
        let mut rules = judge(
            vec![keep("*", Some(10)), keep("a.*", Some(20)), keep("a.keep", None)],
            vec![],
        );
        assert_eq!(rules.cutoff("z.z"), Some(90 * DAY_US));
        assert_eq!(rules.cutoff("a.b"), Some(80 * DAY_US));
        assert_eq!(rules.cutoff("a.keep"), None);
        assert_eq!(rules.latest_cutoff(), Some(90 * DAY_US));
        assert_eq!(rules.cause("a.b"), "retention a.* 20d: rule");
        assert!(judge(vec![keep("*", None)], vec![]).is_idle());
    }

    #[test]
    fn rows_go_by_time_and_holds_keep_them() {
        let settings = vec![keep("a.*", Some(10))];
        let holds = vec![
            hold(&["a.held"], &[], None, None),
            hold(&[], &["o1"], Some(50 * DAY_US), Some(60 * DAY_US)),
        ];
        let mut rules = judge(settings.clone(), holds);
        let at = |day: i64| Some(day * DAY_US);
        for (table, org, time, fate) in [
            ("a.b", "o2", at(89), Fate::Goes),
            ("a.b", "o2", at(90), Fate::Stays),
            ("z.z", "o2", at(0), Fate::Stays),
            ("a.held", "o2", at(0), Fate::Held),
            ("a.b", "o1", at(49), Fate::Goes),
            ("a.b", "o1", at(50), Fate::Held),
            ("a.b", "o1", at(60), Fate::Goes),
            ("a.b", "o2", at(50), Fate::Goes),
        ] {
            assert_eq!(rules.fate(table, Some(org), time), fate, "{table} {org} {time:?}");
        }
        assert_eq!(rules.fate("a.b", None, at(55)), Fate::Held);
        assert_eq!(rules.fate("a.b", Some("o2"), None), Fate::Stays);
        assert!(rules.may_hold("a.b", Some((0, 50 * DAY_US))));
        assert!(!rules.may_hold("a.b", Some((60 * DAY_US, 70 * DAY_US))));
        let mut undated = Judge::new(settings, vec![], 100 * DAY_US, true);
        assert_eq!(undated.fate("a.b", Some("o2"), None), Fate::Goes);
        assert_eq!(undated.fate("z.z", Some("o2"), None), Fate::Stays);
    }

    #[test]
    fn released_holds_hold_nothing() {
        let mut released = hold(&[], &[], None, None);
        released.released = Some(super::super::Release {
            at_us: 1,
            by: "me".to_owned(),
            reason: "over".to_owned(),
        });
        let mut rules = judge(vec![keep("*", Some(1))], vec![released]);
        assert_eq!(rules.fate("a.b", None, Some(0)), Fate::Goes);
    }
}
