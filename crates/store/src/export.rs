//! Taking rows out of the store: as Parquet files that any program reads, or the whole lake as it stands.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::catalogue::{Catalogue, SnapshotId};
use crate::copy::{self, Counter};
use crate::durable;
use crate::error::{Error, Result};
use crate::lease::Lease;
use crate::name::Name;
use crate::restore::point_at;
use crate::scan::{Scan, ScanRange, inlined_rows};
use crate::store::{CATALOGUE_FILE, Inner, Store};
use crate::verify::Watch;

/// The rows of an exported file: enough to be read quickly, few enough for programs that hold a file in memory.
const FILE_ROWS: u64 = 1024 * 1024;

/// The rows of a row group, as in the store's own segments.
const ROW_GROUP_ROWS: usize = 128 * 1024;

/// The catalogue of an exported lake until everything that it names is there.
const NEW_CATALOGUE: &str = "catalogue.exported";

/// What an export wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// The files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The rows in them.
    pub rows: u64,
}

/// The store at one snapshot: what is loaded or deleted meanwhile does not show.
#[derive(Debug)]
pub struct Pinned {
    inner: Arc<Inner>,
    snapshot: SnapshotId,
    _lease: Lease,
}

impl Pinned {
    pub(crate) fn new(inner: &Arc<Inner>) -> Result<Self> {
        let (lease, snapshot) = inner.pin()?;
        Ok(Self {
            inner: Arc::clone(inner),
            snapshot,
            _lease: lease,
        })
    }

    /// Returns the names of the tables.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn tables(&self) -> Result<Vec<String>> {
        let names = self.inner.catalogue.names(self.snapshot)?;
        Ok(names.iter().map(ToString::to_string).collect())
    }

    /// Reads the rows of `table` in `range` with all stored columns.
    ///
    /// # Errors
    /// When there is no such table, or the catalogue cannot be read. Reading on may fail too.
    pub fn scan(&self, table: &str, range: ScanRange) -> Result<Scan> {
        let name = Name::parse(table)?;
        let stored = self.inner.catalogue.table(self.snapshot, &name)?;
        let stored = stored.ok_or_else(|| Error::NoTable { name: table.to_owned() })?;
        let lease = Lease::take(&self.inner.dir, self.snapshot)?;
        let schema = stored.schema();
        let inlined = inlined_rows(&self.inner, self.snapshot, &name, &stored, &schema, range)?;
        let data_dir = &self.inner.data_dir;
        Ok(Scan::new(
            table,
            schema,
            range,
            &stored.segments,
            inlined,
            data_dir,
            lease,
        ))
    }

    /// Returns the bytes of a table's segments.
    ///
    /// # Errors
    /// When there is no such table, or the catalogue cannot be read.
    pub fn bytes_of(&self, table: &str) -> Result<u64> {
        let stored = self.inner.catalogue.table(self.snapshot, &Name::parse(table)?)?;
        let stored = stored.ok_or_else(|| Error::NoTable { name: table.to_owned() })?;
        Ok(stored.segments.iter().map(|segment| segment.bytes).sum())
    }
}

/// The rows of one table going into Parquet files in `<folder>/<schema>/<table>/`.
pub struct TableExport {
    folder: PathBuf,
    schema: SchemaRef,
    open: Option<(PathBuf, ArrowWriter<std::fs::File>)>,
    in_file: u64,
    written: Exported,
}

impl std::fmt::Debug for TableExport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableExport")
            .field("folder", &self.folder)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

impl TableExport {
    /// Begins the export of `table` with the columns of `schema` into `dir`. No file is made before there is a row.
    ///
    /// # Errors
    /// When the table's name cannot be a folder.
    pub fn new(dir: &Path, table: &str, schema: SchemaRef) -> Result<Self> {
        let name = Name::parse(table)?;
        Ok(Self {
            folder: dir.join(&name.schema).join(&name.table),
            schema,
            open: None,
            in_file: 0,
            written: Exported::default(),
        })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let (path, mut writer) = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        writer.write(batch).map_err(Error::segment("write", &path))?;
        self.in_file += batch.num_rows() as u64;
        self.written.rows += batch.num_rows() as u64;
        self.open = Some((path, writer));
        if self.in_file >= FILE_ROWS {
            self.end()?;
        }
        Ok(())
    }

    /// Ends the export and returns what was written; it is durable then.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(mut self) -> Result<Exported> {
        self.end()?;
        if self.written.files > 0 {
            let folder = self.folder.canonicalize().map_err(Error::io("find", &self.folder))?;
            durable::sync_all(std::slice::from_ref(&folder))?;
            durable::sync_names(&folder)?;
        }
        Ok(self.written)
    }

    fn begin(&mut self) -> Result<(PathBuf, ArrowWriter<std::fs::File>)> {
        std::fs::create_dir_all(&self.folder).map_err(Error::io("create the folder", &self.folder))?;
        let name = format!("part-{:05}.parquet", self.written.files + 1);
        // Programs that read the folder take every `*.parquet`: a file has its name only when it is whole.
        let path = self.folder.join(format!("{name}.part"));
        let file = std::fs::File::create(&path).map_err(Error::io("create", &path))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&self.schema), Some(properties))
            .map_err(Error::segment("begin", &path))?;
        Ok((path, writer))
    }

    fn end(&mut self) -> Result<()> {
        let Some((path, writer)) = self.open.take() else {
            return Ok(());
        };
        let file = writer.into_inner().map_err(Error::segment("end", &path))?;
        file.sync_all().map_err(Error::io("sync", &path))?;
        self.written.bytes += file.metadata().map_err(Error::io("read", &path))?.len();
        std::fs::rename(&path, path.with_extension("")).map_err(Error::io("rename", &path))?;
        self.written.files += 1;
        self.in_file = 0;
        Ok(())
    }
}

impl Drop for TableExport {
    fn drop(&mut self) {
        if let Some((path, writer)) = self.open.take() {
            drop(writer);
            // Half a file under a name that nobody reads; if it cannot be removed, it harms nobody.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Store {
    /// Returns the store as it is now, for several looks at the same state.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn pinned(&self) -> Result<Pinned> {
        Pinned::new(&self.inner)
    }

    /// Copies the store in `dir` as a DuckLake into the folder `to`, which is new or empty. The store may be in use; the copy is
    /// of one moment, and is itself a store.
    ///
    /// # Errors
    /// When there is no store, part of it is damaged, the folder holds something or cannot be written, or `watch` says to
    /// stop. The folder holds no lake then.
    pub fn export_lake(dir: &Path, to: &Path, watch: &mut Watch<'_>) -> Result<Exported> {
        if !copy::is_vacant(to)? {
            return Err(Error::NotVacant {
                dir: to.to_path_buf(),
                wanted: "a new or empty folder",
            });
        }
        let path = dir.join(CATALOGUE_FILE);
        if !path.is_file() {
            return Err(Error::NoStore { dir: dir.to_path_buf() });
        }
        let dir = dir.canonicalize().map_err(Error::io("find", dir))?;
        let path = dir.join(CATALOGUE_FILE);
        Catalogue::refuse_newer(&path)?;
        let catalogue = Catalogue::open_read_only(&path)?;
        let _lease = Lease::take(&dir, catalogue.latest()?)?;
        std::fs::create_dir_all(to).map_err(Error::io("create the folder", to))?;
        let to = to.canonicalize().map_err(Error::io("find", to))?;
        let new = to.join(NEW_CATALOGUE);
        catalogue.copy_to(&new)?;
        drop(catalogue);
        let mut counter = Counter::new(watch);
        let mut exported = Exported::default();
        let copied = Catalogue::open_read_only(&new)?;
        let files = copy::files_of(&copied)?;
        // A store of an older version has all its rows in segments.
        exported.rows = match copied.stats() {
            Ok(tables) => tables.iter().map(|table| table.events).sum(),
            Err(_) => live_rows(&copied)?,
        };
        drop(copied);
        counter.expect(files.iter().map(|file| file.bytes).sum());
        let mut made = Vec::new();
        for file in &files {
            let target = to.join(&file.file);
            match copy::copy(&dir.join(&file.file), &target, file.sums.as_ref(), &mut counter)? {
                Some(copied) => {
                    exported.files += 1;
                    exported.bytes += copied.bytes;
                    made.push(target);
                }
                None if file.is_derived => {}
                None => {
                    return Err(Error::Damaged {
                        path: dir.join(&file.file),
                    });
                }
            }
        }
        point_at(&new, &to)?;
        exported.files += 1;
        exported.bytes += std::fs::metadata(&new).map_err(Error::io("read", &new))?.len();
        made.push(new.clone());
        let folders = copy::folders_of(&to, &made);
        made.extend(folders);
        durable::sync_all(&made)?;
        std::fs::rename(&new, to.join(CATALOGUE_FILE)).map_err(Error::io("rename", &new))?;
        durable::sync_all(std::slice::from_ref(&to))?;
        durable::sync_names(&to)?;
        Ok(exported)
    }
}

fn live_rows(catalogue: &Catalogue) -> Result<u64> {
    let files = catalogue.data_files()?;
    Ok(files.iter().filter(|file| file.is_live).map(|file| file.rows).sum())
}
