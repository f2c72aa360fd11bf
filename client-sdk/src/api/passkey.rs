//! `/v1/passkey/…` and `/v1/auth/passkey`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::PasskeyId;
use sotto_protocol::rest::auth::{LoggedIn, Token};
use sotto_protocol::rest::passkey::{
    AddPasskey, FinishPasskeyLogin, Passkey, PasskeyLoginStarted, PasskeyRegistrationStarted, Passkeys,
    UpdatePasskey,
};

impl<P: Platform> Api<P> {
    /// `POST /v1/passkey/registration` with an enrolment token
    pub(crate) async fn start_passkey_registration(
        &self,
        token: &Token,
    ) -> Result<PasskeyRegistrationStarted, ApiError> {
        let path = "/v1/passkey/registration".to_owned();
        self.call_with(Method::Post, path, Some(token), NO_BODY).await
    }

    /// `POST /v1/passkey` with an enrolment token
    pub(crate) async fn add_passkey(&self, token: &Token, body: &AddPasskey) -> Result<Passkey, ApiError> {
        self.call_with(Method::Post, "/v1/passkey".to_owned(), Some(token), Some(body))
            .await
    }

    /// `GET /v1/passkey`
    pub(crate) async fn passkeys(&self) -> Result<Passkeys, ApiError> {
        self.call(Method::Get, "/v1/passkey".to_owned(), NO_BODY).await
    }

    /// `POST /v1/passkey/{id}`
    pub(crate) async fn update_passkey(
        &self,
        passkey: PasskeyId,
        body: &UpdatePasskey,
    ) -> Result<(), ApiError> {
        self.call(Method::Post, format!("/v1/passkey/{passkey}"), Some(body))
            .await
    }

    /// `DELETE /v1/passkey/{id}`
    pub(crate) async fn remove_passkey(&self, passkey: PasskeyId) -> Result<(), ApiError> {
        self.call(Method::Delete, format!("/v1/passkey/{passkey}"), NO_BODY)
            .await
    }

    /// `POST /v1/auth/passkey`
    pub(crate) async fn start_passkey_login(&self) -> Result<PasskeyLoginStarted, ApiError> {
        self.call_with(Method::Post, "/v1/auth/passkey".to_owned(), None, NO_BODY)
            .await
    }

    /// `POST /v1/auth/passkey/finish`
    pub(crate) async fn finish_passkey_login(&self, body: &FinishPasskeyLogin) -> Result<LoggedIn, ApiError> {
        let path = "/v1/auth/passkey/finish".to_owned();
        self.call_with(Method::Post, path, None, Some(body)).await
    }
}
