//! Plain text and CSV lists.

use super::builder::{Builder, NamedEntry, Place, canonical_address, canonical_network, is_domain, shown};
use super::refang::{host_of, refang};
use super::{Kind, MAX_VALUE_BYTES};

/// Reads one indicator per line; `#` starts a comment at the start of a line or after a space.
pub(super) fn read_plain(content: &str, builder: &mut Builder) {
    for (index, line) in content.lines().enumerate() {
        let value = without_comment(line).trim();
        if value.is_empty() {
            continue;
        }
        let place = Place {
            line: Some(index as u64 + 1),
            entry: None,
        };
        match told_from_text(value) {
            Some((kind, value)) => builder.add(place, kind, kind.default_mode(), &[value], None),
            None => builder.refuse_at(place, not_told(value)),
        }
    }
}

/// Reads `kind,value[,match,note]`; columns are told by the header, in any order.
pub(super) fn read_csv(content: &str, builder: &mut Builder) {
    let mut rows = CsvRows::new(content);
    let Some((_, header)) = rows.next_row() else {
        return builder.refuse(Some(1), None, "the CSV has no header".to_owned());
    };
    let columns = match CsvColumns::of(&header) {
        Ok(columns) => columns,
        Err(what) => return builder.refuse(Some(1), None, what),
    };
    let is_unknown = |name: &&str| {
        !["kind", "value", "match", "note"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    for name in header.iter().map(|cell| cell.trim()).filter(is_unknown) {
        builder.list().warnings.push(name, "unknown_key");
    }
    while let Some((line, row)) = rows.next_row() {
        let is_blank = row.iter().all(|cell| cell.trim().is_empty());
        let is_comment = row.first().is_some_and(|cell| cell.trim_start().starts_with('#'));
        if is_blank || is_comment {
            continue;
        }
        let place = Place {
            line: Some(line),
            entry: None,
        };
        if row.len() > header.len() {
            let what = format!("{} cells where the header names {}", row.len(), header.len());
            builder.refuse_at(place, what);
            continue;
        }
        columns.add(place, &row, builder);
    }
}

/// Returns true for a line that starts a CSV: a header of plain words, or a row that names its kind first. Whether it is
/// an indicator CSV is for its reader to say.
pub(super) fn is_csv_start(line: &str) -> bool {
    let cells: Vec<&str> = line.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
    let is_word = |cell: &&str| {
        !cell.is_empty()
            && cell
                .chars()
                .all(|letter| letter.is_alphabetic() || matches!(letter, '_' | '-' | ' '))
    };
    cells.len() > 1 && (is_kind_word(cells[0]) || cells.iter().all(is_word))
}

/// Returns the start of a text, at most this many bytes, cut between characters.
pub(crate) fn clip(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    let comment = [" #", "\t#"].iter().filter_map(|mark| line.find(mark)).min();
    comment.map_or(line, |at| &line[..at])
}

/// Returns what a bare value is; `None` where that cannot be told. A user agent is whole: as a part it would match far
/// more than its author printed.
fn told_from_text(value: &str) -> Option<(Kind, String)> {
    let plain = refang(value);
    // User agents name links in their comments.
    let is_url = plain.contains("://") && !plain.contains(char::is_whitespace);
    let bare = if is_url { host_of(&plain) } else { plain.as_str() };
    let unbracketed = bare.trim_start_matches('[').trim_end_matches(']');
    if canonical_address(unbracketed).is_some() {
        return Some((Kind::Ip, unbracketed.to_owned()));
    }
    if looks_like_network(&plain) || looks_like_address(&plain) {
        let kind = if plain.contains('/') { Kind::Cidr } else { Kind::Ip };
        return Some((kind, plain));
    }
    if is_domain(bare) {
        return Some((Kind::Domain, bare.to_owned()));
    }
    let is_mail_address = plain
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && !user.contains(char::is_whitespace) && is_domain(host));
    if is_mail_address {
        return Some((Kind::User, plain));
    }
    looks_like_user_agent(value).then(|| (Kind::UserAgent, value.to_owned()))
}

fn not_told(value: &str) -> String {
    format!(
        "`{}` is no address, network, domain, URL, mail address or user agent with a `name/version`; to hunt it, say \
         what it is in a CSV with the header `kind,value`",
        shown(value)
    )
}

/// Returns whether a text is made of products (`name/version`), with comments in brackets and few other words between
/// them, as user agents are. Anything looser takes prose, paths and rows of other formats for user agents, which no
/// event has, so that a hunt for them is clear whatever happened.
fn looks_like_user_agent(text: &str) -> bool {
    let first_word = text
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .next();
    let names_its_kind = first_word.is_some_and(is_kind_word) && !is_product(text.split(' ').next().unwrap_or(text));
    let (mut products, mut others) = (0, 0);
    for word in without_brackets(text).split_whitespace() {
        if is_product(word) {
            products += 1;
        } else if is_plain_word(word) {
            others += 1;
        } else {
            return false;
        }
    }
    // `evil.example.com/path` is a link without its scheme as likely as a client named like a package.
    let may_be_a_link = !text.contains(char::is_whitespace) && is_domain(host_of(&refang(text)));
    products > 0 && others <= products + 1 && !names_its_kind && !may_be_a_link
}

/// `name/version` of RFC 9110, with a letter in the name and a digit in the version: `and/or` is no product.
fn is_product(word: &str) -> bool {
    word.split_once('/').is_some_and(|(name, version)| {
        name.contains(|letter: char| letter.is_ascii_alphabetic())
            && version.contains(|letter: char| letter.is_ascii_digit())
            && version.ends_with(|letter: char| letter.is_ascii_alphanumeric())
            && is_token(name)
            && is_token(version)
    })
}

fn is_plain_word(word: &str) -> bool {
    is_token(word) && word.contains(|letter: char| letter.is_ascii_alphanumeric()) && !word.ends_with('.')
}

/// The letters of a token in RFC 9110.
fn is_token(word: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !word.is_empty() && word.bytes().all(is_part)
}

/// Comments may hold anything, other comments included.
fn without_brackets(text: &str) -> String {
    let mut depth = 0usize;
    let is_outside = |letter: &char| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    text.chars().filter(is_outside).collect()
}

/// Words that other lists, and this one, name the kind of an indicator with.
fn is_kind_word(word: &str) -> bool {
    const OTHERS: [&str; 12] = [
        "kind",
        "type",
        "value",
        "indicator",
        "ioc",
        "ipv4",
        "ipv6",
        "ua",
        "useragent",
        "hostname",
        "url",
        "email",
    ];
    Kind::from_name(word).is_some() || OTHERS.iter().any(|other| other.eq_ignore_ascii_case(word.trim()))
}

fn looks_like_network(text: &str) -> bool {
    canonical_network(text).is_some()
        || text
            .split_once('/')
            .is_some_and(|(address, _)| canonical_address(address).is_some() || looks_like_address(address))
}

/// Four numbers with dots are meant as an address, even where one is out of range: better refused than hunted as a
/// user agent.
fn looks_like_address(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 4
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

struct CsvColumns {
    kind: usize,
    value: usize,
    mode: Option<usize>,
    note: Option<usize>,
}

impl CsvColumns {
    fn of(header: &[String]) -> Result<Self, String> {
        let position = |name: &str| header.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
        let need = |name: &str| {
            position(name).ok_or_else(|| {
                let first = header.join(",");
                format!(
                    "the CSV has no column `{name}`: its first line is `{}`, and must be the header `kind,value`, \
                     with `match,note` where needed",
                    shown(&first)
                )
            })
        };
        Ok(Self {
            kind: need("kind")?,
            value: need("value")?,
            mode: position("match"),
            note: position("note"),
        })
    }

    fn add(&self, place: Place, row: &[String], builder: &mut Builder) {
        let cell = |index: usize| row.get(index).map_or("", |cell| cell.trim());
        let filled = |index: Option<usize>| index.map(cell).filter(|cell| !cell.is_empty());
        let value = without_formula_guard(cell(self.value)).to_owned();
        let entry = NamedEntry {
            kind: cell(self.kind),
            mode: filled(self.mode),
            values: &[value],
            note: filled(self.note),
        };
        builder.add_named(place, entry);
    }
}

/// Undoes the `'` that CSV output puts before cells that a spreadsheet would run.
fn without_formula_guard(cell: &str) -> &str {
    let guarded = ['=', '+', '-', '@', '|', '\'', '＝', '＋', '－', '＠', '｜'];
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(guarded) => rest,
        _ => cell,
    }
}

/// CSV rows with the line that each starts on.
struct CsvRows<'a> {
    reader: csv_core::Reader,
    rest: &'a [u8],
    output: Vec<u8>,
    ends: Vec<usize>,
}

/// Most columns of an indicator CSV that are read; the format has four.
const MAX_CSV_COLUMNS: usize = 64;

impl<'a> CsvRows<'a> {
    fn new(content: &'a str) -> Self {
        Self {
            reader: csv_core::Reader::new(),
            rest: content.as_bytes(),
            output: vec![0; 2 * MAX_VALUE_BYTES + 64 * 1024],
            ends: vec![0; MAX_CSV_COLUMNS],
        }
    }

    /// Returns the next row. A row that passes the limits comes back with one cell too long to be accepted.
    fn next_row(&mut self) -> Option<(u64, Vec<String>)> {
        self.skip_comments();
        let line = self.reader.line();
        let (mut written, mut ended) = (0, 0);
        loop {
            let (result, read, wrote, ends) =
                self.reader
                    .read_record(self.rest, &mut self.output[written..], &mut self.ends[ended..]);
            self.rest = &self.rest[read..];
            written += wrote;
            ended += ends;
            match result {
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::Record => return Some((line, self.cells(ended))),
                csv_core::ReadRecordResult::End => return None,
                csv_core::ReadRecordResult::OutputFull | csv_core::ReadRecordResult::OutputEndsFull => {
                    self.rest = &[];
                    let too_long = "x".repeat(MAX_VALUE_BYTES + 1);
                    return Some((line, vec![too_long; MAX_CSV_COLUMNS + 1]));
                }
            }
        }
    }

    /// Comment lines may hold quotes that would open a cell.
    fn skip_comments(&mut self) {
        while self.rest.starts_with(b"#") {
            let end = self
                .rest
                .iter()
                .position(|&byte| byte == b'\n')
                .map_or(self.rest.len(), |at| at + 1);
            let line = self.reader.line();
            self.rest = &self.rest[end..];
            self.reader.set_line(line + 1);
        }
    }

    fn cells(&self, count: usize) -> Vec<String> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends[..count])
            .map(|(start, &end)| String::from_utf8_lossy(&self.output[start..end]).into_owned())
            .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Mode, parse};
    use super::*;

    #[test]
    fn plain_values_are_told_apart() {
        let kind = |text| told_from_text(text).unwrap().0;
        assert_eq!(kind("192.0.2[.]1"), Kind::Ip);
        assert_eq!(kind("2001:db8::1"), Kind::Ip);
        assert_eq!(kind("192.0.2.0/24"), Kind::Cidr);
        assert_eq!(kind("hxxp://evil.example[.]com/path"), Kind::Domain);
        assert_eq!(kind("hxxp://192.0.2.1/path"), Kind::Ip);
        assert_eq!(kind("evil.example.com"), Kind::Domain);
        assert_eq!(kind("mallory@example.com"), Kind::User);
        assert_eq!(kind("python-requests/2.32.3"), Kind::UserAgent);
        assert_eq!(kind("Mozilla/5.0 (X11; Linux x86_64)"), Kind::UserAgent);
        assert_eq!(kind("AppleWebKit/537.36 (KHTML, like Gecko)"), Kind::UserAgent);
    }

    #[test]
    fn user_agents_are_products_and_nothing_else_is() {
        for text in [
            "Data Loader/60.0",
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (compatible; x; +http://a.example/b)",
            "curl/8.5.0-DEV",
            "User/1.0",
        ] {
            assert_eq!(told_from_text(text), Some((Kind::UserAgent, text.to_owned())), "{text}");
        }
        for text in [
            "type,indicator",
            "ip,192.0.2.1",
            "user_agent,curl/8.5.0",
            "user_agent;curl/8.5.0",
            "user_agent curl/8.5.0",
            "UA: curl/8.5.0",
            "kind: ip",
            "cidr 192.0.2.0/24",
            "192.0.2.1;exit",
            "evil.example.com/path1",
            "Search for hits and/or misses.",
            "Requests by curl/8.5.0 came on 3 November",
            "N/A",
            "- curl/8.5.0",
            "python-requests",
        ] {
            assert_eq!(told_from_text(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_list_is_refused_with_its_line_and_a_hint() {
        for (file, text, line, hint) in [
            ("a.csv", "ip,192.0.2.1\nip,192.0.2.2\n", 1, "kind,value"),
            ("a.txt", "ip,192.0.2.1\nip,192.0.2.2\n", 1, "kind,value"),
            ("a.csv", "type,indicator\nip,192.0.2.1\n", 1, "`kind`"),
            ("a.txt", "type,indicator\nip,192.0.2.1\n", 1, "`kind`"),
            ("a.csv", "192.0.2.1\n192.0.2.2\n", 1, "kind,value"),
            ("a.txt", "# c\n192.0.2.1\nWatch these addresses.\n", 3, "kind,value"),
            ("a.yaml", "192.0.2.1\n", 1, "YAML"),
            ("a.yaml", "title: x\nrules:\n  - ip\n", 1, "`indicators`"),
            ("a.txt", "rules:\n  - {kind: ip, value: 192.0.2.1}\n", 1, "`indicators`"),
            ("a.json", "192.0.2.1\n", 1, "JSON"),
            ("a.json", "{\"rules\": []}", 1, "`indicators`"),
            ("a.stix", "kind,value\nip,192.0.2.1\n", 1, "JSON"),
        ] {
            let error = parse(file, text.as_bytes()).unwrap_err().to_string();
            assert!(
                error.contains(&format!("line {line}: ")) && error.contains(hint),
                "{file}: {error}"
            );
        }
    }

    #[test]
    fn headers_and_kinds_have_any_case() {
        for file in ["a.csv", "a.txt"] {
            let list = parse(file, b"Kind,Value,Match\nIP,192.0.2.1,\nUser_Agent,x/1,Token\n").unwrap();
            assert_eq!(list.indicators.len(), 2);
            assert_eq!(list.indicators[1].mode, Mode::Token);
        }
    }

    #[test]
    fn plain_text_has_comments_and_whole_user_agents() {
        let list = parse("a.txt", b"# c\n192.0.2.1 # tor\n\nSafari/537.36\n").unwrap();
        assert_eq!(list.indicators.len(), 2);
        assert_eq!(list.indicators[1].mode, Mode::Exact);
    }

    #[test]
    fn a_number_out_of_range_is_refused_not_hunted_as_a_user_agent() {
        for text in ["192.0.2.999\n", "192.0.2.0/99\n", "1.2.3.999/24\n"] {
            let error = parse("a.txt", format!("192.0.2.1\n{text}").as_bytes()).unwrap_err();
            assert!(error.to_string().contains("line 2"), "{error}");
        }
    }

    #[test]
    fn csv_has_kind_value_match_and_note() {
        let text = "# \"comment\nkind,value,match,note\nip,192.0.2.1,,\"a, \"\"b\"\"\"\nuser_agent,'=x/1,token,\n";
        let list = parse("a.csv", text.as_bytes()).unwrap();
        assert_eq!(list.indicators[0].note.as_deref(), Some("a, \"b\""));
        assert_eq!(list.indicators[1].values, ["=x/1"]);
        assert_eq!(list.indicators[1].mode, Mode::Token);
    }

    #[test]
    fn a_misspelt_column_is_a_warning_not_a_silence() {
        let list = parse("a.csv", b"kind,value,mode\nuser_agent,x/1,token\n").unwrap();
        assert_eq!(list.warnings.shown[0].what, "mode");
    }

    #[test]
    fn csv_problems_name_their_line() {
        let text = "kind,value\nip,192.0.2.1\nip,nope\nbogus,x\n,\nip\nip,1.1.1.1,x\n";
        let error = parse("a.csv", text.as_bytes()).unwrap_err().to_string();
        assert!(
            error.contains("line 3: `nope` is not an IP address (and 3 more)"),
            "{error}"
        );
    }

    #[test]
    fn an_endless_csv_cell_is_refused() {
        let text = format!("kind,value\nip,\"{}\n", "1".repeat(500_000));
        assert!(parse("a.csv", text.as_bytes()).is_err());
    }
}
