//! Limits: how much in a short time, and how many at a time, by address, account and device.

mod address;
mod connections;
mod frames;
mod keyed;
mod recent;
mod shares;

pub(crate) use address::{ClientAddress, PeerAddress};
pub(crate) use connections::{AddressConnections, AddressPermit, TooManyConnections};
pub(crate) use frames::Spent;
pub(crate) use keyed::Wait;
pub(crate) use recent::Recent;
pub(crate) use shares::{Share, Shares};

use crate::config;
use crate::telemetry::metrics::{Limit, METRICS};
use frames::FrameRate;
use governor::clock::DefaultClock;
use keyed::KeyedRate;
use sotto_protocol::{AccountId, AccountName, DeviceAddress, DeviceId};
use tokio::time::Instant;

/// What a request is for, as far as limits are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointClass {
    /// Logins, refreshes, logouts, and new passkeys.
    Auth,
    /// Either step of a registration.
    Registration,
    /// Searches.
    Search,
    /// Claims of KeyPackages, requests to join groups, communities that are founded or joined, and what an account's devices tell each other by the server.
    Claim,
    /// Encrypted files.
    Blob,
    /// Archives.
    Archive,
    /// Reports.
    Report,
    /// Opening a WebSocket.
    Connect,
    /// What is asked to find out whether the server is well: never limited.
    Health,
    /// All else.
    Other,
}

impl EndpointClass {
    /// The class of a route, as the router spells it, or of no route.
    pub(crate) fn of(method: &http::Method, route: Option<&str>) -> Self {
        let Some(route) = route else {
            return Self::Other;
        };
        match route {
            "/v1/auth/registration" => Self::Registration,
            "/v1/user/{name}" if method == http::Method::PUT => Self::Registration,
            "/v1/user" | "/v1/group" | "/v1/community" | "/v1/community/new" | "/v1/admin/account"
            | "/v1/admin/storage" => Self::Search,
            "/v1/key-package/claim" | "/v1/group/{id}/request/{account}" | "/v1/community/{id}/join" => {
                Self::Claim
            }
            // The account's other devices are told of each.
            "/v1/record/{id}" | "/v1/block/{account}" if method != http::Method::GET => Self::Claim,
            // What everyone finds; and what all members are told of.
            "/v1/community/{id}" | "/v1/group/{id}/request" if method == http::Method::PUT => Self::Claim,
            "/v1/report" => Self::Report,
            // What an account that has just logged in adds to itself: no device is known to be calling.
            "/v1/passkey/registration" => Self::Auth,
            "/v1/passkey" if method == http::Method::POST => Self::Auth,
            "/v1/ws" => Self::Connect,
            _ if route.starts_with("/v1/auth/") => Self::Auth,
            _ if route.starts_with("/v1/blob") => Self::Blob,
            _ if route.starts_with("/v1/archive") => Self::Archive,
            _ if route.starts_with("/health") => Self::Health,
            _ => Self::Other,
        }
    }
}

/// The limits of a node. Rates are counted by node: with more nodes a stranger who reaches all of them has as many times as
/// much.
pub(crate) struct Limits {
    requests_per_address: KeyedRate<ClientAddress>,
    auth_per_address: KeyedRate<ClientAddress>,
    registrations_per_address: KeyedRate<ClientAddress>,
    connects_per_address: KeyedRate<ClientAddress>,
    logins_per_name: KeyedRate<AccountName>,
    requests_per_account: KeyedRate<AccountId>,
    requests_per_device: KeyedRate<DeviceId>,
    searches_per_account: KeyedRate<AccountId>,
    claims_per_account: KeyedRate<AccountId>,
    claims_per_target: KeyedRate<AccountId>,
    claims_per_pair: KeyedRate<(AccountId, AccountId)>,
    blob_requests_per_account: KeyedRate<AccountId>,
    archive_requests_per_account: KeyedRate<AccountId>,
    reports_per_account: KeyedRate<AccountId>,
    pictures_per_account: KeyedRate<AccountId>,
    connects_per_device: KeyedRate<DeviceId>,
    frames_per_connection: FrameRate,
    frames_per_bot: FrameRate,
    reads_per_account: KeyedRate<AccountId>,
}

impl Limits {
    pub(crate) fn new(config: &config::Limits) -> Self {
        fn rate<K: std::hash::Hash>(rate: config::Rate, keys_max: u32) -> KeyedRate<K> {
            KeyedRate::new(rate, keys_max, DefaultClock::default())
        }
        let keys = config.keys_max;
        Self {
            requests_per_address: rate(config.requests_per_address, keys),
            auth_per_address: rate(config.auth_per_address, keys),
            registrations_per_address: rate(config.registrations_per_address, keys),
            connects_per_address: rate(config.connects_per_address, keys),
            logins_per_name: rate(config.logins_per_name, keys),
            requests_per_account: rate(config.requests_per_account, keys),
            requests_per_device: rate(config.requests_per_device, keys),
            searches_per_account: rate(config.searches_per_account, keys),
            claims_per_account: rate(config.claims_per_account, keys),
            claims_per_target: rate(config.claims_per_target, keys),
            claims_per_pair: rate(config.claims_per_pair, keys),
            blob_requests_per_account: rate(config.blob_requests_per_account, keys),
            archive_requests_per_account: rate(config.archive_requests_per_account, keys),
            reports_per_account: rate(config.reports_per_account, keys),
            pictures_per_account: rate(config.pictures_per_account, keys),
            connects_per_device: rate(config.connects_per_device, keys),
            frames_per_connection: FrameRate::new(config.frames_per_connection),
            frames_per_bot: FrameRate::new(config.frames_per_bot),
            reads_per_account: rate(config.reads_per_account, keys),
        }
    }

    /// Counts a request from this address.
    pub(crate) fn of_address(&self, address: ClientAddress, class: EndpointClass) -> Result<(), Wait> {
        if address.is_loopback() || class == EndpointClass::Health {
            return Ok(());
        }
        match class {
            EndpointClass::Auth => noted(Limit::AuthPerAddress, self.auth_per_address.check(&address))?,
            EndpointClass::Registration => noted(
                Limit::RegistrationsPerAddress,
                self.registrations_per_address.check(&address),
            )?,
            EndpointClass::Connect => noted(
                Limit::ConnectsPerAddress,
                self.connects_per_address.check(&address),
            )?,
            EndpointClass::Search
            | EndpointClass::Claim
            | EndpointClass::Blob
            | EndpointClass::Archive
            | EndpointClass::Report
            | EndpointClass::Health
            | EndpointClass::Other => {}
        }
        noted(
            Limit::RequestsPerAddress,
            self.requests_per_address.check(&address),
        )
    }

    /// Counts a request of this device, which is known to be it.
    pub(crate) fn of_device(&self, caller: DeviceAddress, class: EndpointClass) -> Result<(), Wait> {
        self.of_class(caller.account, class)?;
        noted(
            Limit::RequestsPerDevice,
            self.requests_per_device.check(&caller.device),
        )?;
        noted(
            Limit::RequestsPerAccount,
            self.requests_per_account.check(&caller.account),
        )
    }

    /// Counts a request of this account, which is known to be it, and calls without a device.
    pub(crate) fn of_account(&self, account: AccountId, class: EndpointClass) -> Result<(), Wait> {
        self.of_class(account, class)?;
        noted(
            Limit::RequestsPerAccount,
            self.requests_per_account.check(&account),
        )
    }

    fn of_class(&self, account: AccountId, class: EndpointClass) -> Result<(), Wait> {
        match class {
            EndpointClass::Search => noted(
                Limit::SearchesPerAccount,
                self.searches_per_account.check(&account),
            )?,
            EndpointClass::Claim => noted(Limit::ClaimsPerAccount, self.claims_per_account.check(&account))?,
            EndpointClass::Blob => noted(
                Limit::BlobRequestsPerAccount,
                self.blob_requests_per_account.check(&account),
            )?,
            EndpointClass::Archive => noted(
                Limit::ArchiveRequestsPerAccount,
                self.archive_requests_per_account.check(&account),
            )?,
            EndpointClass::Report => {
                noted(Limit::ReportsPerAccount, self.reports_per_account.check(&account))?;
            }
            EndpointClass::Auth
            | EndpointClass::Registration
            | EndpointClass::Connect
            | EndpointClass::Health
            | EndpointClass::Other => {}
        }
        Ok(())
    }

    /// Counts a login to this name.
    pub(crate) fn of_login(&self, name: &AccountName) -> Result<(), Wait> {
        noted(Limit::LoginsPerName, self.logins_per_name.check(name))
    }

    /// Counts a picture that this account sends for its profile.
    pub(crate) fn of_picture(&self, account: AccountId) -> Result<(), Wait> {
        noted(
            Limit::PicturesPerAccount,
            self.pictures_per_account.check(&account),
        )
    }

    /// Counts a WebSocket that this device opens.
    pub(crate) fn of_connect(&self, device: DeviceId) -> Result<(), Wait> {
        noted(Limit::ConnectsPerDevice, self.connects_per_device.check(&device))
    }

    /// Counts what was read of a WebSocket, of a bot or a person. Returns when more may be, if not now.
    pub(crate) fn of_frames(
        &self,
        is_bot: bool,
        spent: &mut Spent,
        frames: u32,
        bytes: usize,
    ) -> Option<Instant> {
        let rate = if is_bot {
            self.frames_per_bot
        } else {
            self.frames_per_connection
        };
        let until = rate.spend(spent, frames, bytes, Instant::now());
        if until.is_some() {
            METRICS.limits_hit.of(Limit::FramesPerConnection).increment();
        }
        until
    }

    /// Counts a frame for which a database is read, and waits until it may be.
    pub(crate) async fn until_read(&self, account: AccountId) {
        let mut checked = noted(Limit::ReadsPerAccount, self.reads_per_account.check(&account));
        while let Err(wait) = checked {
            tokio::time::sleep(wait.0).await;
            checked = self.reads_per_account.check(&account);
        }
    }

    /// Counts a claim of an account's KeyPackages by another account. `true` if there are so many of them that strangers are
    /// to get the last resort.
    pub(crate) fn of_claimed(&self, account: AccountId, by: AccountId) -> Result<bool, Wait> {
        if account == by {
            return Ok(false);
        }
        noted(Limit::ClaimsPerPair, self.claims_per_pair.check(&(by, account)))?;
        Ok(noted(Limit::ClaimsPerTarget, self.claims_per_target.check(&account)).is_err())
    }
}

/// Counts a limit that was hit.
fn noted(limit: Limit, checked: Result<(), Wait>) -> Result<(), Wait> {
    if checked.is_err() {
        METRICS.limits_hit.of(limit).increment();
    }
    checked
}
