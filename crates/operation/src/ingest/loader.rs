//! The load itself: batches into the store, and what is noted of the streams that they come from.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::not;
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use sekisho_decode::{DECODING, Rejected};
use sekisho_event::catalogue::Table;
use sekisho_event::ids::UNKNOWN_ORG;
use sekisho_event::time::Micros;
use sekisho_event::{cells, common, layout};
use sekisho_io::sha256_file;
use sekisho_store::{Appended, Cover, FileRecord, Ingest, QuarantineRow, Store, StreamRecord};
use sha2::{Digest, Sha256};

use super::MAX_UNPLACED;
use super::metadata::id_in;
use super::reach::reaches;
use crate::Error;
use crate::inputs::{BegunStream, ReadOptions, ReadStream, Reader};
use crate::progress::{Job, Phase};

/// The schema of the tables whose files come by the hour and by the day.
const COMPARED_SCHEMA: &str = "salesforce_elf.";

/// The most tables and orgs of one stream that are noted: an export of every event type of some orgs. Orgs come from
/// outside; a stream with more of them is not compared.
const MAX_COVERS: usize = 1_024;

/// What was loaded.
pub(super) struct Loaded {
    /// New events by table.
    pub(super) tables: BTreeMap<String, u64>,
    /// Events that were there before.
    pub(super) duplicates: u64,
    /// Streams that cover neither an hour nor a day.
    pub(super) unplaced: Vec<String>,
    /// Whether a file is named by an id that the platform's list may know.
    pub(super) has_ids: bool,
}

/// Takes what is read and commits it piece by piece.
pub(super) struct Loader<'a> {
    store: &'a Store,
    job: &'a Job,
    /// The load since the last commit.
    ingest: Option<Ingest>,
    /// The org of rows that name none.
    org: String,
    /// The options that decide what rows a stream becomes.
    options: String,
    loaded: Loaded,
    stream: Stream,
    file: CurrentFile,
    pending: Pending,
}

/// The stream being read.
#[derive(Default)]
struct Stream {
    name: String,
    part: String,
    reading: String,
    key: String,
    /// Whether no file with these bytes was loaded: then it is kept where its rows stood.
    is_new: bool,
    /// Whether a file of this name was loaded, which rows of this one would be taken for.
    is_name_taken: bool,
    events: u64,
    duplicates: u64,
    covers: BTreeMap<(String, String), Cover>,
    is_crowded: bool,
}

/// The file on disk that streams come from: an archive's members share it.
#[derive(Default)]
struct CurrentFile {
    path: PathBuf,
    /// Digest and size, once they are known.
    digest: Option<(String, u64)>,
    file_bytes: Option<u64>,
    /// The bytes counted as done before it.
    counted_before: u64,
}

/// What this load has noted and not committed.
#[derive(Default)]
struct Pending {
    names: HashSet<String>,
    sizes: HashSet<u64>,
    /// Rows by digest, part and reading; `None` where reading the stream again may bring more.
    contents: HashMap<[String; 3], Option<u64>>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(store: &'a Store, options: &ReadOptions, job: &'a Job) -> Self {
        let text = format!(
            "{DECODING}\n{:?}\n{:?}\n{:?}\n{:?}",
            options.kind, options.org, options.time_field, options.zone
        );
        Self {
            store,
            job,
            ingest: None,
            org: options.org.as_ref().map_or(UNKNOWN_ORG, |org| org.as_str()).to_owned(),
            options: text,
            loaded: Loaded {
                tables: BTreeMap::new(),
                duplicates: 0,
                unplaced: Vec::new(),
                has_ids: false,
            },
            stream: Stream::default(),
            file: CurrentFile::default(),
            pending: Pending::default(),
        }
    }

    /// Commits what is left and returns what was loaded.
    pub(super) fn finish(mut self) -> Result<Loaded, Error> {
        self.settle_file();
        self.commit()?;
        Ok(self.loaded)
    }

    fn ingest(&mut self) -> Result<&mut Ingest, Error> {
        let ingest = match self.ingest.take() {
            Some(ingest) => ingest,
            None => self.store.begin()?,
        };
        Ok(self.ingest.insert(ingest))
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.job.progress.enter(Phase::Saving);
        if let Some(ingest) = self.ingest.take() {
            ingest.commit()?;
        }
        self.pending = Pending::default();
        self.job.progress.enter(Phase::Reading);
        Ok(())
    }

    fn commit_if_due(&mut self) -> Result<(), Error> {
        if self.ingest.as_ref().is_some_and(Ingest::is_due) {
            self.commit()?;
        }
        Ok(())
    }

    /// Returns the hash and size of the file on disk; standard input and pipes have none.
    fn digest(&mut self) -> (String, u64) {
        let path = &self.file.path;
        let digest = self.file.digest.get_or_insert_with(|| {
            sha256_file(path)
                .map(|digest| (digest.hex(), digest.bytes))
                .unwrap_or_default()
        });
        digest.clone()
    }

    /// Counts a file as done whatever part of it was read: members that are not read again are not read at all.
    fn settle_file(&mut self) {
        if let Some(bytes) = self.file.file_bytes {
            let counter = self.job.progress.bytes_counter();
            counter.store(self.file.counted_before + bytes, Ordering::Relaxed);
        }
    }

    fn begin_file(&mut self, path: &Path, file_bytes: Option<u64>, peeked: u64) {
        if self.file.path == path && self.file.file_bytes == file_bytes {
            return;
        }
        self.settle_file();
        let counted = self.job.progress.reached().bytes;
        self.file = CurrentFile {
            path: path.to_owned(),
            digest: None,
            file_bytes,
            counted_before: counted.saturating_sub(peeked),
        };
    }

    /// Returns the rows of the stream, where it was loaded before and brings nothing new.
    fn known_rows(&mut self, file_bytes: u64) -> Result<Option<u64>, Error> {
        let is_size_known = self.pending.sizes.contains(&file_bytes) || self.store.is_size_known(file_bytes)?;
        if !is_size_known {
            return Ok(None);
        }
        let (sha256, bytes) = self.digest();
        let (part, reading) = (self.stream.part.clone(), self.stream.reading.clone());
        let key = [sha256.clone(), part.clone(), reading.clone()];
        if let Some(rows) = self.pending.contents.get(&key) {
            self.stream.is_new = false;
            return Ok(*rows);
        }
        self.stream.is_new = !self.store.is_content_known(&sha256, &part)?;
        // A file that changes while it is looked at is read.
        if bytes != file_bytes {
            return Ok(None);
        }
        Ok(self.store.rows_of_content(&sha256, &part, &reading)?)
    }

    fn repeat(&mut self, rows: u64) -> Result<(), Error> {
        let (sha256, bytes) = self.digest();
        let (name, part) = (self.stream.name.clone(), self.stream.part.clone());
        let record = FileRecord {
            name,
            sha256,
            bytes,
            duplicates: rows,
            ..FileRecord::default()
        };
        self.ingest()?.note_repeat(record, part);
        self.loaded.duplicates += rows;
        self.job.progress.add_rows(rows);
        self.job.progress.add_files(1);
        self.commit_if_due()
    }

    /// Keeps where rows stood that do not name this stream, or whose name is that of another one too.
    fn deliver(&mut self, table: &str, batch: &RecordBatch, appended: &Appended) -> Result<(), Error> {
        if !self.stream.is_new {
            return Ok(());
        }
        let key = self.stream.key.clone();
        if let Some(is_new) = &appended.is_new {
            let is_repeated = not(is_new).map_err(Error::columns(table))?;
            self.ingest()?.deliver(table, batch, Some(&is_repeated), &key, false)?;
        }
        if self.stream.is_name_taken && appended.kept.num_rows() > 0 {
            self.ingest()?.deliver(table, &appended.kept, None, &key, true)?;
        }
        Ok(())
    }
}

impl Reader for Loader<'_> {
    fn stream_begins(&mut self, stream: &BegunStream<'_>) -> Result<Option<u64>, Error> {
        self.begin_file(stream.path, stream.file_bytes, stream.peeked_bytes);
        let is_name_taken = self.pending.names.contains(stream.name) || self.store.is_name_known(stream.name)?;
        self.stream = Stream {
            name: stream.name.to_owned(),
            part: stream.part.to_owned(),
            reading: reading_of(&self.options, stream.name),
            key: self.store.new_key(),
            is_new: true,
            is_name_taken,
            ..Stream::default()
        };
        let known = match stream.file_bytes {
            Some(bytes) => self.known_rows(bytes)?,
            None => None,
        };
        if let Some(rows) = known {
            self.repeat(rows)?;
        }
        Ok(known)
    }

    fn batch(&mut self, table: &Arc<Table>, batch: RecordBatch) -> Result<(), Error> {
        let is_compared = table.name.starts_with(COMPARED_SCHEMA);
        let appended = self.ingest()?.append(&table.name, batch.clone())?;
        let new = appended.kept.num_rows() as u64;
        let duplicates = appended.duplicates as u64;
        if new > 0 {
            let events = common::project(table, &appended.kept).map_err(Error::columns(&table.name))?;
            self.ingest()?.append_unchecked(common::EVENTS, &events)?;
            *self.loaded.tables.entry(table.name.clone()).or_default() += new;
        }
        if is_compared {
            self.deliver(&table.name, &batch, &appended)?;
            self.stream.cover(&table.name, &batch);
        }
        self.loaded.duplicates += duplicates;
        self.stream.events += new;
        self.stream.duplicates += duplicates;
        self.job.progress.add_rows(new + duplicates);
        self.commit_if_due()
    }

    fn is_stopped(&self) -> bool {
        self.job.stop.is_asked()
    }

    fn rejected(&mut self, file: &str, row: &Rejected) -> Result<(), Error> {
        let org = self.org.clone();
        let row = QuarantineRow {
            org: &org,
            file,
            line: row.line,
            reason: &row.reason,
            excerpt: &row.excerpt,
        };
        Ok(self.ingest()?.quarantine(&row)?)
    }

    fn stream_ends(&mut self, read: &ReadStream<'_>) -> Result<(), Error> {
        if let Some(digest) = read.digest {
            self.file.digest = Some((digest.hex(), digest.bytes));
        }
        let (sha256, bytes) = self.digest();
        let stream = std::mem::take(&mut self.stream);
        let reaches = stream.reaches();
        self.loaded.has_ids |= id_in(&stream.name).is_some();
        if reaches.is_empty() && !stream.covers.is_empty() && self.loaded.unplaced.len() < MAX_UNPLACED {
            self.loaded.unplaced.push(stream.name.clone());
        }
        // What was read is what is known: a file that grew or shrank since it was opened is read again next time.
        let is_whole = read.is_whole && (read.digest.is_some() || self.file.file_bytes == Some(bytes));
        self.pending.names.insert(stream.name.clone());
        self.pending.sizes.insert(bytes);
        self.pending.contents.insert(
            [sha256.clone(), stream.part.clone(), stream.reading.clone()],
            is_whole.then_some(stream.events + stream.duplicates),
        );
        let record = FileRecord {
            name: stream.name,
            sha256,
            bytes,
            kind: read.summary.kind.map_or("", |kind| kind.name()).to_owned(),
            events: stream.events,
            duplicates: stream.duplicates,
            rejected: read.summary.rejected,
        };
        if record.sha256.is_empty() {
            // A stream that broke off and cannot be read again: nothing tells its bytes from those of another one.
            self.ingest()?.note_file(record);
        } else {
            self.ingest()?.note_stream(StreamRecord {
                record,
                part: stream.part,
                reading: stream.reading,
                key: stream.key,
                is_whole,
                reaches,
                covers: stream.covers.into_values().collect(),
            });
        }
        self.job.progress.add_files(1);
        self.commit_if_due()
    }
}

impl Stream {
    /// Notes the rows of a batch by org. One org a batch is usual, and many are right.
    fn cover(&mut self, table: &str, batch: &RecordBatch) {
        let times = batch
            .column_by_name(layout::TIME)
            .and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        let orgs = batch.column_by_name(layout::ORG);
        let dictionary = orgs.and_then(|orgs| orgs.as_dictionary_opt::<Int32Type>());
        let mut by_key: HashMap<Option<usize>, Cover> = HashMap::new();
        for row in 0..batch.num_rows() {
            let key = dictionary.map_or(Some(row), |orgs| orgs.key(row));
            let cover = by_key.entry(key).or_insert_with(|| Cover {
                table: table.to_owned(),
                org: orgs
                    .and_then(|orgs| cells::text(orgs, row))
                    .unwrap_or_default()
                    .into_owned(),
                rows: 0,
                times: None,
                undated: 0,
            });
            cover.rows += 1;
            match times.filter(|times| times.is_valid(row)).map(|times| times.value(row)) {
                Some(at_us) => cover.times = widened(cover.times, Some((at_us, at_us))),
                None => cover.undated += 1,
            }
        }
        for cover in by_key.into_values() {
            self.add_cover(cover);
        }
    }

    fn add_cover(&mut self, cover: Cover) {
        let key = (cover.table.clone(), cover.org.clone());
        if self.covers.len() >= MAX_COVERS && !self.covers.contains_key(&key) {
            self.is_crowded = true;
            return;
        }
        match self.covers.get_mut(&key) {
            Some(known) => {
                known.rows += cover.rows;
                known.undated += cover.undated;
                known.times = widened(known.times, cover.times);
            }
            None => {
                self.covers.insert(key, cover);
            }
        }
    }

    /// Returns what is said of the hour or day that the stream covers.
    fn reaches(&self) -> Vec<sekisho_store::Reach> {
        if self.covers.is_empty() || self.is_crowded {
            return Vec::new();
        }
        let times = self
            .covers
            .values()
            .fold(None, |times, cover| widened(times, cover.times));
        reaches(&self.name, times)
    }
}

fn widened(a: Option<(Micros, Micros)>, b: Option<(Micros, Micros)>) -> Option<(Micros, Micros)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

/// Returns what decides, besides its bytes, which rows a stream becomes: the options, and the last part of its name, which
/// tells some tables apart.
fn reading_of(options: &str, name: &str) -> String {
    let base = name.rsplit(['/', '\\', '!']).next().unwrap_or(name);
    let mut hash = Sha256::new();
    hash.update(options);
    hash.update([0]);
    hash.update(base);
    hash.finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
