//! What those do who administer: acts, each in the audit log by the transaction that does it.

mod perform;
mod tables;

pub(in crate::store) use perform::perform;
pub(in crate::store) use tables::{AccountStanding, AdminTables};

use super::{NewInvite, StoreError};
use sotto_protocol::rest::admin::AdminAct;
use sotto_protocol::rest::report::Outcome;
use sotto_protocol::{
    AccountId, AccountName, BotTokenHash, ChatId, CommunityId, InviteId, PermissionSet, ReportId, RoleName,
    Timestamp,
};

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever has the server's command line, and with it everything that the server has: no permission is asked for.
    CommandLine,
    /// An account, as far as its role permits.
    Account(AccountId),
}

impl Actor {
    /// The account, if it is one.
    #[must_use]
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::CommandLine => None,
            Self::Account(account) => Some(account),
        }
    }
}

/// Something to be done.
#[derive(Clone, Debug)]
pub struct NewAct {
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What.
    pub change: NewChange,
    /// Why, in their words.
    pub reason: String,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum NewChange {
    /// An account gets a role.
    SetRole {
        /// The account.
        account: AccountId,
        /// The role.
        role: RoleName,
    },
    /// An account is banned, in place of what holds for it until then.
    Ban {
        /// The account.
        account: AccountId,
        /// When that ends by itself; `None`: it does not.
        until: Option<Timestamp>,
    },
    /// An account is banned no more.
    Unban {
        /// The account.
        account: AccountId,
    },
    /// An account is deleted, as by [`super::AccountStore::delete_account`]: from the command line alone.
    DeleteAccount {
        /// The account.
        account: AccountId,
    },
    /// An invite is kept.
    CreateInvite(NewInvite),
    /// An invite is forgotten: its code is good for nothing from now on.
    RevokeInvite {
        /// The invite.
        invite: InviteId,
    },
    /// A role is made, or permits something else.
    PutRole {
        /// The role.
        role: RoleName,
        /// What it permits.
        permissions: PermissionSet,
    },
    /// A role is deleted that no account has.
    DeleteRole {
        /// The role.
        role: RoleName,
    },
    /// A report that waits is handled; the reason is its note. Nobody handles one about themselves.
    HandleReport {
        /// The report.
        report: ReportId,
        /// What came of it.
        outcome: Outcome,
    },
    /// A bot is made, or one that is yet to be registered gets another token.
    CreateBot {
        /// Its name.
        bot: AccountName,
        /// Its token.
        token: BotTokenHash,
    },
    /// A bot's token is revoked: its account is banned for good. One that was never registered is forgotten.
    RevokeBot {
        /// Its name.
        bot: AccountName,
    },
    /// A community is deleted.
    DeleteCommunity {
        /// The community.
        community: CommunityId,
    },
    /// The whole server gets another broadcast, or has none any more. The group's rules have been looked at: it is one, and for
    /// everybody.
    SetBroadcast {
        /// The group.
        group: Option<ChatId>,
    },
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    /// The role of who wants it does not permit it.
    #[error("the role does not permit that")]
    Forbidden,
    /// It would give or take permissions that who wants it does not have, or be done to somebody who has such.
    #[error("that takes permissions that the role does not have")]
    Exceeded,
    /// Nobody would be left who may do everything: make somebody else an administrator first.
    #[error("nobody else is an administrator")]
    LastAdministrator,
    /// There is no such account.
    #[error("there is no such account")]
    UserNotFound,
    /// There is no such role.
    #[error("there is no such role")]
    RoleNotFound,
    /// Accounts have the role: give them another one first.
    #[error("accounts have this role")]
    RoleInUse,
    /// The role is part of every server, or would permit everything, as one role alone does.
    #[error(
        "the role is part of every server, or would administer, which the role `administrator` alone does"
    )]
    RoleFixed,
    /// There is no such invite.
    #[error("there is no such invite")]
    InviteNotFound,
    /// There is no such report, or it is about who wants to handle it.
    #[error("there is no such report")]
    ReportNotFound,
    /// There is no such community.
    #[error("there is no such community")]
    CommunityNotFound,
    /// There is no such group.
    #[error("there is no such group")]
    GroupNotFound,
    /// An account has or had this name: choose another.
    #[error("the name is taken")]
    NameTaken,
    /// There is no such bot.
    #[error("there is no such bot")]
    BotNotFound,
    /// There are as many bots as there may be.
    #[error("there are as many bots as there may be")]
    TooManyBots,
    /// There are as many roles as there may be.
    #[error("there are as many roles as there may be")]
    TooManyRoles,
    /// There are as many invites as there may be.
    #[error("there are as many invites as there may be")]
    TooManyInvites,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A page of the audit log, the latest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadActs {
    /// Those alone by this account or about it.
    pub account: Option<AccountId>,
    /// Those alone before this one.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: u16,
}

/// What those do who administer.
///
/// All of it goes one way: who may is decided, it is done, and it is written down, in one transaction. Acts of one installation
/// happen one after the other, on however many nodes, so that nobody's rules rest on what another act is just changing, and that
/// their numbers are in the order in which they can be seen. An act that was written down is never changed nor deleted: the database
/// refuses that.
pub trait AdminStore: Send + Sync + 'static {
    /// Does something, and returns it as it is written down. `None` if that is so already: nothing is done or written then.
    fn perform(&self, act: NewAct) -> impl Future<Output = Result<Option<AdminAct>, PerformError>> + Send;

    /// A page of the audit log.
    fn acts(&self, page: ReadActs) -> impl Future<Output = Result<Vec<AdminAct>, StoreError>> + Send;

    /// What was done after this act, the oldest first.
    fn acts_after(
        &self,
        act: u64,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<AdminAct>, StoreError>> + Send;

    /// The number of the last act; 0 if there was none.
    fn last_act(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
