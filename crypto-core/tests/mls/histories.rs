//! Any history: three devices, an ordered log as the server keeps it, and everything that can come between.

use crate::world::{Client, Disk, alice_and_bob};
use proptest::prelude::*;
use sotto_crypto_core::{Body, Label, Received, Text};
use sotto_protocol::Suite;

const SUITE: Suite = Suite::X25519;

/// Something that happens to one of the devices.
#[derive(Clone, Debug)]
enum Step {
    /// It catches up and sends.
    Send(usize),
    /// It catches up and commits an update.
    Update(usize),
    /// It prepares an update, but another device's comes first.
    LoseRace(usize, usize),
    /// It receives so many entries.
    Receive(usize, usize),
    /// It stops and starts again.
    Restart(usize),
    /// It receives so many entries and stops before they are stored.
    CrashReceiving(usize, usize),
    /// It encrypts, or makes an update, and stops before that is stored.
    CrashSending(usize),
    /// Its update was accepted, but it stops before it knows.
    CrashBeforeAnswer(usize),
    /// It loses its state and joins alone.
    Rejoin(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let device = 0..3_usize;
    prop_oneof![
        6 => device.clone().prop_map(Step::Send),
        2 => device.clone().prop_map(Step::Update),
        1 => (device.clone(), device.clone()).prop_map(|(loser, winner)| Step::LoseRace(loser, winner)),
        4 => (device.clone(), 0..6_usize).prop_map(|(device, count)| Step::Receive(device, count)),
        2 => device.clone().prop_map(Step::Restart),
        2 => (device.clone(), 0..6_usize).prop_map(|(device, count)| Step::CrashReceiving(device, count)),
        1 => device.clone().prop_map(Step::CrashSending),
        1 => device.clone().prop_map(Step::CrashBeforeAnswer),
        1 => device.prop_map(Step::Rejoin),
    ]
}

struct Entry {
    from: usize,
    payload: Vec<u8>,
    /// What it says; `None` of a Commit.
    text: Option<String>,
}

struct Member {
    client: Client,
    /// How many entries it has taken.
    cursor: usize,
}

/// The server's log and the newest GroupInfo, and the devices.
struct World {
    log: Vec<Entry>,
    group_info: Vec<u8>,
    members: Vec<Member>,
}

impl World {
    fn new() -> Self {
        let (mut alice, bob) = alice_and_bob(SUITE);
        let update = alice.updates_itself();
        alice.confirms();
        let mut tablet = Client::device_of("bob", 2);
        let (commit, group_info) = tablet.joins_externally(&update.group_info);
        tablet.confirms();
        let log = vec![
            Entry {
                from: 0,
                payload: update.commit,
                text: None,
            },
            Entry {
                from: 2,
                payload: commit,
                text: None,
            },
        ];
        let members = [(alice, 1), (bob, 0), (tablet, 2)]
            .into_iter()
            .map(|(client, cursor)| Member { client, cursor })
            .collect();
        Self {
            log,
            group_info,
            members,
        }
    }

    /// The device takes up to so many entries, each as what it is.
    fn receives(&mut self, device: usize, count: usize) {
        let Member { client, cursor } = &mut self.members[device];
        for entry in self.log.iter().skip(*cursor).take(count) {
            match client.receives(&entry.payload).unwrap() {
                Received::Message { content, .. } => {
                    assert!(entry.from != device);
                    let Body::Text(Text { text, .. }) = content.body else {
                        panic!("no text")
                    };
                    assert_eq!(Some(&text), entry.text.as_ref());
                }
                Received::Commit(committed) => {
                    assert!(entry.from != device && entry.text.is_none());
                    assert_eq!(committed.epoch, client.chat().epoch());
                }
                // Its message id would tell: this is the Commit whose answer was lost.
                Received::Own => {
                    assert_eq!(entry.from, device);
                    if entry.text.is_none() {
                        client.confirms();
                    }
                }
                Received::Unreadable { .. } => panic!("unreadable"),
            }
            *cursor += 1;
        }
    }

    fn catches_up(&mut self, device: usize) {
        self.receives(device, usize::MAX);
        let client = &mut self.members[device].client;
        if client.chat().has_pending_commit() {
            client.chat().discard_commit().unwrap();
            client.flushes();
        }
    }

    fn updates(&mut self, device: usize) {
        let client = &mut self.members[device].client;
        let update = client.updates_itself();
        client.confirms();
        self.group_info = update.group_info;
        self.log.push(Entry {
            from: device,
            payload: update.commit,
            text: None,
        });
        self.members[device].cursor += 1;
    }

    /// As if the device had stopped when its disk was this.
    fn crashes(&mut self, device: usize, (disk, cursor): (Disk, usize)) {
        let member = &mut self.members[device];
        member.client.disk = disk;
        member.client.restarts();
        member.cursor = cursor;
    }

    fn stored(&self, device: usize) -> (Disk, usize) {
        (
            self.members[device].client.disk.clone(),
            self.members[device].cursor,
        )
    }

    fn happens(&mut self, step: &Step, number: usize) {
        match *step {
            Step::Send(device) => {
                self.catches_up(device);
                let text = format!("message {number}");
                let payload = self.members[device].client.encrypts(&text);
                self.log.push(Entry {
                    from: device,
                    payload,
                    text: Some(text),
                });
                self.members[device].cursor += 1;
            }
            Step::Update(device) => {
                self.catches_up(device);
                self.updates(device);
            }
            Step::LoseRace(loser, winner) if loser == winner => {}
            Step::LoseRace(loser, winner) => {
                self.catches_up(winner);
                self.catches_up(loser);
                self.members[loser].client.updates_itself();
                self.updates(winner);
            }
            Step::Receive(device, count) => self.receives(device, count),
            Step::Restart(device) => self.members[device].client.restarts(),
            Step::CrashReceiving(device, count) => {
                let stored = self.stored(device);
                self.receives(device, count);
                self.crashes(device, stored);
            }
            Step::CrashSending(device) => {
                self.catches_up(device);
                let stored = self.stored(device);
                self.members[device].client.encrypts("lost");
                self.members[device].client.updates_itself();
                self.crashes(device, stored);
            }
            Step::CrashBeforeAnswer(device) => {
                self.catches_up(device);
                let update = self.members[device].client.updates_itself();
                self.group_info = update.group_info;
                self.log.push(Entry {
                    from: device,
                    payload: update.commit,
                    text: None,
                });
                self.members[device].client.restarts();
            }
            Step::Rejoin(device) => {
                let group_info = self.group_info.clone();
                let client = &mut self.members[device].client;
                let (commit, group_info) = client.joins_externally(&group_info);
                client.confirms();
                self.group_info = group_info;
                self.log.push(Entry {
                    from: device,
                    payload: commit,
                    text: None,
                });
                self.members[device].cursor = self.log.len();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whoever catches up is where the others are, having received each message once and in order.
    #[test]
    fn any_history_ends_in_agreement(steps in proptest::collection::vec(step(), 1..24)) {
        let mut world = World::new();
        for (number, step) in steps.iter().enumerate() {
            world.happens(step, number);
        }
        for device in 0..3 {
            world.catches_up(device);
        }
        let shared: Vec<_> = world
            .members
            .iter_mut()
            .map(|member| {
                let chat = member.client.chat();
                (chat.epoch(), chat.members(), chat.export(Label::StoreRecord, b"", 32).unwrap())
            })
            .collect();
        prop_assert!(shared.iter().all(|member| *member == shared[0]));
        let sent = world.members[0].client.sends("the last");
        sent.to(&mut world.members[1].client);
        sent.to(&mut world.members[2].client);
    }
}
