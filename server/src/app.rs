//! What every handler can reach.

use crate::auth::{AuthSecrets, LiveSessions, OperatingSystemRng, Passkeys};
use crate::blob::Blobs;
use crate::captcha::Abuse;
use crate::clock::Clock;
use crate::config::Config;
use crate::delivery::Delivery;
use crate::http::AnswerCache;
use crate::limit::{AddressConnections, Limits};
use crate::oidc::OpenIdProvider;
use crate::picture::Pictures;
use crate::push::Push;
use crate::site::Site;
use crate::store::{
    AccountStore, AdminStore, ArchiveStore, BanStore, BlobStore, BotStore, BroadcastStore, CaptchaStore,
    ChatIndex, CommunityMembershipStore, CommunityStore, DeviceLinkStore, DeviceStore, InviteStore,
    KeyPackageStore, LogStore, NotificationStore, OidcStore, OverviewStore, PasskeyStore, PictureStore,
    RecordStore, ReportStore, RoleStore, SecretStore, SessionStore, VersionStore,
};
use crate::telemetry::Readiness;
use crate::web::Assets;
use sotto_protocol::Timestamp;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// A database of accounts and all that belongs to them.
pub(crate) trait AccountsDatabase:
    AccountStore
    + RoleStore
    + BanStore
    + AdminStore
    + OverviewStore
    + PictureStore
    + CommunityStore
    + CommunityMembershipStore
    + ArchiveStore
    + BlobStore
    + DeviceStore
    + DeviceLinkStore
    + PasskeyStore
    + OidcStore
    + InviteStore
    + BotStore
    + BroadcastStore
    + CaptchaStore
    + SessionStore
    + KeyPackageStore
    + SecretStore
    + RecordStore
    + ReportStore
    + NotificationStore
    + VersionStore
    + ChatIndex
    + Clone
{
}

impl<T> AccountsDatabase for T where
    T: AccountStore
        + RoleStore
        + BanStore
        + AdminStore
        + OverviewStore
        + PictureStore
        + CommunityStore
        + CommunityMembershipStore
        + ArchiveStore
        + BlobStore
        + DeviceStore
        + DeviceLinkStore
        + PasskeyStore
        + OidcStore
        + InviteStore
        + BotStore
        + BroadcastStore
        + CaptchaStore
        + SessionStore
        + KeyPackageStore
        + SecretStore
        + RecordStore
        + ReportStore
        + NotificationStore
        + VersionStore
        + ChatIndex
        + Clone
{
}

/// A kind of database: what the configuration's URLs choose.
pub(crate) trait Backend: Send + Sync + 'static {
    /// Accounts.
    type Accounts: AccountsDatabase;
    /// A shard of the log.
    type Log: LogStore;
}

/// What every handler can reach. A cheap clone.
pub(crate) struct App<B: Backend>(Arc<Parts<B>>);

/// See [`App`].
pub(crate) struct Parts<B: Backend> {
    /// The database of accounts.
    pub(crate) accounts: B::Accounts,
    /// The Delivery Service.
    pub(crate) delivery: Delivery<B::Accounts, B::Log>,
    /// Encrypted files.
    pub(crate) blobs: Blobs<B::Accounts>,
    /// Makes pictures of profiles.
    pub(crate) pictures: Pictures,
    /// Wakes devices that are not connected.
    pub(crate) push: Push,
    /// The server's own secrets.
    pub(crate) auth: AuthSecrets,
    /// The server as a relying party, if it takes passkeys.
    pub(crate) passkeys: Option<Passkeys>,
    /// The OpenID provider at which people log in, if there is one.
    pub(crate) oidc: Option<OpenIdProvider>,
    /// Which sessions were seen alive.
    pub(crate) live_sessions: Arc<LiveSessions>,
    /// How much strangers, accounts and devices may.
    pub(crate) limits: Limits,
    /// How much of what robots do has happened of late.
    pub(crate) abuse: Abuse,
    /// How many connections each address has.
    pub(crate) connections: AddressConnections,
    /// The web app.
    pub(crate) assets: Assets,
    /// Answers that were lately given.
    pub(crate) answers: AnswerCache,
    /// What the operator says.
    pub(crate) site: Site,
    /// Whether the server can do its work.
    pub(crate) readiness: Readiness,
    /// The configuration.
    pub(crate) config: Config,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// WebSockets that are open.
    pub(crate) sockets: TaskTracker,
    /// Turns for devices that arrive: they wait for each other, so that those who are here do not wait for them.
    pub(crate) arrivals: Semaphore,
}

impl<B: Backend> App<B> {
    /// Of these parts.
    pub(crate) fn new(parts: Parts<B>) -> Self {
        Self(Arc::new(parts))
    }
}

impl<B: Backend> Parts<B> {
    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The operating system's randomness: here is the edge.
    #[allow(
        clippy::unused_self,
        reason = "randomness comes from the app as the time does"
    )]
    pub(crate) fn rng(&self) -> OperatingSystemRng {
        rand_core::UnwrapErr(getrandom::SysRng)
    }
}

impl<B: Backend> Clone for App<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B: Backend> Deref for App<B> {
    type Target = Parts<B>;

    fn deref(&self) -> &Parts<B> {
        &self.0
    }
}
