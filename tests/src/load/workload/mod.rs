//! What the clients of a worker do, and the loop in which they do it.

mod dialer;
mod group;
mod pairs;
mod storm;

use dialer::Dialer;
pub(crate) use group::{Group, SlowReaders};
pub(crate) use pairs::{Counted, Done, Pace, Pairs};
pub(crate) use storm::Storm;

use super::engine::{Clients, Happened, Session};
use super::measure::{Measured, Phase, Recorder};
use std::io;
use std::time::Duration;

/// How long a worker waits for something to arrive before it looks at what it is to do.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What the clients of one worker do.
pub(crate) trait Workload<S: Session> {
    /// Does what is due. Returns when the next is, if that is known.
    fn tick(
        &mut self,
        phase: Phase,
        now: u64,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    ) -> Option<u64>;

    /// Takes what a client has learned.
    fn heard(
        &mut self,
        happened: Happened,
        phase: Phase,
        clients: &mut Clients<S>,
        recorder: &mut Recorder<'_>,
    );

    /// At the end: what only the workload knows.
    fn conclude(&mut self, clients: &Clients<S>, recorder: &mut Recorder<'_>);
}

/// When message number so-and-so is due by a schedule that begins then; `None` if it never is.
fn due(begin: u64, number: u64, per_second: f64) -> Option<u64> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "nanoseconds of a run, to the nearest"
    )]
    (per_second > 0.0).then(|| begin.saturating_add((number as f64 * 1e9 / per_second) as u64))
}

/// Works until it is told to stop.
pub(crate) fn work<S: Session>(
    mut workload: impl Workload<S>,
    mut clients: Clients<S>,
    mut recorder: Recorder<'_>,
) -> io::Result<Measured> {
    let control = recorder.control();
    let stopwatch = clients.stopwatch();
    let mut happened = Vec::new();
    loop {
        let phase = control.phase();
        if phase == Phase::Stop {
            workload.conclude(&clients, &mut recorder);
            return Ok(recorder.into_measured());
        }
        let now = stopwatch.now();
        let next = workload.tick(phase, now, &mut clients, &mut recorder);
        let wait = next.map_or(LOOK_EVERY, |next| {
            Duration::from_nanos(next.saturating_sub(now)).min(LOOK_EVERY)
        });
        clients.turn(wait, &mut happened)?;
        for happened in happened.drain(..) {
            workload.heard(happened, phase, &mut clients, &mut recorder);
        }
        recorder.show(now);
    }
}
