//! Chats come into being.

use super::json::JsonRows;
use super::load::read_devices;
use super::{SqliteLog, member};
use crate::store::sqlite::column::{id, integer, time};
use crate::store::sqlite::database::BEGIN;
use crate::store::{ChatCreation, NewChat, StoreError};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, Seq};
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

impl SqliteLog {
    pub(super) async fn create(&self, chat: NewChat) -> Result<ChatCreation, StoreError> {
        let mut writer = self.writer().await?;
        let (connection, _, next_device_key) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        if let Some(creation) = standing_in_the_way(&mut transaction, &chat).await? {
            return Ok(creation);
        }
        let key = insert_chat(&mut transaction, &chat).await?;
        member::replace_group_info(&mut transaction, key, &chat.group_info).await?;

        let mut named = JsonRows::new();
        for &address in chat.added.iter().chain([&chat.creator]) {
            named.row(|row| row.address(address));
        }
        let known = read_devices(&mut transaction, named).await?;
        let mut next = *next_device_key;
        let mut unknown = Vec::new();
        // The devices are all different: none is unknown twice.
        let mut key_of = |address: DeviceAddress| {
            known.get(&address).map_or_else(
                || {
                    unknown.push((address, next));
                    next += 1;
                    (next - 1, false)
                },
                |known| (known.key, known.departed),
            )
        };
        let (creator, creator_departed) = key_of(chat.creator);
        let added: Vec<_> = chat.added.iter().map(|&address| key_of(address)).collect();
        member::insert_devices(&mut transaction, &unknown).await?;
        if !creator_departed {
            member::add_member(&mut transaction, key, creator, Seq::ZERO).await?;
        }
        for (device, _) in added.into_iter().filter(|(_, departed)| !departed) {
            member::add_member(&mut transaction, key, device, Seq::ZERO).await?;
            member::add_welcome(&mut transaction, key, device, Seq::ZERO, creator, &chat.welcome).await?;
        }
        transaction.commit().await?;
        *next_device_key = next;
        Ok(ChatCreation::Created)
    }

    pub(super) async fn fence(&self, chat: ChatId) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        let (connection, ..) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM chats WHERE chat = ?)")
            .bind(chat.as_bytes().as_slice())
            .fetch_one(&mut *transaction)
            .await?;
        if exists {
            return Ok(false);
        }
        sqlx::query("INSERT INTO fenced_chats (chat) VALUES (?) ON CONFLICT DO NOTHING")
            .bind(chat.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }
}

async fn standing_in_the_way(
    connection: &mut SqliteConnection,
    chat: &NewChat,
) -> Result<Option<ChatCreation>, StoreError> {
    let fenced: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM fenced_chats WHERE chat = ?)")
        .bind(chat.chat.as_bytes().as_slice())
        .fetch_one(&mut *connection)
        .await?;
    if fenced {
        return Ok(Some(ChatCreation::Taken));
    }
    let row = sqlx::query(
        "SELECT creator_device, lower_account, higher_account, created_at FROM chats WHERE chat = ?",
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

async fn insert_chat(connection: &mut SqliteConnection, chat: &NewChat) -> Result<i64, StoreError> {
    let accounts = chat.pair.accounts();
    let [lower, higher] = accounts;
    let key: i64 = sqlx::query_scalar(
        "INSERT INTO chats (chat, lower_account, higher_account, creator_device, suite, epoch, created_at)
         VALUES (?, ?, ?, ?, ?, 1, ?) RETURNING key",
    )
    .bind(chat.chat.as_bytes().as_slice())
    .bind(lower.as_bytes().as_slice())
    .bind(higher.as_bytes().as_slice())
    .bind(chat.creator.device.as_bytes().as_slice())
    .bind(i64::from(chat.suite.code_point()))
    .bind(integer(chat.at.0))
    .fetch_one(&mut *connection)
    .await?;
    for account in accounts {
        sqlx::query("INSERT INTO parties (account, chat) VALUES (?, ?)")
            .bind(account.as_bytes().as_slice())
            .bind(key)
            .execute(&mut *connection)
            .await?;
    }
    Ok(key)
}
