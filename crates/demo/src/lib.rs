//! The demo incident: log files of an invented company under attack, the same for the same seed, with their ground truth.
//!
//! Four weeks of normal life in three Salesforce orgs, a GitLab and an AWS account, and in them the acts of attackers who
//! came by stolen tokens of a vendor's connected app and by a token in a job trace. `docs/demo-incident.md` tells the
//! story and lists the acts. The ground truth was written and frozen before detections were tuned on it.
//!
//! Nothing here knows the clock or the disk, and all randomness is [`random`]'s: the same [`Options`] give the same bytes
//! on every machine. Normal life grows with [`Options::scale`], the acts do not.

mod acts;
mod chronicle;
mod clock;
mod ids;
mod lists;
mod random;
mod rows;
mod salesforce;
mod truth;
mod world;

use acts::PLANS;
use chronicle::Chronicle;
use clock::{END, END_DAY, FIRST_DAY, START, iso_seconds, utc};
use random::Random;
use rows::{Lost, Rows};
use salesforce::{Scribe, local_day, service_day};
use world::Org;

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
/// A day of one org is in memory at a time, beside what is written over the whole period: logins and setup changes.
///
/// # Errors
/// `give` refused a file; its error is returned as it is.
pub fn generate<E>(options: &Options, give: &mut dyn FnMut(DemoFile) -> Result<(), E>) -> Result<GroundTruth, E> {
    let mut chronicle = Chronicle::new(PLANS);
    for part in salesforce_parts(options.seed) {
        play(options, &part, &mut chronicle, give)?;
    }
    Ok(GroundTruth {
        seed: options.seed,
        from: iso_seconds(START),
        to: iso_seconds(END),
        events: chronicle.events,
        acts: chronicle.into_acts(),
    })
}

/// Returns a version of the indicator list `tsumugi-advisory` in the native form (YAML); there are 1 and 2.
#[must_use]
pub fn indicator_list(version: u8) -> Option<&'static str> {
    match version {
        1 => Some(lists::VERSION_1),
        2 => Some(lists::VERSION_2),
        _ => None,
    }
}

/// Returns the networks that the vendor's application is allowed to come from (YAML).
#[must_use]
pub fn allow_list() -> &'static str {
    lists::ALLOW_LIST
}

/// One Salesforce org and what attackers do in it.
struct Part {
    org: Org,
    hourly: &'static [&'static str],
    lost: Option<Lost>,
    acts: fn(&mut Scribe<'_>),
}

fn salesforce_parts(seed: u64) -> [Part; 3] {
    [
        Part {
            org: world::japan(seed),
            hourly: &["Login", "RestApi"],
            lost: None,
            acts: acts::salesforce::japan,
        },
        Part {
            org: world::america(seed),
            hourly: &[],
            lost: None,
            acts: acts::salesforce::america,
        },
        Part {
            org: world::europe(seed),
            // What shows apps is fetched by the hour only, so that no daily file fills the hole.
            hourly: &["ApiTotalUsage", "Login", "RestApi"],
            lost: Some(Lost {
                from: utc(12, 1, 0),
                to: utc(12, 4, 0),
            }),
            acts: acts::salesforce::europe,
        },
    ]
}

fn play<E>(
    options: &Options,
    part: &Part,
    chronicle: &mut Chronicle,
    give: &mut dyn FnMut(DemoFile) -> Result<(), E>,
) -> Result<(), E> {
    let org = &part.org;
    let mut scribe = Scribe {
        org,
        random: Random::new(options.seed, &format!("acts in {}", org.name)),
        rows: Rows::new(org.name, part.hourly, part.lost),
        chronicle,
        act: None,
        scale: i64::from(options.scale),
    };
    (part.acts)(&mut scribe);
    scribe.random = Random::new(options.seed, &format!("life in {}", org.name));
    // West of Greenwich a local day ends on the next day of UTC, and east of it begins on the one before.
    for day in FIRST_DAY - 1..=END_DAY {
        local_day(&mut scribe, day);
        service_day(&mut scribe, day);
        for file in scribe.rows.files_before(day, scribe.chronicle) {
            give(file)?;
        }
    }
    for file in scribe.rows.files_before(END_DAY + 1, scribe.chronicle) {
        give(file)?;
    }
    for file in scribe.rows.whole_files(scribe.chronicle) {
        give(file)?;
    }
    Ok(())
}
