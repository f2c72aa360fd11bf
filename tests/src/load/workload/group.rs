//! One sender and many recipients, in one chat.

use super::super::engine::{ClientId, Clients, Event, Failure, Happened, Messenger, Session, Stamp, nanos};
use super::super::measure::{Phase, Recorder};
use super::{Dialer, Pace, Workload};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Connections that are being made at a time.
const CONNECTING: usize = 128;
/// Messages under way by an open schedule.
const OPEN_WINDOW: u32 = 250;
/// Bytes that the system holds for a slow reader.
const SLOW_BUFFER_BYTES: usize = 4096;

/// The sender.
const SENDER: ClientId = ClientId(0);

/// Readers that stop reading for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlowReaders {
    /// The last so many members.
    pub(crate) count: u32,
    /// After so much of the run they stop.
    pub(crate) stop_after: Duration,
}

/// A message that has not reached everybody.
#[derive(Clone, Copy, Debug)]
struct Flight {
    intended: u64,
    is_answered: bool,
    arrived: u32,
    first: u64,
}

/// The chat: client 0 sends, all others receive.
#[derive(Debug)]
pub(crate) struct Group {
    run: u16,
    /// All recipients.
    members: u32,
    slow: Option<SlowReaders>,
    are_slow_now: bool,
    pace: Pace,
    dialer: Dialer,
    has_begun: bool,
    /// Messages sent: the next one's number.
    sent: u32,
    scheduled: u64,
    due: VecDeque<u64>,
    /// The number of the first in `flights`.
    first: u32,
    flights: VecDeque<Flight>,
    /// Slow readers that were cut off.
    cut_off: u32,
}

impl Group {
    /// Of clients of which the first is the sender.
    pub(crate) fn new<S: Messenger>(
        clients: &Clients<S>,
        run: u16,
        pace: Pace,
        slow: Option<SlowReaders>,
    ) -> Self {
        let all = u32::try_from(clients.len()).unwrap_or(u32::MAX);
        let members = all.saturating_sub(1);
        let quick = all - slow.map_or(0, |slow| slow.count.min(members));
        let dialer = Dialer::new((0..all).map(ClientId), CONNECTING)
            .with_buffers((quick..all).map(ClientId), SLOW_BUFFER_BYTES);
        Self {
            run,
            members,
            slow,
            are_slow_now: false,
            pace,
            dialer,
            has_begun: false,
            sent: 0,
            scheduled: 0,
            due: VecDeque::new(),
            first: 0,
            flights: VecDeque::new(),
            cut_off: 0,
        }
    }

    fn slow_clients(&self) -> impl Iterator<Item = ClientId> + use<> {
        let all = self.members + 1;
        let count = self.slow.map_or(0, |slow| slow.count.min(self.members));
        (all - count..all).map(ClientId)
    }

    fn is_slow(&self, client: ClientId) -> bool {
        let count = self.slow.map_or(0, |slow| slow.count.min(self.members));
        client.0 > self.members - count
    }

    fn window(&self) -> usize {
        match self.pace {
            Pace::Closed { outstanding } => outstanding as usize,
            // Who is slow holds no message back.
            Pace::Open { .. } | Pace::Count { .. } => OPEN_WINDOW as usize,
        }
    }

    /// How many have to have a message before the next is sent: slow readers hold nothing back.
    fn quick(&self) -> u32 {
        self.members - self.slow.map_or(0, |slow| slow.count.min(self.members))
    }

    fn advance<S: Messenger>(
        &mut self,
        phase: Phase,
        now: u64,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) {
        while self.flights.len() < self.window() {
            let intended = match self.pace {
                Pace::Open { .. } if phase == Phase::Run => self.due.pop_front(),
                Pace::Closed { .. } if phase == Phase::Run => Some(now),
                _ => None,
            };
            let Some(intended) = intended else {
                return;
            };
            let stamp = Stamp {
                run: self.run,
                sender: 0,
                number: self.sent,
                intended,
            };
            self.sent += 1;
            self.flights.push_back(Flight {
                intended,
                is_answered: false,
                arrived: 0,
                first: 0,
            });
            clients.say(SENDER, |session, out| session.send(stamp, out));
            recorder.sent();
            recorder
                .control()
                .gauges
                .unsettled
                .fetch_add(1, Ordering::Relaxed);
        }
    }

    fn flight(&mut self, number: u32) -> Option<&mut Flight> {
        let place = number.checked_sub(self.first)?;
        self.flights.get_mut(place as usize)
    }

    /// Forgets what has reached everybody who does not read slowly.
    fn land(&mut self, recorder: &Recorder<'_>) {
        let quick = self.quick();
        while self
            .flights
            .front()
            .is_some_and(|flight| flight.is_answered && flight.arrived >= quick)
        {
            self.flights.pop_front();
            self.first += 1;
            recorder
                .control()
                .gauges
                .unsettled
                .fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn schedule<S: Messenger>(
        &mut self,
        per_second: f64,
        now: u64,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) -> Option<u64> {
        let begin = recorder.control().run_from();
        loop {
            let due = super::due(begin, self.scheduled, per_second)?;
            if due > now {
                self.advance(Phase::Run, now, clients, recorder);
                return Some(due);
            }
            self.scheduled += 1;
            self.due.push_back(due);
        }
    }

    /// Lets the slow readers stop reading, or read again.
    fn set_slow<S: Messenger>(&mut self, is_slow: bool, clients: &mut Clients<S>) {
        if self.are_slow_now != is_slow {
            self.are_slow_now = is_slow;
            for client in self.slow_clients() {
                clients.pause(client, is_slow);
            }
        }
    }

    fn delivered(&mut self, client: ClientId, stamp: Stamp, at: u64, recorder: &mut Recorder<'_>) {
        if self.is_slow(client) {
            recorder
                .control()
                .gauges
                .unsettled
                .fetch_sub(1, Ordering::Relaxed);
            return recorder.delivered_late();
        }
        if self.are_slow_now {
            recorder.delivered_meanwhile(stamp, at);
        } else {
            recorder.delivered(stamp, at);
        }
        let quick = self.quick();
        if let Some(flight) = self.flight(stamp.number) {
            flight.arrived += 1;
            if flight.arrived == 1 {
                flight.first = at;
            }
            if flight.arrived == quick {
                let first = flight.first;
                recorder.spread(at.saturating_sub(first));
            }
        }
    }

    fn ended<S: Messenger>(
        &mut self,
        client: ClientId,
        failure: Failure,
        phase: Phase,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) {
        if phase == Phase::Connect {
            self.dialer.failed();
        }
        if phase >= Phase::Run && self.is_slow(client) {
            // It is what has to become of them: they come back, and fetch what they missed.
            self.cut_off += 1;
            if let Err(failure) = clients.connect(client, None) {
                recorder.failed(failure);
            }
        } else {
            recorder.failed(failure);
        }
    }
}

impl<S: Messenger> Workload<S> for Group {
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
                if let Some(slow) = self.slow
                    && now >= begins + nanos(slow.stop_after)
                {
                    self.set_slow(true, clients);
                }
                if let Pace::Open { per_second } = self.pace {
                    return self.schedule(per_second, now, clients, recorder);
                }
                if !std::mem::replace(&mut self.has_begun, true) {
                    self.advance(phase, now, clients, recorder);
                }
                None
            }
            Phase::Drain => {
                self.set_slow(false, clients);
                recorder.unsent(self.due.drain(..).count() as u64);
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
        match event {
            Event::Ready if phase == Phase::Connect => self.dialer.ready(recorder),
            Event::Accepted { number } if client == SENDER => {
                let members = u64::from(self.members);
                if let Some(flight) = self.flight(number) {
                    flight.is_answered = true;
                    let intended = flight.intended;
                    recorder.accepted(intended, at, members);
                    let slow = u64::from(self.members - self.quick());
                    recorder
                        .control()
                        .gauges
                        .unsettled
                        .fetch_add(slow, Ordering::Relaxed);
                }
            }
            Event::Refused { number, why } => {
                let quick = self.quick();
                if let Some(flight) = self.flight(number) {
                    flight.is_answered = true;
                    flight.arrived = quick;
                }
                recorder.failed(why);
            }
            Event::Delivered(stamp) => self.delivered(client, stamp, at, recorder),
            Event::Broken(breach) => recorder.broken(breach),
            Event::Ended(failure) => self.ended(client, failure, phase, clients, recorder),
            Event::Ready | Event::Accepted { .. } | Event::Confirmed { .. } => {}
        }
        self.land(recorder);
        self.advance(phase, at, clients, recorder);
    }

    fn conclude(&mut self, clients: &Clients<S>, recorder: &mut Recorder<'_>) {
        for client in (0..=self.members).map(ClientId) {
            recorder.holes(
                clients
                    .session(client)
                    .map_or(0, |session| Session::holes(session)),
            );
        }
        for _ in 0..self.cut_off {
            recorder.cut_off();
        }
    }
}
