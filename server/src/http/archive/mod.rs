//! `/v1/archive/…`: an account's message history as ciphertext, for its new devices.

pub(super) mod claim;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod read;
pub(super) mod segments;
pub(super) mod usage;
pub(super) mod write;

use crate::store::StoredArchive;
use sotto_protocol::rest::archive::Archive;

fn archive(stored: StoredArchive) -> Archive {
    Archive {
        chat: stored.chat,
        revision: stored.revision,
        index: stored.index.into(),
        updated_at: stored.updated_at,
    }
}
