//! From a path to its streams.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::archive::{Archive, spool};
use crate::bounded::{Budget, Tally};
use crate::digest::{Digested, RunningDigest};
use crate::error::Error;
use crate::limits::{HEAD_BYTES, Limits, MAX_ARCHIVE_DEPTH};
use crate::name::printable;
use crate::packing::{BUFFER_BYTES, Packed, Packing};
use crate::peek::{PeekedStream, Rewound};
use crate::shared_file::SharedFile;
use crate::walk::files_below;

/// The path that means standard input.
pub const STDIN_PATH: &str = "-";

/// Opens paths.
#[derive(Debug)]
pub struct Input;

impl Input {
    /// Returns the streams behind `path`: one for a file, one a member for an archive, all of those
    /// below a directory in sorted order (hidden files and linked directories left out), standard
    /// input for `-`. Files are opened one by one as they are asked for.
    ///
    /// # Errors
    /// Where nothing can be read at all: the path is missing, or may not be listed. What goes wrong
    /// with one file or member comes as an item, and the others go on.
    pub fn open(path: &Path) -> Result<Streams, Error> {
        Self::open_with(path, Limits::default())
    }

    /// Returns the streams behind `path` within `limits`.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn open_with(path: &Path, limits: Limits) -> Result<Streams, Error> {
        let mut streams = Streams {
            work: VecDeque::new(),
            budget: Budget::new(limits),
        };
        if path.as_os_str() == STDIN_PATH {
            streams.work.push_back(Work::Stdin);
            return Ok(streams);
        }
        let about = std::fs::metadata(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => Error::Missing { path: path.to_owned() },
            _ => Error::Open {
                path: path.to_owned(),
                source,
            },
        })?;
        if !about.is_dir() {
            streams.work.push_back(Work::File(path.to_owned()));
            return Ok(streams);
        }
        let below = files_below(path, limits.files)?;
        streams.work.extend(below.files.into_iter().map(Work::File));
        streams.work.extend(below.problems.into_iter().map(Work::Problem));
        Ok(streams)
    }
}

/// The streams of one input, opened as they are asked for.
///
/// An item that is an error is a file or member that could not be opened; iterating goes on.
pub struct Streams {
    work: VecDeque<Work>,
    budget: Budget,
}

enum Work {
    Stdin,
    File(PathBuf),
    Archive(Box<Archive>),
    Problem(Error),
}

/// Where a stream comes from, as far as it matters for opening what is packed in it.
struct Origin {
    name: String,
    path: PathBuf,
    /// How many archives it stands in.
    depth: usize,
    /// The file itself where the stream is the whole of one that can be sought in.
    file: Option<SharedFile>,
    file_bytes: Option<u64>,
    digest: RunningDigest,
}

impl Iterator for Streams {
    type Item = Result<PeekedStream, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let step = match self.work.pop_front()? {
                Work::Problem(error) => return Some(Err(error)),
                Work::Stdin => self.open_stdin(),
                Work::File(path) => self.open_file(path),
                Work::Archive(archive) => match self.open_member(archive) {
                    Some(step) => step,
                    None => continue,
                },
            };
            // `None`: it was an archive, whose members come next.
            if let Some(stream) = step.transpose() {
                return Some(stream);
            }
        }
    }
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Streams")
            .field("pending", &self.work.len())
            .finish_non_exhaustive()
    }
}

type Step = Result<Option<PeekedStream>, Error>;

impl Streams {
    /// Counts the bytes read from now on into `counter`, as they lie on disk: packed ones where files are packed.
    pub fn count_into(&mut self, counter: Arc<AtomicU64>) {
        self.budget.tally = Tally::into_counter(counter);
    }

    /// Returns the bytes of the files that are not opened yet, as they lie on disk; `None` where a stream among them has
    /// no known end.
    #[must_use]
    pub fn file_bytes(&self) -> Option<u64> {
        let mut bytes: u64 = 0;
        for work in &self.work {
            match work {
                Work::Stdin => return None,
                Work::File(path) => {
                    // One that cannot be looked at is told when it is opened.
                    let about = std::fs::metadata(path).ok();
                    match about {
                        Some(about) if about.is_file() => bytes = bytes.saturating_add(about.len()),
                        Some(_) => return None,
                        None => {}
                    }
                }
                Work::Archive(_) | Work::Problem(_) => {}
            }
        }
        Some(bytes)
    }

    fn open_stdin(&mut self) -> Step {
        let (input, digest) = Digested::new(io::stdin(), self.budget.tally.clone());
        let origin = Origin {
            name: STDIN_PATH.to_owned(),
            path: STDIN_PATH.into(),
            depth: 0,
            file: None,
            file_bytes: None,
            digest,
        };
        self.unwrap_layers(origin, Packed::plain(input))
    }

    fn open_file(&mut self, path: PathBuf) -> Step {
        let opened = File::open(&path).and_then(|file| file.metadata().map(|about| (file, about)));
        let (file, about) = opened.map_err(|source| Error::Open {
            path: path.clone(),
            source,
        })?;
        let name = printable(&path.to_string_lossy());
        let tally = self.budget.tally.clone();
        if !about.is_file() {
            let (file, digest) = Digested::new(file, tally);
            let origin = Origin {
                name,
                path,
                depth: 0,
                file: None,
                file_bytes: None,
                digest,
            };
            return self.unwrap_layers(origin, Packed::plain(file)); // a pipe or a device
        }
        let file = SharedFile::new(file);
        let (bytes, digest) = Digested::new(file.clone(), tally);
        let origin = Origin {
            name,
            path,
            depth: 0,
            file: Some(file),
            file_bytes: Some(about.len()),
            digest,
        };
        self.unwrap_layers(origin, Packed::plain(bytes))
    }

    /// Opens the next member; `None` where the archive has no more.
    fn open_member(&mut self, mut archive: Box<Archive>) -> Option<Step> {
        let member = archive.next_member(&self.budget)?;
        let path = archive.path.clone();
        let (depth, file_bytes) = (archive.depth, archive.file_bytes);
        self.work.push_front(Work::Archive(archive));
        Some(member.and_then(|(name, packed)| {
            self.unwrap_layers(
                Origin {
                    name,
                    path,
                    depth,
                    file: None,
                    file_bytes,
                    digest: RunningDigest::default(),
                },
                packed,
            )
        }))
    }

    /// Takes off what the bytes are packed in: at most one compression, then either rows or an
    /// archive, which is queued.
    fn unwrap_layers(&mut self, origin: Origin, packed: Packed) -> Step {
        let mut layer = Layer::peek(&origin.name, packed)?;
        let mut seekable = origin.file.as_ref();
        if let Some(Packing::Gzip | Packing::Zstd) = layer.packing {
            seekable = None;
            layer = layer.decompress(&origin.name, &self.budget)?;
        }
        match layer.packing {
            None => layer.into_stream(origin).map(Some),
            Some(Packing::Gzip | Packing::Zstd) => Err(Error::TooDeep { name: origin.name }),
            Some(Packing::Unreadable(format)) => Err(Error::UnsupportedFormat {
                name: origin.name,
                format,
            }),
            Some(Packing::Zip) if origin.depth >= MAX_ARCHIVE_DEPTH => Err(Error::TooDeep { name: origin.name }),
            Some(Packing::Zip) => {
                // What is copied out first is counted on the way, and not again when its members are read.
                let (file, tally) = match seekable {
                    Some(file) => {
                        self.budget.tally.take_back(origin.digest.bytes());
                        (file.clone(), self.budget.tally.clone())
                    }
                    None => {
                        let copy = spool(&origin.name, layer.bytes, self.budget.limits.spool_bytes)?;
                        (copy, Tally::default())
                    }
                };
                let depth = origin.depth + 1;
                let mut archive = Archive::open(origin.name, origin.path, file, depth, tally, &self.budget)?;
                archive.file_bytes = origin.file_bytes;
                self.work.push_front(Work::Archive(Box::new(archive)));
                Ok(None)
            }
        }
    }
}

/// Bytes whose packing is known.
struct Layer {
    packing: Option<Packing>,
    bytes: Rewound<BufReader<Box<dyn io::Read + Send>>>,
    consumed: Option<crate::bounded::Consumed>,
}

impl Layer {
    fn peek(name: &str, packed: Packed) -> Result<Self, Error> {
        let reader = BufReader::with_capacity(BUFFER_BYTES, packed.reader);
        let mut bytes = Rewound::peek(reader, HEAD_BYTES);
        if let Some(error) = bytes.take_failure_at_start() {
            return Err(Error::while_reading(name, error));
        }
        Ok(Self {
            packing: Packing::of(bytes.head()),
            bytes,
            consumed: packed.consumed,
        })
    }

    fn decompress(self, name: &str, budget: &Budget) -> Result<Self, Error> {
        let packing = self.packing;
        let packed = Packed {
            reader: Box::new(self.bytes),
            consumed: self.consumed,
        };
        let unpacked = match packing {
            Some(Packing::Zstd) => packed.unzstd(name, budget)?,
            _ => packed.gunzip(name, budget),
        };
        Self::peek(name, unpacked)
    }

    fn into_stream(self, origin: Origin) -> Result<PeekedStream, Error> {
        let head = self.bytes.head().to_vec();
        if head.is_empty() && self.consumed.is_none() && claims_packing(&origin.path) {
            // A download that broke off at once, not a quiet hour: that would be a packed nothing.
            return Err(Error::Corrupt {
                name: origin.name,
                reason: "it is empty, which no packed file is".into(),
            });
        }
        Ok(PeekedStream {
            name: origin.name,
            path: origin.path,
            head,
            file_bytes: origin.file_bytes,
            digest: origin.digest,
            reader: Box::new(self.bytes),
        })
    }
}

fn claims_packing(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["gz", "zst", "zip"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}
