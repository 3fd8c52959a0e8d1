//! Parquet files from batches like ours.
//!
//! `parquet`'s own writer hashes and compares every row of a dictionary column again, keeps bounds of every text, tries
//! dictionaries for numbers that hardly repeat, and makes a compressor for each page: a third of the time of a load. Here
//! a batch's dictionary is looked up once for each of its texts; numbers go as differences, other text with its lengths
//! apart. The file's frame (schema, footer, page index) is still written by `parquet`.

mod bounds;
mod chunk;
mod column;
mod header;
mod pack;
#[cfg(test)]
mod tests;
mod words;

use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

use self::column::ColumnWriter;

/// The rows of a row group: large enough for dictionaries to pay, small enough to skip by time and to hold in memory.
const ROW_GROUP_ROWS: usize = 128 * 1024;

/// What a buffer keeps for the next row group: more than usual text needs, and little enough for many open files.
const KEPT_BYTES: usize = 2 << 20;

/// Writes one file.
pub(crate) struct FileWriter<W: Write> {
    writer: SerializedFileWriter<W>,
    columns: Vec<ColumnWriter>,
    /// Rows of the row group so far.
    rows: usize,
}

impl<W: Write + Send> FileWriter<W> {
    /// Begins a file for batches of `schema`, whose columns are all nullable.
    pub(crate) fn begin(out: W, schema: &Schema) -> Result<Self> {
        let mut properties = WriterProperties::builder().build();
        add_encoded_arrow_schema_to_metadata(schema, &mut properties);
        let described = ArrowSchemaConverter::new().convert(schema)?;
        let columns = schema
            .fields()
            .iter()
            .zip(described.columns())
            .map(|(field, descr)| {
                let cannot = || ParquetError::General(format!("column {} cannot be written", field.name()));
                let writer = ColumnWriter::new(field.data_type(), descr.clone());
                writer.filter(|_| descr.max_def_level() == 1).ok_or_else(cannot)
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            writer: SerializedFileWriter::new(out, described.root_schema_ptr(), Arc::new(properties))?,
            columns,
            rows: 0,
        })
    }

    /// Adds rows; row groups that are full are written.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut from = 0;
        while from < batch.num_rows() {
            let rows = (batch.num_rows() - from).min(ROW_GROUP_ROWS - self.rows);
            let piece = batch.slice(from, rows);
            for (column, array) in self.columns.iter_mut().zip(piece.columns()) {
                column.append(array)?;
            }
            from += rows;
            self.rows += rows;
            if self.rows >= ROW_GROUP_ROWS {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes the row group and gives its memory back.
    pub(crate) fn release(&mut self) -> Result<()> {
        self.flush()?;
        self.columns.iter_mut().for_each(|column| column.shrink(0));
        Ok(())
    }

    /// Writes the row group.
    fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            column.end(&mut group)?;
            column.shrink(KEPT_BYTES);
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }

    /// Returns the bytes held in memory.
    pub(crate) fn bytes_held(&self) -> usize {
        self.columns.iter().map(ColumnWriter::bytes_held).sum()
    }

    /// Ends the file.
    pub(crate) fn finish(&mut self) -> Result<ParquetMetaData> {
        self.flush()?;
        self.writer.finish()
    }

    /// Returns what the file is written to.
    pub(crate) fn inner(&self) -> &W {
        self.writer.inner()
    }
}
