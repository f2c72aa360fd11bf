//! `sotto-server admin account …`

use super::table::{Table, day, in_a_line, size, written};
use super::{ActError, AdminError, Lifetime, Said, Tools};
use crate::app::AccountsDatabase;
use crate::store::{ListAccounts, NewChange, PerformError};
use clap::Subcommand;
use sotto_protocol::rest::admin::{ListedAccount, ListedBan};
use sotto_protocol::{AccountName, RoleName, limits};

/// What an operator wants of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AccountCommand {
    /// Show the accounts in the order of their names
    List {
        /// Those alone whose name or display name contains this
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// Those alone with this role
        #[arg(long)]
        role: Option<RoleName>,
        /// Those alone that are banned
        #[arg(long)]
        banned: bool,
    },
    /// Show an account
    Show {
        /// Its name
        name: AccountName,
    },
    /// Give an account a role: the first administrator is made by this
    Role {
        /// Its name
        name: AccountName,
        /// The role, as `sotto-server admin role list` shows it
        role: RoleName,
        /// Why, for the audit log
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// Let an account in no more, and end its connections
    Ban {
        /// Its name
        name: AccountName,
        /// Why: the banned account reads it, and it is in the audit log
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// For how long: a number and m, h, d or w [default: for good]
        #[arg(long = "for", value_name = "TIME")]
        lasts: Option<Lifetime>,
    },
    /// Let a banned account in again
    Unban {
        /// Its name
        name: AccountName,
        /// Why, for the audit log
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// Delete an account with all that it has on the server, for good. Its name is given to nobody again
    Delete {
        /// Its name
        name: AccountName,
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
    command: AccountCommand,
) -> Result<Said, AdminError> {
    match command {
        AccountCommand::List { search, role, banned } => list(tools, search, role, banned).await,
        AccountCommand::Show { name } => show(tools, name).await,
        AccountCommand::Role { name, role, reason } => give_role(tools, name, role, reason).await,
        AccountCommand::Ban { name, reason, lasts } => ban(tools, name, reason, lasts).await,
        AccountCommand::Unban { name, reason } => unban(tools, name, reason).await,
        AccountCommand::Delete { name, yes, reason } => delete(tools, name, yes, reason).await,
    }
}

async fn list<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    search: Option<String>,
    role: Option<RoleName>,
    banned: bool,
) -> Result<Said, AdminError> {
    let mut table = Table::new(["NAME", "ROLE", "MADE", "LAST SEEN", "DEVICES", "STORES", "BANNED"]);
    let mut after = None;
    loop {
        let page = ListAccounts {
            text: search.clone(),
            role: role.clone(),
            banned: banned.then_some(true),
            after,
            limit: limits::ACCOUNTS_LISTED,
        };
        let accounts = tools.accounts.list_accounts(page, tools.clock.now()).await?;
        let is_last_page = accounts.len() < usize::from(limits::ACCOUNTS_LISTED);
        after = accounts.last().map(|account| account.name.clone());
        for account in accounts {
            table.row([
                account.name.to_string(),
                account.role.to_string(),
                day(account.created_at),
                account.last_seen_day.map(day).unwrap_or_default(),
                account.devices.to_string(),
                size(account.blob_bytes + account.archive_bytes),
                account.ban.as_ref().map(until).unwrap_or_default(),
            ]);
        }
        if is_last_page {
            return Ok(Said::result(table.finish()));
        }
    }
}

async fn show<A: AccountsDatabase>(tools: &Tools<'_, A>, name: AccountName) -> Result<Said, AdminError> {
    let user = tools.user(name.clone()).await?;
    let ListedAccount {
        account,
        name,
        display_name,
        created_at,
        role,
        ban,
        devices,
        last_seen_day,
        blobs,
        blob_bytes,
        archive_bytes,
    } = tools
        .accounts
        .listed_account(user.account, tools.clock.now())
        .await?
        .ok_or(AdminError::NoAccount(name))?;
    let mut lines = vec![
        ("Name", name.to_string()),
        ("Display name", in_a_line(&display_name)),
        ("Id", account.to_string()),
        ("Role", role.to_string()),
        ("Made", written(created_at)),
        ("Last seen", last_seen_day.map(day).unwrap_or_default()),
        ("Devices", devices.to_string()),
        ("Files", format!("{blobs}, {}", size(blob_bytes))),
        ("Archive", size(archive_bytes)),
    ];
    if let Some(ban) = &ban {
        lines.push(("Banned", until(ban)));
        lines.push(("Since", written(ban.banned_at)));
        lines.push(("Reason", in_a_line(&ban.reason)));
    }
    let lines = lines
        .iter()
        .map(|(what, value)| format!("{what:<12}  {value}").trim_end().to_owned() + "\n");
    Ok(Said::result(lines.collect()))
}

async fn give_role<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    name: AccountName,
    role: RoleName,
    reason: String,
) -> Result<Said, AdminError> {
    let account = tools.user(name.clone()).await?.account;
    let change = NewChange::SetRole {
        account,
        role: role.clone(),
    };
    let done = tools.act(change, reason).await.map_err(|error| match error {
        ActError::Perform(PerformError::RoleNotFound) => AdminError::NoRole(role.clone()),
        error => error.into(),
    })?;
    Ok(Said::remark(match done {
        Some(_) => format!("{name} has the role {role} now."),
        None => format!("{name} has the role {role} already."),
    }))
}

async fn ban<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    name: AccountName,
    reason: String,
    lasts: Option<Lifetime>,
) -> Result<Said, AdminError> {
    let account = tools.user(name.clone()).await?.account;
    let until = lasts.map(|lasts| tools.clock.now().plus_millis(lasts.millis()));
    tools.act(NewChange::Ban { account, until }, reason).await?;
    let until = until.map_or("for good".to_owned(), |until| format!("until {}", written(until)));
    Ok(Said::remark(format!(
        "{name} is banned {until}. A server that runs ends the account's connections within a second."
    )))
}

async fn unban<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    name: AccountName,
    reason: String,
) -> Result<Said, AdminError> {
    let account = tools.user(name.clone()).await?.account;
    let done = tools.act(NewChange::Unban { account }, reason).await?;
    Ok(Said::remark(match done {
        Some(_) => format!("{name} is banned no more."),
        None => format!("{name} is not banned."),
    }))
}

async fn delete<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    name: AccountName,
    is_meant: bool,
    reason: String,
) -> Result<Said, AdminError> {
    let account = tools.user(name.clone()).await?.account;
    if !is_meant {
        return Err(AdminError::Unsure(name));
    }
    tools.act(NewChange::DeleteAccount { account }, reason).await?;
    Ok(Said::remark(format!(
        "{name} is deleted. Its name is given to nobody again."
    )))
}

fn until(ban: &ListedBan) -> String {
    ban.until
        .map_or("for good".to_owned(), |until| format!("until {}", written(until)))
}
