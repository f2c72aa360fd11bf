//! `/v1/report`: what members report to those who look after the server; `/v1/admin/report`: how these handle it.

use super::admin::NamedAccount;
use crate::{AccountId, Binary, ChatId, CommunityId, MessageId, ReportId, RevealedKey, Seq, Timestamp};
use serde::{Deserialize, Serialize};

/// `POST /v1/report`: reports a message, an account, a group or a community.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// What is reported.
    pub subject: NewSubject,
    /// Why.
    pub reason: Reason,
    /// In the reporter's words; at most [`crate::limits::REPORT_COMMENT_BYTES`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// What is reported, and what shows that it was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum NewSubject {
    /// A message that the server has, with the proof of what it says.
    Message {
        /// The chat, which the reporter is in.
        chat: ChatId,
        /// The message, and edits of it behind it, all of one account: at least 1, at most [`crate::limits::REPORTED_MESSAGES`].
        said: Vec<SaidWithProof>,
    },
    /// A message that the server does not have any more, or never kept: nothing proves what it says.
    UnprovenMessage {
        /// The chat, which the reporter is in.
        chat: ChatId,
        /// Who has sent it, as the reporter says.
        from: AccountId,
        /// The message, and edits of it behind it: at least 1, at most [`crate::limits::REPORTED_MESSAGES`].
        said: Vec<SaidWithoutProof>,
    },
    /// An account.
    Account {
        /// The account.
        account: AccountId,
    },
    /// A group.
    Group {
        /// The group.
        group: ChatId,
    },
    /// A community, which is somebody else's.
    Community {
        /// The community.
        community: CommunityId,
    },
}

/// What an entry of the log says, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SaidWithProof {
    /// The entry.
    pub seq: Seq,
    /// The key of the message's commitment, which was inside the message.
    pub key: RevealedKey,
    /// What it says, decrypted, without its padding.
    pub content: Binary,
}

/// What a message says by the reporter's word alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SaidWithoutProof {
    /// The message.
    pub message: MessageId,
    /// What it says, decrypted, without its padding.
    pub content: Binary,
}

/// Why something is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Advertisements that nobody has asked for, or many messages of one kind.
    Spam,
    /// Fraud, or somebody who says to be somebody else.
    Fraud,
    /// Somebody is insulted, followed or put under pressure.
    Harassment,
    /// Hate of a group of people.
    Hate,
    /// A threat, or a call for violence.
    Violence,
    /// Sexual content that nobody has asked for, or that shows somebody who has not agreed.
    Sexual,
    /// Sexual abuse of children, or who prepares it.
    ChildAbuse,
    /// Somebody may hurt themselves.
    SelfHarm,
    /// Something else that the law forbids.
    Illegal,
    /// Something else: the comment says it.
    Other,
}

/// The answer to a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportTaken {
    /// What it is known by.
    pub report: ReportId,
}

/// A report, for who handles it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// What it is known by.
    pub report: ReportId,
    /// When it came.
    pub at: Timestamp,
    /// Who reports.
    pub by: AccountId,
    /// What is reported.
    pub subject: Subject,
    /// Why.
    pub reason: Reason,
    /// In the reporter's words.
    pub comment: String,
    /// Who has handled it, and how, once somebody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handled: Option<Handled>,
}

/// What is reported, as the server has found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Subject {
    /// A message.
    Message {
        /// The chat.
        chat: ChatId,
        /// Who has sent it: as the server saw it if this is proven, otherwise as the reporter says.
        from: AccountId,
        /// Whether the server has checked what it says. What is not proven the reporter may have made up.
        is_proven: bool,
        /// The message, and edits of it behind it. None in a list: the report itself has them.
        said: Vec<Said>,
    },
    /// An account.
    Account {
        /// The account.
        account: AccountId,
    },
    /// A group.
    Group {
        /// The group.
        group: ChatId,
    },
    /// A community, as it was when it was reported.
    Community {
        /// The community.
        community: CommunityId,
        /// What it was called.
        title: String,
        /// Who had founded it, or was given it.
        founder: AccountId,
    },
}

/// What a reported message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Said {
    /// The message.
    pub message: MessageId,
    /// Where in the log, if it is proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// When the server took it, if it is proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What it says, as a client encodes it.
    pub content: Binary,
}

/// How a report was handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Handled {
    /// Who has handled it; none if that was done on the server's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// In the words of who has handled it.
    pub note: String,
}

/// What came of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There was nothing to do.
    Dismissed,
    /// Something was done about it.
    Acted,
}

/// `POST /v1/admin/report/{report}`: handles a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HandleReport {
    /// What came of it.
    pub outcome: Outcome,
    /// In one's own words, also for the audit log; at most [`crate::limits::ADMIN_REASON_BYTES`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// `GET /v1/admin/report?state=…&limit=…&after=…`: a page of the reports, those alone that are not about who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListReports {
    /// Which.
    #[serde(default)]
    pub state: ReportState,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// [`Reports::next`] of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Which reports are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ReportState {
    /// Those that wait, the oldest first.
    #[default]
    Open,
    /// Those that somebody has handled, the latest handled first.
    Handled,
}

/// `GET /v1/admin/report/{report}`: a report with all that it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShownReport {
    /// The report.
    pub report: Report,
    /// The accounts in it by their names, as far as they are still there.
    pub accounts: Vec<NamedAccount>,
}

/// A page of reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reports {
    /// The reports, without what messages say.
    pub reports: Vec<Report>,
    /// The accounts in them by their names, as far as they are still there.
    pub accounts: Vec<NamedAccount>,
    /// What to give as `after` for the next page; none if this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Subject {
    /// The account that it is about, if it is about one: of a community its founder.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Message { from: account, .. }
            | Self::Account { account }
            | Self::Community { founder: account, .. } => Some(*account),
            Self::Group { .. } => None,
        }
    }
}

impl Report {
    /// The accounts in it: who reports, who is reported, who has handled it.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> {
        let handled_by = self.handled.as_ref().and_then(|handled| handled.by);
        [Some(self.by), self.subject.account(), handled_by]
            .into_iter()
            .flatten()
    }
}
