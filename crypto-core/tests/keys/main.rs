//! What Sotto promises of keys, passwords, vaults, records and messages, and the published vectors of the primitives
//! under them. (Known answers of our own constructions: `src/known_answers.rs`. MLS: the tests beside this folder.)

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "../support/mod.rs"]
mod support;

mod account_record;
mod content;
mod device;
mod device_link;
mod device_name;
mod file;
mod franking;
mod new_chat;
mod own_marker;
mod passkey;
mod password;
mod record;
mod secrets_do_not_print;
mod vault;
mod wycheproof_vectors;
mod x_wing;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sotto_protocol::{AccountId, DeviceId};

const ACCOUNT: AccountId = AccountId::from_bytes([0xa1; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([0xd1; 16]);

/// Randomness that is the same in every run.
fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}
