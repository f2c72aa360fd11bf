//! [`DirectChatIndex`] on SQLite.

use super::SqliteAccounts;
use super::column::{id, integer, number};
use crate::store::{AccountPair, DirectChatIndex, Reservation, ShardId, StoreError};
use sotto_protocol::{ChatId, DeviceAddress, DeviceId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

impl DirectChatIndex for SqliteAccounts {
    async fn reserve(
        &self,
        pair: AccountPair,
        chat: ChatId,
        creator: DeviceAddress,
        shards: u16,
        at: Timestamp,
    ) -> Result<Reservation, StoreError> {
        let mut transaction = self.database.begin().await?;
        if let Some(reserved) = reserved(&mut transaction, pair).await? {
            let own = reserved.chat == chat && reserved.creator == creator.device;
            return Ok(if own {
                Reservation::Reserved(reserved.shard)
            } else {
                Reservation::Exists {
                    chat: reserved.chat,
                    shard: reserved.shard,
                    confirmed: reserved.confirmed,
                }
            });
        }
        if shard_of(&mut transaction, chat).await?.is_some() {
            return Ok(Reservation::ChatTaken);
        }
        let [lower, higher] = pair.accounts();
        let accounts: i64 = sqlx::query_scalar("SELECT count(*) FROM accounts WHERE account IN (?, ?)")
            .bind(lower.as_bytes().as_slice())
            .bind(higher.as_bytes().as_slice())
            .fetch_one(&mut *transaction)
            .await?;
        if accounts != 2 {
            return Ok(Reservation::AccountNotFound);
        }
        let shard = place(&mut transaction, shards).await?;
        sqlx::query(
            "INSERT INTO direct_chats (lower_account, higher_account, chat, creator_device, shard, confirmed, reserved_at)
             VALUES (?, ?, ?, ?, ?, 0, ?)",
        )
        .bind(lower.as_bytes().as_slice())
        .bind(higher.as_bytes().as_slice())
        .bind(chat.as_bytes().as_slice())
        .bind(creator.device.as_bytes().as_slice())
        .bind(i64::from(shard.0))
        .bind(integer(at.0))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Reservation::Reserved(shard))
    }

    async fn confirm(&self, chat: ChatId) -> Result<(), StoreError> {
        sqlx::query("UPDATE direct_chats SET confirmed = 1 WHERE chat = ?")
            .bind(chat.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(())
    }

    async fn take_over(&self, pair: AccountPair, stale: ChatId) -> Result<(), StoreError> {
        let [lower, higher] = pair.accounts();
        let mut transaction = self.database.begin().await?;
        let withdrawn = sqlx::query(
            "DELETE FROM direct_chats WHERE lower_account = ? AND higher_account = ? AND chat = ? AND confirmed = 0
             RETURNING shard",
        )
        .bind(lower.as_bytes().as_slice())
        .bind(higher.as_bytes().as_slice())
        .bind(stale.as_bytes().as_slice())
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(row) = withdrawn {
            sqlx::query("UPDATE shards SET chats = chats - 1 WHERE shard = ?")
                .bind(row.try_get::<i64, _>("shard")?)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn shard_of(&self, chat: ChatId) -> Result<Option<ShardId>, StoreError> {
        let mut connection = self.database.reader().await?;
        shard_of(&mut connection, chat).await
    }
}

struct Reserved {
    chat: ChatId,
    creator: DeviceId,
    shard: ShardId,
    confirmed: bool,
}

async fn reserved(
    connection: &mut SqliteConnection,
    pair: AccountPair,
) -> Result<Option<Reserved>, StoreError> {
    let [lower, higher] = pair.accounts();
    sqlx::query(
        "SELECT chat, creator_device, shard, confirmed FROM direct_chats WHERE lower_account = ? AND higher_account = ?",
    )
    .bind(lower.as_bytes().as_slice())
    .bind(higher.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?
    .map(|row| {
        Ok(Reserved {
            chat: id(&row, "chat")?,
            creator: id(&row, "creator_device")?,
            shard: ShardId(number(&row, "shard")?),
            confirmed: row.try_get("confirmed")?,
        })
    })
    .transpose()
}

async fn shard_of(connection: &mut SqliteConnection, chat: ChatId) -> Result<Option<ShardId>, StoreError> {
    sqlx::query("SELECT shard FROM direct_chats WHERE chat = ?")
        .bind(chat.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| Ok(ShardId(number(&row, "shard")?)))
        .transpose()
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
