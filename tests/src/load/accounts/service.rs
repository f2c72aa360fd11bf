//! Making accounts and chats by the server's interface, many at a time.

use super::roster::{Account, Roster, unix_seconds};
use crate::light::{Api, ApiError, LightAccount, LightDevice};
use anyhow::{Context as _, Result};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rand_core::Rng as _;
use sotto_protocol::{ChatId, ProblemCode};
use std::time::Duration;

/// Requests at a time.
const AT_ONCE: usize = 48;
/// How often a request is made again that came too early.
const ATTEMPTS: u32 = 20;

/// A server's interface.
#[derive(Clone, Debug)]
pub(crate) struct Service(Api);

impl Service {
    /// Of the server at `http://host:port`.
    pub(crate) fn new(url: &str) -> Self {
        Self(Api::new(url.trim_end_matches('/')))
    }

    /// Sees to it that there are so many accounts and pairs, with fresh tokens.
    pub(crate) async fn fill(&self, roster: &mut Roster, accounts: usize, pairs: usize) -> Result<()> {
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
        Ok(())
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
                device.refresh(&self.0).await?;
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
            let (_, device) = LightAccount::register(&self.0, &name, &mut rng).await?;
            Ok(Account::of(&device))
        })
        .await
    }

    async fn create_chat(&self, one: &Account, other: &Account) -> Result<ChatId, ApiError> {
        let mut id = [0; ChatId::LENGTH];
        rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut id);
        let chat = ChatId::from_bytes(id);
        let creator: LightDevice = one.device();
        patiently(|| creator.create_chat(&self.0, chat, other.address.account, vec![other.address])).await?;
        Ok(chat)
    }
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
