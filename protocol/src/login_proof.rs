//! What is signed to log in without the password: by a key that comes of the recovery code, or of the code that an old device
//! shows.
//!
//! The labels stand here, and not in `sotto-crypto-core` alone, because the server checks these signatures.

use crate::fixed_bytes::fixed_bytes;
use crate::{AccountName, DeviceLinkId};

fixed_bytes! {
    /// Random bytes of the server, signed to show that a login is of now.
    LoginChallenge[32];
}

/// Who holds the recovery code signs under this label; see [`LoginChallenge::by_recovery_code`].
pub const RECOVERY_LOGIN: &str = "sotto.v1 recovery login";
/// Who was shown the code of an old device signs under this label; see [`LoginChallenge::by_device_link`].
pub const DEVICE_LINK_LOGIN: &str = "sotto.v1 device link login";

impl LoginChallenge {
    /// `challenge ‖ name`: what the recovery code's key signs, before domain separation.
    #[must_use]
    pub fn by_recovery_code(&self, name: &AccountName) -> Vec<u8> {
        [self.as_bytes().as_slice(), name.as_str().as_bytes()].concat()
    }

    /// `challenge ‖ link`: what the link's key signs, before domain separation.
    #[must_use]
    pub fn by_device_link(&self, link: DeviceLinkId) -> Vec<u8> {
        [self.as_bytes().as_slice(), link.as_bytes()].concat()
    }
}
