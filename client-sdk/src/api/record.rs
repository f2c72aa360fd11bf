//! `/v1/record/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::RecordId;
use sotto_protocol::rest::record::{Record, RecordWritten, WriteRecord};

impl<P: Platform> Api<P> {
    /// `GET /v1/record/{id}`
    pub(crate) async fn record(&self, id: RecordId) -> Result<Record, ApiError> {
        self.call(Method::Get, format!("/v1/record/{id}"), NO_BODY).await
    }

    /// `PUT /v1/record/{id}`
    pub(crate) async fn write_record(
        &self,
        id: RecordId,
        body: &WriteRecord,
    ) -> Result<RecordWritten, ApiError> {
        self.call(Method::Put, format!("/v1/record/{id}"), Some(body))
            .await
    }
}
