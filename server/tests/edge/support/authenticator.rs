//! An authenticator and the browser before it, in software: P-256, and a PRF. It answers what it is told to, also where an honest one
//! would not.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use aws_lc_rs::{digest, hmac, rand};
use sotto_protocol::LoginChallenge;
use sotto_protocol::rest::passkey::{
    AssertionResponse, AttestationResponse, CreationOptions, NewCredential, RequestOptions, UsedCredential,
};

/// Somebody was there.
pub(crate) const PRESENT: u8 = 0x01;
/// It was its owner.
pub(crate) const VERIFIED: u8 = 0x04;
/// A public key follows.
const ATTESTED: u8 = 0x40;

/// An authenticator with one passkey, in a browser with one page.
pub(crate) struct Authenticator {
    /// The page.
    pub(crate) origin: String,
    /// The domain for which the passkey is.
    pub(crate) domain: String,
    /// What it says of who was there.
    pub(crate) flags: u8,
    /// How often it has signed; 0 for good if it does not count.
    pub(crate) counter: u32,
    /// What it calls the passkey.
    pub(crate) credential: [u8; 16],
    /// Whose the passkey is.
    pub(crate) user: Vec<u8>,
    key: EcdsaKeyPair,
    prf: hmac::Key,
}

impl Authenticator {
    /// One that a page of this origin can reach.
    pub(crate) fn new(origin: &str) -> Self {
        let mut credential = [0; 16];
        let mut secret = [0; 32];
        rand::fill(&mut credential).unwrap();
        rand::fill(&mut secret).unwrap();
        let (_, host) = origin.split_once("://").unwrap();
        Self {
            origin: origin.to_owned(),
            domain: host.split(':').next().unwrap().to_owned(),
            flags: PRESENT | VERIFIED,
            counter: 0,
            credential,
            user: Vec::new(),
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            prf: hmac::Key::new(hmac::HMAC_SHA256, &secret),
        }
    }

    /// Answers `navigator.credentials.create()`.
    pub(crate) fn creates(&mut self, options: &CreationOptions) -> NewCredential {
        self.user = options.user.id.as_slice().to_vec();
        let mut attested = self.authenticator_data(self.flags | ATTESTED);
        attested.extend([0; 16]);
        attested.extend(u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        attested.extend(self.credential);
        attested.extend(self.public_key());
        // {"fmt": "none", "attStmt": {}, "authData": h'…'} in CBOR (RFC 8949).
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(attested.len()).unwrap());
        object.extend(attested);
        NewCredential {
            raw_id: self.credential.to_vec().into(),
            response: AttestationResponse {
                client_data_json: self.client_data("webauthn.create", options.challenge).into(),
                attestation_object: object.into(),
            },
        }
    }

    /// Answers `navigator.credentials.get()`.
    pub(crate) fn gets(&mut self, options: &RequestOptions) -> UsedCredential {
        if self.counter > 0 {
            self.counter += 1;
        }
        let client_data = self.client_data("webauthn.get", options.challenge);
        let data = self.authenticator_data(self.flags);
        let hash = digest::digest(&digest::SHA256, &client_data);
        let signed = [&data, hash.as_ref()].concat();
        let signature = self.key.sign(&rand::SystemRandom::new(), &signed).unwrap();
        UsedCredential {
            raw_id: self.credential.to_vec().into(),
            response: AssertionResponse {
                client_data_json: client_data.into(),
                authenticator_data: data.into(),
                signature: signature.as_ref().to_vec().into(),
                user_handle: self.user.clone().into(),
            },
        }
    }

    /// What the extension `prf` gives for this input (section 10.1.4).
    pub(crate) fn prf(&self, input: &[u8]) -> Vec<u8> {
        let salt = digest::digest(&digest::SHA256, &[b"WebAuthn PRF\0", input].concat());
        hmac::sign(&self.prf, salt.as_ref()).as_ref().to_vec()
    }

    fn client_data(&self, kind: &str, challenge: LoginChallenge) -> Vec<u8> {
        let origin = &self.origin;
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#)
            .into_bytes()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = digest::digest(&digest::SHA256, self.domain.as_bytes())
            .as_ref()
            .to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// As COSE has it: {1: 2, 3: -7, -1: 1, -2: h'x', -3: h'y'}.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        cose.extend(&point[1..33]);
        cose.extend(b"\x22\x58\x20");
        cose.extend(&point[33..65]);
        cose
    }
}
