//! Reports to those who look after the server: what they say is proven where the server can check it.

mod client;
mod kept;
mod reported;

pub(crate) use kept::{KeptFranking, first_content};
pub use reported::{ReportedBody, ReportedContent};
pub use sotto_protocol::rest::report::Reason as ReportReason;

use sotto_protocol::ReportId;

/// A report that the server has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported {
    /// What it is known by.
    pub report: ReportId,
    /// Of a message, whether the server has checked that it says what is reported. If not, whoever reads the report is told so.
    pub is_proven: bool,
}
