//! Sotto's keys, MLS, passwords and sealed records: pure, with randomness passed in.
//!
//! No socket, no disk, no clock. Who wants to know whether a promise of Sotto's holds reads this crate.

pub mod chat;
pub mod content;
pub mod device;
pub mod group_key;
pub mod identity;
pub mod key_package;
#[cfg(test)]
mod known_answers;
pub mod label;
mod mls_store;
mod padding;
pub mod password;
pub mod record;
pub mod recovery_code;
pub mod safety_number;
mod seal;
pub mod secret;
mod signature;
pub mod suite;
pub mod vault;

pub use chat::{
    Chat, ChatError, Committed, Created, JoinError, JoinedExternally, KnownIdentities, MlsError, NotAllowed,
    PendingCommit, Plan, ReceiveError, Received,
};
pub use content::{Body, Content, Text};
pub use device::{Device, verify_credential, verify_device_list};
pub use group_key::{GroupSigningKey, verify_group_profile};
pub use identity::{AccountRoot, Identity};
pub use key_package::{InvitedDevice, KeyPackageError, KeyPackages};
pub use label::Label;
pub use mls_store::RecordChange;
pub use rand_core::CryptoRng;
pub use record::StoreKey;
pub use recovery_code::RecoveryCode;
pub use safety_number::SafetyNumber;
pub use secret::{Secret, SecretBytes};
