//! Who is to come into a group: their profiles and KeyPackages, asked for by a task of its own.

use super::super::key_packages::SUITE;
use super::super::open_chat::Newcomers;
use super::super::{Done, Engine, Reply};
use crate::api::{Api, ApiError};
use crate::contacts::{IdentityStatus, VerifiedUser};
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::{IntentRecord, NewGroup};
use crate::platform::Platform;
use crate::store::Changes;
use sotto_crypto_core::InvitedDevice;
use sotto_protocol::rest::key_package::ClaimKeyPackages;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, AccountName, Binary, ChatId, ProblemCode};
use std::collections::HashSet;

/// Accounts that one Commit adds or removes: with a few devices each it stays within
/// [`ADDED_DEVICES`](sotto_protocol::limits::ADDED_DEVICES).
pub(super) const ACCOUNTS_AT_ONCE: usize = 32;

/// An account that is to come in.
pub(crate) struct Newcomer {
    user: User,
    key_packages: Vec<Binary>,
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
    let batches = accounts.chunks(ACCOUNTS_AT_ONCE);
    batches
        .map(|accounts| IntentRecord::Remove {
            accounts: accounts.to_vec(),
            bans,
        })
        .collect()
}

impl<P: Platform> Engine<P> {
    /// Asks for the newcomers' profiles and KeyPackages; with `own`, for those of this account's other devices too.
    pub(super) fn ask_for_newcomers(
        &self,
        names: Vec<AccountName>,
        own: Option<AccountId>,
        purpose: NewcomersFor,
    ) {
        let api = self.api.clone();
        self.start(async move {
            let result = ask(&api, names, own).await;
            Done::Newcomers { purpose, result }
        });
    }

    /// Asks for the request of an account that wants to be let in.
    pub(super) fn ask_for_request(&self, group: ChatId, account: AccountId, purpose: NewcomersFor) {
        let api = self.api.clone();
        self.start(async move {
            let result = request_of(&api, group, account).await;
            Done::Newcomers { purpose, result }
        });
    }

    /// The newcomers have been looked up.
    pub(crate) async fn newcomers_read(
        &mut self,
        purpose: NewcomersFor,
        result: Result<Vec<Newcomer>, ApiError>,
    ) {
        let passing = result.as_ref().is_err_and(ApiError::is_passing);
        let invited = match result {
            Ok(newcomers) => self.invite(&newcomers).await,
            Err(error) => Err(error.into()),
        };
        match purpose {
            NewcomersFor::Group { new, reply } => match invited {
                Ok(invited) => self.found_group(&new, &invited, reply).await,
                Err(error) => reply.send(Err(error)),
            },
            NewcomersFor::Notes { reply } => match invited {
                Ok(invited) => self.found_notes(&invited, reply).await,
                Err(error) => reply.send(Err(error)),
            },
            NewcomersFor::Intent { group, ordinal } => {
                let Some(chat) = self.chats.get_mut(&group) else {
                    return;
                };
                let Some(intent) = chat.intents.iter_mut().find(|intent| intent.ordinal == ordinal) else {
                    return;
                };
                match invited {
                    Ok(invited) => {
                        intent.newcomers = Newcomers::Invited(invited);
                        self.advance(group).await;
                    }
                    // Asked again after a while.
                    Err(_) if passing => {
                        intent.newcomers = Newcomers::Unknown;
                        self.pause(group);
                    }
                    Err(error) => self.fail_intent(group, ordinal, error).await,
                }
            }
        }
    }

    /// The devices of these accounts that can be invited: of each account but the own one there has to be one.
    async fn invite(&mut self, newcomers: &[Newcomer]) -> Result<Vec<InvitedDevice>, ClientError> {
        let now = self.now();
        let me = self
            .me
            .as_ref()
            .map(super::super::Me::address)
            .ok_or(ClientError::NotLoggedIn)?;
        let mut changes = Changes::new();
        let mut invited = Vec::new();
        for newcomer in newcomers {
            let verified = self.contacts.verify(newcomer.user.clone())?;
            let account = verified.user.account;
            self.check_identity(&verified)?;
            let devices = newcomer.key_packages.iter().filter_map(|key_package| {
                InvitedDevice::verify(
                    key_package.as_slice(),
                    SUITE,
                    now,
                    verified.user.identity_key,
                    account,
                    &verified.list,
                )
                .ok()
            });
            let before = invited.len();
            invited.extend(devices);
            if account == me.account {
                continue;
            }
            if invited.len() == before {
                return Err(ClientError::NoDevice);
            }
            self.contacts.observe(&verified, &mut changes);
        }
        // A server that hands out a device twice would make a Commit that nobody takes.
        let mut seen = HashSet::from([me]);
        invited.retain(|device| seen.insert(device.address()));
        self.write(changes).await?;
        self.publish();
        Ok(invited)
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

async fn ask<P: Platform>(
    api: &Api<P>,
    names: Vec<AccountName>,
    own: Option<AccountId>,
) -> Result<Vec<Newcomer>, ApiError> {
    let mut newcomers = Vec::with_capacity(names.len() + 1);
    for name in names {
        let user = api.user(&name).await?;
        newcomers.push(claimed(api, user).await?);
    }
    if let Some(own) = own {
        let user = api.user_by_id(own).await?;
        let devices = user.device_list.claimed().map_or(0, |list| list.devices.len());
        if devices > 1 {
            newcomers.push(claimed(api, user).await?);
        }
    }
    Ok(newcomers)
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

async fn claimed<P: Platform>(api: &Api<P>, user: User) -> Result<Newcomer, ApiError> {
    let request = ClaimKeyPackages {
        account: user.account,
        suite: SUITE,
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
