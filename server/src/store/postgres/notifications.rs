//! [`NotificationStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{address, integer};
use crate::store::notification::{joined, parted};
use crate::store::{NewSubscription, NotificationStore, StoreError, Subscription, SubscriptionKeys};
use sotto_protocol::{DeviceAddress, Timestamp};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

impl NotificationStore for PostgresAccounts {
    async fn put_subscription(&self, new: NewSubscription) -> Result<bool, StoreError> {
        self.database.patiently(self.keep_subscription(new)).await
    }

    async fn subscriptions(
        &self,
        devices: &[DeviceAddress],
        now: Timestamp,
    ) -> Result<Vec<Subscription>, StoreError> {
        self.database
            .patiently(self.read_subscriptions(devices, now))
            .await
    }

    async fn forget_subscription(
        &self,
        device: DeviceAddress,
        endpoint: Option<&str>,
    ) -> Result<(), StoreError> {
        self.database
            .patiently(self.erase_subscription(device, endpoint))
            .await
    }
}

impl PostgresAccounts {
    async fn keep_subscription(&self, new: NewSubscription) -> Result<bool, StoreError> {
        let put = sqlx::query(
            "INSERT INTO notification_subscriptions (device, account, session, endpoint, p256dh, auth, quiet_chats)
             SELECT device, account, session, $1, $2, $3, $4 FROM sessions WHERE session = $5 AND device = $6
             ON CONFLICT (device) DO UPDATE SET session = excluded.session, endpoint = excluded.endpoint,
                 p256dh = excluded.p256dh, auth = excluded.auth, quiet_chats = excluded.quiet_chats",
        )
        .bind(new.endpoint)
        .bind(new.keys.p256dh.as_slice())
        .bind(new.keys.auth.as_slice())
        .bind(joined(&new.quiet_chats))
        .bind(new.session.0.as_slice())
        .bind(new.device.device.as_bytes().as_slice())
        .execute(self.database.writers())
        .await?;
        Ok(put.rows_affected() == 1)
    }

    async fn read_subscriptions(
        &self,
        devices: &[DeviceAddress],
        now: Timestamp,
    ) -> Result<Vec<Subscription>, StoreError> {
        let ids: Vec<&[u8]> = devices
            .iter()
            .map(|address| address.device.as_bytes().as_slice())
            .collect();
        let rows = sqlx::query(
            "SELECT subscribed.device, subscribed.account, endpoint, p256dh, auth, quiet_chats
             FROM notification_subscriptions AS subscribed
             JOIN sessions ON sessions.session = subscribed.session
             WHERE subscribed.device = ANY($1) AND sessions.expires_at > $2
                 AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.account = subscribed.account AND (ends_at IS NULL OR ends_at > $2))",
        )
        .bind(ids)
        .bind(integer(now.0))
        .fetch_all(self.database.readers())
        .await?;
        rows.iter().map(read).collect()
    }

    async fn erase_subscription(
        &self,
        device: DeviceAddress,
        endpoint: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM notification_subscriptions WHERE device = $1 AND account = $2 AND endpoint = coalesce($3, endpoint)",
        )
        .bind(device.device.as_bytes().as_slice())
        .bind(device.account.as_bytes().as_slice())
        .bind(endpoint)
        .execute(self.database.writers())
        .await?;
        Ok(())
    }
}

fn read(row: &PgRow) -> Result<Subscription, StoreError> {
    let unreadable = |what| move |_| StoreError::Unreadable { what };
    Ok(Subscription {
        device: address(row)?,
        endpoint: row.try_get("endpoint")?,
        keys: SubscriptionKeys {
            p256dh: row
                .try_get::<&[u8], _>("p256dh")?
                .try_into()
                .map_err(unreadable("p256dh"))?,
            auth: row
                .try_get::<&[u8], _>("auth")?
                .try_into()
                .map_err(unreadable("auth"))?,
        },
        quiet_chats: parted(row.try_get("quiet_chats")?)?,
    })
}
