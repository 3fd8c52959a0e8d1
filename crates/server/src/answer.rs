//! The shape of collections.

use serde::Serialize;
use utoipa::ToSchema;

/// A page of a collection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Collection<T> {
    /// The items of this page.
    pub(crate) items: Vec<T>,
    /// What to give as `cursor` to have the next page; null on the last.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
    /// When what is shown was last changed, RFC 3339.
    pub(crate) updated_at: String,
}
