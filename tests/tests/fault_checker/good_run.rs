//! A run in which every promise is kept, made up from a seed: lost answers, retries, reconnections, missed entries,
//! Commits, refusals, fleeting and timed messages.

use sotto_protocol::frame::{EntryKind, RequestId};
use sotto_protocol::{
    AccountId, ChatId, DeviceAddress, DeviceId, Epoch, MessageId, ProblemCode, Retention, Seq, Timestamp,
};
use sotto_tests::faults::dice::Dice;
use sotto_tests::faults::history::{
    DeviceHistory, Event, Fingerprint, History, Moment, SeenEntry, SeenPage, StoredLogs, Submission,
};
use std::collections::BTreeMap;

const DEVICES: u8 = 4;
const CHATS: u8 = 2;
const STEPS: usize = 260;
const PAGE: usize = 6;
/// Milliseconds on the wall between two events.
const TICK_MILLIS: u64 = 3;

/// A message whose sender does not know what became of it.
#[derive(Clone, Copy)]
struct Outstanding {
    submission: Submission,
}

/// What a device keeps.
#[derive(Default)]
struct State {
    connected: bool,
    outstanding: Vec<Outstanding>,
    /// Up to where it has everything, by chat.
    read: BTreeMap<ChatId, Vec<Seq>>,
    safe: BTreeMap<ChatId, Seq>,
    requests: u32,
}

struct Run {
    dice: Dice,
    now: u64,
    history: History,
    states: Vec<State>,
    logs: BTreeMap<ChatId, Vec<SeenEntry>>,
    epochs: BTreeMap<ChatId, Epoch>,
}

/// A run without a fault.
pub(crate) fn good_run(seed: u64) -> (History, StoredLogs) {
    let chats = (1..=CHATS).map(|chat| ChatId::from_bytes([chat; 16]));
    let devices: Vec<DeviceAddress> = (1..=DEVICES)
        .map(|device| DeviceAddress {
            account: AccountId::from_bytes([1 + device % 2; 16]),
            device: DeviceId::from_bytes([device; 16]),
        })
        .collect();
    let chats: BTreeMap<_, _> = chats.map(|chat| (chat, devices.clone())).collect();
    let mut run = Run {
        dice: Dice::new(seed),
        now: 0,
        states: devices.iter().map(|_| State::default()).collect(),
        logs: chats.keys().map(|&chat| (chat, Vec::new())).collect(),
        epochs: chats.keys().map(|&chat| (chat, Epoch(1))).collect(),
        history: History {
            devices: devices
                .into_iter()
                .map(|address| DeviceHistory {
                    address,
                    events: Vec::new(),
                    settled: true,
                })
                .collect(),
            chats,
            broken: Vec::new(),
        },
    };
    run.run();
    run.end()
}

impl Run {
    fn run(&mut self) {
        for device in 0..usize::from(DEVICES) {
            self.connect(device);
        }
        for _ in 0..STEPS {
            let device = self.dice.below(usize::from(DEVICES));
            let chat = ChatId::from_bytes([1 + u8::try_from(self.dice.below(2)).unwrap(); 16]);
            match self.dice.below(20) {
                0 => self.connect(device),
                1 => self.refused_for_good(device, chat),
                2 => self.overtaken_by_an_epoch(device, chat),
                3 => self.send(device, chat, EntryKind::Commit, Retention::Keep),
                4 => self.send(device, chat, EntryKind::Application, Retention::Never),
                5 | 6 => self.send(
                    device,
                    chat,
                    EntryKind::Application,
                    Retention::For { seconds: 1 },
                ),
                7..12 => self.send(device, chat, EntryKind::Application, Retention::Keep),
                12..15 => self.read(device, chat),
                15 | 16 => self.acknowledge(device, chat),
                17 => self.wait(),
                _ => self.unavailable(device, chat),
            }
        }
    }

    fn end(mut self) -> (History, StoredLogs) {
        for device in 0..usize::from(DEVICES) {
            self.connect(device);
        }
        let chats: Vec<ChatId> = self.logs.keys().copied().collect();
        for device in 0..usize::from(DEVICES) {
            for &chat in &chats {
                while self.read_up_to(device, chat).0 < self.logs[&chat].len() as u64 {
                    self.read(device, chat);
                }
            }
        }
        self.now += 20_000 / TICK_MILLIS;
        let read_at = self.wall();
        let mut stored = StoredLogs {
            chats: self.logs,
            read_at,
        };
        for entry in stored.chats.values_mut().flatten() {
            *entry = as_of(*entry, read_at);
        }
        (self.history, stored)
    }

    fn wall(&self) -> Timestamp {
        Timestamp(1_000_000 + self.now * TICK_MILLIS)
    }

    fn happens(&mut self, device: usize, event: Event) {
        self.now += 1;
        let moment = Moment(self.now * TICK_MILLIS * 1_000_000);
        self.history.devices[device].events.push((moment, event));
    }

    fn request(&mut self, device: usize) -> RequestId {
        self.states[device].requests += 1;
        RequestId(self.states[device].requests)
    }

    fn wait(&mut self) {
        self.now += 300;
    }

    fn connect(&mut self, device: usize) {
        if self.states[device].connected {
            self.happens(device, Event::Disconnected);
        }
        self.happens(device, Event::Connecting { node: 0 });
        for chat in self.logs.keys().copied().collect::<Vec<_>>() {
            let safe = self.states[device].safe.get(&chat).copied().unwrap_or_default();
            let last = Seq(self.logs[&chat].len() as u64);
            if safe < last {
                // What was acknowledged last may have been lost with the server.
                let acknowledged = Some(Seq(safe.0 - safe.0.min(self.dice.below(2) as u64)));
                let cursor = Event::Cursor {
                    chat,
                    acknowledged,
                    last,
                };
                self.happens(device, cursor);
            }
        }
        self.happens(device, Event::Ready);
        self.states[device].connected = true;
        for Outstanding { submission } in std::mem::take(&mut self.states[device].outstanding) {
            let request = self.request(device);
            self.submit(
                device,
                Submission {
                    request,
                    ..submission
                },
                true,
            );
        }
    }

    fn submission(
        &mut self,
        device: usize,
        chat: ChatId,
        kind: EntryKind,
        retention: Retention,
    ) -> Submission {
        Submission {
            request: self.request(device),
            chat,
            message: MessageId::from_bytes(self.dice.bytes()),
            retention,
            kind,
            epoch: self.epochs[&chat],
            payload: self.payload(),
        }
    }

    fn payload(&mut self) -> Fingerprint {
        let length = 1 + self.dice.below(300);
        Fingerprint::of(&self.dice.fill(length))
    }

    fn send(&mut self, device: usize, chat: ChatId, kind: EntryKind, retention: Retention) {
        let submission = self.submission(device, chat, kind, retention);
        let answered = kind == EntryKind::Commit || retention == Retention::Never || !self.dice.once_in(6);
        self.submit(device, submission, answered);
    }

    /// Sends; the server takes it, or the connection breaks before or after it has.
    fn submit(&mut self, device: usize, submission: Submission, answered: bool) {
        self.happens(device, Event::Submitted(submission));
        let taken = answered || self.dice.once_in(2);
        if !taken {
            self.states[device].outstanding.push(Outstanding { submission });
            return self.connect_later(device);
        }
        let from = self.history.devices[device].address;
        let known = self.logs[&submission.chat]
            .iter()
            .find(|entry| (entry.from, entry.message) == (from, submission.message))
            .copied();
        if known.is_none() && submission.epoch != self.epochs[&submission.chat] {
            return self.made_again(device, submission);
        }
        let entry = known.unwrap_or_else(|| self.accept(device, &submission));
        if answered {
            let accepted = Event::Accepted {
                request: submission.request,
                seq: (entry.seq != Seq::ZERO).then_some(entry.seq),
                at: entry.at,
                reached: 0,
            };
            self.happens(device, accepted);
            if entry.seq != Seq::ZERO {
                self.has_read(device, submission.chat, entry.seq);
            }
        } else {
            self.states[device].outstanding.push(Outstanding { submission });
            self.connect_later(device);
        }
    }

    /// The connection broke; the next send or read of the device is on a new one.
    fn connect_later(&mut self, device: usize) {
        self.happens(device, Event::Disconnected);
        self.states[device].connected = false;
        if self.dice.once_in(2) {
            self.connect(device);
        }
    }

    fn made_again(&mut self, device: usize, submission: Submission) {
        let refused = Event::Refused {
            request: submission.request,
            code: ProblemCode::StaleEpoch,
        };
        self.happens(device, refused);
        let again = Submission {
            request: self.request(device),
            epoch: self.epochs[&submission.chat],
            payload: self.payload(),
            ..submission
        };
        self.submit(device, again, true);
    }

    fn accept(&mut self, device: usize, submission: &Submission) -> SeenEntry {
        let chat = submission.chat;
        let entry = SeenEntry {
            seq: if submission.retention == Retention::Never {
                Seq::ZERO
            } else {
                Seq(self.logs[&chat].len() as u64 + 1)
            },
            from: self.history.devices[device].address,
            message: submission.message,
            at: self.wall(),
            retention: submission.retention,
            kind: submission.kind,
            payload: submission.payload,
        };
        if submission.kind == EntryKind::Commit {
            self.epochs.get_mut(&chat).unwrap().0 += 1;
        }
        if entry.seq != Seq::ZERO {
            self.logs.get_mut(&chat).unwrap().push(entry);
        }
        for other in 0..usize::from(DEVICES) {
            if other != device && self.states[other].connected && !self.dice.once_in(8) {
                self.happens(other, Event::Pushed { chat, entry });
                if entry.seq != Seq::ZERO {
                    self.has_read(other, chat, entry.seq);
                }
            }
        }
        entry
    }

    fn refused_for_good(&mut self, device: usize, chat: ChatId) {
        let submission = self.submission(device, chat, EntryKind::Application, Retention::Keep);
        let request = submission.request;
        self.happens(device, Event::Submitted(submission));
        let code = *self.dice.pick(&[ProblemCode::TooLarge, ProblemCode::RateLimited]);
        self.happens(device, Event::Refused { request, code });
    }

    fn overtaken_by_an_epoch(&mut self, device: usize, chat: ChatId) {
        let mut submission = self.submission(device, chat, EntryKind::Application, Retention::Keep);
        if submission.epoch > Epoch(1) {
            submission.epoch.0 -= 1;
        }
        self.submit(device, submission, true);
    }

    /// The server does not say whether it took a message; in truth it did, or did not.
    fn unavailable(&mut self, device: usize, chat: ChatId) {
        let submission = self.submission(device, chat, EntryKind::Application, Retention::Keep);
        let request = submission.request;
        self.happens(device, Event::Submitted(submission));
        if self.dice.once_in(2) {
            self.accept(device, &submission);
        }
        let code = ProblemCode::Unavailable;
        self.happens(device, Event::Refused { request, code });
        let request = self.request(device);
        self.submit(
            device,
            Submission {
                request,
                ..submission
            },
            true,
        );
    }

    fn has_read(&mut self, device: usize, chat: ChatId, seq: Seq) {
        self.states[device].read.entry(chat).or_default().push(seq);
    }

    fn read_up_to(&self, device: usize, chat: ChatId) -> Seq {
        let read = self.states[device].read.get(&chat);
        let mut up_to = Seq::ZERO;
        while read.is_some_and(|read| read.contains(&up_to.next())) {
            up_to = up_to.next();
        }
        up_to
    }

    fn read(&mut self, device: usize, chat: ChatId) {
        if !self.states[device].connected {
            self.connect(device);
        }
        let after = self.read_up_to(device, chat);
        let request = self.request(device);
        let wall = self.wall();
        let asked = Event::Asked {
            request,
            chat,
            after,
            wall,
        };
        self.happens(device, asked);
        let now = self.wall();
        let log = &self.logs[&chat];
        let entries: Vec<SeenEntry> = log
            .iter()
            .skip(usize::try_from(after.0).unwrap())
            .take(PAGE)
            .map(|&entry| as_of(entry, now))
            .collect();
        let last = Seq(log.len() as u64);
        for entry in &entries {
            self.has_read(device, chat, entry.seq);
        }
        let page = SeenPage { entries, last };
        self.happens(device, Event::Answered { request, page });
    }

    fn acknowledge(&mut self, device: usize, chat: ChatId) {
        let seq = self.read_up_to(device, chat);
        if self.states[device].connected && seq > Seq::ZERO {
            self.states[device].safe.insert(chat, seq);
            self.happens(device, Event::Acknowledged { chat, seq });
        }
    }
}

/// An entry as it is shown at this time.
fn as_of(entry: SeenEntry, now: Timestamp) -> SeenEntry {
    match entry.retention {
        Retention::For { seconds } if entry.at.plus_millis(u64::from(seconds) * 1000) <= now => SeenEntry {
            kind: EntryKind::Deleted,
            payload: Fingerprint::of(b""),
            ..entry
        },
        _ => entry,
    }
}
