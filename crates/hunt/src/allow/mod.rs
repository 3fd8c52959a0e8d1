//! Allow-lists: the networks that a vendor says its application works from.
//!
//! They look like indicator lists and mean the opposite, so they are a type of their own with readers of their own, and
//! each refuses the other's files. What is found is not an indicator but its absence: a named application at work
//! from a public address that the vendor does not list.

mod counts;
mod list;
mod place;
mod result;
mod watch;

pub(crate) use list::KIND;
pub use list::{AllowList, AllowRange, MAX_ALLOW_LIST_BYTES, MAX_APPS, MAX_RANGES};
pub use result::{AllowDoubt, AllowListHead, AllowOrg, AllowResult, Outside, OutsideRow};
pub use watch::{AllowWatch, MAX_OUTSIDE};
