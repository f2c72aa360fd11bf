//! One PostgreSQL database, or one schema of it: connections that write, and others that read.

use super::PostgresSettings;
use crate::store::StoreError;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, Postgres, Transaction};
use std::time::Duration;
use tokio::time::timeout;

/// The oldest PostgreSQL that is tested with, as `server_version_num`.
const OLDEST_VERSION: i32 = 140_000;
/// An operator's default may let a commit be answered before it is durable. Ours never are.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false)
     WHERE current_setting('synchronous_commit') = 'off'";

/// What a database is for: the tables of the one would be in the other's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Accounts,
    LogShard,
}

impl Purpose {
    /// A table that only this purpose has.
    const fn table(self) -> &'static str {
        match self {
            Self::Accounts => "installation",
            Self::LogShard => "shard",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Accounts => Self::LogShard,
            Self::LogShard => Self::Accounts,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "the accounts",
            Self::LogShard => "a log shard",
        }
    }
}

/// One database or schema. A clone is the same one.
#[derive(Clone, Debug)]
pub(super) struct Database {
    writers: PgPool,
    readers: PgPool,
    options: PgConnectOptions,
    settings: PostgresSettings,
}

impl Database {
    /// Brings the tables up to date and opens the pools. Any number of nodes may do so at once: one migrates, the others wait.
    pub(super) async fn open(
        options: &PgConnectOptions,
        settings: PostgresSettings,
        purpose: Purpose,
        mut migrator: Migrator,
    ) -> Result<Self, StoreError> {
        let mut options = options.clone();
        if options.get_application_name().is_none() {
            options = options.application_name("sotto");
        }
        let mut connection = within(settings.connect_timeout, async { Ok(options.connect().await?) }).await?;
        check(&mut connection, purpose, newest(&migrator)).await?;
        // A newer version of the server may have gone ahead: `compatibility` says whether that matters.
        migrator.set_ignore_missing(true);
        migrator.run_direct(None, &mut connection, false).await?;
        connection.close().await?;

        let options = options.options(session_options(&settings));
        let writers = pool(&settings, settings.write_connections)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(DURABLE).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(options.clone());
        let readers = pool(&settings, settings.read_connections).connect_lazy_with(options.clone());
        Ok(Self {
            writers,
            readers,
            options,
            settings,
        })
    }

    /// For reads.
    pub(super) fn readers(&self) -> &PgPool {
        &self.readers
    }

    /// For a single statement that writes.
    pub(super) fn writers(&self) -> &PgPool {
        &self.writers
    }

    /// A transaction that writes, at `READ COMMITTED`. Dropped, it is rolled back.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.writers.begin().await?)
    }

    /// A connection of its own for a shard's writer.
    pub(super) async fn connect_writer(&self) -> Result<PgConnection, StoreError> {
        let options = self.options.clone().options([
            // Its statements never mean to read a whole table, even while one is so new that the planner takes it for small.
            ("enable_seqscan", "off"),
            // They are always the same, with long lists as arguments: planning each time costs more than it finds.
            ("plan_cache_mode", "force_generic_plan"),
        ]);
        within(self.settings.connect_timeout, async {
            let mut connection = options.connect().await?;
            connection.execute(DURABLE).await?;
            Ok(connection)
        })
        .await
    }

    pub(super) fn patience(&self) -> Duration {
        self.settings.patience()
    }

    /// Does the work, unless it takes longer than a database that works ever takes.
    pub(super) async fn patiently<T, E: From<StoreError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        timeout(self.patience(), work)
            .await
            .unwrap_or_else(|elapsed| Err(StoreError::Unavailable(Box::new(elapsed)).into()))
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    timeout(time, work)
        .await
        .unwrap_or_else(|elapsed| Err(StoreError::Unavailable(Box::new(elapsed))))
}

fn newest(migrator: &Migrator) -> i64 {
    migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}

/// What a session is told at its start. The server then gives up by itself what would otherwise hold rows for ever.
fn session_options(settings: &PostgresSettings) -> [(&'static str, String); 4] {
    let millis = |time: Duration| format!("{}ms", time.as_millis());
    [
        ("statement_timeout", millis(settings.statement_timeout)),
        ("lock_timeout", millis(settings.lock_timeout)),
        (
            "idle_in_transaction_session_timeout",
            millis(settings.statement_timeout),
        ),
        ("jit", "off".to_owned()),
    ]
}

fn pool(settings: &PostgresSettings, connections: u32) -> PoolOptions<Postgres> {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(settings.connect_timeout)
}

/// Whether the database can be used for this purpose, in words for the operator.
async fn check(connection: &mut PgConnection, purpose: Purpose, newest: i64) -> Result<(), StoreError> {
    let mismatch = |reason: String| Err(StoreError::Mismatch { reason });
    let (version, encoding, schema, standby, fsync): (i32, String, Option<String>, bool, String) =
        sqlx::query_as(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
             current_schema()::text, pg_is_in_recovery(), current_setting('fsync')",
        )
        .fetch_one(&mut *connection)
        .await?;
    if version < OLDEST_VERSION {
        return mismatch("PostgreSQL has to be of version 14 or newer".to_owned());
    }
    if encoding != "UTF8" {
        return mismatch(format!("the database's encoding has to be UTF8, not {encoding}"));
    }
    if schema.is_none() {
        return mismatch(
            "the schema that the URL's search_path names does not exist: create it first".to_owned(),
        );
    }
    if standby {
        return mismatch("the PostgreSQL server is a standby and takes no writes".to_owned());
    }
    if fsync == "off" {
        tracing::warn!("PostgreSQL runs with fsync off: what is acknowledged does not survive a power cut");
    }
    if has_table(connection, purpose.other().table()).await? {
        return mismatch(format!(
            "{} is kept in the place configured for {}; each has a database or a schema of its own",
            purpose.other().name(),
            purpose.name()
        ));
    }
    if has_table(connection, "compatibility").await? {
        let oldest: i64 = sqlx::query_scalar("SELECT oldest FROM compatibility")
            .fetch_one(connection)
            .await?;
        if oldest > newest {
            return mismatch(format!(
                "a newer version of the server needs migration {oldest}, and this one knows only those up to {newest}"
            ));
        }
    }
    Ok(())
}

async fn has_table(connection: &mut PgConnection, table: &'static str) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1)",
    )
    .bind(table)
    .fetch_one(connection)
    .await?)
}
