//! Taking a report.

use super::ReportError;
use super::proof::prove;
use crate::app::{App, Backend};
use crate::store::{self, AccountStore as _, CommunityStore as _, PageRange, ReportStore as _};
use rand_core::Rng as _;
use sotto_protocol::frame::{Entry, EntryKind};
use sotto_protocol::rest::report::{NewReport, NewSubject, Said, SaidWithProof, SaidWithoutProof, Subject};
use sotto_protocol::{AccountId, ChatId, CommunityId, DeviceAddress, ProblemCode, ReportId, Seq, limits};
use std::collections::BTreeSet;

/// Takes a member's report, checked as far as it can be.
pub(crate) async fn take<B: Backend>(
    app: &App<B>,
    by: DeviceAddress,
    NewReport {
        subject,
        reason,
        comment,
    }: NewReport,
) -> Result<ReportId, ReportError> {
    if comment.len() > limits::REPORT_COMMENT_BYTES {
        return Err(ProblemCode::TooLarge.into());
    }
    // What PostgreSQL has no text with.
    if comment.contains('\0') {
        return Err(ReportError::Invalid("comment: with a NUL in it"));
    }
    let subject = match subject {
        NewSubject::Message { chat, said } => proven(app, by, chat, said).await?,
        NewSubject::UnprovenMessage { chat, from, said } => unproven(app, by, chat, from, said).await?,
        NewSubject::Account { account } => {
            other_account(app, by, account).await?;
            Subject::Account { account }
        }
        NewSubject::Group { group } => {
            app.delivery.group(group).await?;
            Subject::Group { group }
        }
        NewSubject::Community { community } => others_community(app, by, community).await?,
    };
    let mut id = [0; ReportId::LENGTH];
    app.rng().fill_bytes(&mut id);
    let report = store::NewReport {
        report: ReportId::from_bytes(id),
        at: app.now(),
        by: by.account,
        subject,
        reason,
        comment,
    };
    let id = report.report;
    if app.accounts.create_report(report).await? {
        Ok(id)
    } else {
        Err(ProblemCode::AlreadyReported.into())
    }
}

/// A message and its edits, each with its proof.
async fn proven<B: Backend>(
    app: &App<B>,
    by: DeviceAddress,
    chat: ChatId,
    shown: Vec<SaidWithProof>,
) -> Result<Subject, ReportError> {
    check_sizes(shown.iter().map(|shown| shown.content.as_slice().len()))?;
    let positions: BTreeSet<Seq> = shown.iter().map(|shown| shown.seq).collect();
    if positions.len() < shown.len() || positions.contains(&Seq::ZERO) {
        return Err(ReportError::Invalid("said: an entry twice, or none"));
    }
    let (mut said, mut sender) = (Vec::with_capacity(shown.len()), None);
    for shown in shown {
        let entry = entry(app, by, chat, shown.seq).await?;
        if entry.kind == EntryKind::Application
            && *sender.get_or_insert(entry.from.account) != entry.from.account
        {
            return Err(ReportError::Invalid("said: of several accounts"));
        }
        said.push(prove(chat, &entry, shown)?);
    }
    match sender {
        Some(from) if from != by.account => Ok(Subject::Message {
            chat,
            from,
            is_proven: true,
            said,
        }),
        Some(_) | None => Err(ReportError::Invalid("said: by the reporter")),
    }
}

/// A message and its edits by the reporter's word.
async fn unproven<B: Backend>(
    app: &App<B>,
    by: DeviceAddress,
    chat: ChatId,
    from: AccountId,
    shown: Vec<SaidWithoutProof>,
) -> Result<Subject, ReportError> {
    check_sizes(shown.iter().map(|shown| shown.content.as_slice().len()))?;
    // Whether the reporter is in the chat.
    let nothing = PageRange {
        after: None,
        before: Some(Seq(1)),
        limit: 1,
    };
    app.delivery.page(by, chat, nothing).await?;
    other_account(app, by, from).await?;
    let said = shown.into_iter().map(|shown| Said {
        message: shown.message,
        seq: None,
        at: None,
        content: shown.content,
    });
    Ok(Subject::Message {
        chat,
        from,
        is_proven: false,
        said: said.collect(),
    })
}

fn check_sizes(contents: impl ExactSizeIterator<Item = usize>) -> Result<(), ReportError> {
    if contents.len() == 0 {
        return Err(ReportError::Invalid("said: at least 1"));
    }
    let is_too_much = contents.len() > limits::REPORTED_MESSAGES;
    if is_too_much || contents.into_iter().any(|length| length > limits::PAYLOAD_BYTES) {
        return Err(ProblemCode::TooLarge.into());
    }
    Ok(())
}

/// An entry of a chat that the device is in.
async fn entry<B: Backend>(
    app: &App<B>,
    by: DeviceAddress,
    chat: ChatId,
    seq: Seq,
) -> Result<Entry, ReportError> {
    let there = PageRange {
        after: Some(Seq(seq.0.saturating_sub(1))),
        before: Some(seq.next()),
        limit: 1,
    };
    let page = app.delivery.page(by, chat, there).await?;
    let found = page.entries.into_iter().find(|entry| entry.seq == seq);
    Ok(found.ok_or(ProblemCode::ReportUnprovable)?)
}

/// The community is there, and is not the reporter's own.
async fn others_community<B: Backend>(
    app: &App<B>,
    by: DeviceAddress,
    community: CommunityId,
) -> Result<Subject, ReportError> {
    let found = app.accounts.community(community, by.account).await?;
    let found = found.ok_or(ProblemCode::CommunityNotFound)?;
    if found.founder.account == by.account {
        return Err(ReportError::Invalid("one's own community"));
    }
    Ok(Subject::Community {
        community,
        title: found.title,
        founder: found.founder.account,
    })
}

/// The account is there, and is not the reporter's own.
async fn other_account<B: Backend>(
    app: &App<B>,
    by: DeviceAddress,
    account: AccountId,
) -> Result<(), ReportError> {
    if account == by.account {
        return Err(ReportError::Invalid("one's own account"));
    }
    let found = app.accounts.account(account).await?;
    found.map(drop).ok_or(ProblemCode::UserNotFound.into())
}
