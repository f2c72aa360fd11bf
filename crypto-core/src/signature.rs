//! Ed25519 signatures (RFC 8032), each under a label of its own.

use crate::Label;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sotto_protocol::Signature;

/// A signature that is worth nothing for another purpose than the label's.
pub(crate) fn sign(key: &SigningKey, label: Label, bytes: &[u8]) -> Signature {
    Signature::from_bytes(key.sign(&label.prefix(bytes)).to_bytes())
}

/// A key under which a signature binds its message: a point of the curve that is not of small order.
pub(crate) fn verifying_key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak())
}

/// RFC 8032 verification, strict: no small-order keys or nonces, canonical encodings only.
pub(crate) fn is_signed(key: &VerifyingKey, label: Label, bytes: &[u8], signature: &Signature) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    key.verify_strict(&label.prefix(bytes), &signature).is_ok()
}
