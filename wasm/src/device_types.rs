//! Devices and what is compared by QR code, as JavaScript gets them. The npm package's `api.ts` describes the fields.

use serde::Serialize;
use sotto_client_sdk as sdk;
use tsify::Tsify;

use crate::types::number;

/// A QR code as a drawing: the dark modules, as the `d` of an SVG `path` in a square view box.
#[derive(Tsify, Serialize)]
pub struct QrCode {
    side: f64,
    path: String,
}

impl QrCode {
    /// Of a text, if it fits.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = sdk::QrCode::of(text).ok()?;
        Some(Self {
            side: number(u64::try_from(code.side()).ok()?),
            path: code.svg_path(),
        })
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnDevice {
    device: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    code: String,
    is_this: bool,
    is_verified: bool,
    is_new: bool,
    enrolled_at: f64,
    last_seen_at: f64,
}

impl From<sdk::OwnDevice> for OwnDevice {
    fn from(device: sdk::OwnDevice) -> Self {
        Self {
            device: device.device.to_string(),
            name: device.name,
            code: device.code.to_string(),
            is_this: device.is_this,
            is_verified: device.is_verified,
            is_new: device.is_new,
            enrolled_at: number(device.enrolled_at.0),
            last_seen_at: number(device.last_seen_at.0),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct OwnDevices(Vec<OwnDevice>);

impl From<Vec<sdk::OwnDevice>> for OwnDevices {
    fn from(devices: Vec<sdk::OwnDevice>) -> Self {
        Self(devices.into_iter().map(OwnDevice::from).collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceLinkOffer {
    code: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<QrCode>,
    device: String,
    expires_at: f64,
}

impl From<sdk::DeviceLinkOffer> for DeviceLinkOffer {
    fn from(offer: sdk::DeviceLinkOffer) -> Self {
        Self {
            code: offer.code.text().to_string(),
            qr: QrCode::of(&offer.code.url()),
            device: offer.device.to_string(),
            expires_at: number(offer.expires_at.0),
        }
    }
}

/// Whose code it is, and of which server.
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceLink {
    name: String,
    server: String,
}

impl From<sdk::DeviceLinkCode> for DeviceLink {
    fn from(code: sdk::DeviceLinkCode) -> Self {
        Self {
            name: code.name.to_string(),
            server: code.server,
        }
    }
}

/// What two people compare.
#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Safety {
    number: String,
    code: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<QrCode>,
    is_verified: bool,
}

impl Safety {
    pub(crate) fn new(number: sdk::SafetyNumber, code: sdk::SafetyCode, is_verified: bool) -> Self {
        let code = code.to_string();
        Self {
            number: number.to_string(),
            qr: QrCode::of(&code),
            code,
            is_verified,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SafetyComparison {
    Same,
    OtherAccounts,
    OtherKeys,
}

impl From<sdk::SafetyComparison> for SafetyComparison {
    fn from(comparison: sdk::SafetyComparison) -> Self {
        match comparison {
            sdk::SafetyComparison::Same => Self::Same,
            sdk::SafetyComparison::OtherAccounts => Self::OtherAccounts,
            sdk::SafetyComparison::OtherKeys => Self::OtherKeys,
        }
    }
}
