//! How far others are with what is said in a chat, as their devices have told.

use crate::groups::Whom;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::Marker;
use sotto_protocol::{AccountId, DeviceAddress, Seq, Timestamp};
use std::collections::BTreeMap;

/// How far a member is with what is said in a chat, as its devices have told. A message of this account is delivered or read
/// once its position is not beyond these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The member.
    pub who: Whom,
    /// It came into the chat after this position: what was said before does not concern it.
    pub since: u64,
    /// One of its devices has everything up to this position; 0 if none has told.
    pub delivered: u64,
    /// It has read everything up to this position; 0 if it has not told.
    pub read: u64,
}

/// What the devices of others have told in one chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReceiptsRecord {
    devices: BTreeMap<DeviceAddress, Told>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    delivered: Seq,
    read: Seq,
    seen_at: Timestamp,
}

impl ReceiptsRecord {
    /// Takes in a device's marker. What is less than it has told before was sent before: the server could send it again. `false` if
    /// it says nothing new. Nobody was there in the future, whatever a device says.
    pub(crate) fn take(&mut self, from: DeviceAddress, marker: &Marker, now: Timestamp) -> bool {
        let told = self.devices.entry(from).or_default();
        let before = *told;
        let read = marker.read.unwrap_or_default();
        told.read = before.read.max(read);
        told.delivered = before
            .delivered
            .max(marker.delivered.unwrap_or_default())
            .max(read);
        told.seen_at = before.seen_at.max(marker.seen_at.unwrap_or_default().min(now));
        *told != before
    }

    /// Up to where an account has everything, and has read it.
    pub(crate) fn of(&self, account: AccountId) -> (u64, u64) {
        let told = self.devices_of(account);
        told.fold((0, 0), |(delivered, read), told| {
            (delivered.max(told.delivered.0), read.max(told.read.0))
        })
    }

    /// When somebody was at one of an account's devices last.
    pub(crate) fn seen_at(&self, account: AccountId) -> Option<Timestamp> {
        let seen = self.devices_of(account).map(|told| told.seen_at).max();
        seen.filter(|&at| at > Timestamp::default())
    }

    fn devices_of(&self, account: AccountId) -> impl Iterator<Item = &Told> {
        let devices = self.devices.iter();
        devices.filter_map(move |(device, told)| (device.account == account).then_some(told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::DeviceId;

    const NOW: Timestamp = Timestamp(120_000);
    const BEA: AccountId = AccountId::from_bytes([1; 16]);

    const fn device(number: u8) -> DeviceAddress {
        DeviceAddress {
            account: BEA,
            device: DeviceId::from_bytes([number; 16]),
        }
    }

    fn marker(delivered: u64, read: Option<u64>) -> Marker {
        Marker {
            delivered: Some(Seq(delivered)),
            read: read.map(Seq),
            ..Marker::default()
        }
    }

    #[test]
    fn an_account_is_as_far_as_the_furthest_of_its_devices() {
        let mut receipts = ReceiptsRecord::default();
        assert!(receipts.take(device(1), &marker(9, None), NOW));
        assert!(receipts.take(device(2), &marker(4, Some(4)), NOW));
        assert_eq!(receipts.of(BEA), (9, 4));
        assert_eq!(receipts.of(AccountId::from_bytes([2; 16])), (0, 0));
    }

    #[test]
    fn an_older_marker_takes_nothing_back() {
        let mut receipts = ReceiptsRecord::default();
        assert!(receipts.take(device(1), &marker(9, Some(7)), NOW));
        assert!(!receipts.take(device(1), &marker(8, Some(6)), NOW));
        assert!(!receipts.take(device(1), &Marker::default(), NOW));
        assert_eq!(receipts.of(BEA), (9, 7));
    }

    #[test]
    fn nobody_was_there_in_the_future() {
        let mut receipts = ReceiptsRecord::default();
        let seen = |at| Marker {
            seen_at: Some(Timestamp(at)),
            ..Marker::default()
        };
        assert_eq!(receipts.seen_at(BEA), None);
        assert!(receipts.take(device(1), &seen(60_000), NOW));
        assert_eq!(receipts.seen_at(BEA), Some(Timestamp(60_000)));
        assert!(receipts.take(device(1), &seen(u64::MAX), NOW));
        assert_eq!(receipts.seen_at(BEA), Some(NOW));
    }

    #[test]
    fn what_was_read_was_delivered() {
        let mut receipts = ReceiptsRecord::default();
        let marker = Marker {
            read: Some(Seq(5)),
            ..Marker::default()
        };
        assert!(receipts.take(device(1), &marker, NOW));
        assert_eq!(receipts.of(BEA), (5, 5));
    }
}
