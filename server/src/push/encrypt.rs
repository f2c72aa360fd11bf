//! Message encryption for Web Push (RFC 8291): one record of `aes128gcm` (RFC 8188), for the key of one subscription.
//!
//! ```text
//! IKM   = HKDF(auth, ECDH(server, device), "WebPush: info" ‖ 00 ‖ device's key ‖ server's key, 32)
//! CEK   = HKDF(salt, IKM, "Content-Encoding: aes128gcm" ‖ 00, 16)
//! nonce = HKDF(salt, IKM, "Content-Encoding: nonce" ‖ 00, 12)
//! body  = salt 16 ‖ record size 4 ‖ 65 ‖ server's key 65 ‖ AES-128-GCM(CEK, nonce, text ‖ 02 ‖ 00…)
//! ```

use crate::store::SubscriptionKeys;
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

/// Bytes of an uncompressed point of P-256.
const POINT_BYTES: usize = 65;
const SALT_BYTES: usize = 16;
const CONTENT_KEY_BYTES: usize = 16;
const INPUT_KEY_BYTES: usize = 32;
/// What a record may have at most: as in the RFC, and far above ours.
const RECORD_SIZE: u32 = 4096;
/// Ends the text of the last record (RFC 8188, section 2).
const LAST_RECORD: u8 = 2;

/// The key is no point of P-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the subscription's key is no point of P-256")]
pub(crate) struct InvalidKey;

/// Encrypts a text with a key pair and a salt that are made for it. `text` and `padding` together are far less than a record.
pub(super) fn encrypt(to: &SubscriptionKeys, text: &[u8], padding: usize) -> Result<Vec<u8>, InvalidKey> {
    let own = PrivateKey::generate(&ECDH_P256).map_err(|Unspecified| InvalidKey)?;
    let mut salt = [0; SALT_BYTES];
    aws_lc_rs::rand::fill(&mut salt).map_err(|Unspecified| InvalidKey)?;
    encrypt_with(to, text, padding, &own, &salt)
}

fn encrypt_with(
    to: &SubscriptionKeys,
    text: &[u8],
    padding: usize,
    own: &PrivateKey,
    salt: &[u8; SALT_BYTES],
) -> Result<Vec<u8>, InvalidKey> {
    let own_public = own.compute_public_key().map_err(|Unspecified| InvalidKey)?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, &to.p256dh);
    let input_key = agreement::agree(own, peer, InvalidKey, |shared| {
        let info = [b"WebPush: info\0", to.p256dh.as_slice(), own_public.as_ref()];
        derive::<INPUT_KEY_BYTES>(&to.auth, shared, &info)
    })?;
    let content_key = derive::<CONTENT_KEY_BYTES>(salt, &*input_key, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce = derive::<NONCE_LEN>(salt, &*input_key, &[b"Content-Encoding: nonce\0"])?;

    let mut record = Vec::with_capacity(text.len() + 1 + padding + AES_128_GCM.tag_len());
    record.extend_from_slice(text);
    record.push(LAST_RECORD);
    record.resize(record.len() + padding, 0);
    let key = UnboundKey::new(&AES_128_GCM, &*content_key).map_err(|Unspecified| InvalidKey)?;
    LessSafeKey::new(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut record)
        .map_err(|Unspecified| InvalidKey)?;

    let mut body = Vec::with_capacity(SALT_BYTES + 4 + 1 + POINT_BYTES + record.len());
    body.extend_from_slice(salt);
    body.extend_from_slice(&RECORD_SIZE.to_be_bytes());
    body.push(u8::try_from(own_public.as_ref().len()).map_err(|_| InvalidKey)?);
    body.extend_from_slice(own_public.as_ref());
    body.extend_from_slice(&record);
    Ok(body)
}

/// `HKDF-Expand(HKDF-Extract(salt, input), info, N)` (RFC 5869).
fn derive<const N: usize>(
    salt: &[u8],
    input: &[u8],
    info: &[&[u8]],
) -> Result<Zeroizing<[u8; N]>, InvalidKey> {
    /// So many bytes are wanted.
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let key = Salt::new(HKDF_SHA256, salt).extract(input);
    let mut derived = Zeroizing::new([0; N]);
    key.expand(info, Length(N))
        .and_then(|output| output.fill(&mut *derived))
        .map_err(|Unspecified| InvalidKey)?;
    Ok(derived)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::binary::decode;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        decode(text).unwrap().try_into().unwrap()
    }

    /// RFC 8291, appendix A.
    #[test]
    fn the_example_of_the_rfc_is_what_it_is() {
        let to = SubscriptionKeys {
            p256dh: bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ),
            auth: bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        };
        let own: [u8; 32] = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let own = PrivateKey::from_private_key(&ECDH_P256, &own).unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw");
        let text = b"When I grow up, I want to be a watermelon";
        let expected = decode(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
        );
        let body = encrypt_with(&to, text, 0, &own, &salt).unwrap();
        assert_eq!(Some(body), expected);
    }

    #[test]
    fn what_is_no_point_is_refused() {
        for p256dh in [[0; POINT_BYTES], [4; POINT_BYTES], [0xff; POINT_BYTES]] {
            let to = SubscriptionKeys {
                p256dh,
                auth: [1; 16],
            };
            assert_eq!(encrypt(&to, b"text", 0), Err(InvalidKey));
        }
    }

    #[test]
    fn two_texts_have_nothing_in_common_but_their_length() {
        let own = PrivateKey::generate(&ECDH_P256).unwrap();
        let to = SubscriptionKeys {
            p256dh: own.compute_public_key().unwrap().as_ref().try_into().unwrap(),
            auth: [1; 16],
        };
        let (one, other) = (encrypt(&to, b"a", 9).unwrap(), encrypt(&to, b"a", 9).unwrap());
        assert_eq!(one.len(), other.len());
        assert_ne!(one[..SALT_BYTES], other[..SALT_BYTES]);
        assert_ne!(one[21..86], other[21..86], "the server's key is made anew");
    }
}
