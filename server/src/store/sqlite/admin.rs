//! [`AdminStore`], [`RoleStore`] and [`BanStore`] on SQLite.

use super::SqliteAccounts;
use super::accounts::{delete_account_in, is_name_free};
use super::column::{integer, name, number, optional_id, time};
use super::{bots, broadcasts, communities, reports};
use crate::store::admin::{AccountStanding, AdminTables, perform};
use crate::store::bot::BotStanding;
use crate::store::community::delete_as_administrator;
use crate::store::report::ReportStanding;
use crate::store::{AdminStore, BanStore, NewAct, NewInvite, PerformError, ReadActs, RoleStore, StoreError};
use sotto_protocol::rest::admin::{AdminAct, AdminChange, ListedBan, NamedAccount, Role};
use sotto_protocol::rest::community::Community;
use sotto_protocol::rest::report::Handled;
use sotto_protocol::rest::role::OwnRole;
use sotto_protocol::{
    AccountId, AccountName, Ban, BotTokenHash, ChatId, CommunityId, InviteId, PermissionSet, ReportId,
    RoleName, Timestamp,
};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

impl AdminStore for SqliteAccounts {
    async fn perform(&self, act: NewAct) -> Result<Option<AdminAct>, PerformError> {
        // It has the one connection that writes: no other act runs beside it.
        let mut transaction = self.database.begin().await?;
        let done = perform(&mut *transaction, act).await?;
        if done.is_some() {
            transaction.commit().await.map_err(StoreError::from)?;
        }
        Ok(done)
    }

    async fn acts(&self, page: ReadActs) -> Result<Vec<AdminAct>, StoreError> {
        let account = page.account.as_ref().map(|account| account.as_bytes().as_slice());
        sqlx::query(
            "SELECT * FROM admin_acts WHERE act < ?1 AND (?2 IS NULL OR by_account = ?2 OR subject = ?2)
             ORDER BY act DESC LIMIT ?3",
        )
        .bind(page.before.map_or(i64::MAX, integer))
        .bind(account)
        .bind(page.limit)
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(read_act)
        .collect()
    }

    async fn acts_after(&self, act: u64, limit: u16) -> Result<Vec<AdminAct>, StoreError> {
        sqlx::query("SELECT * FROM admin_acts WHERE act > ? ORDER BY act LIMIT ?")
            .bind(integer(act))
            .bind(limit)
            .fetch_all(&mut *self.database.reader().await?)
            .await?
            .iter()
            .map(read_act)
            .collect()
    }

    async fn last_act(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT coalesce(max(act), 0) AS act FROM admin_acts")
            .fetch_one(&mut *self.database.reader().await?)
            .await?;
        number(&row, "act")
    }
}

impl RoleStore for SqliteAccounts {
    async fn role_of(&self, account: AccountId) -> Result<Option<OwnRole>, StoreError> {
        let standing = standing(&mut *self.database.reader().await?, account).await?;
        Ok(standing.map(|standing| OwnRole {
            role: standing.role,
            permissions: standing.permissions,
        }))
    }

    async fn roles(&self) -> Result<Vec<Role>, StoreError> {
        sqlx::query(
            "SELECT role, permissions, (SELECT count(*) FROM account_roles WHERE account_roles.role = roles.role) AS accounts
             FROM roles ORDER BY role",
        )
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(|row| {
            let role: RoleName = name(row, "role")?;
            Ok(Role {
                permissions: permissions(row)?,
                is_built_in: role.is_built_in(),
                accounts: (role.as_str() != RoleName::MEMBER)
                    .then(|| number(row, "accounts"))
                    .transpose()?,
                role,
            })
        })
        .collect()
    }
}

impl BanStore for SqliteAccounts {
    async fn ban_of(&self, account: AccountId, now: Timestamp) -> Result<Option<Ban>, StoreError> {
        let ban = ban(&mut *self.database.reader().await?, account, now).await?;
        Ok(ban.map(Ban::from))
    }

    async fn purge_bans(&self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM bans WHERE ends_at <= ?")
            .bind(integer(now.0))
            .execute(self.database.writer())
            .await?;
        Ok(())
    }
}

impl AdminTables for SqliteConnection {
    async fn standing(&mut self, account: AccountId) -> Result<Option<AccountStanding>, StoreError> {
        standing(self, account).await
    }

    async fn ban(&mut self, account: AccountId, at: Timestamp) -> Result<Option<ListedBan>, StoreError> {
        ban(self, account, at).await
    }

    async fn has_other_administrator(&mut self, than: AccountId, at: Timestamp) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM account_roles WHERE role = ?1 AND account <> ?2
                 AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.account = account_roles.account
                     AND (ends_at IS NULL OR ends_at > ?3)))",
        )
        .bind(RoleName::ADMINISTRATOR)
        .bind(than.as_bytes().as_slice())
        .bind(integer(at.0))
        .fetch_one(self)
        .await?)
    }

    async fn write_role_of(&mut self, account: AccountId, role: &RoleName) -> Result<(), StoreError> {
        let query = if role.as_str() == RoleName::MEMBER {
            sqlx::query("DELETE FROM account_roles WHERE account = ?").bind(account.as_bytes().as_slice())
        } else {
            sqlx::query("INSERT OR REPLACE INTO account_roles (account, role) VALUES (?, ?)")
                .bind(account.as_bytes().as_slice())
                .bind(role.as_str())
        };
        query.execute(self).await?;
        Ok(())
    }

    async fn write_ban(&mut self, account: AccountId, ban: &ListedBan) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT OR REPLACE INTO bans (account, reason, banned_at, ends_at, banned_by) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(account.as_bytes().as_slice())
        .bind(ban.reason.as_str())
        .bind(integer(ban.banned_at.0))
        .bind(ban.until.map(|until| integer(until.0)))
        .bind(ban.banned_by.as_ref().map(|by| by.as_bytes().as_slice()))
        .execute(self)
        .await?;
        Ok(())
    }

    async fn delete_ban(&mut self, account: AccountId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM bans WHERE account = ?")
            .bind(account.as_bytes().as_slice())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn delete_account(&mut self, account: AccountId, at: Timestamp) -> Result<(), StoreError> {
        delete_account_in(self, account, at).await?;
        Ok(())
    }

    async fn role(&mut self, role: &RoleName) -> Result<Option<PermissionSet>, StoreError> {
        sqlx::query("SELECT permissions FROM roles WHERE role = ?")
            .bind(role.as_str())
            .fetch_optional(self)
            .await?
            .map(|row| permissions(&row))
            .transpose()
    }

    async fn count_roles(&mut self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT count(*) AS roles FROM roles")
            .fetch_one(self)
            .await?;
        number(&row, "roles")
    }

    async fn is_role_in_use(&mut self, role: &RoleName) -> Result<bool, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM account_roles WHERE role = ?)")
                .bind(role.as_str())
                .fetch_one(self)
                .await?,
        )
    }

    async fn write_role(&mut self, role: &RoleName, permissions: PermissionSet) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO roles (role, permissions) VALUES (?, ?)
             ON CONFLICT (role) DO UPDATE SET permissions = excluded.permissions",
        )
        .bind(role.as_str())
        .bind(permissions.bits())
        .execute(self)
        .await?;
        Ok(())
    }

    async fn delete_role(&mut self, role: &RoleName) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM roles WHERE role = ?")
            .bind(role.as_str())
            .execute(self)
            .await?;
        Ok(())
    }

    async fn count_invites(&mut self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT count(*) AS invites FROM invites")
            .fetch_one(self)
            .await?;
        number(&row, "invites")
    }

    async fn write_invite(
        &mut self,
        invite: &NewInvite,
        by: Option<AccountId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO invites (invite, hash, uses_left, note, made_at, expires_at, made_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(invite.invite.as_bytes().as_slice())
        .bind(invite.hash.0.as_slice())
        .bind(invite.uses)
        .bind(invite.note.as_str())
        .bind(integer(at.0))
        .bind(integer(invite.expires_at.0))
        .bind(by.as_ref().map(|by| by.as_bytes().as_slice()))
        .execute(self)
        .await?;
        Ok(())
    }

    async fn delete_invite(&mut self, invite: InviteId) -> Result<Option<String>, StoreError> {
        Ok(
            sqlx::query_scalar("DELETE FROM invites WHERE invite = ? RETURNING note")
                .bind(invite.as_bytes().as_slice())
                .fetch_optional(self)
                .await?,
        )
    }

    async fn report_standing(&mut self, report: ReportId) -> Result<Option<ReportStanding>, StoreError> {
        reports::report_standing(self, report).await
    }

    async fn write_handled(&mut self, report: ReportId, handled: &Handled) -> Result<(), StoreError> {
        reports::write_handled(self, report, handled).await
    }

    async fn community(&mut self, community: CommunityId) -> Result<Option<Community>, StoreError> {
        communities::seen_by_nobody(self, community).await
    }

    async fn delete_community(&mut self, community: CommunityId) -> Result<bool, StoreError> {
        delete_as_administrator(self, community).await
    }

    async fn broadcast(&mut self) -> Result<Option<ChatId>, StoreError> {
        broadcasts::read(self, None).await
    }

    async fn write_broadcast(&mut self, group: Option<ChatId>) -> Result<bool, StoreError> {
        broadcasts::write(self, None, group).await
    }

    async fn is_name_free(&mut self, name: &AccountName) -> Result<bool, StoreError> {
        is_name_free(self, name).await
    }

    async fn bot(&mut self, bot: &AccountName) -> Result<Option<BotStanding>, StoreError> {
        bots::standing(self, bot).await
    }

    async fn count_bots(&mut self) -> Result<u64, StoreError> {
        bots::count(self).await
    }

    async fn write_bot(
        &mut self,
        bot: &AccountName,
        token: BotTokenHash,
        by: Option<AccountId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        bots::write(self, bot, token, by, at).await
    }

    async fn delete_bot(&mut self, bot: &AccountName) -> Result<(), StoreError> {
        bots::delete(self, bot).await
    }

    async fn write_act(
        &mut self,
        act: &NewAct,
        by: Option<&NamedAccount>,
        change: &AdminChange,
    ) -> Result<u64, StoreError> {
        let written = sqlx::query(
            "INSERT INTO admin_acts (at, by_account, by_name, subject, change, reason) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(integer(act.at.0))
        .bind(by.map(|by| by.account.as_bytes().as_slice()))
        .bind(by.map(|by| by.name.as_str()))
        .bind(change.subject().map(|subject| subject.account.as_bytes().as_slice()))
        .bind(serde_json::to_string(change).map_err(|error| StoreError::Failed(Box::new(error)))?)
        .bind(act.reason.as_str())
        .execute(self)
        .await?;
        u64::try_from(written.last_insert_rowid()).map_err(|_| StoreError::Unreadable { what: "act" })
    }
}

/// Whether the account is the one administrator that is not banned.
pub(super) async fn is_last_administrator(
    connection: &mut SqliteConnection,
    account: AccountId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let is_one = standing(connection, account)
        .await?
        .is_some_and(|standing| standing.role.is_administrator());
    Ok(is_one && !connection.has_other_administrator(account, at).await?)
}

async fn standing(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> Result<Option<AccountStanding>, StoreError> {
    sqlx::query(
        "SELECT accounts.name, roles.role, roles.permissions,
             (SELECT permissions FROM roles WHERE role = 'member') AS everyones
         FROM accounts
         LEFT JOIN account_roles ON account_roles.account = accounts.account
         JOIN roles ON roles.role = coalesce(account_roles.role, 'member')
         WHERE accounts.account = ?",
    )
    .bind(account.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?
    .map(|row| {
        Ok(AccountStanding {
            name: name(&row, "name")?,
            role: name(&row, "role")?,
            permissions: permissions(&row)?.union(number(&row, "everyones").map(PermissionSet::from_bits)?),
        })
    })
    .transpose()
}

pub(super) async fn ban(
    connection: &mut SqliteConnection,
    account: AccountId,
    at: Timestamp,
) -> Result<Option<ListedBan>, StoreError> {
    sqlx::query("SELECT * FROM bans WHERE account = ? AND (ends_at IS NULL OR ends_at > ?)")
        .bind(account.as_bytes().as_slice())
        .bind(integer(at.0))
        .fetch_optional(connection)
        .await?
        .map(|row| read_ban(&row))
        .transpose()
}

/// A row's columns of a ban.
pub(super) fn read_ban(row: &SqliteRow) -> Result<ListedBan, StoreError> {
    Ok(ListedBan {
        reason: row.try_get("reason")?,
        banned_at: time(row, "banned_at")?,
        until: match row.try_get::<Option<i64>, _>("ends_at")? {
            Some(_) => Some(time(row, "ends_at")?),
            None => None,
        },
        banned_by: optional_id(row, "banned_by")?,
    })
}

fn read_act(row: &SqliteRow) -> Result<AdminAct, StoreError> {
    let by = match optional_id(row, "by_account")? {
        Some(account) => Some(NamedAccount {
            account,
            name: name(row, "by_name")?,
        }),
        None => None,
    };
    Ok(AdminAct {
        act: number(row, "act")?,
        at: time(row, "at")?,
        by,
        change: serde_json::from_str(row.try_get("change")?)
            .map_err(|_| StoreError::Unreadable { what: "change" })?,
        reason: row.try_get("reason")?,
    })
}

fn permissions(row: &SqliteRow) -> Result<PermissionSet, StoreError> {
    number(row, "permissions").map(PermissionSet::from_bits)
}
