//! Masking (RFC 6455, section 5.3).

/// Takes the mask off `bytes`, which begin `position` bytes into their frame's payload.
pub(super) fn unmask(bytes: &mut [u8], key: [u8; 4], position: usize) {
    let mut key = key;
    key.rotate_left(position % 4);
    let [a, b, c, d] = key;
    let word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_mask_comes_off_byte_by_byte_wherever_it_begins(
            masked in proptest::collection::vec(any::<u8>(), 0..100), key: [u8; 4], position in 0..1000_usize
        ) {
            let expected: Vec<u8> = (position..).zip(&masked).map(|(at, byte)| byte ^ key[at % 4]).collect();
            let mut bytes = masked;
            unmask(&mut bytes, key, position);
            prop_assert_eq!(bytes, expected);
        }
    }
}
