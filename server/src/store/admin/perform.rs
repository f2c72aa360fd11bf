//! Who may do what, and what is done: the same for every database.

use super::{AccountStanding, Actor, AdminTables, NewAct, NewChange, PerformError};
use sotto_protocol::rest::admin::{AdminAct, AdminChange, ListedBan, NamedAccount};
use sotto_protocol::rest::report::Handled;
use sotto_protocol::{
    AccountId, AccountName, BotTokenHash, CommunityId, InviteId, Permission, PermissionSet, ReportId,
    RoleName, Timestamp, limits,
};

/// What a bot is told whose token was revoked without a reason.
const REVOKED: &str = "The bot's token was revoked.";

/// Does something and writes it down, unless it is so already. The caller commits what came out of it, and nothing else.
pub(in crate::store) async fn perform(
    tables: &mut impl AdminTables,
    act: NewAct,
) -> Result<Option<AdminAct>, PerformError> {
    let by = Office::of(tables, act.by, act.at).await?;
    let change = match &act.change {
        NewChange::SetRole { account, role } => set_role(tables, &by, act.at, *account, role).await?,
        NewChange::Ban { account, until } => {
            let ban = ListedBan {
                reason: act.reason.clone(),
                banned_at: act.at,
                until: *until,
                banned_by: by.account(),
            };
            Some(banned(tables, &by, *account, ban).await?)
        }
        NewChange::Unban { account } => unban(tables, &by, act.at, *account).await?,
        NewChange::DeleteAccount { account } => {
            // Whoever may ban need not be able to destroy what somebody has.
            if by.account.is_some() {
                return Err(PerformError::Forbidden);
            }
            let (subject, _) = subject(tables, *account).await?;
            tables.delete_account(*account, act.at).await?;
            Some(AdminChange::AccountDeleted { subject })
        }
        NewChange::CreateInvite(invite) => {
            by.check(Permission::ManageInvites, &[])?;
            if tables.count_invites().await? >= limits::INVITES {
                return Err(PerformError::TooManyInvites);
            }
            tables.write_invite(invite, by.account(), act.at).await?;
            Some(AdminChange::InviteCreated {
                invite: invite.invite,
                uses: invite.uses,
                expires_at: invite.expires_at,
                note: invite.note.clone(),
            })
        }
        NewChange::RevokeInvite { invite } => Some(revoke_invite(tables, &by, *invite).await?),
        NewChange::PutRole { role, permissions } => put_role(tables, &by, role, *permissions).await?,
        NewChange::DeleteRole { role } => Some(delete_role(tables, &by, role).await?),
        NewChange::HandleReport { report, outcome } => {
            let handled = Handled {
                by: by.account(),
                at: act.at,
                outcome: *outcome,
                note: act.reason.clone(),
            };
            handle_report(tables, &by, *report, handled).await?
        }
        NewChange::CreateBot { bot, token } => Some(create_bot(tables, &by, act.at, bot, *token).await?),
        NewChange::RevokeBot { bot } => revoke_bot(tables, &by, act.at, bot, &act.reason).await?,
        NewChange::DeleteCommunity { community } => Some(delete_community(tables, &by, *community).await?),
        NewChange::SetBroadcast { group } => {
            by.check(Permission::ManageBroadcast, &[])?;
            if tables.broadcast().await? == *group {
                None
            } else if tables.write_broadcast(*group).await? {
                Some(AdminChange::BroadcastSet { group: *group })
            } else {
                return Err(PerformError::GroupNotFound);
            }
        }
    };
    let Some(change) = change else {
        return Ok(None);
    };
    let number = tables.write_act(&act, by.account.as_ref(), &change).await?;
    Ok(Some(AdminAct {
        act: number,
        at: act.at,
        by: by.account,
        change,
        reason: act.reason,
    }))
}

/// Who does something, and what they may.
struct Office {
    /// `None`: whoever has the command line.
    account: Option<NamedAccount>,
    permissions: PermissionSet,
}

impl Office {
    async fn of(tables: &mut impl AdminTables, actor: Actor, at: Timestamp) -> Result<Self, PerformError> {
        let account = match actor {
            Actor::CommandLine => {
                return Ok(Self {
                    account: None,
                    permissions: PermissionSet::ALL,
                });
            }
            Actor::Account(account) => account,
        };
        // One that was banned or deleted while this was on its way does nothing more.
        if tables.ban(account, at).await?.is_some() {
            return Err(PerformError::Forbidden);
        }
        let standing = tables.standing(account).await?.ok_or(PerformError::Forbidden)?;
        Ok(Self {
            account: Some(NamedAccount {
                account,
                name: standing.name,
            }),
            permissions: standing.permissions,
        })
    }

    fn account(&self) -> Option<AccountId> {
        self.account.as_ref().map(|by| by.account)
    }

    /// Whether this is permitted where it gives, takes or concerns these permissions: nobody reaches beyond their own.
    fn check(&self, needed: Permission, touched: &[PermissionSet]) -> Result<(), PerformError> {
        if !self.permissions.contains(needed) {
            return Err(PerformError::Forbidden);
        }
        if touched.iter().all(|set| set.is_subset_of(self.permissions)) {
            Ok(())
        } else {
            Err(PerformError::Exceeded)
        }
    }

    /// Whether this account may cease to administer, for now or for good.
    async fn check_administrators(
        &self,
        tables: &mut impl AdminTables,
        without: AccountId,
        standing: &AccountStanding,
        at: Timestamp,
    ) -> Result<(), PerformError> {
        if self.account.is_none() || !standing.role.is_administrator() {
            return Ok(());
        }
        if tables.has_other_administrator(without, at).await? {
            Ok(())
        } else {
            Err(PerformError::LastAdministrator)
        }
    }
}

async fn subject(
    tables: &mut impl AdminTables,
    account: AccountId,
) -> Result<(NamedAccount, AccountStanding), PerformError> {
    let standing = tables
        .standing(account)
        .await?
        .ok_or(PerformError::UserNotFound)?;
    let name = standing.name.clone();
    Ok((NamedAccount { account, name }, standing))
}

async fn set_role(
    tables: &mut impl AdminTables,
    by: &Office,
    at: Timestamp,
    account: AccountId,
    role: &RoleName,
) -> Result<Option<AdminChange>, PerformError> {
    by.check(Permission::ManageRoles, &[])?;
    let (subject, standing) = subject(tables, account).await?;
    let permissions = tables.role(role).await?.ok_or(PerformError::RoleNotFound)?;
    by.check(Permission::ManageRoles, &[standing.permissions, permissions])?;
    if standing.role == *role {
        return Ok(None);
    }
    by.check_administrators(tables, account, &standing, at).await?;
    tables.write_role_of(account, role).await?;
    Ok(Some(AdminChange::RoleSet {
        subject,
        from: standing.role,
        to: role.clone(),
    }))
}

async fn banned(
    tables: &mut impl AdminTables,
    by: &Office,
    account: AccountId,
    ban: ListedBan,
) -> Result<AdminChange, PerformError> {
    by.check(Permission::BanAccounts, &[])?;
    let (subject, standing) = subject(tables, account).await?;
    by.check(Permission::BanAccounts, &[standing.permissions])?;
    by.check_administrators(tables, account, &standing, ban.banned_at)
        .await?;
    tables.write_ban(account, &ban).await?;
    Ok(AdminChange::Banned {
        subject,
        until: ban.until,
    })
}

async fn unban(
    tables: &mut impl AdminTables,
    by: &Office,
    at: Timestamp,
    account: AccountId,
) -> Result<Option<AdminChange>, PerformError> {
    by.check(Permission::BanAccounts, &[])?;
    let (subject, standing) = subject(tables, account).await?;
    by.check(Permission::BanAccounts, &[standing.permissions])?;
    if tables.ban(account, at).await?.is_none() {
        return Ok(None);
    }
    tables.delete_ban(account).await?;
    Ok(Some(AdminChange::Unbanned { subject }))
}

async fn revoke_invite(
    tables: &mut impl AdminTables,
    by: &Office,
    invite: InviteId,
) -> Result<AdminChange, PerformError> {
    by.check(Permission::ManageInvites, &[])?;
    let note = tables
        .delete_invite(invite)
        .await?
        .ok_or(PerformError::InviteNotFound)?;
    Ok(AdminChange::InviteRevoked { invite, note })
}

async fn put_role(
    tables: &mut impl AdminTables,
    by: &Office,
    role: &RoleName,
    permissions: PermissionSet,
) -> Result<Option<AdminChange>, PerformError> {
    by.check(Permission::ManageRoles, &[])?;
    // Who administers has one role, so that it is plain who does.
    if role.is_administrator() || permissions.contains(Permission::Administer) {
        return Err(PerformError::RoleFixed);
    }
    let before = tables.role(role).await?;
    by.check(
        Permission::ManageRoles,
        &[permissions, before.unwrap_or_default()],
    )?;
    if before == Some(permissions) {
        return Ok(None);
    }
    if before.is_none() && tables.count_roles().await? >= limits::ROLES {
        return Err(PerformError::TooManyRoles);
    }
    tables.write_role(role, permissions).await?;
    Ok(Some(AdminChange::RoleChanged {
        role: role.clone(),
        before,
        permissions,
    }))
}

async fn handle_report(
    tables: &mut impl AdminTables,
    by: &Office,
    report: ReportId,
    handled: Handled,
) -> Result<Option<AdminChange>, PerformError> {
    by.check(Permission::HandleReports, &[])?;
    let standing = tables.report_standing(report).await?;
    let standing = standing.ok_or(PerformError::ReportNotFound)?;
    // Nobody is told that they were reported, nor judges it.
    if by.account.is_some() && standing.about == by.account() {
        return Err(PerformError::ReportNotFound);
    }
    if !standing.is_open {
        return Ok(None);
    }
    tables.write_handled(report, &handled).await?;
    let subject = match standing.about {
        // It may be gone since.
        Some(account) => {
            let about = tables.standing(account).await?;
            about.map(|about| NamedAccount {
                account,
                name: about.name,
            })
        }
        None => None,
    };
    Ok(Some(AdminChange::ReportHandled {
        report,
        subject,
        outcome: handled.outcome,
    }))
}

async fn delete_role(
    tables: &mut impl AdminTables,
    by: &Office,
    role: &RoleName,
) -> Result<AdminChange, PerformError> {
    by.check(Permission::ManageRoles, &[])?;
    let permissions = tables.role(role).await?.ok_or(PerformError::RoleNotFound)?;
    by.check(Permission::ManageRoles, &[permissions])?;
    if role.is_built_in() {
        return Err(PerformError::RoleFixed);
    }
    if tables.is_role_in_use(role).await? {
        return Err(PerformError::RoleInUse);
    }
    tables.delete_role(role).await?;
    Ok(AdminChange::RoleDeleted {
        role: role.clone(),
        permissions,
    })
}

async fn delete_community(
    tables: &mut impl AdminTables,
    by: &Office,
    community: CommunityId,
) -> Result<AdminChange, PerformError> {
    by.check(Permission::HandleReports, &[])?;
    let before = tables
        .community(community)
        .await?
        .ok_or(PerformError::CommunityNotFound)?;
    let (founder, standing) = subject(tables, before.founder.account).await?;
    by.check(Permission::HandleReports, &[standing.permissions])?;
    if !tables.delete_community(community).await? {
        return Err(PerformError::CommunityNotFound);
    }
    Ok(AdminChange::CommunityDeleted {
        community,
        title: before.title,
        founder,
    })
}

async fn create_bot(
    tables: &mut impl AdminTables,
    by: &Office,
    at: Timestamp,
    bot: &AccountName,
    token: BotTokenHash,
) -> Result<AdminChange, PerformError> {
    by.check(Permission::ManageBots, &[])?;
    // A token that was lost before it was used is replaced. Afterwards nobody else's can open the account.
    if tables.bot(bot).await?.is_none() && tables.count_bots().await? >= limits::BOTS {
        return Err(PerformError::TooManyBots);
    }
    if !tables.is_name_free(bot).await? {
        return Err(PerformError::NameTaken);
    }
    tables.write_bot(bot, token, by.account(), at).await?;
    Ok(AdminChange::BotCreated { bot: bot.clone() })
}

async fn revoke_bot(
    tables: &mut impl AdminTables,
    by: &Office,
    at: Timestamp,
    bot: &AccountName,
    reason: &str,
) -> Result<Option<AdminChange>, PerformError> {
    by.check(Permission::ManageBots, &[])?;
    let standing = tables.bot(bot).await?.ok_or(PerformError::BotNotFound)?;
    let Some(account) = standing.account else {
        tables.delete_bot(bot).await?;
        return Ok(Some(AdminChange::BotRevoked {
            bot: bot.clone(),
            subject: None,
        }));
    };
    let (subject, standing) = subject(tables, account).await?;
    by.check(Permission::ManageBots, &[standing.permissions])?;
    by.check_administrators(tables, account, &standing, at).await?;
    if tables
        .ban(account, at)
        .await?
        .is_some_and(|ban| ban.until.is_none())
    {
        return Ok(None);
    }
    let ban = ListedBan {
        reason: if reason.trim().is_empty() {
            REVOKED.to_owned()
        } else {
            reason.to_owned()
        },
        banned_at: at,
        until: None,
        banned_by: by.account(),
    };
    tables.write_ban(account, &ban).await?;
    Ok(Some(AdminChange::BotRevoked {
        bot: bot.clone(),
        subject: Some(subject),
    }))
}
