//! [`VersionStore`] on PostgreSQL: `xmin`, the transaction that has written the row. Whatever changes a row gives it another one, and
//! a server of an older version does so, too. The numbers of transactions begin again after four thousand million: nobody remembers
//! a version for that long.

use super::PostgresAccounts;
use super::column::{id, optional_id};
use super::communities::optional_role;
use crate::store::{CommunityVersion, RowVersion, StoreError, VersionStore};
use sotto_protocol::{AccountId, AccountName, CommunityId};
use sqlx::Row;
use sqlx::postgres::PgRow;

impl VersionStore for PostgresAccounts {
    async fn account_version(&self, account: AccountId) -> Result<Option<RowVersion>, StoreError> {
        let read = sqlx::query("SELECT xmin::text::bigint AS version FROM accounts WHERE account = $1")
            .bind(account.as_bytes().as_slice())
            .fetch_optional(self.database.readers());
        let row = self.version_row(read).await?;
        row.map(|row| version(&row)).transpose()
    }

    async fn account_version_by_name(
        &self,
        name: &AccountName,
    ) -> Result<Option<(AccountId, RowVersion)>, StoreError> {
        let read = sqlx::query("SELECT account, xmin::text::bigint AS version FROM accounts WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(self.database.readers());
        let row = self.version_row(read).await?;
        row.map(|row| Ok((id(&row, "account")?, version(&row)?)))
            .transpose()
    }

    async fn community_version(
        &self,
        community: CommunityId,
        reader: AccountId,
    ) -> Result<Option<CommunityVersion>, StoreError> {
        let read = sqlx::query(
            "SELECT xmin::text::bigint AS version,
                 (SELECT account FROM community_members WHERE community = $1 AND role = 2) AS founder,
                 (SELECT role FROM community_members WHERE community = $1 AND account = $2) AS role
             FROM communities WHERE community = $1",
        )
        .bind(community.as_bytes().as_slice())
        .bind(reader.as_bytes().as_slice())
        .fetch_optional(self.database.readers());
        let Some(row) = self.version_row(read).await? else {
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

impl PostgresAccounts {
    async fn version_row(
        &self,
        read: impl Future<Output = Result<Option<PgRow>, sqlx::Error>>,
    ) -> Result<Option<PgRow>, StoreError> {
        self.database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await
    }
}

/// The column `version`.
pub(super) fn version(row: &PgRow) -> Result<RowVersion, StoreError> {
    Ok(RowVersion(row.try_get("version")?))
}
