//! What the server keeps: traits by noun, one contract suite for whoever implements them, and the implementations.
//!
//! Two kinds of database, kept apart from the first day: one holds accounts and what belongs to them
//! ([`AccountStore`], [`PictureStore`], [`CommunityStore`], [`CommunityMembershipStore`], [`CommunityGroupStore`], [`RoleStore`], [`BanStore`], [`AdminStore`], [`OverviewStore`], [`InviteStore`], [`BotStore`], [`BroadcastStore`], [`CaptchaStore`], [`DeviceStore`], [`DeviceLinkStore`], [`PasskeyStore`], [`OidcStore`], [`SessionStore`], [`KeyPackageStore`], [`SecretStore`],
//! [`ChatIndex`], [`GroupStore`], [`BlockStore`], [`PublicKeyStore`], [`RecordStore`], [`ReportStore`], [`BlobStore`], [`ArchiveStore`], [`NotificationStore`], [`VersionStore`]),
//! and the log is sharded by chat over one or more others ([`LogStore`]). No transaction spans two databases.
//!
//! Every method is one transaction unless it says otherwise, durable when its future is ready, and changes nothing
//! if it fails. Not found is `Ok(None)`. Time is an argument.

mod account;
mod admin;
mod archive;
mod ban;
mod blob;
mod block;
mod bot;
mod broadcast;
mod captcha;
mod chat_index;
mod community;
#[cfg(test)]
pub(crate) mod contract;
mod deletion;
mod device;
mod device_link;
mod error;
mod group;
mod invite;
mod key_package;
mod log;
mod notification;
mod objection;
mod oidc;
mod overview;
pub(crate) mod pacing;
mod passkey;
mod people;
mod picture;
pub mod postgres;
mod public_key;
mod record;
mod report;
mod retention_key;
mod role;
mod secret;
mod sequencer;
mod session;
pub mod sqlite;
mod standings;
mod stored_rules;
mod version;

pub use account::{
    AccountStore, CreateAccountError, DeleteAccountError, LoginRecord, NewAccount, ProfileChange,
};
pub use admin::{Actor, AdminStore, NewAct, NewChange, PerformError, ReadActs};
pub use archive::{
    ArchiveAllowance, ArchiveClaimed, ArchivePosition, ArchiveStore, ArchiveWrite, FoundSegments,
    InvalidArchivePosition, NewArchiveClaim, NewSegment, StoredArchive, StoredArchives, StoredSegment,
    WriteArchiveError,
};
pub use ban::BanStore;
pub use blob::{
    AdvanceBlobError, Blob, BlobAllowance, BlobProgress, BlobStore, CreateBlobError, NewBlob, ObjectId,
    SEGMENT_BYTES, StoredBlobs,
};
pub use block::{BlockStore, Blocking};
pub use bot::BotStore;
pub use broadcast::BroadcastStore;
pub use captcha::{CaptchaStore, SpentCaptcha};
pub use chat_index::{AccountPair, ChatIndex, Reservation, ReservedFor, ShardId};
pub use community::{
    CommunityChange, CommunityError, CommunityGroupStore, CommunityMembershipStore, CommunityPosition,
    CommunityProfile, CommunityStore, FindNewCommunities, FoundCommunities, FoundMembers,
    InvalidCommunityPosition, InvalidMemberPosition, MemberPosition, NewCommunity, ReadMembers,
    SearchCommunities,
};
pub use deletion::{Deleted, Deletion};
pub use device::{DeviceStore, EnrolDeviceError, NewDevice, RemoveDeviceError};
pub use device_link::{DeviceLink, DeviceLinkStore, NewDeviceLink};
pub use error::StoreError;
pub use group::{
    Asked, FoundProfile, FoundProfiles, GroupSearchPosition, GroupStore, InvalidGroupSearchPosition,
    NewJoinRequest, REQUESTS_PER_ACCOUNT, SearchGroups,
};
pub use invite::{InviteHash, InviteStore, NewInvite};
pub use key_package::{Claim, ClaimedFromStock, KeyPackageStore, NewKeyPackage, PublishKeyPackagesError};
pub use log::{
    Appended, ChatCreation, ChatMembers, CommitParts, CursorAdvance, Expired, Findings, GroupChange,
    GroupStanding, GrownChat, Leaving, ListPosition, LogStore, MarkerUpdate, NewChat, PageRange,
    PendingWelcome, Standing, StoredGroup, Submission, WriteBatch,
};
pub use notification::{NewSubscription, NotificationStore, Subscription, SubscriptionKeys};
pub use objection::{Objected, Objection, TakenBack};
pub use oidc::{KnownSubject, Linking, NewOidcLink, OidcStore, OidcSubject};
pub use overview::{ListAccounts, OverviewStore};
pub use passkey::{AddPasskeyError, NewPasskey, PasskeyKey, PasskeyStore, StoredPasskey};
pub use people::{FoundAccounts, InvalidSearchPosition, Near, Rank, SearchAccounts, SearchPosition};
pub use picture::{NewPicture, NewProfilePicture, PictureStore};
pub use public_key::PublicKeyStore;
pub use record::{RecordStore, StoredRecord, Written};
pub use report::{InvalidReportPosition, NewReport, ReportPosition, ReportStore};
pub use role::RoleStore;
pub use secret::SecretStore;
pub use session::{NewSession, RefreshTokenHashes, Rotation, Session, SessionId, SessionStore, TokenHash};
pub use version::{CommunityVersion, GroupVersion, RowVersion, VersionStore};

/// Whether so many log shards will do when chats are in the shards up to `used`.
fn check_shards(configured: usize, used: Option<i64>) -> Result<(), StoreError> {
    let reason = match used.and_then(|used| usize::try_from(used).ok()) {
        _ if configured == 0 => "there has to be at least one log shard".to_owned(),
        _ if u16::try_from(configured).is_err() => "there are too many log shards".to_owned(),
        Some(used) if used >= configured => {
            format!("chats are in log shard {used}, but only {configured} shards are configured")
        }
        _ => return Ok(()),
    };
    Err(StoreError::Mismatch { reason })
}
