//! Which accounts and chats there are on a server, in a file.

use super::super::scene::Need;
use crate::light::LightDevice;
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use sotto_protocol::rest::auth::SessionTokens;
use sotto_protocol::{ChatId, DeviceAddress, Epoch, limits};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// A token younger than this will do for a run: the server gives it a quarter of an hour.
const FRESH_SECONDS: u64 = 6 * 60;

/// An account with one device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) address: DeviceAddress,
    pub(crate) tokens: SessionTokens,
    /// When the tokens were issued, in seconds since the Unix epoch.
    issued_at: u64,
}

impl Account {
    /// With tokens that were issued just now.
    pub(crate) fn of(device: &LightDevice) -> Self {
        Self {
            address: device.address,
            tokens: device.tokens.clone(),
            issued_at: unix_seconds(),
        }
    }

    pub(crate) fn device(&self) -> LightDevice {
        LightDevice {
            address: self.address,
            tokens: self.tokens.clone(),
        }
    }

    pub(crate) fn is_fresh(&self, now: u64) -> bool {
        now < self.issued_at + FRESH_SECONDS
    }
}

/// What was made on a server.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Roster {
    pub(crate) accounts: Vec<Account>,
    /// The chat of the accounts 2k and 2k + 1, at k.
    pub(crate) pairs: Vec<ChatId>,
    /// Groups by their number of members: accounts 1, 2, 3, …, beside account 0, which sends.
    #[serde(default)]
    pub(crate) groups: BTreeMap<usize, ChatId>,
}

impl Roster {
    /// What `file` says; nothing if there is no such file.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        match std::fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is of another version: delete it", file.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
        }
    }

    /// Writes `file`, whole or not at all.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let new = file.with_extension("new");
        std::fs::write(&new, serde_json::to_vec(self)?)
            .with_context(|| format!("cannot write {}", new.display()))?;
        Ok(std::fs::rename(&new, file)?)
    }

    /// The epoch of the group with so many members: one more for each Commit that it took to bring them in.
    pub(crate) fn group_epoch(members: usize) -> Epoch {
        Epoch(members.div_ceil(limits::ADDED_DEVICES).max(1) as u64)
    }

    /// Whether it has all that is needed, with tokens that are fresh.
    pub(crate) fn suffices(&self, need: Need) -> bool {
        let Need {
            accounts,
            pairs,
            members,
        } = need;
        let now = unix_seconds();
        self.accounts.len() >= accounts
            && self.pairs.len() >= pairs
            && members.is_none_or(|members| self.groups.contains_key(&members))
            && self
                .accounts
                .iter()
                .take(accounts)
                .all(|account| account.is_fresh(now))
    }
}

pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}
