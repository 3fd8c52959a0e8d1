//! The ground truth: what was done, and which lines of which files show it.

use sekisho_event::text::Text;
use serde::{Deserialize, Serialize};

/// What happened in the generated files, beside them as `ground-truth.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GroundTruth {
    /// The seed it was made with.
    pub seed: u64,
    /// Start of the period, RFC 3339.
    pub from: String,
    /// End of the period, outside.
    pub to: String,
    /// Events in all files.
    pub events: u64,
    /// The attackers' acts, in order of their ids.
    pub acts: Vec<Act>,
}

/// One thing that an attacker did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Stable name: `A01`.
    pub id: String,
    /// What was done, in a sentence.
    pub name: Text,
    /// The org or instance it was done in.
    pub org: String,
    /// The technique's id in MITRE ATT&CK.
    pub technique: String,
    /// Time of its first event, RFC 3339.
    pub from: String,
    /// Time of its last event.
    pub to: String,
    /// The rows that show it; empty where the log that held them is lost.
    pub events: Vec<Lines>,
    /// Session keys of its events.
    pub session_keys: Vec<String>,
    /// Addresses it came from.
    pub src_ips: Vec<String>,
    /// What can see it.
    pub expect: Expect,
}

/// Rows of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// The file, as [`crate::DemoFile::path`] names it.
    pub file: String,
    /// First and last line of each stretch, both inside, from 1: the lines where rows start, as `_line` says.
    pub lines: Vec<[u64; 2]>,
}

/// What can see an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// The indicator list in its last version.
    List,
    /// Only that it came from outside the vendor's networks.
    AllowList,
    /// A rule about behaviour.
    Rule,
    /// The log that held it is lost: only `inconclusive` is right.
    Invisible,
    /// It needs baselines, correlation or scanning that the first detections do not have.
    Beyond,
}
