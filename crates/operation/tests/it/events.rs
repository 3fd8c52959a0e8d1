//! Searching a store as the console does.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_event::ids::OrgId;
use sekisho_operation::events::{
    self, CellValue, Event, EventFilter, ExportFormat, ExportRequest, FacetsRequest, HistogramRequest, SearchRequest,
    Sort, SurroundingBy, SurroundingRequest,
};
use sekisho_operation::{Caller, Error};

use crate::kit::{DATED, ORGS, UNDATED, caller, caller_of, data, filter, range, store};

/// Returns all events of a search, page by page.
fn pages(caller: &Caller, dir: &tempfile::TempDir, filter: &EventFilter, sort: Sort, limit: usize) -> Vec<Event> {
    let mut found = Vec::new();
    let mut cursor = None;
    for _ in 0..1_000 {
        let request = SearchRequest {
            filter: filter.clone(),
            sort,
            cursor,
            limit: Some(limit),
        };
        let page = events::search(caller, &data(dir), &request).unwrap();
        assert!(page.items.len() <= limit);
        assert!(page.updated_at.ends_with('Z'));
        found.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return found;
        }
        assert!(!found.is_empty(), "a cursor after nothing");
    }
    panic!("the pages do not end");
}

fn uids(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.event_uid.as_str()).collect()
}

#[test]
fn pages_hold_every_event_once_in_order_with_the_undated_last() {
    let dir = store();
    let everything = filter("");
    let newest = pages(&caller(), &dir, &everything, Sort::Desc, 1_000);
    assert_eq!(newest.len(), 2 * (DATED + UNDATED));
    let (dated, undated) = newest.split_at(2 * DATED);
    assert!(dated.iter().all(|event| event.time.is_some()));
    assert!(undated.iter().all(|event| event.time.is_none()));
    assert!(
        dated
            .windows(2)
            .all(|pair| (&pair[0].time, &pair[0].event_uid) > (&pair[1].time, &pair[1].event_uid))
    );
    assert_eq!(
        newest
            .iter()
            .map(|event| &event.event_uid)
            .collect::<BTreeSet<_>>()
            .len(),
        newest.len()
    );

    let oldest = pages(&caller(), &dir, &everything, Sort::Asc, 1_000);
    let mut reversed = dated.to_vec();
    reversed.reverse();
    assert_eq!(oldest[..2 * DATED], reversed);
    assert_eq!(&oldest[2 * DATED..], undated);

    for limit in [29, 2 * DATED, 2 * DATED + 1, 2 * (DATED + UNDATED)] {
        for (sort, whole) in [(Sort::Desc, &newest), (Sort::Asc, &oldest)] {
            assert_eq!(
                &pages(&caller(), &dir, &everything, sort, limit),
                whole,
                "pages of {limit}"
            );
        }
    }
}

#[test]
fn pages_of_one_go_through_events_of_the_same_moment() {
    let dir = store();
    let few = filter("rows<4");
    for sort in [Sort::Desc, Sort::Asc] {
        let whole = pages(&caller(), &dir, &few, sort, 100);
        assert_eq!(whole.len(), 2 * 4);
        assert_eq!(pages(&caller(), &dir, &few, sort, 1), whole);
    }
}

#[test]
fn searches_ranges_and_orgs_narrow_a_page() {
    let dir = store();
    let one_user = pages(&caller(), &dir, &filter("src_ip:203.0.113.2"), Sort::Desc, 5);
    assert!(
        one_user
            .iter()
            .all(|event| event.src_ip.as_deref() == Some("203.0.113.2"))
    );
    assert_eq!(
        one_user.len(),
        2 * (0..DATED + UNDATED).filter(|number| number % 4 == 2).count()
    );

    let mut ranged = filter("");
    ranged.range = range("2025-11-20T00:01:00Z", "2025-11-20T00:03:00Z");
    let found = pages(&caller(), &dir, &ranged, Sort::Asc, 4);
    assert_eq!(found.len(), 2 * 6);
    assert!(
        found
            .iter()
            .all(|event| event.time.as_deref().unwrap() < "2025-11-20T00:03")
    );

    let mut of_org = filter("rows>=10 rows<12");
    of_org.orgs = vec![OrgId::new(ORGS[0])];
    let found = pages(&caller(), &dir, &of_org, Sort::Desc, 100);
    assert_eq!(
        found
            .iter()
            .map(|event| (event.org.as_str(), event.rows))
            .collect::<Vec<_>>(),
        [(ORGS[0], found[0].rows), (ORGS[0], found[1].rows)]
    );
    assert!(pages(&caller(), &dir, &filter("actor:nobody"), Sort::Desc, 10).is_empty());
}

#[test]
fn a_caller_of_one_org_never_sees_another_whatever_is_asked() {
    let dir = store();
    let limited = caller_of(ORGS[0]);
    let other = |q: &str| EventFilter {
        orgs: vec![OrgId::new(ORGS[1])],
        ..filter(q)
    };
    for q in [
        "",
        "*",
        "org:kaede-us",
        "NOT org:nothing",
        "x OR *",
        "actor:(a OR *)",
        "x) OR (y",
    ] {
        for filter in [filter(q), other(q)] {
            let request = SearchRequest {
                filter: filter.clone(),
                ..SearchRequest::default()
            };
            if let Ok(page) = events::search(&limited, &data(&dir), &request) {
                assert!(page.items.iter().all(|event| event.org == ORGS[0]), "{q}");
                assert!(filter.orgs.is_empty() || page.items.is_empty(), "{q}");
            }
            let request = FacetsRequest {
                filter: filter.clone(),
                fields: vec!["org".to_owned()],
            };
            if let Ok(facets) = events::facets(&limited, &data(&dir), &request) {
                assert!(facets.facets[0].values.iter().all(|value| value.value == ORGS[0]));
            }
            let request = HistogramRequest { filter, buckets: None };
            if let Ok(histogram) = events::histogram(&limited, &data(&dir), &request) {
                assert!(histogram.total <= DATED as u64);
            }
        }
    }
    let others = pages(&caller(), &dir, &other(""), Sort::Desc, 1);
    let hidden = events::event(&limited, &data(&dir), &others[0].event_uid);
    assert!(matches!(hidden, Err(Error::NoEvent(_))));
    let exported = events::export(
        &limited,
        &data(&dir),
        &ExportRequest {
            filter: filter(""),
            format: ExportFormat::Csv,
        },
    );
    let text: Vec<u8> = exported.unwrap().flat_map(Result::unwrap).collect();
    assert!(!String::from_utf8(text).unwrap().contains(ORGS[1]));
    let surrounding = events::surrounding(
        &limited,
        &data(&dir),
        &SurroundingRequest {
            event_uid: pages(&limited, &dir, &filter("rows:30"), Sort::Desc, 1)[0]
                .event_uid
                .clone(),
            by: SurroundingBy::Address,
            limit: Some(100),
        },
    );
    let surrounding = surrounding.unwrap();
    assert!(
        surrounding
            .before
            .iter()
            .chain(&surrounding.after)
            .all(|event| event.org == ORGS[0])
    );
}

#[test]
fn what_cannot_be_asked_is_refused_with_the_reason() {
    let dir = store();
    let search = |request: SearchRequest| events::search(&caller(), &data(&dir), &request);
    let wrong_query = search(SearchRequest {
        filter: filter("acter:alice"),
        ..SearchRequest::default()
    });
    assert!(matches!(wrong_query, Err(Error::Search(error)) if (error.start, error.end) == (0, 5)));
    for limit in [0, events::MAX_PAGE_EVENTS + 1] {
        let refused = search(SearchRequest {
            limit: Some(limit),
            ..SearchRequest::default()
        });
        assert!(matches!(refused, Err(Error::Asked(_))));
    }
    let foreign = search(SearchRequest {
        cursor: Some("a0".to_owned()),
        ..SearchRequest::default()
    });
    assert!(matches!(foreign, Err(Error::Cursor)));
    let unknown = events::facets(
        &caller(),
        &data(&dir),
        &FacetsRequest {
            filter: filter(""),
            fields: vec!["nothing".to_owned()],
        },
    );
    assert!(matches!(unknown, Err(Error::Asked(_))));
    for uid in ["", "' OR TRUE --", &"0".repeat(32), &"é".repeat(16)] {
        assert!(matches!(
            events::event(&caller(), &data(&dir), uid),
            Err(Error::NoEvent(_))
        ));
    }
    let no_store = events::search(&caller(), dir.path(), &SearchRequest::default());
    assert!(matches!(no_store, Err(Error::Store(_))));
}

#[test]
fn the_histogram_counts_what_a_search_finds() {
    let dir = store();
    let histogram = |filter: EventFilter, buckets| {
        let buckets = Some(buckets);
        events::histogram(&caller(), &data(&dir), &HistogramRequest { filter, buckets }).unwrap()
    };
    let all = histogram(filter(""), 120);
    assert_eq!((all.total, all.undated), (2 * DATED as u64, 2 * UNDATED as u64));
    assert_eq!(all.from.as_deref(), Some("2025-11-20T00:00:00.000000Z"));
    assert_eq!(all.bucket_ms, 10_000);
    assert_eq!(all.buckets.iter().sum::<u64>(), all.total);
    assert_eq!(all.buckets.iter().filter(|count| **count == 6).count(), DATED / 3);

    let coarse = histogram(filter(""), 3);
    assert_eq!((coarse.bucket_ms, coarse.buckets), (600_000, vec![60, 60]));

    let mut ranged = filter("src_ip:203.0.113.1");
    ranged.range = range("2025-11-20T00:05:00Z", "2025-11-20T00:10:00Z");
    let ranged = histogram(ranged, 5);
    assert_eq!(ranged.from.as_deref(), Some("2025-11-20T00:05:00.000000Z"));
    assert_eq!(ranged.to.as_deref(), Some("2025-11-20T00:10:00.000000Z"));
    assert_eq!((ranged.bucket_ms, ranged.buckets.len()), (60_000, 5));
    assert_eq!(
        ranged.total,
        2 * (15..30).filter(|number| number % 4 == 1).count() as u64
    );

    let nothing = histogram(filter("actor:nobody"), 10);
    assert_eq!((nothing.total, nothing.undated), (0, 0));
    let limited = events::histogram(&caller_of(ORGS[1]), &data(&dir), &HistogramRequest::default()).unwrap();
    assert_eq!((limited.total, limited.undated), (DATED as u64, UNDATED as u64));
}

#[test]
fn facets_count_every_event_as_shown_other_or_missing() {
    let dir = store();
    let ask = |q: &str, fields: &[&str]| {
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        events::facets(
            &caller(),
            &data(&dir),
            &FacetsRequest {
                filter: filter(q),
                fields,
            },
        )
        .unwrap()
    };
    let facets = ask("", &[]);
    assert_eq!(facets.facets.len(), events::DEFAULT_FACET_FIELDS.len());
    assert_eq!(facets.total, 2 * (DATED + UNDATED) as u64);
    for facet in &facets.facets {
        let shown: u64 = facet.values.iter().map(|value| value.count).sum();
        assert_eq!(shown + facet.other + facet.missing, facets.total, "{facet:?}");
        assert!(facet.values.windows(2).all(|pair| pair[0].count >= pair[1].count));
    }
    let few = ask("src_ip:203.0.113.3", &["org", "rows", "line", "outcome", "org"]);
    assert_eq!(
        few.facets.iter().map(|facet| facet.field.as_str()).collect::<Vec<_>>(),
        ["org", "rows", "line", "outcome"]
    );
    assert_eq!(few.facets[0].values.len(), 2);
    assert_eq!(few.facets[1].values.len(), 10);
    assert_eq!(few.facets[1].values[0].value, "11");
    assert_eq!(
        few.total,
        2 * (0..DATED + UNDATED).filter(|number| number % 4 == 3).count() as u64
    );
}

/// Every event has an identity, so a search for it means everything; but it has to be read.
const READ_EVERYTHING: &str = "event_uid:*";

#[test]
fn counts_without_a_search_are_those_of_the_events() {
    let dir = store();
    let day = |from: &str, to: &str| range(from, to);
    let ranges = [
        sekisho_event::time::Range::default(),
        day("2025-11-20T00:00:00Z", "2025-11-20T03:00:00Z"),
        day("2025-11-20T00:10:00Z", "2025-11-23T05:20:01Z"),
        day("2025-11-20T00:10:00Z", "2025-11-20T00:20:00Z"),
        day("2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"),
    ];
    let org = |name: &str| OrgId::new(name);
    for range in ranges {
        for orgs in [vec![], vec![org(ORGS[0])], vec![org("nobody")]] {
            for seen in [caller(), caller_of(ORGS[1])] {
                let filter = |q: &str| EventFilter {
                    q: q.to_owned(),
                    range,
                    orgs: orgs.clone(),
                };
                let facets = |q: &str| {
                    let request = FacetsRequest {
                        filter: filter(q),
                        fields: Vec::new(),
                    };
                    let facets = events::facets(&seen, &data(&dir), &request).unwrap();
                    (facets.facets, facets.total)
                };
                assert_eq!(facets(""), facets(READ_EVERYTHING), "{range:?} {orgs:?}");
                for buckets in [1, 2, 30] {
                    let histogram = |q: &str| {
                        let request = HistogramRequest {
                            filter: filter(q),
                            buckets: Some(buckets),
                        };
                        let found = events::histogram(&seen, &data(&dir), &request).unwrap();
                        (
                            found.from,
                            found.to,
                            found.bucket_ms,
                            found.buckets,
                            found.total,
                            found.undated,
                        )
                    };
                    assert_eq!(histogram(""), histogram(READ_EVERYTHING), "{range:?} {orgs:?}");
                }
            }
        }
    }
}

#[test]
fn one_event_is_shown_whole() {
    let dir = store();
    let first = &pages(&caller(), &dir, &filter("rows:0 org:kaede-us"), Sort::Asc, 1)[0];
    let detail = events::event(&caller(), &data(&dir), &first.event_uid).unwrap();
    assert_eq!(&detail.event, first);
    assert_eq!(detail.table.name, "salesforce_elf.RestApi");
    assert!(!detail.table.about.en.is_empty());
    let fields: BTreeMap<&str, _> = detail.fields.iter().map(|field| (field.name.as_str(), field)).collect();
    assert_eq!(fields["ROWS_PROCESSED"].value, Some(CellValue::Integer(0)));
    assert_eq!(fields["DB_TOTAL_TIME_ms"].value, Some(CellValue::Decimal(5.0)));
    assert_eq!(fields["DB_TOTAL_TIME_ms"].unit.as_deref(), Some("ms"));
    assert_eq!(fields["TIMESTAMP"].original.as_deref(), Some("20251120000000.0"));
    assert!(!fields["URI"].meaning.en.is_empty());
    assert!(fields["CPU_TIME"].value.is_none());
    assert!(fields.keys().all(|name| !name.starts_with('_')));
    assert_eq!(detail.extra.unwrap()["SOMETHING_NEW"], "=1+1");

    let undated = &pages(&caller(), &dir, &filter("-time:*"), Sort::Asc, 1)[0];
    let detail = events::event(&caller(), &data(&dir), &undated.event_uid).unwrap();
    assert!(!detail.fields.is_empty());
}

#[test]
fn surrounding_events_share_what_is_asked_and_stand_in_order() {
    let dir = store();
    let middle = &pages(&caller(), &dir, &filter("rows:30 org:kaede-us"), Sort::Asc, 1)[0];
    for (by, all) in [
        (SurroundingBy::Session, filter("session_key:S2+kaede-us time:*")),
        (SurroundingBy::Actor, filter("src_ip:203.0.113.2 org:kaede-us time:*")),
        (SurroundingBy::Address, filter("src_ip:203.0.113.2 time:*")),
        (SurroundingBy::Org, filter("org:kaede-us time:*")),
    ] {
        let whole = pages(&caller(), &dir, &all, Sort::Asc, 1_000);
        let at = whole
            .iter()
            .position(|event| event.event_uid == middle.event_uid)
            .unwrap();
        for limit in [3, 200] {
            let found = events::surrounding(
                &caller(),
                &data(&dir),
                &SurroundingRequest {
                    event_uid: middle.event_uid.clone(),
                    by,
                    limit: Some(limit),
                },
            );
            let found = found.unwrap();
            assert_eq!(&found.event, middle);
            assert_eq!(
                uids(&found.before),
                uids(&whole[at.saturating_sub(limit)..at]),
                "{by:?}"
            );
            assert_eq!(
                uids(&found.after),
                uids(&whole[at + 1..(at + 1 + limit).min(whole.len())]),
                "{by:?}"
            );
        }
    }
    let undated = &pages(&caller(), &dir, &filter("-time:*"), Sort::Asc, 1)[0];
    let refused = events::surrounding(
        &caller(),
        &data(&dir),
        &SurroundingRequest {
            event_uid: undated.event_uid.clone(),
            by: SurroundingBy::Org,
            limit: None,
        },
    );
    assert!(matches!(refused, Err(Error::NotSurrounded { field: "time", .. })));
}

#[test]
fn exports_hold_every_event_in_the_order_of_time() {
    let dir = store();
    let exported = |q: &str, format| {
        let export = events::export(
            &caller(),
            &data(&dir),
            &ExportRequest {
                filter: filter(q),
                format,
            },
        )
        .unwrap();
        let bytes: Vec<u8> = export.flat_map(Result::unwrap).collect();
        String::from_utf8(bytes).unwrap()
    };
    let expected = pages(&caller(), &dir, &filter(""), Sort::Asc, 1_000);
    let lines = exported("", ExportFormat::Jsonl);
    let found: Vec<String> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["event_uid"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(found, uids(&expected));
    let csv = exported("", ExportFormat::Csv);
    assert_eq!(csv.split("\r\n").count(), expected.len() + 2);
    assert!(csv.starts_with("event_uid,time,org,"));
    let nothing = exported("actor:nobody", ExportFormat::Csv);
    assert_eq!(nothing.matches("\r\n").count(), 1);
    assert!(exported("actor:nobody", ExportFormat::Jsonl).is_empty());
}

#[test]
fn fields_are_those_of_events_with_their_meaning() {
    let fields = events::fields(&caller()).unwrap().fields;
    assert_eq!(fields.len(), 34);
    assert!(
        fields
            .iter()
            .all(|field| !field.meaning.en.is_empty() && field.meaning.ja.is_some())
    );
}
