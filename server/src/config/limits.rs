//! `[limits]`: how much in a short time, and how many at a time.

use super::InvalidValue;
use serde::{Deserialize, Serialize};

/// How much in a short time, and how many at a time. Addresses are IPv4 addresses and IPv6 networks of 64 bits; those of
/// this machine itself (loopback) are not limited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Requests of an address, pages included.
    pub requests_per_address: Rate,
    /// Logins, refreshes and logouts from an address.
    pub auth_per_address: Rate,
    /// Registrations from an address: each takes two requests.
    pub registrations_per_address: Rate,
    /// WebSockets that an address opens.
    pub connects_per_address: Rate,
    /// Logins to a name, whether anyone has it or not: how often its password can be guessed.
    pub logins_per_name: Rate,
    /// Requests of an account's devices together.
    pub requests_per_account: Rate,
    /// Requests of a device.
    pub requests_per_device: Rate,
    /// Searches of an account.
    pub searches_per_account: Rate,
    /// Claims of KeyPackages by an account.
    pub claims_per_account: Rate,
    /// Claims of an account's KeyPackages, by all others together: beyond, strangers get the last resort.
    pub claims_per_target: Rate,
    /// Claims of an account's KeyPackages by one other account.
    pub claims_per_pair: Rate,
    /// Direct chats that an account may begin in 24 hours. 0: no limit.
    pub chats_begun_per_day: u32,
    /// Requests for blobs by an account.
    pub blob_requests_per_account: Rate,
    /// Pictures that an account sends for its profile.
    pub pictures_per_account: Rate,
    /// Requests of an account for its archives.
    pub archive_requests_per_account: Rate,
    /// Reports of an account.
    pub reports_per_account: Rate,
    /// WebSockets that a device opens.
    pub connects_per_device: Rate,
    /// Frames that a connection sends; 4 KiB count as another. More is read later.
    pub frames_per_connection: Rate,
    /// The same of a connection of a bot.
    pub frames_per_bot: Rate,
    /// Pages that an account's devices fetch, and other frames for which a database is read. More is done later.
    pub reads_per_account: Rate,
    /// Connections of an address at a time.
    pub connections_per_address: u32,
    /// Addresses, accounts and the like whose rates are known one by one. What comes beyond shares rates, so that memory
    /// has a bound.
    pub keys_max: u32,
}

/// So many at once, and so many a minute in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// At once, after a pause.
    pub burst: u32,
    /// In the long run. 0: no limit.
    pub per_minute: u32,
}

impl Rate {
    /// The rate.
    #[must_use]
    pub const fn new(burst: u32, per_minute: u32) -> Self {
        Self { burst, per_minute }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_address: Rate::new(6_000, 12_000),
            auth_per_address: Rate::new(1_000, 600),
            registrations_per_address: Rate::new(100, 20),
            connects_per_address: Rate::new(2_000, 600),
            logins_per_name: Rate::new(20, 20),
            requests_per_account: Rate::new(2_000, 3_000),
            requests_per_device: Rate::new(1_000, 1_500),
            searches_per_account: Rate::new(60, 120),
            claims_per_account: Rate::new(1_200, 120),
            claims_per_target: Rate::new(60, 12),
            claims_per_pair: Rate::new(60, 6),
            chats_begun_per_day: 200,
            blob_requests_per_account: Rate::new(1_000, 1_500),
            pictures_per_account: Rate::new(20, 6),
            archive_requests_per_account: Rate::new(1_000, 1_500),
            reports_per_account: Rate::new(20, 1),
            connects_per_device: Rate::new(60, 30),
            frames_per_connection: Rate::new(5_000, 60_000),
            frames_per_bot: Rate::new(1_000, 6_000),
            reads_per_account: Rate::new(1_000, 6_000),
            connections_per_address: 10_000,
            keys_max: 200_000,
        }
    }
}

impl Limits {
    /// Every rate with its key.
    fn rates(&self) -> [(&'static str, Rate); 19] {
        [
            ("limits.requests_per_address", self.requests_per_address),
            ("limits.auth_per_address", self.auth_per_address),
            ("limits.registrations_per_address", self.registrations_per_address),
            ("limits.connects_per_address", self.connects_per_address),
            ("limits.logins_per_name", self.logins_per_name),
            ("limits.requests_per_account", self.requests_per_account),
            ("limits.requests_per_device", self.requests_per_device),
            ("limits.searches_per_account", self.searches_per_account),
            ("limits.claims_per_account", self.claims_per_account),
            ("limits.claims_per_target", self.claims_per_target),
            ("limits.claims_per_pair", self.claims_per_pair),
            ("limits.blob_requests_per_account", self.blob_requests_per_account),
            ("limits.pictures_per_account", self.pictures_per_account),
            (
                "limits.archive_requests_per_account",
                self.archive_requests_per_account,
            ),
            ("limits.reports_per_account", self.reports_per_account),
            ("limits.connects_per_device", self.connects_per_device),
            ("limits.frames_per_connection", self.frames_per_connection),
            ("limits.frames_per_bot", self.frames_per_bot),
            ("limits.reads_per_account", self.reads_per_account),
        ]
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        for (key, rate) in self.rates() {
            if rate.per_minute > 0 && rate.burst == 0 {
                return Err(InvalidValue::new(
                    key,
                    "burst: at least 1 (per_minute = 0 is no limit)",
                ));
            }
        }
        if self.connections_per_address == 0 {
            return Err(InvalidValue::new("limits.connections_per_address", "at least 1"));
        }
        if self.keys_max == 0 {
            return Err(InvalidValue::new("limits.keys_max", "at least 1"));
        }
        Ok(())
    }
}
