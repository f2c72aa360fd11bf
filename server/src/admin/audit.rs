//! `sotto-server admin audit`

use super::report::what_came;
use super::role::listed;
use super::table::{Table, counted, in_a_line, written};
use super::{AdminError, Said, Tools};
use crate::app::AccountsDatabase;
use crate::store::ReadActs;
use clap::Args;
use sotto_protocol::rest::admin::AdminChange;
use sotto_protocol::{AccountName, limits};

/// What an operator wants of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct AuditOptions {
    /// Only what this account has done, or what was done to it
    #[arg(long, value_name = "NAME")]
    pub account: Option<AccountName>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
}

pub(super) async fn perform<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    AuditOptions { account, limit }: AuditOptions,
) -> Result<Said, AdminError> {
    let account = match account {
        Some(name) => Some(tools.user(name).await?.account),
        None => None,
    };
    let mut table = Table::new(["WHEN", "WHO", "WHAT", "WHY"]);
    let mut before = None;
    let mut left = limit;
    while left > 0 {
        let page = ReadActs {
            account,
            before,
            limit: u16::try_from(left).unwrap_or(u16::MAX).min(limits::ACTS_READ),
        };
        let acts = tools.accounts.acts(page).await?;
        let is_last_page = acts.len() < usize::from(page.limit);
        before = acts.last().map(|act| act.act);
        left = left.saturating_sub(page.limit.into());
        for act in acts {
            table.row([
                written(act.at),
                act.by.map_or("command line".to_owned(), |by| by.name.to_string()),
                what(&act.change),
                in_a_line(&act.reason),
            ]);
        }
        if is_last_page {
            break;
        }
    }
    Ok(Said::result(table.finish()))
}

/// What was done, in one line.
fn what(change: &AdminChange) -> String {
    match change {
        AdminChange::RoleSet { subject, from, to } => {
            format!("gave {} the role {to}, which was {from}", subject.name)
        }
        AdminChange::Banned { subject, until } => match until {
            Some(until) => format!("banned {} until {}", subject.name, written(*until)),
            None => format!("banned {} for good", subject.name),
        },
        AdminChange::Unbanned { subject } => format!("lifted the ban of {}", subject.name),
        AdminChange::AccountDeleted { subject } => format!("deleted {}", subject.name),
        AdminChange::InviteCreated {
            invite, uses, note, ..
        } => format!(
            "made the invite {invite} for {}: {}",
            counted(u64::from(*uses), "account"),
            in_a_line(note)
        ),
        AdminChange::InviteRevoked { invite, note } => {
            format!("ended the invite {invite}: {}", in_a_line(note))
        }
        AdminChange::RoleChanged {
            role,
            before: None,
            permissions,
        } => format!("made the role {role}, which permits: {}", listed(*permissions)),
        AdminChange::RoleChanged {
            role,
            before: Some(before),
            permissions,
        } => format!(
            "changed the role {role}, which permits: {}; before: {}",
            listed(*permissions),
            listed(*before)
        ),
        AdminChange::RoleDeleted { role, .. } => format!("deleted the role {role}"),
        AdminChange::ReportHandled {
            report,
            subject,
            outcome,
        } => {
            let about = subject.as_ref().map(|subject| format!(" about {}", subject.name));
            format!(
                "handled the report {report}{}: {}",
                about.unwrap_or_default(),
                what_came(*outcome)
            )
        }
        AdminChange::CommunityDeleted {
            community,
            title,
            founder,
        } => format!(
            "deleted {}'s community {community}: {}",
            founder.name,
            in_a_line(title)
        ),
        AdminChange::BotCreated { bot } => format!("made the bot {bot}"),
        AdminChange::BroadcastSet { group: Some(group) } => format!("made the group {group} the broadcast"),
        AdminChange::BroadcastSet { group: None } => "ended the broadcast".to_owned(),
        AdminChange::BotRevoked {
            bot,
            subject: Some(_),
        } => format!("revoked the token of the bot {bot}"),
        AdminChange::BotRevoked { bot, subject: None } => {
            format!("revoked the token of the bot {bot}, which was never registered")
        }
    }
}
