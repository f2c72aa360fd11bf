//! What a server says of itself, and making an account there.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::oidc::OidcInfo;
use crate::site::Accent;
use crate::types::given;

#[derive(Tsify, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationPolicy {
    Open,
    Invited,
    Closed,
}

impl From<sdk::RegistrationPolicy> for RegistrationPolicy {
    fn from(policy: sdk::RegistrationPolicy) -> Self {
        match policy {
            sdk::RegistrationPolicy::Open => Self::Open,
            sdk::RegistrationPolicy::Invited => Self::Invited,
            sdk::RegistrationPolicy::Closed => Self::Closed,
        }
    }
}

#[derive(Tsify, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is whether one thing is there")]
pub struct ServerInfo {
    registration: RegistrationPolicy,
    name: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    accent: Option<Accent>,
    logo: bool,
    about: bool,
    landing: bool,
    news: bool,
    passkeys: bool,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc: Option<OidcInfo>,
    topics: Vec<String>,
}

impl From<sdk::ServerInfo> for ServerInfo {
    fn from(info: sdk::ServerInfo) -> Self {
        Self {
            registration: info.registration.into(),
            name: info.name,
            accent: info.accent.map(Into::into),
            logo: info.logo,
            about: info.about,
            landing: info.landing,
            news: info.news,
            passkeys: info.passkeys,
            oidc: info.oidc.map(Into::into),
            topics: info.topics,
        }
    }
}

/// What may be said of an account to be made beside its name and password.
#[derive(Default, Tsify, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisterOptions {
    #[tsify(optional)]
    invite: Option<String>,
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    recovery_code: String,
}

impl From<sdk::RecoveryCode> for Registered {
    fn from(code: sdk::RecoveryCode) -> Self {
        Self {
            recovery_code: code.words().to_string(),
        }
    }
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = serverInfo)]
    pub async fn server_info(&self) -> Answer<Ts<ServerInfo>> {
        given(self.sdk.server_info().await?)
    }

    pub async fn register(
        &self,
        name: String,
        password: String,
        options: Option<Ts<RegisterOptions>>,
    ) -> Answer<Ts<Registered>> {
        let password = Zeroizing::new(password);
        let options = options.map(|options| options.to_rust()).transpose();
        let options = options
            .map_err(|_| Rejection::invalid("options"))?
            .unwrap_or_default();
        let mut account = sdk::NewAccount::new(&name, &password);
        if let Some(code) = &options.invite {
            account = account.with_invite(code);
        }
        given(self.sdk.register_with(account).await?)
    }
}
