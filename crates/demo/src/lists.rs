//! What was published about the attack: two versions of an indicator list, and the networks that the vendor works from.
//!
//! The agents stand as somebody in a hurry writes them: one is common in normal life, and the pieces of one user agent
//! mean something together only.

pub(crate) const VERSION_1: &str = r#"name: tsumugi-advisory
version: "1"
as_of: "2025-11-23"
source: Security advisory of Tsumugi on its connected app, first list
indicators:
  - {kind: ip, value: 203.0.113.9, note: token use}
  - {kind: ip, value: 203.0.113.13, note: token use}
  - {kind: ip, value: 203.0.113.21, note: token use}
  - {kind: ip, value: 203.0.113.45, note: bulk export}
  - {kind: ip, value: 203.0.113.101, note: anonymising proxy}
  - {kind: user_agent, value: python-requests/2.32.3, match: token, note: common library; weigh with the network}
  - {kind: user_agent, value: Tsumugi-Multi-Org-Fetcher/1.0, match: token, note: seen in no product of ours}
"#;

pub(crate) const VERSION_2: &str = r#"name: tsumugi-advisory
version: "2"
as_of: "2025-11-24"
source: Security advisory of Tsumugi on its connected app, extended list
indicators:
  - {kind: ip, value: 203.0.113.9, note: token use}
  - {kind: ip, value: 203.0.113.13, note: token use}
  - {kind: ip, value: 203.0.113.21, note: token use}
  - {kind: ip, value: 203.0.113.45, note: bulk export}
  - {kind: ip, value: 203.0.113.101, note: anonymising proxy}
  - {kind: ip, value: 203.0.113.34, note: reconnaissance}
  - {kind: ip, value: 203.0.113.61, note: seen against code hosting and cloud storage}
  - {kind: cidr, value: 203.0.113.128/27, note: hosting provider}
  - {kind: user_agent, value: python-requests/2.32.3, match: token, note: common library; weigh with the network}
  - {kind: user_agent, value: Tsumugi-Multi-Org-Fetcher/1.0, match: token, note: seen in no product of ours}
  - kind: user_agent_all_of
    values: ["Mozilla/5.0 (X11; Linux x86_64)", "AppleWebKit/537.36 (KHTML, like Gecko)", "HeadlessChrome/124.0.6367.78", "Safari/537.36"]
    note: pieces of one user agent
"#;

pub(crate) const ALLOW_LIST: &str = r#"kind: allow_list
name: tsumugi-egress
app: Tsumugi Connect
as_of: "2025-11-20"
source: Tsumugi, networks of the connected app
ranges:
  - {cidr: 192.0.2.0/27, note: production}
  - {cidr: 192.0.2.32/27, note: second site}
"#;
