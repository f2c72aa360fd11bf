//! Groups: what can be said of them, and how accounts leave them and they end.

use super::PostgresLog;
use super::create::lock_id;
use super::invitation::read_uses;
use super::load::read_rules;
use crate::store::postgres::column::{id, number, seq, suite, time};
use crate::store::postgres::versions::version;
use crate::store::sequencer::{Use, Uses};
use crate::store::{GroupStanding, GroupVersion, Leaving, StoreError, StoredGroup, stored_rules};
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::rest::chat::GroupInfo;
use sotto_protocol::{AccountId, ChatId, Epoch};
use sqlx::Row;
use sqlx::postgres::PgConnection;

impl PostgresLog {
    pub(super) async fn read_group_info(
        &self,
        account: AccountId,
        chat: ChatId,
        invited: Option<Invited>,
    ) -> Result<Option<GroupInfo>, StoreError> {
        let mut reader = self.database.readers().acquire().await?;
        let row = sqlx::query(
            "SELECT chats.key, heads.epoch, heads.last_seq, chats.rules, group_infos.group_info, parties.account IS NOT NULL AS party
             FROM chats JOIN heads ON heads.chat = chats.key JOIN group_infos ON group_infos.chat = chats.key
             LEFT JOIN parties ON parties.chat = chats.key AND parties.account = $2
             WHERE chats.chat = $1",
        )
        .bind(chat.as_bytes().as_slice())
        .bind(account.as_bytes().as_slice())
        .fetch_optional(&mut *reader)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        if !row.try_get::<bool, _>("party")? {
            let Some(rules) = read_rules(&row)? else {
                return Ok(None);
            };
            let is_let_in = match invited {
                Some(invited) => match stored_rules::invitation_for(&rules, account, invited) {
                    Some(invitation) => {
                        let used = Use {
                            chat: row.try_get("key")?,
                            invitation: invitation.key,
                            account,
                        };
                        let before = read_uses(&mut reader, [used].into_iter()).await?;
                        Uses::new(before).has_room(invitation, used)
                    }
                    None => false,
                },
                None => stored_rules::lets_in(&rules, account),
            };
            if !is_let_in {
                return Ok(None);
            }
        }
        Ok(Some(GroupInfo {
            chat,
            epoch: Epoch(number(&row, "epoch")?),
            last: seq(&row, "last_seq")?,
            group_info: row.try_get::<Vec<u8>, _>("group_info")?.into(),
        }))
    }

    pub(super) async fn read_group(&self, chat: ChatId) -> Result<Option<StoredGroup>, StoreError> {
        let row = sqlx::query(
            "SELECT chats.created_at, chats.rules, group_infos.group_info,
                 (SELECT count(*) FROM parties WHERE parties.chat = chats.key) AS members
             FROM chats JOIN group_infos ON group_infos.chat = chats.key
             WHERE chats.chat = $1 AND chats.rules IS NOT NULL",
        )
        .bind(chat.as_bytes().as_slice())
        .fetch_optional(self.database.readers())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let is_group = read_rules(&row)?.is_some_and(|rules| rules.as_group().is_some());
        // It has none for a moment when a Commit was taken back.
        if !is_group || row.try_get::<&[u8], _>("group_info")?.is_empty() {
            return Ok(None);
        }
        Ok(Some(StoredGroup {
            created_at: time(&row, "created_at")?,
            group_info: row.try_get::<Vec<u8>, _>("group_info")?.into(),
            members: number(&row, "members")?,
        }))
    }

    pub(super) async fn read_group_version(&self, group: ChatId) -> Result<Option<GroupVersion>, StoreError> {
        sqlx::query(
            "SELECT group_infos.xmin::text::bigint AS version,
                 (SELECT count(*) FROM parties WHERE parties.chat = chats.key) AS members
             FROM chats JOIN group_infos ON group_infos.chat = chats.key
             WHERE chats.chat = $1 AND chats.rules IS NOT NULL",
        )
        .bind(group.as_bytes().as_slice())
        .fetch_optional(self.database.readers())
        .await?
        .map(|row| {
            Ok(GroupVersion {
                row: version(&row)?,
                members: number(&row, "members")?,
            })
        })
        .transpose()
    }

    pub(super) async fn read_group_standings(
        &self,
        chats: &[ChatId],
    ) -> Result<Vec<GroupStanding>, StoreError> {
        let chats: Vec<&[u8]> = chats.iter().map(|chat| chat.as_bytes().as_slice()).collect();
        let rows = sqlx::query(
            "SELECT chats.chat, chats.suite, chats.rules, NULL::bytea AS group_info,
                 (SELECT count(*) FROM parties WHERE parties.chat = chats.key) AS members
             FROM chats WHERE chats.chat = ANY($1) AND chats.rules IS NOT NULL",
        )
        .bind(chats)
        .fetch_all(self.database.readers())
        .await?;
        let mut standings = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(rules) = read_rules(row)?
                && let Some(rules) = rules.as_group()
            {
                standings.push(GroupStanding {
                    group: id(row, "chat")?,
                    suite: suite(row, "suite")?,
                    rules: rules.clone(),
                    members: number(row, "members")?,
                });
            }
        }
        Ok(standings)
    }

    pub(super) async fn read_parties(&self, chat: ChatId) -> Result<Vec<AccountId>, StoreError> {
        sqlx::query(
            "SELECT parties.account FROM chats JOIN parties ON parties.chat = chats.key WHERE chats.chat = $1",
        )
        .bind(chat.as_bytes().as_slice())
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(|row| id(row, "account"))
        .collect()
    }

    pub(super) async fn leave(
        &self,
        group: ChatId,
        account: AccountId,
        epoch: Option<Epoch>,
    ) -> Result<Leaving, StoreError> {
        let mut transaction = self.database.begin().await?;
        let Some(key) = hold_group(&mut transaction, group).await? else {
            return Ok(Leaving::NoParty);
        };
        let now_in = sqlx::query("SELECT epoch FROM heads WHERE chat = $1")
            .bind(key)
            .fetch_one(&mut *transaction)
            .await?;
        let now_in = Epoch(number(&now_in, "epoch")?);
        let left = sqlx::query("DELETE FROM parties WHERE account = $1 AND chat = $2")
            .bind(account.as_bytes().as_slice())
            .bind(key)
            .execute(&mut *transaction)
            .await?;
        if left.rows_affected() == 0 {
            return Ok(Leaving::NoParty);
        }
        if epoch.is_some_and(|epoch| epoch != now_in) {
            return Ok(Leaving::Stale(now_in));
        }
        let devices: Vec<i64> = sqlx::query_scalar(
            "SELECT members.device FROM members JOIN devices ON devices.key = members.device
             WHERE members.chat = $1 AND devices.account = $2",
        )
        .bind(key)
        .bind(account.as_bytes().as_slice())
        .fetch_all(&mut *transaction)
        .await?;
        for sql in [
            "UPDATE members SET active = false WHERE chat = $1 AND device = ANY($2)",
            "DELETE FROM markers WHERE chat = $1 AND device = ANY($2)",
            "DELETE FROM welcomes WHERE chat = $1 AND device = ANY($2)",
        ] {
            sqlx::query(sql)
                .bind(key)
                .bind(&devices)
                .execute(&mut *transaction)
                .await?;
        }
        // So that every node's writer reads the members anew.
        sqlx::query("UPDATE heads SET members_version = members_version + 1 WHERE chat = $1")
            .bind(key)
            .execute(&mut *transaction)
            .await?;
        let is_empty: bool = sqlx::query_scalar("SELECT NOT EXISTS (SELECT FROM parties WHERE chat = $1)")
            .bind(key)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Leaving::Left { is_empty })
    }

    pub(super) async fn delete(&self, group: ChatId) -> Result<Vec<AccountId>, StoreError> {
        let mut transaction = self.database.begin().await?;
        lock_id(&mut transaction, group).await?;
        let key = hold_group(&mut transaction, group).await?;
        if key.is_none() && exists(&mut transaction, group).await? {
            // It is a chat of another kind.
            return Ok(Vec::new());
        }
        sqlx::query("INSERT INTO fenced_chats (chat) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(group.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        let mut accounts = Vec::new();
        if let Some(key) = key {
            accounts = sqlx::query("DELETE FROM parties WHERE chat = $1 RETURNING account")
                .bind(key)
                .fetch_all(&mut *transaction)
                .await?
                .iter()
                .map(|row| id(row, "account"))
                .collect::<Result<_, StoreError>>()?;
            for sql in [
                "INSERT INTO deleted_chats (key) VALUES ($1)",
                "DELETE FROM welcomes WHERE chat = $1",
                "DELETE FROM markers WHERE chat = $1",
                "DELETE FROM group_infos WHERE chat = $1",
                "DELETE FROM invitation_uses WHERE chat = $1",
                "DELETE FROM commit_changes WHERE chat = $1",
                "DELETE FROM objections WHERE chat = $1",
                "DELETE FROM refused_accounts WHERE chat = $1",
                "DELETE FROM members WHERE chat = $1",
                "DELETE FROM heads WHERE chat = $1",
                "DELETE FROM chats WHERE key = $1",
            ] {
                sqlx::query(sql).bind(key).execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok(accounts)
    }

    pub(super) async fn erase_deleted_entries(&self, limit: u16) -> Result<bool, StoreError> {
        let key: Option<i64> = sqlx::query_scalar("SELECT key FROM deleted_chats ORDER BY key LIMIT 1")
            .fetch_optional(self.database.readers())
            .await?;
        let Some(key) = key else {
            return Ok(false);
        };
        let mut transaction = self.database.begin().await?;
        // Another node's sweep may be at it.
        let held = sqlx::query("SELECT FROM deleted_chats WHERE key = $1 FOR UPDATE SKIP LOCKED")
            .bind(key)
            .fetch_optional(&mut *transaction)
            .await?;
        if held.is_none() {
            return Ok(false);
        }
        let erased = sqlx::query(
            "DELETE FROM entries WHERE chat = $1 AND seq IN (
                 SELECT seq FROM entries WHERE chat = $1 ORDER BY seq LIMIT $2)",
        )
        .bind(key)
        .bind(i64::from(limit))
        .execute(&mut *transaction)
        .await?;
        if erased.rows_affected() < u64::from(limit) {
            sqlx::query("DELETE FROM deleted_chats WHERE key = $1")
                .bind(key)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}

async fn exists(connection: &mut PgConnection, chat: ChatId) -> Result<bool, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM chats WHERE chat = $1)")
            .bind(chat.as_bytes().as_slice())
            .fetch_one(connection)
            .await?,
    )
}

/// The key of the chat, if it is a group. Until the transaction ends no node writes to it.
async fn hold_group(connection: &mut PgConnection, chat: ChatId) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query(
        "SELECT chats.key, chats.rules, NULL::bytea AS group_info
         FROM chats JOIN heads ON heads.chat = chats.key
         WHERE chats.chat = $1 AND chats.rules IS NOT NULL FOR UPDATE OF heads, chats",
    )
    .bind(chat.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let is_group = read_rules(&row)?.is_some_and(|rules| rules.as_group().is_some());
    Ok(is_group.then(|| row.try_get("key")).transpose()?)
}
