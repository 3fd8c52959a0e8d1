//! Bad input: a row that does not fit costs only itself, nothing panics, nothing grows without bound.

use std::io::{BufReader, Cursor, Read};

use proptest::prelude::*;
use sekisho_decode::{DecodeError, limits};
use sekisho_event::kind::SourceKind;

use crate::support::{Kept, Rows, all_fixtures, as_kind, decode, fixture_bytes, named, try_decode};

const ELF: &str = "EVENT_TYPE,TIMESTAMP,USER_ID,RUN_TIME\n";
const ROW: &str = "Login,20251120000000.000,0055g000001XyZa,5\n";

fn reasons(kept: &Kept) -> Vec<(u64, &str)> {
    kept.rejected
        .iter()
        .map(|row| (row.line, row.reason.as_str()))
        .collect()
}

fn elf_row(cells: &str) -> Rows {
    decode(format!("{ELF}{cells}\n").as_bytes(), "x").only("salesforce_elf.Login", 1)
}

#[test]
fn a_line_of_100_mb_costs_only_itself() {
    let long = 100 << 20;
    let json = b"{\"EVENT_TYPE\":\"Login\",\"USER_ID\":\""
        .as_slice()
        .chain(std::io::repeat(b'x').take(long));
    let mut lines = BufReader::new(
        Cursor::new("{\"EVENT_TYPE\":\"Login\"}\n")
            .chain(json)
            .chain(Cursor::new("\"}\n{\"EVENT_TYPE\":\"Login\"}\n")),
    );
    let mut kept = Kept::default();
    sekisho_decode::decode(&mut lines, &named("x"), &mut kept).unwrap();
    assert_eq!(reasons(&kept), [(2, "the line is longer than 16 MiB")]);
    assert!(
        kept.rejected[0].excerpt.starts_with("{\"EVENT_TYPE\"")
            && kept.rejected[0].excerpt.len() <= limits::EXCERPT_BYTES
    );
    assert_eq!(kept.only("salesforce_elf.Login", 2).cell(1, "_line").unwrap(), "3");

    let cell = std::io::repeat(b'x').take(long);
    let mut csv = BufReader::new(
        Cursor::new(format!("{ELF}{ROW}"))
            .chain(cell)
            .chain(Cursor::new(format!("\n{ROW}"))),
    );
    let mut kept = Kept::default();
    sekisho_decode::decode(&mut csv, &named("x"), &mut kept).unwrap();
    assert_eq!(kept.rejected.len(), 1);
    assert_eq!(kept.rejected[0].line, 3);
    assert_eq!(kept.only("salesforce_elf.Login", 2).cell(1, "_line").unwrap(), "4");
}

#[test]
fn json_10_000_deep_is_one_cell() {
    let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let row = format!("{{\"EVENT_TYPE\":\"Login\",\"X\":{deep}}}\n");
    let kept = decode((row + "{\"EVENT_TYPE\":\"Login\"}\n").as_bytes(), "x");
    let rows = kept.only("salesforce_elf.Login", 2);
    assert_eq!(rows.cell(0, "_extra").unwrap(), format!("{{\"X\":{deep}}}"));
    // In a column whose members are taken out, the text stays and the members are null.
    let audit = format!(
        "{{\"author_id\":1,\"entity_type\":\"User\",\"created_at\":\"2025-01-01T00:00:00Z\",\"details\":{deep}}}\n"
    );
    let rows = decode(audit.as_bytes(), "x").only("gitlab.audit_events", 1);
    assert_eq!(rows.cell(0, "details"), Some(deep));
    rows.expect(0, &[("details.ip_address", "")]);
}

#[test]
fn bodies_within_bodies_are_not_opened_and_do_not_exhaust_the_stack() {
    let depth = 200_000;
    let nested = format!(
        "{}{{\"EVENT_TYPE\":\"Login\"}}{}",
        "{\"records\":[".repeat(depth),
        "]}".repeat(depth)
    );
    for text in [nested.clone(), nested + "\n{\"EVENT_TYPE\":\"Login\"}\n"] {
        let (_, kept) = try_decode(text.as_bytes(), &named("x"));
        assert!(kept.rows() <= 1);
    }
}

#[test]
fn broken_utf8_costs_only_its_row() {
    let mut csv = format!("{ELF}{ROW}").into_bytes();
    csv.extend_from_slice(b"Login,20251120000000.000,caf\xc3,5\n");
    csv.extend_from_slice("Login,20251120000000.000,東京,5\n".as_bytes());
    let kept = decode(&csv, "x");
    assert_eq!(reasons(&kept), [(3, "the row is not valid UTF-8")]);
    assert_eq!(kept.only("salesforce_elf.Login", 2).cell(1, "USER_ID").unwrap(), "東京");
    let lines = b"{\"EVENT_TYPE\":\"Login\"}\n{\"EVENT_TYPE\":\"\xff\xfe\"}\n{\"EVENT_TYPE\":\"Login\"}\n";
    let kept = decode(lines, "x");
    assert_eq!(reasons(&kept), [(2, "the row is not valid UTF-8")]);
    kept.only("salesforce_elf.Login", 2);
}

#[test]
fn rows_of_another_width_cost_only_themselves() {
    let kept = decode(
        format!("{ELF}{ROW}Login,1\n{ROW}Login,1,2,3,4,5\n{ROW}").as_bytes(),
        "x",
    );
    assert_eq!(
        reasons(&kept),
        [
            (3, "the row has 2 columns, the header 4"),
            (5, "the row has 6 columns, the header 4")
        ]
    );
    kept.only("salesforce_elf.Login", 3);
}

#[test]
fn an_unclosed_quote_takes_no_good_row_with_it() {
    let kept = decode(format!("{ELF}{ROW}Login,\"2025,x,5\n{ROW}{ROW}").as_bytes(), "x");
    assert_eq!(reasons(&kept), [(3, "a quote is never closed")]);
    kept.only("salesforce_elf.Login", 3);
}

#[test]
fn a_file_cut_off_within_its_last_cell_says_so() {
    let whole = format!("{ELF}{ROW}").replace(",5\n", ",\"5\"\n") + "Login,20251120000000.000,u,\"1";
    let kept = decode(whole.as_bytes(), "x");
    assert_eq!(reasons(&kept), [(3, "a quote is never closed")]);
    kept.only("salesforce_elf.Login", 1);
    let kept = decode(b"[{\"EVENT_TYPE\":\"Login\"},{\"EVENT_TYPE\":\"Lo", "x");
    assert_eq!(reasons(&kept), [(1, "the file ends in the middle of a value")]);
    let kept = decode(b"{\"EVENT_TYPE\":\"Login\"}\n{\"EVENT_TYPE\":", "x");
    assert_eq!(kept.rejected.len(), 1);
    kept.only("salesforce_elf.Login", 1);
}

#[test]
fn a_file_of_unclosed_quotes_costs_no_more_than_a_share_of_its_size() {
    // Each line opens a quote that the next line closes and opens again, so that each record could be the whole file.
    let mut text = String::from(ELF);
    text.push_str(&"x\"y,\"\n".repeat(60_000));
    text.push_str(ROW);
    let kept = decode(text.as_bytes(), "x");
    // By chance some of them read as rows where the file ends.
    assert!(kept.rejected.len() > 59_990);
}

#[test]
fn years_0_and_9999_are_times_and_others_are_text() {
    elf_row("Login,00000101000000.000,u,1").expect(0, &[("TIMESTAMP", "0000-01-01T00:00:00Z")]);
    elf_row("Login,99991231235959.999,u,1").expect(0, &[("TIMESTAMP", "9999-12-31T23:59:59.999Z")]);
    for text in [
        "20251340000000.000",
        "10000-01-01T00:00:00Z",
        "-0001-01-01",
        "99999999999999999999",
    ] {
        let rows = elf_row(&format!("Login,{text},u,1"));
        rows.expect(0, &[("TIMESTAMP", ""), ("_time", "")]);
        assert_eq!(rows.object(0, "_original")["TIMESTAMP"], text);
    }
    // A zone can push year 0 and 9999 over their ends.
    for text in ["0000-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"] {
        let rows = elf_row(&format!("Login,{text},u,1"));
        assert_eq!(rows.object(0, "_original")["TIMESTAMP"], text);
        assert!(rows.event(0, "time").is_some());
    }
}

#[test]
fn numbers_that_are_none_are_kept_as_text() {
    for text in [
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e400",
        "0x10",
        "1_000",
        "１２",
        "--1",
        "99999999999999999999",
    ] {
        let rows = elf_row(&format!("Login,20251120000000.000,u,{text}"));
        rows.expect(0, &[("RUN_TIME", ""), ("RUN_TIME_ms", "")]);
        assert_eq!(rows.object(0, "_original")["RUN_TIME"], text);
    }
    let kept = decode(
        b"{\"EVENT_TYPE\":\"Login\"}\n{\"EVENT_TYPE\":\"Login\",\"RUN_TIME\":NaN}\n",
        "x",
    );
    assert_eq!(kept.rejected.len(), 1, "JSON has no NaN");
}

#[test]
fn duplicate_keys_are_both_kept() {
    let kept = decode(
        b"{\"EVENT_TYPE\":\"Login\",\"USER_ID\":\"a\",\"USER_ID\":\"b\",\"X\":1,\"X\":2}\n",
        "x",
    );
    let rows = kept.only("salesforce_elf.Login", 1);
    rows.expect(
        0,
        &[("USER_ID", "a"), ("_extra", "{\"USER_ID\":\"b\",\"X\":1,\"X\":2}")],
    );
    let csv = decode(b"EVENT_TYPE,USER_ID,user_id,USER_ID\nLogin,,a,b\n", "x").only("salesforce_elf.Login", 1);
    csv.expect(0, &[("USER_ID", "a"), ("_extra", "{\"USER_ID\":\"b\"}")]);
}

#[test]
fn three_thousand_columns_are_too_many_and_two_thousand_are_not() {
    let wide = |columns: usize| {
        let names: Vec<String> = (0..columns).map(|number| format!("C{number}")).collect();
        let cells = vec!["1"; columns].join(",");
        format!("EVENT_TYPE,{}\nLogin,{cells}\nLogin,{cells}\n", names.join(","))
    };
    let kept = decode(wide(3_000).as_bytes(), "x");
    assert_eq!(kept.rejected.len(), 3, "the header and each row");
    assert_eq!(kept.rows(), 0);
    decode(wide(1_998).as_bytes(), "x").only("salesforce_elf.Login", 2);
    let row = format!("{ELF}{ROW}{}\n{ROW}", vec!["1"; 3_000].join(","));
    let kept = decode(row.as_bytes(), "x");
    assert_eq!(reasons(&kept), [(3, "the row has more than 2,000 columns")]);
    kept.only("salesforce_elf.Login", 2);
}

#[test]
fn a_row_with_too_many_keys_is_rejected() {
    let keys: Vec<String> = (0..20_000).map(|number| format!("\"k{number}\":1")).collect();
    let text = format!(
        "{{\"EVENT_TYPE\":\"Login\"}}\n{{\"EVENT_TYPE\":\"Login\",{}}}\n",
        keys.join(",")
    );
    let kept = decode(text.as_bytes(), "x");
    assert!(kept.rejected[0].reason.contains("10,000 keys"));
    kept.only("salesforce_elf.Login", 1);
}

#[test]
fn empty_files_hold_no_events_and_headers_alone_are_no_rows() {
    for text in ["", "\n\r\n  \n", "\u{feff}"] {
        for options in [named("x"), as_kind("salesforce-elf", "x"), as_kind("json", "x")] {
            let (result, _) = try_decode(text.as_bytes(), &options);
            assert!(
                matches!(
                    result,
                    Err(DecodeError::NotEvents {
                        what: "the file is empty",
                        ..
                    })
                ),
                "{text:?}"
            );
        }
    }
    decode(ELF.as_bytes(), "x").only_nothing();
}

#[test]
fn hostile_event_types_name_no_table() {
    let long = "x".repeat(65);
    for event_type in [
        "../../x",
        "x'; DROP TABLE y; --",
        "a\"b",
        "salesforce_elf.Login",
        "名前",
        "",
        " ",
        long.as_str(),
        "a\u{0}b",
    ] {
        let json =
            serde_json::json!({"EVENT_TYPE": event_type, "TIMESTAMP": "20251120000000.000", "X": "1"}).to_string();
        let kept = decode(json.as_bytes(), "x");
        let rows = kept.only("salesforce_elf.unknown", 1);
        let cell = Some(event_type).filter(|text| !text.is_empty()).map(str::to_owned);
        assert_eq!(rows.cell(0, "EVENT_TYPE"), cell);
    }
    let object = r#"{"attributes":{"type":"../../x","url":"/y"},"Id":"1"}"#;
    decode(object.as_bytes(), "x").only("salesforce.unknown", 1);
    let channel = r#"{"channel":"/event/a;b","data":{"schema":"s","payload":{"Id":"1"},"event":{"replayId":1}}}"#;
    decode(channel.as_bytes(), "x").only("salesforce.unknown", 1);
}

#[test]
fn past_sixty_four_unknown_event_types_share_one_table() {
    let lines: String = (0..200)
        .map(|number| format!("{{\"EVENT_TYPE\":\"New{number}\",\"X\":\"{number}\"}}\n"))
        .collect();
    let kept = decode(lines.repeat(2).as_bytes(), "x");
    let counts = kept.counts();
    assert!(counts.len() <= limits::MAX_UNKNOWN_TABLES + 1, "{}", counts.len());
    assert_eq!(kept.rows(), 400);
    assert!(counts["salesforce_elf.unknown"] >= 2 * (200 - limits::MAX_UNKNOWN_TABLES as u64));
    assert_eq!(counts["salesforce_elf.New0"], 2);
    let one = decode(b"EVENT_TYPE,X\nNewType,1\nNEWTYPE,2\nnewtype,3\n", "x");
    one.only("salesforce_elf.NewType", 3);
}

#[test]
fn rows_of_no_known_kind_reject_themselves_once_another_fits() {
    let kept = decode(b"{\"a\":1}\n{\"EVENT_TYPE\":\"Login\"}\n{\"b\":2}\n", "x");
    assert_eq!(
        reasons(&kept),
        [(1, "the row is of no known kind"), (3, "the row is of no known kind")]
    );
    kept.only("salesforce_elf.Login", 1);
    for text in ["{\"a\":1}\n".repeat(3), "{\"a\":1}\n".repeat(10_000)] {
        let (result, kept) = try_decode(text.as_bytes(), &named("x"));
        assert!(matches!(result, Err(DecodeError::UnknownKind { .. })));
        assert_eq!(kept.rejected, []);
    }
}

#[test]
fn a_marker_in_a_cell_does_not_make_the_file_a_job_trace() {
    let csv = format!("{ELF}Login,20251120000000.000,section_start:1:x \u{1b}[0K,5\n{ROW}");
    decode(csv.as_bytes(), "x").only("salesforce_elf.Login", 2);
    let json = "{\n \"EVENT_TYPE\": \"Login\", \"X\": \"section_start:1:x Running with gitlab-runner\"\n}";
    decode(json.as_bytes(), "x").only("salesforce_elf.Login", 1);
}

#[test]
fn a_base64_file_that_is_none_is_rejected_with_its_record() {
    let record = |file: &str| format!("{{\"EventType\":\"Login\",\"LogFile\":\"{file}\"}}\n");
    let good = String::from_utf8(fixture_bytes("salesforce/rtem_api_event_bare.ndjson")).unwrap();
    let kept = decode(
        (good + &record("not base64!") + &record("/wAA/wAA") + &record("AAAA")).as_bytes(),
        "x",
    );
    assert_eq!(kept.rejected[0].line, 3);
    assert!(kept.rejected[0].reason.contains("Base64"));
    assert_eq!(kept.counts()["salesforce.ApiEvent"], 2);
}

#[test]
fn a_reader_that_breaks_off_keeps_what_was_read() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    for text in [
        format!("{ELF}{}", ROW.repeat(3_000)),
        "{\"EVENT_TYPE\":\"Login\"}\n".repeat(4_000),
    ] {
        let mut reader = BufReader::new(Cursor::new(text).chain(Broken));
        let mut kept = Kept::default();
        let error = sekisho_decode::decode(&mut reader, &named("x"), &mut kept).unwrap_err();
        assert!(matches!(error, DecodeError::Read { line, .. } if line > 1_000));
        assert!(kept.rows() >= 2_900);
    }
    // A stream that is damaged before its head is full has rows before the damage, too.
    for (text, rows) in [
        (format!("{ELF}{}Login,2025", ROW.repeat(5)), 5),
        ("{\"EVENT_TYPE\":\"Login\"}\n".repeat(6) + "{\"EVENT_T", 6),
        (String::new(), 0),
        (" \n".to_owned(), 0),
        ("EVENT".to_owned(), 0),
    ] {
        let mut reader = BufReader::new(Cursor::new(text.clone()).chain(Broken));
        let mut kept = Kept::default();
        let error = sekisho_decode::decode(&mut reader, &named("x"), &mut kept).unwrap_err();
        let expected = if rows == 0 { 1 } else { 7 };
        assert!(
            matches!(error, DecodeError::Read { line, .. } if line == expected),
            "{text:?}: {error:?}"
        );
        assert_eq!(kept.rows(), rows, "{text:?}");
    }
}

#[test]
fn rows_in_are_rows_out_and_rejected() {
    let good = "{\"EVENT_TYPE\":\"Login\"}";
    let pieces = [good, "{broken", "[]", "7", "\"text\"", "{\"a\":1}", "null", good];
    let text: String = (0..20_000)
        .map(|row| format!("{}\n", pieces[row % pieces.len()]))
        .collect();
    let kept = decode(text.as_bytes(), "x");
    assert_eq!(kept.rows() + kept.rejected.len() as u64, 20_000);
    assert_eq!(kept.rows(), 5_000);
    assert!(kept.batches <= 2);
    let lines: Vec<u64> = kept.rejected.iter().map(|row| row.line).collect();
    assert!(lines.windows(2).all(|pair| pair[0] < pair[1]));
}

fn kinds() -> Vec<Option<SourceKind>> {
    SourceKind::ALL.into_iter().map(Some).chain([None]).collect()
}

fn survives(bytes: &[u8]) {
    for kind in kinds() {
        let mut options = named("x.log");
        options.kind = kind;
        let (result, kept) = try_decode(bytes, &options);
        if let Ok(summary) = result {
            assert_eq!(summary.events(), kept.rows());
            assert_eq!(summary.rejected, kept.rejected.len() as u64);
        }
        for table in kept.counts().keys() {
            kept.table(table);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_bytes_panic_under_no_kind(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes);
    }

    #[test]
    fn random_syntax_panics_under_no_kind(text in r#"[\[\]{}",:\\\n\r a-cA-C0-9.\u{1b}]{0,300}"#) {
        survives(text.as_bytes());
    }

    #[test]
    fn mutated_fixtures_panic_under_no_kind(
        which in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..12),
    ) {
        let fixtures = all_fixtures();
        let mut bytes = which.get(&fixtures).1.clone();
        for (place, edit, byte) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        survives(&bytes);
    }

    #[test]
    fn every_line_of_csv_is_a_row_or_rejected(rows in proptest::collection::vec("[a-z0-9 ,.]{1,30}", 1..40)) {
        let text = format!("{ELF}{}\n", rows.join("\n"));
        let kept = decode(text.as_bytes(), "x");
        prop_assert_eq!(kept.rows() + kept.rejected.len() as u64, rows.len() as u64);
    }

    #[test]
    fn every_line_of_json_is_a_row_or_rejected(rows in proptest::collection::vec(r#"[{}\[\]":,a-c1 ]{0,20}"#, 1..40)) {
        let text: String = std::iter::once("{\"EVENT_TYPE\":\"Login\"}\n{}".to_owned())
            .chain(rows.clone())
            .map(|row| row + "\n")
            .collect();
        let kept = decode(text.as_bytes(), "x");
        let blank = rows.iter().filter(|row| row.trim().is_empty()).count() as u64;
        prop_assert_eq!(kept.rows() + kept.rejected.len() as u64 + blank, rows.len() as u64 + 2);
    }
}
