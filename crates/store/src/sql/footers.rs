//! The footers of segments, kept over queries. A segment never changes, and reading the footers of a large table takes
//! longer than many a query.

use std::sync::{Arc, LazyLock};

use datafusion::common::DataFusionError;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::execution::cache::default_cache::DefaultCache;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;

/// The bytes of footers kept in this process; the oldest unused go first. A footer takes about a megabyte with its page
/// index, for 4 M rows of 50 columns.
pub(super) const MAX_FOOTER_BYTES: usize = 64 * 1024 * 1024;

/// The footers. Segments are called by names that are made up at random, so those of two stores do not meet; copies of one
/// segment have one footer.
static FOOTERS: LazyLock<Arc<FileMetadataCache>> = LazyLock::new(|| Arc::new(DefaultCache::new(MAX_FOOTER_BYTES)));

/// Returns what reads the segments below `url`, with the footers that are kept.
pub(super) fn reader_of(
    runtime: &RuntimeEnv,
    url: &ObjectStoreUrl,
) -> Result<Arc<CachedParquetFileReaderFactory>, DataFusionError> {
    let files = runtime.object_store(url)?;
    Ok(Arc::new(CachedParquetFileReaderFactory::new(
        files,
        Arc::clone(&FOOTERS),
    )))
}
