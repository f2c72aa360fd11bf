//! `/v1/group`: groups, by the id of their chat.

use crate::chat_rules::JoinPolicy;
use crate::{
    AccountId, Binary, ChatId, CommunityId, DeviceAddress, Epoch, GroupKey, SignedGroupProfile, Suite,
    Timestamp,
};
use serde::{Deserialize, Serialize};

/// `PUT /v1/group/{id}`: creates a group in epoch 1, with the caller and the devices added as members. Its rules are in its
/// GroupInfo; the caller's account is its owner. If they name a community, all of them have to be in that. The answer is [`super::chat::ChatCreated`]; for a group that the same device
/// created by the same request before, too.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateGroup {
    /// The group's suite.
    pub suite: Suite,
    /// The devices added beside the caller's.
    pub added: Vec<DeviceAddress>,
    /// The Welcome for them, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome: Option<Binary>,
    /// The GroupInfo of epoch 1.
    pub group_info: Binary,
    /// The profile of a listed group; absent of an unlisted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<SignedGroupProfile>,
}

/// `POST /v1/group/{id}`: the owner or an admin of a listed group replaces its profile. The answer is [`Group`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateGroup {
    /// With a later revision; with any, of a group that has no public profile.
    pub profile: SignedGroupProfile,
}

/// `POST /v1/group/{id}/leave`: the caller's account leaves a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LeaveGroup {
    /// The epoch in which everybody who is in the group can have read that the account leaves: in a later one nothing happens,
    /// and the answer is `stale-epoch`, as somebody may have come in who has not. A device that cannot follow the group names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
}

/// `GET /v1/group/{id}`: what anyone who knows the id may know of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    /// The group.
    pub group: ChatId,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its suite.
    pub suite: Suite,
    /// Its epoch.
    pub epoch: Epoch,
    /// The public half of its identity key.
    pub group_key: GroupKey,
    /// The public half of the epoch's external key pair (RFC 9420, section 8.3).
    pub external_key: Binary,
    /// How a newcomer gets in.
    pub join_policy: JoinPolicy,
    /// Whether it can be found by search.
    pub is_listed: bool,
    /// The community that it is of: nobody comes in who is not in that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub community: Option<CommunityId>,
    /// The profile, if it is listed and has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<SignedGroupProfile>,
    /// How many accounts are in it.
    pub members: u32,
}

/// `GET /v1/group?q=…&limit=…&after=…`: listed groups whose title or description contains the text; all if there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchGroups {
    /// The text, at most [`crate::limits::SEARCH_QUERY_BYTES`] bytes.
    #[serde(default)]
    pub q: String,
    /// At most so many, and at most [`crate::limits::SEARCH_RESULTS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The answer to [`SearchGroups`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupsFound {
    /// The groups, by title.
    pub groups: Vec<FoundGroup>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One result of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundGroup {
    /// The group.
    pub group: ChatId,
    /// The public half of its identity key: the profile is signed with it.
    pub group_key: GroupKey,
    /// The profile.
    pub profile: SignedGroupProfile,
    /// How a newcomer gets in.
    pub join_policy: JoinPolicy,
    /// How many accounts are in it.
    pub members: u32,
}

/// `PUT /v1/group/{id}/request`: asks to be let in, in place of an earlier request of the same account. Answered 204.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskToJoin {
    /// A KeyPackage of the calling device, as an `MLSMessage`, made for this request alone.
    pub key_package: Binary,
}

/// `GET /v1/group/{id}/request`: who asks to be let in, for members.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinRequests {
    /// The requests, oldest first, at most [`crate::limits::JOIN_REQUESTS`].
    pub requests: Vec<JoinRequest>,
}

/// A request to be let into a group. `DELETE /v1/group/{id}/request/{account}` withdraws one's own, or declines another's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinRequest {
    /// The account that asks.
    pub account: AccountId,
    /// Its KeyPackage as an `MLSMessage`; the credential in it names the device.
    pub key_package: Binary,
    /// When the server got it.
    pub at: Timestamp,
}
