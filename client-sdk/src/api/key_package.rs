//! `/v1/key-package/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::rest::key_package::{
    ClaimKeyPackages, KeyPackageStock, KeyPackagesClaimed, PublishKeyPackages,
};

impl<P: Platform> Api<P> {
    /// `GET /v1/key-package`
    pub(crate) async fn key_package_stock(&self) -> Result<KeyPackageStock, ApiError> {
        self.call(Method::Get, "/v1/key-package".to_owned(), NO_BODY)
            .await
    }

    /// `POST /v1/key-package`
    pub(crate) async fn publish_key_packages(
        &self,
        body: &PublishKeyPackages,
    ) -> Result<KeyPackageStock, ApiError> {
        self.call(Method::Post, "/v1/key-package".to_owned(), Some(body))
            .await
    }

    /// `POST /v1/key-package/claim`
    pub(crate) async fn claim_key_packages(
        &self,
        body: &ClaimKeyPackages,
    ) -> Result<KeyPackagesClaimed, ApiError> {
        self.call(Method::Post, "/v1/key-package/claim".to_owned(), Some(body))
            .await
    }
}
