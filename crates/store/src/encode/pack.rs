//! Parquet's ways of writing numbers in few bits: varints, runs, and differences.

/// Values of a bit-packed group.
const GROUP: usize = 8;

/// From so many equal values on, a run is shorter than packing them, and quicker to read.
const MIN_RUN: usize = 16;

/// Differences in a block and in one of its parts, which share a width. Readers take any such sizes; these are usual.
const BLOCK: usize = 128;
const MINIBLOCK: usize = 32;

/// Appends a number, seven bits a byte, lowest first.
pub(super) fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(0x80 | number as u8);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a number that may be below zero; small ones take few bytes, whatever their sign.
pub(super) fn zigzag(out: &mut Vec<u8>, number: i64) {
    varint(out, ((number << 1) ^ (number >> 63)) as u64);
}

/// Returns the bits that numbers up to `greatest` need.
pub(super) fn width_of(greatest: u64) -> u32 {
    u64::BITS - greatest.leading_zeros()
}

/// Appends numbers below 2^`width` as runs and packed groups (`RLE`), without the length before them.
pub(super) fn runs(out: &mut Vec<u8>, values: &[u32], width: u32) {
    let mut literal = 0;
    let mut at = 0;
    while at < values.len() {
        let run = run_length(&values[at..]);
        if run < MIN_RUN {
            at = (at + GROUP).min(values.len());
            continue;
        }
        groups(out, &values[literal..at], width);
        run_of(out, values[at], run, width);
        at += run;
        literal = at;
    }
    groups(out, &values[literal..], width);
}

/// Appends one value, repeated.
pub(super) fn run_of(out: &mut Vec<u8>, value: u32, count: usize, width: u32) {
    varint(out, (count as u64) << 1);
    let bytes = width.div_ceil(8) as usize;
    out.extend_from_slice(&value.to_le_bytes()[..bytes]);
}

/// Appends bits that are packed already, lowest first.
pub(super) fn packed_bits(out: &mut Vec<u8>, bits: &[u8], count: usize) {
    let bytes = count.div_ceil(GROUP);
    varint(out, (bytes as u64) << 1 | 1);
    out.extend_from_slice(&bits[..bytes]);
}

/// Appends 64-bit numbers as differences (`DELTA_BINARY_PACKED`).
pub(super) fn differences(out: &mut Vec<u8>, values: impl ExactSizeIterator<Item = i64>) {
    varint(out, BLOCK as u64);
    varint(out, (BLOCK / MINIBLOCK) as u64);
    varint(out, values.len() as u64);
    let mut values = values;
    let mut last = values.next().unwrap_or(0);
    zigzag(out, last);
    let mut block = [0i64; BLOCK];
    loop {
        let mut filled = 0;
        for (difference, value) in block.iter_mut().zip(values.by_ref()) {
            // Readers add with the same overflow.
            *difference = value.wrapping_sub(last);
            last = value;
            filled += 1;
        }
        if filled == 0 {
            return;
        }
        write_block(out, &block[..filled]);
        if filled < BLOCK {
            return;
        }
    }
}

fn write_block(out: &mut Vec<u8>, block: &[i64]) {
    let least = block.iter().copied().min().unwrap_or(0);
    zigzag(out, least);
    let widths = out.len();
    out.resize(widths + BLOCK / MINIBLOCK, 0);
    for (index, part) in block.chunks(MINIBLOCK).enumerate() {
        // What is left of the last part is filled with zeros, which no reader looks at.
        let mut above = [0u64; MINIBLOCK];
        let mut all = 0;
        for (above, difference) in above.iter_mut().zip(part) {
            *above = difference.wrapping_sub(least) as u64;
            all |= *above;
        }
        let width = width_of(all);
        out[widths + index] = width as u8;
        if width <= u32::BITS {
            pack(out, above.iter().map(|value| *value as u32), width);
        } else {
            pack_wide(out, &above, width);
        }
    }
}

/// A packed group holds eight values; only the last one may be filled up.
fn groups(out: &mut Vec<u8>, values: &[u32], width: u32) {
    if values.is_empty() {
        return;
    }
    let count = values.len().div_ceil(GROUP);
    varint(out, (count as u64) << 1 | 1);
    let filling = std::iter::repeat_n(0, count * GROUP - values.len());
    pack(out, values.iter().copied().chain(filling), width);
}

/// Packs multiples of eight numbers of up to 32 bits.
fn pack(out: &mut Vec<u8>, values: impl Iterator<Item = u32>, width: u32) {
    let (mut word, mut bits) = (0u64, 0);
    for value in values {
        word |= u64::from(value) << bits;
        bits += width;
        if bits >= u32::BITS {
            out.extend_from_slice(&(word as u32).to_le_bytes());
            word >>= u32::BITS;
            bits -= u32::BITS;
        }
    }
    out.extend_from_slice(&word.to_le_bytes()[..bits.div_ceil(8) as usize]);
}

fn pack_wide(out: &mut Vec<u8>, values: &[u64], width: u32) {
    let (mut word, mut bits) = (0u128, 0);
    for value in values {
        word |= u128::from(*value) << bits;
        bits += width;
        if bits >= u64::BITS {
            out.extend_from_slice(&(word as u64).to_le_bytes());
            word >>= u64::BITS;
            bits -= u64::BITS;
        }
    }
    out.extend_from_slice(&word.to_le_bytes()[..bits.div_ceil(8) as usize]);
}

fn run_length(values: &[u32]) -> usize {
    let Some(first) = values.first() else { return 0 };
    values.iter().take_while(|value| *value == first).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_format_has_them() {
        let mut out = Vec::new();
        varint(&mut out, 300);
        zigzag(&mut out, -1);
        assert_eq!(out, [0xac, 0x02, 0x01]);
        assert_eq!([0, 1, 2, 255, 256].map(width_of), [0, 1, 2, 8, 9]);
    }

    #[test]
    fn runs_and_groups_follow_each_other() {
        let mut values = vec![1, 2, 3];
        values.extend([5; 40]);
        values.extend([7, 6]);
        let mut out = Vec::new();
        runs(&mut out, &values, 3);
        // A group of eight (its last five are fives), 35 fives, and a group of two that is filled up.
        assert_eq!(out[0], 1 << 1 | 1);
        assert_eq!(out[4..6], [35 << 1, 5]);
        assert_eq!(out[6..8], [1 << 1 | 1, 7 | 6 << 3]);
        assert_eq!(out.len(), 10);
    }
}
