//! Members of a zip archive, one after the other, without writing any of them to disk.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::vec;

use zip::CompressionMethod;
use zip::read::{Config, ZipFileEntry};
// Not `ZipArchive`: it keeps one member of each name and drops the others, and rows would be lost.
use zip::unstable::read::ZipIterable;

use crate::bounded::{Budget, Counted, Tally, Verified};
use crate::error::Error;
use crate::name::{member_name, printable};
use crate::packing::{BUFFER_BYTES, Packed, guard, zstd_decoder};
use crate::shared_file::SharedFile;

/// A walk over the members of one archive.
pub(crate) struct Archive {
    pub(crate) path: PathBuf,
    /// How many archives this one stands in, itself included.
    pub(crate) depth: usize,
    /// The size of the file on disk that it stands in.
    pub(crate) file_bytes: Option<u64>,
    name: String,
    file: SharedFile,
    members: vec::IntoIter<Member>,
    tally: Tally,
    /// What is wrong with the archive as a whole, said after the members that could be found.
    closing: Option<Error>,
}

/// What the archive's directory says of a member.
struct Member {
    name: String,
    header_start: u64,
    packed_bytes: u64,
    bytes: u64,
    crc: u32,
    method: CompressionMethod,
    encrypted: bool,
}

impl Archive {
    /// Reads the directory of the archive in `file`.
    pub(crate) fn open(
        name: String,
        path: PathBuf,
        file: SharedFile,
        depth: usize,
        tally: Tally,
        budget: &Budget,
    ) -> Result<Self, Error> {
        let (members, closing) = list_members(&name, &file, budget.limits.archive_members)?;
        Ok(Self {
            path,
            depth,
            file_bytes: None,
            name,
            file,
            members: members.into_iter(),
            tally,
            closing,
        })
    }

    /// Returns the next member's name and bytes, or why it cannot be read.
    pub(crate) fn next_member(&mut self, budget: &Budget) -> Option<Result<(String, Packed), Error>> {
        let Some(member) = self.members.next() else {
            return self.closing.take().map(Err);
        };
        let name = format!("{}!{}", self.name, member.name);
        Some(self.open_member(&name, &member, budget).map(|packed| (name, packed)))
    }

    fn open_member(&self, name: &str, member: &Member, budget: &Budget) -> Result<Packed, Error> {
        if member.encrypted {
            return Err(Error::Encrypted { name: name.to_owned() });
        }
        let start = self.data_start(name, member.header_start)?;
        let (packed, consumed) = Counted::new(self.file.at(start).take(member.packed_bytes), name, self.tally.clone());
        let decoder = decoder_of(member.method, packed)
            .map_err(|error| Error::while_reading(name, error))?
            .ok_or_else(|| Error::UnsupportedMethod {
                name: name.to_owned(),
                method: method_name(member.method),
            })?;
        let verified = Verified::new(decoder, member.crc, member.bytes);
        Ok(guard(verified, name, consumed, budget))
    }

    /// Returns where a member's bytes start: behind its own header, whose lengths can differ from
    /// those in the archive's directory.
    fn data_start(&self, name: &str, header_start: u64) -> Result<u64, Error> {
        const HEADER_BYTES: usize = 30;
        let damaged = || Error::Corrupt {
            name: name.to_owned(),
            reason: "its header is not where the archive says".into(),
        };
        let mut header = [0; HEADER_BYTES];
        self.file
            .at(header_start)
            .read_exact(&mut header)
            .map_err(|_| damaged())?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(damaged());
        }
        let length = |at: usize| u64::from(u16::from_le_bytes([header[at], header[at + 1]]));
        header_start
            .checked_add(HEADER_BYTES as u64 + length(26) + length(28))
            .ok_or_else(damaged)
    }
}

/// Copies an archive that cannot be sought in to an unnamed temporary file, deleted when closed.
pub(crate) fn spool(name: &str, mut reader: impl Read, limit_bytes: u64) -> Result<SharedFile, Error> {
    let failed = |source| Error::Spool {
        name: name.to_owned(),
        source,
    };
    let mut file = tempfile::tempfile().map_err(failed)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut written: u64 = 0;
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::while_reading(name, error)),
        };
        written = written.saturating_add(count as u64);
        if written > limit_bytes {
            return Err(Error::SpoolTooLarge {
                name: name.to_owned(),
                limit_bytes,
            });
        }
        file.write_all(&buffer[..count]).map_err(failed)?;
    }
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok(SharedFile::new(file))
}

fn list_members(name: &str, file: &SharedFile, limit: usize) -> Result<(Vec<Member>, Option<Error>), Error> {
    // Small, because the walk seeks for each entry and a seek throws the buffer away.
    const DIRECTORY_BUFFER_BYTES: usize = 1024;
    let damaged = |error: zip::result::ZipError| Error::Corrupt {
        name: name.to_owned(),
        reason: error.to_string(),
    };
    let reader = BufReader::with_capacity(DIRECTORY_BUFFER_BYTES, file.at(0));
    let mut directory = ZipIterable::try_new(reader, Config::default()).map_err(damaged)?;
    let declared = directory.len();
    let mut members = Vec::new();
    for entry in directory.files().map_err(damaged)?.take(limit) {
        match entry {
            Ok(entry) if is_regular(&entry) => members.push(Member::new(&entry)),
            Ok(_) => {}
            Err(error) => return Ok((members, Some(damaged(error)))),
        }
    }
    let closing = (declared > limit).then(|| Error::TooManyMembers {
        name: name.to_owned(),
        members: declared,
        limit,
    });
    Ok((members, closing))
}

impl Member {
    fn new(entry: &ZipFileEntry<'_>) -> Self {
        Self {
            name: readable_name(entry),
            header_start: entry.header_start(),
            packed_bytes: entry.compressed_size(),
            bytes: entry.size(),
            crc: entry.crc32(),
            method: entry.compression(),
            encrypted: entry.encrypted(),
        }
    }
}

fn readable_name(entry: &ZipFileEntry<'_>) -> String {
    let fallback = entry
        .name()
        .unwrap_or_else(|_| String::from_utf8_lossy(entry.name_raw()));
    printable(&member_name(entry.name_raw(), &fallback))
}

/// Whether a member is a file with data. Directories and links hold none; `__MACOSX` is where
/// macOS keeps icons and tags of the files beside it.
fn is_regular(entry: &ZipFileEntry<'_>) -> bool {
    !entry.is_dir() && !entry.is_symlink() && !entry.name_raw().starts_with(b"__MACOSX/")
}

type BoxedRead = Box<dyn Read + Send>;

fn decoder_of(method: CompressionMethod, packed: impl Read + Send + 'static) -> io::Result<Option<BoxedRead>> {
    Ok(Some(match method {
        CompressionMethod::STORE => Box::new(packed),
        CompressionMethod::DEFLATE => Box::new(flate2::read::DeflateDecoder::new(packed)),
        // Windows packs files over 2 GB this way.
        CompressionMethod::DEFLATE64 => Box::new(deflate64::Deflate64Decoder::new(packed)),
        CompressionMethod::ZSTD | CompressionMethod::ZSTD_DEPRECATED => Box::new(zstd_decoder(packed)?),
        _ => return Ok(None),
    }))
}

fn method_name(method: CompressionMethod) -> String {
    match method {
        CompressionMethod::BZIP2 => "bzip2".to_owned(),
        CompressionMethod::LZMA => "lzma".to_owned(),
        CompressionMethod::XZ => "xz".to_owned(),
        CompressionMethod::PPMD => "ppmd".to_owned(),
        other => other.to_string(),
    }
}
