//! `sotto-server admin invite …`

use super::act::check_note;
use super::table::{Table, counted, written};
use super::{ActError, AdminError, InvalidAct, Lifetime, Said, Tools, new_invite};
use crate::app::AccountsDatabase;
use crate::store::{NewChange, PerformError};
use clap::Subcommand;
use sotto_protocol::InviteId;
use sotto_protocol::rest::admin::Invite;
use std::fmt::Write as _;

/// What an operator wants of invites.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum InviteCommand {
    /// Make an invite code, and show it this once: the server keeps a hash alone
    Create {
        /// How many accounts can be made with it
        #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        uses: u32,
        /// How long it is good: a number and m, h, d or w
        #[arg(long, value_name = "TIME", default_value = "7d")]
        expires_in: Lifetime,
        /// What it is for, to know it by later
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = note)]
        note: String,
    },
    /// Show the invites, the latest first, but not their codes
    List,
    /// End an invite: its code is good for nothing from now on
    Revoke {
        /// Its id, as `list` shows it
        #[arg(allow_hyphen_values = true)]
        id: InviteId,
    },
}

fn note(text: &str) -> Result<String, InvalidAct> {
    check_note(text)?;
    Ok(text.to_owned())
}

pub(super) async fn perform<A: AccountsDatabase>(
    tools: &mut Tools<'_, A>,
    command: InviteCommand,
) -> Result<Said, AdminError> {
    match command {
        InviteCommand::Create {
            uses,
            expires_in,
            note,
        } => create(tools, uses, expires_in, note).await,
        InviteCommand::List => list(tools).await,
        InviteCommand::Revoke { id } => revoke(tools, id).await,
    }
}

async fn create<A: AccountsDatabase>(
    tools: &mut Tools<'_, A>,
    uses: u32,
    expires_in: Lifetime,
    note: String,
) -> Result<Said, AdminError> {
    let now = tools.clock.now();
    let (invite, code) = new_invite(&mut tools.rng, uses, expires_in.millis(), note, now)?;
    let code = code.to_text();
    let mut remark = format!(
        "Invite {}: good for {} until {}. The code is shown this once.\n",
        invite.invite,
        counted(u64::from(uses), "account"),
        written(invite.expires_at),
    );
    if let Some(url) = tools.public_url {
        // Writing to a string does not fail.
        let _ = writeln!(remark, "As a link: {url}/register?invite={code}");
    }
    tools.act(NewChange::CreateInvite(invite), String::new()).await?;
    Ok(Said {
        result: code + "\n",
        remark,
    })
}

async fn list<A: AccountsDatabase>(tools: &Tools<'_, A>) -> Result<Said, AdminError> {
    let invites = tools.accounts.invites().await?;
    if invites.is_empty() {
        return Ok(Said::remark("There are no invites."));
    }
    let mut table = Table::new(["ID", "USES LEFT", "MADE", "UNTIL", "BY", "NOTE"]);
    for Invite {
        invite,
        uses_left,
        note,
        made_at,
        expires_at,
        made_by,
    } in invites
    {
        let until = if expires_at <= tools.clock.now() {
            "over".to_owned()
        } else {
            written(expires_at)
        };
        let by = match made_by {
            None => "command line".to_owned(),
            // The account may be gone.
            Some(account) => match tools.accounts.account(account).await? {
                Some(user) => user.name.to_string(),
                None => account.to_string(),
            },
        };
        table.row([
            invite.to_string(),
            uses_left.to_string(),
            written(made_at),
            until,
            by,
            note,
        ]);
    }
    Ok(Said::result(table.finish()))
}

async fn revoke<A: AccountsDatabase>(tools: &Tools<'_, A>, id: InviteId) -> Result<Said, AdminError> {
    let done = tools.act(NewChange::RevokeInvite { invite: id }, String::new());
    done.await.map_err(|error| match error {
        ActError::Perform(PerformError::InviteNotFound) => AdminError::NoInvite(id),
        error => error.into(),
    })?;
    Ok(Said::remark(format!(
        "Invite {id} is good for nothing any more. Accounts that were made with it stay."
    )))
}
