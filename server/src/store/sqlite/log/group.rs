//! Groups: what can be said of them, and how accounts leave them and they end.

use super::SqliteLog;
use super::invitation::read_uses;
use super::json::JsonRows;
use super::load::read_rules;
use crate::store::sequencer::{Use, Uses};
use crate::store::sqlite::column::{id, number, seq, suite, time};
use crate::store::sqlite::database::BEGIN;
use crate::store::sqlite::versions::version;
use crate::store::{GroupStanding, GroupVersion, Leaving, StoreError, StoredGroup, stored_rules};
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::rest::chat::GroupInfo;
use sotto_protocol::{AccountId, ChatId, Epoch};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};
use std::sync::atomic::Ordering;

impl SqliteLog {
    pub(super) async fn read_group_info(
        &self,
        account: AccountId,
        chat: ChatId,
        invited: Option<Invited>,
    ) -> Result<Option<GroupInfo>, StoreError> {
        let mut reader = self.database.reader().await?;
        let row = sqlx::query(
            "SELECT chats.key, chats.epoch, chats.rules, group_infos.group_info, parties.account IS NOT NULL AS party,
                 (SELECT coalesce(max(seq), 0) FROM entries WHERE entries.chat = chats.key) AS last
             FROM chats JOIN group_infos ON group_infos.chat = chats.key
             LEFT JOIN parties ON parties.chat = chats.key AND parties.account = ?
             WHERE chats.chat = ?",
        )
        .bind(account.as_bytes().as_slice())
        .bind(chat.as_bytes().as_slice())
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
            last: seq(&row, "last")?,
            group_info: row.try_get::<Vec<u8>, _>("group_info")?.into(),
        }))
    }

    pub(super) async fn read_group(&self, chat: ChatId) -> Result<Option<StoredGroup>, StoreError> {
        let row = sqlx::query(
            "SELECT chats.created_at, chats.rules, group_infos.group_info,
                 (SELECT count(*) FROM parties WHERE parties.chat = chats.key) AS members
             FROM chats JOIN group_infos ON group_infos.chat = chats.key WHERE chats.chat = ? AND chats.rules IS NOT NULL",
        )
        .bind(chat.as_bytes().as_slice())
        .fetch_optional(&mut *self.database.reader().await?)
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
            "SELECT version, (SELECT count(*) FROM parties WHERE parties.chat = chats.key) AS members
             FROM chats WHERE chat = ? AND rules IS NOT NULL",
        )
        .bind(group.as_bytes().as_slice())
        .fetch_optional(&mut *self.database.reader().await?)
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
        let mut wanted = JsonRows::new();
        for chat in chats {
            wanted.hex(chat.as_bytes());
        }
        let rows = sqlx::query(
            "SELECT chats.chat, chats.suite, chats.rules, NULL AS group_info,
                 (SELECT count(*) FROM parties WHERE parties.chat = chats.key) AS members
             FROM chats WHERE chats.chat IN (SELECT unhex(value) FROM json_each(?)) AND chats.rules IS NOT NULL",
        )
        .bind(wanted.finish())
        .fetch_all(&mut *self.database.reader().await?)
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
        let mut reader = self.database.reader().await?;
        match key_of(&mut reader, chat).await? {
            Some(key) => parties(&mut reader, key).await,
            None => Ok(Vec::new()),
        }
    }

    pub(super) async fn leave(
        &self,
        group: ChatId,
        account: AccountId,
        epoch: Option<Epoch>,
    ) -> Result<Leaving, StoreError> {
        let mut writer = self.writer().await?;
        let (connection, cache, _) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        let Some(key) = group_key_of(&mut transaction, group).await? else {
            return Ok(Leaving::NoParty);
        };
        let now_in = sqlx::query("SELECT epoch FROM chats WHERE key = ?")
            .bind(key)
            .fetch_one(&mut *transaction)
            .await?;
        let now_in = Epoch(number(&now_in, "epoch")?);
        let left = sqlx::query("DELETE FROM parties WHERE account = ? AND chat = ?")
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
        for sql in [
            "DELETE FROM markers WHERE chat = ?1 AND device IN (
                 SELECT members.device FROM members JOIN devices ON devices.key = members.device
                 WHERE members.chat = ?1 AND devices.account = ?2)",
            "DELETE FROM welcomes WHERE id IN (
                 SELECT welcomes.id FROM members JOIN devices ON devices.key = members.device
                 JOIN welcomes ON welcomes.device = members.device AND welcomes.chat = members.chat
                 WHERE members.chat = ?1 AND devices.account = ?2)",
            "UPDATE members SET active = 0 WHERE chat = ?1 AND device IN (
                 SELECT members.device FROM members JOIN devices ON devices.key = members.device
                 WHERE members.chat = ?1 AND devices.account = ?2)",
        ] {
            sqlx::query(sql)
                .bind(key)
                .bind(account.as_bytes().as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        let is_empty = parties(&mut transaction, key).await?.is_empty();
        cache.forget(group);
        transaction.commit().await?;
        Ok(Leaving::Left { is_empty })
    }

    pub(super) async fn delete(&self, group: ChatId) -> Result<Vec<AccountId>, StoreError> {
        let mut writer = self.writer().await?;
        let (connection, cache, _) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        let key = group_key_of(&mut transaction, group).await?;
        if key.is_none() && key_of(&mut transaction, group).await?.is_some() {
            // It is a chat of another kind.
            return Ok(Vec::new());
        }
        sqlx::query("INSERT INTO fenced_chats (chat) VALUES (?) ON CONFLICT DO NOTHING")
            .bind(group.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        let mut accounts = Vec::new();
        if let Some(key) = key {
            accounts = parties(&mut transaction, key).await?;
            for sql in [
                "INSERT INTO deleted_chats (key, erasing) VALUES (?, 1)",
                "DELETE FROM welcomes WHERE chat = ?",
                "DELETE FROM markers WHERE chat = ?",
                "DELETE FROM group_infos WHERE chat = ?",
                "DELETE FROM parties WHERE chat = ?",
                "DELETE FROM invitation_uses WHERE chat = ?",
                "DELETE FROM commit_changes WHERE chat = ?",
                "DELETE FROM objections WHERE chat = ?",
                "DELETE FROM refused_accounts WHERE chat = ?",
                "DELETE FROM members WHERE chat = ?",
                "DELETE FROM chats WHERE key = ?",
            ] {
                sqlx::query(sql).bind(key).execute(&mut *transaction).await?;
            }
        }
        cache.forget(group);
        // Before it is so: if the commit is cut off, nobody knows whether the WAL has it.
        self.wal_is_clean.store(false, Ordering::Relaxed);
        transaction.commit().await?;
        Ok(accounts)
    }

    pub(super) async fn erase_deleted_entries(&self, limit: u16) -> Result<bool, StoreError> {
        let deleted = "SELECT key FROM deleted_chats WHERE erasing = 1 ORDER BY key LIMIT 1";
        // Without the writer's lock: hardly ever there is something to do.
        let key: Option<i64> = sqlx::query_scalar(deleted)
            .fetch_optional(&mut *self.database.reader().await?)
            .await?;
        let Some(key) = key else {
            return Ok(false);
        };
        let mut writer = self.writer().await?;
        let (connection, ..) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        sqlx::query(
            "DELETE FROM timed_payloads WHERE (expires_at, chat, seq) IN (
                 SELECT accepted_at + retention * 1000, chat, seq FROM (
                     SELECT accepted_at, retention, chat, seq FROM entries WHERE chat = ? ORDER BY seq LIMIT ? + 0)
                 WHERE retention IS NOT NULL)",
        )
        .bind(key)
        .bind(i64::from(limit))
        .execute(&mut *transaction)
        .await?;
        let erased = sqlx::query(
            "DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE chat = ? ORDER BY seq LIMIT ? + 0)",
        )
        .bind(key)
        .bind(i64::from(limit))
        .execute(&mut *transaction)
        .await?;
        if erased.rows_affected() < u64::from(limit) {
            sqlx::query("UPDATE deleted_chats SET erasing = 0 WHERE key = ?")
                .bind(key)
                .execute(&mut *transaction)
                .await?;
        }
        // Before it is so: if the commit is cut off, nobody knows whether the WAL has it.
        self.wal_is_clean.store(false, Ordering::Relaxed);
        transaction.commit().await?;
        Ok(true)
    }
}

async fn key_of(connection: &mut SqliteConnection, chat: ChatId) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar("SELECT key FROM chats WHERE chat = ?")
        .bind(chat.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?)
}

/// The chat's key, if it is a group.
async fn group_key_of(connection: &mut SqliteConnection, chat: ChatId) -> Result<Option<i64>, StoreError> {
    let row =
        sqlx::query("SELECT key, rules, NULL AS group_info FROM chats WHERE chat = ? AND rules IS NOT NULL")
            .bind(chat.as_bytes().as_slice())
            .fetch_optional(connection)
            .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let is_group = read_rules(&row)?.is_some_and(|rules| rules.as_group().is_some());
    Ok(is_group.then(|| row.try_get("key")).transpose()?)
}

async fn parties(connection: &mut SqliteConnection, chat: i64) -> Result<Vec<AccountId>, StoreError> {
    sqlx::query("SELECT account FROM parties WHERE chat = ?")
        .bind(chat)
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| id(row, "account"))
        .collect()
}
