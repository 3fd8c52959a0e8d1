//! The demo incident: log files of an invented company under attack, the same for the same seed, with their ground truth.
//!
//! Four weeks of normal life in three Salesforce orgs, a GitLab and an AWS account, and in them the acts of attackers who
//! came by stolen tokens of a vendor's connected app and by a token in a job trace. `docs/demo-incident.md` tells the
//! story and lists the acts. The ground truth was written and frozen before detections were tuned on it.
//!
//! Nothing here knows the clock or the disk, and all randomness is `random`'s: the same [`Options`] give the same bytes
//! on every machine. Normal life grows with [`Options::scale`], the acts do not.

mod acts;
mod aws;
mod chronicle;
mod clock;
mod gitlab;
mod ids;
mod lists;
mod random;
mod rows;
mod salesforce;
mod truth;
mod world;

use acts::PLANS;
use aws::Cloud;
use chronicle::Chronicle;
use clock::{END, END_DAY, FIRST_DAY, START, iso_seconds, utc};
use gitlab::Forge;
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
    /// Volume of people's work in percent of the demo: 100 gives about 300,000 events. Services keep their hours at any
    /// scale, so that 1 gives some 40,000. More than [`MAX_SCALE`] counts as that.
    pub scale: u32,
}

/// The largest scale: six million events, of which a day of one org (some 200 MB) is in memory at a time.
pub const MAX_SCALE: u32 = 2_000;

impl Options {
    fn percent(&self) -> i64 {
        i64::from(self.scale.min(MAX_SCALE))
    }
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
        salesforce(options, &part, &mut chronicle, give)?;
    }
    gitlab(options, &mut chronicle, give)?;
    aws(options, &mut chronicle, give)?;
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

/// Something whose days are played one after the other.
trait Stage {
    fn day(&mut self, day: i64);
    fn store(&mut self) -> (&mut Rows, &mut Chronicle);
}

impl Stage for Scribe<'_> {
    fn day(&mut self, day: i64) {
        local_day(self, day);
        service_day(self, day);
    }

    fn store(&mut self) -> (&mut Rows, &mut Chronicle) {
        (&mut self.rows, self.chronicle)
    }
}

impl Stage for Forge<'_> {
    fn day(&mut self, day: i64) {
        Self::day(self, day);
    }

    fn store(&mut self) -> (&mut Rows, &mut Chronicle) {
        (&mut self.rows, self.chronicle)
    }
}

impl Stage for Cloud<'_> {
    fn day(&mut self, day: i64) {
        Self::day(self, day);
    }

    fn store(&mut self) -> (&mut Rows, &mut Chronicle) {
        (&mut self.rows, self.chronicle)
    }
}

/// Plays all days and hands over each day's files when nothing is added to them any more.
fn play<E>(stage: &mut dyn Stage, give: &mut dyn FnMut(DemoFile) -> Result<(), E>) -> Result<(), E> {
    // West of Greenwich a local day ends on the next day of UTC, and east of it begins on the one before.
    for day in FIRST_DAY - 1..=END_DAY {
        stage.day(day);
        let (rows, chronicle) = stage.store();
        rows.files_before(day, chronicle).into_iter().try_for_each(&mut *give)?;
    }
    let (rows, chronicle) = stage.store();
    rows.files_before(END_DAY + 1, chronicle)
        .into_iter()
        .try_for_each(&mut *give)?;
    rows.whole_files(chronicle).into_iter().try_for_each(&mut *give)
}

fn salesforce<E>(
    options: &Options,
    part: &Part,
    chronicle: &mut Chronicle,
    give: &mut dyn FnMut(DemoFile) -> Result<(), E>,
) -> Result<(), E> {
    let org = &part.org;
    let mut scribe = Scribe {
        org,
        random: acts_random(options, org.name),
        rows: Rows::new(org.name, part.hourly, part.lost),
        chronicle,
        act: None,
        scale: options.percent(),
    };
    (part.acts)(&mut scribe);
    scribe.random = life_random(options, org.name);
    play(&mut scribe, give)
}

fn gitlab<E>(
    options: &Options,
    chronicle: &mut Chronicle,
    give: &mut dyn FnMut(DemoFile) -> Result<(), E>,
) -> Result<(), E> {
    let mut forge = Forge::new(acts_random(options, gitlab::HOST), options.percent(), chronicle);
    acts::gitlab::gitlab(&mut forge);
    forge.random = life_random(options, gitlab::HOST);
    play(&mut forge, give)?;
    forge.traces.into_files().into_iter().try_for_each(give)
}

fn aws<E>(
    options: &Options,
    chronicle: &mut Chronicle,
    give: &mut dyn FnMut(DemoFile) -> Result<(), E>,
) -> Result<(), E> {
    let mut cloud = Cloud::new(acts_random(options, aws::ORG), options.percent(), chronicle);
    acts::aws::aws(&mut cloud);
    cloud.random = life_random(options, aws::ORG);
    play(&mut cloud, give)
}

fn acts_random(options: &Options, org: &str) -> Random {
    Random::new(options.seed, &format!("acts in {org}"))
}

fn life_random(options: &Options, org: &str) -> Random {
    Random::new(options.seed, &format!("life in {org}"))
}
