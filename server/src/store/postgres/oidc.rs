//! [`OidcStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::accounts::lock_user;
use super::column::{id, integer, optional_id, time};
use crate::store::{KnownSubject, Linking, NewOidcLink, OidcStore, OidcSubject, StoreError};
use sotto_protocol::{AccountId, Timestamp};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgExecutor};

impl OidcStore for PostgresAccounts {
    async fn oidc_subject(&self, subject: OidcSubject) -> Result<Option<KnownSubject>, StoreError> {
        let found = sqlx::query("SELECT account, registered FROM oidc_subjects WHERE subject = $1")
            .bind(subject.0.as_slice())
            .fetch_optional(self.database.readers());
        let row = self
            .database
            .patiently(async { Ok::<_, StoreError>(found.await?) })
            .await?;
        row.map(|row| {
            Ok(KnownSubject {
                account: optional_id(&row, "account")?,
                has_registered: row.try_get("registered")?,
            })
        })
        .transpose()
    }

    async fn oidc_link(&self, account: AccountId) -> Result<Option<(OidcSubject, Timestamp)>, StoreError> {
        self.database
            .patiently(link_of(self.database.readers(), account))
            .await
    }

    async fn link_oidc(
        &self,
        account: AccountId,
        subject: OidcSubject,
        at: Timestamp,
    ) -> Result<Linking, StoreError> {
        self.database.patiently(self.link(account, subject, at)).await
    }

    async fn unlink_oidc(&self, account: AccountId) -> Result<bool, StoreError> {
        let ending = async {
            let mut transaction = self.database.begin().await?;
            let ended = end_link(&mut transaction, account).await?;
            transaction.commit().await?;
            Ok::<_, StoreError>(ended)
        };
        self.database.patiently(ending).await
    }
}

impl PostgresAccounts {
    /// The account's row is locked first: whoever links it at once waits, and then sees this link.
    async fn link(
        &self,
        account: AccountId,
        subject: OidcSubject,
        at: Timestamp,
    ) -> Result<Linking, StoreError> {
        let mut transaction = self.database.begin().await?;
        if lock_user(&mut transaction, account).await?.is_none() {
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
}

async fn link_of(
    executor: impl PgExecutor<'_>,
    account: AccountId,
) -> Result<Option<(OidcSubject, Timestamp)>, StoreError> {
    sqlx::query("SELECT subject, linked_at FROM oidc_subjects WHERE account = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(executor)
        .await?
        .map(|row| Ok((id(&row, "subject")?, time(&row, "linked_at")?)))
        .transpose()
}

/// `false` if the subject is linked, or has registered an account before and would again.
pub(super) async fn insert_link(
    executor: impl PgExecutor<'_>,
    account: AccountId,
    link: NewOidcLink,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let linked = sqlx::query(
        "INSERT INTO oidc_subjects (subject, account, linked_at, registered) VALUES ($1, $2, $3, $4)
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
pub(super) async fn end_link(connection: &mut PgConnection, account: AccountId) -> Result<bool, StoreError> {
    let forgotten = sqlx::query("DELETE FROM oidc_subjects WHERE account = $1 AND NOT registered")
        .bind(account.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    let ended = sqlx::query("UPDATE oidc_subjects SET account = NULL, linked_at = NULL WHERE account = $1")
        .bind(account.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(forgotten.rows_affected() + ended.rows_affected() == 1)
}
