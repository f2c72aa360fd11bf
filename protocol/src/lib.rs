//! What an observer of Sotto's wire may see: identifiers, frames, REST types, problem codes and limits.
//!
//! Client and server share this crate, and it is all that they share. No secret has a type here: what a
//! payload says is the business of `sotto-crypto-core`, which the server does not depend on.

pub mod account_name;
pub mod ban;
pub mod binary;
pub mod bot;
pub mod chat_rules;
pub mod coarse_location;
pub mod credential;
pub mod device_list;
pub mod evidence;
mod fixed_bytes;
pub mod frame;
pub mod franking;
pub mod group_profile;
pub mod id;
pub mod invite_code;
pub mod key;
pub mod limits;
pub mod login_proof;
pub mod message_header;
pub mod opaque;
#[cfg(feature = "openapi")]
mod openapi;
pub mod permission;
pub mod problem;
pub mod rest;
pub mod retention;
pub mod suite;
pub mod time;

pub use account_name::AccountName;
pub use ban::Ban;
pub use binary::Binary;
pub use bot::BotTokenHash;
pub use chat_rules::{ChatRules, GroupRules, Invitation};
pub use coarse_location::CoarseLocation;
pub use credential::DeviceCredential;
pub use device_list::{DeviceList, ListedDevice, SignedDeviceList};
pub use evidence::{Approval, Departure, Evidence, InvitationUse, KeyPackageRef, LeafKeyHash};
pub use franking::{Commitment, FrankedPlace, RevealedKey};
pub use group_profile::{GroupPicture, GroupProfile, PictureDigest, SignedGroupProfile};
pub use id::{
    AccountId, BlobId, ChatId, CommunityId, DeviceAddress, DeviceId, DeviceLinkId, InviteId, MessageId,
    PasskeyId, PictureId, RecordId, ReportId, SegmentId, UploadId,
};
pub use invite_code::InviteCode;
pub use key::{DeviceKey, GroupKey, IdentityKey, InvitationKey, LoginKey, Signature};
pub use login_proof::LoginChallenge;
pub use permission::{Permission, PermissionSet, RoleName};
pub use problem::{Problem, ProblemCode};
pub use retention::Retention;
pub use suite::{GroupSize, Suite};
pub use time::{Epoch, Seq, Timestamp};
