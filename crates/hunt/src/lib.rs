//! Hunting indicators in events, with an honest account of what could not be seen.
//!
//! [`lists::parse`] reads what analysts are given; [`Matcher`] compiles it; [`Hunt`] searches batches of the common
//! table and answers `hit`, `clear` or `inconclusive`, per org and in all, with the coverage that the answer rests on.
//! Nothing here knows files, stores or the clock.

mod allow;
mod breadth;
mod column;
mod coverage;
mod error;
mod hunt;
mod knowledge;
pub mod lists;
mod matching;
mod result;
pub mod scenario;
mod verdict;

pub use allow::{
    AllowDoubt, AllowList, AllowListHead, AllowOrg, AllowRange, AllowResult, AllowWatch, MAX_ALLOW_LIST_BYTES,
    MAX_APPS, MAX_OUTSIDE, MAX_RANGES, Outside, OutsideRow,
};
pub use breadth::{Breadth, BreadthWarning};
pub use column::TextColumn;
pub use coverage::{
    At, BlindReason, Blindness, FileSpan, Gap, GapReason, KnownLoss, MAX_GAPS_SHOWN, Stretch, TableCoverage,
};
pub use error::{HuntError, ListProblem};
pub use hunt::{Hunt, HuntOptions, MAX_HITS, MAX_WEAK_HITS, hunt};
pub use knowledge::{BlankByDesign, TableFacts};
pub use lists::{Indicator, IndicatorList, Kind, Mode};
pub use matching::{Found, How, ListHead, MAX_HUNTED, MAX_LISTS, Matcher, Role, Target, addresses_in};
pub use result::{Doubt, DoubtReason, Hit, HuntResult, OrgVerdict, Verdict};
