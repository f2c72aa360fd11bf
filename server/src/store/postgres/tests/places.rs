//! Databases that do not belong together are refused when they are opened, in words for the operator.

use super::{Postgres, fresh_schema, settings};
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::postgres::PostgresStores;
use crate::store::{
    AccountPair, ChatCreation, ChatIndex as _, LogStore as _, Reservation, ReservedFor, ShardId, StoreError,
};
use sqlx::postgres::PgConnectOptions;

/// Why these databases cannot be used.
async fn refusal(accounts: &PgConnectOptions, logs: &[PgConnectOptions]) -> String {
    match PostgresStores::open(accounts, logs, settings()).await {
        Err(StoreError::Mismatch { reason }) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_shard_of_another_installation_is_refused() {
    let (one, other) = (
        Postgres::open_with_shards(1).await,
        Postgres::open_with_shards(1).await,
    );
    let reason = refusal(&one.accounts, &other.logs).await;
    assert!(
        reason.contains("belongs to another accounts database"),
        "{reason}"
    );
}

#[tokio::test]
async fn shards_keep_their_order_and_their_places() {
    let one = Postgres::open_with_shards(2).await;
    let [first, second] = [one.logs[0].clone(), one.logs[1].clone()];
    let reason = refusal(&one.accounts, &[second, first.clone()]).await;
    assert!(reason.contains("log shard 0 is that of log shard 1"), "{reason}");
    let reason = refusal(&one.accounts, &[first.clone(), first]).await;
    assert!(reason.contains("log shard 1 is that of log shard 0"), "{reason}");
}

#[tokio::test]
async fn accounts_and_log_are_in_different_places() {
    let place = fresh_schema().await;
    let reason = refusal(&place, std::slice::from_ref(&place)).await;
    assert!(reason.contains("a schema of its own"), "{reason}");
    let one = Postgres::open_with_shards(1).await;
    let reason = refusal(&one.logs[0], &[fresh_schema().await]).await;
    assert!(reason.contains("a log shard is kept in the place"), "{reason}");
}

#[tokio::test]
async fn a_schema_that_does_not_exist_is_named_as_the_cause() {
    let nowhere = fresh_schema().await.options([("search_path", "nowhere")]);
    let reason = refusal(&nowhere, &[fresh_schema().await]).await;
    assert!(reason.contains("does not exist"), "{reason}");
}

#[tokio::test]
async fn a_shard_that_is_added_takes_new_chats_and_moves_no_old_one() {
    let mut one = Postgres::open_with_shards(1).await;
    for person in [ALICE, BOB, EVE] {
        person.registers(&one).await;
    }
    let reserves = async |one: &Postgres, number, other: Person| {
        let pair = ReservedFor::Pair(AccountPair::new(ALICE.account(), other.account()));
        let shards = u16::try_from(one.stores.logs.len()).unwrap();
        let accounts = one.accounts();
        let reserved = accounts
            .reserve(pair, chat(number), ALICE.device(1), shards, NOW)
            .await;
        let Reservation::Reserved(shard) = reserved.unwrap() else {
            panic!("the pair is new");
        };
        let log = &one.stores.logs[usize::from(shard.0)];
        let created = log.create_chat(new_chat(number, ALICE, other)).await.unwrap();
        assert_eq!(created, ChatCreation::Created);
        shard
    };
    assert_eq!(reserves(&one, 1, BOB).await, ShardId(0));
    write_one(one.log(), says(chat(1), ALICE.device(1), 1)).await;

    one.logs.push(fresh_schema().await);
    let one = one.reopen().await;
    assert_eq!(reserves(&one, 2, EVE).await, ShardId(1));
    assert_eq!(one.accounts().shard_of(chat(1)).await.unwrap(), Some(ShardId(0)));
    let second = write_one(&one.stores.logs[0], says(chat(1), BOB.device(1), 2)).await;
    assert_eq!(position(&second), 2);
    assert!(one.stores.logs[1].members(chat(1)).await.unwrap().is_none());

    let reason = refusal(&one.accounts, &one.logs[..1]).await;
    assert!(reason.contains("only 1 shards are configured"), "{reason}");
}

#[tokio::test]
async fn any_number_of_nodes_can_open_and_migrate_at_once() {
    let accounts = fresh_schema().await;
    let logs = [fresh_schema().await];
    let nodes = (0..4).map(|_| {
        let (accounts, logs) = (accounts.clone(), logs.clone());
        tokio::spawn(async move { PostgresStores::open(&accounts, &logs, settings()).await })
    });
    for node in nodes.collect::<Vec<_>>() {
        node.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_newer_version_says_which_older_ones_can_still_run() {
    let one = Postgres::open_with_shards(1).await;
    one.operate(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'adds something', true, '', 1)",
    )
    .await;
    one.another_node().await;
    one.operate("UPDATE compatibility SET oldest = 9999").await;
    let reason = refusal(&one.accounts, &one.logs).await;
    assert!(reason.contains("needs migration 9999"), "{reason}");
}
