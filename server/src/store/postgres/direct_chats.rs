//! [`DirectChatIndex`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{id, integer, number};
use crate::store::{AccountPair, DirectChatIndex, Reservation, ShardId, StoreError};
use sotto_protocol::{ChatId, DeviceAddress, DeviceId, Timestamp};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgExecutor};

/// Rows that count the chats of one shard.
const STRIPES: u8 = 16;

impl DirectChatIndex for PostgresAccounts {
    async fn reserve(
        &self,
        pair: AccountPair,
        chat: ChatId,
        creator: DeviceAddress,
        shards: u16,
        at: Timestamp,
    ) -> Result<Reservation, StoreError> {
        let wanted = Wanted {
            pair,
            chat,
            creator,
            shards,
            at,
        };
        self.database
            .patiently(async {
                loop {
                    if let Some(reservation) = self.try_to_reserve(&wanted).await? {
                        return Ok(reservation);
                    }
                }
            })
            .await
    }

    async fn confirm(&self, chat: ChatId) -> Result<(), StoreError> {
        let confirm =
            sqlx::query("UPDATE direct_chats SET confirmed = true WHERE chat = $1 AND NOT confirmed")
                .bind(chat.as_bytes().as_slice())
                .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(confirm.await?) })
            .await?;
        Ok(())
    }

    async fn take_over(&self, pair: AccountPair, stale: ChatId) -> Result<(), StoreError> {
        self.database.patiently(self.withdraw(pair, stale)).await
    }

    async fn shard_of(&self, chat: ChatId) -> Result<Option<ShardId>, StoreError> {
        self.database
            .patiently(shard_of(self.database.readers(), chat))
            .await
    }
}

/// What [`DirectChatIndex::reserve`] is asked for.
struct Wanted {
    pair: AccountPair,
    chat: ChatId,
    creator: DeviceAddress,
    shards: u16,
    at: Timestamp,
}

impl PostgresAccounts {
    /// `None` if someone else reserved the pair or the chat at the same time: look again.
    async fn try_to_reserve(&self, wanted: &Wanted) -> Result<Option<Reservation>, StoreError> {
        let mut transaction = self.database.begin().await?;
        if let Some(reserved) = reserved(&mut transaction, wanted.pair).await? {
            let own = reserved.chat == wanted.chat && reserved.creator == wanted.creator.device;
            return Ok(Some(if own {
                Reservation::Reserved(reserved.shard)
            } else {
                Reservation::Exists {
                    chat: reserved.chat,
                    shard: reserved.shard,
                    confirmed: reserved.confirmed,
                }
            }));
        }
        if shard_of(&mut *transaction, wanted.chat).await?.is_some() {
            return Ok(Some(Reservation::ChatTaken));
        }
        let [lower, higher] = wanted.pair.accounts();
        let accounts: i64 = sqlx::query_scalar("SELECT count(*) FROM accounts WHERE account IN ($1, $2)")
            .bind(lower.as_bytes().as_slice())
            .bind(higher.as_bytes().as_slice())
            .fetch_one(&mut *transaction)
            .await?;
        if accounts != 2 {
            return Ok(Some(Reservation::AccountNotFound));
        }
        let shard = place(&mut transaction, wanted.shards).await?;
        let inserted = sqlx::query(
            "INSERT INTO direct_chats (lower_account, higher_account, chat, creator_device, shard, confirmed, reserved_at)
             VALUES ($1, $2, $3, $4, $5, false, $6) ON CONFLICT DO NOTHING",
        )
        .bind(lower.as_bytes().as_slice())
        .bind(higher.as_bytes().as_slice())
        .bind(wanted.chat.as_bytes().as_slice())
        .bind(wanted.creator.device.as_bytes().as_slice())
        .bind(i64::from(shard.0))
        .bind(integer(wanted.at.0))
        .execute(&mut *transaction)
        .await?;
        if inserted.rows_affected() == 0 {
            return Ok(None);
        }
        // Last, so that others wait for this row as short as can be.
        count(&mut transaction, shard, wanted.chat, 1).await?;
        transaction.commit().await?;
        Ok(Some(Reservation::Reserved(shard)))
    }

    async fn withdraw(&self, pair: AccountPair, stale: ChatId) -> Result<(), StoreError> {
        let [lower, higher] = pair.accounts();
        let mut transaction = self.database.begin().await?;
        let withdrawn = sqlx::query(
            "DELETE FROM direct_chats
             WHERE lower_account = $1 AND higher_account = $2 AND chat = $3 AND NOT confirmed RETURNING shard",
        )
        .bind(lower.as_bytes().as_slice())
        .bind(higher.as_bytes().as_slice())
        .bind(stale.as_bytes().as_slice())
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(row) = withdrawn {
            let shard = ShardId(number(&row, "shard")?);
            count(&mut transaction, shard, stale, -1).await?;
        }
        Ok(transaction.commit().await?)
    }
}

struct Reserved {
    chat: ChatId,
    creator: DeviceId,
    shard: ShardId,
    confirmed: bool,
}

async fn reserved(connection: &mut PgConnection, pair: AccountPair) -> Result<Option<Reserved>, StoreError> {
    let [lower, higher] = pair.accounts();
    sqlx::query(
        "SELECT chat, creator_device, shard, confirmed FROM direct_chats
         WHERE lower_account = $1 AND higher_account = $2",
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

async fn shard_of(executor: impl PgExecutor<'_>, chat: ChatId) -> Result<Option<ShardId>, StoreError> {
    sqlx::query("SELECT shard FROM direct_chats WHERE chat = $1")
        .bind(chat.as_bytes().as_slice())
        .fetch_optional(executor)
        .await?
        .map(|row| Ok(ShardId(number(&row, "shard")?)))
        .transpose()
}

/// The shard with the fewest chats, the newest of several.
async fn place(connection: &mut PgConnection, shards: u16) -> Result<ShardId, StoreError> {
    let row = sqlx::query(
        "SELECT configured.shard::bigint AS shard FROM generate_series(0, $1 - 1) AS configured (shard)
         LEFT JOIN shards ON shards.shard = configured.shard
         GROUP BY configured.shard ORDER BY coalesce(sum(shards.chats), 0), configured.shard DESC LIMIT 1",
    )
    .bind(i64::from(shards))
    .fetch_one(connection)
    .await?;
    Ok(ShardId(number(&row, "shard")?))
}

/// Counts chats that a shard was given or that were withdrawn.
async fn count(
    connection: &mut PgConnection,
    shard: ShardId,
    chat: ChatId,
    change: i64,
) -> Result<(), StoreError> {
    let stripe = chat.as_bytes().first().map_or(0, |byte| byte % STRIPES);
    sqlx::query(
        "INSERT INTO shards (shard, stripe, chats) VALUES ($1, $2, $3)
         ON CONFLICT (shard, stripe) DO UPDATE SET chats = shards.chats + excluded.chats",
    )
    .bind(i64::from(shard.0))
    .bind(i64::from(stripe))
    .bind(change)
    .execute(connection)
    .await?;
    Ok(())
}
