//! How people get into groups: found, joined, asked, approved.

use super::{PAGE, invite, note};
use crate::arguments::Admission;
use crate::failure::Failure;
use crate::session::{Session, find_group};
use crate::text;
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::{AccountId, ChatId};
use sotto_client_sdk::{Client, ClientError, PublicGroup};

/// How many groups are shown before the search had better be narrower.
const ENOUGH: usize = 200;

pub(super) async fn act(
    session: &mut Session,
    client: &Client<Native>,
    asked: Admission,
) -> Result<(), Failure> {
    match asked {
        Admission::Find { query } => find(session, client, &query).await,
        Admission::Invite(asked) => invite::act(session, client, asked).await,
        Admission::Join { group } if invite::is_link(&group) => invite::join(session, client, &group).await,
        Admission::Join { group } => {
            let id = parse_id(&group)?;
            client.join_group(id).await?;
            note(session, "You are in. `sotto chats` shows it.")
        }
        Admission::Ask { group, withdraw } => {
            let id = parse_id(&group)?;
            if withdraw {
                client.withdraw_join_request(id).await?;
                return note(session, "You ask no more.");
            }
            client.ask_to_join(id).await?;
            note(
                session,
                "Its members see that you ask. Once they let you in, `sotto chats` shows it.",
            )
        }
        Admission::Requests { group } => requests(session, client, &group).await,
        Admission::Approve { group, name } => {
            let id = find_group(client, &group).await?;
            let account = asking(client, id, &name).await?;
            client.approve_join_request(id, account).await?;
            let members = client.group_members(id, 0, PAGE).await?;
            let is_in = members.members.iter().any(|member| member.account == account);
            let said = if is_in {
                format!("{name} is in.")
            } else {
                "You have approved. Others have to as well.".to_owned()
            };
            note(session, &said)
        }
        Admission::Decline { group, name } => {
            let id = find_group(client, &group).await?;
            let account = asking(client, id, &name).await?;
            client.decline_join_request(id, account).await?;
            note(session, "Refused.")
        }
    }
}

async fn find(session: &mut Session, client: &Client<Native>, query: &str) -> Result<(), Failure> {
    let mut groups: Vec<PublicGroup> = Vec::new();
    let mut after = None;
    let more = loop {
        let page = client.search_groups(query, after.as_deref()).await?;
        groups.extend(page.groups);
        after = page.next;
        if after.is_none() || groups.len() >= ENOUGH {
            break after.is_some();
        }
    };
    let screen = &mut session.screen;
    if groups.is_empty() {
        screen.note("No such group.")?;
    }
    for group in groups {
        let title = screen.name(&text::line(&group.title.unwrap_or_default()));
        let members = if group.members == 1 { "member" } else { "members" };
        screen.show(&format!(
            "{}  {title}  {} {members}, {}",
            group.group,
            group.members,
            text::joining(group.join_policy)
        ))?;
    }
    if more {
        screen.note("There are more; give more of the title.")?;
    }
    Ok(())
}

async fn requests(session: &mut Session, client: &Client<Native>, group: &str) -> Result<(), Failure> {
    let id = find_group(client, group).await?;
    let requests = client.join_requests(id).await?;
    let screen = &mut session.screen;
    if requests.is_empty() {
        screen.note("Nobody asks.")?;
    }
    for request in requests {
        let name = match request.person {
            Some(person) => person.name.to_string(),
            None => "(somebody whose name is not known here yet)".to_owned(),
        };
        let approvals = match (request.approvals, request.is_approved_here) {
            (0, _) => String::new(),
            (1, true) => "  approved by you".to_owned(),
            (number, true) => format!("  approved by {number}, you among them"),
            (number, false) => format!("  approved by {number}"),
        };
        let when = screen.when(request.at, SystemClock.now());
        screen.show(&format!("{}  {when}{approvals}", screen.name(&name)))?;
    }
    Ok(())
}

/// The account of this name, if it asks to be let in.
async fn asking(client: &Client<Native>, group: ChatId, name: &str) -> Result<AccountId, Failure> {
    let account = client.person(name).await?.account;
    let requests = client.join_requests(group).await?;
    if requests.iter().any(|request| request.account == account) {
        Ok(account)
    } else {
        Err(Failure::NoRequest {
            name: name.to_owned(),
        })
    }
}

/// A group's id, as others have told it.
fn parse_id(group: &str) -> Result<ChatId, ClientError> {
    group
        .trim_start_matches('#')
        .parse()
        .map_err(|_| ClientError::GroupNotFound)
}
