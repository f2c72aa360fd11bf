//! Sotto's keys, MLS, passwords and sealed records: pure, with randomness passed in.
//!
//! No socket, no disk, no clock. Who wants to know whether a promise of Sotto's holds reads this crate.

pub mod content;
pub mod device;
pub mod identity;
pub mod label;
mod padding;
pub mod secret;

pub use content::{Body, Content, Text};
pub use device::{Device, verify_credential, verify_device_list};
pub use identity::{AccountRoot, Identity};
pub use label::Label;
pub use rand_core::CryptoRng;
pub use secret::{Secret, SecretBytes};
