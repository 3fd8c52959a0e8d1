//! Reading the files a user names: opening, decoding, and saying what went wrong with which.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use sekisho_decode::{DecodeError, Options, Rejected, Sink, SinkError, Summary, decode};
use sekisho_event::catalogue::Table;
use sekisho_event::ids::OrgId;
use sekisho_event::kind::SourceKind;
use sekisho_event::time::Zone;
use sekisho_io::{Input, PeekedStream, Streams};
use serde::Serialize;

use crate::Error;

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

    /// Is told that a stream has been read, to its end or to where it is damaged.
    ///
    /// # Errors
    /// The record of it cannot be kept; reading ends.
    fn file_read(&mut self, path: &Path, name: &str, summary: &Summary) -> Result<(), Error> {
        let _ = (path, name, summary);
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
        for stream in streams {
            if reader.is_stopped() {
                report.stopped = true;
                return Ok(report);
            }
            match stream {
                Ok(stream) => match read_stream(stream, options, reader, &mut report) {
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

fn read_stream(
    mut stream: PeekedStream,
    options: &ReadOptions,
    reader: &mut dyn Reader,
    report: &mut ReadReport,
) -> Result<(), Error> {
    report.files += 1;
    let rejected_before = report.rejected;
    stream.name = options.name_of(&stream);
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
            reader.file_read(&stream.path, &stream.name, &summary)
        }
        Err(DecodeError::Sink { .. }) if failure.is_some() => failure.map_or(Ok(()), Err),
        Err(DecodeError::Read { line, source, .. }) => {
            let reason = sekisho_io::Error::in_stream(&source).map_or_else(|| source.to_string(), ToString::to_string);
            report.problem(&stream.name, Some(line), format!("reading stopped here: {reason}"));
            // The rows before the damage were taken: they are this file's, not the next one's.
            let rejected = report.rejected - rejected_before;
            reader.file_read(
                &stream.path,
                &stream.name,
                &Summary {
                    kind: options.kind,
                    rejected,
                    ..Summary::default()
                },
            )
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
        let taken = taken.and_then(|()| match self.reader.is_stopped() {
            true => Err(Error::Stopped),
            false => Ok(()),
        });
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
        taken.map_err(|error| {
            let text = error.to_string();
            self.failure = Some(error);
            text.into()
        })
    }
}
