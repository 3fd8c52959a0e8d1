//! Open indexes, kept from one query to the next: a look-up reads one chunk of each, and not what leads to it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sekisho_index::Index;

/// The memory that open indexes of all stores may take together. The index of four million rows keeps some 50 KiB, so
/// this is room for some billions of rows, beside the memory of queries.
const MAX_CACHE_BYTES: usize = 64 * 1024 * 1024;

/// Returns the index of the file at `path`, opening it where it is not at hand.
pub(super) fn get(path: &Path, open: impl FnOnce() -> Option<Index>) -> Option<Arc<Index>> {
    static CACHE: OnceLock<Mutex<Cache>> = OnceLock::new();
    let cache = CACHE.get_or_init(|| Mutex::new(Cache::new(MAX_CACHE_BYTES)));
    let lock = || cache.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(index) = lock().find(path) {
        return Some(index);
    }
    // Opened without the lock: the disk may be slow. Who opens it at the same time does so twice.
    let index = Arc::new(open()?);
    lock().keep(path, &index);
    Some(index)
}

#[derive(Debug)]
struct Cache {
    kept: HashMap<PathBuf, Kept>,
    bytes: usize,
    max_bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Kept {
    index: Arc<Index>,
    bytes: usize,
    last_used: u64,
}

impl Cache {
    fn new(max_bytes: usize) -> Self {
        Self {
            kept: HashMap::new(),
            bytes: 0,
            max_bytes,
            uses: 0,
        }
    }

    fn find(&mut self, path: &Path) -> Option<Arc<Index>> {
        self.uses += 1;
        let kept = self.kept.get_mut(path)?;
        kept.last_used = self.uses;
        Some(Arc::clone(&kept.index))
    }

    fn keep(&mut self, path: &Path, index: &Arc<Index>) {
        let bytes = index.memory_bytes() + path.as_os_str().len();
        if bytes > self.max_bytes {
            return;
        }
        self.uses += 1;
        let kept = Kept {
            index: Arc::clone(index),
            bytes,
            last_used: self.uses,
        };
        self.bytes += bytes;
        if let Some(old) = self.kept.insert(path.to_path_buf(), kept) {
            self.bytes -= old.bytes;
        }
        while self.bytes > self.max_bytes {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.last_used);
            let Some(path) = oldest.map(|(path, _)| path.clone()) else {
                return;
            };
            if let Some(old) = self.kept.remove(&path) {
                self.bytes -= old.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sekisho_index::{IndexBuilder, IndexSpec};

    use super::*;

    fn index() -> Arc<Index> {
        let spec = IndexSpec {
            time: "time".to_owned(),
            columns: vec!["a".to_owned()],
            hour_keys: Vec::new(),
        };
        let mut bytes = Vec::new();
        IndexBuilder::new(spec).finish(&mut bytes, u64::MAX).unwrap();
        Arc::new(Index::open(Box::new(bytes)).unwrap())
    }

    #[test]
    fn what_was_not_used_longest_goes_first() {
        let index = index();
        let one = index.memory_bytes() + 1;
        let mut cache = Cache::new(2 * one);
        for name in ["a", "b"] {
            cache.keep(Path::new(name), &index);
        }
        assert!(cache.find(Path::new("a")).is_some());
        cache.keep(Path::new("c"), &index);
        let found = ["a", "b", "c"].map(|name| cache.find(Path::new(name)).is_some());
        assert_eq!(found, [true, false, true]);
        assert_eq!(cache.bytes, 2 * one);
        cache.keep(Path::new("a name longer than the cache has room for"), &index);
        assert!(cache.bytes <= 2 * one);
        assert!(cache.kept.len() < 3);
    }
}
