//! Reports, as JavaScript gives and gets them.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::AccountId;
use sotto_client_sdk::protocol::rest::{admin, report};
use tsify::Tsify;

use crate::files::FileInfo;
use crate::types::number;

#[derive(Clone, Copy, Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportReason {
    Spam,
    Fraud,
    Harassment,
    Hate,
    Violence,
    Sexual,
    ChildAbuse,
    SelfHarm,
    Illegal,
    Other,
}

impl From<ReportReason> for sdk::ReportReason {
    fn from(reason: ReportReason) -> Self {
        match reason {
            ReportReason::Spam => Self::Spam,
            ReportReason::Fraud => Self::Fraud,
            ReportReason::Harassment => Self::Harassment,
            ReportReason::Hate => Self::Hate,
            ReportReason::Violence => Self::Violence,
            ReportReason::Sexual => Self::Sexual,
            ReportReason::ChildAbuse => Self::ChildAbuse,
            ReportReason::SelfHarm => Self::SelfHarm,
            ReportReason::Illegal => Self::Illegal,
            ReportReason::Other => Self::Other,
        }
    }
}

impl From<sdk::ReportReason> for ReportReason {
    fn from(reason: sdk::ReportReason) -> Self {
        match reason {
            sdk::ReportReason::Spam => Self::Spam,
            sdk::ReportReason::Fraud => Self::Fraud,
            sdk::ReportReason::Harassment => Self::Harassment,
            sdk::ReportReason::Hate => Self::Hate,
            sdk::ReportReason::Violence => Self::Violence,
            sdk::ReportReason::Sexual => Self::Sexual,
            sdk::ReportReason::ChildAbuse => Self::ChildAbuse,
            sdk::ReportReason::SelfHarm => Self::SelfHarm,
            sdk::ReportReason::Illegal => Self::Illegal,
            sdk::ReportReason::Other => Self::Other,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reported {
    report: String,
    is_proven: bool,
}

impl From<sdk::Reported> for Reported {
    fn from(reported: sdk::Reported) -> Self {
        Self {
            report: reported.report.to_string(),
            is_proven: reported.is_proven,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ReportedBody {
    Text { text: String },
    Edit { of: String, text: String },
    File { file: FileInfo, caption: String },
    Other,
}

impl From<sdk::ReportedBody> for ReportedBody {
    fn from(body: sdk::ReportedBody) -> Self {
        match body {
            sdk::ReportedBody::Text(text) => Self::Text { text: text.text },
            sdk::ReportedBody::Edit { of, text } => Self::Edit {
                of: of.to_string(),
                text: text.text,
            },
            sdk::ReportedBody::File { info, caption } => Self::File {
                file: info.into(),
                caption: caption.text,
            },
            sdk::ReportedBody::Other => Self::Other,
        }
    }
}

#[derive(Clone, Copy, Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportState {
    Open,
    Handled,
}

impl From<ReportState> for report::ReportState {
    fn from(state: ReportState) -> Self {
        match state {
            ReportState::Open => Self::Open,
            ReportState::Handled => Self::Handled,
        }
    }
}

#[derive(Clone, Copy, Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportOutcome {
    Dismissed,
    Acted,
}

impl From<ReportOutcome> for report::Outcome {
    fn from(outcome: ReportOutcome) -> Self {
        match outcome {
            ReportOutcome::Dismissed => Self::Dismissed,
            ReportOutcome::Acted => Self::Acted,
        }
    }
}

impl From<report::Outcome> for ReportOutcome {
    fn from(outcome: report::Outcome) -> Self {
        match outcome {
            report::Outcome::Dismissed => Self::Dismissed,
            report::Outcome::Acted => Self::Acted,
        }
    }
}

/// An account in a report; without a name it is not there any more.
#[derive(Tsify, Serialize)]
pub struct ConcernedAccount {
    account: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl ConcernedAccount {
    fn new(account: AccountId, names: &[admin::NamedAccount]) -> Self {
        let found = names.iter().find(|known| known.account == account);
        Self {
            account: account.to_string(),
            name: found.map(|known| known.name.to_string()),
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct ReportedMessage {
    message: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<f64>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<ReportedBody>,
}

impl From<report::Said> for ReportedMessage {
    fn from(said: report::Said) -> Self {
        let content = sdk::ReportedContent::read(said.content.as_slice());
        Self {
            message: said.message.to_string(),
            at: said.at.map(|at| number(at.0)),
            body: content.map(|content| content.body.into()),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ReportSubject {
    Message {
        chat: String,
        from: ConcernedAccount,
        is_proven: bool,
        said: Vec<ReportedMessage>,
    },
    Account {
        account: ConcernedAccount,
    },
    Group {
        group: String,
    },
    Community {
        community: String,
        title: String,
        founder: ConcernedAccount,
    },
}

#[derive(Tsify, Serialize)]
pub struct HandledReport {
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<ConcernedAccount>,
    at: f64,
    outcome: ReportOutcome,
    note: String,
}

#[derive(Tsify, Serialize)]
pub struct ShownReport {
    report: String,
    at: f64,
    by: ConcernedAccount,
    subject: ReportSubject,
    reason: ReportReason,
    comment: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    handled: Option<HandledReport>,
}

impl ShownReport {
    fn new(report: report::Report, names: &[admin::NamedAccount]) -> Self {
        let concerned = |account| ConcernedAccount::new(account, names);
        Self {
            report: report.report.to_string(),
            at: number(report.at.0),
            by: concerned(report.by),
            subject: match report.subject {
                report::Subject::Message {
                    chat,
                    from,
                    is_proven,
                    said,
                } => ReportSubject::Message {
                    chat: chat.to_string(),
                    from: concerned(from),
                    is_proven,
                    said: said.into_iter().map(ReportedMessage::from).collect(),
                },
                report::Subject::Account { account } => ReportSubject::Account {
                    account: concerned(account),
                },
                report::Subject::Group { group } => ReportSubject::Group {
                    group: group.to_string(),
                },
                report::Subject::Community {
                    community,
                    title,
                    founder,
                } => ReportSubject::Community {
                    community: community.to_string(),
                    title,
                    founder: concerned(founder),
                },
            },
            reason: report.reason.into(),
            comment: report.comment,
            handled: report.handled.map(|handled| HandledReport {
                by: handled.by.map(concerned),
                at: number(handled.at.0),
                outcome: handled.outcome.into(),
                note: handled.note,
            }),
        }
    }
}

impl From<report::ShownReport> for ShownReport {
    fn from(shown: report::ShownReport) -> Self {
        Self::new(shown.report, &shown.accounts)
    }
}

#[derive(Tsify, Serialize)]
pub struct Reports {
    reports: Vec<ShownReport>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<report::Reports> for Reports {
    fn from(page: report::Reports) -> Self {
        let names = page.accounts;
        let reports = page.reports.into_iter();
        Self {
            reports: reports.map(|report| ShownReport::new(report, &names)).collect(),
            next: page.next,
        }
    }
}
