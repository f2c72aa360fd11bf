//! Reads beside the writer: each sees whole transactions.

use super::SqliteLog;
use super::json::JsonRows;
use super::load::{read_address, read_silenced};
use crate::store::retention_key::{Bucket, Place, RetentionKeys};
use crate::store::sqlite::column::{id, integer, seq, suite, time};
use crate::store::sqlite::retention_key;
use crate::store::standings::StandingsPage;
use crate::store::{ChatMembers, ListPosition, PageRange, PendingWelcome, Standing, StoreError};
use bytes::Bytes;
use futures_util::TryStreamExt;
use sotto_protocol::frame::{Entry, EntryKind, Page};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, MessageId, Retention, Seq, Timestamp, limits};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::sync::Arc;

impl SqliteLog {
    pub(super) async fn read_page(
        &self,
        device: DeviceAddress,
        chat: ChatId,
        range: PageRange,
        now: Timestamp,
    ) -> Result<Option<Page>, StoreError> {
        let newest_first = range.after.is_none() && range.before.is_some();
        let mut connection = self.database.reader().await?;
        let mut rows = sqlx::query(if newest_first { NEWEST_FIRST } else { OLDEST_FIRST })
            .bind(chat.as_bytes().as_slice())
            .bind(device.device.as_bytes().as_slice())
            .bind(device.account.as_bytes().as_slice())
            .bind(integer(range.after.unwrap_or(Seq::ZERO).0))
            .bind(range.before.map_or(i64::MAX, |before| integer(before.0)))
            .bind(i64::from(range.limit.min(limits::PAGE_ENTRIES)))
            .fetch(&mut *connection);
        let mut place = None;
        let mut stored = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.try_next().await? {
            if row.try_get::<Option<i64>, _>("last")?.is_some() {
                place = Some((row.try_get::<i64, _>("chat")?, seq(&row, "last")?));
                continue;
            }
            let entry = StoredEntry::read(&row, now)?;
            bytes += entry.payload.len();
            stored.push(entry);
            if bytes >= limits::PAGE_BYTES && place.is_some() {
                break;
            }
        }
        drop(rows);
        let Some((chat, last)) = place else {
            return Ok(None);
        };
        let buckets = stored.iter().filter_map(|entry| entry.payload.bucket());
        retention_key::find(&self.retention_keys, &mut connection, buckets).await?;
        let mut entries = stored
            .into_iter()
            .map(|entry| entry.open(&self.retention_keys, chat))
            .collect::<Result<Vec<_>, _>>()?;
        if newest_first {
            entries.reverse();
        }
        Ok(Some(Page { entries, last }))
    }

    pub(super) async fn read_members(&self, chat: ChatId) -> Result<Option<Arc<ChatMembers>>, StoreError> {
        let mut reader = self.database.reader().await?;
        let rows = sqlx::query(
            "SELECT chats.key, devices.device, devices.account FROM chats
             LEFT JOIN members ON members.chat = chats.key AND members.active LEFT JOIN devices ON devices.key = members.device
             WHERE chats.chat = ?",
        )
        .bind(chat.as_bytes().as_slice())
        .fetch_all(&mut *reader)
        .await?;
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        let key: i64 = first.try_get("key")?;
        let silenced = read_silenced(&mut reader, &JsonRows::of_numbers([key])).await?;
        let mut members = Vec::with_capacity(rows.len());
        for row in &rows {
            // A chat that every device has left is one row of nothing.
            if row.try_get::<Option<&[u8]>, _>("device")?.is_some() {
                members.push(read_address(row)?);
            }
        }
        Ok(Some(Arc::new(ChatMembers {
            devices: members,
            silenced: silenced.into_values().next().unwrap_or_default(),
        })))
    }

    pub(super) async fn read_standings(
        &self,
        device: DeviceAddress,
        after: ListPosition,
        limit: u16,
    ) -> Result<Vec<Standing>, StoreError> {
        let mut connection = self.database.reader().await?;
        let mut rows = sqlx::query(
            "WITH places AS MATERIALIZED (
                 SELECT chat AS key, (SELECT coalesce(max(seq), 0) FROM entries WHERE entries.chat = parties.chat) AS last
                 FROM parties WHERE account = ?2 AND chat > ?3 ORDER BY chat LIMIT ?4 + 0)
             SELECT places.key, places.last, chats.chat, chats.suite, members.acknowledged,
                 markers.marker, devices.device, devices.account
             FROM places CROSS JOIN chats ON chats.key = places.key
             LEFT JOIN members ON members.chat = places.key
                 AND members.device = (SELECT key FROM devices WHERE device = ?1 AND account = ?2) AND members.active
             LEFT JOIN markers ON markers.chat = members.chat AND markers.device <> members.device
             LEFT JOIN devices ON devices.key = markers.device
             ORDER BY places.key",
        )
        .bind(device.device.as_bytes().as_slice())
        .bind(device.account.as_bytes().as_slice())
        .bind(after.0)
        .bind(i64::from(limit))
        .fetch(&mut *connection);
        let mut page = StandingsPage::default();
        while let Some(row) = rows.try_next().await? {
            let joined = row.try_get::<Option<i64>, _>("acknowledged")?.is_some();
            let standing = Standing {
                position: ListPosition(row.try_get("key")?),
                chat: id(&row, "chat")?,
                acknowledged: joined.then(|| seq(&row, "acknowledged")).transpose()?,
                last: seq(&row, "last")?,
                suite: suite(&row, "suite")?,
                markers: Vec::new(),
            };
            let marker = match row.try_get::<Option<Vec<u8>>, _>("marker")? {
                Some(marker) => Some((read_address(&row)?, marker.into())),
                None => None,
            };
            if !page.add(standing, marker) {
                break;
            }
        }
        Ok(page.into_standings())
    }

    pub(super) async fn read_welcomes(
        &self,
        device: DeviceAddress,
        after: ListPosition,
    ) -> Result<Vec<PendingWelcome>, StoreError> {
        let mut connection = self.database.reader().await?;
        let mut rows = sqlx::query(
            "SELECT welcomes.id, chats.chat, welcomes.after_seq, senders.device, senders.account,
                 coalesce(shared_welcomes.welcome, welcomes.welcome) AS welcome
             FROM devices JOIN welcomes ON welcomes.device = devices.key
             LEFT JOIN shared_welcomes ON shared_welcomes.id = welcomes.shared
             JOIN chats ON chats.key = welcomes.chat JOIN devices AS senders ON senders.key = welcomes.sender
             WHERE devices.device = ? AND devices.account = ? AND welcomes.id > ? ORDER BY welcomes.id LIMIT ? + 0",
        )
        .bind(device.device.as_bytes().as_slice())
        .bind(device.account.as_bytes().as_slice())
        .bind(after.0)
        .bind(i64::from(limits::PAGE_ENTRIES))
        .fetch(&mut *connection);
        let mut welcomes = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.try_next().await? {
            let payload = Bytes::from(row.try_get::<Vec<u8>, _>("welcome")?);
            bytes += payload.len();
            welcomes.push(PendingWelcome {
                position: ListPosition(row.try_get("id")?),
                chat: id(&row, "chat")?,
                after: seq(&row, "after_seq")?,
                from: read_address(&row)?,
                payload,
            });
            if bytes >= limits::PAGE_BYTES {
                break;
            }
        }
        Ok(welcomes)
    }

    pub(super) async fn read_peers(&self, account: AccountId) -> Result<Vec<AccountId>, StoreError> {
        sqlx::query(
            "SELECT DISTINCT others.account FROM parties JOIN parties AS others ON others.chat = parties.chat
             WHERE parties.account = ?1 AND others.account <> ?1",
        )
        .bind(account.as_bytes().as_slice())
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(|row| id(row, "account"))
        .collect()
    }
}

/// A page, in one statement and so at one moment: a row with the last position of the log, if the device is a member, then the
/// entries, which have none there.
macro_rules! page {
    ($order:literal) => {
        concat!(
            "WITH place AS MATERIALIZED (
                 SELECT chats.key AS chat,
                     (SELECT coalesce(max(seq), 0) FROM entries WHERE entries.chat = chats.key) AS last
                 FROM chats JOIN devices JOIN members ON members.chat = chats.key AND members.device = devices.key
                 WHERE chats.chat = ?1 AND devices.device = ?2 AND devices.account = ?3 AND members.active)
             SELECT chat, last, NULL AS seq, NULL AS message, NULL AS accepted_at, NULL AS retention, NULL AS kind,
                 NULL AS payload, NULL AS sealed, NULL AS device, NULL AS account FROM place
             UNION ALL SELECT * FROM (
                 SELECT NULL, NULL, entries.seq, message, accepted_at, retention, kind, entries.payload,
                     timed.payload, device, account
                 FROM entries CROSS JOIN devices ON devices.key = entries.sender
                 LEFT JOIN timed_payloads AS timed
                     ON timed.expires_at = entries.accepted_at + entries.retention * 1000
                     AND timed.chat = entries.chat AND timed.seq = entries.seq
                 WHERE entries.chat = (SELECT chat FROM place) AND entries.seq > ?4 AND entries.seq < ?5
                 ORDER BY entries.seq ",
            $order,
            " LIMIT ?6 + 0)"
        )
    };
}

const OLDEST_FIRST: &str = page!("ASC");
const NEWEST_FIRST: &str = page!("DESC");

/// An entry as it is stored.
struct StoredEntry {
    seq: Seq,
    from: DeviceAddress,
    message: MessageId,
    at: Timestamp,
    retention: Retention,
    kind: EntryKind,
    payload: StoredPayload,
}

enum StoredPayload {
    Plain(Bytes),
    /// With the key of its time.
    Sealed(Bucket, Vec<u8>),
    Erased,
}

impl StoredPayload {
    fn len(&self) -> usize {
        match self {
            Self::Plain(payload) => payload.len(),
            Self::Sealed(_, sealed) => sealed.len(),
            Self::Erased => 0,
        }
    }

    fn bucket(&self) -> Option<Bucket> {
        match self {
            Self::Sealed(bucket, _) => Some(*bucket),
            Self::Plain(_) | Self::Erased => None,
        }
    }
}

impl StoredEntry {
    fn read(row: &SqliteRow, now: Timestamp) -> Result<Self, StoreError> {
        let kind = match row.try_get::<i64, _>("kind")? {
            0 => EntryKind::Application,
            1 => EntryKind::Commit,
            2 => EntryKind::Deleted,
            3 => EntryKind::TakenBack,
            4 => EntryKind::Reversal,
            _ => return Err(StoreError::Unreadable { what: "kind" }),
        };
        let at = time(row, "accepted_at")?;
        let seconds = row
            .try_get::<Option<i64>, _>("retention")?
            .map(|seconds| u32::try_from(seconds).map_err(|_| StoreError::Unreadable { what: "retention" }))
            .transpose()?;
        let sealed = row.try_get::<Option<Vec<u8>>, _>("sealed")?;
        let payload = row.try_get::<Vec<u8>, _>("payload")?;
        let is_over = seconds.is_some_and(|seconds| at.plus_seconds(seconds) <= now);
        let payload = match (seconds, sealed) {
            _ if is_over || kind == EntryKind::Deleted => StoredPayload::Erased,
            (Some(seconds), Some(sealed)) => StoredPayload::Sealed(Bucket::of(at, seconds), sealed),
            // What is timed and has no payload any more is over by the clock of whoever erased it.
            (Some(_), None) if payload.is_empty() => StoredPayload::Erased,
            (_, None | Some(_)) => StoredPayload::Plain(payload.into()),
        };
        Ok(Self {
            seq: seq(row, "seq")?,
            from: read_address(row)?,
            message: id(row, "message")?,
            at,
            retention: seconds.map_or(Retention::Keep, |seconds| Retention::For { seconds }),
            kind,
            payload,
        })
    }

    /// The entry; a deleted one if the key of its payload has been destroyed.
    fn open(self, keys: &RetentionKeys, chat: i64) -> Result<Entry, StoreError> {
        let payload = match self.payload {
            StoredPayload::Plain(payload) => Some(payload),
            StoredPayload::Sealed(bucket, sealed) => keys
                .open(bucket, Place::entry(chat, self.seq.0), &sealed)?
                .map(Bytes::from),
            StoredPayload::Erased => None,
        };
        Ok(Entry {
            seq: self.seq,
            from: self.from,
            message: self.message,
            at: self.at,
            retention: self.retention,
            kind: if payload.is_some() {
                self.kind
            } else {
                EntryKind::Deleted
            },
            payload: payload.unwrap_or_default(),
        })
    }
}
