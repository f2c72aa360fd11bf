//! `sotto-server admin bot …`

use super::table::{Table, written};
use super::{ActError, AdminError, Said, Tools};
use crate::app::AccountsDatabase;
use crate::store::{NewChange, PerformError};
use clap::Subcommand;
use sotto_protocol::rest::admin::Bot;
use sotto_protocol::{AccountName, BotTokenHash};

/// What an operator wants of bots.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum BotCommand {
    /// Make a bot: its program registers its account, with the token that stays with who has made it
    ///
    /// `sotto bot token NAME` makes a token, and shows the hash. Until the bot is registered, the same command gives it another token.
    Create {
        /// Its name, which is kept for it
        name: AccountName,
        /// The hash of its token
        #[arg(allow_hyphen_values = true)]
        hash: BotTokenHash,
    },
    /// Show the bots
    List,
    /// Revoke a bot's token: the bot is logged out everywhere, and let in nowhere
    ///
    /// Its account is banned for good; `sotto-server admin account unban NAME` takes that back. A bot that was never registered is
    /// forgotten, and its name is free.
    Revoke {
        /// Its name
        name: AccountName,
        /// Why: its program is told
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
    },
}

pub(super) async fn perform<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    command: BotCommand,
) -> Result<Said, AdminError> {
    match command {
        BotCommand::Create { name, hash } => create(tools, name, hash).await,
        BotCommand::List => list(tools).await,
        BotCommand::Revoke { name, reason } => revoke(tools, name, reason).await,
    }
}

async fn create<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    name: AccountName,
    hash: BotTokenHash,
) -> Result<Said, AdminError> {
    let change = NewChange::CreateBot {
        bot: name.clone(),
        token: hash,
    };
    match tools.act(change, String::new()).await {
        Ok(_) => Ok(Said::remark(format!(
            "The bot {name} can be registered now, by whoever has its token."
        ))),
        Err(ActError::Perform(PerformError::NameTaken)) => Err(AdminError::NameTaken(name)),
        Err(error) => Err(error.into()),
    }
}

async fn list<A: AccountsDatabase>(tools: &Tools<'_, A>) -> Result<Said, AdminError> {
    let bots = tools.accounts.bots(tools.clock.now()).await?;
    if bots.is_empty() {
        return Ok(Said::remark("There are no bots."));
    }
    let mut table = Table::new(["NAME", "STATE", "MADE", "BY"]);
    for Bot {
        name,
        account,
        made_at,
        made_by,
        banned,
    } in bots
    {
        let state = match account {
            None => "not registered",
            Some(_) if banned => "banned",
            Some(_) => "registered",
        };
        let by = match made_by {
            None => "command line".to_owned(),
            // The account may be gone.
            Some(account) => match tools.accounts.account(account).await? {
                Some(user) => user.name.to_string(),
                None => account.to_string(),
            },
        };
        table.row([name.to_string(), state.to_owned(), written(made_at), by]);
    }
    Ok(Said::result(table.finish()))
}

async fn revoke<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    name: AccountName,
    reason: String,
) -> Result<Said, AdminError> {
    let done = tools
        .act(NewChange::RevokeBot { bot: name.clone() }, reason)
        .await;
    match done {
        Ok(Some(_)) => Ok(Said::remark(format!(
            "The token of {name} is good for nothing any more."
        ))),
        Ok(None) => Ok(Said::remark(format!("{name} is banned for good already."))),
        Err(ActError::Perform(PerformError::BotNotFound)) => Err(AdminError::NoBot(name)),
        Err(error) => Err(error.into()),
    }
}
