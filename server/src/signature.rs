//! Ed25519 signatures of clients (RFC 8032, strict), each made for one purpose.

use ed25519_dalek::VerifyingKey;
use sotto_protocol::Signature;

/// The key, if it is one: a point of the curve under which a signature binds its message.
pub(crate) fn verifying_key(key: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(key).ok().filter(|key| !key.is_weak())
}

/// Whether this is the key's signature over `label ‖ 0x00 ‖ signed`.
pub(crate) fn is_signed(key: &VerifyingKey, label: &str, signed: &[u8], signature: &Signature) -> bool {
    let message = [label.as_bytes(), &[0], signed].concat();
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    key.verify_strict(&message, &signature).is_ok()
}
