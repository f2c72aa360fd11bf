//! `/v1/auth/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::rest::auth::{
    AnswerChallenge, DeviceLinkOffered, FinishLogin, LoggedIn, LoginChallenged, LoginStarted,
    OfferDeviceLink, RegistrationStarted, SetPassword, StartDeviceLink, StartLogin, StartPassword,
    StartRecovery, StartRegistration, Token,
};
use sotto_protocol::rest::captcha::CaptchaChallenge;
use sotto_protocol::{AccountName, DeviceLinkId};

impl<P: Platform> Api<P> {
    /// `POST /v1/auth/registration`
    pub(crate) async fn start_registration(
        &self,
        body: &StartRegistration,
    ) -> Result<RegistrationStarted, ApiError> {
        self.call_with(Method::Post, "/v1/auth/registration".to_owned(), None, Some(body))
            .await
    }

    /// `GET /v1/auth/captcha`: `None` if the server asks for none.
    pub(crate) async fn captcha(&self) -> Result<Option<CaptchaChallenge>, ApiError> {
        self.call_with(Method::Get, "/v1/auth/captcha".to_owned(), None, NO_BODY)
            .await
    }

    /// `POST /v1/auth/login`
    pub(crate) async fn start_login(&self, body: &StartLogin) -> Result<LoginStarted, ApiError> {
        self.call_with(Method::Post, "/v1/auth/login".to_owned(), None, Some(body))
            .await
    }

    /// `POST /v1/auth/login/finish`
    pub(crate) async fn finish_login(&self, body: &FinishLogin) -> Result<LoggedIn, ApiError> {
        self.call_with(Method::Post, "/v1/auth/login/finish".to_owned(), None, Some(body))
            .await
    }

    /// `POST /v1/auth/recovery`
    pub(crate) async fn start_recovery(&self, body: &StartRecovery) -> Result<LoginChallenged, ApiError> {
        self.call_with(Method::Post, "/v1/auth/recovery".to_owned(), None, Some(body))
            .await
    }

    /// `POST /v1/auth/recovery/finish`
    pub(crate) async fn finish_recovery(&self, body: &AnswerChallenge) -> Result<LoggedIn, ApiError> {
        let path = "/v1/auth/recovery/finish".to_owned();
        self.call_with(Method::Post, path, None, Some(body)).await
    }

    /// `POST /v1/auth/device-link`
    pub(crate) async fn start_device_link(
        &self,
        body: &StartDeviceLink,
    ) -> Result<LoginChallenged, ApiError> {
        self.call_with(Method::Post, "/v1/auth/device-link".to_owned(), None, Some(body))
            .await
    }

    /// `POST /v1/auth/device-link/finish`
    pub(crate) async fn finish_device_link(&self, body: &AnswerChallenge) -> Result<LoggedIn, ApiError> {
        let path = "/v1/auth/device-link/finish".to_owned();
        self.call_with(Method::Post, path, None, Some(body)).await
    }

    /// `PUT /v1/auth/device-link/{id}`
    pub(crate) async fn offer_device_link(
        &self,
        link: DeviceLinkId,
        body: &OfferDeviceLink,
    ) -> Result<DeviceLinkOffered, ApiError> {
        self.call(Method::Put, format!("/v1/auth/device-link/{link}"), Some(body))
            .await
    }

    /// `DELETE /v1/auth/device-link/{id}`
    pub(crate) async fn withdraw_device_link(&self, link: DeviceLinkId) -> Result<(), ApiError> {
        self.call(Method::Delete, format!("/v1/auth/device-link/{link}"), NO_BODY)
            .await
    }

    /// `POST /v1/auth/password` with an enrolment token
    pub(crate) async fn start_password(
        &self,
        token: &Token,
        body: &StartPassword,
    ) -> Result<RegistrationStarted, ApiError> {
        let path = "/v1/auth/password".to_owned();
        self.call_with(Method::Post, path, Some(token), Some(body)).await
    }

    /// `PUT /v1/auth/password` with an enrolment token
    pub(crate) async fn set_password(&self, token: &Token, body: &SetPassword) -> Result<(), ApiError> {
        let path = "/v1/auth/password".to_owned();
        self.call_with(Method::Put, path, Some(token), Some(body)).await
    }

    /// `POST /v1/auth/logout-everywhere`
    pub(crate) async fn log_out_everywhere(&self) -> Result<(), ApiError> {
        self.call(Method::Post, "/v1/auth/logout-everywhere".to_owned(), NO_BODY)
            .await
    }

    /// `DELETE /v1/user/{name}` with an enrolment token
    pub(crate) async fn delete_account(&self, token: &Token, name: &AccountName) -> Result<(), ApiError> {
        let path = format!("/v1/user/{name}");
        self.call_with(Method::Delete, path, Some(token), NO_BODY).await
    }

    /// `POST /v1/auth/logout`
    pub(crate) async fn log_out(&self) -> Result<(), ApiError> {
        self.call(Method::Post, "/v1/auth/logout".to_owned(), NO_BODY)
            .await
    }
}
