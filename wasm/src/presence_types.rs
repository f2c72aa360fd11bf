//! What members tell each other beside messages, as JavaScript gets it.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use tsify::Tsify;

use crate::types::{Account, number};

#[derive(Tsify, Serialize)]
pub struct Receipt {
    who: Account,
    since: f64,
    delivered: f64,
    read: f64,
}

impl From<sdk::Receipt> for Receipt {
    fn from(receipt: sdk::Receipt) -> Self {
        Self {
            who: receipt.who.into(),
            since: number(receipt.since),
            delivered: number(receipt.delivered),
            read: number(receipt.read),
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct Receipts(Vec<Receipt>);

impl From<Vec<sdk::Receipt>> for Receipts {
    fn from(receipts: Vec<sdk::Receipt>) -> Self {
        Self(receipts.into_iter().map(Into::into).collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Presence {
    Online,
    LastSeen { at: f64 },
    Unknown,
}

impl From<sdk::Presence> for Presence {
    fn from(presence: sdk::Presence) -> Self {
        match presence {
            sdk::Presence::Online => Self::Online,
            sdk::Presence::LastSeen { at } => Self::LastSeen { at: number(at.0) },
            sdk::Presence::Unknown => Self::Unknown,
        }
    }
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "four switches, as they are shown")]
pub struct Privacy {
    delivery_receipts: bool,
    read_receipts: bool,
    typing: bool,
    presence: bool,
}

impl From<sdk::Privacy> for Privacy {
    fn from(privacy: sdk::Privacy) -> Self {
        Self {
            delivery_receipts: privacy.delivery_receipts,
            read_receipts: privacy.read_receipts,
            typing: privacy.typing,
            presence: privacy.presence,
        }
    }
}

impl From<Privacy> for sdk::Privacy {
    fn from(privacy: Privacy) -> Self {
        Self {
            delivery_receipts: privacy.delivery_receipts,
            read_receipts: privacy.read_receipts,
            typing: privacy.typing,
            presence: privacy.presence,
        }
    }
}
