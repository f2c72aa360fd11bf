//! What would take a server too long, written straight into its databases while it is not running.

use super::accounts::{Roster, Service};
use super::machine::Cores;
use super::options::Storage;
use super::scene::Need;
use super::server::OwnServer;
use crate::light::mls;
use anyhow::{Context as _, Result, ensure};
use rand_core::Rng as _;
use sotto_protocol::{Epoch, MessageId, Retention, Seq, Timestamp};
use sotto_server::store::sqlite::SqliteStores;
use sotto_server::store::{Appended, LogStore as _, Submission, WriteBatch};
use std::path::Path;

/// Shards of the log of a server of our own.
const SHARDS: u16 = 1;

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

/// Chats that messages are spread over.
const CHATS: usize = 100;
/// Messages in one transaction.
const BATCH: usize = 4096;
/// Bytes of each.
const PAYLOAD_BYTES: usize = 300;

/// Fills `folder` with a server's databases that hold so many messages, if it does not have them yet.
pub(super) fn messages(folder: &Path, binary: &Path, messages: usize) -> Result<()> {
    let filled = folder.join("filled");
    if filled.exists() {
        return Ok(());
    }
    println!("  writing {messages} messages");
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let server = OwnServer::start(binary, folder, &Storage::Folder, &Cores::available()?)?;
    let mut roster = Roster::default();
    let need = Need {
        accounts: CHATS * 2,
        pairs: CHATS,
        members: None,
    };
    runtime()?.block_on(Service::new(server.url()).fill(&mut roster, need))?;
    server.stop()?;
    runtime()?.block_on(append(folder, &roster, messages))?;
    std::fs::write(filled, [])?;
    Ok(())
}

async fn append(folder: &Path, roster: &Roster, messages: usize) -> Result<()> {
    let stores = SqliteStores::open(folder, SHARDS).await?;
    let log = stores.logs.first().context("there is one shard")?;
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let senders: Vec<_> = roster
        .accounts
        .iter()
        .step_by(2)
        .map(|account| account.address)
        .zip(roster.pairs.iter().copied())
        .collect();
    let mut ends = vec![Seq::ZERO; senders.len()];
    let mut left = messages;
    while left > 0 {
        let submissions: Vec<Submission> = senders
            .iter()
            .zip(&ends)
            .cycle()
            .take(BATCH.min(left))
            .map(|(&(from, chat), &after)| {
                let mut message = [0; MessageId::LENGTH];
                rng.fill_bytes(&mut message);
                let mut body = [0; PAYLOAD_BYTES - mls::PRIVATE_HEAD_BYTES];
                rng.fill_bytes(&mut body);
                Submission {
                    chat,
                    from,
                    message: MessageId::from_bytes(message),
                    after,
                    epoch: Epoch(1),
                    retention: Retention::Keep,
                    payload: mls::application(chat, Epoch(1), &body),
                    commit: None,
                }
            })
            .collect();
        let batch = WriteBatch {
            submissions: &submissions,
            cursors: &[],
            markers: &[],
            at: Timestamp(1),
        };
        let outcomes = log.write(batch).await?;
        ensure!(
            outcomes
                .iter()
                .all(|outcome| matches!(outcome, Appended::Accepted { .. })),
            "a message was not taken"
        );
        for (end, outcome) in (0..ends.len()).cycle().zip(&outcomes) {
            if let (Some(end), Appended::Accepted { seq: Some(seq), .. }) = (ends.get_mut(end), outcome) {
                *end = *seq;
            }
        }
        left -= submissions.len();
    }
    stores.close().await;
    Ok(())
}
