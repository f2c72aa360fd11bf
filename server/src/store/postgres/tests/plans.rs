//! How PostgreSQL goes about what has to stay cheap.

use super::Postgres;
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::contract::log_append::open;
use crate::store::postgres::log::{CANDIDATES, GROWN};
use crate::store::{Appended, LogStore as _};
use sotto_protocol::Seq;

/// A shard with a hundred thousand entries in four hundred chats.
async fn a_shard_with_entries() -> Postgres {
    let installation = Postgres::open_with_shards(1).await;
    installation
        .log()
        .create_chat(new_chat(1, ALICE, BOB))
        .await
        .unwrap();
    installation
        .operate(
            "INSERT INTO entries (chat, seq, sender, accepted_at, tag, kind, message, payload)
                 SELECT number % 400, number, 1, number, number, 0, '', repeat('x', 200)::bytea
                 FROM generate_series(1, 100000) AS number;
             ANALYZE entries",
        )
        .await;
    installation
}

#[tokio::test]
async fn what_has_grown_is_found_without_reading_what_is_old() {
    let installation = a_shard_with_entries().await;
    let mut connection = installation.connect().await;
    let explain = format!("EXPLAIN {GROWN}");
    let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(explain))
        .bind(99_990_i64)
        .bind(0_i64)
        .bind(100_i64)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let by_time = plan
        .iter()
        .filter(|step| step.contains("Bitmap Index Scan on entries") && step.contains("accepted_at"))
        .count();
    assert_eq!(by_time, 16, "{plan:#?}");
}

#[tokio::test]
async fn retries_are_looked_for_in_the_index_alone() {
    let installation = a_shard_with_entries().await;
    let mut connection = installation.connect().await;
    for mode in ["force_custom_plan", "force_generic_plan"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("SET plan_cache_mode = {mode}")))
            .execute(&mut connection)
            .await
            .unwrap();
        let explain = format!("EXPLAIN {CANDIDATES}");
        let chats: Vec<i64> = (1..=400).collect();
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(explain))
            .bind(&chats)
            .bind(vec![0_i64; chats.len()])
            .bind(vec![1_000_i64; chats.len()])
            .bind((1..=4096).collect::<Vec<i32>>())
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let reads = |how: &str| plan.iter().filter(|step| step.contains(how)).count();
        assert_eq!(reads("Index Only Scan using entries"), 16, "{mode}: {plan:#?}");
        assert_eq!(reads("Index Scan using entries"), 16, "{mode}: {plan:#?}");
        assert_eq!(reads("Seq Scan on entries"), 0, "{mode}: {plan:#?}");
        assert_eq!(reads("Nested Loop Semi Join"), 0, "{mode}: {plan:#?}");
    }
}

#[tokio::test]
async fn of_entries_with_one_tag_the_message_decides() {
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    let chat = open(log).await;
    let messages: Vec<_> = (1..=100)
        .map(|number| says(chat, ALICE.device(1), number))
        .collect();
    write(log, &messages).await;
    let same_tag = "UPDATE entries SET tag = (SELECT tag FROM entries WHERE seq = 50)";
    installation.operate(same_tag).await;
    let node = installation.another_node().await;
    assert_eq!(
        write_one(&node.logs[0], messages[49].clone()).await,
        Appended::Duplicate {
            seq: Seq(50),
            at: NOW
        }
    );
}
