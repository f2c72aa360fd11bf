//! Device codes: what a person compares on two devices of theirs, to know that one sees the other as it is.

use crate::Label;
use crate::digits::{digit_groups, write_groups};
use core::fmt;
use sha2::{Digest, Sha512};
use sotto_protocol::{AccountId, DeviceId, DeviceKey};

/// 40 digits of a device, the same wherever the device is shown: eight groups, each five bytes of
/// `SHA-512(label ‖ 0x00 ‖ account id ‖ device id ‖ device key)` as a big-endian number modulo 100,000. To pass for another,
/// a device would have to meet them: 2^132 tries.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceCode([u32; GROUPS]);

const GROUPS: usize = 8;

impl DeviceCode {
    /// The code of a device.
    #[must_use]
    pub fn of(account: AccountId, device: DeviceId, device_key: DeviceKey) -> Self {
        let mut hashed = account.as_bytes().to_vec();
        hashed.extend_from_slice(device.as_bytes());
        hashed.extend_from_slice(device_key.as_bytes());
        Self(digit_groups(
            &Sha512::digest(Label::DeviceCode.prefix(&hashed)).into(),
        ))
    }

    /// The groups of five digits, each below 100,000.
    #[must_use]
    pub const fn groups(&self) -> &[u32; GROUPS] {
        &self.0
    }
}

/// Eight groups of five digits, separated by spaces.
impl fmt::Display for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_groups(f, &self.0)
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_account_device_or_key_has_another_code() {
        let code = |account, device, key| {
            DeviceCode::of(
                AccountId::from_bytes([account; 16]),
                DeviceId::from_bytes([device; 16]),
                DeviceKey::from_bytes([key; 32]),
            )
        };
        for other in [code(9, 2, 3), code(1, 9, 3), code(1, 2, 9)] {
            assert_ne!(other, code(1, 2, 3));
        }
        let text = code(1, 2, 3).to_string();
        assert_eq!(text.len(), 8 * 5 + 7);
        assert!(text.bytes().all(|byte| byte == b' ' || byte.is_ascii_digit()));
    }
}
