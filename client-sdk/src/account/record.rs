//! What the store keeps of the account and its session.

use serde::{Deserialize, Serialize};
use sotto_crypto_core::{AccountRoot, Device};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::{AccountId, AccountName, Timestamp};
use zeroize::Zeroize;

/// The account, and this device as one of its devices.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountRecord {
    /// The account.
    pub(crate) account: AccountId,
    /// Its name.
    pub(crate) name: AccountName,
    /// The account's root.
    pub(crate) root: [u8; 32],
    /// [`Device::encode`](sotto_crypto_core::Device::encode).
    pub(crate) device: Vec<u8>,
    /// Whether the server has confirmed the device. Written before the request that enrols it, so that after a crash the
    /// next login finds the same device.
    pub(crate) enrolled: bool,
}

impl AccountRecord {
    /// A device that the server is about to hear of.
    pub(crate) fn new(account: AccountId, name: AccountName, root: &AccountRoot, device: &Device) -> Self {
        Self {
            account,
            name,
            root: *root.expose(),
            device: device.encode().expose().to_vec(),
            enrolled: false,
        }
    }
}

impl Drop for AccountRecord {
    fn drop(&mut self) {
        self.root.zeroize();
        self.device.zeroize();
    }
}

/// The tokens of the session.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    /// For requests.
    pub(crate) access_token: Token,
    /// When the access token ends, by this device's clock.
    pub(crate) expires_at: Timestamp,
    /// For new tokens, once.
    pub(crate) refresh_token: Token,
}
