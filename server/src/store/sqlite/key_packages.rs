//! [`KeyPackageStore`] on SQLite.

use super::SqliteAccounts;
use super::column::{id, integer, number, suite};
use crate::store::key_package::shelf_begins;
use crate::store::{
    Claim, ClaimedFromStock, KeyPackageStore, NewKeyPackage, PublishKeyPackagesError, StoreError,
};
use bytes::Bytes;
use sotto_protocol::rest::key_package::{KeyPackageStock, SuiteStock};
use sotto_protocol::{DeviceAddress, DeviceId, Timestamp, limits};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

impl KeyPackageStore for SqliteAccounts {
    async fn publish_key_packages(
        &self,
        device: DeviceAddress,
        key_packages: Vec<NewKeyPackage>,
        at: Timestamp,
    ) -> Result<KeyPackageStock, PublishKeyPackagesError> {
        let mut transaction = self.database.begin().await?;
        let enrolled: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM devices WHERE device = ? AND account = ?)")
                .bind(device.device.as_bytes().as_slice())
                .bind(device.account.as_bytes().as_slice())
                .fetch_one(&mut *transaction)
                .await
                .map_err(StoreError::from)?;
        if !enrolled {
            return Err(PublishKeyPackagesError::DeviceNotFound);
        }
        for key_package in &key_packages {
            insert(&mut transaction, device.device, key_package, at).await?;
        }
        let stock = stock(&mut transaction, device.device, shelf_begins(at)).await?;
        let most = stock
            .suites
            .iter()
            .map(|stock| stock.remaining)
            .max()
            .unwrap_or(0);
        if usize::try_from(most).unwrap_or(usize::MAX) > limits::KEY_PACKAGES_PER_DEVICE {
            return Err(PublishKeyPackagesError::TooManyKeyPackages);
        }
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(stock)
    }

    async fn key_package_stock(
        &self,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<KeyPackageStock, StoreError> {
        let mut connection = self.database.reader().await?;
        stock(&mut connection, device, shelf_begins(now)).await
    }

    async fn claim_key_packages(&self, claim: Claim) -> Result<Option<Vec<ClaimedFromStock>>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let (account, by) = (claim.account, claim.by.account);
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM accounts WHERE account = ?1) AS found,
                 EXISTS (SELECT 1 FROM blocks WHERE account = ?1 AND blocked = ?2) AS blocked,
                 EXISTS (SELECT 1 FROM direct_chats WHERE lower_account = min(?1, ?2) AND higher_account = max(?1, ?2)
                     AND creator_account = ?1) AS trusted",
        )
        .bind(account.as_bytes().as_slice())
        .bind(by.as_bytes().as_slice())
        .fetch_one(&mut *transaction)
        .await?;
        if !row.try_get::<bool, _>("found")? {
            return Ok(None);
        }
        if row.try_get("blocked")? {
            return Ok(Some(Vec::new()));
        }
        let is_stranger = account != by && !row.try_get::<bool, _>("trusted")?;
        let devices = sqlx::query(
            "SELECT device FROM devices WHERE account = ? AND device <> ? ORDER BY enrolled_at, device",
        )
        .bind(account.as_bytes().as_slice())
        .bind(claim.by.device.as_bytes().as_slice())
        .fetch_all(&mut *transaction)
        .await?;
        let mut claimed = Vec::with_capacity(devices.len());
        for row in &devices {
            claimed.extend(take(&mut transaction, id(row, "device")?, &claim, is_stranger).await?);
        }
        transaction.commit().await?;
        Ok(Some(claimed))
    }

    async fn purge_key_packages(&self, before: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM key_packages WHERE published_at < ?")
            .bind(integer(before.0))
            .execute(self.database.writer())
            .await?;
        Ok(())
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    device: DeviceId,
    key_package: &NewKeyPackage,
    at: Timestamp,
) -> Result<(), StoreError> {
    let suite = i64::from(key_package.suite.code_point());
    if key_package.last_resort {
        sqlx::query("DELETE FROM key_packages WHERE device = ? AND suite = ? AND last_resort = 1")
            .bind(device.as_bytes().as_slice())
            .bind(suite)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "INSERT INTO key_packages (device, suite, last_resort, key_package, published_at)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
             SELECT 1 FROM key_packages WHERE device = ?1 AND suite = ?2 AND key_package = ?4)",
    )
    .bind(device.as_bytes().as_slice())
    .bind(suite)
    .bind(key_package.last_resort)
    .bind(&*key_package.key_package)
    .bind(integer(at.0))
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the oldest KeyPackage, or the last resort without taking it away. Strangers leave some of the others alone.
async fn take(
    connection: &mut SqliteConnection,
    device: DeviceId,
    claim: &Claim,
    is_stranger: bool,
) -> Result<Option<ClaimedFromStock>, StoreError> {
    let suite = i64::from(claim.suite.code_point());
    let since = shelf_begins(claim.at);
    let row = sqlx::query(
        "SELECT coalesce(sum(1 - last_resort), 0) AS remaining, coalesce(max(last_resort), 0) AS last_resort
         FROM key_packages WHERE device = ? AND suite = ? AND published_at >= ?",
    )
    .bind(device.as_bytes().as_slice())
    .bind(suite)
    .bind(integer(since.0))
    .fetch_one(&mut *connection)
    .await?;
    let remaining: u32 = number(&row, "remaining")?;
    let leaves_alone = claim.is_crowded || remaining <= limits::KEY_PACKAGES_RESERVED;
    let is_last_resort = row.try_get("last_resort")? && (remaining == 0 || is_stranger && leaves_alone);
    let key_package: Option<Vec<u8>> = sqlx::query_scalar(if is_last_resort {
        "UPDATE key_packages SET used = 1
         WHERE device = ? AND suite = ? AND published_at >= ? AND last_resort = 1 RETURNING key_package"
    } else {
        "DELETE FROM key_packages WHERE id = (
             SELECT id FROM key_packages WHERE device = ? AND suite = ? AND published_at >= ? AND last_resort = 0
             ORDER BY id LIMIT 1)
         RETURNING key_package"
    })
    .bind(device.as_bytes().as_slice())
    .bind(suite)
    .bind(integer(since.0))
    .fetch_optional(connection)
    .await?;
    Ok(key_package.map(|key_package| ClaimedFromStock {
        device,
        key_package: Bytes::from(key_package),
        remaining: remaining.saturating_sub(u32::from(!is_last_resort)),
        is_last_resort,
    }))
}

async fn stock(
    connection: &mut SqliteConnection,
    device: DeviceId,
    since: Timestamp,
) -> Result<KeyPackageStock, StoreError> {
    let suites = sqlx::query(
        "SELECT suite, sum(1 - last_resort) AS remaining, max(last_resort) AS last_resort,
             max(last_resort AND used) AS last_resort_used
         FROM key_packages WHERE device = ? AND published_at >= ? GROUP BY suite",
    )
    .bind(device.as_bytes().as_slice())
    .bind(integer(since.0))
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        Ok(SuiteStock {
            suite: suite(row, "suite")?,
            remaining: number(row, "remaining")?,
            last_resort: row.try_get("last_resort")?,
            last_resort_used: row.try_get("last_resort_used")?,
        })
    })
    .collect::<Result<_, StoreError>>()?;
    Ok(KeyPackageStock { suites })
}
