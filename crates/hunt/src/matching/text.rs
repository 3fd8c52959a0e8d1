//! Text indicators: whole values by hash, everything else in one automaton.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Found, How};
use crate::error::HuntError;
use crate::lists::Mode;

/// Most bytes of patterns in the automatons: they take some twenty times as much memory.
pub(super) const MAX_PATTERN_BYTES: usize = 8 * 1024 * 1024;
/// Most bytes of one value that are searched for parts; whole values are compared whole.
const MAX_SEARCHED_BYTES: usize = 1024 * 1024;
/// Length of a Salesforce id without the three letters that only make it safe where case is lost.
const ID_LENGTH: usize = 15;

/// Compiled text indicators of one kind of value.
#[derive(Debug)]
pub(super) struct TextSet {
    ignores_case: bool,
    whole: HashMap<Box<str>, Vec<u32>>,
    ids: HashMap<Box<str>, Vec<u32>>,
    parts: Vec<Part>,
    composites: Vec<Composite>,
    automaton: Option<AhoCorasick>,
}

#[derive(Debug)]
struct Part {
    is_token: bool,
    /// The text itself where its case matters: the automaton does not look at case.
    cased: Option<Box<str>>,
    meaning: Meaning,
}

#[derive(Debug, Clone, Copy)]
enum Meaning {
    Indicator(u32),
    Fragment { composite: usize, bit: u32 },
}

#[derive(Debug)]
struct Composite {
    target: u32,
    all_bits: u64,
}

impl TextSet {
    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.ids.is_empty() && self.parts.is_empty()
    }

    /// Adds what a value says; each indicator once.
    pub(super) fn find(&self, value: &str, found: &mut Vec<Found>) {
        let value = value.trim();
        let mut push = |target, how| found.push(Found { target, how });
        for &target in self.whole_targets(value) {
            push(target, How::Exact);
        }
        if let Some(id) = id_of(value) {
            for &target in self.ids.get(id).into_iter().flatten() {
                push(target, How::Exact);
            }
        }
        self.find_parts(value, &mut push);
    }

    fn whole_targets(&self, value: &str) -> &[u32] {
        if self.whole.is_empty() {
            return &[];
        }
        let targets = if self.ignores_case {
            self.whole.get(value.to_ascii_lowercase().as_str())
        } else {
            self.whole.get(value)
        };
        targets.map_or(&[], Vec::as_slice)
    }

    fn find_parts(&self, value: &str, push: &mut impl FnMut(u32, How)) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        let value = &value[..value.floor_char_boundary(MAX_SEARCHED_BYTES)];
        let mut indicators: Vec<(u32, How)> = Vec::new();
        let mut fragments: Vec<(usize, u64)> = Vec::new();
        for hit in automaton.find_overlapping_iter(value) {
            let part = &self.parts[hit.pattern().as_usize()];
            if part.is_token && !is_token(value, hit.start(), hit.end()) {
                continue;
            }
            if part
                .cased
                .as_deref()
                .is_some_and(|text| text.as_bytes() != &value.as_bytes()[hit.range()])
            {
                continue;
            }
            let how = if part.is_token { How::Token } else { How::Contains };
            match part.meaning {
                Meaning::Indicator(target) if !indicators.contains(&(target, how)) => indicators.push((target, how)),
                Meaning::Indicator(_) => {}
                Meaning::Fragment { composite, bit } => {
                    match fragments.iter_mut().find(|(other, _)| *other == composite) {
                        Some((_, bits)) => *bits |= 1 << bit,
                        None => fragments.push((composite, 1 << bit)),
                    }
                }
            }
        }
        for (target, how) in indicators {
            push(target, how);
        }
        for (composite, bits) in fragments {
            let composite = &self.composites[composite];
            if bits == composite.all_bits {
                push(composite.target, How::AllOf);
            }
        }
    }
}

/// Collects text indicators.
#[derive(Debug)]
pub(super) struct TextSetBuilder {
    set: TextSet,
    patterns: Vec<String>,
    pattern_bytes: usize,
}

impl TextSetBuilder {
    pub(super) fn exact_case() -> Self {
        Self::new(false)
    }

    pub(super) fn any_case() -> Self {
        Self::new(true)
    }

    pub(super) fn add(&mut self, target: u32, mode: Mode, values: &[String]) {
        for value in values {
            if mode == Mode::Exact {
                self.add_whole(target, value);
            } else {
                self.add_part(mode, value, Meaning::Indicator(target));
            }
        }
    }

    pub(super) fn add_all_of(&mut self, target: u32, mode: Mode, values: &[String]) {
        let composite = self.set.composites.len();
        // `MAX_FRAGMENTS` keeps the bits within 64.
        for (bit, value) in (0..).zip(values) {
            self.add_part(mode, value, Meaning::Fragment { composite, bit });
        }
        let all_bits = u64::MAX >> (64 - values.len().clamp(1, 64));
        self.set.composites.push(Composite { target, all_bits });
    }

    pub(super) fn pattern_bytes(&self) -> usize {
        self.pattern_bytes
    }

    pub(super) fn build(self) -> Result<TextSet, HuntError> {
        let Self { mut set, patterns, .. } = self;
        if !patterns.is_empty() {
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .ascii_case_insensitive(true)
                .build(&patterns)
                .map_err(HuntError::Patterns)?;
            set.automaton = Some(automaton);
        }
        Ok(set)
    }

    fn new(ignores_case: bool) -> Self {
        Self {
            set: TextSet {
                ignores_case,
                whole: HashMap::new(),
                ids: HashMap::new(),
                parts: Vec::new(),
                composites: Vec::new(),
                automaton: None,
            },
            patterns: Vec::new(),
            pattern_bytes: 0,
        }
    }

    fn add_whole(&mut self, target: u32, value: &str) {
        let ids = if self.set.ignores_case { id_of(value) } else { None };
        let (table, key) = match ids {
            Some(id) => (&mut self.set.ids, id.to_owned()),
            None if self.set.ignores_case => (&mut self.set.whole, value.to_ascii_lowercase()),
            None => (&mut self.set.whole, value.to_owned()),
        };
        table.entry(key.into_boxed_str()).or_default().push(target);
    }

    fn add_part(&mut self, mode: Mode, value: &str, meaning: Meaning) {
        self.pattern_bytes += value.len();
        self.patterns.push(value.to_owned());
        let is_token = mode == Mode::Token;
        self.set.parts.push(Part {
            is_token,
            cased: (!self.set.ignores_case && !is_token).then(|| value.into()),
            meaning,
        });
    }
}

/// Domains: a name, or a name and everything below it.
#[derive(Debug)]
pub(super) struct DomainSet {
    whole: HashMap<Box<str>, Vec<u32>>,
    below: HashMap<Box<str>, Vec<u32>>,
    parts: TextSet,
}

/// Collects domains.
#[derive(Debug)]
pub(super) struct DomainSetBuilder {
    whole: HashMap<Box<str>, Vec<u32>>,
    below: HashMap<Box<str>, Vec<u32>>,
    parts: TextSetBuilder,
}

impl DomainSet {
    pub(super) fn builder() -> DomainSetBuilder {
        DomainSetBuilder {
            whole: HashMap::new(),
            below: HashMap::new(),
            parts: TextSetBuilder::any_case(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.below.is_empty() && self.parts.is_empty()
    }

    /// Adds what a host or a link says.
    pub(super) fn find(&self, value: &str, found: &mut Vec<Found>) {
        if self.is_empty() {
            return;
        }
        self.find_host(host_of(value), None, found);
        self.parts.find(value, found);
    }

    /// Adds what hosts in a free text say, all of it weak.
    pub(super) fn find_weak(&self, text: &str, found: &mut Vec<Found>) {
        if self.whole.is_empty() && self.below.is_empty() {
            return;
        }
        let text = &text[..text.floor_char_boundary(MAX_SEARCHED_BYTES)];
        let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_');
        let words = text.split(|letter: char| !is_part(letter));
        for word in words.filter(|word| word.contains('.')) {
            self.find_host(word, Some(How::Weak), found);
        }
    }

    fn find_host(&self, host: &str, how: Option<How>, found: &mut Vec<Found>) {
        // A name longer than DNS allows is not a host; without the limit a hostile one costs quadratic time.
        const MAX_HOST_BYTES: usize = 1024;
        let host = host.trim_end_matches('.');
        if host.len() > MAX_HOST_BYTES {
            return;
        }
        let host = host.to_lowercase();
        let mut push = |targets: Option<&Vec<u32>>, usual| {
            for &target in targets.into_iter().flatten() {
                let how = how.unwrap_or(usual);
                found.push(Found { target, how });
            }
        };
        push(self.whole.get(host.as_str()), How::Exact);
        push(self.below.get(host.as_str()), How::Exact);
        for (dot, _) in host.match_indices('.') {
            push(self.below.get(&host[dot + 1..]), How::Token);
        }
    }
}

impl DomainSetBuilder {
    pub(super) fn add(&mut self, target: u32, mode: Mode, values: &[String]) {
        let table = match mode {
            Mode::Exact => &mut self.whole,
            Mode::Token => &mut self.below,
            Mode::Contains => return self.parts.add(target, mode, values),
        };
        for value in values {
            table.entry(value.as_str().into()).or_default().push(target);
        }
    }

    pub(super) fn pattern_bytes(&self) -> usize {
        self.parts.pattern_bytes()
    }

    pub(super) fn build(self) -> Result<DomainSet, HuntError> {
        Ok(DomainSet {
            whole: self.whole,
            below: self.below,
            parts: self.parts.build()?,
        })
    }
}

fn host_of(value: &str) -> &str {
    crate::lists::host_of(value.trim())
}

/// Returns true where a match stands between start, end or the signs that separate product tokens.
fn is_token(value: &str, start: usize, end: usize) -> bool {
    let separates = |byte: &u8| matches!(byte, b' ' | b'\t' | b';' | b'(' | b')' | b',');
    let bytes = value.as_bytes();
    // A token that itself starts or ends with a separator (`(X11`) brings its own edge.
    let is_edge_before = start == 0 || separates(&bytes[start - 1]) || separates(&bytes[start]);
    let is_edge_after = end == bytes.len() || separates(&bytes[end]) || separates(&bytes[end - 1]);
    is_edge_before && is_edge_after
}

/// Returns the part of a Salesforce id that carries it; `None` for other text.
fn id_of(value: &str) -> Option<&str> {
    let is_id = matches!(value.len(), 15 | 18)
        && value.starts_with('0')
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| &value[..ID_LENGTH])
}
