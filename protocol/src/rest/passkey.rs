//! `/v1/passkey` and `/v1/auth/passkey`: passkeys (Web Authentication, level 3). Options and answers have the members that the
//! standard's own JSON has, so that a browser takes the ones and gives the others.
//!
//! What the authenticator's PRF gives is a secret of the client, and has no place here: an answer with more members than these is
//! refused.

use crate::{AccountName, Binary, LoginChallenge, PasskeyId, Timestamp};
use serde::{Deserialize, Serialize};

/// Identifies a signature algorithm of a passkey (RFC 9053): `EdDSA` with Ed25519.
pub const EDDSA: i32 = -8;
/// ECDSA with P-256 and SHA-256.
pub const ES256: i32 = -7;
/// RSASSA-PKCS1-v1_5 with SHA-256, which is what some TPMs have.
pub const RS256: i32 = -257;
/// The algorithms that a server takes, the preferred first.
pub const ALGORITHMS: [i32; 3] = [EDDSA, ES256, RS256];

/// The only kind of credential that the standard has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CredentialType {
    /// A key pair.
    #[default]
    #[serde(rename = "public-key")]
    PublicKey,
}

/// What is asked for without exception. Being all that there is, it is also what a client insists on: with options that ask for less
/// the authenticator would give another secret, one that opens to whoever holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// Without it there is no passkey.
    #[default]
    Required,
}

/// Which statement of its maker about the authenticator is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Attestation {
    /// None: whose it is, is nobody's business.
    #[default]
    None,
}

/// The answer to `POST /v1/passkey/registration`, which takes the token of a login.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyRegistrationStarted {
    /// Names this registration in [`AddPasskey`]; good for [`crate::limits::PASSKEY_MILLIS`], once.
    pub registration: Binary,
    /// For `navigator.credentials.create()`.
    pub options: CreationOptions,
}

/// `PublicKeyCredentialCreationOptionsJSON`. The client adds its input for the extension `prf`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// Whose passkey it will be good for.
    pub rp: RelyingParty,
    /// Whose it will be.
    pub user: PasskeyUser,
    /// What the browser says that it has answered.
    pub challenge: LoginChallenge,
    /// Algorithms, the preferred first.
    pub pub_key_cred_params: Vec<CredentialParameters>,
    /// Milliseconds that there are.
    pub timeout: u32,
    /// The passkeys that the account has: an authenticator that holds one of them makes no other.
    pub exclude_credentials: Vec<CredentialDescriptor>,
    /// What the authenticator has to be able to do.
    pub authenticator_selection: AuthenticatorSelection,
    /// What it has to say of itself.
    pub attestation: Attestation,
}

/// The server, as authenticators know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RelyingParty {
    /// The domain to which its passkeys belong.
    pub id: String,
    /// How it calls itself.
    pub name: String,
}

/// The account, as authenticators know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasskeyUser {
    /// The account's id: what the authenticator gives back as the user handle.
    pub id: Binary,
    /// The account's name, by which people choose among their passkeys.
    pub name: AccountName,
    /// The same.
    pub display_name: AccountName,
}

/// An algorithm that a passkey may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialParameters {
    /// A key pair.
    pub r#type: CredentialType,
    /// As COSE numbers it (RFC 9053).
    pub alg: i32,
}

/// A passkey that an authenticator may hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialDescriptor {
    /// A key pair.
    pub r#type: CredentialType,
    /// The id that its authenticator gave it.
    pub id: Binary,
}

/// What the authenticator has to be able to do: to find the passkey without being told which, and to see that it is its owner who uses
/// it, by a PIN or a finger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuthenticatorSelection {
    /// The passkey is found without a name.
    pub resident_key: Requirement,
    /// Its owner is asked each time.
    pub user_verification: Requirement,
}

/// `POST /v1/passkey`, with the token of the same login: adds the passkey.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddPasskey {
    /// From [`PasskeyRegistrationStarted`].
    pub registration: Binary,
    /// What the authenticator answered.
    pub credential: NewCredential,
    /// The account's root, sealed with what the authenticator's PRF gives; at most [`crate::limits::VAULT_BYTES`].
    pub vault: Binary,
    /// The passkey's name, sealed for the account's own devices; at most [`crate::limits::SEALED_DEVICE_NAME_BYTES`].
    pub name: Binary,
}

/// The part of `RegistrationResponseJSON` that the server looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCredential {
    /// The id that its authenticator gave it; at most [`crate::limits::CREDENTIAL_ID_BYTES`].
    pub raw_id: Binary,
    /// What was signed, and by whom.
    pub response: AttestationResponse,
}

/// See [`NewCredential`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttestationResponse {
    /// What the browser says of the page and of what it was asked for, as JSON.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Binary,
    /// The public key, in what the authenticator says of itself.
    pub attestation_object: Binary,
}

/// The answer to `POST /v1/auth/passkey`: the same for everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyLoginStarted {
    /// Names this login in [`FinishPasskeyLogin`]; good for [`crate::limits::PASSKEY_MILLIS`], once.
    pub login: Binary,
    /// For `navigator.credentials.get()`.
    pub options: RequestOptions,
}

/// `PublicKeyCredentialRequestOptionsJSON`: any passkey that is good for this server. The client adds its input for the extension `prf`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// What is to be signed.
    pub challenge: LoginChallenge,
    /// The domain to which the server's passkeys belong.
    pub rp_id: String,
    /// Milliseconds that there are.
    pub timeout: u32,
    /// The passkey's owner is asked.
    pub user_verification: Requirement,
}

/// `POST /v1/auth/passkey/finish`. The answer is [`super::auth::LoggedIn`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishPasskeyLogin {
    /// From [`PasskeyLoginStarted`].
    pub login: Binary,
    /// What the authenticator answered.
    pub credential: UsedCredential,
}

/// The part of `AuthenticationResponseJSON` that the server looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsedCredential {
    /// Which passkey it is.
    pub raw_id: Binary,
    /// What was signed, and the signature.
    pub response: AssertionResponse,
}

/// See [`UsedCredential`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssertionResponse {
    /// What the browser says of the page and of what it was asked for, as JSON.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Binary,
    /// What the authenticator says of this use.
    pub authenticator_data: Binary,
    /// Its signature over both.
    pub signature: Binary,
    /// The account's id.
    pub user_handle: Binary,
}

/// `GET /v1/passkey`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Passkeys {
    /// The account's passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
}

/// One of the account's passkeys, as the account alone may see it; the answer to [`AddPasskey`] too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Passkey {
    /// The passkey.
    pub passkey: PasskeyId,
    /// Its name, sealed for the account's own devices.
    pub name: Binary,
    /// When it was added.
    pub added_at: Timestamp,
    /// When somebody logged in by it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}

/// `POST /v1/passkey/{id}`: gives a passkey of one's own another name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdatePasskey {
    /// The name, sealed for the account's own devices; 1 to [`crate::limits::SEALED_DEVICE_NAME_BYTES`] bytes.
    pub name: Binary,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Browsers take and give what the standard says (`PublicKeyCredentialCreationOptionsJSON`, `AuthenticationResponseJSON`, …).
    #[test]
    fn options_and_answers_have_the_members_of_the_standard() {
        let creation = CreationOptions {
            rp: RelyingParty {
                id: "example.org".to_owned(),
                name: "Sotto".to_owned(),
            },
            user: PasskeyUser {
                id: vec![1; 16].into(),
                name: "alice".parse().unwrap(),
                display_name: "alice".parse().unwrap(),
            },
            challenge: LoginChallenge::from_bytes([2; 32]),
            pub_key_cred_params: vec![CredentialParameters {
                r#type: CredentialType::PublicKey,
                alg: ES256,
            }],
            timeout: 1000,
            exclude_credentials: vec![CredentialDescriptor {
                r#type: CredentialType::PublicKey,
                id: vec![3].into(),
            }],
            authenticator_selection: AuthenticatorSelection::default(),
            attestation: Attestation::None,
        };
        assert_eq!(
            serde_json::to_value(creation).unwrap(),
            serde_json::json!({
                "rp": { "id": "example.org", "name": "Sotto" },
                "user": { "id": "AQEBAQEBAQEBAQEBAQEBAQ", "name": "alice", "displayName": "alice" },
                "challenge": "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
                "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
                "timeout": 1000,
                "excludeCredentials": [{ "type": "public-key", "id": "Aw" }],
                "authenticatorSelection": { "residentKey": "required", "userVerification": "required" },
                "attestation": "none",
            })
        );
        let answer = serde_json::json!({
            "rawId": "Aw",
            "response": {
                "clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA",
            },
        });
        assert!(serde_json::from_value::<UsedCredential>(answer.clone()).is_ok());
        // What the PRF has given is not the server's to see.
        let mut careless = answer;
        careless["clientExtensionResults"] = serde_json::json!({ "prf": { "results": { "first": "AA" } } });
        assert!(serde_json::from_value::<UsedCredential>(careless).is_err());
    }

    #[test]
    fn options_that_ask_for_less_are_none() {
        let options = serde_json::json!({
            "challenge": LoginChallenge::from_bytes([2; 32]), "rpId": "example.org", "timeout": 1,
            "userVerification": "preferred",
        });
        assert!(serde_json::from_value::<RequestOptions>(options).is_err());
    }
}
