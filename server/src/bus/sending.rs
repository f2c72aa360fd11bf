//! What goes to other nodes.

use super::handle::{Bus, Change, ChangeLog, Link, Links, ListRest, LocalNode};
use super::link::List;
use super::lock;
use super::message::{Body, CONNECTED_BYTES, GONE_BYTES, Head, Record, StreamHead, encode};
use super::node::NodeId;
use super::seal::{Destination, OVERHEAD_BYTES};
use crate::telemetry::metrics::METRICS;
use bytes::Bytes;
use sotto_protocol::Timestamp;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// How often a node says that it is there.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);
/// Bytes that a message's head and its small records take at most.
const HEAD_BYTES: usize = 128;
/// Bytes of a message at most, however large the network takes them: so that many small entries are opened, and on their
/// way to sockets, while more are coming.
const MESSAGE_BYTES: usize = 256 * 1024;
/// Messages for one node before the next one has its turn.
const MESSAGES_AT_ONCE: usize = 16;
/// Changes that are kept for a node that does not take them; then it gets the whole list.
const CHANGES_MAX: u64 = 1_000_000;

/// Messages for the network.
pub(super) struct Outbound {
    pub(super) messages: Vec<(Destination, Bytes)>,
    /// More waits already.
    pub(super) is_cut: bool,
}

impl Bus {
    /// Everything that is to be sent now: what waits, and heartbeats that are due. `largest` is what the network takes.
    pub(super) fn collect(&self, now: Instant, largest: usize, local: &dyn LocalNode) -> Outbound {
        let mut outbound = Outbound {
            messages: Vec::new(),
            is_cut: false,
        };
        // Read before the queues are: what was accepted before is in them.
        let settled = local.settled();
        let mut links = lock(&self.links);
        if links
            .hello_at
            .is_none_or(|at| now.saturating_duration_since(at) >= HEARTBEAT)
        {
            links.hello_at = Some(now);
            let head = Head {
                at: self.clock.now(),
                body: Body::Hello,
            };
            outbound.add(self.sealed(&head, &[], 0, Destination::All));
        }
        self.gather_changes(&mut links.changes);
        let nodes: Vec<NodeId> = links.nodes.keys().copied().collect();
        for node in nodes {
            // Out of the map while it is worked on: the changes beside it are needed too.
            let Some(mut link) = links.nodes.remove(&node) else {
                continue;
            };
            for sent in 0.. {
                let Some(message) = self.next_message(&mut link, &mut links, now, largest, settled, local)
                else {
                    break;
                };
                let head = self.head(&link, settled, message.answer);
                outbound.add(self.sealed(&head, &message.records, message.bytes, Destination::Node(node)));
                if sent >= MESSAGES_AT_ONCE {
                    outbound.is_cut = true;
                    break;
                }
            }
            links.nodes.insert(node, link);
        }
        self.publish_heeded(&links);
        let needed = links
            .nodes
            .values()
            .filter(|link| link.out.list != List::Needed)
            .map(|link| link.out.sent_changes);
        let first = needed.min().unwrap_or(u64::MAX).min(links.changes.end());
        links.changes.trim(first);
        outbound
    }

    /// The last message to every node: this one departs. Everything that waits goes before it.
    pub(super) fn collect_departure(
        &self,
        largest: usize,
        local: &dyn LocalNode,
    ) -> Vec<(Destination, Bytes)> {
        let mut messages = Vec::new();
        loop {
            let outbound = self.collect(Instant::now(), largest, local);
            messages.extend(outbound.messages);
            if !outbound.is_cut {
                break;
            }
        }
        let settled = local.settled();
        let mut links = lock(&self.links);
        for (&node, link) in &mut links.nodes {
            link.out.next_number();
            let head = self.head(link, settled, false);
            let message = self.sealed(&head, &[Record::Departing], HEAD_BYTES, Destination::Node(node));
            messages.extend(message);
        }
        messages
    }

    fn next_message(
        &self,
        link: &mut Link,
        links: &mut Links,
        now: Instant,
        largest: usize,
        settled: Timestamp,
        local: &dyn LocalNode,
    ) -> Option<Message> {
        let limit = largest.saturating_sub(OVERHEAD_BYTES + HEAD_BYTES);
        let room = limit.min(MESSAGE_BYTES);
        link.out.settled.get_or_insert(settled);
        let mut message = Message::default();
        if link.out.number == 0 {
            let has_relayed = self.has_relayed.load(Ordering::Acquire);
            let from = has_relayed.then_some(self.started.at);
            message.records.push(Record::Begins(from));
        }
        let changes_before = link.out.sent_changes;
        // Presence has half of a message, so that entries never wait long behind a list.
        self.add_presence(link, links, room / 2, &mut message, local);
        let taken = link.peer.take(
            room.saturating_sub(message.bytes),
            limit.saturating_sub(message.bytes),
            limit,
        );
        if taken.missed {
            message.records.push(Record::Missed);
        }
        for relay in taken.relays {
            message.bytes += relay.bytes_max();
            message.records.push(Record::Relay(relay));
        }
        if taken.is_all {
            link.out.settled = Some(settled);
        }
        let is_due = link
            .sent_at
            .is_none_or(|at| now.saturating_duration_since(at) >= HEARTBEAT);
        if message.records.is_empty() && !link.owes_answer && !is_due {
            return None;
        }
        if !message.records.is_empty() {
            let number = link.out.next_number();
            if link.out.sent_changes != changes_before {
                link.out.carried_changes(number);
            }
            if message.ends_list {
                link.out.list = List::Sent(number);
            }
        }
        link.owes_answer = false;
        link.sent_at = Some(now);
        message.answer = message
            .records
            .iter()
            .any(|record| matches!(record, Record::Connected(_) | Record::ListEnds));
        Some(message)
    }

    /// Adds what the node is to be told of connected devices, in about `room` bytes.
    fn add_presence(
        &self,
        link: &mut Link,
        links: &mut Links,
        room: usize,
        message: &mut Message,
        local: &dyn LocalNode,
    ) {
        if links.changes.end().saturating_sub(link.out.sent_changes) > CHANGES_MAX {
            link.out.list = List::Needed;
        }
        if link.out.list == List::Needed {
            message.records.push(Record::ListBegins);
            link.out.list = List::Part(0);
            link.list_rest = None;
            link.out.sent_changes = links.changes.end();
        }
        loop {
            let up_to = link
                .list_rest
                .as_ref()
                .map_or(links.changes.end(), |rest| rest.after_changes);
            add_changes(link, &links.changes, up_to, room, message);
            if link.out.sent_changes < up_to || message.bytes >= room {
                return;
            }
            match link.list_rest.as_mut().map(|rest| &mut rest.devices) {
                Some(Some(devices)) => {
                    let fitting = (room.saturating_sub(message.bytes) / CONNECTED_BYTES).max(1);
                    let rest = devices.split_off(fitting.min(devices.len()));
                    let sent = std::mem::replace(devices, rest);
                    message.bytes += sent.len() * CONNECTED_BYTES;
                    if devices.is_empty() {
                        link.list_rest = None;
                    }
                    if !sent.is_empty() {
                        message.records.push(Record::Connected(sent));
                    }
                }
                Some(None) => {
                    message.records.push(Record::ListEnds);
                    message.ends_list = true;
                    link.list_rest = None;
                    return;
                }
                None => {
                    let List::Part(part) = link.out.list else {
                        return;
                    };
                    self.read_part(part, link, links, local);
                }
            }
        }
    }

    /// Reads the next part of the list, or that there is none.
    fn read_part(&self, part: usize, link: &mut Link, links: &mut Links, local: &dyn LocalNode) {
        // What changed before the part was read comes before it.
        let devices = local.connected_devices(part, &mut || self.gather_changes(&mut links.changes));
        link.out.list = List::Part(part + 1);
        if devices.is_none() {
            // Until here nobody had to wait for the other node, as it sends everything. Who comes from now on has to; so
            // this is said before the last changes are gathered that come before the list's end.
            link.out.list_ends_after(links.changes.end());
            self.publish_heeded_with(links, link);
            self.gather_changes(&mut links.changes);
            link.out.list_ends_after(links.changes.end());
        }
        link.list_rest = Some(ListRest {
            after_changes: links.changes.end(),
            devices,
        });
    }

    fn head(&self, link: &Link, settled: Timestamp, answer: bool) -> Head {
        Head {
            at: self.clock.now(),
            body: Body::Stream(StreamHead {
                stream: link.out.stream,
                number: link.out.number,
                settled: link.out.settled.unwrap_or(settled).min(settled),
                heard: link.into.heard,
                answer,
            }),
        }
    }

    fn sealed(
        &self,
        head: &Head,
        records: &[Record<Bytes>],
        bytes: usize,
        to: Destination,
    ) -> Option<(Destination, Bytes)> {
        let counter = self.counter.fetch_add(1, Ordering::Relaxed) + 1;
        let sealed = self
            .seal
            .seal(encode(head, records, bytes), self.node, counter, to)?;
        METRICS.bus_sent.increment();
        METRICS.bus_sent_bytes.add(sealed.len() as u64);
        Some((to, sealed.into()))
    }
}

impl Outbound {
    fn add(&mut self, message: Option<(Destination, Bytes)>) {
        self.messages.extend(message);
    }
}

/// A message in the making.
#[derive(Default)]
struct Message {
    records: Vec<Record<Bytes>>,
    bytes: usize,
    ends_list: bool,
    answer: bool,
}

/// Adds the changes that the node was not told of, up to here, in about so many bytes.
fn add_changes(link: &mut Link, changes: &ChangeLog, up_to: u64, room: usize, message: &mut Message) {
    let skip = usize::try_from(link.out.sent_changes.saturating_sub(changes.first)).unwrap_or(usize::MAX);
    for change in changes.changes.iter().skip(skip) {
        if message.bytes >= room || link.out.sent_changes >= up_to {
            return;
        }
        link.out.sent_changes += 1;
        match *change {
            Change::Connected(device, at) => {
                message.bytes += CONNECTED_BYTES;
                match message.records.last_mut() {
                    Some(Record::Connected(devices)) => devices.push((device, at)),
                    _ => message.records.push(Record::Connected(vec![(device, at)])),
                }
            }
            Change::Gone(account) => {
                message.bytes += GONE_BYTES;
                match message.records.last_mut() {
                    Some(Record::Gone(accounts)) => accounts.push(account),
                    _ => message.records.push(Record::Gone(vec![account])),
                }
            }
        }
    }
}
