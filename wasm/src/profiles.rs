//! The calls about profiles and about finding people. The npm package's `api.ts` describes what they do.

use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::group_types::taken;
use crate::groups::Picture;
use crate::profile_types::{PeoplePage, PeopleQuery, Profile, ProfileUpdate};
use crate::types::given;
use sotto_client_sdk as sdk;

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = searchPeople)]
    pub async fn search_people(
        &self,
        query: Ts<PeopleQuery>,
        after: Option<String>,
    ) -> Answer<Ts<PeoplePage>> {
        let query: sdk::PeopleQuery = taken(&query, "query")?;
        given(self.sdk.search_people(query, after.as_deref()).await?)
    }

    pub async fn profile(&self, name: String) -> Answer<Ts<Profile>> {
        given(self.sdk.profile(&name).await?)
    }

    #[wasm_bindgen(js_name = updateProfile)]
    pub async fn update_profile(&self, update: Ts<ProfileUpdate>) -> Answer<Ts<Profile>> {
        let update: sdk::ProfileUpdate = taken(&update, "update")?;
        given(self.sdk.update_profile(update).await?)
    }

    #[wasm_bindgen(js_name = setPicture)]
    pub async fn set_picture(&self, picture: Option<Vec<u8>>) -> Answer<Ts<Profile>> {
        given(self.sdk.set_picture(picture).await?)
    }

    #[wasm_bindgen(js_name = setCover)]
    pub async fn set_cover(&self, cover: Option<Vec<u8>>) -> Answer<Ts<Profile>> {
        given(self.sdk.set_cover(cover).await?)
    }

    #[wasm_bindgen(js_name = profilePicture)]
    pub async fn profile_picture(&self, picture: String) -> Answer<Picture> {
        let picture = picture.parse().map_err(|_| Rejection::invalid("picture"))?;
        Ok(Picture::from(self.sdk.profile_picture(picture).await?))
    }
}
