//! Sotto's client: sync, sending, storage and events, native and in the browser.
//!
//! [`Client`] is the paved path: it registers or logs in, begins chats, sends, reads, and tells by [`Event`]s what
//! happens. A [`platform::Platform`] is the place that it runs in.

pub mod account;
pub mod admin;
mod api;
mod archive;
mod bots;
pub mod broadcasts;
#[cfg(target_family = "wasm")]
pub mod browser;
mod captcha;
pub mod chats;
pub mod client;
pub mod communities;
pub mod contacts;
mod decisions;
pub mod devices;
pub mod error;
pub mod events;
pub mod export;
pub mod files;
pub mod groups;
pub mod messages;
#[cfg(not(target_family = "wasm"))]
pub mod native;
pub mod notices;
pub mod oidc;
pub mod passkeys;
pub mod platform;
pub mod presence;
mod privacy;
mod qr;
mod receipts;
mod record_key;
pub mod reports;
pub mod search;
mod shared;
pub mod site;
pub mod store;
mod surroundings;
mod sync;
#[doc(hidden)]
pub mod testing;
pub mod wake_up;

pub use account::{Account, NewAccount, Profile};
pub use admin::Admin;
pub use archive::{ArchiveFault, ArchiveStatus, FaultyArchive, Restoration};
pub use broadcasts::Audience;
pub use chats::{ChatKind, ChatSummary, Mute};
pub use client::{Client, ClientConfig};
pub use communities::{Communities, CommunityQuery};
pub use contacts::{
    BlockedAccount, Contact, ContactRequest, FoundPerson, IdentityStatus, PeoplePage, PeopleQuery, Person,
};
pub use devices::{DeviceLinkOffer, OwnDevice};
pub use error::ClientError;
pub use events::{ConnectionState, Event, Events, LogOutReason};
pub use export::{ExportProgress, Exported, ImportProgress, Imported, ReadableExport, Watcher, Zone};
pub use files::{FileContent, NewFile, Transfer, TransferState};
pub use groups::{
    ActiveInviteLink, Approvers, GrantedHistory, Group, GroupChange, GroupMember, GroupSettings, GroupSize,
    GroupsPage, Inviters, JoinPolicy, JoinRequest, MembersPage, NewGroup, Picture, PublicGroup,
    ReadInviteLink, Role, Whom, invite_link_at, split_invite_link,
};
pub use messages::{
    Answered, Body, Draft, Edition, FileInfo, Mention, Message, MessageState, MessagesBefore, NewMessage,
    Quote, Reactions, Sender, Text,
};
pub use notices::{Notice, NoticeAbout, NoticeId};
pub use oidc::{OidcIdentity, OidcLogin};
pub use passkeys::{OwnPasskey, OwnerProof, PasskeyAnswer};
pub use presence::Presence;
pub use privacy::Privacy;
pub use qr::QrCode;
pub use receipts::Receipt;
pub use reports::{ReportReason, Reported, ReportedBody, ReportedContent};
pub use search::{Found, SearchCursor, SearchKind, SearchPage, SearchQuery};
pub use sotto_crypto_core::bot_token::NotABotToken;
pub use sotto_crypto_core::{
    BotToken, DeviceCode, DeviceLinkCode, RecoveryCode, SafetyCode, SafetyComparison, SafetyNumber, StoreKey,
};
pub use sotto_protocol as protocol;
pub use sotto_protocol::rest::community::{
    CommunitiesFound, Community, CommunityBan, CommunityMember, CommunityMembers, CommunityRole,
    FoundCommunity, JoinedCommunity, ListedCommunity, UpdateCommunity,
};
pub use sotto_protocol::rest::oidc::OidcInfo;
pub use sotto_protocol::rest::role::OwnRole;
pub use sotto_protocol::rest::server::{RegistrationPolicy, ServerInfo};
pub use sotto_protocol::rest::user::{ProfilePicture, UpdateUser as ProfileUpdate};
pub use sotto_protocol::{Ban, Permission, PermissionSet, RoleName};
pub use sync::ClientRng;
pub use wake_up::WakeUpAddress;
