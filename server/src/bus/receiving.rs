//! What comes from other nodes. Only nodes of this installation can seal a message, and none counts twice: what is not
//! sealed so, is old, or cannot be read is as if it had been lost.

use super::handle::{Bus, HeardOf, Link, Links, LocalNode};
use super::link::{Arrival, InStream, List, OutStream};
use super::lock;
use super::message::{Body, Record, Relay, StreamHead, decode};
use super::node::{ConnectionStamp, NodeId, Slot};
use super::seal::Destination;
use crate::telemetry::metrics::METRICS;
use sotto_protocol::{DeviceAddress, Timestamp};
use std::collections::btree_map::Entry;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// Milliseconds after which a message is too old to be heeded: what was recorded is not of use for long.
const FRESH_MILLIS: u64 = 30_000;
/// How long a node may be silent before it is forgotten.
const SILENCE: Duration = Duration::from_secs(5);
/// How long a forgotten node is remembered for what it had said: longer than a message is fresh.
const MEMORY: Duration = Duration::from_mins(10);
/// How often it is looked for what nodes that fell silent accept: they may be cut off and alive.
const SEARCH: Duration = Duration::from_secs(5);
/// Milliseconds by which each of those looks goes back: entries that were on their way, and clocks that differ.
const SEARCH_BACK_MILLIS: u64 = 60_000;
/// Milliseconds that an entry may have been on its way to the database when a node began to listen.
const ON_ITS_WAY_MILLIS: u64 = 30_000;

/// What a message means for the Delivery Service, once the lock is released.
#[derive(Default)]
struct Meaning<'a> {
    missed: Option<Timestamp>,
    connected: Vec<(DeviceAddress, u64)>,
    relays: Vec<Relay<&'a [u8]>>,
    departs: bool,
}

impl Bus {
    /// Takes a message from the network.
    pub(super) fn receive(&self, now: Instant, to: Destination, message: &[u8], local: &dyn LocalNode) {
        let Some(opened) = self.seal.open(message, to) else {
            METRICS.bus_refused.increment();
            return;
        };
        if opened.source == self.node {
            return;
        }
        let Some((head, records)) = decode(&opened.plain) else {
            tracing::warn!(node = %opened.source, "a bus message cannot be read: is a node of another version running?");
            return;
        };
        if head.at.saturating_add(FRESH_MILLIS) < self.clock.now() {
            return;
        }
        self.clock.hear(head.at);
        METRICS.bus_received.increment();

        let source = opened.source;
        let mut links = lock(&self.links);
        if !links.is_new(source, to, opened.counter, now) {
            return;
        }
        let unheard_millis = self.unheard_millis(now);
        let Some((link, remembered)) = self.link(&mut links, source, now) else {
            return;
        };
        let slot = link.slot;
        let meaning = match head.body {
            Body::Hello => Meaning::default(),
            Body::Stream(head) => self.read(link, remembered, &head, records, unheard_millis),
        };
        if meaning.departs {
            tracing::info!(node = %source, "another node has departed");
            self.forget(&mut links, source);
        }
        self.publish_heeded(&links);
        drop(links);

        if let Some(since) = meaning.missed {
            local.missed(since);
        }
        for (device, at) in meaning.connected {
            local.connected_elsewhere(device, ConnectionStamp { at, node: source });
        }
        for relay in meaning.relays {
            local.relayed(slot, relay);
        }
        if meaning.departs {
            local.gone(slot);
        }
    }

    /// The link with a node, new if it was not known, and up to where its entries were looked after when it last was.
    fn link<'a>(
        &self,
        links: &'a mut Links,
        source: NodeId,
        now: Instant,
    ) -> Option<(&'a mut Link, Option<Timestamp>)> {
        let remembered = links.heard.get_mut(&source).and_then(|heard| {
            heard.is_silent = false;
            heard.settled
        });
        let link = match links.nodes.entry(source) {
            Entry::Occupied(link) => link.into_mut(),
            Entry::Vacant(place) => {
                // More nodes than slots: it is not heard, and its devices pull.
                let (slot, peer) = self.add_peer()?;
                tracing::info!(node = %source, "another node is there");
                self.wake.notify_one();
                place.insert(Link {
                    slot,
                    peer,
                    out: OutStream::new(self.clock.tick()),
                    list_rest: None,
                    into: InStream::default(),
                    heard_at: now,
                    sent_at: None,
                    owes_answer: true,
                })
            }
        };
        link.heard_at = now;
        Some((link, remembered))
    }

    fn read<'a>(
        &self,
        link: &mut Link,
        remembered: Option<Timestamp>,
        head: &StreamHead,
        records: Vec<Record<&'a [u8]>>,
        unheard_millis: u64,
    ) -> Meaning<'a> {
        let mut meaning = Meaning::default();
        link.out.hears(head.heard);
        let before = link.into.settled.or(remembered);
        let arrival = link.into.arrives(head, !records.is_empty());
        let unheard = |until: Timestamp| Timestamp(until.0.saturating_sub(unheard_millis));
        match arrival {
            Arrival::Old => return meaning,
            Arrival::Next => {}
            Arrival::First { is_complete: true } => meaning.missed = before,
            Arrival::First { is_complete: false } | Arrival::AfterHole => {
                meaning.missed = Some(before.unwrap_or_else(|| unheard(head.settled)));
            }
        }
        if arrival == Arrival::AfterHole {
            METRICS.bus_holes.increment();
            link.owes_answer = true;
        }
        link.owes_answer |= head.answer;
        for record in records {
            match record {
                Record::Begins(Some(from)) if before.is_none() => {
                    meaning.missed = Some(from.max(unheard(head.settled)));
                }
                Record::Begins(_) => {}
                Record::ListBegins => {
                    link.into.list_begins();
                    self.routes.forget(link.slot);
                }
                Record::Connected(devices) => {
                    for (device, _) in &devices {
                        self.routes.add(device.account, link.slot);
                    }
                    meaning.connected.extend(devices);
                    link.owes_answer = true;
                }
                Record::Gone(accounts) => {
                    for account in accounts {
                        self.routes.remove(account, link.slot);
                    }
                }
                Record::ListEnds => {
                    link.into.list_ends();
                    link.owes_answer = true;
                }
                Record::Missed => {
                    meaning.missed = Some(before.unwrap_or_else(|| unheard(head.settled)));
                }
                Record::Departing => meaning.departs = true,
                Record::Relay(relay) => meaning.relays.push(relay),
            }
        }
        link.into.settled = Some(head.settled);
        link.peer
            .takes_all
            .store(!link.into.heard.whole, Ordering::Release);
        if link.owes_answer || link.out.list == List::Needed {
            self.wake.notify_one();
        }
        meaning
    }

    /// How far back what a node accepted is of interest if none of its entries was ever heard of: until this one began, and a
    /// little more.
    fn unheard_millis(&self, now: Instant) -> u64 {
        let uptime = now.saturating_duration_since(self.started.instant);
        u64::try_from(uptime.as_millis())
            .unwrap_or(u64::MAX)
            .saturating_add(ON_ITS_WAY_MILLIS)
    }

    /// Forgets nodes that have been silent for too long, and has it looked for what they accept as long as they are
    /// remembered and not heard again.
    pub(super) fn forget_silent(&self, now: Instant, local: &dyn LocalNode) {
        let mut links = lock(&self.links);
        let silent: Vec<NodeId> = links
            .nodes
            .iter()
            .filter(|(_, link)| now.saturating_duration_since(link.heard_at) >= SILENCE)
            .map(|(node, _)| *node)
            .collect();
        let mut forgotten = Vec::new();
        for node in silent {
            tracing::warn!(%node, "another node is silent and is forgotten");
            forgotten.extend(self.forget(&mut links, node));
            if let Some(heard) = links.heard.get_mut(&node) {
                heard.is_silent = true;
            }
        }
        links
            .heard
            .retain(|_, heard| now.saturating_duration_since(heard.at) < MEMORY);
        let is_due = links
            .searched_at
            .is_none_or(|at| now.saturating_duration_since(at) >= SEARCH);
        let searches = is_due && links.heard.values().any(|heard| heard.is_silent);
        if searches {
            links.searched_at = Some(now);
        }
        self.publish_heeded(&links);
        drop(links);
        for (slot, settled) in forgotten {
            local.gone(slot);
            // What it accepted last may not have been sent.
            local.missed(settled.unwrap_or_else(|| self.before_now(self.unheard_millis(now))));
        }
        if searches {
            local.missed(self.before_now(SEARCH_BACK_MILLIS));
        }
    }

    fn before_now(&self, millis: u64) -> Timestamp {
        Timestamp(self.now().0.saturating_sub(millis))
    }

    fn forget(&self, links: &mut Links, node: NodeId) -> Option<(Slot, Option<Timestamp>)> {
        let link = links.nodes.remove(&node)?;
        let mut settled = link.into.settled;
        if let Some(heard) = links.heard.get_mut(&node) {
            // Of its latest stream nothing may have come.
            settled = settled.or(heard.settled);
            heard.settled = settled;
        }
        self.remove_peer(link.slot);
        Some((link.slot, settled))
    }

    /// Says up to which change all other nodes heed this node's changes.
    pub(super) fn publish_heeded(&self, links: &Links) {
        self.publish(links.nodes.values().map(|link| link.out.heeded_changes()).min());
    }

    /// [`Self::publish_heeded`] with a link that is out of the map.
    pub(super) fn publish_heeded_with(&self, links: &Links, link: &Link) {
        let others = links.nodes.values().map(|link| link.out.heeded_changes());
        self.publish(others.chain([link.out.heeded_changes()]).min());
    }

    fn publish(&self, heeded: Option<u64>) {
        let heeded = heeded.unwrap_or(u64::MAX);
        self.heeded.send_if_modified(|published| {
            let is_new = *published != heeded;
            *published = heeded;
            is_new
        });
    }
}

impl Links {
    /// Whether a message was not here before.
    fn is_new(&mut self, source: NodeId, to: Destination, counter: u64, now: Instant) -> bool {
        let heard = self.heard.entry(source).or_insert(HeardOf {
            counters: [0; 2],
            at: now,
            settled: None,
            is_silent: false,
        });
        let [to_all, to_one] = &mut heard.counters;
        let last = match to {
            Destination::All => to_all,
            Destination::Node(_) => to_one,
        };
        let is_new = counter > *last;
        if is_new {
            *last = counter;
            heard.at = now;
        }
        is_new
    }
}
