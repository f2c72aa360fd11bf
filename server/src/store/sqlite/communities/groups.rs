//! [`CommunityGroupStore`] on SQLite.

use super::super::SqliteAccounts;
use super::super::column::id;
use crate::store::{CommunityGroupStore, StoreError};
use sotto_protocol::{AccountId, ChatId, CommunityId};

impl CommunityGroupStore for SqliteAccounts {
    async fn outsiders(
        &self,
        community: CommunityId,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountId>, StoreError> {
        if !self.is_community(community).await? {
            return Ok(Vec::new());
        }
        let mut reader = self.database.reader().await?;
        let mut outsiders = Vec::new();
        for &account in accounts {
            if super::tables::role(&mut reader, community, account)
                .await?
                .is_none()
            {
                outsiders.push(account);
            }
        }
        Ok(outsiders)
    }

    async fn is_community(&self, community: CommunityId) -> Result<bool, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM communities WHERE community = ?)")
                .bind(community.as_bytes().as_slice())
                .fetch_one(&mut *self.database.reader().await?)
                .await?,
        )
    }

    async fn put_community_group(&self, community: CommunityId, group: ChatId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO community_groups (community, chat)
             SELECT community, ?2 FROM communities WHERE community = ?1 ON CONFLICT DO NOTHING",
        )
        .bind(community.as_bytes().as_slice())
        .bind(group.as_bytes().as_slice())
        .execute(self.database.writer())
        .await?;
        Ok(())
    }

    async fn community_groups(
        &self,
        community: CommunityId,
        after: Option<ChatId>,
        limit: u16,
    ) -> Result<Vec<ChatId>, StoreError> {
        sqlx::query(
            "SELECT chat FROM community_groups WHERE community = ? AND chat > ? ORDER BY chat LIMIT ? + 0",
        )
        .bind(community.as_bytes().as_slice())
        .bind(after.as_ref().map_or([].as_slice(), |after| after.as_bytes()))
        .bind(limit)
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(|row| id(row, "chat"))
        .collect()
    }
}
