//! `sotto-server admin …`: administration by command line. It works on the installation's databases, whether a server runs on them
//! just now or not; a noun a file.

mod invite;
mod lifetime;

pub use invite::InviteCommand;
pub use lifetime::{InvalidLifetime, Lifetime};

use crate::app::AccountsDatabase;
use crate::auth::OperatingSystemRng;
use crate::clock::Clock;
use crate::config::{Config, Databases, InvalidValue};
use crate::store::StoreError;
use crate::store::postgres::PostgresAccounts;
use crate::store::sqlite::SqliteAccounts;
use clap::Subcommand;
use sotto_protocol::InviteId;

/// What an operator wants done.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AdminCommand {
    /// Invite codes, with which people make accounts where registration is for the invited alone
    #[command(subcommand)]
    Invite(InviteCommand),
}

/// Why it was not done. The message is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] InvalidValue),
    /// The database cannot be opened, or failed.
    #[error("cannot use the database of accounts")]
    Store(#[from] StoreError),
    /// No invite has this id: list them.
    #[error("there is no invite {0}; `sotto-server admin invite list` shows those that there are")]
    NoInvite(InviteId),
}

/// What there is to say when it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The result, in whole lines: for standard output.
    pub result: String,
    /// What people should know beside it, in whole lines: for standard error.
    pub remark: String,
}

/// With what a command does its work.
struct Tools<'t, A> {
    accounts: &'t A,
    clock: &'t dyn Clock,
    rng: OperatingSystemRng,
}

/// Does what the operator wants.
pub async fn run(config: &Config, command: AdminCommand, clock: &dyn Clock) -> Result<Said, AdminError> {
    match config.storage.databases()? {
        Databases::Sqlite { accounts, .. } => {
            let accounts = SqliteAccounts::open_beside(&accounts).await?;
            let done = perform(&accounts, command, clock).await;
            accounts.close().await;
            done
        }
        Databases::Postgres { accounts, .. } => {
            let settings = config.storage.postgres.settings();
            let accounts = PostgresAccounts::open(&accounts, settings).await?;
            let done = perform(&accounts, command, clock).await;
            accounts.close().await;
            done
        }
    }
}

async fn perform<A: AccountsDatabase>(
    accounts: &A,
    command: AdminCommand,
    clock: &dyn Clock,
) -> Result<Said, AdminError> {
    let mut tools = Tools {
        accounts,
        clock,
        rng: rand_core::UnwrapErr(getrandom::SysRng),
    };
    match command {
        AdminCommand::Invite(command) => invite::perform(&mut tools, command).await,
    }
}
