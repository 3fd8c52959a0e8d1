//! Files read or written whole.

use sekisho_io::{Error, atomic_write, read_bounded, read_text_bounded, sha256_file};

use crate::make::Folder;

#[test]
fn text_is_read_up_to_its_limit_and_without_its_mark() {
    let folder = Folder::new();
    let path = folder.file("list.txt", "\u{FEFF}192.0.2.7\n");
    assert_eq!(read_text_bounded(&path, 13).unwrap(), "192.0.2.7\n");
    assert!(matches!(
        read_text_bounded(&path, 12),
        Err(Error::WholeTooLarge { limit_bytes: 12, .. })
    ));
}

#[test]
fn text_that_is_not_utf8_says_where() {
    let folder = Folder::new();
    let path = folder.file("list.txt", b"ok \x8a\xc4");
    assert!(matches!(
        read_text_bounded(&path, 100),
        Err(Error::NotUtf8 { offset: 3, .. })
    ));
}

#[test]
fn an_endless_reader_is_stopped() {
    assert!(matches!(
        read_bounded(std::io::repeat(b'x'), "it", 1000),
        Err(Error::WholeTooLarge { .. })
    ));
}

#[test]
fn the_digest_is_of_the_bytes_on_disk() {
    let folder = Folder::new();
    let digest = sha256_file(&folder.file("a", "abc")).unwrap();
    assert_eq!(
        digest.hex(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(digest.bytes, 3);
}

#[test]
fn writing_replaces_the_whole_file_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let path = folder.file("report.json", "a much longer old text");
    atomic_write(&path, b"new").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    atomic_write(&folder.path().join("fresh.json"), b"x").unwrap();
    let names = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 2, "no temporary file is left");
}

#[cfg(unix)]
#[test]
fn writing_keeps_the_permissions_of_the_old_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.file("key", "old");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    atomic_write(&path, b"new").unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = Folder::new();
    let error = atomic_write(&folder.path().join("missing/a"), b"x").unwrap_err();
    assert!(
        matches!(&error, Error::Write { step, .. } if step.contains("temporary")),
        "{error}"
    );
}
