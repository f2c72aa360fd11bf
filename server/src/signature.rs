//! Ed25519 signatures of clients (RFC 8032, strict), each made for one purpose.

use ed25519_dalek::VerifyingKey;
use sotto_protocol::Signature;

/// The key, if it is one: a point of the curve under which a signature binds its message.
pub(crate) fn verifying_key(key: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(key).ok().filter(|key| !key.is_weak())
}

/// Whether this is the key's signature over `label ‖ 0x00 ‖ signed`.
pub(crate) fn is_signed(key: &VerifyingKey, label: &str, signed: &[u8], signature: &Signature) -> bool {
    signs(key, &[label.as_bytes(), &[0], signed].concat(), signature)
}

/// Whether this is the key's signature over just these bytes: what MLS has signed, whose labels are in them.
pub(crate) fn signs(key: &VerifyingKey, signed: &[u8], signature: &Signature) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    key.verify_strict(signed, &signature).is_ok()
}
