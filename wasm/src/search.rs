//! Search in the messages of this device.

use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::group_types::taken;
use crate::search_types::{SearchPage, SearchQuery};
use crate::types::given;

#[wasm_bindgen]
impl Client {
    pub async fn search(
        &self,
        query: Ts<SearchQuery>,
        limit: u32,
        before: Option<String>,
    ) -> Answer<Ts<SearchPage>> {
        let query = taken(&query, "query")?;
        let before = before.map(|before| before.parse()).transpose();
        let before = before.map_err(|_| Rejection::invalid("before"))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        given(self.sdk.search(&query, limit, before).await?)
    }
}
