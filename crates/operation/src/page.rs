//! Pages of collections that are worked out in memory: a cursor names where the next page begins.

use serde::Serialize;

use crate::Error;

/// Items of a page where no number is asked for.
pub const DEFAULT_PAGE_ITEMS: usize = 100;
/// The most items of a page: what a console can hold and a person scrolls through.
pub const MAX_PAGE_ITEMS: usize = 1_000;

/// A page of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// When the collection was worked out, RFC 3339.
    pub updated_at: String,
}

/// Which page is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many items.
    pub limit: Option<usize>,
}

impl PageRequest {
    /// Returns the page of `items`.
    ///
    /// # Errors
    /// The cursor is not one of ours, or more items are asked for than a page has.
    pub fn of<T>(&self, items: impl Iterator<Item = T>, updated_at: String) -> Result<Page<T>, Error> {
        let (start, limit) = (self.start()?, self.limit()?);
        let mut rest = items.skip(start);
        let items: Vec<T> = rest.by_ref().take(limit).collect();
        let next_cursor = rest.next().map(|_| cursor_at(start + items.len()));
        Ok(Page {
            items,
            next_cursor,
            updated_at,
        })
    }

    /// Returns how many items come before the page.
    ///
    /// # Errors
    /// The cursor is not one of ours.
    pub fn start(&self) -> Result<usize, Error> {
        let Some(cursor) = &self.cursor else { return Ok(0) };
        let start = cursor.strip_prefix(CURSOR_VERSION).and_then(|start| start.parse().ok());
        start.ok_or_else(|| Error::Usage(format!("`{cursor}` is no cursor of this collection")))
    }

    /// Returns how many items the page has at most.
    ///
    /// # Errors
    /// More are asked for than a page has.
    pub fn limit(&self) -> Result<usize, Error> {
        match self.limit.unwrap_or(DEFAULT_PAGE_ITEMS) {
            limit @ 1..=MAX_PAGE_ITEMS => Ok(limit),
            limit => Err(Error::Usage(format!(
                "a page has 1 to {MAX_PAGE_ITEMS} items, not {limit}"
            ))),
        }
    }
}

/// The first form of cursors; another one will begin with another letter.
const CURSOR_VERSION: char = 'a';

pub(crate) fn cursor_at(start: usize) -> String {
    format!("{CURSOR_VERSION}{start}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let mut request = PageRequest {
            cursor: None,
            limit: Some(4),
        };
        let mut seen = Vec::new();
        loop {
            let page = request.of(0..10, String::new()).unwrap();
            seen.extend(page.items);
            request.cursor = page.next_cursor;
            if request.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn foreign_cursors_and_huge_pages_are_refused() {
        let cursor = |cursor: &str| PageRequest {
            cursor: Some(cursor.to_owned()),
            limit: None,
        };
        for wrong in ["", "4", "b4", "a-1", "a99999999999999999999"] {
            assert!(cursor(wrong).start().is_err(), "{wrong}");
        }
        for wrong in [0, MAX_PAGE_ITEMS + 1] {
            let request = PageRequest {
                cursor: None,
                limit: Some(wrong),
            };
            assert!(request.limit().is_err());
        }
    }
}
