//! Sotto's keys, MLS, passwords and sealed records: pure, with randomness passed in.
//!
//! No socket, no disk, no clock. Who wants to know whether a promise of Sotto's holds reads this crate.

pub mod account_record;
pub mod archive;
pub mod bot_token;
pub mod chat;
pub mod content;
pub mod device;
pub mod device_code;
pub mod device_link;
pub mod device_name;
mod digits;
pub mod epoch_keys;
pub mod export;
pub mod file;
pub mod franking;
pub mod group_key;
pub mod group_key_share;
pub mod history_share;
pub mod identity;
pub mod invite_link;
pub mod key_package;
#[cfg(test)]
mod known_answers;
pub mod label;
pub mod marker;
mod mls_store;
mod padding;
pub mod passkey;
pub mod password;
pub mod record;
pub mod recovery_code;
pub mod safety_code;
pub mod safety_number;
mod seal;
mod sealed_answer;
pub mod secret;
pub mod signal;
mod signature;
pub mod suite;
pub mod vault;

pub use account_record::AccountRecords;
pub use archive::ArchiveCipher;
pub use bot_token::BotToken;
pub use chat::{
    AcceptedProfile, Chat, ChatError, Committed, Created, Encrypted, JoinError, JoinedExternally,
    KnownIdentities, KnownProfile, MlsError, NotAllowed, PendingCommit, Plan, ReceiveError, Received,
};
pub use content::{Body, Content, Deletion, Edit, Mention, Pin, Quote, Reaction, Text, ToldGroupProfile};
pub use device::{Device, verify_credential, verify_device_list};
pub use device_code::DeviceCode;
pub use device_link::{DeviceLink, DeviceLinkCode, LinkedAccount};
pub use epoch_keys::EpochKeys;
pub use export::{ExportAuthenticator, ExportError, ExportOpener, ExportSealer};
pub use file::{FileCipher, FileKey, FileLayout};
pub use franking::{Franked, FrankingKey};
pub use group_key::{GroupSigningKey, picture_digest, verify_group_profile};
pub use group_key_share::{GroupKeyRequest, GroupKeyShare};
pub use history_share::{HistoryFile, HistoryRequest, HistoryShare};
pub use identity::{AccountRoot, Identity};
pub use invite_link::{InviteLink, InviteLinkError};
pub use key_package::{InvitedDevice, KeyPackageError, KeyPackages};
pub use label::Label;
pub use marker::{Marker, OwnMarker, OwnMarkers};
pub use mls_store::RecordChange;
pub use passkey::PasskeySecret;
pub use rand_core::CryptoRng;
pub use record::StoreKey;
pub use recovery_code::RecoveryCode;
pub use safety_code::{SafetyCode, SafetyComparison};
pub use safety_number::SafetyNumber;
pub use sealed_answer::AnswerSecret;
pub use secret::{Secret, SecretBytes};
pub use signal::{Signal, SignalKind};
