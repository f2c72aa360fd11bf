//! Several nodes over the same databases and one NATS server.

use super::house::{Change, Device, House, TestDelivery, application, welcome};
use super::nats_server::NatsServer;
use crate::bus::{Bus, BusKey, BusState, Nats, Priority, Relay};
use crate::clock::Clock;
use crate::delivery::{BusConnector, DeliverySettings};
use crate::store::contract::fixture::{ALICE, BOB, EVE, message};
use bytes::Bytes;
use futures_util::StreamExt as _;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng as _;
use sotto_protocol::frame::{
    Change as Changed, ClientFrame, EntryKind, Goodbye, Outcome, RequestId, ServerFrame,
};
use sotto_protocol::{ChatId, DeviceAddress, DeviceId, Retention, Seq, Timestamp};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Whatever takes longer than this will not happen.
const PATIENCE: Duration = Duration::from_secs(20);

struct Nodes {
    /// The stores, and a node without a bus that does nothing but create chats.
    house: House,
    nats: NatsServer,
    running: Vec<TestDelivery>,
    ended: Arc<Mutex<Vec<DeviceId>>>,
}

impl Nodes {
    async fn start(count: u64) -> Self {
        let mut nodes = Self {
            house: House::of(&[ALICE, BOB, EVE]).await,
            nats: NatsServer::start(),
            running: Vec::new(),
            ended: Arc::default(),
        };
        for _ in 0..count {
            nodes.add().await;
        }
        nodes.know_each_other().await;
        nodes
    }

    async fn add(&mut self) {
        let clock = Arc::clone(&self.house.clock) as Arc<dyn Clock>;
        let mut rng = ChaCha8Rng::seed_from_u64(self.running.len() as u64);
        let bus = Bus::new(&BusKey::from_bytes([3; 32]), &mut rng, Arc::clone(&clock));
        let network = Nats::new(&self.nats.url(), None).unwrap();
        let ended = Arc::clone(&self.ended);
        let node = TestDelivery::start_in_cluster(
            self.house.stores.accounts.clone(),
            self.house.stores.logs.clone(),
            clock,
            DeliverySettings::default(),
            BusConnector { bus, network },
            Arc::new(move |device| ended.lock().unwrap().push(device)),
        )
        .await
        .unwrap();
        self.running.push(node);
    }

    async fn know_each_other(&self) {
        let all = self.running.len() - 1;
        self.are(BusState::Connected { nodes: all }).await;
    }

    /// Waits until the buses of all nodes are so.
    async fn are(&self, state: BusState) {
        let all = async {
            while self.running.iter().any(|node| node.bus_state() != Some(state)) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let states = || {
            self.running
                .iter()
                .map(TestDelivery::bus_state)
                .collect::<Vec<_>>()
        };
        assert!(
            tokio::time::timeout(PATIENCE, all).await.is_ok(),
            "{:?}",
            states()
        );
    }

    /// A device that connects to a node and was greeted.
    async fn connected(&self, node: usize, device: DeviceAddress) -> Device {
        let mut device = Device::of(&self.running[node], device);
        while !matches!(device.next().await, ServerFrame::Ready { .. }) {}
        device
    }

    async fn chat(&self) -> ChatId {
        self.house.chat(1, ALICE, BOB).await
    }

    /// Alice at node 0, Bob at node 1, and Alice's other device, which joins, at node 2; the chat is in epoch 2 then and has
    /// one entry.
    async fn conversation(&self, chat: ChatId) -> [Device; 3] {
        let mut alice = self.connected(0, ALICE.device(1)).await;
        let mut bob = self.connected(1, BOB.device(1)).await;
        let mut other = self.connected(2, ALICE.device(2)).await;
        let joining = Change {
            added: vec![ALICE.device(2)],
            external: true,
            ..Change::default()
        };
        let request = other.commits(chat, 1, 1, joining).await;
        assert_eq!(other.is_accepted(request).await, 1);
        assert_eq!(alice.gets_entry().await, 1);
        assert_eq!(bob.gets_entry().await, 1);
        [alice, bob, other]
    }
}

async fn sends(device: &mut Device, chat: ChatId, number: u32) -> RequestId {
    device
        .submits(chat, number, Retention::Keep, application(chat, 2, number))
        .await
}

/// What a device has seen of a chat: pushed entries ascend, and answers and hints are taken note of.
#[derive(Default)]
struct Seen {
    pushed: Vec<u64>,
    own: BTreeSet<u64>,
    hinted: u64,
}

impl Seen {
    fn note(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Entry { entry, .. } => self.pushed.push(entry.seq.0),
            ServerFrame::Cursor { last, .. } => self.hinted = self.hinted.max(last.0),
            ServerFrame::Response {
                outcome: Outcome::Accepted { seq: Some(seq), .. },
                ..
            } => {
                self.own.insert(seq.0);
            }
            // Not acknowledged yet, and told again to be sure.
            ServerFrame::Welcome { .. } => {}
            other => panic!("unexpected: {other:?}"),
        }
    }

    /// Whether the device knows that there are so many entries.
    fn knows_of(&self, last: u64) -> bool {
        let own = self.own.last().copied().unwrap_or_default();
        let pushed = self.pushed.last().copied().unwrap_or_default();
        self.hinted >= last || own.max(pushed) >= last
    }

    async fn follow(&mut self, device: &mut Device, last: u64) {
        while !self.knows_of(last) {
            self.note(device.next().await);
        }
        assert!(
            self.pushed.is_sorted_by(|one, other| one < other),
            "{:?}",
            self.pushed
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_reaches_devices_on_every_node_in_the_order_of_the_log() {
    const EACH: u32 = 100;
    let nodes = Nodes::start(3).await;
    let chat = nodes.chat().await;
    let mut devices = nodes.conversation(chat).await;
    let mut seen: [Seen; 3] = Default::default();
    for number in 0..EACH {
        for (place, device) in (0..).zip(&mut devices) {
            sends(device, chat, 100 + number * 3 + place).await;
        }
    }
    let last = u64::from(1 + 3 * EACH);
    for (seen, device) in seen.iter_mut().zip(&mut devices) {
        seen.follow(device, last).await;
        while seen.pushed.len() + seen.own.len() < 3 * EACH as usize {
            seen.note(device.next().await);
        }
        let all: BTreeSet<u64> = seen.pushed.iter().chain(&seen.own).copied().collect();
        assert_eq!(all, (2..=last).collect());
        assert!(seen.pushed.is_sorted_by(|one, other| one < other));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_a_group_is_told_to_devices_on_other_nodes() {
    let nodes = Nodes::start(2).await;
    let rules = crate::store::contract::fixture::group_rules(ALICE);
    let group = nodes.house.group(1, &rules, &[BOB]).await;
    let mut alice = nodes.connected(0, ALICE.device(1)).await;
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    let mut eve = nodes.connected(1, EVE.device(1)).await;
    let mut outside = nodes.connected(1, EVE.device(2)).await;
    let adding = Change {
        added: vec![EVE.device(1)],
        ..Change::in_group(&rules)
    };
    let request = alice.commits(group, 1, 1, adding).await;
    alice.is_accepted(request).await;
    assert_eq!(bob.gets_entry().await, 1);
    assert!(matches!(eve.next().await, ServerFrame::Welcome { .. }));
    assert!(matches!(
        outside.next().await,
        ServerFrame::Cursor {
            acknowledged: None,
            ..
        }
    ));
    nodes.running[1]
        .leave_group(EVE.account(), group, None)
        .await
        .unwrap();
    let payload = application(group, 2, 2);
    let request = alice.submits(group, 2, Retention::Keep, payload).await;
    alice.is_accepted(request).await;
    assert_eq!(bob.gets_entry().await, 2);
    nodes.running[0]
        .delete_group(ALICE.device(1), group)
        .await
        .unwrap();
    let deleted = sotto_protocol::frame::Change::ChatDeleted(group);
    assert_eq!(bob.next().await, ServerFrame::Changed(deleted));
    assert!(eve.has_nothing().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_chat_is_told_to_devices_on_other_nodes() {
    let nodes = Nodes::start(2).await;
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    let mut outside = nodes.connected(1, BOB.device(2)).await;
    let chat = crate::store::contract::fixture::chat(1);
    let creation = super::house::creation(chat, ALICE, BOB);
    let rules = crate::store::contract::fixture::direct(ALICE, BOB);
    nodes.running[0]
        .create_direct_chat(ALICE.device(1), chat, creation, rules)
        .await
        .unwrap();
    let expected = ServerFrame::Welcome {
        chat,
        after: Seq::ZERO,
        from: ALICE.device(1),
        payload: welcome(),
    };
    assert_eq!(bob.next().await, expected);
    assert!(matches!(
        outside.next().await,
        ServerFrame::Cursor {
            acknowledged: None,
            ..
        }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commits_welcome_reaches_the_added_device_on_another_node() {
    let nodes = Nodes::start(2).await;
    let chat = nodes.chat().await;
    let mut alice = nodes.connected(0, ALICE.device(1)).await;
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    let mut second = nodes.connected(1, BOB.device(2)).await;
    let change = Change {
        added: vec![BOB.device(2)],
        ..Change::default()
    };
    let request = alice.commits(chat, 1, 1, change).await;
    alice.is_accepted(request).await;
    assert!(matches!(bob.next().await, ServerFrame::Entry { entry, .. } if entry.kind == EntryKind::Commit));
    assert!(matches!(
        second.next().await,
        ServerFrame::Welcome { after: Seq(1), .. }
    ));
    assert!(second.has_nothing().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_one_node_takes_back_is_taken_back_for_devices_on_all() {
    let nodes = Nodes::start(3).await;
    let chat = nodes.chat().await;
    let [mut alice, mut bob, mut other] = nodes.conversation(chat).await;
    // Of the Commit by which Alice's other device came in nothing is left.
    let outcome = nodes.running[0].object(BOB.device(1), chat, Seq(1)).await;
    assert_eq!(
        outcome.unwrap(),
        sotto_protocol::rest::chat::ObjectionOutcome::TakenBack
    );
    for device in [&mut alice, &mut bob, &mut other] {
        let mut seen = Seen::default();
        seen.follow(device, 2).await;
    }
    let request = bob.commits(chat, 1, 7, Change::default()).await;
    assert_eq!(bob.is_accepted(request).await, 3);
    let mut seen = Seen::default();
    seen.follow(&mut alice, 3).await;
    assert!(other.has_nothing().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_connects_elsewhere_ends_its_older_connection() {
    let nodes = Nodes::start(2).await;
    let mut older = nodes.connected(0, ALICE.device(1)).await;
    let mut newer = nodes.connected(1, ALICE.device(1)).await;
    assert_eq!(older.next().await, ServerFrame::Goodbye(Goodbye::Replaced));
    assert_eq!(older.next_bytes().await, None);
    drop(older);
    let mut newest = nodes.connected(0, ALICE.device(1)).await;
    assert_eq!(newer.next().await, ServerFrame::Goodbye(Goodbye::Replaced));
    assert!(newest.has_nothing().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_of_a_fleeting_message_hears_how_many_devices_it_reached_everywhere() {
    let nodes = Nodes::start(3).await;
    let chat = nodes.chat().await;
    let [mut alice, mut bob, mut other] = nodes.conversation(chat).await;
    let payload = application(chat, 2, 50);
    let request = alice.submits(chat, 50, Retention::Never, payload).await;
    let answer = alice.answer(request).await;
    assert!(
        matches!(
            answer,
            Outcome::Accepted {
                seq: None,
                reached: 2,
                ..
            }
        ),
        "{answer:?}"
    );
    assert_eq!(bob.gets_entry().await, 0);
    assert_eq!(other.gets_entry().await, 0);
    drop(other);
    let payload = application(chat, 2, 51);
    let request = alice.submits(chat, 51, Retention::Never, payload).await;
    let answer = alice.answer(request).await;
    assert!(
        matches!(
            answer,
            Outcome::Accepted {
                seq: None,
                reached: 1,
                ..
            }
        ),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleeting_message_does_not_follow_a_device_to_the_node_that_it_connects_to_next() {
    let nodes = Nodes::start(2).await;
    let bus = |node: usize| &nodes.running[node].shared.fan_out.cluster.as_ref().unwrap().bus;
    let before = bus(0).common_time();
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    let frame = |at| ServerFrame::<Bytes>::Ready { at: Timestamp(at) }.encode();
    let relay = |before, number| {
        let relay = Relay::Fleeting {
            request: number,
            frame: frame(number),
            before,
            to: vec![BOB.device(1)],
        };
        let (node, _) = bus(0).with_devices([BOB.device(1)].iter()).remove(0);
        assert!(bus(0).relay(node, relay, Priority::Passing));
    };
    relay(before, 1);
    relay(bus(1).common_time(), 2);
    assert!(matches!(
        bob.next().await,
        ServerFrame::Ready { at: Timestamp(2) }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_ends_everywhere() {
    let nodes = Nodes::start(2).await;
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    nodes.running[0].remove_devices(&[BOB.device(1)]).await.unwrap();
    assert_eq!(bob.next().await, ServerFrame::Goodbye(Goodbye::SessionEnded));
    assert_eq!(*nodes.ended.lock().unwrap(), [BOB.device(1).device]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_banned_on_one_node_is_banned_on_all() {
    let nodes = Nodes::start(2).await;
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    nodes.running[0].role_changed(BOB.account());
    assert_eq!(bob.next().await, ServerFrame::Changed(Changed::Role));
    nodes.running[0].disconnect(BOB.device(1), Goodbye::Banned);
    assert_eq!(bob.next().await, ServerFrame::Goodbye(Goodbye::Banned));
    assert_eq!(*nodes.ended.lock().unwrap(), [BOB.device(1).device]);
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_markers_and_changes_reach_other_nodes() {
    let nodes = Nodes::start(2).await;
    let chat = nodes.chat().await;
    let alice = nodes.connected(0, ALICE.device(1)).await;
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    let payload = Bytes::from_static(b"sealed");
    let signal = ClientFrame::Signal {
        chat,
        payload: payload.clone(),
    };
    alice.connection.receive(signal).await;
    assert!(matches!(bob.next().await, ServerFrame::Signal { from, .. } if from == ALICE.device(1)));
    alice
        .connection
        .receive(ClientFrame::Marker { chat, payload })
        .await;
    assert!(matches!(bob.next().await, ServerFrame::Marker { from, .. } if from == ALICE.device(1)));
    nodes.running[0].account_changed(ALICE.account()).await;
    assert_eq!(
        bob.next().await,
        ServerFrame::Changed(Changed::User(ALICE.account()))
    );
    nodes.running[0].key_packages_low(BOB.device(1));
    assert_eq!(bob.next().await, ServerFrame::Changed(Changed::KeyPackages));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nats_is_killed_and_started_again_everything_is_accepted_and_told_in_the_end() {
    let mut nodes = Nodes::start(3).await;
    let chat = nodes.chat().await;
    let mut devices = nodes.conversation(chat).await;
    let mut number = 100;
    let mut traffic = async |devices: &mut [Device; 3], rounds: u32| {
        for _ in 0..rounds {
            for device in devices.iter_mut() {
                number += 1;
                sends(device, chat, number).await;
            }
        }
    };
    traffic(&mut devices, 30).await;
    nodes.nats.kill();
    traffic(&mut devices, 30).await;
    nodes.are(BusState::Disconnected).await;
    traffic(&mut devices, 30).await;
    nodes.nats.start_again();
    nodes.know_each_other().await;
    traffic(&mut devices, 30).await;
    for device in &mut devices {
        Seen::default().follow(device, 1 + 3 * 120).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_without_nats_serves_and_joins_when_it_is_there() {
    let mut nodes = Nodes {
        house: House::of(&[ALICE, BOB]).await,
        nats: NatsServer::stopped(),
        running: Vec::new(),
        ended: Arc::default(),
    };
    nodes.add().await;
    nodes.add().await;
    nodes.are(BusState::Disconnected).await;
    let chat = nodes.chat().await;
    let mut alice = nodes.connected(0, ALICE.device(1)).await;
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    let request = alice.sends(chat, 1).await;
    assert_eq!(alice.is_accepted(request).await, 1);
    nodes.nats.start_again();
    nodes.know_each_other().await;
    Seen::default().follow(&mut bob, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stops_says_goodbye_and_is_forgotten_at_once() {
    let mut nodes = Nodes::start(2).await;
    let chat = nodes.chat().await;
    let mut alice = nodes.connected(0, ALICE.device(1)).await;
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    let stopping = nodes.running.remove(1);
    stopping.shutdown().await;
    assert_eq!(bob.next().await, ServerFrame::Goodbye(Goodbye::Restarting));
    nodes.know_each_other().await;
    let mut bob = nodes.connected(0, BOB.device(1)).await;
    let request = alice.sends(chat, 1).await;
    assert_eq!(alice.is_accepted(request).await, 1);
    assert_eq!(bob.gets_entry().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gets_into_nats_can_read_nothing_and_change_nothing() {
    let nodes = Nodes::start(2).await;
    let chat = nodes.chat().await;
    let stranger = async_nats::connect(nodes.nats.url()).await.unwrap();
    let mut everything = stranger.subscribe(">").await.unwrap();
    stranger.flush().await.unwrap();
    let mut alice = nodes.connected(0, ALICE.device(1)).await;
    let mut bob = nodes.connected(1, BOB.device(1)).await;
    let request = alice.sends(chat, 1).await;
    alice.is_accepted(request).await;
    assert_eq!(bob.gets_entry().await, 1);
    let payload = application(chat, 1, 1);
    let (alices, bobs) = (ALICE.account(), BOB.account());
    let message = message(1);
    let secrets: [&[u8]; 5] = [
        alices.as_bytes(),
        bobs.as_bytes(),
        chat.as_bytes(),
        message.as_bytes(),
        &payload,
    ];
    let heard: Vec<_> = everything.by_ref().take(6).collect().await;
    let subjects: BTreeSet<_> = heard.iter().map(|message| message.subject.clone()).collect();
    for message in &heard {
        for secret in secrets {
            let found = message
                .payload
                .windows(secret.len())
                .any(|window| window == secret);
            assert!(!found, "{}", message.subject);
        }
        // Recorded and sent again, there and elsewhere, changed, cut.
        let mut changed = message.payload.to_vec();
        *changed.last_mut().unwrap() ^= 1;
        let cut = message.payload.slice(..message.payload.len() / 2);
        for subject in &subjects {
            for payload in [message.payload.clone(), changed.clone().into(), cut.clone()] {
                stranger.publish(subject.clone(), payload).await.unwrap();
            }
        }
    }
    stranger.flush().await.unwrap();
    nodes.know_each_other().await;
    let request = alice.sends(chat, 2).await;
    alice.is_accepted(request).await;
    assert_eq!(bob.gets_entry().await, 2);
    assert!(bob.has_nothing().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_is_found_at_whichever_node_it_is_and_no_other_of_its_account() {
    let nodes = Nodes::start(3).await;
    let _alice = nodes.connected(2, ALICE.device(1)).await;
    for node in &nodes.running {
        assert!(node.is_connected(ALICE.device(1)).await);
        assert!(!node.is_connected(ALICE.device(2)).await);
        assert!(!node.is_connected(BOB.device(1)).await);
    }
}
