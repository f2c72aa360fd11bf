//! Communities: what people are about, and where. They are public by their nature: the server reads what they say and who is in them,
//! and what it says of them is its word alone. Whom one writes to is looked at as everywhere, by the identity key.

use crate::account::{ProfileImage, cleaned};
use crate::api::{Api, ApiError};
use crate::client::Client;
use crate::error::ClientError;
use crate::groups::{GroupsPage, page};
use crate::platform::Platform;
use crate::sync::Command;
use sotto_protocol::rest::community::{
    CommunitiesFound, Community, CommunityBan, CommunityMembers, CommunityRole, FoundCommunity,
    JoinedCommunity, ListedCommunity, SearchCommunities, SetCommunityRole, UpdateCommunity,
};
use sotto_protocol::{AccountId, CoarseLocation, CommunityId, Timestamp};

/// Which communities are looked for: those to which all applies that is said; all, if nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommunityQuery {
    /// Part of a title, of what communities say of themselves, or of where they are.
    pub text: Option<String>,
    /// About this topic, of those that [`ServerInfo::topics`](crate::ServerInfo::topics) has.
    pub topic: Option<String>,
    /// Near this place. The server is told of the point of the grid, and keeps it nowhere.
    pub near: Option<CoarseLocation>,
    /// How near, in kilometres; 50 if it is not said.
    pub within_km: Option<u16>,
}

impl<P: Platform> Client<P> {
    /// The server's communities. All of it is asked of the server each time, and nothing is kept here.
    #[must_use]
    pub fn communities(&self) -> Communities<P> {
        Communities { client: self.clone() }
    }
}

/// The server's communities.
pub struct Communities<P: Platform> {
    client: Client<P>,
}

impl<P: Platform> Communities<P> {
    fn api(&self) -> &Api<P> {
        self.client.api()
    }

    /// A page of the communities that are looked for; `after` is [`CommunitiesFound::next`] of the page before.
    pub async fn search(
        &self,
        query: &CommunityQuery,
        after: Option<&str>,
    ) -> Result<CommunitiesFound, ClientError> {
        let search = SearchCommunities {
            q: query.text.clone(),
            topic: query.topic.clone(),
            near: query.near.map(|place| place.to_string()),
            within_km: query.within_km,
            limit: None,
            after: after.map(str::to_owned),
        };
        Ok(self.api().search_communities(&search).await?)
    }

    /// Communities near a place that were founded after a time and in the last 30 days, the latest first. To be told of new ones is
    /// to ask for them, from time to time and from the last answer on: the server does not know who wants to know, nor where they
    /// are.
    pub async fn new_near(
        &self,
        near: CoarseLocation,
        within_km: Option<u16>,
        since: Timestamp,
    ) -> Result<Vec<ListedCommunity>, ClientError> {
        Ok(self
            .api()
            .new_communities(near, within_km, since)
            .await?
            .communities)
    }

    /// Looks for communities near where this account's profile says that it is, if it does, and notes those that were founded since the
    /// last look: [`NoticeAbout::Community`](crate::NoticeAbout::Community). A client that is connected does so once a day.
    pub async fn look_for_new(&self) -> Result<(), ClientError> {
        self.client
            .ask(|reply| Command::LookForCommunities { reply })
            .await
    }

    /// The communities that this account is in, by title.
    pub async fn joined(&self) -> Result<Vec<JoinedCommunity>, ClientError> {
        Ok(self.api().joined_communities().await?.communities)
    }

    /// A community.
    pub async fn read(&self, community: CommunityId) -> Result<Community, ClientError> {
        Ok(self.api().community(community).await?)
    }

    /// Founds a community. If the answer is lost, it is asked for once more under the same id: no second one is founded.
    pub async fn found(&self, what: &FoundCommunity) -> Result<Community, ClientError> {
        let community = CommunityId::from_bytes(self.client.fresh_id());
        match self.api().found_community(community, what).await {
            Err(ApiError::Transport(_)) => Ok(self.api().found_community(community, what).await?),
            founded => Ok(founded?),
        }
    }

    /// Changes what a community says, for its founder and its moderators. What is absent stays.
    pub async fn update(
        &self,
        community: CommunityId,
        update: &UpdateCommunity,
    ) -> Result<Community, ClientError> {
        Ok(self.api().update_community(community, update).await?)
    }

    /// Gives a community this picture, or none, as [`Client::set_picture`] does with a profile.
    pub async fn set_picture(
        &self,
        community: CommunityId,
        picture: Option<Vec<u8>>,
    ) -> Result<Community, ClientError> {
        self.set_image(community, ProfileImage::Picture, picture).await
    }

    /// Gives a community this cover, or none, as [`Client::set_cover`] does with a profile.
    pub async fn set_cover(
        &self,
        community: CommunityId,
        cover: Option<Vec<u8>>,
    ) -> Result<Community, ClientError> {
        self.set_image(community, ProfileImage::Cover, cover).await
    }

    /// Deletes a community, for its founder.
    pub async fn delete(&self, community: CommunityId) -> Result<(), ClientError> {
        Ok(self.api().delete_community(community).await?)
    }

    /// Joins a community.
    pub async fn join(&self, community: CommunityId) -> Result<Community, ClientError> {
        Ok(self.api().join_community(community).await?)
    }

    /// Leaves a community. Its founder hands it over first.
    pub async fn leave(&self, community: CommunityId) -> Result<(), ClientError> {
        Ok(self.api().leave_community(community).await?)
    }

    /// A page of the members of a community that this account is in; `after` is [`CommunityMembers::next`] of the page before.
    pub async fn members(
        &self,
        community: CommunityId,
        after: Option<&str>,
    ) -> Result<CommunityMembers, ClientError> {
        Ok(self.api().community_members(community, after).await?)
    }

    /// A page of the listed groups of a community; `after` is [`GroupsPage::next`] of the page before. A page may have fewer than the next.
    /// [`NewGroup::community`](crate::NewGroup::community) makes one.
    pub async fn groups(
        &self,
        community: CommunityId,
        after: Option<&str>,
    ) -> Result<GroupsPage, ClientError> {
        Ok(page(self.api().community_groups(community, after).await?))
    }

    /// Makes a member a moderator or takes that back, or hands the community over, for its founder.
    pub async fn set_role(
        &self,
        community: CommunityId,
        account: AccountId,
        role: CommunityRole,
    ) -> Result<(), ClientError> {
        let body = SetCommunityRole { role };
        Ok(self.api().set_community_role(community, account, &body).await?)
    }

    /// Takes a member out who is less there than this account. They may join again.
    pub async fn remove(&self, community: CommunityId, account: AccountId) -> Result<(), ClientError> {
        Ok(self.api().remove_community_member(community, account).await?)
    }

    /// Takes an account out that is less there than this one, if it is in it, and lets it in no more.
    pub async fn ban(&self, community: CommunityId, account: AccountId) -> Result<(), ClientError> {
        Ok(self.api().set_community_ban(community, account, true).await?)
    }

    /// Lets an account in again, if it wants, for the founder and the moderators.
    pub async fn unban(&self, community: CommunityId, account: AccountId) -> Result<(), ClientError> {
        Ok(self.api().set_community_ban(community, account, false).await?)
    }

    /// Who is not let in, for the founder and the moderators.
    pub async fn bans(&self, community: CommunityId) -> Result<Vec<CommunityBan>, ClientError> {
        Ok(self.api().community_bans(community).await?.bans)
    }

    async fn set_image(
        &self,
        community: CommunityId,
        image: ProfileImage,
        file: Option<Vec<u8>>,
    ) -> Result<Community, ClientError> {
        let file = file.map(|bytes| cleaned(bytes.into())).transpose()?;
        Ok(self.api().set_community_image(community, image, file).await?)
    }
}
