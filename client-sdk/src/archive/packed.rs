//! What is sealed into the archive: encoded, and compressed.
//!
//! Whoever can have a message sent into a chat, and sees how long what is sealed is, could learn from the length whether his words are
//! like those beside them. Lengths are padded in steps, many messages are compressed together, and a device writes when it likes:
//! see decision 53.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// Between speed and size, as DEFLATE counts it (0 to 10).
const LEVEL: u8 = 6;
/// Bytes at most of what was compressed: enough for anything that is written, and a bound on what has to be held.
const UNPACKED_BYTES: usize = 4 * 1024 * 1024;

/// Why something is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Encodes and compresses.
pub(crate) fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, postcard::Error> {
    let encoded = Zeroizing::new(postcard::to_allocvec(value)?);
    Ok(compress_to_vec(&encoded, LEVEL))
}

/// What was packed.
pub(crate) fn unpack<T: DeserializeOwned>(packed: &[u8]) -> Result<T, Unreadable> {
    let encoded = decompress_to_vec_with_limit(packed, UNPACKED_BYTES).map_err(|_| Unreadable)?;
    let encoded = Zeroizing::new(encoded);
    match postcard::take_from_bytes(&encoded) {
        Ok((value, [])) => Ok(value),
        Ok(_) | Err(_) => Err(Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        let packed = compress_to_vec(&vec![0; UNPACKED_BYTES + 1], LEVEL);
        assert!(packed.len() < 10_000);
        assert_eq!(unpack::<Vec<u8>>(&packed), Err(Unreadable));
    }

    proptest! {
        #[test]
        fn whatever_is_packed_comes_out_again(texts: Vec<String>, noise: Vec<u8>) {
            let packed = pack(&texts).unwrap();
            prop_assert_eq!(unpack::<Vec<String>>(&packed).unwrap(), texts);
            let _ = unpack::<Vec<String>>(&noise);
        }
    }
}
