//! Directories given as a path.

use std::path::PathBuf;

use sekisho_io::{Error, Limits, walk};

use crate::make::{Folder, ROWS, gzip, member_names, open_all_with, zip};

#[test]
fn a_directory_gives_all_files_below_it_in_order() {
    let folder = Folder::new();
    folder.file("b.csv", ROWS);
    folder.file("2025/09/c.zip", zip(&[("m.csv", ROWS)]));
    folder.file("2025/08/a.csv.gz", gzip(ROWS));
    folder.file(".hidden/d.csv", ROWS);
    folder.file(".DS_Store", ROWS);
    assert_eq!(
        member_names(folder.path()),
        ["/2025/08/a.csv.gz", "/2025/09/c.zip!m.csv", "/b.csv"]
    );
}

#[test]
fn the_number_of_files_is_bounded() {
    let folder = Folder::new();
    for file in 0..5 {
        folder.file(&format!("{file}.csv"), ROWS);
    }
    let streams = open_all_with(
        folder.path(),
        Limits {
            files: 3,
            ..Limits::default()
        },
    );
    assert_eq!(streams.iter().filter(|stream| stream.is_ok()).count(), 3);
    assert!(matches!(
        streams.last(),
        Some(Err(Error::TooManyFiles { limit: 3, .. }))
    ));
}

#[cfg(unix)]
#[test]
fn links_that_go_round_end_and_links_to_files_are_read() {
    let folder = Folder::new();
    let target = folder.file("logs/a.csv", ROWS);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("logs/round")).unwrap();
    std::os::unix::fs::symlink(target, folder.path().join("logs/b.csv")).unwrap();
    assert_eq!(member_names(folder.path()), ["/logs/a.csv", "/logs/b.csv"]);
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_a_problem_and_the_others_go_on() {
    let folder = Folder::new();
    folder.file("b.csv", ROWS);
    std::os::unix::fs::symlink("nowhere", folder.path().join("a.csv")).unwrap();
    let streams = open_all_with(folder.path(), Limits::default());
    assert!(matches!(&streams[..], [Err(Error::Open { .. }), Ok(_)]), "{streams:?}");
}

#[test]
fn walk_takes_files_as_given_and_directories_by_extension() {
    let folder = Folder::new();
    let given = folder.file("given.txt", "");
    folder.file("rules/b.YAML", "");
    folder.file("rules/a.yml", "");
    folder.file("rules/notes.md", "");
    let found = walk(&[given.clone(), folder.path().join("rules")], &["yml", "yaml"]).unwrap();
    assert_eq!(
        found,
        [
            given,
            folder.path().join("rules/a.yml"),
            folder.path().join("rules/b.YAML")
        ]
    );
    assert!(matches!(
        walk(&[PathBuf::from("no/such")], &[]),
        Err(Error::Missing { .. })
    ));
}

#[cfg(unix)]
#[test]
fn control_characters_in_file_names_are_spelled_out_in_names_and_errors() {
    let folder = Folder::new();
    folder.file("a\u{1b}[2J.csv", ROWS);
    std::os::unix::fs::symlink("nowhere", folder.path().join("b\u{1b}.csv")).unwrap();
    let streams = open_all_with(folder.path(), Limits::default());
    assert!(streams[0].as_ref().unwrap().name.ends_with("/a\\u{1b}[2J.csv"));
    assert!(streams[1].as_ref().unwrap_err().to_string().ends_with("/b\\u{1b}.csv"));
}
