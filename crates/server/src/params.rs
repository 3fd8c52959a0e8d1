//! What a request says: its query and the parts of its path. A parameter that is not known is refused: a misspelt limit
//! would otherwise answer more than was asked, in silence.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sekisho_event::ids::OrgId;
use sekisho_event::time::{Range, TimeArgError, parse_instant};
use sekisho_operation::events::EventFilter;
use sekisho_operation::japanese;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The query of a request.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        serde_html_form::from_str(query).map(Self).map_err(|error| {
            Problem::bad_request(
                format!("a parameter is not accepted: {error}"),
                format!("パラメーターを受け付けられません({error})。"),
            )
        })
    }
}

/// The query of an endpoint that takes none: an org that is passed over in silence would answer for all of them.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParameters {}

/// The one variable part of a path.
#[derive(Debug)]
pub(crate) struct Part(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Part {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0))
            .map_err(|_| Problem::bad_request("the path is not UTF-8 text", "パスが UTF-8 のテキストではありません。"))
    }
}

/// Returns the half-open range of `from` and `to`.
pub(crate) fn range(from: Option<&str>, to: Option<&str>) -> Result<Range, Problem> {
    let range = Range {
        from_us: from.map(instant).transpose()?,
        to_us: to.map(instant).transpose()?,
    };
    let is_backwards = range.from_us.zip(range.to_us).is_some_and(|(from, to)| from > to);
    if is_backwards {
        return Err(Problem::bad_request(
            "`from` lies after `to`",
            "`from` が `to` より後になっています。",
        ));
    }
    Ok(range)
}

/// A date without a time is refused too: whose midnight it is depends on the reader.
fn instant(text: &str) -> Result<i64, Problem> {
    let parsed = parse_instant(text, None).and_then(|at_us| {
        let has_time = text.trim().len() > "2025-11-20".len();
        has_time
            .then_some(at_us)
            .ok_or_else(|| TimeArgError::NoZone(text.to_owned()))
    });
    parsed.map_err(|error| {
        let (en, ja) = match &error {
            TimeArgError::NoZone(text) => (
                format!("the time `{text}` has no zone: write it as 2025-11-20T09:00:00Z"),
                format!("時刻 `{text}` にタイムゾーンがありません。2025-11-20T09:00:00Z の形で指定してください。"),
            ),
            other => (other.to_string(), japanese::time(other)),
        };
        Problem::bad_request(en, ja)
    })
}

/// Returns the events that a search means.
pub(crate) fn filter(
    q: Option<String>,
    from: Option<&str>,
    to: Option<&str>,
    orgs: Vec<String>,
) -> Result<EventFilter, Problem> {
    Ok(EventFilter {
        q: q.unwrap_or_default(),
        range: range(from, to)?,
        orgs: orgs.into_iter().map(OrgId::new).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_a_zone_and_a_direction() {
        assert!(range(Some("2025-11-20T09:00:00+09:00"), Some("2025-11-20T01:00:00Z")).is_ok());
        assert!(range(Some("2025-11-20T09:00:00"), None).is_err());
        assert!(range(Some("2025-11-20"), None).is_err());
        assert!(range(Some("soon"), None).is_err());
        assert!(range(Some("2025-11-20T09:00:00Z"), Some("2025-11-20T08:00:00Z")).is_err());
    }
}
