//! Communities, as JavaScript gets and gives them. The npm package's `community.ts` describes the fields.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::CoarseLocation;
use tsify::Tsify;

use crate::admin_types::NamedAccount;
use crate::error::{Answer, Rejection};
use crate::profile_types::{Location, ProfilePicture};
use crate::types::number;

#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommunityRole {
    Member,
    Moderator,
    Founder,
}

impl From<sdk::CommunityRole> for CommunityRole {
    fn from(role: sdk::CommunityRole) -> Self {
        match role {
            sdk::CommunityRole::Member => Self::Member,
            sdk::CommunityRole::Moderator => Self::Moderator,
            sdk::CommunityRole::Founder => Self::Founder,
        }
    }
}

impl TryFrom<CommunityRole> for sdk::CommunityRole {
    type Error = Rejection;

    fn try_from(role: CommunityRole) -> Answer<Self> {
        Ok(match role {
            CommunityRole::Member => Self::Member,
            CommunityRole::Moderator => Self::Moderator,
            CommunityRole::Founder => Self::Founder,
        })
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Community {
    #[serde(rename = "community")]
    id: String,
    title: String,
    topics: Vec<String>,
    place: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
    description: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<ProfilePicture>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    cover: Option<String>,
    founder: NamedAccount,
    created_at: f64,
    members: f64,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    own_role: Option<CommunityRole>,
}

impl From<sdk::Community> for Community {
    fn from(community: sdk::Community) -> Self {
        Self {
            id: community.community.to_string(),
            title: community.title,
            topics: community.topics,
            place: community.place,
            location: community.location.map(Location::from),
            description: community.description,
            picture: community.picture.map(ProfilePicture::from),
            cover: community.cover.map(|cover| cover.to_string()),
            founder: community.founder.into(),
            created_at: number(community.created_at.0),
            members: number(community.members),
            own_role: community.own_role.map(CommunityRole::from),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedCommunity {
    community: String,
    title: String,
    topics: Vec<String>,
    place: String,
    description: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    created_at: f64,
    members: f64,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_km: Option<u16>,
}

impl From<sdk::ListedCommunity> for ListedCommunity {
    fn from(community: sdk::ListedCommunity) -> Self {
        Self {
            community: community.community.to_string(),
            title: community.title,
            topics: community.topics,
            place: community.place,
            description: community.description,
            picture: community.picture.map(|picture| picture.to_string()),
            created_at: number(community.created_at.0),
            members: number(community.members),
            distance_km: community.distance_km,
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct CommunitiesPage {
    communities: Vec<ListedCommunity>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<sdk::CommunitiesFound> for CommunitiesPage {
    fn from(page: sdk::CommunitiesFound) -> Self {
        Self {
            communities: page.communities.into_iter().map(ListedCommunity::from).collect(),
            next: page.next,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct ListedCommunities(Vec<ListedCommunity>);

impl From<Vec<sdk::ListedCommunity>> for ListedCommunities {
    fn from(communities: Vec<sdk::ListedCommunity>) -> Self {
        Self(communities.into_iter().map(ListedCommunity::from).collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinedCommunity {
    community: ListedCommunity,
    role: CommunityRole,
    joined_at: f64,
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct JoinedCommunities(Vec<JoinedCommunity>);

impl From<Vec<sdk::JoinedCommunity>> for JoinedCommunities {
    fn from(joined: Vec<sdk::JoinedCommunity>) -> Self {
        let joined = joined.into_iter().map(|joined| JoinedCommunity {
            community: joined.community.into(),
            role: joined.role.into(),
            joined_at: number(joined.joined_at.0),
        });
        Self(joined.collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommunityMember {
    account: String,
    name: String,
    display_name: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    role: CommunityRole,
    joined_at: f64,
}

#[derive(Tsify, Serialize)]
pub struct CommunityMembersPage {
    members: Vec<CommunityMember>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<sdk::CommunityMembers> for CommunityMembersPage {
    fn from(page: sdk::CommunityMembers) -> Self {
        let members = page.members.into_iter().map(|member| CommunityMember {
            account: member.account.to_string(),
            name: member.name.to_string(),
            display_name: member.display_name,
            picture: member.picture.map(|picture| picture.to_string()),
            role: member.role.into(),
            joined_at: number(member.joined_at.0),
        });
        Self {
            members: members.collect(),
            next: page.next,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommunityBan {
    account: String,
    name: String,
    banned_at: f64,
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct CommunityBans(Vec<CommunityBan>);

impl From<Vec<sdk::CommunityBan>> for CommunityBans {
    fn from(bans: Vec<sdk::CommunityBan>) -> Self {
        let bans = bans.into_iter().map(|ban| CommunityBan {
            account: ban.account.to_string(),
            name: ban.name.to_string(),
            banned_at: number(ban.banned_at.0),
        });
        Self(bans.collect())
    }
}

#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommunityQuery {
    #[tsify(optional)]
    text: Option<String>,
    #[tsify(optional)]
    topic: Option<String>,
    #[tsify(optional)]
    near: Option<Location>,
    #[tsify(optional)]
    within_km: Option<u16>,
}

impl TryFrom<CommunityQuery> for sdk::CommunityQuery {
    type Error = Rejection;

    fn try_from(query: CommunityQuery) -> Answer<Self> {
        Ok(Self {
            text: query.text,
            topic: query.topic,
            near: query.near.map(CoarseLocation::try_from).transpose()?,
            within_km: query.within_km,
        })
    }
}

#[derive(Tsify, Deserialize)]
pub struct NewCommunity {
    title: String,
    topics: Vec<String>,
    #[tsify(optional)]
    place: Option<String>,
    #[tsify(optional)]
    location: Option<Location>,
    #[tsify(optional)]
    description: Option<String>,
}

impl TryFrom<NewCommunity> for sdk::FoundCommunity {
    type Error = Rejection;

    fn try_from(new: NewCommunity) -> Answer<Self> {
        Ok(Self {
            title: new.title,
            topics: new.topics,
            place: new.place.unwrap_or_default(),
            location: new.location.map(CoarseLocation::try_from).transpose()?,
            description: new.description.unwrap_or_default(),
        })
    }
}

/// As of profiles, whether the place is taken away is said apart.
#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommunityUpdate {
    #[tsify(optional)]
    title: Option<String>,
    #[tsify(optional)]
    topics: Option<Vec<String>>,
    #[tsify(optional)]
    place: Option<String>,
    #[tsify(optional)]
    location: Option<Location>,
    removes_location: bool,
    #[tsify(optional)]
    description: Option<String>,
}

impl TryFrom<CommunityUpdate> for sdk::UpdateCommunity {
    type Error = Rejection;

    fn try_from(update: CommunityUpdate) -> Answer<Self> {
        let location = update.location.map(CoarseLocation::try_from).transpose()?;
        Ok(Self {
            title: update.title,
            topics: update.topics,
            place: update.place,
            location: (update.removes_location || location.is_some()).then_some(location),
            description: update.description,
        })
    }
}
