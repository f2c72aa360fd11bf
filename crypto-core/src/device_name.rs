//! Names of devices: for the account's own devices to read, and for nobody else.

use crate::padding::{pad, unpad};
use crate::seal;
use crate::{AccountRoot, Label};
use rand_core::CryptoRng;
use sotto_protocol::{AccountId, DeviceAddress, limits};

/// Why a name cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceNameError {
    /// It is empty, longer than [`limits::DEVICE_NAME_BYTES`], or has control characters in it: choose another.
    #[error(
        "a device's name has 1 to {} bytes and no control characters",
        limits::DEVICE_NAME_BYTES
    )]
    Invalid,
    /// It is another device's or account's, or was altered.
    #[error("the device's name does not open")]
    DoesNotOpen,
}

/// Seals a name, padded so that its length does not show, with the key of the account's private records. It is bound to the
/// account and the device, so that a server cannot give one device another's name.
pub fn seal(
    rng: &mut impl CryptoRng,
    root: &AccountRoot,
    address: DeviceAddress,
    name: &str,
) -> Result<Vec<u8>, DeviceNameError> {
    if !is_valid(name) {
        return Err(DeviceNameError::Invalid);
    }
    let mut padded = name.as_bytes().to_vec();
    pad(&mut padded);
    let key = root.vault_record_key();
    Ok(seal::seal(rng, &key, Label::DeviceName, &place(address), &padded))
}

/// Opens what [`seal`] sealed.
pub fn open(root: &AccountRoot, address: DeviceAddress, sealed: &[u8]) -> Result<String, DeviceNameError> {
    if sealed.len() > limits::SEALED_DEVICE_NAME_BYTES {
        return Err(DeviceNameError::DoesNotOpen);
    }
    let key = root.vault_record_key();
    let padded = seal::open(&key, Label::DeviceName, &place(address), sealed)
        .map_err(|seal::DoesNotOpen| DeviceNameError::DoesNotOpen)?;
    unpad(padded.expose())
        .and_then(|name| core::str::from_utf8(name).ok())
        .filter(|name| is_valid(name))
        .map(str::to_owned)
        .ok_or(DeviceNameError::DoesNotOpen)
}

pub(crate) fn is_valid(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= limits::DEVICE_NAME_BYTES && !name.chars().any(char::is_control)
}

fn place(DeviceAddress { account, device }: DeviceAddress) -> [u8; 2 * AccountId::LENGTH] {
    let mut place = [0; 2 * AccountId::LENGTH];
    let ids = account.as_bytes().iter().chain(device.as_bytes());
    for (byte, &of_id) in place.iter_mut().zip(ids) {
        *byte = of_id;
    }
    place
}
