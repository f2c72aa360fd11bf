//! `sotto community`

use super::profile::read;
use crate::arguments::{Community as Asked, NewCommunityProfile};
use crate::failure::Failure;
use crate::moment::day;
use crate::session::Session;
use crate::text;
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::{AccountId, CommunityId};
use sotto_client_sdk::{
    Client, Communities, Community, CommunityQuery, CommunityRole, FoundCommunity, ListedCommunity,
    UpdateCommunity,
};

/// How many communities or members are shown before there had better be fewer.
const ENOUGH: usize = 200;
/// Characters of what a community says where many are shown.
const BEGINNING: usize = 60;

pub(crate) async fn run(session: &mut Session, asked: Asked) -> Result<(), Failure> {
    let client = session.resume().await?;
    let done = act(session, &client, asked).await;
    client.close().await?;
    done
}

#[allow(clippy::too_many_lines, reason = "a few lines for each command")]
async fn act(session: &mut Session, client: &Client<Native>, asked: Asked) -> Result<(), Failure> {
    let communities = client.communities();
    match asked {
        Asked::Find(asked) => {
            let query = CommunityQuery {
                text: asked.text,
                topic: asked.topic,
                near: asked.near,
                within_km: asked.within,
            };
            find(session, &communities, &query).await
        }
        Asked::New { near, within, since } => {
            let since = since.begin(SystemClock.now());
            let found = communities.new_near(near, within, since).await?;
            list(session, &found)
        }
        Asked::Topics => {
            for topic in client.server_info().await?.topics {
                session.screen.show(&text::line(&topic))?;
            }
            Ok(())
        }
        Asked::List => {
            let mut joined = Vec::new();
            for community in communities.joined().await? {
                joined.push(community.community);
            }
            list(session, &joined)
        }
        Asked::Show { community } => {
            let id = named(&communities, &community).await?;
            show(session, &communities.read(id).await?)
        }
        Asked::Found {
            title,
            topics,
            about,
            place,
            location,
        } => {
            let what = FoundCommunity {
                title,
                topics,
                place,
                location,
                description: about,
            };
            show(session, &communities.found(&what).await?)
        }
        Asked::Set { community, new } => {
            let id = named(&communities, &community).await?;
            show(session, &set(&communities, id, new).await?)
        }
        Asked::Join { community } => {
            let id = named(&communities, &community).await?;
            show(session, &communities.join(id).await?)
        }
        Asked::Leave { community } => {
            let id = named(&communities, &community).await?;
            communities.leave(id).await?;
            note(session, "You have left.")
        }
        Asked::Groups { community } => {
            let id = named(&communities, &community).await?;
            groups(session, &communities, id).await
        }
        Asked::Members { community } => {
            let id = named(&communities, &community).await?;
            members(session, &communities, id).await
        }
        Asked::Role {
            community,
            name,
            role,
        } => {
            let id = named(&communities, &community).await?;
            let account = account(client, &name).await?;
            communities.set_role(id, account, role.into()).await?;
            note(session, "Done.")
        }
        Asked::Remove { community, name, ban } => {
            let id = named(&communities, &community).await?;
            let account = account(client, &name).await?;
            if ban {
                communities.ban(id, account).await?;
            } else {
                communities.remove(id, account).await?;
            }
            note(session, "They are out.")
        }
        Asked::Unban { community, name } => {
            let id = named(&communities, &community).await?;
            communities.unban(id, account(client, &name).await?).await?;
            note(session, "They can join again.")
        }
        Asked::Banned { community } => {
            let id = named(&communities, &community).await?;
            for ban in communities.bans(id).await? {
                let since = session.screen.faint(&format!("  since {}", day(ban.banned_at)));
                let line = session.screen.name(ban.name.as_str()) + &since;
                session.screen.show(&line)?;
            }
            Ok(())
        }
        Asked::Report {
            community,
            reason,
            comment,
        } => {
            let id = named(&communities, &community).await?;
            let comment = comment.unwrap_or_default();
            client.report_community(id, reason.into(), &comment).await?;
            note(session, "Reported to those who look after the server.")
        }
        Asked::Delete { community, yes: _ } => {
            let id = named(&communities, &community).await?;
            communities.delete(id).await?;
            note(session, "The community is gone for everyone.")
        }
    }
}

/// The community of this id, or of this title among those that the account is in.
pub(super) async fn named(communities: &Communities<Native>, name: &str) -> Result<CommunityId, Failure> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let joined = communities.joined().await?;
    let mut called = joined
        .iter()
        .map(|joined| &joined.community)
        .filter(|community| community.title == name);
    let name = name.to_owned();
    match (called.next(), called.next()) {
        (Some(community), None) => Ok(community.community),
        (Some(_), Some(_)) => Err(Failure::SeveralCommunities { name }),
        (None, _) => Err(Failure::NoCommunity { name }),
    }
}

async fn account(client: &Client<Native>, name: &str) -> Result<AccountId, Failure> {
    Ok(client.profile(name).await?.account)
}

async fn find(
    session: &mut Session,
    communities: &Communities<Native>,
    query: &CommunityQuery,
) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = communities.search(query, after.as_deref()).await?;
        found.extend(page.communities);
        after = page.next;
        if after.is_none() || found.len() >= ENOUGH {
            break;
        }
    }
    list(session, &found)?;
    if after.is_some() {
        note(session, "There are more; say more of what you look for.")?;
    }
    Ok(())
}

fn list(session: &mut Session, communities: &[ListedCommunity]) -> Result<(), Failure> {
    if communities.is_empty() {
        return note(session, "There is no such community.");
    }
    for community in communities {
        let screen = &mut session.screen;
        let mut line = screen.name(&text::line(&community.title));
        if !community.place.is_empty() {
            line.push_str("  ");
            line.push_str(&text::line(&community.place));
        }
        let mut facts = format!("  {}, {}", topics(&community.topics), counted(community.members));
        if let Some(km) = community.distance_km {
            facts = format!("{facts}, {km} km");
        }
        line.push_str(&screen.faint(&facts));
        screen.show(&line)?;
        let says = text::line(&community.description);
        if !says.is_empty() {
            screen.show(&format!("    {}", text::beginning(&says, BEGINNING)))?;
        }
        let id = screen.faint(&format!("    {}", community.community));
        screen.show(&id)?;
    }
    Ok(())
}

/// Changes what was asked for. Pictures come first: if one of them is refused, the texts stay as they were.
async fn set(
    communities: &Communities<Native>,
    id: CommunityId,
    new: NewCommunityProfile,
) -> Result<Community, Failure> {
    let [picture, cover] = [new.picture, new.cover].map(|file| file.map(|file| read(&file)).transpose());
    let (picture, cover) = (picture?, cover?);
    if picture.is_some() || new.no_picture {
        communities.set_picture(id, picture).await?;
    }
    if cover.is_some() || new.no_cover {
        communities.set_cover(id, cover).await?;
    }
    let update = UpdateCommunity {
        title: new.title,
        topics: (!new.topics.is_empty()).then_some(new.topics),
        place: new.place,
        location: (new.no_location || new.location.is_some()).then_some(new.location),
        description: new.about,
    };
    Ok(communities.update(id, &update).await?)
}

fn show(session: &mut Session, community: &Community) -> Result<(), Failure> {
    let screen = &mut session.screen;
    let head = screen.name(&text::line(&community.title));
    screen.show(&head)?;
    for line in text::lines(&community.description) {
        screen.show(&line)?;
    }
    screen.show(&format!("About     {}", topics(&community.topics)))?;
    if !community.place.is_empty() {
        screen.show(&format!("Place     {}", text::line(&community.place)))?;
    }
    if let Some(location) = community.location {
        screen.show(&format!("Location  {location}, to a tenth of a degree"))?;
    }
    screen.show(&format!("Founder   {}", community.founder.name))?;
    screen.show(&format!("Since     {}", day(community.created_at)))?;
    screen.show(&format!("Members   {}", community.members))?;
    screen.show(&format!("Id        {}", community.community))?;
    match community.own_role {
        Some(role) => note(session, &format!("You are in it{}.", as_what(role))),
        None => note(session, "You are not in it."),
    }
}

async fn groups(
    session: &mut Session,
    communities: &Communities<Native>,
    id: CommunityId,
) -> Result<(), Failure> {
    let mut shown = 0;
    let mut after = None;
    loop {
        let page = communities.groups(id, after.as_deref()).await?;
        for group in &page.groups {
            let screen = &mut session.screen;
            let title = text::line(group.title.as_deref().unwrap_or_default());
            let facts = format!("  {}, {}", counted(group.members.into()), group.group);
            let line = screen.name(&title) + &screen.faint(&facts);
            screen.show(&line)?;
        }
        shown += page.groups.len();
        after = page.next;
        if after.is_none() {
            break;
        }
        if shown >= ENOUGH {
            return note(session, "There are more.");
        }
    }
    if shown == 0 {
        note(session, "It has no groups that can be found.")?;
    }
    Ok(())
}

async fn members(
    session: &mut Session,
    communities: &Communities<Native>,
    id: CommunityId,
) -> Result<(), Failure> {
    let mut shown = 0;
    let mut after = None;
    loop {
        let page = communities.members(id, after.as_deref()).await?;
        for member in &page.members {
            let screen = &mut session.screen;
            let mut line = screen.name(member.name.as_str());
            if !member.display_name.is_empty() {
                line.push_str("  ");
                line.push_str(&text::line(&member.display_name));
            }
            line.push_str(&screen.faint(as_what(member.role)));
            screen.show(&line)?;
        }
        shown += page.members.len();
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
        if shown >= ENOUGH {
            return note(session, "There are more.");
        }
    }
}

const fn as_what(role: CommunityRole) -> &'static str {
    match role {
        CommunityRole::Founder => " as its founder",
        CommunityRole::Moderator => " as a moderator",
        CommunityRole::Member => "",
    }
}

fn topics(topics: &[String]) -> String {
    text::line(&topics.join(", "))
}

fn counted(members: u64) -> String {
    if members == 1 {
        "1 member".to_owned()
    } else {
        format!("{members} members")
    }
}

fn note(session: &mut Session, line: &str) -> Result<(), Failure> {
    Ok(session.screen.note(line)?)
}
