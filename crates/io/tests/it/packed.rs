//! What honest files come in.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sekisho_io::{Error, HEAD_BYTES, Input, sha256_file};

use crate::make::{Folder, ROWS, gzip, member_names, open_all, open_one, replaced, whole, zip, zip_by, zstd};

#[test]
fn a_plain_file_is_one_stream_with_its_head_at_hand() {
    let folder = Folder::new();
    let path = folder.file("api.csv", ROWS);
    let mut stream = open_one(&path);
    assert_eq!((stream.name.as_str(), &stream.path), (path.to_str().unwrap(), &path));
    assert_eq!(stream.head, ROWS);
    assert_eq!(whole(&mut stream), ROWS, "the head is not consumed");
}

#[test]
fn a_large_file_is_read_past_its_head() {
    let folder = Folder::new();
    let rows = ROWS.repeat(5 * HEAD_BYTES / ROWS.len());
    let stream = open_one(&folder.file("api.csv", &rows));
    assert_eq!(stream.head, rows[..HEAD_BYTES]);
    let lines = stream.reader.lines().count();
    assert_eq!(lines, rows.split(|byte| *byte == b'\n').count() - 1);
}

#[test]
fn packing_is_told_from_content_not_from_the_name() {
    let folder = Folder::new();
    for (name, bytes) in [
        ("api.csv.gz", gzip(ROWS)),
        ("gzip-without-a-name", gzip(ROWS)),
        ("api.csv.zst", zstd(ROWS)),
        ("zstd.gz", zstd(ROWS)),
        ("unpacked-by-the-browser.csv.gz", ROWS.to_vec()),
    ] {
        assert_eq!(whole(&mut open_one(&folder.file(name, bytes))), ROWS, "{name}");
    }
}

#[test]
fn all_members_of_a_gzip_file_and_all_frames_of_a_zstd_file_are_read() {
    let folder = Folder::new();
    for (name, pack) in [("rows.gz", gzip as fn(&[u8]) -> Vec<u8>), ("rows.zst", zstd)] {
        let twice = [pack(ROWS), pack(b"second\n")].concat();
        let expected = [ROWS, b"second\n"].concat();
        assert_eq!(whole(&mut open_one(&folder.file(name, twice))), expected, "{name}");
    }
}

#[test]
fn a_zip_gives_its_members_in_order_with_both_names() {
    let folder = Folder::new();
    let path = folder.file("logs.zip", zip(&[("b/login.csv", ROWS), ("a.csv", b"A\n1\n")]));
    let mut streams = open_all(&path);
    assert_eq!(member_names(&path), ["!b/login.csv", "!a.csv"]);
    assert_eq!(whole(streams[0].as_mut().unwrap()), ROWS);
    assert_eq!(whole(streams[1].as_mut().unwrap()), b"A\n1\n");
    assert_eq!(streams[1].as_ref().unwrap().path, path);
}

#[test]
fn members_can_be_read_in_any_order_and_on_other_threads() {
    let folder = Folder::new();
    let path = folder.file(
        "logs.zip",
        zip(&[("a", &b"a\n".repeat(300_000)), ("b", &b"b\n".repeat(300_000))]),
    );
    let handles: Vec<_> = open_all(&path)
        .into_iter()
        .rev()
        .map(|stream| std::thread::spawn(move || whole(&mut stream.unwrap())))
        .collect();
    let read: Vec<Vec<u8>> = handles.into_iter().map(|handle| handle.join().unwrap()).collect();
    assert_eq!(read, [b"b\n".repeat(300_000), b"a\n".repeat(300_000)]);
}

#[test]
fn stored_members_and_packed_members_of_an_archive_are_unpacked() {
    let folder = Folder::new();
    let stored = zip_by(
        zip::CompressionMethod::Stored,
        &[("a.csv.gz", &gzip(ROWS)), ("b.csv.zst", &zstd(ROWS))],
    );
    for stream in open_all(&folder.file("logs.zip", stored)) {
        assert_eq!(whole(&mut stream.unwrap()), ROWS);
    }
}

#[test]
fn members_with_the_same_name_are_all_read() {
    let folder = Folder::new();
    let archive = replaced(zip(&[("one.csv", b"1\n"), ("two.csv", b"2\n")]), b"two.csv", b"one.csv");
    let path = folder.file("logs.zip", archive);
    let read: Vec<Vec<u8>> = open_all(&path)
        .into_iter()
        .map(|stream| whole(&mut stream.unwrap()))
        .collect();
    assert_eq!(read, [b"1\n", b"2\n"]);
}

#[test]
fn directories_links_and_macos_leftovers_in_a_zip_are_not_members() {
    let folder = Folder::new();
    let path = folder.file(
        "logs.zip",
        zip(&[("logs/", b""), ("logs/a.csv", ROWS), ("__MACOSX/logs/._a.csv", b"x")]),
    );
    assert_eq!(member_names(&path), ["!logs/a.csv"]);
}

#[test]
fn a_zip_in_a_zip_and_a_gzipped_zip_are_read() {
    let folder = Folder::new();
    let inner = zip(&[("a.csv", ROWS), ("b.csv.gz", &gzip(ROWS))]);
    let path = folder.file(
        "outer.zip",
        zip(&[("first.csv", ROWS), ("inner.zip", &inner), ("last.csv", ROWS)]),
    );
    assert_eq!(
        member_names(&path),
        ["!first.csv", "!inner.zip!a.csv", "!inner.zip!b.csv.gz", "!last.csv"]
    );
    for stream in open_all(&path) {
        assert_eq!(whole(&mut stream.unwrap()), ROWS);
    }
    assert_eq!(
        member_names(&folder.file("inner.zip.gz", gzip(&inner))),
        ["!a.csv", "!b.csv.gz"]
    );
}

#[test]
fn an_empty_archive_has_no_streams() {
    let folder = Folder::new();
    assert!(open_all(&folder.file("none.zip", zip(&[]))).is_empty());
}

#[test]
fn an_empty_file_is_an_empty_stream_and_so_is_a_packed_nothing() {
    let folder = Folder::new();
    for (name, bytes) in [
        ("quiet.csv", Vec::new()),
        ("quiet.csv.gz", gzip(b"")),
        ("quiet.csv.zst", zstd(b"")),
    ] {
        let mut stream = open_one(&folder.file(name, bytes));
        assert!(stream.head.is_empty() && whole(&mut stream).is_empty(), "{name}");
    }
}

#[test]
fn a_missing_path_says_so() {
    let error = Input::open("no/such/file.csv".as_ref()).unwrap_err();
    assert!(matches!(error, Error::Missing { .. }));
    assert_eq!(error.to_string(), "no/such/file.csv does not exist");
    assert!(error.hint().is_some());
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_as_a_stream() {
    let folder = Folder::new();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let writer = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::write(pipe, zip(&[("a.csv", ROWS)])).unwrap())
    };
    let mut streams = open_all(&pipe);
    writer.join().unwrap();
    assert_eq!(whole(streams[0].as_mut().unwrap()), ROWS);
}

#[test]
fn a_file_is_summed_up_and_counted_while_it_is_read() {
    let folder = Folder::new();
    let rows = ROWS.repeat(3 * HEAD_BYTES / ROWS.len());
    for (name, bytes) in [
        ("plain.csv", rows.clone()),
        ("packed.csv.gz", gzip(&rows)),
        ("packed.csv.zst", zstd(&rows)),
    ] {
        let path = folder.file(name, &bytes);
        let mut streams = Input::open(&path).unwrap();
        let counter = Arc::new(AtomicU64::new(0));
        streams.count_into(Arc::clone(&counter));
        assert_eq!(streams.file_bytes(), Some(bytes.len() as u64));
        let mut stream = streams.next().unwrap().unwrap();
        assert_eq!(whole(&mut stream), rows);
        assert_eq!(stream.digest.finished(), Some(sha256_file(&path).unwrap()), "{name}");
        assert_eq!(counter.load(Ordering::Relaxed), bytes.len() as u64, "{name}");
    }
}

#[test]
fn members_of_an_archive_are_counted_once() {
    let folder = Folder::new();
    let rows = ROWS.repeat(3 * HEAD_BYTES / ROWS.len());
    let bytes = zip_by(zip::CompressionMethod::STORE, &[("a.csv", &rows), ("b.csv", &rows)]);
    let mut streams = Input::open(&folder.file("two.zip", &bytes)).unwrap();
    let counter = Arc::new(AtomicU64::new(0));
    streams.count_into(Arc::clone(&counter));
    for stream in streams {
        let mut stream = stream.unwrap();
        whole(&mut stream);
        assert_eq!(stream.digest.finished(), None);
    }
    assert_eq!(counter.load(Ordering::Relaxed), 2 * rows.len() as u64);
}
