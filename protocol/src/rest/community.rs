//! `/v1/community`: communities. They are public by their nature: the server reads all of this, and whoever has an account may.

use super::admin::NamedAccount;
use super::user::ProfilePicture;
use crate::{AccountId, AccountName, ChatId, CoarseLocation, CommunityId, PictureId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

/// What an account is in a community. Who is more may do what who is less may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CommunityRole {
    /// Is in it.
    Member,
    /// Changes what the community says, removes members, and bans accounts from it.
    Moderator,
    /// Makes moderators, hands the community over, and deletes it. There is always one.
    Founder,
}

/// `PUT /v1/community/{id}`: founds a community. The answer is [`Community`]; for one that the same account has founded under this
/// id before, too, as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FoundCommunity {
    /// 1 to [`crate::limits::COMMUNITY_TITLE_BYTES`], in one line.
    pub title: String,
    /// 1 to [`crate::limits::COMMUNITY_TOPICS`] of those that [`super::server::ServerInfo::topics`] has.
    pub topics: Vec<String>,
    /// Where it is, in its own words: at most [`crate::limits::PLACE_BYTES`]; empty if nowhere.
    #[serde(default)]
    pub place: String,
    /// Where that is, so that people near it find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<CoarseLocation>,
    /// At most [`crate::limits::COMMUNITY_DESCRIPTION_BYTES`].
    #[serde(default)]
    pub description: String,
}

/// `POST /v1/community/{id}`: changes what a community says, for its founder and its moderators. What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateCommunity {
    /// As of [`FoundCommunity`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// As of [`FoundCommunity`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<Vec<String>>,
    /// As of [`FoundCommunity`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// A place, which is rounded; `null` takes away the one that is there.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    #[allow(clippy::option_option, reason = "absent and null differ, as in RFC 7396")]
    pub location: Option<Option<CoarseLocation>>,
    /// As of [`FoundCommunity`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What is there, be it `null`.
#[allow(clippy::option_option, reason = "absent and null differ, as in RFC 7396")]
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<CoarseLocation>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// `GET /v1/community/{id}`: a community.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Community {
    /// The community.
    pub community: CommunityId,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub topics: Vec<String>,
    /// Where it is, in its own words; empty if nowhere.
    pub place: String,
    /// Where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<CoarseLocation>,
    /// What it says about itself.
    pub description: String,
    /// Its picture, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<ProfilePicture>,
    /// The wide picture at the head of its page, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<PictureId>,
    /// Who has founded it, or was given it.
    pub founder: NamedAccount,
    /// When it was founded.
    pub created_at: Timestamp,
    /// How many accounts are in it, the founder among them.
    pub members: u64,
    /// What the account that asks is in it; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_role: Option<CommunityRole>,
}

/// `GET /v1/community?q=…&topic=…&near=…&within_km=…&limit=…&after=…`: communities that a text fits, that are about a topic, or that
/// are near; all of them, if nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchCommunities {
    /// The text, 1 to [`crate::limits::SEARCH_QUERY_BYTES`] bytes: part of a title, of what communities say of themselves, or of
    /// where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// About this topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Near this place, as `LATITUDE,LONGITUDE` in degrees. It is rounded to the grid of [`CoarseLocation`], and kept nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<String>,
    /// How near, from [`CoarseLocation::LEAST_KM`] to [`crate::limits::WITHIN_KM`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_km: Option<u16>,
    /// At most so many, and at most [`crate::limits::SEARCH_RESULTS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// `GET /v1/community/new?near=…&within_km=…&since=…`: communities near a place that were founded lately. Whoever wants to be told
/// of them asks: the server keeps neither who does, nor where they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewCommunities {
    /// As of [`SearchCommunities`].
    pub near: String,
    /// As of [`SearchCommunities`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_km: Option<u16>,
    /// Founded after this time, and in the last [`crate::limits::COMMUNITY_NEW_MILLIS`].
    pub since: Timestamp,
}

/// The answer to [`SearchCommunities`] and to [`NewCommunities`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommunitiesFound {
    /// The communities. With a text, those come first whose title begins with it, then those whose title contains it, then those who
    /// say it elsewhere; each group by title. Near a place, the nearest come first, and those at one distance by title. New ones:
    /// the latest first, at most [`crate::limits::SEARCH_RESULTS`].
    pub communities: Vec<ListedCommunity>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A community where many are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedCommunity {
    /// The community.
    pub community: CommunityId,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub topics: Vec<String>,
    /// Where it is, in its own words; empty if nowhere.
    pub place: String,
    /// What it says about itself, or the beginning of it: at most [`crate::limits::ABOUT_SHOWN_BYTES`].
    pub description: String,
    /// Its picture in the small size, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureId>,
    /// When it was founded.
    pub created_at: Timestamp,
    /// How many accounts are in it.
    pub members: u64,
    /// How far it is from where was searched, in whole kilometres and at least [`CoarseLocation::LEAST_KM`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<u16>,
}

/// `GET /v1/community/joined`: the communities that the account is in, by title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinedCommunities {
    /// At most [`crate::limits::COMMUNITIES_JOINED`].
    pub communities: Vec<JoinedCommunity>,
}

/// A community that an account is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinedCommunity {
    /// The community.
    pub community: ListedCommunity,
    /// What the account is in it.
    pub role: CommunityRole,
    /// Since when.
    pub joined_at: Timestamp,
}

/// `GET /v1/community/{id}/member?limit=…&after=…`: who is in a community, for its members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadCommunityMembers {
    /// At most so many, and at most [`crate::limits::COMMUNITY_MEMBERS_READ`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The answer to [`ReadCommunityMembers`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommunityMembers {
    /// The founder, then the moderators, then the others; each group in the order in which they came.
    pub members: Vec<CommunityMember>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Somebody in a community.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommunityMember {
    /// The account.
    pub account: AccountId,
    /// Its unique name.
    pub name: AccountName,
    /// How it wants to be called; empty if it has not said.
    pub display_name: String,
    /// Its picture in the small size, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureId>,
    /// What it is in the community.
    pub role: CommunityRole,
    /// Since when it is in it.
    pub joined_at: Timestamp,
}

/// `GET /v1/community/{id}/group?limit=…&after=…`: the listed groups of a community. The answer is
/// [`GroupsFound`](super::group::GroupsFound), in the order of their ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadCommunityGroups {
    /// At most so many, and at most [`crate::limits::SEARCH_RESULTS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ChatId>,
}

/// `PUT /v1/community/{id}/member/{account}/role`: makes a member a moderator or takes that back, or hands the community over, for
/// its founder, who is a moderator from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetCommunityRole {
    /// What the member is from now on.
    pub role: CommunityRole,
}

/// `GET /v1/community/{id}/ban`: who is banned from a community, for its founder and its moderators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommunityBans {
    /// At most [`crate::limits::COMMUNITY_BANS`], the latest first.
    pub bans: Vec<CommunityBan>,
}

/// An account that is banned from a community.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommunityBan {
    /// The account.
    pub account: AccountId,
    /// Its unique name.
    pub name: AccountName,
    /// Since when.
    pub banned_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn a_location_that_is_absent_stays_and_null_takes_it_away() {
        let read = |json| from_value::<UpdateCommunity>(json).unwrap().location;
        assert_eq!(read(json!({})), None);
        assert_eq!(read(json!({ "location": null })), Some(None));
    }

    #[test]
    fn who_founds_is_more_than_who_moderates_and_who_moderates_more_than_who_is_there() {
        assert!(CommunityRole::Founder > CommunityRole::Moderator);
        assert!(CommunityRole::Moderator > CommunityRole::Member);
    }
}
