//! Invite links: made, listed, revoked, used.

use super::note;
use crate::arguments::Invite;
use crate::failure::Failure;
use crate::session::{Session, find_group};
use crate::text;
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::Timestamp;
use sotto_client_sdk::{Client, QrCode, invite_link_at, split_invite_link};

const DAY_SECONDS: u32 = 24 * 60 * 60;

pub(super) async fn act(
    session: &mut Session,
    client: &Client<Native>,
    asked: Invite,
) -> Result<(), Failure> {
    match asked {
        Invite::Create {
            group,
            days,
            uses,
            no_qr,
        } => {
            let id = find_group(client, &group).await?;
            let seconds = u32::from(days).saturating_mul(DAY_SECONDS);
            let code = client.create_invite_link(id, seconds, uses).await?;
            let server = session.server()?;
            let link = invite_link_at(&server, &code);
            session.screen.show(&link)?;
            if !no_qr && let Ok(code) = QrCode::of(&link) {
                for line in code.to_string().lines() {
                    session.screen.note(line)?;
                }
            }
            note(
                session,
                &format!(
                    "Whoever has this link can join, {uses} at most, for {days} days. It is not shown again.\n\
                     They join with: sotto group join '<LINK>', or by opening it."
                ),
            )
        }
        Invite::List { group } => {
            let id = find_group(client, &group).await?;
            let links = client.invite_links(id).await?;
            if links.is_empty() {
                return note(
                    session,
                    "There are no invite links. Make one with: sotto group invite create",
                );
            }
            for link in links {
                let line = format!(
                    "{}  for {} people, {}",
                    link.key,
                    link.uses,
                    until(link.expires_at)
                );
                session.screen.show(&line)?;
            }
            Ok(())
        }
        Invite::Revoke { group, link } => {
            let id = find_group(client, &group).await?;
            let (_, code) = split_invite_link(&link);
            let links = client.invite_links(id).await?;
            // Its name in the list, or the beginning of that.
            let mut named = links
                .iter()
                .filter(|known| known.key.to_string().starts_with(code));
            let (Some(known), None) = (named.next(), named.next()) else {
                return Err(Failure::NoLink);
            };
            client.revoke_invite_link(id, known.key).await?;
            note(session, "Nobody comes in by this link any more.")
        }
    }
}

/// Joins by a link, which has to be one of this server.
pub(super) async fn join(session: &mut Session, client: &Client<Native>, link: &str) -> Result<(), Failure> {
    let (server, _) = split_invite_link(link);
    let own = session.server()?;
    if server.is_some_and(|server| server.trim_end_matches('/') != own.trim_end_matches('/')) {
        return Err(Failure::OtherServer {
            server: text::line(server.unwrap_or_default()),
        });
    }
    let read = client.read_invite_link(link).await?;
    client.join_by_invite_link(link).await?;
    let title = read.title.map_or_else(
        || "You are in.".to_owned(),
        |title| format!("You are in {}.", text::line(&title)),
    );
    note(session, &format!("{title} `sotto chats` shows it."))
}

/// How long it is until then, in words.
fn until(expires_at: Timestamp) -> String {
    let hours = expires_at.0.saturating_sub(SystemClock.now().0) / (60 * 60 * 1000);
    match hours {
        0 => "for less than an hour".to_owned(),
        1..=48 => format!("for {hours} hours"),
        _ => format!("for {} days", hours / 24),
    }
}

/// Whether this is a link, and not a group's id.
pub(super) fn is_link(text: &str) -> bool {
    text.contains('#') || text.len() > 64
}
