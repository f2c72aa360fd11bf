//! What can be said of a message or Commit before the chat is looked at: its form and its limits.

use crate::signature::{is_signed, verifying_key};
use crate::store::{CommitParts, Findings, Submission};
use bytes::Bytes;
use sotto_protocol::chat_rules::{Member, Office, Party, Role};
use sotto_protocol::message_header::{
    ContentType, GroupInfoHeader, MessageForm, MessageHeader, commit_evidence, welcome_suite,
};
use sotto_protocol::{
    ChatId, ChatRules, DeviceAddress, Epoch, GroupProfile, GroupRules, InvitationUse, MessageId, ProblemCode,
    Retention, Seq, Signature, SignedGroupProfile, Suite, limits,
};
use std::sync::Arc;

/// The epoch in which a chat begins.
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
    if !retention.is_in_bounds() {
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
    pub(super) removed: Vec<DeviceAddress>,
    pub(super) as_newcomer: bool,
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
        as_newcomer,
        welcome,
    } = declared;
    within(&commit, limits::HANDSHAKE_BYTES)?;
    within(&group_info, limits::HANDSHAKE_BYTES)?;
    if added.len() > limits::ADDED_DEVICES || removed.len() > limits::REMOVED_DEVICES {
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
    if as_newcomer && !external {
        return Err(ProblemCode::MalformedMessage);
    }
    let evidence = commit_evidence(&commit).map_err(|_| ProblemCode::MalformedMessage)?;
    match &evidence.invitation {
        Some(used) if external => invitation(chat, from, used)?,
        Some(_) => return Err(ProblemCode::MalformedMessage),
        None => {}
    }
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
            suite: next.suite,
            rules: Arc::new(next.rules),
            evidence,
            added,
            removed,
            welcome,
            external,
            as_newcomer,
            // Nobody has looked yet.
            findings: Findings::default(),
        })),
    })
}

/// A chat to be created.
pub(super) struct Creation<'a> {
    pub(super) chat: ChatId,
    pub(super) creator: DeviceAddress,
    pub(super) suite: Suite,
    pub(super) added: &'a [DeviceAddress],
    pub(super) welcome: Option<&'a Bytes>,
    pub(super) group_info: &'a Bytes,
}

impl Creation<'_> {
    /// Its rules, if it has the form of a new chat and they allow its members.
    pub(super) fn rules(&self) -> Result<ChatRules, ProblemCode> {
        within(self.group_info, limits::HANDSHAKE_BYTES)?;
        if self.added.len() > limits::ADDED_DEVICES {
            return Err(ProblemCode::TooLarge);
        }
        let header = GroupInfoHeader::read(self.group_info).map_err(|_| ProblemCode::MalformedMessage)?;
        let mut fits = header.chat == self.chat && header.epoch == FIRST_EPOCH && header.suite == self.suite;
        if let Some(welcome) = self.welcome {
            within(welcome, limits::HANDSHAKE_BYTES)?;
            fits &= welcome_suite(welcome) == Ok(self.suite);
        }
        if !fits {
            return Err(ProblemCode::MalformedMessage);
        }
        let members = self.added.iter().chain([&self.creator]);
        let members: Vec<Member> = members.copied().map(Member::from).collect();
        if self.welcome.is_none() != self.added.is_empty() {
            return Err(ProblemCode::MembershipRefused);
        }
        header.rules.check_members(self.suite, &members)?;
        Ok(header.rules)
    }
}

/// Whether a chat that is not a group has the rules that it has to have.
pub(super) fn is_of(rules: &ChatRules, expected: &ChatRules) -> Result<(), ProblemCode> {
    if std::mem::discriminant(rules) != std::mem::discriminant(expected) {
        Err(ProblemCode::MalformedMessage)
    } else if rules != expected {
        Err(ProblemCode::MembershipRefused)
    } else {
        Ok(())
    }
}

/// Whether a group may begin with these rules: nobody but its founder has a say in it yet.
pub(super) fn is_founded_by(rules: &ChatRules, founder: Party) -> Result<&GroupRules, ProblemCode> {
    let rules = rules.as_group().ok_or(ProblemCode::MalformedMessage)?;
    let owner = Office {
        holder: founder,
        role: Role::Owner,
    };
    let is_new = rules.removals == 0 && rules.offices == [owner] && rules.banned.is_empty();
    is_new.then_some(rules).ok_or(ProblemCode::MembershipRefused)
}

/// A listed group's profile, if it is the group's and its key has signed it.
pub(super) fn profile(
    chat: ChatId,
    rules: &GroupRules,
    signed: &SignedGroupProfile,
) -> Result<GroupProfile, ProblemCode> {
    if signed.profile.0.len() > PROFILE_BYTES {
        return Err(ProblemCode::TooLarge);
    }
    let profile = signed.claimed().map_err(|_| ProblemCode::InvalidRequest)?;
    let is_signed = has_signed(
        rules.group_key.as_bytes(),
        PROFILE_LABEL,
        signed.profile.as_slice(),
        &signed.signature,
    );
    let is_sound = rules.is_listed && profile.group == chat && is_signed;
    is_sound.then_some(profile).ok_or(ProblemCode::InvalidRequest)
}

/// Bytes of an encoded profile: its texts, and its numbers and ids.
const PROFILE_BYTES: usize = limits::TITLE_BYTES + limits::DESCRIPTION_BYTES + 128;
/// Keeps what the group's key signs here apart from all else that it signs.
const PROFILE_LABEL: &str = "sotto.v1 group profile";
/// As above, for the key of an invite link.
const INVITATION_LABEL: &str = "sotto.v1 invitation use";

/// Whether the key of the invitation has signed for this device in this group. That the group has such an invitation is looked up
/// where its rules are.
pub(super) fn invitation(chat: ChatId, from: DeviceAddress, used: &InvitationUse) -> Result<(), ProblemCode> {
    let signed = InvitationUse::signed_bytes(chat, used.invitation, from, used.device_key);
    has_signed(
        used.invitation.as_bytes(),
        INVITATION_LABEL,
        &signed,
        &used.signature,
    )
    .then_some(())
    .ok_or(ProblemCode::InvitationRefused)
}

fn has_signed(key: &[u8; 32], label: &str, signed: &[u8], signature: &Signature) -> bool {
    verifying_key(key).is_some_and(|key| is_signed(&key, label, signed, signature))
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
