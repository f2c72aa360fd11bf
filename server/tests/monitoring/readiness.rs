//! What a load balancer and an operator see while the database is gone.

use crate::postgres_server::PostgresServer;
use crate::scrape::{alone, scrape, scrape_until};
use crate::support::{Person, TestServer, eventually, soon};
use http::StatusCode;
use sotto_protocol::ProblemCode;
use sotto_protocol::frame::Outcome;
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;
use std::process::Command;

/// A server's processes, stopped where they stand until this is dropped.
struct Frozen(Vec<String>);

impl Frozen {
    fn freeze(postgres: &PostgresServer) -> Self {
        let file = std::fs::read_to_string(postgres.data().join("postmaster.pid")).unwrap();
        let server = file.lines().next().unwrap().to_owned();
        // The server first, so that it starts no more processes.
        signal("-STOP", std::slice::from_ref(&server));
        let mut processes = children_of(&server);
        signal("-STOP", &processes);
        processes.push(server);
        Self(processes)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        signal("-CONT", &self.0);
    }
}

fn signal(signal: &str, processes: &[String]) {
    // One that has ended meanwhile is no failure.
    let _ = Command::new("kill").arg(signal).args(processes).output().unwrap();
}

fn children_of(parent: &str) -> Vec<String> {
    let children = Path::new("/proc")
        .join(parent)
        .join("task")
        .join(parent)
        .join("children");
    let children = std::fs::read_to_string(children).unwrap();
    children.split_ascii_whitespace().map(ToOwned::to_owned).collect()
}

async fn server_on(postgres: &PostgresServer) -> TestServer {
    let mut connection = postgres
        .url("public")
        .parse::<sqlx::postgres::PgConnectOptions>()
        .unwrap()
        .connect()
        .await
        .unwrap();
    for schema in ["CREATE SCHEMA accounts", "CREATE SCHEMA log"] {
        sqlx::raw_sql(schema).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    TestServer::start_with(|config| {
        config.storage.database = postgres.url("accounts").into();
        config.storage.log = vec![postgres.url("log").into()];
        config.storage.postgres.statement_timeout_seconds = 20;
        config.telemetry.metrics = Some("127.0.0.1:0".parse().unwrap());
    })
    .await
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_database_hangs_is_not_ready_until_it_answers_again() {
    let _alone = alone().await;
    let postgres = PostgresServer::start(&["fsync=off"]);
    let server = server_on(&postgres).await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut socket = alice.connect(&server).await;
    assert!(scrape(server.metrics()).await.get("sotto_ready") > 0.5);

    let frozen = Frozen::freeze(&postgres);
    let answer = soon(async {
        loop {
            let answer = server.get("/health/ready").send().await;
            if !answer.status.is_success() {
                return answer;
            }
        }
    })
    .await;
    answer.is(ProblemCode::Unavailable);
    let detail = answer.problem().detail.unwrap();
    assert!(detail.contains("does not answer"), "{detail}");
    assert_eq!(server.get("/health/live").send().await.status, StatusCode::OK);
    scrape_until(server.metrics(), |samples| samples.get("sotto_ready") < 0.5).await;

    drop(frozen);
    eventually(async || server.get("/health/ready").send().await.status.is_success()).await;
    let said = socket.say(chat, 1, b"after it").await;
    assert!(matches!(said, Outcome::Accepted { .. }), "{said:?}");
    scrape_until(server.metrics(), |samples| samples.get("sotto_ready") > 0.5).await;
}
