//! `sotto notices`

use super::requests::beginning;
use crate::failure::Failure;
use crate::receipts;
use crate::session::Session;
use crate::text;
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::ChatId;
use sotto_client_sdk::{ChatKind, ChatSummary, Client, Message, Notice, NoticeAbout, Whom};

/// Shows what happened to this account, the latest last, and counts it as looked at.
pub(crate) async fn run(session: &mut Session, count: usize) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let shown = show(session, &client, count).await;
    client.close().await?;
    shown
}

async fn show(session: &mut Session, client: &Client<Native>, count: usize) -> Result<(), Failure> {
    let notices = latest(client, count).await?;
    if notices.is_empty() {
        session
            .screen
            .note("Nobody has named you, answered you or reacted to you yet.")?;
        return Ok(());
    }
    let chats = client.chats().await?;
    let now = SystemClock.now();
    for notice in notices.iter().rev() {
        let when = session.screen.when(notice.at, now);
        let mark = if notice.is_new { "*" } else { " " };
        let when = session.screen.faint(&format!("{mark} {when:>6}"));
        session
            .screen
            .show(&format!("{when}  {}", sentence(notice, &chats)))?;
    }
    Ok(client.mark_notices_seen().await?)
}

/// So many notices, the latest first.
async fn latest(client: &Client<Native>, count: usize) -> Result<Vec<Notice>, Failure> {
    let mut notices: Vec<Notice> = Vec::new();
    while notices.len() < count {
        let before = notices.last().map(|notice| notice.id);
        let page = client.notices(count - notices.len(), before).await?;
        if page.is_empty() {
            break;
        }
        notices.extend(page);
    }
    Ok(notices)
}

fn sentence(notice: &Notice, chats: &[ChatSummary]) -> String {
    match &notice.about {
        NoticeAbout::Mention { message } => format!(
            "{} names you {}: {}",
            sender(message),
            place(chats, message.chat),
            beginning(message)
        ),
        NoticeAbout::Reply { message } => format!(
            "{} answers you {}: {}",
            sender(message),
            place(chats, message.chat),
            beginning(message)
        ),
        NoticeAbout::Reaction { message, by, emoji } => format!(
            "{} reacts with {} {} to: {}",
            receipts::name(by),
            text::line(emoji),
            place(chats, message.chat),
            beginning(message)
        ),
        NoticeAbout::Added { chat, by: Some(by) } => {
            format!("{} has added you to {}", receipts::name(by), group(chats, *chat))
        }
        NoticeAbout::Added { chat, by: None } => format!("You were added to {}", group(chats, *chat)),
        NoticeAbout::Request { by, .. } => {
            format!(
                "{} writes to you for the first time: `sotto requests`",
                receipts::name(by)
            )
        }
        NoticeAbout::Device { .. } => {
            "A device has logged in to your account. If it is not yours, remove it: `sotto devices`"
                .to_owned()
        }
        NoticeAbout::Community { community } => {
            format!("A community was founded near you: `sotto community show {community}`")
        }
    }
}

fn sender(message: &Message) -> String {
    receipts::name(&Whom {
        account: message.from.account,
        name: message.from.name.clone(),
    })
}

/// Where that was, in words.
fn place(chats: &[ChatSummary], chat: ChatId) -> String {
    let found = chats.iter().find(|known| known.chat == chat);
    match found.map(|chat| &chat.kind) {
        Some(ChatKind::Direct { .. } | ChatKind::Notes) => "in your chat".to_owned(),
        Some(ChatKind::Group { .. }) | None => format!("in {}", group(chats, chat)),
    }
}

fn group(chats: &[ChatSummary], chat: ChatId) -> String {
    let found = chats.iter().find(|known| known.chat == chat);
    match found.map(|chat| &chat.kind) {
        Some(ChatKind::Group {
            title: Some(title), ..
        }) => format!("#{}", text::line(title)),
        Some(ChatKind::Group { title: None, .. } | ChatKind::Direct { .. } | ChatKind::Notes) | None => {
            "a group".to_owned()
        }
    }
}
