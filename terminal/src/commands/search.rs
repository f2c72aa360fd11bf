//! `sotto search`

use crate::arguments::Search;
use crate::failure::Failure;
use crate::session::{Session, find_chat};
use crate::text;
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::{AccountId, ChatId};
use sotto_client_sdk::{ChatKind, ChatSummary, Client, ClientError, Message, SearchQuery};

pub(crate) async fn run(session: &mut Session, asked: Search) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let shown = look_for(session, &client, &asked).await;
    client.close().await?;
    shown
}

async fn look_for(session: &mut Session, client: &Client<Native>, asked: &Search) -> Result<(), Failure> {
    let chat = match &asked.chat {
        Some(name) => {
            let found = find_chat(client, name).await?;
            Some(found.ok_or_else(|| Failure::NoChat { name: name.clone() })?)
        }
        None => None,
    };
    let from = match &asked.from {
        Some(name) => Some(account_of(client, name).await?),
        None => None,
    };
    let now = SystemClock.now();
    let query = SearchQuery {
        text: asked.words.join(" "),
        chat,
        from,
        since: asked.since.map(|since| since.begin(now)),
        until: asked.until.map(|until| until.end(now)),
        kind: asked.kind.map(Into::into),
    };
    let (messages, are_more) = newest_found(client, &query, asked.last).await?;
    if messages.is_empty() {
        session.screen.note("Nothing was found.")?;
    }
    if are_more {
        session.screen.note(&format!(
            "The latest {} that were found; --last shows more.",
            messages.len()
        ))?;
    }
    let chats = client.chats().await?;
    let mut shown_in: Option<ChatId> = None;
    for message in &messages {
        if chat.is_none() && shown_in.replace(message.chat) != Some(message.chat) {
            let line = session.screen.faint(&place(&chats, message));
            session.screen.show(&line)?;
        }
        session.screen.message(message)?;
    }
    Ok(())
}

/// The latest messages that match, oldest first, and whether there are more.
pub(super) async fn newest_found(
    client: &Client<Native>,
    query: &SearchQuery,
    count: usize,
) -> Result<(Vec<Message>, bool), ClientError> {
    let mut messages = Vec::new();
    let mut before = None;
    let are_more = loop {
        let page = client.search(query, count - messages.len(), before).await?;
        messages.extend(page.found.into_iter().map(|found| found.message));
        match page.next {
            None => break false,
            Some(_) if messages.len() >= count => break true,
            next => before = next,
        }
    };
    messages.reverse();
    Ok((messages, are_more))
}

/// The account of this name: of somebody whom one talks with, or by what the server says.
async fn account_of(client: &Client<Native>, name: &str) -> Result<AccountId, Failure> {
    if let Some(own) = client.account().filter(|own| own.name.as_str() == name) {
        return Ok(own.account);
    }
    let chats = client.chats().await?;
    let mut with = chats.iter().filter_map(|chat| chat.kind.with());
    if let Some(person) = with.find(|person| person.name.as_str() == name) {
        return Ok(person.account);
    }
    Ok(client.person(name).await?.account)
}

/// The chat that a message is in, in words.
fn place(chats: &[ChatSummary], message: &Message) -> String {
    let chat = chats.iter().find(|chat| chat.chat == message.chat);
    match chat.map(|chat| &chat.kind) {
        Some(ChatKind::Direct { with }) => format!("with {}", with.name.as_str()),
        Some(ChatKind::Group {
            title: Some(title), ..
        }) => format!("in #{}", text::line(title)),
        Some(ChatKind::Notes) => "in your notes".to_owned(),
        Some(ChatKind::Group { title: None, .. }) | None => "in a group".to_owned(),
    }
}
