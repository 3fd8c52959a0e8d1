//! Files below directories, in the same order every time.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::limits::MAX_FILES;

/// Returns the files that `paths` stand for: a file as it is, a directory as the files below it
/// whose extension is one of `extensions` (`["yml", "yaml"]`; any extension where empty), sorted.
///
/// # Errors
/// Where a path is missing or any directory cannot be listed: what is asked for here (rules,
/// lists) must be complete to be right.
pub fn walk(paths: &[PathBuf], extensions: &[&str]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let about = fs::metadata(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => Error::Missing { path: path.clone() },
            _ => Error::Open {
                path: path.clone(),
                source,
            },
        })?;
        if !about.is_dir() {
            found.push(path.clone());
            continue;
        }
        let below = files_below(path, MAX_FILES)?;
        if let Some(problem) = below.problems.into_iter().next() {
            return Err(problem);
        }
        found.extend(below.files.into_iter().filter(|file| has_extension(file, extensions)));
    }
    Ok(found)
}

/// What was found below a directory.
#[derive(Debug, Default)]
pub(crate) struct Below {
    pub(crate) files: Vec<PathBuf>,
    /// Subdirectories that could not be listed, and the limit where it was met.
    pub(crate) problems: Vec<Error>,
}

/// Lists the regular files below `directory`, sorted by path. Hidden entries are left out, as shells
/// do; links to directories too, since they can go round in circles.
pub(crate) fn files_below(directory: &Path, limit: usize) -> Result<Below, Error> {
    let mut below = Below::default();
    let mut seen = 0;
    let mut pending = vec![directory.to_owned()];
    while let Some(current) = pending.pop() {
        let listing = fs::read_dir(&current).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = match listing {
            Ok(entries) => entries,
            Err(source) if current == directory => return Err(Error::List { path: current, source }),
            Err(source) => {
                below.problems.push(Error::List { path: current, source });
                continue;
            }
        };
        for entry in entries {
            if is_hidden(&entry) {
                continue;
            }
            seen += 1;
            if seen > limit {
                below.problems.push(Error::TooManyFiles {
                    path: directory.to_owned(),
                    limit,
                });
                pending.clear();
                break;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => pending.push(entry.path()),
                Ok(kind) if kind.is_file() => below.files.push(entry.path()),
                // A link to a file, or to nothing: opening it will tell.
                Ok(kind) if kind.is_symlink() && !entry.path().is_dir() => below.files.push(entry.path()),
                Ok(_) => {}
                Err(source) => below.problems.push(Error::Open {
                    path: entry.path(),
                    source,
                }),
            }
        }
    }
    below.files.sort_unstable();
    Ok(below)
}

fn is_hidden(entry: &fs::DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    extensions.is_empty()
        || file
            .extension()
            .is_some_and(|own| extensions.iter().any(|wanted| own.eq_ignore_ascii_case(wanted)))
}
