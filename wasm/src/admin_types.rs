//! What those see who administer a server, as JavaScript gets it.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::rest::admin;
use tsify::Tsify;

use crate::report_types::ReportOutcome;
use crate::types::number;

/// A ban, as the banned account is told of it.
#[derive(Tsify, Serialize)]
pub struct Ban {
    reason: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<f64>,
}

impl From<sdk::Ban> for Ban {
    fn from(ban: sdk::Ban) -> Self {
        Self {
            reason: ban.reason,
            until: ban.until.map(|until| number(until.0)),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    CreateCommunities,
    WriteNews,
    HandleReports,
    SeeAccounts,
    BanAccounts,
    ManageInvites,
    ManageRoles,
    SeeStorage,
    ReadAuditLog,
    ManageBots,
    ManageBroadcast,
    Administer,
}

impl From<sdk::Permission> for Permission {
    fn from(permission: sdk::Permission) -> Self {
        match permission {
            sdk::Permission::CreateCommunities => Self::CreateCommunities,
            sdk::Permission::WriteNews => Self::WriteNews,
            sdk::Permission::HandleReports => Self::HandleReports,
            sdk::Permission::SeeAccounts => Self::SeeAccounts,
            sdk::Permission::BanAccounts => Self::BanAccounts,
            sdk::Permission::ManageInvites => Self::ManageInvites,
            sdk::Permission::ManageRoles => Self::ManageRoles,
            sdk::Permission::SeeStorage => Self::SeeStorage,
            sdk::Permission::ReadAuditLog => Self::ReadAuditLog,
            sdk::Permission::ManageBots => Self::ManageBots,
            sdk::Permission::ManageBroadcast => Self::ManageBroadcast,
            sdk::Permission::Administer => Self::Administer,
        }
    }
}

fn permitted(permissions: sdk::PermissionSet) -> Vec<Permission> {
    permissions.iter().map(Permission::from).collect()
}

#[derive(Tsify, Serialize)]
pub struct OwnRole {
    role: String,
    permissions: Vec<Permission>,
}

impl From<sdk::OwnRole> for OwnRole {
    fn from(own: sdk::OwnRole) -> Self {
        Self {
            role: own.role.to_string(),
            permissions: permitted(own.permissions),
        }
    }
}

/// Which accounts to list.
#[derive(Default, Tsify, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AccountFilter {
    #[tsify(optional)]
    pub(crate) text: Option<String>,
    #[tsify(optional)]
    pub(crate) role: Option<String>,
    #[tsify(optional)]
    pub(crate) is_banned: Option<bool>,
    #[tsify(optional)]
    pub(crate) limit: Option<u16>,
    #[tsify(optional)]
    pub(crate) after: Option<String>,
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedBan {
    reason: String,
    banned_at: f64,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<f64>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    banned_by: Option<String>,
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedAccount {
    account: String,
    name: String,
    display_name: String,
    created_at: f64,
    role: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    ban: Option<ListedBan>,
    devices: u32,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_day: Option<f64>,
    files: f64,
    file_bytes: f64,
    archive_bytes: f64,
}

impl From<admin::ListedAccount> for ListedAccount {
    fn from(listed: admin::ListedAccount) -> Self {
        Self {
            account: listed.account.to_string(),
            name: listed.name.to_string(),
            display_name: listed.display_name,
            created_at: number(listed.created_at.0),
            role: listed.role.to_string(),
            ban: listed.ban.map(|ban| ListedBan {
                reason: ban.reason,
                banned_at: number(ban.banned_at.0),
                until: ban.until.map(|until| number(until.0)),
                banned_by: ban.banned_by.map(|account| account.to_string()),
            }),
            devices: listed.devices,
            last_seen_day: listed.last_seen_day.map(|day| number(day.0)),
            files: number(listed.blobs),
            file_bytes: number(listed.blob_bytes),
            archive_bytes: number(listed.archive_bytes),
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct ListedAccounts {
    accounts: Vec<ListedAccount>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<admin::ListedAccounts> for ListedAccounts {
    fn from(page: admin::ListedAccounts) -> Self {
        Self {
            accounts: page.accounts.into_iter().map(ListedAccount::from).collect(),
            next: page.next.map(|next| next.to_string()),
        }
    }
}

#[allow(clippy::struct_field_names, reason = "as it is called in the page")]
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    invite: String,
    uses_left: u32,
    note: String,
    made_at: f64,
    expires_at: f64,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    made_by: Option<String>,
}

impl From<admin::Invite> for Invite {
    fn from(invite: admin::Invite) -> Self {
        Self {
            invite: invite.invite.to_string(),
            uses_left: invite.uses_left,
            note: invite.note,
            made_at: number(invite.made_at.0),
            expires_at: number(invite.expires_at.0),
            made_by: invite.made_by.map(|account| account.to_string()),
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct Invites(Vec<Invite>);

impl From<Vec<admin::Invite>> for Invites {
    fn from(invites: Vec<admin::Invite>) -> Self {
        Self(invites.into_iter().map(Invite::from).collect())
    }
}

/// An invite to be made.
#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewInvite {
    pub(crate) uses: u32,
    pub(crate) expires_in_seconds: u32,
    #[serde(default)]
    #[tsify(optional)]
    pub(crate) note: String,
}

#[derive(Tsify, Serialize)]
pub struct InviteCreated {
    invite: Invite,
    code: String,
}

impl InviteCreated {
    pub(crate) fn new(invite: admin::Invite, code: String) -> Self {
        Self {
            invite: invite.into(),
            code,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerRole {
    role: String,
    permissions: Vec<Permission>,
    is_built_in: bool,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<f64>,
}

impl From<admin::Role> for ServerRole {
    fn from(role: admin::Role) -> Self {
        Self {
            role: role.role.to_string(),
            permissions: permitted(role.permissions),
            is_built_in: role.is_built_in,
            accounts: role.accounts.map(number),
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct ServerRoles(Vec<ServerRole>);

impl From<Vec<admin::Role>> for ServerRoles {
    fn from(roles: Vec<admin::Role>) -> Self {
        Self(roles.into_iter().map(ServerRole::from).collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageTotals {
    accounts: f64,
    banned_accounts: f64,
    devices: f64,
    chats: f64,
    files: f64,
    file_bytes: f64,
    archive_segments: f64,
    archive_bytes: f64,
    accounts_database_bytes: f64,
}

impl From<admin::StorageTotals> for StorageTotals {
    fn from(totals: admin::StorageTotals) -> Self {
        Self {
            accounts: number(totals.accounts),
            banned_accounts: number(totals.banned_accounts),
            devices: number(totals.devices),
            chats: number(totals.chats),
            files: number(totals.blobs),
            file_bytes: number(totals.blob_bytes),
            archive_segments: number(totals.archive_segments),
            archive_bytes: number(totals.archive_bytes),
            accounts_database_bytes: number(totals.accounts_database_bytes),
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct NamedAccount {
    account: String,
    name: String,
}

impl From<admin::NamedAccount> for NamedAccount {
    fn from(named: admin::NamedAccount) -> Self {
        Self {
            account: named.account.to_string(),
            name: named.name.to_string(),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AdminChange {
    RoleSet {
        subject: NamedAccount,
        from: String,
        to: String,
    },
    Banned {
        subject: NamedAccount,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<f64>,
    },
    Unbanned {
        subject: NamedAccount,
    },
    AccountDeleted {
        subject: NamedAccount,
    },
    #[serde(rename_all = "camelCase")]
    InviteCreated {
        invite: String,
        uses: u32,
        expires_at: f64,
        note: String,
    },
    InviteRevoked {
        invite: String,
        note: String,
    },
    RoleChanged {
        role: String,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<Vec<Permission>>,
        permissions: Vec<Permission>,
    },
    RoleDeleted {
        role: String,
        permissions: Vec<Permission>,
    },
    ReportHandled {
        report: String,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        subject: Option<NamedAccount>,
        outcome: ReportOutcome,
    },
    CommunityDeleted {
        community: String,
        title: String,
        founder: NamedAccount,
    },
    BotCreated {
        bot: String,
    },
    BotRevoked {
        bot: String,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        subject: Option<NamedAccount>,
    },
    BroadcastSet {
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
}

impl From<admin::AdminChange> for AdminChange {
    fn from(change: admin::AdminChange) -> Self {
        match change {
            admin::AdminChange::RoleSet { subject, from, to } => Self::RoleSet {
                subject: subject.into(),
                from: from.to_string(),
                to: to.to_string(),
            },
            admin::AdminChange::Banned { subject, until } => Self::Banned {
                subject: subject.into(),
                until: until.map(|until| number(until.0)),
            },
            admin::AdminChange::Unbanned { subject } => Self::Unbanned {
                subject: subject.into(),
            },
            admin::AdminChange::AccountDeleted { subject } => Self::AccountDeleted {
                subject: subject.into(),
            },
            admin::AdminChange::InviteCreated {
                invite,
                uses,
                expires_at,
                note,
            } => Self::InviteCreated {
                invite: invite.to_string(),
                uses,
                expires_at: number(expires_at.0),
                note,
            },
            admin::AdminChange::InviteRevoked { invite, note } => Self::InviteRevoked {
                invite: invite.to_string(),
                note,
            },
            admin::AdminChange::RoleChanged {
                role,
                before,
                permissions,
            } => Self::RoleChanged {
                role: role.to_string(),
                before: before.map(permitted),
                permissions: permitted(permissions),
            },
            admin::AdminChange::RoleDeleted { role, permissions } => Self::RoleDeleted {
                role: role.to_string(),
                permissions: permitted(permissions),
            },
            admin::AdminChange::ReportHandled {
                report,
                subject,
                outcome,
            } => Self::ReportHandled {
                report: report.to_string(),
                subject: subject.map(NamedAccount::from),
                outcome: outcome.into(),
            },
            admin::AdminChange::CommunityDeleted {
                community,
                title,
                founder,
            } => Self::CommunityDeleted {
                community: community.to_string(),
                title,
                founder: founder.into(),
            },
            admin::AdminChange::BotCreated { bot } => Self::BotCreated { bot: bot.to_string() },
            admin::AdminChange::BotRevoked { bot, subject } => Self::BotRevoked {
                bot: bot.to_string(),
                subject: subject.map(NamedAccount::from),
            },
            admin::AdminChange::BroadcastSet { group } => Self::BroadcastSet {
                group: group.map(|group| group.to_string()),
            },
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct AdminAct {
    act: f64,
    at: f64,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<NamedAccount>,
    change: AdminChange,
    reason: String,
}

#[derive(Tsify, Serialize)]
pub struct AuditLog {
    acts: Vec<AdminAct>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<f64>,
}

impl From<admin::AuditLog> for AuditLog {
    fn from(log: admin::AuditLog) -> Self {
        let acts = log.acts.into_iter().map(|act| AdminAct {
            act: number(act.act),
            at: number(act.at.0),
            by: act.by.map(NamedAccount::from),
            change: act.change.into(),
            reason: act.reason,
        });
        Self {
            acts: acts.collect(),
            next: log.next.map(number),
        }
    }
}
