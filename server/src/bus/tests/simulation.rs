//! Nodes with a bus each, a network between them, and what ought to be known at the end.

use crate::bus::network::Incoming;
use crate::bus::node::NodeId;
use crate::bus::seal::Destination;
use crate::bus::{
    Bus, BusKey, Change, ConnectionStamp, LocalNode, PartOfDevices, Priority, Relay, Slot, Ticket, lock,
};
use crate::clock::Clock;
use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, Seq, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

const LARGEST: usize = 1024 * 1024;
const STEP: Duration = Duration::from_millis(250);
const START: u64 = 1_800_000_000_000;

/// Something that happens.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Connect { node: usize, account: u32 },
    Disconnect { node: usize, account: u32 },
    Accept { node: usize, account: u32 },
    Pass(Duration),
    Network { loses: u32, doubles: u32 },
    Kill(usize),
    Start(usize),
}

struct SkewedClock {
    time: Arc<AtomicU64>,
    skew: u64,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        Timestamp(START + self.time.load(Ordering::Relaxed) + self.skew)
    }
}

struct Node {
    bus: Arc<Bus>,
    local: Local,
    clock: SkewedClock,
    inbox: VecDeque<Incoming>,
}

#[derive(Default)]
struct Local {
    devices: Mutex<BTreeMap<u32, Device>>,
    relayed: Mutex<Vec<u64>>,
    missed: Mutex<Vec<(u64, Timestamp)>>,
    /// What happened so far, to say what came later.
    step: AtomicU64,
    replaced: AtomicU64,
    time: Arc<AtomicU64>,
    skew: u64,
    stamps: Mutex<Option<Arc<Bus>>>,
}

struct Device {
    at: u64,
    ticket: Ticket,
    is_greeted: bool,
}

/// An entry that somebody has to hear of.
struct Entry {
    number: u64,
    source: NodeId,
    at: Timestamp,
    step: u64,
    /// By run, as a node that died owes nothing any more.
    wanted_by: BTreeSet<(usize, u64)>,
}

impl LocalNode for Local {
    fn relayed(&self, _: Slot, relay: Relay<&[u8]>) {
        let Relay::Entry { seq, .. } = relay else {
            panic!("nothing else was sent: {relay:?}");
        };
        lock(&self.relayed).push(seq.0);
    }

    fn connected_elsewhere(&self, device: DeviceAddress, stamp: ConnectionStamp) {
        let bus = lock(&self.stamps).clone().unwrap();
        let devices = lock(&self.devices);
        let own = devices
            .iter()
            .find(|(account, _)| address(**account) == device)
            .map(|(_, device)| bus.stamp(device.at));
        if own.is_some_and(|own| own < stamp) {
            self.replaced.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn gone(&self, _: Slot) {}

    fn missed(&self, since: Timestamp) {
        lock(&self.missed).push((self.step.load(Ordering::Relaxed), since));
    }

    fn settled(&self) -> Timestamp {
        Timestamp(START + self.time.load(Ordering::Relaxed) + self.skew)
    }

    fn connected_devices(&self, part: usize, meanwhile: &mut dyn FnMut()) -> PartOfDevices {
        let devices = lock(&self.devices);
        meanwhile();
        let remainder = u32::try_from(part).ok().filter(|part| *part < 2)?;
        Some(
            devices
                .iter()
                .filter(|(account, _)| **account % 2 == remainder)
                .map(|(account, device)| (address(*account), device.at))
                .collect(),
        )
    }
}

/// All nodes, the network, and everything that was accepted.
pub(super) struct Simulation {
    time: Arc<AtomicU64>,
    now: Instant,
    nodes: Vec<Option<Node>>,
    runs: Vec<u64>,
    skews: Vec<u64>,
    entries: Vec<Entry>,
    steps: u64,
    loses: u32,
    doubles: u32,
    cuts_streams: bool,
    rng: ChaCha8Rng,
    recorded: Option<Vec<(Destination, Bytes)>>,
    largest: usize,
}

impl Simulation {
    pub(super) fn of(nodes: usize) -> Self {
        Self::with_clocks(&vec![0; nodes])
    }

    /// Nodes whose clocks are so many milliseconds ahead.
    pub(super) fn with_clocks(skews: &[u64]) -> Self {
        let mut simulation = Self {
            time: Arc::default(),
            now: Instant::now(),
            nodes: Vec::new(),
            runs: Vec::new(),
            skews: skews.to_vec(),
            entries: Vec::new(),
            steps: 0,
            loses: 0,
            doubles: 0,
            cuts_streams: false,
            rng: ChaCha8Rng::seed_from_u64(1),
            recorded: None,
            largest: 0,
        };
        for _ in skews {
            simulation.nodes.push(None);
            simulation.runs.push(0);
        }
        for node in 0..skews.len() {
            simulation.start_node(node);
        }
        simulation
    }

    /// Loses whatever is for one node alone.
    pub(super) fn cut_streams(&mut self, cuts: bool) {
        self.cuts_streams = cuts;
    }

    pub(super) fn seed(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
    }

    /// One more node.
    pub(super) fn start(&mut self) {
        self.nodes.push(None);
        self.runs.push(0);
        self.skews.push(0);
        self.start_node(self.nodes.len() - 1);
    }

    fn start_node(&mut self, node: usize) {
        let clock = || SkewedClock {
            time: Arc::clone(&self.time),
            skew: self.skews[node],
        };
        let bus = Bus::new(&BusKey::from_bytes([5; 32]), &mut self.rng, Arc::new(clock()));
        let local = Local {
            time: Arc::clone(&self.time),
            skew: self.skews[node],
            stamps: Mutex::new(Some(Arc::clone(&bus))),
            ..Local::default()
        };
        self.runs[node] += 1;
        self.nodes[node] = Some(Node {
            clock: clock(),
            bus,
            local,
            inbox: VecDeque::new(),
        });
        // As in reality, a node has a moment to hear of the others before it accepts anything, if the network works.
        for _ in 0..3 {
            self.round();
        }
    }

    /// Does it, and gives the network its turn.
    pub(super) fn apply(&mut self, op: &Op) {
        self.apply_quietly(op);
        self.round();
    }

    pub(super) fn apply_quietly(&mut self, op: &Op) {
        self.steps += 1;
        for node in self.nodes.iter().flatten() {
            node.local.step.store(self.steps, Ordering::Relaxed);
        }
        match *op {
            Op::Connect { node, account } => self.connect(node, account),
            Op::Disconnect { node, account } => {
                if let Some(node) = &self.nodes[node]
                    && lock(&node.local.devices).remove(&account).is_some()
                {
                    node.bus.announce(Change::Gone(address(account).account));
                }
            }
            Op::Accept { node, account } => self.accept(node, account),
            Op::Pass(time) => {
                let mut left = time;
                while !left.is_zero() {
                    let step = left.min(STEP);
                    self.pass(step);
                    self.round();
                    left -= step;
                }
            }
            Op::Network { loses, doubles } => {
                self.loses = loses;
                self.doubles = doubles;
            }
            Op::Kill(node) => self.nodes[node] = None,
            Op::Start(node) if self.nodes[node].is_none() => self.start_node(node),
            Op::Start(_) => {}
        }
    }

    fn connect(&mut self, node: usize, account: u32) {
        let Some(node) = &self.nodes[node] else {
            return;
        };
        let mut devices = lock(&node.local.devices);
        if devices.contains_key(&account) {
            return;
        }
        let at = node.bus.common_time();
        let ticket = node.bus.announce(Change::Connected(address(account), at));
        let device = Device {
            at,
            ticket,
            is_greeted: false,
        };
        devices.insert(account, device);
    }

    fn accept(&mut self, node: usize, account: u32) {
        let Some(source) = &self.nodes[node] else {
            return;
        };
        let number = self.entries.len() as u64;
        for (slot, to) in source.bus.with_devices([address(account)].iter()) {
            let relay = Relay::Entry {
                chat: ChatId::from_bytes([9; 16]),
                seq: Seq(number),
                frame: Bytes::from_static(b"frame"),
                expires_at: None,
                to,
                commit: None,
            };
            source.bus.relay(slot, relay, Priority::Durable);
        }
        let wanted_by = (0..self.nodes.len())
            .filter(|other| *other != node)
            .filter(|other| {
                let devices = self.nodes[*other].as_ref().map(|node| lock(&node.local.devices));
                devices.is_some_and(|devices| devices.get(&account).is_some_and(|device| device.is_greeted))
            })
            .map(|other| (other, self.runs[other]))
            .collect();
        let at = source.clock.now();
        self.entries.push(Entry {
            number,
            source: source.bus.node,
            at,
            step: self.steps,
            wanted_by,
        });
        self.pass(Duration::from_millis(1));
    }

    pub(super) fn accepts_and_dies(&mut self, node: usize, account: u32) {
        self.apply_quietly(&Op::Accept { node, account });
        self.apply_quietly(&Op::Kill(node));
    }

    pub(super) fn departs(&mut self, node: usize) {
        let leaving = self.nodes[node].take().unwrap();
        let messages = leaving.bus.collect_departure(LARGEST, &leaving.local);
        for (to, message) in messages {
            self.publish(to, &message);
        }
        self.deliver();
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.time
            .fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// Everybody sends, receives, and looks who is silent.
    fn round(&mut self) {
        let mut sent = Vec::new();
        for node in self.nodes.iter().flatten() {
            loop {
                let outbound = node.bus.collect(self.now, LARGEST, &node.local);
                sent.extend(outbound.messages);
                if !outbound.is_cut {
                    break;
                }
            }
        }
        for (to, message) in sent {
            self.publish(to, &message);
        }
        self.deliver();
        for node in self.nodes.iter().flatten() {
            node.bus.forget_silent(self.now, &node.local);
            for device in lock(&node.local.devices).values_mut() {
                // Then it reads the database.
                device.is_greeted |= node.bus.is_heeded_now(device.ticket);
            }
        }
    }

    fn publish(&mut self, to: Destination, message: &Bytes) {
        if self.cuts_streams && matches!(to, Destination::Node(_)) {
            return;
        }
        self.largest = self.largest.max(message.len());
        if let Some(recorded) = &mut self.recorded {
            recorded.push((to, message.clone()));
        }
        for node in self.nodes.iter_mut().flatten() {
            let is_for_it = match to {
                Destination::All => true,
                Destination::Node(id) => id == node.bus.node,
            };
            if is_for_it && self.rng.next_u32() % 100 >= self.loses {
                let times = 1 + usize::from(self.rng.next_u32() % 100 < self.doubles);
                for _ in 0..times {
                    let message = message.clone();
                    node.inbox.push_back(Incoming { to, message });
                }
                if self.rng.next_u32() % 100 < self.doubles && node.inbox.len() > 1 {
                    let last = node.inbox.len() - 1;
                    node.inbox.swap(last, last - 1);
                }
            }
        }
    }

    fn deliver(&mut self) {
        for node in self.nodes.iter_mut().flatten() {
            while let Some(Incoming { to, message }) = node.inbox.pop_front() {
                node.bus.receive(self.now, to, &message, &node.local);
            }
        }
    }

    /// Lets everything come to rest.
    pub(super) fn settle(&mut self) {
        self.apply(&Op::Pass(Duration::from_secs(8)));
    }

    pub(super) fn record(&mut self) {
        self.recorded = Some(Vec::new());
    }

    pub(super) fn replay(&mut self) {
        for (to, message) in self.recorded.clone().unwrap() {
            self.publish(to, &message);
        }
        self.deliver();
    }

    fn node(&self, node: usize) -> &Node {
        self.nodes[node].as_ref().unwrap()
    }

    pub(super) fn relayed(&self, node: usize) -> Vec<u64> {
        lock(&self.node(node).local.relayed).clone()
    }

    pub(super) fn missed(&self, node: usize) -> usize {
        lock(&self.node(node).local.missed).len()
    }

    pub(super) fn replaced(&self, node: usize) -> u64 {
        self.node(node).local.replaced.load(Ordering::Relaxed)
    }

    pub(super) fn known_by(&self, node: usize) -> usize {
        lock(&self.node(node).bus.links).nodes.len()
    }

    pub(super) fn largest_message(&self) -> usize {
        self.largest
    }

    /// Checks what has to be at rest.
    pub(super) fn check(&self) {
        for entry in &self.entries {
            for &(node, run) in &entry.wanted_by {
                if self.runs[node] == run
                    && let Some(wanting) = &self.nodes[node]
                {
                    wanting.heard_of(node, entry);
                }
            }
        }
        for (number, node) in self.nodes.iter().enumerate() {
            let Some(node) = node else {
                continue;
            };
            let relayed = lock(&node.local.relayed);
            let different: BTreeSet<_> = relayed.iter().collect();
            assert_eq!(different.len(), relayed.len(), "node {number} got an entry twice");
            for (other, peer) in self.nodes.iter().enumerate() {
                if let Some(peer) = peer
                    && other != number
                {
                    node.knows(number, other, peer);
                }
            }
        }
    }
}

impl Node {
    fn heard_of(&self, number: usize, entry: &Entry) {
        // Of a node that came and died while the network was away nobody can know.
        if !lock(&self.bus.links).heard.contains_key(&entry.source) {
            return;
        }
        let came = lock(&self.local.relayed).contains(&entry.number);
        let looked = lock(&self.local.missed)
            .iter()
            .any(|(step, since)| *step >= entry.step && *since <= entry.at);
        assert!(
            came || looked,
            "node {number} missed entry {} in silence",
            entry.number
        );
    }

    fn knows(&self, number: usize, other: usize, peer: &Self) {
        let links = lock(&self.bus.links);
        let link = links.nodes.get(&peer.bus.node);
        let link = link.unwrap_or_else(|| panic!("node {number} does not know node {other}"));
        assert!(link.into.heard.whole, "node {number} has no list of node {other}");
        let devices = lock(&peer.local.devices);
        for account in 0..6 {
            let mut routes = 0;
            self.bus.routes.each(address(account).account, |slot| {
                routes += usize::from(slot == link.slot);
            });
            let connected = usize::from(devices.contains_key(&account));
            assert_eq!(
                routes, connected,
                "node {number} on account {account} at node {other}"
            );
        }
    }
}

fn address(account: u32) -> DeviceAddress {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&account.to_be_bytes());
    DeviceAddress {
        account: AccountId::from_bytes(bytes),
        device: DeviceId::from_bytes(bytes),
    }
}
