//! Conditions: `selection and not 1 of filter_*`.

/// The longest condition; the longest in public rule sets has under 1 kB.
pub const CONDITION_LIMIT_BYTES: usize = 16 << 10;
/// The deepest nesting of parentheses and `not`.
pub const CONDITION_DEPTH_LIMIT: usize = 64;

/// A condition as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Detection(String),
    Of(Quantifier, Target),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    All,
    AtLeast(usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// All detections whose name does not start with `_`.
    Them,
    /// All detections whose name fits; `*` is any text.
    Pattern(String),
}

impl Target {
    pub(crate) fn fits(&self, name: &str) -> bool {
        match self {
            Self::Them => !name.starts_with('_'),
            Self::Pattern(pattern) => fits(pattern, name),
        }
    }

    pub(crate) fn as_written(&self) -> &str {
        match self {
            Self::Them => "them",
            Self::Pattern(pattern) => pattern,
        }
    }
}

/// Parses a condition; the error says what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Condition, String> {
    if text.len() > CONDITION_LIMIT_BYTES {
        return Err(format!("the condition is longer than {CONDITION_LIMIT_BYTES} bytes"));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser {
        tokens: &tokens,
        depth: 0,
    };
    let condition = parser.any()?;
    match parser.tokens.first() {
        None => Ok(condition),
        Some(Token::Close) => Err("the condition has a `)` without its `(`".to_owned()),
        Some(token) => Err(format!(
            "the condition needs `and` or `or` before {}",
            token.as_written()
        )),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Word(String),
}

impl Token {
    fn as_written(&self) -> String {
        match self {
            Self::Open => "`(`".to_owned(),
            Self::Close => "`)`".to_owned(),
            Self::Word(word) => format!("`{word}`"),
        }
    }

    fn is_word(&self, wanted: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(wanted))
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    for character in text.chars() {
        match character {
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            '|' => {
                return Err(
                    "the condition has a `|`: aggregation in a condition was removed from Sigma, write a correlation rule"
                        .to_owned(),
                );
            }
            _ if character.is_whitespace() => tokens.push(Token::Word(String::new())),
            _ => match tokens.last_mut() {
                Some(Token::Word(word)) => word.push(character),
                _ => tokens.push(Token::Word(character.to_string())),
            },
        }
    }
    tokens.retain(|token| *token != Token::Word(String::new()));
    Ok(tokens)
}

struct Parser<'t> {
    tokens: &'t [Token],
    depth: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Condition, String> {
        let mut members = vec![self.all()?];
        while self.take("or") {
            members.push(self.all()?);
        }
        Ok(one_or(members, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut members = vec![self.not()?];
        while self.take("and") {
            members.push(self.not()?);
        }
        Ok(one_or(members, Condition::All))
    }

    fn not(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > CONDITION_DEPTH_LIMIT {
            return Err(format!(
                "the condition is nested deeper than {CONDITION_DEPTH_LIMIT} levels"
            ));
        }
        let condition = if self.take("not") {
            Condition::Not(Box::new(self.not()?))
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn primary(&mut self) -> Result<Condition, String> {
        let Some((token, rest)) = self.tokens.split_first() else {
            return Err("the condition ends where a detection is expected".to_owned());
        };
        self.tokens = rest;
        match token {
            Token::Open => {
                let inner = self.any()?;
                match self.tokens.split_first() {
                    Some((Token::Close, rest)) => {
                        self.tokens = rest;
                        Ok(inner)
                    }
                    _ => Err("the condition has a `(` without its `)`".to_owned()),
                }
            }
            Token::Close => Err("the condition has a `)` where a detection is expected".to_owned()),
            Token::Word(word) if self.tokens.first().is_some_and(|next| next.is_word("of")) => {
                let quantifier = quantifier(word)?;
                self.tokens = &self.tokens[1..];
                self.target(quantifier)
            }
            Token::Word(word)
                if ["and", "or", "of"]
                    .iter()
                    .any(|reserved| word.eq_ignore_ascii_case(reserved)) =>
            {
                Err(format!("the condition has `{word}` where a detection is expected"))
            }
            Token::Word(word) => Ok(Condition::Detection(word.clone())),
        }
    }

    fn target(&mut self, quantifier: Quantifier) -> Result<Condition, String> {
        let Some((Token::Word(word), rest)) = self.tokens.split_first() else {
            return Err("the condition has an `of` without `them` or a name pattern".to_owned());
        };
        self.tokens = rest;
        let target = if word.eq_ignore_ascii_case("them") {
            Target::Them
        } else {
            Target::Pattern(word.clone())
        };
        Ok(Condition::Of(quantifier, target))
    }

    fn take(&mut self, word: &str) -> bool {
        match self.tokens.split_first() {
            Some((token, rest)) if token.is_word(word) => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }
}

fn quantifier(word: &str) -> Result<Quantifier, String> {
    if word.eq_ignore_ascii_case("all") {
        return Ok(Quantifier::All);
    }
    if word.eq_ignore_ascii_case("any") {
        return Ok(Quantifier::AtLeast(1));
    }
    match word.parse() {
        Ok(0) => Err("the condition has `0 of`, which always holds".to_owned()),
        Ok(wanted) => Ok(Quantifier::AtLeast(wanted)),
        Err(_) => Err(format!(
            "the condition has `{word} of`: expected a number, `any` or `all`"
        )),
    }
}

fn one_or(mut members: Vec<Condition>, several: fn(Vec<Condition>) -> Condition) -> Condition {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        Some(last) => {
            members.push(last);
            several(members)
        }
        None => several(members),
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match name.split_once(part) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn shown(condition: &Condition) -> String {
        let list = |members: &[Condition], word: &str| {
            let members: Vec<String> = members.iter().map(shown).collect();
            format!("({})", members.join(word))
        };
        match condition {
            Condition::All(members) => list(members, " & "),
            Condition::Any(members) => list(members, " | "),
            Condition::Not(member) => format!("!{}", shown(member)),
            Condition::Detection(name) => name.clone(),
            Condition::Of(Quantifier::All, target) => format!("all:{}", target.as_written()),
            Condition::Of(Quantifier::AtLeast(wanted), target) => format!("{wanted}:{}", target.as_written()),
        }
    }

    #[test]
    fn precedence_is_or_and_not_of() {
        for (text, expected) in [
            ("a or b and not c", "(a | (b & !c))"),
            ("not a and b", "(!a & b)"),
            ("(a or b) and c", "((a | b) & c)"),
            ("not not a", "!!a"),
            ("a AND NOT 1 OF f_*", "(a & !1:f_*)"),
            ("all of them", "all:them"),
            ("any of x*", "1:x*"),
            ("2 of x*", "2:x*"),
            ("android and notepad or order", "((android & notepad) | order)"),
            ("1sel", "1sel"),
            ("sel-1 and\n  not sel.2", "(sel-1 & !sel.2)"),
        ] {
            assert_eq!(shown(&parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn broken_conditions_say_what_is_wrong() {
        for (text, word) in [
            ("", "ends"),
            ("(a", "without its `)`"),
            ("a)", "without its `(`"),
            ("a b", "before `b`"),
            ("a and", "ends"),
            ("and a", "`and`"),
            ("a | count() > 5", "correlation"),
            ("1 of", "without `them`"),
            ("0 of a*", "0 of"),
            ("some of a*", "some of"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
        assert!(parse(&"(".repeat(5_000)).is_err());
        assert!(parse(&"not ".repeat(3_000)).is_err());
        assert!(parse(&"a".repeat(CONDITION_LIMIT_BYTES + 1)).is_err());
    }

    #[test]
    fn patterns_fit_names() {
        for (pattern, name, expected) in [
            ("sel_*", "sel_a", true),
            ("s*_b", "sel_b", true),
            ("s*_b", "sel_a", false),
            ("*e*_*", "sel_a", true),
            ("*", "x", true),
            ("a*a", "a", false),
            ("sel", "sel_a", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
