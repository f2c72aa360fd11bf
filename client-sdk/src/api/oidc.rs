//! `/v1/auth/oidc/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::rest::oidc::{FinishOidc, LinkOidc, OidcFinished, OidcLink, OidcStarted, StartOidc};

const LINK: &str = "/v1/auth/oidc/link";

impl<P: Platform> Api<P> {
    /// `POST /v1/auth/oidc`
    pub(crate) async fn start_oidc(&self, body: &StartOidc) -> Result<OidcStarted, ApiError> {
        self.call_with(Method::Post, "/v1/auth/oidc".to_owned(), None, Some(body))
            .await
    }

    /// `POST /v1/auth/oidc/finish`
    pub(crate) async fn finish_oidc(&self, body: &FinishOidc) -> Result<OidcFinished, ApiError> {
        let path = "/v1/auth/oidc/finish".to_owned();
        self.call_with(Method::Post, path, None, Some(body)).await
    }

    /// `GET /v1/auth/oidc/link`
    pub(crate) async fn oidc_link(&self) -> Result<OidcLink, ApiError> {
        self.call(Method::Get, LINK.to_owned(), NO_BODY).await
    }

    /// `PUT /v1/auth/oidc/link` with an enrolment token
    pub(crate) async fn link_oidc(&self, token: &Token, body: &LinkOidc) -> Result<(), ApiError> {
        self.call_with(Method::Put, LINK.to_owned(), Some(token), Some(body))
            .await
    }

    /// `DELETE /v1/auth/oidc/link`
    pub(crate) async fn unlink_oidc(&self) -> Result<(), ApiError> {
        self.call(Method::Delete, LINK.to_owned(), NO_BODY).await
    }
}
