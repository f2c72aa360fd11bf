//! Whether a writer goes on.

use super::NotReady;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long one transaction may take before its writer counts as stuck. The stores give up on their own before that, if they
/// can.
const STUCK: Duration = Duration::from_secs(15);

/// What a writer is doing, for others to see.
#[derive(Debug, Default)]
pub(crate) struct Pulse(Mutex<State>);

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Idle,
    Busy {
        since: Instant,
    },
    Ended,
}

/// Held during a transaction.
#[derive(Debug)]
pub(crate) struct Beat<'a>(&'a Pulse);

impl Pulse {
    /// A transaction begins, and lasts as long as the answer is held.
    pub(crate) fn beat(&self) -> Beat<'_> {
        *self.state() = State::Busy {
            since: Instant::now(),
        };
        Beat(self)
    }

    /// The writer has ended: there is no other.
    pub(crate) fn end(&self) {
        *self.state() = State::Ended;
    }

    /// Whether the writer goes on.
    pub(crate) fn check(&self) -> Result<(), NotReady> {
        match *self.state() {
            State::Busy { since } if since.elapsed() > STUCK => Err(NotReady::Writer),
            State::Ended => Err(NotReady::Writer),
            State::Idle | State::Busy { .. } => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Beat<'_> {
    fn drop(&mut self) {
        *self.0.state() = State::Idle;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_ended_or_hangs_does_not_go_on() {
        let pulse = Pulse::default();
        assert_eq!(pulse.check(), Ok(()));
        let beat = pulse.beat();
        assert_eq!(pulse.check(), Ok(()));
        *pulse.state() = State::Busy {
            since: Instant::now() - STUCK - Duration::from_secs(1),
        };
        assert_eq!(pulse.check(), Err(NotReady::Writer));
        drop(beat);
        assert_eq!(pulse.check(), Ok(()));
        pulse.end();
        assert_eq!(pulse.check(), Err(NotReady::Writer));
    }
}
