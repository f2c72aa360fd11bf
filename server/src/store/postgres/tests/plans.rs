//! How PostgreSQL goes about what has to stay cheap.

use super::Postgres;
use crate::store::LogStore as _;
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::postgres::log::GROWN;

#[tokio::test]
async fn what_has_grown_is_found_without_reading_what_is_old() {
    let installation = Postgres::open_with_shards(1).await;
    installation
        .log()
        .create_chat(new_chat(1, ALICE, BOB))
        .await
        .unwrap();
    installation
        .operate(
            "INSERT INTO entries (chat, seq, sender, accepted_at, tag, kind, message, payload)
                 SELECT number % 400, number, 1, number, 0, 0, '', repeat('x', 200)::bytea FROM generate_series(1, 100000) AS number;
             ANALYZE entries",
        )
        .await;
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
