//! [`BroadcastStore`] on SQLite, and what [`super::admin`] and [`super::communities`] write of broadcasts.

use super::SqliteAccounts;
use super::column::id;
use crate::store::{BroadcastStore, StoreError};
use sotto_protocol::{ChatId, CommunityId};
use sqlx::sqlite::SqliteConnection;

impl BroadcastStore for SqliteAccounts {
    async fn broadcast(&self, community: Option<CommunityId>) -> Result<Option<ChatId>, StoreError> {
        read(&mut *self.database.reader().await?, community).await
    }
}

pub(super) async fn read(
    connection: &mut SqliteConnection,
    community: Option<CommunityId>,
) -> Result<Option<ChatId>, StoreError> {
    sqlx::query("SELECT chat FROM broadcasts WHERE community IS ?")
        .bind(
            community
                .as_ref()
                .map(|community| community.as_bytes().as_slice()),
        )
        .fetch_optional(connection)
        .await?
        .map(|row| id(&row, "chat"))
        .transpose()
}

/// Writes another broadcast in the place of the one that there is. `false` if there is no such group, any more.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    community: Option<CommunityId>,
    group: Option<ChatId>,
) -> Result<bool, StoreError> {
    sqlx::query("DELETE FROM broadcasts WHERE community IS ?")
        .bind(
            community
                .as_ref()
                .map(|community| community.as_bytes().as_slice()),
        )
        .execute(&mut *connection)
        .await?;
    let Some(group) = group else {
        return Ok(true);
    };
    let written = sqlx::query(
        "INSERT INTO broadcasts (chat, community) SELECT chat, ?1 FROM groups WHERE chat = ?2 AND state = 1",
    )
    .bind(
        community
            .as_ref()
            .map(|community| community.as_bytes().as_slice()),
    )
    .bind(group.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(written.rows_affected() == 1)
}
