//! The log of chats: one shard of it.

use super::StoreError;
use super::deletion::{Deleted, Deletion};
use super::objection::{Objected, Objection};
use super::version::GroupVersion;
use bytes::Bytes;
use sotto_protocol::chat_rules::{Invited, Party};
use sotto_protocol::frame::{Page, Refusal};
use sotto_protocol::rest::chat::GroupInfo;
use sotto_protocol::{
    AccountId, ChatId, ChatRules, DeviceAddress, Epoch, Evidence, GroupRules, MessageId, ProblemCode,
    Retention, Seq, Suite, Timestamp,
};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

/// A chat to be created, in epoch 1 and with an empty log.
#[derive(Clone, Debug)]
pub struct NewChat {
    /// The chat.
    pub chat: ChatId,
    /// Its rules.
    pub rules: Arc<ChatRules>,
    /// The device that made the MLS group: its first member.
    pub creator: DeviceAddress,
    /// The suite.
    pub suite: Suite,
    /// The other members.
    pub added: Vec<DeviceAddress>,
    /// The Welcome for them, if there are any.
    pub welcome: Option<Bytes>,
    /// The GroupInfo of epoch 1.
    pub group_info: Bytes,
    /// When.
    pub at: Timestamp,
}

impl NewChat {
    /// The accounts that are parties of the chat from the beginning: those that its rules name, or those of a group's members.
    #[must_use]
    pub fn accounts(&self) -> BTreeSet<AccountId> {
        let named = self.rules.parties().iter().map(|party| party.account);
        let members = self
            .added
            .iter()
            .chain([&self.creator])
            .map(|member| member.account);
        if self.rules.as_group().is_some() {
            members.collect()
        } else {
            named.collect()
        }
    }

    /// Whether a chat with these rules that the same device created is this one: of a group, whose rules change, the key
    /// alone counts, which does not.
    pub(super) fn is_same_by(&self, rules: &ChatRules) -> bool {
        match (&*self.rules, rules) {
            (ChatRules::Group(own), ChatRules::Group(other)) => own.group_key == other.group_key,
            (own, other) => own == other,
        }
    }
}

/// What became of a chat to be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatCreation {
    /// It is there now.
    Created,
    /// The same device had created it by the same request: nothing was changed.
    Existed {
        /// When it was created.
        at: Timestamp,
    },
    /// The id is another chat's, or fenced off.
    Taken,
}

/// What became of an account's leaving a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It is out.
    Left {
        /// Nobody else is in the group.
        is_empty: bool,
    },
    /// It is in no such group.
    NoParty,
    /// The group is in this epoch by now: nothing was changed.
    Stale(Epoch),
}

/// An application message or a Commit on its way into a chat.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The chat.
    pub chat: ChatId,
    /// The sending device, authenticated.
    pub from: DeviceAddress,
    /// The sender's id for it.
    pub message: MessageId,
    /// The sender has read the log up to here, and it was not there.
    pub after: Seq,
    /// The epoch that it was made in, from its MLS header.
    pub epoch: Epoch,
    /// How long it is kept. Of a Commit: [`Retention::Keep`].
    pub retention: Retention,
    /// The MLS message.
    pub payload: Bytes,
    /// What a Commit brings with it; `None` for an application message.
    pub commit: Option<Box<CommitParts>>,
}

impl Submission {
    /// Whether it is relayed and never written.
    #[must_use]
    pub fn is_fleeting(&self) -> bool {
        self.retention == Retention::Never && self.commit.is_none()
    }
}

/// What a Commit declares and brings with it.
#[derive(Clone, Debug)]
pub struct CommitParts {
    /// The GroupInfo of the epoch that it begins.
    pub group_info: Bytes,
    /// The chat's suite, as the GroupInfo has it.
    pub suite: Suite,
    /// The chat's rules from then on, as the GroupInfo has them.
    pub rules: Arc<ChatRules>,
    /// What it brings along to show that it is allowed.
    pub evidence: Evidence,
    /// The devices that it adds; of an external Commit, the sender alone.
    pub added: Vec<DeviceAddress>,
    /// The devices that it removes.
    pub removed: Vec<DeviceAddress>,
    /// The Welcome for the devices added.
    pub welcome: Option<Bytes>,
    /// Whether it is an external Commit (RFC 9420, section 12.4.3.2): its sender becomes a member by it.
    pub external: bool,
    /// Whether the sender's account is to come into an open group by it. Otherwise the account has to be in the chat.
    pub as_newcomer: bool,
    /// What is known of it beside the log.
    pub findings: Findings,
}

/// What the accounts database says of a Commit. It is read before the Commit's turn comes, and judged when it has come: a Commit
/// that is in the log already is a duplicate, whatever has become of those whom it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Why it is not taken, whatever the chat's rules are: somebody whom it brings in blocks its sender, a statement or the
    /// GroupInfo is not signed by whom it should be.
    pub refusal: Option<ProblemCode>,
    /// Those whom its rules give an office, and who are no account with this identity key.
    pub strangers: Vec<Party>,
    /// Devices that it shows statements of, and that are not their accounts' (any more): nobody could check their signatures.
    pub unknown: Vec<DeviceAddress>,
}

/// What became of a [`Submission`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It has its position, durably; or, if it is fleeting, it may be relayed and was written nowhere.
    Accepted {
        /// Its position; `None` if it is fleeting.
        seq: Option<Seq>,
        /// The devices that are in the chat after it, the sender among them.
        members: Arc<[DeviceAddress]>,
        /// The devices that a Commit removed, of those that were in the chat until then.
        removed: Vec<DeviceAddress>,
        /// What a Commit changed of a group beside its members, if it did.
        group: Option<Box<GroupChange>>,
    },
    /// It was accepted before. Nothing was changed, and there is nothing to relay.
    Duplicate {
        /// Its position.
        seq: Seq,
        /// When it was accepted.
        at: Timestamp,
    },
    /// Nothing was changed.
    Refused(Refusal),
    /// Nothing was changed, and nothing is decided: another node writes to the chat just now. Give it to a later batch, before
    /// all that came after it in this chat.
    Busy,
}

/// What a Commit changed of a group beside its members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupChange {
    /// The accounts that came into the group by it.
    pub newcomers: Vec<AccountId>,
    /// The group can be found no more: until then it was listed.
    pub is_unlisted: bool,
}

/// How far a device has acknowledged a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorAdvance {
    /// The device.
    pub device: DeviceAddress,
    /// The chat.
    pub chat: ChatId,
    /// Everything up to here is safe there.
    pub acknowledged: Seq,
}

/// A device's new marker in a chat.
#[derive(Clone, Debug)]
pub struct MarkerUpdate {
    /// The device.
    pub device: DeviceAddress,
    /// The chat.
    pub chat: ChatId,
    /// The marker, sealed.
    pub payload: Bytes,
}

/// The devices in a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatMembers {
    /// The devices.
    pub devices: Vec<DeviceAddress>,
    /// The accounts that the other account of a direct chat has blocked: nothing of theirs is handed on.
    pub silenced: Vec<AccountId>,
}

impl Deref for ChatMembers {
    type Target = [DeviceAddress];

    fn deref(&self) -> &Self::Target {
        &self.devices
    }
}

/// All that waits to be written.
#[derive(Debug)]
pub struct WriteBatch<'a> {
    /// Messages and Commits, in the order in which they are to take effect.
    pub submissions: &'a [Submission],
    /// Cursors; of one device and chat the highest counts.
    pub cursors: &'a [CursorAdvance],
    /// Markers; of one device and chat the last counts.
    pub markers: &'a [MarkerUpdate],
    /// The time of acceptance of all of it.
    pub at: Timestamp,
}

/// Which entries of a chat to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRange {
    /// Entries after this one, oldest first.
    pub after: Option<Seq>,
    /// Entries before this one; without `after`, the newest of them.
    pub before: Option<Seq>,
    /// At most so many. [`sotto_protocol::limits`] bounds the page too, in entries and in bytes.
    pub limit: u16,
}

/// A place in a list that is read page by page; the default is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListPosition(pub i64);

/// Where a device stands in one of its account's chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its place among the account's chats.
    pub position: ListPosition,
    /// The chat.
    pub chat: ChatId,
    /// How far it has acknowledged; `None` if it is not in the group.
    pub acknowledged: Option<Seq>,
    /// The chat's last entry.
    pub last: Seq,
    /// The chat's suite.
    pub suite: Suite,
    /// If it is in the group, the markers of the other devices, sealed.
    pub markers: Vec<(DeviceAddress, Bytes)>,
}

/// A Welcome that its device has not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingWelcome {
    /// Its place among the device's Welcomes.
    pub position: ListPosition,
    /// The chat.
    pub chat: ChatId,
    /// What the device can read comes after this entry.
    pub after: Seq,
    /// Who made the Commit that adds it.
    pub from: DeviceAddress,
    /// The MLS Welcome.
    pub payload: Bytes,
}

/// What can be said of a group without its GroupInfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupStanding {
    /// The group.
    pub group: ChatId,
    /// Its suite.
    pub suite: Suite,
    /// Its rules.
    pub rules: GroupRules,
    /// How many accounts are in it.
    pub members: u32,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGroup {
    /// When it was created.
    pub created_at: Timestamp,
    /// The GroupInfo of its epoch.
    pub group_info: Bytes,
    /// How many accounts are in it.
    pub members: u32,
}

/// A chat that has new entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrownChat {
    /// Its place in the list.
    pub position: ListPosition,
    /// The chat.
    pub chat: ChatId,
    /// The chat's suite.
    pub suite: Suite,
    /// The chat's last entry.
    pub last: Seq,
    /// The devices in it, and how far each has acknowledged.
    pub members: Vec<(DeviceAddress, Seq)>,
}

/// What a retention sweep did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired {
    /// How many payloads were erased.
    pub erased: u32,
    /// Whether more are due.
    pub more: bool,
    /// When the next entry is due, if any waits and none is due now.
    pub next: Option<Timestamp>,
}

/// One shard of the log.
///
/// It holds everything of a chat that has to change together: entries, epoch, members, cursors, GroupInfo, Welcomes.
/// One writer a node calls [`Self::write`], one batch after the other; reads go beside it and see whole transactions. Where
/// several nodes share a shard, what one node's writer is doing to a chat makes it [`Appended::Busy`] for the others.
pub trait LogStore: Send + Sync + 'static {
    /// Creates a chat with its members, Welcomes and GroupInfo.
    fn create_chat(&self, chat: NewChat) -> impl Future<Output = Result<ChatCreation, StoreError>> + Send;

    /// Makes sure that a chat that is not here will never be: `false` if it is here.
    fn fence_chat(&self, chat: ChatId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The group commit: everything in `batch` in one transaction, an outcome for each submission. The outcome of one
    /// does not depend on another's being refused; each sees the effect of those before it.
    ///
    /// Cursors and markers may follow the submissions in a transaction of their own, which may be lost: a device is then
    /// sent again what it has, and knows it by its position. If it fails, that is not the submissions' failure.
    ///
    /// After [`StoreError::Unavailable`] it is not known whether submissions were accepted. Given again, they get the
    /// positions that they have; [`Self::grown_since`] finds what was accepted and handed on by nobody.
    ///
    /// A submission is
    /// - [busy](Appended::Busy) if another node holds the chat, and with it all of the batch's for this chat. A batch of
    ///   nothing else waits for a chat to become free first, within the store's patience: no caller has to;
    /// - a [duplicate](Appended::Duplicate) if the chat has an entry of this device with this id after
    ///   [`Submission::after`], whatever else it says, unless it is fleeting. Of a sender that has read a longer log than there
    ///   is, the last [`UNREAD_ENTRIES`](sotto_protocol::limits::UNREAD_ENTRIES) count;
    /// - refused with `ChatNotFound` unless its sender is a member, or is joining by external Commit and its account
    ///   is a party of the chat, or [wants](CommitParts::as_newcomer) to join the group alone and may;
    /// - refused with `InvitationRefused` if it joins by an invitation of which there is none in the group's rules, or which is
    ///   over at the batch's time, or was used by as many other accounts as may, or if it is banned;
    /// - refused with `Undeliverable` if its account [is silenced](Self::silence);
    /// - refused with `Behind` if before the batch the log had more than
    ///   [`UNREAD_ENTRIES`](sotto_protocol::limits::UNREAD_ENTRIES) after [`Submission::after`], unless it is fleeting. So may be
    ///   one for which much of the log would have to be read, if the batch has many of them;
    /// - refused with `StaleEpoch` and the chat's epoch if it was made in another one;
    /// - refused with `MalformedMessage` if a Commit's GroupInfo has another suite than the chat;
    /// - refused with `GroupFull` if a Commit would leave more devices than the chat's suite allows;
    /// - refused with [what was found](Findings::refusal) against a Commit;
    /// - refused with `OfficeRefused` if a Commit gives an office to [a stranger](Findings::strangers);
    /// - refused with `MembershipRefused` if a Commit declares a change that [the chat's rules](ChatRules::check) do not allow,
    ///   or names a device twice, adds one that has departed, removes one that has no leaf, or has a Welcome and adds no
    ///   others, or the other way round. An external Commit adds its sender and removes its earlier leaf, if there is one. Of
    ///   [an unknown device](Findings::unknown) an approval does not count, nor a departure unless its account gets nothing any
    ///   more.
    ///
    /// A Commit that is accepted begins the next epoch, replaces GroupInfo and rules, changes the members and leaves a Welcome
    /// for each device added. Those begin with the Commit's position as their cursor. An account becomes a party of a
    /// group with its first device, and is none any more when its last leaf is removed. Coming in by an invitation uses it, once
    /// for each account; uses are forgotten with the invitation.
    fn write(&self, batch: WriteBatch<'_>) -> impl Future<Output = Result<Vec<Appended>, StoreError>> + Send;

    /// A device that is in the chat objects to a Commit; `None` if it is in no such chat. The Commit is taken back if
    /// [enough](Objected) do, in one transaction: its entry and those after it are
    /// [taken back](sotto_protocol::frame::EntryKind::TakenBack), an entry says so, and epoch, rules, members and parties are what
    /// they were before it; whoever came in by it is out with its Welcome, and whoever it removed is in again with its cursor.
    /// The chat has no GroupInfo until the next Commit brings one. Devices that have departed meanwhile stay out, and so do
    /// accounts that have left.
    ///
    /// The committer's account commits no more in the chat: its Commits are refused with `MembershipRefused`, but for external
    /// ones, of which no more than [`REFUSED_JOINS`](sotto_protocol::limits::REFUSED_JOINS) may be taken back; until it is
    /// removed or added by somebody else.
    fn object(
        &self,
        objection: Objection,
    ) -> impl Future<Output = Result<Option<Objected>, StoreError>> + Send;

    /// A device that is in the chat deletes application messages; `None` if it is in no such chat. In one transaction: either
    /// the payloads of all that are there, under these ids, are erased, or [one may not be](Deleted::Refused) and nothing is
    /// changed. Passed over is what is not there, is deleted, over or taken back, and what is no application message.
    ///
    /// The positions stay as those of entries whose time is over do, and are known as [duplicates](Appended::Duplicate). On
    /// SQLite the files have the payloads no more after the next [`Self::expire`] that finds no reader in its way; what of a timed
    /// one may be left, there and on PostgreSQL, is sealed, and can be read no more when its time is over. On PostgreSQL what a kept
    /// one leaves is a dead row.
    fn delete_entries(
        &self,
        deletion: Deletion,
    ) -> impl Future<Output = Result<Option<Deleted>, StoreError>> + Send;

    /// Entries of a chat, for a device that is in it; otherwise `None`. Entries whose time is over at `now` are
    /// [`sotto_protocol::frame::EntryKind::Deleted`] and empty, whether a sweep has been there or not.
    fn page(
        &self,
        device: DeviceAddress,
        chat: ChatId,
        range: PageRange,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Page<Bytes>>, StoreError>> + Send;

    /// The chat's GroupInfo, for an account that is a party of it or may join it alone; otherwise `None`.
    fn group_info(
        &self,
        account: AccountId,
        chat: ChatId,
    ) -> impl Future<Output = Result<Option<GroupInfo>, StoreError>> + Send;

    /// As [`Self::group_info`], for an account that shows an invitation, whose signature holds: `None` too if it is none of the
    /// group's, is over or used up at that time, or the account is banned.
    fn invited_group_info(
        &self,
        account: AccountId,
        chat: ChatId,
        invited: Invited,
    ) -> impl Future<Output = Result<Option<GroupInfo>, StoreError>> + Send;

    /// The group, if the chat is one.
    fn group(&self, chat: ChatId) -> impl Future<Output = Result<Option<StoredGroup>, StoreError>> + Send;

    /// Which version of a group there is, if the chat is one: as long as it is the same, so is what [`Self::group`] reads. It may be
    /// `Some` where there is nothing to read.
    fn group_version(
        &self,
        group: ChatId,
    ) -> impl Future<Output = Result<Option<GroupVersion>, StoreError>> + Send;

    /// What can be said of those of the chats that are groups, in no order.
    fn group_standings(
        &self,
        chats: &[ChatId],
    ) -> impl Future<Output = Result<Vec<GroupStanding>, StoreError>> + Send;

    /// The accounts that are parties of a chat; none if there is no such chat.
    fn parties(&self, chat: ChatId) -> impl Future<Output = Result<Vec<AccountId>, StoreError>> + Send;

    /// The devices in a chat, or `None` if there is no such chat.
    fn members(
        &self,
        chat: ChatId,
    ) -> impl Future<Output = Result<Option<Arc<ChatMembers>>, StoreError>> + Send;

    /// Refuses from now on what an account sends into a chat that is not a group, or takes it again. `false` if there is no
    /// such chat, or the account is no party of it.
    fn silence(
        &self,
        chat: ChatId,
        account: AccountId,
        silenced: bool,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Where the device stands in the chats of its account, oldest first: at most `limit` after a position, and no more once
    /// their markers have [`limits::PAGE_BYTES`].
    fn standings(
        &self,
        device: DeviceAddress,
        after: ListPosition,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<Standing>, StoreError>> + Send;

    /// The device's pending Welcomes after a position, oldest first; as many as fit in a page's bytes, at least one if
    /// there is one.
    fn pending_welcomes(
        &self,
        device: DeviceAddress,
        after: ListPosition,
    ) -> impl Future<Output = Result<Vec<PendingWelcome>, StoreError>> + Send;

    /// The chats after a position that have entries accepted at `since` or later, with who is in them: at most `limit`, by
    /// position. Takes as long as there are such entries, not longer for what came before.
    ///
    /// It finds what other nodes accepted and did not hand on. An entry bears the time at which its node began to
    /// write it, by that node's clock, so look a little further back than the time in question.
    fn grown_since(
        &self,
        since: Timestamp,
        after: ListPosition,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<GrownChat>, StoreError>> + Send;

    /// The accounts that share a chat of this shard with this one.
    fn peers(&self, account: AccountId) -> impl Future<Output = Result<Vec<AccountId>, StoreError>> + Send;

    /// Ends the membership of devices in every chat of the shard, with their cursors, Welcomes and markers, for good: no
    /// Commit brings them in again. Their entries stay, and so do their leaves, until a Commit removes them.
    fn remove_devices(
        &self,
        devices: &[DeviceAddress],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends the membership of an account in a group: it is no party any more, its devices are out of it with their cursors,
    /// Welcomes and markers, and their leaves stay until a Commit removes them. If an epoch is named, only in that epoch.
    fn leave_group(
        &self,
        group: ChatId,
        account: AccountId,
        epoch: Option<Epoch>,
    ) -> impl Future<Output = Result<Leaving, StoreError>> + Send;

    /// Deletes a group for good, but for its entries, which nobody can read any more and [`Self::erase_deleted`] erases.
    /// Returns who was in it; nobody, and fences the id off, if there is no such group.
    fn delete_group(&self, group: ChatId) -> impl Future<Output = Result<Vec<AccountId>, StoreError>> + Send;

    /// Erases at most `limit` entries of chats that were deleted. `true` if there may be more.
    fn erase_deleted(&self, limit: u16) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Erases the payloads of at most `limit` entries whose time is over. Their positions stay, empty and
    /// [deleted](sotto_protocol::frame::EntryKind::Deleted), so that no reader sees a gap.
    fn expire(&self, now: Timestamp, limit: u16) -> impl Future<Output = Result<Expired, StoreError>> + Send;
}
