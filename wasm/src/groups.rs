//! The calls about groups. The npm package's `api.ts` describes what they do.

use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::ChatId;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::device_types::QrCode;
use crate::error::{Answer, Rejection};
use crate::group_types::{
    Group, GroupSettings, GroupsPage, InviteLinks, JoinRequests, MembersPage, NewGroup, ReadInviteLink,
    account_id, account_ids, taken,
};
use crate::types::given;

/// A group that JavaScript names.
fn group_id(group: &str) -> Answer<ChatId> {
    group.parse().map_err(|_| Rejection::invalid("group"))
}

/// A count that JavaScript passes.
fn count(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// A picture: its bytes leave this module's memory when JavaScript asks for them.
#[wasm_bindgen]
pub struct Picture(sdk::Picture);

impl From<sdk::Picture> for Picture {
    fn from(picture: sdk::Picture) -> Self {
        Self(picture)
    }
}

#[wasm_bindgen]
impl Picture {
    #[wasm_bindgen(getter, js_name = contentType)]
    pub fn content_type(&self) -> String {
        self.0.content_type.to_owned()
    }

    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.bytes.clone()
    }
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = createGroup)]
    pub async fn create_group(&self, group: Ts<NewGroup>) -> Answer<String> {
        let new = taken(&group, "group")?;
        Ok(self.sdk.create_group(new).await?.to_string())
    }

    pub async fn notes(&self) -> Answer<String> {
        Ok(self.sdk.notes().await?.to_string())
    }

    pub async fn group(&self, group: String) -> Answer<Ts<Group>> {
        given(self.sdk.group(group_id(&group)?).await?)
    }

    #[wasm_bindgen(js_name = groupMembers)]
    pub async fn group_members(
        &self,
        group: String,
        skip: u32,
        limit: u32,
        text: Option<String>,
    ) -> Answer<Ts<MembersPage>> {
        let group = group_id(&group)?;
        let text = text.unwrap_or_default();
        let page = self
            .sdk
            .find_group_members(group, &text, count(skip), count(limit));
        given(page.await?)
    }

    #[wasm_bindgen(js_name = addToGroup)]
    pub async fn add_to_group(&self, group: String, names: Vec<String>) -> Answer<()> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(self.sdk.add_to_group(group_id(&group)?, &names).await?)
    }

    #[wasm_bindgen(js_name = removeFromGroup)]
    pub async fn remove_from_group(&self, group: String, accounts: Vec<String>, bans: bool) -> Answer<()> {
        let accounts = account_ids(&accounts)?;
        Ok(self
            .sdk
            .remove_from_group(group_id(&group)?, &accounts, bans)
            .await?)
    }

    #[wasm_bindgen(js_name = setGroup)]
    pub async fn set_group(&self, group: String, settings: Ts<GroupSettings>) -> Answer<()> {
        let settings = taken(&settings, "settings")?;
        Ok(self.sdk.set_group(group_id(&group)?, settings).await?)
    }

    #[wasm_bindgen(js_name = describeGroup)]
    pub async fn describe_group(&self, group: String, title: String, description: String) -> Answer<()> {
        let group = group_id(&group)?;
        Ok(self.sdk.describe_group(group, title, description).await?)
    }

    #[wasm_bindgen(js_name = groupPicture)]
    pub async fn group_picture(&self, group: String) -> Answer<Option<Picture>> {
        let picture = self.sdk.group_picture(group_id(&group)?).await?;
        Ok(picture.map(Picture))
    }

    #[wasm_bindgen(js_name = setGroupPicture)]
    pub async fn set_group_picture(&self, group: String, picture: Option<Vec<u8>>) -> Answer<()> {
        Ok(self.sdk.set_group_picture(group_id(&group)?, picture).await?)
    }

    #[wasm_bindgen(js_name = leaveGroup)]
    pub async fn leave_group(&self, group: String) -> Answer<()> {
        Ok(self.sdk.leave_group(group_id(&group)?).await?)
    }

    #[wasm_bindgen(js_name = deleteGroup)]
    pub async fn delete_group(&self, group: String) -> Answer<()> {
        Ok(self.sdk.delete_group(group_id(&group)?).await?)
    }

    #[wasm_bindgen(js_name = joinGroup)]
    pub async fn join_group(&self, group: String) -> Answer<String> {
        Ok(self.sdk.join_group(group_id(&group)?).await?.to_string())
    }

    #[wasm_bindgen(js_name = createInviteLink)]
    pub async fn create_invite_link(
        &self,
        group: String,
        expires_in_seconds: u32,
        uses: u32,
    ) -> Answer<String> {
        let group = group_id(&group)?;
        Ok(self
            .sdk
            .create_invite_link(group, expires_in_seconds, uses)
            .await?)
    }

    #[wasm_bindgen(js_name = inviteLinks)]
    pub async fn invite_links(&self, group: String) -> Answer<Ts<InviteLinks>> {
        given(self.sdk.invite_links(group_id(&group)?).await?)
    }

    #[wasm_bindgen(js_name = revokeInviteLink)]
    pub async fn revoke_invite_link(&self, group: String, key: String) -> Answer<()> {
        let key = key.parse().map_err(|_| Rejection::invalid("key"))?;
        Ok(self.sdk.revoke_invite_link(group_id(&group)?, key).await?)
    }

    #[wasm_bindgen(js_name = readInviteLink)]
    pub async fn read_invite_link(&self, link: String) -> Answer<Ts<ReadInviteLink>> {
        given(self.sdk.read_invite_link(&link).await?)
    }

    #[wasm_bindgen(js_name = joinByInviteLink)]
    pub async fn join_by_invite_link(&self, link: String) -> Answer<String> {
        Ok(self.sdk.join_by_invite_link(&link).await?.to_string())
    }

    #[wasm_bindgen(js_name = inviteQrCode)]
    pub async fn invite_qr_code(&self, link: String) -> Answer<Ts<QrCode>> {
        let code = QrCode::of(&link).ok_or_else(|| Rejection::invalid("link"))?;
        given(code)
    }

    #[wasm_bindgen(js_name = askToJoin)]
    pub async fn ask_to_join(&self, group: String) -> Answer<()> {
        Ok(self.sdk.ask_to_join(group_id(&group)?).await?)
    }

    #[wasm_bindgen(js_name = withdrawJoinRequest)]
    pub async fn withdraw_join_request(&self, group: String) -> Answer<()> {
        Ok(self.sdk.withdraw_join_request(group_id(&group)?).await?)
    }

    #[wasm_bindgen(js_name = joinRequests)]
    pub async fn join_requests(&self, group: String) -> Answer<Ts<JoinRequests>> {
        given(self.sdk.join_requests(group_id(&group)?).await?)
    }

    #[wasm_bindgen(js_name = approveJoinRequest)]
    pub async fn approve_join_request(&self, group: String, account: String) -> Answer<()> {
        let (group, account) = (group_id(&group)?, account_id(&account)?);
        Ok(self.sdk.approve_join_request(group, account).await?)
    }

    #[wasm_bindgen(js_name = declineJoinRequest)]
    pub async fn decline_join_request(&self, group: String, account: String) -> Answer<()> {
        let (group, account) = (group_id(&group)?, account_id(&account)?);
        Ok(self.sdk.decline_join_request(group, account).await?)
    }

    #[wasm_bindgen(js_name = searchGroups)]
    pub async fn search_groups(&self, query: String, after: Option<String>) -> Answer<Ts<GroupsPage>> {
        given(self.sdk.search_groups(&query, after.as_deref()).await?)
    }
}
