//! Groups: what a client shows of them, and what it can ask for.

mod change;
mod client;
mod intent;
mod invite_link;
mod picture;
pub(crate) mod told_history;

pub use change::{GroupChange, Whom};
pub(crate) use change::{StoredChange, View};
pub(crate) use client::{page, shown};
pub(crate) use intent::IntentRecord;
pub use invite_link::{ActiveInviteLink, ReadInviteLink, invite_link_at, split_invite_link};
pub use picture::Picture;
pub(crate) use picture::{PictureRecord, ProfileEdit};
pub use sotto_protocol::GroupSize;
pub use sotto_protocol::chat_rules::{Approvers, GrantedHistory, Inviters, JoinPolicy, Role};

use crate::contacts::Person;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, AccountName, ChatId, CommunityId, PictureDigest, Retention, Timestamp};

/// A group to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGroup {
    /// 1 to [`TITLE_BYTES`](sotto_protocol::limits::TITLE_BYTES) bytes.
    pub title: String,
    /// At most [`DESCRIPTION_BYTES`](sotto_protocol::limits::DESCRIPTION_BYTES).
    pub description: String,
    /// How large it can become, for good. Whoever chooses [`GroupSize::Large`] is to be told that such a group is not protected
    /// against a later quantum computer.
    pub size: GroupSize,
    /// How newcomers get in.
    pub join_policy: JoinPolicy,
    /// Whether anyone can find it and read its title and description. If not, the server does not know them.
    pub is_listed: bool,
    /// What becomes of messages whose sender says nothing else.
    pub retention: Retention,
    /// Who is in it from the beginning, beside its founder.
    pub members: Vec<AccountName>,
    /// The community that it is of, for good: nobody comes in who is not in that, neither now nor later.
    pub community: Option<CommunityId>,
    /// Whether it is a broadcast, for good: the owner and the admins speak, everyone else reads. Such a group is open and listed,
    /// whatever else is said here, and whoever comes is given all that was said.
    pub is_broadcast: bool,
}

/// A group, as this device knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The group.
    pub group: ChatId,
    /// Its title, unless no other member has told it to this device yet.
    pub title: Option<String>,
    /// Its description, likewise.
    pub description: Option<String>,
    /// Which picture it has: [`Client::group_picture`](crate::Client::group_picture) reads it.
    pub picture: Option<PictureDigest>,
    /// How large it can become. Only a [`GroupSize::Normal`] one is protected against a later quantum computer.
    pub size: GroupSize,
    /// How newcomers get in.
    pub join_policy: JoinPolicy,
    /// Whether anyone can find it.
    pub is_listed: bool,
    /// The community that it is of. Who is in that, and so who can come in, is the server's word.
    pub community: Option<CommunityId>,
    /// Whether it is a broadcast: the owner and the admins speak, everyone else reads.
    pub is_broadcast: bool,
    /// What becomes of messages whose sender says nothing else.
    pub retention: Retention,
    /// What newcomers are given of what was said before they came.
    pub history: GrantedHistory,
    /// This account's role; `None` if it is in the group no more.
    pub own_role: Option<Role>,
    /// How many accounts are in it.
    pub members: usize,
    /// How many accounts this device is still to add, of those that it was asked to.
    pub adding: usize,
    /// Accounts that do not come in again.
    pub banned: Vec<AccountId>,
    /// Members that show another identity key than the one known, which nobody has accepted yet: say so loudly wherever the group
    /// is shown.
    pub doubted: Vec<Whom>,
    /// Whether this device has the group's key, with which the owner and the admins sign its profile and invite links. It comes to
    /// their devices by itself.
    pub has_key: bool,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// The account.
    pub account: AccountId,
    /// As its profile says; `None` until that was read.
    pub person: Option<Person>,
    /// Its role.
    pub role: Role,
    /// How many devices it has in the group.
    pub devices: usize,
}

/// One page of a group's members: the owner, then admins, then all others, each by account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembersPage {
    /// The members.
    pub members: Vec<GroupMember>,
    /// How many there are in all.
    pub total: usize,
}

/// What to change of a group; what is `None` or empty stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSettings {
    /// How newcomers get in.
    pub join_policy: Option<JoinPolicy>,
    /// Whether anyone can find it.
    pub is_listed: Option<bool>,
    /// What becomes of messages whose sender says nothing else.
    pub retention: Option<Retention>,
    /// What newcomers are given of what was said before they came. Whoever has spoken under another rule has not reckoned with it:
    /// every member sees the change.
    pub history: Option<GrantedHistory>,
    /// New roles of members. Whoever makes another the owner becomes an admin.
    pub roles: Vec<(AccountId, Role)>,
    /// Accounts that may come in again.
    pub unbanned: Vec<AccountId>,
}

/// Somebody who asks to be let into a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinRequest {
    /// The account.
    pub account: AccountId,
    /// As its profile says; `None` until that was read.
    pub person: Option<Person>,
    /// When it asked.
    pub at: Timestamp,
    /// How many members have approved.
    pub approvals: usize,
    /// Whether this account is one of them.
    pub is_approved_here: bool,
}

/// A group that others can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicGroup {
    /// The group.
    pub group: ChatId,
    /// Its title, if it is listed.
    pub title: Option<String>,
    /// Its description, likewise.
    pub description: Option<String>,
    /// Which picture it has, likewise.
    pub picture: Option<PictureDigest>,
    /// How newcomers get in.
    pub join_policy: JoinPolicy,
    /// How many accounts are in it.
    pub members: u32,
}

/// One page of a search for groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupsPage {
    /// The groups found, by title.
    pub groups: Vec<PublicGroup>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}
