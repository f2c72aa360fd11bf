//! Where the client keeps its state: an ordered key-value store with atomic batches, and the sealed view of it.
//!
//! Above [`Store`] everything goes through [`Records`], which seals each value with the store key. What a backend sees is
//! keys, which hold kinds, random ids and numbers, and ciphertext.

mod batch;
mod key;
mod memory;
mod records;
mod scan;

pub use batch::Batch;
pub use key::RecordKey;
pub use memory::MemoryStore;
pub use records::{Changes, Records, RecordsError, SealedChanges};
pub(crate) use records::{Observer, decode};
pub use scan::{Direction, Scan};

use crate::platform::{MaybeSend, MaybeSync};

/// A key with its value.
pub type Record = (Vec<u8>, Vec<u8>);

/// An ordered key-value store with atomic and durable batches. Keys are ordered bytewise and not empty.
pub trait Store: MaybeSend + MaybeSync + 'static {
    /// The value of `key`. An absent record is `Ok(None)`; an empty value is a value.
    fn get(&self, key: &[u8]) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + MaybeSend;

    /// The records that `scan` asks for, in its order.
    fn scan(&self, scan: Scan) -> impl Future<Output = Result<Vec<Record>, StoreError>> + MaybeSend;

    /// Makes all changes of `batch` or none of them. Once this has returned `Ok` they survive a crash; a `get` or `scan`
    /// that begins later sees them. If the future is dropped, either may have happened.
    ///
    /// What a batch overwrites or deletes is erased as far as the backend can, at the latest with the next [`Store::erase`].
    fn apply(&self, batch: Batch) -> impl Future<Output = Result<(), StoreError>> + MaybeSend;

    /// Sees to it that what was overwritten or deleted before is in no file of the store any more, journals too, as far as the
    /// backend can. That costs more than a batch.
    fn erase(&self) -> impl Future<Output = Result<(), StoreError>> + MaybeSend;

    /// Lets go of the store, so that it can be opened again. Every later call fails with [`StoreError::Closed`].
    fn close(&self) -> impl Future<Output = ()> + MaybeSend;
}

/// Why the store failed. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room: the disk or the browser's quota is full. Free some and try again.
    #[error("there is no room left to store anything")]
    Full,
    /// The store was closed, by the program or by the browser. Open it again.
    #[error("the store is closed")]
    Closed,
    /// Another client has this store open. Two must never share one: they would use the same ratchet twice.
    #[error("another client has this store open")]
    Locked,
    /// What is stored is not what was written. Log in anew with an empty store.
    #[error("the store is damaged: {0}")]
    Corrupted(String),
    /// The store was written by a newer version of this program. Update it.
    #[error("the store was written by a newer version (format {format})")]
    Newer {
        /// The format found.
        format: u32,
    },
    /// The system refused: permissions, a failing disk. The text is the system's own.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
}
