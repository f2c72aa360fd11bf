//! `sotto history`

use crate::failure::Failure;
use crate::session::{Session, find_chat};
use sotto_client_sdk::events::EVENTS_WAITING;
use sotto_client_sdk::native::Native;
use sotto_client_sdk::protocol::ChatId;
use sotto_client_sdk::{Client, ClientError, Message, MessagesBefore};

pub(crate) async fn run(session: &mut Session, name: &str, last: usize) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let Some(chat) = find_chat(&client, name).await? else {
        client.close().await?;
        return Err(Failure::NoChat {
            name: name.to_owned(),
        });
    };
    for message in newest(&client, chat, last).await? {
        session.screen.message(&message)?;
    }
    Ok(client.close().await?)
}

/// Messages that are looked through for what events did not tell: more than events that wait.
pub(super) const LOOK_BACK: usize = 2 * EVENTS_WAITING;

/// The chat's last messages, oldest first.
pub(super) async fn newest(
    client: &Client<Native>,
    chat: ChatId,
    count: usize,
) -> Result<Vec<Message>, ClientError> {
    let mut pages = Vec::new();
    let mut left = count;
    let mut before = MessagesBefore::Latest;
    while left > 0 {
        let page = client.messages(chat, before, left).await?;
        let Some(first) = page.first() else { break };
        before = MessagesBefore::Position(first.position);
        left = left.saturating_sub(page.len());
        pages.push(page);
    }
    Ok(pages.into_iter().rev().flatten().collect())
}
