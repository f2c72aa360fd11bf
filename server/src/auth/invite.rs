//! Invite codes: random bits of which the store keeps a hash alone.

use crate::store::InviteHash;
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use sotto_protocol::{InviteCode, invite_code};

/// A new code.
pub(crate) fn new_invite_code(rng: &mut impl CryptoRng) -> InviteCode {
    let mut bytes = [0; invite_code::BYTES];
    rng.fill_bytes(&mut bytes);
    InviteCode::from_bytes(bytes)
}

/// SHA-256 of the code's 80 bits. That many random bits need no slow hash: nobody finds one by trying.
pub(crate) fn hash_of_invite(code: &InviteCode) -> InviteHash {
    InviteHash(Sha256::digest(code.reveal()).into())
}
