//! Cryptography that is right but where it is told not to be.

use openmls::prelude::tls_codec::SecretVLBytes;
use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::types::{
    AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeCiphertext, HpkeConfig, HpkeKeyPair,
    KemOutput, SignatureScheme,
};
use sotto_crypto_core::suite::SuiteCrypto;
use std::sync::Mutex;

/// For which of those to whom something is sealed it is spoilt.
#[derive(Clone, Debug)]
pub enum Spoil {
    /// For nobody.
    Nobody,
    /// For whoever has the private half of this key.
    Only(Vec<u8>),
    /// For all others.
    AllBut(Vec<u8>),
}

/// The suite's cryptography, spoilt for some.
pub(super) struct SpoiltCrypto {
    inner: SuiteCrypto,
    spoil: Mutex<Spoil>,
}

impl SpoiltCrypto {
    pub(super) fn new(inner: SuiteCrypto) -> Self {
        Self {
            inner,
            spoil: Mutex::new(Spoil::Nobody),
        }
    }

    pub(super) fn spoil(&self, spoil: Spoil) {
        *self.spoil.lock().unwrap() = spoil;
    }

    fn is_spoilt_for(&self, public_key: &[u8]) -> bool {
        match &*self.spoil.lock().unwrap() {
            Spoil::Nobody => false,
            Spoil::Only(key) => key == public_key,
            Spoil::AllBut(key) => key != public_key,
        }
    }
}

impl OpenMlsCrypto for SpoiltCrypto {
    fn hpke_seal(
        &self,
        config: HpkeConfig,
        public_key: &[u8],
        info: &[u8],
        aad: &[u8],
        plain: &[u8],
    ) -> Result<HpkeCiphertext, CryptoError> {
        let mut sealed = self.inner.hpke_seal(config, public_key, info, aad, plain)?;
        if self.is_spoilt_for(public_key) {
            let mut bytes = sealed.ciphertext.as_slice().to_vec();
            *bytes.last_mut().unwrap() ^= 1;
            sealed.ciphertext = bytes.into();
        }
        Ok(sealed)
    }

    fn supports(&self, ciphersuite: Ciphersuite) -> Result<(), CryptoError> {
        self.inner.supports(ciphersuite)
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        self.inner.supported_ciphersuites()
    }

    fn hkdf_extract(&self, hash: HashType, salt: &[u8], ikm: &[u8]) -> Result<SecretVLBytes, CryptoError> {
        self.inner.hkdf_extract(hash, salt, ikm)
    }

    fn hmac(&self, hash: HashType, key: &[u8], message: &[u8]) -> Result<SecretVLBytes, CryptoError> {
        self.inner.hmac(hash, key, message)
    }

    fn hkdf_expand(
        &self,
        hash: HashType,
        key: &[u8],
        info: &[u8],
        length: usize,
    ) -> Result<SecretVLBytes, CryptoError> {
        self.inner.hkdf_expand(hash, key, info, length)
    }

    fn hash(&self, hash: HashType, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.inner.hash(hash, data)
    }

    fn aead_encrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        message: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.inner.aead_encrypt(algorithm, key, message, nonce, aad)
    }

    fn aead_decrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        ciphertext: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.inner.aead_decrypt(algorithm, key, ciphertext, nonce, aad)
    }

    fn signature_key_gen(&self, scheme: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        self.inner.signature_key_gen(scheme)
    }

    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        public_key: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.inner
            .verify_signature(scheme, message, public_key, signature)
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.inner.sign(scheme, message, key)
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        ciphertext: &HpkeCiphertext,
        secret_key: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.inner.hpke_open(config, ciphertext, secret_key, info, aad)
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        public_key: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<(KemOutput, ExporterSecret), CryptoError> {
        self.inner
            .hpke_setup_sender_and_export(config, public_key, info, context, length)
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        encapsulated: &[u8],
        secret_key: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<ExporterSecret, CryptoError> {
        self.inner
            .hpke_setup_receiver_and_export(config, encapsulated, secret_key, info, context, length)
    }

    fn derive_hpke_keypair(
        &self,
        config: HpkeConfig,
        key_material: &[u8],
    ) -> Result<HpkeKeyPair, CryptoError> {
        self.inner.derive_hpke_keypair(config, key_material)
    }
}
