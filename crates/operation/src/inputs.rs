//! Reading the files a user names: opening, decoding, and saying what went wrong with which.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use sekisho_decode::{DecodeError, Options, Rejected, Sink, SinkError, Summary, decode};
use sekisho_event::catalogue::Table;
use sekisho_event::ids::OrgId;
use sekisho_event::kind::SourceKind;
use sekisho_event::time::Zone;
use sekisho_io::{FileDigest, Input, PeekedStream, Streams};
use serde::Serialize;

use crate::Error;
use crate::progress::Progress;

/// The most problems that are listed; `rejected` counts all (CONTRACT.md, `ingest`).
pub const MAX_PROBLEMS: usize = 1_000;

/// How files are read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// `--as`.
    pub kind: Option<SourceKind>,
    /// `--org`.
    pub org: Option<OrgId>,
    /// `--time-field`.
    pub time_field: Option<String>,
    /// `--tz`: the zone of times in files that carry none.
    pub zone: Option<Zone>,
    /// Files in this folder are named by their path below it, so that where the folder stands does not show.
    pub below: Option<PathBuf>,
}

impl ReadOptions {
    fn name_of(&self, stream: &PeekedStream) -> String {
        let below = self
            .below
            .as_ref()
            .map(|folder| sekisho_io::printable(&folder.to_string_lossy()));
        let name = below.and_then(|folder| {
            stream
                .name
                .strip_prefix(&folder)
                .map(|rest| rest.trim_start_matches('/'))
        });
        name.unwrap_or(&stream.name).to_owned()
    }
}

/// Something that went wrong with a file or one of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file as it was named; archive members as `a.zip!member`.
    pub file: String,
    /// The line, where it is one row's problem.
    pub line: Option<u64>,
    /// What went wrong.
    pub reason: String,
}

/// What was read, and what could not be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ReadReport {
    /// Files and archive members read.
    pub files: u64,
    /// Rows read.
    pub events: u64,
    /// Rows that did not fit.
    pub rejected: u64,
    /// The first problems.
    pub problems: Vec<Problem>,
    /// Problems in all, listed or not.
    pub problem_count: u64,
    /// Whether the reader was told to stop before the end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
}

impl ReadReport {
    /// Returns true where something given was not read: the answer may be incomplete.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.problem_count > 0 || self.stopped
    }

    pub(crate) fn problem(&mut self, file: &str, line: Option<u64>, reason: String) {
        self.problem_count += 1;
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem {
                file: file.to_owned(),
                line,
                reason,
            });
        }
    }
}

/// A stream that is about to be read.
#[derive(Debug, Clone, Copy)]
pub struct BegunStream<'a> {
    /// The file on disk.
    pub path: &'a Path,
    /// The stream as it is named; archive members as `a.zip!member`.
    pub name: &'a str,
    /// Which stream of the file it is; empty where it is the whole of it.
    pub part: &'a str,
    /// The size of the file on disk, where it has one.
    pub file_bytes: Option<u64>,
    /// The bytes of it that were read to see what it is.
    pub peeked_bytes: u64,
}

/// A stream that has been read.
#[derive(Debug, Clone, Copy)]
pub struct ReadStream<'a> {
    /// What was in it.
    pub summary: &'a Summary,
    /// The digest of the file on disk, where it was made on the way.
    pub digest: Option<FileDigest>,
    /// Whether it was read to its end and nothing was wrong with it.
    pub is_whole: bool,
}

/// Takes what is read.
pub trait Reader {
    /// Takes a batch.
    ///
    /// # Errors
    /// The batch cannot be taken; reading ends.
    fn batch(&mut self, table: &Arc<Table>, batch: RecordBatch) -> Result<(), Error>;

    /// Takes a row that did not fit.
    ///
    /// # Errors
    /// The row cannot be kept; reading ends.
    fn rejected(&mut self, file: &str, row: &Rejected) -> Result<(), Error> {
        let _ = (file, row);
        Ok(())
    }

    /// Is told which stream comes next, and returns the number of its rows where they need not be read again.
    ///
    /// # Errors
    /// Nothing can be told about it; reading ends.
    fn stream_begins(&mut self, stream: &BegunStream<'_>) -> Result<Option<u64>, Error> {
        let _ = stream;
        Ok(None)
    }

    /// Is told that the stream that began last has been read, to its end or to where it is damaged.
    ///
    /// # Errors
    /// The record of it cannot be kept; reading ends.
    fn stream_ends(&mut self, stream: &ReadStream<'_>) -> Result<(), Error> {
        let _ = stream;
        Ok(())
    }

    /// Returns whether reading is to end here. It is asked after every batch and before every stream; a stream that it
    /// ended is not told as read.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Inputs that are there, each with the path it was named by; their streams are opened as they are read.
#[derive(Debug)]
pub struct Inputs(Vec<(PathBuf, Streams)>);

impl Inputs {
    /// Counts the bytes that are read, and says how many there are to read where that is known of all.
    pub fn count_into(&mut self, progress: &Progress) {
        let mut bytes = Some(0_u64);
        for (_, streams) in &mut self.0 {
            bytes = bytes
                .zip(streams.file_bytes())
                .map(|(sum, more)| sum.saturating_add(more));
            streams.count_into(progress.bytes_counter());
        }
        progress.expect_bytes(bytes.unwrap_or_default());
    }
}

/// Opens every path, so that a mistyped one is known before anything has been done.
///
/// # Errors
/// A path is missing.
pub fn open_paths(paths: &[PathBuf]) -> Result<Inputs, Error> {
    let open = |path: &PathBuf| Ok((path.clone(), Input::open(path)?));
    paths.iter().map(open).collect::<Result<Vec<_>, Error>>().map(Inputs)
}

/// Reads every stream of `inputs` and gives its rows to `reader`.
///
/// # Errors
/// `reader` cannot go on.
pub fn read_inputs(inputs: Inputs, options: &ReadOptions, reader: &mut dyn Reader) -> Result<ReadReport, Error> {
    let mut report = ReadReport::default();
    for (path, streams) in inputs.0 {
        let mut parts = PartNames::default();
        for stream in streams {
            if reader.is_stopped() {
                report.stopped = true;
                return Ok(report);
            }
            match stream {
                Ok(stream) => match read_stream(stream, &mut parts, options, reader, &mut report) {
                    Err(Error::Stopped) if reader.is_stopped() => {
                        report.stopped = true;
                        return Ok(report);
                    }
                    read => read?,
                },
                Err(error) => report.problem(&sekisho_io::printable(&path.to_string_lossy()), None, error.to_string()),
            }
        }
    }
    Ok(report)
}

/// Tells the streams of one file apart, whatever the file is called.
#[derive(Default)]
struct PartNames {
    path: PathBuf,
    seen: HashMap<String, u32>,
}

impl PartNames {
    fn of(&mut self, stream: &PeekedStream) -> String {
        if self.path != stream.path {
            self.path.clone_from(&stream.path);
            self.seen.clear();
        }
        let file = sekisho_io::printable(&stream.path.to_string_lossy());
        let part = stream.name.strip_prefix(file.as_str()).unwrap_or(&stream.name);
        // Archives may hold several members of one name.
        let before = self.seen.entry(part.to_owned()).or_default();
        *before += 1;
        match *before {
            1 => part.to_owned(),
            nth => format!("{part}#{nth}"),
        }
    }
}

fn read_stream(
    mut stream: PeekedStream,
    parts: &mut PartNames,
    options: &ReadOptions,
    reader: &mut dyn Reader,
    report: &mut ReadReport,
) -> Result<(), Error> {
    report.files += 1;
    let rejected_before = report.rejected;
    let problems_before = report.problem_count;
    let part = parts.of(&stream);
    stream.name = options.name_of(&stream);
    let begun = BegunStream {
        path: &stream.path,
        name: &stream.name,
        part: &part,
        file_bytes: stream.file_bytes,
        peeked_bytes: stream.digest.bytes(),
    };
    if let Some(rows) = reader.stream_begins(&begun)? {
        report.events += rows;
        return Ok(());
    }
    let decoding = Options {
        kind: options.kind,
        org: options.org.clone(),
        file: stream.name.clone(),
        zone: options.zone.clone(),
        time_field: options.time_field.clone(),
    };
    let mut sink = ReportingSink {
        file: &stream.name,
        reader,
        report,
        failure: None,
    };
    let decoded = decode(&mut *stream.reader, &decoding, &mut sink);
    let failure = sink.failure.take();
    match decoded {
        Ok(summary) => {
            if let Some((line, text)) = &summary.first_undated {
                report.problem(&stream.name, Some(*line), undated(summary.undated, text));
            }
            reader.stream_ends(&ReadStream {
                summary: &summary,
                digest: stream.digest.finished(),
                is_whole: report.problem_count == problems_before,
            })
        }
        Err(DecodeError::Sink { .. }) if failure.is_some() => failure.map_or(Ok(()), Err),
        Err(DecodeError::Read { line, source, .. }) => {
            let reason = sekisho_io::Error::in_stream(&source).map_or_else(|| source.to_string(), ToString::to_string);
            report.problem(&stream.name, Some(line), format!("reading stopped here: {reason}"));
            // The rows before the damage were taken: they are this file's, not the next one's.
            let rejected = report.rejected - rejected_before;
            reader.stream_ends(&ReadStream {
                summary: &Summary {
                    kind: options.kind,
                    rejected,
                    ..Summary::default()
                },
                digest: stream.digest.finished(),
                is_whole: false,
            })
        }
        Err(DecodeError::UnknownKind { what, .. }) => {
            report.problem(
                &stream.name,
                None,
                format!("unknown kind of file: {what}; name it with --as"),
            );
            Ok(())
        }
        Err(DecodeError::NotEvents { what, .. }) => {
            report.problem(&stream.name, None, format!("no events in it: {what}"));
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Rows without a time are in no range: a search by time would pass over them in silence if this were not said.
fn undated(rows: u64, text: &str) -> String {
    let text = sekisho_io::printable(text);
    format!(
        "time not read in {rows} rows, first `{text}`: they are kept without a time; if only the zone is missing, say it with --tz"
    )
}

/// Counts what passes and keeps the reader's own error, which the decoder can only carry as text.
struct ReportingSink<'a> {
    file: &'a str,
    reader: &'a mut dyn Reader,
    report: &'a mut ReadReport,
    failure: Option<Error>,
}

impl Sink for ReportingSink<'_> {
    fn batch(&mut self, table: &Arc<Table>, batch: RecordBatch) -> Result<(), SinkError> {
        self.report.events += batch.num_rows() as u64;
        let taken = self.reader.batch(table, batch);
        self.keep(taken)
    }

    fn rejected(&mut self, row: Rejected) -> Result<(), SinkError> {
        self.report.rejected += 1;
        self.report.problem(self.file, Some(row.line), row.reason.clone());
        let taken = self.reader.rejected(self.file, &row);
        self.keep(taken)
    }
}

impl ReportingSink<'_> {
    fn keep(&mut self, taken: Result<(), Error>) -> Result<(), SinkError> {
        let taken = taken.and_then(|()| match self.reader.is_stopped() {
            true => Err(Error::Stopped),
            false => Ok(()),
        });
        taken.map_err(|error| {
            let text = error.to_string();
            self.failure = Some(error);
            text.into()
        })
    }
}
