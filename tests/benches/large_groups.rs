//! Prints what groups of 2 to 1,000 members cost: a real server in a process of its own, and the real SDK with a store on disk.
//!
//! ```text
//! cargo bench -p sotto-tests --bench large_groups
//! ```
//!
//! The members are accounts that the SDK has registered, with KeyPackages on the server, and most of them are offline from then on:
//! what it costs to reach a thousand that are online is what `cargo xtask load group` measures. Three are online: who made the
//! group, somebody who is added last, and somebody who then joins alone.
#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "it measures and prints"
)]

use futures_util::{StreamExt as _, stream};
use sotto_client_sdk::native::{HttpTransport, Native, SqliteStore, SystemClock};
use sotto_client_sdk::protocol::{ChatId, Retention};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{
    Body, Client, ClientConfig, ConnectionState, Event, Events, GroupSettings, GroupSize, JoinPolicy,
    NewGroup, StoreKey,
};
use sotto_tests::process::ServerProcess;
use sotto_tests::world::{Device, PASSWORD, Vault};
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

/// So many members, in the end, beside the one who joins alone.
const GROUPS: [(GroupSize, usize); 8] = [
    (GroupSize::Normal, 2),
    (GroupSize::Large, 2),
    (GroupSize::Normal, 10),
    (GroupSize::Large, 10),
    (GroupSize::Normal, 100),
    (GroupSize::Large, 100),
    (GroupSize::Normal, 250),
    (GroupSize::Large, 1_000),
];
/// Registrations at a time: each computes Argon2id.
const AT_ONCE: usize = 2;
const MESSAGES: usize = 200;
const COMMITS: u32 = 20;

/// What the server has taken so far.
#[derive(Clone, Copy)]
struct Taken {
    processor: Duration,
    written: u64,
}

fn taken(server: &ServerProcess) -> Taken {
    let folder = format!("/proc/{}", server.id().unwrap());
    let stat = std::fs::read_to_string(format!("{folder}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    let io = std::fs::read_to_string(format!("{folder}/io")).unwrap();
    let written = io
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes: "))
        .unwrap();
    Taken {
        // A hundred ticks a second: the same on every Linux that user space can see.
        processor: Duration::from_millis(ticks * 10),
        written: written.parse().unwrap(),
    }
}

/// Processor time and bytes on the disk of one of so many, since `before`.
fn each(server: &ServerProcess, before: Taken, number: u32) -> String {
    let now = taken(server);
    let processor = now.processor.saturating_sub(before.processor) / number;
    let written = now.written.saturating_sub(before.written) / u64::from(number);
    format!("{processor:.2?}, {:.1} KiB", written as f64 / 1024.0)
}

async fn device(url: &str, path: &Path, name: &str) -> Client<Native> {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let client = Client::open(ClientConfig {
        transport: HttpTransport::new(url).unwrap(),
        store: SqliteStore::open(path).await.unwrap(),
        store_key: StoreKey::generate(&mut rng),
        clock: SystemClock,
        rng: Box::new(rng),
        device_name: String::new(),
    })
    .await
    .unwrap();
    client.register(name, PASSWORD).await.unwrap();
    let mut events = client.events();
    while client.connection() != ConnectionState::Online {
        events.next().await.unwrap();
    }
    client
}

/// Registers accounts that can be invited, and takes them offline.
async fn register(url: &str, numbers: Range<usize>) -> Vec<String> {
    let names = numbers.map(|number| format!("member{number}"));
    stream::iter(names)
        .map(|name| async move {
            let device = Device::open(url, Vault::new(), Faults::none()).await;
            device.client.register(&name, PASSWORD).await.unwrap();
            device.is_online().await;
            device.client.close().await.unwrap();
            name
        })
        .buffered(AT_ONCE)
        .collect()
        .await
}

/// Waits until the group has so many members here.
async fn has_members(client: &Client<Native>, group: ChatId, number: usize) {
    let mut events = client.events();
    loop {
        if let Ok(group) = client.group(group).await
            && group.members == number
            && group.adding == 0
        {
            return;
        }
        events.next().await.unwrap();
    }
}

async fn hears(events: &mut Events, text: &str) {
    loop {
        if let Event::MessageAdded(message) = events.next().await.unwrap()
            && matches!(&message.body, Body::Text(said) if said.text == text)
        {
            return;
        }
    }
}

/// Waits until this is how long messages are kept.
async fn keeps(client: &Client<Native>, group: ChatId, retention: Retention) {
    let mut events = client.events();
    while client.group(group).await.map(|group| group.retention) != Ok(retention) {
        events.next().await.unwrap();
    }
}

fn stored(folder: &Path, name: &str) -> u64 {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(name))
        .map(|entry| entry.metadata().unwrap().len())
        .sum()
}

struct Stage<'a> {
    server: &'a ServerProcess,
    folder: &'a Path,
    names: &'a [String],
}

/// What a message and a Commit cost.
async fn measure_use(
    server: &ServerProcess,
    group: ChatId,
    founder: &Client<Native>,
    added: &Client<Native>,
) {
    let mut events = added.events();
    let mut latencies = Vec::with_capacity(MESSAGES);
    let before = taken(server);
    for number in 0..MESSAGES {
        let text = format!("{number:0100}");
        let sent = Instant::now();
        founder.send_text(group, text.as_str()).await.unwrap();
        hears(&mut events, &text).await;
        latencies.push(sent.elapsed());
    }
    latencies.sort_unstable();
    println!(
        "    a message: decrypted and stored after {:.2?} (median), {:.2?} (p99); the server took {}",
        latencies[MESSAGES / 2],
        latencies[MESSAGES * 99 / 100],
        each(server, before, u32::try_from(MESSAGES).unwrap())
    );

    let before = taken(server);
    let begun = Instant::now();
    for number in 1..=COMMITS {
        let retention = Retention::For {
            seconds: 3600 + number,
        };
        let settings = GroupSettings {
            retention: Some(retention),
            ..GroupSettings::default()
        };
        founder.set_group(group, settings).await.unwrap();
        keeps(added, group, retention).await;
    }
    println!(
        "    a Commit: made, taken and followed in {:.1?}; the server took {}",
        begun.elapsed() / COMMITS,
        each(server, before, COMMITS)
    );
}

async fn measure(stage: &Stage<'_>, size: GroupSize, members: usize) {
    let Stage {
        server,
        folder,
        names,
    } = stage;
    let url = server.url();
    let suite = format!("{size:?}").to_lowercase();
    let open = async |who: &str| {
        let name = format!("{who}{suite}{members}");
        device(&url, &folder.join(&name), &name).await
    };
    let founder = open("founder").await;
    let added = open("added").await;
    let alone = open("alone").await;

    let begun = Instant::now();
    let before = taken(server);
    let group = founder
        .create_group(NewGroup {
            title: "Measured".to_owned(),
            description: String::new(),
            size,
            join_policy: JoinPolicy::Open,
            is_listed: false,
            retention: Retention::Keep,
            members: names[..members - 2]
                .iter()
                .map(|name| name.parse().unwrap())
                .collect(),
            community: None,
            is_broadcast: false,
        })
        .await
        .unwrap();
    has_members(&founder, group, members - 1).await;
    println!(
        "{size:?}, {members} members: made and filled in {:.2?}; the server took {} of it",
        begun.elapsed(),
        each(server, before, 1)
    );

    // The name of whoever is added is looked up, and a KeyPackage claimed; it is in when it has the group.
    let mut events = added.events();
    let begun = Instant::now();
    founder
        .add_to_group(group, &[&format!("added{suite}{members}")])
        .await
        .unwrap();
    let committed = begun.elapsed();
    while !added.chats().await.unwrap().iter().any(|chat| chat.chat == group) {
        events.next().await.unwrap();
    }
    let joined = begun.elapsed();
    added.accept_request(group).await.unwrap();
    has_members(&added, group, members).await;

    let begun = Instant::now();
    alone.join_group(group).await.unwrap();
    let joined_alone = begun.elapsed();
    has_members(&founder, group, members + 1).await;
    println!(
        "    one is added in {committed:.1?} and has the group after {joined:.1?}; one joins alone in {joined_alone:.1?}"
    );

    measure_use(server, group, &founder, &added).await;
    for client in [founder, added, alone] {
        client.close().await.unwrap();
    }
    println!(
        "    the store of who was added: {:.0} KiB",
        stored(folder, &format!("added{suite}{members}")) as f64 / 1024.0
    );
}

#[tokio::main]
async fn main() {
    let server = ServerProcess::start_logging("warn").await;
    let directory = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for (size, members) in GROUPS {
        names.extend(register(&server.url(), names.len()..members.max(names.len())).await);
        let stage = Stage {
            server: &server,
            folder: directory.path(),
            names: &names,
        };
        measure(&stage, size, members).await;
    }
}
