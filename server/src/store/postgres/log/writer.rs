//! The node's one writer of a shard: its connection, and what it knows without reading.

use super::held::Deferred;
use crate::store::StoreError;
use crate::store::postgres::database::Database;
use crate::store::sequencer::ChatCache;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

/// Bytes of memory for what the writer knows of chats.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Keys in a block of `device_key_blocks`: more than the Commits of any batch can name.
const DEVICE_KEYS: i64 = 1 << 20;

/// A connection with what was learnt over it. Both go together: after a lost connection another server may answer, one that does
/// not have everything.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) connection: PgConnection,
    pub(super) chats: ChatCache,
    pub(super) deferred: Deferred,
    /// The first key for a new device that is free, and the end of the block.
    pub(super) next_device_key: i64,
    device_keys_end: i64,
}

impl Session {
    /// Makes sure that there are keys for so many new devices.
    pub(super) async fn reserve_device_keys(&mut self, devices: usize) -> Result<(), StoreError> {
        let wanted = i64::try_from(devices).unwrap_or(i64::MAX);
        if wanted > self.device_keys_end - self.next_device_key {
            self.next_device_key = sqlx::query_scalar("SELECT nextval('device_key_blocks')")
                .fetch_one(&mut self.connection)
                .await?;
            self.device_keys_end = self.next_device_key + DEVICE_KEYS;
        }
        Ok(())
    }
}

/// The writer; between two batches, and never after a failure, it has a session.
#[derive(Debug, Default)]
pub(super) struct Writer {
    session: Option<Session>,
    closed: bool,
}

impl Writer {
    /// The session, to be given back if all goes well.
    pub(super) async fn session(&mut self, database: &Database) -> Result<Session, StoreError> {
        if self.closed {
            return Err(sqlx::Error::PoolClosed.into());
        }
        if let Some(session) = self.session.take() {
            return Ok(session);
        }
        Ok(Session {
            connection: database.connect_writer().await?,
            chats: ChatCache::new(CACHE_BYTES),
            deferred: Deferred::default(),
            next_device_key: 0,
            device_keys_end: 0,
        })
    }

    pub(super) fn give_back(&mut self, session: Session) {
        self.session = Some(session);
    }

    pub(super) async fn close(&mut self) {
        self.closed = true;
        if let Some(session) = self.session.take()
            && let Err(error) = session.connection.close().await
        {
            tracing::debug!(%error, "a connection did not end well");
        }
    }
}
