//! `sotto starred`, `sotto mute` and `sotto archive`: what is marked for oneself

use crate::failure::Failure;
use crate::retention::duration;
use crate::session::{Session, find_chat};
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::{ChatId, Retention};
use sotto_client_sdk::{Client, Mute};

pub(crate) async fn starred(session: &mut Session, count: usize) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let starred = client.starred(count, 0).await?;
    client.close().await?;
    if starred.is_empty() {
        session
            .screen
            .note("No message is starred here. /star in `sotto chat` stars one.")?;
    }
    for message in &starred {
        session.screen.message(message)?;
    }
    Ok(())
}

pub(crate) async fn mute(
    session: &mut Session,
    name: &str,
    time: Retention,
    off: bool,
) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let chat = known(&client, name).await?;
    let (mute, words) = match time {
        _ if off => (None, "This chat calls for attention again.".to_owned()),
        Retention::For { seconds } => (
            Some(Mute::Until(SystemClock.now().plus_seconds(seconds))),
            format!("This chat is silent for {}.", duration(seconds.into())),
        ),
        Retention::Keep | Retention::Never => (
            Some(Mute::Always),
            "This chat is silent now. `sotto mute --off` ends that.".to_owned(),
        ),
    };
    client.mute(chat, mute).await?;
    client.close().await?;
    Ok(session.screen.note(&words)?)
}

pub(crate) async fn archive(session: &mut Session, name: &str, is_archived: bool) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let chat = known(&client, name).await?;
    client.archive(chat, is_archived).await?;
    client.close().await?;
    Ok(session.screen.note(if is_archived {
        "This chat is put away until the next message comes. `sotto chats --archived` shows it."
    } else {
        "This chat is among the others again."
    })?)
}

async fn known(client: &Client<Native>, name: &str) -> Result<ChatId, Failure> {
    find_chat(client, name).await?.ok_or_else(|| Failure::NoChat {
        name: name.to_owned(),
    })
}
