//! Sotto's keys, MLS, passwords and sealed records: pure, with randomness passed in.
//!
//! No socket, no disk, no clock. Who wants to know whether a promise of Sotto's holds reads this crate.

pub mod content;
pub mod device;
pub mod identity;
pub mod label;
mod padding;
pub mod password;
pub mod record;
pub mod recovery_code;
pub mod safety_number;
mod seal;
pub mod secret;
pub mod suite;
pub mod vault;

pub use content::{Body, Content, Text};
pub use device::{Device, verify_credential, verify_device_list};
pub use identity::{AccountRoot, Identity};
pub use label::Label;
pub use rand_core::CryptoRng;
pub use record::StoreKey;
pub use recovery_code::RecoveryCode;
pub use safety_number::SafetyNumber;
pub use secret::{Secret, SecretBytes};
