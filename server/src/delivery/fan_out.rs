//! Hands frames to the devices that are connected, here or to other nodes: each is encoded once and shared.

use super::aftermath::{Aftermath, GroupChanged};
use super::cluster::{Cluster, Pushed, Relayed};
use super::in_flight::Writing;
use super::lock;
use super::member_cache::MemberCache;
use super::outbox::Outbox;
use super::registry::Registry;
use super::timed;
use super::wake::Wakes;
use crate::bus::{BusState, Priority, Relay, Slot};
use crate::store::{CommitParts, GroupChange, NewChat, Submission, TakenBack};
use bytes::Bytes;
use sotto_protocol::frame::{Change, Entry, EntryKind, Goodbye, ServerFrame};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Retention, Seq, Timestamp};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// Accounts in one message to another node.
const ACCOUNTS: usize = 1000;
/// The waits before devices everywhere are told to look for what a batch may have written whose outcome is not known: the
/// database may decide at once, when it is reached again, or when its disk goes on.
const LOOKING: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(14),
    Duration::from_secs(45),
    Duration::from_mins(4),
];
/// Batches that fail so soon after another are looked for with it.
const LOOKING_TOGETHER: Duration = Duration::from_millis(100);

/// The way to the connected devices.
#[derive(Clone)]
pub(super) struct FanOut {
    pub(super) aftermath: Aftermath,
    pub(super) registry: Arc<Registry>,
    /// The other nodes, if there may be some.
    pub(super) cluster: Option<Arc<Cluster>>,
    /// To whom signals and markers go.
    pub(super) members: Arc<MemberCache>,
    /// When devices were last told to look for what may have been written.
    pub(super) looking_since: Arc<Mutex<Option<Instant>>>,
    /// Who is told whom to wake.
    pub(super) wakes: Wakes,
}

/// What was accepted.
pub(super) struct Accepted<'a> {
    pub(super) submission: Submission,
    /// Its position; `None` if it is fleeting.
    pub(super) seq: Option<Seq>,
    pub(super) at: Timestamp,
    /// The devices in the chat after it.
    pub(super) members: &'a [DeviceAddress],
    /// The devices that a Commit removed.
    pub(super) removed: &'a [DeviceAddress],
    /// What a Commit changed of a group beside its members.
    pub(super) group: Option<GroupChange>,
}

/// How many other devices got an entry at once.
pub(super) struct Reached {
    /// Of those that are connected to this node.
    pub(super) here: u32,
    /// Other nodes are being asked how many they reached: [`FanOut::count`] has the sum.
    pub(super) elsewhere: Option<Count>,
}

impl Reached {
    const fn here(devices: u32) -> Self {
        Self {
            here: devices,
            elsewhere: None,
        }
    }
}

/// A count on its way.
pub(super) struct Count {
    request: u64,
    all_answered: tokio::sync::oneshot::Receiver<()>,
}

impl FanOut {
    /// Hands on an accepted entry, and a Commit's Welcome.
    pub(super) fn entry(&self, accepted: Accepted<'_>) -> Reached {
        let Accepted {
            submission,
            seq,
            at,
            members,
            removed,
            group,
        } = accepted;
        if let (Some(change), Some(commit), Some(seq)) = (group, &submission.commit, seq) {
            self.group_changed(submission.chat, commit, seq, change);
        }
        let Submission {
            chat,
            from,
            message,
            retention,
            payload,
            commit,
            ..
        } = submission;
        if commit.is_some() {
            self.members.forget(chat);
        }
        let welcome = commit.as_deref().and_then(|CommitParts { added, welcome, .. }| {
            let payload = welcome.clone()?;
            Some((payload, added.as_slice()))
        });
        let welcomed = welcome.as_ref().map_or(&[][..], |(_, added)| *added);
        let recipients = members
            .iter()
            .chain(removed)
            .filter(|address| **address != from && !welcomed.contains(address));
        // Of a Commit that brings no device in there is nothing to be shown.
        let stored_for = if commit.is_some() { welcomed } else { members };
        self.wakes
            .stored(chat, from.account, stored_for.iter().filter(|_| seq.is_some()));
        let kind = kind_of(commit.as_deref());
        let entry = Entry {
            seq: seq.unwrap_or_default(),
            from,
            message,
            at,
            retention,
            kind,
            payload,
        };
        let expires_at = timed::expires_at(&entry);
        let frame = || ServerFrame::Entry { chat, entry };
        let welcome_frame = |payload| ServerFrame::Welcome {
            chat,
            after: seq.unwrap_or_default(),
            from,
            payload,
        };
        let Some(cluster) = &self.cluster else {
            let mut reached = 0;
            if let Some((payload, added)) = welcome {
                reached += self.to_each_here(added.iter(), || welcome_frame(payload), Outbox::push);
            }
            let push = |outbox: &Outbox, frame| outbox.push_until(frame, expires_at);
            return Reached::here(reached + self.to_each_here(recipients, frame, push));
        };

        let elsewhere = cluster.bus.with_devices(recipients.clone());
        let Some(seq) = seq else {
            return self.fleeting(cluster, recipients, elsewhere, frame);
        };
        let here = self.outboxes(recipients);
        let welcomed_here = self.outboxes(welcomed.iter());
        let welcomed_elsewhere = cluster.bus.with_devices(welcomed.iter());
        if here.is_empty()
            && elsewhere.is_empty()
            && welcomed_here.is_empty()
            && welcomed_elsewhere.is_empty()
        {
            cluster.skip(chat, seq);
            return Reached::here(0);
        }
        let frame = frame().encode();
        let welcome = welcome.map(|(payload, _)| welcome_frame(payload).encode());
        let reached = here.len() + welcomed_here.len();
        // To the others first: their devices are further away.
        cluster.relay(Relayed {
            chat,
            seq,
            frame: &frame,
            expires_at,
            to: elsewhere,
            removed: commit.is_some().then_some(removed),
            welcome: welcome.as_ref(),
            added: welcomed_elsewhere,
        });
        let entry = Pushed {
            frame,
            expires_at,
            to: here,
            welcome: welcome.map(|welcome| (welcome, welcomed_here)),
        };
        cluster.push(self, chat, seq, entry, removed);
        Reached::here(u32::try_from(reached).unwrap_or(u32::MAX))
    }

    /// Tells all who are or were in the chat that a Commit was taken back.
    pub(super) fn taken_back(&self, chat: ChatId, at: Timestamp, taken_back: TakenBack) {
        let TakenBack {
            seq,
            reversal,
            from,
            message,
            members,
            removed,
        } = taken_back;
        self.members.forget(chat);
        let entry = Entry {
            seq,
            from,
            message,
            at,
            retention: Retention::Keep,
            kind: EntryKind::Reversal,
            payload: Bytes::copy_from_slice(&reversal.encode()),
        };
        let recipients = members.iter().chain(&removed);
        let frame = || ServerFrame::Entry { chat, entry };
        let Some(cluster) = &self.cluster else {
            self.to_each_here(recipients, frame, Outbox::push);
            return;
        };
        let frame = frame().encode();
        cluster.relay(Relayed {
            chat,
            seq,
            frame: &frame,
            expires_at: None,
            to: cluster.bus.with_devices(recipients.clone()),
            removed: Some(&removed),
            welcome: None,
            added: Vec::new(),
        });
        let entry = Pushed {
            frame,
            expires_at: None,
            to: self.outboxes(recipients),
            welcome: None,
        };
        cluster.push(self, chat, seq, entry, &removed);
    }

    fn fleeting<'a>(
        &self,
        cluster: &Arc<Cluster>,
        recipients: impl Iterator<Item = &'a DeviceAddress>,
        elsewhere: Vec<(Slot, Vec<DeviceAddress>)>,
        frame: impl FnOnce() -> ServerFrame,
    ) -> Reached {
        if elsewhere.is_empty() {
            return Reached::here(self.to_each_here(recipients, frame, Outbox::push));
        }
        let frame = frame().encode();
        let before = cluster.bus.common_time();
        let mut reached = 0;
        for outbox in self.outboxes(recipients) {
            reached += u32::from(outbox.push(frame.clone()));
        }
        let asked = elsewhere.iter().map(|(node, _)| *node).collect();
        let (request, all_answered) = cluster.tallies.begin(reached, asked);
        for (node, to) in elsewhere {
            let relay = Relay::Fleeting {
                request,
                frame: frame.clone(),
                before,
                to,
            };
            if !cluster.bus.relay(node, relay, Priority::Passing) {
                cluster.tallies.give_up_one(request, node);
            }
        }
        Reached {
            here: reached,
            elsewhere: Some(Count {
                request,
                all_answered,
            }),
        }
    }

    /// How many devices a fleeting message reached everywhere.
    pub(super) async fn count(&self, count: Count) -> u32 {
        match &self.cluster {
            Some(cluster) => cluster.tallies.count(count.request, count.all_answered).await,
            None => 0,
        }
    }

    /// Tells the devices of a new chat's accounts about it: those that are in it by a Welcome, the others that they can
    /// join.
    pub(super) fn chat_created(&self, chat: &NewChat) {
        if let Some(welcome) = &chat.welcome {
            self.wakes
                .stored(chat.chat, chat.creator.account, chat.added.iter());
            self.to_each(chat.added.iter(), || ServerFrame::Welcome {
                chat: chat.chat,
                after: Seq::ZERO,
                from: chat.creator,
                payload: welcome.clone(),
            });
        }
        let inside: Vec<DeviceAddress> = chat.added.iter().chain([&chat.creator]).copied().collect();
        let cursor = ServerFrame::<Bytes>::Cursor {
            chat: chat.chat,
            acknowledged: None,
            last: Seq::ZERO,
            suite: chat.suite,
        };
        self.to_accounts(chat.accounts(), &inside, &cursor);
    }

    /// Lets what follows from a Commit to a group be done, and tells the other devices of accounts that came in by it that
    /// they can join.
    fn group_changed(&self, chat: ChatId, commit: &CommitParts, seq: Seq, change: GroupChange) {
        let cursor = ServerFrame::<Bytes>::Cursor {
            chat,
            acknowledged: None,
            last: seq,
            suite: commit.suite,
        };
        self.to_accounts(change.newcomers.iter().copied(), &commit.added, &cursor);
        self.aftermath.of(GroupChanged { group: chat, change });
    }

    /// Hands a frame to those of the devices that are connected; it is made when the first is found.
    pub(super) fn to_each<'a>(
        &self,
        devices: impl Iterator<Item = &'a DeviceAddress> + Clone,
        frame: impl FnOnce() -> ServerFrame,
    ) {
        self.hand_to(devices, frame, Outbox::push, Priority::Passing);
    }

    /// Hands a signal to those of the devices that are connected and not busy.
    pub(super) fn signal<'a>(
        &self,
        devices: impl Iterator<Item = &'a DeviceAddress> + Clone,
        frame: impl FnOnce() -> ServerFrame,
    ) {
        self.hand_to(devices, frame, Outbox::push_signal, Priority::Signal);
    }

    fn hand_to<'a>(
        &self,
        devices: impl Iterator<Item = &'a DeviceAddress> + Clone,
        frame: impl FnOnce() -> ServerFrame,
        push: impl Fn(&Outbox, Bytes) -> bool,
        priority: Priority,
    ) {
        let Some(cluster) = &self.cluster else {
            self.to_each_here(devices, frame, push);
            return;
        };
        let elsewhere = cluster.bus.with_devices(devices.clone());
        if elsewhere.is_empty() {
            self.to_each_here(devices, frame, push);
            return;
        }
        let frame = frame().encode();
        for (node, to) in elsewhere {
            let relay = Relay::Frame {
                frame: frame.clone(),
                to,
                is_signal: priority == Priority::Signal,
            };
            cluster.bus.relay(node, relay, priority);
        }
        for outbox in self.outboxes(devices) {
            push(&outbox, frame.clone());
        }
    }

    fn to_each_here<'a>(
        &self,
        devices: impl Iterator<Item = &'a DeviceAddress>,
        frame: impl FnOnce() -> ServerFrame,
        push: impl Fn(&Outbox, Bytes) -> bool,
    ) -> u32 {
        let mut frame = Some(frame);
        let mut encoded: Option<Bytes> = None;
        let mut reached = 0;
        for &address in devices {
            let Some(outbox) = self.registry.get(address) else {
                continue;
            };
            if let Some(frame) = frame.take() {
                encoded = Some(frame().encode());
            }
            if let Some(encoded) = &encoded {
                reached += u32::from(push(&outbox, encoded.clone()));
            }
        }
        reached
    }

    /// The outboxes of those of the devices that are connected to this node.
    pub(super) fn outboxes<'a>(&self, devices: impl Iterator<Item = &'a DeviceAddress>) -> Vec<Arc<Outbox>> {
        devices
            .filter_map(|address| self.registry.get(*address))
            .collect()
    }

    /// Tells every connected device of these accounts.
    pub(super) fn changed(&self, accounts: impl IntoIterator<Item = AccountId>, change: Change) {
        self.to_accounts(accounts, &[], &ServerFrame::Changed(change));
    }

    /// Tells every connected device of these accounts but for some.
    pub(super) fn changed_elsewhere(
        &self,
        accounts: impl IntoIterator<Item = AccountId>,
        except: &[DeviceAddress],
        change: Change,
    ) {
        self.to_accounts(accounts, except, &ServerFrame::Changed(change));
    }

    fn to_accounts(
        &self,
        accounts: impl IntoIterator<Item = AccountId>,
        except: &[DeviceAddress],
        frame: &ServerFrame,
    ) {
        let accounts: Vec<AccountId> = accounts.into_iter().collect();
        let frame = frame.encode();
        if let Some(cluster) = &self.cluster {
            for (node, accounts) in cluster.bus.with_accounts(accounts.iter().copied()) {
                for accounts in accounts.chunks(ACCOUNTS) {
                    let relay = Relay::ToAccounts {
                        frame: frame.clone(),
                        accounts: accounts.to_vec(),
                        except: except.to_vec(),
                    };
                    cluster.bus.relay(node, relay, Priority::Passing);
                }
            }
        }
        self.to_accounts_here(&accounts, except, &frame);
    }

    /// Hands a frame to the devices of these accounts that are connected to this node, but for some.
    pub(super) fn to_accounts_here(&self, accounts: &[AccountId], except: &[DeviceAddress], frame: &Bytes) {
        for &account in accounts {
            for (device, outbox) in self.registry.devices_of(account) {
                if !except.contains(&DeviceAddress { account, device }) {
                    outbox.push(frame.clone());
                }
            }
        }
    }

    /// Ends a device's connection, wherever it is.
    pub(super) fn end(&self, device: DeviceAddress, goodbye: Goodbye) {
        self.end_here(device, goodbye);
        if let Some(cluster) = &self.cluster {
            cluster
                .bus
                .relay_to_all(&Relay::Ended { device, goodbye }, Priority::Passing);
        }
    }

    pub(super) fn end_here(&self, device: DeviceAddress, goodbye: Goodbye) {
        if let Some(outbox) = self.registry.get(device) {
            outbox.close(goodbye);
        }
    }

    /// A batch begins whose entries will be handed on. To be called before its time of acceptance is read off the clock.
    pub(super) fn begin(&self) -> Option<Writing> {
        self.cluster.as_ref().map(|cluster| cluster.in_flight.begin())
    }

    /// It is not known whether entries were accepted at `at`: devices everywhere have to look. Until the database has
    /// certainly decided, this node is not settled.
    pub(super) fn is_unsure(&self, at: Timestamp, writing: Option<Writing>) {
        let now = Instant::now();
        let mut looking_since = lock(&self.looking_since);
        // Whoever looks since shortly before looks for this too.
        if looking_since.is_some_and(|since| now - since < LOOKING_TOGETHER) {
            return;
        }
        *looking_since = Some(now);
        let fan_out = self.clone();
        tokio::spawn(async move {
            for wait in LOOKING {
                tokio::time::sleep(wait).await;
                fan_out.registry.repairs.request(at);
                if let Some(cluster) = &fan_out.cluster {
                    cluster.bus.relay_to_all_to_look();
                }
            }
            drop(writing);
        });
    }

    /// Bytes that wait to be sent to other nodes.
    pub(super) fn bus_queued_bytes(&self) -> usize {
        self.cluster
            .as_ref()
            .map_or(0, |cluster| cluster.bus.queued_bytes())
    }

    /// How the bus is, if there is one.
    pub(super) fn bus_state(&self) -> Option<BusState> {
        self.cluster.as_ref().map(|cluster| cluster.bus.state())
    }
}

/// The kind of what was submitted with this.
const fn kind_of(commit: Option<&CommitParts>) -> EntryKind {
    match commit {
        Some(_) => EntryKind::Commit,
        None => EntryKind::Application,
    }
}

impl std::fmt::Debug for FanOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FanOut")
            .field("bus", &self.bus_state())
            .finish_non_exhaustive()
    }
}
