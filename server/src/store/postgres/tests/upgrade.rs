//! Databases of older servers.

use super::Postgres;
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::contract::people::is_found_by;
use sqlx::{ConnectOptions as _, Connection as _};

#[tokio::test]
async fn accounts_that_an_older_server_made_are_found_once_a_newer_one_has_started() {
    let installation = Postgres::open_with_shards(1).await;
    ALICE.registers(&installation).await;
    let mut connection = installation.accounts.connect().await.unwrap();
    let as_before = "UPDATE accounts SET searchable = false, about = 'Plays CHESS'; DELETE FROM people";
    sqlx::raw_sql(as_before).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let name = ALICE.name();
    assert!(!is_found_by(installation.accounts(), name.as_str(), "chess").await);
    let node = installation.another_node().await;
    for text in [name.as_str(), "chess"] {
        assert!(is_found_by(&node.accounts, name.as_str(), text).await, "{text}");
    }
}
