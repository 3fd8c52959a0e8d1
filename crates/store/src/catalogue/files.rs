//! All files that the catalogue names, of all tables and snapshots.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::{ErrorCode, Row};

use super::{Catalogue, RawPath, Times, has_parts, layout_version, relative_path, unsigned};
use crate::error::{Error, Result};
use crate::name::Name;
use crate::sums::Sums;

/// A data file: the rows of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataFile {
    pub(crate) id: i64,
    /// `<schema>.<table>`.
    pub(crate) table: String,
    /// Relative to the data folder.
    pub(crate) path: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// What is known of its times; `None` for a file of another tool.
    pub(crate) times: Option<Times>,
    /// Whether the newest snapshot has it.
    pub(crate) is_live: bool,
}

/// A file of a segment as the catalogue knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredPart {
    /// Its extension, which says what it holds.
    pub(crate) kind: String,
    pub(crate) bytes: u64,
    /// `None` where they cannot be those of a file of its length.
    pub(crate) sums: Option<Sums>,
}

impl Catalogue {
    /// Returns the data files of all tables and snapshots.
    pub(crate) fn data_files(&self) -> Result<Vec<DataFile>> {
        let raw: Vec<([RawPath; 3], DataFile)> = self.rows(
            "list the files",
            "SELECT s.path, s.path_is_relative, t.path, t.path_is_relative, f.path, f.path_is_relative, f.data_file_id,
                    s.schema_name, t.table_name, f.record_count, f.file_size_bytes, g.data_file_id, g.time_min, g.time_max,
                    g.null_times, f.end_snapshot IS NULL AND t.end_snapshot IS NULL AND s.end_snapshot IS NULL
             FROM ducklake_data_file f
             JOIN ducklake_table t ON t.table_id = f.table_id AND t.begin_snapshot = (
                  SELECT max(begin_snapshot) FROM ducklake_table WHERE table_id = f.table_id)
             JOIN ducklake_schema s ON s.schema_id = t.schema_id AND s.begin_snapshot = (
                  SELECT max(begin_snapshot) FROM ducklake_schema WHERE schema_id = t.schema_id)
             LEFT JOIN sekisho_segment g ON g.data_file_id = f.data_file_id
             ORDER BY f.data_file_id",
            [],
            data_file,
        )?;
        raw.into_iter()
            .map(|([schema, table, own], file)| {
                let path = relative_path(&[&schema, &table, &own]).ok_or_else(|| Error::Foreign {
                    subject: file.table.clone(),
                    detail: format!("a segment outside the data folder: {}", own.path),
                })?;
                Ok(DataFile { path, ..file })
            })
            .collect()
    }

    /// Returns the segments that have a file of this kind.
    pub(crate) fn segments_with(&self, kind: &str) -> Result<HashSet<i64>> {
        let ids: Vec<i64> = self.rows(
            "list the files of segments",
            "SELECT data_file_id FROM sekisho_part WHERE kind = ?1",
            [kind],
            |row| row.get(0),
        )?;
        Ok(ids.into_iter().collect())
    }

    /// Returns the files of a segment that have checksums.
    pub(crate) fn parts_of(&self, data_file: i64) -> Result<Vec<StoredPart>> {
        if !has_parts(&self.connection()).map_err(self.error("look for checksums"))? {
            return Ok(Vec::new());
        }
        self.rows(
            "read the checksums of a segment",
            "SELECT kind, bytes, sums FROM sekisho_part WHERE data_file_id = ?1 ORDER BY kind",
            [data_file],
            |row| {
                let bytes = unsigned(row, 1)?;
                Ok(StoredPart {
                    kind: row.get(0)?,
                    bytes,
                    sums: Sums::from_blob(bytes, row.get_ref(2)?.as_blob()?),
                })
            },
        )
    }

    /// Writes a copy of the catalogue, as it is at one moment, to a file that is not there yet. It is not durable yet.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<()> {
        self.connection()
            .execute("VACUUM INTO ?1", [path.to_string_lossy()])
            .map(drop)
            .map_err(self.error("copy the catalogue"))
    }

    /// Returns the version of our own tables.
    pub(crate) fn layout(&self) -> Result<i64> {
        layout_version(&self.connection()).map_err(self.error("read the layout version"))
    }

    /// Returns what SQLite finds wrong with the catalogue, at most `limit` findings.
    pub(crate) fn integrity(&self, limit: usize) -> Result<Vec<String>> {
        let sql = format!("PRAGMA integrity_check({limit})");
        match self.rows("check the catalogue", &sql, [], |row| row.get::<_, String>(0)) {
            Ok(mut findings) => {
                findings.retain(|finding| finding != "ok");
                Ok(findings)
            }
            // So hurt that even the check cannot go on.
            Err(Error::Catalogue { source, .. })
                if matches!(
                    source.sqlite_error_code(),
                    Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                ) =>
            {
                Ok(vec![source.to_string()])
            }
            Err(error) => Err(error),
        }
    }

    /// Returns for each table the rows that it is said to have and those that its segments have.
    pub(crate) fn counts_of_tables(&self) -> Result<Vec<(String, i64, i64)>> {
        self.rows(
            "sum up the tables",
            "SELECT s.schema_name, t.table_name, c.record_count,
                    coalesce((SELECT sum(f.record_count) FROM ducklake_data_file f
                              WHERE f.table_id = t.table_id AND f.end_snapshot IS NULL), 0)
             FROM ducklake_table t JOIN ducklake_schema s USING (schema_id) JOIN ducklake_table_stats c USING (table_id)
             WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL
               AND NOT EXISTS (SELECT 1 FROM ducklake_delete_file d WHERE d.table_id = t.table_id)
               AND NOT EXISTS (SELECT 1 FROM ducklake_inlined_data_tables i WHERE i.table_id = t.table_id)",
            [],
            |row| {
                let name = Name {
                    schema: row.get(0)?,
                    table: row.get(1)?,
                };
                Ok((name.to_string(), row.get(2)?, row.get(3)?))
            },
        )
    }

    /// Returns the ids of data files that have checksums and are not there.
    pub(crate) fn parts_without_segment(&self) -> Result<Vec<i64>> {
        if !has_parts(&self.connection()).map_err(self.error("look for checksums"))? {
            return Ok(Vec::new());
        }
        self.rows(
            "look for checksums without a segment",
            "SELECT DISTINCT data_file_id FROM sekisho_part
             WHERE data_file_id NOT IN (SELECT data_file_id FROM ducklake_data_file)",
            [],
            |row| row.get(0),
        )
    }
}

fn data_file(row: &Row<'_>) -> rusqlite::Result<([RawPath; 3], DataFile)> {
    let path = |index: usize| -> rusqlite::Result<RawPath> {
        Ok(RawPath {
            path: row.get(index)?,
            is_relative: row.get(index + 1)?,
        })
    };
    let name = Name {
        schema: row.get(7)?,
        table: row.get(8)?,
    };
    let range: (Option<i64>, Option<i64>) = (row.get(12)?, row.get(13)?);
    let times = match row.get::<_, Option<i64>>(11)? {
        Some(_) => Some(Times {
            range: range.0.zip(range.1),
            nulls: unsigned(row, 14)?,
        }),
        None => None,
    };
    let file = DataFile {
        id: row.get(6)?,
        table: name.to_string(),
        path: String::new(),
        rows: unsigned(row, 9)?,
        bytes: unsigned(row, 10)?,
        times,
        is_live: row.get(15)?,
    };
    Ok(([path(0)?, path(2)?, path(4)?], file))
}
