//! `[timeouts]`: how long strangers may take.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long strangers may take, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// For the head of a request, and between two requests of a connection.
    pub header_seconds: u32,
    /// For a request in all: body and answer.
    pub request_seconds: u32,
    /// For a client to take what is written to it, and a second more for each 16 KiB.
    pub write_seconds: u32,
    /// Between two signs of life on a WebSocket; the server asks for one after half of it.
    pub idle_seconds: u32,
    /// For load balancers to notice that the server is about to stop, before it takes no more connections.
    pub drain_seconds: u32,
    /// For connections to end when the server stops.
    pub shutdown_seconds: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            header_seconds: 15,
            request_seconds: 60,
            write_seconds: 20,
            idle_seconds: 90,
            drain_seconds: 0,
            shutdown_seconds: 20,
        }
    }
}

impl Timeouts {
    /// See [`Self::header_seconds`].
    #[must_use]
    pub fn header(&self) -> Duration {
        seconds(self.header_seconds)
    }

    /// See [`Self::request_seconds`].
    #[must_use]
    pub fn request(&self) -> Duration {
        seconds(self.request_seconds)
    }

    /// See [`Self::write_seconds`].
    #[must_use]
    pub fn write(&self) -> Duration {
        seconds(self.write_seconds)
    }

    /// See [`Self::idle_seconds`].
    #[must_use]
    pub fn idle(&self) -> Duration {
        seconds(self.idle_seconds)
    }

    /// See [`Self::drain_seconds`].
    #[must_use]
    pub fn drain(&self) -> Duration {
        seconds(self.drain_seconds)
    }

    /// See [`Self::shutdown_seconds`].
    #[must_use]
    pub fn shutdown(&self) -> Duration {
        seconds(self.shutdown_seconds)
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        let keys = [
            ("timeouts.header_seconds", self.header_seconds),
            ("timeouts.request_seconds", self.request_seconds),
            ("timeouts.write_seconds", self.write_seconds),
            ("timeouts.idle_seconds", self.idle_seconds),
            ("timeouts.shutdown_seconds", self.shutdown_seconds),
        ];
        for (key, value) in keys {
            if !(1..=3600).contains(&value) {
                return Err(InvalidValue::new(key, "1 to 3600 seconds"));
            }
        }
        if self.drain_seconds > 3600 {
            return Err(InvalidValue::new("timeouts.drain_seconds", "0 to 3600 seconds"));
        }
        Ok(())
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}
