//! `sotto chats`

use crate::failure::Failure;
use crate::session::Session;
use crate::text;
use sotto_client_sdk::native::SystemClock;
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::{Body, ChatKind, ChatSummary, IdentityStatus, Message};

/// Characters of a last message.
const BEGINNING: usize = 50;

pub(crate) async fn run(session: &mut Session) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let chats = client.chats().await?;
    client.close().await?;
    if chats.is_empty() {
        session
            .screen
            .note("No chats yet. Begin one with `sotto chat NAME`.")?;
    }
    let width = chats
        .iter()
        .map(|chat| name(chat).chars().count())
        .max()
        .unwrap_or(0);
    for chat in &chats {
        let line = line(session, chat, width);
        session.screen.show(&line)?;
    }
    Ok(())
}

fn line(session: &Session, chat: &ChatSummary, width: usize) -> String {
    let screen = &session.screen;
    let name = screen.name(&format!("{:width$}", name(chat)));
    let when = screen.when(chat.active_at, SystemClock.now());
    let mut line = format!("{name}  {}", screen.faint(&format!("{when:>11}")));
    if chat.unread > 0 {
        line.push_str("  [");
        line.push_str(&chat.unread.to_string());
        line.push_str(" new]");
    }
    if let Some(last) = &chat.last {
        line.push_str("  ");
        line.push_str(&beginning(last));
    }
    if chat.is_halted {
        line.push_str("  (changed by somebody who may not: nothing is sent)");
    }
    match &chat.kind {
        ChatKind::Direct { with } if with.identity == IdentityStatus::Changed => {
            line.push_str("  (identity key changed)");
        }
        ChatKind::Group { is_member: false, .. } => line.push_str("  (you are not in it any more)"),
        ChatKind::Direct { .. } | ChatKind::Group { .. } | ChatKind::Notes => {}
    }
    line
}

/// What the chat is called on the command line.
fn name(chat: &ChatSummary) -> String {
    match &chat.kind {
        ChatKind::Direct { with } => with.name.to_string(),
        ChatKind::Group {
            title: Some(title), ..
        } => format!("#{}", text::line(title)),
        ChatKind::Group { title: None, .. } => format!("#{}", chat.chat),
        ChatKind::Notes => "notes to yourself".to_owned(),
    }
}

fn beginning(message: &Message) -> String {
    let words = match &message.body {
        Body::Text(text) => text::beginning(&text.text, BEGINNING),
        Body::GroupChanges(changes) => text::group_changes(changes).join(", "),
        Body::Unknown { .. } => "(sent by a newer version)".to_owned(),
    };
    if message.own {
        format!("you: {words}")
    } else {
        words
    }
}
