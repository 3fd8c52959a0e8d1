//! The GitLab instance: its audit stream, its API and web logs, traces of its jobs.

mod life;
mod logs;
mod trace;

use crate::chronicle::Chronicle;
use crate::clock::{HOUR, Ms, Zone};
use crate::random::Random;
use crate::rows::Rows;
use crate::world::DESKS;

pub(crate) use logs::{Api, Audit, Client, Web};
pub(crate) use trace::Traces;

pub(crate) const HOST: &str = "gitlab.kaede.example";
/// Where the runners go out from.
pub(crate) const RUNNER: &str = "198.51.100.30";

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) user_agent: &'static str,
    pub(crate) home_ip: String,
}

/// Projects by their place in the list, ids from 1.
pub(crate) const PROJECTS: [&str; 30] = [
    "platform/api-gateway",
    "platform/auth-service",
    "platform/billing",
    "platform/config",
    "platform/crm-sync",
    "platform/data-pipeline",
    "platform/payments-api",
    "platform/infra-terraform",
    "platform/ops-runbooks",
    "platform/report-engine",
    "web/portal",
    "web/design-system",
    "web/admin-console",
    "web/landing",
    "web/docs",
    "mobile/ios-app",
    "mobile/android-app",
    "mobile/shared-core",
    "data/warehouse-models",
    "data/quality-checks",
    "data/notebooks",
    "data/forecast",
    "tools/ci-templates",
    "tools/release-bot",
    "tools/lint-config",
    "tools/mirror",
    "erp/interface",
    "erp/batch",
    "erp/masters",
    "erp/migration",
];

/// Writes the instance's logs.
#[derive(Debug)]
pub(crate) struct Forge<'c> {
    pub(crate) random: Random,
    pub(crate) rows: Rows,
    pub(crate) chronicle: &'c mut Chronicle,
    pub(crate) act: Option<usize>,
    pub(crate) scale: i64,
    pub(crate) people: Vec<Account>,
    pub(crate) bot: Account,
    pub(crate) traces: Traces,
}

impl<'c> Forge<'c> {
    pub(crate) fn new(random: Random, scale: i64, chronicle: &'c mut Chronicle) -> Self {
        let people = (0..26).map(developer).collect();
        let bot = Account {
            id: 90,
            username: "ci-mirror".to_owned(),
            name: "CI mirror".to_owned(),
            user_agent: "git/2.47.1",
            home_ip: RUNNER.to_owned(),
        };
        Self {
            random,
            rows: Rows::new(HOST, &[], None),
            chronicle,
            act: None,
            scale,
            people,
            bot,
            traces: Traces::default(),
        }
    }

    /// Plays one day: developers by their day in Tokyo, machines by UTC's.
    pub(crate) fn day(&mut self, day: i64) {
        life::local_day(self, day);
        life::machine_day(self, day);
    }

    fn scaled(&mut self, mean_percent: i64) -> i64 {
        self.random.about(mean_percent * self.scale / 100)
    }

    fn note(&mut self, ip: &str) {
        if let Some(act) = self.act {
            self.chronicle.note_origin(act, None, Some(ip));
        }
    }
}

fn developer(number: usize) -> Account {
    const GIVEN: [&str; 13] = [
        "akari", "botan", "chika", "eita", "fumi", "goro", "hana", "iori", "jun", "kana", "leo", "misaki", "nao",
    ];
    let family = ["aoki", "endo"][number / 13];
    let given = GIVEN[number % 13];
    let serial = i64::try_from(number).unwrap_or(0);
    Account {
        id: 101 + serial,
        username: format!("{given}.{family}"),
        name: format!("{given} {family}"),
        user_agent: DESKS[[2, 4, 0, 2][number % 4]].user_agent,
        home_ip: format!("198.18.40.{}", 20 + serial),
    }
}

/// Returns a time within the working hours of a local day.
fn working_time(random: &mut Random, day: i64) -> Ms {
    Zone::Tokyo.at(day, 9 * HOUR) + random.between(0, 10 * HOUR - 1)
}
