//! `sotto-server admin community …`

use super::table::{Table, day, in_a_line, written};
use super::{ActError, AdminError, Said, Tools};
use crate::app::AccountsDatabase;
use crate::store::{NewChange, PerformError, SearchCommunities};
use clap::Subcommand;
use clap::builder::NonEmptyStringValueParser;
use sotto_protocol::rest::community::{Community, ListedCommunity};
use sotto_protocol::{AccountId, CommunityId, limits};

/// As whom the operator reads: nobody has this account, so it is in no community.
const OPERATOR: AccountId = AccountId::from_bytes([0; 16]);

/// What an operator wants of communities.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum CommunityCommand {
    /// Show the communities in the order of their titles
    List {
        /// Those alone whose title, place or description contains this; those whose title does come first
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        search: Option<String>,
        /// Those alone that are about this topic, as `[communities] topics` has it
        #[arg(long)]
        topic: Option<String>,
    },
    /// Show what a community says about itself, who has founded it, and how many are in it
    Show {
        /// Its id, as `list` and its page's address show it
        #[arg(allow_hyphen_values = true)]
        id: CommunityId,
    },
    /// Delete a community, for good. Its groups and their members stay, without it
    ///
    /// Nobody is told why; the founder can found another one. `sotto-server admin account ban NAME` keeps the founder out.
    Delete {
        /// Its id, as `list` shows it
        #[arg(allow_hyphen_values = true)]
        id: CommunityId,
        /// It is meant
        #[arg(long)]
        yes: bool,
        /// Why, for the audit log
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
    },
}

pub(super) async fn perform<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    command: CommunityCommand,
) -> Result<Said, AdminError> {
    match command {
        CommunityCommand::List { search, topic } => list(tools, search, topic).await,
        CommunityCommand::Show { id } => show(tools, id).await,
        CommunityCommand::Delete { id, yes, reason } => delete(tools, id, yes, reason).await,
    }
}

async fn list<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    search: Option<String>,
    topic: Option<String>,
) -> Result<Said, AdminError> {
    let is_filtered = search.is_some() || topic.is_some();
    let mut table = Table::new(["ID", "TITLE", "MEMBERS", "FOUNDED", "TOPICS", "PLACE"]);
    let mut after = None;
    let mut is_empty = true;
    loop {
        let page = SearchCommunities {
            text: search.clone(),
            topic: topic.clone(),
            near: None,
            limit: limits::SEARCH_RESULTS,
            after,
        };
        let found = tools.accounts.search_communities(page).await?;
        for ListedCommunity {
            community,
            title,
            members,
            created_at,
            topics,
            place,
            ..
        } in found.communities
        {
            is_empty = false;
            table.row([
                community.to_string(),
                in_a_line(&title),
                members.to_string(),
                day(created_at),
                in_a_line(&topics.join(", ")),
                in_a_line(&place),
            ]);
        }
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    if is_empty {
        return Ok(Said::remark(if is_filtered {
            "There is no such community."
        } else {
            "There are no communities."
        }));
    }
    Ok(Said::result(table.finish()))
}

async fn show<A: AccountsDatabase>(tools: &Tools<'_, A>, id: CommunityId) -> Result<Said, AdminError> {
    let Community {
        community,
        title,
        topics,
        place,
        description,
        founder,
        created_at,
        members,
        ..
    } = read(tools, id).await?;
    let page = tools.public_url.map(|url| format!("{url}/community/{community}"));
    let lines = [
        ("Title", in_a_line(&title)),
        ("Id", community.to_string()),
        ("Page", page.unwrap_or_default()),
        ("Founder", founder.name.to_string()),
        ("Founded", written(created_at)),
        ("Members", members.to_string()),
        ("Topics", in_a_line(&topics.join(", "))),
        ("Place", in_a_line(&place)),
        ("About", in_a_line(&description)),
    ];
    let lines = lines.iter().filter(|(_, value)| !value.is_empty());
    let lines = lines.map(|(what, value)| format!("{what:<7}  {value}\n"));
    Ok(Said::result(lines.collect()))
}

async fn delete<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    id: CommunityId,
    is_meant: bool,
    reason: String,
) -> Result<Said, AdminError> {
    let title = in_a_line(&read(tools, id).await?.title);
    if !is_meant {
        return Err(AdminError::UnsureOfCommunity(id, title));
    }
    let done = tools.act(NewChange::DeleteCommunity { community: id }, reason);
    done.await.map_err(|error| match error {
        ActError::Perform(PerformError::CommunityNotFound) => AdminError::NoCommunity(id),
        error => error.into(),
    })?;
    Ok(Said::remark(format!("The community {title} is deleted.")))
}

async fn read<A: AccountsDatabase>(tools: &Tools<'_, A>, id: CommunityId) -> Result<Community, AdminError> {
    let found = tools.accounts.community(id, OPERATOR).await?;
    found.ok_or(AdminError::NoCommunity(id))
}
