//! [`KeyPackageStore`] on SQLite.

use super::SqliteAccounts;
use super::column::{id, integer, number, suite};
use crate::store::{ClaimedFromStock, KeyPackageStore, NewKeyPackage, PublishKeyPackagesError, StoreError};
use bytes::Bytes;
use sotto_protocol::rest::key_package::{KeyPackageStock, SuiteStock};
use sotto_protocol::{AccountId, DeviceAddress, DeviceId, Suite, Timestamp, limits};
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
        let stock = stock(&mut transaction, device.device).await?;
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

    async fn key_package_stock(&self, device: DeviceId) -> Result<KeyPackageStock, StoreError> {
        let mut connection = self.database.reader().await?;
        stock(&mut connection, device).await
    }

    async fn claim_key_packages(
        &self,
        account: AccountId,
        suite: Suite,
        except: DeviceId,
    ) -> Result<Option<Vec<ClaimedFromStock>>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM accounts WHERE account = ?)")
            .bind(account.as_bytes().as_slice())
            .fetch_one(&mut *transaction)
            .await?;
        if !exists {
            return Ok(None);
        }
        let devices = sqlx::query(
            "SELECT device FROM devices WHERE account = ? AND device <> ? ORDER BY enrolled_at, device",
        )
        .bind(account.as_bytes().as_slice())
        .bind(except.as_bytes().as_slice())
        .fetch_all(&mut *transaction)
        .await?;
        let mut claimed = Vec::with_capacity(devices.len());
        for row in &devices {
            claimed.extend(claim(&mut transaction, id(row, "device")?, suite).await?);
        }
        transaction.commit().await?;
        Ok(Some(claimed))
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

/// Takes the oldest KeyPackage, or the last resort without taking it away.
async fn claim(
    connection: &mut SqliteConnection,
    device: DeviceId,
    suite: Suite,
) -> Result<Option<ClaimedFromStock>, StoreError> {
    let found = sqlx::query(
        "SELECT id, last_resort, key_package FROM key_packages WHERE device = ? AND suite = ?
         ORDER BY last_resort, id LIMIT 1",
    )
    .bind(device.as_bytes().as_slice())
    .bind(i64::from(suite.code_point()))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = found else {
        return Ok(None);
    };
    if !row.try_get::<bool, _>("last_resort")? {
        sqlx::query("DELETE FROM key_packages WHERE id = ?")
            .bind(row.try_get::<i64, _>("id")?)
            .execute(&mut *connection)
            .await?;
    }
    let remaining: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM key_packages WHERE device = ? AND suite = ? AND last_resort = 0",
    )
    .bind(device.as_bytes().as_slice())
    .bind(i64::from(suite.code_point()))
    .fetch_one(connection)
    .await?;
    Ok(Some(ClaimedFromStock {
        device,
        key_package: Bytes::from(row.try_get::<Vec<u8>, _>("key_package")?),
        remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
    }))
}

async fn stock(connection: &mut SqliteConnection, device: DeviceId) -> Result<KeyPackageStock, StoreError> {
    let suites = sqlx::query(
        "SELECT suite, sum(1 - last_resort) AS remaining, max(last_resort) AS last_resort FROM key_packages
         WHERE device = ? GROUP BY suite",
    )
    .bind(device.as_bytes().as_slice())
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        Ok(SuiteStock {
            suite: suite(row, "suite")?,
            remaining: number(row, "remaining")?,
            last_resort: row.try_get("last_resort")?,
        })
    })
    .collect::<Result<_, StoreError>>()?;
    Ok(KeyPackageStock { suites })
}
