//! What happened in an episode, line by line, the same for the same seed.

use super::clock::SimulatedClock;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// FNV-1a's parameters for 64 bits: a digest that tells two traces apart, and protects nothing.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// The trace of an episode. Clones are the same trace.
#[derive(Clone, Debug)]
pub struct Trace {
    clock: SimulatedClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    text: String,
    digest: u64,
    lines: usize,
    is_kept: bool,
}

impl Trace {
    /// An empty trace. Its text is kept if wanted; its digest always.
    #[must_use]
    pub fn new(clock: SimulatedClock, is_kept: bool) -> Self {
        Self {
            clock,
            state: Arc::new(Mutex::new(State {
                text: String::new(),
                digest: FNV_OFFSET,
                lines: 0,
                is_kept,
            })),
        }
    }

    /// Writes a line down, with the time.
    pub fn say(&self, what: impl std::fmt::Display) {
        let mut state = self.state();
        let line = format!("{:>10.3} {what}\n", self.clock.elapsed().as_secs_f64());
        for byte in line.bytes() {
            state.digest = (state.digest ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
        state.lines += 1;
        if state.is_kept {
            let _ = state.text.write_str(&line);
        }
    }

    /// Of all lines.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.state().digest
    }

    /// How many lines there are.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.state().lines
    }

    /// All lines, if they are kept.
    #[must_use]
    pub fn text(&self) -> String {
        self.state().text.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
