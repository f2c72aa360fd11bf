//! Where a device can be woken.

use core::fmt;
use serde::{Deserialize, Serialize};
use sotto_protocol::ChatId;
use sotto_protocol::rest::notification::PutSubscription;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Where the browser's push service wakes this device (a `PushSubscription`). Whoever knows it can wake the device: it is printed nowhere
/// and wiped from memory.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct WakeUpAddress {
    /// The push service's URL for this device: `https`, of at most [`PUSH_ENDPOINT_BYTES`](sotto_protocol::limits::PUSH_ENDPOINT_BYTES).
    pub endpoint: String,
    /// The browser's public key (RFC 8291, section 3.1): an uncompressed point of P-256, 65 bytes.
    pub p256dh: Vec<u8>,
    /// The browser's authentication secret (RFC 8291, section 3.2): 16 bytes.
    pub auth: Vec<u8>,
}

impl fmt::Debug for WakeUpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WakeUpAddress")
    }
}

impl WakeUpAddress {
    /// As the server is told, with the chats for which the device is not to be woken.
    pub(crate) fn subscription(&self, quiet_chats: Vec<ChatId>) -> PutSubscription {
        PutSubscription {
            endpoint: self.endpoint.clone(),
            p256dh: self.p256dh.clone().into(),
            auth: self.auth.clone().into(),
            quiet_chats,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_printed_nowhere() {
        let address = WakeUpAddress {
            endpoint: "https://push.example/secret".to_owned(),
            p256dh: vec![4; 65],
            auth: vec![7; 16],
        };
        assert_eq!(format!("{address:?}"), "WakeUpAddress");
    }
}
