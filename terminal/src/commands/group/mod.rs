//! `sotto group`

mod admission;
mod invite;

use super::community;
use crate::arguments::{Group as Asked, Joining, RoleName};
use crate::failure::Failure;
use crate::retention;
use crate::session::{Session, find_group};
use crate::text;
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::{AccountId, ChatId};
use sotto_client_sdk::{
    Approvers, Client, ClientError, GroupSettings, GroupSize, Inviters, JoinPolicy, MembersPage, NewGroup,
    Role,
};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// What a large group lacks.
const NOT_POST_QUANTUM: &str = "A large group is not protected against a later quantum computer: whoever records what is \
                                said in it now may read it then.";
/// Members that are read at a time.
const PAGE: usize = 200;

pub(crate) async fn run(session: &mut Session, asked: Asked) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let done = act(session, &client, asked).await;
    client.close().await?;
    done
}

#[allow(clippy::too_many_lines, reason = "a few lines for each command")]
async fn act(session: &mut Session, client: &Client<Native>, asked: Asked) -> Result<(), Failure> {
    match asked {
        Asked::Create {
            title,
            about,
            with,
            joining,
            listed,
            keep,
            community,
            large,
        } => {
            let community = match community {
                Some(name) => Some(community::named(&client.communities(), &name).await?),
                None => None,
            };
            let members = with
                .iter()
                .map(|name| name.parse())
                .collect::<Result<_, _>>()
                .map_err(ClientError::from)?;
            let new = NewGroup {
                title,
                description: about,
                size: size(large),
                join_policy: policy(joining),
                is_listed: listed,
                retention: keep,
                members,
                community,
                is_broadcast: false,
            };
            create(session, client, new).await
        }
        Asked::Show { group } => show(session, client, &group).await,
        Asked::Add { group, names } => {
            let id = find_group(client, &group).await?;
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            client.add_to_group(id, &names).await?;
            note(session, "They are in.")
        }
        Asked::Remove { group, names, ban } => {
            let id = find_group(client, &group).await?;
            let accounts = accounts(client, id, &names).await?;
            client.remove_from_group(id, &accounts, ban).await?;
            note(session, "They are out.")
        }
        Asked::Role { group, name, role } => {
            let id = find_group(client, &group).await?;
            let accounts = accounts(client, id, &[name]).await?;
            let settings = GroupSettings {
                roles: accounts
                    .into_iter()
                    .map(|account| (account, role_of(role)))
                    .collect(),
                ..GroupSettings::default()
            };
            set(session, client, id, settings).await
        }
        Asked::Set {
            group,
            joining,
            listed,
            history,
        } => {
            let id = find_group(client, &group).await?;
            let settings = GroupSettings {
                join_policy: joining.map(policy),
                is_listed: listed,
                history: history.map(|history| history.history(SystemClock.now())),
                ..GroupSettings::default()
            };
            set(session, client, id, settings).await
        }
        Asked::Rename { group, title, about } => {
            let id = find_group(client, &group).await?;
            client.describe_group(id, title, about).await?;
            note(session, "Done.")
        }
        Asked::Picture {
            group,
            set,
            save,
            none: _,
        } => {
            let id = find_group(client, &group).await?;
            if let Some(file) = save {
                return save_picture(session, client, id, &file).await;
            }
            let picture = set.map(|file| read_picture(&file)).transpose()?;
            client.set_group_picture(id, picture).await?;
            note(session, "Done.")
        }
        Asked::Leave { group } => {
            let id = find_group(client, &group).await?;
            client.leave_group(id).await?;
            note(session, "You have left. What was said stays here.")
        }
        Asked::Delete { group } => {
            let id = find_group(client, &group).await?;
            client.delete_group(id).await?;
            note(session, "The group is gone for everyone.")
        }
        Asked::Admission(asked) => admission::act(session, client, asked).await,
    }
}

const fn size(is_large: bool) -> GroupSize {
    if is_large {
        GroupSize::Large
    } else {
        GroupSize::Normal
    }
}

/// The file, unless it is far too large to be a group's picture.
fn read_picture(file: &Path) -> Result<Vec<u8>, Failure> {
    // What is taken out of it may be more than what stays.
    const BYTES_MAX: u64 = 64 * 1024 * 1024;
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(BYTES_MAX).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(unusable(file, error)),
    }
}

async fn save_picture(
    session: &mut Session,
    client: &Client<Native>,
    group: ChatId,
    file: &Path,
) -> Result<(), Failure> {
    let Some(picture) = client.group_picture(group).await? else {
        return note(session, "The group has no picture.");
    };
    fs::write(file, &picture.bytes).map_err(|error| unusable(file, error))?;
    note(session, &format!("Saved ({}).", picture.content_type))
}

fn unusable(file: &Path, error: std::io::Error) -> Failure {
    let path = file.to_owned();
    Failure::File { path, error }
}

async fn create(session: &mut Session, client: &Client<Native>, new: NewGroup) -> Result<(), Failure> {
    if new.size == GroupSize::Large {
        note(session, NOT_POST_QUANTUM)?;
    }
    let title = new.title.clone();
    client.create_group(new).await?;
    note(session, &format!("Talk in it with: sotto chat '#{title}'"))
}

async fn set(
    session: &mut Session,
    client: &Client<Native>,
    group: ChatId,
    settings: GroupSettings,
) -> Result<(), Failure> {
    client.set_group(group, settings).await?;
    note(session, "Done.")
}

async fn show(session: &mut Session, client: &Client<Native>, group: &str) -> Result<(), Failure> {
    let id = find_group(client, group).await?;
    let group = client.group(id).await?;
    let screen = &mut session.screen;
    let title = group
        .title
        .as_deref()
        .unwrap_or("(its title is not known here yet)");
    screen.show(&screen.name(&text::line(title)))?;
    for line in text::lines(group.description.as_deref().unwrap_or_default()) {
        screen.show(&line)?;
    }
    screen.show(&format!("id        {id}"))?;
    screen.show(&format!("joining   {}", text::joining(group.join_policy)))?;
    let listed = if group.is_listed {
        "anyone can find it"
    } else {
        "nobody can find it, and the server does not know its title"
    };
    screen.show(&format!("listed    {listed}"))?;
    screen.show(&format!("messages  {}", retention::kept(group.retention)))?;
    screen.show(&format!("newcomers see {}", text::granted(group.history)))?;
    let size = match group.size {
        GroupSize::Normal => "protected against a later quantum computer",
        GroupSize::Large => "large, so not protected against a later quantum computer",
    };
    screen.show(&format!("secrecy   {size}"))?;
    screen.show(&format!("members   {}", group.members))?;
    if group.adding > 0 {
        screen.show(&format!("          {} more are being added", group.adding))?;
    }
    for_each_member(client, id, |page| {
        for member in page.members {
            let name = member.person.map_or_else(
                || "(somebody whose name is not known here yet)".to_owned(),
                |person| person.name.to_string(),
            );
            let role = match member.role {
                Role::Member => "",
                Role::Admin => "  admin",
                Role::Owner => "  owner",
            };
            screen.show(&format!("  {}{role}", screen.name(&name)))?;
        }
        Ok(())
    })
    .await
}

/// The accounts of these members.
async fn accounts(
    client: &Client<Native>,
    group: ChatId,
    names: &[String],
) -> Result<Vec<AccountId>, Failure> {
    let mut found = Vec::new();
    for name in names {
        // Whoever is not known here by name is looked up.
        let person = client.person(name).await?;
        let mut is_member = false;
        for_each_member(client, group, |page| {
            is_member |= page.members.iter().any(|member| member.account == person.account);
            Ok(())
        })
        .await?;
        if !is_member {
            return Err(Failure::NoMember { name: name.clone() });
        }
        found.push(person.account);
    }
    Ok(found)
}

async fn for_each_member(
    client: &Client<Native>,
    group: ChatId,
    mut each: impl FnMut(MembersPage) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut seen = 0;
    loop {
        let page = client.group_members(group, seen, PAGE).await?;
        if page.members.is_empty() {
            return Ok(());
        }
        seen += page.members.len();
        each(page)?;
    }
}

fn note(session: &mut Session, line: &str) -> Result<(), Failure> {
    Ok(session.screen.note(line)?)
}

const fn policy(joining: Joining) -> JoinPolicy {
    match joining {
        Joining::Members => JoinPolicy::Invite {
            by: Inviters::Members,
        },
        Joining::Admins => JoinPolicy::Invite { by: Inviters::Admins },
        Joining::AdminApproves => JoinPolicy::Approval {
            by: Approvers::AnyAdmin,
        },
        Joining::MemberApproves => JoinPolicy::Approval {
            by: Approvers::AnyMember,
        },
        Joining::TwoApprove => JoinPolicy::Approval {
            by: Approvers::Members(2),
        },
        Joining::Open => JoinPolicy::Open,
    }
}

const fn role_of(role: RoleName) -> Role {
    match role {
        RoleName::Member => Role::Member,
        RoleName::Admin => Role::Admin,
        RoleName::Owner => Role::Owner,
    }
}
