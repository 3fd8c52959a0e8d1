//! How much each indicator touches: what tells an address of the actor from half of the internet.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

use ipnet::IpNet;
use sekisho_event::time::{MICROS_PER_DAY, Micros};
use serde::Serialize;

use crate::lists::{Indicator, Kind, Mode};
use crate::matching::{How, Matcher, Role};

/// Most users, days or orgs that are told apart for one indicator; beyond it a count is a lower bound.
pub(crate) const MAX_DISTINCT: usize = 10_000;
/// The same over all indicators of a hunt.
const MAX_DISTINCT_IN_ALL: usize = 2_000_000;
/// Most rows of the result; indicators that touched something come first.
pub(crate) const MAX_ROWS: usize = 10_000;

/// Why an indicator may mean less than its author wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreadthWarning {
    /// Every address there is.
    WholeInternet,
    /// A network larger than most organisations have.
    WideNetwork,
    /// Addresses that every organisation uses inside.
    PrivateRange,
    /// Matches ordinary browsers.
    BrowserFragment,
    /// A part so short that it matches by chance.
    ShortPart,
}

/// What one indicator touches in the searched data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breadth {
    /// The indicator.
    pub indicator: String,
    /// Its kind.
    pub kind: Kind,
    /// How it is compared.
    #[serde(rename = "match")]
    pub mode: &'static str,
    /// Names of the lists that have it.
    pub lists: Vec<String>,
    /// Events that match, weak ones apart.
    pub events: u64,
    /// Events that match only weakly.
    pub weak_events: u64,
    /// Users of the events that match.
    pub users: usize,
    /// Days (UTC) with events that match.
    pub days: usize,
    /// Orgs with events that match.
    pub orgs: usize,
    /// True where users, days or orgs are lower bounds.
    pub is_capped: bool,
    /// Cautions, whether it matched or not.
    pub warnings: Vec<BreadthWarning>,
}

/// Counts what indicators touch.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    by_target: HashMap<u32, Touch>,
    distinct: usize,
}

#[derive(Debug, Default)]
struct Touch {
    events: u64,
    weak_events: u64,
    users: HashSet<u64>,
    days: HashSet<i64>,
    orgs: HashSet<u64>,
    is_capped: bool,
}

impl Touched {
    /// Counts an event that an indicator matches.
    pub(crate) fn note(&mut self, target: u32, how: How, org: &str, actor: Option<&str>, at_us: Option<Micros>) {
        let touch = self.by_target.entry(target).or_default();
        if how == How::Weak {
            touch.weak_events += 1;
            return;
        }
        touch.events += 1;
        let mut distinct = self.distinct;
        let mut insert = |set_len: usize, is_new: bool| {
            let has_room = set_len < MAX_DISTINCT && distinct < MAX_DISTINCT_IN_ALL;
            touch.is_capped |= is_new && !has_room;
            distinct += usize::from(is_new && has_room);
            is_new && has_room
        };
        let org_hash = hash(&org);
        if insert(touch.orgs.len(), !touch.orgs.contains(&org_hash)) {
            touch.orgs.insert(org_hash);
        }
        if let Some(user) = actor.map(|actor| hash(&(org, actor)))
            && insert(touch.users.len(), !touch.users.contains(&user))
        {
            touch.users.insert(user);
        }
        if let Some(day) = at_us.map(|at_us| at_us.div_euclid(MICROS_PER_DAY))
            && insert(touch.days.len(), !touch.days.contains(&day))
        {
            touch.days.insert(day);
        }
        self.distinct = distinct;
    }

    /// Returns the rows of the result: indicators that touched something, then those with warnings, then the others.
    pub(crate) fn rows(&self, matcher: &Matcher) -> Vec<Breadth> {
        let warnings = warnings(matcher);
        let mut numbers: Vec<u32> = (0..).take(matcher.targets().len()).collect();
        let rank = |number: &u32| {
            (
                !self.by_target.contains_key(number),
                warnings[*number as usize].is_empty(),
                *number,
            )
        };
        numbers.sort_by_key(rank);
        numbers.truncate(MAX_ROWS);
        numbers.sort_unstable();
        numbers
            .into_iter()
            .map(|number| self.row(matcher, number, warnings[number as usize].clone()))
            .collect()
    }

    fn row(&self, matcher: &Matcher, number: u32, warnings: Vec<BreadthWarning>) -> Breadth {
        let target = &matcher.targets()[number as usize];
        let nothing = Touch::default();
        let touch = self.by_target.get(&number).unwrap_or(&nothing);
        Breadth {
            indicator: target.indicator.label(),
            kind: target.indicator.kind,
            mode: how_compared(&target.indicator),
            lists: target
                .lists
                .iter()
                .map(|&list| matcher.heads()[list].name.clone())
                .collect(),
            events: touch.events,
            weak_events: touch.weak_events,
            users: touch.users.len(),
            days: touch.days.len(),
            orgs: touch.orgs.len(),
            is_capped: touch.is_capped,
            warnings,
        }
    }
}

/// Returns the word that a hit of the indicator carries, so that rows of `breadth` and `hits` can be joined.
fn how_compared(indicator: &Indicator) -> &'static str {
    match indicator.kind {
        Kind::Cidr => How::Cidr.name(),
        Kind::UserAgentAllOf => How::AllOf.name(),
        _ => indicator.mode.name(),
    }
}

/// Returns the cautions of each indicator, by number.
pub(crate) fn warnings(matcher: &Matcher) -> Vec<Vec<BreadthWarning>> {
    let mut warnings: Vec<Vec<BreadthWarning>> = matcher
        .targets()
        .iter()
        .map(|target| of_itself(&target.indicator))
        .collect();
    let mut found = Vec::new();
    for browser in ORDINARY_BROWSERS {
        matcher.find(Role::UserAgent, browser, &mut found);
    }
    for one in found {
        let of_target = &mut warnings[one.target as usize];
        if !of_target.contains(&BreadthWarning::BrowserFragment) {
            of_target.push(BreadthWarning::BrowserFragment);
        }
    }
    warnings
}

/// User agents that most users of any organisation have: what matches one of them matches everybody.
const ORDINARY_BROWSERS: [&str; 6] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
];

/// Parts of fewer bytes than this match by chance.
const SHORT_PART_BYTES: usize = 4;
/// A prefix shorter than this is wider than what one organisation has.
const WIDE_PREFIX_FOUR: u8 = 16;
const WIDE_PREFIX_SIX: u8 = 32;

const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

fn of_itself(indicator: &Indicator) -> Vec<BreadthWarning> {
    let mut warnings = Vec::new();
    match indicator.kind {
        Kind::Ip | Kind::Cidr => {
            let networks = indicator.values.iter().filter_map(|value| {
                let single = || crate::lists::canonical_address(value).map(IpNet::from);
                IpNet::from_str(value).ok().or_else(single)
            });
            for network in networks {
                warnings.extend(of_network(network));
            }
        }
        _ if is_short_part(indicator) => warnings.push(BreadthWarning::ShortPart),
        _ => {}
    }
    warnings
}

fn is_short_part(indicator: &Indicator) -> bool {
    indicator.mode == Mode::Contains && indicator.values.iter().all(|value| value.len() < SHORT_PART_BYTES)
}

fn of_network(network: IpNet) -> Option<BreadthWarning> {
    let overlaps =
        |other: &str| IpNet::from_str(other).is_ok_and(|other| other.contains(&network) || network.contains(&other));
    let wide = match network {
        IpNet::V4(_) => WIDE_PREFIX_FOUR,
        IpNet::V6(_) => WIDE_PREFIX_SIX,
    };
    if network.prefix_len() == 0 {
        Some(BreadthWarning::WholeInternet)
    } else if PRIVATE.into_iter().any(overlaps) {
        Some(BreadthWarning::PrivateRange)
    } else {
        (network.prefix_len() < wide).then_some(BreadthWarning::WideNetwork)
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::lists;

    #[test]
    fn broad_indicators_warn_before_anything_is_searched() {
        let csv = "kind,value,match\ncidr,0.0.0.0/0,\ncidr,198.0.0.0/8,\nip,10.1.2.3,\ncidr,192.0.0.0/7,\nuser_agent,Safari/537.36,token\nuser_agent,Safari/537.36,exact\nuser_agent,Go,contains\nip,198.51.100.7,\n";
        let matcher = Matcher::new(&[lists::parse("l.csv", csv.as_bytes()).unwrap()]).unwrap();
        use BreadthWarning as Warning;
        let expected: [&[Warning]; 8] = [
            &[Warning::WholeInternet],
            &[Warning::WideNetwork],
            &[Warning::PrivateRange],
            &[Warning::PrivateRange],
            &[Warning::BrowserFragment],
            &[],
            &[Warning::ShortPart],
            &[],
        ];
        assert_eq!(warnings(&matcher), expected);
    }

    #[test]
    fn networks_and_composites_say_how_their_hits_match() {
        let yaml = "indicators:\n  - {kind: cidr, value: 192.0.2.0/24}\n  - {kind: ip, value: 192.0.2.7}\n  - {kind: user_agent_all_of, values: [a/1, b/1]}\n";
        let matcher = Matcher::new(&[lists::parse("l.yaml", yaml.as_bytes()).unwrap()]).unwrap();
        let rows = Touched::default().rows(&matcher);
        let modes: Vec<&str> = rows.iter().map(|row| row.mode).collect();
        assert_eq!(modes, ["cidr", "exact", "all_of"]);
    }

    #[test]
    fn users_are_counted_once_and_capped() {
        let matcher = Matcher::new(&[lists::parse("l.txt", b"192.0.2.1").unwrap()]).unwrap();
        let mut touched = Touched::default();
        for number in 0..MAX_DISTINCT + 5 {
            let user = format!("u{number}");
            touched.note(0, How::Exact, "o", Some(&user), Some(0));
            touched.note(0, How::Exact, "o", Some(&user), Some(0));
        }
        touched.note(0, How::Weak, "p", None, None);
        let row = &touched.rows(&matcher)[0];
        assert_eq!(
            (row.users, row.days, row.orgs, row.weak_events),
            (MAX_DISTINCT, 1, 1, 1)
        );
        assert!(row.is_capped);
        assert_eq!(row.events, 2 * (MAX_DISTINCT as u64 + 5));
    }
}
