//! [`BroadcastStore`] on PostgreSQL, and what [`super::admin`] and [`super::communities`] write of broadcasts.

use super::PostgresAccounts;
use super::column::id;
use crate::store::{BroadcastStore, StoreError};
use sotto_protocol::{ChatId, CommunityId};
use sqlx::postgres::{PgConnection, PgExecutor};

impl BroadcastStore for PostgresAccounts {
    async fn broadcast(&self, community: Option<CommunityId>) -> Result<Option<ChatId>, StoreError> {
        self.database
            .patiently(read(self.database.readers(), community))
            .await
    }
}

pub(super) async fn read(
    executor: impl PgExecutor<'_>,
    community: Option<CommunityId>,
) -> Result<Option<ChatId>, StoreError> {
    sqlx::query("SELECT chat FROM broadcasts WHERE community IS NOT DISTINCT FROM $1")
        .bind(
            community
                .as_ref()
                .map(|community| community.as_bytes().as_slice()),
        )
        .fetch_optional(executor)
        .await?
        .map(|row| id(&row, "chat"))
        .transpose()
}

/// Writes another broadcast in the place of the one that there is. `false` if there is no such group, any more. Those
/// who write at once go one after the other: they hold the community, or what administrators do.
pub(super) async fn write(
    connection: &mut PgConnection,
    community: Option<CommunityId>,
    group: Option<ChatId>,
) -> Result<bool, StoreError> {
    sqlx::query("DELETE FROM broadcasts WHERE community IS NOT DISTINCT FROM $1")
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
            "INSERT INTO broadcasts (chat, community) SELECT chat, $1 FROM groups WHERE chat = $2 AND state = 1 FOR SHARE",
        )
        .bind(community.as_ref().map(|community| community.as_bytes().as_slice()))
        .bind(group.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(written.rows_affected() == 1)
}
