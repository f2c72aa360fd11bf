//! Hashes as digits that people compare.

use core::fmt;

const BYTES_OF_A_GROUP: usize = 5;

/// As many groups as wanted: each is five bytes of the hash as a big-endian number modulo 100,000.
pub(crate) fn digit_groups<const N: usize>(hash: &[u8; 64]) -> [u32; N] {
    const { assert!(N * BYTES_OF_A_GROUP <= 64) };
    let mut groups = [0; N];
    for (group, bytes) in groups.iter_mut().zip(hash.chunks_exact(BYTES_OF_A_GROUP)) {
        let number = bytes
            .iter()
            .fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        #[allow(clippy::cast_possible_truncation, reason = "below 100,000")]
        {
            *group = (number % 100_000) as u32;
        }
    }
    groups
}

/// The groups, five digits each, separated by spaces.
pub(crate) fn write_groups(f: &mut fmt::Formatter<'_>, groups: &[u32]) -> fmt::Result {
    for (position, group) in groups.iter().enumerate() {
        if position > 0 {
            f.write_str(" ")?;
        }
        write!(f, "{group:05}")?;
    }
    Ok(())
}
