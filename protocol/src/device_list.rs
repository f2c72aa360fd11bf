//! The list of an account's devices, signed by the account's identity key.

use crate::{AccountId, AccountName, Binary, DeviceId, DeviceKey, IdentityKey, Signature, limits};
use serde::{Deserialize, Serialize};

/// The devices of an account. Each change makes a list with the next version; a reader that has seen one refuses
/// any with a lower version, so nobody can add a device unseen or bring a removed one back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceList {
    /// The account.
    pub account: AccountId,
    /// The account's name: the identity key answers for it.
    pub name: AccountName,
    /// The account's identity key, whose signature the list carries.
    pub identity_key: IdentityKey,
    /// 1 for the account's first list, one more for each next.
    pub version: u64,
    /// The devices, at most [`limits::DEVICES_PER_ACCOUNT`], none twice.
    pub devices: Vec<ListedDevice>,
}

/// A device in a [`DeviceList`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ListedDevice {
    /// The device.
    pub device: DeviceId,
    /// Its signature key.
    pub device_key: DeviceKey,
}

/// An encoded [`DeviceList`] and the identity key's signature over exactly these bytes.
///
/// Reading it through [`Self::claimed`] checks its form only; `sotto-crypto-core` checks the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedDeviceList {
    /// A version byte and the postcard-encoded [`DeviceList`].
    pub list: Binary,
    /// The identity key's signature over `list`.
    pub signature: Signature,
}

/// The bytes are no device list of a version that is known here, or break one of its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a device list of a known version")]
pub struct MalformedDeviceList;

/// The account has [`limits::DEVICES_PER_ACCOUNT`] devices: one has to be removed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account has at most {} devices", limits::DEVICES_PER_ACCOUNT)]
pub struct TooManyDevices;

const VERSION: u8 = 1;

impl DeviceList {
    /// The list's bytes, as they are signed.
    #[must_use]
    #[allow(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "serialising plain data into memory has no error to return"
    )]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![VERSION]).expect("plain data always encodes")
    }

    /// The list that `bytes` are, and nothing after it.
    pub fn decode(bytes: &[u8]) -> Result<Self, MalformedDeviceList> {
        let (&version, fields) = bytes.split_first().ok_or(MalformedDeviceList)?;
        if version != VERSION || bytes.len() > limits::DEVICE_LIST_BYTES {
            return Err(MalformedDeviceList);
        }
        let (list, rest) = postcard::take_from_bytes::<Self>(fields).map_err(|_| MalformedDeviceList)?;
        let distinct: std::collections::BTreeSet<_> =
            list.devices.iter().map(|listed| listed.device).collect();
        let sound = rest.is_empty()
            && list.version > 0
            && distinct.len() == list.devices.len()
            && list.devices.len() <= limits::DEVICES_PER_ACCOUNT;
        if sound { Ok(list) } else { Err(MalformedDeviceList) }
    }

    /// Whether the list has this device with this key.
    #[must_use]
    pub fn contains(&self, device: DeviceId, device_key: DeviceKey) -> bool {
        self.devices.contains(&ListedDevice { device, device_key })
    }

    /// The next list, which has this device too.
    pub fn with(mut self, device: ListedDevice) -> Result<Self, TooManyDevices> {
        if self.devices.len() >= limits::DEVICES_PER_ACCOUNT {
            return Err(TooManyDevices);
        }
        self.devices.push(device);
        Ok(self.next())
    }

    /// The next list, which does not have this device.
    #[must_use]
    pub fn without(mut self, device: DeviceId) -> Self {
        self.devices.retain(|listed| listed.device != device);
        self.next()
    }

    fn next(mut self) -> Self {
        self.version = self.version.saturating_add(1);
        self
    }
}

impl SignedDeviceList {
    /// What the list claims, its signature unchecked.
    pub fn claimed(&self) -> Result<DeviceList, MalformedDeviceList> {
        DeviceList::decode(self.list.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(devices: Vec<ListedDevice>) -> DeviceList {
        DeviceList {
            account: AccountId::from_bytes([1; 16]),
            name: "alice".parse().unwrap(),
            identity_key: IdentityKey::from_bytes([2; 32]),
            version: 3,
            devices,
        }
    }

    fn device(number: u8) -> ListedDevice {
        ListedDevice {
            device: DeviceId::from_bytes([number; 16]),
            device_key: DeviceKey::from_bytes([number; 32]),
        }
    }

    #[test]
    fn a_list_cut_anywhere_or_continued_is_refused() {
        let mut encoded = list(vec![device(1), device(2)]).encode();
        assert!(DeviceList::decode(&encoded).is_ok());
        for length in 0..encoded.len() {
            assert_eq!(DeviceList::decode(&encoded[..length]), Err(MalformedDeviceList));
        }
        encoded.push(0);
        assert_eq!(DeviceList::decode(&encoded), Err(MalformedDeviceList));
    }

    #[test]
    fn a_list_that_names_a_device_twice_is_refused() {
        assert_eq!(
            DeviceList::decode(&list(vec![device(1), device(1)]).encode()),
            Err(MalformedDeviceList)
        );
    }

    #[test]
    fn the_largest_list_fits_its_limit() {
        let count = u8::try_from(limits::DEVICES_PER_ACCOUNT).unwrap();
        let mut largest = list((0..count).map(device).collect());
        largest.name = "a234567890123456789012345678901z".parse().unwrap();
        largest.version = u64::MAX;
        assert!(DeviceList::decode(&largest.encode()).is_ok());
        largest.devices.push(device(count));
        assert_eq!(DeviceList::decode(&largest.encode()), Err(MalformedDeviceList));
    }

    #[test]
    fn a_full_list_takes_no_device_until_one_is_removed() {
        let count = u8::try_from(limits::DEVICES_PER_ACCOUNT).unwrap();
        let full = list((0..count).map(device).collect());
        assert_eq!(full.clone().with(device(count)), Err(TooManyDevices));
        let next = full.without(device(0).device).with(device(count)).unwrap();
        assert!(!next.devices.contains(&device(0)) && next.devices.contains(&device(count)));
        assert_eq!(next.version, 5);
    }

    proptest! {
        #[test]
        fn any_list_survives_encoding(numbers in proptest::collection::btree_set(any::<u8>(), 0..limits::DEVICES_PER_ACCOUNT), version in 1_u64..) {
            let mut list = list(numbers.into_iter().map(device).collect());
            list.version = version;
            prop_assert_eq!(DeviceList::decode(&list.encode()).unwrap(), list);
        }

        #[test]
        fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = DeviceList::decode(&bytes);
        }
    }
}
