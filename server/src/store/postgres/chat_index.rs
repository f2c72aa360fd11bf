//! [`ChatIndex`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{id, integer, number, time};
use crate::store::{AccountPair, ChatIndex, Reservation, ReservedFor, ShardId, StoreError};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, Timestamp};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgExecutor};

/// Rows that count the chats of one shard.
const STRIPES: u8 = 16;

impl ChatIndex for PostgresAccounts {
    async fn reserve(
        &self,
        whose: ReservedFor,
        chat: ChatId,
        creator: DeviceAddress,
        shards: u16,
        at: Timestamp,
    ) -> Result<Reservation, StoreError> {
        let wanted = Wanted {
            whose,
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

    async fn confirm(&self, whose: ReservedFor, chat: ChatId) -> Result<(), StoreError> {
        let confirm = sqlx::query(match whose {
            ReservedFor::Pair(_) => {
                "UPDATE direct_chats SET confirmed = true WHERE chat = $1 AND NOT confirmed"
            }
            ReservedFor::Group => "UPDATE groups SET state = 1 WHERE chat = $1 AND state = 0",
        })
        .bind(chat.as_bytes().as_slice())
        .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(confirm.await?) })
            .await?;
        Ok(())
    }

    async fn take_over(&self, whose: ReservedFor, stale: ChatId) -> Result<(), StoreError> {
        self.database.patiently(self.withdraw(whose, stale)).await
    }

    async fn shard_of(&self, chat: ChatId) -> Result<Option<ShardId>, StoreError> {
        self.database
            .patiently(shard_of(self.database.readers(), chat))
            .await
    }

    async fn chat_of(&self, pair: AccountPair) -> Result<Option<(ChatId, ShardId)>, StoreError> {
        let [lower, higher] = pair.accounts();
        let read = sqlx::query(
            "SELECT chat, shard FROM direct_chats WHERE lower_account = $1 AND higher_account = $2",
        )
        .bind(lower.as_bytes().as_slice())
        .bind(higher.as_bytes().as_slice())
        .fetch_optional(self.database.readers());
        let row = self
            .database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await?;
        row.map(|row| Ok((id(&row, "chat")?, ShardId(number(&row, "shard")?))))
            .transpose()
    }

    async fn began_nth_latest(&self, account: AccountId, nth: u32) -> Result<Option<Timestamp>, StoreError> {
        let read = sqlx::query(
            "SELECT reserved_at FROM direct_chats WHERE creator_account = $1 AND lower_account <> higher_account
             ORDER BY reserved_at DESC LIMIT 1 OFFSET $2",
        )
        .bind(account.as_bytes().as_slice())
        .bind(i64::from(nth.saturating_sub(1)))
        .fetch_optional(self.database.readers());
        let row = self
            .database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await?;
        row.map(|row| time(&row, "reserved_at")).transpose()
    }

    async fn begin_deletion(&self, group: ChatId) -> Result<bool, StoreError> {
        let note = sqlx::query("UPDATE groups SET state = 2 WHERE chat = $1 AND state <> 3")
            .bind(group.as_bytes().as_slice())
            .execute(self.database.writers());
        let noted = self
            .database
            .patiently(async { Ok::<_, StoreError>(note.await?) })
            .await?;
        Ok(noted.rows_affected() > 0)
    }

    async fn deletions(&self, limit: u16) -> Result<Vec<ChatId>, StoreError> {
        let deletions = sqlx::query("SELECT chat FROM groups WHERE state = 2 LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(self.database.readers());
        self.database
            .patiently(async { Ok::<_, StoreError>(deletions.await?) })
            .await?
            .iter()
            .map(|row| id(row, "chat"))
            .collect()
    }

    async fn conclude_deletion(&self, group: ChatId) -> Result<(), StoreError> {
        self.database.patiently(self.conclude(group)).await
    }
}

/// What [`ChatIndex::reserve`] is asked for.
struct Wanted {
    whose: ReservedFor,
    chat: ChatId,
    creator: DeviceAddress,
    shards: u16,
    at: Timestamp,
}

impl PostgresAccounts {
    /// `None` if someone else reserved the pair or the chat at the same time: look again.
    async fn try_to_reserve(&self, wanted: &Wanted) -> Result<Option<Reservation>, StoreError> {
        let mut transaction = self.database.begin().await?;
        lock_id(&mut transaction, wanted.chat).await?;
        let standing = match wanted.whose {
            ReservedFor::Pair(pair) => pair_in_the_way(&mut transaction, pair, wanted).await?,
            ReservedFor::Group => group_in_the_way(&mut transaction, wanted).await?,
        };
        if standing.is_some() {
            return Ok(standing);
        }
        if shard_of(&mut *transaction, wanted.chat).await?.is_some() {
            return Ok(Some(Reservation::ChatTaken));
        }
        let accounts = match wanted.whose {
            ReservedFor::Pair(pair) => pair.accounts(),
            ReservedFor::Group => [wanted.creator.account; 2],
        };
        if !exist(&mut transaction, accounts).await? {
            return Ok(Some(Reservation::AccountNotFound));
        }
        let shard = place(&mut transaction, wanted.shards).await?;
        let inserted = match wanted.whose {
            ReservedFor::Pair(pair) => {
                let [lower, higher] = pair.accounts();
                sqlx::query(
                    "INSERT INTO direct_chats
                         (chat, creator_device, shard, reserved_at, lower_account, higher_account, confirmed,
                          creator_account)
                     VALUES ($1, $2, $3, $4, $5, $6, false, $7) ON CONFLICT DO NOTHING",
                )
                .bind(wanted.chat.as_bytes().as_slice())
                .bind(wanted.creator.device.as_bytes().as_slice())
                .bind(i64::from(shard.0))
                .bind(integer(wanted.at.0))
                .bind(lower.as_bytes().as_slice())
                .bind(higher.as_bytes().as_slice())
                .bind(wanted.creator.account.as_bytes().as_slice())
            }
            ReservedFor::Group => sqlx::query(
                "INSERT INTO groups (chat, creator_device, shard, reserved_at, creator_account, state)
                 VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING",
            )
            .bind(wanted.chat.as_bytes().as_slice())
            .bind(wanted.creator.device.as_bytes().as_slice())
            .bind(i64::from(shard.0))
            .bind(integer(wanted.at.0))
            .bind(wanted.creator.account.as_bytes().as_slice()),
        }
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

    async fn withdraw(&self, whose: ReservedFor, stale: ChatId) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let withdrawn = match whose {
            ReservedFor::Pair(pair) => {
                let [lower, higher] = pair.accounts();
                sqlx::query(
                    "DELETE FROM direct_chats
                     WHERE chat = $1 AND lower_account = $2 AND higher_account = $3 AND NOT confirmed RETURNING shard",
                )
                .bind(stale.as_bytes().as_slice())
                .bind(lower.as_bytes().as_slice())
                .bind(higher.as_bytes().as_slice())
            }
            ReservedFor::Group => {
                sqlx::query("DELETE FROM groups WHERE chat = $1 AND state = 0 RETURNING shard")
                    .bind(stale.as_bytes().as_slice())
            }
        }
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(row) = withdrawn {
            let shard = ShardId(number(&row, "shard")?);
            count(&mut transaction, shard, stale, -1).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn conclude(&self, group: ChatId) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let concluded =
            sqlx::query("UPDATE groups SET state = 3 WHERE chat = $1 AND state = 2 RETURNING shard")
                .bind(group.as_bytes().as_slice())
                .fetch_optional(&mut *transaction)
                .await?;
        for sql in [
            "DELETE FROM group_profiles WHERE chat = $1",
            "DELETE FROM join_requests WHERE chat = $1",
            "DELETE FROM community_groups WHERE chat = $1",
            "DELETE FROM broadcasts WHERE chat = $1",
        ] {
            sqlx::query(sql)
                .bind(group.as_bytes().as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        if let Some(row) = concluded {
            let shard = ShardId(number(&row, "shard")?);
            count(&mut transaction, shard, group, -1).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Reservations of one id go one after the other: it is in two tables.
async fn lock_id(connection: &mut PgConnection, chat: ChatId) -> Result<(), StoreError> {
    let lock = chat
        .as_bytes()
        .iter()
        .take(8)
        .fold(0, |lock: i64, byte| lock << 8 | i64::from(*byte));
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(lock)
        .execute(connection)
        .await?;
    Ok(())
}

/// The chat that the pair has, as far as the creator is concerned.
async fn pair_in_the_way(
    connection: &mut PgConnection,
    pair: AccountPair,
    wanted: &Wanted,
) -> Result<Option<Reservation>, StoreError> {
    let [lower, higher] = pair.accounts();
    let row = sqlx::query(
        "SELECT chat, creator_device, shard, confirmed FROM direct_chats
         WHERE lower_account = $1 AND higher_account = $2",
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
    let creator: DeviceId = id(&row, "creator_device")?;
    Ok(Some(
        if existing == wanted.chat && creator == wanted.creator.device {
            Reservation::Reserved(shard)
        } else {
            Reservation::Exists {
                chat: existing,
                shard,
                confirmed: row.try_get("confirmed")?,
            }
        },
    ))
}

/// The group that has this id, as far as the creator is concerned.
async fn group_in_the_way(
    connection: &mut PgConnection,
    wanted: &Wanted,
) -> Result<Option<Reservation>, StoreError> {
    let row = sqlx::query(
        "SELECT shard, creator_account = $1 AND creator_device = $2 AND state < 2 AS own FROM groups WHERE chat = $3",
    )
    .bind(wanted.creator.account.as_bytes().as_slice())
    .bind(wanted.creator.device.as_bytes().as_slice())
    .bind(wanted.chat.as_bytes().as_slice())
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
async fn exist(connection: &mut PgConnection, [one, other]: [AccountId; 2]) -> Result<bool, StoreError> {
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM accounts WHERE account IN ($1, $2)")
        .bind(one.as_bytes().as_slice())
        .bind(other.as_bytes().as_slice())
        .fetch_one(connection)
        .await?;
    Ok(found == if one == other { 1 } else { 2 })
}

async fn shard_of(executor: impl PgExecutor<'_>, chat: ChatId) -> Result<Option<ShardId>, StoreError> {
    sqlx::query(
        "SELECT shard FROM direct_chats WHERE chat = $1 UNION ALL SELECT shard FROM groups WHERE chat = $1",
    )
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
