//! Reporting.

use super::kept::{Shown, shown};
use super::{ReportReason, Reported};
use crate::client::Client;
use crate::error::ClientError;
use crate::messages::{StoredState, find_message};
use crate::platform::Platform;
use crate::store::Changes;
use sotto_crypto_core::{Body, Content, Text};
use sotto_protocol::rest::report::{NewReport, NewSubject, SaidWithProof, SaidWithoutProof};
use sotto_protocol::{AccountId, ChatId, CommunityId, MessageId, Problem, ProblemCode, Retention, limits};

impl<P: Platform> Client<P> {
    /// Reports a message of somebody else, with what it says and has said, to those who look after the server: they can read it
    /// from then on, and nothing else of the chat.
    ///
    /// The server checks that the message says that. If it has the message no more, the report goes without proof, and says so. If
    /// the message is not what its sender has said, as a member who has told it may have made it up, nothing is reported
    /// ([`ProblemCode::ReportRefused`]).
    pub async fn report_message(
        &self,
        chat: ChatId,
        message: MessageId,
        reason: ReportReason,
        comment: &str,
    ) -> Result<Reported, ClientError> {
        let found = find_message(self.records(), chat, message, &Changes::new()).await?;
        let (position, record) = found.ok_or(ClientError::MessageNotFound)?;
        match record.state {
            StoredState::Received => {}
            StoredState::Queued | StoredState::Failed(_) => return Err(ClientError::NotSentYet),
            StoredState::Accepted | StoredState::Relayed(_) => return Err(ClientError::MessageRefused),
        }
        let said = shown(position, &record, limits::REPORTED_MESSAGES - 1);
        if said.is_empty() {
            return Err(ClientError::MessageRefused);
        }
        // The message itself has to be proven. Of its edits those are left out that nobody could check.
        let is_provable = said.first().is_some_and(|first| first.message == message);
        let proofs: Vec<SaidWithProof> = said.iter().filter_map(proof).collect();
        if is_provable && said.first().is_some_and(|first| first.key.is_some()) {
            let subject = NewSubject::Message { chat, said: proofs };
            match self.send_report(subject, reason, comment, true).await {
                Err(ClientError::Refused(problem)) if is_gone(&problem) => {}
                sent => return sent,
            }
        }
        let subject = NewSubject::UnprovenMessage {
            chat,
            from: record.from.account,
            said: said.iter().map(without_proof).collect(),
        };
        self.send_report(subject, reason, comment, false).await
    }

    /// Reports a text that this device does not have any more, or never had but on the screen, as a fleeting one: the server cannot
    /// check it, and the report says so.
    pub async fn report_unproven(
        &self,
        chat: ChatId,
        from: AccountId,
        message: MessageId,
        text: impl Into<Text>,
        reason: ReportReason,
        comment: &str,
    ) -> Result<Reported, ClientError> {
        let content = Content {
            message,
            retention: Retention::Keep,
            body: Body::Text(text.into()),
        };
        let content = content.encode().map_err(|_| ClientError::TextTooLong)?;
        let said = vec![SaidWithoutProof {
            message,
            content: content.into(),
        }];
        let subject = NewSubject::UnprovenMessage { chat, from, said };
        self.send_report(subject, reason, comment, false).await
    }

    /// Reports an account.
    pub async fn report_person(
        &self,
        account: AccountId,
        reason: ReportReason,
        comment: &str,
    ) -> Result<Reported, ClientError> {
        let subject = NewSubject::Account { account };
        self.send_report(subject, reason, comment, false).await
    }

    /// Reports a group.
    pub async fn report_group(
        &self,
        group: ChatId,
        reason: ReportReason,
        comment: &str,
    ) -> Result<Reported, ClientError> {
        let subject = NewSubject::Group { group };
        self.send_report(subject, reason, comment, false).await
    }

    /// Reports a community of somebody else.
    pub async fn report_community(
        &self,
        community: CommunityId,
        reason: ReportReason,
        comment: &str,
    ) -> Result<Reported, ClientError> {
        let subject = NewSubject::Community { community };
        self.send_report(subject, reason, comment, false).await
    }

    async fn send_report(
        &self,
        subject: NewSubject,
        reason: ReportReason,
        comment: &str,
        is_proven: bool,
    ) -> Result<Reported, ClientError> {
        if comment.len() > limits::REPORT_COMMENT_BYTES {
            return Err(ClientError::TextTooLong);
        }
        let report = NewReport {
            subject,
            reason,
            comment: comment.to_owned(),
        };
        let taken = self.api().report(&report).await?;
        Ok(Reported {
            report: taken.report,
            is_proven,
        })
    }
}

/// What proves one of the things that were said, if this device has it.
fn proof(shown: &Shown) -> Option<SaidWithProof> {
    Some(SaidWithProof {
        seq: shown.seq?,
        key: shown.key.as_ref()?.reveal(),
        content: shown.content.expose().to_vec().into(),
    })
}

fn without_proof(shown: &Shown) -> SaidWithoutProof {
    SaidWithoutProof {
        message: shown.message,
        content: shown.content.expose().to_vec().into(),
    }
}

/// Whether the server cannot check it because it has the message no more.
fn is_gone(problem: &Problem) -> bool {
    problem.code == ProblemCode::ReportUnprovable
}
