//! Chats come into being.

use super::PostgresLog;
use super::load::read_rules;
use super::member::{add_members, add_parties, add_silent_leaves, add_welcomes, columns, replace_group_info};
use crate::store::postgres::column::{address, id, integer, time};
use crate::store::{ChatCreation, NewChat, StoreError, stored_rules};
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceAddress, DeviceId, Seq};
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
        add_parties(&mut transaction, key, chat.accounts()).await?;
        let known = make_devices(&mut transaction, &chat).await?;
        let key_of = |wanted: &DeviceAddress| {
            let known = known.iter().find(|(address, ..)| address == wanted);
            known.map(|(_, key, departed)| (*key, *departed))
        };
        let (creator, creator_departed) =
            key_of(&chat.creator).ok_or(StoreError::Unreadable { what: "device" })?;
        // Those that have departed meanwhile have their leaves all the same.
        let (silent, added): (Vec<_>, Vec<_>) = chat
            .added
            .iter()
            .filter_map(key_of)
            .partition(|(_, departed)| *departed);
        let keys = |devices: &[(i64, bool)]| devices.iter().map(|(key, _)| *key).collect::<Vec<i64>>();
        let (mut silent, added) = (keys(&silent), keys(&added));
        let mut members = added.clone();
        if creator_departed {
            silent.push(creator);
        } else {
            members.push(creator);
        }
        add_members(&mut transaction, key, &members, Seq::ZERO).await?;
        add_silent_leaves(&mut transaction, key, &silent).await?;
        if let Some(welcome) = &chat.welcome {
            add_welcomes(&mut transaction, key, &added, Seq::ZERO, creator, welcome).await?;
        }
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
pub(super) async fn lock_id(connection: &mut PgConnection, chat: ChatId) -> Result<(), StoreError> {
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
        "SELECT chats.creator_device, chats.created_at, chats.rules, group_infos.group_info
         FROM chats LEFT JOIN group_infos ON group_infos.chat = chats.key WHERE chats.chat = $1",
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

async fn insert_chat(connection: &mut PgConnection, chat: &NewChat) -> Result<i64, StoreError> {
    let [lower, higher] = pair_for_older_servers(chat);
    let key: i64 = sqlx::query_scalar(
        "INSERT INTO chats (chat, lower_account, higher_account, creator_device, suite, created_at, rules)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING key",
    )
    .bind(chat.chat.as_bytes().as_slice())
    .bind(lower.as_bytes().as_slice())
    .bind(higher.as_bytes().as_slice())
    .bind(chat.creator.device.as_bytes().as_slice())
    .bind(i64::from(chat.suite.code_point()))
    .bind(integer(chat.at.0))
    .bind(stored_rules::write(&chat.rules)?)
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query("INSERT INTO heads (chat, last_seq, epoch, members_version) VALUES ($1, 0, 1, 1)")
        .bind(key)
        .execute(connection)
        .await?;
    Ok(key)
}

/// What servers of the version before take for the two accounts of a chat, while they run beside this one. They relay the
/// messages of any chat; of one that is not of two accounts they refuse the others' Commits that change members.
fn pair_for_older_servers(chat: &NewChat) -> [AccountId; 2] {
    match &*chat.rules {
        ChatRules::Direct(rules) => rules.parties().map(|party| party.account),
        ChatRules::Group(_) | ChatRules::Notes(_) => [
            AccountId::from_bytes([0; AccountId::LENGTH]),
            chat.creator.account,
        ],
    }
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
