//! Accounts: the public profile, the sealed vault, the OPAQUE record.

use super::{FoundAccounts, InviteHash, NewOidcLink, NewSession, SearchAccounts, SpentCaptcha, StoreError};
use bytes::Bytes;
use sotto_protocol::rest::user::User;
use sotto_protocol::{
    AccountId, AccountName, BotTokenHash, CoarseLocation, DeviceId, DeviceKey, IdentityKey, LoginKey,
    SignedDeviceList, Timestamp,
};

/// An account to be created, with its first device and that device's session.
#[derive(Debug)]
pub struct NewAccount {
    /// Chosen by the account's first device.
    pub account: AccountId,
    /// The name wanted.
    pub name: AccountName,
    /// The OPAQUE `RegistrationRecord` (RFC 9807), as the password file keeps it.
    pub opaque_record: Bytes,
    /// The account's identity key.
    pub identity_key: IdentityKey,
    /// The root sealed with the OPAQUE export key.
    pub vault_by_password: Bytes,
    /// The root sealed with the recovery code.
    pub vault_by_recovery_code: Bytes,
    /// What the recovery code logs in with.
    pub recovery_key: LoginKey,
    /// The first device.
    pub device: DeviceId,
    /// Its signature key.
    pub device_key: DeviceKey,
    /// Version 1 of the device list.
    pub device_list: SignedDeviceList,
    /// The first device's name, sealed for the account's own devices.
    pub device_name: Option<Bytes>,
    /// The first device's session.
    pub session: NewSession,
    /// The invite of which a use is taken, if it needs one.
    pub invite: Option<InviteHash>,
    /// The captcha that is spent, if it needs one.
    pub captcha: Option<SpentCaptcha>,
    /// Whom it is linked with at the OpenID provider, if with anybody.
    pub oidc: Option<NewOidcLink>,
    /// Of a bot, its token: the account of the one that is awaited under this name.
    pub bot: Option<BotTokenHash>,
    /// When.
    pub at: Timestamp,
}

/// Why an account was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// The name belongs, or once belonged, to another account: choose another.
    #[error("the account name is taken")]
    NameTaken,
    /// The account id is or was in use: choose another at random.
    #[error("the account id is in use")]
    AccountTaken,
    /// The device id is or was in use: choose another at random.
    #[error("the device id is in use")]
    DeviceTaken,
    /// There is no such invite, its time is over, or it has no use left: ask for another.
    #[error("the invite is not good any more")]
    InviteInvalid,
    /// The captcha was spent before: solve another.
    #[error("the captcha was spent before")]
    CaptchaSpent,
    /// The subject is linked with another account, or has registered one before: link or use that one.
    #[error("the OpenID provider's subject has an account")]
    OidcTaken,
    /// No bot of this name is awaited, or its token is another one: ask who has made it.
    #[error("no such bot is awaited")]
    BotTokenInvalid,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteAccountError {
    /// Nobody would be left who administers: make somebody else an administrator first.
    #[error("nobody else is an administrator")]
    LastAdministrator,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a login needs to know of an account.
#[derive(Clone, Debug)]
pub struct LoginRecord {
    /// The account.
    pub account: AccountId,
    /// Its identity key.
    pub identity_key: IdentityKey,
    /// The OPAQUE record.
    pub opaque_record: Bytes,
    /// The root sealed with the OPAQUE export key.
    pub vault_by_password: Bytes,
    /// The root sealed with the recovery code.
    pub vault_by_recovery_code: Bytes,
    /// What the recovery code logs in with. Accounts that are older than this login have none.
    pub recovery_key: Option<LoginKey>,
    /// The current device list.
    pub device_list: SignedDeviceList,
}

/// Changes to a profile. What is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// How the account wants to be called.
    pub display_name: Option<String>,
    /// What it says about itself.
    pub about: Option<String>,
    /// Where it says that it is.
    pub place: Option<String>,
    /// Roughly where it is, or that it does not say so any more.
    #[allow(
        clippy::option_option,
        reason = "what is `None` stays, and `Some(None)` takes away"
    )]
    pub location: Option<Option<CoarseLocation>>,
    /// Whether searches find it.
    pub listed: Option<bool>,
}

/// Accounts.
///
/// A deleted account leaves its name and its id behind, both without content, and neither is ever given out again.
/// People know each other by name: whoever could register a freed name would be taken for the person who left. And
/// whoever could register a freed id would stand in that person's chats.
pub trait AccountStore: Send + Sync + 'static {
    /// Creates the account, its device list, its first device and that device's session, takes a use of its invite,
    /// spends its captcha and links it, all or nothing. A name that is kept for a bot is taken for everybody else. Searches do not find a
    /// bot until it wants that.
    fn create_account(
        &self,
        account: NewAccount,
    ) -> impl Future<Output = Result<(), CreateAccountError>> + Send;

    /// Whether no account has or had this name.
    fn is_name_free(&self, name: &AccountName) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The profile of the account with this name.
    fn account_by_name(
        &self,
        name: &AccountName,
    ) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;

    /// The profile of this account.
    fn account(&self, account: AccountId) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;

    /// What a login to the account with this name needs.
    fn login_record(
        &self,
        name: &AccountName,
    ) -> impl Future<Output = Result<Option<LoginRecord>, StoreError>> + Send;

    /// Changes the profile and returns the new one.
    fn update_profile(
        &self,
        account: AccountId,
        change: ProfileChange,
    ) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;

    /// Gives the account another password: its OPAQUE record, and the root sealed with the new export key, both or neither.
    /// `false` if there is no such account.
    fn set_password(
        &self,
        account: AccountId,
        opaque_record: Bytes,
        vault: Bytes,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes the account with its record, vault, profile, pictures, devices, sessions, KeyPackages and blobs. Its devices are then
    /// among [`super::DeviceStore::departed_devices`] until the log shards have let go of them, and the objects of its
    /// blobs among [`super::BlobStore::condemned_objects`] until they are deleted. `false` if there was no such account.
    ///
    /// This is what owners do. The last administrator is not deleted by this.
    fn delete_account(
        &self,
        account: AccountId,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, DeleteAccountError>> + Send;

    /// A page of the listed accounts that fit a text, or are near a place, or both.
    fn search_accounts(
        &self,
        search: SearchAccounts,
    ) -> impl Future<Output = Result<FoundAccounts, StoreError>> + Send;
}
