//! The connections of a file that only read.

use super::database::{ACQUIRE_TIMEOUT, is_free};
use crate::store::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Connections at a time.
const READERS: u32 = 4;

/// Lends connections, and opens them when they are first needed. sqlx's own pool pings a connection each time that it comes
/// back: two turns of its thread for a read that is worth one.
#[derive(Debug)]
pub(super) struct Readers {
    options: SqliteConnectOptions,
    room: Semaphore,
    idle: Mutex<Vec<SqliteConnection>>,
}

/// A connection that is lent. A transaction on it is a snapshot.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    /// Taken when it is dropped, and never before.
    connection: Option<SqliteConnection>,
    readers: &'a Readers,
    _room: SemaphorePermit<'a>,
}

impl Readers {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self {
            options,
            room: Semaphore::new(READERS as usize),
            idle: Mutex::default(),
        }
    }

    /// Waits for a connection. Fails once they are closed.
    pub(super) async fn lend(&self) -> Result<Reader<'_>, StoreError> {
        let room = tokio::time::timeout(ACQUIRE_TIMEOUT, self.room.acquire())
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = self.idle().pop();
        let usable = match idle {
            Some(mut connection) => is_free(&mut connection).await.then_some(connection),
            None => None,
        };
        let connection = match usable {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Reader {
            connection: Some(connection),
            readers: self,
            _room: room,
        })
    }

    /// Closes the connections, after what runs on them.
    pub(super) async fn close(&self) {
        // Fails only if they are closed already.
        let all = self.room.acquire_many(READERS).await;
        self.room.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "a connection was not closed in order");
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.readers.idle().extend(self.connection.take());
    }
}

impl Deref for Reader<'_> {
    type Target = SqliteConnection;

    #[allow(clippy::expect_used, reason = "only dropping takes it")]
    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("it is lent")
    }
}

impl DerefMut for Reader<'_> {
    #[allow(clippy::expect_used, reason = "only dropping takes it")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("it is lent")
    }
}
