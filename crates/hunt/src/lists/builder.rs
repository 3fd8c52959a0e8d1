//! The one way into a list: every reader hands its entries here, where they are checked and brought to one spelling.

use std::collections::HashSet;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use super::refang::{host_of, refang};
use super::text::clip;
use super::{
    Indicator, IndicatorList, Kind, ListProblem, MAX_FRAGMENTS, MAX_INDICATORS, MAX_NOTE_BYTES, MAX_PROBLEMS_SHOWN,
    MAX_VALUE_BYTES, Mode,
};
use crate::error::HuntError;

/// Where an entry stands in its file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) line: Option<u64>,
    pub(super) entry: Option<usize>,
}

/// Collects a list and its problems.
pub(super) struct Builder {
    file: String,
    list: IndicatorList,
    seen: HashSet<(Kind, Mode, Vec<String>)>,
    problems: Vec<ListProblem>,
    problem_total: usize,
    has_too_many: bool,
}

impl Builder {
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            list: IndicatorList::default(),
            seen: HashSet::new(),
            problems: Vec::new(),
            problem_total: 0,
            has_too_many: false,
        }
    }

    /// Returns the list under construction, for its head and its remarks.
    pub(super) fn list(&mut self) -> &mut IndicatorList {
        &mut self.list
    }

    pub(super) fn refuse(&mut self, line: Option<u64>, entry: Option<usize>, what: String) {
        self.problem_total += 1;
        if self.problems.len() < MAX_PROBLEMS_SHOWN {
            self.problems.push(ListProblem { line, entry, what });
        }
    }

    pub(super) fn refuse_at(&mut self, place: Place, what: String) {
        self.refuse(place.line, place.entry, what);
    }

    pub(super) fn refuse_json(&mut self, error: &serde_json::Error) {
        self.refuse(Some(error.line() as u64), None, format!("not valid JSON: {error}"));
    }

    /// Adds an entry whose kind and mode are words of a file.
    pub(super) fn add_named(&mut self, place: Place, entry: NamedEntry<'_>) {
        let Some(kind) = Kind::from_name(entry.kind) else {
            let known = Kind::ALL.map(Kind::name).join(", ");
            return self.refuse_at(place, format!("unknown kind `{}`; kinds: {known}", shown(entry.kind)));
        };
        let mode = match entry.mode {
            None => kind.default_mode(),
            Some(word) => match Mode::from_name(word) {
                Some(mode) => mode,
                None => {
                    let what = format!("unknown match `{}`; use exact, token or contains", shown(word));
                    return self.refuse_at(place, what);
                }
            },
        };
        if !kind.allows(mode) {
            let what = format!("kind `{kind}` cannot match as `{}`", mode.name());
            return self.refuse_at(place, what);
        }
        if kind == Kind::UserAgentAllOf {
            return self.add(place, kind, mode, entry.values, entry.note);
        }
        for value in entry.values {
            self.add(place, kind, mode, std::slice::from_ref(value), entry.note);
        }
    }

    /// Adds one indicator: one value, or the fragments of a composite one.
    pub(super) fn add<V: AsRef<str>>(
        &mut self,
        place: Place,
        kind: Kind,
        mode: Mode,
        values: &[V],
        note: Option<&str>,
    ) {
        let canonical = match canonical(kind, mode, values) {
            Ok(canonical) => canonical,
            Err(what) => return self.refuse_at(place, what),
        };
        if self.list.indicators.len() >= MAX_INDICATORS {
            self.has_too_many = true;
            return;
        }
        if !self.seen.insert((kind, mode, canonical.clone())) {
            self.list.warnings.push(&canonical.join(" + "), "duplicate");
            return;
        }
        self.list.indicators.push(Indicator {
            kind,
            values: canonical,
            mode,
            note: note.map(|note| clip(note, MAX_NOTE_BYTES).to_owned()),
        });
    }

    /// Adds one indicator of a machine-made document, where a value that is not what it claims to be is listed as
    /// unusable instead of refusing everything beside it.
    pub(super) fn add_or_remark(&mut self, kind: Kind, mode: Mode, values: &[&str], note: Option<&str>) {
        if canonical(kind, mode, values).is_ok() {
            self.add(Place::default(), kind, mode, values, note);
        } else {
            let what = format!("{kind}: {}", values.join(" + "));
            self.list.unusable.push(&what, "value_not_of_its_kind");
        }
    }

    /// Returns the list, or why it is refused.
    pub(super) fn finish(mut self) -> Result<IndicatorList, HuntError> {
        if self.has_too_many {
            return Err(HuntError::ListTooLarge {
                file: self.file,
                what: "the list has too many indicators",
                limit: MAX_INDICATORS,
            });
        }
        if self.problem_total == 0 && self.list.indicators.is_empty() {
            let what = match self.list.unusable.shown.first() {
                Some(first) => format!(
                    "no indicators that can be hunted in logs; the first of {} others: {} ({})",
                    self.list.unusable.total, first.what, first.reason
                ),
                None => "no indicators in it".to_owned(),
            };
            self.refuse(None, None, what);
        }
        if self.problem_total > 0 {
            return Err(HuntError::ListRefused {
                file: self.file,
                problems: self.problems,
                total: self.problem_total,
            });
        }
        if self.list.name.is_empty() {
            self.list.name = stem(&self.file).to_owned();
        }
        Ok(self.list)
    }
}

/// An entry in the words of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct NamedEntry<'a> {
    pub(super) kind: &'a str,
    pub(super) mode: Option<&'a str>,
    pub(super) values: &'a [String],
    pub(super) note: Option<&'a str>,
}

/// Returns the address that a text is, in one spelling: `::ffff:a.b.c.d` is `a.b.c.d`.
#[must_use]
pub fn canonical_address(text: &str) -> Option<IpAddr> {
    IpAddr::from_str(text).ok().map(|address| address.to_canonical())
}

/// Returns the network that a text is, host bits cut, mapped networks as the IPv4 networks they are.
pub(crate) fn canonical_network(text: &str) -> Option<IpNet> {
    let network = IpNet::from_str(text).ok()?.trunc();
    let IpNet::V6(six) = network else {
        return Some(network);
    };
    match (six.addr().to_ipv4_mapped(), six.prefix_len().checked_sub(96)) {
        (Some(four), Some(prefix)) => IpNet::new(IpAddr::V4(four), prefix).ok(),
        _ => Some(network),
    }
}

fn canonical<V: AsRef<str>>(kind: Kind, mode: Mode, values: &[V]) -> Result<Vec<String>, String> {
    if values.is_empty() {
        return Err(format!("an entry of kind `{kind}` has no value"));
    }
    if values.len() > MAX_FRAGMENTS {
        return Err(format!("more than {MAX_FRAGMENTS} values in one composite entry"));
    }
    values
        .iter()
        .map(|value| canonical_value(kind, mode, value.as_ref()))
        .collect()
}

fn canonical_value(kind: Kind, mode: Mode, value: &str) -> Result<String, String> {
    let value = value.trim();
    if value.is_empty() {
        return Err(format!("an entry of kind `{kind}` has an empty value"));
    }
    if value.len() > MAX_VALUE_BYTES {
        return Err(format!("a value is longer than {MAX_VALUE_BYTES} bytes"));
    }
    if value.chars().any(char::is_control) {
        return Err(format!("`{}` has control characters", shown(value)));
    }
    match kind {
        Kind::Ip => address(value),
        Kind::Cidr => network(value),
        Kind::Domain if mode != Mode::Contains => domain(value),
        Kind::Domain => Ok(refang(value).to_ascii_lowercase()),
        Kind::User => Ok(refang(value)),
        Kind::UserAgent | Kind::UserAgentAllOf | Kind::App => Ok(value.to_owned()),
    }
}

fn address(value: &str) -> Result<String, String> {
    let plain = refang(value);
    let bare = plain.trim_start_matches('[').trim_end_matches(']');
    if let Some(address) = canonical_address(bare) {
        return Ok(address.to_string());
    }
    if canonical_network(bare).is_some() {
        return Err(format!("`{}` is a network; use kind `cidr`", shown(value)));
    }
    Err(format!("`{}` is not an IP address", shown(value)))
}

fn network(value: &str) -> Result<String, String> {
    let plain = refang(value);
    if let Some(network) = canonical_network(&plain) {
        return Ok(network.to_string());
    }
    if canonical_address(&plain).is_some() {
        return Err(format!("`{}` has no prefix length; use kind `ip`", shown(value)));
    }
    Err(format!("`{}` is not a network such as 192.0.2.0/24", shown(value)))
}

fn domain(value: &str) -> Result<String, String> {
    let plain = refang(value);
    let host = host_of(&plain).trim_start_matches("*.").trim_end_matches('.');
    if is_domain(host) {
        return Ok(host.to_lowercase());
    }
    Err(format!("`{}` is not a domain name", shown(value)))
}

/// Returns true for names with at least two labels that DNS, or a browser's address bar, can hold.
pub(crate) fn is_domain(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63 * 4
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    };
    let labels: Vec<&str> = host.split('.').collect();
    let ends_in_a_word = labels
        .last()
        .is_some_and(|last| last.chars().any(char::is_alphabetic) && last.chars().count() >= 2);
    labels.len() >= 2 && host.len() <= 255 * 4 && ends_in_a_word && labels.into_iter().all(is_label)
}

/// Returns text that is safe and short enough to show in an error.
pub(crate) fn shown(value: &str) -> String {
    clip(value, 80).escape_debug().to_string()
}

pub(crate) fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.split_once('.')
        .map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_spelling() {
        let spell = |text| canonical_value(Kind::Ip, Mode::Exact, text).unwrap();
        assert_eq!(spell("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(spell("192.0.2[.]7"), "192.0.2.7");
        assert_eq!(spell("2001:DB8:0:0::1"), "2001:db8::1");
        assert!(canonical_value(Kind::Ip, Mode::Exact, "192.0.2.999").is_err());
        let hint = canonical_value(Kind::Ip, Mode::Exact, "192.0.2.0/24").unwrap_err();
        assert!(hint.contains("cidr"), "{hint}");
    }

    #[test]
    fn networks_lose_their_host_bits_and_their_mapping() {
        let spell = |text| canonical_value(Kind::Cidr, Mode::Exact, text).unwrap();
        assert_eq!(spell("192.0.2.77/24"), "192.0.2.0/24");
        assert_eq!(spell("::ffff:192.0.2.0/120"), "192.0.2.0/24");
        assert!(canonical_value(Kind::Cidr, Mode::Exact, "192.0.2.0/33").is_err());
        assert!(
            canonical_value(Kind::Cidr, Mode::Exact, "192.0.2.1")
                .unwrap_err()
                .contains("ip")
        );
    }

    #[test]
    fn domains_are_names_not_urls_or_numbers() {
        let spell = |text| canonical_value(Kind::Domain, Mode::Token, text);
        assert_eq!(spell("hxxps://Evil[.]Example[.]com/a?b").unwrap(), "evil.example.com");
        assert_eq!(spell("*.example.com").unwrap(), "example.com");
        assert_eq!(spell("例え.example.jp").unwrap(), "例え.example.jp");
        assert!(spell("1.2.3.4").is_err());
        assert!(spell("localhost").is_err());
        assert!(spell("a..example.com").is_err());
    }

    #[test]
    fn the_same_indicator_twice_is_one_and_says_so() {
        let mut builder = Builder::new("dir/my-list.v2.txt");
        for value in ["192.0.2.1", "::ffff:192.0.2.1"] {
            builder.add(Place::default(), Kind::Ip, Mode::Exact, &[value], None);
        }
        let list = builder.finish().unwrap();
        assert_eq!(list.indicators.len(), 1);
        assert_eq!(list.warnings.total, 1);
        assert_eq!(list.name, "my-list");
    }
}
