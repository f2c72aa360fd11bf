//! Reads the logs where they are stored, past the server.

use super::history::{Fingerprint, SeenEntry, StoredLogs};
use super::house::StoredIn;
use sotto_client_sdk::native::SystemClock;
use sotto_client_sdk::platform::Clock as _;
use sotto_protocol::frame::EntryKind;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, MessageId, Retention, Seq, Timestamp};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row, SqlitePool};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Reads all chats. The nodes have ended; what a write-ahead log holds counts.
pub async fn read(stored_in: &StoredIn) -> Result<StoredLogs, sqlx::Error> {
    let mut logs = StoredLogs::default();
    match stored_in {
        StoredIn::Sqlite(files) => {
            for file in files {
                read_file(file, &mut logs.chats).await?;
            }
        }
        StoredIn::Postgres(urls) => {
            for url in urls {
                read_database(url, &mut logs.chats).await?;
            }
        }
    }
    logs.read_at = SystemClock.now();
    Ok(logs)
}

const IN_POSTGRES: &str =
    "SELECT chats.chat, entries.seq, devices.account, devices.device, entries.message, entries.accepted_at,
        CAST(entries.retention AS bigint) AS retention, CAST(entries.kind AS bigint) AS kind, entries.payload
    FROM entries JOIN chats ON chats.key = entries.chat JOIN devices ON devices.key = entries.sender
    ORDER BY entries.chat, entries.seq";

const IN_SQLITE: &str =
    "SELECT chats.chat, entries.seq, devices.account, devices.device, entries.message, entries.accepted_at,
        entries.retention, iif(entries.retention IS NULL OR timed.payload IS NOT NULL, entries.kind, 2) AS kind,
        coalesce(timed.payload, entries.payload) AS payload
    FROM entries JOIN chats ON chats.key = entries.chat JOIN devices ON devices.key = entries.sender
    LEFT JOIN timed_payloads AS timed ON timed.expires_at = entries.accepted_at + entries.retention * 1000
        AND timed.chat = entries.chat AND timed.seq = entries.seq
    ORDER BY entries.chat, entries.seq";

async fn read_database(url: &str, chats: &mut BTreeMap<ChatId, Vec<SeenEntry>>) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    for row in sqlx::query("SELECT chat FROM chats")
        .fetch_all(&mut connection)
        .await?
    {
        chats
            .entry(id(row.try_get("chat")?, ChatId::from_bytes))
            .or_default();
    }
    for row in sqlx::query(IN_POSTGRES).fetch_all(&mut connection).await? {
        let chat = id(row.try_get("chat")?, ChatId::from_bytes);
        chats.entry(chat).or_default().push(entry(&row)?);
    }
    connection.close().await
}

async fn read_file(file: &Path, chats: &mut BTreeMap<ChatId, Vec<SeenEntry>>) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file);
    let pool: SqlitePool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await?;
    let whole: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&pool)
        .await?;
    if whole != "ok" {
        return Err(sqlx::Error::Protocol(format!("the database is damaged: {whole}")));
    }
    for row in sqlx::query("SELECT chat FROM chats").fetch_all(&pool).await? {
        chats
            .entry(id(row.try_get("chat")?, ChatId::from_bytes))
            .or_default();
    }
    for row in sqlx::query(IN_SQLITE).fetch_all(&pool).await? {
        let chat = id(row.try_get("chat")?, ChatId::from_bytes);
        chats.entry(chat).or_default().push(entry(&row)?);
    }
    pool.close().await;
    Ok(())
}

/// The devices that an accounts database of SQLite knows.
pub async fn devices(file: &Path) -> Result<BTreeSet<DeviceId>, sqlx::Error> {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await?;
    let devices: Vec<Vec<u8>> = sqlx::query_scalar("SELECT device FROM devices")
        .fetch_all(&mut connection)
        .await?;
    connection.close().await?;
    Ok(devices
        .iter()
        .map(|device| id(device, DeviceId::from_bytes))
        .collect())
}

fn entry<'row, R>(row: &'row R) -> Result<SeenEntry, sqlx::Error>
where
    R: Row,
    &'static str: sqlx::ColumnIndex<R>,
    &'row [u8]: sqlx::Decode<'row, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'row, R::Database> + sqlx::Type<R::Database>,
{
    let retention: Option<i64> = row.try_get("retention")?;
    let payload: &[u8] = row.try_get("payload")?;
    Ok(SeenEntry {
        seq: Seq(unsigned(row.try_get("seq")?)),
        from: DeviceAddress {
            account: id(row.try_get("account")?, AccountId::from_bytes),
            device: id(row.try_get("device")?, DeviceId::from_bytes),
        },
        message: id(row.try_get("message")?, MessageId::from_bytes),
        at: Timestamp(unsigned(row.try_get("accepted_at")?)),
        retention: match retention {
            None => Retention::Keep,
            Some(seconds) => Retention::For {
                seconds: u32::try_from(seconds).unwrap(),
            },
        },
        kind: match row.try_get::<i64, _>("kind")? {
            0 => EntryKind::Application,
            1 => EntryKind::Commit,
            3 => EntryKind::TakenBack,
            4 => EntryKind::Reversal,
            _ => EntryKind::Deleted,
        },
        payload: Fingerprint::of(payload),
    })
}

fn id<T>(bytes: &[u8], of: impl FnOnce([u8; 16]) -> T) -> T {
    of(bytes.try_into().expect("ids are 16 bytes"))
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).expect("numbers in the log are not negative")
}
