//! The part of the STIX pattern language that indicators of logs use: comparisons joined by AND and OR, and
//! observations joined by OR. The rest is recognised, so that it can be listed with its reason.

/// Most bytes of one pattern: the longest published ones, alternatives of thousands of addresses, stay below.
const MAX_PATTERN_BYTES: usize = 1024 * 1024;
/// Most brackets inside brackets; the grammar needs a handful.
const MAX_DEPTH: usize = 32;

/// One or more observations.
#[derive(Debug, PartialEq)]
pub(super) enum Observation {
    /// What one observed thing has.
    One(Expression),
    /// Any of these.
    Any(Vec<Observation>),
    /// Something that a search row by row cannot express, with its reason.
    Beyond(&'static str),
}

/// What one observed thing has.
#[derive(Debug, PartialEq)]
pub(super) enum Expression {
    /// One comparison.
    Test(Test),
    /// Any of these.
    Any(Vec<Expression>),
    /// All of these.
    All(Vec<Expression>),
}

/// One comparison.
#[derive(Debug, PartialEq)]
pub(super) struct Test {
    /// Object type and path, quotes taken off: `network-traffic:extensions.http-request-ext`.
    pub(super) path: String,
    pub(super) operator: Operator,
    pub(super) is_negated: bool,
    /// One value, or those of an `IN`.
    pub(super) values: Vec<String>,
}

/// How a comparison compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Like,
    IsSubset,
    Other,
}

/// Returns the pattern, or why it cannot be read.
pub(super) fn parse(pattern: &str) -> Result<Observation, &'static str> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err("pattern_too_long");
    }
    let tokens = tokens(pattern)?;
    let mut parser = Parser {
        tokens: &tokens,
        depth: 0,
    };
    let observation = parser.observations()?;
    if parser.tokens.is_empty() {
        Ok(observation)
    } else {
        Err(SYNTAX)
    }
}

const SYNTAX: &str = "syntax";

#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    OpenRound,
    CloseRound,
    Comma,
    Comparator(&'static str),
    /// A bare word: a keyword, a number or an object path.
    Word(String),
    Quoted(String),
}

fn tokens(pattern: &str) -> Result<Vec<Token>, &'static str> {
    let mut tokens = Vec::new();
    let mut rest = pattern.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '[' => (Token::Open, 1),
            ']' => (Token::Close, 1),
            '(' => (Token::OpenRound, 1),
            ')' => (Token::CloseRound, 1),
            ',' => (Token::Comma, 1),
            '\'' => {
                let (text, length) = quoted(rest)?;
                (Token::Quoted(text), length)
            }
            '=' | '!' | '<' | '>' => comparator(rest)?,
            _ => word(rest)?,
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn comparator(rest: &str) -> Result<(Token, usize), &'static str> {
    ["!=", "<>", "<=", ">=", "=", "<", ">"]
        .into_iter()
        .find(|sign| rest.starts_with(sign))
        .map(|sign| (Token::Comparator(sign), sign.len()))
        .ok_or(SYNTAX)
}

/// Returns the text of a literal that starts the input, and its length there.
fn quoted(rest: &str) -> Result<(String, usize), &'static str> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => return Ok((text, at + 1)),
            '\\' => text.push(letters.next().ok_or(SYNTAX)?.1),
            _ => text.push(letter),
        }
    }
    Err(SYNTAX)
}

/// Returns a bare word; in an object path, quoted steps and `[*]` belong to it.
fn word(rest: &str) -> Result<(Token, usize), &'static str> {
    let mut text = String::new();
    let mut at = 0;
    while let Some(letter) = rest[at..].chars().next() {
        let is_path = text.contains(':');
        match letter {
            '\'' if is_path && text.ends_with(['.', ':']) => {
                let (step, length) = quoted(&rest[at..])?;
                text.push_str(&step);
                at += length;
            }
            '[' if is_path => {
                let end = rest[at..].find(']').ok_or(SYNTAX)?;
                text.push_str(&rest[at..=at + end]);
                at += end + 1;
            }
            _ if letter.is_alphanumeric() || "-_.:*+".contains(letter) => {
                text.push(letter);
                at += letter.len_utf8();
            }
            _ => break,
        }
    }
    if text.is_empty() {
        return Err(SYNTAX);
    }
    Ok((Token::Word(text), at))
}

struct Parser<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl Parser<'_> {
    fn observations(&mut self) -> Result<Observation, &'static str> {
        let mut alternatives = vec![self.observation()?];
        let mut beyond = None;
        loop {
            if self.take_word("OR") {
                alternatives.push(self.observation()?);
            } else if self.take_word("AND") {
                self.observation()?;
                beyond = Some("conjunction_of_observations");
            } else if self.take_word("FOLLOWEDBY") {
                self.observation()?;
                beyond = Some("sequence");
            } else {
                break;
            }
        }
        if let Some(reason) = beyond {
            return Ok(Observation::Beyond(reason));
        }
        Ok(match alternatives.pop() {
            Some(only) if alternatives.is_empty() => only,
            Some(last) => {
                alternatives.push(last);
                Observation::Any(alternatives)
            }
            None => return Err(SYNTAX),
        })
    }

    fn observation(&mut self) -> Result<Observation, &'static str> {
        let inner = if self.take(&Token::OpenRound) {
            self.nested(Self::observations, &Token::CloseRound)?
        } else if self.take(&Token::Open) {
            Observation::One(self.nested(Self::alternatives, &Token::Close)?)
        } else {
            return Err(SYNTAX);
        };
        let mut is_qualified = false;
        while self.take_qualifier()? {
            is_qualified = true;
        }
        Ok(if is_qualified {
            Observation::Beyond("qualifier")
        } else {
            inner
        })
    }

    fn alternatives(&mut self) -> Result<Expression, &'static str> {
        self.joined("OR", Self::conjunction, Expression::Any)
    }

    fn conjunction(&mut self) -> Result<Expression, &'static str> {
        self.joined("AND", Self::comparison, Expression::All)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Expression, &'static str>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, &'static str> {
        let first = part(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn comparison(&mut self) -> Result<Expression, &'static str> {
        if self.take(&Token::OpenRound) {
            return self.nested(Self::alternatives, &Token::CloseRound);
        }
        let mut is_negated = self.take_word("NOT");
        if self.take_word("EXISTS") {
            let path = self.path()?;
            return Ok(Expression::Test(Test {
                path,
                operator: Operator::Other,
                is_negated,
                values: vec![String::new()],
            }));
        }
        let path = self.path()?;
        is_negated |= self.take_word("NOT");
        let (operator, is_unequal, is_set) = self.operator()?;
        let values = if is_set { self.set()? } else { vec![self.literal()?] };
        Ok(Expression::Test(Test {
            path,
            operator,
            is_negated: is_negated != is_unequal || (is_negated && is_unequal),
            values,
        }))
    }

    /// Returns the operator, whether it means "other than", and whether a set follows.
    fn operator(&mut self) -> Result<(Operator, bool, bool), &'static str> {
        let (first, rest) = self.tokens.split_first().ok_or(SYNTAX)?;
        self.tokens = rest;
        match first {
            Token::Comparator("=") => Ok((Operator::Equal, false, false)),
            Token::Comparator("!=" | "<>") => Ok((Operator::Equal, true, false)),
            Token::Comparator(_) => Ok((Operator::Other, false, false)),
            Token::Word(word) => match word.as_str() {
                "IN" => Ok((Operator::Equal, false, true)),
                "LIKE" => Ok((Operator::Like, false, false)),
                "ISSUBSET" => Ok((Operator::IsSubset, false, false)),
                "MATCHES" | "ISSUPERSET" => Ok((Operator::Other, false, false)),
                _ => Err(SYNTAX),
            },
            _ => Err(SYNTAX),
        }
    }

    fn set(&mut self) -> Result<Vec<String>, &'static str> {
        if !self.take(&Token::OpenRound) {
            return Err(SYNTAX);
        }
        let mut values = vec![self.literal()?];
        while self.take(&Token::Comma) {
            values.push(self.literal()?);
        }
        if self.take(&Token::CloseRound) {
            Ok(values)
        } else {
            Err(SYNTAX)
        }
    }

    fn path(&mut self) -> Result<String, &'static str> {
        match self.tokens.split_first() {
            Some((Token::Word(word), rest)) if word.contains(':') => {
                self.tokens = rest;
                Ok(word.clone())
            }
            _ => Err(SYNTAX),
        }
    }

    fn literal(&mut self) -> Result<String, &'static str> {
        let (first, mut rest) = self.tokens.split_first().ok_or(SYNTAX)?;
        let value = match (first, rest.first()) {
            // `t'...'`, `h'...'` and `b'...'`: a letter, then a quoted text.
            (Token::Word(_), Some(Token::Quoted(text))) => {
                rest = &rest[1..];
                text.clone()
            }
            (Token::Word(text) | Token::Quoted(text), _) => text.clone(),
            _ => return Err(SYNTAX),
        };
        self.tokens = rest;
        Ok(value)
    }

    fn nested<T>(
        &mut self,
        inside: fn(&mut Self) -> Result<T, &'static str>,
        close: &Token,
    ) -> Result<T, &'static str> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nesting_too_deep");
        }
        let value = inside(self)?;
        self.depth -= 1;
        if self.take(close) { Ok(value) } else { Err(SYNTAX) }
    }

    fn take_qualifier(&mut self) -> Result<bool, &'static str> {
        if self.take_word("WITHIN") || self.take_word("REPEATS") {
            self.literal()?;
            return if self.take_word("SECONDS") || self.take_word("TIMES") {
                Ok(true)
            } else {
                Err(SYNTAX)
            };
        }
        if self.take_word("START") {
            self.literal()?;
            return if self.take_word("STOP") {
                self.literal().map(|_| true)
            } else {
                Err(SYNTAX)
            };
        }
        Ok(false)
    }

    fn take(&mut self, token: &Token) -> bool {
        let is_next = self.tokens.first() == Some(token);
        if is_next {
            self.tokens = &self.tokens[1..];
        }
        is_next
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.tokens.first(), Some(Token::Word(next)) if next == word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_next = self.is_word(word);
        if is_next {
            self.tokens = &self.tokens[1..];
        }
        is_next
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_are_taken_off() {
        let Observation::One(Expression::Test(test)) = parse(r"[url:value = 'a\'b\\c']").unwrap() else {
            unreachable!("one test was written");
        };
        assert_eq!(test.values, [r"a'b\c"]);
    }

    #[test]
    fn and_binds_closer_than_or() {
        let Observation::One(Expression::Any(parts)) = parse("[a:b = 1 OR a:c = 2 AND a:d = 3]").unwrap() else {
            unreachable!("alternatives were written");
        };
        assert!(matches!(parts[1], Expression::All(_)));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("[{}a:b = 1{}]", "(".repeat(1000), ")".repeat(1000));
        assert_eq!(parse(&deep), Err("nesting_too_deep"));
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_panics(pattern in "[\\[\\]()',= a-z:'.\\\\ORANDé%]{0,80}") {
            let _ = parse(&pattern);
        }
    }
}
