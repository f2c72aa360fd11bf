//! Markers: how far a device is in a chat. Each replaces the one before it.

use crate::seal;
use crate::{AccountRoot, Label, Secret};
use core::fmt;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Seq, Timestamp};

/// A device's marker in a chat, sealed by [`EpochKeys`](crate::EpochKeys::seal_marker). It says no more than its account wants to
/// tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The device has everything up to here.
    pub delivered: Option<Seq>,
    /// Somebody has read everything up to here.
    pub read: Option<Seq>,
    /// When somebody was at the device last, to the minute.
    pub seen_at: Option<Timestamp>,
    /// For the account's own devices, whatever it tells others: sealed by [`OwnMarkers`].
    pub own: Vec<u8>,
}

/// What an account's devices tell each other alone in their markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnMarker {
    /// Somebody has read everything up to here.
    pub read: Seq,
}

/// Seals and opens the part of markers that is for the account's own devices. Every one has the same length.
pub struct OwnMarkers {
    key: Secret<32>,
}

/// It is another account's, device's or chat's, or was altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the marker is not of a device of this account")]
pub struct NotOwnMarker;

impl OwnMarkers {
    /// Of the account with this root.
    #[must_use]
    pub fn new(root: &AccountRoot) -> Self {
        Self {
            key: root.vault_record_key(),
        }
    }

    /// What a device of the account says in a chat.
    #[must_use]
    pub fn seal(
        &self,
        rng: &mut impl CryptoRng,
        chat: ChatId,
        from: DeviceAddress,
        marker: OwnMarker,
    ) -> Vec<u8> {
        let plain = marker.read.0.to_be_bytes();
        seal::seal(rng, &self.key, Label::OwnMarker, &place(chat, from), &plain)
    }

    /// What [`Self::seal`] sealed.
    pub fn open(&self, chat: ChatId, from: DeviceAddress, sealed: &[u8]) -> Result<OwnMarker, NotOwnMarker> {
        let plain = seal::open(&self.key, Label::OwnMarker, &place(chat, from), sealed)
            .map_err(|seal::DoesNotOpen| NotOwnMarker)?;
        let read = plain.expose().try_into().map_err(|_| NotOwnMarker)?;
        Ok(OwnMarker {
            read: Seq(u64::from_be_bytes(read)),
        })
    }
}

/// The type's name alone.
impl fmt::Debug for OwnMarkers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnMarkers")
    }
}

fn place(chat: ChatId, DeviceAddress { account, device }: DeviceAddress) -> [u8; 3 * AccountId::LENGTH] {
    let mut place = [0; 3 * AccountId::LENGTH];
    let ids = chat
        .as_bytes()
        .iter()
        .chain(account.as_bytes())
        .chain(device.as_bytes());
    for (byte, &of_id) in place.iter_mut().zip(ids) {
        *byte = of_id;
    }
    place
}
