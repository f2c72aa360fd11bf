//! Whom to wake: devices for which something was stored while they were not connected. The writer leaves a list behind and goes
//! on; whoever listens looks at it in peace.

use super::{Delivery, lock};
use crate::bus::{Priority, Relay};
use crate::store::{ChatIndex, ListPosition, LogStore, PageRange, StoreError};
use crate::telemetry::metrics::{METRICS, PushOutcome};
use sotto_protocol::frame::EntryKind;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Timestamp, limits};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;

/// Entries that may wait to be looked at.
const WAITING: usize = 4096;
/// Devices that may wait to be looked at, with all entries together: 32 bytes each.
const WAITING_DEVICES: usize = 256 * 1024;

/// Devices whose connections have ended that may wait to be looked after.
const WAITING_GONE: usize = 16 * 1024;
/// Chats in one look at how far a device has come.
const STANDINGS_PER_PAGE: u16 = 500;

/// An entry, or a Welcome, that was stored for devices which may be connected or not.
#[derive(Debug)]
pub(crate) struct Wake {
    /// Its chat.
    pub(crate) chat: ChatId,
    /// Whose it is.
    pub(crate) from: AccountId,
    /// Devices of other accounts.
    pub(crate) devices: Vec<DeviceAddress>,
}

/// A device whose connection has ended. It may have been dead for a while, and what went into it lost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gone {
    /// The device.
    pub(crate) device: DeviceAddress,
    /// When, by the server's clock.
    pub(crate) at: Timestamp,
    /// The same, by that of the runtime.
    pub(crate) since: Instant,
}

/// What there is to listen to.
#[derive(Debug)]
pub(crate) struct Listener {
    /// Who was woken.
    pub(crate) wakes: Wakes,
    /// What is stored.
    pub(crate) stored: Receiver<Wake>,
    /// Whose connections end.
    pub(crate) gone: Receiver<Gone>,
}

/// The way to whoever listens. A clone is the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wakes(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    listener: OnceLock<(Sender<Wake>, Sender<Gone>)>,
    /// Devices in entries that wait.
    waiting_devices: AtomicUsize,
    woken: Mutex<HashMap<DeviceAddress, Woken>>,
}

/// A device that was woken and has not connected since.
#[derive(Clone, Copy, Debug)]
struct Woken {
    at: Instant,
    /// Whether something came after it.
    again: bool,
}

impl Wakes {
    /// Something was stored for these devices. Those of its own account are none that it wakes.
    pub(super) fn stored<'a>(
        &self,
        chat: ChatId,
        from: AccountId,
        devices: impl Iterator<Item = &'a DeviceAddress>,
    ) {
        let Some((listener, _)) = self.0.listener.get() else {
            return;
        };
        let devices: Vec<_> = devices.filter(|device| device.account != from).copied().collect();
        if devices.is_empty() {
            return;
        }
        let count = devices.len();
        let waiting = self.0.waiting_devices.fetch_add(count, Ordering::Relaxed);
        let wake = Wake { chat, from, devices };
        if waiting > WAITING_DEVICES || listener.try_send(wake).is_err() {
            self.0.waiting_devices.fetch_sub(count, Ordering::Relaxed);
            METRICS.push.of(PushOutcome::Dropped).increment();
        }
    }

    /// The device has connected: what comes when it is gone again wakes it at once.
    pub(super) fn connected(&self, device: DeviceAddress) {
        if self.0.listener.get().is_some() {
            lock(&self.0.woken).remove(&device);
        }
    }

    /// A connection of the device has ended.
    pub(super) fn gone(&self, device: DeviceAddress, at: Timestamp) {
        let Some((_, listener)) = self.0.listener.get() else {
            return;
        };
        let since = Instant::now();
        if listener.try_send(Gone { device, at, since }).is_err() {
            METRICS.push.of(PushOutcome::Dropped).increment();
        }
    }

    /// Some entries have been taken off the queue.
    pub(crate) fn taken(&self, wakes: &[Wake]) {
        let devices = wakes.iter().map(|wake| wake.devices.len()).sum();
        self.0.waiting_devices.fetch_sub(devices, Ordering::Relaxed);
    }

    /// Whether the device is to be woken now. If it was a moment ago, it is to be woken again later.
    pub(crate) fn begin(&self, device: DeviceAddress, now: Instant) -> bool {
        let mut woken = lock(&self.0.woken);
        if let Some(woken) = woken.get_mut(&device) {
            woken.again = true;
            return false;
        }
        woken.insert(
            device,
            Woken {
                at: now,
                again: false,
            },
        );
        true
    }

    /// The device was not woken after all.
    pub(crate) fn give_up(&self, device: DeviceAddress) {
        lock(&self.0.woken).remove(&device);
    }

    /// Forgets devices that were woken so long ago, and returns those for which something came since.
    pub(crate) fn over(&self, now: Instant, interval: Duration) -> Vec<DeviceAddress> {
        let mut again = Vec::new();
        lock(&self.0.woken).retain(|device, woken| {
            let is_over = now.duration_since(woken.at) >= interval;
            if is_over && woken.again {
                again.push(*device);
            }
            !is_over
        });
        again
    }
}

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// What is stored, and whose connections end, from now on. Whoever asks a second time hears nothing.
    pub(crate) fn listen_to_wakes(&self) -> Listener {
        let (to_stored, stored) = channel(WAITING);
        let (to_gone, gone) = channel(WAITING_GONE);
        let wakes = self.shared.fan_out.wakes.clone();
        // The first one stays.
        let _ = wakes.0.listener.set((to_stored, to_gone));
        Listener { wakes, stored, gone }
    }

    /// What was stored for the device by this time and was not acknowledged by it: in which chats, and whose. As much of each chat as
    /// a page holds.
    pub(crate) async fn unseen(
        &self,
        device: DeviceAddress,
        by: Timestamp,
    ) -> Result<BTreeSet<(ChatId, AccountId)>, StoreError> {
        let mut unseen = BTreeSet::new();
        for shard in &self.shared.shards {
            let mut after = ListPosition::default();
            loop {
                let standings = shard.log.standings(device, after, STANDINGS_PER_PAGE).await?;
                let Some(last) = standings.last() else {
                    break;
                };
                after = last.position;
                for standing in standings {
                    let Some(acknowledged) = standing.acknowledged.filter(|seq| *seq < standing.last) else {
                        continue;
                    };
                    let range = PageRange {
                        after: Some(acknowledged),
                        before: None,
                        limit: limits::PAGE_ENTRIES,
                    };
                    let now = self.shared.clock.now();
                    let page = shard.log.page(device, standing.chat, range, now).await?;
                    let entries = page.into_iter().flat_map(|page| page.entries);
                    let of_others = entries.filter(|entry| {
                        entry.kind == EntryKind::Application
                            && entry.from.account != device.account
                            && entry.at <= by
                    });
                    unseen.extend(of_others.map(|entry| (standing.chat, entry.from.account)));
                }
            }
            let welcomes = shard
                .log
                .pending_welcomes(device, ListPosition::default())
                .await?;
            let of_others = welcomes
                .iter()
                .filter(|welcome| welcome.from.account != device.account);
            unseen.extend(of_others.map(|welcome| (welcome.chat, welcome.from.account)));
        }
        Ok(unseen)
    }

    /// Whether the device is connected to this node.
    pub(crate) fn is_connected_here(&self, device: DeviceAddress) -> bool {
        self.shared.fan_out.registry.get(device).is_some()
    }

    /// Whether the device is connected to any node. One that does not answer soon is taken for one where it is not.
    pub(crate) async fn is_connected(&self, device: DeviceAddress) -> bool {
        if self.is_connected_here(device) {
            return true;
        }
        let Some(cluster) = &self.shared.fan_out.cluster else {
            return false;
        };
        // The bus knows of accounts, not of devices.
        let nodes = cluster.bus.with_devices([device].iter());
        if nodes.is_empty() {
            return false;
        }
        let asked = nodes.iter().map(|(node, _)| *node).collect();
        let (request, all_answered) = cluster.tallies.begin(0, asked);
        for (node, _) in nodes {
            let relay = Relay::Seek { request, device };
            if !cluster.bus.relay(node, relay, Priority::Passing) {
                cluster.tallies.give_up_one(request, node);
            }
        }
        cluster.tallies.count(request, all_answered).await > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::DeviceId;

    fn device(number: u8) -> DeviceAddress {
        DeviceAddress {
            account: AccountId::from_bytes([number; 16]),
            device: DeviceId::from_bytes([number; 16]),
        }
    }

    #[test]
    fn a_device_is_woken_once_in_a_while_and_again_if_more_came() {
        let interval = Duration::from_secs(30);
        let wakes = Wakes::default();
        let now = Instant::now();
        assert!(wakes.begin(device(1), now));
        assert!(wakes.begin(device(2), now));
        assert!(!wakes.begin(device(1), now));
        let later = now + Duration::from_secs(10);
        assert_eq!(wakes.over(later, interval), []);
        assert!(!wakes.begin(device(1), later));
        let over = now + interval;
        assert_eq!(wakes.over(over, interval), [device(1)]);
        assert!(wakes.begin(device(1), over));
        assert!(wakes.begin(device(2), over));
        assert_eq!(wakes.over(over + interval, interval), []);
    }

    #[test]
    fn a_device_that_has_connected_is_woken_at_once() {
        let wakes = Wakes::default();
        let (stored, _stored) = channel(1);
        let (gone, _gone) = channel(1);
        wakes.0.listener.set((stored, gone)).unwrap();
        let now = Instant::now();
        assert!(wakes.begin(device(1), now));
        wakes.connected(device(1));
        assert!(wakes.begin(device(1), now));
        wakes.give_up(device(1));
        assert!(wakes.begin(device(1), now));
    }

    #[tokio::test]
    async fn what_nobody_looks_at_is_dropped_and_never_waited_for() {
        let wakes = Wakes::default();
        let (chat, other) = (ChatId::from_bytes([1; 16]), device(2));
        // Nobody listens.
        wakes.stored(chat, device(1).account, [other].iter());
        let (sender, mut receiver) = channel(2);
        let (gone, _gone) = channel(1);
        wakes.0.listener.set((sender, gone)).unwrap();
        wakes.stored(chat, other.account, [other].iter());
        for _ in 0..3 {
            wakes.stored(chat, device(1).account, [device(1), other].iter());
        }
        let mut taken = Vec::new();
        assert_eq!(receiver.recv_many(&mut taken, 10).await, 2);
        assert!(taken.iter().all(|wake| wake.devices == [other]));
        assert_eq!(wakes.0.waiting_devices.load(Ordering::Relaxed), 2);
        wakes.taken(&taken);
        assert_eq!(wakes.0.waiting_devices.load(Ordering::Relaxed), 0);
    }
}
