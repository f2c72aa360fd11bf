//! What can be said of a message or Commit before the chat is looked at: its form and its limits.

use crate::store::{CommitParts, Submission};
use bytes::Bytes;
use sotto_protocol::message_header::{
    ContentType, GroupInfoHeader, MessageForm, MessageHeader, welcome_suite,
};
use sotto_protocol::rest::chat::CreateDirectChat;
use sotto_protocol::{
    ChatId, DeviceAddress, DeviceId, Epoch, MessageId, ProblemCode, Retention, Seq, limits,
};

/// The epoch in which a direct chat begins.
const FIRST_EPOCH: Epoch = Epoch(1);

pub(super) fn application(
    chat: ChatId,
    from: DeviceAddress,
    message: MessageId,
    after: Seq,
    retention: Retention,
    payload: Bytes,
) -> Result<Submission, ProblemCode> {
    within(&payload, limits::PAYLOAD_BYTES)?;
    if let Retention::For { seconds } = retention
        && !(1..=limits::RETENTION_SECONDS_MAX).contains(&seconds)
    {
        return Err(ProblemCode::InvalidRetention);
    }
    let header = header(&payload, chat)?;
    if (header.form, header.content) != (MessageForm::Private, ContentType::Application) {
        return Err(ProblemCode::MalformedMessage);
    }
    Ok(Submission {
        chat,
        from,
        message,
        after,
        epoch: header.epoch,
        retention,
        payload,
        commit: None,
    })
}

/// The parts of a Commit as a client sends them.
pub(super) struct DeclaredCommit {
    pub(super) commit: Bytes,
    pub(super) group_info: Bytes,
    pub(super) added: Vec<DeviceAddress>,
    pub(super) removed: Vec<DeviceId>,
    pub(super) welcome: Option<Bytes>,
}

pub(super) fn commit(
    chat: ChatId,
    from: DeviceAddress,
    message: MessageId,
    after: Seq,
    declared: DeclaredCommit,
) -> Result<Submission, ProblemCode> {
    let DeclaredCommit {
        commit,
        group_info,
        added,
        removed,
        welcome,
    } = declared;
    within(&commit, limits::HANDSHAKE_BYTES)?;
    within(&group_info, limits::HANDSHAKE_BYTES)?;
    if added.len() > limits::ADDED_DEVICES || removed.len() > limits::DEVICES_PER_ACCOUNT {
        return Err(ProblemCode::TooLarge);
    }
    let header = header(&commit, chat)?;
    let external = match (header.form, header.content) {
        (MessageForm::Private, ContentType::Commit) => false,
        (
            MessageForm::Public {
                new_member_commit: true,
            },
            ContentType::Commit,
        ) => true,
        _ => return Err(ProblemCode::MalformedMessage),
    };
    let next = GroupInfoHeader::read(&group_info).map_err(|_| ProblemCode::MalformedMessage)?;
    if next.chat != chat || Some(next.epoch.0) != header.epoch.0.checked_add(1) {
        return Err(ProblemCode::MalformedMessage);
    }
    if let Some(welcome) = &welcome {
        within(welcome, limits::HANDSHAKE_BYTES)?;
        if welcome_suite(welcome) != Ok(next.suite) {
            return Err(ProblemCode::MalformedMessage);
        }
    }
    Ok(Submission {
        chat,
        from,
        message,
        after,
        epoch: header.epoch,
        retention: Retention::Keep,
        payload: commit,
        commit: Some(Box::new(CommitParts {
            group_info,
            added,
            removed,
            welcome,
            external,
        })),
    })
}

/// A direct chat to be created; whether `added` may be there is the chat's business.
pub(super) fn direct_chat(chat: ChatId, request: &CreateDirectChat) -> Result<(), ProblemCode> {
    within(&request.welcome.0, limits::HANDSHAKE_BYTES)?;
    within(&request.group_info.0, limits::HANDSHAKE_BYTES)?;
    if request.added.len() > limits::ADDED_DEVICES {
        return Err(ProblemCode::TooLarge);
    }
    let group_info =
        GroupInfoHeader::read(request.group_info.as_slice()).map_err(|_| ProblemCode::MalformedMessage)?;
    let fits = group_info.chat == chat
        && group_info.epoch == FIRST_EPOCH
        && group_info.suite == request.suite
        && welcome_suite(request.welcome.as_slice()) == Ok(request.suite);
    fits.then_some(()).ok_or(ProblemCode::MalformedMessage)
}

/// Whether a signal or a marker is small enough.
pub(super) fn is_signal(payload: &Bytes) -> bool {
    payload.len() <= limits::SIGNAL_BYTES
}

fn within(bytes: &Bytes, most: usize) -> Result<(), ProblemCode> {
    if bytes.len() <= most {
        Ok(())
    } else {
        Err(ProblemCode::TooLarge)
    }
}

fn header(message: &[u8], chat: ChatId) -> Result<MessageHeader, ProblemCode> {
    MessageHeader::read(message)
        .ok()
        .filter(|header| header.chat == chat)
        .ok_or(ProblemCode::MalformedMessage)
}
