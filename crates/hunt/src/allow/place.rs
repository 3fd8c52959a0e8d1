//! Which application an event names, and where it came from.

use std::net::IpAddr;

/// Where an event came from.
#[derive(Debug)]
pub(super) enum Place {
    Blank,
    /// A word in place of an address: the platform called itself, or masked the address.
    Word,
    Address {
        listed_in: Vec<u32>,
        is_public: bool,
    },
}

impl Place {
    /// An application with several lists may be in any of them.
    pub(super) fn is_listed(&self, lists: &[u32]) -> bool {
        matches!(self, Self::Address { listed_in, .. } if listed_in.iter().any(|list| lists.contains(list)))
    }

    pub(super) fn is_outside(&self, lists: &[u32]) -> bool {
        matches!(self, Self::Address { is_public: true, .. }) && !self.is_listed(lists)
    }
}

/// A name or id of an application.
#[derive(Debug)]
pub(super) struct AppName {
    lower: String,
    /// The 15 characters that carry a Salesforce id; the last three of the long form only make it safe where case is
    /// lost.
    id: Option<String>,
}

impl AppName {
    pub(super) fn new(name: &str) -> Self {
        let name = name.trim();
        Self {
            lower: name.to_lowercase(),
            id: salesforce_id(name).map(str::to_owned),
        }
    }

    pub(super) fn is(&self, text: &str) -> bool {
        let text = text.trim();
        match &self.id {
            Some(id) => salesforce_id(text) == Some(id),
            None => text.to_lowercase() == self.lower,
        }
    }
}

fn salesforce_id(text: &str) -> Option<&str> {
    let is_id =
        matches!(text.len(), 15 | 18) && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| &text[..15])
}

/// Returns whether an address is one of the internet. Documentation addresses count: samples are written with them.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            let is_shared = four.octets()[0] == 100 && four.octets()[1] & 0xc0 == 64;
            !(four.is_private()
                || four.is_loopback()
                || four.is_link_local()
                || four.octets()[0] == 0
                || four.is_broadcast()
                || four.is_multicast()
                || is_shared)
        }
        IpAddr::V6(six) => {
            !(six.is_loopback()
                || six.is_unspecified()
                || six.is_unique_local()
                || six.is_unicast_link_local()
                || six.is_multicast())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_equal_in_both_spellings_but_not_in_another_case() {
        let app = AppName::new("0H45g00000AbCdE");
        assert!(app.is("0H45g00000AbCdEGAV") && app.is("0H45g00000AbCdE"));
        assert!(!app.is("0H45g00000abcdeGAV") && !app.is("0H45g00000abcde"));
        assert!(!AppName::new("0123456789abcde").is("0123456789abcdX"));
    }

    #[test]
    fn addresses_of_the_internet_are_public_and_those_inside_are_not() {
        let is = |text: &str| text.parse::<IpAddr>().is_ok_and(is_public);
        for public in ["203.0.113.1", "198.18.0.1", "100.128.0.1", "8.8.8.8", "2001:db8::1"] {
            assert!(is(public), "{public}");
        }
        for inside in [
            "10.0.0.1",
            "172.31.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fd00::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is(inside), "{inside}");
        }
    }
}
