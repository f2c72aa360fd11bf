//! Keys of one epoch, for what members' devices tell each other beside the log: [`Signal`]s and [`Marker`]s.
//!
//! They come from the MLS exporter (RFC 9420, section 8.5), so that whoever is not in the epoch cannot read them, and using them
//! moves no ratchet. All members have the same keys: which of them has sealed something is the server's word.

use crate::marker::Marker;
use crate::padding::{pad, unpad};
use crate::seal;
use crate::signal::Signal;
use crate::{Chat, ChatError, Label, Secret};
use core::fmt;
use rand_core::CryptoRng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sotto_protocol::{ChatId, DeviceAddress, Epoch};
use zeroize::Zeroizing;

/// What opens and seals the signals and markers of one chat in one epoch.
#[derive(Clone)]
pub struct EpochKeys {
    pub(crate) chat: ChatId,
    pub(crate) epoch: Epoch,
    pub(crate) signals: Secret<32>,
    pub(crate) markers: Secret<32>,
}

/// It was sealed in another chat or epoch or for another sender, is of a newer version, or was altered: it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it does not open with the keys of this epoch")]
pub struct DoesNotOpen;

impl Chat {
    /// The keys of the epoch that the chat is in.
    pub fn epoch_keys(&self) -> Result<EpochKeys, ChatError> {
        let key = |label| {
            let exported = self.export(label, b"", 32)?;
            Secret::try_from(exported.expose()).map_err(|_| ChatError::Damaged)
        };
        Ok(EpochKeys {
            chat: self.id(),
            epoch: self.epoch(),
            signals: key(Label::Signal)?,
            markers: key(Label::Marker)?,
        })
    }
}

/// The epoch in which something was sealed, as it says itself; `None` if it is nothing of the kind.
#[must_use]
pub fn sealed_in(payload: &[u8]) -> Option<Epoch> {
    let (epoch, _) = payload.split_first_chunk()?;
    Some(Epoch(u64::from_be_bytes(*epoch)))
}

impl EpochKeys {
    /// The epoch.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// A signal of this device, for the others that are connected.
    #[must_use]
    pub fn seal_signal(&self, rng: &mut impl CryptoRng, from: DeviceAddress, signal: Signal) -> Vec<u8> {
        self.seal(rng, Label::Signal, from, &signal)
    }

    /// Another device's signal.
    pub fn open_signal(&self, from: DeviceAddress, payload: &[u8]) -> Result<Signal, DoesNotOpen> {
        self.open(Label::Signal, from, payload)
    }

    /// A marker of this device.
    #[must_use]
    pub fn seal_marker(&self, rng: &mut impl CryptoRng, from: DeviceAddress, marker: &Marker) -> Vec<u8> {
        self.seal(rng, Label::Marker, from, marker)
    }

    /// Another device's marker.
    pub fn open_marker(&self, from: DeviceAddress, payload: &[u8]) -> Result<Marker, DoesNotOpen> {
        self.open(Label::Marker, from, payload)
    }

    const fn key(&self, label: Label) -> &Secret<32> {
        match label {
            Label::Signal => &self.signals,
            _ => &self.markers,
        }
    }

    /// `epoch ‖ seal(key, label ‖ 0x00 ‖ chat ‖ epoch ‖ account ‖ device, padded postcard)`, numbers in network byte order.
    #[allow(
        clippy::expect_used,
        reason = "serialising plain data into memory has no error to return"
    )]
    fn seal(
        &self,
        rng: &mut impl CryptoRng,
        label: Label,
        from: DeviceAddress,
        value: &impl Serialize,
    ) -> Vec<u8> {
        let mut plain = postcard::to_stdvec(value).expect("plain data always encodes");
        pad(&mut plain);
        let sealed = seal::seal(rng, self.key(label), label, &self.place(from), &plain);
        [self.epoch.0.to_be_bytes().as_slice(), &sealed].concat()
    }

    fn open<T: DeserializeOwned>(
        &self,
        label: Label,
        from: DeviceAddress,
        payload: &[u8],
    ) -> Result<T, DoesNotOpen> {
        let (epoch, sealed) = payload.split_first_chunk().ok_or(DoesNotOpen)?;
        if u64::from_be_bytes(*epoch) != self.epoch.0 {
            return Err(DoesNotOpen);
        }
        let plain = seal::open(self.key(label), label, &self.place(from), sealed)
            .map_err(|seal::DoesNotOpen| DoesNotOpen)?;
        let plain = unpad(plain.expose()).ok_or(DoesNotOpen)?;
        // What a newer version has appended is passed over.
        let (value, _) = postcard::take_from_bytes(plain).map_err(|_| DoesNotOpen)?;
        Ok(value)
    }

    fn place(&self, from: DeviceAddress) -> Vec<u8> {
        [
            self.chat.as_bytes().as_slice(),
            &self.epoch.0.to_be_bytes(),
            from.account.as_bytes(),
            from.device.as_bytes(),
        ]
        .concat()
    }
}

/// The type's name alone.
impl fmt::Debug for EpochKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EpochKeys")
    }
}

/// For a sealed record.
impl Serialize for EpochKeys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (
            self.chat,
            self.epoch,
            self.signals.expose(),
            self.markers.expose(),
        )
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EpochKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (chat, epoch, signals, markers) =
            <(ChatId, Epoch, [u8; 32], [u8; 32])>::deserialize(deserializer)?;
        let secret = |bytes: [u8; 32]| {
            let bytes = Zeroizing::new(bytes);
            Secret::filled(|secret| *secret = *bytes)
        };
        Ok(Self {
            chat,
            epoch,
            signals: secret(signals),
            markers: secret(markers),
        })
    }
}
