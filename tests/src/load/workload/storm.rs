//! Everybody loses the connection at once and comes back, while others go on talking.

use super::super::engine::{ClientId, Clients, Event, Happened, Messenger, Session, Stamp, nanos};
use super::super::measure::{Phase, Recorder};
use super::{Counted, Dialer, Pairs, Workload};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Connections that are being made at a time before the run.
const CONNECTING: usize = 128;
/// How long what is said before the storm may take to be accepted.
const SAYING: Duration = Duration::from_secs(20);
/// Connections that are cut in one turn of the event loop: cutting takes time, and meanwhile nothing is read.
const CUT_EACH_TURN: u32 = 32;
/// Time for the server to notice that everybody is gone.
const SILENCE: Duration = Duration::from_millis(500);

/// How far the storm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Everybody is connected.
    Before,
    /// The recipients are gone, and something is said to each, so that they come back to a chat that has grown.
    Saying { since: u64 },
    /// Those before this one are gone.
    Leaving { next: u32 },
    /// Everybody is gone.
    Silence { since: u64 },
    /// Everybody is coming back since then.
    Returning { since: u64 },
    /// Everybody is back.
    After,
}

/// Bystanders, pairs that talk throughout, and the others, pairs too.
#[derive(Debug)]
pub(crate) struct Storm {
    run: u16,
    bystanders: Pairs,
    /// Clients of bystanders: the others come after them.
    first: u32,
    others: u32,
    /// The place of the first of the other pairs among the pairs of all workers.
    first_sender: u16,
    begins_after: Duration,
    at_once: usize,
    stage: Stage,
    dialer: Dialer,
    returns: Dialer,
    accepted: u32,
    back: u32,
    /// When the messages before the storm were sent.
    said_at: u64,
}

impl Storm {
    /// Of clients of which the first are those of the bystanders. `first_sender` tells the other pairs from those of other
    /// workers.
    pub(crate) fn new<S: Messenger>(
        clients: &Clients<S>,
        run: u16,
        bystanders: Pairs,
        first_sender: u16,
        begins_after: Duration,
        at_once: usize,
    ) -> Self {
        let first = bystanders.clients();
        let all = u32::try_from(clients.len()).unwrap_or(u32::MAX);
        Self {
            run,
            bystanders,
            first,
            others: all - first,
            first_sender,
            begins_after,
            at_once,
            stage: Stage::Before,
            dialer: Dialer::new((first..all).map(ClientId), CONNECTING),
            returns: Dialer::new([], at_once),
            accepted: 0,
            back: 0,
            said_at: 0,
        }
    }

    fn others(&self) -> impl Iterator<Item = ClientId> + use<> {
        (self.first..self.first + self.others).map(ClientId)
    }

    fn is_sender(&self, client: ClientId) -> bool {
        (client.0 - self.first).is_multiple_of(2)
    }

    fn enter(&mut self, now: u64, stage: Stage) {
        self.stage = stage;
        let counted = match stage {
            Stage::Before | Stage::After => Counted::Usually,
            Stage::Saying { .. } => Counted::Apart,
            Stage::Leaving { .. } | Stage::Silence { .. } | Stage::Returning { .. } => Counted::Meanwhile,
        };
        self.bystanders.count(now, counted);
    }

    /// Goes on to the next stage when it is time. Returns whether there is more to do in the next turn.
    fn proceed<S: Messenger>(
        &mut self,
        now: u64,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) -> bool {
        match self.stage {
            Stage::Before => {
                if now >= recorder.control().run_from() + nanos(self.begins_after) {
                    self.enter(now, Stage::Saying { since: now });
                    self.say_to_the_absent(now, clients, recorder);
                }
            }
            Stage::Saying { since } => {
                let all = self.others / 2;
                if self.accepted == all || now > since + nanos(SAYING) {
                    self.enter(now, Stage::Leaving { next: self.first });
                    return true;
                }
            }
            Stage::Leaving { next } => {
                let end = self.first + self.others;
                let after = (next + CUT_EACH_TURN).min(end);
                for client in (next..after).map(ClientId) {
                    clients.cut(client);
                }
                self.enter(
                    now,
                    if after < end {
                        Stage::Leaving { next: after }
                    } else {
                        Stage::Silence { since: now }
                    },
                );
                return true;
            }
            Stage::Silence { since } => {
                if now > since + nanos(SILENCE) {
                    self.returns = Dialer::new(self.others(), self.at_once);
                    self.enter(now, Stage::Returning { since: now });
                    return true;
                }
            }
            Stage::Returning { since } => {
                if self.back == self.others {
                    recorder.returned(self.others.into(), now - since);
                    self.enter(now, Stage::After);
                } else {
                    return self.returns.tick(clients, recorder);
                }
            }
            Stage::After => {}
        }
        false
    }

    fn say_to_the_absent<S: Messenger>(
        &mut self,
        now: u64,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) {
        self.said_at = now;
        for client in self.others() {
            if self.is_sender(client) {
                let place = u16::try_from((client.0 - self.first) / 2).unwrap_or(u16::MAX);
                let stamp = Stamp {
                    run: self.run,
                    sender: self.first_sender.wrapping_add(place),
                    number: 0,
                    intended: now,
                };
                clients.say(client, |session, out| session.send(stamp, out));
                recorder.sent();
                recorder
                    .control()
                    .gauges
                    .unsettled
                    .fetch_add(1, Ordering::Relaxed);
            } else {
                clients.cut(client);
            }
        }
    }

    fn heard_of_others(
        &mut self,
        Happened { client, at, event }: Happened,
        phase: Phase,
        recorder: &mut Recorder<'_>,
    ) {
        match (event, self.stage) {
            (Event::Ready, Stage::Returning { since }) => {
                self.back += 1;
                self.returns.made();
                recorder.ready(at.saturating_sub(since));
            }
            (Event::Ready, _) => self.dialer.ready(recorder),
            (Event::Accepted { .. }, _) if self.is_sender(client) => {
                self.accepted += 1;
                recorder.accepted(self.said_at, at, 1);
            }
            (Event::Delivered(_), _) => {
                recorder.delivered_late();
                recorder
                    .control()
                    .gauges
                    .unsettled
                    .fetch_sub(1, Ordering::Relaxed);
            }
            (Event::Refused { why, .. }, _) => {
                recorder.failed(why);
                recorder
                    .control()
                    .gauges
                    .unsettled
                    .fetch_sub(1, Ordering::Relaxed);
            }
            (Event::Broken(breach), _) => recorder.broken(breach),
            (Event::Ended(failure), stage) => {
                if phase == Phase::Connect {
                    self.dialer.failed();
                }
                if matches!(stage, Stage::Returning { .. }) {
                    // As a client does: it tries again.
                    self.returns.again(client);
                }
                recorder.failed(failure);
            }
            (Event::Accepted { .. } | Event::Confirmed { .. }, _) => {}
        }
    }
}

impl<S: Messenger> Workload<S> for Storm {
    fn tick(
        &mut self,
        phase: Phase,
        now: u64,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) -> Option<u64> {
        let is_busy = match phase {
            Phase::Connect => self.dialer.tick(clients, recorder),
            // What has begun goes on to its end.
            Phase::Run | Phase::Drain => self.proceed(now, clients, recorder),
            Phase::Rest | Phase::Stop => false,
        };
        let next = self.bystanders.tick(phase, now, clients, recorder);
        if is_busy { Some(now) } else { next }
    }

    fn heard(
        &mut self,
        happened: Happened,
        phase: Phase,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) {
        if happened.client.0 < self.first {
            self.bystanders.heard(happened, phase, clients, recorder);
        } else {
            self.heard_of_others(happened, phase, recorder);
        }
    }

    fn conclude(&mut self, clients: &Clients<S>, recorder: &mut Recorder<'_>) {
        self.bystanders.conclude(clients, recorder);
        for client in self.others() {
            recorder.holes(
                clients
                    .session(client)
                    .map_or(0, |session| Session::holes(session)),
            );
        }
    }
}
