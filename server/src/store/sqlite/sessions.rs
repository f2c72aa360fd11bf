//! [`SessionStore`] on SQLite.

use super::SqliteAccounts;
use super::admin::ban;
use super::column::{id, integer, time};
use crate::store::{
    NewSession, RefreshTokenHashes, Rotation, Session, SessionId, SessionStore, StoreError, TokenHash,
};
use sotto_protocol::{AccountId, DeviceAddress, Timestamp};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

impl SessionStore for SqliteAccounts {
    async fn spend_login(&self, login: [u8; 16], expires_at: Timestamp) -> Result<bool, StoreError> {
        let spent =
            sqlx::query("INSERT INTO spent_logins (login, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING")
                .bind(login.as_slice())
                .bind(integer(expires_at.0))
                .execute(self.database.writer())
                .await?;
        Ok(spent.rows_affected() == 1)
    }

    async fn session(&self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        sqlx::query(
            "SELECT session, account, device, (SELECT bot FROM accounts WHERE accounts.account = sessions.account) AS bot, expires_at FROM sessions WHERE session = ? AND expires_at > ?",
        )
        .bind(id.0.as_slice())
        .bind(integer(now.0))
        .fetch_optional(&mut *self.database.reader().await?)
        .await?
        .map(|row| read_session(&row))
        .transpose()
    }

    async fn rotate_refresh_token(
        &self,
        presented: RefreshTokenHashes,
        successor: TokenHash,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let mut transaction = self.database.begin().await?;
        let row = sqlx::query(
            "SELECT session, account, device, (SELECT bot FROM accounts WHERE accounts.account = sessions.account) AS bot, expires_at, latest_hash, previous_hash FROM sessions
             WHERE family_hash = ? AND expires_at > ?",
        )
        .bind(presented.family.0.as_slice())
        .bind(integer(now.0))
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else {
            return Ok(Rotation::Unknown);
        };
        let session = read_session(&row)?;
        let is_latest = row.try_get::<&[u8], _>("latest_hash")? == presented.secret.0;
        let is_previous = row.try_get::<Option<&[u8]>, _>("previous_hash")? == Some(&presented.secret.0);
        let rotation = if is_latest || is_previous {
            if let Some(ban) = ban(&mut transaction, session.device.account, now).await? {
                return Ok(Rotation::Banned(ban.into()));
            }
            // Both ways the token presented is then the one before the latest.
            sqlx::query(
                "UPDATE sessions SET latest_hash = ?, previous_hash = ?, expires_at = ? WHERE session = ?",
            )
            .bind(successor.0.as_slice())
            .bind(presented.secret.0.as_slice())
            .bind(integer(expires_at.0))
            .bind(session.id.0.as_slice())
            .execute(&mut *transaction)
            .await?;
            Rotation::Rotated(Session {
                expires_at,
                ..session
            })
        } else {
            sqlx::query("DELETE FROM sessions WHERE session = ?")
                .bind(session.id.0.as_slice())
                .execute(&mut *transaction)
                .await?;
            Rotation::Reused(session)
        };
        transaction.commit().await?;
        Ok(rotation)
    }

    async fn end_session(&self, id: SessionId) -> Result<bool, StoreError> {
        let ended = sqlx::query("DELETE FROM sessions WHERE session = ?")
            .bind(id.0.as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(ended.rows_affected() == 1)
    }

    async fn end_sessions_of(&self, account: AccountId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE device IN (SELECT device FROM devices WHERE account = ?)")
            .bind(account.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(())
    }

    async fn purge_expired_sessions(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE expires_at <= ?")
            .bind(integer(now.0))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM spent_logins WHERE expires_at <= ?")
            .bind(integer(now.0))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

/// Begins the device's session; its earlier ones end.
pub(super) async fn begin_session(
    connection: &mut SqliteConnection,
    device: DeviceAddress,
    session: NewSession,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE device = ?")
        .bind(device.device.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO sessions (session, device, account, family_hash, latest_hash, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(session.id.0.as_slice())
    .bind(device.device.as_bytes().as_slice())
    .bind(device.account.as_bytes().as_slice())
    .bind(session.refresh.family.0.as_slice())
    .bind(session.refresh.secret.0.as_slice())
    .bind(integer(session.expires_at.0))
    .execute(&mut *connection)
    .await?;
    Ok(())
}

fn read_session(row: &SqliteRow) -> Result<Session, StoreError> {
    let bytes = row.try_get::<&[u8], _>("session")?;
    Ok(Session {
        id: SessionId(
            bytes
                .try_into()
                .map_err(|_| StoreError::Unreadable { what: "session" })?,
        ),
        device: DeviceAddress {
            account: id(row, "account")?,
            device: id(row, "device")?,
        },
        is_bot: row.try_get("bot")?,
        expires_at: time(row, "expires_at")?,
    })
}
