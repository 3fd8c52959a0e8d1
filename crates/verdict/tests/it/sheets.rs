//! What the sheet says of small incidents.

use sekisho_hunt::Verdict;
use sekisho_verdict::{Because, FindingCounts, StepCode, TakenBy, UnseenKind};

use crate::events::{ALLOW, Event, Question, event, examine, org, question};

const REST: &str = "salesforce_elf.RestApi";

fn call(session: &str, ip: &str) -> Event {
    let mut call = event(&[
        ("table", REST),
        ("action", "GET"),
        ("app", "Tsumugi Connect"),
        ("actor", "tsumugi.integration@kaede.example"),
        ("actor_id", "0055g00000AbCdE"),
        ("user_agent", "python-requests/2.32.3"),
        ("object", "Case"),
    ]);
    call.insert("session_key", session.to_owned());
    call.insert("src_ip", ip.to_owned());
    call
}

fn codes(org: &sekisho_verdict::OrgSheet) -> Vec<StepCode> {
    org.next.iter().map(|step| step.code).collect()
}

fn with(mut event: Event, pairs: &[(&'static str, &str)]) -> Event {
    for (name, value) in pairs {
        event.insert(name, (*value).to_owned());
    }
    event
}

#[test]
fn a_session_is_followed_through_every_log_and_other_sessions_are_not() {
    let events = [
        call("s1", "203.0.113.9"),
        // Bulk rows name neither application nor address.
        with(
            event(&[("table", "salesforce_elf.BulkApi2"), ("session_key", "s1")]),
            &[
                ("actor", "0055g00000AbCdEGAV"),
                ("actor_id", "0055g00000AbCdEGAV"),
                ("object", "Contact"),
                ("action", "query"),
                ("rows", "48210"),
                ("message", "JobComplete"),
            ],
        ),
        event(&[
            ("table", "salesforce.BulkApiResultEventStore"),
            ("session_key", "s1"),
            ("query", "SELECT Id, Email FROM Contact"),
            ("actor", "tsumugi.integration@kaede.example"),
        ]),
        call("s2", "192.0.2.7"),
        with(
            call("s1", "203.0.113.9"),
            &[("org", "kaede-us"), ("src_ip", "192.0.2.7")],
        ),
    ];
    let sheet = examine(&question(), &events);
    assert_eq!(sheet.verdict, Verdict::Hit);
    let japan = org(&sheet, "kaede-japan");
    assert_eq!(
        (japan.verdict, japan.hits, japan.because.as_slice()),
        (Verdict::Hit, 1, &[Because::Indicator][..])
    );
    assert_eq!(japan.actor_count, 1, "{:?}", japan.actors);
    let actor = &japan.actors[0];
    assert_eq!(actor.app.as_deref(), Some("Tsumugi Connect"));
    assert_eq!(actor.user.as_deref(), Some("tsumugi.integration@kaede.example"));
    assert_eq!((actor.events, actor.session_count), (3, 1));
    assert_eq!(actor.query, r#"org:"kaede-japan" session_key:"s1""#);
    let contact = japan.objects.iter().find(|object| object.object == "Contact").unwrap();
    assert_eq!(contact.returned_rows, Some(48_210));
    assert_eq!(contact.returned_table.as_deref(), Some("salesforce_elf.BulkApi2"));
    assert_eq!(contact.taken_by, [TakenBy::BulkResultDownload]);
    assert_eq!((contact.taken_events, contact.taken_rows), (1, None));
    assert_eq!(japan.objects[0].object, "Contact");
    assert!(
        contact
            .query
            .starts_with(r#"org:"kaede-japan" (object:"Contact" OR query:"*FROM Contact") session_key:"s1""#),
        "{}",
        contact.query
    );
    assert_ne!(org(&sheet, "kaede-us").verdict, Verdict::Hit);
    assert!(org(&sheet, "kaede-us").actors.is_empty());
}

#[test]
fn an_application_outside_its_vendors_networks_is_a_hit_without_any_indicator() {
    let question = Question {
        indicators: "",
        allow: ALLOW,
        ..question()
    };
    let sheet = examine(&question, &[call("s1", "198.51.100.200"), call("s2", "192.0.2.7")]);
    let japan = org(&sheet, "kaede-japan");
    assert_eq!(japan.verdict, Verdict::Hit);
    assert_eq!(
        (japan.because.as_slice(), japan.outside_allow_list, japan.hits),
        (&[Because::OutsideAllowList][..], 1, 0)
    );
    assert!(japan.actors[0].is_outside_allow_list);
    assert_eq!(
        codes(japan)[..3],
        [StepCode::KeepLogs, StepCode::ConfirmWithVendor, StepCode::RevokeToken]
    );
    assert_eq!(sheet.allow_lists[0].app, "Tsumugi Connect");
}

#[test]
fn a_login_reached_by_a_find_brings_its_other_sessions() {
    let events = [
        with(call("s1", "203.0.113.9"), &[("login_key", "L1")]),
        with(
            call("s2", "198.51.100.7"),
            &[
                ("login_key", "L1"),
                ("actor", "other@kaede.example"),
                ("actor_id", "0055g00000Other"),
            ],
        ),
        with(call("s3", "198.51.100.7"), &[("login_key", "L2")]),
    ];
    let sheet = examine(&question(), &events);
    let japan = org(&sheet, "kaede-japan");
    let users: Vec<_> = japan
        .actors
        .iter()
        .map(|actor| actor.user.as_deref().unwrap())
        .collect();
    assert_eq!(users, ["other@kaede.example", "tsumugi.integration@kaede.example"]);
    assert_eq!(japan.objects[0].accessed, 2);
}

#[test]
fn a_token_is_followed_to_new_places_and_not_to_where_its_owner_always_used_it() {
    let git = |time: &str, ip: &str, path: &str| {
        with(
            event(&[
                ("table", "gitlab.api_log"),
                ("org", "gitlab.kaede.example"),
                ("action", "GET"),
                ("token_id", "77"),
                ("target", "shop/web"),
                ("actor", "deploy-bot"),
                ("app", "PersonalAccessToken"),
            ]),
            &[("time", time), ("src_ip", ip), ("query", path)],
        )
    };
    let events = [
        git(
            "2025-10-28T10:00:00Z",
            "198.51.100.7",
            "/api/v4/projects/7/repository/archive.zip",
        ),
        git("2025-11-18T09:00:00Z", "198.51.100.7", "/api/v4/projects/7/issues"),
        git("2025-11-18T10:00:00Z", "203.0.113.9", "/api/v4/projects/7/variables"),
        git(
            "2025-11-18T11:00:00Z",
            "203.0.113.9",
            "/api/v4/projects/7/repository/archive.zip",
        ),
        // An address that no list has, but that the token was never used from before.
        git(
            "2025-11-18T12:00:00Z",
            "198.18.0.5",
            "/api/v4/projects/7/merge_requests",
        ),
    ];
    let sheet = examine(&question(), &events);
    let gitlab = org(&sheet, "gitlab.kaede.example");
    assert_eq!(gitlab.actors[0].events, 3);
    assert_eq!(
        gitlab.actors[0].query,
        r#"org:"gitlab.kaede.example" (token_id:"77" src_ip:("198.18.0.5" OR "203.0.113.9") time>="2025-11-17T10:00:00Z")"#
    );
    assert_eq!(gitlab.actors[0].addresses, ["198.18.0.5", "203.0.113.9"]);
    let owners = gitlab
        .unseen
        .iter()
        .find(|unseen| unseen.text.en.contains("198.51.100.7"))
        .unwrap();
    assert!(owners.text.en.contains("its 1 event from there"), "{}", owners.text.en);
    let project = &gitlab.objects[0];
    assert_eq!((project.object.as_str(), project.taken_events), ("shop/web", 2));
    assert_eq!(project.taken_by, [TakenBy::GitClone, TakenBy::VariableRead]);
    assert!(codes(gitlab).contains(&StepCode::RevokeToken) && codes(gitlab).contains(&StepCode::RotateSecret));
    assert!(
        gitlab
            .next
            .iter()
            .any(|step| step.text.en.contains("token 77 of deploy-bot"))
    );
}

#[test]
fn an_access_key_leads_to_buckets_and_secrets() {
    let aws = |action: &str, query: &str, more: &[(&'static str, &str)]| {
        let base = event(&[
            ("table", "aws.cloudtrail"),
            ("org", "kaede-aws"),
            ("token_id", "AKIAIOSFODNN7EXAMPLE"),
            ("actor", "ci-deploy"),
            ("object", "s3.amazonaws.com"),
        ]);
        with(
            with(base, &[("action", action), ("query", query), ("src_ip", "203.0.113.9")]),
            more,
        )
    };
    let events = [
        aws(
            "GetObject",
            r#"{"bucketName":"backups","key":"a"}"#,
            &[("bytes", "1000")],
        ),
        aws("GetSecretValue", r#"{"secretId":"prod/db"}"#, &[]),
        aws(
            "GetSecretValue",
            r#"{"secretId":"prod/denied"}"#,
            &[("outcome", "failure")],
        ),
    ];
    let sheet = examine(&question(), &events);
    let org = org(&sheet, "kaede-aws");
    let taken: Vec<(&str, u64)> = org
        .objects
        .iter()
        .map(|object| (object.object.as_str(), object.taken_events))
        .collect();
    assert_eq!(
        taken,
        [("s3://backups", 1), ("secret prod/db", 1), ("secret prod/denied", 0)]
    );
    assert!(
        org.next
            .iter()
            .any(|step| step.code == StepCode::RevokeToken && step.text.en.contains("AKIAIOSFODNN7EXAMPLE"))
    );
}

#[test]
fn an_org_with_logins_only_is_never_clear() {
    let login = |day: usize| {
        let time = format!("2025-11-{day:02}T10:00:00Z");
        with(
            event(&[
                ("table", "salesforce.LoginHistory"),
                ("org", "kaede-emea"),
                ("src_ip", "198.51.100.200"),
                ("app", "Browser"),
            ]),
            &[("time", &time)],
        )
    };
    let sheet = examine(&question(), &(1..=5).map(login).collect::<Vec<_>>());
    let emea = org(&sheet, "kaede-emea");
    assert_eq!(emea.verdict, Verdict::Inconclusive);
    let first = &emea.unseen[0];
    assert_eq!(first.kind, UnseenKind::NotShown);
    assert!(first.settle.as_ref().unwrap().log.contains("ApiTotalUsage"));
    assert_eq!(codes(emea)[0], StepCode::GetMissingLog);
}

#[test]
fn nothing_asked_is_nothing_answered() {
    let question = Question {
        indicators: "",
        ..question()
    };
    let sheet = examine(&question, &[call("s1", "203.0.113.9")]);
    assert_eq!(sheet.verdict, Verdict::Inconclusive);
    assert!(sheet.orgs[0].unseen[0].text.en.contains("nothing was looked for"));
}

#[test]
fn a_clear_org_says_how_long_that_holds() {
    let sheet = examine(&question(), &[call("s1", "198.51.100.9")]);
    assert_eq!(sheet.verdict, Verdict::Clear, "{:?}", sheet.orgs[0].unseen);
    assert!(codes(&sheet.orgs[0]).contains(&StepCode::HuntAgain));
    assert!(sheet.orgs[0].because.is_empty() && sheet.orgs[0].actors.is_empty());
}

#[test]
fn events_of_the_application_without_an_address_keep_an_org_from_being_clear() {
    let question = Question {
        allow: ALLOW,
        ..question()
    };
    let nowhere = {
        let mut call = call("s2", "");
        call.remove("src_ip");
        call
    };
    let inside = call("s1", "192.0.2.7");
    let sheet = examine(&question, &[inside.clone(), inside.clone()]);
    assert_eq!(sheet.verdict, Verdict::Clear, "{:?}", sheet.orgs[0].unseen);
    let sheet = examine(&question, &[inside, nowhere]);
    assert_eq!(sheet.verdict, Verdict::Inconclusive);
    assert!(
        sheet.orgs[0]
            .unseen
            .iter()
            .any(|unseen| unseen.text.en.contains("carry no address"))
    );
}

#[test]
fn a_misspelt_application_keeps_orgs_from_being_clear() {
    let question = Question {
        allow: "kind: allow_list\napp: Tsumugi Conect\nranges: [192.0.2.0/26]\n",
        ..question()
    };
    let sheet = examine(&question, &[call("s1", "192.0.2.7")]);
    assert_eq!(sheet.verdict, Verdict::Inconclusive);
    assert!(
        sheet.orgs[0]
            .unseen
            .iter()
            .any(|unseen| unseen.text.en.contains("Tsumugi Conect"))
    );
}

#[test]
fn a_hole_names_its_hours_what_is_usual_and_the_log_that_fills_it() {
    // Four weeks of steady office hours in two logs, with one afternoon missing from both.
    let mut events = Vec::new();
    for day in 0..28 {
        let day = 27 + day;
        let (month, day) = if day <= 31 { (10, day) } else { (11, day - 31) };
        for hour in 0..24 {
            if (month, day) == (11, 18) && (2..5).contains(&hour) {
                continue;
            }
            for minute in 0..12 {
                for table in [REST, "salesforce_elf.ApiTotalUsage"] {
                    let time = format!("2025-{month:02}-{day:02}T{hour:02}:{:02}:00Z", minute * 5);
                    let uid = format!("{table}{time}");
                    events.push(with(
                        call("s1", "198.51.100.9"),
                        &[("time", &time), ("table", table), ("event_uid", &uid)],
                    ));
                }
            }
        }
    }
    let sheet = examine(&question(), &events);
    let japan = org(&sheet, "kaede-japan");
    assert_eq!(japan.verdict, Verdict::Inconclusive);
    let gaps: Vec<_> = japan
        .unseen
        .iter()
        .filter(|unseen| unseen.kind == UnseenKind::Gap)
        .collect();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let gap = gaps[0];
    assert_eq!(serde_json::to_value(gap.from).unwrap(), "2025-11-18T02:00:00Z");
    assert_eq!(serde_json::to_value(gap.to).unwrap(), "2025-11-18T05:00:00Z");
    assert_eq!(gap.expected_events, Some(72));
    assert!(gap.settle.as_ref().unwrap().log.ends_with("2025-11-18"), "{gap:?}");
    assert!(
        gap.text
            .en
            .contains("salesforce_elf.ApiTotalUsage, salesforce_elf.RestApi"),
        "{}",
        gap.text.en
    );
    assert_eq!(codes(japan)[0], StepCode::GetMissingLog);
}

#[test]
fn the_sheet_has_the_shape_of_the_api() {
    let mut question = question();
    question.context.rules = 30;
    question.context.findings.insert(
        "kaede-japan".to_owned(),
        FindingCounts {
            high: 2,
            ..FindingCounts::default()
        },
    );
    let sheet = examine(&question, &[call("s1", "203.0.113.9")]);
    let json = serde_json::to_value(&sheet).unwrap();
    assert_eq!(json["made_at"], "2025-11-24T00:00:00Z");
    assert_eq!(json["verdict"], "hit");
    assert!(json["from"].is_null() && json["rules"] == 30);
    assert_eq!(
        json["lists"][0],
        serde_json::json!({"name": "tsumugi-advisory", "version": "2", "as_of": "2025-11-24", "source": "Tsumugi", "indicators": 1})
    );
    let org = &json["orgs"][0];
    let members: Vec<&str> = org.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        [
            "org",
            "verdict",
            "because",
            "hits",
            "weak_hits",
            "outside_allow_list",
            "events",
            "from",
            "to",
            "findings",
            "actors",
            "actor_count",
            "objects",
            "object_count",
            "weak",
            "unseen",
            "unseen_count",
            "next"
        ]
    );
    assert_eq!(org["because"], serde_json::json!(["indicator"]));
    assert_eq!(org["findings"]["high"], 2);
    assert!(org["objects"][0]["returned_rows"].is_null());
    assert_eq!(org["next"][0]["code"], "keep_logs");
    for step in org["next"].as_array().unwrap() {
        assert!(step["text"]["en"].is_string() && step["text"]["ja"].is_string());
    }
}

#[test]
fn one_day_of_the_free_log_against_four_weeks_is_inconclusive() {
    let question = Question {
        from: Some("2025-10-27T00:00:00Z"),
        to: Some("2025-11-24T00:00:00Z"),
        ..question()
    };
    let usage = (0..96).map(|quarter| {
        let time = format!("2025-11-23T{:02}:{:02}:00Z", quarter / 4, quarter % 4 * 15);
        let uid = format!("u{quarter}");
        with(
            call("", "198.51.100.9"),
            &[
                ("table", "salesforce_elf.ApiTotalUsage"),
                ("time", &time),
                ("event_uid", &uid),
            ],
        )
    });
    let sheet = examine(&question, &usage.collect::<Vec<_>>());
    let japan = org(&sheet, "kaede-japan");
    assert_eq!(japan.verdict, Verdict::Inconclusive);
    let gap = japan
        .unseen
        .iter()
        .find(|unseen| unseen.kind == UnseenKind::Gap)
        .unwrap();
    assert_eq!(serde_json::to_value(gap.from).unwrap(), "2025-10-27T00:00:00Z");
    assert!(gap.settle.is_some());
}

#[test]
fn an_org_that_was_asked_about_and_is_not_there_says_so() {
    let question = Question {
        from: Some("2026-01-01T00:00:00Z"),
        ..question()
    };
    let sheet = examine(&question, &[call("s1", "203.0.113.9")]);
    let japan = org(&sheet, "kaede-japan");
    assert_eq!((japan.verdict, japan.events), (Verdict::Inconclusive, 0));
    assert_eq!(japan.unseen[0].kind, UnseenKind::NoData);
    assert!(japan.unseen[0].settle.is_some());
}

#[test]
fn what_another_log_of_the_data_holds_is_no_hole() {
    let login = with(
        call("", "198.51.100.9"),
        &[("table", "salesforce.LoginHistory"), ("object", "")],
    );
    let sheet = examine(&question(), &[login.clone(), call("s1", "198.51.100.9")]);
    assert_eq!(sheet.orgs[0].unseen, []);
    let sheet = examine(&question(), &[login]);
    assert!(sheet.orgs[0].unseen_count > 1);
}
