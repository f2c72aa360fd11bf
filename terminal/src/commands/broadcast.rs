//! `sotto broadcast`

use super::community;
use crate::arguments::Broadcast as Asked;
use crate::failure::Failure;
use crate::session::Session;
use crate::text;
use sotto_client_sdk::native::Native;
use sotto_client_sdk::{Audience, Client};

pub(crate) async fn run(session: &mut Session, asked: Asked) -> Result<(), Failure> {
    let client = session.resume().await?;
    let done = act(session, &client, asked).await;
    client.close().await?;
    done
}

async fn act(session: &mut Session, client: &Client<Native>, asked: Asked) -> Result<(), Failure> {
    match asked {
        Asked::Show { of } => {
            let Some(group) = client.broadcast(audience(client, of.community).await?).await? else {
                return note(session, "There is no broadcast.");
            };
            let title = text::line(group.title.as_deref().unwrap_or_default());
            let line = session.screen.name(&title)
                + &session.screen.faint(&format!("  {} read along", group.members));
            session.screen.show(&line)?;
            let says = text::line(group.description.as_deref().unwrap_or_default());
            if !says.is_empty() {
                session.screen.show(&format!("    {says}"))?;
            }
            let id = session.screen.faint(&format!("    {}", group.group));
            Ok(session.screen.show(&id)?)
        }
        Asked::Follow { of } => match client.broadcast(audience(client, of.community).await?).await? {
            Some(group) => {
                client.join_group(group.group).await?;
                note(session, "You read along. It is among your chats.")
            }
            None => note(session, "There is no broadcast."),
        },
        Asked::Start { of, title, about } => {
            let group = client
                .start_broadcast(audience(client, of.community).await?, title, about)
                .await?;
            session.screen.show(&group.to_string())?;
            note(
                session,
                "You can write to everyone there now; who else may, you say with `sotto group role`.",
            )
        }
        Asked::Stop { of } => {
            client
                .stop_broadcast(audience(client, of.community).await?)
                .await?;
            note(session, "It is the broadcast no more. The group goes on.")
        }
    }
}

async fn audience(client: &Client<Native>, community: Option<String>) -> Result<Audience, Failure> {
    Ok(match community {
        Some(name) => Audience::Community(community::named(&client.communities(), &name).await?),
        None => Audience::Server,
    })
}

fn note(session: &mut Session, text: &str) -> Result<(), Failure> {
    Ok(session.screen.note(text)?)
}
