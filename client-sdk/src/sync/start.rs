//! Beginning a direct chat: who is it, has one begun already, KeyPackages, a group, the server. The engine does what
//! touches state; tasks of their own do what takes the network's time.

use super::group::Founding;
use super::join::WELCOME_PATIENCE;
use super::key_packages::SUITE;
use super::{Creation, Done, Engine, Input, OpenChat, Reply};
use crate::api::{Api, ApiError};
use crate::chats::{CreationOf, CreationRequest, KindRecord, Stage};
use crate::contacts::{IdentityStatus, Subject, Verdict, VerifiedUser};
use crate::error::ClientError;
use crate::events::Event;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_crypto_core::{InvitedDevice, verify_device_list};
use sotto_protocol::chat_rules::Party;
use sotto_protocol::rest::chat::ChatCreated;
use sotto_protocol::rest::key_package::{ClaimKeyPackages, KeyPackagesClaimed};
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, AccountName, ChatId, ChatRules, ProblemCode};

/// A chat that is about to begin.
pub(crate) struct Starting {
    /// Who waits for it.
    pub(crate) reply: Reply<ChatId>,
    /// With whom, once that is known.
    pub(crate) with: Option<VerifiedUser>,
}

/// What a new chat's group is made of.
pub(crate) struct Claimed {
    /// KeyPackages of the other account's devices.
    pub(crate) theirs: KeyPackagesClaimed,
    /// KeyPackages of this account's other devices.
    pub(crate) own: KeyPackagesClaimed,
    /// This account's profile, with the devices that it has.
    pub(crate) own_profile: User,
}

impl<P: Platform> Engine<P> {
    /// Begins with looking the other account up.
    pub(crate) async fn start_chat(&mut self, name: AccountName, reply: Reply<ChatId>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        match self.me.as_ref().filter(|_| self.logged_in) {
            None => return reply.send(Err(ClientError::NotLoggedIn)),
            Some(me) if me.name == name => return reply.send(Err(ClientError::WithOneself)),
            Some(_) => {}
        }
        let api = self.api.clone();
        let starting = Starting { reply, with: None };
        self.start(async move {
            let result = api.user(&name).await;
            Done::Person { starting, result }
        });
    }

    /// The other account is known: its identity is held against what was known before.
    pub(crate) async fn person_read(&mut self, mut starting: Starting, result: Result<User, ApiError>) {
        match self.check_person(result).await {
            Err(error) => starting.reply.send(Err(error)),
            Ok(verified) => {
                let account = verified.user.account;
                if self.contacts.verdicts().of(Subject::Account(account)) == Some(Verdict::Blocked) {
                    return starting.reply.send(Err(ClientError::Blocked));
                }
                if let Some(chat) = self.chat_with(account) {
                    return starting.reply.send(Ok(chat));
                }
                if let Some(chat) = self.creation_with(account) {
                    return self.wait_for_creation(chat, starting.reply);
                }
                starting.with = Some(verified);
                let own = self.me.as_ref().map(|me| me.account);
                let api = self.api.clone();
                self.start(async move {
                    let result = match own {
                        Some(own) => claim(&api, account, own).await,
                        None => Err(ApiError::NotLoggedIn),
                    };
                    Done::Claimed { starting, result }
                });
            }
        }
    }

    async fn check_person(&mut self, result: Result<User, ApiError>) -> Result<VerifiedUser, ClientError> {
        let verified = self.contacts.verify(result?)?;
        let user = &verified.user;
        let account = user.account;
        if self.me.as_ref().map(|me| me.account) == Some(account) {
            return Err(ClientError::WithOneself);
        }
        let status = self
            .contacts
            .identity_status(account, &user.name, user.identity_key);
        if status != IdentityStatus::New {
            let mut changes = Changes::new();
            self.contacts.observe(&verified, &mut changes);
            self.write(changes).await?;
            self.publish();
        }
        if status == IdentityStatus::Changed {
            // Kept, so that it can be accepted.
            self.events.emit(&Event::IdentityChanged { account });
            return Err(ClientError::IdentityChanged { account });
        }
        Ok(verified)
    }

    /// KeyPackages are here: the group is made and written, then offered to the server.
    pub(crate) async fn key_packages_claimed(
        &mut self,
        starting: Starting,
        result: Result<Claimed, ApiError>,
    ) {
        let Starting { reply, with } = starting;
        let Some(with) = with else {
            return;
        };
        let account = with.user.account;
        // The other account may have begun one meanwhile.
        if let Some(chat) = self.chat_with(account) {
            return reply.send(Ok(chat));
        }
        if let Some(chat) = self.creation_with(account) {
            return self.wait_for_creation(chat, reply);
        }
        let made = match result {
            Ok(claimed) => self.make_group(&with, &claimed).await,
            Err(error) => Err(error.into()),
        };
        match made {
            Ok(chat) => self.wait_for_creation(chat, reply),
            Err(error) => reply.send(Err(error)),
        }
    }

    async fn make_group(&mut self, with: &VerifiedUser, claimed: &Claimed) -> Result<ChatId, ClientError> {
        let invited = self.invited(with, claimed)?;
        let me = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?;
        let peer = Party {
            account: with.user.account,
            identity_key: with.user.identity_key,
        };
        let rules = ChatRules::direct(Party::from(me.device.credential()), peer)
            .map_err(|_| ClientError::WithOneself)?;
        let founding = Founding {
            id: ChatId::from_bytes(self.random()),
            suite: SUITE,
            rules,
            kind: KindRecord::Direct { peer: peer.account },
            of: CreationOf::Direct(peer.account),
        };
        let id = founding.id;
        let mut changes = Changes::new();
        self.contacts.observe(with, &mut changes);
        self.contacts
            .decide(Subject::Account(peer.account), Verdict::Accepted, &mut changes);
        self.found(founding, &invited, changes, |_, _| ()).await?;
        self.share_records(None).await;
        Ok(id)
    }

    /// The devices to invite: those whose KeyPackage holds. Of the other account there has to be one; an own device that
    /// cannot be invited joins alone.
    fn invited(&self, with: &VerifiedUser, claimed: &Claimed) -> Result<Vec<InvitedDevice>, ClientError> {
        let now = self.now();
        let me = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?;
        let user = &with.user;
        let theirs = claimed.theirs.key_packages.iter().filter_map(|claimed| {
            let key_package = claimed.key_package.as_slice();
            InvitedDevice::verify(
                key_package,
                SUITE,
                now,
                user.identity_key,
                user.account,
                &with.list,
            )
            .ok()
        });
        let mut invited: Vec<InvitedDevice> = theirs.collect();
        if invited.is_empty() {
            return Err(ClientError::NoDevice);
        }
        let identity_key = me.device.credential().identity_key;
        let own_list = verify_device_list(&claimed.own_profile.device_list, me.account, identity_key, 0)
            .map_err(|_| ClientError::Untrusted("one's own device list does not hold"))?;
        let own = claimed.own.key_packages.iter().filter_map(|claimed| {
            let key_package = claimed.key_package.as_slice();
            InvitedDevice::verify(key_package, SUITE, now, identity_key, me.account, &own_list).ok()
        });
        invited.extend(own);
        // A server that hands out a device twice would make a group that nobody can join.
        let mut seen = std::collections::HashSet::from([me.address()]);
        invited.retain(|device| seen.insert(device.address()));
        Ok(invited)
    }

    /// The chat that this device is creating with an account.
    pub(crate) fn creation_with(&self, account: AccountId) -> Option<ChatId> {
        let mut with = self
            .creations
            .iter()
            .filter(|(_, creation)| creation.record.with() == Some(account));
        with.next().map(|(&chat, _)| chat)
    }

    /// [`Engine::flush`], after whose failure memory is read anew.
    pub(super) async fn write(&mut self, changes: Changes) -> Result<(), ClientError> {
        self.flush(changes).await.map_err(|error| {
            self.store_failed();
            error.into()
        })
    }

    pub(crate) fn wait_for_creation(&mut self, chat: ChatId, reply: Reply<ChatId>) {
        if let Some(creation) = self.creations.get_mut(&chat) {
            creation.waiting.push(reply);
        }
        self.create_on_server(chat);
    }

    /// Offers a chat to the server, unless that is under way: the same request after a crash.
    pub(crate) fn create_on_server(&mut self, id: ChatId) {
        let Some(creation) = self.creations.get_mut(&id) else {
            return;
        };
        if core::mem::replace(&mut creation.in_flight, true) {
            return;
        }
        let request = creation.record.clone().into_request();
        let api = self.api.clone();
        self.start(async move {
            let result = match &request {
                CreationRequest::Direct(request) => api.create_chat(id, request).await,
                CreationRequest::Group(request) => api.create_group(id, request).await,
            };
            Done::Created { chat: id, result }
        });
    }

    /// The server has answered.
    pub(crate) async fn chat_created(&mut self, id: ChatId, result: Result<ChatCreated, ApiError>) {
        let Some(creation) = self.creations.get_mut(&id) else {
            return;
        };
        creation.in_flight = false;
        match result {
            Ok(_) => self.creation_confirmed(id).await,
            Err(error) if error.is_passing() => {
                // It stays, and is offered again on the next connection.
                self.fail_creation(id, &error.into());
            }
            Err(error) => {
                let existing = Self::existing_chat(&error);
                let waiting = self.drop_creation(id).await;
                if let Some(existing) = existing {
                    self.wait_for_chat(existing, waiting);
                    return;
                }
                let error = match error.code() {
                    // A device was removed, or another made, between the claim and this.
                    Some(ProblemCode::MembershipRefused) => ClientError::NoDevice,
                    _ => error.into(),
                };
                for reply in waiting {
                    reply.send(Err(error.clone()));
                }
            }
        }
    }

    async fn creation_confirmed(&mut self, id: ChatId) {
        let Some(Creation { waiting, .. }) = self.creations.remove(&id) else {
            return;
        };
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        chat.record.stage = Stage::Member;
        let peer = chat.record.kind.peer();
        let mut changes = Changes::new();
        changes.delete(record_key::creation(id));
        chat.write_to(&mut changes);
        if let Err(error) = self.write(changes).await {
            for reply in waiting {
                reply.send(Err(error.clone()));
            }
            return;
        }
        self.chats.insert(id, chat);
        self.became_member(id, peer);
        for reply in waiting {
            reply.send(Ok(id));
        }
        self.advance(id).await;
    }

    fn fail_creation(&mut self, id: ChatId, error: &ClientError) {
        if let Some(creation) = self.creations.get_mut(&id) {
            for reply in core::mem::take(&mut creation.waiting) {
                reply.send(Err(error.clone()));
            }
        }
    }

    /// Drops a chat that the server has refused, with its group; gives back who waits for it.
    async fn drop_creation(&mut self, id: ChatId) -> Vec<Reply<ChatId>> {
        let Some(Creation { waiting, .. }) = self.creations.remove(&id) else {
            return Vec::new();
        };
        self.chats.remove(&id);
        let mut changes = Changes::new();
        changes.delete(record_key::creation(id));
        changes.delete(record_key::chat(id));
        changes.delete(record_key::group_key(id));
        if self.delete_group(id, &mut changes).await.is_err() {
            self.store_failed();
        } else {
            // What could not be deleted is offered again, and refused again.
            let _ = self.write(changes).await;
        }
        waiting
    }

    /// Answers once this device is in a chat that another one began.
    fn wait_for_chat(&mut self, id: ChatId, waiting: Vec<Reply<ChatId>>) {
        let member = |chat: &OpenChat| chat.record.stage == Stage::Member;
        if self.chats.get(&id).is_some_and(member) {
            for reply in waiting {
                reply.send(Ok(id));
            }
            return;
        }
        self.awaited.entry(id).or_default().extend(waiting);
        self.later(WELCOME_PATIENCE, Input::WelcomeOverdue(id));
    }
}

async fn claim<P: Platform>(api: &Api<P>, account: AccountId, own: AccountId) -> Result<Claimed, ApiError> {
    let of = |account| ClaimKeyPackages {
        account,
        suite: SUITE,
    };
    let theirs = api.claim_key_packages(&of(account)).await?;
    let own_profile = api.user_by_id(own).await?;
    let own_devices = own_profile
        .device_list
        .claimed()
        .map_or(0, |list| list.devices.len());
    let own = if own_devices > 1 {
        api.claim_key_packages(&of(own)).await?
    } else {
        KeyPackagesClaimed {
            key_packages: Vec::new(),
        }
    };
    Ok(Claimed {
        theirs,
        own,
        own_profile,
    })
}
