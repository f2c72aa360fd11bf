//! Intents become Commits: made in the epoch that is, and made anew in the next one if another's Commit came first.

use super::super::inbox::Work;
use super::super::open_chat::{Intent, OpenError, Search, Turn};
use super::super::outbox::{Outgoing, enqueue};
use super::super::{Engine, OpenChat, put_group_changes};
use super::NewcomersFor;
use super::newcomers::fitting;
use super::requests::keep_approval;
use crate::chats::{GroupRecord, PendingCommitRecord, PendingReason};
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::{Approvers, GroupSettings, IntentRecord, JoinPolicy, ProfileEdit};
use crate::messages::QueuedBody;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_crypto_core::secret::SecretBytes;
use sotto_crypto_core::{Chat, ChatError, InvitedDevice, NotAllowed, PendingCommit, Plan};
use sotto_protocol::chat_rules::{Member, Party, RuleViolation};
use sotto_protocol::{
    AccountId, Approval, ChatId, DeviceAddress, DeviceCredential, Evidence, GroupRules, Invitation,
    InvitationKey, MessageId, ProblemCode, Timestamp, limits,
};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of an intent in the group as it is now.
enum Step {
    /// This Commit carries it out.
    Commit(Box<Plan>),
    /// A new profile carries it out, with this change.
    Say(ProfileEdit),
    /// It is so already.
    Done,
    /// It cannot be.
    Impossible(ClientError),
}

impl<P: Platform> Engine<P> {
    /// Asks for what the next intent needs, unless that was done.
    pub(crate) async fn prepare_intent(&mut self, id: ChatId) {
        let lacks_nothing = |intent: &Intent| intent.is_ready() || intent.newcomers.search != Search::Open;
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        if chat.intents.front().is_none_or(lacks_nothing) {
            self.chats.insert(id, chat);
            return;
        }
        // The KeyPackages have to be of the group's suite.
        match chat.open(&self.surroundings.records).await {
            Ok(()) => {}
            Err(OpenError::Group) => {
                chat.line.lost = true;
                self.chats.insert(id, chat);
                return self.join(id);
            }
            Err(OpenError::Records(_)) => return self.store_failed(),
        }
        self.ask_for_intent(&mut chat);
        self.chats.insert(id, chat);
    }

    fn ask_for_intent(&self, chat: &mut OpenChat) {
        let id = chat.id;
        let (Some(suite), Some(intent)) = (chat.group.as_ref().map(Chat::suite), chat.intents.front_mut())
        else {
            return;
        };
        let Intent {
            ordinal,
            record,
            newcomers,
            ..
        } = intent;
        let purpose = NewcomersFor::Intent {
            group: id,
            ordinal: *ordinal,
        };
        match record {
            IntentRecord::Add { names } => {
                newcomers.search = Search::Asked;
                self.ask_for_newcomers(names.clone(), None, suite, purpose);
            }
            IntentRecord::Admit { account } => {
                newcomers.search = Search::Asked;
                self.ask_for_request(id, *account, suite, purpose);
            }
            IntentRecord::PublishProfile => {
                newcomers.search = Search::Asked;
                let ordinal = *ordinal;
                self.publish_profile(chat, ordinal);
            }
            IntentRecord::Remove { .. }
            | IntentRecord::Settings(_)
            | IntentRecord::RemoveDevice(_)
            | IntentRecord::Invite(_)
            | IntentRecord::Revoke(_)
            | IntentRecord::Describe(_) => {}
        }
    }

    /// Makes the next Commit that the chat wants. Nothing of this device is in flight.
    pub(crate) async fn commit_next(&mut self, id: ChatId) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        match chat.open(&self.surroundings.records).await {
            Ok(()) => {}
            Err(OpenError::Group) => {
                chat.line.lost = true;
                self.chats.insert(id, chat);
                return self.join(id);
            }
            Err(OpenError::Records(_)) => return self.store_failed(),
        }
        let Ok(secret) = self.group_key_for_next(&chat).await else {
            return self.store_failed();
        };
        let mut work = Work::new();
        self.make_commit(&mut chat, secret.as_ref(), &mut work);
        chat.write_to(&mut work.changes);
        let replies = core::mem::take(&mut work.replies);
        if self.flush(work.changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        for event in &work.events {
            self.events.emit(event);
        }
        for (reply, result) in replies {
            reply.send(result);
        }
        self.advance_again(id).await;
    }

    fn make_commit(&mut self, chat: &mut OpenChat, secret: Option<&SecretBytes>, work: &mut Work) {
        if chat.line.departures == Turn::Due {
            chat.line.departures = Turn::None;
            if self.commit_departures(chat, work) {
                return;
            }
        }
        if !chat.has_next_intent() {
            return;
        }
        let Some(intent) = chat.intents.front_mut() else {
            return;
        };
        let Some(group) = chat.group.as_mut() else {
            return;
        };
        let (ordinal, now) = (intent.ordinal, self.now());
        let approvals = match chat.record.group_mut() {
            Some(record) => {
                forget_void_approvals(record, group, intent);
                record.approvals.clone()
            }
            None => Vec::new(),
        };
        let Some(own) = self.me.as_ref().map(|me| me.account) else {
            return;
        };
        match step(group, intent, &approvals, own, now) {
            Step::Done => finish_intent(chat, ordinal, &Ok(()), work),
            Step::Impossible(error) => finish_intent(chat, ordinal, &Err(error), work),
            Step::Say(edit) => self.say_profile(chat, ordinal, edit, secret, work),
            Step::Commit(plan) => {
                let Some(me) = &self.me else {
                    return;
                };
                match group.commit(&mut self.rng, &me.device, &plan) {
                    Ok(commit) => {
                        let message = MessageId::from_bytes(self.random());
                        put_pending(chat, message, Some(ordinal), commit, &mut work.changes);
                    }
                    Err(ChatError::NotAllowed(NotAllowed::Rule(RuleViolation::NotApproved { .. })))
                        if matches!(intent.record, IntentRecord::Admit { .. }) =>
                    {
                        self.approve(chat, ordinal, work);
                    }
                    Err(ChatError::NotAllowed(reason)) => {
                        finish_intent(chat, ordinal, &Err(reason.into()), work);
                    }
                    // A group that cannot commit at all is joined anew, and the intent waits for that. One that can, cannot
                    // do this.
                    Err(_) => {
                        let commits = group.self_update(&mut self.rng, &me.device).is_ok()
                            && group.discard_commit().is_ok();
                        if commits {
                            let error = ClientError::Failed("MLS does not allow this change");
                            finish_intent(chat, ordinal, &Err(error), work);
                        } else {
                            chat.line.lost = true;
                        }
                    }
                }
            }
        }
    }

    /// This account's approval is not enough to let a newcomer in: it is told to the other members.
    fn approve(&mut self, chat: &mut OpenChat, ordinal: u64, work: &mut Work) {
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let newcomer = chat
            .intents
            .front()
            .and_then(|intent| intent.newcomers.invited.first());
        let (Some(me), Some(group), Some(newcomer)) = (&self.me, &chat.group, newcomer) else {
            return;
        };
        let counts = group.rules().as_group().is_some_and(|rules| {
            rules.join_policy
                != JoinPolicy::Approval {
                    by: Approvers::AnyAdmin,
                }
        });
        let account = newcomer.address().account;
        let given = match group.approve(&me.device, newcomer) {
            Ok(approval) if counts => approval,
            Ok(_) | Err(_) => {
                let reason = NotAllowed::Rule(RuleViolation::NotApproved { account });
                return finish_intent(chat, ordinal, &Err(ClientError::NotAllowed(reason)), work);
            }
        };
        let from = me.address();
        if keep_approval(chat, given) {
            let body = QueuedBody::Approval(given);
            enqueue(chat, from, Outgoing::kept(message, body), now, &mut work.changes);
            work.events.push(Event::JoinRequestsChanged { chat: chat.id });
        }
        finish_intent(chat, ordinal, &Ok(()), work);
    }

    /// Takes those out of the group who have said that they leave. `false` if there is nobody.
    fn commit_departures(&mut self, chat: &mut OpenChat, work: &mut Work) -> bool {
        let departures = chat
            .record
            .group()
            .map(|group| group.departures.clone())
            .unwrap_or_default();
        let (Some(me), Some(group)) = (&self.me, chat.group.as_mut()) else {
            return false;
        };
        let mut valid: Vec<_> = departures
            .into_iter()
            .filter(|departure| group.verify_departure(departure).is_ok())
            .collect();
        if let Some(record) = chat.record.group_mut() {
            record.departures.clone_from(&valid);
        }
        if valid.is_empty() {
            return false;
        }
        // As many as one Commit can remove; the others are taken out after it.
        let members = group.members();
        let mut devices = 0;
        valid.retain(|departure| {
            let account = departure.by.account;
            devices += members.iter().filter(|member| member.account == account).count();
            devices <= limits::REMOVED_DEVICES
        });
        match group.let_go(&mut self.rng, &me.device, valid) {
            Ok(commit) => {
                let message = MessageId::from_bytes(self.random());
                put_pending(chat, message, None, commit, &mut work.changes);
                true
            }
            // Somebody else does it.
            Err(ChatError::NotAllowed(_)) => false,
            Err(_) => {
                chat.line.lost = true;
                true
            }
        }
    }

    /// An intent will not be carried out.
    pub(crate) async fn fail_intent(&mut self, id: ChatId, ordinal: u64, error: ClientError) {
        self.end_intent(id, ordinal, Err(error)).await;
    }

    /// An intent is done, or will never be: writes it, tells whoever waits for it, and goes on.
    pub(super) async fn end_intent(&mut self, id: ChatId, ordinal: u64, result: Result<(), ClientError>) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let mut work = Work::new();
        finish_intent(&mut chat, ordinal, &result, &mut work);
        if self.flush(core::mem::take(&mut work.changes)).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.tell(work);
        self.advance_again(id).await;
    }

    /// The server does not take the Commit of an intent at all.
    pub(crate) async fn intent_refused(&mut self, id: ChatId, ordinal: Option<u64>, code: ProblemCode) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let mut changes = Changes::new();
        match chat.open(&self.surroundings.records).await {
            Ok(()) => chat.discard_commit(&mut changes),
            Err(OpenError::Group) => chat.line.lost = true,
            Err(OpenError::Records(_)) => return self.store_failed(),
        }
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        match ordinal {
            Some(ordinal) => {
                let problem = sotto_protocol::Problem::new(code);
                self.fail_intent(id, ordinal, problem.into()).await;
            }
            None => self.advance_again(id).await,
        }
    }
}

/// Writes down a Commit before it is sent.
fn put_pending(
    chat: &mut OpenChat,
    message: MessageId,
    intent: Option<u64>,
    commit: PendingCommit,
    changes: &mut Changes,
) {
    let PendingCommit {
        commit,
        group_info,
        welcome,
        added,
        removed,
    } = commit;
    let pending = PendingCommitRecord {
        message,
        reason: PendingReason::Change {
            intent,
            added,
            removed,
        },
        commit: commit.into(),
        group_info: group_info.into(),
        welcome: welcome.map(Into::into),
    };
    changes.put(record_key::pending_commit(chat.id), &pending);
    if let Some(group) = &mut chat.group {
        put_group_changes(chat.id, group.take_changes(), changes);
    }
    chat.pending = Some(pending);
}

/// An intent is done, or will never be: whoever waits for it is told when that is written.
pub(crate) fn finish_intent(
    chat: &mut OpenChat,
    ordinal: u64,
    result: &Result<(), ClientError>,
    work: &mut Work,
) {
    let place = chat.intents.iter().position(|intent| intent.ordinal == ordinal);
    let Some(intent) = place.and_then(|place| chat.intents.remove(place)) else {
        return;
    };
    work.changes.delete(record_key::intent(chat.id, ordinal));
    let result = match (result, &intent.failure) {
        (Ok(()), Some(failure)) => &Err(failure.clone()),
        _ => result,
    };
    if let Err(error) = result
        && intent.waiting.is_empty()
    {
        // Nobody waits any more who would be told otherwise: it was asked for before a restart.
        work.events.push(Event::IntentFailed {
            chat: chat.id,
            error: error.clone(),
        });
    }
    work.replies
        .extend(intent.waiting.into_iter().map(|reply| (reply, result.clone())));
}

fn step(group: &Chat, intent: &Intent, approvals: &[Approval], own: AccountId, now: Timestamp) -> Step {
    match &intent.record {
        IntentRecord::Admit { .. } => admit(group, &intent.newcomers.invited, approvals),
        IntentRecord::Add { .. } => add(group, &intent.newcomers.invited),
        // Whoever wants to go leaves.
        IntentRecord::Remove { accounts, .. } if accounts.contains(&own) => Step::Impossible(
            ClientError::InvalidGroup("nobody can remove oneself: leave the group instead"),
        ),
        IntentRecord::Remove { accounts, bans } => remove(group, accounts, *bans),
        IntentRecord::Settings(settings) => set(group, settings, now),
        IntentRecord::Invite(invitation) => invite(group, *invitation, now),
        IntentRecord::Revoke(key) => revoke(group, *key, now),
        IntentRecord::Describe(edit) => Step::Say(edit.clone()),
        // Never ready: it is for the server alone.
        IntentRecord::PublishProfile => Step::Done,
        IntentRecord::RemoveDevice(device) => {
            let removed: Vec<DeviceAddress> = group
                .members()
                .iter()
                .map(DeviceCredential::address)
                .filter(|member| member.device == *device && member.account == own)
                .collect();
            if removed.is_empty() {
                return Step::Done;
            }
            Step::Commit(Box::new(Plan {
                removed,
                ..Plan::default()
            }))
        }
    }
}

/// Adds those who are not in the group yet, as many as one Commit can.
fn add(group: &Chat, invited: &[InvitedDevice]) -> Step {
    let members = group.members();
    let absent = absent(&members, invited);
    let most = group.suite().most_devices();
    if absent.is_empty() {
        return Step::Done;
    }
    if members.len() + absent.len() > most {
        return Step::Impossible(ClientError::GroupFull { most });
    }
    let added = fitting(&absent).to_vec();
    Step::Commit(Box::new(Plan {
        added,
        ..Plan::default()
    }))
}

/// The invited devices whose account is not in the group.
fn absent(members: &[DeviceCredential], invited: &[InvitedDevice]) -> Vec<InvitedDevice> {
    let present: BTreeSet<AccountId> = members.iter().map(|member| member.account).collect();
    invited
        .iter()
        .filter(|device| !present.contains(&device.address().account))
        .cloned()
        .collect()
}

/// The Commit of an intent was accepted: whether there is nothing left of it to do.
pub(crate) fn is_carried_out(chat: &OpenChat, ordinal: u64) -> bool {
    let intent = chat.intents.iter().find(|intent| intent.ordinal == ordinal);
    match (intent, &chat.group) {
        (Some(intent), Some(group)) if matches!(intent.record, IntentRecord::Add { .. }) => {
            absent(&group.members(), &intent.newcomers.invited).is_empty()
        }
        _ => true,
    }
}

/// Forgets the approvals that count no more, and those of a newcomer who asks no more.
fn forget_void_approvals(record: &mut GroupRecord, group: &Chat, intent: &Intent) {
    let gone = match &intent.record {
        IntentRecord::Admit { account } if intent.newcomers.invited.is_empty() => Some(*account),
        _ => None,
    };
    record.approvals.retain(|approval| {
        Some(approval.newcomer.account) != gone && group.verify_approval(approval).is_ok()
    });
}

/// As [`add`], by what others have approved.
fn admit(group: &Chat, invited: &[InvitedDevice], approvals: &[Approval]) -> Step {
    let mut step = add(group, invited);
    if let Step::Commit(plan) = &mut step {
        plan.evidence.approvals = approvals
            .iter()
            .filter(|approval| {
                invited.iter().any(|device| {
                    device.address() == approval.newcomer && device.reference() == approval.key_package
                })
            })
            .filter(|approval| group.verify_approval(approval).is_ok())
            .map(|approval| (approval.by.account, *approval))
            // One of each account, and no more than any rule asks for.
            .collect::<BTreeMap<_, _>>()
            .into_values()
            .take(limits::APPROVERS.into())
            .collect();
    }
    step
}

fn remove(group: &Chat, accounts: &[AccountId], bans: bool) -> Step {
    let Some(rules) = group.rules().as_group() else {
        return Step::Impossible(ClientError::NotAGroup);
    };
    let mut after = rules.clone();
    let removed: Vec<DeviceAddress> = group
        .members()
        .iter()
        .map(DeviceCredential::address)
        .filter(|member| accounts.contains(&member.account))
        .collect();
    let gone: BTreeSet<AccountId> = removed.iter().map(|member| member.account).collect();
    after.note_removal(gone);
    if bans {
        for account in accounts {
            after.ban(*account);
        }
    }
    if after == *rules && removed.is_empty() {
        return Step::Done;
    }
    Step::Commit(Box::new(Plan {
        removed,
        rules: Some(after),
        evidence: Evidence::default(),
        ..Plan::default()
    }))
}

/// The group's rules with this invitation.
fn invite(group: &Chat, invitation: Invitation, now: Timestamp) -> Step {
    let Some(rules) = group.rules().as_group() else {
        return Step::Impossible(ClientError::NotAGroup);
    };
    if rules.invitations.contains(&invitation) {
        return Step::Done;
    }
    let mut after = rules.clone();
    after.invite(invitation);
    after.forget_expired_invitations(now);
    if !after.invitations.contains(&invitation) {
        return Step::Impossible(ClientError::InvalidGroup(
            "the invite link was over before it was made",
        ));
    }
    if after.invitations.len() > limits::INVITATIONS {
        return Step::Impossible(ClientError::InvalidGroup(
            "the group has as many invite links as it may: revoke one first",
        ));
    }
    ruling(after)
}

/// The group's rules without the invitation.
fn revoke(group: &Chat, key: InvitationKey, now: Timestamp) -> Step {
    let Some(rules) = group.rules().as_group() else {
        return Step::Impossible(ClientError::NotAGroup);
    };
    if rules.invitations.iter().all(|known| known.key != key) {
        return Step::Done;
    }
    let mut after = rules.clone();
    after.revoke(key);
    after.forget_expired_invitations(now);
    ruling(after)
}

fn ruling(rules: GroupRules) -> Step {
    Step::Commit(Box::new(Plan {
        rules: Some(rules),
        ..Plan::default()
    }))
}

fn set(group: &Chat, settings: &GroupSettings, now: Timestamp) -> Step {
    let Some(rules) = group.rules().as_group() else {
        return Step::Impossible(ClientError::NotAGroup);
    };
    let GroupSettings {
        join_policy,
        is_listed,
        retention,
        history,
        roles,
        unbanned,
    } = settings;
    let mut after = rules.clone();
    after.join_policy = join_policy.unwrap_or(after.join_policy);
    after.is_listed = is_listed.unwrap_or(after.is_listed);
    after.retention = retention.unwrap_or(after.retention);
    after.history = history.unwrap_or(after.history);
    after.banned.retain(|account| !unbanned.contains(account));
    let members = group.members();
    for (account, role) in roles {
        let Some(member) = members.iter().find(|member| member.account == *account) else {
            return Step::Impossible(ClientError::NotAllowed(NotAllowed::Rule(
                RuleViolation::AbsentOfficer { account: *account },
            )));
        };
        if after.role_of(&Member::from(member)) != *role {
            after.appoint(Party::from(member), *role);
        }
    }
    if after == *rules {
        return Step::Done;
    }
    after.forget_expired_invitations(now);
    ruling(after)
}
