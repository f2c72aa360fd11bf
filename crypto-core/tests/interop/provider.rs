//! The primitives of suite 0x0003 for mls-rs, from the crates that ours uses, wired anew: a mistake in our wiring shows.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use hpke::aead::{AeadCtxR, AeadCtxS, ChaCha20Poly1305 as HpkeAead};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable as _, setup_receiver, setup_sender_with_rng};
use mls_rs::crypto::{
    HpkeCiphertext, HpkeContextR, HpkeContextS, HpkePsk, HpkePublicKey, HpkeSecretKey, SignaturePublicKey,
    SignatureSecretKey,
};
use mls_rs::error::IntoAnyError;
use mls_rs::{CipherSuite, CipherSuiteProvider, CryptoProvider};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

pub const SUITE: CipherSuite = CipherSuite::CURVE25519_CHACHA;

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// With the randomness of one client.
#[derive(Clone)]
pub struct Provider(Arc<Mutex<ChaCha20Rng>>);

impl Provider {
    pub fn seeded(seed: [u8; 32]) -> Self {
        Self(Arc::new(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }
}

/// A primitive refuses its input.
#[derive(Debug)]
pub struct Refused;

impl IntoAnyError for Refused {}

fn refused<E>(_: E) -> Refused {
    Refused
}

fn read<T: Deserializable>(bytes: &[u8]) -> Result<T, Refused> {
    T::from_bytes(bytes).map_err(refused)
}

impl CryptoProvider for Provider {
    type CipherSuiteProvider = Self;

    fn supported_cipher_suites(&self) -> Vec<CipherSuite> {
        vec![SUITE]
    }

    fn cipher_suite_provider(&self, suite: CipherSuite) -> Option<Self> {
        (suite == SUITE).then(|| self.clone())
    }
}

/// Of the sender of an HPKE encryption.
pub struct Sender(AeadCtxS<HpkeAead, HkdfSha256, X25519HkdfSha256>);

impl HpkeContextS for Sender {
    type Error = Refused;

    fn seal(&mut self, aad: Option<&[u8]>, data: &[u8]) -> Result<Vec<u8>, Refused> {
        self.0.seal(data, aad.unwrap_or_default()).map_err(refused)
    }

    fn export(&self, context: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut exported = Zeroizing::new(vec![0; length]);
        self.0.export(context, &mut exported).map_err(refused)?;
        Ok(exported)
    }
}

/// Of its receiver.
pub struct Receiver(AeadCtxR<HpkeAead, HkdfSha256, X25519HkdfSha256>);

impl HpkeContextR for Receiver {
    type Error = Refused;

    fn open(&mut self, aad: Option<&[u8]>, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let plain = self.0.open(ciphertext, aad.unwrap_or_default());
        plain.map(Zeroizing::new).map_err(refused)
    }

    fn export(&self, context: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut exported = Zeroizing::new(vec![0; length]);
        self.0.export(context, &mut exported).map_err(refused)?;
        Ok(exported)
    }
}

impl CipherSuiteProvider for Provider {
    type Error = Refused;
    type HpkeContextS = Sender;
    type HpkeContextR = Receiver;

    fn cipher_suite(&self) -> CipherSuite {
        SUITE
    }

    fn hash(&self, data: &[u8]) -> Result<Vec<u8>, Refused> {
        Ok(Sha256::digest(data).to_vec())
    }

    fn mac(&self, key: &[u8], data: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(refused)?;
        mac.update(data);
        Ok(mac.finalize().into_bytes().to_vec())
    }

    fn aead_seal(
        &self,
        key: &[u8],
        msg: &[u8],
        aad: Option<&[u8]>,
        nonce: &[u8],
    ) -> Result<Vec<u8>, Refused> {
        let aad = aad.unwrap_or_default();
        let cipher = ChaCha20Poly1305::new_from_slice(key).map_err(refused)?;
        let nonce = Nonce::try_from(nonce).map_err(refused)?;
        cipher.encrypt(&nonce, Payload { msg, aad }).map_err(refused)
    }

    fn aead_open(
        &self,
        key: &[u8],
        msg: &[u8],
        aad: Option<&[u8]>,
        nonce: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let aad = aad.unwrap_or_default();
        let cipher = ChaCha20Poly1305::new_from_slice(key).map_err(refused)?;
        let nonce = Nonce::try_from(nonce).map_err(refused)?;
        let plain = cipher.decrypt(&nonce, Payload { msg, aad });
        plain.map(Zeroizing::new).map_err(refused)
    }

    fn aead_key_size(&self) -> usize {
        32
    }

    fn aead_nonce_size(&self) -> usize {
        12
    }

    fn kdf_extract(&self, salt: &[u8], ikm: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let (key, _) = Hkdf::<Sha256>::extract(Some(salt), ikm);
        Ok(Zeroizing::new(key.to_vec()))
    }

    fn kdf_expand(&self, key: &[u8], info: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut expanded = Zeroizing::new(vec![0; length]);
        let hkdf = Hkdf::<Sha256>::from_prk(key).map_err(refused)?;
        hkdf.expand(info, &mut expanded).map_err(refused)?;
        Ok(expanded)
    }

    fn kdf_extract_size(&self) -> usize {
        32
    }

    fn hpke_seal(
        &self,
        remote_key: &HpkePublicKey,
        info: &[u8],
        aad: Option<&[u8]>,
        plain: &[u8],
    ) -> Result<HpkeCiphertext, Refused> {
        let (kem_output, mut sender) = self.hpke_setup_s(remote_key, info)?;
        let ciphertext = sender.seal(aad, plain)?;
        Ok(HpkeCiphertext {
            kem_output,
            ciphertext,
        })
    }

    fn hpke_open(
        &self,
        ciphertext: &HpkeCiphertext,
        local_secret: &HpkeSecretKey,
        local_public: &HpkePublicKey,
        info: &[u8],
        aad: Option<&[u8]>,
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        self.hpke_setup_r(&ciphertext.kem_output, local_secret, local_public, info)?
            .open(aad, &ciphertext.ciphertext)
    }

    /// MLS itself has no use for HPKE with a pre-shared key.
    fn hpke_seal_psk(
        &self,
        _: &HpkePublicKey,
        _: &[u8],
        _: Option<&[u8]>,
        _: &[u8],
        _: HpkePsk<'_>,
    ) -> Result<HpkeCiphertext, Refused> {
        Err(Refused)
    }

    fn hpke_open_psk(
        &self,
        _: &HpkeCiphertext,
        _: &HpkeSecretKey,
        _: &HpkePublicKey,
        _: &[u8],
        _: Option<&[u8]>,
        _: HpkePsk<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        Err(Refused)
    }

    fn hpke_setup_s(&self, remote_key: &HpkePublicKey, info: &[u8]) -> Result<(Vec<u8>, Sender), Refused> {
        let remote_key: PublicKey = read(remote_key)?;
        let mut rng = self.0.lock().map_err(refused)?;
        let (encapsulated, sender): (Encapsulated, _) =
            setup_sender_with_rng(&OpModeS::Base, &remote_key, info, &mut *rng).map_err(refused)?;
        Ok((encapsulated.to_bytes().to_vec(), Sender(sender)))
    }

    fn hpke_setup_r(
        &self,
        kem_output: &[u8],
        local_secret: &HpkeSecretKey,
        _: &HpkePublicKey,
        info: &[u8],
    ) -> Result<Receiver, Refused> {
        let encapsulated: Encapsulated = read(kem_output)?;
        let local_secret: PrivateKey = read(local_secret)?;
        let receiver = setup_receiver(&OpModeR::Base, &local_secret, &encapsulated, info);
        receiver.map(Receiver).map_err(refused)
    }

    fn kem_derive(&self, ikm: &[u8]) -> Result<(HpkeSecretKey, HpkePublicKey), Refused> {
        let (secret, public) = X25519HkdfSha256::derive_keypair(ikm);
        Ok((
            secret.to_bytes().to_vec().into(),
            public.to_bytes().to_vec().into(),
        ))
    }

    fn kem_generate(&self) -> Result<(HpkeSecretKey, HpkePublicKey), Refused> {
        self.kem_derive(&self.random_bytes_vec(32)?)
    }

    fn kem_public_key_validate(&self, key: &HpkePublicKey) -> Result<(), Refused> {
        read::<PublicKey>(key).map(|_| ())
    }

    fn random_bytes(&self, out: &mut [u8]) -> Result<(), Refused> {
        self.0.lock().map_err(refused)?.fill_bytes(out);
        Ok(())
    }

    fn signature_key_generate(&self) -> Result<(SignatureSecretKey, SignaturePublicKey), Refused> {
        let secret = SignatureSecretKey::from(self.random_bytes_vec(32)?);
        let public = self.signature_key_derive_public(&secret)?;
        Ok((secret, public))
    }

    fn signature_key_derive_public(&self, key: &SignatureSecretKey) -> Result<SignaturePublicKey, Refused> {
        let key = SigningKey::try_from(key.as_bytes()).map_err(refused)?;
        Ok(key.verifying_key().to_bytes().to_vec().into())
    }

    fn sign(&self, key: &SignatureSecretKey, data: &[u8]) -> Result<Vec<u8>, Refused> {
        let key = SigningKey::try_from(key.as_bytes()).map_err(refused)?;
        Ok(key.sign(data).to_vec())
    }

    fn verify(&self, key: &SignaturePublicKey, signature: &[u8], data: &[u8]) -> Result<(), Refused> {
        let signature = signature.try_into().map_err(refused)?;
        VerifyingKey::try_from(key.as_bytes())
            .and_then(|key| key.verify_strict(data, &ed25519_dalek::Signature::from_bytes(signature)))
            .map_err(refused)
    }
}
