//! From text to a [`Query`], by recursive descent over the text itself.

use std::ops::Range;

use crate::error::SyntaxError;
use crate::field::{Field, FieldType, nearest};
use crate::query::{Comparison, Condition, Query, Test};
use crate::typed;
use crate::value::{self, Value};

/// The longest search: a screenful. It bounds the SQL that comes of it, which may be twelve times as long, since words are
/// looked for in twelve fields.
pub const MAX_QUERY_BYTES: usize = 2 * 1024;

/// How deep parentheses and negations may stand in each other: nobody reads more, and the engine recurses over them.
pub const MAX_DEPTH: usize = 12;

/// The most terms with a field: each is a test of every row.
pub const MAX_TERMS: usize = 128;

/// The most words without one: each is a test of twelve columns.
pub const MAX_WORDS: usize = 32;

/// Returns what a search means. Nothing, or blanks, is every event.
///
/// # Errors
/// The text is not of the language, names no known field, or is past a limit.
pub fn parse(text: &str) -> Result<Query, SyntaxError> {
    if text.len() > MAX_QUERY_BYTES {
        return Err(SyntaxError::new(
            MAX_QUERY_BYTES..text.len(),
            format!("the search is {} bytes long, {MAX_QUERY_BYTES} are allowed", text.len()),
            format!(
                "検索式が長すぎます({} バイト)。上限は {MAX_QUERY_BYTES} バイトです。",
                text.len()
            ),
        ));
    }
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        terms: 0,
        words: 0,
    };
    parser.skip_blanks();
    if parser.rest().is_empty() {
        return Ok(Query {
            condition: Condition::Any,
        });
    }
    let condition = parser.either()?;
    if parser.rest().starts_with(')') {
        return Err(SyntaxError::new(
            parser.here(),
            "this parenthesis closes nothing",
            "対応する開き括弧がありません。",
        ));
    }
    Ok(Query { condition })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
    words: usize,
}

impl<'a> Parser<'a> {
    /// One of several, with `OR` between them.
    fn either(&mut self) -> Result<Condition, SyntaxError> {
        let mut conditions = vec![self.all()?];
        while self.take_keyword("OR").is_some() {
            conditions.push(self.all()?);
        }
        Ok(sole_or(conditions, Condition::Either))
    }

    /// All of several, side by side or with `AND` between them.
    fn all(&mut self) -> Result<Condition, SyntaxError> {
        let mut conditions = vec![self.negatable()?];
        loop {
            let is_joined = self.take_keyword("AND").is_some();
            if !is_joined && self.is_at_end_of_terms() {
                return Ok(sole_or(conditions, Condition::All));
            }
            conditions.push(self.negatable()?);
        }
    }

    fn negatable(&mut self) -> Result<Condition, SyntaxError> {
        if let Some(span) = self.take_keyword("NOT").or_else(|| self.take_minus()) {
            return self.deeper(span, |parser| Ok(Condition::Not(Box::new(parser.negatable()?))));
        }
        self.skip_blanks();
        let start = self.at;
        if self.take_char('(') {
            return self.deeper(start..start + 1, |parser| {
                let condition = parser.either()?;
                parser.close(start)?;
                Ok(condition)
            });
        }
        self.refuse_nothing()?;
        match self.take_field()? {
            Some((field, comparison)) => self.field_condition(field, comparison),
            None => self.word(),
        }
    }

    /// What stands after `field:` or `field>`.
    fn field_condition(&mut self, field: Field, comparison: Option<Comparison>) -> Result<Condition, SyntaxError> {
        self.skip_blanks();
        let start = self.at;
        if comparison.is_none() && self.take_char('(') {
            return self.deeper(start..start + 1, |parser| {
                let condition = parser.either_value(field)?;
                parser.close(start)?;
                Ok(condition)
            });
        }
        self.value_condition(field, comparison)
    }

    fn either_value(&mut self, field: Field) -> Result<Condition, SyntaxError> {
        let mut conditions = vec![self.all_values(field)?];
        while self.take_keyword("OR").is_some() {
            conditions.push(self.all_values(field)?);
        }
        Ok(sole_or(conditions, Condition::Either))
    }

    fn all_values(&mut self, field: Field) -> Result<Condition, SyntaxError> {
        let mut conditions = vec![self.negatable_value(field)?];
        loop {
            let is_joined = self.take_keyword("AND").is_some();
            if !is_joined && self.is_at_end_of_terms() {
                return Ok(sole_or(conditions, Condition::All));
            }
            conditions.push(self.negatable_value(field)?);
        }
    }

    fn negatable_value(&mut self, field: Field) -> Result<Condition, SyntaxError> {
        if let Some(span) = self.take_keyword("NOT") {
            return self.deeper(span, |parser| {
                Ok(Condition::Not(Box::new(parser.negatable_value(field)?)))
            });
        }
        self.field_condition(field, None)
    }

    fn value_condition(&mut self, field: Field, comparison: Option<Comparison>) -> Result<Condition, SyntaxError> {
        // `rows:>5` is what other tools write for `rows>5`.
        let comparison = comparison.or_else(|| self.take_comparison());
        self.skip_blanks();
        self.refuse_nothing()?;
        let value = self.take_value()?;
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(SyntaxError::new(
                value.span,
                format!("there are more than {MAX_TERMS} terms"),
                format!("条件が多すぎます。上限は {MAX_TERMS} 個です。"),
            ));
        }
        typed::condition(field, comparison, &value)
    }

    fn word(&mut self) -> Result<Condition, SyntaxError> {
        let value = self.take_value()?;
        self.words += 1;
        if self.words > MAX_WORDS {
            return Err(SyntaxError::new(
                value.span,
                format!("there are more than {MAX_WORDS} words; say with field:value where to look"),
                format!(
                    "語が多すぎます。上限は {MAX_WORDS} 個です。field:value の形で探すフィールドを指定してください。"
                ),
            ));
        }
        if value.pattern.is_anything() {
            return Ok(Condition::Any);
        }
        // Logs hold addresses and not networks: someone who writes a network means what is in it.
        let network = value.network();
        let word = Condition::Word(value.pattern);
        Ok(match (network, Field::named("src_ip")) {
            (Some(network), Some(field)) => {
                Condition::Either(vec![Condition::Field(field, Test::InNetwork(network)), word])
            }
            _ => word,
        })
    }

    /// Takes the name of a field and what stands between it and its value.
    fn take_field(&mut self) -> Result<Option<(Field, Option<Comparison>)>, SyntaxError> {
        let name = value::name_at(self.rest());
        let after = &self.rest()[name.len()..];
        let is_field = !name.is_empty() && after.starts_with([':', '<', '>']) && !value::is_address(self.rest());
        if !is_field {
            return Ok(None);
        }
        let span = self.at..self.at + name.len();
        let field = Field::named(name).ok_or_else(|| unknown_field(span.clone(), name))?;
        self.at += name.len();
        if self.take_char(':') {
            return Ok(Some((field, None)));
        }
        let comparison = self.take_comparison();
        if matches!(field.ty(), FieldType::Text | FieldType::Key | FieldType::Address) {
            return Err(typed::not_comparable(span, field));
        }
        Ok(Some((field, comparison)))
    }

    fn take_comparison(&mut self) -> Option<Comparison> {
        let forms = [
            (">=", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            (">", Comparison::Greater),
            ("<", Comparison::Less),
        ];
        let (form, comparison) = forms.into_iter().find(|(form, _)| self.rest().starts_with(form))?;
        self.at += form.len();
        Some(comparison)
    }

    fn take_value(&mut self) -> Result<Value<'a>, SyntaxError> {
        let value = value::value_at(self.text, self.at)?;
        self.at = value.span.end;
        Ok(value)
    }

    /// Takes a word of the language where it stands alone.
    fn take_keyword(&mut self, keyword: &str) -> Option<Range<usize>> {
        self.skip_blanks();
        let after = self.rest().strip_prefix(keyword)?;
        let stands_alone =
            after.is_empty() || after.starts_with(|next: char| next.is_whitespace() || "()\"".contains(next));
        if !stands_alone {
            return None;
        }
        let span = self.at..self.at + keyword.len();
        self.at = span.end;
        Some(span)
    }

    /// Takes a minus that stands before something.
    fn take_minus(&mut self) -> Option<Range<usize>> {
        let after = self.rest().strip_prefix('-')?;
        let stands_before = after.starts_with(|next: char| !next.is_whitespace() && next != ')');
        if !stands_before {
            return None;
        }
        self.at += 1;
        Some(self.at - 1..self.at)
    }

    fn take_char(&mut self, wanted: char) -> bool {
        let is_there = self.rest().starts_with(wanted);
        if is_there {
            self.at += wanted.len_utf8();
        }
        is_there
    }

    fn close(&mut self, opened: usize) -> Result<(), SyntaxError> {
        self.skip_blanks();
        if self.take_char(')') {
            return Ok(());
        }
        Err(SyntaxError::new(
            opened..opened + 1,
            "this parenthesis is never closed",
            "括弧が閉じられていません。",
        ))
    }

    /// Refuses the end, a closing parenthesis and an `AND` or `OR` where a term is wanted.
    fn refuse_nothing(&mut self) -> Result<(), SyntaxError> {
        self.skip_blanks();
        let start = self.at;
        let keyword = ["AND", "OR", "NOT"]
            .iter()
            .any(|keyword| self.take_keyword(keyword).is_some());
        if !keyword && !self.is_at_end_of_terms() {
            return Ok(());
        }
        let end = if self.at > start { self.at } else { self.here().end };
        Err(SyntaxError::new(
            start..end,
            "a term is missing here",
            "ここに条件が必要です。",
        ))
    }

    fn is_at_end_of_terms(&mut self) -> bool {
        self.skip_blanks();
        let start = self.at;
        let is_end = self.rest().is_empty() || self.rest().starts_with(')') || self.take_keyword("OR").is_some();
        self.at = start;
        is_end
    }

    fn deeper<T>(
        &mut self,
        span: Range<usize>,
        inside: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        if self.depth == MAX_DEPTH {
            return Err(SyntaxError::new(
                span,
                format!("this is more than {MAX_DEPTH} levels deep"),
                format!("入れ子が深すぎます。上限は {MAX_DEPTH} 段です。"),
            ));
        }
        self.depth += 1;
        let inner = inside(self);
        self.depth -= 1;
        inner
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest().len() - self.rest().trim_start().len();
        self.at += blanks;
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character, or nothing at the end.
    fn here(&self) -> Range<usize> {
        self.at..self.at + self.rest().chars().next().map_or(0, char::len_utf8)
    }
}

fn sole_or(mut conditions: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match (conditions.pop(), conditions.is_empty()) {
        (Some(sole), true) => sole,
        (Some(last), false) => {
            conditions.push(last);
            join(conditions)
        }
        (None, _) => Condition::Any,
    }
}

fn unknown_field(span: Range<usize>, name: &str) -> SyntaxError {
    let near = nearest(name);
    SyntaxError::new(
        span,
        format!("there is no field `{name}`; the nearest is `{near}`. To look for the text itself, put it in quotes"),
        format!(
            "フィールド `{name}` はありません。最も近いのは `{near}` です。文字列として検索するには引用符で囲んでください。"
        ),
    )
}
