//! `/v1/device/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::DeviceId;
use sotto_protocol::rest::auth::{SessionTokens, Token};
use sotto_protocol::rest::device::{Devices, EnrolDevice, RemoveDevice, UpdateDevice};

impl<P: Platform> Api<P> {
    /// `PUT /v1/device/{id}` with an enrolment token
    pub(crate) async fn enrol_device(
        &self,
        device: DeviceId,
        enrolment: &Token,
        body: &EnrolDevice,
    ) -> Result<SessionTokens, ApiError> {
        self.call_with(
            Method::Put,
            format!("/v1/device/{device}"),
            Some(enrolment),
            Some(body),
        )
        .await
    }

    /// `GET /v1/device`
    pub(crate) async fn devices(&self) -> Result<Devices, ApiError> {
        self.call(Method::Get, "/v1/device".to_owned(), NO_BODY).await
    }

    /// `POST /v1/device/{id}`
    pub(crate) async fn update_device(&self, device: DeviceId, body: &UpdateDevice) -> Result<(), ApiError> {
        self.call(Method::Post, format!("/v1/device/{device}"), Some(body))
            .await
    }

    /// `DELETE /v1/device/{id}`
    pub(crate) async fn remove_device(&self, device: DeviceId, body: &RemoveDevice) -> Result<(), ApiError> {
        self.call(Method::Delete, format!("/v1/device/{device}"), Some(body))
            .await
    }
}
