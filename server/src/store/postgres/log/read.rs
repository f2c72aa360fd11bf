//! Reads beside the writers: each sees whole transactions.

use super::PostgresLog;
use crate::store::postgres::column::{address, id, integer, seq, suite, time};
use crate::store::postgres::retention_key;
use crate::store::retention_key::{Bucket, Place};
use crate::store::standings::StandingsPage;
use crate::store::{ChatMembers, ListPosition, PageRange, PendingWelcome, Standing, StoreError};
use bytes::Bytes;
use futures_util::TryStreamExt;
use sotto_protocol::frame::{Entry, EntryKind, Page};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Retention, Seq, Timestamp, limits};
use sqlx::Row;
use sqlx::postgres::PgRow;
use std::sync::Arc;

impl PostgresLog {
    pub(super) async fn read_page(
        &self,
        device: DeviceAddress,
        chat: ChatId,
        range: PageRange,
        now: Timestamp,
    ) -> Result<Option<Page>, StoreError> {
        let head = sqlx::query(
            "SELECT chats.key, heads.last_seq FROM chats JOIN heads ON heads.chat = chats.key
             JOIN members ON members.chat = chats.key JOIN devices ON devices.key = members.device
             WHERE chats.chat = $1 AND devices.device = $2 AND devices.account = $3 AND members.active",
        )
        .bind(chat.as_bytes().as_slice())
        .bind(device.device.as_bytes().as_slice())
        .bind(device.account.as_bytes().as_slice())
        .fetch_optional(self.database.readers())
        .await?;
        let Some(head) = head else {
            return Ok(None);
        };
        let key = head.try_get("key")?;
        let last = seq(&head, "last_seq")?;
        let stored = self.read_entries(key, last, range).await?;
        let entries = self.open_entries(key, stored, now).await?;
        Ok(Some(Page { entries, last }))
    }

    /// Entries up to `last`: what is newer than the head that was read is not of this page.
    async fn read_entries(
        &self,
        chat: i64,
        last: Seq,
        range: PageRange,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let newest_first = range.after.is_none() && range.before.is_some();
        let end = last.0.saturating_add(1);
        let before = range.before.map_or(end, |before| before.0.min(end));
        let mut rows = sqlx::query(if newest_first { NEWEST_FIRST } else { OLDEST_FIRST })
            .bind(chat)
            .bind(integer(range.after.unwrap_or(Seq::ZERO).0))
            .bind(integer(before))
            .bind(i64::from(range.limit.min(limits::PAGE_ENTRIES)))
            .fetch(self.database.readers());
        let mut entries = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.try_next().await? {
            let entry = StoredEntry::read(&row)?;
            bytes += entry.payload.len();
            entries.push(entry);
            if bytes >= limits::PAGE_BYTES {
                break;
            }
        }
        if newest_first {
            entries.reverse();
        }
        Ok(entries)
    }

    async fn open_entries(
        &self,
        chat: i64,
        stored: Vec<StoredEntry>,
        now: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        let buckets = stored
            .iter()
            .filter(|entry| !entry.is_over(now))
            .filter_map(StoredEntry::bucket);
        retention_key::find(&self.retention_keys, self.database.readers(), buckets).await?;
        stored
            .into_iter()
            .map(|entry| {
                let mut payload = match entry.bucket() {
                    _ if entry.is_over(now) => None,
                    None => Some(entry.payload.clone()),
                    // Without its key it is over by another node's clock.
                    Some(bucket) => self
                        .retention_keys
                        .open(bucket, Place::entry(chat, entry.seq.0), &entry.payload)?
                        .map(Bytes::from),
                };
                let kind = if payload.is_some() {
                    entry.kind
                } else {
                    EntryKind::Deleted
                };
                Ok(Entry {
                    seq: entry.seq,
                    from: entry.from,
                    message: entry.message,
                    at: entry.at,
                    retention: entry.retention,
                    kind,
                    payload: payload.take().unwrap_or_default(),
                })
            })
            .collect()
    }

    pub(super) async fn read_members(&self, chat: ChatId) -> Result<Option<Arc<ChatMembers>>, StoreError> {
        let rows = sqlx::query(
            "SELECT devices.device, devices.account, false AS silenced FROM chats
             LEFT JOIN members ON members.chat = chats.key AND members.active LEFT JOIN devices ON devices.key = members.device
             WHERE chats.chat = $1
             UNION ALL
             SELECT NULL, parties.account, true FROM chats JOIN parties ON parties.chat = chats.key
             WHERE chats.chat = $1 AND parties.silenced",
        )
        .bind(chat.as_bytes().as_slice())
        .fetch_all(self.database.readers())
        .await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut members = Vec::with_capacity(rows.len());
        let mut silenced = Vec::new();
        for row in &rows {
            if row.try_get("silenced")? {
                silenced.push(id(row, "account")?);
                continue;
            }
            // A chat that every device has left is one row of nothing.
            if row.try_get::<Option<&[u8]>, _>("device")?.is_some() {
                members.push(address(row)?);
            }
        }
        members.sort_unstable();
        Ok(Some(Arc::new(ChatMembers {
            devices: members,
            silenced,
        })))
    }

    pub(super) async fn read_standings(
        &self,
        device: DeviceAddress,
        after: ListPosition,
        limit: u16,
    ) -> Result<Vec<Standing>, StoreError> {
        let mut rows = sqlx::query(
            "WITH places AS (
                 SELECT chat AS key FROM parties WHERE account = $2 AND chat > $3 ORDER BY chat LIMIT $4)
             SELECT places.key, heads.last_seq, chats.chat, chats.suite, members.acknowledged,
                 markers.marker, devices.device, devices.account
             FROM places JOIN chats ON chats.key = places.key JOIN heads ON heads.chat = places.key
             LEFT JOIN members ON members.chat = places.key
                 AND members.device = (SELECT key FROM devices WHERE device = $1 AND account = $2) AND members.active
             LEFT JOIN markers ON markers.chat = members.chat AND markers.device <> members.device
             LEFT JOIN devices ON devices.key = markers.device
             ORDER BY places.key",
        )
        .bind(device.device.as_bytes().as_slice())
        .bind(device.account.as_bytes().as_slice())
        .bind(after.0)
        .bind(i64::from(limit))
        .fetch(self.database.readers());
        let mut page = StandingsPage::default();
        while let Some(row) = rows.try_next().await? {
            let joined = row.try_get::<Option<i64>, _>("acknowledged")?.is_some();
            let standing = Standing {
                position: ListPosition(row.try_get("key")?),
                chat: id(&row, "chat")?,
                acknowledged: joined.then(|| seq(&row, "acknowledged")).transpose()?,
                last: seq(&row, "last_seq")?,
                suite: suite(&row, "suite")?,
                markers: Vec::new(),
            };
            let marker = match row.try_get::<Option<Vec<u8>>, _>("marker")? {
                Some(marker) => Some((address(&row)?, marker.into())),
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
        let mut rows = sqlx::query(
            "SELECT welcomes.id, chats.chat, welcomes.after_seq, senders.device, senders.account,
                 coalesce(shared_welcomes.welcome, welcomes.welcome) AS welcome
             FROM devices JOIN welcomes ON welcomes.device = devices.key
             LEFT JOIN shared_welcomes ON shared_welcomes.id = welcomes.shared
             JOIN chats ON chats.key = welcomes.chat JOIN devices AS senders ON senders.key = welcomes.sender
             WHERE devices.device = $1 AND devices.account = $2 AND welcomes.id > $3
             ORDER BY welcomes.id LIMIT $4",
        )
        .bind(device.device.as_bytes().as_slice())
        .bind(device.account.as_bytes().as_slice())
        .bind(after.0)
        .bind(i64::from(limits::PAGE_ENTRIES))
        .fetch(self.database.readers());
        let mut welcomes = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.try_next().await? {
            let payload = Bytes::from(row.try_get::<Vec<u8>, _>("welcome")?);
            bytes += payload.len();
            welcomes.push(PendingWelcome {
                position: ListPosition(row.try_get("id")?),
                chat: id(&row, "chat")?,
                after: seq(&row, "after_seq")?,
                from: address(&row)?,
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
             WHERE parties.account = $1 AND others.account <> $1",
        )
        .bind(account.as_bytes().as_slice())
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(|row| id(row, "account"))
        .collect()
    }
}

const OLDEST_FIRST: &str = "SELECT entries.*, devices.device, devices.account
     FROM entries JOIN devices ON devices.key = entries.sender
     WHERE entries.chat = $1 AND entries.seq > $2 AND entries.seq < $3 ORDER BY entries.seq LIMIT $4";
const NEWEST_FIRST: &str = "SELECT entries.*, devices.device, devices.account
     FROM entries JOIN devices ON devices.key = entries.sender
     WHERE entries.chat = $1 AND entries.seq > $2 AND entries.seq < $3 ORDER BY entries.seq DESC LIMIT $4";

/// An entry as it is stored: a timed payload is sealed.
struct StoredEntry {
    seq: Seq,
    from: DeviceAddress,
    message: sotto_protocol::MessageId,
    at: Timestamp,
    retention: Retention,
    expires_at: Option<i64>,
    kind: EntryKind,
    payload: Bytes,
}

impl StoredEntry {
    fn read(row: &PgRow) -> Result<Self, StoreError> {
        let kind = match row.try_get::<i16, _>("kind")? {
            0 => EntryKind::Application,
            1 => EntryKind::Commit,
            2 => EntryKind::Deleted,
            3 => EntryKind::TakenBack,
            4 => EntryKind::Reversal,
            _ => return Err(StoreError::Unreadable { what: "kind" }),
        };
        let retention = match row.try_get::<Option<i32>, _>("retention")? {
            None => Retention::Keep,
            Some(seconds) => Retention::For {
                seconds: u32::try_from(seconds).map_err(|_| StoreError::Unreadable { what: "retention" })?,
            },
        };
        Ok(Self {
            seq: seq(row, "seq")?,
            from: address(row)?,
            message: id(row, "message")?,
            at: time(row, "accepted_at")?,
            retention,
            expires_at: row.try_get("expires_at")?,
            kind,
            payload: Bytes::from(row.try_get::<Vec<u8>, _>("payload")?),
        })
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.kind == EntryKind::Deleted
            || self
                .expires_at
                .is_some_and(|expires_at| expires_at <= integer(now.0))
    }

    /// The bucket whose key the payload is sealed with, if it is.
    fn bucket(&self) -> Option<Bucket> {
        match self.retention {
            Retention::For { seconds } => Some(Bucket::of(self.at, seconds)),
            Retention::Keep | Retention::Never => None,
        }
    }
}
