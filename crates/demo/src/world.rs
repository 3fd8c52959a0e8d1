//! The invented company: its orgs, people, devices and networks.

use crate::clock::{MINUTE, Zone};
use crate::ids::{id15, id18};
use crate::random::Random;

/// What a user agent and the platform's reading of it are.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) user_agent: &'static str,
    pub(crate) browser: &'static str,
    pub(crate) browser_name: &'static str,
    pub(crate) browser_version: &'static str,
    pub(crate) os: &'static str,
    pub(crate) os_version: &'static str,
    pub(crate) platform: &'static str,
}

const fn device(
    user_agent: &'static str,
    browser: [&'static str; 3],
    os: [&'static str; 2],
    platform: &'static str,
) -> Device {
    let [browser, browser_name, browser_version] = browser;
    let [os, os_version] = os;
    Device {
        user_agent,
        browser,
        browser_name,
        browser_version,
        os,
        os_version,
        platform,
    }
}

const CHROME: [&str; 3] = ["Chrome 142", "CHROME", "142"];

/// Desks, in the order of how common they are.
pub(crate) const DESKS: [Device; 5] = [
    device(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        CHROME,
        ["WINDOWS", "11"],
        "Windows 11",
    ),
    device(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        ["Edge 142", "EDGE", "142"],
        ["WINDOWS", "11"],
        "Windows 11",
    ),
    device(
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        CHROME,
        ["OSX", "10.15"],
        "Mac OSX",
    ),
    device(
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
        ["Safari 26", "SAFARI", "26"],
        ["OSX", "10.15"],
        "Mac OSX",
    ),
    device(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        CHROME,
        ["LINUX", ""],
        "Linux",
    ),
];

/// A phone.
pub(crate) const PHONE: Device = device(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 SalesforceMobileSDK/13.0.1 iOS/18.6",
    ["Salesforce Mobile", "SALESFORCE_MOBILE", "13"],
    ["IOS", "18.6"],
    "iPhone",
);

/// What people do all day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Team {
    Sales,
    Service,
    Back,
    Admin,
}

/// A user, a person or not.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) id15: String,
    pub(crate) id18: String,
    pub(crate) profile_id: String,
    pub(crate) role_id: String,
    pub(crate) team: Team,
    pub(crate) device: &'static Device,
    pub(crate) home_ip: String,
}

/// A Salesforce org with its people.
#[derive(Debug)]
pub(crate) struct Org {
    pub(crate) name: &'static str,
    pub(crate) id15: &'static str,
    /// Characters of its instance in every id.
    pub(crate) instance: &'static str,
    pub(crate) zone: Zone,
    pub(crate) country: &'static str,
    pub(crate) host: &'static str,
    /// Addresses that the office goes out from.
    pub(crate) office: [&'static str; 3],
    /// Whether it has the Shield licence: real-time events.
    pub(crate) has_shield: bool,
    pub(crate) people: Vec<User>,
    /// The vendor's integration user.
    pub(crate) integration: User,
    /// The user of the nightly export to the warehouse.
    pub(crate) warehouse: User,
    /// The user of an old SOAP interface.
    pub(crate) interface: User,
    /// The user of the customers' portal.
    pub(crate) portal: User,
}

/// A connected app.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) name: &'static str,
    pub(crate) id15: &'static str,
    pub(crate) user_agent: &'static str,
    pub(crate) addresses: &'static [&'static str],
}

/// The vendor's app: the one whose tokens are stolen.
pub(crate) const TSUMUGI: App = App {
    name: "Tsumugi Connect",
    id15: "0H45h0000004Tsu",
    user_agent: "TsumugiConnect/4.2.1 (Java/17.0.12)",
    addresses: &["192.0.2.10", "192.0.2.11", "192.0.2.12", "192.0.2.37"],
};

/// Another vendor's app, with networks of its own.
pub(crate) const WAREHOUSE: App = App {
    name: "Hakozaki Warehouse Loader",
    id15: "0H45h0000004Hak",
    user_agent: "HakozakiLoader/2.9 Apache-HttpClient/5.3 (Java/21.0.4)",
    addresses: &["192.0.2.140", "192.0.2.141"],
};

/// The company's own portal for customers.
pub(crate) const PORTAL: App = App {
    name: "Kaede Portal",
    id15: "0H45h0000004Prt",
    user_agent: "kaede-portal/3.4 (Node.js/22.11)",
    addresses: &[],
};

/// A developer's script: the same user agent as the attackers'.
pub(crate) const SCRIPT: App = App {
    name: "Kaede Data Quality",
    id15: "0H45h0000004Dqs",
    user_agent: "python-requests/2.32.3",
    addresses: &[],
};

/// The phones' app.
pub(crate) const MOBILE: App = App {
    name: "Salesforce for iOS",
    id15: "0H45h0000004Ios",
    user_agent: PHONE.user_agent,
    addresses: &[],
};

/// Addresses of the mobile carriers' gateways.
pub(crate) const CARRIERS: [&str; 4] = ["198.19.4.17", "198.19.4.18", "198.19.5.21", "198.19.6.90"];

struct Names {
    family: [&'static str; 12],
    given: [&'static str; 12],
}

const JAPANESE: Names = Names {
    family: [
        "sato",
        "suzuki",
        "takahashi",
        "tanaka",
        "ito",
        "watanabe",
        "yamamoto",
        "nakamura",
        "kobayashi",
        "kato",
        "yoshida",
        "mori",
    ],
    given: [
        "yui", "haruto", "aoi", "ren", "mei", "sota", "hina", "kaito", "rin", "takumi", "sakura", "daichi",
    ],
};
const AMERICAN: Names = Names {
    family: [
        "carter", "nguyen", "brooks", "patel", "reyes", "murphy", "coleman", "diaz", "foster", "kim", "sullivan",
        "bennett",
    ],
    given: [
        "avery", "jordan", "maya", "ethan", "sofia", "noah", "grace", "liam", "zoe", "owen", "ruby", "caleb",
    ],
};
const EUROPEAN: Names = Names {
    family: [
        "weber", "dubois", "rossi", "jansen", "novak", "schmidt", "lindgren", "moreau", "keller", "vogel", "bianchi",
        "peeters",
    ],
    given: [
        "lena", "jonas", "chloe", "matteo", "eva", "lukas", "nora", "hugo", "anna", "felix", "sara", "emil",
    ],
};

/// The org that the attackers had most of.
pub(crate) fn japan(seed: u64) -> Org {
    let frame = Frame {
        name: "kaede-japan",
        id15: "00D5h0000008Kae",
        instance: "5h",
        zone: Zone::Tokyo,
        country: "JP",
        host: "kaede-japan.my.salesforce.example",
        office: ["198.51.100.10", "198.51.100.11", "198.51.100.14"],
        has_shield: true,
        mail: "kaede.example",
        homes: "198.18.1",
        people: 58,
    };
    frame.org(seed, &JAPANESE)
}

/// The org that shows weak signs only.
pub(crate) fn america(seed: u64) -> Org {
    let frame = Frame {
        name: "kaede-us",
        id15: "00D6g0000004KUs",
        instance: "6g",
        zone: Zone::NewYork,
        country: "US",
        host: "kaede-us.my.salesforce.example",
        office: ["198.51.100.130", "198.51.100.131", "198.51.100.134"],
        has_shield: false,
        mail: "us.kaede.example",
        homes: "198.18.2",
        people: 38,
    };
    frame.org(seed, &AMERICAN)
}

/// The org whose logs have a hole.
pub(crate) fn europe(seed: u64) -> Org {
    let frame = Frame {
        name: "kaede-emea",
        id15: "00D7k0000002KEm",
        instance: "7k",
        zone: Zone::Berlin,
        country: "DE",
        host: "kaede-emea.my.salesforce.example",
        office: ["198.51.100.194", "198.51.100.195", "198.51.100.198"],
        has_shield: false,
        mail: "emea.kaede.example",
        homes: "198.18.3",
        people: 26,
    };
    frame.org(seed, &EUROPEAN)
}

struct Frame {
    name: &'static str,
    id15: &'static str,
    instance: &'static str,
    zone: Zone,
    country: &'static str,
    host: &'static str,
    office: [&'static str; 3],
    has_shield: bool,
    mail: &'static str,
    homes: &'static str,
    people: usize,
}

impl Frame {
    fn org(&self, seed: u64, names: &Names) -> Org {
        let mut random = Random::new(seed, self.name);
        let people = (0..self.people)
            .map(|number| {
                let family = names.family[number % 12];
                let given = names.given[(number * 5 + number / 12) % 12];
                let team = match number % 10 {
                    0..=4 => Team::Sales,
                    5..=7 => Team::Service,
                    _ if number % 20 == 9 => Team::Admin,
                    _ => Team::Back,
                };
                let device = random.weighted(&[50, 22, 16, 7, 5]);
                self.user(number, &format!("{given}.{family}"), team, &DESKS[device])
            })
            .collect();
        let service = |number, name: &str| self.user(number, name, Team::Back, &DESKS[0]);
        Org {
            name: self.name,
            id15: self.id15,
            instance: self.instance,
            zone: self.zone,
            country: self.country,
            host: self.host,
            office: self.office,
            has_shield: self.has_shield,
            people,
            integration: service(900, "tsumugi.integration"),
            warehouse: service(901, "hakozaki.loader"),
            interface: service(902, "erp.interface"),
            portal: service(903, "portal.service"),
        }
    }

    fn user(&self, number: usize, name: &str, team: Team, device: &'static Device) -> User {
        let serial = i64::try_from(number).unwrap_or(0);
        let id15_of = |prefix: &str, number: i64| id15(prefix, self.instance, number);
        let user_id = id15_of("005", 40_000 + serial);
        let kind = match team {
            Team::Sales => 1,
            Team::Service => 2,
            Team::Back => 3,
            Team::Admin => 4,
        };
        User {
            username: format!("{name}@{}", self.mail),
            name: name.to_owned(),
            id18: id18(&user_id),
            id15: user_id,
            profile_id: id18(&id15_of("00e", kind)),
            role_id: id18(&id15_of("00E", kind)),
            team,
            device,
            home_ip: format!("{}.{}", self.homes, 20 + serial % 200),
        }
    }
}

/// How long before its rows' creation an event has happened.
pub(crate) const CREATION_DELAY: i64 = MINUTE / 12;
