//! What a reported message says, for whoever handles the report.

use crate::messages::FileInfo;
use sotto_crypto_core::content::File;
use sotto_crypto_core::{Body, Content, Text};
use sotto_protocol::MessageId;

/// What a reported message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedContent {
    /// The message.
    pub message: MessageId,
    /// What it says.
    pub body: ReportedBody,
}

/// See [`ReportedContent`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportedBody {
    /// Text.
    Text(Text),
    /// What an earlier message says from then on.
    Edit {
        /// That message.
        of: MessageId,
        /// What it says.
        text: Text,
    },
    /// A file, whose content is not reported.
    File {
        /// Its name and type.
        info: FileInfo,
        /// What is said about it.
        caption: Text,
    },
    /// Something that is not shown, or that a newer version has written.
    Other,
}

impl ReportedContent {
    /// Reads what a report shows ([`Said::content`](sotto_protocol::rest::report::Said)); `None` if it is no content. Of what is
    /// not proven a reporter may have made up everything.
    #[must_use]
    pub fn read(content: &[u8]) -> Option<Self> {
        let Content { message, body, .. } = Content::decode(content).ok()?;
        let body = match body {
            Body::Text(text) => ReportedBody::Text(text),
            Body::Edit(edit) => ReportedBody::Edit {
                of: edit.message,
                text: edit.text,
            },
            Body::File(File { info, caption, .. }) => ReportedBody::File { info, caption },
            Body::GroupProfile(_)
            | Body::Approval(_)
            | Body::Departure(_)
            | Body::GroupKeyRequest(_)
            | Body::GroupKeyShare(_)
            | Body::HistoryRequest(_)
            | Body::HistoryShare(_)
            | Body::Retention(_)
            | Body::Deletion(_)
            | Body::Reaction(_)
            | Body::Pin(_)
            | Body::Unknown { .. } => ReportedBody::Other,
        };
        Some(Self { message, body })
    }
}
