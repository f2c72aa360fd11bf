//! Making accounts and chats by the server's interface, many at a time.

use super::super::scene::Need;
use super::roster::{Account, Roster, unix_seconds};
use crate::light::{Api, ApiError, LightAccount, LightDevice, LightSocket};
use anyhow::{Context as _, Result, bail};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rand_core::Rng as _;
use sotto_protocol::frame::{Outcome, ServerFrame};
use sotto_protocol::{ChatId, DeviceAddress, Epoch, MessageId, ProblemCode, limits};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

/// Requests at a time.
const AT_ONCE: usize = 48;
/// How often a request is made again that came too early.
const ATTEMPTS: u32 = 20;

/// A server's interface.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    api: Api,
    url: String,
}

impl Service {
    /// Of the server at `http://host:port`.
    pub(crate) fn new(url: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self {
            api: Api::new(&url),
            url,
        }
    }

    /// Sees to it that there is what is needed, with fresh tokens.
    pub(crate) async fn fill(&self, roster: &mut Roster, need: Need) -> Result<()> {
        let Need {
            accounts,
            pairs,
            members,
        } = need;
        self.refresh(roster, accounts).await?;
        let missing = accounts.saturating_sub(roster.accounts.len());
        if missing > 0 {
            println!("  registering {missing} accounts");
        }
        let mut made = stream::iter(0..missing)
            .map(|_| self.register())
            .buffer_unordered(AT_ONCE);
        while let Some(account) = made.next().await {
            roster
                .accounts
                .push(account.context("an account could not be made")?);
        }

        let first = roster.pairs.len();
        if pairs > first {
            println!("  creating {} chats", pairs - first);
        }
        let couples = roster.accounts.as_chunks::<2>().0;
        let mut made = stream::iter(couples.iter().take(pairs).skip(first))
            .map(|[one, other]| self.create_chat(one, other))
            .buffered(AT_ONCE);
        while let Some(chat) = made.next().await {
            roster.pairs.push(chat.context("a chat could not be made")?);
        }
        drop(made);
        if let Some(members) = members
            && !roster.groups.contains_key(&members)
        {
            println!("  making a group of {members} and its sender");
            let group = self.create_group(roster, members).await?;
            roster.groups.insert(members, group);
        }
        Ok(())
    }

    /// A group of account 0, which sends, and so many others.
    async fn create_group(&self, roster: &Roster, members: usize) -> Result<ChatId> {
        let (Some(sender), Some(others)) = (roster.accounts.first(), roster.accounts.get(1..=members)) else {
            bail!("a group of {members} needs so many accounts and one");
        };
        let others: Vec<DeviceAddress> = others.iter().map(|account| account.address).collect();
        let owner = sender.device();
        let group = random_chat();
        let mut parts = others.chunks(limits::ADDED_DEVICES);
        let first = parts.next().unwrap_or_default();
        patiently(|| owner.create_group(&self.api, group, first))
            .await
            .context("a group could not be made")?;
        if others.len() > first.len() {
            let mut socket = LightSocket::connect(self.address()?, &owner.tokens.access_token).await?;
            for (epoch, part) in (1..).zip(parts) {
                let message = MessageId::from_bytes(*random_chat().as_bytes());
                socket
                    .send(&owner.addition(group, Epoch(epoch), message, part))
                    .await?;
                is_accepted(&mut socket).await?;
            }
            socket.close().await;
        }
        Ok(group)
    }

    fn address(&self) -> Result<SocketAddr> {
        let host = self.url.trim_start_matches("http://");
        host.to_socket_addrs()
            .with_context(|| format!("{host} is no address"))?
            .next()
            .with_context(|| format!("{host} has no address"))
    }

    /// Exchanges the refresh tokens of those of the first accounts whose tokens are not fresh.
    async fn refresh(&self, roster: &mut Roster, accounts: usize) -> Result<()> {
        let now = unix_seconds();
        let stale: Vec<_> = roster
            .accounts
            .iter_mut()
            .take(accounts)
            .filter(|account| !account.is_fresh(now))
            .collect();
        if stale.is_empty() {
            return Ok(());
        }
        println!("  refreshing the tokens of {} accounts", stale.len());
        stream::iter(stale)
            .map(|account| async {
                let mut device = account.device();
                device.refresh(&self.api).await?;
                *account = Account::of(&device);
                Ok(())
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
            .map_err(|error: ApiError| error)
            .context(
                "a token could not be refreshed; if the server's database is new, delete the state folder",
            )
    }

    async fn register(&self) -> Result<Account, ApiError> {
        patiently(|| async {
            let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
            let name = format!("load-{:016x}", rng.next_u64());
            let (_, device) = LightAccount::register(&self.api, &name, &mut rng).await?;
            Ok(Account::of(&device))
        })
        .await
    }

    async fn create_chat(&self, one: &Account, other: &Account) -> Result<ChatId, ApiError> {
        let chat = random_chat();
        let creator: LightDevice = one.device();
        patiently(|| creator.create_chat(&self.api, chat, other.address.account, vec![other.address]))
            .await?;
        Ok(chat)
    }
}

fn random_chat() -> ChatId {
    let mut id = [0; ChatId::LENGTH];
    rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut id);
    ChatId::from_bytes(id)
}

/// Waits for the answer to the one request that is on its way.
async fn is_accepted(socket: &mut LightSocket) -> Result<()> {
    while let Some(frame) = socket.next().await {
        match frame? {
            ServerFrame::Response {
                outcome: Outcome::Accepted { .. },
                ..
            } => return Ok(()),
            ServerFrame::Response { outcome, .. } => bail!("members could not be added: {outcome:?}"),
            _ => {}
        }
    }
    bail!("the server closed the connection")
}

/// Asks again, after a while, as long as the answer is that it came too early.
async fn patiently<T, F: Future<Output = Result<T, ApiError>>>(
    mut ask: impl FnMut() -> F,
) -> Result<T, ApiError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match ask().await {
            Err(ApiError::Refused(problem))
                if problem.code == ProblemCode::RateLimited && attempt < ATTEMPTS =>
            {
                tokio::time::sleep(Duration::from_millis(100) * attempt).await;
            }
            answer => return answer,
        }
    }
}
