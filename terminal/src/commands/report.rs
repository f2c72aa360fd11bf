//! `sotto report`

use super::history::newest;
use crate::arguments::ReportedFor;
use crate::failure::Failure;
use crate::session::{Session, find_chat, find_group};
use sotto_client_sdk::native::Native;
use sotto_client_sdk::protocol::ChatId;
use sotto_client_sdk::{Body, Client, Message, ReportReason, Reported};

/// Messages of a chat that are looked through for the one that is meant.
const LOOK_BACK: usize = 1_000;

/// What is to be reported.
pub(crate) struct Wanted {
    pub(crate) says: Option<String>,
    pub(crate) reason: ReportedFor,
    pub(crate) comment: String,
}

/// Reports a message, an account or a group.
pub(crate) async fn run(session: &mut Session, name: &str, wanted: Wanted) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let reported = report(&client, name, &wanted).await;
    client.close().await?;
    let (reported, words) = reported?;
    let note = match (words, reported.is_proven) {
        (None, _) => "Reported to those who look after the server.".to_owned(),
        (Some(words), true) => format!("Reported, with proof: {words}"),
        (Some(words), false) => {
            format!("Reported, without proof, as the server does not have the message any more: {words}")
        }
    };
    session.screen.note(&note)?;
    Ok(session
        .screen
        .note("They can read what you have reported, and nothing else of the chat.")?)
}

/// Of a message its words too.
async fn report(
    client: &Client<Native>,
    name: &str,
    wanted: &Wanted,
) -> Result<(Reported, Option<String>), Failure> {
    let (reason, comment) = (ReportReason::from(wanted.reason), wanted.comment.as_str());
    if let Some(says) = &wanted.says {
        let chat = find_chat(client, name).await?.ok_or_else(|| Failure::NoChat {
            name: name.to_owned(),
        })?;
        let message = message_that_says(client, chat, says).await?;
        let reported = client.report_message(chat, message.id, reason, comment).await?;
        return Ok((reported, Some(super::requests::beginning(&message))));
    }
    let reported = if let Some(title) = name.strip_prefix('#') {
        let group = find_group(client, title).await?;
        client.report_group(group, reason, comment).await?
    } else {
        let person = client.person(name).await?;
        client.report_person(person.account, reason, comment).await?
    };
    Ok((reported, None))
}

/// The newest message of somebody else with this in it.
async fn message_that_says(client: &Client<Native>, chat: ChatId, says: &str) -> Result<Message, Failure> {
    let wanted = says.to_lowercase();
    let is_meant = |message: &Message| {
        let words = match &message.body {
            Body::Text(text) => text.text.to_lowercase(),
            Body::File { info, caption } => format!("{} {}", info.name, caption.text).to_lowercase(),
            Body::GroupChanges(_) | Body::Deleted { .. } | Body::Unknown { .. } => return false,
        };
        !message.own && words.contains(&wanted)
    };
    let messages = newest(client, chat, LOOK_BACK).await?;
    messages
        .into_iter()
        .rev()
        .find(is_meant)
        .ok_or(Failure::NoMessage)
}

impl From<ReportedFor> for ReportReason {
    fn from(reason: ReportedFor) -> Self {
        match reason {
            ReportedFor::Spam => Self::Spam,
            ReportedFor::Fraud => Self::Fraud,
            ReportedFor::Harassment => Self::Harassment,
            ReportedFor::Hate => Self::Hate,
            ReportedFor::Violence => Self::Violence,
            ReportedFor::Sexual => Self::Sexual,
            ReportedFor::ChildAbuse => Self::ChildAbuse,
            ReportedFor::SelfHarm => Self::SelfHarm,
            ReportedFor::Illegal => Self::Illegal,
            ReportedFor::Other => Self::Other,
        }
    }
}
