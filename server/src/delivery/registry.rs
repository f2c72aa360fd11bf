//! Which devices are connected to this node.

use super::lock;
use super::outbox::Outbox;
use super::repair::Repairs;
use crate::bus::{Bus, Change, ConnectionStamp, PartOfDevices, Ticket};
use sotto_protocol::frame::Goodbye;
use sotto_protocol::{AccountId, DeviceAddress, DeviceId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Locks: many connections come and go while many entries look for theirs.
pub(super) const PARTS: usize = 64;

/// The devices of one account that are connected: a handful.
type Devices = Vec<Connected>;

/// A device's connection.
#[derive(Debug)]
struct Connected {
    device: DeviceId,
    outbox: Arc<Outbox>,
    /// When it began, by the clock that the nodes keep together.
    at: u64,
}

/// The connected devices, by account.
#[derive(Debug)]
pub(super) struct Registry {
    parts: Vec<Mutex<HashMap<AccountId, Devices>>>,
    /// Whom to tell of changes, in their order.
    bus: Option<Arc<Bus>>,
    /// What the devices may have missed.
    pub(super) repairs: Arc<Repairs>,
}

impl Registry {
    pub(super) fn new(bus: Option<Arc<Bus>>) -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            bus,
            repairs: Arc::default(),
        }
    }

    /// Registers a device's connection; its older one ends.
    pub(super) fn insert(&self, address: DeviceAddress, outbox: Arc<Outbox>) -> Ticket {
        let DeviceAddress { account, device } = address;
        let (replaced, ticket) = self.with_devices(account, |devices| {
            let at = self.bus.as_ref().map_or(0, |bus| bus.common_time());
            let registered = devices.iter_mut().find(|registered| registered.device == device);
            let replaced = if let Some(registered) = registered {
                self.announce(Change::Gone(account));
                registered.at = at;
                Some(std::mem::replace(&mut registered.outbox, outbox))
            } else {
                // Most accounts have one: no room for three more.
                devices.reserve_exact(1);
                devices.push(Connected { device, outbox, at });
                None
            };
            (replaced, self.announce(Change::Connected(address, at)))
        });
        if let Some(replaced) = replaced {
            replaced.close(Goodbye::Replaced);
        }
        ticket
    }

    /// Forgets this connection of the device, not a newer one.
    pub(super) fn remove(&self, address: DeviceAddress, outbox: &Arc<Outbox>) {
        let DeviceAddress { account, device } = address;
        self.with_devices(account, |devices| {
            let before = devices.len();
            devices
                .retain(|registered| registered.device != device || !Arc::ptr_eq(&registered.outbox, outbox));
            if devices.len() < before {
                self.announce(Change::Gone(account));
            }
        });
    }

    /// Ends the device's connection if it began before another one, at another node.
    pub(super) fn end_older(&self, address: DeviceAddress, newer: ConnectionStamp) {
        let Some(bus) = &self.bus else {
            return;
        };
        let older = lock(self.part(address.account))
            .get(&address.account)
            .and_then(|devices| {
                devices
                    .iter()
                    .find(|registered| registered.device == address.device)
            })
            .filter(|registered| bus.stamp(registered.at) < newer)
            .map(|registered| Arc::clone(&registered.outbox));
        if let Some(older) = older {
            older.close(Goodbye::Replaced);
        }
    }

    pub(super) fn get(&self, address: DeviceAddress) -> Option<Arc<Outbox>> {
        let part = lock(self.part(address.account));
        part.get(&address.account)?
            .iter()
            .find(|registered| registered.device == address.device)
            .map(|registered| Arc::clone(&registered.outbox))
    }

    /// The device's connection, if it began before this time by the clock that the nodes keep together.
    pub(super) fn connected_before(&self, address: DeviceAddress, time: u64) -> Option<Arc<Outbox>> {
        let part = lock(self.part(address.account));
        part.get(&address.account)?
            .iter()
            .find(|registered| registered.device == address.device && registered.at < time)
            .map(|registered| Arc::clone(&registered.outbox))
    }

    pub(super) fn devices_of(&self, account: AccountId) -> Vec<(DeviceId, Arc<Outbox>)> {
        let part = lock(self.part(account));
        let devices = part.get(&account).into_iter().flatten();
        devices
            .map(|registered| (registered.device, Arc::clone(&registered.outbox)))
            .collect()
    }

    /// The devices of one of the [`PARTS`], with when they connected. Calls `meanwhile` before they change again.
    pub(super) fn connected_devices(&self, part: usize, meanwhile: &mut dyn FnMut()) -> PartOfDevices {
        let part = lock(self.parts.get(part)?);
        meanwhile();
        let devices = part.iter().flat_map(|(&account, devices)| {
            devices.iter().map(move |registered| {
                let address = DeviceAddress {
                    account,
                    device: registered.device,
                };
                (address, registered.at)
            })
        });
        Some(devices.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| lock(part).is_empty())
    }

    /// Asks the connections of one of the [`PARTS`].
    pub(super) fn ask_for_signs_of_life(&self, part: usize) {
        if let Some(part) = self.parts.get(part) {
            for registered in lock(part).values().flatten() {
                registered.outbox.ask_for_sign_of_life();
            }
        }
    }

    pub(super) fn close_all(&self, goodbye: Goodbye) {
        self.for_each(|outbox| outbox.close(goodbye));
    }

    /// Does something with every connection's outbox, a part of them under lock at a time.
    pub(super) fn for_each(&self, mut act: impl FnMut(&Outbox)) {
        for part in &self.parts {
            for registered in lock(part).values().flatten() {
                act(&registered.outbox);
            }
        }
    }

    fn announce(&self, change: Change) -> Ticket {
        self.bus
            .as_ref()
            .map_or_else(Ticket::default, |bus| bus.announce(change))
    }

    /// Changes are announced while the part is locked, so that those of one device are told in their order.
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
