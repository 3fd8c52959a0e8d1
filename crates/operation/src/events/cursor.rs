//! Where a page ends, so that the next can begin there.

use sekisho_event::time::Micros;

use super::types::{EventFilter, Sort};
use crate::Error;

/// The first form of cursors; another one begins with another word.
const VERSION: &str = "e1";

/// The digits of a row's identity.
const UID_DIGITS: usize = 32;

/// The last event of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Its time.
    pub(super) at_us: Option<Micros>,
    /// Its identity.
    pub(super) uid: String,
}

/// Returns the cursor of a place in what a search finds.
pub(super) fn write(filter: &EventFilter, sort: Sort, place: &Place) -> String {
    let at = place.at_us.map_or_else(|| "-".to_owned(), |at_us| at_us.to_string());
    format!("{VERSION}.{:016x}.{at}.{}", mark(filter, sort), place.uid)
}

/// Returns the place that a cursor of the same search names.
pub(super) fn read(filter: &EventFilter, sort: Sort, cursor: &str) -> Result<Place, Error> {
    parsed(filter, sort, cursor).ok_or(Error::Cursor)
}

fn parsed(filter: &EventFilter, sort: Sort, cursor: &str) -> Option<Place> {
    let mut parts = cursor.split('.');
    let (version, found, at, uid) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_ours = version == VERSION && found == format!("{:016x}", mark(filter, sort)) && parts.next().is_none();
    let is_uid = uid.len() == UID_DIGITS && uid.bytes().all(|byte| byte.is_ascii_hexdigit());
    let at_us = match at {
        "-" => None,
        at => Some(at.parse().ok()?),
    };
    (is_ours && is_uid).then(|| Place {
        at_us,
        uid: uid.to_owned(),
    })
}

/// Returns a mark of the search, so that a cursor of another one is told apart (FNV-1a; a slip, not an attack).
fn mark(filter: &EventFilter, sort: Sort) -> u64 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let text = format!("{filter:?} {sort:?}");
    text.bytes()
        .fold(START, |mark, byte| (mark ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_names_its_place_in_its_own_search_only() {
        let filter = EventFilter {
            q: "actor:a".to_owned(),
            ..EventFilter::default()
        };
        for at_us in [None, Some(0), Some(i64::MIN), Some(1_763_629_200_000_000)] {
            let place = Place {
                at_us,
                uid: "0123456789abcdef0123456789abcdef".to_owned(),
            };
            let cursor = write(&filter, Sort::Desc, &place);
            assert_eq!(read(&filter, Sort::Desc, &cursor).unwrap(), place);
            assert!(read(&filter, Sort::Asc, &cursor).is_err());
            assert!(read(&EventFilter::default(), Sort::Desc, &cursor).is_err());
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let filter = EventFilter::default();
        let good = write(
            &filter,
            Sort::Desc,
            &Place {
                at_us: Some(1),
                uid: "0".repeat(UID_DIGITS),
            },
        );
        for wrong in ["", "e1", "e2.x.1.0", "a4", &good[1..], &good[..good.len() - 1]] {
            assert!(
                matches!(read(&filter, Sort::Desc, wrong), Err(Error::Cursor)),
                "{wrong}"
            );
        }
        let injected = good.replace(&"0".repeat(UID_DIGITS), "' OR TRUE --");
        assert!(read(&filter, Sort::Desc, &injected).is_err());
    }
}
