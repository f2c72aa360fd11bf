//! [`KeyPackageStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{id, integer, number, suite};
use crate::store::key_package::shelf_begins;
use crate::store::{
    Claim, ClaimedFromStock, KeyPackageStore, NewKeyPackage, PublishKeyPackagesError, StoreError,
};
use bytes::Bytes;
use sotto_protocol::rest::key_package::{KeyPackageStock, SuiteStock};
use sotto_protocol::{DeviceAddress, DeviceId, Timestamp, limits};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgExecutor};

impl KeyPackageStore for PostgresAccounts {
    async fn publish_key_packages(
        &self,
        device: DeviceAddress,
        key_packages: Vec<NewKeyPackage>,
        at: Timestamp,
    ) -> Result<KeyPackageStock, PublishKeyPackagesError> {
        self.database
            .patiently(self.publish(device, key_packages, at))
            .await
    }

    async fn key_package_stock(
        &self,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<KeyPackageStock, StoreError> {
        self.database
            .patiently(stock(self.database.readers(), device, shelf_begins(now)))
            .await
    }

    async fn claim_key_packages(&self, claim: Claim) -> Result<Option<Vec<ClaimedFromStock>>, StoreError> {
        self.database.patiently(self.claim_of_each(claim)).await
    }

    async fn purge_key_packages(&self, before: Timestamp) -> Result<(), StoreError> {
        let purge = sqlx::query("DELETE FROM key_packages WHERE published_at < $1")
            .bind(integer(before.0))
            .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(purge.await?) })
            .await?;
        Ok(())
    }
}

impl PostgresAccounts {
    async fn publish(
        &self,
        device: DeviceAddress,
        key_packages: Vec<NewKeyPackage>,
        at: Timestamp,
    ) -> Result<KeyPackageStock, PublishKeyPackagesError> {
        let mut transaction = self.database.begin().await?;
        // One publication after the other, so that the stock stays within its limit.
        let enrolled = sqlx::query("SELECT FROM devices WHERE device = $1 AND account = $2 FOR UPDATE")
            .bind(device.device.as_bytes().as_slice())
            .bind(device.account.as_bytes().as_slice())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(StoreError::from)?;
        if enrolled.is_none() {
            return Err(PublishKeyPackagesError::DeviceNotFound);
        }
        for key_package in &key_packages {
            insert(&mut transaction, device.device, key_package, at).await?;
        }
        let stock = stock(&mut *transaction, device.device, shelf_begins(at)).await?;
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

    async fn claim_of_each(&self, claim: Claim) -> Result<Option<Vec<ClaimedFromStock>>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let (account, by) = (claim.account, claim.by.account);
        let row = sqlx::query(
            "SELECT EXISTS (SELECT FROM accounts WHERE account = $1) AS found,
                 EXISTS (SELECT FROM blocks WHERE account = $1 AND blocked = $2) AS blocked,
                 EXISTS (SELECT FROM direct_chats WHERE lower_account = least($1, $2)
                     AND higher_account = greatest($1, $2) AND creator_account = $1) AS trusted",
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
            "SELECT device FROM devices WHERE account = $1 AND device <> $2 ORDER BY enrolled_at, device",
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
}

async fn insert(
    connection: &mut PgConnection,
    device: DeviceId,
    key_package: &NewKeyPackage,
    at: Timestamp,
) -> Result<(), StoreError> {
    let suite = i64::from(key_package.suite.code_point());
    if key_package.last_resort {
        sqlx::query("DELETE FROM key_packages WHERE device = $1 AND suite = $2 AND last_resort")
            .bind(device.as_bytes().as_slice())
            .bind(suite)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "INSERT INTO key_packages (device, suite, last_resort, key_package, published_at)
         SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (
             SELECT 1 FROM key_packages WHERE device = $1 AND suite = $2 AND key_package = $4)",
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

/// Takes the oldest KeyPackage that nobody else is taking just now, or the last resort without taking it away. Strangers
/// leave some of the others alone; of those who come at the same time a few may take one too many.
async fn take(
    connection: &mut PgConnection,
    device: DeviceId,
    claim: &Claim,
    is_stranger: bool,
) -> Result<Option<ClaimedFromStock>, StoreError> {
    let suite = i64::from(claim.suite.code_point());
    let since = shelf_begins(claim.at);
    let row = sqlx::query(
        "SELECT count(*) FILTER (WHERE NOT last_resort) AS remaining,
             coalesce(bool_or(last_resort), false) AS last_resort
         FROM key_packages WHERE device = $1 AND suite = $2 AND published_at >= $3",
    )
    .bind(device.as_bytes().as_slice())
    .bind(suite)
    .bind(integer(since.0))
    .fetch_one(&mut *connection)
    .await?;
    let remaining: u32 = number(&row, "remaining")?;
    let leaves_alone = claim.is_crowded || remaining <= limits::KEY_PACKAGES_RESERVED;
    if !(is_stranger && leaves_alone && row.try_get("last_resort")?) {
        let taken: Option<Vec<u8>> = sqlx::query_scalar(
            "DELETE FROM key_packages WHERE id = (
                 SELECT id FROM key_packages
                 WHERE device = $1 AND suite = $2 AND published_at >= $3 AND NOT last_resort
                 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
             RETURNING key_package",
        )
        .bind(device.as_bytes().as_slice())
        .bind(suite)
        .bind(integer(since.0))
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(key_package) = taken {
            return Ok(Some(ClaimedFromStock {
                device,
                key_package: Bytes::from(key_package),
                remaining: remaining.saturating_sub(1),
                is_last_resort: false,
            }));
        }
    }
    let last_resort = sqlx::query(
        "SELECT id, key_package, used FROM key_packages
         WHERE device = $1 AND suite = $2 AND published_at >= $3 AND last_resort",
    )
    .bind(device.as_bytes().as_slice())
    .bind(suite)
    .bind(integer(since.0))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = last_resort else {
        return Ok(None);
    };
    if !row.try_get::<bool, _>("used")? {
        sqlx::query("UPDATE key_packages SET used = true WHERE id = $1")
            .bind(row.try_get::<i64, _>("id")?)
            .execute(connection)
            .await?;
    }
    Ok(Some(ClaimedFromStock {
        device,
        key_package: Bytes::from(row.try_get::<Vec<u8>, _>("key_package")?),
        remaining,
        is_last_resort: true,
    }))
}

async fn stock(
    executor: impl PgExecutor<'_>,
    device: DeviceId,
    since: Timestamp,
) -> Result<KeyPackageStock, StoreError> {
    let suites = sqlx::query(
        "SELECT suite, count(*) FILTER (WHERE NOT last_resort) AS remaining, bool_or(last_resort) AS last_resort,
             bool_or(last_resort AND used) AS last_resort_used
         FROM key_packages WHERE device = $1 AND published_at >= $2 GROUP BY suite ORDER BY suite",
    )
    .bind(device.as_bytes().as_slice())
    .bind(integer(since.0))
    .fetch_all(executor)
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
