//! The writer of one shard: takes all that waits, makes it durable in one transaction, answers, hands on.

use super::error::code_of;
use super::fan_out::{Accepted, FanOut};
use super::outbox::Outbox;
use super::pending::{Due, Pending};
use super::timed;
use crate::clock::Clock;
use crate::store::{Appended, LogStore, StoreError, Submission, WriteBatch};
use crate::telemetry::metrics::METRICS;
use crate::telemetry::{Decided, Journey, Pulse, Transaction};
use futures_util::FutureExt as _;
use sotto_protocol::frame::{Outcome, Refusal, RequestId, ServerFrame};
use sotto_protocol::{ProblemCode, Timestamp};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Submissions in one transaction.
const BATCH_SUBMISSIONS: usize = 4096;
/// Bytes in one transaction: it ends with the submission that passes them.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// How long a transaction waits for more while there is a rush: it costs the same for few as for one.
const GATHERING: Duration = Duration::from_millis(1);
/// Submissions that arrive in a time of gathering and make it a rush.
const RUSH: f32 = 10.0;
/// So many do not wait for more.
const GATHERED: usize = 64;
/// Bytes that one unit of room in the queue stands for.
const ROOM_UNIT: usize = 1024;
/// Units that a connection gets which had to wait for room: more than one message needs, as there are others behind it. Of
/// a small queue it is a part.
const ROOM_AFTER_WAITING: usize = 32;
const PARTS_OF_ROOM: usize = 64;

/// Who waits for the outcome of a submission. Dropped without an outcome, as when the writer fails, it says that the
/// submission may be repeated: nobody waits for ever.
#[derive(Debug)]
pub(super) struct Reply(Option<To>);

#[derive(Debug)]
enum To {
    /// A connection, for the answer to this request.
    Connection(Arc<Outbox>, RequestId),
    /// A future.
    Future(oneshot::Sender<Outcome>),
}

impl Reply {
    pub(super) fn to_connection(outbox: Arc<Outbox>, request: RequestId) -> Self {
        Self(Some(To::Connection(outbox, request)))
    }

    pub(super) fn to_future(sender: oneshot::Sender<Outcome>) -> Self {
        Self(Some(To::Future(sender)))
    }

    pub(super) fn send(mut self, outcome: Outcome) {
        self.deliver(outcome);
    }

    pub(super) fn refuse(self, refusal: impl Into<Refusal>) {
        self.send(Outcome::Refused(refusal.into()));
    }

    fn deliver(&mut self, outcome: Outcome) {
        match self.0.take() {
            Some(To::Connection(outbox, request)) => {
                if let Outcome::Refused(refusal) = &outcome {
                    METRICS.problems.of(refusal.code).increment();
                }
                let expires_first = timed::first_expiry(&outcome);
                outbox.answer(ServerFrame::Response { request, outcome }.encode(), expires_first);
            }
            // Nobody waits for it any more.
            Some(To::Future(sender)) => drop(sender.send(outcome)),
            None => {}
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.deliver(Outcome::Refused(ProblemCode::Unavailable.into()));
    }
}

#[derive(Debug)]
struct Waiting {
    submission: Submission,
    waiter: Waiter,
}

/// Whoever waits for a submission, and what it holds until then.
#[derive(Debug)]
struct Waiter {
    reply: Reply,
    journey: Journey,
    /// Given back when the submission is answered.
    room: OwnedSemaphorePermit,
}

/// Room in a shard's queue that a connection had to wait for. What it has no use for goes to others when this is dropped.
#[derive(Debug)]
pub struct Room(OwnedSemaphorePermit);

/// The way into the writer. It takes a bounded number of bytes; beyond, submitting waits.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    sender: UnboundedSender<Waiting>,
    room: Arc<Semaphore>,
    /// All of the room there is.
    capacity: usize,
}

impl Queue {
    /// Waits for room, then leaves the submission to the writer, which answers. Returns room for what comes behind.
    pub(super) async fn submit(&self, submission: Submission, reply: Reply) -> Option<Room> {
        let commit_bytes = submission.commit.as_ref().map_or(0, |commit| {
            commit.group_info.len() + commit.welcome.as_ref().map_or(0, bytes::Bytes::len)
        });
        let units = room_units(submission.payload.len() + commit_bytes);
        let several = ROOM_AFTER_WAITING.min(self.capacity / PARTS_OF_ROOM);
        let several = units.max(u32::try_from(several).unwrap_or(u32::MAX));
        let journey = Journey::begin(&submission);
        let room = Arc::clone(&self.room).acquire_many_owned(several).await.ok();
        let Some((own, rest)) = room.and_then(|mut room| Some((room.split(units as usize)?, room))) else {
            reply.refuse(ProblemCode::Unavailable);
            return None;
        };
        self.send(submission, reply, journey, own);
        Some(Room(rest))
    }

    /// Room for a message with so many bytes of payload, if there is some at once: of what was waited for, or free.
    pub(super) fn try_room(
        &self,
        payload_bytes: usize,
        waited_for: Option<&mut Room>,
    ) -> Option<OwnedSemaphorePermit> {
        let units = room_units(payload_bytes);
        waited_for
            .filter(|room| Arc::ptr_eq(room.0.semaphore(), &self.room))
            .and_then(|room| room.0.split(units as usize))
            .or_else(|| Arc::clone(&self.room).try_acquire_many_owned(units).ok())
    }

    /// Leaves the submission, for which there is room, to the writer, which answers.
    pub(super) fn put(&self, submission: Submission, reply: Reply, room: OwnedSemaphorePermit) {
        let journey = Journey::begin(&submission);
        self.send(submission, reply, journey, room);
    }

    fn send(&self, submission: Submission, reply: Reply, journey: Journey, room: OwnedSemaphorePermit) {
        let waiter = Waiter { reply, journey, room };
        if let Err(refused) = self.sender.send(Waiting { submission, waiter }) {
            refused.0.waiter.reply.refuse(ProblemCode::Unavailable);
        }
    }

    /// Bytes that wait, or are being written.
    pub(super) fn bytes(&self) -> usize {
        self.capacity.saturating_sub(self.room.available_permits()) * ROOM_UNIT
    }

    /// Takes no more.
    pub(super) fn close(&self) {
        self.room.close();
    }
}

fn room_units(bytes: usize) -> u32 {
    u32::try_from(1 + bytes / ROOM_UNIT).unwrap_or(u32::MAX)
}

/// How much arrives, from batch to batch.
#[derive(Debug, Default)]
struct Rush {
    last: Option<Instant>,
    /// Submissions in a time of [`GATHERING`], on average over the last batches.
    arriving: f32,
}

impl Rush {
    /// Counts a batch.
    fn add(&mut self, submissions: usize) {
        let now = Instant::now();
        if let Some(last) = self.last.replace(now) {
            let times = (now - last).div_duration_f32(GATHERING).max(f32::EPSILON);
            #[allow(clippy::cast_precision_loss, reason = "at most some thousand")]
            let arriving = submissions as f32 / times;
            // Of what is longer ago than some ten times of gathering, nothing should be left.
            let weight = (times / 8.0).min(1.0);
            self.arriving += (arriving - self.arriving) * weight;
        }
    }

    /// Whether a transaction that waits a little takes in so much more that it is worth it.
    fn is_on(&self) -> bool {
        self.arriving >= RUSH
    }
}

/// The writer itself: one task.
pub(super) struct Writer<L> {
    log: Arc<L>,
    queue: UnboundedReceiver<Waiting>,
    pending: Arc<Pending>,
    fan_out: FanOut,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    pulse: Arc<Pulse>,
    /// Received, but not in a batch yet.
    backlog: Vec<Waiting>,
    rush: Rush,
    /// The time of the last batch.
    batch_at: Option<Timestamp>,
}

impl<L: LogStore> Writer<L> {
    pub(super) fn new(
        log: Arc<L>,
        pending: Arc<Pending>,
        fan_out: FanOut,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
        pulse: Arc<Pulse>,
        queue_bytes: usize,
    ) -> (Self, Queue) {
        let (sender, queue) = unbounded_channel();
        let capacity = queue_bytes / ROOM_UNIT;
        let room = Arc::new(Semaphore::new(capacity));
        let writer = Self {
            log,
            queue,
            pending,
            fan_out,
            clock,
            stop,
            pulse,
            backlog: Vec::new(),
            rush: Rush::default(),
            batch_at: None,
        };
        let queue = Queue {
            sender,
            room,
            capacity,
        };
        (writer, queue)
    }

    /// Works until it is told to stop, and then until nothing waits. A panic is a defect that costs its batch: whoever waits
    /// for that is told to repeat it, the store has rolled it back or holds it whole, in which case devices have to look for
    /// it, and the writer goes on.
    pub(super) async fn run(mut self) {
        while AssertUnwindSafe(self.work()).catch_unwind().await.is_err() {
            tracing::error!("the writer of a shard panicked; it goes on with its next batch");
            if let Some(at) = self.batch_at {
                self.fan_out.is_unsure(at, None);
            }
        }
        self.pulse.end();
    }

    async fn work(&mut self) {
        let mut stopping = false;
        let mut drained = false;
        while !drained || !self.backlog.is_empty() {
            if self.backlog.is_empty() {
                if stopping {
                    drained = self.receive().await == 0;
                } else {
                    stopping = self.wait().await;
                }
            }
            let due = if stopping {
                self.pending.take()
            } else {
                self.pending.take_due()
            };
            if !self.backlog.is_empty() || !due.is_empty() {
                self.write(due).await;
            }
        }
        loop {
            let rest = self.pending.take();
            if rest.is_empty() {
                return;
            }
            self.write(rest).await;
        }
    }

    /// Waits until something is to be written. `true` if no more is to come than what is in the queue.
    async fn wait(&mut self) -> bool {
        let stop = self.stop.clone();
        let pending = Arc::clone(&self.pending);
        tokio::select! {
            biased;
            () = stop.cancelled() => {
                self.queue.close();
                true
            }
            received = self.receive() => {
                self.gather(received).await;
                received == 0
            }
            () = pending.due() => false,
        }
    }

    /// Waits a little for more, if so few have been received that they are a small part of what arrives.
    async fn gather(&mut self, received: usize) {
        if self.rush.is_on() && (1..GATHERED).contains(&received) {
            tokio::time::sleep(GATHERING).await;
            while self.backlog.len() < BATCH_SUBMISSIONS
                && let Ok(waiting) = self.queue.try_recv()
            {
                self.backlog.push(waiting);
            }
        }
    }

    async fn receive(&mut self) -> usize {
        self.queue.recv_many(&mut self.backlog, BATCH_SUBMISSIONS).await
    }

    async fn write(&mut self, due: Due) {
        let (submissions, mut waiters) = self.next_batch();
        self.rush.add(submissions.len());
        let writing = self.fan_out.begin();
        let at = self.clock.now();
        self.batch_at = Some(at);
        let journeys = waiters.iter_mut().map(|waiter| &mut waiter.journey);
        let transaction = Transaction::begin(journeys, due.cursors.len() + due.markers.len());
        let beat = self.pulse.beat();
        let written = self
            .log
            .write(WriteBatch {
                submissions: &submissions,
                cursors: &due.cursors,
                markers: &due.markers,
                at,
            })
            .await;
        drop(beat);
        match written {
            Ok(outcomes) => {
                let busy = self.hand_on(submissions, waiters, outcomes, at, transaction.committed());
                // Before all that came after them.
                self.backlog.splice(0..0, busy);
            }
            Err(error) => {
                transaction.failed();
                // At the end there is no later.
                if !self.stop.is_cancelled() {
                    self.pending.put_back(due);
                }
                if !submissions.is_empty() {
                    self.fan_out.is_unsure(at, writing);
                }
                refuse_all(waiters, &error);
            }
        }
    }

    /// Takes the first submissions off the backlog, apart from those who wait for them.
    fn next_batch(&mut self) -> (Vec<Submission>, Vec<Waiter>) {
        let mut bytes = 0;
        let count = self
            .backlog
            .iter()
            .take_while(|waiting| {
                let fits = bytes <= BATCH_BYTES;
                bytes += waiting.submission.payload.len();
                bytes += waiting
                    .submission
                    .commit
                    .as_ref()
                    .map_or(0, |commit| commit.group_info.len());
                fits
            })
            .count();
        self.backlog
            .drain(..count)
            .map(|waiting| (waiting.submission, waiting.waiter))
            .unzip()
    }

    /// Answers and hands on what is decided, and returns the rest: submissions to chats that another node holds.
    fn hand_on(
        &self,
        submissions: Vec<Submission>,
        waiters: Vec<Waiter>,
        outcomes: Vec<Appended>,
        at: Timestamp,
        mut decided: Decided,
    ) -> Vec<Waiting> {
        let mut busy = Vec::new();
        for ((submission, waiter), appended) in submissions.into_iter().zip(waiters).zip(outcomes) {
            let Waiter {
                reply,
                mut journey,
                room,
            } = waiter;
            let outcome = match appended {
                Appended::Busy => {
                    journey.wait_again();
                    let waiter = Waiter { reply, journey, room };
                    busy.push(Waiting { submission, waiter });
                    continue;
                }
                Appended::Accepted {
                    seq,
                    members,
                    removed,
                    group,
                } => {
                    let accepted = Accepted {
                        submission,
                        seq,
                        at,
                        members: &members,
                        removed: &removed,
                        group: group.map(|group| *group),
                    };
                    let mut asking = None;
                    let reached = decided.accepted(journey, || {
                        let reached = self.fan_out.entry(accepted);
                        asking = reached.elsewhere;
                        reached.here
                    });
                    if let Some(asking) = asking {
                        let fan_out = self.fan_out.clone();
                        tokio::spawn(async move {
                            let reached = fan_out.count(asking).await;
                            reply.send(Outcome::Accepted { seq, at, reached });
                        });
                        continue;
                    }
                    Outcome::Accepted { seq, at, reached }
                }
                Appended::Duplicate { seq, at } => {
                    decided.duplicate(journey);
                    Outcome::Accepted {
                        seq: Some(seq),
                        at,
                        reached: 0,
                    }
                }
                Appended::Refused(refusal) => {
                    decided.refused(journey);
                    Outcome::Refused(refusal)
                }
            };
            reply.send(outcome);
        }
        decided.done();
        busy
    }
}

fn refuse_all(waiters: Vec<Waiter>, error: &StoreError) {
    tracing::error!(
        error = error as &dyn std::error::Error,
        submissions = waiters.len(),
        "a batch was not written"
    );
    for waiter in waiters {
        waiter.journey.fail();
        waiter.reply.refuse(code_of(error));
    }
}
