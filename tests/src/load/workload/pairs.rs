//! Pairs of clients: in each one sends, the other receives.

use super::super::engine::{ClientId, Clients, Event, Happened, Messenger, Session, Stamp};
use super::super::measure::{Phase, Recorder};
use super::{Dialer, Workload};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

/// When messages are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    /// The next when one is done: so many of each pair are always under way. What is measured is the server's speed; its
    /// latencies are those of a server that decides itself how much it gets.
    Closed { outstanding: u32 },
    /// By a schedule, whatever the server does: so many messages a second over the pairs of this worker. Latencies count from
    /// the time that the schedule says, so that no wait is omitted.
    Open { per_second: f64 },
    /// So many messages of each pair, one after the other.
    Count { messages: u32 },
}

/// What the latencies of the messages that arrive count as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Usually,
    /// While something goes on that should not touch them.
    Meanwhile,
    /// While that is being prepared: as nothing.
    Apart,
}

/// When a message is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// The sender knows that it is durable, and the recipient has it.
    Delivered,
    /// The recipient's confirmation has come back to the sender.
    Confirmed,
}

/// Messages of a pair that may be under way by an open schedule: what the server reads before it stops reading.
const OPEN_WINDOW: u32 = 250;
/// Connections of a worker that are being made at a time.
const CONNECTING: usize = 128;

#[derive(Debug, Default)]
struct Pair {
    /// Messages sent: the next one's number.
    sent: u32,
    /// Messages that the server has answered.
    answered: u32,
    refused: u32,
    delivered: u32,
    confirmed: u32,
    /// When the messages after the first `answered` and `confirmed` were to be sent.
    intended: VecDeque<u64>,
    /// The number of the first in `intended`.
    first: u32,
    /// When messages are due that the window does not let out yet.
    due: VecDeque<u64>,
}

impl Pair {
    fn done(&self, done: Done) -> u32 {
        match done {
            Done::Delivered => self.answered.min(self.delivered + self.refused),
            Done::Confirmed => self.confirmed,
        }
    }

    fn intended(&self, number: u32) -> Option<u64> {
        let place = number.checked_sub(self.first)?;
        self.intended.get(place as usize).copied()
    }

    fn forget(&mut self, before: u32) {
        while self.first < before && self.intended.pop_front().is_some() {
            self.first += 1;
        }
    }
}

/// The pairs of one worker. Client 2k sends to client 2k + 1.
#[derive(Debug)]
pub(crate) struct Pairs {
    run: u16,
    /// The place of the first pair among the pairs of all workers.
    first: u16,
    members: Vec<Pair>,
    dialer: Dialer,
    pace: Pace,
    done: Done,
    /// Whether the run has begun.
    has_begun: bool,
    /// What messages count as that are meant for this time or later, and those before.
    counted: (u64, Counted),
    counted_before: Counted,
    /// Messages that the schedule has called for.
    scheduled: u64,
    unsettled: u64,
}

impl Pairs {
    /// Of the first clients, which were added two by two.
    pub(crate) fn new(count: u16, run: u16, first: u16, pace: Pace, done: Done) -> Self {
        Self {
            run,
            first,
            members: (0..count).map(|_| Pair::default()).collect(),
            dialer: Dialer::new((0..u32::from(count) * 2).map(ClientId), CONNECTING),
            pace,
            done,
            has_begun: false,
            counted: (0, Counted::Usually),
            counted_before: Counted::Usually,
            scheduled: 0,
            unsettled: 0,
        }
    }

    /// How many clients there are.
    pub(crate) fn clients(&self) -> u32 {
        u32::try_from(self.members.len() * 2).unwrap_or(u32::MAX)
    }

    /// Counts messages that are meant for `since` or later like this.
    pub(crate) fn count(&mut self, since: u64, counted: Counted) {
        if self.counted.1 != counted {
            self.counted_before = std::mem::replace(&mut self.counted, (since, counted)).1;
        }
    }

    fn counted(&self, stamp: Stamp) -> Counted {
        let (since, counted) = self.counted;
        if stamp.intended >= since {
            counted
        } else {
            self.counted_before
        }
    }

    fn window(&self) -> u32 {
        match self.pace {
            Pace::Closed { outstanding } => outstanding,
            Pace::Open { .. } => OPEN_WINDOW,
            Pace::Count { .. } => 1,
        }
    }

    /// Sends what the pair may send.
    fn advance<S: Messenger>(
        &mut self,
        number: usize,
        phase: Phase,
        now: u64,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) {
        let window = self.window();
        let (done, pace) = (self.done, self.pace);
        let Ok(offset) = u16::try_from(number) else {
            return;
        };
        let Some(pair) = self.members.get_mut(number) else {
            return;
        };
        while pair.sent - pair.done(done) < window {
            let intended = match pace {
                Pace::Open { .. } if phase == Phase::Run => pair.due.pop_front(),
                Pace::Closed { .. } if phase == Phase::Run => Some(now),
                Pace::Count { messages } if pair.sent < messages => Some(now),
                _ => None,
            };
            let Some(intended) = intended else {
                break;
            };
            let stamp = Stamp {
                run: self.run,
                sender: self.first.wrapping_add(offset),
                number: pair.sent,
                intended,
            };
            pair.intended.push_back(intended);
            pair.sent += 1;
            let sender = ClientId(u32::from(offset) * 2);
            clients.say(sender, |session, out| session.send(stamp, out));
            recorder.sent();
            if !matches!(pace, Pace::Open { .. }) {
                self.unsettled += 1;
                recorder
                    .control()
                    .gauges
                    .unsettled
                    .fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// What the schedule calls for until now; returns when it calls for more.
    fn schedule<S: Messenger>(
        &mut self,
        per_second: f64,
        now: u64,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) -> Option<u64> {
        if self.members.is_empty() {
            return None;
        }
        let begin = recorder.control().run_from();
        loop {
            let due = super::due(begin, self.scheduled, per_second)?;
            if due > now {
                return Some(due);
            }
            let place = usize::try_from(self.scheduled).unwrap_or_default() % self.members.len();
            self.scheduled += 1;
            self.unsettled += 1;
            recorder
                .control()
                .gauges
                .unsettled
                .fetch_add(1, Ordering::Relaxed);
            if let Some(pair) = self.members.get_mut(place) {
                pair.due.push_back(due);
            }
            self.advance(place, Phase::Run, now, clients, recorder);
        }
    }

    /// So many messages of this pair are done with.
    fn settle(&mut self, messages: u32, recorder: &Recorder<'_>) {
        let messages = u64::from(messages).min(self.unsettled);
        self.unsettled -= messages;
        recorder
            .control()
            .gauges
            .unsettled
            .fetch_sub(messages, Ordering::Relaxed);
    }

    /// Gives up what is due and was not sent.
    fn give_up(&mut self, recorder: &mut Recorder<'_>) {
        let unsent: usize = self
            .members
            .iter_mut()
            .map(|pair| pair.due.drain(..).count())
            .sum();
        if unsent > 0 {
            recorder.unsent(unsent as u64);
            self.settle(u32::try_from(unsent).unwrap_or(u32::MAX), recorder);
        }
    }
}

impl<S: Messenger> Workload<S> for Pairs {
    fn tick(
        &mut self,
        phase: Phase,
        now: u64,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) -> Option<u64> {
        match phase {
            Phase::Connect => self.dialer.tick(clients, recorder).then_some(now),
            Phase::Run => {
                let begins = recorder.control().run_from();
                if now < begins {
                    return Some(begins);
                }
                if let Pace::Open { per_second } = self.pace {
                    return self.schedule(per_second, now, clients, recorder);
                }
                if !std::mem::replace(&mut self.has_begun, true) {
                    for place in 0..self.members.len() {
                        self.advance(place, phase, now, clients, recorder);
                    }
                }
                None
            }
            Phase::Drain => {
                self.give_up(recorder);
                None
            }
            Phase::Rest | Phase::Stop => None,
        }
    }

    fn heard(
        &mut self,
        Happened { client, at, event }: Happened,
        phase: Phase,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) {
        let place = (client.0 / 2) as usize;
        let is_sender = client.0.is_multiple_of(2);
        let counted = match event {
            Event::Delivered(stamp) => self.counted(stamp),
            _ => Counted::Apart,
        };
        let Some(pair) = self.members.get_mut(place) else {
            return;
        };
        let done_before = pair.done(self.done);
        match event {
            Event::Ready => self.dialer.ready(recorder),
            Event::Accepted { number } if is_sender => {
                if let Some(intended) = pair.intended(number) {
                    recorder.accepted(intended, at, 1);
                }
                pair.answered += 1;
            }
            Event::Refused { why, .. } => {
                pair.answered += 1;
                pair.refused += 1;
                recorder.failed(why);
            }
            Event::Delivered(stamp) if !is_sender => {
                pair.delivered += 1;
                match counted {
                    Counted::Usually => recorder.delivered(stamp, at),
                    Counted::Meanwhile => recorder.delivered_meanwhile(stamp, at),
                    Counted::Apart => recorder.delivered_late(),
                }
            }
            Event::Confirmed { number } if is_sender => {
                for number in pair.confirmed..=number {
                    if let Some(intended) = pair.intended(number) {
                        recorder.confirmed(intended, at);
                    }
                }
                pair.confirmed = pair.confirmed.max(number + 1);
            }
            Event::Accepted { .. } | Event::Delivered(_) | Event::Confirmed { .. } => {}
            Event::Broken(breach) => recorder.broken(breach),
            Event::Ended(failure) => {
                if phase == Phase::Connect {
                    self.dialer.failed();
                }
                recorder.failed(failure);
            }
        }
        let done = pair.done(self.done);
        if done > done_before {
            pair.forget(done);
            self.settle(done - done_before, recorder);
            self.advance(place, phase, at, clients, recorder);
        }
    }

    fn conclude(&mut self, clients: &Clients<S>, recorder: &mut Recorder<'_>) {
        for client in (0..self.clients()).map(ClientId) {
            let holes = clients.session(client).map_or(0, Session::holes);
            recorder.holes(holes);
        }
    }
}
