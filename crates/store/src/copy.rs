//! Copying the files of a store elsewhere: compared with their checksums while they are copied, durable in the end.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::catalogue::{Catalogue, DataFile, StoredPart};
use crate::error::{Error, Result};
use crate::segment::PartKind;
use crate::store::DATA_FOLDER;
use crate::sums::{BLOCK_BYTES, Summing, Sums};
use crate::verify::{Progress, Watch};

/// The end of the name of a file that is being copied.
const PART_END: &str = ".part";

/// A file that goes with a copy of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToCopy {
    /// Relative to the store.
    pub(crate) file: String,
    pub(crate) bytes: u64,
    pub(crate) sums: Option<Sums>,
    /// Whether it follows from another file, so that a copy without it is whole.
    pub(crate) is_derived: bool,
}

/// What a file held when it was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) bytes: u64,
    /// As lower-case hex.
    pub(crate) sha256: String,
}

/// Counts bytes and asks whether to go on.
pub(crate) struct Counter<'c, 'w> {
    watch: &'c mut Watch<'w>,
    progress: Progress,
}

impl<'c, 'w> Counter<'c, 'w> {
    pub(crate) fn new(watch: &'c mut Watch<'w>) -> Self {
        Self {
            watch,
            progress: Progress::default(),
        }
    }

    /// Says how many bytes more there are to do.
    pub(crate) fn expect(&mut self, bytes: u64) {
        self.progress.total_bytes += bytes;
    }

    /// Counts bytes as done.
    pub(crate) fn add(&mut self, bytes: u64) -> Result<()> {
        self.progress.done_bytes += bytes;
        self.progress.total_bytes = self.progress.total_bytes.max(self.progress.done_bytes);
        match (self.watch)(self.progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Stopped),
        }
    }
}

/// Returns the files that the newest snapshot of a catalogue needs, and those that follow from them.
pub(crate) fn files_of(catalogue: &Catalogue) -> Result<Vec<ToCopy>> {
    let mut found = Vec::new();
    for file in catalogue.data_files()?.iter().filter(|file| file.is_live) {
        let parts = catalogue.parts_of(file.id)?;
        if !parts.iter().any(|part| part.kind == PartKind::Rows.extension()) {
            found.push(ToCopy {
                file: format!("{DATA_FOLDER}/{}", file.path),
                bytes: file.bytes,
                sums: None,
                is_derived: false,
            });
        }
        for part in parts {
            found.push(of_part(file, part)?);
        }
    }
    Ok(found)
}

fn of_part(file: &DataFile, part: StoredPart) -> Result<ToCopy> {
    let below = Path::new(&file.path).with_extension(&part.kind);
    let Some(sums) = part.sums else {
        return Err(Error::Foreign {
            subject: file.table.clone(),
            detail: format!("checksums that do not fit {}", below.display()),
        });
    };
    Ok(ToCopy {
        file: format!("{DATA_FOLDER}/{}", below.display()),
        bytes: part.bytes,
        sums: Some(sums),
        is_derived: part.kind != PartKind::Rows.extension(),
    })
}

/// Copies a file, comparing it with `sums` where there are any. The copy has its name only once it is whole; it is not
/// durable yet. `None` where there is no such file.
pub(crate) fn copy(
    from: &Path,
    to: &Path,
    sums: Option<&Sums>,
    counter: &mut Counter<'_, '_>,
) -> Result<Option<Copied>> {
    let mut source = match File::open(from) {
        Ok(source) => source,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", from)(error)),
    };
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(Error::io("create the folder", folder))?;
    }
    let part = part_path(to);
    let mut target = File::create(&part).map_err(Error::io("create", &part))?;
    let copied = digest(&mut source, from, sums, counter, &mut |bytes| {
        target.write_all(bytes).map_err(Error::io("write", &part))
    });
    let copied = match copied {
        Ok(copied) => copied,
        Err(error) => {
            // Half a copy is of no use; what cannot be removed has no name that is looked for.
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    drop(target);
    std::fs::rename(&part, to).map_err(Error::io("rename", &part))?;
    Ok(Some(copied))
}

/// Reads a file as a whole and returns what it holds.
pub(crate) fn read_through(path: &Path, counter: &mut Counter<'_, '_>) -> Result<Copied> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    digest(&mut file, path, None, counter, &mut |_| Ok(()))
}

/// Reads a file as a whole and returns its checksums.
pub(crate) fn sums_of(path: &Path, counter: &mut Counter<'_, '_>) -> Result<Sums> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let mut summing = Summing::default();
    digest(&mut file, path, None, counter, &mut |bytes| {
        summing.add(bytes);
        Ok(())
    })?;
    Ok(summing.sums())
}

fn digest(
    source: &mut File,
    path: &Path,
    sums: Option<&Sums>,
    counter: &mut Counter<'_, '_>,
    take: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<Copied> {
    let mut hash = Sha256::new();
    let mut found = Summing::default();
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = match source.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        let bytes = block.get(..read).unwrap_or_default();
        hash.update(bytes);
        found.add(bytes);
        take(bytes)?;
        counter.add(read as u64)?;
    }
    let found = found.sums();
    if sums.is_some_and(|sums| *sums != found) {
        return Err(Error::Damaged {
            path: path.to_path_buf(),
        });
    }
    Ok(Copied {
        bytes: found.bytes,
        sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

fn part_path(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(PART_END);
    name.into()
}

/// Returns the folders of these files below `root`, and `root` itself.
pub(crate) fn folders_of(root: &Path, files: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = files
        .iter()
        .flat_map(|file| file.ancestors().skip(1).take_while(|folder| folder.starts_with(root)))
        .map(Path::to_path_buf)
        .chain([root.to_path_buf()])
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Returns whether a folder is not there or has nothing in it.
pub(crate) fn is_vacant(dir: &Path) -> Result<bool> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Error::io("list", dir)(error)),
    }
}
