//! [`BlockStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{id, integer};
use crate::store::{BlockStore, Blocking, StoreError};
use sotto_protocol::{AccountId, ChatId, Timestamp, limits};

impl BlockStore for PostgresAccounts {
    async fn block(
        &self,
        account: AccountId,
        blocked: AccountId,
        at: Timestamp,
    ) -> Result<Blocking, StoreError> {
        self.database
            .patiently(self.note_block(account, blocked, at))
            .await
    }

    async fn unblock(&self, account: AccountId, blocked: AccountId) -> Result<(), StoreError> {
        let forget = sqlx::query("DELETE FROM blocks WHERE account = $1 AND blocked = $2")
            .bind(account.as_bytes().as_slice())
            .bind(blocked.as_bytes().as_slice())
            .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(forget.await?) })
            .await?;
        Ok(())
    }

    async fn blocked_by(&self, account: AccountId) -> Result<Vec<AccountId>, StoreError> {
        let read = sqlx::query("SELECT blocked FROM blocks WHERE account = $1")
            .bind(account.as_bytes().as_slice())
            .fetch_all(self.database.readers());
        self.database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await?
            .iter()
            .map(|row| id(row, "blocked"))
            .collect()
    }

    async fn blockers_of(
        &self,
        blocked: AccountId,
        among: &[AccountId],
    ) -> Result<Vec<AccountId>, StoreError> {
        let read = sqlx::query("SELECT account FROM blocks WHERE blocked = $1 AND account = ANY($2)")
            .bind(blocked.as_bytes().as_slice())
            .bind(bytes_of(among))
            .fetch_all(self.database.readers());
        self.database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await?
            .iter()
            .map(|row| id(row, "account"))
            .collect()
    }

    async fn is_unwelcome(
        &self,
        group: ChatId,
        by: AccountId,
        newcomers: &[AccountId],
    ) -> Result<bool, StoreError> {
        let read = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM blocks WHERE blocked = $1 AND account = ANY($3) AND NOT EXISTS (
                 SELECT FROM join_requests
                 WHERE join_requests.chat = $2 AND join_requests.account = blocks.account))",
        )
        .bind(by.as_bytes().as_slice())
        .bind(group.as_bytes().as_slice())
        .bind(bytes_of(newcomers))
        .fetch_one(self.database.readers());
        self.database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await
    }
}

impl PostgresAccounts {
    async fn note_block(
        &self,
        account: AccountId,
        blocked: AccountId,
        at: Timestamp,
    ) -> Result<Blocking, StoreError> {
        let mut transaction = self.database.begin().await?;
        // One after the other, so that they stay within their limit.
        let own = sqlx::query("SELECT FROM accounts WHERE account = $1 FOR NO KEY UPDATE")
            .bind(account.as_bytes().as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        let found = sqlx::query("SELECT FROM accounts WHERE account = $1 FOR KEY SHARE")
            .bind(blocked.as_bytes().as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        if own.is_none() || found.is_none() {
            return Ok(Blocking::NotFound);
        }
        let others: i64 =
            sqlx::query_scalar("SELECT count(*) FROM blocks WHERE account = $1 AND blocked <> $2")
                .bind(account.as_bytes().as_slice())
                .bind(blocked.as_bytes().as_slice())
                .fetch_one(&mut *transaction)
                .await?;
        if usize::try_from(others).unwrap_or(usize::MAX) >= limits::BLOCKED_ACCOUNTS {
            return Ok(Blocking::TooMany);
        }
        sqlx::query(
            "INSERT INTO blocks (account, blocked, blocked_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(account.as_bytes().as_slice())
        .bind(blocked.as_bytes().as_slice())
        .bind(integer(at.0))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Blocking::Blocked)
    }
}

pub(super) fn bytes_of(accounts: &[AccountId]) -> Vec<&[u8]> {
    accounts
        .iter()
        .map(|account| account.as_bytes().as_slice())
        .collect()
}
