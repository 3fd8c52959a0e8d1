//! Modifier chains: `CommandLine|contains|all`.

use sekisho_predicate::{Anchor, Case, Comparison, RegexFlags, TimePart};

/// What the key of a detection item says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The field; `None` is a keyword search.
    pub(crate) field: Option<String>,
    /// What values are turned into, in order.
    pub(crate) transforms: Vec<Transform>,
    /// How values are compared.
    pub(crate) matcher: Matcher,
    pub(crate) case: Case,
    /// All values instead of one.
    pub(crate) all: bool,
    /// The answer is turned round.
    pub(crate) negated: bool,
    /// `%name%` in values stands for a list.
    pub(crate) expand: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matcher {
    Text(Anchor),
    Regex(RegexFlags),
    Network,
    Compare(Comparison),
    Time(TimePart, Comparison),
    Exists,
    Field(Anchor),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transform {
    Windash,
    Base64,
    Base64Offset,
    Utf16Le,
    Utf16Be,
    Utf16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Regex,
    Network,
    Exists,
    Field,
}

/// Parses the key of a detection item; the error names the construct that is wrong.
pub(crate) fn parse(key: &str) -> Result<Chain, String> {
    let mut parts = key.split('|');
    let field = parts.next().filter(|field| !field.is_empty()).map(str::to_owned);
    let mut reading = Reading::default();
    for name in parts {
        reading.add(name)?;
    }
    reading.finish(field)
}

#[derive(Default)]
struct Reading<'k> {
    names: Vec<&'k str>,
    anchor: Option<(&'k str, Anchor)>,
    kind: Option<(&'k str, Kind)>,
    comparison: Option<(&'k str, Comparison)>,
    part: Option<(&'k str, TimePart)>,
    flags: RegexFlags,
    flag: Option<&'k str>,
    cased: bool,
    all: bool,
    negated: bool,
    expand: bool,
    transforms: Vec<Transform>,
}

impl<'k> Reading<'k> {
    fn add(&mut self, name: &'k str) -> Result<(), String> {
        if self.names.contains(&name) {
            return Err(format!("the modifier `{name}` stands twice"));
        }
        self.names.push(name);
        match name {
            "contains" => set(&mut self.anchor, name, Anchor::Anywhere),
            "startswith" => set(&mut self.anchor, name, Anchor::Start),
            "endswith" => set(&mut self.anchor, name, Anchor::End),
            "re" => set(&mut self.kind, name, Kind::Regex),
            "cidr" => set(&mut self.kind, name, Kind::Network),
            "exists" => set(&mut self.kind, name, Kind::Exists),
            "fieldref" => set(&mut self.kind, name, Kind::Field),
            "lt" => set(&mut self.comparison, name, Comparison::Less),
            "lte" => set(&mut self.comparison, name, Comparison::AtMost),
            "gt" => set(&mut self.comparison, name, Comparison::Greater),
            "gte" => set(&mut self.comparison, name, Comparison::AtLeast),
            "minute" => set(&mut self.part, name, TimePart::Minute),
            "hour" => set(&mut self.part, name, TimePart::Hour),
            "day" => set(&mut self.part, name, TimePart::Day),
            "week" => set(&mut self.part, name, TimePart::Week),
            "month" => set(&mut self.part, name, TimePart::Month),
            "year" => set(&mut self.part, name, TimePart::Year),
            "i" | "ignorecase" | "m" | "multiline" | "s" | "dotall" => self.flag(name),
            _ => self.switch(name),
        }
    }

    fn flag(&mut self, name: &'k str) -> Result<(), String> {
        if !matches!(self.kind, Some((_, Kind::Regex))) {
            return Err(format!("the modifier `{name}` stands without `re` before it"));
        }
        self.flag = Some(name);
        match name {
            "i" | "ignorecase" => self.flags.ignore_case = true,
            "m" | "multiline" => self.flags.multi_line = true,
            _ => self.flags.dot_all = true,
        }
        Ok(())
    }

    fn switch(&mut self, name: &'k str) -> Result<(), String> {
        match name {
            "all" => self.all = true,
            "cased" => self.cased = true,
            "neq" => self.negated = true,
            "expand" => self.expand = true,
            "windash" => self.transforms.push(Transform::Windash),
            "base64" => self.transforms.push(Transform::Base64),
            "base64offset" => self.transforms.push(Transform::Base64Offset),
            "wide" | "utf16le" => self.transforms.push(Transform::Utf16Le),
            "utf16be" => self.transforms.push(Transform::Utf16Be),
            "utf16" => self.transforms.push(Transform::Utf16),
            "" => return Err("an empty modifier stands after `|`".to_owned()),
            "not" => return Err("`not` is no modifier: negate in the condition, or use `neq`".to_owned()),
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    fn finish(self, field: Option<String>) -> Result<Chain, String> {
        self.check_combination()?;
        let matcher = self.matcher()?;
        if field.is_none() && !matches!(matcher, Matcher::Text(_) | Matcher::Regex(_) | Matcher::Network) {
            let name = self.names.last().copied().unwrap_or_default();
            return Err(format!("the modifier `{name}` needs a field before it"));
        }
        Ok(Chain {
            field,
            transforms: self.transforms,
            matcher,
            case: if self.cased { Case::Exact } else { Case::Folded },
            all: self.all,
            negated: self.negated,
            expand: self.expand,
        })
    }

    fn matcher(&self) -> Result<Matcher, String> {
        let anchor = self.anchor.map(|(_, anchor)| anchor);
        Ok(match (self.kind, self.part, self.comparison) {
            (Some((name, _)), Some((other, _)), _) | (Some((name, _)), _, Some((other, _))) => {
                return Err(conflict(name, other));
            }
            (Some((_, Kind::Regex)), ..) => Matcher::Regex(self.flags),
            (Some((_, Kind::Network)), ..) => Matcher::Network,
            (Some((_, Kind::Exists)), ..) => Matcher::Exists,
            (Some((_, Kind::Field)), ..) => Matcher::Field(anchor.unwrap_or(Anchor::Whole)),
            (None, Some((_, part)), comparison) => {
                Matcher::Time(part, comparison.map_or(Comparison::Equal, |(_, comparison)| comparison))
            }
            (None, None, Some((_, comparison))) => Matcher::Compare(comparison),
            (None, None, None) => Matcher::Text(anchor.unwrap_or(Anchor::Whole)),
        })
    }

    fn check_combination(&self) -> Result<(), String> {
        let kind = self.kind.map(|(name, _)| name);
        let numeric = self
            .part
            .map(|(name, _)| name)
            .or(self.comparison.map(|(name, _)| name));
        let is_field = matches!(self.kind, Some((_, Kind::Field)));
        let not_text = kind.or(numeric);
        if let (Some((anchor, _)), Some(other)) = (self.anchor, not_text.filter(|_| !is_field)) {
            return Err(conflict(anchor, other));
        }
        if let (true, Some(other)) = (self.cased, not_text.filter(|_| !is_field)) {
            return Err(conflict("cased", other));
        }
        if let (false, Some(other)) = (self.transforms.is_empty(), not_text) {
            let transform = self.names.iter().find(|name| is_transform(name)).copied();
            return Err(conflict(transform.unwrap_or_default(), other));
        }
        if let (true, Some(other)) = (
            self.expand,
            numeric.or(kind.filter(|name| *name != "re" && *name != "cidr")),
        ) {
            return Err(conflict("expand", other));
        }
        if matches!(self.kind, Some((_, Kind::Exists))) && (self.all || self.negated) {
            return Err(conflict("exists", if self.all { "all" } else { "neq" }));
        }
        Ok(())
    }
}

fn set<'k, T>(slot: &mut Option<(&'k str, T)>, name: &'k str, value: T) -> Result<(), String> {
    if let Some((before, _)) = slot {
        return Err(conflict(before, name));
    }
    *slot = Some((name, value));
    Ok(())
}

fn is_transform(name: &str) -> bool {
    name == "windash" || name == "wide" || name.starts_with("base64") || name.starts_with("utf16")
}

fn conflict(one: &str, other: &str) -> String {
    format!("the modifiers `{one}` and `{other}` do not combine")
}

/// Every modifier, for hints.
const NAMES: [&str; 37] = [
    "all",
    "base64",
    "base64offset",
    "cased",
    "cidr",
    "contains",
    "day",
    "dotall",
    "endswith",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "hour",
    "i",
    "ignorecase",
    "lt",
    "lte",
    "m",
    "minute",
    "month",
    "multiline",
    "neq",
    "re",
    "s",
    "startswith",
    "utf16",
    "utf16be",
    "utf16le",
    "week",
    "wide",
    "windash",
    "year",
    "equals",
    "in",
    "regex",
];

/// Words that people write for a modifier of another name.
const MEANT: [(&str, &str); 3] = [("equals", "no modifier"), ("in", "a list of values"), ("regex", "`re`")];

fn unknown(name: &str) -> String {
    let lower = name.to_lowercase();
    if let Some((_, instead)) = MEANT.iter().find(|(word, _)| *word == lower) {
        return format!("unknown modifier `{name}`: use {instead}");
    }
    match NAMES.iter().find(|known| distance_is_small(known, &lower)) {
        Some(known) => format!("unknown modifier `{name}`: did you mean `{known}`?"),
        None => format!("unknown modifier `{name}`"),
    }
}

/// Whether two words differ by case, by one character, or by the order of their characters.
fn distance_is_small(known: &str, word: &str) -> bool {
    let sorted = |text: &str| {
        let mut characters: Vec<char> = text.chars().filter(|character| *character != '_').collect();
        characters.sort_unstable();
        characters
    };
    if known.len() < 3 || word.len() > 32 {
        return known == word;
    }
    let (one, other) = (sorted(known), sorted(word));
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let mut rest = long;
    for character in &short {
        if let Some(at) = rest.iter().position(|other| other == character) {
            rest.remove(at);
        }
    }
    rest.len() <= 1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn chains_are_read_whole() {
        let chain = parse("Cmd|windash|contains|all|cased").unwrap();
        assert_eq!(chain.field.as_deref(), Some("Cmd"));
        assert_eq!(chain.transforms, [Transform::Windash]);
        assert_eq!(chain.matcher, Matcher::Text(Anchor::Anywhere));
        assert_eq!((chain.case, chain.all), (Case::Exact, true));
        assert_eq!(parse("|all").unwrap().field, None);
        assert_eq!(
            parse("t|hour|gte").unwrap().matcher,
            Matcher::Time(TimePart::Hour, Comparison::AtLeast)
        );
        assert_eq!(
            parse("f|fieldref|endswith").unwrap().matcher,
            Matcher::Field(Anchor::End)
        );
    }

    #[test]
    fn what_does_not_combine_is_named() {
        for (key, words) in [
            ("F|contains|re", ["contains", "re"]),
            ("F|re|cidr", ["re", "cidr"]),
            ("F|contains|startswith", ["contains", "startswith"]),
            ("F|gt|lt", ["gt", "lt"]),
            ("F|re|gt", ["re", "gt"]),
            ("F|re|cased", ["cased", "re"]),
            ("F|base64|cidr", ["base64", "cidr"]),
            ("F|exists|all", ["exists", "all"]),
            ("F|all|all", ["all", "twice"]),
            ("F|i", ["i", "without `re`"]),
            ("|exists", ["exists", "field"]),
            ("|gt", ["gt", "field"]),
            ("|fieldref", ["fieldref", "field"]),
            ("F|", ["empty", "|"]),
            ("F|not", ["not", "condition"]),
        ] {
            let error = parse(key).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{key}: {error}");
        }
    }

    #[test]
    fn unknown_modifiers_get_a_hint() {
        for (name, hint) in [
            ("Contains", "`contains`"),
            ("contain", "`contains`"),
            ("startwith", "`startswith`"),
            ("ends_with", "`endswith`"),
            ("regex", "`re`"),
        ] {
            let error = parse(&format!("F|{name}")).unwrap_err();
            assert!(error.contains(hint), "{error}");
        }
        assert_eq!(parse("F|bogus").unwrap_err(), "unknown modifier `bogus`");
    }
}
