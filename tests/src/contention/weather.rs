//! What becomes of what is sent: how long it takes, what is lost, doubled or overtaken. From the seed, a network each for every
//! process, so that none depends on what another one does.

use super::network::Names;
use super::trace::Trace;
use crate::faults::dice::Dice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How bad it is. Each is a chance in a thousand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// A request or its answer is lost.
    pub lost_requests: usize,
    /// A connection cannot be opened.
    pub refused_connections: usize,
    /// A connection that is opened breaks after some frames.
    pub broken_connections: usize,
    /// A connection that is opened swallows everything after some frames, and neither side hears of it.
    pub silent_connections: usize,
    /// An entry is overtaken by the next one of its chat, and then not sent at all, as among several nodes.
    pub overtaken_entries: usize,
    /// An entry comes twice.
    pub doubled_entries: usize,
    /// The longest that anything takes on its way, in milliseconds.
    pub slowness: u64,
}

impl Weather {
    /// Nothing goes wrong, and everything is quick.
    pub const FINE: Self = Self {
        lost_requests: 0,
        refused_connections: 0,
        broken_connections: 0,
        silent_connections: 0,
        overtaken_entries: 0,
        doubled_entries: 0,
        slowness: 5,
    };
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It lasts.
    Lasts,
    /// It breaks when it has carried so many frames.
    Breaks(usize),
    /// It swallows everything when it has carried so many frames.
    FallsSilent(usize),
}

/// The way between one device and the server. Clones are the same way; it outlives the device's processes.
#[derive(Clone, Debug)]
pub struct Way {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    names: Names,
    trace: Trace,
    is_offline: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    weather: Weather,
    dice: Dice,
    /// Cut when the device goes offline.
    connections: CancellationToken,
}

impl Way {
    /// The way of the device that traces call by this name.
    #[must_use]
    pub fn new(name: String, names: Names, trace: Trace, weather: Weather, dice: Dice) -> Self {
        Self {
            inner: Arc::new(Inner {
                name,
                names,
                trace,
                is_offline: AtomicBool::new(false),
                state: Mutex::new(State {
                    weather,
                    dice,
                    connections: CancellationToken::new(),
                }),
            }),
        }
    }

    /// What the device is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Changes the weather.
    pub fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// The device has no network any more: what was on its way is lost.
    pub fn go_offline(&self) {
        self.inner.is_offline.store(true, Ordering::Relaxed);
        let connections = std::mem::take(&mut self.state().connections);
        connections.cancel();
    }

    /// The network is back.
    pub fn come_back(&self) {
        self.inner.is_offline.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_offline(&self) -> bool {
        self.inner.is_offline.load(Ordering::Relaxed)
    }

    /// Cut when the device goes offline next.
    pub(super) fn connections(&self) -> CancellationToken {
        self.state().connections.child_token()
    }

    /// How long the next thing takes on its way.
    pub(super) fn delay(&self) -> Duration {
        let mut state = self.state();
        let most = state.weather.slowness;
        // Mostly quick; sometimes as slow as it gets.
        let span = if state.dice.once_in(8) {
            most
        } else {
            most.div_ceil(8)
        };
        let millis = state.dice.below(usize::try_from(span).unwrap_or(0) + 1);
        Duration::from_millis(1 + millis as u64)
    }

    /// Chances between two durations.
    pub(super) fn between(&self, least: u64, most: u64) -> Duration {
        self.state()
            .dice
            .between(Duration::from_millis(least), Duration::from_millis(most))
    }

    /// Whether something of this chance in a thousand happens.
    pub(super) fn happens(&self, chance: impl FnOnce(Weather) -> usize) -> bool {
        let mut state = self.state();
        let chance = chance(state.weather);
        state.dice.below(1000) < chance
    }

    /// What becomes of a connection that is opened now.
    pub(super) fn fate(&self) -> Fate {
        let mut state = self.state();
        let weather = state.weather;
        let roll = state.dice.below(1000);
        let few = 1 + state.dice.below(6);
        let many = 1 + state.dice.below(60);
        let frames = if state.dice.once_in(3) { few } else { many };
        if roll < weather.broken_connections {
            Fate::Breaks(frames)
        } else if roll < weather.broken_connections + weather.silent_connections {
            Fate::FallsSilent(frames)
        } else {
            Fate::Lasts
        }
    }

    /// Writes down what happens on this way.
    pub(super) fn say(&self, what: impl std::fmt::Display) {
        self.inner
            .trace
            .say(format_args!("{:<6} {what}", self.inner.name));
    }

    pub(super) fn names(&self) -> &Names {
        &self.inner.names
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
