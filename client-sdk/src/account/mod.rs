//! The account: registered, logged in on a new device, logged out.

mod new;
mod password;
mod profile;
mod record;
mod session;

pub use new::NewAccount;
pub(crate) use new::Registering;
pub use password::normalized_password;
pub use profile::Profile;
pub(crate) use profile::{ProfileImage, cleaned};
pub(crate) use record::{AccountRecord, SessionRecord};
pub(crate) use session::{Session, SessionError};

use sotto_protocol::{AccountId, AccountName, DeviceId};

/// The account that is logged in, on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub account: AccountId,
    /// Its unique name.
    pub name: AccountName,
    /// This device.
    pub device: DeviceId,
}
