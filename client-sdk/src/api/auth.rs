//! `/v1/auth/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::rest::auth::{
    FinishLogin, LoggedIn, LoginStarted, RegistrationStarted, StartLogin, StartRegistration,
};

impl<P: Platform> Api<P> {
    /// `POST /v1/auth/registration`
    pub(crate) async fn start_registration(
        &self,
        body: &StartRegistration,
    ) -> Result<RegistrationStarted, ApiError> {
        self.call_with(Method::Post, "/v1/auth/registration".to_owned(), None, Some(body))
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

    /// `POST /v1/auth/logout`
    pub(crate) async fn log_out(&self) -> Result<(), ApiError> {
        self.call(Method::Post, "/v1/auth/logout".to_owned(), NO_BODY)
            .await
    }
}
