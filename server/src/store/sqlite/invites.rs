//! [`InviteStore`] on SQLite.

use super::SqliteAccounts;
use super::column::{id, integer, number, optional_id, time};
use crate::store::{Invite, InviteHash, InviteStore, NewInvite, StoreError};
use sotto_protocol::{InviteId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

impl InviteStore for SqliteAccounts {
    async fn create_invite(&self, invite: NewInvite) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO invites (invite, hash, uses_left, note, made_at, expires_at, made_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(invite.invite.as_bytes().as_slice())
        .bind(invite.hash.0.as_slice())
        .bind(invite.uses)
        .bind(invite.note)
        .bind(integer(invite.made_at.0))
        .bind(integer(invite.expires_at.0))
        .bind(invite.made_by.as_ref().map(|account| account.as_bytes().as_slice()))
        .execute(self.database.writer())
        .await?;
        Ok(())
    }

    async fn invites(&self) -> Result<Vec<Invite>, StoreError> {
        sqlx::query(
            "SELECT invite, uses_left, note, made_at, expires_at, made_by FROM invites ORDER BY made_at DESC, invite",
        )
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(read_invite)
        .collect()
    }

    async fn revoke_invite(&self, invite: InviteId) -> Result<bool, StoreError> {
        let revoked = sqlx::query("DELETE FROM invites WHERE invite = ?")
            .bind(invite.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(revoked.rows_affected() == 1)
    }

    async fn purge_invites(&self, before: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM invites WHERE expires_at <= ?")
            .bind(integer(before.0))
            .execute(self.database.writer())
            .await?;
        Ok(())
    }
}

/// Takes a use of the invite, if it has one left and its time is not over.
pub(super) async fn use_invite(
    connection: &mut SqliteConnection,
    hash: InviteHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let used = sqlx::query(
        "UPDATE invites SET uses_left = uses_left - 1 WHERE hash = ? AND uses_left > 0 AND expires_at > ?",
    )
    .bind(hash.0.as_slice())
    .bind(integer(now.0))
    .execute(connection)
    .await?;
    Ok(used.rows_affected() == 1)
}

fn read_invite(row: &SqliteRow) -> Result<Invite, StoreError> {
    Ok(Invite {
        invite: id(row, "invite")?,
        uses_left: number(row, "uses_left")?,
        note: row.try_get("note")?,
        made_at: time(row, "made_at")?,
        expires_at: time(row, "expires_at")?,
        made_by: optional_id(row, "made_by")?,
    })
}
