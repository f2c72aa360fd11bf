//! Who is to come into a group: their profiles and KeyPackages, asked for by a task of its own.

use super::super::open_chat::Search;
use super::super::{Done, Engine, Reply};
use crate::api::{Api, ApiError};
use crate::contacts::{IdentityStatus, VerifiedUser};
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::{IntentRecord, NewGroup};
use crate::platform::Platform;
use crate::store::Changes;
use futures_util::{StreamExt as _, stream};
use sotto_crypto_core::InvitedDevice;
use sotto_protocol::rest::key_package::ClaimKeyPackages;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, AccountName, Binary, ChatId, DeviceAddress, ProblemCode, Suite, limits};
use std::collections::HashSet;

/// Accounts that are looked up together, and added by one Commit if they have a device each. Of accounts with more devices the
/// Commit adds as many as it may, and the next one the others.
pub(super) const ACCOUNTS_AT_ONCE: usize = 100;
/// Accounts that one Commit removes: with a few devices each it stays within
/// [`REMOVED_DEVICES`](sotto_protocol::limits::REMOVED_DEVICES).
const REMOVED_AT_ONCE: usize = 32;
/// Accounts that are asked for at a time.
const ASKED_AT_ONCE: usize = 8;

/// An account that is to come in.
pub(crate) struct Newcomer {
    user: User,
    key_packages: Vec<Binary>,
}

/// What was found of those who were looked up.
#[derive(Default)]
pub(crate) struct Found {
    newcomers: Vec<Newcomer>,
    /// Those that can be asked for again later, and why they were not found now.
    left: Option<(Vec<AccountName>, ApiError)>,
    /// Why another cannot be found at all.
    failure: Option<ApiError>,
}

/// What newcomers are for.
pub(crate) enum NewcomersFor {
    /// A group that is about to be made.
    Group { new: NewGroup, reply: Reply<ChatId> },
    /// Notes that are about to be made.
    Notes { reply: Reply<ChatId> },
    /// An intent of a group.
    Intent { group: ChatId, ordinal: u64 },
}

/// Intents that add accounts, so many at a time.
pub(super) fn additions(names: &[AccountName]) -> Vec<IntentRecord> {
    let batches = names.chunks(ACCOUNTS_AT_ONCE);
    batches
        .map(|names| IntentRecord::Add {
            names: names.to_vec(),
        })
        .collect()
}

/// Intents that remove accounts, so many at a time.
pub(super) fn removals(accounts: &[AccountId], bans: bool) -> Vec<IntentRecord> {
    let batches = accounts.chunks(REMOVED_AT_ONCE);
    batches
        .map(|accounts| IntentRecord::Remove {
            accounts: accounts.to_vec(),
            bans,
        })
        .collect()
}

impl<P: Platform> Engine<P> {
    /// Asks for the newcomers' profiles and KeyPackages of a suite; with `own`, for those of this account's other devices too.
    pub(super) fn ask_for_newcomers(
        &self,
        names: Vec<AccountName>,
        own: Option<AccountId>,
        suite: Suite,
        purpose: NewcomersFor,
    ) {
        let api = self.api.clone();
        self.start(async move {
            let found = ask(&api, names, own, suite).await;
            Done::Newcomers {
                purpose,
                suite,
                found,
            }
        });
    }

    /// Asks for the request of an account that wants to be let in.
    pub(super) fn ask_for_request(
        &self,
        group: ChatId,
        account: AccountId,
        suite: Suite,
        purpose: NewcomersFor,
    ) {
        let api = self.api.clone();
        self.start(async move {
            let found = match request_of(&api, group, account).await {
                Ok(newcomers) => Found {
                    newcomers,
                    ..Found::default()
                },
                Err(error) if error.is_passing() => Found {
                    left: Some((Vec::new(), error)),
                    ..Found::default()
                },
                Err(error) => Found {
                    failure: Some(error),
                    ..Found::default()
                },
            };
            Done::Newcomers {
                purpose,
                suite,
                found,
            }
        });
    }

    /// The newcomers have been looked up.
    pub(crate) async fn newcomers_read(&mut self, purpose: NewcomersFor, suite: Suite, found: Found) {
        let Found {
            newcomers,
            left,
            failure,
        } = found;
        let failure = failure.map(ClientError::from);
        let invited = match self.invite(&newcomers, suite).await {
            Ok(Invited { devices, failed }) => Ok((devices, failure.or(failed))),
            Err(error) => Err(error),
        };
        match purpose {
            // Whoever makes a chat is told at once what is wrong with those who are to be in it.
            NewcomersFor::Group { new, reply } => match whole(invited, left.map(|(_, error)| error)) {
                Ok(invited) => self.found_group(&new, &newcomers, invited, reply).await,
                Err(error) => reply.send(Err(error)),
            },
            NewcomersFor::Notes { reply } => match whole(invited, left.map(|(_, error)| error)) {
                Ok(invited) => self.found_notes(&invited, reply).await,
                Err(error) => reply.send(Err(error)),
            },
            NewcomersFor::Intent { group, ordinal } => {
                self.newcomers_of_intent(group, ordinal, invited, left.map(|(names, _)| names))
                    .await;
            }
        }
    }

    /// Those whom an intent adds were looked up, but for `left`, who are asked for again after a while.
    async fn newcomers_of_intent(
        &mut self,
        group: ChatId,
        ordinal: u64,
        invited: Result<(Vec<InvitedDevice>, Option<ClientError>), ClientError>,
        left: Option<Vec<AccountName>>,
    ) {
        let Some(chat) = self.chats.get_mut(&group) else {
            return;
        };
        let Some(intent) = chat.intents.iter_mut().find(|intent| intent.ordinal == ordinal) else {
            return;
        };
        let (devices, failure) = match invited {
            Ok(invited) => invited,
            Err(error) => return self.fail_intent(group, ordinal, error).await,
        };
        // Nor twice at different times.
        let invited = &mut intent.newcomers.invited;
        let known: HashSet<DeviceAddress> = invited.iter().map(InvitedDevice::address).collect();
        invited.extend(
            devices
                .into_iter()
                .filter(|device| !known.contains(&device.address())),
        );
        intent.failure = intent.failure.take().or(failure);
        if let Some(left) = left {
            intent.newcomers.search = Search::Open;
            if let IntentRecord::Add { names } = &mut intent.record {
                // In the store they all stay: whoever is in the group already is not added again.
                *names = left;
            }
            return self.pause(group);
        }
        intent.newcomers.search = Search::Over;
        match &intent.failure {
            Some(error) if intent.newcomers.invited.is_empty() => {
                let error = error.clone();
                self.fail_intent(group, ordinal, error).await;
            }
            Some(_) | None => self.advance(group).await,
        }
    }

    /// The devices of these accounts that can be invited: of each account but the own one there has to be one.
    async fn invite(&mut self, newcomers: &[Newcomer], suite: Suite) -> Result<Invited, ClientError> {
        let me = self
            .me
            .as_ref()
            .map(super::super::Me::address)
            .ok_or(ClientError::NotLoggedIn)?;
        let mut changes = Changes::new();
        let mut invited = Invited::default();
        for newcomer in newcomers {
            match self.invite_one(newcomer, suite, me, &mut changes) {
                Ok(devices) => invited.devices.extend(devices),
                Err(error) => invited.failed = invited.failed.or(Some(error)),
            }
        }
        // A server that hands out a device twice would make a Commit that nobody takes.
        let mut seen = HashSet::from([me]);
        invited.devices.retain(|device| seen.insert(device.address()));
        self.write(changes).await?;
        self.publish();
        Ok(invited)
    }

    fn invite_one(
        &mut self,
        newcomer: &Newcomer,
        suite: Suite,
        me: DeviceAddress,
        changes: &mut Changes,
    ) -> Result<Vec<InvitedDevice>, ClientError> {
        let now = self.now();
        let verified = self.contacts.verify(newcomer.user.clone())?;
        let account = verified.user.account;
        self.check_identity(&verified)?;
        let devices: Vec<InvitedDevice> = newcomer
            .key_packages
            .iter()
            .filter_map(|key_package| {
                InvitedDevice::verify(
                    key_package.as_slice(),
                    suite,
                    now,
                    verified.user.identity_key,
                    account,
                    &verified.list,
                )
                .ok()
            })
            .collect();
        if account == me.account {
            return Ok(devices);
        }
        if devices.is_empty() {
            return Err(ClientError::NoDevice);
        }
        self.contacts.observe(&verified, changes);
        Ok(devices)
    }

    fn check_identity(&self, verified: &VerifiedUser) -> Result<(), ClientError> {
        let user = &verified.user;
        let account = user.account;
        let own = self
            .me
            .as_ref()
            .filter(|me| me.account == account)
            .map(|me| me.device.credential().identity_key);
        let changed = match own {
            Some(own) => own != user.identity_key,
            None => {
                self.contacts
                    .identity_status(account, &user.name, user.identity_key)
                    == IdentityStatus::Changed
            }
        };
        if changed {
            self.events.emit(&Event::IdentityChanged { account });
            return Err(ClientError::IdentityChanged { account });
        }
        Ok(())
    }
}

/// Those who can be invited, and why somebody else cannot.
#[derive(Default)]
struct Invited {
    devices: Vec<InvitedDevice>,
    failed: Option<ClientError>,
}

/// All of them, or why it is not all.
fn whole(
    invited: Result<(Vec<InvitedDevice>, Option<ClientError>), ClientError>,
    left: Option<ApiError>,
) -> Result<Vec<InvitedDevice>, ClientError> {
    let (invited, failure) = invited?;
    match failure.or(left.map(ClientError::from)) {
        Some(error) => Err(error),
        None => Ok(invited),
    }
}

/// So many of the invited, from the first on, as one Commit can add: each account with all its devices.
pub(super) fn fitting(invited: &[InvitedDevice]) -> &[InvitedDevice] {
    let mut fitting = 0;
    for account in invited.chunk_by(|one, next| one.address().account == next.address().account) {
        if fitting + account.len() > limits::ADDED_DEVICES {
            break;
        }
        fitting += account.len();
    }
    invited.get(..fitting).unwrap_or_default()
}

impl Newcomer {
    /// What the server calls the account.
    pub(super) fn name(&self) -> &AccountName {
        &self.user.name
    }

    pub(super) fn account(&self) -> AccountId {
        self.user.account
    }
}

/// Looks up all of them, some at a time. One who cannot be found keeps nobody else from it.
async fn ask<P: Platform>(
    api: &Api<P>,
    names: Vec<AccountName>,
    own: Option<AccountId>,
    suite: Suite,
) -> Found {
    let mut found = Found::default();
    let mut asked = stream::iter(names)
        .map(|name| async move {
            let newcomer = newcomer(api, &name, suite).await;
            (name, newcomer)
        })
        .buffered(ASKED_AT_ONCE);
    while let Some((name, result)) = asked.next().await {
        match result {
            Ok(newcomer) => found.newcomers.push(newcomer),
            Err(error) if error.is_passing() => match &mut found.left {
                Some((left, _)) => left.push(name),
                None => found.left = Some((vec![name], error)),
            },
            Err(error) => found.failure = found.failure.or(Some(error)),
        }
    }
    if let Some(own) = own {
        match own_devices(api, own, suite).await {
            Ok(newcomer) => found.newcomers.extend(newcomer),
            Err(error) => found.failure = found.failure.or(Some(error)),
        }
    }
    found
}

async fn newcomer<P: Platform>(api: &Api<P>, name: &AccountName, suite: Suite) -> Result<Newcomer, ApiError> {
    let user = api.user(name).await?;
    claimed(api, user, suite).await
}

/// This account's other devices, if it has any.
async fn own_devices<P: Platform>(
    api: &Api<P>,
    own: AccountId,
    suite: Suite,
) -> Result<Option<Newcomer>, ApiError> {
    let user = api.user_by_id(own).await?;
    let devices = user.device_list.claimed().map_or(0, |list| list.devices.len());
    if devices > 1 {
        Ok(Some(claimed(api, user, suite).await?))
    } else {
        Ok(None)
    }
}

/// What an account has asked with: nobody, if it asks no more.
async fn request_of<P: Platform>(
    api: &Api<P>,
    group: ChatId,
    account: AccountId,
) -> Result<Vec<Newcomer>, ApiError> {
    let requests = api.join_requests(group).await?.requests;
    let Some(request) = requests.into_iter().find(|request| request.account == account) else {
        return Ok(Vec::new());
    };
    let user = api.user_by_id(account).await?;
    Ok(vec![Newcomer {
        user,
        key_packages: vec![request.key_package],
    }])
}

async fn claimed<P: Platform>(api: &Api<P>, user: User, suite: Suite) -> Result<Newcomer, ApiError> {
    let request = ClaimKeyPackages {
        account: user.account,
        suite,
    };
    let claimed = match api.claim_key_packages(&request).await {
        Ok(claimed) => claimed.key_packages,
        // Of an own device that has none nothing is lost: it joins alone.
        Err(error) if error.code() == Some(ProblemCode::NoKeyPackage) => Vec::new(),
        Err(error) => return Err(error),
    };
    let key_packages = claimed.into_iter().map(|claimed| claimed.key_package).collect();
    Ok(Newcomer { user, key_packages })
}
