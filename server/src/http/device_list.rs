//! What a device list has to say before the store compares it with the devices that there are.
//!
//! The identity key's signature over the list is not checked here: its label is `sotto-crypto-core`'s, which the server
//! does not know. It need not: clients check it, and believe no list without it, whoever stored it.

use super::HttpProblem;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, AccountName, DeviceList, IdentityKey, SignedDeviceList};

/// Whose list it has to be.
pub(super) struct Owner<'a> {
    pub(super) account: AccountId,
    pub(super) name: &'a AccountName,
    pub(super) identity_key: IdentityKey,
}

impl<'a> From<&'a User> for Owner<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            account: user.account,
            name: &user.name,
            identity_key: user.identity_key,
        }
    }
}

/// The list, if it is one and of this owner.
pub(super) fn claimed(list: &SignedDeviceList, owner: &Owner<'_>) -> Result<DeviceList, HttpProblem> {
    let claimed = list
        .claimed()
        .map_err(|error| HttpProblem::invalid_request(format!("device_list: {error}")))?;
    let right = claimed.account == owner.account
        && claimed.name == *owner.name
        && claimed.identity_key == owner.identity_key;
    if right {
        Ok(claimed)
    } else {
        Err(HttpProblem::invalid_request(
            "device_list: it is of another account",
        ))
    }
}
