//! What a client is told when it does not get what it asked for (RFC 9457), in both languages.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sekisho_event::text::Text;
use sekisho_operation::error::Reason;
use sekisho_operation::{Error, japanese};
use serde::Serialize;
use utoipa::ToSchema;

use crate::limits::RETRY_AFTER_SECONDS;

/// The media type of [`Problem`].
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// The name of a problem, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProblemCode)]
pub(crate) enum Code {
    /// There is no such thing.
    NotFound,
    /// The request is wrong.
    BadRequest,
    /// The search is not understood; `at` says where.
    BadQuery,
    /// The request comes from elsewhere, or does what it may not.
    Forbidden,
    /// There is no store, or it cannot be used.
    NoStore,
    /// The answer took longer than it may.
    TooSlow,
    /// Too many requests at once; `retry-after` says when to ask again.
    Busy,
    /// It is our fault.
    Internal,
}

/// The part of a search that is not understood, in bytes of `q`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Span {
    /// The first byte.
    pub(crate) start: usize,
    /// The byte after the last.
    pub(crate) end: usize,
}

/// Why a request was not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the code says what kind of problem it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    ty: &'static str,
    /// What kind of problem it is, for people.
    title: Box<Text>,
    /// The status of the answer.
    status: u16,
    /// What happened.
    detail: Text,
    /// What kind of problem it is, for programs.
    code: Code,
    /// What to do next, where that is known.
    #[schema(required)]
    hint: Option<Box<Text>>,
    /// Where in `q`, for `bad_query` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    at: Option<Span>,
}

impl Problem {
    /// Returns what happened, for people.
    pub(crate) fn detail(&self) -> &Text {
        &self.detail
    }

    pub(crate) fn new(status: StatusCode, code: Code, detail: Text) -> Self {
        Self {
            ty: "about:blank",
            title: Box::new(title(code)),
            status: status.as_u16(),
            detail,
            code,
            hint: None,
            at: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: Text) -> Self {
        self.hint = Some(Box::new(hint));
        self
    }

    pub(crate) fn not_found(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, Text::of(en, ja))
    }

    pub(crate) fn bad_request(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, Text::of(en, ja))
    }

    pub(crate) fn too_slow() -> Self {
        let detail = Text::of(
            "the answer took longer than a request may take",
            "応答が 1 件のリクエストの制限時間を超えました。",
        );
        let hint = Text::of(
            "narrow the time range, or ask again in a while: the work goes on, and its answer may be kept",
            "期間を狭めるか、しばらくしてから再度実行してください。処理は続いており、結果が残ることがあります。",
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::TooSlow, detail).with_hint(hint)
    }

    pub(crate) fn busy() -> Self {
        let detail = Text::of(
            "too many requests are being answered already",
            "処理中のリクエストが多すぎます。",
        );
        let hint = Text::of("ask again in a moment", "少し待ってから再度実行してください。");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Busy, detail).with_hint(hint)
    }

    pub(crate) fn internal() -> Self {
        let detail = Text::of(
            "the server has a defect; its log says more",
            "サーバーに不具合があります。詳細はサーバーのログにあります。",
        );
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, detail)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, code) = match error.reason() {
            Reason::NotAllowed => (StatusCode::FORBIDDEN, Code::Forbidden),
            Reason::NotFound => (StatusCode::NOT_FOUND, Code::NotFound),
            Reason::BadRequest => (StatusCode::BAD_REQUEST, Code::BadRequest),
            Reason::BadQuery => (StatusCode::BAD_REQUEST, Code::BadQuery),
            Reason::NoStore => (StatusCode::SERVICE_UNAVAILABLE, Code::NoStore),
            Reason::TooSlow => (StatusCode::SERVICE_UNAVAILABLE, Code::TooSlow),
            Reason::Internal => (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal),
        };
        if code == Code::Internal {
            tracing::error!(error = %error, "operation ended with an error of ours");
        }
        let mut problem = Self::new(status, code, Text::of(error.to_string(), japanese::error(&error)));
        problem.hint = error
            .hint()
            .map(|en| Box::new(Text::of(en, japanese::hint(&error).unwrap_or(en))));
        problem.at = error.place().map(|place| Span {
            start: place.start,
            end: place.end,
        });
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.code == Code::Busy {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        response
    }
}

fn title(code: Code) -> Text {
    let (en, ja) = match code {
        Code::NotFound => ("not found", "見つかりません"),
        Code::BadRequest => ("the request is not accepted", "リクエストを受け付けられません"),
        Code::BadQuery => ("the search is not understood", "検索式を解釈できません"),
        Code::Forbidden => ("not allowed", "許可されていません"),
        Code::NoStore => ("the store cannot be used", "ストアを利用できません"),
        Code::TooSlow => ("the answer took too long", "応答に時間がかかりすぎました"),
        Code::Busy => ("too many requests", "リクエストが多すぎます"),
        Code::Internal => ("internal error", "内部エラー"),
    };
    Text::of(en, ja)
}
