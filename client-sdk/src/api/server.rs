//! `/v1/server`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::rest::server::ServerInfo;

impl<P: Platform> Api<P> {
    /// `GET /v1/server`
    pub(crate) async fn server_info(&self) -> Result<ServerInfo, ApiError> {
        self.call_with(Method::Get, "/v1/server".to_owned(), None, NO_BODY)
            .await
    }
}
