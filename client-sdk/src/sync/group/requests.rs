//! Requests to be let into a group: made, shown, approved, and carried out once enough have approved.

use super::super::inbox::Work;
use super::super::open_chat::Turn;
use super::super::{Done, Engine, Input, OpenChat, Reply};
use crate::api::{Api, ApiError};
use crate::chats::Stage;
use crate::contacts::{Subject, Verdict};
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::{IntentRecord, JoinPolicy, JoinRequest};
use crate::platform::Platform;
use crate::store::Changes;
use sotto_protocol::rest::group::{AskToJoin, Group, JoinRequests};
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, Approval, Binary, ChatId, DeviceCredential, ProblemCode, limits};
use std::collections::{BTreeSet, HashSet};

/// Approvals of one account that are kept for one group: as many as requests can wait.
const APPROVALS: usize = limits::JOIN_REQUESTS;

impl<P: Platform> Engine<P> {
    /// Begins with what the group's suite is.
    pub(super) async fn start_asking(&mut self, id: ChatId, reply: Reply<()>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        if !self.logged_in {
            return reply.send(Err(ClientError::NotLoggedIn));
        }
        let api = self.api.clone();
        self.start(async move {
            let result = api.group(id).await;
            Done::GroupToAsk { reply, result }
        });
    }

    /// Makes a KeyPackage for this request alone, keeps its secrets, and asks.
    pub(crate) async fn ask_group(&mut self, reply: Reply<()>, result: Result<Group, ApiError>) {
        let group = match result {
            Ok(group) if group.join_policy == JoinPolicy::Open => {
                return reply.send(Err(ClientError::InvalidGroup(
                    "this group is open: it can be joined without asking",
                )));
            }
            Ok(group) => group,
            Err(error) => return reply.send(Err(error.into())),
        };
        let now = self.now();
        let Some(me) = &self.me else {
            return reply.send(Err(ClientError::NotLoggedIn));
        };
        let made = self
            .key_packages
            .generate(&mut self.rng, &me.device, group.suite, now, false);
        let Ok(key_package) = made else {
            self.store_failed();
            return reply.send(Err(ClientError::Failed("a KeyPackage could not be made")));
        };
        let mut changes = Changes::new();
        self.put_key_packages(&mut changes);
        // Whoever lets this account in does what it has asked for.
        self.contacts
            .decide(Subject::Group(group.group), Verdict::Accepted, &mut changes);
        if let Err(error) = self.write(changes).await {
            return reply.send(Err(error));
        }
        self.share_records(None).await;
        let body = AskToJoin {
            key_package: Binary::from(key_package),
        };
        let api = self.api.clone();
        self.start(async move {
            let result = api.ask_to_join(group.group, &body).await;
            Done::Answered { reply, result }
        });
    }

    /// Refuses another's request, or withdraws one's own.
    pub(super) async fn decline(&mut self, id: ChatId, account: Option<AccountId>, reply: Reply<()>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        let own = self.me.as_ref().map(|me| me.account);
        let Some(account) = account.or(own) else {
            return reply.send(Err(ClientError::NotLoggedIn));
        };
        let api = self.api.clone();
        self.start(async move {
            let result = api.delete_join_request(id, account).await;
            Done::Answered { reply, result }
        });
    }

    pub(super) async fn read_join_requests(&mut self, id: ChatId, reply: Reply<Vec<JoinRequest>>) {
        match self.take_group(id).await {
            Err(error) => reply.send(Err(error)),
            Ok(chat) => {
                self.chats.insert(id, chat);
                let api = self.api.clone();
                let known = self.contacts.with_profile();
                self.start(async move {
                    let result = read_requests(&api, id, &known).await;
                    Done::JoinRequests {
                        chat: id,
                        reply,
                        result,
                    }
                });
            }
        }
    }

    pub(crate) async fn join_requests_read(
        &mut self,
        id: ChatId,
        reply: Reply<Vec<JoinRequest>>,
        result: Result<(JoinRequests, Vec<User>), ApiError>,
    ) {
        let (requests, strangers) = match result {
            Ok((read, strangers)) => (read.requests, strangers),
            Err(error) => return reply.send(Err(error.into())),
        };
        let mut changes = Changes::new();
        for user in strangers {
            // Of a profile that does not hold nothing is shown.
            if let Ok(verified) = self.contacts.verify(user) {
                self.contacts.observe(&verified, &mut changes);
            }
        }
        if let Err(error) = self.write(changes).await {
            return reply.send(Err(error));
        }
        self.publish();
        let own = self.me.as_ref().map(|me| me.account);
        let shown: Vec<JoinRequest> = requests
            .into_iter()
            .map(|request| {
                let approving = self.approving(id, request.account);
                JoinRequest {
                    account: request.account,
                    person: self.person_of(request.account),
                    at: request.at,
                    approvals: approving.len(),
                    is_approved_here: own.is_some_and(|own| approving.contains(&own)),
                }
            })
            .collect();
        reply.send(Ok(shown));
    }

    /// The members whose approval of this newcomer counts now.
    fn approving(&self, id: ChatId, newcomer: AccountId) -> BTreeSet<AccountId> {
        let Some(chat) = self.chats.get(&id) else {
            return BTreeSet::new();
        };
        let (Some(record), Some(group)) = (chat.record.group(), &chat.group) else {
            return BTreeSet::new();
        };
        record
            .approvals
            .iter()
            .filter(|approval| approval.newcomer.account == newcomer)
            .filter(|approval| group.verify_approval(approval).is_ok())
            .map(|approval| approval.by.account)
            .collect()
    }

    /// A member has approved a newcomer.
    pub(crate) fn take_approval(
        &mut self,
        chat: &mut OpenChat,
        from: &DeviceCredential,
        approval: Approval,
        work: &mut Work,
    ) {
        let holds = approval.by == from.address()
            && chat
                .group
                .as_ref()
                .is_some_and(|group| group.verify_approval(&approval).is_ok());
        if !holds || !keep_approval(chat, approval) {
            return;
        }
        work.dirty = true;
        work.events.push(Event::JoinRequestsChanged { chat: chat.id });
        self.watch_admissions(chat);
    }

    /// Has newcomers let in whom this account and others have approved, by this device if no other is faster.
    pub(crate) fn watch_admissions(&mut self, chat: &mut OpenChat) {
        let waits = !self.admissible(chat).is_empty();
        if waits && chat.record.stage == Stage::Member && chat.line.admissions == Turn::None {
            chat.line.admissions = Turn::Waits;
            let wait = self.turn(chat);
            self.later(wait, Input::AdmissionsDue(chat.id));
        }
    }

    /// Newcomers whom this account has approved, and somebody else too.
    fn admissible(&self, chat: &OpenChat) -> BTreeSet<AccountId> {
        let (Some(record), Some(own)) = (chat.record.group(), self.me.as_ref().map(|me| me.account)) else {
            return BTreeSet::new();
        };
        let approved = |by_own: bool| -> BTreeSet<AccountId> {
            record
                .approvals
                .iter()
                .filter(|approval| (approval.by.account == own) == by_own)
                .map(|approval| approval.newcomer.account)
                .collect()
        };
        approved(true).intersection(&approved(false)).copied().collect()
    }

    pub(crate) async fn admissions_due(&mut self, id: ChatId) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        chat.line.admissions = Turn::None;
        let mut changes = Changes::new();
        for account in self.admissible(&chat) {
            let record = IntentRecord::Admit { account };
            if !chat.wants(&record) {
                chat.want(record, &mut changes);
            }
        }
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.advance(id).await;
    }
}

/// The requests to be let into a group, with the profiles of those who are not known.
async fn read_requests<P: Platform>(
    api: &Api<P>,
    group: ChatId,
    known: &HashSet<AccountId>,
) -> Result<(JoinRequests, Vec<User>), ApiError> {
    let read = api.join_requests(group).await?;
    let mut strangers = Vec::new();
    for request in &read.requests {
        if known.contains(&request.account) {
            continue;
        }
        match api.user_by_id(request.account).await {
            Ok(user) => strangers.push(user),
            // Deleted meanwhile: shown without a name.
            Err(error) if error.code() == Some(ProblemCode::UserNotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok((read, strangers))
}

/// Keeps an approval in the group's record. `false` if it is there already.
pub(super) fn keep_approval(chat: &mut OpenChat, approval: Approval) -> bool {
    let Some(record) = chat.record.group_mut() else {
        return false;
    };
    let is_known = record.approvals.iter().any(|known| {
        // The same can be signed in any number of ways.
        (known.by.account, known.newcomer, known.key_package)
            == (approval.by.account, approval.newcomer, approval.key_package)
    });
    if is_known {
        return false;
    }
    // Whoever approves very many forgets its own alone.
    let of_this_one = |known: &Approval| known.by.account == approval.by.account;
    if record.approvals.iter().filter(|known| of_this_one(known)).count() >= APPROVALS
        && let Some(oldest) = record.approvals.iter().position(of_this_one)
    {
        record.approvals.remove(oldest);
    }
    record.approvals.push(approval);
    true
}
