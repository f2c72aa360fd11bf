//! `/v1/block/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::AccountId;
use sotto_protocol::rest::block::Blocked;

impl<P: Platform> Api<P> {
    /// `GET /v1/block`
    pub(crate) async fn blocked(&self) -> Result<Blocked, ApiError> {
        self.call(Method::Get, "/v1/block".to_owned(), NO_BODY).await
    }

    /// `PUT /v1/block/{account}`
    pub(crate) async fn block(&self, account: AccountId) -> Result<(), ApiError> {
        self.call(Method::Put, format!("/v1/block/{account}"), NO_BODY)
            .await
    }

    /// `DELETE /v1/block/{account}`
    pub(crate) async fn unblock(&self, account: AccountId) -> Result<(), ApiError> {
        self.call(Method::Delete, format!("/v1/block/{account}"), NO_BODY)
            .await
    }
}
