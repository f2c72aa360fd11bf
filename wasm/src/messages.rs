//! Messages: reading, sending and changing them.

use sotto_client_sdk::MessagesBefore;
use sotto_client_sdk::protocol::Timestamp;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::message_types::{Mentions, Message, SendOptions, taken_text};
use crate::types::{Messages, given, number, position};

#[wasm_bindgen]
impl Client {
    pub async fn messages(&self, chat: String, limit: u32, before: Option<f64>) -> Answer<Ts<Messages>> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        let before = before.map_or(MessagesBefore::Latest, |at| {
            MessagesBefore::Position(position(at))
        });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        given(self.sdk.messages(chat, before, limit).await?)
    }

    #[wasm_bindgen(js_name = messagesAfter)]
    pub async fn messages_after(&self, chat: String, limit: u32, after: f64) -> Answer<Ts<Messages>> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        given(self.sdk.messages_after(chat, position(after), limit).await?)
    }

    #[wasm_bindgen(js_name = positionAt)]
    pub async fn position_at(&self, chat: String, at: f64) -> Answer<Option<f64>> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        let found = self.sdk.position_at(chat, Timestamp(position(at))).await?;
        Ok(found.map(number))
    }

    pub async fn message(&self, chat: String, message: String) -> Answer<Option<Ts<Message>>> {
        let (chat, message) = place(&chat, &message)?;
        self.sdk.message(chat, message).await?.map(given).transpose()
    }

    pub async fn send(
        &self,
        chat: String,
        id: String,
        text: String,
        options: Option<Ts<SendOptions>>,
    ) -> Answer<()> {
        let (chat, id) = place(&chat, &id)?;
        let options = SendOptions::given(options)?;
        self.sdk.send(chat, options.message(text)?.with_id(id)).await?;
        Ok(())
    }

    pub async fn edit(
        &self,
        chat: String,
        message: String,
        text: String,
        mentions: Option<Ts<Mentions>>,
    ) -> Answer<()> {
        let (chat, message) = place(&chat, &message)?;
        let mentions = mentions.map(|mentions| mentions.to_rust()).transpose();
        let mentions = mentions.map_err(|_| Rejection::invalid("mentions"))?;
        let mentions = mentions.map(|mentions| mentions.0).unwrap_or_default();
        Ok(self.sdk.edit(chat, message, taken_text(text, &mentions)?).await?)
    }

    #[wasm_bindgen(js_name = deleteMessage)]
    pub async fn delete_message(&self, chat: String, message: String) -> Answer<()> {
        let (chat, message) = place(&chat, &message)?;
        Ok(self.sdk.delete(chat, message).await?)
    }

    #[wasm_bindgen(js_name = deleteMessageHere)]
    pub async fn delete_message_here(&self, chat: String, message: String) -> Answer<()> {
        let (chat, message) = place(&chat, &message)?;
        Ok(self.sdk.delete_here(chat, message).await?)
    }

    pub async fn react(&self, chat: String, message: String, emoji: String, is_set: bool) -> Answer<()> {
        let (chat, message) = place(&chat, &message)?;
        Ok(self.sdk.react(chat, message, emoji, is_set).await?)
    }

    pub async fn pin(&self, chat: String, message: String, is_pinned: bool) -> Answer<()> {
        let (chat, message) = place(&chat, &message)?;
        Ok(self.sdk.pin(chat, message, is_pinned).await?)
    }

    pub async fn pinned(&self, chat: String) -> Answer<Ts<Messages>> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        given(self.sdk.pinned(chat).await?)
    }

    pub async fn forward(&self, from: String, message: String, to: String) -> Answer<String> {
        let (from, message) = place(&from, &message)?;
        let to = to.parse().map_err(|_| Rejection::invalid("to"))?;
        Ok(self.sdk.forward(from, message, to).await?.to_string())
    }
}

pub(crate) fn place<C: core::str::FromStr, M: core::str::FromStr>(
    chat: &str,
    message: &str,
) -> Answer<(C, M)> {
    Ok((
        chat.parse().map_err(|_| Rejection::invalid("chat"))?,
        message.parse().map_err(|_| Rejection::invalid("message"))?,
    ))
}
