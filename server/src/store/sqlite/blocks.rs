//! [`BlockStore`] on SQLite.

use super::SqliteAccounts;
use super::column::{id, integer};
use crate::store::{BlockStore, Blocking, StoreError};
use sotto_protocol::{AccountId, ChatId, Timestamp, limits};
use sqlx::Row;

impl BlockStore for SqliteAccounts {
    async fn block(
        &self,
        account: AccountId,
        blocked: AccountId,
        at: Timestamp,
    ) -> Result<Blocking, StoreError> {
        let mut transaction = self.database.begin().await?;
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM accounts WHERE account = ?2) AS found,
                 (SELECT count(*) FROM blocks WHERE account = ?1 AND blocked <> ?2) AS others",
        )
        .bind(account.as_bytes().as_slice())
        .bind(blocked.as_bytes().as_slice())
        .fetch_one(&mut *transaction)
        .await?;
        if !row.try_get::<bool, _>("found")? {
            return Ok(Blocking::NotFound);
        }
        let others = usize::try_from(row.try_get::<i64, _>("others")?).unwrap_or(usize::MAX);
        if others >= limits::BLOCKED_ACCOUNTS {
            return Ok(Blocking::TooMany);
        }
        sqlx::query(
            "INSERT INTO blocks (account, blocked, blocked_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(account.as_bytes().as_slice())
        .bind(blocked.as_bytes().as_slice())
        .bind(integer(at.0))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Blocking::Blocked)
    }

    async fn unblock(&self, account: AccountId, blocked: AccountId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM blocks WHERE account = ? AND blocked = ?")
            .bind(account.as_bytes().as_slice())
            .bind(blocked.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(())
    }

    async fn blocked_by(&self, account: AccountId) -> Result<Vec<AccountId>, StoreError> {
        sqlx::query("SELECT blocked FROM blocks WHERE account = ?")
            .bind(account.as_bytes().as_slice())
            .fetch_all(&mut *self.database.reader().await?)
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
        let blockers = sqlx::query("SELECT account FROM blocks WHERE blocked = ?")
            .bind(blocked.as_bytes().as_slice())
            .fetch_all(&mut *self.database.reader().await?)
            .await?;
        let blockers: Result<Vec<AccountId>, StoreError> =
            blockers.iter().map(|row| id(row, "account")).collect();
        Ok(blockers?
            .into_iter()
            .filter(|account| among.contains(account))
            .collect())
    }

    async fn is_unwelcome(
        &self,
        group: ChatId,
        by: AccountId,
        newcomers: &[AccountId],
    ) -> Result<bool, StoreError> {
        let blockers = sqlx::query(
            "SELECT account FROM blocks WHERE blocked = ?1 AND NOT EXISTS (
                 SELECT 1 FROM join_requests WHERE join_requests.chat = ?2 AND join_requests.account = blocks.account)",
        )
        .bind(by.as_bytes().as_slice())
        .bind(group.as_bytes().as_slice())
        .fetch_all(&mut *self.database.reader().await?)
        .await?;
        for row in &blockers {
            if newcomers.contains(&id(row, "account")?) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
