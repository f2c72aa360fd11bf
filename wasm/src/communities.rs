//! The calls about communities. The npm package's `community.ts` describes what they do.

use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::community_types::{
    CommunitiesPage, Community, CommunityBans, CommunityMembersPage, CommunityQuery, CommunityRole,
    CommunityUpdate, JoinedCommunities, ListedCommunities, NewCommunity,
};
use crate::error::{Answer, Rejection};
use crate::group_types::{GroupsPage, account_id, taken};
use crate::profile_types::Location;
use crate::types::{given, position};
use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::{CoarseLocation, CommunityId, Timestamp};

pub(crate) fn community_id(community: &str) -> Answer<CommunityId> {
    community.parse().map_err(|_| Rejection::invalid("community"))
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = searchCommunities)]
    pub async fn search_communities(
        &self,
        query: Ts<CommunityQuery>,
        after: Option<String>,
    ) -> Answer<Ts<CommunitiesPage>> {
        let query: sdk::CommunityQuery = taken(&query, "query")?;
        given(self.sdk.communities().search(&query, after.as_deref()).await?)
    }

    #[wasm_bindgen(js_name = newCommunities)]
    pub async fn new_communities(
        &self,
        near: Ts<Location>,
        since: f64,
        within_km: Option<u16>,
    ) -> Answer<Ts<ListedCommunities>> {
        let near: CoarseLocation = taken(&near, "near")?;
        let since = Timestamp(position(since));
        given(self.sdk.communities().new_near(near, within_km, since).await?)
    }

    #[wasm_bindgen(js_name = joinedCommunities)]
    pub async fn joined_communities(&self) -> Answer<Ts<JoinedCommunities>> {
        given(self.sdk.communities().joined().await?)
    }

    pub async fn community(&self, community: String) -> Answer<Ts<Community>> {
        let community = community_id(&community)?;
        given(self.sdk.communities().read(community).await?)
    }

    #[wasm_bindgen(js_name = foundCommunity)]
    pub async fn found_community(&self, what: Ts<NewCommunity>) -> Answer<Ts<Community>> {
        let what: sdk::FoundCommunity = taken(&what, "community")?;
        given(self.sdk.communities().found(&what).await?)
    }

    #[wasm_bindgen(js_name = updateCommunity)]
    pub async fn update_community(
        &self,
        community: String,
        update: Ts<CommunityUpdate>,
    ) -> Answer<Ts<Community>> {
        let community = community_id(&community)?;
        let update: sdk::UpdateCommunity = taken(&update, "update")?;
        given(self.sdk.communities().update(community, &update).await?)
    }

    #[wasm_bindgen(js_name = setCommunityPicture)]
    pub async fn set_community_picture(
        &self,
        community: String,
        picture: Option<Vec<u8>>,
    ) -> Answer<Ts<Community>> {
        let community = community_id(&community)?;
        given(self.sdk.communities().set_picture(community, picture).await?)
    }

    #[wasm_bindgen(js_name = setCommunityCover)]
    pub async fn set_community_cover(
        &self,
        community: String,
        cover: Option<Vec<u8>>,
    ) -> Answer<Ts<Community>> {
        let community = community_id(&community)?;
        given(self.sdk.communities().set_cover(community, cover).await?)
    }

    #[wasm_bindgen(js_name = deleteCommunity)]
    pub async fn delete_community(&self, community: String) -> Answer<()> {
        let community = community_id(&community)?;
        Ok(self.sdk.communities().delete(community).await?)
    }

    #[wasm_bindgen(js_name = joinCommunity)]
    pub async fn join_community(&self, community: String) -> Answer<Ts<Community>> {
        let community = community_id(&community)?;
        given(self.sdk.communities().join(community).await?)
    }

    #[wasm_bindgen(js_name = leaveCommunity)]
    pub async fn leave_community(&self, community: String) -> Answer<()> {
        let community = community_id(&community)?;
        Ok(self.sdk.communities().leave(community).await?)
    }

    #[wasm_bindgen(js_name = communityMembers)]
    pub async fn community_members(
        &self,
        community: String,
        after: Option<String>,
    ) -> Answer<Ts<CommunityMembersPage>> {
        let community = community_id(&community)?;
        given(
            self.sdk
                .communities()
                .members(community, after.as_deref())
                .await?,
        )
    }

    #[wasm_bindgen(js_name = communityGroups)]
    pub async fn community_groups(&self, community: String, after: Option<String>) -> Answer<Ts<GroupsPage>> {
        let community = community_id(&community)?;
        given(self.sdk.communities().groups(community, after.as_deref()).await?)
    }

    #[wasm_bindgen(js_name = setCommunityRole)]
    pub async fn set_community_role(
        &self,
        community: String,
        account: String,
        role: Ts<CommunityRole>,
    ) -> Answer<()> {
        let community = community_id(&community)?;
        let account = account_id(&account)?;
        let role: sdk::CommunityRole = taken(&role, "role")?;
        Ok(self.sdk.communities().set_role(community, account, role).await?)
    }

    #[wasm_bindgen(js_name = removeFromCommunity)]
    pub async fn remove_from_community(&self, community: String, account: String) -> Answer<()> {
        let community = community_id(&community)?;
        let account = account_id(&account)?;
        Ok(self.sdk.communities().remove(community, account).await?)
    }

    #[wasm_bindgen(js_name = banFromCommunity)]
    pub async fn ban_from_community(&self, community: String, account: String) -> Answer<()> {
        let community = community_id(&community)?;
        let account = account_id(&account)?;
        Ok(self.sdk.communities().ban(community, account).await?)
    }

    #[wasm_bindgen(js_name = unbanFromCommunity)]
    pub async fn unban_from_community(&self, community: String, account: String) -> Answer<()> {
        let community = community_id(&community)?;
        let account = account_id(&account)?;
        Ok(self.sdk.communities().unban(community, account).await?)
    }

    #[wasm_bindgen(js_name = communityBans)]
    pub async fn community_bans(&self, community: String) -> Answer<Ts<CommunityBans>> {
        let community = community_id(&community)?;
        given(self.sdk.communities().bans(community).await?)
    }

    #[wasm_bindgen(js_name = deleteCommunityOfOthers)]
    pub async fn delete_community_of_others(&self, community: String, reason: String) -> Answer<()> {
        let community = community_id(&community)?;
        Ok(self.sdk.admin().delete_community(community, &reason).await?)
    }
}
