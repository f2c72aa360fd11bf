//! A store that is timed: every operation, under its name, and how often the database failed it.

use super::metrics::{Label, METRICS};
use crate::store::pacing::{AsItComes, Pacing};
use crate::store::{
    AccountPair, AccountStore, AddPasskeyError, AdminStore, AdvanceBlobError, Appended, ArchiveAllowance,
    ArchiveClaimed, ArchivePosition, ArchiveStore, ArchiveWrite, Asked, BanStore, Blob, BlobAllowance,
    BlobProgress, BlobStore, BlockStore, Blocking, BotStore, BroadcastStore, CaptchaStore, ChatCreation,
    ChatIndex, ChatMembers, Claim, ClaimedFromStock, CommunityChange, CommunityError, CommunityGroupStore,
    CommunityMembershipStore, CommunityStore, CommunityVersion, CreateAccountError, CreateBlobError,
    DeleteAccountError, Deleted, Deletion, DeviceLink, DeviceLinkStore, DeviceStore, EnrolDeviceError,
    Expired, FindNewCommunities, FoundAccounts, FoundCommunities, FoundMembers, FoundProfiles, FoundSegments,
    GroupStanding, GroupStore, GroupVersion, GrownChat, InviteStore, KeyPackageStore, KnownSubject, Leaving,
    Linking, ListAccounts, ListPosition, LogStore, LoginRecord, NewAccount, NewAct, NewArchiveClaim, NewBlob,
    NewChat, NewCommunity, NewDevice, NewDeviceLink, NewJoinRequest, NewKeyPackage, NewPasskey, NewPicture,
    NewProfilePicture, NewReport, NewSubscription, NotificationStore, ObjectId, Objected, Objection,
    OidcStore, OidcSubject, OverviewStore, PageRange, PasskeyStore, PendingWelcome, PerformError,
    PictureStore, ProfileChange, PublicKeyStore, PublishKeyPackagesError, ReadActs, ReadMembers, RecordStore,
    RefreshTokenHashes, RemoveDeviceError, ReportPosition, ReportStore, Reservation, ReservedFor, RoleStore,
    Rotation, RowVersion, SearchAccounts, SearchCommunities, SearchGroups, SecretStore, Session, SessionId,
    SessionStore, ShardId, SpentCaptcha, Standing, StoreError, StoredArchive, StoredArchives, StoredBlobs,
    StoredGroup, StoredPasskey, StoredRecord, Subscription, TokenHash, VersionStore, WriteArchiveError,
    WriteBatch, Written,
};
use bytes::Bytes;
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::frame::Page;
use sotto_protocol::rest::admin::{AdminAct, Bot, Invite, ListedAccount, NamedAccount, Role, StorageTotals};
use sotto_protocol::rest::chat::GroupInfo;
use sotto_protocol::rest::community::{
    Community, CommunityBan, CommunityRole, JoinedCommunity, ListedCommunity,
};
use sotto_protocol::rest::device::Device;
use sotto_protocol::rest::group::JoinRequest;
use sotto_protocol::rest::key_package::KeyPackageStock;
use sotto_protocol::rest::passkey::Passkey;
use sotto_protocol::rest::report::{Report, ReportState};
use sotto_protocol::rest::role::OwnRole;
use sotto_protocol::rest::user::User;
use sotto_protocol::{
    AccountId, AccountName, Ban, BlobId, BotTokenHash, ChatId, CommunityId, DeviceAddress, DeviceId,
    DeviceKey, DeviceLinkId, Epoch, GroupProfile, IdentityKey, PasskeyId, PictureId, RecordId, ReportId,
    SegmentId, SignedDeviceList, SignedGroupProfile, Timestamp,
};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// A store that is timed, and waited for at this pace.
#[derive(Clone, Debug)]
pub(crate) struct Measured<S, P = AsItComes>(pub(crate) S, pub(crate) P);

macro_rules! measured {
    ($($store:ident { $(fn $operation:ident(&self $(, $argument:ident: $type:ty)*) -> $result:ty;)+ })+) => {
        /// What a store can be asked to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(non_camel_case_types, reason = "they are the names of methods")]
        pub(crate) enum StoreOperation {
            $($(#[doc = concat!("See [`", stringify!($store), "::", stringify!($operation), "`].")] $operation,)+)+
        }

        impl Label for StoreOperation {
            const NAME: &'static str = "operation";
            const VALUES: &'static [&'static str] = &[$($(stringify!($operation),)+)+];

            fn index(self) -> usize {
                self as usize
            }
        }

        $(measured! { @impl $store $(fn $operation(&self $(, $argument: $type)*) -> $result;)+ })+
    };
    (@impl LogStore $($methods:tt)+) => {
        impl<S: LogStore, P: Pacing> LogStore for Measured<S, P> {
            // Its writer times it, with the submissions that are in it.
            async fn write(&self, batch: WriteBatch<'_>) -> Result<Vec<Appended>, StoreError> {
                self.1.pace(self.0.write(batch)).await
            }

            measured! { @methods $($methods)+ }
        }
    };
    (@impl $store:ident $($methods:tt)+) => {
        impl<S: $store, P: Pacing> $store for Measured<S, P> {
            measured! { @methods $($methods)+ }
        }
    };
    (@methods $(fn $operation:ident(&self $(, $argument:ident: $type:ty)*) -> $result:ty;)+) => {
        $(async fn $operation(&self $(, $argument: $type)*) -> $result {
            timed(StoreOperation::$operation, self.1.pace(self.0.$operation($($argument),*))).await
        })+
    };
}

measured! {
    AccountStore {
        fn create_account(&self, account: NewAccount) -> Result<(), CreateAccountError>;
        fn is_name_free(&self, name: &AccountName) -> Result<bool, StoreError>;
        fn account_by_name(&self, name: &AccountName) -> Result<Option<User>, StoreError>;
        fn account(&self, account: AccountId) -> Result<Option<User>, StoreError>;
        fn login_record(&self, name: &AccountName) -> Result<Option<LoginRecord>, StoreError>;
        fn update_profile(&self, account: AccountId, change: ProfileChange) -> Result<Option<User>, StoreError>;
        fn set_password(&self, account: AccountId, opaque_record: Bytes, vault: Bytes) -> Result<bool, StoreError>;
        fn delete_account(&self, account: AccountId, at: Timestamp) -> Result<bool, DeleteAccountError>;
        fn search_accounts(&self, search: SearchAccounts) -> Result<FoundAccounts, StoreError>;
    }
    PictureStore {
        fn set_picture(&self, account: AccountId, picture: Option<NewProfilePicture>) -> Result<Option<User>, StoreError>;
        fn set_cover(&self, account: AccountId, cover: Option<NewPicture>) -> Result<Option<User>, StoreError>;
        fn picture(&self, picture: PictureId) -> Result<Option<Bytes>, StoreError>;
    }
    CommunityStore {
        fn found_community(&self, community: NewCommunity) -> Result<Community, CommunityError>;
        fn community(&self, community: CommunityId, reader: AccountId) -> Result<Option<Community>, StoreError>;
        fn change_community(&self, community: CommunityId, by: AccountId, change: CommunityChange) -> Result<Community, CommunityError>;
        fn delete_community(&self, community: CommunityId, by: AccountId) -> Result<(), CommunityError>;
        fn search_communities(&self, search: SearchCommunities) -> Result<FoundCommunities, StoreError>;
        fn new_communities(&self, find: FindNewCommunities) -> Result<Vec<ListedCommunity>, StoreError>;
    }
    CommunityGroupStore {
        fn outsiders(&self, community: CommunityId, accounts: &[AccountId]) -> Result<Vec<AccountId>, StoreError>;
        fn is_community(&self, community: CommunityId) -> Result<bool, StoreError>;
        fn put_community_group(&self, community: CommunityId, group: ChatId) -> Result<(), StoreError>;
        fn community_groups(&self, community: CommunityId, after: Option<ChatId>, limit: u16) -> Result<Vec<ChatId>, StoreError>;
    }
    VersionStore {
        fn account_version(&self, account: AccountId) -> Result<Option<RowVersion>, StoreError>;
        fn account_version_by_name(&self, name: &AccountName) -> Result<Option<(AccountId, RowVersion)>, StoreError>;
        fn community_version(&self, community: CommunityId, reader: AccountId) -> Result<Option<CommunityVersion>, StoreError>;
    }
    CommunityMembershipStore {
        fn join_community(&self, community: CommunityId, account: AccountId, at: Timestamp) -> Result<Community, CommunityError>;
        fn leave_community(&self, community: CommunityId, account: AccountId) -> Result<(), CommunityError>;
        fn communities_of(&self, account: AccountId) -> Result<Vec<JoinedCommunity>, StoreError>;
        fn community_role(&self, community: CommunityId, account: AccountId) -> Result<Option<CommunityRole>, StoreError>;
        fn community_members(&self, community: CommunityId, page: ReadMembers) -> Result<FoundMembers, StoreError>;
        fn set_community_role(&self, community: CommunityId, by: AccountId, account: AccountId, role: CommunityRole) -> Result<(), CommunityError>;
        fn remove_community_member(&self, community: CommunityId, by: AccountId, account: AccountId) -> Result<(), CommunityError>;
        fn ban_from_community(&self, community: CommunityId, by: AccountId, account: AccountId, at: Timestamp) -> Result<(), CommunityError>;
        fn unban_from_community(&self, community: CommunityId, by: AccountId, account: AccountId) -> Result<(), CommunityError>;
        fn community_bans(&self, community: CommunityId) -> Result<Vec<CommunityBan>, StoreError>;
    }
    DeviceStore {
        fn enrol_device(&self, device: NewDevice) -> Result<(), EnrolDeviceError>;
        fn remove_device(&self, address: DeviceAddress, list: SignedDeviceList, at: Timestamp) -> Result<(), RemoveDeviceError>;
        fn devices(&self, account: AccountId) -> Result<Vec<Device>, StoreError>;
        fn rename_device(&self, address: DeviceAddress, name: Bytes) -> Result<bool, StoreError>;
        fn device_seen(&self, device: DeviceId, at: Timestamp) -> Result<(), StoreError>;
        fn departed_devices(&self, limit: u16) -> Result<Vec<DeviceAddress>, StoreError>;
        fn forget_departed(&self, devices: &[DeviceAddress]) -> Result<(), StoreError>;
    }
    DeviceLinkStore {
        fn offer_device_link(&self, link: NewDeviceLink) -> Result<bool, StoreError>;
        fn device_link(&self, link: DeviceLinkId, now: Timestamp) -> Result<Option<DeviceLink>, StoreError>;
        fn take_device_link(&self, link: DeviceLinkId, now: Timestamp) -> Result<Option<DeviceLink>, StoreError>;
        fn withdraw_device_link(&self, account: AccountId, link: DeviceLinkId) -> Result<(), StoreError>;
        fn purge_device_links(&self, now: Timestamp) -> Result<(), StoreError>;
    }
    PasskeyStore {
        fn add_passkey(&self, passkey: NewPasskey) -> Result<(), AddPasskeyError>;
        fn passkeys(&self, account: AccountId) -> Result<Vec<Passkey>, StoreError>;
        fn credentials(&self, account: AccountId) -> Result<Vec<Bytes>, StoreError>;
        fn passkey(&self, passkey: PasskeyId) -> Result<Option<StoredPasskey>, StoreError>;
        fn passkey_used(&self, passkey: PasskeyId, counter: u32, at: Timestamp) -> Result<bool, StoreError>;
        fn rename_passkey(&self, account: AccountId, passkey: PasskeyId, name: Bytes) -> Result<bool, StoreError>;
        fn remove_passkey(&self, account: AccountId, passkey: PasskeyId) -> Result<bool, StoreError>;
    }
    OidcStore {
        fn oidc_subject(&self, subject: OidcSubject) -> Result<Option<KnownSubject>, StoreError>;
        fn oidc_link(&self, account: AccountId) -> Result<Option<(OidcSubject, Timestamp)>, StoreError>;
        fn link_oidc(&self, account: AccountId, subject: OidcSubject, at: Timestamp) -> Result<Linking, StoreError>;
        fn unlink_oidc(&self, account: AccountId) -> Result<bool, StoreError>;
    }
    CaptchaStore {
        fn spend_captcha(&self, captcha: SpentCaptcha) -> Result<bool, StoreError>;
        fn purge_captchas(&self, now: Timestamp) -> Result<(), StoreError>;
    }
    InviteStore {
        fn invites(&self) -> Result<Vec<Invite>, StoreError>;
        fn purge_invites(&self, before: Timestamp) -> Result<(), StoreError>;
    }
    BotStore {
        fn bots(&self, now: Timestamp) -> Result<Vec<Bot>, StoreError>;
        fn awaits_bot(&self, name: &AccountName, token: BotTokenHash) -> Result<bool, StoreError>;
    }
    BroadcastStore {
        fn broadcast(&self, community: Option<CommunityId>) -> Result<Option<ChatId>, StoreError>;
    }
    ReportStore {
        fn create_report(&self, report: NewReport) -> Result<bool, StoreError>;
        fn reports(&self, state: ReportState, except_about: Option<AccountId>, after: Option<ReportPosition>, limit: u16) -> Result<Vec<Report>, StoreError>;
        fn report(&self, report: ReportId) -> Result<Option<Report>, StoreError>;
        fn purge_reports(&self, handled_before: Timestamp) -> Result<(), StoreError>;
    }
    AdminStore {
        fn perform(&self, act: NewAct) -> Result<Option<AdminAct>, PerformError>;
        fn acts(&self, page: ReadActs) -> Result<Vec<AdminAct>, StoreError>;
        fn acts_after(&self, act: u64, limit: u16) -> Result<Vec<AdminAct>, StoreError>;
        fn last_act(&self) -> Result<u64, StoreError>;
    }
    RoleStore {
        fn role_of(&self, account: AccountId) -> Result<Option<OwnRole>, StoreError>;
        fn roles(&self) -> Result<Vec<Role>, StoreError>;
    }
    BanStore {
        fn ban_of(&self, account: AccountId, now: Timestamp) -> Result<Option<Ban>, StoreError>;
        fn purge_bans(&self, now: Timestamp) -> Result<(), StoreError>;
    }
    OverviewStore {
        fn list_accounts(&self, list: ListAccounts, now: Timestamp) -> Result<Vec<ListedAccount>, StoreError>;
        fn listed_account(&self, account: AccountId, now: Timestamp) -> Result<Option<ListedAccount>, StoreError>;
        fn names_of(&self, accounts: &[AccountId]) -> Result<Vec<NamedAccount>, StoreError>;
        fn storage_totals(&self, now: Timestamp) -> Result<StorageTotals, StoreError>;
    }
    SessionStore {
        fn spend_login(&self, login: [u8; 16], expires_at: Timestamp) -> Result<bool, StoreError>;
        fn session(&self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError>;
        fn rotate_refresh_token(&self, presented: RefreshTokenHashes, successor: TokenHash, now: Timestamp, expires_at: Timestamp) -> Result<Rotation, StoreError>;
        fn end_session(&self, id: SessionId) -> Result<bool, StoreError>;
        fn end_sessions_of(&self, account: AccountId) -> Result<(), StoreError>;
        fn purge_expired_sessions(&self, now: Timestamp) -> Result<(), StoreError>;
    }
    KeyPackageStore {
        fn publish_key_packages(&self, device: DeviceAddress, key_packages: Vec<NewKeyPackage>, at: Timestamp) -> Result<KeyPackageStock, PublishKeyPackagesError>;
        fn key_package_stock(&self, device: DeviceId, now: Timestamp) -> Result<KeyPackageStock, StoreError>;
        fn claim_key_packages(&self, claim: Claim) -> Result<Option<Vec<ClaimedFromStock>>, StoreError>;
        fn purge_key_packages(&self, before: Timestamp) -> Result<(), StoreError>;
    }
    SecretStore {
        fn server_secret(&self, name: &'static str, fresh: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, StoreError>;
    }
    ChatIndex {
        fn reserve(&self, whose: ReservedFor, chat: ChatId, creator: DeviceAddress, shards: u16, at: Timestamp) -> Result<Reservation, StoreError>;
        fn confirm(&self, whose: ReservedFor, chat: ChatId) -> Result<(), StoreError>;
        fn take_over(&self, whose: ReservedFor, stale: ChatId) -> Result<(), StoreError>;
        fn shard_of(&self, chat: ChatId) -> Result<Option<ShardId>, StoreError>;
        fn chat_of(&self, pair: AccountPair) -> Result<Option<(ChatId, ShardId)>, StoreError>;
        fn began_nth_latest(&self, account: AccountId, nth: u32) -> Result<Option<Timestamp>, StoreError>;
        fn begin_deletion(&self, group: ChatId) -> Result<bool, StoreError>;
        fn deletions(&self, limit: u16) -> Result<Vec<ChatId>, StoreError>;
        fn conclude_deletion(&self, group: ChatId) -> Result<(), StoreError>;
    }
    GroupStore {
        fn group_profile(&self, group: ChatId) -> Result<Option<SignedGroupProfile>, StoreError>;
        fn put_group_profile(&self, profile: GroupProfile, signed: SignedGroupProfile) -> Result<bool, StoreError>;
        fn delete_group_profile(&self, group: ChatId) -> Result<(), StoreError>;
        fn search_groups(&self, search: SearchGroups) -> Result<FoundProfiles, StoreError>;
        fn ask_to_join(&self, request: NewJoinRequest) -> Result<Asked, StoreError>;
        fn join_requests(&self, group: ChatId) -> Result<Vec<JoinRequest>, StoreError>;
        fn forget_join_requests(&self, group: ChatId, accounts: &[AccountId]) -> Result<bool, StoreError>;
        fn purge_join_requests(&self, before: Timestamp) -> Result<(), StoreError>;
    }
    BlockStore {
        fn block(&self, account: AccountId, blocked: AccountId, at: Timestamp) -> Result<Blocking, StoreError>;
        fn unblock(&self, account: AccountId, blocked: AccountId) -> Result<(), StoreError>;
        fn blocked_by(&self, account: AccountId) -> Result<Vec<AccountId>, StoreError>;
        fn blockers_of(&self, blocked: AccountId, among: &[AccountId]) -> Result<Vec<AccountId>, StoreError>;
        fn is_unwelcome(&self, group: ChatId, by: AccountId, newcomers: &[AccountId]) -> Result<bool, StoreError>;
    }
    PublicKeyStore {
        fn device_keys(&self, devices: &[DeviceAddress]) -> Result<HashMap<DeviceAddress, DeviceKey>, StoreError>;
        fn identity_keys(&self, accounts: &[AccountId]) -> Result<HashMap<AccountId, IdentityKey>, StoreError>;
    }
    RecordStore {
        fn record(&self, account: AccountId, record: RecordId) -> Result<Option<StoredRecord>, StoreError>;
        fn write_record(&self, account: AccountId, record: RecordId, replaces: u64, sealed: Bytes) -> Result<Written, StoreError>;
    }
    NotificationStore {
        fn put_subscription(&self, subscription: NewSubscription) -> Result<bool, StoreError>;
        fn subscriptions(&self, devices: &[DeviceAddress], now: Timestamp) -> Result<Vec<Subscription>, StoreError>;
        fn forget_subscription(&self, device: DeviceAddress, endpoint: Option<&str>) -> Result<(), StoreError>;
    }
    BlobStore {
        fn installation_id(&self) -> Result<Vec<u8>, StoreError>;
        fn create_blob(&self, blob: NewBlob, allowance: BlobAllowance) -> Result<Blob, CreateBlobError>;
        fn blob(&self, blob: BlobId) -> Result<Option<Blob>, StoreError>;
        fn blob_objects(&self, blob: BlobId, first: u64, limit: u16) -> Result<Vec<ObjectId>, StoreError>;
        fn advance_blob(&self, progress: BlobProgress) -> Result<Blob, AdvanceBlobError>;
        fn delete_blob(&self, blob: BlobId) -> Result<bool, StoreError>;
        fn end_blobs(&self, now: Timestamp, limit: u16) -> Result<u16, StoreError>;
        fn stored_blobs(&self, account: AccountId) -> Result<StoredBlobs, StoreError>;
        fn condemned_objects(&self, limit: u16) -> Result<Vec<ObjectId>, StoreError>;
        fn forget_objects(&self, objects: &[ObjectId]) -> Result<(), StoreError>;
        fn unnamed(&self, objects: &[ObjectId]) -> Result<Vec<ObjectId>, StoreError>;
        fn named_after(&self, after: ObjectId, limit: u16) -> Result<Vec<ObjectId>, StoreError>;
    }
    ArchiveStore {
        fn write_archive(&self, write: ArchiveWrite, allowance: ArchiveAllowance) -> Result<u64, WriteArchiveError>;
        fn archive(&self, account: AccountId, chat: ChatId) -> Result<Option<StoredArchive>, StoreError>;
        fn archives(&self, account: AccountId, after: Option<ArchivePosition>, limit: u16) -> Result<Vec<StoredArchive>, StoreError>;
        fn archive_segments(&self, account: AccountId, chat: ChatId, segments: &[SegmentId], now: Timestamp) -> Result<FoundSegments, StoreError>;
        fn delete_archive(&self, account: AccountId, chat: ChatId) -> Result<bool, StoreError>;
        fn claim_archive(&self, claim: NewArchiveClaim) -> Result<ArchiveClaimed, StoreError>;
        fn stored_archives(&self, account: AccountId) -> Result<StoredArchives, StoreError>;
        fn sweep_archives(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError>;
    }
    LogStore {
        fn create_chat(&self, chat: NewChat) -> Result<ChatCreation, StoreError>;
        fn fence_chat(&self, chat: ChatId) -> Result<bool, StoreError>;
        fn object(&self, objection: Objection) -> Result<Option<Objected>, StoreError>;
        fn delete_entries(&self, deletion: Deletion) -> Result<Option<Deleted>, StoreError>;
        fn page(&self, device: DeviceAddress, chat: ChatId, range: PageRange, now: Timestamp) -> Result<Option<Page<Bytes>>, StoreError>;
        fn group_info(&self, account: AccountId, chat: ChatId) -> Result<Option<GroupInfo>, StoreError>;
        fn invited_group_info(&self, account: AccountId, chat: ChatId, invited: Invited) -> Result<Option<GroupInfo>, StoreError>;
        fn group(&self, chat: ChatId) -> Result<Option<StoredGroup>, StoreError>;
        fn group_version(&self, group: ChatId) -> Result<Option<GroupVersion>, StoreError>;
        fn group_standings(&self, chats: &[ChatId]) -> Result<Vec<GroupStanding>, StoreError>;
        fn parties(&self, chat: ChatId) -> Result<Vec<AccountId>, StoreError>;
        fn members(&self, chat: ChatId) -> Result<Option<Arc<ChatMembers>>, StoreError>;
        fn silence(&self, chat: ChatId, account: AccountId, silenced: bool) -> Result<bool, StoreError>;
        fn standings(&self, device: DeviceAddress, after: ListPosition, limit: u16) -> Result<Vec<Standing>, StoreError>;
        fn pending_welcomes(&self, device: DeviceAddress, after: ListPosition) -> Result<Vec<PendingWelcome>, StoreError>;
        fn grown_since(&self, since: Timestamp, after: ListPosition, limit: u16) -> Result<Vec<GrownChat>, StoreError>;
        fn peers(&self, account: AccountId) -> Result<Vec<AccountId>, StoreError>;
        fn remove_devices(&self, devices: &[DeviceAddress]) -> Result<(), StoreError>;
        fn leave_group(&self, group: ChatId, account: AccountId, epoch: Option<Epoch>) -> Result<Leaving, StoreError>;
        fn delete_group(&self, group: ChatId) -> Result<Vec<AccountId>, StoreError>;
        fn erase_deleted(&self, limit: u16) -> Result<bool, StoreError>;
        fn expire(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError>;
    }
}

/// Times an operation, and counts it if the database failed it.
async fn timed<T, E: Failure>(
    operation: StoreOperation,
    run: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let begun = Instant::now();
    let result = run.await;
    METRICS.store_duration.of(operation).record(begun.elapsed());
    if result.as_ref().is_err_and(Failure::is_of_the_database) {
        METRICS.store_failures.of(operation).increment();
    }
    result
}

/// Tells a database that failed from a request that was refused.
trait Failure {
    fn is_of_the_database(&self) -> bool;
}

impl Failure for StoreError {
    fn is_of_the_database(&self) -> bool {
        true
    }
}

macro_rules! failures {
    ($($error:ident),+) => {$(
        impl Failure for $error {
            fn is_of_the_database(&self) -> bool {
                matches!(self, Self::Store(_))
            }
        }
    )+};
}

failures!(
    CommunityError,
    CreateAccountError,
    AddPasskeyError,
    DeleteAccountError,
    PerformError,
    EnrolDeviceError,
    RemoveDeviceError,
    PublishKeyPackagesError,
    CreateBlobError,
    AdvanceBlobError,
    WriteArchiveError
);
