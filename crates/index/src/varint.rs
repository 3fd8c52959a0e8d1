//! Numbers in as few bytes as they need, and a reader that never reads past the end.

use crate::error::{IndexError, Result, damaged};

/// Appends a number: seven bits a byte, the lowest first.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a number that may be negative: small ones of either sign are short.
pub(crate) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// Appends bytes behind their number.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Bytes being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    part: &'static str,
    left: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Begins to read `bytes`, which errors call `part`.
    pub(crate) fn new(part: &'static str, bytes: &'a [u8]) -> Self {
        Self { part, left: bytes }
    }

    /// Returns the error that the part is wrong in this way.
    pub(crate) fn wrong(&self, problem: &'static str) -> IndexError {
        damaged(self.part)(problem)
    }

    /// Returns the next byte.
    pub(crate) fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.left.split_first().ok_or_else(|| self.wrong("it ends early"))?;
        self.left = rest;
        Ok(*first)
    }

    /// Returns the next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .left
            .split_at_checked(count)
            .ok_or_else(|| self.wrong("it ends early"))?;
        self.left = rest;
        Ok(taken)
    }

    /// Returns the next number.
    pub(crate) fn number(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(self.wrong("a number is too large"));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.wrong("a number is too long"))
    }

    /// Returns the next number that may be negative.
    pub(crate) fn signed(&mut self) -> Result<i64> {
        let value = self.number()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Returns the next number, which counts things of at least one byte each that are still to come: a count that the
    /// rest cannot hold would make a reader allocate for nothing.
    pub(crate) fn count(&mut self) -> Result<usize> {
        let value = self.number()?;
        usize::try_from(value)
            .ok()
            .filter(|count| *count <= self.left.len())
            .ok_or_else(|| self.wrong("a count is larger than what follows"))
    }

    /// Returns the next four bytes as a number.
    pub(crate) fn fixed32(&mut self) -> Result<u32> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }

    /// Returns the next bytes that stand behind their number.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    /// Returns the next text.
    pub(crate) fn text(&mut self) -> Result<&'a str> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map_err(|_| self.wrong("a text is not UTF-8"))
    }

    /// Returns the bytes that were not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.left
    }

    /// Refuses bytes that nobody asked for.
    pub(crate) fn end(&self) -> Result<()> {
        if self.left.is_empty() {
            Ok(())
        } else {
            Err(self.wrong("something follows its end"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [
            0,
            1,
            127,
            128,
            16_383,
            16_384,
            u64::from(u32::MAX),
            u64::MAX - 1,
            u64::MAX,
        ] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            let mut cursor = Cursor::new("it", &bytes);
            assert_eq!(cursor.number().unwrap(), value);
            cursor.end().unwrap();
        }
        for value in [0, -1, 1, -64, 64, i64::MIN, i64::MAX] {
            let mut bytes = Vec::new();
            put_signed(&mut bytes, value);
            assert_eq!(Cursor::new("it", &bytes).signed().unwrap(), value);
        }
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        assert!(Cursor::new("it", &[]).byte().is_err());
        assert!(Cursor::new("it", &[0x80]).number().is_err());
        assert!(Cursor::new("it", &[0xff; 11]).number().is_err());
        let mut too_large = vec![0xff; 9];
        too_large.push(2);
        assert!(Cursor::new("it", &too_large).number().is_err());
        assert!(Cursor::new("it", &[5, 1, 2]).bytes().is_err());
        assert!(Cursor::new("it", &[0xff, 0xff, 0xff, 0x7f]).count().is_err());
        assert!(Cursor::new("it", &[1, 0xff]).text().is_err());
        assert!(Cursor::new("it", &[1]).end().is_err());
    }
}
