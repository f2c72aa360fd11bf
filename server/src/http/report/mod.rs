//! `/v1/report`

pub(super) mod create;

use super::HttpProblem;
use crate::report::ReportError;

impl From<ReportError> for HttpProblem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Invalid(detail) => Self::invalid_request(detail),
            ReportError::Refused(code) => code.into(),
            ReportError::Delivery(error) => error.into(),
            ReportError::Store(error) => error.into(),
        }
    }
}
