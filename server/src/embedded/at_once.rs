//! Databases that take no time.

use crate::store::pacing::Pacing;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use tokio::runtime::Handle;

/// Runs every operation of a database to its end before anything else happens on the thread. What the database's driver needs
/// beside (its tasks, its timers) runs in a runtime of its own, so that the one that waits may have its time paused.
///
/// After [`Self::kill`] no operation begins any more: as if the process had been killed between two of them.
#[derive(Clone, Debug)]
pub struct AtOnce {
    runtime: Handle,
    is_dead: Arc<AtomicBool>,
}

impl AtOnce {
    /// With the drivers of databases in this runtime, which needs threads of its own, and timers.
    #[must_use]
    pub fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            is_dead: Arc::default(),
        }
    }

    /// Lets no operation begin from now on.
    pub(super) fn kill(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
    }

    /// Blocks this thread until the operation is done.
    fn run<T>(&self, operation: impl Future<Output = T>) -> T {
        let _entered = self.runtime.enter();
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        // It must not have to yield to others for having done much: they wait for it.
        let mut operation = pin!(tokio::task::unconstrained(operation));
        loop {
            match operation.as_mut().poll(&mut context) {
                Poll::Ready(done) => return done,
                Poll::Pending => thread::park(),
            }
        }
    }
}

impl Pacing for AtOnce {
    async fn pace<T: Send>(&self, operation: impl Future<Output = T> + Send) -> T {
        if self.is_dead.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        self.run(operation)
    }
}

/// Wakes a thread that waits for an operation.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
