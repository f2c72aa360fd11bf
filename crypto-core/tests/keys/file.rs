//! Files: what a server that keeps the chunks can do to them, and what their sizes say.

use crate::rng;
use proptest::prelude::*;
use sotto_crypto_core::file::{CHUNK_BYTES, FILE_BYTES, FileError};
use sotto_crypto_core::{FileCipher, FileKey, FileLayout};

fn cipher(length: u64) -> FileCipher {
    let key = FileKey::generate(&mut rng(1));
    FileCipher::new(&key, FileLayout::new(length).unwrap())
}

fn content(length: u64) -> Vec<u8> {
    (0..length).map(|position| (position % 251) as u8).collect()
}

fn sealed(cipher: &FileCipher, content: &[u8]) -> Vec<Vec<u8>> {
    let layout = cipher.layout();
    (0..layout.chunks())
        .map(|chunk| {
            let range = layout.content_range(chunk).unwrap();
            let part = &content[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            cipher.seal(chunk, part).unwrap()
        })
        .collect()
}

#[test]
fn a_file_opens_as_it_was_sealed_whatever_its_length() {
    let chunk = CHUNK_BYTES as u64;
    for length in [
        0,
        1,
        4095,
        4096,
        chunk - 1,
        chunk,
        chunk + 1,
        3 * chunk,
        9 * chunk + 7,
    ] {
        let (cipher, content) = (cipher(length), content(length));
        let chunks = sealed(&cipher, &content);
        let stored: u64 = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        assert_eq!(stored, cipher.layout().sealed_length());
        let opened: Vec<u8> = (0..)
            .zip(&chunks)
            .flat_map(|(number, chunk)| cipher.open(number, chunk).unwrap().to_vec())
            .collect();
        assert!(opened == content, "{length}");
    }
}

#[test]
fn any_part_of_a_file_is_read_without_the_rest() {
    let (cipher, content) = (cipher(5 * CHUNK_BYTES as u64), content(5 * CHUNK_BYTES as u64));
    let chunks = sealed(&cipher, &content);
    let offset = 3 * CHUNK_BYTES as u64 + 17;
    let chunk = cipher.layout().chunk_of(offset).unwrap();
    let opened = cipher.open(chunk, &chunks[chunk as usize]).unwrap();
    assert_eq!(opened[17], content[usize::try_from(offset).unwrap()]);
    assert_eq!(cipher.layout().chunk_of(5 * CHUNK_BYTES as u64), None);
}

#[test]
fn a_chunk_in_another_place_is_refused() {
    let cipher = cipher(4 * CHUNK_BYTES as u64);
    let chunks = sealed(&cipher, &content(4 * CHUNK_BYTES as u64));
    for (place, number) in [(0, 1), (2, 1), (3, 0)] {
        assert_eq!(
            cipher.open(place, &chunks[number]),
            Err(FileError::DoesNotOpen),
            "{number} in place of {place}"
        );
    }
}

#[test]
fn a_file_that_was_cut_is_refused_at_its_new_end() {
    let chunk = CHUNK_BYTES as u64;
    let whole = cipher(4 * chunk);
    let chunks = sealed(&whole, &content(4 * chunk));
    // Whoever cuts it off claims that it was shorter from the beginning.
    let shorter = cipher(3 * chunk);
    for (number, chunk) in (0..3).zip(&chunks) {
        assert_eq!(shorter.open(number, chunk), Err(FileError::DoesNotOpen));
    }
}

#[test]
fn a_claimed_length_that_is_not_the_files_is_refused_even_within_the_same_padding() {
    let (whole, shorter) = (cipher(4000), cipher(3999));
    assert_eq!(whole.layout().sealed_length(), shorter.layout().sealed_length());
    let chunks = sealed(&whole, &content(4000));
    assert_eq!(shorter.open(0, &chunks[0]), Err(FileError::DoesNotOpen));
}

#[test]
fn another_files_chunk_is_refused() {
    let one = cipher(10);
    let other = FileCipher::new(&FileKey::generate(&mut rng(2)), FileLayout::new(10).unwrap());
    let chunks = sealed(&one, &content(10));
    assert_eq!(other.open(0, &chunks[0]), Err(FileError::DoesNotOpen));
}

#[test]
fn one_bit_changed_anywhere_is_noticed() {
    let cipher = cipher(100);
    let chunk = sealed(&cipher, &content(100)).remove(0);
    for bit in (0..chunk.len() * 8).step_by(7) {
        let mut altered = chunk.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(cipher.open(0, &altered), Err(FileError::DoesNotOpen));
    }
}

#[test]
fn content_of_another_length_than_the_chunks_is_not_sealed() {
    let cipher = cipher(100);
    assert_eq!(cipher.seal(0, &content(99)), Err(FileError::WrongChunk));
    assert_eq!(cipher.seal(0, &content(101)), Err(FileError::WrongChunk));
    assert_eq!(cipher.seal(1, &[]), Err(FileError::WrongChunk));
    assert_eq!(cipher.open(1, &[0; 16]).unwrap_err(), FileError::WrongChunk);
}

#[test]
fn a_file_without_end_is_refused() {
    assert_eq!(FileLayout::new(FILE_BYTES + 1), Err(FileError::TooLong));
    assert_eq!(FileLayout::new(u64::MAX), Err(FileError::TooLong));
}

#[test]
fn small_files_are_of_one_size() {
    let size = |length| FileLayout::new(length).unwrap().sealed_length();
    assert_eq!(size(0), size(4096));
    assert!(size(4097) > size(4096));
}

proptest! {
    #[test]
    fn random_bytes_do_not_open_and_do_not_panic(
        chunk in 0_u32..4,
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(cipher(3 * CHUNK_BYTES as u64).open(chunk, &bytes).is_err());
    }
}
