//! Padding: what is sent has one of few lengths, so that a length says little.
//!
//! `content ‖ 0x80 ‖ 0x00 …` (ISO/IEC 7816-4) up to the next step. Steps are 128 bytes apart up to 512; from there each
//! doubling has four of them: 640, 768, 896, 1024, 1280, 1536, … An observer learns the step, which up to 128 KiB is one
//! of 36; the price is at most 127 bytes, or a quarter of a longer content. Most chat messages share the first two steps.
//!
//! The padding is inside what MLS authenticates, so nobody can probe it: removing it need not be constant in time.

/// The smallest step, and the distance of the first ones, in bytes.
const STEP: usize = 128;
/// Steps in each doubling beyond the first ones.
const STEPS_PER_DOUBLING: usize = 4;
/// Ends the content.
const MARK: u8 = 0x80;

/// The length to which `length` bytes of content are padded; more than `length`, for the mark has to fit.
#[must_use]
pub(crate) const fn padded_length(length: usize) -> usize {
    let step = (length + 1).next_power_of_two() / 2 / STEPS_PER_DOUBLING;
    let step = if step < STEP { STEP } else { step };
    (length / step + 1) * step
}

/// Pads in place.
pub(crate) fn pad(content: &mut Vec<u8>) {
    let padded = padded_length(content.len());
    content.reserve_exact(padded - content.len());
    content.push(MARK);
    content.resize(padded, 0);
}

/// The content without its padding, of any length that a padding can have; `None` if the mark is missing.
pub(crate) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let mark = padded.iter().rposition(|&byte| byte != 0)?;
    let (content, padding) = padded.split_at_checked(mark)?;
    (padding.first() == Some(&MARK)).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn steps_are_where_the_documentation_says() {
        let steps: BTreeSet<_> = (0..1536).map(padded_length).collect();
        assert_eq!(
            Vec::from_iter(steps),
            [128, 256, 384, 512, 640, 768, 896, 1024, 1280, 1536]
        );
        let up_to_128_kib: BTreeSet<_> = (0..128 * 1024).map(padded_length).collect();
        assert_eq!(up_to_128_kib.len(), 36);
    }

    #[test]
    fn the_price_is_less_than_a_first_step_or_a_quarter() {
        for length in 0..128 * 1024 {
            let added = padded_length(length) - length;
            assert!(added >= 1);
            assert!(
                added <= STEP || added <= length / STEPS_PER_DOUBLING + 1,
                "{length}"
            );
        }
    }

    #[test]
    fn longer_content_is_never_shorter_padded() {
        assert!((0..128 * 1024).map(padded_length).is_sorted());
    }

    #[test]
    fn bytes_without_a_mark_are_refused() {
        for bytes in [&[][..], &[0; 128], &[1, 2, 3], &[0x80, 1]] {
            assert_eq!(unpad(bytes), None);
        }
    }

    proptest! {
        #[test]
        fn any_content_survives_padding(content in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut padded = content.clone();
            pad(&mut padded);
            prop_assert_eq!(padded.len(), padded_length(content.len()));
            prop_assert_eq!(unpad(&padded), Some(&content[..]));
        }

        #[test]
        fn contents_within_a_step_are_of_one_length(step in 0_usize..4, a in 0_usize..128, b in 0_usize..128) {
            prop_assert_eq!(padded_length(step * 128 + a), padded_length(step * 128 + b));
        }
    }
}
