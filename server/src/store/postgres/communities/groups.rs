//! [`CommunityGroupStore`] on PostgreSQL.

use super::super::PostgresAccounts;
use super::super::column::id;
use crate::store::{CommunityGroupStore, StoreError};
use sotto_protocol::{AccountId, ChatId, CommunityId};

impl CommunityGroupStore for PostgresAccounts {
    async fn outsiders(
        &self,
        community: CommunityId,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountId>, StoreError> {
        let accounts: Vec<&[u8]> = accounts
            .iter()
            .map(|account| account.as_bytes().as_slice())
            .collect();
        let read = sqlx::query(
            "SELECT account FROM unnest($2::bytea[]) AS accounts (account)
             WHERE EXISTS (SELECT FROM communities WHERE community = $1) AND NOT EXISTS (
                 SELECT FROM community_members AS members
                 WHERE members.community = $1 AND members.account = accounts.account)",
        )
        .bind(community.as_bytes().as_slice())
        .bind(accounts)
        .fetch_all(self.database.readers());
        self.rows(read)
            .await?
            .iter()
            .map(|row| id(row, "account"))
            .collect()
    }

    async fn is_community(&self, community: CommunityId) -> Result<bool, StoreError> {
        let read = sqlx::query("SELECT FROM communities WHERE community = $1")
            .bind(community.as_bytes().as_slice())
            .fetch_all(self.database.readers());
        Ok(!self.rows(read).await?.is_empty())
    }

    async fn put_community_group(&self, community: CommunityId, group: ChatId) -> Result<(), StoreError> {
        let put = sqlx::query(
            "INSERT INTO community_groups (community, chat)
             SELECT community, $2::bytea FROM communities WHERE community = $1 ON CONFLICT DO NOTHING",
        )
        .bind(community.as_bytes().as_slice())
        .bind(group.as_bytes().as_slice())
        .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(put.await?) })
            .await?;
        Ok(())
    }

    async fn community_groups(
        &self,
        community: CommunityId,
        after: Option<ChatId>,
        limit: u16,
    ) -> Result<Vec<ChatId>, StoreError> {
        let read = sqlx::query(
            "SELECT chat FROM community_groups WHERE community = $1 AND chat > $2 ORDER BY chat LIMIT $3",
        )
        .bind(community.as_bytes().as_slice())
        .bind(after.as_ref().map_or([].as_slice(), |after| after.as_bytes()))
        .bind(i64::from(limit))
        .fetch_all(self.database.readers());
        self.rows(read).await?.iter().map(|row| id(row, "chat")).collect()
    }
}
