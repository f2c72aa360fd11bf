//! The calls about logins at the server's OpenID provider. The npm package's `api.ts` describes what they do.

use serde::Serialize;
use sotto_client_sdk as sdk;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::passkeys::OwnerProof;
use crate::types::{given, number};

#[derive(Tsify, Serialize)]
pub struct OidcInfo {
    name: String,
    registration: bool,
    required: bool,
}

impl From<sdk::OidcInfo> for OidcInfo {
    fn from(info: sdk::OidcInfo) -> Self {
        Self {
            name: info.name,
            registration: info.registration,
            required: info.required,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OidcLogin {
    authorization_url: String,
    pending: String,
}

impl From<sdk::OidcLogin> for OidcLogin {
    fn from(login: sdk::OidcLogin) -> Self {
        Self {
            authorization_url: login.authorization_url,
            pending: login.pending.to_string(),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OidcIdentity {
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested_name: Option<String>,
    registration: bool,
}

impl From<sdk::OidcIdentity> for OidcIdentity {
    fn from(identity: sdk::OidcIdentity) -> Self {
        Self {
            account: identity.account.map(String::from),
            suggested_name: identity.suggested_name.map(String::from),
            registration: identity.registration,
        }
    }
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = oidcLogin)]
    pub async fn oidc_login(&self, redirect_uri: String) -> Answer<Ts<OidcLogin>> {
        given(self.sdk.oidc_login(&redirect_uri).await?)
    }

    #[wasm_bindgen(js_name = finishOidcLogin)]
    pub async fn finish_oidc_login(&self, pending: String, address: String) -> Answer<Ts<OidcIdentity>> {
        let (pending, address) = (Zeroizing::new(pending), Zeroizing::new(address));
        given(self.sdk.finish_oidc_login(&pending, &address).await?)
    }

    #[wasm_bindgen(js_name = forgetOidcLogin)]
    pub async fn forget_oidc_login(&self) -> Answer<()> {
        Ok(self.sdk.forget_oidc_login().await?)
    }

    #[wasm_bindgen(js_name = linkOidc)]
    pub async fn link_oidc(&self, proof: Ts<OwnerProof>) -> Answer<()> {
        let proof = proof.to_rust().map_err(|_| Rejection::invalid("proof"))?;
        match proof {
            OwnerProof::Password(password) => {
                let password = Zeroizing::new(password);
                self.sdk.link_oidc(sdk::OwnerProof::Password(&password)).await?;
            }
            OwnerProof::RecoveryCode(words) => {
                let words = Zeroizing::new(words);
                self.sdk.link_oidc(sdk::OwnerProof::RecoveryCode(&words)).await?;
            }
        }
        Ok(())
    }

    #[wasm_bindgen(js_name = oidcLinkedAt)]
    pub async fn oidc_linked_at(&self) -> Answer<Option<f64>> {
        Ok(self.sdk.oidc_linked_at().await?.map(|at| number(at.0)))
    }

    #[wasm_bindgen(js_name = unlinkOidc)]
    pub async fn unlink_oidc(&self) -> Answer<()> {
        Ok(self.sdk.unlink_oidc().await?)
    }
}
