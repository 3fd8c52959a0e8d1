//! Addresses and networks.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;

use super::{Found, How};
use crate::lists::canonical_address;

/// Most bytes of one free text that are searched for addresses: queries are shorter, and a longer text is cut off by
/// the platforms themselves.
const MAX_SCANNED_BYTES: usize = 1024 * 1024;

/// Addresses by hash, and networks by hash of their first bits, one table for each prefix length in use: a look-up
/// costs at most 33 or 129 probes however many networks there are.
#[derive(Debug, Default)]
pub(crate) struct Networks {
    exact: HashMap<IpAddr, Vec<u32>>,
    four: BTreeMap<u8, HashMap<u32, Vec<u32>>>,
    six: BTreeMap<u8, HashMap<u128, Vec<u32>>>,
}

impl Networks {
    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.four.is_empty() && self.six.is_empty()
    }

    /// Adds addresses and networks in canonical spelling.
    pub(super) fn add(&mut self, target: u32, values: &[String]) {
        for value in values {
            if let Some(address) = canonical_address(value) {
                self.exact.entry(address).or_default().push(target);
            } else if let Ok(network) = IpNet::from_str(value) {
                self.add_network(target, network);
            }
        }
    }

    /// Adds what an address says; `how` overrides the strength.
    pub(crate) fn find(&self, address: IpAddr, how: Option<How>, found: &mut Vec<Found>) {
        let mut push = |targets: Option<&Vec<u32>>, usual| {
            for &target in targets.into_iter().flatten() {
                found.push(Found {
                    target,
                    how: how.unwrap_or(usual),
                });
            }
        };
        push(self.exact.get(&address), How::Exact);
        match address {
            IpAddr::V4(four) => {
                for (&prefix, networks) in &self.four {
                    push(networks.get(&masked_four(four.to_bits(), prefix)), How::Cidr);
                }
            }
            IpAddr::V6(six) => {
                for (&prefix, networks) in &self.six {
                    push(networks.get(&masked_six(six.to_bits(), prefix)), How::Cidr);
                }
            }
        }
    }

    /// Adds one network.
    pub(crate) fn add_network(&mut self, target: u32, network: IpNet) {
        let targets = match network {
            IpNet::V4(four) => {
                let table = self.four.entry(four.prefix_len()).or_default();
                table.entry(four.network().to_bits()).or_default()
            }
            IpNet::V6(six) => {
                let table = self.six.entry(six.prefix_len()).or_default();
                table.entry(six.network().to_bits()).or_default()
            }
        };
        targets.push(target);
    }
}

fn masked_four(bits: u32, prefix: u8) -> u32 {
    bits & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

fn masked_six(bits: u128, prefix: u8) -> u128 {
    bits & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

/// Returns the address that a whole value is; a port, brackets and spaces around it do not matter.
pub(crate) fn whole_address(value: &str) -> Option<IpAddr> {
    let value = value.trim();
    canonical_address(value)
        .or_else(|| canonical_address(value.strip_prefix('[')?.strip_suffix(']')?))
        .or_else(|| {
            SocketAddr::from_str(value)
                .ok()
                .map(|socket| socket.ip().to_canonical())
        })
}

/// Returns the addresses in a text.
pub fn addresses_in(text: &str) -> impl Iterator<Item = IpAddr> {
    let text = &text[..text.floor_char_boundary(MAX_SCANNED_BYTES)];
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | ':' | '_');
    text.split(move |letter: char| !is_part(letter))
        .filter(|word| word.len() >= 3 && word.contains(['.', ':']))
        .filter_map(address_in_word)
}

fn address_in_word(word: &str) -> Option<IpAddr> {
    let word = word.trim_end_matches(['.', ':']);
    let could_be = |word: &str| {
        word.bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'.' || byte == b':')
    };
    let bare = |word: &str| could_be(word).then(|| whole_address(word)).flatten();
    // `ip:192.0.2.1` and `src:192.0.2.1:443` are one word; the label goes.
    bare(word).or_else(|| bare(word.split_once(':')?.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_text() {
        let found = |text| {
            addresses_in(text)
                .map(|address| address.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found("from 192.0.2.1, or '198.51.100.2:80'."),
            ["192.0.2.1", "198.51.100.2"]
        );
        assert_eq!(found("for=\"[2001:db8::1]:80\""), ["2001:db8::1"]);
        assert_eq!(found("ip:192.0.2.1"), ["192.0.2.1"]);
        assert_eq!(found("::ffff:192.0.2.1"), ["192.0.2.1"]);
        assert!(found("v1.2.3.4x 1.2.3 12:30:00 a.b.c.d 1.2.3.4.5").is_empty());
    }

    #[test]
    fn the_whole_internet_is_a_network_too() {
        let mut networks = Networks::default();
        networks.add(7, &["0.0.0.0/0".to_owned(), "::/0".to_owned()]);
        let mut found = Vec::new();
        networks.find(IpAddr::from([203, 0, 113, 9]), None, &mut found);
        assert_eq!(found.len(), 1);
    }
}
