//! `sotto requests`, `accept`, `decline`, `block`, `unblock`, `blocked`

use super::files::described;
use crate::failure::Failure;
use crate::session::{Session, find_group};
use crate::text;
use sotto_client_sdk::native::Native;
use sotto_client_sdk::{ChatKind, ChatSummary, Client, Message};

/// Characters of what somebody has written.
const BEGINNING: usize = 60;

/// Shows the chats that wait as requests.
pub(crate) async fn list(session: &mut Session) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let chats = client.chats().await?;
    client.close().await?;
    let requests: Vec<&ChatSummary> = chats.iter().filter(|chat| chat.request.is_some()).collect();
    if requests.is_empty() {
        session.screen.note("Nobody waits to hear from you.")?;
        return Ok(());
    }
    for chat in requests {
        let line = line(session, chat);
        session.screen.show(&line)?;
    }
    session
        .screen
        .note("Read one with `sotto history NAME`, then `sotto accept`, `decline` or `block` it.")?;
    Ok(())
}

fn line(session: &Session, chat: &ChatSummary) -> String {
    let mut line = session.screen.name(&name_of(chat));
    let from = chat.request.as_ref().and_then(|request| request.from.as_ref());
    if let (ChatKind::Group { .. }, Some(from)) = (&chat.kind, from) {
        line.push_str("  added by ");
        line.push_str(from.name.as_str());
    }
    if let Some(last) = &chat.last {
        line.push_str("  ");
        line.push_str(&beginning(last));
    }
    line
}

fn name_of(chat: &ChatSummary) -> String {
    match &chat.kind {
        ChatKind::Direct { with } => with.name.to_string(),
        ChatKind::Group {
            title: Some(title), ..
        } => format!("#{}", text::line(title)),
        ChatKind::Group { title: None, .. } | ChatKind::Notes => format!("#{}", chat.chat),
    }
}

/// The beginning of what a message says.
pub(super) fn beginning(message: &Message) -> String {
    match &message.body {
        sotto_client_sdk::Body::Text(text) => text::beginning(&text.text, BEGINNING),
        sotto_client_sdk::Body::File { info, .. } => described(info),
        sotto_client_sdk::Body::GroupChanges(changes) => text::group_changes(changes).join(", "),
        sotto_client_sdk::Body::Deleted { .. } => "(deleted)".to_owned(),
        sotto_client_sdk::Body::Unknown { .. } => "(sent by a newer version)".to_owned(),
    }
}

/// Takes a request.
pub(crate) async fn accept(session: &mut Session, name: &str) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let accepted = async {
        let request = request_of(&client, name).await?;
        Ok(client.accept_request(request.chat).await?)
    };
    let accepted: Result<(), Failure> = accepted.await;
    client.close().await?;
    accepted?;
    Ok(session
        .screen
        .note(&format!("Accepted. Answer with `sotto chat '{name}'`."))?)
}

/// Declines a request.
pub(crate) async fn decline(session: &mut Session, name: &str) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let declined = async {
        let request = request_of(&client, name).await?;
        Ok(client.decline_request(request.chat).await?)
    };
    let declined: Result<(), Failure> = declined.await;
    client.close().await?;
    declined?;
    Ok(session.screen.note("Declined. They are not told.")?)
}

/// Blocks somebody: a person, or who has brought one into a group that waits as a request.
pub(crate) async fn block(session: &mut Session, name: &str) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let blocked = block_with(&client, name).await;
    client.close().await?;
    blocked?;
    Ok(session
        .screen
        .note("Blocked. Nothing more that they write to you is taken; `sotto unblock` takes it back.")?)
}

async fn block_with(client: &Client<Native>, name: &str) -> Result<(), Failure> {
    if !name.starts_with('#') {
        let person = client.person(name).await?;
        return Ok(client.block(person.account).await?);
    }
    let request = request_of(client, name).await?;
    let from = request.request.and_then(|request| request.from);
    let from = from.ok_or_else(|| Failure::NoContactRequest {
        name: name.to_owned(),
    })?;
    client.block(from.account).await?;
    Ok(client.decline_request(request.chat).await?)
}

/// Blocks somebody no more.
pub(crate) async fn unblock(session: &mut Session, name: &str) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let unblocked = async {
        let is_named = |person: &sotto_client_sdk::Person| person.name.as_str() == name;
        let blocked = client.blocked();
        let account = blocked
            .iter()
            .find(|blocked| blocked.person.as_ref().is_some_and(is_named))
            .map(|blocked| blocked.account)
            .ok_or_else(|| Failure::NotBlocked {
                name: name.to_owned(),
            })?;
        Ok(client.unblock(account).await?)
    };
    let unblocked: Result<(), Failure> = unblocked.await;
    client.close().await?;
    unblocked?;
    Ok(session.screen.note(&format!("{name} can write to you again."))?)
}

/// Shows who is blocked.
pub(crate) async fn blocked(session: &mut Session) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let blocked = client.blocked();
    client.close().await?;
    if blocked.is_empty() {
        session.screen.note("You block nobody.")?;
    }
    for blocked in blocked {
        let name = blocked
            .person
            .map_or_else(|| blocked.account.to_string(), |person| person.name.to_string());
        let line = session.screen.name(&name);
        session.screen.show(&line)?;
    }
    Ok(())
}

/// The chat of this name that waits as a request.
async fn request_of(client: &Client<Native>, name: &str) -> Result<ChatSummary, Failure> {
    let none = || Failure::NoContactRequest {
        name: name.to_owned(),
    };
    let group = match name.strip_prefix('#') {
        Some(title) => Some(find_group(client, title).await?),
        None => None,
    };
    client
        .chats()
        .await?
        .into_iter()
        .filter(|chat| chat.request.is_some())
        .find(|chat| match (group, &chat.kind) {
            (Some(group), _) => chat.chat == group,
            (None, ChatKind::Direct { with }) => with.name.as_str() == name,
            (None, ChatKind::Group { .. } | ChatKind::Notes) => false,
        })
        .ok_or_else(none)
}
