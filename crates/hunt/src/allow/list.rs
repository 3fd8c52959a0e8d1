//! What an allow-list says, and reading it.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::{Options, Spanned};

use crate::error::{HuntError, ListProblem};
use crate::lists::{
    MAX_NOTE_BYTES, MAX_PROBLEMS_SHOWN, MAX_VALUE_BYTES, Remarks, Scalar, canonical_address, canonical_network, clip,
    one_line, refang, shown, stem,
};

/// Most bytes of one file: vendors name some dozens of networks, the largest clouds some ten thousand.
pub const MAX_ALLOW_LIST_BYTES: usize = 16 * 1024 * 1024;
/// Most networks of one list.
pub const MAX_RANGES: usize = 100_000;
/// Most names and ids of the application in one list.
pub const MAX_APPS: usize = 100;
/// What `kind` must say.
pub(crate) const KIND: &str = "allow_list";
/// A network shorter than this is wider than what one vendor has.
const WIDE_PREFIX_FOUR: u8 = 12;
const WIDE_PREFIX_SIX: u8 = 24;

/// A network that a vendor uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowRange {
    /// The network, host bits cut, mapped networks as the IPv4 networks they are.
    pub network: IpNet,
    /// What the vendor says about it.
    pub note: Option<String>,
}

/// The networks that a vendor says its application works from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowList {
    /// Its name; the file's name where it has none.
    pub name: String,
    /// Names and ids of the application, never empty.
    pub apps: Vec<String>,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// When it was true, as the vendor writes it.
    pub as_of: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// The networks; never empty, no two equal.
    pub ranges: Vec<AllowRange>,
    /// What was understood, but may not mean what its author wanted.
    pub warnings: Remarks,
}

impl AllowList {
    /// Reads an allow-list in YAML or JSON: `{kind: allow_list, name, app, version, as_of, source, ranges}`, where `app`
    /// is one name or id or several, and a range is `192.0.2.0/24`, one address, or `{cidr, note}`.
    ///
    /// # Errors
    /// The content is no allow-list, breaks a limit, or has ranges that are no networks. Indicator lists are refused.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, HuntError> {
        if bytes.len() > MAX_ALLOW_LIST_BYTES {
            return Err(too_large(file, "the file has too many bytes", MAX_ALLOW_LIST_BYTES));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = Reader::default();
        let document = match std::str::from_utf8(bytes) {
            Ok(text) if text.trim_start().starts_with('{') => read_json(text, &mut reader),
            Ok(text) => read_yaml(text, &mut reader),
            Err(error) => {
                let valid = &bytes[..error.valid_up_to()];
                let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count() as u64;
                reader.refuse(Some(line), None, "the text is not UTF-8".to_owned());
                None
            }
        };
        let list = document.and_then(|document| reader.list(document));
        match list {
            _ if reader.has_too_many => Err(too_large(file, "the list has too many ranges", MAX_RANGES)),
            Some(mut list) if reader.problem_total == 0 => {
                if list.name.is_empty() {
                    list.name = stem(file).to_owned();
                }
                Ok(list)
            }
            _ => Err(HuntError::AllowListRefused {
                file: file.to_owned(),
                problems: reader.problems,
                total: reader.problem_total,
            }),
        }
    }
}

fn too_large(file: &str, what: &'static str, limit: usize) -> HuntError {
    HuntError::ListTooLarge {
        file: file.to_owned(),
        what,
        limit,
    }
}

/// The document, with its ranges and the lines where they stand.
struct Document {
    kind: Option<String>,
    name: Option<String>,
    apps: Vec<String>,
    version: Option<String>,
    as_of: Option<String>,
    source: Option<String>,
    ranges: Option<Vec<(Option<u64>, RangeEntry)>>,
    has_indicators: bool,
    unknown: Vec<String>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "E: Deserialize<'de>, S: Deserialize<'de>"))]
struct Raw<E, S> {
    kind: Option<S>,
    name: Option<S>,
    app: Option<OneOrMany<S>>,
    version: Option<S>,
    as_of: Option<S>,
    source: Option<S>,
    ranges: Option<Vec<E>>,
    indicators: Option<IgnoredAny>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<S> {
    One(S),
    Many(Vec<S>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RangeEntry {
    Text(String),
    Full {
        cidr: String,
        note: Option<String>,
        #[serde(flatten)]
        unknown: BTreeMap<String, IgnoredAny>,
    },
}

impl<E, S: Into<String>> Raw<E, S> {
    fn into_document(self, open: impl Fn(E) -> (Option<u64>, RangeEntry)) -> Document {
        Document {
            kind: self.kind.map(Into::into),
            name: self.name.map(Into::into),
            apps: match self.app {
                None => Vec::new(),
                Some(OneOrMany::One(app)) => vec![app.into()],
                Some(OneOrMany::Many(apps)) => apps.into_iter().map(Into::into).collect(),
            },
            version: self.version.map(Into::into),
            as_of: self.as_of.map(Into::into),
            source: self.source.map(Into::into),
            ranges: self.ranges.map(|ranges| ranges.into_iter().map(open).collect()),
            has_indicators: self.indicators.is_some(),
            unknown: self.unknown.into_keys().collect(),
        }
    }
}

fn read_json(text: &str, reader: &mut Reader) -> Option<Document> {
    match serde_json::from_str::<Raw<RangeEntry, Scalar>>(text) {
        Ok(raw) => Some(raw.into_document(|entry| (None, entry))),
        Err(error) => {
            let line = error.line() as u64;
            reader.refuse(Some(line), None, format!("not an allow-list in JSON: {error}"));
            None
        }
    }
}

fn read_yaml(text: &str, reader: &mut Reader) -> Option<Document> {
    match serde_saphyr::from_str_with_options::<Raw<Spanned<RangeEntry>, String>>(text, yaml_options()) {
        Ok(raw) => Some(raw.into_document(|spanned| {
            let line = spanned.referenced.line();
            ((line > 0).then_some(line), spanned.value)
        })),
        Err(error) => {
            let line = error.location().map(|location| location.line());
            let what = format!("not an allow-list in YAML: {}", one_line(&error.to_string()));
            reader.refuse(line, None, what);
            None
        }
    }
}

/// YAML can repeat itself by reference; the budget holds what a list of the largest size needs, and no more.
fn yaml_options() -> Options {
    const NODES_PER_RANGE: usize = 8;
    const NODES: usize = (MAX_RANGES + MAX_APPS) * NODES_PER_RANGE;
    serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_events: 2 * NODES,
            max_nodes: NODES,
            max_depth: 8,
            max_documents: 1,
            max_aliases: 100,
            max_anchors: 100,
            max_total_scalar_bytes: MAX_ALLOW_LIST_BYTES,
        },
    }
}

/// Collects the problems of a list while it is read.
#[derive(Default)]
struct Reader {
    problems: Vec<ListProblem>,
    problem_total: usize,
    has_too_many: bool,
}

impl Reader {
    fn refuse(&mut self, line: Option<u64>, entry: Option<usize>, what: String) {
        self.problem_total += 1;
        if self.problems.len() < MAX_PROBLEMS_SHOWN {
            self.problems.push(ListProblem { line, entry, what });
        }
    }

    /// Returns the list; `None` where the document is something else.
    fn list(&mut self, document: Document) -> Option<AllowList> {
        if let Err(what) = is_allow_list(&document) {
            self.refuse(Some(1), None, what);
            return None;
        }
        let mut warnings = Remarks::default();
        for key in &document.unknown {
            warnings.push(key, "unknown_key");
        }
        let apps = self.apps(&document.apps);
        let ranges = self.ranges(document.ranges.unwrap_or_default(), &mut warnings);
        if ranges.is_empty() && self.problem_total == 0 {
            let what = "no ranges in it: everything that the application does would be outside".to_owned();
            self.refuse(Some(1), None, what);
        }
        let cut = |text: Option<String>| text.map(|text| clip(text.trim(), MAX_NOTE_BYTES).to_owned());
        Some(AllowList {
            name: cut(document.name).unwrap_or_default(),
            apps,
            version: cut(document.version),
            as_of: cut(document.as_of),
            source: cut(document.source),
            ranges,
            warnings,
        })
    }

    fn apps(&mut self, apps: &[String]) -> Vec<String> {
        if apps.is_empty() {
            let what = "no key `app`: say which application works from these networks, by its name or id".to_owned();
            self.refuse(Some(1), None, what);
        }
        if apps.len() > MAX_APPS {
            self.refuse(Some(1), None, format!("more than {MAX_APPS} names in `app`"));
            return Vec::new();
        }
        let mut kept: Vec<String> = Vec::new();
        for app in apps {
            let app = app.trim();
            if app.is_empty() || app.len() > MAX_VALUE_BYTES || app.chars().any(char::is_control) {
                self.refuse(Some(1), None, format!("`{}` is no name of an application", shown(app)));
            } else if !kept.iter().any(|known| known.eq_ignore_ascii_case(app)) {
                kept.push(app.to_owned());
            }
        }
        kept
    }

    fn ranges(&mut self, entries: Vec<(Option<u64>, RangeEntry)>, warnings: &mut Remarks) -> Vec<AllowRange> {
        if entries.len() > MAX_RANGES {
            self.has_too_many = true;
            return Vec::new();
        }
        let mut ranges = Vec::new();
        let mut seen = HashSet::new();
        for (number, (line, entry)) in (1..).zip(entries) {
            let (cidr, note) = match entry {
                RangeEntry::Text(cidr) => (cidr, None),
                RangeEntry::Full { cidr, note, unknown } => {
                    for key in unknown.keys() {
                        warnings.push(key, "unknown_key");
                    }
                    (cidr, note)
                }
            };
            match network(&cidr) {
                Err(what) => self.refuse(line, Some(number), what),
                Ok(network) if !seen.insert(network) => warnings.push(&network.to_string(), "duplicate"),
                Ok(network) => {
                    if is_wide(network) {
                        warnings.push(&network.to_string(), "wide_network");
                    }
                    ranges.push(AllowRange {
                        network,
                        note: note.map(|note| clip(&note, MAX_NOTE_BYTES).to_owned()),
                    });
                }
            }
        }
        ranges
    }
}

/// Returns what the document is instead, and where that belongs.
fn is_allow_list(document: &Document) -> Result<(), String> {
    let kind = document.kind.as_deref().map(str::trim);
    if document.has_indicators {
        return Err(
            "it has `indicators`: an indicator list says where attackers come from, the opposite of an \
                    allow-list; give it with `--ioc`"
                .to_owned(),
        );
    }
    match kind {
        Some(KIND) => Ok(()),
        Some(other) => Err(format!("its kind is `{}`, not `{KIND}`", shown(other))),
        None => Err(format!(
            "no `kind: {KIND}`; an allow-list is `{{kind: {KIND}, name, app, ranges: [cidr]}}`"
        )),
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    if text.len() > MAX_VALUE_BYTES {
        return Err(format!("a range is longer than {MAX_VALUE_BYTES} bytes"));
    }
    let plain = refang(text);
    let network = canonical_network(&plain)
        .or_else(|| canonical_address(&plain).map(IpNet::from))
        .ok_or_else(|| format!("`{}` is not a network such as 192.0.2.0/24", shown(text)))?;
    if network.prefix_len() == 0 {
        return Err(format!(
            "`{}` is every address there is: nothing would ever be outside",
            shown(text)
        ));
    }
    Ok(network)
}

fn is_wide(network: IpNet) -> bool {
    let least = match network.addr() {
        IpAddr::V4(_) => WIDE_PREFIX_FOUR,
        IpAddr::V6(_) => WIDE_PREFIX_SIX,
    };
    network.prefix_len() < least
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::lists;

    const YAML: &str = "kind: allow_list\nname: vendor\nversion: 2\nas_of: 2025-11-20\napp: [Vendor Connect, 0H4000000000001]\nranges:\n  - 192.0.2.0/26\n  - {cidr: 2001:db8::/48, note: Tokyo}\n  - ::ffff:198.51.100.7\n";

    #[test]
    fn yaml_and_json_read_alike() {
        let json = r#"{"kind":"allow_list","name":"vendor","version":2,"as_of":"2025-11-20",
            "app":["Vendor Connect","0H4000000000001"],
            "ranges":["192.0.2.0/26",{"cidr":"2001:db8::/48","note":"Tokyo"},"::ffff:198.51.100.7"]}"#;
        let list = AllowList::parse("x/vendor.yaml", YAML.as_bytes()).unwrap();
        assert_eq!(list, AllowList::parse("vendor.json", json.as_bytes()).unwrap());
        assert_eq!(list.version.as_deref(), Some("2"));
        assert_eq!(list.apps.len(), 2);
        let networks: Vec<String> = list.ranges.iter().map(|range| range.network.to_string()).collect();
        assert_eq!(networks, ["192.0.2.0/26", "2001:db8::/48", "198.51.100.7/32"]);
        assert_eq!(list.ranges[1].note.as_deref(), Some("Tokyo"));
    }

    #[test]
    fn one_app_needs_no_brackets_and_the_file_gives_a_name() {
        let yaml = "kind: allow_list\napp: Vendor\nranges: [192.0.2.1]\n";
        let list = AllowList::parse("dir/vendor-networks.yaml", yaml.as_bytes()).unwrap();
        assert_eq!(
            (list.name.as_str(), list.apps.as_slice()),
            ("vendor-networks", &["Vendor".to_owned()][..])
        );
    }

    #[test]
    fn an_indicator_list_is_no_allow_list_and_the_other_way_round() {
        let indicators = "name: n\nindicators:\n  - {kind: ip, value: 192.0.2.1}\n";
        let error = AllowList::parse("a.yaml", indicators.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("--ioc") && error.contains("allow-list `a.yaml`"),
            "{error}"
        );
        let error = AllowList::parse("a.txt", b"192.0.2.1\n192.0.2.2\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("allow-list"), "{error}");

        let json = r#"{"kind":"allow_list","app":"x","ranges":["192.0.2.0/24"]}"#;
        for (file, text) in [("a.yaml", YAML), ("a.txt", YAML), ("a.json", json), ("a", json)] {
            let error = lists::parse(file, text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("--allow"), "{file}: {error}");
        }
    }

    #[test]
    fn a_list_that_allows_everything_or_nothing_is_refused() {
        for (ranges, word) in [
            ("[]", "no ranges"),
            ("[0.0.0.0/0]", "every address"),
            ("['::/0']", "every address"),
            ("[192.0.2.0/33]", "not a network"),
            ("[vendor.example.com]", "not a network"),
        ] {
            let yaml = format!("kind: allow_list\napp: x\nranges: {ranges}\n");
            let error = AllowList::parse("a.yaml", yaml.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(word), "{ranges}: {error}");
        }
    }

    #[test]
    fn problems_name_their_line() {
        let yaml = "kind: allow_list\napp: x\nranges:\n  - 192.0.2.0/24\n  - nope\n";
        let error = AllowList::parse("a.yaml", yaml.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("line 5: `nope`"), "{error}");
        let error = AllowList::parse("a.yaml", b"kind: allow_list\nranges: [192.0.2.1]\n").unwrap_err();
        assert!(error.to_string().contains("`app`"), "{error}");
    }

    #[test]
    fn doubtful_entries_warn() {
        let yaml = "kind: allow_list\napp: x\nowner: y\nranges:\n  - 198.0.0.0/8\n  - 192.0.2.0/24\n  - {cidr: 192.0.2.9/24, nota: z}\n";
        let list = AllowList::parse("a.yaml", yaml.as_bytes()).unwrap();
        let reasons: Vec<&str> = list.warnings.shown.iter().map(|remark| remark.reason).collect();
        assert_eq!(reasons, ["unknown_key", "wide_network", "unknown_key", "duplicate"]);
        assert_eq!(list.ranges.len(), 2);
    }

    #[test]
    fn hostile_files_are_refused_without_harm() {
        let many = format!(
            "kind: allow_list\napp: x\nranges:\n{}",
            "- 192.0.2.1\n".repeat(MAX_RANGES + 1)
        );
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let deep_json = format!("{{\"kind\":{}", "[".repeat(100_000));
        let anchors = "a: &a [x,x]\nb: &b [*a,*a]\nkind: allow_list\nranges: [*b,*b]\n";
        for text in [
            many.as_str(),
            &deep,
            &deep_json,
            anchors,
            "",
            "- x\n",
            "kind: [allow_list]\n",
            "{",
            "\u{0}",
        ] {
            assert!(AllowList::parse("a", text.as_bytes()).is_err());
        }
        assert!(
            AllowList::parse("a", b"kind: allow_list\n\xff")
                .unwrap_err()
                .to_string()
                .contains("line 2")
        );
        assert!(AllowList::parse("a", &vec![b' '; MAX_ALLOW_LIST_BYTES + 1]).is_err());
    }
}
