//! Packed formats: told from their first bytes and unpacked within limits.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use crate::bounded::{Budget, Consumed, Counted, Guarded, Tally};
use crate::error::Error;
use crate::limits::MAX_ZSTD_WINDOW_LOG;

/// Bytes read at once below a decompressor. The ratio is taken over whole buffers, so a large one
/// would let a small bomb run longer.
pub(crate) const BUFFER_BYTES: usize = 64 * 1024;

/// A packed format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
    Zip,
    /// Known, so that its user gets a better answer than "unknown kind".
    Unreadable(&'static str),
}

impl Packing {
    /// Tells the packing from content. Names lie: browsers unpack `.gz` on the way and leave the name.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        const TAR_MARK_AT: usize = 257;
        match head {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Some(Self::Zip),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Some(Self::Unreadable("bzip2")),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Unreadable("xz")),
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Self::Unreadable("7z")),
            [b'R', b'a', b'r', b'!', 0x1a, 0x07, ..] => Some(Self::Unreadable("rar")),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Self::Unreadable("lz4")),
            _ if head.get(TAR_MARK_AT..).is_some_and(|rest| rest.starts_with(b"ustar")) => {
                Some(Self::Unreadable("tar"))
            }
            _ => None,
        }
    }
}

/// Bytes out of a file or a decompressor, with the count of packed bytes below the outermost one.
pub(crate) struct Packed {
    pub(crate) reader: Box<dyn Read + Send>,
    pub(crate) consumed: Option<Consumed>,
}

impl Packed {
    pub(crate) fn plain(reader: impl Read + Send + 'static) -> Self {
        Self {
            reader: Box::new(reader),
            consumed: None,
        }
    }

    /// Unpacks gzip, all of its members.
    pub(crate) fn gunzip(self, name: &str, budget: &Budget) -> Self {
        let (reader, consumed) = self.counted(name);
        let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, reader));
        guard(decoder, name, consumed, budget)
    }

    /// Unpacks Zstandard, all of its frames.
    pub(crate) fn unzstd(self, name: &str, budget: &Budget) -> Result<Self, Error> {
        let (reader, consumed) = self.counted(name);
        let decoder = zstd_decoder(reader).map_err(|error| Error::while_reading(name, error))?;
        Ok(guard(decoder, name, consumed, budget))
    }

    /// The ratio of a `.gz` in a `.zip` is taken over both layers: two honest-looking ratios
    /// multiply to a bomb's.
    fn counted(self, name: &str) -> (Counted<Box<dyn Read + Send>>, Consumed) {
        let (counted, own) = Counted::new(self.reader, name, Tally::default());
        (counted, self.consumed.unwrap_or(own))
    }
}

/// Bounds a decoder's output.
pub(crate) fn guard(decoder: impl Read + Send + 'static, name: &str, consumed: Consumed, budget: &Budget) -> Packed {
    let guarded = Guarded::new(decoder, name, consumed.clone(), budget.clone());
    Packed {
        reader: Box::new(guarded),
        consumed: Some(consumed),
    }
}

/// Returns a Zstandard decoder whose window is bounded.
pub(crate) fn zstd_decoder<R: Read>(reader: R) -> io::Result<zstd::stream::read::Decoder<'static, BufReader<R>>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(BUFFER_BYTES, reader))?;
    decoder.window_log_max(MAX_ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}
