//! Group commit: rows a second that the log takes durably while thousands of senders each wait for their answer.
//!
//! `cargo bench -p sotto-server --bench append [-- <senders> <seconds> <sqlite|postgres>]`. PostgreSQL is a server of its own, with
//! fsync and the settings that docs/databases.md advises. Prints, beside the rate, how long senders waited and what an fsync
//! costs in the same place: without that, the rate says little about another machine.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark prints, measures real time, and may panic"
)]

#[path = "../tests/postgres_server/mod.rs"]
mod postgres_server;

use bytes::Bytes;
use futures_util::StreamExt as _;
use postgres_server::PostgresServer;
use sotto_protocol::chat_rules::{DirectRules, Party};
use sotto_protocol::rest::chat::Publish;
use sotto_protocol::{
    AccountId, ChatId, ChatRules, DeviceAddress, DeviceId, IdentityKey, MessageId, Retention, Seq, Suite,
};
use sotto_server::clock::{Clock, SystemClock};
use sotto_server::delivery::{Delivery, DeliverySettings};
use sotto_server::store::postgres::{PostgresSettings, PostgresStores};
use sotto_server::store::sqlite::SqliteStores;
use sotto_server::store::{ChatIndex, LogStore, NewChat};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PAYLOAD_BYTES: usize = 300;
const FSYNCS: usize = 200;

fn main() {
    // Cargo passes `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let senders = arguments.first().map_or(4096, |text| text.parse().unwrap());
    let seconds = arguments.get(1).map_or(5, |text| text.parse().unwrap());
    let on_postgres = arguments.get(2).is_some_and(|kind| kind == "postgres");
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    println!("fsync before: {:?}", median_fsync(folder.path()));
    let time = Duration::from_secs(seconds);
    runtime.block_on(async {
        if on_postgres {
            postgres(senders, time).await;
        } else {
            sqlite(folder.path(), senders, time).await;
        }
    });
    println!("fsync after: {:?}", median_fsync(folder.path()));
}

async fn sqlite(folder: &Path, senders: u32, time: Duration) {
    let stores = SqliteStores::open(folder, 1).await.unwrap();
    run(
        stores.accounts.clone(),
        stores.logs.clone(),
        senders,
        time,
        || Duration::ZERO,
    )
    .await;
    stores.close().await;
}

async fn postgres(senders: u32, time: Duration) {
    let server = PostgresServer::start(&["shared_buffers=1GB", "max_wal_size=8GB", "wal_compression=off"]);
    let mut places = Vec::new();
    for schema in ["accounts", "log_0"] {
        let options: PgConnectOptions = server.url(schema).parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
            .execute(&mut connection)
            .await
            .unwrap();
        places.push(options);
    }
    let stores = PostgresStores::open(&places[0], &places[1..], PostgresSettings::default())
        .await
        .unwrap();
    let database = || server.cpu_time();
    run(
        stores.accounts.clone(),
        stores.logs.clone(),
        senders,
        time,
        database,
    )
    .await;
    stores.close().await;
}

/// Measures, and prints what came of it. `database` is the time of the processors that a database of its own has used.
async fn run<I: ChatIndex, L: LogStore>(
    index: I,
    logs: Vec<L>,
    senders: u32,
    time: Duration,
    database: impl Fn() -> Duration,
) {
    // Half as many chats as senders: both devices of each pair send.
    let log = &logs[0];
    futures_util::stream::iter(0..senders.div_ceil(2))
        .for_each_concurrent(16, async |pair| {
            log.create_chat(new_chat(pair)).await.unwrap();
        })
        .await;
    let delivery = Delivery::start(index, logs, Arc::new(SystemClock), DeliverySettings::default());
    let database_before = database();
    let cpu_before = cpu_time();
    let start = Instant::now();
    let tasks: Vec<_> = (0..senders)
        .map(|sender| {
            let delivery = delivery.clone();
            tokio::spawn(async move {
                let (chat, from) = (chat(sender / 2), device(sender));
                let mut waits = Vec::new();
                let mut after = Seq::ZERO;
                while start.elapsed() < time {
                    let number = u32::try_from(waits.len()).unwrap();
                    let begun = Instant::now();
                    let published = delivery
                        .publish(from, chat, publication(chat, number, after))
                        .await
                        .unwrap();
                    after = published.seq.unwrap();
                    waits.push(begun.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.unwrap());
    }
    let elapsed = start.elapsed();
    let cpu = cpu_time().saturating_sub(cpu_before);
    let database = database().saturating_sub(database_before);
    delivery.shutdown().await;
    waits.sort_unstable();
    let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
    let rows = u32::try_from(waits.len()).unwrap();
    println!(
        "{senders} senders, {PAYLOAD_BYTES}-byte payloads: {:.0} rows/s over {elapsed:.1?}; {:.1?} of CPU each, senders included, and {:.1?} of the database's own processes; waited p50 {:.1?}, p99 {:.1?}, most {:.1?}",
        f64::from(rows) / elapsed.as_secs_f64(),
        cpu / rows,
        database / rows,
        at(50),
        at(99),
        at(100),
    );
}

/// What this process has used of the processors, to the hundredth of a second; nothing where there is no `/proc`.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The fields after the command's name, which is in parentheses and may have spaces: user and system time come 12th.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// The median of writing 4 KiB and syncing.
fn median_fsync(folder: &Path) -> Duration {
    let mut file = std::fs::File::create(folder.join("fsync")).unwrap();
    let mut times: Vec<Duration> = (0..FSYNCS)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&[1; 4096]).unwrap();
            file.sync_data().unwrap();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[FSYNCS / 2]
}

fn bytes16(number: u32, kind: u8) -> [u8; 16] {
    let mut bytes = [kind; 16];
    // Spread, as random ids are.
    bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_be_bytes());
    bytes[4..8].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn chat(number: u32) -> ChatId {
    ChatId::from_bytes(bytes16(number, 1))
}

fn device(number: u32) -> DeviceAddress {
    DeviceAddress {
        account: AccountId::from_bytes(bytes16(number, 2)),
        device: DeviceId::from_bytes(bytes16(number, 3)),
    }
}

fn new_chat(number: u32) -> NewChat {
    let (creator, other) = (device(2 * number), device(2 * number + 1));
    let party = |account: AccountId| Party {
        account,
        identity_key: IdentityKey::from_bytes(
            [account.as_bytes().as_slice(); 2].concat().try_into().unwrap(),
        ),
    };
    let rules = DirectRules::new(party(creator.account), party(other.account)).unwrap();
    NewChat {
        chat: chat(number),
        rules: Arc::new(ChatRules::Direct(rules)),
        creator,
        suite: Suite::XWing,
        added: vec![other],
        welcome: Some(Bytes::from_static(b"welcome")),
        group_info: Bytes::from_static(b"group info"),
        at: SystemClock.now(),
    }
}

fn publication(chat: ChatId, number: u32, after: Seq) -> Publish {
    // The header of a PrivateMessage with application content in epoch 1 (RFC 9420, section 6.3).
    let mut payload = vec![0, 1, 0, 2, 16];
    payload.extend_from_slice(chat.as_bytes());
    payload.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1, 1]);
    payload.resize(PAYLOAD_BYTES, 7);
    Publish {
        message: MessageId::from_bytes(bytes16(number, 4)),
        after,
        retention: Retention::Keep,
        payload: Bytes::from(payload).into(),
    }
}
