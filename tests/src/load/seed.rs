//! What no call of the server makes, written straight into its databases while it is not running.

use super::accounts::{Roster, Service};
use super::machine::Cores;
use super::options::Storage;
use super::server::OwnServer;
use crate::light::mls;
use anyhow::{Context as _, Result, bail, ensure};
use rand_core::Rng as _;
use sotto_protocol::{ChatId, DeviceAddress, Epoch, MessageId, Retention, Seq, Suite, Timestamp};
use sotto_server::store::sqlite::SqliteStores;
use sotto_server::store::{
    AccountPair, Appended, ChatCreation, DirectChatIndex as _, LogStore as _, NewChat, Reservation,
    Submission, WriteBatch,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;

/// Shards of the log of a server of our own.
const SHARDS: u16 = 1;

/// Makes a chat of account 0 and so many others into the databases in `folder`.
///
/// The server's interface makes chats of two accounts alone; a chat's log takes any devices.
pub(super) fn group(folder: &Path, roster: &mut Roster, members: usize) -> Result<()> {
    println!("  making a group of {members} and its sender");
    let (Some(sender), Some(others)) = (roster.accounts.first(), roster.accounts.get(1..=members)) else {
        bail!("a group of {members} needs so many accounts and one");
    };
    // Account 0 has a direct chat with account 1 already. Every group takes the place of its chat with another one.
    let peer = others
        .get(1 + roster.groups.len())
        .context("a group needs more members than there are groups")?;
    let pair = AccountPair::new(sender.address.account, peer.address.account)
        .context("the accounts are different ones")?;
    let chat = new_chat(
        pair,
        sender.address,
        others.iter().map(|account| account.address).collect(),
    );
    let id = chat.chat;
    runtime()?.block_on(async {
        let stores = SqliteStores::open(folder, SHARDS).await?;
        let reservation = stores
            .accounts
            .reserve(pair, id, sender.address, SHARDS, chat.at)
            .await?;
        let Reservation::Reserved(shard) = reservation else {
            bail!("the place of the group is taken: delete the state folder");
        };
        let log = stores
            .logs
            .get(usize::from(shard.0))
            .context("the shard is there")?;
        let creation = log.create_chat(chat).await?;
        ensure!(
            creation == ChatCreation::Created,
            "the chat was not made: {creation:?}"
        );
        stores.accounts.confirm(id).await?;
        stores.close().await;
        make_parties(&folder.join(format!("log-{}.db", shard.0)), id).await
    })?;
    roster.groups.insert(members, id);
    Ok(())
}

/// Lets every account of the chat be told of it when its devices connect, not only the two that chats are made of so far.
async fn make_parties(log: &Path, chat: ChatId) -> Result<()> {
    let mut connection = SqliteConnectOptions::new().filename(log).connect().await?;
    sqlx::query(
        "INSERT INTO parties (account, chat)
         SELECT devices.account, chats.key FROM chats JOIN members ON members.chat = chats.key
         JOIN devices ON devices.key = members.device WHERE chats.chat = ?
         ON CONFLICT DO NOTHING",
    )
    .bind(chat.as_bytes().as_slice())
    .execute(&mut connection)
    .await?;
    connection.close().await?;
    Ok(())
}

fn new_chat(pair: AccountPair, creator: DeviceAddress, added: Vec<DeviceAddress>) -> NewChat {
    let mut id = [0; ChatId::LENGTH];
    rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut id);
    let chat = ChatId::from_bytes(id);
    let suite = Suite::X25519;
    NewChat {
        chat,
        pair,
        creator,
        suite,
        added,
        welcome: mls::welcome(suite, b"welcome"),
        group_info: mls::group_info(chat, Epoch(1), suite, b"tree"),
        at: Timestamp(1),
    }
}

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
    runtime()?.block_on(Service::new(server.url()).fill(&mut roster, CHATS * 2, CHATS))?;
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
