//! Group commit: rows a second that the log takes durably while thousands of senders each wait for their answer.
//!
//! `cargo bench -p sotto-server --bench append [-- <senders> <seconds> <folder>]`. Prints, beside the rate, how long senders
//! waited and what an fsync costs in the same folder: without that, the rate says little about another machine.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark prints, measures real time, and may panic"
)]

use bytes::Bytes;
use sotto_protocol::rest::chat::Publish;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, MessageId, Retention, Suite};
use sotto_server::clock::{Clock, SystemClock};
use sotto_server::delivery::{Delivery, DeliverySettings};
use sotto_server::store::sqlite::SqliteStores;
use sotto_server::store::{AccountPair, LogStore, NewChat};
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
    let parent = arguments.get(2).map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(parent).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    println!("fsync before: {:?}", median_fsync(folder.path()));
    runtime.block_on(run(folder.path(), senders, Duration::from_secs(seconds)));
    println!("fsync after: {:?}", median_fsync(folder.path()));
}

async fn run(folder: &Path, senders: u32, time: Duration) {
    let stores = SqliteStores::open(folder, 1).await.unwrap();
    // Half as many chats as senders: both devices of each pair send.
    for pair in 0..senders.div_ceil(2) {
        stores.logs[0].create_chat(new_chat(pair)).await.unwrap();
    }
    let delivery = Delivery::start(
        stores.accounts.clone(),
        stores.logs.clone(),
        Arc::new(SystemClock),
        DeliverySettings::default(),
    );
    let cpu_before = cpu_time();
    let start = Instant::now();
    let tasks: Vec<_> = (0..senders)
        .map(|sender| {
            let delivery = delivery.clone();
            tokio::spawn(async move {
                let (chat, from) = (chat(sender / 2), device(sender));
                let mut waits = Vec::new();
                while start.elapsed() < time {
                    let number = u32::try_from(waits.len()).unwrap();
                    let begun = Instant::now();
                    delivery
                        .publish(from, chat, publication(chat, number))
                        .await
                        .unwrap();
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
    delivery.shutdown().await;
    stores.close().await;
    waits.sort_unstable();
    let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
    let rows = u32::try_from(waits.len()).unwrap();
    println!(
        "{senders} senders, {PAYLOAD_BYTES}-byte payloads: {:.0} rows/s over {elapsed:.1?}; {:.1?} of CPU each, senders included; waited p50 {:.1?}, p99 {:.1?}, most {:.1?}",
        f64::from(rows) / elapsed.as_secs_f64(),
        cpu / rows,
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
    NewChat {
        chat: chat(number),
        pair: AccountPair::new(creator.account, other.account).unwrap(),
        creator,
        suite: Suite::XWing,
        added: vec![other],
        welcome: Bytes::from_static(b"welcome"),
        group_info: Bytes::from_static(b"group info"),
        at: SystemClock.now(),
    }
}

fn publication(chat: ChatId, number: u32) -> Publish {
    // The header of a PrivateMessage with application content in epoch 1 (RFC 9420, section 6.3).
    let mut payload = vec![0, 1, 0, 2, 16];
    payload.extend_from_slice(chat.as_bytes());
    payload.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1, 1]);
    payload.resize(PAYLOAD_BYTES, 7);
    Publish {
        message: MessageId::from_bytes(bytes16(number, 4)),
        retention: Retention::Keep,
        payload: Bytes::from(payload).into(),
    }
}
