//! HPKE (RFC 9180), base mode, for the two KEMs.
//!
//! The all-zero result of a non-contributory X25519 is refused inside DHKEM (RFC 9180, section 7.1.4). X-Wing hashes its
//! X25519 share together with ML-KEM's, and so needs no such check.

use ::hpke::aead::ChaCha20Poly1305;
use ::hpke::kdf::HkdfSha256;
use ::hpke::kem::{X25519HkdfSha256, XWing};
use ::hpke::{Deserializable, HpkeError, Kem, OpModeR, OpModeS, Serializable};
use ::hpke::{setup_receiver, setup_sender_with_rng, single_shot_open, single_shot_seal_with_rng};
use openmls_traits::types::{
    CryptoError, HpkeAeadType, HpkeCiphertext, HpkeConfig, HpkeKdfType, HpkeKemType, HpkeKeyPair,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// One of the two HPKE suites.
#[derive(Clone, Copy)]
pub(crate) enum Hpke {
    X25519,
    XWing,
}

/// Runs a function that is generic over the KEM.
macro_rules! with_kem {
    ($hpke:expr, $function:ident($($argument:expr),*)) => {
        match $hpke {
            Hpke::X25519 => $function::<X25519HkdfSha256>($($argument),*),
            Hpke::XWing => $function::<XWing>($($argument),*),
        }
    };
}

impl Hpke {
    pub(super) fn new(config: &HpkeConfig) -> Result<Self, CryptoError> {
        match config {
            HpkeConfig(HpkeKemType::DhKem25519, HpkeKdfType::HkdfSha256, HpkeAeadType::ChaCha20Poly1305) => {
                Ok(Self::X25519)
            }
            HpkeConfig(
                HpkeKemType::XWingKemDraft6,
                HpkeKdfType::HkdfSha256,
                HpkeAeadType::ChaCha20Poly1305,
            ) => Ok(Self::XWing),
            _ => Err(CryptoError::UnsupportedCiphersuite),
        }
    }

    /// `(enc, ct) = Seal(pkR, info, aad, pt)`
    pub(crate) fn seal(
        self,
        rng: &mut impl CryptoRng,
        public_key: &[u8],
        info: &[u8],
        aad: &[u8],
        plain: &[u8],
    ) -> Result<HpkeCiphertext, CryptoError> {
        with_kem!(self, seal(rng, public_key, info, aad, plain))
    }

    /// `pt = Open(enc, skR, info, aad, ct)`
    pub(crate) fn open(
        self,
        ciphertext: &HpkeCiphertext,
        secret_key: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        with_kem!(self, open(ciphertext, secret_key, info, aad))
    }

    /// `(enc, exported) = SendExport(pkR, info, exporter_context, L)`
    pub(super) fn send_export(
        self,
        rng: &mut impl CryptoRng,
        public_key: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        with_kem!(self, send_export(rng, public_key, info, context, length))
    }

    /// `exported = ReceiveExport(enc, skR, info, exporter_context, L)`
    pub(super) fn receive_export(
        self,
        encapsulated: &[u8],
        secret_key: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<Vec<u8>, CryptoError> {
        with_kem!(
            self,
            receive_export(encapsulated, secret_key, info, context, length)
        )
    }

    /// `(skX, pkX) = DeriveKeyPair(ikm)`
    pub(crate) fn derive_key_pair(self, key_material: &[u8]) -> HpkeKeyPair {
        with_kem!(self, derive_key_pair(key_material))
    }
}

fn seal<K: Kem>(
    rng: &mut impl CryptoRng,
    public_key: &[u8],
    info: &[u8],
    aad: &[u8],
    plain: &[u8],
) -> Result<HpkeCiphertext, CryptoError> {
    let public_key = K::PublicKey::from_bytes(public_key).map_err(|_| CryptoError::InvalidPublicKey)?;
    let (encapsulated, ciphertext) = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, K>(
        &OpModeS::Base,
        &public_key,
        info,
        plain,
        aad,
        rng,
    )
    .map_err(on_sending)?;
    Ok(HpkeCiphertext {
        kem_output: encapsulated.to_bytes().to_vec().into(),
        ciphertext: ciphertext.into(),
    })
}

fn open<K: Kem>(
    ciphertext: &HpkeCiphertext,
    secret_key: &[u8],
    info: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let secret_key = K::PrivateKey::from_bytes(secret_key).map_err(|_| CryptoError::InvalidLength)?;
    let encapsulated = K::EncappedKey::from_bytes(ciphertext.kem_output.as_slice())
        .map_err(|_| CryptoError::HpkeDecryptionError)?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, K>(
        &OpModeR::Base,
        &secret_key,
        &encapsulated,
        info,
        ciphertext.ciphertext.as_slice(),
        aad,
    )
    .map_err(|_| CryptoError::HpkeDecryptionError)
}

fn send_export<K: Kem>(
    rng: &mut impl CryptoRng,
    public_key: &[u8],
    info: &[u8],
    context: &[u8],
    length: usize,
) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
    let public_key = K::PublicKey::from_bytes(public_key).map_err(|_| CryptoError::InvalidPublicKey)?;
    let (encapsulated, sender) =
        setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, K>(&OpModeS::Base, &public_key, info, rng)
            .map_err(on_sending)?;
    let mut exported = vec![0; length];
    sender
        .export(context, &mut exported)
        .map_err(|_| CryptoError::ExporterError)?;
    Ok((encapsulated.to_bytes().to_vec(), exported))
}

fn receive_export<K: Kem>(
    encapsulated: &[u8],
    secret_key: &[u8],
    info: &[u8],
    context: &[u8],
    length: usize,
) -> Result<Vec<u8>, CryptoError> {
    let secret_key = K::PrivateKey::from_bytes(secret_key).map_err(|_| CryptoError::InvalidLength)?;
    let encapsulated =
        K::EncappedKey::from_bytes(encapsulated).map_err(|_| CryptoError::ReceiverSetupError)?;
    let receiver =
        setup_receiver::<ChaCha20Poly1305, HkdfSha256, K>(&OpModeR::Base, &secret_key, &encapsulated, info)
            .map_err(|_| CryptoError::ReceiverSetupError)?;
    let mut exported = vec![0; length];
    receiver
        .export(context, &mut exported)
        .map_err(|_| CryptoError::ExporterError)?;
    Ok(exported)
}

fn derive_key_pair<K: Kem>(key_material: &[u8]) -> HpkeKeyPair {
    let (secret_key, public_key) = K::derive_keypair(key_material);
    HpkeKeyPair {
        private: Zeroizing::new(secret_key.to_bytes().to_vec()).as_slice().into(),
        public: public_key.to_bytes().to_vec(),
    }
}

fn on_sending(error: HpkeError) -> CryptoError {
    match error {
        // Of a non-contributory key, too.
        HpkeError::EncapError | HpkeError::ValidationError | HpkeError::IncorrectInputLength(..) => {
            CryptoError::InvalidPublicKey
        }
        HpkeError::MessageLimitReached
        | HpkeError::OpenError
        | HpkeError::SealError
        | HpkeError::KdfOutputTooLong
        | HpkeError::DecapError
        | HpkeError::InvalidPskBundle => CryptoError::HpkeEncryptionError,
    }
}
