//! Administration: what is done ([`act`]), what follows from it ([`effect`]), and `sotto-server admin …`, a noun a file. The command line
//! works on the installation's databases, whether a server runs on them just now or not.

mod account;
mod act;
mod audit;
mod bot;
mod community;
mod effect;
mod invite;
mod lifetime;
mod report;
mod role;
mod storage;
mod table;

pub use account::AccountCommand;
pub use act::InvalidAct;
pub(crate) use act::{ActError, act, new_invite};
pub use audit::AuditOptions;
pub use bot::BotCommand;
pub use community::CommunityCommand;
pub(crate) use effect::{follow, take_effect};
pub use invite::InviteCommand;
pub use lifetime::{InvalidLifetime, Lifetime};
pub use report::{GivenOutcome, ReportCommand};
pub use role::RoleCommand;

use crate::app::AccountsDatabase;
use crate::auth::OperatingSystemRng;
use crate::clock::Clock;
use crate::config::{Config, Databases, InvalidValue};
use crate::report::ReportError;
use crate::store::postgres::PostgresAccounts;
use crate::store::sqlite::SqliteAccounts;
use crate::store::{Actor, NewChange, PerformError, StoreError};
use clap::Subcommand;
use sotto_protocol::rest::admin::AdminAct;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountName, CommunityId, InviteId, ReportId, RoleName};

/// What an operator wants done.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AdminCommand {
    /// Accounts: their roles, and who is banned
    #[command(subcommand)]
    Account(AccountCommand),
    /// Roles, and what they permit
    #[command(subcommand)]
    Role(RoleCommand),
    /// Invite codes, with which people make accounts where registration is for the invited alone
    #[command(subcommand)]
    Invite(InviteCommand),
    /// Bots: accounts that a program speaks for
    #[command(subcommand)]
    Bot(BotCommand),
    /// Communities, which members found for all to find
    #[command(subcommand)]
    Community(CommunityCommand),
    /// Reports: what members have said that others have done
    #[command(subcommand)]
    Report(ReportCommand),
    /// What those have done who administer, the latest first
    Audit(AuditOptions),
    /// How much there is on the server
    Storage,
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
    /// Something that was given cannot be used.
    #[error(transparent)]
    Invalid(#[from] InvalidAct),
    /// It cannot be done.
    #[error("{0}")]
    Refused(PerformError),
    /// No account has this name.
    #[error("there is no account {0}")]
    NoAccount(AccountName),
    /// No role has this name: list them.
    #[error("there is no role {0}; `sotto-server admin role list` shows those that there are")]
    NoRole(RoleName),
    /// Accounts have this role: give them another one.
    #[error("accounts have the role {0}; `sotto-server admin account list --role {0}` shows them")]
    RoleInUse(RoleName),
    /// No invite has this id: list them.
    #[error("there is no invite {0}; `sotto-server admin invite list` shows those that there are")]
    NoInvite(InviteId),
    /// An account has or had the name of a bot to be made: choose another.
    #[error("the name {0} is taken")]
    NameTaken(AccountName),
    /// No bot has this name: list them.
    #[error("there is no bot {0}; `sotto-server admin bot list` shows those that there are")]
    NoBot(AccountName),
    /// No community has this id: list them.
    #[error("there is no community {0}; `sotto-server admin community list` shows those that there are")]
    NoCommunity(CommunityId),
    /// No report has this id: list them.
    #[error("there is no report {0}; `sotto-server admin report list` shows those that wait")]
    NoReport(ReportId),
    /// The reports cannot be read.
    #[error("cannot read reports")]
    Report(#[from] ReportError),
    /// What cannot be taken back has to be asked for twice.
    #[error("deleting {0} cannot be taken back; if you mean it, say so with --yes")]
    Unsure(AccountName),
    /// The same of a community, with its title.
    #[error("deleting {0}, which is {1:?}, cannot be taken back; if you mean it, say so with --yes")]
    UnsureOfCommunity(CommunityId, String),
}

impl From<ActError> for AdminError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Invalid(error) => Self::Invalid(error),
            ActError::Perform(PerformError::Store(error)) => Self::Store(error),
            ActError::Perform(error) => Self::Refused(error),
        }
    }
}

/// What there is to say when it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The result, in whole lines: for standard output.
    pub result: String,
    /// What people should know beside it, in whole lines: for standard error.
    pub remark: String,
}

impl Said {
    fn result(result: String) -> Self {
        Self {
            result,
            remark: String::new(),
        }
    }

    fn remark(remark: impl Into<String>) -> Self {
        Self {
            result: String::new(),
            remark: remark.into() + "\n",
        }
    }
}

/// With what a command does its work.
struct Tools<'t, A> {
    accounts: &'t A,
    clock: &'t dyn Clock,
    rng: OperatingSystemRng,
    /// Where browsers find the server, if the configuration says so.
    public_url: Option<&'t str>,
}

impl<A: AccountsDatabase> Tools<'_, A> {
    /// Does something, and writes it down; `None` if it is so already.
    async fn act(&self, change: NewChange, reason: String) -> Result<Option<AdminAct>, ActError> {
        act(
            self.accounts,
            Actor::CommandLine,
            self.clock.now(),
            change,
            reason,
        )
        .await
    }

    async fn user(&self, name: AccountName) -> Result<User, AdminError> {
        let user = self.accounts.account_by_name(&name).await?;
        user.ok_or(AdminError::NoAccount(name))
    }
}

/// Does what the operator wants.
pub async fn run(config: &Config, command: AdminCommand, clock: &dyn Clock) -> Result<Said, AdminError> {
    let public_url = config.web.public_url.as_deref();
    match config.storage.databases()? {
        Databases::Sqlite { accounts, .. } => {
            let accounts = SqliteAccounts::open_beside(&accounts).await?;
            let done = perform(&accounts, command, clock, public_url).await;
            accounts.close().await;
            done
        }
        Databases::Postgres { accounts, .. } => {
            let settings = config.storage.postgres.settings();
            let accounts = PostgresAccounts::open(&accounts, settings).await?;
            let done = perform(&accounts, command, clock, public_url).await;
            accounts.close().await;
            done
        }
    }
}

async fn perform<A: AccountsDatabase>(
    accounts: &A,
    command: AdminCommand,
    clock: &dyn Clock,
    public_url: Option<&str>,
) -> Result<Said, AdminError> {
    let mut tools = Tools {
        accounts,
        clock,
        rng: rand_core::UnwrapErr(getrandom::SysRng),
        public_url,
    };
    match command {
        AdminCommand::Account(command) => account::perform(&tools, command).await,
        AdminCommand::Role(command) => role::perform(&tools, command).await,
        AdminCommand::Invite(command) => invite::perform(&mut tools, command).await,
        AdminCommand::Bot(command) => bot::perform(&tools, command).await,
        AdminCommand::Community(command) => community::perform(&tools, command).await,
        AdminCommand::Report(command) => report::perform(&tools, command).await,
        AdminCommand::Audit(options) => audit::perform(&tools, options).await,
        AdminCommand::Storage => storage::perform(&tools).await,
    }
}
