//! The primitives, as OpenMLS asks for them.

use super::hpke::Hpke;
use super::random::OperationRng;
use super::{ciphersuite, suite_of};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use hkdf::{Hkdf, HkdfExtract};
use hmac::{Hmac, Mac};
use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::random::OpenMlsRand;
use openmls_traits::types::{
    AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeCiphertext, HpkeConfig, HpkeKeyPair,
    KemOutput, SignatureScheme,
};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use sotto_protocol::Suite;
use tls_codec::SecretVLBytes;
use zeroize::Zeroizing;

/// The crypto provider of one operation.
pub struct SuiteCrypto {
    rng: Option<OperationRng>,
}

impl SuiteCrypto {
    /// For an operation that seals, signs up or generates: its randomness is seeded by `rng`.
    #[must_use]
    pub fn new(rng: &mut impl CryptoRng) -> Self {
        Self {
            rng: Some(OperationRng::seeded_by(rng)),
        }
    }

    /// For an operation that only reads what others made. Asked for randomness, it answers
    /// [`CryptoError::InsufficientRandomness`].
    #[must_use]
    pub const fn without_randomness() -> Self {
        Self { rng: None }
    }

    fn rng(&self) -> Result<&OperationRng, CryptoError> {
        self.rng.as_ref().ok_or(CryptoError::InsufficientRandomness)
    }
}

impl OpenMlsRand for SuiteCrypto {
    type Error = CryptoError;

    fn random_array<const N: usize>(&self) -> Result<[u8; N], CryptoError> {
        self.rng()?.random_array().map_err(|never| match never {})
    }

    fn random_vec(&self, length: usize) -> Result<Vec<u8>, CryptoError> {
        self.rng()?.random_vec(length).map_err(|never| match never {})
    }
}

impl OpenMlsCrypto for SuiteCrypto {
    fn supports(&self, ciphersuite: Ciphersuite) -> Result<(), CryptoError> {
        suite_of(ciphersuite)
            .map(|_| ())
            .ok_or(CryptoError::UnsupportedCiphersuite)
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        Suite::ALL.into_iter().map(ciphersuite).collect()
    }

    fn hkdf_extract(&self, hash: HashType, salt: &[u8], ikm: &[u8]) -> Result<SecretVLBytes, CryptoError> {
        sha256_only(hash)?;
        let mut extract = HkdfExtract::<Sha256>::new(Some(salt));
        extract.input_ikm(ikm);
        let (mut key, _) = extract.finalize();
        let secret = key.as_slice().into();
        zeroize::Zeroize::zeroize(key.as_mut_slice());
        Ok(secret)
    }

    fn hmac(&self, hash: HashType, key: &[u8], message: &[u8]) -> Result<SecretVLBytes, CryptoError> {
        sha256_only(hash)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| CryptoError::InvalidLength)?;
        mac.update(message);
        Ok(mac.finalize().into_bytes().as_slice().into())
    }

    fn hkdf_expand(
        &self,
        hash: HashType,
        key: &[u8],
        info: &[u8],
        length: usize,
    ) -> Result<SecretVLBytes, CryptoError> {
        sha256_only(hash)?;
        let hkdf = Hkdf::<Sha256>::from_prk(key).map_err(|_| CryptoError::InvalidLength)?;
        if length > MAX_HKDF_OUTPUT {
            return Err(CryptoError::HkdfOutputLengthInvalid);
        }
        let mut output = Zeroizing::new(vec![0; length]);
        hkdf.expand(info, &mut output)
            .map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
        Ok(output.as_slice().into())
    }

    fn hash(&self, hash: HashType, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        sha256_only(hash)?;
        Ok(Sha256::digest(data).to_vec())
    }

    fn aead_encrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        message: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let (cipher, nonce) = chacha20_poly1305(algorithm, key, nonce)?;
        let payload = Payload { msg: message, aad };
        cipher
            .encrypt(&nonce, payload)
            .map_err(|_| CryptoError::TooMuchData)
    }

    fn aead_decrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        ciphertext: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let (cipher, nonce) = chacha20_poly1305(algorithm, key, nonce)?;
        let payload = Payload { msg: ciphertext, aad };
        cipher
            .decrypt(&nonce, payload)
            .map_err(|_| CryptoError::AeadDecryptionError)
    }

    fn signature_key_gen(&self, scheme: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        ed25519_only(scheme)?;
        let seed = Zeroizing::new(self.random_array::<32>()?);
        let key = SigningKey::from_bytes(&seed);
        Ok((seed.to_vec(), key.verifying_key().to_bytes().to_vec()))
    }

    /// RFC 8032 verification, strict: no small-order key or nonce, canonical encodings only. Every member has to come
    /// to the same answer, or a crafted signature would split a group.
    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        public_key: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        ed25519_only(scheme)?;
        let public_key = public_key.try_into().map_err(|_| CryptoError::InvalidLength)?;
        let signature = signature
            .try_into()
            .map_err(|_| CryptoError::SignatureDecodingError)?;
        VerifyingKey::from_bytes(public_key)
            .and_then(|key| key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)))
            .map_err(|_| CryptoError::InvalidSignature)
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
        ed25519_only(scheme)?;
        let seed = key.try_into().map_err(|_| CryptoError::InvalidLength)?;
        Ok(SigningKey::from_bytes(seed).sign(message).to_vec())
    }

    fn hpke_seal(
        &self,
        config: HpkeConfig,
        public_key: &[u8],
        info: &[u8],
        aad: &[u8],
        plain: &[u8],
    ) -> Result<HpkeCiphertext, CryptoError> {
        let hpke = Hpke::new(&config)?;
        self.rng()?
            .with(|rng| hpke.seal(rng, public_key, info, aad, plain))
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        ciphertext: &HpkeCiphertext,
        secret_key: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        Hpke::new(&config)?.open(ciphertext, secret_key, info, aad)
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        public_key: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<(KemOutput, ExporterSecret), CryptoError> {
        let hpke = Hpke::new(&config)?;
        let (encapsulated, exported) = self
            .rng()?
            .with(|rng| hpke.send_export(rng, public_key, info, context, length))?;
        Ok((encapsulated, exported.into()))
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
        let hpke = Hpke::new(&config)?;
        let exported = hpke.receive_export(encapsulated, secret_key, info, context, length)?;
        Ok(exported.into())
    }

    fn derive_hpke_keypair(
        &self,
        config: HpkeConfig,
        key_material: &[u8],
    ) -> Result<HpkeKeyPair, CryptoError> {
        Ok(Hpke::new(&config)?.derive_key_pair(key_material))
    }
}

/// RFC 5869, section 2.3: at most 255 blocks.
const MAX_HKDF_OUTPUT: usize = 255 * 32;

fn sha256_only(hash: HashType) -> Result<(), CryptoError> {
    match hash {
        HashType::Sha2_256 => Ok(()),
        HashType::Sha2_384 | HashType::Sha2_512 => Err(CryptoError::UnsupportedHashAlgorithm),
    }
}

fn ed25519_only(scheme: SignatureScheme) -> Result<(), CryptoError> {
    if scheme == SignatureScheme::ED25519 {
        Ok(())
    } else {
        Err(CryptoError::UnsupportedSignatureScheme)
    }
}

fn chacha20_poly1305(
    algorithm: AeadType,
    key: &[u8],
    nonce: &[u8],
) -> Result<(ChaCha20Poly1305, Nonce), CryptoError> {
    if algorithm != AeadType::ChaCha20Poly1305 {
        return Err(CryptoError::UnsupportedAeadAlgorithm);
    }
    let cipher = ChaCha20Poly1305::new_from_slice(key).map_err(|_| CryptoError::InvalidLength)?;
    let nonce = Nonce::try_from(nonce).map_err(|_| CryptoError::InvalidLength)?;
    Ok((cipher, nonce))
}
