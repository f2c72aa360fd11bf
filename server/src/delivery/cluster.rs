//! This node's side of the bus: what comes from other nodes goes to this node's devices, in order.

use super::fan_out::FanOut;
use super::in_flight::InFlight;
use super::order::Order;
use super::outbox::Outbox;
use super::repair::Repairs;
use super::tally::Tallies;
use crate::bus::{Bus, ConnectionStamp, LocalNode, PartOfDevices, Priority, Relay, RelayedCommit, Slot};
use bytes::Bytes;
use sotto_protocol::frame::Goodbye;
use sotto_protocol::{ChatId, DeviceAddress, DeviceId, Seq, Timestamp};
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How far back it is looked when an entry came too late to be pushed.
const LATE_MILLIS: u64 = 60_000;

/// Called with a device whose session another node has ended, or whose account it has banned.
pub(crate) type SessionEnded = Arc<dyn Fn(DeviceId) + Send + Sync>;

/// What a node needs to be one of several.
pub(super) struct Cluster {
    pub(super) bus: Arc<Bus>,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) tallies: Tallies,
    order: Order<Pushed>,
}

/// An entry for devices of this node.
pub(super) struct Pushed {
    pub(super) frame: Bytes,
    /// When its time is over.
    pub(super) expires_at: Option<Timestamp>,
    pub(super) to: Vec<Arc<Outbox>>,
    /// A Commit's Welcome, and for whom it is.
    pub(super) welcome: Option<(Bytes, Vec<Arc<Outbox>>)>,
}

impl Pushed {
    fn push(self) {
        self.push_welcome();
        for outbox in &self.to {
            outbox.push_until(self.frame.clone(), self.expires_at);
        }
    }

    /// Bytes that it holds.
    fn bytes(&self) -> usize {
        self.frame.len() + self.welcome.as_ref().map_or(0, |(welcome, _)| welcome.len())
    }

    fn push_welcome(&self) {
        if let Some((welcome, to)) = &self.welcome {
            for outbox in to {
                outbox.push(welcome.clone());
            }
        }
    }
}

/// An entry for devices of other nodes.
pub(super) struct Relayed<'a> {
    pub(super) chat: ChatId,
    pub(super) seq: Seq,
    pub(super) frame: &'a Bytes,
    /// When its time is over.
    pub(super) expires_at: Option<Timestamp>,
    pub(super) to: Vec<(Slot, Vec<DeviceAddress>)>,
    /// Of a Commit, the devices that it removes.
    pub(super) removed: Option<&'a [DeviceAddress]>,
    pub(super) welcome: Option<&'a Bytes>,
    /// For whom the Welcome is.
    pub(super) added: Vec<(Slot, Vec<DeviceAddress>)>,
}

impl Cluster {
    pub(super) fn new(bus: Arc<Bus>, in_flight: Arc<InFlight>) -> Self {
        Self {
            bus,
            in_flight,
            tallies: Tallies::default(),
            order: Order::new(),
        }
    }

    /// Hands an entry to the nodes that it concerns.
    pub(super) fn relay(&self, entry: Relayed<'_>) {
        let Relayed {
            chat,
            seq,
            frame,
            expires_at,
            mut to,
            removed,
            welcome,
            mut added,
        } = entry;
        for (node, _) in &added {
            if !to.iter().any(|(other, _)| other == node) {
                to.push((*node, Vec::new()));
            }
        }
        for (node, to) in to {
            let commit = removed.map(|removed| {
                let added = added.iter_mut().find(|(other, _)| *other == node);
                let added = added.map(|(_, added)| std::mem::take(added));
                RelayedCommit {
                    welcome: welcome.filter(|_| added.is_some()).cloned(),
                    added: added.unwrap_or_default(),
                    removed: removed.to_vec(),
                }
            });
            let relay = Relay::Entry {
                chat,
                seq,
                frame: frame.clone(),
                expires_at,
                to,
                commit,
            };
            self.bus.relay(node, relay, Priority::Durable);
        }
    }

    /// Pushes an entry to this node's devices when it has its turn.
    pub(super) fn push(
        &self,
        fan_out: &FanOut,
        chat: ChatId,
        seq: Seq,
        entry: Pushed,
        removed: &[DeviceAddress],
    ) {
        let late = self
            .order
            .arrive(Instant::now(), chat, seq, entry.bytes(), entry, Pushed::push);
        // Who got a later entry fetches what is before it. Who is not in the chat any more, or not yet, got none.
        if let Some(late) = late {
            late.push_welcome();
            for outbox in fan_out.outboxes(removed.iter()) {
                outbox.push_until(late.frame.clone(), late.expires_at);
            }
            if late.welcome.is_some() {
                let since = self.bus.now().0.saturating_sub(LATE_MILLIS);
                fan_out.registry.repairs.request(Timestamp(since));
            }
        }
    }

    /// An entry that is for nobody here has its turn.
    pub(super) fn skip(&self, chat: ChatId, seq: Seq) {
        self.order.skip(chat, seq, Pushed::push);
    }

    /// Pushes entries that have waited for too long, until stopped.
    pub(super) async fn push_overdue(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.order.overdue() => self.order.push_overdue(Instant::now(), Pushed::push),
            }
        }
    }
}

/// The Delivery Service as the bus sees it.
pub(super) struct Receiver {
    pub(super) fan_out: FanOut,
    pub(super) cluster: Arc<Cluster>,
    pub(super) repairs: Arc<Repairs>,
    pub(super) session_ended: SessionEnded,
}

impl LocalNode for Receiver {
    fn relayed(&self, from: Slot, relay: Relay<&[u8]>) {
        let fan_out = &self.fan_out;
        // Each frame is copied out of its message: one that waits for a slow device must not keep the others in memory.
        match relay {
            Relay::Entry {
                chat,
                seq,
                frame,
                expires_at,
                to,
                commit,
            } => {
                let to = fan_out.outboxes(to.iter());
                let RelayedCommit {
                    welcome,
                    added,
                    removed,
                } = commit.unwrap_or_default();
                let welcome = welcome.map(|welcome| {
                    let added = fan_out.outboxes(added.iter());
                    (Bytes::copy_from_slice(welcome), added)
                });
                if to.is_empty() && welcome.as_ref().is_none_or(|(_, added)| added.is_empty()) {
                    return self.cluster.skip(chat, seq);
                }
                let entry = Pushed {
                    frame: Bytes::copy_from_slice(frame),
                    expires_at,
                    to,
                    welcome,
                };
                self.cluster.push(fan_out, chat, seq, entry, &removed);
            }
            Relay::Frame { frame, to, is_signal } => {
                let frame = Bytes::copy_from_slice(frame);
                for outbox in fan_out.outboxes(to.iter()) {
                    if is_signal {
                        outbox.push_signal(frame.clone());
                    } else {
                        outbox.push(frame.clone());
                    }
                }
            }
            Relay::ToAccounts {
                frame,
                accounts,
                except,
            } => fan_out.to_accounts_here(&accounts, &except, &Bytes::copy_from_slice(frame)),
            Relay::Fleeting {
                request,
                frame,
                before,
                to,
            } => {
                let frame = Bytes::copy_from_slice(frame);
                let mut devices = 0;
                for outbox in to
                    .iter()
                    .filter_map(|device| fan_out.registry.connected_before(*device, before))
                {
                    devices += u32::from(outbox.push(frame.clone()));
                }
                let answer = Relay::Reached { request, devices };
                self.cluster.bus.relay(from, answer, Priority::Passing);
            }
            Relay::Seek { request, device } => {
                let devices = u32::from(fan_out.registry.get(device).is_some());
                let answer = Relay::Reached { request, devices };
                self.cluster.bus.relay(from, answer, Priority::Passing);
            }
            Relay::Reached { request, devices } => self.cluster.tallies.add(request, from, devices),
            Relay::Ended { device, goodbye } => {
                if matches!(goodbye, Goodbye::SessionEnded | Goodbye::Banned) {
                    (self.session_ended)(device.device);
                }
                fan_out.end_here(device, goodbye);
            }
        }
    }

    fn connected_elsewhere(&self, device: DeviceAddress, stamp: ConnectionStamp) {
        self.fan_out.registry.end_older(device, stamp);
    }

    fn gone(&self, node: Slot) {
        self.cluster.tallies.give_up(node);
    }

    fn missed(&self, since: Timestamp) {
        self.repairs.request(since);
    }

    fn settled(&self) -> Timestamp {
        self.cluster.in_flight.settled()
    }

    fn connected_devices(&self, part: usize, meanwhile: &mut dyn FnMut()) -> PartOfDevices {
        self.fan_out.registry.connected_devices(part, meanwhile)
    }
}
