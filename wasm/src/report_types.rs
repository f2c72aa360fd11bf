//! Reports, as JavaScript gives and gets them.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use tsify::Tsify;

use crate::files::FileInfo;

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
pub struct ReportedContent {
    message: String,
    body: ReportedBody,
}

#[derive(Tsify, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ReportedBody {
    Text { text: String },
    Edit { of: String, text: String },
    File { file: FileInfo, caption: String },
    Other,
}

impl From<sdk::ReportedContent> for ReportedContent {
    fn from(content: sdk::ReportedContent) -> Self {
        let body = match content.body {
            sdk::ReportedBody::Text(text) => ReportedBody::Text { text: text.text },
            sdk::ReportedBody::Edit { of, text } => ReportedBody::Edit {
                of: of.to_string(),
                text: text.text,
            },
            sdk::ReportedBody::File { info, caption } => ReportedBody::File {
                file: info.into(),
                caption: caption.text,
            },
            sdk::ReportedBody::Other => ReportedBody::Other,
        };
        Self {
            message: content.message.to_string(),
            body,
        }
    }
}
