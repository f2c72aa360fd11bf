//! Counting and timing, in each worker and summed over them.

use super::engine::{Breach, Failure, Stamp};
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the workers are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Connect all clients.
    Connect,
    /// Keep them connected, and do nothing else.
    Rest,
    /// The work of the run.
    Run,
    /// Begin nothing new; wait for what is under way.
    Drain,
    /// End.
    Stop,
}

/// What the main thread tells the workers, and they tell it while they work.
#[derive(Debug)]
pub(crate) struct Control {
    phase: AtomicU8,
    run_from: AtomicU64,
    measure_from: AtomicU64,
    measure_until: AtomicU64,
    pub(crate) gauges: Gauges,
    /// Latencies of the current second.
    recent: Mutex<Histogram<u64>>,
}

/// Counts of a run so far, over all workers.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    pub(crate) connected: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) accepted: AtomicU64,
    pub(crate) delivered: AtomicU64,
    pub(crate) failures: AtomicU64,
    /// Messages that are sent or due and not done with.
    pub(crate) unsettled: AtomicU64,
}

impl Control {
    pub(crate) fn new() -> Self {
        Self {
            phase: AtomicU8::new(Phase::Connect as u8),
            run_from: AtomicU64::new(u64::MAX),
            measure_from: AtomicU64::new(u64::MAX),
            measure_until: AtomicU64::new(u64::MAX),
            gauges: Gauges::default(),
            recent: Mutex::new(latencies()),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        let phases = [Phase::Connect, Phase::Rest, Phase::Run, Phase::Drain];
        let phase = self.phase.load(Ordering::Acquire);
        *phases.get(usize::from(phase)).unwrap_or(&Phase::Stop)
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Release);
    }

    /// Begins to run: the schedule from `run_from`, measured from one time until another.
    pub(crate) fn begin(&self, run_from: u64, measure_from: u64, measure_until: u64) {
        self.run_from.store(run_from, Ordering::Relaxed);
        self.measure_from.store(measure_from, Ordering::Relaxed);
        self.measure_until.store(measure_until, Ordering::Relaxed);
        self.set_phase(Phase::Run);
    }

    pub(crate) fn run_from(&self) -> u64 {
        self.run_from.load(Ordering::Relaxed)
    }

    /// Whether what happens or begins at this time is measured.
    pub(crate) fn is_measured(&self, at: u64) -> bool {
        (self.measure_from.load(Ordering::Relaxed)..self.measure_until.load(Ordering::Relaxed)).contains(&at)
    }

    /// Latencies since the last call.
    pub(crate) fn take_recent(&self) -> Histogram<u64> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut recent, latencies())
    }

    fn add_recent(&self, latencies: &Histogram<u64>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        // All have the same bounds.
        let _ = recent.add(latencies);
    }
}

/// Nanoseconds up to ten minutes, to three digits.
pub(crate) fn latencies() -> Histogram<u64> {
    #[allow(clippy::expect_used, reason = "the bounds are constants, and good ones")]
    Histogram::new_with_bounds(1_000, 600_000_000_000, 3).expect("good bounds")
}

/// What a worker has measured; summed, what all have.
#[derive(Debug)]
pub(crate) struct Measured {
    /// From the intended time of sending to the server's word that the message is durable.
    pub(crate) accepted: Histogram<u64>,
    /// From the intended time of sending to the recipient's socket.
    pub(crate) delivered: Histogram<u64>,
    /// From the intended time of sending to the recipient's confirmation at the sender.
    pub(crate) confirmed: Histogram<u64>,
    /// From the intended time of sending to the recipient's socket, of what was sent while something went on that should not
    /// touch it: a storm, or slow readers.
    pub(crate) meanwhile: Histogram<u64>,
    /// From the first to the last recipient of a message.
    pub(crate) spread: Histogram<u64>,
    /// From the intended time of connecting to being ready.
    pub(crate) ready: Histogram<u64>,
    /// Messages that arrived in the measured time.
    pub(crate) arrivals: u64,
    /// Messages accepted in the whole run, and what arrived of them.
    pub(crate) accepted_in_all: u64,
    /// What had to arrive of them: once at each recipient.
    pub(crate) owed: u64,
    /// What did.
    pub(crate) delivered_in_all: u64,
    /// Messages that were due and never sent, as the server was too slow to take them.
    pub(crate) unsent: u64,
    /// Holes in what was pushed, which `Fetch` filled.
    pub(crate) holes: u64,
    /// Clients that came back from a storm, and in how many nanoseconds all of them.
    pub(crate) returned: u64,
    pub(crate) returned_in: u64,
    /// Slow readers that were cut off.
    pub(crate) cut_off: u64,
    /// Promises not kept.
    pub(crate) breaches: BTreeMap<Breach, u64>,
    /// What failed, by why.
    pub(crate) failures: BTreeMap<Failure, u64>,
}

impl Measured {
    pub(crate) fn new() -> Self {
        Self {
            accepted: latencies(),
            delivered: latencies(),
            confirmed: latencies(),
            meanwhile: latencies(),
            spread: latencies(),
            ready: latencies(),
            arrivals: 0,
            accepted_in_all: 0,
            owed: 0,
            delivered_in_all: 0,
            unsent: 0,
            holes: 0,
            returned: 0,
            returned_in: 0,
            cut_off: 0,
            breaches: BTreeMap::new(),
            failures: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.accepted, &other.accepted),
            (&mut self.delivered, &other.delivered),
            (&mut self.confirmed, &other.confirmed),
            (&mut self.meanwhile, &other.meanwhile),
            (&mut self.spread, &other.spread),
            (&mut self.ready, &other.ready),
        ] {
            // All have the same bounds.
            let _ = mine.add(theirs);
        }
        self.arrivals += other.arrivals;
        self.accepted_in_all += other.accepted_in_all;
        self.owed += other.owed;
        self.delivered_in_all += other.delivered_in_all;
        self.unsent += other.unsent;
        self.holes += other.holes;
        self.returned += other.returned;
        self.returned_in = self.returned_in.max(other.returned_in);
        self.cut_off += other.cut_off;
        for (&breach, count) in &other.breaches {
            *self.breaches.entry(breach).or_default() += count;
        }
        for (failure, count) in &other.failures {
            *self.failures.entry(failure.clone()).or_default() += count;
        }
    }

    /// What was accepted and did not arrive.
    pub(crate) fn lost(&self) -> u64 {
        self.owed.saturating_sub(self.delivered_in_all)
    }
}

/// A worker's pen.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    control: &'a Control,
    measured: Measured,
    recent: Histogram<u64>,
    shown_at: u64,
}

/// How often what was measured lately is shown.
const SHOW_EVERY: u64 = 250_000_000;

impl<'a> Recorder<'a> {
    pub(crate) fn new(control: &'a Control) -> Self {
        Self {
            control,
            measured: Measured::new(),
            recent: latencies(),
            shown_at: 0,
        }
    }

    pub(crate) fn control(&self) -> &'a Control {
        self.control
    }

    pub(crate) fn sent(&mut self) {
        count(&self.control.gauges.sent);
    }

    /// Accepted: to be delivered to so many.
    pub(crate) fn accepted(&mut self, intended: u64, at: u64, recipients: u64) {
        count(&self.control.gauges.accepted);
        self.measured.accepted_in_all += 1;
        self.measured.owed += recipients;
        if self.control.is_measured(intended) {
            self.measured
                .accepted
                .saturating_record(at.saturating_sub(intended));
        }
    }

    pub(crate) fn delivered(&mut self, stamp: Stamp, at: u64) {
        count(&self.control.gauges.delivered);
        self.measured.delivered_in_all += 1;
        let latency = at.saturating_sub(stamp.intended);
        self.recent.saturating_record(latency);
        if self.control.is_measured(at) {
            self.measured.arrivals += 1;
        }
        if self.control.is_measured(stamp.intended) {
            self.measured.delivered.saturating_record(latency);
        }
    }

    pub(crate) fn confirmed(&mut self, intended: u64, at: u64) {
        if self.control.is_measured(intended) {
            self.measured
                .confirmed
                .saturating_record(at.saturating_sub(intended));
        }
    }

    /// From the first to the last recipient of a message.
    pub(crate) fn spread(&mut self, nanos: u64) {
        self.measured.spread.saturating_record(nanos);
    }

    /// From the intended time of connecting to being ready.
    pub(crate) fn ready(&mut self, nanos: u64) {
        self.measured.ready.saturating_record(nanos);
    }

    /// A message that arrived where nobody waits for it: it has to arrive, but how fast is not measured.
    pub(crate) fn delivered_late(&mut self) {
        count(&self.control.gauges.delivered);
        self.measured.delivered_in_all += 1;
    }

    /// A message that arrived while something went on that should not touch it.
    pub(crate) fn delivered_meanwhile(&mut self, stamp: Stamp, at: u64) {
        count(&self.control.gauges.delivered);
        self.measured.delivered_in_all += 1;
        let latency = at.saturating_sub(stamp.intended);
        self.recent.saturating_record(latency);
        self.measured.meanwhile.saturating_record(latency);
        if self.control.is_measured(at) {
            self.measured.arrivals += 1;
        }
    }

    pub(crate) fn broken(&mut self, breach: Breach) {
        *self.measured.breaches.entry(breach).or_default() += 1;
    }

    pub(crate) fn failed(&mut self, failure: Failure) {
        count(&self.control.gauges.failures);
        *self.measured.failures.entry(failure).or_default() += 1;
    }

    /// So many clients came back, the last of them after so many nanoseconds.
    pub(crate) fn returned(&mut self, clients: u64, nanos: u64) {
        self.measured.returned += clients;
        self.measured.returned_in = self.measured.returned_in.max(nanos);
    }

    /// A reader that was too slow was cut off, as it has to be.
    pub(crate) fn cut_off(&mut self) {
        self.measured.cut_off += 1;
    }

    pub(crate) fn holes(&mut self, holes: u32) {
        self.measured.holes += u64::from(holes);
    }

    pub(crate) fn unsent(&mut self, messages: u64) {
        self.measured.unsent += messages;
    }

    /// Lets the main thread see the latest.
    pub(crate) fn show(&mut self, now: u64) {
        if now.saturating_sub(self.shown_at) >= SHOW_EVERY {
            self.shown_at = now;
            self.control.add_recent(&self.recent);
            self.recent.reset();
        }
    }

    pub(crate) fn into_measured(self) -> Measured {
        self.measured
    }
}

fn count(gauge: &AtomicU64) {
    gauge.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_was_accepted_and_did_not_arrive_is_lost() {
        let control = Control::new();
        let mut recorder = Recorder::new(&control);
        recorder.accepted(0, 1, 3);
        for _ in 0..2 {
            let stamp = Stamp {
                run: 0,
                sender: 0,
                number: 0,
                intended: 0,
            };
            recorder.delivered(stamp, 2);
        }
        let measured = recorder.into_measured();
        assert_eq!(measured.lost(), 1);
    }

    #[test]
    fn only_what_was_intended_in_the_measured_time_counts_as_a_latency() {
        let control = Control::new();
        control.begin(100, 200, 300);
        let mut recorder = Recorder::new(&control);
        for intended in [150, 200, 299, 300] {
            recorder.accepted(intended, intended + 5_000, 1);
        }
        assert_eq!(recorder.into_measured().accepted.len(), 2);
    }
}
