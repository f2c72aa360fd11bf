//! What an account marks for itself: stars, drafts, chats that are silent or put away.

use sotto_client_sdk::Mute;
use sotto_client_sdk::protocol::Timestamp;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::message_types::Draft;
use crate::messages::place;
use crate::types::{Messages, given, position};

#[wasm_bindgen]
impl Client {
    pub async fn star(&self, chat: String, message: String, is_starred: bool) -> Answer<()> {
        let (chat, message) = place(&chat, &message)?;
        Ok(self.sdk.star(chat, message, is_starred).await?)
    }

    pub async fn starred(&self, limit: u32, skip: u32) -> Answer<Ts<Messages>> {
        given(self.sdk.starred(limit as usize, skip as usize).await?)
    }

    pub async fn draft(&self, chat: String) -> Answer<Option<Ts<Draft>>> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        self.sdk.draft(chat).await?.map(given).transpose()
    }

    #[wasm_bindgen(js_name = setDraft)]
    pub async fn set_draft(&self, chat: String, draft: Option<Ts<Draft>>) -> Answer<()> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        let draft = draft.map(|draft| draft.to_rust()).transpose();
        let draft = draft.map_err(|_| Rejection::invalid("draft"))?;
        let draft = draft.map(Draft::taken).transpose()?;
        Ok(self.sdk.set_draft(chat, draft).await?)
    }

    /// Until a time, or for good: see the package.
    #[wasm_bindgen(js_name = muteChat)]
    pub async fn mute_chat(&self, chat: String, is_muted: bool, until: Option<f64>) -> Answer<()> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        let mute = until.map_or(Mute::Always, |end| Mute::Until(Timestamp(position(end))));
        Ok(self.sdk.mute(chat, is_muted.then_some(mute)).await?)
    }

    #[wasm_bindgen(js_name = archiveChat)]
    pub async fn archive_chat(&self, chat: String, is_archived: bool) -> Answer<()> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        Ok(self.sdk.archive(chat, is_archived).await?)
    }
}
