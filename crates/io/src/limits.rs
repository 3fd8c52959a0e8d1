//! What one input may cost, and why each figure is what it is.

/// Bytes of each stream that are read ahead for telling what it is.
///
/// An ELF header line with 150 columns is about 3 KB and a JSON envelope before its first record
/// under 1 KB; a first record with a long query text still fits.
pub const HEAD_BYTES: usize = 64 * 1024;

/// Most bytes one stream may unpack to.
///
/// A daily event log file of a very large org is several GB; 64 GiB is ten times that, and at
/// 300 MB/s it ends within four minutes.
pub const MAX_DECOMPRESSED_BYTES: u64 = 64 << 30;

/// Most bytes all streams of one input may unpack to together.
///
/// A month of daily files of the largest orgs; without it 100,000 members could each take the
/// limit of one.
pub const MAX_TOTAL_DECOMPRESSED_BYTES: u64 = 512 << 30;

/// Most bytes that may come out for each byte that goes in.
///
/// Logs pack 10:1 to 100:1, a small file repeated over and over about 140:1 with gzip; a bomb of
/// zeros is 1000:1 with gzip and far more with Zstandard.
pub const MAX_EXPANSION_RATIO: u64 = 400;

/// Bytes that may come out before the ratio is looked at.
///
/// A short file of one repeated line is above any ratio and harms nobody.
pub const RATIO_FREE_BYTES: u64 = 64 << 20;

/// Most members that are read from one archive.
///
/// A year of hourly files of ten event types is 87,600. The directory of the archive is walked, not
/// loaded, so this bounds time and the number of problems, not memory.
pub const MAX_ARCHIVE_MEMBERS: usize = 100_000;

/// How deep archives may stand in archives: a zip in a zip is read, a zip in that one is not.
///
/// Exports of several orgs are commonly zipped twice; nothing honest is zipped three times.
pub const MAX_ARCHIVE_DEPTH: usize = 2;

/// Most files found below the directories of one input.
///
/// A year of hourly files of all 70 event types is 613,200; a million paths are about 100 MB.
pub const MAX_FILES: usize = 1_000_000;

/// Most bytes of an archive that must be written to a temporary file to be read: one that comes
/// from standard input or stands in another archive, since a zip is read from its end.
///
/// Larger than any export seen, small enough not to fill a disk unasked.
pub const MAX_SPOOL_BYTES: u64 = 8 << 30;

/// Largest Zstandard window accepted, as a power of two: 128 MiB, which `zstd -19` stays within.
///
/// The window is memory taken because the file says so; `--long=31` would be 2 GiB.
pub const MAX_ZSTD_WINDOW_LOG: u32 = 27;

/// Most characters of a stream's name that are shown. A zip allows 65,535 bytes.
pub const MAX_NAME_CHARS: usize = 1024;

/// The bounds that one input is read within.
///
/// [`Limits::default`] is right for everything but tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// See [`MAX_DECOMPRESSED_BYTES`].
    pub decompressed_bytes: u64,
    /// See [`MAX_TOTAL_DECOMPRESSED_BYTES`].
    pub total_decompressed_bytes: u64,
    /// See [`MAX_EXPANSION_RATIO`].
    pub expansion_ratio: u64,
    /// See [`RATIO_FREE_BYTES`].
    pub ratio_free_bytes: u64,
    /// See [`MAX_ARCHIVE_MEMBERS`].
    pub archive_members: usize,
    /// See [`MAX_FILES`].
    pub files: usize,
    /// See [`MAX_SPOOL_BYTES`].
    pub spool_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            decompressed_bytes: MAX_DECOMPRESSED_BYTES,
            total_decompressed_bytes: MAX_TOTAL_DECOMPRESSED_BYTES,
            expansion_ratio: MAX_EXPANSION_RATIO,
            ratio_free_bytes: RATIO_FREE_BYTES,
            archive_members: MAX_ARCHIVE_MEMBERS,
            files: MAX_FILES,
            spool_bytes: MAX_SPOOL_BYTES,
        }
    }
}
