//! What goes to the browser, and what comes of it.

use crate::error::ClientError;
use core::fmt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sotto_crypto_core::PasskeySecret;
use sotto_protocol::binary;
use sotto_protocol::rest::passkey::{CreationOptions, RequestOptions};

/// What the browser answered, with what the authenticator's PRF gave.
#[derive(Clone, Copy)]
pub struct PasskeyAnswer<'a> {
    credential: &'a str,
    secret: &'a [u8],
}

impl<'a> PasskeyAnswer<'a> {
    /// `credential` is JSON: `rawId` and `response` of the credential as `toJSON()` gives it, with nothing else in it. `secret` is the first
    /// output of the extension `prf`, 32 bytes.
    #[must_use]
    pub const fn new(credential: &'a str, secret: &'a [u8]) -> Self {
        Self { credential, secret }
    }

    /// The answer and the secret, read.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<(T, PasskeySecret), ClientError> {
        let credential: Value =
            serde_json::from_str(self.credential).map_err(|_| ClientError::InvalidPasskeyAnswer)?;
        let credential = only_known(credential).ok_or(ClientError::InvalidPasskeyAnswer)?;
        let credential = serde_json::from_value(credential).map_err(|_| ClientError::InvalidPasskeyAnswer)?;
        let secret = PasskeySecret::try_from(self.secret).map_err(|_| ClientError::InvalidPasskeyAnswer)?;
        Ok((credential, secret))
    }
}

impl fmt::Debug for PasskeyAnswer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyAnswer")
    }
}

/// What the server looks at of an answer. The rest stays here: what the PRF gave may be in it.
fn only_known(mut credential: Value) -> Option<Value> {
    const RESPONSE: [&str; 5] = [
        "clientDataJSON",
        "attestationObject",
        "authenticatorData",
        "signature",
        "userHandle",
    ];
    let raw_id = credential.get_mut("rawId")?.take();
    let mut response = credential.get_mut("response")?.take();
    // An attestation has the authenticator's data beside it, which it has in it.
    let is_new = response.get("attestationObject").is_some();
    response.as_object_mut()?.retain(|member, _| {
        RESPONSE.contains(&member.as_str()) && !(is_new && member == "authenticatorData")
    });
    Some(json!({ "rawId": raw_id, "response": response }))
}

/// The options to make a passkey, with the input for its PRF.
pub(crate) fn creation_json(options: &CreationOptions) -> Result<String, ClientError> {
    with_prf(options)
}

/// The options to use one, with the input for its PRF.
pub(crate) fn request_json(options: &RequestOptions) -> Result<String, ClientError> {
    with_prf(options)
}

fn with_prf(options: &impl Serialize) -> Result<String, ClientError> {
    let unreadable = |_| ClientError::Failed("the options for a passkey cannot be written");
    let mut options = serde_json::to_value(options).map_err(unreadable)?;
    if let Some(members) = options.as_object_mut() {
        let input = binary::encode(&PasskeySecret::input());
        members.insert(
            "extensions".to_owned(),
            json!({ "prf": { "eval": { "first": input } } }),
        );
    }
    serde_json::to_string(&options).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::rest::passkey::{NewCredential, UsedCredential};

    const USED: &str = r#"{
        "id": "Aw", "rawId": "Aw", "type": "public-key", "authenticatorAttachment": "platform",
        "response": { "clientDataJSON": "AQ", "authenticatorData": "Ag", "signature": "Aw", "userHandle": "BA" },
        "clientExtensionResults": { "prf": { "results": { "first": "AAAA" } } }
    }"#;
    const NEW: &str = r#"{
        "rawId": "Aw",
        "response": {
            "clientDataJSON": "AQ", "attestationObject": "Ag", "authenticatorData": "Ag", "transports": ["usb"],
            "publicKey": "AA", "publicKeyAlgorithm": -7
        }
    }"#;

    #[test]
    fn of_an_answer_the_server_sees_what_it_looks_at_and_never_what_the_prf_gave() {
        let (used, _) = PasskeyAnswer::new(USED, &[1; 32])
            .read::<UsedCredential>()
            .unwrap();
        let sent = serde_json::to_string(&used).unwrap();
        assert!(!sent.contains("prf") && !sent.contains("AAAA"), "{sent}");
        assert!(PasskeyAnswer::new(NEW, &[1; 32]).read::<NewCredential>().is_ok());
        assert_eq!(
            format!("{:?}", PasskeyAnswer::new(USED, &[1; 32])),
            "PasskeyAnswer"
        );
    }

    #[test]
    fn what_is_no_answer_or_has_no_secret_is_refused_here() {
        for (credential, secret) in [
            (USED, &[1; 31][..]),
            (USED, &[][..]),
            (NEW, &[1; 32][..]),
            ("", &[1; 32][..]),
            ("[]", &[1; 32][..]),
            (r#"{ "rawId": "Aw", "response": [] }"#, &[1; 32][..]),
        ] {
            let read = PasskeyAnswer::new(credential, secret).read::<UsedCredential>();
            assert_eq!(
                read.err(),
                Some(ClientError::InvalidPasskeyAnswer),
                "{credential}"
            );
        }
    }
}
