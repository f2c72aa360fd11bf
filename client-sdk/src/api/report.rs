//! `/v1/report`

use super::{Api, ApiError};
use crate::platform::{Method, Platform};
use sotto_protocol::rest::report::{NewReport, ReportTaken};

impl<P: Platform> Api<P> {
    /// `POST /v1/report`
    pub(crate) async fn report(&self, report: &NewReport) -> Result<ReportTaken, ApiError> {
        self.call(Method::Post, "/v1/report".to_owned(), Some(report))
            .await
    }
}
