//! Indicator lists: what they say, and reading them from every format of the contract.
//!
//! A list is refused as a whole where an entry cannot be what its kind says: a hunt with half a list answers another
//! question than the one asked. What a foreign format (STIX, MISP) can say but logs cannot show is not an error; it is
//! listed as *unusable*, and no hunt with it can be `clear`.

mod builder;
mod misp;
mod native;
mod refang;
mod stix;
mod stix_pattern;
mod text;

pub use builder::canonical_address;
pub(crate) use builder::{canonical_network, is_domain, shown, stem};
pub(crate) use native::{Scalar, one_line};
pub(crate) use refang::host_of;
pub use refang::refang;
pub(crate) use text::clip;

use std::fmt;

use serde::Serialize;

use crate::error::{HuntError, ListProblem};
use builder::Builder;

/// Most bytes of one list file: a million indicators with notes; a longer file is not an indicator list.
pub const MAX_LIST_BYTES: usize = 128 * 1024 * 1024;
/// Most indicators of one list: public block-lists stay well below.
pub const MAX_INDICATORS: usize = 1_000_000;
/// Most bytes of one value: the longest user agents that servers accept are half of it.
pub const MAX_VALUE_BYTES: usize = 16 * 1024;
/// Most fragments of one composite user agent; a real one has about ten product tokens.
pub const MAX_FRAGMENTS: usize = 64;
/// Most bytes of a note that are kept.
pub const MAX_NOTE_BYTES: usize = 4 * 1024;
/// Most problems that an error carries; all are counted.
pub const MAX_PROBLEMS_SHOWN: usize = 50;
/// Most unusable, skipped and warned entries that a list carries; all are counted.
pub const MAX_REMARKS_KEPT: usize = 1_000;

/// What an indicator is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One address.
    Ip,
    /// A network.
    Cidr,
    /// A user agent, or a part of one.
    UserAgent,
    /// Several parts that one user agent has together.
    UserAgentAllOf,
    /// An application, by name or id.
    App,
    /// A host or domain name.
    Domain,
    /// A user, by name, address or id.
    User,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Ip,
        Self::Cidr,
        Self::UserAgent,
        Self::UserAgentAllOf,
        Self::App,
        Self::Domain,
        Self::User,
    ];

    /// Returns the kind's name in lists and results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Cidr => "cidr",
            Self::UserAgent => "user_agent",
            Self::UserAgentAllOf => "user_agent_all_of",
            Self::App => "app",
            Self::Domain => "domain",
            Self::User => "user",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        Self::ALL
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// Returns how an indicator of this kind matches where its list does not say.
    ///
    /// `exact` is the default of everything that has a whole: a fragment of a browser's user agent matched as a part
    /// flags everybody. A domain means the names below it too.
    #[must_use]
    pub fn default_mode(self) -> Mode {
        match self {
            Self::UserAgentAllOf => Mode::Contains,
            Self::Domain => Mode::Token,
            Self::Ip | Self::Cidr | Self::UserAgent | Self::App | Self::User => Mode::Exact,
        }
    }

    fn allows(self, mode: Mode) -> bool {
        match self {
            Self::Ip | Self::Cidr => mode == Mode::Exact,
            Self::UserAgentAllOf => mode != Mode::Exact,
            Self::UserAgent | Self::App | Self::Domain | Self::User => true,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How an indicator's text is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The whole value.
    Exact,
    /// A whole word of the value: for user agents between start, end, space, `;`, `(`, `)` and `,`, whatever its case;
    /// for domains the name itself or one below it.
    Token,
    /// Anywhere in the value.
    Contains,
}

impl Mode {
    /// Returns the mode's name in lists.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Token => "token",
            Self::Contains => "contains",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Exact, Self::Token, Self::Contains]
            .into_iter()
            .find(|mode| mode.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// One thing to look for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// What it is about.
    pub kind: Kind,
    /// Its values in canonical spelling: one, or the fragments of a composite user agent.
    pub values: Vec<String>,
    /// How it is compared.
    pub mode: Mode,
    /// What its source says about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Indicator {
    /// Returns the text that stands for the indicator in results.
    #[must_use]
    pub fn label(&self) -> String {
        self.values.join(" + ")
    }
}

/// An entry that is not hunted, or is hunted with a caution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What it is about: a pattern, a type, a value.
    pub what: String,
    /// Why, as a stable word.
    pub reason: &'static str,
}

/// Entries of one fate: the first are kept, all are counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Remarks {
    /// How many there are.
    pub total: usize,
    /// The first of them, at most [`MAX_REMARKS_KEPT`].
    pub shown: Vec<Remark>,
}

impl Remarks {
    pub(crate) fn push(&mut self, what: &str, reason: &'static str) {
        self.total += 1;
        if self.shown.len() < MAX_REMARKS_KEPT {
            let what = clip(what, MAX_NOTE_BYTES).to_owned();
            self.shown.push(Remark { what, reason });
        }
    }
}

/// A list of indicators, as its source published it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndicatorList {
    /// Its name; the file's name where the format has none.
    pub name: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// When it was true, as the source writes it.
    pub as_of: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// What to look for; never empty, no two equal.
    pub indicators: Vec<Indicator>,
    /// What the source wants hunted but no log can show, or this program cannot express.
    pub unusable: Remarks,
    /// What the source itself takes back or gives as context only.
    pub skipped: Remarks,
    /// What was understood, but may not mean what its author wanted.
    pub warnings: Remarks,
}

/// Reads a list of any known format. A name that ends in `.csv`, `.yaml`, `.yml`, `.json` or `.stix` promises that
/// format, and the content must keep the promise; otherwise the format is told from the content.
///
/// # Errors
/// The content is of no known format, breaks a limit, or has entries that are not what they claim to be.
pub fn parse(file: &str, bytes: &[u8]) -> Result<IndicatorList, HuntError> {
    if bytes.len() > MAX_LIST_BYTES {
        return Err(HuntError::ListTooLarge {
            file: file.to_owned(),
            what: "the file has too many bytes",
            limit: MAX_LIST_BYTES,
        });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut builder = Builder::new(file);
    match std::str::from_utf8(bytes) {
        Ok(text) => read(file, text, &mut builder),
        Err(error) => {
            let valid = &bytes[..error.valid_up_to()];
            let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count() as u64;
            builder.refuse(Some(line), None, "the text is not UTF-8".to_owned());
        }
    }
    builder.finish()
}

fn read(file: &str, content: &str, builder: &mut Builder) {
    match promised_format(file, content).unwrap_or_else(|| format_of(content)) {
        Format::Json => read_json(content, builder),
        Format::Yaml => native::read_yaml(content, builder),
        Format::Csv => text::read_csv(content, builder),
        Format::Plain => text::read_plain(content, builder),
    }
}

fn read_json(content: &str, builder: &mut Builder) {
    // The outermost names tell the three JSON formats apart; only they are looked at here.
    match serde_json::from_str::<native::Outline<'_>>(content) {
        Ok(outline) if outline.is_stix() => stix::read(content, builder),
        Ok(outline) if outline.is_misp() => misp::read(content, builder),
        Ok(_) => native::read_json(content, builder),
        // A bare array is either MISP events or indicators without a list around them.
        Err(_) if content.trim_start().starts_with('[') => native::read_json_array(content, builder),
        Err(error) => builder.refuse_json(&error),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Format {
    Json,
    Yaml,
    Csv,
    Plain,
}

/// Returns the format that a file's name promises. Content that breaks the promise is refused by the format's reader,
/// with its line; guessing on would hunt the lines of a broken file as user agents and find nothing.
fn promised_format(file: &str, content: &str) -> Option<Format> {
    let name = file.to_ascii_lowercase();
    let name = [".gz", ".zst", ".zip"]
        .iter()
        .find_map(|packed| name.strip_suffix(packed))
        .unwrap_or(&name);
    let (_, extension) = name.rsplit_once('.')?;
    match extension {
        "csv" => Some(Format::Csv),
        "json" | "stix" => Some(Format::Json),
        // Every JSON document is YAML too.
        "yaml" | "yml" if format_of(content) == Format::Json => Some(Format::Json),
        "yaml" | "yml" => Some(Format::Yaml),
        _ => None,
    }
}

fn format_of(content: &str) -> Format {
    let is_json_start = |line: &str| line.starts_with('{') || (line.starts_with('[') && !is_defanged_start(line));
    let mut lines = content
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.trim_start().is_empty() && !line.trim_start().starts_with('#'));
    let Some(first) = lines.next() else {
        return Format::Plain;
    };
    if is_json_start(first.trim_start()) {
        return Format::Json;
    }
    if text::is_csv_start(first) {
        return Format::Csv;
    }
    if is_yaml_start(first) {
        return Format::Yaml;
    }
    Format::Plain
}

/// A document, a sequence, or any key: a mapping that is no list is better refused as YAML than read line by line.
fn is_yaml_start(line: &str) -> bool {
    let is_key = |key: &str| {
        key.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    let starts_mapping = line.split_once(':').is_some_and(|(key, rest)| {
        is_key(key.trim_end().trim_matches(['"', '\''])) && (rest.is_empty() || rest.starts_with([' ', '\t']))
    });
    line.starts_with("---") || line.starts_with("%YAML") || line == "-" || line.starts_with("- ") || starts_mapping
}

/// `[2001:db8::1]` on a line of a plain list is an address, not JSON.
fn is_defanged_start(line: &str) -> bool {
    line[1..]
        .split(']')
        .next()
        .is_some_and(|inside| inside.contains(':') && !inside.contains(['"', '{']))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_from_the_content() {
        assert_eq!(format_of("# note\nname: x\nindicators: []\n"), Format::Yaml);
        assert_eq!(format_of("---\nindicators: []\n"), Format::Yaml);
        assert_eq!(format_of("\n {\"a\":1}"), Format::Json);
        assert_eq!(format_of("kind,value\nip,192.0.2.1\n"), Format::Csv);
        assert_eq!(format_of("192.0.2.1\n"), Format::Plain);
        assert_eq!(format_of("[2001:db8::1]\n"), Format::Plain);
        assert_eq!(format_of("name:x/1\n"), Format::Plain);
        assert_eq!(format_of("rules:\n  - x\n"), Format::Yaml);
        assert_eq!(format_of("- 192.0.2.1\n"), Format::Yaml);
        assert_eq!(format_of("fe80::1\n"), Format::Plain);
        assert_eq!(format_of("IP,192.0.2.1\n"), Format::Csv);
        assert_eq!(format_of("type,indicator\n"), Format::Csv);
        assert_eq!(format_of("Mozilla/5.0 (KHTML, like Gecko)\n"), Format::Plain);
    }

    #[test]
    fn modes_that_a_kind_cannot_have_are_known() {
        assert!(!Kind::Ip.allows(Mode::Contains));
        assert!(!Kind::UserAgentAllOf.allows(Mode::Exact));
        assert!(Kind::ALL.into_iter().all(|kind| kind.allows(kind.default_mode())));
    }

    #[test]
    fn text_that_is_not_utf8_is_refused_with_its_line() {
        let error = parse("x.txt", b"192.0.2.1\n\xff\xfe\n").unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn an_empty_list_is_refused_because_it_would_clear_everything() {
        let error = parse("x.txt", b"# nothing\n").unwrap_err();
        assert!(error.to_string().contains("no indicators"), "{error}");
    }
}
