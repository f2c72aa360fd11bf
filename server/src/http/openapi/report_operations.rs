//! The operations on what members report to those who look after the server.

use super::operations::Operation;
use ProblemCode as P;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::report;

pub(super) fn report_operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "post",
            "/v1/report",
            "report",
            "Reports a message, an account or a group to those who look after the server",
        )
        .by_device()
        .takes::<report::NewReport>()
        .answers::<report::ReportTaken>(201, "It waits for somebody to handle it.")
        .fails(&[
            P::ReportRefused,
            P::ReportUnprovable,
            P::AlreadyReported,
            P::ChatNotFound,
            P::GroupNotFound,
            P::UserNotFound,
            P::TooLarge,
        ]),
    ]
}
