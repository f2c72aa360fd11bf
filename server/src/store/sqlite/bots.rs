//! [`BotStore`] on SQLite, and what [`super::admin`] and [`super::accounts`] do with bots.

use super::SqliteAccounts;
use super::column::{integer, name, number, optional_id, time};
use crate::store::bot::BotStanding;
use crate::store::{BotStore, StoreError};
use sotto_protocol::rest::admin::Bot;
use sotto_protocol::{AccountId, AccountName, BotTokenHash, Timestamp};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

const BOTS: &str = "SELECT name, account, made_at, made_by,
         EXISTS (SELECT 1 FROM bans WHERE bans.account = bots.account AND (ends_at IS NULL OR ends_at > ?1)) AS banned
     FROM bots ORDER BY name";

impl BotStore for SqliteAccounts {
    async fn bots(&self, now: Timestamp) -> Result<Vec<Bot>, StoreError> {
        sqlx::query(BOTS)
            .bind(integer(now.0))
            .fetch_all(&mut *self.database.reader().await?)
            .await?
            .iter()
            .map(read_bot)
            .collect()
    }

    async fn awaits_bot(&self, name: &AccountName, token: BotTokenHash) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM bots WHERE name = ?1 AND token_hash = ?2 AND account IS NULL)",
        )
        .bind(name.as_str())
        .bind(token.as_bytes().as_slice())
        .fetch_one(&mut *self.database.reader().await?)
        .await?)
    }
}

/// Whether a bot of this name is yet to be registered.
pub(super) async fn is_bot_awaited(
    executor: &mut SqliteConnection,
    bot: &AccountName,
) -> Result<bool, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM bots WHERE name = ?1 AND account IS NULL)")
            .bind(bot.as_str())
            .fetch_one(executor)
            .await?,
    )
}

/// The account becomes that of the bot that is awaited under its name with this token. `false` if none is.
pub(super) async fn register_bot(
    connection: &mut SqliteConnection,
    bot: &AccountName,
    token: BotTokenHash,
    account: AccountId,
) -> Result<bool, StoreError> {
    let registered =
        sqlx::query("UPDATE bots SET account = ?1 WHERE name = ?2 AND token_hash = ?3 AND account IS NULL")
            .bind(account.as_bytes().as_slice())
            .bind(bot.as_str())
            .bind(token.as_bytes().as_slice())
            .execute(&mut *connection)
            .await?;
    Ok(registered.rows_affected() == 1)
}

/// How the bot of this name stands.
pub(super) async fn standing(
    connection: &mut SqliteConnection,
    bot: &AccountName,
) -> Result<Option<BotStanding>, StoreError> {
    sqlx::query("SELECT account FROM bots WHERE name = ?1")
        .bind(bot.as_str())
        .fetch_optional(&mut *connection)
        .await?
        .map(|row| {
            Ok(BotStanding {
                account: optional_id(&row, "account")?,
            })
        })
        .transpose()
}

/// How many bots there are.
pub(super) async fn count(connection: &mut SqliteConnection) -> Result<u64, StoreError> {
    let row = sqlx::query("SELECT count(*) AS bots FROM bots")
        .fetch_one(&mut *connection)
        .await?;
    number(&row, "bots")
}

/// Keeps a bot that is yet to be registered, in the place of one of its name that was.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    bot: &AccountName,
    token: BotTokenHash,
    by: Option<AccountId>,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO bots (name, token_hash, made_at, made_by) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET token_hash = excluded.token_hash, made_at = excluded.made_at,
             made_by = excluded.made_by",
    )
    .bind(bot.as_str())
    .bind(token.as_bytes().as_slice())
    .bind(integer(at.0))
    .bind(by.as_ref().map(|by| by.as_bytes().as_slice()))
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Forgets a bot.
pub(super) async fn delete(connection: &mut SqliteConnection, bot: &AccountName) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM bots WHERE name = ?1")
        .bind(bot.as_str())
        .execute(&mut *connection)
        .await?;
    Ok(())
}

fn read_bot(row: &SqliteRow) -> Result<Bot, StoreError> {
    Ok(Bot {
        name: name(row, "name")?,
        account: optional_id(row, "account")?,
        made_at: time(row, "made_at")?,
        made_by: optional_id(row, "made_by")?,
        banned: row.try_get("banned")?,
    })
}
