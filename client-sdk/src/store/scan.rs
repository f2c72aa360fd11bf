//! Which records to read, and in which order.

use std::ops::Bound;

/// From which end a [`Scan`] begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From the smallest key up.
    #[default]
    Ascending,
    /// From the greatest key down.
    Descending,
}

/// A range of keys, read from one of its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The smallest key, in or out.
    pub from: Bound<Vec<u8>>,
    /// The greatest key, in or out.
    pub to: Bound<Vec<u8>>,
    /// Where to begin.
    pub direction: Direction,
    /// How many records at most.
    pub limit: usize,
}

impl Scan {
    /// Every record, ascending.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            from: Bound::Unbounded,
            to: Bound::Unbounded,
            direction: Direction::Ascending,
            limit: usize::MAX,
        }
    }

    /// Every record whose key begins with `prefix`, ascending.
    #[must_use]
    pub fn prefix(prefix: impl Into<Vec<u8>>) -> Self {
        let prefix = prefix.into();
        let to = successor(prefix.clone()).map_or(Bound::Unbounded, Bound::Excluded);
        Self {
            from: Bound::Included(prefix),
            to,
            ..Self::all()
        }
    }

    /// Only keys before `key`.
    #[must_use]
    pub fn before(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.to = Bound::Excluded(key.into());
        self
    }

    /// Only keys after `key`.
    #[must_use]
    pub fn after(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.from = Bound::Excluded(key.into());
        self
    }

    /// Only keys from `key` on.
    #[must_use]
    pub fn starting_at(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.from = Bound::Included(key.into());
        self
    }

    /// From the greatest key down.
    #[must_use]
    pub const fn descending(mut self) -> Self {
        self.direction = Direction::Descending;
        self
    }

    /// The first `limit` records only.
    #[must_use]
    pub const fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Whether no key can be in the range. Backends differ in what they make of one that is upside down.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        if self.limit == 0 {
            return true;
        }
        match (&self.from, &self.to) {
            (Bound::Included(from), Bound::Included(to)) => from > to,
            (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to))
            | (Bound::Excluded(from), Bound::Included(to)) => from >= to,
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        }
    }
}

/// The smallest key that is greater than all that begin with `prefix`; none if it is all `0xff`.
fn successor(mut prefix: Vec<u8>) -> Option<Vec<u8>> {
    while let Some(last) = prefix.pop() {
        if let Some(next) = last.checked_add(1) {
            prefix.push(next);
            return Some(prefix);
        }
    }
    None
}
