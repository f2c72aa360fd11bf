//! Passkeys (Web Authentication, level 3): what browsers are asked, and whether what they answer holds.
//!
//! The library checks answers, the cryptography in them by aws-lc-rs. What is asked for is made here, with the app's randomness; of
//! the library's own way to ask nothing is used.

use super::login_state::PendingLogin;
use crate::config;
use crate::store::{PasskeyKey, StoredPasskey};
use passki::{
    AuthenticationCredential, AuthenticationState, Passki, PasskiError, RegistrationCredential,
    RegistrationState,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sotto_protocol::rest::passkey::{
    ALGORITHMS, Attestation, AuthenticatorSelection, CreationOptions, CredentialDescriptor,
    CredentialParameters, CredentialType, NewCredential, PasskeyUser, RelyingParty, RequestOptions,
    Requirement, UsedCredential,
};
use sotto_protocol::{AccountId, AccountName, Binary, LoginChallenge, PasskeyId, Timestamp, limits};

/// How the server calls itself where authenticators ask for a name; which server it is says the domain.
const NAME: &str = "Sotto";

/// A passkey that is being made, between its two round trips.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PasskeyRegistrationState {
    /// Random: what marks the registration as used.
    pub(crate) registration: [u8; 16],
    /// Whose it will be.
    pub(crate) account: AccountId,
    /// What the browser has to answer.
    pub(crate) challenge: LoginChallenge,
    /// When it is too late to finish.
    pub(crate) expires_at: Timestamp,
}

impl PendingLogin for PasskeyRegistrationState {
    const LABEL: &'static [u8] = b"sotto.v1 server passkey registration state";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// A login by passkey between its two round trips. Whose it is shows at its end.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PasskeyLoginState {
    /// Random: what marks the login as used.
    pub(crate) login: [u8; 16],
    /// What is to be signed.
    pub(crate) challenge: LoginChallenge,
    /// When it is too late to finish.
    pub(crate) expires_at: Timestamp,
}

impl PendingLogin for PasskeyLoginState {
    const LABEL: &'static [u8] = b"sotto.v1 server passkey login state";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// An answer of an authenticator does not hold. Why is for the log: it says nothing that would help who is honest.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasskeyError {
    /// It is none, or was given for another page, server, challenge or purpose, by a key that has not signed it, or without its owner.
    #[error(transparent)]
    Refused(#[from] PasskiError),
    /// The library does not know its own types any more.
    #[error("the answer cannot be handed to the library")]
    Library(#[source] serde_json::Error),
    /// The account in it is not the one of the passkey.
    #[error("the user handle is of another account")]
    AnotherAccount,
    /// The key is of an algorithm that was not offered.
    #[error("the algorithm {0} was not offered")]
    Algorithm(i32),
    /// An id or a key that is longer than any has to be.
    #[error("the passkey's id or key has a length that none has")]
    Length,
}

impl PasskeyError {
    /// Why, in words of our own: the library's would bring into the log what a stranger has written.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Refused(error) => match error {
                PasskiError::OriginMismatch { .. } => "it was given to a page of another origin",
                PasskiError::CrossOriginNotAllowed | PasskiError::TopOriginMismatch { .. } => {
                    "it was given to a page in another page"
                }
                PasskiError::RpIdHashMismatch => "it is for another domain",
                PasskiError::ChallengeMismatch => "it answers another challenge",
                PasskiError::UserNotPresent | PasskiError::UserVerificationRequired => {
                    "its owner was not asked"
                }
                PasskiError::CounterRegression => {
                    "its authenticator has not counted on: there may be two of it"
                }
                PasskiError::SignatureVerificationFailed => "its signature does not verify",
                _ => "it is malformed, or of a kind that is not known",
            },
            Self::Library(_) => "the library does not take it",
            Self::AnotherAccount => "it names another account",
            Self::Algorithm(_) => "its algorithm was not offered",
            Self::Length => "its id or key is too long",
        }
    }
}

/// The server as a relying party.
pub(crate) struct Passkeys {
    domain: String,
    library: Passki,
}

impl Passkeys {
    /// As configured; `None` if passkeys are off.
    pub(crate) fn new(config: &config::Passkeys) -> Option<Self> {
        let domain = config.relying_party()?;
        Some(Self {
            domain: domain.to_owned(),
            library: Passki::new(domain, &config.origins, NAME),
        })
    }

    /// What a browser is asked for to make a passkey.
    pub(crate) fn creation_options(
        &self,
        account: AccountId,
        name: &AccountName,
        challenge: LoginChallenge,
        credentials: Vec<Binary>,
    ) -> CreationOptions {
        CreationOptions {
            rp: RelyingParty {
                id: self.domain.clone(),
                name: NAME.to_owned(),
            },
            user: PasskeyUser {
                id: account.as_bytes().to_vec().into(),
                name: name.clone(),
                display_name: name.clone(),
            },
            challenge,
            pub_key_cred_params: ALGORITHMS
                .map(|alg| CredentialParameters {
                    r#type: CredentialType::PublicKey,
                    alg,
                })
                .to_vec(),
            timeout: limits::PASSKEY_MILLIS,
            exclude_credentials: credentials
                .into_iter()
                .map(|id| CredentialDescriptor {
                    r#type: CredentialType::PublicKey,
                    id,
                })
                .collect(),
            authenticator_selection: AuthenticatorSelection::default(),
            attestation: Attestation::None,
        }
    }

    /// What a browser is asked for to use one.
    pub(crate) fn request_options(&self, challenge: LoginChallenge) -> RequestOptions {
        RequestOptions {
            challenge,
            rp_id: self.domain.clone(),
            timeout: limits::PASSKEY_MILLIS,
            user_verification: Requirement::Required,
        }
    }

    /// The key of a passkey that was made for this challenge, with its owner (section 7.1).
    pub(crate) fn check_new(
        &self,
        challenge: LoginChallenge,
        credential: &NewCredential,
    ) -> Result<PasskeyKey, PasskeyError> {
        let state: RegistrationState = library(json!({
            "challenge": challenge.as_bytes(),
            "user": { "id": "", "name": "", "displayName": "" },
            "user_verification": "required",
        }))?;
        let credential: RegistrationCredential = library(json!(credential))?;
        let made = self.library.finish_passkey_registration(&credential, &state)?;
        if !ALGORITHMS.contains(&made.algorithm) {
            return Err(PasskeyError::Algorithm(made.algorithm));
        }
        let is_id = (1..=limits::CREDENTIAL_ID_BYTES).contains(&made.credential_id.len());
        if !is_id || made.public_key.len() > limits::PASSKEY_KEY_BYTES {
            return Err(PasskeyError::Length);
        }
        Ok(PasskeyKey {
            credential: made.credential_id.into(),
            public_key: made.public_key.into(),
            algorithm: made.algorithm,
            counter: made.counter,
        })
    }

    /// Checks that this passkey has signed this challenge, with its owner, and returns how far its authenticator has counted (section 7.2).
    pub(crate) fn check_used(
        &self,
        challenge: LoginChallenge,
        credential: &UsedCredential,
        stored: &StoredPasskey,
    ) -> Result<u32, PasskeyError> {
        if credential.response.user_handle.as_slice() != stored.account.as_bytes() {
            return Err(PasskeyError::AnotherAccount);
        }
        let state: AuthenticationState = library(json!({
            "challenge": challenge.as_bytes(),
            "allowed_credentials": [stored.key.credential.as_ref()],
            "user_verification": "required",
        }))?;
        let credential: AuthenticationCredential = library(json!(credential))?;
        let mut passkey = passki::StoredPasskey::default();
        passkey.credential_id = stored.key.credential.to_vec();
        passkey.public_key = stored.key.public_key.to_vec();
        passkey.algorithm = stored.key.algorithm;
        passkey.counter = stored.key.counter;
        let used = self
            .library
            .finish_passkey_authentication(&credential, &state, &passkey)?;
        Ok(used.counter)
    }
}

/// The library's types are made of JSON alone.
fn library<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, PasskeyError> {
    serde_json::from_value(value).map_err(PasskeyError::Library)
}

/// The passkey to which its authenticator gave this id.
pub(crate) fn passkey_id(credential: &[u8]) -> PasskeyId {
    PasskeyId::from_bytes(Sha256::digest(credential).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    /// What Chromium 156 answered with its virtual authenticator (CTAP 2.1), on a page at `http://localhost:7791`: Ed25519, and a counter.
    const MADE: &str = r#"{
        "rawId": "NOIcKHPVJf9gdotrBEU_-gbchlhAgbeNugs3MWgZUWQ",
        "response": {
            "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoieE1URXhNVEV4TVRFeE1URXhNVEV4TVRFeE1URXhNVEV4TVRFeE1URXhNUSIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6Nzc5MSIsImNyb3NzT3JpZ2luIjpmYWxzZX0",
            "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViBSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NFAAAAAQECAwQFBgcIAQIDBAUGBwgAIDTiHChz1SX_YHaLawRFP_oG3IZYQIG3jboLNzFoGVFkpAEBAycgBiFYIJJjqzxmF3uR3kEwA5al90YVNoc44ElvARhzhE5Pugkc"
        }
    }"#;
    const USED: &str = r#"{
        "rawId": "NOIcKHPVJf9gdotrBEU_-gbchlhAgbeNugs3MWgZUWQ",
        "response": {
            "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoieGNYRnhjWEZ4Y1hGeGNYRnhjWEZ4Y1hGeGNYRnhjWEZ4Y1hGeGNYRnhjVSIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6Nzc5MSIsImNyb3NzT3JpZ2luIjpmYWxzZX0",
            "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAg",
            "signature": "_flqejosGVx_h3viIDpxfYuk8IijmAjMXtnDiJh-gLzlMud_b1cvsZUYBPSxeJpERFco1SyqG9-lvxyA7HQmCA",
            "userHandle": "oaGhoaGhoaGhoaGhoaGhoQ"
        }
    }"#;

    #[test]
    fn what_a_browser_answered_holds_for_its_challenge_and_page_alone() {
        let at = |origin: &str| {
            let config = config::Passkeys {
                enabled: true,
                origins: vec![origin.to_owned()],
                domain: None,
            };
            Passkeys::new(&config).unwrap()
        };
        let (here, elsewhere) = (at("http://localhost:7791"), at("http://localhost:7792"));
        let [made_for, used_for] = [0xc4, 0xc5].map(|byte| LoginChallenge::from_bytes([byte; 32]));
        let made: NewCredential = serde_json::from_str(MADE).unwrap();
        let used: UsedCredential = serde_json::from_str(USED).unwrap();
        let key = here.check_new(made_for, &made).unwrap();
        assert_eq!((key.algorithm, key.counter), (ALGORITHMS[0], 1));
        assert!(here.check_new(used_for, &made).is_err());
        assert!(elsewhere.check_new(made_for, &made).is_err());
        let stored = StoredPasskey {
            account: AccountId::from_bytes([0xa1; 16]),
            key,
            vault: Bytes::new(),
        };
        assert_eq!(here.check_used(used_for, &used, &stored).unwrap(), 2);
        assert!(here.check_used(made_for, &used, &stored).is_err());
        assert!(elsewhere.check_used(used_for, &used, &stored).is_err());
        let mut changed = used;
        let mut signature = changed.response.signature.as_slice().to_vec();
        signature[7] ^= 1;
        changed.response.signature = signature.into();
        let error = here.check_used(used_for, &changed, &stored).unwrap_err();
        assert_eq!(error.reason(), "its signature does not verify");
    }
}
