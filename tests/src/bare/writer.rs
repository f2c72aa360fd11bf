//! The writer: a thread that makes one batch after the other durable in SQLite, each in one transaction.

use super::batch::{Batch, Waiting};
use super::wake::Wake;
use anyhow::{Context as _, Result, bail};
use sqlx::error::BoxDynError;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteLockingMode,
    SqliteSynchronous,
};
use sqlx::{Arguments as _, AssertSqlSafe, Connection as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};

/// Pages of 4 KiB that the write-ahead log grows to before they are moved into the database.
const CHECKPOINT_PAGES: &str = "16000";
/// Rows of the largest statement. Each smaller one has half of them, so that few statements do for any number of rows, and each
/// is prepared once.
const ROWS: usize = 1024;

const TABLE: &str = "CREATE TABLE entries (id INTEGER PRIMARY KEY, chat INTEGER NOT NULL, seq INTEGER NOT NULL, \
                     frame BLOB NOT NULL) STRICT";
const INDEX: &str = "CREATE UNIQUE INDEX entries_by_position ON entries (chat, seq)";

/// The writer, as the relay sees it.
#[derive(Debug)]
pub(super) struct Writer {
    to_write: Sender<Batch>,
    written: Receiver<Batch>,
    is_busy: bool,
    /// What comes in next is gathered there.
    spare: Batch,
    thread: JoinHandle<Result<()>>,
}

impl Writer {
    /// Makes the database, and starts the thread. It wakes the relay for every batch that is written.
    pub(super) fn start(database: &Path, wake: Arc<Wake>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let connection = runtime
            .block_on(open(database))
            .with_context(|| format!("cannot make {}", database.display()))?;
        let (to_write, batches) = channel();
        let (done, written) = channel();
        let thread = thread::spawn(move || {
            let ended = runtime.block_on(work(connection, &batches, &done, &wake));
            // The relay learns of the end by the channel, so that goes first.
            drop(done);
            wake.wake();
            ended
        });
        Ok(Self {
            to_write,
            written,
            is_busy: false,
            spare: Batch::default(),
            thread,
        })
    }

    /// Hands over all that waits, if the writer has nothing to do; otherwise it waits on.
    pub(super) fn write(&mut self, waiting: &mut Batch) -> Result<()> {
        if !self.is_busy {
            let batch = std::mem::replace(waiting, std::mem::take(&mut self.spare));
            self.to_write.send(batch).context("the writer has ended")?;
            self.is_busy = true;
        }
        Ok(())
    }

    /// The batch that is durable now, if one is.
    pub(super) fn written(&mut self) -> Result<Option<Batch>> {
        match self.written.try_recv() {
            Ok(batch) => {
                self.is_busy = false;
                Ok(Some(batch))
            }
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => bail!("the writer has ended"),
        }
    }

    /// Takes an empty batch, whose memory is used again.
    pub(super) fn give_back(&mut self, batch: Batch) {
        self.spare = batch;
    }

    /// Lets it write what it has, and closes the database.
    pub(super) fn finish(self) -> Result<()> {
        drop(self.to_write);
        match self.thread.join() {
            Ok(ended) => ended,
            Err(_) => bail!("the writer panicked"),
        }
    }
}

/// With SQLite's own size of its cache: with larger ones each commit costs more.
async fn open(database: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .locking_mode(SqliteLockingMode::Exclusive)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    for sql in [TABLE, INDEX] {
        sqlx::query(sql).execute(&mut connection).await?;
    }
    Ok(connection)
}

async fn work(
    mut connection: SqliteConnection,
    batches: &Receiver<Batch>,
    done: &Sender<Batch>,
    wake: &Wake,
) -> Result<()> {
    let statements = statements();
    // Nothing else runs in this runtime, so that it may well wait here.
    while let Ok(batch) = batches.recv() {
        insert(&mut connection, &statements, &batch).await?;
        if done.send(batch).is_err() {
            break;
        }
        wake.wake();
    }
    Ok(connection.close().await?)
}

/// The texts of the statements, and how many rows each inserts, the most first. ROLLBACK spares SQLite a journal for each
/// statement.
fn statements() -> Vec<(usize, Arc<str>)> {
    let counts = std::iter::successors(Some(ROWS), |rows| Some(rows / 2)).take_while(|&rows| rows > 0);
    counts
        .map(|rows| {
            let values = vec!["(?, ?, ?)"; rows].join(", ");
            let sql = format!("INSERT OR ROLLBACK INTO entries (chat, seq, frame) VALUES {values}");
            (rows, sql.into())
        })
        .collect()
}

async fn insert(
    connection: &mut SqliteConnection,
    statements: &[(usize, Arc<str>)],
    batch: &Batch,
) -> Result<()> {
    let mut transaction = connection.begin().await?;
    let mut waiting = batch.waiting.as_slice();
    for (rows, sql) in statements {
        while let Some((now, later)) = waiting.split_at_checked(*rows) {
            let mut arguments = SqliteArguments::default();
            arguments.reserve(rows * 3, 0);
            for row in now {
                bind(&mut arguments, row, &batch.bytes).map_err(anyhow::Error::from_boxed)?;
            }
            sqlx::query_with(AssertSqlSafe(Arc::clone(sql)), arguments)
                .execute(&mut *transaction)
                .await?;
            waiting = later;
        }
    }
    Ok(transaction.commit().await?)
}

fn bind(arguments: &mut SqliteArguments, row: &Waiting, bytes: &[u8]) -> Result<(), BoxDynError> {
    arguments.add(row.chat.number())?;
    arguments.add(i64::try_from(row.seq.0)?)?;
    arguments.add(bytes.get(row.placed.content.clone()).unwrap_or_default())
}
