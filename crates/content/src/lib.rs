//! What ships inside the program: the detection rules below `content/rules`.
//!
//! They are texts here. `sekisho-sigma` reads them like any other rule file, so that a shipped rule can do nothing that a
//! user's own rule cannot.

use include_dir::{Dir, File, include_dir};

static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/rules");

/// What a rule file ends in; anything else beside the rules is not one.
const RULE_ENDING: &str = ".yml";

/// A file that ships inside the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedded {
    /// Its path below its folder, with `/` between the parts, such as `gitlab/access_token_created.yml`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Returns the shipped Sigma rules, by path.
pub fn rules() -> impl Iterator<Item = Embedded> {
    let mut found = Vec::new();
    collect(&RULES, &mut found);
    found.retain(|file| file.path.ends_with(RULE_ENDING));
    found.sort_unstable_by_key(|file| file.path);
    found.into_iter()
}

fn collect(folder: &'static Dir<'_>, found: &mut Vec<Embedded>) {
    found.extend(folder.files().filter_map(embedded));
    for below in folder.dirs() {
        collect(below, found);
    }
}

/// Paths and texts that are not UTF-8 cannot be among the rules; a test holds them to it.
fn embedded(file: &'static File<'_>) -> Option<Embedded> {
    let (path, text) = (file.path().to_str()?, file.contents_utf8()?);
    Some(Embedded { path, text })
}
