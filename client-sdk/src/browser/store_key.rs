//! Where a browser's store key comes from.
//!
//! `WebCrypto` makes an AES-GCM key that even this code cannot read, and keeps it in the database; it opens a sealed copy of the
//! store key beside it. Who copies the database's files has the key, but only in a form that the browser knows how to
//! use; who runs code in the page can use it as we do.

use super::global::{self, member};
use super::indexed_db::{HEADER, IndexedDbStore, Mode};
use super::request::{bytes, completion, failure, result_of};
use crate::store::{Scan, Store as _, StoreError};
use js_sys::{Array, Promise, Uint8Array};
use sotto_crypto_core::{CryptoRng, Secret, StoreKey};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

const WRAPPING_KEY: &str = "wrapping-key";
const SEALED_KEY: &str = "sealed-key";
/// Bytes of an AES-GCM nonce (NIST SP 800-38D, section 8.2).
const NONCE_BYTES: usize = 12;

impl IndexedDbStore {
    /// This store's key, which the first call on a new store makes.
    pub async fn unlock(&self, rng: &mut impl CryptoRng) -> Result<StoreKey, StoreError> {
        let (_, header) = self.begin(HEADER, Mode::Read)?;
        let wrapping_key = header
            .get(&WRAPPING_KEY.into())
            .map_err(|thrown| failure(&thrown))?;
        let sealed = header
            .get(&SEALED_KEY.into())
            .map_err(|thrown| failure(&thrown))?;
        let (wrapping_key, sealed) = futures_util::try_join!(result_of(&wrapping_key), result_of(&sealed))?;
        if wrapping_key.is_undefined() && sealed.is_undefined() {
            if self.scan(Scan::all().limit(1)).await?.is_empty() {
                return self.make_key(rng).await;
            }
            return Err(StoreError::Corrupted("it has records but no key".to_owned()));
        }
        let wrapping_key: CryptoKey = wrapping_key
            .dyn_into()
            .map_err(|_| StoreError::Corrupted("it has no key to open its key with".to_owned()))?;
        open(&wrapping_key, &bytes(&sealed)?).await
    }

    async fn make_key(&self, rng: &mut impl CryptoRng) -> Result<StoreKey, StoreError> {
        let key = StoreKey::generate(rng);
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);

        let algorithm = global::object([("name", "AES-GCM".into()), ("length", 256.into())]);
        let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
        let extractable = false;
        let wrapping_key: CryptoKey =
            settled(subtle()?.generate_key_with_object(&algorithm, extractable, &uses))
                .await?
                .unchecked_into();
        let algorithm = aes_gcm(&nonce);
        let sealed =
            settled(subtle()?.encrypt_with_object_and_u8_array(&algorithm, &wrapping_key, key.expose()))
                .await?;
        let mut sealed_key = nonce.to_vec();
        sealed_key.extend(bytes(&sealed)?);

        let (transaction, header) = self.begin(HEADER, Mode::Write)?;
        let sealed_key = Uint8Array::from(sealed_key.as_slice());
        for (name, value) in [
            (WRAPPING_KEY, JsValue::from(wrapping_key)),
            (SEALED_KEY, sealed_key.into()),
        ] {
            header
                .put_with_key(&value, &name.into())
                .map_err(|thrown| failure(&thrown))?;
        }
        completion(transaction).await?;
        Ok(key)
    }
}

async fn open(wrapping_key: &CryptoKey, sealed: &[u8]) -> Result<StoreKey, StoreError> {
    let damaged = || StoreError::Corrupted("its key does not open".to_owned());
    let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(damaged)?;
    let key = settled(subtle()?.decrypt_with_object_and_u8_array(&aes_gcm(nonce), wrapping_key, sealed))
        .await
        .map_err(|_| damaged())?;
    let key = sotto_crypto_core::SecretBytes::from(bytes(&key)?);
    let key = Secret::<32>::try_from(key.expose()).map_err(|_| damaged())?;
    Ok(StoreKey::from_bytes(*key.expose()))
}

fn aes_gcm(nonce: &[u8]) -> js_sys::Object {
    global::object([
        ("name", "AES-GCM".into()),
        ("iv", Uint8Array::from(nonce).into()),
        ("additionalData", Uint8Array::from(SEALED_KEY.as_bytes()).into()),
    ])
}

fn subtle() -> Result<SubtleCrypto, StoreError> {
    let missing = "WebCrypto: the page has to come over https or from localhost";
    member("crypto")
        .dyn_into::<Crypto>()
        .map(|crypto| crypto.subtle())
        .ok()
        .filter(|subtle| subtle.is_object())
        .ok_or_else(|| StoreError::Unavailable(missing.to_owned()))
}

async fn settled(promise: Result<Promise, JsValue>) -> Result<JsValue, StoreError> {
    let unavailable = |thrown: JsValue| StoreError::Unavailable(global::text(&thrown));
    JsFuture::from(promise.map_err(unavailable)?)
        .await
        .map_err(unavailable)
}
