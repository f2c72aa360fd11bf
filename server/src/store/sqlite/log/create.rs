//! Chats come into being.

use super::json::JsonRows;
use super::load::{read_devices, read_rules};
use super::{SqliteLog, member};
use crate::store::sequencer::KnownDevice;
use crate::store::sqlite::column::{id, integer, time};
use crate::store::sqlite::database::BEGIN;
use crate::store::stored_rules;
use crate::store::{ChatCreation, NewChat, StoreError};
use sotto_protocol::{ChatId, DeviceAddress, DeviceId, Seq};
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
        member::add_parties(&mut transaction, key, chat.accounts()).await?;

        let mut named = JsonRows::new();
        for &address in chat.added.iter().chain([&chat.creator]) {
            named.row(|row| row.address(address));
        }
        let known = read_devices(&mut transaction, named).await?;
        let mut next = *next_device_key;
        let mut unknown = Vec::new();
        // The devices are all different: none is unknown twice.
        let mut key_of = |address: DeviceAddress| {
            known.get(&address).copied().unwrap_or_else(|| {
                let key = next;
                unknown.push((address, key));
                next += 1;
                KnownDevice { key, departed: false }
            })
        };
        let creator = key_of(chat.creator);
        let added: Vec<KnownDevice> = chat.added.iter().map(|&address| key_of(address)).collect();
        member::insert_devices(&mut transaction, &unknown).await?;
        // Those that have departed meanwhile have their leaves all the same.
        let with = |departed| {
            let members = added.iter().chain([&creator]);
            let members = members.filter(move |device| device.departed == departed);
            members.map(|device| device.key).collect::<Vec<_>>()
        };
        member::add_members(&mut transaction, key, with(false), Seq::ZERO).await?;
        member::add_silent_leaves(&mut transaction, key, with(true)).await?;
        if let Some(welcome) = &chat.welcome {
            let added = added.iter().filter(|device| !device.departed);
            let added: Vec<i64> = added.map(|device| device.key).collect();
            member::add_welcomes(&mut transaction, key, &added, Seq::ZERO, creator.key, welcome).await?;
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
        "SELECT chats.creator_device, chats.created_at, chats.rules, group_infos.group_info
         FROM chats LEFT JOIN group_infos ON group_infos.chat = chats.key WHERE chats.chat = ?",
    )
    .bind(chat.chat.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let creator: DeviceId = id(&row, "creator_device")?;
    let rules = read_rules(&row)?;
    let is_same = creator == chat.creator.device && rules.is_some_and(|rules| chat.is_same_by(&rules));
    Ok(Some(if is_same {
        ChatCreation::Existed {
            at: time(&row, "created_at")?,
        }
    } else {
        ChatCreation::Taken
    }))
}

async fn insert_chat(connection: &mut SqliteConnection, chat: &NewChat) -> Result<i64, StoreError> {
    // No chat gets the key of one that was deleted, whose entries may still be there.
    Ok(sqlx::query_scalar(
        "INSERT INTO chats (key, chat, creator_device, suite, epoch, created_at, rules)
         VALUES (1 + max((SELECT coalesce(max(key), 0) FROM chats), (SELECT coalesce(max(key), 0) FROM deleted_chats)),
             ?, ?, ?, 1, ?, ?) RETURNING key",
    )
    .bind(chat.chat.as_bytes().as_slice())
    .bind(chat.creator.device.as_bytes().as_slice())
    .bind(i64::from(chat.suite.code_point()))
    .bind(integer(chat.at.0))
    .bind(stored_rules::write(&chat.rules)?)
    .fetch_one(connection)
    .await?)
}
