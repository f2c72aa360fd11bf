//! The calls about passkeys. The npm package's `api.ts` describes what they do; what the browser is asked for and answers crosses as JSON.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::PasskeyId;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::types::{given, number};

/// Either of the two.
#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OwnerProof {
    Password(String),
    RecoveryCode(String),
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnPasskey {
    passkey: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    added_at: f64,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<f64>,
}

impl From<sdk::OwnPasskey> for OwnPasskey {
    fn from(passkey: sdk::OwnPasskey) -> Self {
        Self {
            passkey: passkey.passkey.to_string(),
            name: passkey.name,
            added_at: number(passkey.added_at.0),
            used_at: passkey.used_at.map(|at| number(at.0)),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct OwnPasskeys(Vec<OwnPasskey>);

impl From<Vec<sdk::OwnPasskey>> for OwnPasskeys {
    fn from(passkeys: Vec<sdk::OwnPasskey>) -> Self {
        Self(passkeys.into_iter().map(OwnPasskey::from).collect())
    }
}

/// A passkey that JavaScript names.
fn passkey_id(passkey: &str) -> Answer<PasskeyId> {
    passkey.parse().map_err(|_| Rejection::invalid("passkey"))
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = passkeyRegistration)]
    pub async fn passkey_registration(&self, proof: Ts<OwnerProof>) -> Answer<String> {
        let proof = proof.to_rust().map_err(|_| Rejection::invalid("proof"))?;
        Ok(match proof {
            OwnerProof::Password(password) => {
                let password = Zeroizing::new(password);
                let proof = sdk::OwnerProof::Password(&password);
                self.sdk.passkey_registration(proof).await?
            }
            OwnerProof::RecoveryCode(words) => {
                let words = Zeroizing::new(words);
                let proof = sdk::OwnerProof::RecoveryCode(&words);
                self.sdk.passkey_registration(proof).await?
            }
        })
    }

    #[wasm_bindgen(js_name = addPasskey)]
    pub async fn add_passkey(&self, name: String, credential: String, secret: Vec<u8>) -> Answer<String> {
        let secret = Zeroizing::new(secret);
        let answer = sdk::PasskeyAnswer::new(&credential, &secret);
        Ok(self.sdk.add_passkey(&name, answer).await?.to_string())
    }

    #[wasm_bindgen(js_name = passkeyLogin)]
    pub async fn passkey_login(&self) -> Answer<String> {
        Ok(self.sdk.passkey_login().await?)
    }

    #[wasm_bindgen(js_name = logInByPasskey)]
    pub async fn log_in_by_passkey(&self, credential: String, secret: Vec<u8>) -> Answer<()> {
        let secret = Zeroizing::new(secret);
        let answer = sdk::PasskeyAnswer::new(&credential, &secret);
        Ok(self.sdk.log_in_by_passkey(answer).await?)
    }

    #[wasm_bindgen(js_name = setPasswordByPasskey)]
    pub async fn set_password_by_passkey(
        &self,
        credential: String,
        secret: Vec<u8>,
        new: String,
    ) -> Answer<()> {
        let (secret, new) = (Zeroizing::new(secret), Zeroizing::new(new));
        let answer = sdk::PasskeyAnswer::new(&credential, &secret);
        Ok(self.sdk.set_password_by_passkey(answer, &new).await?)
    }

    pub async fn passkeys(&self) -> Answer<Ts<OwnPasskeys>> {
        given(self.sdk.passkeys().await?)
    }

    #[wasm_bindgen(js_name = renamePasskey)]
    pub async fn rename_passkey(&self, passkey: String, name: String) -> Answer<()> {
        Ok(self.sdk.rename_passkey(passkey_id(&passkey)?, &name).await?)
    }

    #[wasm_bindgen(js_name = removePasskey)]
    pub async fn remove_passkey(&self, passkey: String) -> Answer<()> {
        Ok(self.sdk.remove_passkey(passkey_id(&passkey)?).await?)
    }
}
