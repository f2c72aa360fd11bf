//! [`OidcStore`] on SQLite.

use super::SqliteAccounts;
use super::accounts::user;
use super::column::{id, integer, optional_id, time};
use crate::store::{KnownSubject, Linking, NewOidcLink, OidcStore, OidcSubject, StoreError};
use sotto_protocol::{AccountId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteExecutor};

impl OidcStore for SqliteAccounts {
    async fn oidc_subject(&self, subject: OidcSubject) -> Result<Option<KnownSubject>, StoreError> {
        sqlx::query("SELECT account, registered FROM oidc_subjects WHERE subject = ?")
            .bind(subject.0.as_slice())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .map(|row| {
                Ok(KnownSubject {
                    account: optional_id(&row, "account")?,
                    has_registered: row.try_get("registered")?,
                })
            })
            .transpose()
    }

    async fn oidc_link(&self, account: AccountId) -> Result<Option<(OidcSubject, Timestamp)>, StoreError> {
        let mut connection = self.database.reader().await?;
        link_of(&mut *connection, account).await
    }

    async fn link_oidc(
        &self,
        account: AccountId,
        subject: OidcSubject,
        at: Timestamp,
    ) -> Result<Linking, StoreError> {
        let mut transaction = self.database.begin().await?;
        if user(&mut transaction, account).await?.is_none() {
            return Ok(Linking::AccountNotFound);
        }
        if let Some((linked, _)) = link_of(&mut *transaction, account).await? {
            return Ok(if linked == subject {
                Linking::Linked
            } else {
                Linking::Taken
            });
        }
        let link = NewOidcLink {
            subject,
            registers: false,
        };
        if !insert_link(&mut *transaction, account, link, at).await? {
            return Ok(Linking::Taken);
        }
        transaction.commit().await?;
        Ok(Linking::Linked)
    }

    async fn unlink_oidc(&self, account: AccountId) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let ended = end_link(&mut transaction, account).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}

async fn link_of(
    executor: impl SqliteExecutor<'_>,
    account: AccountId,
) -> Result<Option<(OidcSubject, Timestamp)>, StoreError> {
    sqlx::query("SELECT subject, linked_at FROM oidc_subjects WHERE account = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(executor)
        .await?
        .map(|row| Ok((id(&row, "subject")?, time(&row, "linked_at")?)))
        .transpose()
}

/// `false` if the subject is linked, or has registered an account before and would again.
pub(super) async fn insert_link(
    executor: impl SqliteExecutor<'_>,
    account: AccountId,
    link: NewOidcLink,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let linked = sqlx::query(
        "INSERT INTO oidc_subjects (subject, account, linked_at, registered) VALUES (?, ?, ?, ?)
         ON CONFLICT (subject) DO UPDATE SET account = excluded.account, linked_at = excluded.linked_at,
             registered = oidc_subjects.registered OR excluded.registered
         WHERE oidc_subjects.account IS NULL AND NOT (oidc_subjects.registered AND excluded.registered)",
    )
    .bind(link.subject.0.as_slice())
    .bind(account.as_bytes().as_slice())
    .bind(integer(at.0))
    .bind(link.registers)
    .execute(executor)
    .await?;
    Ok(linked.rows_affected() == 1)
}

/// Ends the account's link, and keeps of it only that an account was registered. `false` if there was none.
pub(super) async fn end_link(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> Result<bool, StoreError> {
    let forgotten = sqlx::query("DELETE FROM oidc_subjects WHERE account = ? AND NOT registered")
        .bind(account.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    let ended = sqlx::query("UPDATE oidc_subjects SET account = NULL, linked_at = NULL WHERE account = ?")
        .bind(account.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(forgotten.rows_affected() + ended.rows_affected() == 1)
}
