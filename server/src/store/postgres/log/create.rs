//! Chats come into being.

use super::PostgresLog;
use super::member::{add_members, add_welcomes, columns, replace_group_info};
use crate::store::postgres::column::{address, id, integer, time};
use crate::store::{ChatCreation, NewChat, StoreError};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, Seq};
use sqlx::Row;
use sqlx::postgres::PgConnection;

impl PostgresLog {
    pub(super) async fn create(&self, chat: NewChat) -> Result<ChatCreation, StoreError> {
        let mut transaction = self.database.begin().await?;
        lock_id(&mut transaction, chat.chat).await?;
        if let Some(creation) = standing_in_the_way(&mut transaction, &chat).await? {
            return Ok(creation);
        }
        let key = insert_chat(&mut transaction, &chat).await?;
        replace_group_info(&mut transaction, key, &chat.group_info).await?;
        let known = make_devices(&mut transaction, &chat).await?;
        let key_of = |wanted: &DeviceAddress| {
            let known = known.iter().find(|(address, ..)| address == wanted);
            known.map(|(_, key, departed)| (*key, *departed))
        };
        let (creator, creator_departed) =
            key_of(&chat.creator).ok_or(StoreError::Unreadable { what: "device" })?;
        let added: Vec<i64> = chat
            .added
            .iter()
            .filter_map(key_of)
            .filter(|(_, departed)| !departed)
            .map(|(key, _)| key)
            .collect();
        let mut members = added.clone();
        members.extend((!creator_departed).then_some(creator));
        add_members(&mut transaction, key, &members, Seq::ZERO).await?;
        add_welcomes(&mut transaction, key, &added, Seq::ZERO, creator, &chat.welcome).await?;
        transaction.commit().await?;
        Ok(ChatCreation::Created)
    }

    pub(super) async fn fence(&self, chat: ChatId) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        lock_id(&mut transaction, chat).await?;
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM chats WHERE chat = $1)")
            .bind(chat.as_bytes().as_slice())
            .fetch_one(&mut *transaction)
            .await?;
        if exists {
            return Ok(false);
        }
        sqlx::query("INSERT INTO fenced_chats (chat) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(chat.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Creating and fencing off the same chat go one after the other, on whichever nodes.
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

async fn standing_in_the_way(
    connection: &mut PgConnection,
    chat: &NewChat,
) -> Result<Option<ChatCreation>, StoreError> {
    let fenced: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM fenced_chats WHERE chat = $1)")
        .bind(chat.chat.as_bytes().as_slice())
        .fetch_one(&mut *connection)
        .await?;
    if fenced {
        return Ok(Some(ChatCreation::Taken));
    }
    let row = sqlx::query(
        "SELECT creator_device, lower_account, higher_account, created_at FROM chats WHERE chat = $1",
    )
    .bind(chat.chat.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let creator: DeviceId = id(&row, "creator_device")?;
    let pair: [AccountId; 2] = [id(&row, "lower_account")?, id(&row, "higher_account")?];
    Ok(Some(
        if creator == chat.creator.device && pair == chat.pair.accounts() {
            ChatCreation::Existed {
                at: time(&row, "created_at")?,
            }
        } else {
            ChatCreation::Taken
        },
    ))
}

async fn insert_chat(connection: &mut PgConnection, chat: &NewChat) -> Result<i64, StoreError> {
    let [lower, higher] = chat.pair.accounts();
    let key: i64 = sqlx::query_scalar(
        "INSERT INTO chats (chat, lower_account, higher_account, creator_device, suite, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING key",
    )
    .bind(chat.chat.as_bytes().as_slice())
    .bind(lower.as_bytes().as_slice())
    .bind(higher.as_bytes().as_slice())
    .bind(chat.creator.device.as_bytes().as_slice())
    .bind(i64::from(chat.suite.code_point()))
    .bind(integer(chat.at.0))
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query(
        "WITH head AS (INSERT INTO heads (chat, last_seq, epoch, members_version) VALUES ($1, 0, 1, 1))
         INSERT INTO parties (account, chat) VALUES ($2, $1), ($3, $1)",
    )
    .bind(key)
    .bind(lower.as_bytes().as_slice())
    .bind(higher.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(key)
}

/// The chat's devices, made known to the shard: key, and whether it has departed. Until the transaction ends none departs.
async fn make_devices(
    connection: &mut PgConnection,
    chat: &NewChat,
) -> Result<Vec<(DeviceAddress, i64, bool)>, StoreError> {
    let (devices, accounts) = columns(chat.added.iter().chain([&chat.creator]));
    sqlx::query(
        "INSERT INTO devices (device, account)
         SELECT new.device, new.account FROM unnest($1::bytea[], $2::bytea[]) AS new (device, account)
         WHERE NOT EXISTS (
             SELECT 1 FROM devices AS known WHERE known.device = new.device AND known.account = new.account)
         ORDER BY new.device, new.account ON CONFLICT DO NOTHING",
    )
    .bind(&devices)
    .bind(&accounts)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "SELECT devices.key, devices.device, devices.account, devices.departed
         FROM unnest($1::bytea[], $2::bytea[]) AS named (device, account)
         JOIN devices ON devices.device = named.device AND devices.account = named.account
         ORDER BY devices.key FOR SHARE OF devices",
    )
    .bind(&devices)
    .bind(&accounts)
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| Ok((address(row)?, row.try_get("key")?, row.try_get("departed")?)))
    .collect()
}
