//! The calls about broadcasts. The npm package's `broadcast.ts` describes what they do.

use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::communities::community_id;
use crate::error::Answer;
use crate::group_types::FoundBroadcast;
use crate::types::given;
use sotto_client_sdk::Audience;

fn audience(community: Option<&str>) -> Answer<Audience> {
    community.map_or(Ok(Audience::Server), |community| {
        community_id(community).map(Audience::Community)
    })
}

#[wasm_bindgen]
impl Client {
    pub async fn broadcast(&self, community: Option<String>) -> Answer<Ts<FoundBroadcast>> {
        let audience = audience(community.as_deref())?;
        given(self.sdk.broadcast(audience).await?)
    }

    #[wasm_bindgen(js_name = startBroadcast)]
    pub async fn start_broadcast(
        &self,
        community: Option<String>,
        title: String,
        description: String,
    ) -> Answer<String> {
        let audience = audience(community.as_deref())?;
        let group = self.sdk.start_broadcast(audience, title, description).await?;
        Ok(group.to_string())
    }

    #[wasm_bindgen(js_name = stopBroadcast)]
    pub async fn stop_broadcast(&self, community: Option<String>) -> Answer<()> {
        let audience = audience(community.as_deref())?;
        Ok(self.sdk.stop_broadcast(audience).await?)
    }
}
