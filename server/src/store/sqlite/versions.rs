//! [`VersionStore`] on SQLite: columns that triggers count up, whoever changes the row.

use super::SqliteAccounts;
use super::column::{id, optional_id};
use super::communities::optional_role;
use crate::store::{CommunityVersion, RowVersion, StoreError, VersionStore};
use sotto_protocol::{AccountId, AccountName, CommunityId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

impl VersionStore for SqliteAccounts {
    async fn account_version(&self, account: AccountId) -> Result<Option<RowVersion>, StoreError> {
        sqlx::query("SELECT version FROM accounts WHERE account = ?")
            .bind(account.as_bytes().as_slice())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .map(|row| version(&row))
            .transpose()
    }

    async fn account_version_by_name(
        &self,
        name: &AccountName,
    ) -> Result<Option<(AccountId, RowVersion)>, StoreError> {
        sqlx::query("SELECT account, version FROM accounts WHERE name = ?")
            .bind(name.as_str())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .map(|row| Ok((id(&row, "account")?, version(&row)?)))
            .transpose()
    }

    async fn community_version(
        &self,
        community: CommunityId,
        reader: AccountId,
    ) -> Result<Option<CommunityVersion>, StoreError> {
        let row = sqlx::query(
            "SELECT version,
                 (SELECT account FROM community_members WHERE community = ?1 AND role = 2) AS founder,
                 (SELECT role FROM community_members WHERE community = ?1 AND account = ?2) AS role
             FROM communities WHERE community = ?1",
        )
        .bind(community.as_bytes().as_slice())
        .bind(reader.as_bytes().as_slice())
        .fetch_optional(&mut *self.database.reader().await?)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let Some(founder) = optional_id(&row, "founder")? else {
            return Ok(None);
        };
        Ok(Some(CommunityVersion {
            row: version(&row)?,
            founder,
            own_role: optional_role(&row)?,
        }))
    }
}

/// The column `version`.
pub(super) fn version(row: &SqliteRow) -> Result<RowVersion, StoreError> {
    Ok(RowVersion(row.try_get("version")?))
}
