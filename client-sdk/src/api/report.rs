//! `/v1/report` and `/v1/admin/report`

use super::admin::query;
use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::ReportId;
use sotto_protocol::rest::report::{
    HandleReport, ListReports, NewReport, ReportState, ReportTaken, Reports, ShownReport,
};

impl<P: Platform> Api<P> {
    /// `POST /v1/report`
    pub(crate) async fn report(&self, report: &NewReport) -> Result<ReportTaken, ApiError> {
        self.call(Method::Post, "/v1/report".to_owned(), Some(report))
            .await
    }

    /// `GET /v1/admin/report`
    pub(crate) async fn reports(&self, list: &ListReports) -> Result<Reports, ApiError> {
        let state = match list.state {
            ReportState::Open => "open",
            ReportState::Handled => "handled",
        };
        let path = query(
            "/v1/admin/report",
            [
                ("state", Some(state.to_owned())),
                ("limit", list.limit.map(|limit| limit.to_string())),
                ("after", list.after.clone()),
            ],
        );
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `GET /v1/admin/report/{report}`
    pub(crate) async fn shown_report(&self, report: ReportId) -> Result<ShownReport, ApiError> {
        self.call(Method::Get, format!("/v1/admin/report/{report}"), NO_BODY)
            .await
    }

    /// `POST /v1/admin/report/{report}`
    pub(crate) async fn handle_report(
        &self,
        report: ReportId,
        body: &HandleReport,
    ) -> Result<ShownReport, ApiError> {
        self.call(Method::Post, format!("/v1/admin/report/{report}"), Some(body))
            .await
    }
}
