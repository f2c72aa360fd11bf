//! Which devices are connected to this node.

use super::lock;
use super::outbox::Outbox;
use sotto_protocol::frame::Goodbye;
use sotto_protocol::{AccountId, DeviceAddress, DeviceId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Locks: many connections come and go while many entries look for theirs.
pub(super) const PARTS: usize = 64;

/// The devices of one account that are connected: a handful.
type Devices = Vec<(DeviceId, Arc<Outbox>)>;

/// The connected devices, by account.
#[derive(Debug)]
pub(super) struct Registry {
    parts: Vec<Mutex<HashMap<AccountId, Devices>>>,
}

impl Registry {
    pub(super) fn new() -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Registers a device's connection; its older one ends.
    pub(super) fn insert(&self, address: DeviceAddress, outbox: Arc<Outbox>) {
        let replaced = self.with_devices(address.account, |devices| {
            let registered = devices.iter_mut().find(|(device, _)| *device == address.device);
            if let Some((_, registered)) = registered {
                Some(std::mem::replace(registered, outbox))
            } else {
                devices.push((address.device, outbox));
                None
            }
        });
        if let Some(replaced) = replaced {
            replaced.close(Goodbye::Replaced);
        }
    }

    /// Forgets this connection of the device, not a newer one.
    pub(super) fn remove(&self, address: DeviceAddress, outbox: &Arc<Outbox>) {
        self.with_devices(address.account, |devices| {
            devices
                .retain(|(device, registered)| *device != address.device || !Arc::ptr_eq(registered, outbox));
        });
    }

    pub(super) fn get(&self, address: DeviceAddress) -> Option<Arc<Outbox>> {
        let part = lock(self.part(address.account));
        part.get(&address.account)?
            .iter()
            .find(|(device, _)| *device == address.device)
            .map(|(_, outbox)| Arc::clone(outbox))
    }

    pub(super) fn devices_of(&self, account: AccountId) -> Vec<(DeviceId, Arc<Outbox>)> {
        lock(self.part(account))
            .get(&account)
            .cloned()
            .unwrap_or_default()
    }

    /// Asks the connections of one of the [`PARTS`].
    pub(super) fn ask_for_signs_of_life(&self, part: usize) {
        if let Some(part) = self.parts.get(part) {
            for (_, outbox) in lock(part).values().flatten() {
                outbox.ask_for_sign_of_life();
            }
        }
    }

    pub(super) fn close_all(&self, goodbye: Goodbye) {
        self.for_each(|outbox| outbox.close(goodbye));
    }

    /// Does something with every connection's outbox, a part of them under lock at a time.
    pub(super) fn for_each(&self, mut act: impl FnMut(&Outbox)) {
        for part in &self.parts {
            for (_, outbox) in lock(part).values().flatten() {
                act(outbox);
            }
        }
    }

    fn with_devices<T>(&self, account: AccountId, change: impl FnOnce(&mut Devices) -> T) -> T {
        let mut part = lock(self.part(account));
        let devices = part.entry(account).or_default();
        let result = change(devices);
        if devices.is_empty() {
            part.remove(&account);
        }
        result
    }

    #[allow(clippy::indexing_slicing, reason = "a remainder of the length is within it")]
    fn part(&self, account: AccountId) -> &Mutex<HashMap<AccountId, Devices>> {
        let [first, ..] = account.as_bytes();
        &self.parts[usize::from(*first) % self.parts.len()]
    }
}
