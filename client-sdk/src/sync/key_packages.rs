//! The stock of KeyPackages on the server: topped up when it is low, its last resort replaced in time. What is private
//! about them is written before they are published.

use super::{Done, Engine};
use crate::api::ApiError;
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError, Scan};
use serde::{Deserialize, Serialize};
use sotto_crypto_core::KeyPackages;
use sotto_protocol::rest::key_package::{KeyPackageStock, PublishKeyPackages, SuiteStock};
use sotto_protocol::{Binary, Suite, Timestamp};

/// What the server is to have of one suite.
struct Stock {
    suite: Suite,
    /// How many KeyPackages.
    full: u32,
    /// Under how many it is topped up. A device that is new makes so many: who logs in waits for them.
    low: u32,
}

/// Of the suite of large groups fewer are asked for: a device is in few of them.
const STOCKS: [Stock; 2] = [
    Stock {
        suite: Suite::XWing,
        full: 50,
        low: 20,
    },
    Stock {
        suite: Suite::X25519,
        full: 30,
        low: 20,
    },
];
/// After how long the last resort is replaced, in milliseconds: a week.
const ROTATE_AFTER_MS: u64 = 7 * 24 * 60 * 60 * 1000;
/// After how long a last resort is replaced that was handed out, in milliseconds: an hour, so that whoever claims it on and
/// on does not keep the device busy.
const ROTATE_USED_AFTER_MS: u64 = 60 * 60 * 1000;
/// The suite that chats are begun in that are no groups.
pub(crate) const SUITE: Suite = Suite::XWing;

/// KeyPackages of one suite that are to be made.
#[derive(Clone, Copy)]
struct Missing {
    suite: Suite,
    count: u32,
    last_resort: bool,
}

/// What the store keeps of the last-resort KeyPackage of a suite.
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
        let mut missing = Vec::new();
        for Stock { suite, full, low } in STOCKS {
            let rotation = self
                .surroundings
                .records
                .clone()
                .get::<RotationRecord>(&record_key::key_package_rotation(suite))
                .await;
            let Ok(rotation) = rotation else {
                return self.store_failed();
            };
            let stock = stock.suites.iter().find(|stock| stock.suite == suite);
            let remaining = stock.map_or(0, |stock| stock.remaining);
            missing.push(Missing {
                suite,
                count: if remaining < low { full - remaining } else { 0 },
                last_resort: is_rotation_due(stock, rotation.map(|rotation| rotation.made_at), now),
            });
        }
        missing.retain(|missing| missing.count > 0 || missing.last_resort);
        if missing.is_empty() {
            return;
        }
        let Some(request) = self.make_key_packages(&missing, now).await else {
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

    /// Begins the stock of a device that is new.
    pub(crate) async fn publish_first_key_packages(&mut self) {
        let now = self.now();
        let all = STOCKS.map(|Stock { suite, low, .. }| Missing {
            suite,
            count: low,
            last_resort: true,
        });
        if let Some(request) = self.make_key_packages(&all, now).await {
            let _ = self.api.publish_key_packages(&request).await;
        }
    }

    async fn make_key_packages(&mut self, missing: &[Missing], now: Timestamp) -> Option<PublishKeyPackages> {
        let me = self.me.as_ref()?;
        let mut generate = |suite, last_resort| {
            let key_package = self
                .key_packages
                .generate(&mut self.rng, &me.device, suite, now, last_resort);
            key_package.map(Binary::from)
        };
        let made: Result<Vec<Binary>, _> = missing
            .iter()
            .flat_map(|missing| (0..missing.count).map(|_| missing.suite))
            .map(|suite| generate(suite, false))
            .collect();
        let rotated: Vec<Suite> = missing
            .iter()
            .filter(|missing| missing.last_resort)
            .map(|missing| missing.suite)
            .collect();
        let last_resort: Result<Vec<Binary>, _> =
            rotated.iter().map(|suite| generate(*suite, true)).collect();
        let (Ok(key_packages), Ok(last_resort)) = (made, last_resort) else {
            // What was made in vain is forgotten with the rest of memory.
            self.store_failed();
            return None;
        };
        // Those that nobody may use any more are only a burden; if that fails they stay one.
        let _ = self.key_packages.delete_expired(now);
        let mut changes = Changes::new();
        self.put_key_packages(&mut changes);
        for suite in rotated {
            changes.put(
                record_key::key_package_rotation(suite),
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

/// Whether the last resort has to be replaced, which was made then: it is not there, has served its time, or was handed out
/// and is no longer new.
fn is_rotation_due(stock: Option<&SuiteStock>, made_at: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(stock) = stock.filter(|stock| stock.last_resort) else {
        return true;
    };
    let rotate_after = if stock.last_resort_used {
        ROTATE_USED_AFTER_MS
    } else {
        ROTATE_AFTER_MS
    };
    made_at.is_none_or(|made_at| now >= made_at.plus_millis(rotate_after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: Timestamp = Timestamp(1_800_000_000_000);

    fn stock(last_resort: bool, last_resort_used: bool) -> SuiteStock {
        SuiteStock {
            suite: SUITE,
            remaining: 50,
            last_resort,
            last_resort_used,
        }
    }

    fn is_due(stock: SuiteStock, millis: u64) -> bool {
        is_rotation_due(Some(&stock), Some(MADE), MADE.plus_millis(millis))
    }

    #[test]
    fn a_last_resort_is_replaced_after_a_week_and_an_hour_after_it_was_made_if_it_was_handed_out() {
        let unused = stock(true, false);
        assert!(!is_due(unused, ROTATE_AFTER_MS - 1));
        assert!(is_due(unused, ROTATE_AFTER_MS));
        let used = stock(true, true);
        assert!(!is_due(used, ROTATE_USED_AFTER_MS - 1));
        assert!(is_due(used, ROTATE_USED_AFTER_MS));
    }

    #[test]
    fn a_last_resort_that_is_not_there_is_made() {
        assert!(is_due(stock(false, false), 0));
        assert!(is_rotation_due(None, Some(MADE), MADE));
        assert!(is_rotation_due(Some(&stock(true, false)), None, MADE));
    }
    #[test]
    fn a_full_stock_of_every_suite_fits_into_one_publication() {
        for suite in Suite::ALL {
            assert!(
                STOCKS
                    .iter()
                    .any(|stock| stock.suite == suite && stock.low < stock.full)
            );
        }
        let all: u32 = STOCKS.iter().map(|stock| stock.full).sum();
        assert!(usize::try_from(all).unwrap() <= sotto_protocol::limits::KEY_PACKAGES_PER_REQUEST);
    }
}
