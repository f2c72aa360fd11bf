//! [`InviteStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{id, integer, number, optional_id, time};
use crate::store::{InviteHash, InviteStore, StoreError};
use sotto_protocol::Timestamp;
use sotto_protocol::rest::admin::Invite;
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

impl InviteStore for PostgresAccounts {
    async fn invites(&self) -> Result<Vec<Invite>, StoreError> {
        let found = sqlx::query(
            "SELECT invite, uses_left, note, made_at, expires_at, made_by FROM invites ORDER BY made_at DESC, invite",
        )
        .fetch_all(self.database.readers());
        let rows = self
            .database
            .patiently(async { Ok::<_, StoreError>(found.await?) })
            .await?;
        rows.iter().map(read_invite).collect()
    }

    async fn purge_invites(&self, before: Timestamp) -> Result<(), StoreError> {
        let purge = sqlx::query("DELETE FROM invites WHERE expires_at <= $1")
            .bind(integer(before.0))
            .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(purge.await?) })
            .await?;
        Ok(())
    }
}

/// Takes a use of the invite, if it has one left and its time is not over. Whoever else wants one waits until this transaction
/// has ended.
pub(super) async fn use_invite(
    connection: &mut PgConnection,
    hash: InviteHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let used = sqlx::query(
        "UPDATE invites SET uses_left = uses_left - 1 WHERE hash = $1 AND uses_left > 0 AND expires_at > $2",
    )
    .bind(hash.0.as_slice())
    .bind(integer(now.0))
    .execute(connection)
    .await?;
    Ok(used.rows_affected() == 1)
}

fn read_invite(row: &PgRow) -> Result<Invite, StoreError> {
    Ok(Invite {
        invite: id(row, "invite")?,
        uses_left: number(row, "uses_left")?,
        note: row.try_get("note")?,
        made_at: time(row, "made_at")?,
        expires_at: time(row, "expires_at")?,
        made_by: optional_id(row, "made_by")?,
    })
}
