//! `/v1/device/…`

use super::{Api, ApiError};
use crate::platform::{Method, Platform};
use sotto_protocol::DeviceId;
use sotto_protocol::rest::auth::{SessionTokens, Token};
use sotto_protocol::rest::device::EnrolDevice;

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
}
