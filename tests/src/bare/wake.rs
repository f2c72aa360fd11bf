//! What wakes the relay beside its sockets: a batch that is written, and the end.

use anyhow::Result;
use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tokio::signal::unix::{SignalKind, signal};

/// Wakes the relay from other threads.
#[derive(Debug)]
pub(super) struct Wake {
    event: OwnedFd,
    is_ending: AtomicBool,
}

impl Wake {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            event: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?,
            is_ending: AtomicBool::new(false),
        })
    }

    /// Wakes it. It wakes once for all that calls until then.
    pub(super) fn wake(&self) {
        // It fails only when the counter is full: then the relay is being woken already.
        let _ = rustix::io::write(&self.event, &1_u64.to_ne_bytes());
    }

    /// Wakes it for the last time.
    pub(super) fn end(&self) {
        self.is_ending.store(true, Ordering::Release);
        self.wake();
    }

    pub(super) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// Forgets who has called.
    pub(super) fn calm(&self) {
        // Empty already: then nobody has called since.
        let _ = rustix::io::read(&self.event, &mut [0; 8]);
    }

    /// Ends the relay at the first SIGTERM or SIGINT.
    pub(super) fn at_signals(self: &Arc<Self>) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let signals = {
            let _inside = runtime.enter();
            [SignalKind::terminate(), SignalKind::interrupt()].map(signal)
        };
        let [terminate, interrupt] = signals;
        let (mut terminate, mut interrupt) = (terminate?, interrupt?);
        let wake = Arc::clone(self);
        thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            });
            wake.end();
        });
        Ok(())
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
