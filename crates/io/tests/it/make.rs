//! Makes the files that the tests open.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sekisho_io::{Error, Input, Limits, PeekedStream};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

pub(crate) const ROWS: &[u8] = b"EVENT_TYPE,TIMESTAMP\nAPI,20250809120000.000\n";

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_by(zip::CompressionMethod::DEFLATE, members)
}

pub(crate) fn zip_by(method: zip::CompressionMethod, members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Overwrites every occurrence of `from`; both have the same length, so that offsets still hold.
pub(crate) fn replaced(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut found = false;
    for start in 0..=bytes.len() - from.len() {
        if &bytes[start..start + from.len()] == from {
            bytes[start..start + to.len()].copy_from_slice(to);
            found = true;
        }
    }
    assert!(found, "nothing to replace");
    bytes
}

/// Overwrites two bytes at `offset` in the entry of the archive's directory that `name` has.
pub(crate) fn with_entry_field(mut bytes: Vec<u8>, name: &str, offset: usize, value: u16) -> Vec<u8> {
    const ENTRY_BYTES: usize = 46;
    let entry = (0..bytes.len() - ENTRY_BYTES - name.len())
        .find(|&at| bytes[at..].starts_with(b"PK\x01\x02") && bytes[at + ENTRY_BYTES..].starts_with(name.as_bytes()))
        .expect("the archive has such a member");
    bytes[entry + offset..entry + offset + 2].copy_from_slice(&value.to_le_bytes());
    bytes
}

pub(crate) fn small_limits() -> Limits {
    Limits {
        ratio_free_bytes: 1 << 20,
        ..Limits::default()
    }
}

pub(crate) fn open_all(path: &Path) -> Vec<Result<PeekedStream, Error>> {
    Input::open(path).unwrap().collect()
}

pub(crate) fn open_all_with(path: &Path, limits: Limits) -> Vec<Result<PeekedStream, Error>> {
    Input::open_with(path, limits).unwrap().collect()
}

/// The only stream of `path`.
pub(crate) fn open_one(path: &Path) -> PeekedStream {
    let mut streams = open_all(path);
    assert_eq!(streams.len(), 1, "{streams:?}");
    streams.remove(0).unwrap()
}

/// All bytes of a stream, and the error that ended it where one did.
pub(crate) fn drain(stream: &mut PeekedStream) -> (Vec<u8>, Option<Error>) {
    let mut bytes = Vec::new();
    let outcome = stream.reader.read_to_end(&mut bytes);
    let error = outcome
        .err()
        .map(|error| error.downcast::<Error>().expect("streams fail with our own errors"));
    (bytes, error)
}

pub(crate) fn whole(stream: &mut PeekedStream) -> Vec<u8> {
    let (bytes, error) = drain(stream);
    assert!(error.is_none(), "{error:?}");
    bytes
}

/// Names of all streams of `path` behind its own name.
pub(crate) fn member_names(path: &Path) -> Vec<String> {
    let own = path.to_str().unwrap();
    open_all(path)
        .into_iter()
        .map(|stream| stream.unwrap().name.strip_prefix(own).unwrap().to_owned())
        .collect()
}
