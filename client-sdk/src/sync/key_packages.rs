//! The stock of KeyPackages on the server: topped up when it is low, its last resort replaced in time. What is private
//! about them is written before they are published.

use super::{Done, Engine};
use crate::api::ApiError;
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError, Scan};
use serde::{Deserialize, Serialize};
use sotto_crypto_core::KeyPackages;
use sotto_protocol::rest::key_package::{KeyPackageStock, PublishKeyPackages};
use sotto_protocol::{Binary, Suite, Timestamp};

/// How many KeyPackages the server is to have.
const STOCK: u32 = 50;
/// Under how many it is topped up.
const LOW: u32 = 20;
/// After how long the last resort is replaced, in milliseconds: a week.
const ROTATE_AFTER_MS: u64 = 7 * 24 * 60 * 60 * 1000;
/// The suite that chats are begun in.
pub(crate) const SUITE: Suite = Suite::XWing;

/// What the store keeps of the last-resort KeyPackage.
#[derive(Serialize, Deserialize)]
struct RotationRecord {
    made_at: Timestamp,
}

impl<P: Platform> Engine<P> {
    /// Reads the private material anew.
    pub(crate) async fn read_key_packages(&mut self) -> Result<(), RecordsError> {
        let prefix: Vec<u8> = record_key::key_packages().into();
        let records = self.surroundings.records.clone();
        let found = records.scan_bytes(Scan::prefix(prefix.clone())).await?;
        self.key_packages = KeyPackages::from_records(found.into_iter().filter_map(|(key, value)| {
            let key = key.strip_prefix(prefix.as_slice())?.to_vec();
            Some((key, value.expose().to_vec()))
        }));
        Ok(())
    }

    /// Adds what has changed of the private material to a batch.
    pub(crate) fn put_key_packages(&mut self, changes: &mut Changes) {
        for change in self.key_packages.take_changes() {
            let key = record_key::key_package(&change.key);
            match change.value {
                Some(value) => changes.put_bytes(key, value),
                None => changes.delete(key),
            }
        }
    }

    /// Asks for the stock, unless that is under way.
    pub(crate) fn look_after_key_packages(&mut self) {
        if core::mem::replace(&mut self.stocking, true) {
            return;
        }
        let api = self.api.clone();
        self.start(async move {
            let result = api.key_package_stock().await;
            Done::Stock { result }
        });
    }

    /// The stock is known: what is missing is made, written and published.
    pub(crate) async fn stock_read(&mut self, result: Result<KeyPackageStock, ApiError>) {
        self.stocking = false;
        // What failed is tried again on the next connection, or in an hour.
        let Ok(stock) = result else {
            return;
        };
        let now = self.now();
        let stock = stock.suites.iter().find(|stock| stock.suite == SUITE);
        let remaining = stock.map_or(0, |stock| stock.remaining);
        let rotation = self
            .surroundings
            .records
            .clone()
            .get::<RotationRecord>(&record_key::key_package_rotation())
            .await;
        let Ok(rotation) = rotation else {
            return self.store_failed();
        };
        let has_last_resort = stock.is_some_and(|stock| stock.last_resort);
        let fresh = rotation.is_some_and(|rotation| now < rotation.made_at.plus_millis(ROTATE_AFTER_MS));
        let rotate = !has_last_resort || !fresh;
        let missing = if remaining < LOW { STOCK - remaining } else { 0 };
        if missing == 0 && !rotate {
            return;
        }
        let Some(request) = self.make_key_packages(missing, rotate, now).await else {
            return;
        };
        self.stocking = true;
        let api = self.api.clone();
        self.start(async move {
            // What was not published is missing in the stock when that is asked for the next time.
            let _ = api.publish_key_packages(&request).await;
            Done::Published
        });
    }

    /// Fills the stock of a device that is new.
    pub(crate) async fn publish_first_key_packages(&mut self) {
        let now = self.now();
        if let Some(request) = self.make_key_packages(STOCK, true, now).await {
            let _ = self.api.publish_key_packages(&request).await;
        }
    }

    async fn make_key_packages(
        &mut self,
        count: u32,
        rotate: bool,
        now: Timestamp,
    ) -> Option<PublishKeyPackages> {
        let me = self.me.as_ref()?;
        let mut generate = |last_resort| {
            let key_package = self
                .key_packages
                .generate(&mut self.rng, &me.device, SUITE, now, last_resort);
            key_package.map(Binary::from)
        };
        let made: Result<Vec<Binary>, _> = (0..count).map(|_| generate(false)).collect();
        let last_resort: Result<Vec<Binary>, _> = rotate.then(|| generate(true)).into_iter().collect();
        let (Ok(key_packages), Ok(last_resort)) = (made, last_resort) else {
            // What was made in vain is forgotten with the rest of memory.
            self.store_failed();
            return None;
        };
        // Those that nobody may use any more are only a burden; if that fails they stay one.
        let _ = self.key_packages.delete_expired(now);
        let mut changes = Changes::new();
        self.put_key_packages(&mut changes);
        if rotate {
            changes.put(
                record_key::key_package_rotation(),
                &RotationRecord { made_at: now },
            );
        }
        if self.flush(changes).await.is_err() {
            self.store_failed();
            return None;
        }
        Some(PublishKeyPackages {
            key_packages,
            last_resort,
        })
    }
}
