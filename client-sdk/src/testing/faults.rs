//! When something goes wrong.

use async_channel::{Receiver, Sender};
use core::future::pending;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process dies: neither this step nor any later one ever returns.
    Stop,
    /// This one operation fails. A store that fails has changed nothing; a request that fails may have arrived.
    Fail,
}

/// Counts the steps of a client's store and transport, and lets one go wrong. Clones count together.
///
/// Every operation is two steps, one before it and one after it, so that a client can be stopped with the operation done
/// but not yet known to be. Steps count from 0.
#[derive(Clone, Debug)]
pub struct Faults {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    plan: Option<(u64, Fault)>,
    steps: AtomicU64,
    /// Nothing is ever sent: it is closed when the client stops.
    stopped: (Sender<()>, Receiver<()>),
}

/// The operation is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

impl Faults {
    /// Nothing goes wrong, but steps are counted.
    #[must_use]
    pub fn none() -> Self {
        Self::planned(None)
    }

    /// This goes wrong at this step.
    #[must_use]
    pub fn at(step: u64, fault: Fault) -> Self {
        Self::planned(Some((step, fault)))
    }

    fn planned(plan: Option<(u64, Fault)>) -> Self {
        let inner = Inner {
            plan,
            steps: AtomicU64::new(0),
            stopped: async_channel::bounded(1),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The process dies now: no step that begins from here on ever returns. What has begun may still be done, as when a process
    /// dies in between; nothing follows from it.
    pub fn stop(&self) {
        self.inner.stopped.0.close();
    }

    /// How many steps have begun: without faults, how many places there are to stop at.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.inner.steps.load(Ordering::SeqCst)
    }

    /// Whether the client has stopped.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.inner.stopped.1.is_closed()
    }

    /// Ends when the client has stopped. Drop it then, and open what its store holds.
    pub async fn stopped(&self) {
        // Closed, and never anything else.
        let _ = self.inner.stopped.1.recv().await;
    }

    /// A step of the wrapped operations.
    pub(super) async fn step(&self) -> Result<(), Failed> {
        if self.has_stopped() {
            return pending().await;
        }
        let step = self.inner.steps.fetch_add(1, Ordering::SeqCst);
        match self.inner.plan {
            Some((at, Fault::Stop)) if at == step => {
                self.stop();
                pending().await
            }
            Some((at, Fault::Fail)) if at == step => Err(Failed),
            Some(_) | None => Ok(()),
        }
    }
}
