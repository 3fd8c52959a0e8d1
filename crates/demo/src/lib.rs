//! The demo incident: log files of an invented company under attack, the same for the same seed, with their ground truth.

mod truth;

use serde as _;

pub use truth::{Act, Expect, GroundTruth, Lines};

/// One file of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoFile {
    /// The org or instance whose log it is.
    pub org: &'static str,
    /// Its path below the demo's folder, the org first.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Where all randomness comes from.
    pub seed: u64,
    /// Volume of normal life in percent of the demo: 100 gives about 300,000 events.
    pub scale: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 20_251_124,
            scale: 100,
        }
    }
}

/// Returns the ground truth, after handing over every file in an order that never changes.
///
/// # Errors
/// `give` refused a file; its error is returned as it is.
pub fn generate<E>(options: &Options, give: &mut dyn FnMut(DemoFile) -> Result<(), E>) -> Result<GroundTruth, E> {
    let _ = give;
    Ok(GroundTruth {
        seed: options.seed,
        from: "2025-10-27T00:00:00Z".to_owned(),
        to: "2025-11-24T00:00:00Z".to_owned(),
        events: 0,
        acts: Vec::new(),
    })
}

/// Returns a version of the indicator list `tsumugi-advisory` in the native form (YAML); there are 1 and 2.
#[must_use]
pub fn indicator_list(version: u8) -> Option<&'static str> {
    let _ = version;
    None
}

/// Returns the networks that the vendor's application is allowed to come from (YAML).
#[must_use]
pub fn allow_list() -> &'static str {
    ""
}
