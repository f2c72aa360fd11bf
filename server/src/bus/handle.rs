//! The bus as the Delivery Service sees it.

use super::clock::CommonClock;
use super::key::BusKey;
use super::link::{InStream, OutStream};
use super::lock;
use super::message::Relay;
use super::node::{ConnectionStamp, NodeId, Slot};
use super::queue::{Peer, Priority};
use super::routes::Routes;
use super::seal::Seal;
use crate::clock::Clock;
use crate::telemetry::metrics::METRICS;
use rand_core::CryptoRng;
use sotto_protocol::{AccountId, DeviceAddress, Timestamp};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// What the bus asks and tells the Delivery Service of its own node. Nothing here may wait.
pub(crate) trait LocalNode: Send + Sync + 'static {
    /// Something has come from another node.
    fn relayed(&self, from: Slot, relay: Relay<&[u8]>);

    /// A device has connected to another node.
    fn connected_elsewhere(&self, device: DeviceAddress, stamp: ConnectionStamp);

    /// Another node is gone: it answers nothing any more.
    fn gone(&self, node: Slot);

    /// Entries that another node accepted at this time or later may not have come: the database has them.
    fn missed(&self, since: Timestamp);

    /// Every entry that was accepted here before this time has been handed to the bus.
    fn settled(&self) -> Timestamp;

    /// A part of the connected devices; `None` after the last part. `meanwhile` is called while no device of the part
    /// comes or goes.
    fn connected_devices(&self, part: usize, meanwhile: &mut dyn FnMut()) -> PartOfDevices;
}

/// Connected devices, each with its [`Change::Connected`] time. `None` after the last part.
pub(crate) type PartOfDevices = Option<Vec<(DeviceAddress, u64)>>;

/// A change of this node's connected devices.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// A device has connected, at this time of the common clock.
    Connected(DeviceAddress, u64),
    /// A connection of a device of this account has ended.
    Gone(AccountId),
}

/// Which change it was: [`Bus::is_heeded`] takes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

/// How the bus is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BusState {
    /// Connected, with so many other nodes known.
    Connected {
        /// Other nodes.
        nodes: usize,
    },
    /// The network cannot be reached: devices on other nodes hear of entries late.
    Disconnected,
}

/// The bus of one node.
pub(crate) struct Bus {
    pub(super) node: NodeId,
    pub(super) prefix: String,
    pub(super) clock: CommonClock,
    own_clock: Arc<dyn Clock>,
    pub(super) started: Started,
    pub(super) seal: Seal,
    /// Messages sealed.
    pub(super) counter: AtomicU64,
    pub(super) routes: Routes,
    peers: RwLock<Vec<Option<Arc<Peer>>>>,
    changes: Mutex<Changes>,
    pub(super) links: Mutex<Links>,
    /// Up to which change all other nodes heed this node's changes.
    pub(super) heeded: watch::Sender<u64>,
    /// Something waits to be sent.
    pub(super) wake: Notify,
    pub(super) is_connected: watch::Sender<bool>,
    /// Whether anything was accepted here that others might want.
    pub(super) has_relayed: AtomicBool,
}

/// When this run of the node began.
pub(super) struct Started {
    pub(super) at: Timestamp,
    pub(super) instant: Instant,
}

#[derive(Default)]
struct Changes {
    pending: Vec<Change>,
    count: u64,
}

/// The other nodes. One lock: sending and receiving take turns.
#[derive(Default)]
pub(super) struct Links {
    pub(super) nodes: BTreeMap<NodeId, Link>,
    /// Changes of connected devices that not all were sent yet.
    pub(super) changes: ChangeLog,
    /// Nodes that were heard, with what tells their old messages from new ones.
    pub(super) heard: HashMap<NodeId, HeardOf>,
    pub(super) hello_at: Option<Instant>,
    /// When it was last looked for what silent nodes accept.
    pub(super) searched_at: Option<Instant>,
}

/// Another node and the two streams between it and this one.
pub(super) struct Link {
    pub(super) slot: Slot,
    pub(super) peer: Arc<Peer>,
    pub(super) out: OutStream,
    /// What of the list of connected devices was read and is not sent yet.
    pub(super) list_rest: Option<ListRest>,
    pub(super) into: InStream,
    pub(super) heard_at: Instant,
    pub(super) sent_at: Option<Instant>,
    /// The other node waits for a word.
    pub(super) owes_answer: bool,
}

/// A part of the list of connected devices.
pub(super) struct ListRest {
    /// Changes up to here come before it.
    pub(super) after_changes: u64,
    /// `None`: the list's end.
    pub(super) devices: PartOfDevices,
}

/// What is remembered of a node, also after it is forgotten.
#[derive(Clone, Copy)]
pub(super) struct HeardOf {
    /// The highest counters of its messages: to all, to this node. A lower one is a replay.
    pub(super) counters: [u64; 2],
    pub(super) at: Instant,
    /// Up to here its entries have come or were looked for.
    pub(super) settled: Option<Timestamp>,
    /// It was forgotten because nothing came from it any more, not because it departed.
    pub(super) is_silent: bool,
}

/// Changes by number, the oldest that somebody still needs first.
#[derive(Default)]
pub(super) struct ChangeLog {
    pub(super) first: u64,
    pub(super) changes: VecDeque<Change>,
}

impl ChangeLog {
    /// The number of the next change.
    pub(super) fn end(&self) -> u64 {
        self.first + u64::try_from(self.changes.len()).unwrap_or(u64::MAX)
    }

    /// Forgets what comes before.
    pub(super) fn trim(&mut self, first: u64) {
        let count = usize::try_from(first.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.changes.drain(..count.min(self.changes.len()));
        self.first = self.first.max(first);
        if self.changes.is_empty() && self.changes.capacity() > 4096 {
            self.changes = VecDeque::new();
        }
    }
}

impl Bus {
    /// The bus of a node that has just started and is not in any network yet.
    pub(crate) fn new(key: &BusKey, rng: &mut impl CryptoRng, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            node: NodeId::generate(rng),
            prefix: key.subject_prefix(),
            started: Started {
                at: clock.now(),
                instant: Instant::now(),
            },
            clock: CommonClock::new(Arc::clone(&clock)),
            own_clock: clock,
            seal: Seal::new(key),
            counter: AtomicU64::new(0),
            routes: Routes::new(),
            peers: RwLock::default(),
            changes: Mutex::default(),
            links: Mutex::default(),
            heeded: watch::Sender::new(u64::MAX),
            wake: Notify::new(),
            is_connected: watch::Sender::new(false),
            has_relayed: AtomicBool::new(false),
        })
    }

    /// Bytes that wait to be sent to other nodes.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.peers().iter().flatten().map(|peer| peer.bytes()).sum()
    }

    /// How the bus is.
    pub(crate) fn state(&self) -> BusState {
        if *self.is_connected.borrow() {
            let nodes = self.peers().iter().flatten().count();
            BusState::Connected { nodes }
        } else {
            BusState::Disconnected
        }
    }

    /// This node's own time, in which [`LocalNode::settled`] is.
    pub(crate) fn now(&self) -> Timestamp {
        self.own_clock.now()
    }

    /// The time by the clock that the nodes keep together, later at each call.
    pub(crate) fn common_time(&self) -> u64 {
        self.clock.tick()
    }

    /// The stamp of a connection of this node.
    pub(crate) fn stamp(&self, at: u64) -> ConnectionStamp {
        ConnectionStamp { at, node: self.node }
    }

    /// Takes note of a change of the connected devices. Changes of one device have to be announced in their order.
    pub(crate) fn announce(&self, change: Change) -> Ticket {
        let mut changes = lock(&self.changes);
        changes.pending.push(change);
        changes.count += 1;
        let ticket = Ticket(changes.count);
        let is_first = changes.pending.len() == 1;
        drop(changes);
        if is_first {
            self.wake.notify_one();
        }
        ticket
    }

    /// Ready when no other node accepts anything any more without heeding the change.
    pub(crate) async fn is_heeded(&self, Ticket(change): Ticket) {
        let mut heeded = self.heeded.subscribe();
        // The sender is in `self`.
        let _ = heeded.wait_for(|heeded| *heeded >= change).await;
    }

    /// Whether [`Self::is_heeded`] is ready.
    #[cfg(test)]
    pub(super) fn is_heeded_now(&self, Ticket(change): Ticket) -> bool {
        *self.heeded.borrow() >= change
    }

    /// The nodes that may have connected devices among these, each with those devices.
    pub(crate) fn with_devices<'a>(
        &self,
        devices: impl Iterator<Item = &'a DeviceAddress>,
    ) -> Vec<(Slot, Vec<DeviceAddress>)> {
        self.route(devices.copied(), |device| device.account)
    }

    /// The nodes that may have connected devices of these accounts, each with those accounts.
    pub(crate) fn with_accounts(
        &self,
        accounts: impl Iterator<Item = AccountId>,
    ) -> Vec<(Slot, Vec<AccountId>)> {
        self.route(accounts, |account| *account)
    }

    fn route<T: Copy>(
        &self,
        items: impl Iterator<Item = T>,
        account: impl Fn(&T) -> AccountId,
    ) -> Vec<(Slot, Vec<T>)> {
        self.has_relayed.store(true, Ordering::Release);
        let peers = self.peers();
        if peers.is_empty() {
            return Vec::new();
        }
        let take_all: Vec<Slot> = slots(&peers)
            .filter(|(_, peer)| peer.takes_all())
            .map(|(slot, _)| slot)
            .collect();
        drop(peers);
        // With the place of the item that was added last: an account with several devices at a node has several routes.
        let mut routed: Vec<(Slot, usize, Vec<T>)> = Vec::new();
        for (place, item) in items.enumerate() {
            let mut add = |slot| match routed.iter_mut().find(|(routed, ..)| *routed == slot) {
                Some((_, last, _)) if *last == place => {}
                Some((_, last, items)) => {
                    *last = place;
                    items.push(item);
                }
                None => routed.push((slot, place, vec![item])),
            };
            take_all.iter().copied().for_each(&mut add);
            self.routes.each(account(&item), add);
        }
        routed.into_iter().map(|(slot, _, items)| (slot, items)).collect()
    }

    /// Leaves something for a node. `false` if there is no room for it or the node is gone.
    pub(crate) fn relay(&self, to: Slot, relay: Relay, priority: Priority) -> bool {
        let peer = self.peers().get(usize::from(to.0)).cloned().flatten();
        let taken = peer.is_some_and(|peer| peer.push(relay, priority));
        self.wake.notify_one();
        taken
    }

    /// Leaves something for every node.
    pub(crate) fn relay_to_all(&self, relay: &Relay, priority: Priority) {
        for (_, peer) in slots(&self.peers()) {
            peer.push(relay.clone(), priority);
        }
        self.wake.notify_one();
    }

    /// Tells every node to look into the database for what this one has accepted.
    pub(crate) fn relay_to_all_to_look(&self) {
        for (_, peer) in slots(&self.peers()) {
            peer.note_missed();
        }
        self.wake.notify_one();
    }

    fn peers(&self) -> std::sync::RwLockReadGuard<'_, Vec<Option<Arc<Peer>>>> {
        self.peers.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a node a slot; `None` if there is none left.
    pub(super) fn add_peer(&self) -> Option<(Slot, Arc<Peer>)> {
        let mut peers = self.peers.write().unwrap_or_else(PoisonError::into_inner);
        let peer = Arc::new(Peer::new());
        let free = peers.iter().position(Option::is_none).unwrap_or(peers.len());
        let slot = Slot(u16::try_from(free).ok()?);
        if free == peers.len() {
            peers.push(None);
        }
        if let Some(place) = peers.get_mut(free) {
            *place = Some(Arc::clone(&peer));
        }
        METRICS.bus_nodes.set(peers.iter().flatten().count());
        Some((slot, peer))
    }

    /// Takes a node's slot away.
    pub(super) fn remove_peer(&self, slot: Slot) {
        let mut peers = self.peers.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = peers.get_mut(usize::from(slot.0)) {
            *place = None;
        }
        METRICS.bus_nodes.set(peers.iter().flatten().count());
        while peers.last().is_some_and(Option::is_none) {
            peers.pop();
        }
        drop(peers);
        self.routes.forget(slot);
    }

    /// Moves the changes that are pending into the log.
    pub(super) fn gather_changes(&self, log: &mut ChangeLog) {
        let mut changes = lock(&self.changes);
        log.changes.extend(changes.pending.drain(..));
        if changes.pending.capacity() > 4096 {
            changes.pending = Vec::new();
        }
    }
}

fn slots(peers: &[Option<Arc<Peer>>]) -> impl Iterator<Item = (Slot, &Arc<Peer>)> {
    (0..)
        .zip(peers)
        .filter_map(|(slot, peer)| Some((Slot(slot), peer.as_ref()?)))
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bus")
            .field("node", &self.node)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
