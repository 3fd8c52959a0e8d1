//! Reading each form of input into rows.

mod csv;
mod json;
mod log_file;
mod output;
mod trace;

pub(crate) use trace::prefix as trace_prefix;

use crate::input::Stream;
use crate::sniff::{Form, Sniffed};
use crate::{DecodeError, Options, Sink, Summary};
use output::Output;

/// Reads the stream in its form.
pub(crate) fn read(
    mut stream: Stream<'_>,
    sniffed: Sniffed,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<Summary, DecodeError> {
    stream.consume(sniffed.mark_bytes);
    let mut output = Output::new(options, sink);
    match sniffed.form {
        Form::Csv { delimiter } => csv::read(stream, delimiter, sniffed.kind, options, &mut output)?,
        Form::JsonLines => json::read_lines(stream, sniffed.kind, options, &mut output)?,
        Form::JsonValues => json::read_values(stream, sniffed.kind, options, &mut output)?,
        Form::Trace => trace::read(stream, options, &mut output)?,
    }
    output.finish()
}
