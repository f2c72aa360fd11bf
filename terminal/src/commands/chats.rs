//! `sotto chats`

use super::devices::NEW_DEVICE;
use super::files::described;
use crate::failure::Failure;
use crate::session::Session;
use crate::text;
use sotto_client_sdk::native::SystemClock;
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::AccountName;
use sotto_client_sdk::{Body, ChatKind, ChatSummary, IdentityStatus, Message};

/// Characters of a last message.
const BEGINNING: usize = 50;

pub(crate) async fn run(session: &mut Session, archived: bool) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let (requests, chats): (Vec<_>, Vec<_>) = client
        .chats()
        .await?
        .into_iter()
        .partition(|chat| chat.request.is_some());
    let (chats, others): (Vec<_>, Vec<_>) = chats.into_iter().partition(|chat| chat.is_archived == archived);
    let has_new_devices = client.has_new_devices().await?;
    client.close().await?;
    if has_new_devices {
        session.screen.warn(NEW_DEVICE)?;
    }
    if archived && chats.is_empty() {
        session.screen.note("No chat is put away.")?;
    } else if chats.is_empty() && requests.is_empty() && others.is_empty() {
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
    if !archived && !others.is_empty() {
        let words = match others.len() {
            1 => "1 chat is put away: `sotto chats --archived` shows it.".to_owned(),
            count => format!("{count} chats are put away: `sotto chats --archived` shows them."),
        };
        session.screen.note(&words)?;
    }
    if !archived && !requests.is_empty() {
        let waiting = requests.len();
        let noun = if waiting == 1 {
            "request waits"
        } else {
            "requests wait"
        };
        session.screen.note(&format!(
            "{waiting} {noun}: `sotto requests` shows who has written."
        ))?;
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
    if chat.mute.is_some() {
        line.push_str("  (silent)");
    }
    if let Some(draft) = &chat.draft {
        line.push_str("  you began: ");
        line.push_str(&text::beginning(&draft.text, BEGINNING));
    } else if let Some(last) = &chat.last {
        line.push_str("  ");
        line.push_str(&beginning(last));
    }
    if chat.is_halted {
        line.push_str("  (paused: ");
        let name = chat.halted_by.as_ref().and_then(|by| by.name.as_ref());
        line.push_str(name.map_or("somebody", AccountName::as_str));
        line.push_str(" has made a change that its rules do not allow)");
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
pub(super) fn name(chat: &ChatSummary) -> String {
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
        Body::File { info, .. } => described(info),
        Body::GroupChanges(changes) => text::group_changes(changes).join(", "),
        Body::Deleted { .. } => "(deleted)".to_owned(),
        Body::Unknown { .. } => "(sent by a newer version)".to_owned(),
    };
    if message.own {
        format!("you: {words}")
    } else {
        words
    }
}
