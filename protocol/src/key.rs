//! Public keys and signatures (Ed25519, RFC 8032).

use crate::fixed_bytes::fixed_bytes;

fixed_bytes! {
    /// The public half of an account's identity key. It signs the account's devices; safety numbers compare it.
    IdentityKey[32];
    /// The public half of a device's signature key: the signature key of its MLS leaf.
    DeviceKey[32];
    /// The public half of a group's identity key: it signs what the group says to the outside.
    GroupKey[32];
    /// The public half of the key pair that was made for one invite link to a group: whoever has the link can sign with it.
    InvitationKey[32];
    /// An Ed25519 signature.
    Signature[64];
    /// The public half of a key that logs in: one that the recovery code or a device link gives.
    LoginKey[32];
}
