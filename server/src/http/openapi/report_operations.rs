//! The operations on what members report to those who look after the server.

use super::operations::{Operation, limit, text};
use super::schemas::Schemas;
use ProblemCode as P;
use sotto_protocol::rest::report;
use sotto_protocol::{ProblemCode, ReportId};

pub(super) fn report_operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "post",
            "/v1/report",
            "report",
            "Reports a message, an account, a group or a community to those who look after the server",
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
            P::CommunityNotFound,
            P::UserNotFound,
            P::TooLarge,
        ]),
        list_reports(),
        of_report(Operation::new(
            "get",
            "/v1/admin/report/{report}",
            "readReport",
            "A report with all that it shows, unless it is about oneself. Needs handle-reports",
        ))
        .answers::<report::ShownReport>(200, "The report."),
        of_report(Operation::new(
            "post",
            "/v1/admin/report/{report}",
            "handleReport",
            "Says what became of a report. Needs handle-reports",
        ))
        .takes::<report::HandleReport>()
        .answers::<report::ShownReport>(
            200,
            "The report as it is handled now; as it was before if somebody had handled it.",
        ),
    ]
}

fn of_report(operation: Operation) -> Operation {
    operation
        .by_device()
        .parameter("path", "report", "The report.", Schemas::of::<ReportId>)
        .fails(&[P::ReportNotFound])
}

fn list_reports() -> Operation {
    let mut list = Operation::new(
        "get",
        "/v1/admin/report",
        "listReports",
        "Reports that are not about oneself, without what messages say. Needs handle-reports",
    )
    .by_device()
    .parameter(
        "query",
        "state",
        "Those that wait, the oldest first, as if nothing is given; or those that were handled, the latest first.",
        Schemas::of::<report::ReportState>,
    )
    .parameter("query", "limit", "At most so many, and at most 100.", limit)
    .parameter("query", "after", "`next` of the page before.", text)
    .answers::<report::Reports>(200, "A page of them.");
    for parameter in &mut list.parameters {
        parameter.required = false;
    }
    list
}
