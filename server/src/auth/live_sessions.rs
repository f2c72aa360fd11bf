//! Which sessions were seen alive, of accounts that are not banned: so that a token dies with its session, and counts for nothing
//! while its account is banned, without a query for each request.

use crate::store::{BanStore, SessionId, SessionStore, StoreError};
use sotto_protocol::{Ban, DeviceAddress, DeviceId, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Milliseconds for which a session counts as alive without a look into the store. Sessions that end here are dropped
/// at once, and so are those whose account is banned; this bounds how long one that another process ended can go on.
const TRUSTED_MILLIS: u64 = 60_000;
/// Sessions remembered before those whose time is over are dropped.
const REMEMBERED: usize = 65_536;

/// How a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionStanding {
    /// It counts.
    Alive {
        /// Whether its account is a bot.
        is_bot: bool,
    },
    /// It has ended, or was never one of this device.
    Ended,
    /// It is alive and counts for nothing: its account is banned.
    Banned(Ban),
}

/// Remembers sessions that the store called alive.
#[derive(Default)]
pub(crate) struct LiveSessions {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// A device has one session at a time.
    by_device: HashMap<DeviceId, Live>,
    /// How often something ended: what the store said before that is not remembered.
    endings: u64,
}

#[derive(Clone, Copy)]
struct Live {
    session: SessionId,
    until: Timestamp,
    is_bot: bool,
}

impl LiveSessions {
    /// How the device's session stands.
    pub(crate) async fn standing(
        &self,
        store: &(impl SessionStore + BanStore),
        DeviceAddress { account, device }: DeviceAddress,
        session: SessionId,
        now: Timestamp,
    ) -> Result<SessionStanding, StoreError> {
        let endings = {
            let seen = self.seen();
            if let Some(live) = seen.by_device.get(&device)
                && live.session == session
                && now < live.until
            {
                return Ok(SessionStanding::Alive { is_bot: live.is_bot });
            }
            seen.endings
        };
        let found = store.session(session, now).await?;
        let Some(found) = found.filter(|found| found.device.device == device) else {
            return Ok(SessionStanding::Ended);
        };
        if let Some(ban) = store.ban_of(account, now).await? {
            return Ok(SessionStanding::Banned(ban));
        }
        let live = Live {
            session,
            until: now.plus_millis(TRUSTED_MILLIS),
            is_bot: found.is_bot,
        };
        self.remember(device, live, now, endings);
        Ok(SessionStanding::Alive { is_bot: found.is_bot })
    }

    fn remember(&self, device: DeviceId, live: Live, now: Timestamp, endings: u64) {
        let mut seen = self.seen();
        if seen.endings != endings {
            return;
        }
        if seen.by_device.len() >= REMEMBERED {
            seen.by_device.retain(|_, known| now < known.until);
        }
        if seen.by_device.len() < REMEMBERED {
            seen.by_device.insert(device, live);
        }
    }

    /// The device's sessions have ended, all or all but a new one, or its account is banned: the store has it already.
    pub(crate) fn ended(&self, device: DeviceId) {
        let mut seen = self.seen();
        seen.by_device.remove(&device);
        seen.endings = seen.endings.wrapping_add(1);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
