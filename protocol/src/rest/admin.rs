//! `/v1/admin/…`: what those see and do who administer a server. Each call needs a permission ([`crate::Permission`]), and what changes
//! something stands in the audit log with who has done it.

use super::report::Outcome;
use super::user::GivenInvite;
use crate::{
    AccountId, AccountName, Ban, BotTokenHash, ChatId, CommunityId, InviteId, PermissionSet, ReportId,
    RoleName, Timestamp,
};
use serde::{Deserialize, Serialize};

/// An account by both of its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedAccount {
    /// The account.
    pub account: AccountId,
    /// Its unique name, which nobody else ever has.
    pub name: AccountName,
}

/// `GET /v1/admin/account?q=…&role=…&banned=…&limit=…&after=…`: accounts in the order of their names, those alone to which all applies
/// that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListAccounts {
    /// The name or display name contains this, without regard to case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// They have this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// They are banned, or they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banned: Option<bool>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// [`ListedAccounts::next`] of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<AccountName>,
}

/// A page of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedAccounts {
    /// The accounts.
    pub accounts: Vec<ListedAccount>,
    /// Where the next page begins, if there may be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<AccountName>,
}

/// `GET /v1/admin/account/{account}`: what those see of an account who may look through them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedAccount {
    /// The account.
    pub account: AccountId,
    /// Its unique name.
    pub name: AccountName,
    /// How it wants to be called; empty if it has not said.
    pub display_name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its role.
    pub role: RoleName,
    /// Its ban, if it is banned now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ban: Option<ListedBan>,
    /// How many devices it has.
    pub devices: u32,
    /// The beginning of the day, in UTC, on which one of its devices was last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_day: Option<Timestamp>,
    /// How many files it has on the server.
    pub blobs: u64,
    /// Bytes of these.
    pub blob_bytes: u64,
    /// Bytes of its archived history.
    pub archive_bytes: u64,
}

/// A ban, as those see it who administer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedBan {
    /// Why. The banned account reads it.
    pub reason: String,
    /// Since when.
    pub banned_at: Timestamp,
    /// When it ends by itself; `None`: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who has made it; `None`: whoever has the server's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banned_by: Option<AccountId>,
}

impl From<ListedBan> for Ban {
    fn from(ban: ListedBan) -> Self {
        Self {
            reason: ban.reason,
            until: ban.until,
        }
    }
}

/// `PUT /v1/admin/account/{account}/role`: gives an account a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetRole {
    /// The role.
    pub role: RoleName,
    /// Why, for the audit log: at most [`crate::limits::ADMIN_REASON_BYTES`].
    #[serde(default)]
    pub reason: String,
}

/// `PUT /v1/admin/account/{account}/ban`: bans an account, or bans it otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BanAccount {
    /// Why. The banned account reads it, and so does the audit log: 1 to [`crate::limits::ADMIN_REASON_BYTES`].
    pub reason: String,
    /// When it ends by itself; `None`: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// The body of what is undone: `DELETE /v1/admin/account/{account}/ban`, `DELETE /v1/admin/invite/{id}`,
/// `DELETE /v1/admin/bot/{name}` and `DELETE /v1/admin/role/{role}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ForReason {
    /// Why, for the audit log: at most [`crate::limits::ADMIN_REASON_BYTES`].
    #[serde(default)]
    pub reason: String,
}

/// `GET /v1/admin/invite`: the invites, the latest first; those that are used up or over, too, for 30 days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invites {
    /// The invites.
    pub invites: Vec<Invite>,
}

/// An invite, without its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invite {
    /// By which it is ended.
    pub invite: InviteId,
    /// How many accounts can still be made with it.
    pub uses_left: u32,
    /// What it is for, in its maker's words.
    pub note: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Who made it; `None`: whoever has the server's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<AccountId>,
}

/// `POST /v1/admin/invite`: makes an invite code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateInvite {
    /// How many accounts can be made with it: at least 1.
    pub uses: u32,
    /// For how many seconds it is good: up to [`crate::limits::INVITE_SECONDS_MAX`].
    pub expires_in: u32,
    /// What it is for, in one line: at most [`crate::limits::INVITE_NOTE_CHARACTERS`] characters.
    #[serde(default)]
    pub note: String,
}

/// The answer to [`CreateInvite`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteCreated {
    /// The invite.
    pub invite: Invite,
    /// The code ([`crate::InviteCode`]): it is shown this once, and the server keeps a hash alone.
    pub code: GivenInvite,
}

/// `GET /v1/admin/bot`: the bots, in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bots {
    /// The bots.
    pub bots: Vec<Bot>,
}

/// A bot, as those see it who manage bots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bot {
    /// Its unique name.
    pub name: AccountName,
    /// Its account, once its program has registered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// When it was made, or given another token before it was registered.
    pub made_at: Timestamp,
    /// Whose it is; `None`: of whoever has the server's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<AccountId>,
    /// Whether it is banned now, as one is whose token was revoked.
    pub banned: bool,
}

/// `PUT /v1/admin/bot/{name}`: makes a bot. Its account is registered by its program, with the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateBot {
    /// What the server is to know of the bot's token, which stays with who has made it.
    pub token_hash: BotTokenHash,
}

/// `GET /v1/admin/role`: the roles, in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Roles {
    /// The roles.
    pub roles: Vec<Role>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Role {
    /// Its name.
    pub role: RoleName,
    /// What it permits.
    pub permissions: PermissionSet,
    /// Whether every server has it, so that it cannot be deleted.
    pub is_built_in: bool,
    /// How many accounts have it; of [`RoleName::MEMBER`], which is everyone else, nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<u64>,
}

/// `PUT /v1/admin/role/{role}`: makes a role, or says anew what it permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutRole {
    /// What it permits.
    pub permissions: PermissionSet,
    /// Why, for the audit log: at most [`crate::limits::ADMIN_REASON_BYTES`].
    #[serde(default)]
    pub reason: String,
}

/// `GET /v1/admin/storage`: how much there is on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StorageTotals {
    /// Accounts.
    pub accounts: u64,
    /// Accounts that are banned now.
    pub banned_accounts: u64,
    /// Devices.
    pub devices: u64,
    /// Chats, groups among them.
    pub chats: u64,
    /// Files, whole or still being uploaded.
    pub blobs: u64,
    /// Bytes of these.
    pub blob_bytes: u64,
    /// Parts of archived histories.
    pub archive_segments: u64,
    /// Bytes of archived histories.
    pub archive_bytes: u64,
    /// Bytes of the database of accounts, archived histories included. The log of messages is in databases of its own.
    pub accounts_database_bytes: u64,
}

/// `GET /v1/admin/audit?account=…&limit=…&after=…`: what was done, the latest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadAuditLog {
    /// By this account, or about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// [`AuditLog::next`] of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// A page of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditLog {
    /// What was done.
    pub acts: Vec<AdminAct>,
    /// Where the next page begins, if there may be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// Something that was done by somebody who administers. It is never changed and never forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminAct {
    /// Its number: later ones have higher numbers.
    pub act: u64,
    /// When.
    pub at: Timestamp,
    /// Who; `None`: whoever has the server's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<NamedAccount>,
    /// What.
    pub change: AdminChange,
    /// Why, in their words; empty if they have not said.
    pub reason: String,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AdminChange {
    /// An account was given another role.
    RoleSet {
        /// The account.
        subject: NamedAccount,
        /// The role before.
        from: RoleName,
        /// The role since.
        to: RoleName,
    },
    /// An account was banned, or otherwise than before.
    Banned {
        /// The account.
        subject: NamedAccount,
        /// When that ends by itself; `None`: it does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// A ban was lifted.
    Unbanned {
        /// The account.
        subject: NamedAccount,
    },
    /// An account was deleted, from the command line: nobody else can delete somebody else's.
    AccountDeleted {
        /// The account.
        subject: NamedAccount,
    },
    /// An invite code was made.
    InviteCreated {
        /// The invite.
        invite: InviteId,
        /// How many accounts could be made with it.
        uses: u32,
        /// When it ends.
        expires_at: Timestamp,
        /// What it is for.
        note: String,
    },
    /// An invite was ended before its time.
    InviteRevoked {
        /// The invite.
        invite: InviteId,
        /// What it was for.
        note: String,
    },
    /// A role was made, or permits something else.
    RoleChanged {
        /// The role.
        role: RoleName,
        /// What it permitted before; `None`: there was none of this name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<PermissionSet>,
        /// What it permits since.
        permissions: PermissionSet,
    },
    /// A role was deleted.
    RoleDeleted {
        /// The role.
        role: RoleName,
        /// What it permitted.
        permissions: PermissionSet,
    },
    /// A report was handled.
    ReportHandled {
        /// The report.
        report: ReportId,
        /// The account that it is about; `None` if it is about a group, or about an account that is gone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<NamedAccount>,
        /// What came of it.
        outcome: Outcome,
    },
    /// A community was deleted.
    CommunityDeleted {
        /// The community.
        community: CommunityId,
        /// What it was called.
        title: String,
        /// Who had founded it, or was given it.
        founder: NamedAccount,
    },
    /// A bot was made, or given another token before it was registered.
    BotCreated {
        /// Its name.
        bot: AccountName,
    },
    /// A bot's token was revoked.
    BotRevoked {
        /// Its name.
        bot: AccountName,
        /// Its account, which is banned since; `None` if it was never registered: then there is no such bot any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<NamedAccount>,
    },
    /// The whole server was given a broadcast, or has none any more.
    BroadcastSet {
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<ChatId>,
    },
}

impl AdminChange {
    /// The account that it is about, if it is about one.
    #[must_use]
    pub const fn subject(&self) -> Option<&NamedAccount> {
        match self {
            Self::RoleSet { subject, .. }
            | Self::Banned { subject, .. }
            | Self::Unbanned { subject }
            | Self::AccountDeleted { subject }
            | Self::CommunityDeleted { founder: subject, .. } => Some(subject),
            Self::ReportHandled { subject, .. } | Self::BotRevoked { subject, .. } => subject.as_ref(),
            Self::InviteCreated { .. }
            | Self::BotCreated { .. }
            | Self::InviteRevoked { .. }
            | Self::RoleChanged { .. }
            | Self::RoleDeleted { .. }
            | Self::BroadcastSet { .. } => None,
        }
    }
}
