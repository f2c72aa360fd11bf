//! Whether the server can do its work: what a load balancer asks, again and again.
//!
//! The server looks for itself, once a second; whoever asks is told what was seen last. So asking costs nothing and
//! stops nothing, however often strangers do it.

use super::metrics::METRICS;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// Between two looks.
const PERIOD: Duration = Duration::from_secs(1);
/// How long one look may take. Beyond, requests would not be served either.
const PATIENCE: Duration = Duration::from_secs(3);
/// How old what was seen may be. Beyond, the server does not get to its own tasks.
const HOLDS: Duration = Duration::from_secs(10);

/// Why the server cannot do its work. The text is for an operator, and tells a stranger nothing of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotReady {
    /// It was told to stop.
    #[error("The server is stopping.")]
    Stopping,
    /// The database of accounts fails, or does not answer in time.
    #[error("The database of accounts does not answer.")]
    Accounts,
    /// A database of the log fails, or does not answer in time.
    #[error("A database of the log does not answer.")]
    Log,
    /// A writer of the log has ended, or has been in one transaction for too long.
    #[error("A writer of the log is stuck.")]
    Writer,
    /// It has not looked for too long.
    #[error("The server is too busy to look after itself.")]
    Stuck,
}

/// What was seen last.
#[derive(Debug)]
pub(crate) struct Readiness(Mutex<State>);

#[derive(Debug)]
struct State {
    at: Instant,
    seen: Result<(), NotReady>,
    stopping: bool,
}

impl Readiness {
    /// Of a server that has just opened its databases: ready.
    pub(crate) fn new() -> Self {
        METRICS.ready.set(1);
        Self(Mutex::new(State {
            at: Instant::now(),
            seen: Ok(()),
            stopping: false,
        }))
    }

    /// Whether the server can do its work.
    pub(crate) fn get(&self) -> Result<(), NotReady> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.stopping {
            Err(NotReady::Stopping)
        } else if state.seen.is_ok() && state.at.elapsed() > HOLDS {
            Err(NotReady::Stuck)
        } else {
            state.seen
        }
    }

    /// From now on the server is not ready, whatever is seen.
    pub(crate) fn stop(&self) {
        METRICS.ready.set(0);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stopping = true;
    }

    /// Looks once a second, for as long as it is polled.
    pub(crate) async fn watch<F>(&self, look: impl Fn() -> F)
    where
        F: Future<Output = Result<(), NotReady>>,
    {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let begun = Instant::now();
            if tokio::spawn(async {}).await.is_ok() {
                METRICS.runtime_delay.record(begun.elapsed());
            }
            self.note(look().await);
        }
    }

    fn note(&self, seen: Result<(), NotReady>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (state.seen, seen) {
            (before, Err(reason)) if before != seen => {
                tracing::error!(%reason, "not ready: a load balancer should send nobody here");
            }
            (Err(_), Ok(())) => tracing::info!("ready again"),
            _ => {}
        }
        state.at = Instant::now();
        state.seen = seen;
        if !state.stopping {
            METRICS.ready.set(usize::from(seen.is_ok()));
        }
    }
}

/// What `answer` says of what it asks: whether it came in time and was no error. Otherwise `reason`.
pub(crate) async fn answers<T, E>(
    answer: impl Future<Output = Result<T, E>>,
    reason: NotReady,
) -> Result<(), NotReady> {
    answers_within(PATIENCE, answer, reason).await
}

async fn answers_within<T, E>(
    patience: Duration,
    answer: impl Future<Output = Result<T, E>>,
    reason: NotReady,
) -> Result<(), NotReady> {
    match timeout(patience, answer).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_last_counts_until_it_is_too_old() {
        let readiness = Readiness::new();
        assert_eq!(readiness.get(), Ok(()));
        readiness.note(Err(NotReady::Log));
        assert_eq!(readiness.get(), Err(NotReady::Log));
        readiness.note(Ok(()));
        assert_eq!(readiness.get(), Ok(()));
        readiness.0.lock().unwrap().at -= HOLDS + PERIOD;
        assert_eq!(readiness.get(), Err(NotReady::Stuck));
        readiness.note(Ok(()));
        assert_eq!(readiness.get(), Ok(()));
    }

    #[test]
    fn a_server_that_stops_is_not_ready_whatever_is_seen() {
        let readiness = Readiness::new();
        readiness.stop();
        readiness.note(Ok(()));
        assert_eq!(readiness.get(), Err(NotReady::Stopping));
    }

    #[tokio::test]
    async fn a_database_that_is_silent_does_not_answer() {
        let silent = std::future::pending::<Result<(), ()>>();
        assert_eq!(
            answers_within(Duration::ZERO, silent, NotReady::Log).await,
            Err(NotReady::Log)
        );
        assert_eq!(
            answers(async { Err::<(), _>(()) }, NotReady::Accounts).await,
            Err(NotReady::Accounts)
        );
        assert_eq!(answers(async { Ok::<_, ()>(()) }, NotReady::Log).await, Ok(()));
    }
}
