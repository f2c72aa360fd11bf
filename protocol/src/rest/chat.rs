//! `/v1/chat`: chats and their logs. `GET /v1/chat` is answered 405, always.

use crate::frame::EntryKind;
use crate::{
    AccountId, Binary, ChatId, DeviceAddress, DeviceKey, Epoch, InvitationKey, MessageId, Retention, Seq,
    Signature, Suite, Timestamp,
};
use serde::{Deserialize, Serialize};

/// `PUT /v1/chat/{id}`: creates a direct chat, or notes to oneself, in epoch 1, with the caller and the devices added as
/// members. The answer is [`ChatCreated`]; for a chat that the same device created by the same request before, too.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateDirectChat {
    /// The account to talk to; for notes to oneself, the caller's own.
    pub with: AccountId,
    /// The group's suite.
    pub suite: Suite,
    /// The devices added beside the caller's: of the two accounts, and of no other.
    pub added: Vec<DeviceAddress>,
    /// The Welcome for them, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome: Option<Binary>,
    /// The GroupInfo of epoch 1.
    pub group_info: Binary,
}

/// The answer to [`CreateDirectChat`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatCreated {
    /// When.
    pub created_at: Timestamp,
}

/// `POST /v1/chat/{id}`: publishes a message without a WebSocket. The answer is [`Published`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The message's id; the same for a retry.
    pub message: MessageId,
    /// The caller has read the log up to here, and this message is not in that part of it: the server looks for it in what
    /// comes after, which is at most [`crate::limits::UNREAD_ENTRIES`].
    #[serde(default)]
    pub after: Seq,
    /// How long it is kept.
    #[serde(default)]
    pub retention: Retention,
    /// An MLS `PrivateMessage` with application content.
    pub payload: Binary,
}

/// The answer to [`Publish`]: the entry is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Published {
    /// Its position; absent for [`Retention::Never`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// When the server accepted it.
    pub at: Timestamp,
    /// Other devices that were connected and got it at once: of a fleeting message all of them, of others those that
    /// are connected to the sender's own node.
    pub reached: u32,
}

/// `GET /v1/chat/{id}?after=…&before=…&limit=…`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadChat {
    /// Entries after this one, oldest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Seq>,
    /// Entries before this one: without `after`, the newest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Seq>,
    /// At most so many, and at most [`crate::limits::PAGE_ENTRIES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// The answer to [`ReadChat`]: in order, whichever end was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatPage {
    /// The entries.
    pub entries: Vec<StoredEntry>,
    /// The chat's last entry.
    pub last: Seq,
}

/// One position of a chat's log, in JSON. See [`crate::frame::Entry`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredEntry {
    /// The position.
    pub seq: Seq,
    /// The sending device, as the server saw it.
    pub from: DeviceAddress,
    /// The sender's id for it.
    pub message: MessageId,
    /// When the server accepted it.
    pub at: Timestamp,
    /// How long it is kept.
    pub retention: Retention,
    /// `application`, `commit`, `deleted`, `taken-back` or `reversal`.
    pub kind: EntryKind,
    /// The MLS message; empty if it was deleted or taken back.
    pub payload: Binary,
}

/// `GET /v1/chat/{id}/group-info?invitation=…&device_key=…&signature=…`: whoever has an invite link shows an
/// [`InvitationUse`](crate::InvitationUse) of the calling device, all of it; a device of a member account nothing.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadGroupInfo {
    /// The invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<InvitationKey>,
    /// The calling device's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_key: Option<DeviceKey>,
    /// The signature of the invitation's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// The answer to [`ReadGroupInfo`]: what a device needs to join by external Commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupInfo {
    /// The chat.
    pub chat: ChatId,
    /// The epoch that it lets one join.
    pub epoch: Epoch,
    /// The chat's last entry: the joiner reads what comes after its own Commit.
    pub last: Seq,
    /// The GroupInfo as an `MLSMessage`, with the ratchet tree.
    pub group_info: Binary,
}

/// `POST /v1/chat/{id}/objection`: the caller cannot accept a Commit, because the chat's rules forbid it or because it cannot
/// be processed. The answer is [`Objected`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// The Commit's position.
    pub seq: Seq,
}

/// The answer to [`Object`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Objected {
    /// What became of the Commit.
    pub outcome: ObjectionOutcome,
}

/// `POST /v1/chat/{id}/deletion`: erases messages for all, as far as they are on the server. The answer is empty. The caller
/// names its own account's; the owner and the admins of a group name anybody's. What is not there, is deleted already or is no
/// message is passed over, so the same request can be made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteEntries {
    /// 1 to [`crate::limits::DELETIONS`] of them. If one is not the caller's to delete, all stay.
    pub entries: Vec<NamedEntry>,
}

/// A message in a chat's log: its id too, so that nothing else is taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NamedEntry {
    /// Its position.
    pub seq: Seq,
    /// The sender's id for it.
    pub message: MessageId,
}

/// What became of a Commit to which a device objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ObjectionOutcome {
    /// It stands, and the objection with it: object again after a while.
    Noted,
    /// It is taken back: the log says so, in a [`Reversal`](crate::frame::Reversal).
    TakenBack,
    /// It cannot be taken back: there is none at this position, or too many have followed it.
    Final,
}
