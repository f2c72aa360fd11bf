//! Chunks of a file, several at a time.

use core::ops::Range;
use sotto_crypto_core::file::FileError;
use sotto_crypto_core::{FileCipher, FileLayout};

/// Every chunk.
pub(super) const fn all(layout: FileLayout) -> Range<u32> {
    0..layout.chunks()
}

/// The bytes of the content that these chunks have.
pub(super) fn content_range(layout: FileLayout, chunks: &Range<u32>) -> Result<Range<u64>, FileError> {
    span(chunks, |chunk| layout.content_range(chunk))
}

/// The bytes of the sealed file that these chunks are.
pub(super) fn sealed_range(layout: FileLayout, chunks: &Range<u32>) -> Result<Range<u64>, FileError> {
    span(chunks, |chunk| layout.sealed_range(chunk))
}

fn span(chunks: &Range<u32>, of: impl Fn(u32) -> Option<Range<u64>>) -> Result<Range<u64>, FileError> {
    let last = chunks.end.checked_sub(1).ok_or(FileError::WrongChunk)?;
    let (first, last) = of(chunks.start).zip(of(last)).ok_or(FileError::WrongChunk)?;
    Ok(first.start..last.end)
}

/// Seals the content of these chunks.
pub(super) fn seal(cipher: &FileCipher, chunks: Range<u32>, content: &[u8]) -> Result<Vec<u8>, FileError> {
    let layout = cipher.layout();
    let mut sealed = Vec::with_capacity(length(&sealed_range(layout, &chunks)?)?);
    let mut rest = content;
    for chunk in chunks {
        let range = layout.content_range(chunk).ok_or(FileError::WrongChunk)?;
        let (part, after) = rest
            .split_at_checked(length(&range)?)
            .ok_or(FileError::WrongChunk)?;
        sealed.extend(cipher.seal(chunk, part)?);
        rest = after;
    }
    Ok(sealed)
}

/// Opens these chunks.
pub(super) fn open(cipher: &FileCipher, chunks: Range<u32>, sealed: &[u8]) -> Result<Vec<u8>, FileError> {
    let layout = cipher.layout();
    let mut content = Vec::with_capacity(length(&content_range(layout, &chunks)?)?);
    let mut rest = sealed;
    for chunk in chunks {
        let range = layout.sealed_range(chunk).ok_or(FileError::WrongChunk)?;
        let (part, after) = rest
            .split_at_checked(length(&range)?)
            .ok_or(FileError::DoesNotOpen)?;
        content.extend_from_slice(&cipher.open(chunk, part)?);
        rest = after;
    }
    Ok(content)
}

fn length(range: &Range<u64>) -> Result<usize, FileError> {
    usize::try_from(range.end.saturating_sub(range.start)).map_err(|_| FileError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;
    use sotto_crypto_core::FileKey;

    fn bytes(range: &Range<u64>) -> Range<usize> {
        usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_run_of_chunks_is_sealed_as_all_are_and_opens_to_its_content(
            length in 0..300_000_usize,
            first in 0..5_u32,
            count in 1..5_u32,
        ) {
            let content: Vec<u8> = (0..=250).cycle().take(length).collect();
            let layout = FileLayout::new(length as u64).unwrap();
            let cipher = FileCipher::new(&FileKey::generate(&mut ChaCha20Rng::seed_from_u64(7)), layout);
            let whole = seal(&cipher, all(layout), &content).unwrap();
            prop_assert_eq!(whole.len() as u64, layout.sealed_length());
            let first = first.min(layout.chunks() - 1);
            let chunks = first..(first + count).min(layout.chunks());
            let here = content_range(layout, &chunks).unwrap();
            let part = &content[bytes(&here)];
            let sealed = seal(&cipher, chunks.clone(), part).unwrap();
            let there = sealed_range(layout, &chunks).unwrap();
            prop_assert_eq!(&sealed[..], &whole[bytes(&there)]);
            prop_assert_eq!(&open(&cipher, chunks.clone(), &sealed).unwrap()[..], part);
            prop_assert_eq!(open(&cipher, chunks, &sealed[1..]), Err(FileError::DoesNotOpen));
        }
    }

    #[test]
    fn no_chunks_are_none() {
        let layout = FileLayout::new(1).unwrap();
        assert_eq!(content_range(layout, &(0..0)), Err(FileError::WrongChunk));
        assert_eq!(sealed_range(layout, &(0..2)), Err(FileError::WrongChunk));
    }
}
