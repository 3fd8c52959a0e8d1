//! Files made to break whoever opens them: every limit, every kind of damage.

use sekisho_io::{Error, Limits};

use crate::make::{
    Folder, ROWS, drain, gzip, open_all, open_all_with, open_one, replaced, small_limits, whole, with_entry_field, zip,
    zstd,
};

const MEGABYTE: usize = 1 << 20;

#[test]
fn a_zip_bomb_is_stopped_by_the_ordinary_limits() {
    let folder = Folder::new();
    let path = folder.file(
        "bomb.zip",
        zip(&[("zeros.csv", &vec![b'0'; 80 * MEGABYTE]), ("after.csv", ROWS)]),
    );
    assert!(std::fs::metadata(&path).unwrap().len() < 200_000, "it is a bomb");
    let mut streams = open_all(&path);
    let (bytes, error) = drain(streams[0].as_mut().unwrap());
    assert!(
        (64 * MEGABYTE..66 * MEGABYTE).contains(&bytes.len()),
        "what came before was delivered: {}",
        bytes.len()
    );
    let error = error.unwrap();
    assert!(matches!(error, Error::SuspiciousRatio { limit: 400, .. }), "{error:?}");
    assert!(error.is_limit() && error.hint().is_some());
    assert_eq!(whole(streams[1].as_mut().unwrap()), ROWS, "the others go on");
}

#[test]
fn gzip_and_zstd_bombs_are_stopped() {
    let folder = Folder::new();
    let zeros = vec![0; 4 * MEGABYTE];
    for (name, bytes) in [
        ("bomb.gz", gzip(&zeros).repeat(4)),
        ("bomb.zst", zstd(&zeros).repeat(4)),
    ] {
        let path = folder.file(name, bytes);
        let limits = Limits {
            expansion_ratio: 100,
            ..small_limits()
        };
        let (bytes, error) = drain(open_all_with(&path, limits)[0].as_mut().unwrap());
        assert!(bytes.len() >= MEGABYTE, "{name}");
        assert!(
            matches!(error, Some(Error::SuspiciousRatio { .. })),
            "{name}: {error:?}"
        );
    }
}

#[test]
fn the_ratio_of_two_layers_is_taken_together() {
    let folder = Folder::new();
    // Zeros packed twice: either layer alone stays under the limit, both together do not.
    let inner = gzip(&vec![0; 16 * MEGABYTE]);
    let path = folder.file("twice.zip", zip(&[("zeros.gz", &inner)]));
    let limits = Limits {
        expansion_ratio: 1_100,
        ..small_limits()
    };
    let (_, alone) = drain(
        open_all_with(&folder.file("once.gz", &inner), limits)[0]
            .as_mut()
            .unwrap(),
    );
    assert!(alone.is_none(), "{alone:?}");
    let (_, error) = drain(open_all_with(&path, limits)[0].as_mut().unwrap());
    assert!(matches!(error, Some(Error::SuspiciousRatio { .. })), "{error:?}");
}

#[test]
fn logs_that_pack_well_are_no_bombs() {
    let folder = Folder::new();
    let rows: String = (0..60_000)
        .map(|row| format!("API,2025080912{row:06},0055e000001mK5jAAE,192.0.2.7\n"))
        .collect();
    let path = folder.file("api.csv.gz", gzip(rows.as_bytes()));
    let (bytes, error) = drain(open_all_with(&path, small_limits())[0].as_mut().unwrap());
    assert!(error.is_none(), "{error:?}");
    assert_eq!(bytes, rows.as_bytes());
}

#[test]
fn a_stream_over_its_size_delivers_what_came_before_and_then_says_so() {
    let folder = Folder::new();
    let path = folder.file("large.csv.gz", gzip(&ROWS.repeat(10_000)));
    let limits = Limits {
        decompressed_bytes: 200_000,
        ..Limits::default()
    };
    let (bytes, error) = drain(open_all_with(&path, limits)[0].as_mut().unwrap());
    assert!((200_000..400_000).contains(&bytes.len()), "{}", bytes.len());
    assert!(
        matches!(
            error,
            Some(Error::TooLarge {
                limit_bytes: 200_000,
                ..
            })
        ),
        "{error:?}"
    );
}

#[test]
fn the_total_of_many_members_is_bounded() {
    let folder = Folder::new();
    let member = ROWS.repeat(5_000);
    let path = folder.file("many.zip", zip(&[("a", &member), ("b", &member), ("c", &member)]));
    let limits = Limits {
        total_decompressed_bytes: member.len() as u64 * 2,
        ..Limits::default()
    };
    let mut errors = open_all_with(&path, limits)
        .into_iter()
        .map(|stream| drain(&mut stream.unwrap()).1);
    assert!(errors.next().unwrap().is_none());
    assert!(errors.any(|error| matches!(error, Some(Error::TotalTooLarge { .. }))));
}

#[test]
fn an_archive_with_too_many_members_gives_the_first_and_says_so() {
    let folder = Folder::new();
    let names: Vec<String> = (0..10).map(|member| format!("{member}.csv")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), ROWS)).collect();
    let path = folder.file("many.zip", zip(&members));
    let mut streams = open_all_with(
        &path,
        Limits {
            archive_members: 4,
            ..Limits::default()
        },
    );
    let last = streams.pop().unwrap().unwrap_err();
    assert!(
        matches!(
            last,
            Error::TooManyMembers {
                members: 10,
                limit: 4,
                ..
            }
        ),
        "{last:?}"
    );
    assert_eq!(streams.into_iter().filter(Result::is_ok).count(), 4);
}

#[test]
fn packings_in_packings_end() {
    let folder = Folder::new();
    let third = zip(&[("c.csv", ROWS)]);
    let second = zip(&[("b.csv", ROWS), ("third.zip", &third)]);
    let path = folder.file("first.zip", zip(&[("second.zip", &second), ("a.csv", ROWS)]));
    let outcomes: Vec<bool> = open_all(&path).into_iter().map(|stream| stream.is_ok()).collect();
    assert_eq!(outcomes, [true, false, true]);
    let twice = folder.file("twice.gz", gzip(&gzip(ROWS)));
    assert!(matches!(open_all(&twice)[..], [Err(Error::TooDeep { .. })]));
}

#[test]
fn an_archive_that_must_be_copied_is_bounded() {
    let folder = Folder::new();
    let path = folder.file("inner.zip.gz", gzip(&zip(&[("a.csv", ROWS)])));
    let streams = open_all_with(
        &path,
        Limits {
            spool_bytes: 50,
            ..Limits::default()
        },
    );
    assert!(
        matches!(streams[..], [Err(Error::SpoolTooLarge { limit_bytes: 50, .. })]),
        "{streams:?}"
    );
}

#[test]
fn zip_slip_names_are_names_and_nothing_is_written() {
    let folder = Folder::new();
    let archive = replaced(zip(&[("xx/xx/evil.csv", ROWS)]), b"xx/xx/evil.csv", b"../../evil.csv");
    let path = folder.file("in/side/slip.zip", archive);
    let mut stream = open_one(&path);
    assert!(stream.name.ends_with("slip.zip!../../evil.csv"), "{}", stream.name);
    assert_eq!(whole(&mut stream), ROWS);
    assert!(!folder.path().join("evil.csv").exists());
}

#[test]
fn control_characters_in_member_names_are_spelled_out() {
    let folder = Folder::new();
    let archive = replaced(zip(&[("evilxx.csv", ROWS)]), b"evilxx.csv", b"evil\x1b\n.csv");
    let stream = open_one(&folder.file("a.zip", archive));
    assert!(stream.name.ends_with("!evil\\u{1b}\\u{a}.csv"), "{}", stream.name);
}

#[test]
fn encrypted_and_unknown_members_are_problems_and_the_others_go_on() {
    const FLAGS: usize = 8;
    const METHOD: usize = 10;
    let folder = Folder::new();
    let archive = zip(&[("secret.csv", ROWS), ("old.csv", ROWS), ("good.csv", ROWS)]);
    let archive = with_entry_field(archive, "secret.csv", FLAGS, 1);
    let archive = with_entry_field(archive, "old.csv", METHOD, 12);
    let mut streams = open_all(&folder.file("mixed.zip", archive));
    assert!(matches!(&streams[0], Err(Error::Encrypted { name }) if name.ends_with("mixed.zip!secret.csv")));
    assert!(
        matches!(&streams[1], Err(Error::UnsupportedMethod { method, .. }) if method == "bzip2"),
        "{streams:?}"
    );
    assert_eq!(whole(streams[2].as_mut().unwrap()), ROWS);
}

#[test]
fn a_member_with_a_wrong_checksum_is_damaged() {
    const CRC: usize = 16;
    let folder = Folder::new();
    let archive = with_entry_field(zip(&[("a.csv", ROWS)]), "a.csv", CRC, 0x1234);
    let (bytes, error) = drain(&mut open_one(&folder.file("a.zip", archive)));
    assert_eq!(bytes, ROWS, "its rows were delivered");
    assert!(
        matches!(&error, Some(Error::Corrupt { reason, .. }) if reason.contains("checksum")),
        "{error:?}"
    );
}

#[test]
fn a_member_cut_short_is_damaged_though_the_decoder_takes_it_for_the_end() {
    const PACKED_BYTES: usize = 20;
    let folder = Folder::new();
    let rows: Vec<u8> = (0..5_000)
        .flat_map(|row: u32| format!("{}\n", row.wrapping_mul(2_654_435_761)).into_bytes())
        .collect();
    let archive = with_entry_field(zip(&[("a.csv", &rows)]), "a.csv", PACKED_BYTES, 9_000);
    let (bytes, error) = drain(&mut open_one(&folder.file("a.zip", archive)));
    assert!(!bytes.is_empty() && rows.starts_with(&bytes));
    assert!(matches!(&error, Some(Error::Corrupt { .. })), "{error:?}");
}

#[test]
fn a_member_larger_than_the_archive_says_is_damaged() {
    const BYTES: usize = 24;
    let folder = Folder::new();
    let archive = with_entry_field(zip(&[("a.csv", ROWS)]), "a.csv", BYTES, 10);
    let (_, error) = drain(&mut open_one(&folder.file("a.zip", archive)));
    assert!(
        matches!(&error, Some(Error::Corrupt { reason, .. }) if reason.contains("more than")),
        "{error:?}"
    );
}

#[test]
fn files_cut_short_deliver_what_they_hold_and_say_so() {
    let folder = Folder::new();
    let rows: Vec<u8> = (0..50_000)
        .flat_map(|row: u32| format!("{}\n", row.wrapping_mul(2_654_435_761)).into_bytes())
        .collect();
    for (name, packed) in [("cut.gz", gzip(&rows)), ("cut.zst", zstd(&rows))] {
        let path = folder.file(name, &packed[..packed.len() - 6]);
        let (bytes, error) = drain(&mut open_one(&path));
        assert!(!bytes.is_empty() && rows.starts_with(&bytes), "{name}");
        assert!(
            matches!(&error, Some(Error::Corrupt { reason, .. }) if reason == "it ends too early"),
            "{name}: {error:?}"
        );
    }
}

#[test]
fn a_gzip_file_with_a_wrong_checksum_is_damaged() {
    let folder = Folder::new();
    let mut packed = gzip(ROWS);
    let crc_at = packed.len() - 8;
    packed[crc_at] ^= 0xff;
    let (bytes, error) = drain(&mut open_one(&folder.file("a.gz", packed)));
    assert_eq!(bytes, ROWS);
    assert!(matches!(error, Some(Error::Corrupt { .. })), "{error:?}");
}

#[test]
fn what_stands_before_damage_in_the_middle_is_kept() {
    let folder = Folder::new();
    let rows: String = (0..4_000u64)
        .map(|row| format!("{row},{:016x}\n", row.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    let mut packed = gzip(rows.as_bytes());
    let middle = packed.len() / 2;
    packed[middle..middle + 64].fill(0xff);
    let (bytes, error) = drain(&mut open_one(&folder.file("a.gz", packed)));
    assert!(matches!(error, Some(Error::Corrupt { .. })), "{error:?}");
    let good = bytes
        .iter()
        .zip(rows.as_bytes())
        .take_while(|(got, expected)| got == expected)
        .count();
    assert!(good > rows.len() / 4, "{good} of {} bytes", rows.len());
}

#[test]
fn a_zip_without_its_end_is_damaged() {
    let folder = Folder::new();
    let archive = zip(&[("a.csv", ROWS)]);
    let path = folder.file("cut.zip", &archive[..archive.len() - 30]);
    assert!(matches!(&open_all(&path)[..], [Err(Error::Corrupt { .. })]));
}

#[test]
fn an_empty_file_named_as_packed_is_damaged() {
    let folder = Folder::new();
    assert!(matches!(
        &open_all(&folder.file("broken-off.csv.gz", b""))[..],
        [Err(Error::Corrupt { .. })]
    ));
}

#[test]
fn a_zstd_window_larger_than_we_lend_is_refused() {
    let folder = Folder::new();
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.long_distance_matching(true).unwrap();
    std::io::Write::write_all(&mut encoder, ROWS).unwrap();
    let path = folder.file("long.zst", encoder.finish().unwrap());
    assert!(matches!(&open_all(&path)[..], [Err(Error::Corrupt { .. })]));
}

#[test]
fn other_packings_are_named() {
    let folder = Folder::new();
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    for (bytes, expected) in [
        (&b"BZh91AY&SY..."[..], "bzip2"),
        (b"\xfd7zXZ\0...", "xz"),
        (b"7z\xbc\xaf\x27\x1c...", "7z"),
        (b"Rar!\x1a\x07\x01\0", "rar"),
        (&gzip(&tar), "tar"),
    ] {
        let path = folder.file("packed", bytes);
        assert!(
            matches!(&open_all(&path)[..], [Err(Error::UnsupportedFormat { format, .. })] if *format == expected),
            "{expected}"
        );
    }
}

/// Every way of cutting or flipping a small archive ends in rows or a typed error.
#[test]
fn no_damage_to_an_archive_panics_or_hangs() {
    let folder = Folder::new();
    let inner = zip(&[("b.csv.gz", &gzip(ROWS))]);
    let archive = zip(&[("a.csv", ROWS), ("inner.zip", &inner)]);
    let check = |bytes: &[u8]| {
        for mut stream in open_all(&folder.file("damaged", bytes)).into_iter().flatten() {
            let _ = drain(&mut stream);
        }
    };
    for end in 0..archive.len() {
        check(&archive[..end]);
    }
    for at in 0..archive.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut flipped = archive.clone();
            flipped[at] ^= mask;
            check(&flipped);
        }
    }
}
