//! Where the folded texts are: in a few large pieces of memory that never move, so that each can be wiped where it stands.

use zeroize::{Zeroize as _, Zeroizing};

/// The bytes of a block: more than the longest text folds to.
const BLOCK: usize = 1 << 20;
/// A block is worth being cleared of holes if they are that large and half of all.
const HOLES: usize = BLOCK;

/// Texts, wiped when they are removed and when all are dropped.
#[derive(Default)]
pub(super) struct Arena {
    blocks: Vec<Block>,
    /// The block that is being filled.
    current: Option<usize>,
    /// Blocks that have no memory now.
    free: Vec<usize>,
    /// Bytes of texts that are there.
    live: usize,
}

/// It has room for [`BLOCK`] bytes at once, or for none: it is never moved.
struct Block {
    bytes: Zeroizing<Vec<u8>>,
    live: usize,
}

/// Where a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    start: u32,
    length: u32,
}

impl Arena {
    /// Keeps a text. `None` if it is longer than any text folds to, or if there are 4 GiB.
    pub(super) fn add(&mut self, text: &str) -> Option<Place> {
        let text = text.as_bytes();
        if text.len() > BLOCK {
            return None;
        }
        let has_room = |block: &Block| block.bytes.len() + text.len() <= BLOCK;
        let current = self
            .current
            .filter(|&number| self.blocks.get(number).is_some_and(has_room));
        let number = match current {
            Some(number) => number,
            None => self.begin_block()?,
        };
        let block = self.blocks.get_mut(number)?;
        let start = u32::try_from(number * BLOCK + block.bytes.len()).ok()?;
        let length = u32::try_from(text.len()).ok()?;
        block.bytes.extend_from_slice(text);
        block.live += text.len();
        self.live += text.len();
        Some(Place { start, length })
    }

    fn begin_block(&mut self) -> Option<usize> {
        let block = Block {
            bytes: Zeroizing::new(Vec::with_capacity(BLOCK)),
            live: 0,
        };
        let former = self.current.take();
        let number = if let Some(number) = self.free.pop() {
            *self.blocks.get_mut(number)? = block;
            number
        } else {
            // Places are told apart by 32 bits.
            if (self.blocks.len() + 1) * BLOCK > u32::MAX as usize {
                return None;
            }
            self.blocks.push(block);
            self.blocks.len() - 1
        };
        self.current = Some(number);
        if let Some(former) = former {
            self.give_back(former);
        }
        Some(number)
    }

    /// The text, as long as it was not removed.
    pub(super) fn get(&self, place: Place) -> &[u8] {
        let (number, start) = place.parts();
        self.blocks
            .get(number)
            .and_then(|block| block.bytes.get(start..start + place.length as usize))
            .unwrap_or_default()
    }

    /// Wipes a text. It is not to be asked for again.
    pub(super) fn remove(&mut self, place: Place) {
        let (number, start) = place.parts();
        let length = place.length as usize;
        let Some(block) = self.blocks.get_mut(number) else {
            return;
        };
        if let Some(text) = block.bytes.get_mut(start..start + length) {
            text.zeroize();
            block.live = block.live.saturating_sub(length);
            self.live = self.live.saturating_sub(length);
        }
        self.give_back(number);
    }

    /// Gives back the memory of a block that has no text any more and is not being filled.
    fn give_back(&mut self, number: usize) {
        if self.current == Some(number) {
            return;
        }
        if let Some(block) = self.blocks.get_mut(number)
            && block.live == 0
            && block.bytes.capacity() > 0
        {
            block.bytes = Zeroizing::default();
            self.free.push(number);
        }
    }

    /// Whether it would take much less memory if all texts were moved together.
    pub(super) fn has_holes(&self) -> bool {
        let filled: usize = self.blocks.iter().map(|block| block.bytes.len()).sum();
        let holes = filled.saturating_sub(self.live);
        holes > HOLES && holes > self.live
    }

    /// The memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.blocks.iter().map(|block| block.bytes.capacity()).sum()
    }
}

impl Place {
    const fn parts(self) -> (usize, usize) {
        let start = self.start as usize;
        (start / BLOCK, start % BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_removed_is_wiped_where_it_stood() {
        let mut arena = Arena::default();
        let one = arena.add("secret").unwrap();
        let other = arena.add("kept").unwrap();
        arena.remove(one);
        assert_eq!(arena.get(one), [0; 6]);
        assert_eq!(arena.get(other), b"kept");
    }

    #[test]
    fn texts_stay_where_they_are_while_others_come() {
        let mut arena = Arena::default();
        let texts: Vec<String> = (0..40_u8)
            .map(|number| char::from(b'a' + number % 26).to_string().repeat(60_000))
            .collect();
        let places: Vec<Place> = texts.iter().map(|text| arena.add(text).unwrap()).collect();
        assert!(arena.blocks.len() > 2);
        for (text, place) in texts.iter().zip(places) {
            assert_eq!(arena.get(place), text.as_bytes());
        }
        assert!(arena.blocks.iter().all(|block| block.bytes.capacity() == BLOCK));
    }

    #[test]
    fn memory_is_given_back_and_used_again() {
        let mut arena = Arena::default();
        let text = "x".repeat(BLOCK / 2);
        let places: Vec<Place> = (0..6).map(|_| arena.add(&text).unwrap()).collect();
        assert_eq!(arena.memory(), 3 * BLOCK);
        assert!(!arena.has_holes());
        for &place in &places[..4] {
            arena.remove(place);
        }
        assert_eq!(arena.memory(), BLOCK);
        let again = arena.add(&text).unwrap();
        assert_eq!(arena.memory(), 2 * BLOCK);
        assert_eq!(arena.get(again), text.as_bytes());
        assert_eq!(arena.get(places[4]), text.as_bytes());
    }

    #[test]
    fn a_block_that_empties_while_it_is_filled_is_given_back_when_it_is_full() {
        let mut arena = Arena::default();
        let half = "x".repeat(BLOCK / 2);
        let place = arena.add(&half).unwrap();
        arena.remove(place);
        let other = arena.add(&half).unwrap();
        arena.remove(other);
        arena.add("y").unwrap();
        assert_eq!(arena.memory(), BLOCK);
    }

    #[test]
    fn holes_are_noticed_when_they_are_most_of_it() {
        let mut arena = Arena::default();
        let text = "x".repeat(BLOCK / 16);
        let places: Vec<Place> = (0..48).map(|_| arena.add(&text).unwrap()).collect();
        let (kept, removed): (Vec<_>, Vec<_>) = places
            .iter()
            .enumerate()
            .partition(|(number, _)| number % 16 == 0);
        assert_eq!(kept.len(), 3);
        for &(_, &place) in &removed[..24] {
            arena.remove(place);
        }
        assert!(!arena.has_holes());
        for &(_, &place) in &removed[24..] {
            arena.remove(place);
        }
        assert!(arena.has_holes());
    }

    #[test]
    fn what_no_block_holds_is_not_taken() {
        assert_eq!(Arena::default().add(&"x".repeat(BLOCK + 1)), None);
    }
}
