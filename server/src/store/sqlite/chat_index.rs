//! [`ChatIndex`] on SQLite.

use super::SqliteAccounts;
use super::column::{id, integer, number, time};
use crate::store::{AccountPair, ChatIndex, Reservation, ReservedFor, ShardId, StoreError};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

impl ChatIndex for SqliteAccounts {
    async fn reserve(
        &self,
        whose: ReservedFor,
        chat: ChatId,
        creator: DeviceAddress,
        shards: u16,
        at: Timestamp,
    ) -> Result<Reservation, StoreError> {
        let mut transaction = self.database.begin().await?;
        let standing = match whose {
            ReservedFor::Pair(pair) => pair_in_the_way(&mut transaction, pair, chat, creator).await?,
            ReservedFor::Group => group_in_the_way(&mut transaction, chat, creator).await?,
        };
        if let Some(standing) = standing {
            return Ok(standing);
        }
        if shard_of(&mut transaction, chat).await?.is_some() {
            return Ok(Reservation::ChatTaken);
        }
        let accounts = match whose {
            ReservedFor::Pair(pair) => pair.accounts(),
            ReservedFor::Group => [creator.account; 2],
        };
        if !exist(&mut transaction, accounts).await? {
            return Ok(Reservation::AccountNotFound);
        }
        let shard = place(&mut transaction, shards).await?;
        match whose {
            ReservedFor::Pair(pair) => {
                let [lower, higher] = pair.accounts();
                sqlx::query(
                    "INSERT INTO direct_chats
                         (lower_account, higher_account, chat, creator_account, creator_device, shard, confirmed,
                          reserved_at)
                     VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
                )
                .bind(lower.as_bytes().as_slice())
                .bind(higher.as_bytes().as_slice())
                .bind(chat.as_bytes().as_slice())
                .bind(creator.account.as_bytes().as_slice())
                .bind(creator.device.as_bytes().as_slice())
            }
            ReservedFor::Group => sqlx::query(
                "INSERT INTO groups (chat, creator_account, creator_device, shard, state, reserved_at)
                 VALUES (?, ?, ?, ?, 0, ?)",
            )
            .bind(chat.as_bytes().as_slice())
            .bind(creator.account.as_bytes().as_slice())
            .bind(creator.device.as_bytes().as_slice()),
        }
        .bind(i64::from(shard.0))
        .bind(integer(at.0))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Reservation::Reserved(shard))
    }

    async fn confirm(&self, whose: ReservedFor, chat: ChatId) -> Result<(), StoreError> {
        sqlx::query(match whose {
            ReservedFor::Pair(_) => "UPDATE direct_chats SET confirmed = 1 WHERE chat = ?",
            ReservedFor::Group => "UPDATE groups SET state = 1 WHERE chat = ? AND state = 0",
        })
        .bind(chat.as_bytes().as_slice())
        .execute(self.database.writer())
        .await?;
        Ok(())
    }

    async fn take_over(&self, whose: ReservedFor, stale: ChatId) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let withdrawn = match whose {
            ReservedFor::Pair(pair) => {
                let [lower, higher] = pair.accounts();
                sqlx::query(
                    "DELETE FROM direct_chats
                     WHERE lower_account = ? AND higher_account = ? AND chat = ? AND confirmed = 0 RETURNING shard",
                )
                .bind(lower.as_bytes().as_slice())
                .bind(higher.as_bytes().as_slice())
            }
            ReservedFor::Group => {
                sqlx::query("DELETE FROM groups WHERE chat = ? AND state = 0 RETURNING shard")
            }
        }
        .bind(stale.as_bytes().as_slice())
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(row) = withdrawn {
            one_less(&mut transaction, row.try_get("shard")?).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn shard_of(&self, chat: ChatId) -> Result<Option<ShardId>, StoreError> {
        let mut connection = self.database.reader().await?;
        shard_of(&mut connection, chat).await
    }

    async fn chat_of(&self, pair: AccountPair) -> Result<Option<(ChatId, ShardId)>, StoreError> {
        let [lower, higher] = pair.accounts();
        sqlx::query("SELECT chat, shard FROM direct_chats WHERE lower_account = ? AND higher_account = ?")
            .bind(lower.as_bytes().as_slice())
            .bind(higher.as_bytes().as_slice())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .map(|row| Ok((id(&row, "chat")?, ShardId(number(&row, "shard")?))))
            .transpose()
    }

    async fn began_nth_latest(&self, account: AccountId, nth: u32) -> Result<Option<Timestamp>, StoreError> {
        sqlx::query(
            "SELECT reserved_at FROM direct_chats WHERE creator_account = ? AND lower_account <> higher_account
             ORDER BY reserved_at DESC LIMIT 1 OFFSET ?",
        )
        .bind(account.as_bytes().as_slice())
        .bind(i64::from(nth.saturating_sub(1)))
        .fetch_optional(&mut *self.database.reader().await?)
        .await?
        .map(|row| time(&row, "reserved_at"))
        .transpose()
    }

    async fn begin_deletion(&self, group: ChatId) -> Result<bool, StoreError> {
        let begun = sqlx::query("UPDATE groups SET state = 2 WHERE chat = ? AND state <> 3")
            .bind(group.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(begun.rows_affected() > 0)
    }

    async fn deletions(&self, limit: u16) -> Result<Vec<ChatId>, StoreError> {
        sqlx::query("SELECT chat FROM groups WHERE state = 2 LIMIT ? + 0")
            .bind(i64::from(limit))
            .fetch_all(&mut *self.database.reader().await?)
            .await?
            .iter()
            .map(|row| id(row, "chat"))
            .collect()
    }

    async fn conclude_deletion(&self, group: ChatId) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let concluded =
            sqlx::query("UPDATE groups SET state = 3 WHERE chat = ? AND state = 2 RETURNING shard")
                .bind(group.as_bytes().as_slice())
                .fetch_optional(&mut *transaction)
                .await?;
        if let Some(row) = concluded {
            one_less(&mut transaction, row.try_get("shard")?).await?;
        }
        for sql in [
            "DELETE FROM group_profiles WHERE chat = ?",
            "DELETE FROM join_requests WHERE chat = ?",
            "DELETE FROM community_groups WHERE chat = ?",
            "DELETE FROM broadcasts WHERE chat = ?",
        ] {
            sqlx::query(sql)
                .bind(group.as_bytes().as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// The chat that the pair has, as far as the creator is concerned.
async fn pair_in_the_way(
    connection: &mut SqliteConnection,
    pair: AccountPair,
    chat: ChatId,
    creator: DeviceAddress,
) -> Result<Option<Reservation>, StoreError> {
    let [lower, higher] = pair.accounts();
    let row = sqlx::query(
        "SELECT chat, creator_device, shard, confirmed FROM direct_chats WHERE lower_account = ? AND higher_account = ?",
    )
    .bind(lower.as_bytes().as_slice())
    .bind(higher.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let existing: ChatId = id(&row, "chat")?;
    let shard = ShardId(number(&row, "shard")?);
    let is_own = existing == chat && id::<DeviceId>(&row, "creator_device")? == creator.device;
    Ok(Some(if is_own {
        Reservation::Reserved(shard)
    } else {
        Reservation::Exists {
            chat: existing,
            shard,
            confirmed: row.try_get("confirmed")?,
        }
    }))
}

/// The group that has this id, as far as the creator is concerned.
async fn group_in_the_way(
    connection: &mut SqliteConnection,
    chat: ChatId,
    creator: DeviceAddress,
) -> Result<Option<Reservation>, StoreError> {
    let row = sqlx::query(
        "SELECT shard, creator_account = ? AND creator_device = ? AND state < 2 AS own FROM groups WHERE chat = ?",
    )
    .bind(creator.account.as_bytes().as_slice())
    .bind(creator.device.as_bytes().as_slice())
    .bind(chat.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(if row.try_get("own")? {
        Reservation::Reserved(ShardId(number(&row, "shard")?))
    } else {
        Reservation::ChatTaken
    }))
}

/// Whether these accounts, which may be the same, exist.
async fn exist(connection: &mut SqliteConnection, [one, other]: [AccountId; 2]) -> Result<bool, StoreError> {
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM accounts WHERE account IN (?, ?)")
        .bind(one.as_bytes().as_slice())
        .bind(other.as_bytes().as_slice())
        .fetch_one(connection)
        .await?;
    Ok(found == if one == other { 1 } else { 2 })
}

async fn shard_of(connection: &mut SqliteConnection, chat: ChatId) -> Result<Option<ShardId>, StoreError> {
    sqlx::query(
        "SELECT shard FROM direct_chats WHERE chat = ?1 UNION ALL SELECT shard FROM groups WHERE chat = ?1",
    )
    .bind(chat.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?
    .map(|row| Ok(ShardId(number(&row, "shard")?)))
    .transpose()
}

/// A chat that was placed in the shard is not, or not any more.
async fn one_less(connection: &mut SqliteConnection, shard: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE shards SET chats = chats - 1 WHERE shard = ?")
        .bind(shard)
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives one more chat to the shard with the fewest, the newest of several.
async fn place(connection: &mut SqliteConnection, shards: u16) -> Result<ShardId, StoreError> {
    for shard in 0..shards {
        sqlx::query("INSERT INTO shards (shard, chats) VALUES (?, 0) ON CONFLICT DO NOTHING")
            .bind(i64::from(shard))
            .execute(&mut *connection)
            .await?;
    }
    let row = sqlx::query(
        "UPDATE shards SET chats = chats + 1
         WHERE shard = (SELECT shard FROM shards WHERE shard < ? ORDER BY chats, shard DESC LIMIT 1)
         RETURNING shard",
    )
    .bind(i64::from(shards))
    .fetch_one(connection)
    .await?;
    Ok(ShardId(number(&row, "shard")?))
}
