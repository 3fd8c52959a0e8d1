//! Tests that had nothing to test with, and whether they may.
//!
//! A test that cannot run prints `skipped: NAME: REASON` and passes. Each such name stands in
//! `tests/allowed-skips.txt`, so that a test cannot fall silent unseen.

use crate::Failure;
use crate::workspace::{has_shared, read, root};

/// The reason that holds only where the reference data is not there.
const SHARED_MISSING: &str = "../shared is missing";

/// A test that said it was skipped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Skip {
    pub(crate) test: String,
    pub(crate) reason: String,
}

impl Skip {
    /// Reads a line of a test's output.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let said = line.trim().strip_prefix("skipped: ")?;
        let (test, reason) = said.split_once(": ")?;
        Some(Self {
            test: test.trim().to_owned(),
            reason: reason.trim().to_owned(),
        })
    }
}

/// Names the skipped tests; fails where one is not allowed to skip.
pub(crate) fn check(mut skips: Vec<Skip>) -> Result<(), Failure> {
    skips.sort();
    skips.dedup();
    if skips.is_empty() {
        println!("no test was skipped");
        return Ok(());
    }
    for skip in &skips {
        println!("skipped: {}: {}", skip.test, skip.reason);
    }
    let allowed = read(&root().join("tests/allowed-skips.txt"))?;
    let refused = refused(&skips, &allowed, has_shared());
    if refused.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} may not be skipped; see tests/allowed-skips.txt",
        refused.join(", ")
    ))
}

fn refused(skips: &[Skip], allowed: &str, shared_is_there: bool) -> Vec<String> {
    let listed: Vec<&str> = allowed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let may_skip = |skip: &Skip| {
        listed.contains(&format!("{}: {}", skip.test, skip.reason).as_str())
            && !(shared_is_there && skip.reason == SHARED_MISSING)
    };
    skips
        .iter()
        .filter(|skip| !may_skip(skip))
        .map(|skip| skip.test.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str =
        "# what may skip\nsamples_load: ../shared is missing\nduckdb_opens_it: SEKISHO_TEST_PYTHON is not set\n";

    fn skip(test: &str, reason: &str) -> Skip {
        Skip {
            test: test.to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_skip_is_told_from_other_output() {
        assert_eq!(
            Skip::parse("    skipped: samples_load: ../shared is missing"),
            Some(skip("samples_load", SHARED_MISSING))
        );
        assert_eq!(Skip::parse("3 rows skipped: none"), None);
    }

    #[test]
    fn only_listed_skips_are_allowed_and_shared_only_where_it_is_missing() {
        let listed = [skip("samples_load", SHARED_MISSING)];
        assert!(refused(&listed, LIST, false).is_empty());
        assert_eq!(refused(&listed, LIST, true), ["samples_load"]);
        assert_eq!(refused(&[skip("other", SHARED_MISSING)], LIST, false), ["other"]);
        assert_eq!(
            refused(&[skip("samples_load", "no mood")], LIST, false),
            ["samples_load"]
        );
    }
}
