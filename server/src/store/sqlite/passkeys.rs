//! [`PasskeyStore`] on SQLite.

use super::SqliteAccounts;
use super::accounts::user;
use super::column::{id, integer, number, time};
use crate::store::{AddPasskeyError, NewPasskey, PasskeyKey, PasskeyStore, StoreError, StoredPasskey};
use bytes::Bytes;
use sotto_protocol::rest::passkey::Passkey;
use sotto_protocol::{AccountId, PasskeyId, Timestamp, limits};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

impl PasskeyStore for SqliteAccounts {
    async fn add_passkey(&self, passkey: NewPasskey) -> Result<(), AddPasskeyError> {
        let mut transaction = self.database.begin().await?;
        if user(&mut transaction, passkey.account).await?.is_none() {
            return Err(AddPasskeyError::AccountNotFound);
        }
        let has: i64 = sqlx::query_scalar("SELECT count(*) FROM passkeys WHERE account = ?")
            .bind(passkey.account.as_bytes().as_slice())
            .fetch_one(&mut *transaction)
            .await
            .map_err(StoreError::from)?;
        if usize::try_from(has).is_ok_and(|has| has >= limits::PASSKEYS_PER_ACCOUNT) {
            return Err(AddPasskeyError::TooManyPasskeys);
        }
        let added = sqlx::query(
            "INSERT INTO passkeys (passkey, account, credential, public_key, algorithm, counter, vault, name, added_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(passkey.passkey.as_bytes().as_slice())
        .bind(passkey.account.as_bytes().as_slice())
        .bind(&*passkey.key.credential)
        .bind(&*passkey.key.public_key)
        .bind(i64::from(passkey.key.algorithm))
        .bind(i64::from(passkey.key.counter))
        .bind(&*passkey.vault)
        .bind(&*passkey.name)
        .bind(integer(passkey.at.0))
        .execute(&mut *transaction)
        .await
        .map_err(StoreError::from)?;
        if added.rows_affected() == 0 {
            return Err(AddPasskeyError::PasskeyTaken);
        }
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    async fn passkeys(&self, account: AccountId) -> Result<Vec<Passkey>, StoreError> {
        sqlx::query(
            "SELECT passkey, name, added_at, used_at FROM passkeys WHERE account = ? ORDER BY added_at, passkey",
        )
        .bind(account.as_bytes().as_slice())
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(read_passkey)
        .collect()
    }

    async fn credentials(&self, account: AccountId) -> Result<Vec<Bytes>, StoreError> {
        let credentials: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT credential FROM passkeys WHERE account = ? ORDER BY added_at, passkey",
        )
        .bind(account.as_bytes().as_slice())
        .fetch_all(&mut *self.database.reader().await?)
        .await?;
        Ok(credentials.into_iter().map(Bytes::from).collect())
    }

    async fn passkey(&self, passkey: PasskeyId) -> Result<Option<StoredPasskey>, StoreError> {
        sqlx::query(
            "SELECT account, credential, public_key, algorithm, counter, vault FROM passkeys WHERE passkey = ?",
        )
        .bind(passkey.as_bytes().as_slice())
        .fetch_optional(&mut *self.database.reader().await?)
        .await?
        .map(|row| read_stored(&row))
        .transpose()
    }

    async fn passkey_used(
        &self,
        passkey: PasskeyId,
        counter: u32,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let used = sqlx::query(
            "UPDATE passkeys SET counter = ?1, used_at = ?2
             WHERE passkey = ?3 AND (counter < ?1 OR (counter = 0 AND ?1 = 0))",
        )
        .bind(i64::from(counter))
        .bind(integer(at.0))
        .bind(passkey.as_bytes().as_slice())
        .execute(self.database.writer())
        .await?;
        Ok(used.rows_affected() == 1)
    }

    async fn rename_passkey(
        &self,
        account: AccountId,
        passkey: PasskeyId,
        name: Bytes,
    ) -> Result<bool, StoreError> {
        let renamed = sqlx::query("UPDATE passkeys SET name = ? WHERE passkey = ? AND account = ?")
            .bind(&*name)
            .bind(passkey.as_bytes().as_slice())
            .bind(account.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(renamed.rows_affected() == 1)
    }

    async fn remove_passkey(&self, account: AccountId, passkey: PasskeyId) -> Result<bool, StoreError> {
        let removed = sqlx::query("DELETE FROM passkeys WHERE passkey = ? AND account = ?")
            .bind(passkey.as_bytes().as_slice())
            .bind(account.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(removed.rows_affected() == 1)
    }
}

fn read_passkey(row: &SqliteRow) -> Result<Passkey, StoreError> {
    let is_used = row.try_get::<Option<i64>, _>("used_at")?.is_some();
    Ok(Passkey {
        passkey: id(row, "passkey")?,
        name: row.try_get::<Vec<u8>, _>("name")?.into(),
        added_at: time(row, "added_at")?,
        used_at: is_used.then(|| time(row, "used_at")).transpose()?,
    })
}

fn read_stored(row: &SqliteRow) -> Result<StoredPasskey, StoreError> {
    Ok(StoredPasskey {
        account: id(row, "account")?,
        key: PasskeyKey {
            credential: row.try_get::<Vec<u8>, _>("credential")?.into(),
            public_key: row.try_get::<Vec<u8>, _>("public_key")?.into(),
            algorithm: number(row, "algorithm")?,
            counter: number(row, "counter")?,
        },
        vault: row.try_get::<Vec<u8>, _>("vault")?.into(),
    })
}
