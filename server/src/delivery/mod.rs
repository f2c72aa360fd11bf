//! The Delivery Service (RFC 9750, section 5): takes messages and Commits in, gives each a position, makes it durable,
//! and hands it to the devices that are connected. It knows neither HTTP nor SQL.
//!
//! ```text
//! Connection::receive, Delivery::publish → checks on the MLS header → the shard's queue (bounded: full makes callers wait)
//!     → writer: all that waits → LogStore::write, one transaction → one encoded frame, shared, to the other members
//!     → answers into the senders' outboxes or futures
//! ```

mod administration;
mod aftermath;
mod block;
mod check;
mod cluster;
mod community;
mod connection;
mod create;
mod deletion;
mod error;
mod fan_out;
mod generations;
mod greeting;
mod group;
mod heartbeat;
mod in_flight;
mod member_cache;
mod objection;
mod observe;
mod order;
mod outbox;
mod pending;
mod placement;
mod registry;
mod repair;
mod statements;
mod sweep;
mod tally;
#[cfg(test)]
mod tests;
mod timed;
mod wake;
mod writer;

pub use connection::{Connection, Intake, Taken};
pub use error::{CreateChatError, DeliveryError, Stopping};
pub use group::{GroupOf, ReadGroup, ReadGroupVersion};
pub use outbox::{Due, Frames};
pub(crate) use timed::without_what_is_over;
pub(crate) use wake::{Gone, Listener, Wake, Wakes};
pub use writer::Room;

use crate::bus::{Bus, BusState, Network, NetworkError, RunningBus, Ticket};
use crate::clock::Clock;
use crate::config::{Limits, Sizes};
use crate::store::{ChatIndex, LogStore, PageRange, ShardId, StoreError, Submission};
use crate::telemetry::Pulse;
use aftermath::Aftermath;
use cluster::{Cluster, Receiver, SessionEnded};
use fan_out::FanOut;
use in_flight::InFlight;
use outbox::{Outbox, OutboxLimits};
use pending::Pending;
use placement::Placements;
use registry::Registry;
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::frame::{Change, Goodbye, Outcome, Page, ServerFrame};
use sotto_protocol::rest::chat::{GroupInfo, Publish, Published};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, InvitationUse, ProblemCode};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use writer::{Queue, Reply, Writer};

/// Bounds of the Delivery Service.
#[derive(Clone, Copy, Debug)]
pub struct DeliverySettings {
    /// Bytes that may wait to be written to one shard; beyond, senders wait.
    pub queue_bytes: usize,
    /// Frames that may wait for one connection; beyond, it is too slow.
    pub outbox_frames: u32,
    /// Bytes that may wait for one connection; beyond, it is too slow.
    pub outbox_bytes: u32,
    /// How often each connection is asked whether its other side is still there.
    pub heartbeat: Duration,
    /// Direct chats that an account may begin in a day; 0: any number.
    pub chats_begun_per_day: u32,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        let sizes = Sizes::default();
        Self {
            queue_bytes: sizes.queue_bytes,
            outbox_frames: sizes.outbox_frames,
            outbox_bytes: sizes.outbox_bytes,
            heartbeat: Duration::from_secs(45),
            chats_begun_per_day: Limits::default().chats_begun_per_day,
        }
    }
}

/// How long a device waits at the start for other nodes to know of it.
const ANNOUNCEMENT: Duration = Duration::from_millis(200);

/// The Delivery Service. A clone is the same one.
#[derive(Debug)]
pub struct Delivery<I: ChatIndex, L: LogStore> {
    shared: Arc<Shared<I, L>>,
}

impl<I: ChatIndex, L: LogStore> Clone for Delivery<I, L> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

struct Shared<I, L> {
    index: I,
    shards: Vec<Shard<L>>,
    placements: Placements,
    fan_out: FanOut,
    clock: Arc<dyn Clock>,
    settings: DeliverySettings,
    stop: CancellationToken,
    writers: Mutex<Vec<JoinHandle<()>>>,
    bus: Mutex<Option<RunningBus>>,
}

/// A bus and the network that it is to be in.
pub(crate) struct BusConnector<N> {
    /// The bus.
    pub(crate) bus: Arc<Bus>,
    /// Its network.
    pub(crate) network: N,
}

impl<I, L> std::fmt::Debug for Shared<I, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("shards", &self.shards.len())
            .finish_non_exhaustive()
    }
}

struct Shard<L> {
    log: Arc<L>,
    queue: Queue,
    pending: Arc<Pending>,
    pulse: Arc<Pulse>,
}

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// Starts the writers, one a shard, and the retention sweep, in the current tokio runtime. `logs` are in the order of
    /// [`ShardId`].
    pub fn start(index: I, logs: Vec<L>, clock: Arc<dyn Clock>, settings: DeliverySettings) -> Self {
        Self::start_with(index, logs, clock, settings, None)
    }

    /// [`Self::start`] as one of several nodes over the same databases. Ready when it knows the others, or has waited for them
    /// for a moment. `session_ended` is called with devices whose session another node has ended, or whose account it has
    /// banned.
    pub(crate) async fn start_in_cluster(
        index: I,
        logs: Vec<L>,
        clock: Arc<dyn Clock>,
        settings: DeliverySettings,
        connector: BusConnector<impl Network>,
        session_ended: SessionEnded,
    ) -> Result<Self, NetworkError> {
        let BusConnector { bus, network } = connector;
        let in_flight = Arc::new(InFlight::new(Arc::clone(&clock)));
        let cluster = Arc::new(Cluster::new(Arc::clone(&bus), in_flight));
        let delivery = Self::start_with(index, logs, clock, settings, Some(Arc::clone(&cluster)));
        let fan_out = delivery.shared.fan_out.clone();
        let stop = delivery.shared.stop.clone();
        tokio::spawn(Arc::clone(&cluster).push_overdue(stop));
        let receiver = Receiver {
            repairs: Arc::clone(&fan_out.registry.repairs),
            fan_out,
            cluster,
            session_ended,
        };
        let running = bus.join(network, Arc::new(receiver)).await?;
        *lock(&delivery.shared.bus) = Some(running);
        Ok(delivery)
    }

    fn start_with(
        index: I,
        logs: Vec<L>,
        clock: Arc<dyn Clock>,
        settings: DeliverySettings,
        cluster: Option<Arc<Cluster>>,
    ) -> Self {
        let stop = CancellationToken::new();
        let bus = cluster.as_ref().map(|cluster| Arc::clone(&cluster.bus));
        let registry = Arc::new(Registry::new(bus));
        let repairs = Arc::clone(&registry.repairs);
        let (aftermath, group_changes) = Aftermath::new();
        let fan_out = FanOut {
            aftermath,
            registry,
            cluster,
            members: Arc::default(),
            looking_since: Arc::default(),
            wakes: Wakes::default(),
        };
        let mut writers = Vec::with_capacity(logs.len());
        let mut shards = Vec::with_capacity(logs.len());
        for log in logs {
            let log = Arc::new(log);
            let pending = Arc::new(Pending::default());
            let pulse = Arc::new(Pulse::default());
            let (writer, queue) = Writer::new(
                Arc::clone(&log),
                Arc::clone(&pending),
                fan_out.clone(),
                Arc::clone(&clock),
                stop.clone(),
                Arc::clone(&pulse),
                settings.queue_bytes,
            );
            writers.push(tokio::spawn(writer.run()));
            shards.push(Shard {
                log,
                queue,
                pending,
                pulse,
            });
        }
        let shared = Arc::new(Shared {
            index,
            shards,
            placements: Placements::default(),
            fan_out,
            clock,
            settings,
            stop: stop.clone(),
            writers: Mutex::new(writers),
            bus: Mutex::default(),
        });
        tokio::spawn(repair::run(Arc::downgrade(&shared), repairs, stop.clone()));
        tokio::spawn(aftermath::run(Arc::downgrade(&shared), group_changes));
        tokio::spawn(sweep::run(Arc::downgrade(&shared), stop.clone()));
        tokio::spawn(heartbeat::run(Arc::downgrade(&shared), settings.heartbeat, stop));
        Self { shared }
    }

    /// Registers a device's connection. Its older one, if any, to whichever node, ends with [`Goodbye::Replaced`]. What waits for the device
    /// comes out of [`Connection::poll_due`], then all that is new.
    pub fn connect(&self, device: DeviceAddress) -> Result<Connection<I, L>, Stopping> {
        let outbox = Arc::new(Outbox::new(OutboxLimits {
            frames: self.shared.settings.outbox_frames,
            bytes: self.shared.settings.outbox_bytes,
        }));
        let announced = self.shared.fan_out.registry.insert(device, Arc::clone(&outbox));
        self.shared.fan_out.wakes.connected(device);
        let connection = Connection::new(self.clone(), device, outbox, announced);
        // Looked at after registering: either this sees the stop, or the stop sees the connection.
        if self.shared.stop.is_cancelled() {
            return Err(Stopping);
        }
        Ok(connection)
    }

    /// Publishes an application message without a connection.
    pub async fn publish(
        &self,
        from: DeviceAddress,
        chat: ChatId,
        publish: Publish,
    ) -> Result<Published, DeliveryError> {
        let Publish {
            message,
            after,
            retention,
            payload,
        } = publish;
        let checked = check::application(chat, from, message, after, retention, payload.0);
        let (sender, outcome) = oneshot::channel();
        self.submit(checked, Reply::to_future(sender)).await;
        match outcome.await {
            Ok(Outcome::Accepted { seq, at, reached }) => Ok(Published { seq, at, reached }),
            Ok(Outcome::Refused(refusal)) => Err(DeliveryError::Refused(refusal)),
            Ok(Outcome::Page(_)) => Err(ProblemCode::Internal.into()),
            Err(_) => Err(ProblemCode::Unavailable.into()),
        }
    }

    /// Waits for room, then leaves the submission to the writer of its shard, which answers.
    async fn submit(&self, checked: Result<Submission, ProblemCode>, reply: Reply) -> Option<Room> {
        let mut submission = match checked {
            Ok(submission) => submission,
            Err(code) => {
                reply.refuse(code);
                return None;
            }
        };
        let (chat, from) = (submission.chat, submission.from);
        let found = async {
            if let Some(commit) = &mut submission.commit {
                commit.findings = self.examine(chat, from, commit).await?;
            }
            self.shard_of(chat).await
        };
        match found.await {
            Ok(Some(shard)) => return shard.queue.submit(submission, reply).await,
            Ok(None) => reply.refuse(ProblemCode::ChatNotFound),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "what is to be known of a submission could not be read"
                );
                reply.refuse(error::code_of(&error));
            }
        }
        None
    }

    /// Entries of a chat, for a device that is in it.
    pub async fn page(
        &self,
        from: DeviceAddress,
        chat: ChatId,
        range: PageRange,
    ) -> Result<Page, DeliveryError> {
        let shard = self.shard_of(chat).await?.ok_or(ProblemCode::ChatNotFound)?;
        let page = shard.log.page(from, chat, range, self.shared.clock.now()).await?;
        Ok(page.ok_or(ProblemCode::ChatNotFound)?)
    }

    /// The chat's GroupInfo, for a device of one of its accounts, or of one that may join the group alone.
    pub async fn group_info(&self, from: DeviceAddress, chat: ChatId) -> Result<GroupInfo, DeliveryError> {
        let shard = self.shard_of(chat).await?.ok_or(ProblemCode::ChatNotFound)?;
        let group_info = shard.log.group_info(from.account, chat).await?;
        present(group_info.ok_or(ProblemCode::ChatNotFound)?)
    }

    /// As [`Self::group_info`], for a device that shows an invitation.
    pub async fn invited_group_info(
        &self,
        from: DeviceAddress,
        chat: ChatId,
        used: InvitationUse,
    ) -> Result<GroupInfo, DeliveryError> {
        check::invitation(chat, from, &used)?;
        let shard = self.shard_of(chat).await?.ok_or(ProblemCode::ChatNotFound)?;
        let invited = Invited {
            by: used.invitation,
            at: self.shared.clock.now(),
        };
        let group_info = shard.log.invited_group_info(from.account, chat, invited).await?;
        present(group_info.ok_or(ProblemCode::InvitationRefused)?)
    }

    /// Ends the device's connection, if it has one, to whichever node.
    pub fn disconnect(&self, device: DeviceAddress, goodbye: Goodbye) {
        self.shared.fan_out.end(device, goodbye);
    }

    /// How the bus to other nodes is; `None` if there is none.
    pub(crate) fn bus_state(&self) -> Option<BusState> {
        self.shared.fan_out.bus_state()
    }

    /// Lets go of devices that were removed: ends their connections and their membership in every chat.
    pub async fn remove_devices(&self, devices: &[DeviceAddress]) -> Result<(), StoreError> {
        for &device in devices {
            self.disconnect(device, Goodbye::SessionEnded);
        }
        for shard in &self.shared.shards {
            shard.log.remove_devices(devices).await?;
        }
        self.shared.fan_out.members.forget_all();
        Ok(())
    }

    /// Tells the account's own devices and those of everyone who shares a chat with it that its profile or device list
    /// has changed. A hint: whoever misses it reads the profile anew at the next occasion.
    pub async fn account_changed(&self, account: AccountId) {
        let mut concerned = BTreeSet::from([account]);
        for shard in &self.shared.shards {
            match shard.log.peers(account).await {
                Ok(peers) => concerned.extend(peers),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a change is not told to all"
                    );
                }
            }
        }
        self.shared.fan_out.changed(concerned, Change::User(account));
    }

    /// Tells the device that its stock of KeyPackages is low.
    pub fn key_packages_low(&self, device: DeviceAddress) {
        self.shared
            .fan_out
            .to_each([device].iter(), || ServerFrame::Changed(Change::KeyPackages));
    }

    /// Stops: takes no more, writes and answers all that was taken, writes the cursors, ends every connection with
    /// [`Goodbye::Restarting`], and tells the other nodes.
    pub async fn shutdown(&self) {
        for shard in &self.shared.shards {
            shard.queue.close();
        }
        self.shared.stop.cancel();
        let writers = std::mem::take(&mut *lock(&self.shared.writers));
        for writer in writers {
            if let Err(error) = writer.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a writer did not end well"
                );
            }
        }
        self.shared.fan_out.aftermath.settle().await;
        self.shared.fan_out.registry.close_all(Goodbye::Restarting);
        let bus = lock(&self.shared.bus).take();
        if let Some(bus) = bus {
            bus.depart().await;
        }
    }

    /// Waits for a moment until no node accepts anything for the device any more without knowing that it is connected here:
    /// what is read of the database from then on has no gap to what is pushed. If a node takes longer (it may be dead), the
    /// device is told later what it may have missed meanwhile.
    async fn is_announced(&self, device: DeviceAddress, outbox: &Arc<Outbox>, announced: Ticket) {
        let Some(cluster) = &self.shared.fan_out.cluster else {
            return;
        };
        let heeded = cluster.bus.is_heeded(announced);
        if tokio::time::timeout(ANNOUNCEMENT, heeded).await.is_ok() {
            return;
        }
        let (delivery, outbox) = (self.clone(), Arc::clone(outbox));
        tokio::spawn(async move {
            let Some(cluster) = &delivery.shared.fan_out.cluster else {
                return;
            };
            tokio::select! {
                () = delivery.shared.stop.cancelled() => return,
                () = cluster.bus.is_heeded(announced) => {}
            }
            if let Err(error) = greeting::repeat(&delivery.shared, device, &outbox).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "what a device may have missed could not be read"
                );
                outbox.close(Goodbye::Restarting);
            }
        });
    }

    /// The shard of a chat. With one shard, whether the chat exists is left to that shard.
    async fn shard_of(&self, chat: ChatId) -> Result<Option<&Shard<L>>, StoreError> {
        if let Some(shard) = self.known_shard_of(chat) {
            return Ok(Some(shard));
        }
        let Some(shard) = self.shared.index.shard_of(chat).await? else {
            return Ok(None);
        };
        self.shared.placements.put(chat, shard);
        Ok(self.shard(shard))
    }

    /// The shard of a chat, if that is known without reading.
    fn known_shard_of(&self, chat: ChatId) -> Option<&Shard<L>> {
        if let [only] = &*self.shared.shards {
            return Some(only);
        }
        self.shared
            .placements
            .get(chat)
            .and_then(|shard| self.shard(shard))
    }

    fn shard(&self, shard: ShardId) -> Option<&Shard<L>> {
        self.shared.shards.get(usize::from(shard.0))
    }
}

/// A Commit was taken back: the next one brings a GroupInfo.
fn present(group_info: GroupInfo) -> Result<GroupInfo, DeliveryError> {
    if group_info.group_info.as_slice().is_empty() {
        return Err(ProblemCode::Unavailable.into());
    }
    Ok(group_info)
}

/// Locks. What the lock guards is whole between any two statements, so a panic elsewhere leaves it sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
