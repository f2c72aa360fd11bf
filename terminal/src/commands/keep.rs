//! `sotto keep`

use crate::failure::Failure;
use crate::retention::kept;
use crate::session::{self, Session, chat_with};
use sotto_client_sdk::protocol::Retention;

pub(crate) async fn run(session: &mut Session, name: &str, time: Option<Retention>) -> Result<(), Failure> {
    let client = session.resume().await?;
    session::wait_online(&client).await?;
    let chat = chat_with(&client, name).await?;
    let retention = if let Some(retention) = time {
        client.set_retention(chat, retention).await?;
        retention
    } else {
        let chats = client.chats().await?;
        let known = chats.iter().find(|known| known.chat == chat);
        known.map_or(Retention::Keep, |known| known.retention)
    };
    client.close().await?;
    Ok(session
        .screen
        .note(&format!("Messages in this chat are {}.", kept(retention)))?)
}
