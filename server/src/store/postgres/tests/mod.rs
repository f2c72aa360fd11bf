//! The contract suite on PostgreSQL, and what is PostgreSQL's own: several nodes, lost connections, what is left on disk.

mod nodes;
mod places;
mod plans;
mod proxy;
mod retention;
mod shared_groups;
mod upgrade;

use super::{PostgresAccounts, PostgresLog, PostgresSettings, PostgresStores};
use crate::store::contract::{Backend, contract};
use crate::test_postgres::PostgresServer;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::sync::atomic::{AtomicU32, Ordering};

/// An installation with places of its own on the server that the tests share.
pub(super) struct Postgres {
    pub(super) stores: PostgresStores,
    accounts: PgConnectOptions,
    logs: Vec<PgConnectOptions>,
}

pub(super) fn settings() -> PostgresSettings {
    PostgresSettings {
        read_connections: 4,
        write_connections: 4,
        ..PostgresSettings::default()
    }
}

/// Creates a schema that no other test has.
pub(super) async fn fresh_schema() -> PgConnectOptions {
    static SCHEMAS: AtomicU32 = AtomicU32::new(0);
    let schema = format!("place_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
    let options: PgConnectOptions = PostgresServer::shared().url(&schema).parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    // So that a test finds its own connections among all those of the server.
    options.application_name(&schema)
}

impl Postgres {
    pub(super) async fn open_with_shards(shards: usize) -> Self {
        let accounts = fresh_schema().await;
        let mut logs = Vec::new();
        for _ in 0..shards {
            logs.push(fresh_schema().await);
        }
        let stores = PostgresStores::open(&accounts, &logs, settings()).await.unwrap();
        Self {
            stores,
            accounts,
            logs,
        }
    }

    /// Another node of the same installation.
    pub(super) async fn another_node(&self) -> PostgresStores {
        PostgresStores::open(&self.accounts, &self.logs, settings())
            .await
            .unwrap()
    }

    /// The names under which its connections to the first shard are known to the server.
    pub(super) fn log_connections(&self) -> String {
        self.logs[0].get_application_name().unwrap().to_owned()
    }

    /// A connection to the first shard from outside.
    pub(super) async fn connect(&self) -> PgConnection {
        self.logs[0].connect().await.unwrap()
    }

    /// Runs statements on the first shard from outside, as an operator might.
    pub(super) async fn operate(&self, statements: &str) {
        let mut connection = self.logs[0].connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }
}

impl Backend for Postgres {
    type Accounts = PostgresAccounts;
    type Log = PostgresLog;

    async fn open() -> Self {
        Self::open_with_shards(1).await
    }

    fn accounts(&self) -> &PostgresAccounts {
        &self.stores.accounts
    }

    fn log(&self) -> &PostgresLog {
        &self.stores.logs[0]
    }

    async fn reopen(self) -> Self {
        self.stores.close().await;
        let stores = self.another_node().await;
        Self { stores, ..self }
    }
}

contract!(Postgres);
