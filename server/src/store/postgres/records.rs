//! [`RecordStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{integer, number};
use crate::store::{RecordStore, StoreError, StoredRecord, Written};
use bytes::Bytes;
use sotto_protocol::{AccountId, RecordId, limits};
use sqlx::Row;
use sqlx::postgres::PgExecutor;

impl RecordStore for PostgresAccounts {
    async fn record(&self, account: AccountId, record: RecordId) -> Result<Option<StoredRecord>, StoreError> {
        self.database
            .patiently(read(self.database.readers(), account, record))
            .await
    }

    async fn write_record(
        &self,
        account: AccountId,
        record: RecordId,
        replaces: u64,
        sealed: Bytes,
    ) -> Result<Written, StoreError> {
        self.database
            .patiently(self.replace(account, record, replaces, &sealed))
            .await
    }
}

impl PostgresAccounts {
    async fn replace(
        &self,
        account: AccountId,
        record: RecordId,
        replaces: u64,
        sealed: &Bytes,
    ) -> Result<Written, StoreError> {
        let mut transaction = self.database.begin().await?;
        // One after the other of an account: what is read is what is replaced.
        sqlx::query("SELECT FROM accounts WHERE account = $1 FOR NO KEY UPDATE")
            .bind(account.as_bytes().as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        let current = read(&mut *transaction, account, record).await?;
        let revision = current.as_ref().map_or(0, |current| current.revision);
        if revision != replaces {
            let is_done = current.is_some_and(|current| {
                Some(revision) == replaces.checked_add(1) && current.sealed == *sealed
            });
            return Ok(if is_done {
                Written::Revision(revision)
            } else {
                Written::Stale
            });
        }
        if current.is_none() {
            let others: i64 = sqlx::query_scalar("SELECT count(*) FROM account_records WHERE account = $1")
                .bind(account.as_bytes().as_slice())
                .fetch_one(&mut *transaction)
                .await?;
            if usize::try_from(others).unwrap_or(usize::MAX) >= limits::RECORDS_PER_ACCOUNT {
                return Ok(Written::TooMany);
            }
        }
        let revision = revision.saturating_add(1);
        sqlx::query(
            "INSERT INTO account_records (account, record, revision, sealed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account, record) DO UPDATE SET revision = excluded.revision, sealed = excluded.sealed",
        )
        .bind(account.as_bytes().as_slice())
        .bind(record.as_bytes().as_slice())
        .bind(integer(revision))
        .bind(&**sealed)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Written::Revision(revision))
    }
}

async fn read(
    executor: impl PgExecutor<'_>,
    account: AccountId,
    record: RecordId,
) -> Result<Option<StoredRecord>, StoreError> {
    sqlx::query("SELECT revision, sealed FROM account_records WHERE account = $1 AND record = $2")
        .bind(account.as_bytes().as_slice())
        .bind(record.as_bytes().as_slice())
        .fetch_optional(executor)
        .await?
        .map(|row| {
            Ok(StoredRecord {
                revision: number(&row, "revision")?,
                sealed: row.try_get::<Vec<u8>, _>("sealed")?.into(),
            })
        })
        .transpose()
}
