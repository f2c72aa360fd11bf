//! What is decided about strangers: kept here first, then shared with the account's other devices, then carried out by the
//! server. Each round begins with what the server has, so that one that was cut off anywhere is made up for by the next.

use super::{Done, Engine, OpenChat, Reply};
use crate::account::AccountRecord;
use crate::api::{Api, ApiError};
use crate::chats::Stage;
use crate::contacts::{Reception, Subject, Verdict, Verdicts, subject};
use crate::error::ClientError;
use crate::events::Event;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::{AccountRecords, AccountRoot};
use sotto_protocol::rest::record::WriteRecord;
use sotto_protocol::{AccountId, ChatId, ProblemCode};
use zeroize::Zeroizing;

/// The name of the record that the devices share: its place is derived of it.
const RECORD: &str = "verdicts";
/// How often a record is written that other devices write at the same time.
const ATTEMPTS: usize = 8;

/// The round that is under way, and who waits for what.
#[derive(Default)]
pub(crate) struct Sharing {
    is_under_way: bool,
    /// Something was decided since the round began.
    again: bool,
    waiting: Vec<Reply<()>>,
}

impl<P: Platform> Engine<P> {
    /// Takes a request, or declines it. A group that is declined is left.
    pub(crate) async fn answer_request(&mut self, id: ChatId, verdict: Verdict, reply: Reply<()>) {
        let subject = match self.ensure_loaded().await {
            Err(error) => Err(error),
            Ok(()) => match self.chats.get(&id) {
                None => Err(ClientError::ChatNotFound),
                Some(chat) => subject(id, &chat.record.kind).ok_or(ClientError::WithOneself),
            },
        };
        let subject = match subject {
            Ok(subject) => subject,
            Err(error) => return reply.send(Err(error)),
        };
        if self.decide(&[(subject, verdict)], reply).await
            && verdict == Verdict::Declined
            && matches!(subject, Subject::Group(_))
        {
            self.leave_declined(id).await;
        }
    }

    /// Blocks an account, or accepts one that was blocked.
    pub(crate) async fn judge_account(&mut self, account: AccountId, verdict: Verdict, reply: Reply<()>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        if self.me.as_ref().is_some_and(|me| me.account == account) {
            return reply.send(Err(ClientError::WithOneself));
        }
        if self.decide(&[(Subject::Account(account), verdict)], reply).await {
            self.look_up_nameless(account);
        }
    }

    /// Leaves a group that was declined.
    pub(crate) async fn leave_declined(&mut self, id: ChatId) {
        let is_in = |chat: &OpenChat| chat.record.group().is_some() && chat.record.stage == Stage::Member;
        if self.chats.get(&id).is_some_and(is_in) {
            // What could not be left now is left on the next connection.
            let _ = self.leave_group(id).await;
        }
    }

    /// Keeps decisions and shares them. `false` if they could not be kept.
    async fn decide(&mut self, decisions: &[(Subject, Verdict)], reply: Reply<()>) -> bool {
        if !self.logged_in {
            reply.send(Err(ClientError::NotLoggedIn));
            return false;
        }
        let mut changes = Changes::new();
        let mut decided = Vec::new();
        for &(subject, verdict) in decisions {
            if self.contacts.decide(subject, verdict, &mut changes) {
                decided.push(subject);
            }
        }
        if let Err(error) = self.write(changes).await {
            reply.send(Err(error));
            return false;
        }
        self.decided(&decided).await;
        self.share_verdicts(Some(reply)).await;
        true
    }

    /// Other verdicts hold: everybody is to see it, and chats go on that had to keep still.
    async fn decided(&mut self, subjects: &[Subject]) {
        if subjects.is_empty() {
            return;
        }
        self.publish();
        let concerned: Vec<ChatId> = self
            .chats
            .values()
            .filter(|chat| subject(chat.id, &chat.record.kind).is_some_and(|about| subjects.contains(&about)))
            .map(|chat| chat.id)
            .collect();
        for chat in concerned {
            self.events.emit(&Event::ChatChanged { chat });
            self.advance(chat).await;
        }
        if subjects
            .iter()
            .any(|subject| matches!(subject, Subject::Account(_)))
        {
            self.events.emit(&Event::BlockedChanged);
        }
    }

    /// Whether nothing of this device's own accord is to be sent in a chat: it waits as a request, or is not wanted.
    pub(crate) fn keeps_still(&self, chat: &OpenChat) -> bool {
        self.contacts.reception(chat.id, &chat.record.kind) != Reception::Open
    }

    /// Begins a round, unless one is under way: then another follows. Without a connection whoever waits is told that it is
    /// kept, and the round follows on the next one.
    pub(crate) async fn share_verdicts(&mut self, reply: Option<Reply<()>>) {
        if !self.is_online() {
            if let Some(reply) = reply {
                reply.send(Ok(()));
            }
            return;
        }
        self.sharing.waiting.extend(reply);
        if core::mem::replace(&mut self.sharing.is_under_way, true) {
            self.sharing.again = true;
            return;
        }
        let records = self.surroundings.records.clone();
        let account = records.get::<AccountRecord>(&record_key::account()).await;
        let Ok(Some(account)) = account else {
            self.sharing.is_under_way = false;
            return self.store_failed();
        };
        let root = AccountRoot::from_bytes(account.root);
        let records = AccountRecords::new(account.account, &root);
        let seed = Zeroizing::new(self.random());
        let rng = ChaCha20Rng::from_seed(*seed);
        let verdicts = self.contacts.verdicts().clone();
        let api = self.api.clone();
        self.start(async move {
            let result = share(&api, &records, rng, verdicts).await;
            Done::Verdicts { result }
        });
    }

    /// A round is over.
    pub(crate) async fn verdicts_shared(&mut self, result: Result<Verdicts, ApiError>) {
        self.sharing.is_under_way = false;
        let outcome = match result {
            Ok(shared) => {
                let mut changes = Changes::new();
                let subjects = self.contacts.merge_verdicts(&shared, &mut changes);
                if self.flush(changes).await.is_err() {
                    return self.store_failed();
                }
                self.decided(&subjects).await;
                for subject in subjects {
                    if let Subject::Account(account) = subject {
                        self.look_up_nameless(account);
                    }
                }
                Ok(())
            }
            // It is kept, and shared on the next connection.
            Err(error) if error.is_passing() => Ok(()),
            Err(error) => Err(ClientError::from(error)),
        };
        if core::mem::take(&mut self.sharing.again) {
            return self.share_verdicts(None).await;
        }
        for reply in core::mem::take(&mut self.sharing.waiting) {
            reply.send(outcome.clone());
        }
    }
}

/// Brings what this device has decided together with what the others have, on the server too; then has the server block whom
/// this account blocks.
async fn share<P: Platform>(
    api: &Api<P>,
    records: &AccountRecords,
    mut rng: ChaCha20Rng,
    mut verdicts: Verdicts,
) -> Result<Verdicts, ApiError> {
    let id = records.id(RECORD);
    for _ in 0..ATTEMPTS {
        let (replaces, theirs) = match api.record(id).await {
            Ok(record) => match records.open(id, record.sealed.as_slice()) {
                Ok(opened) => match Verdicts::decode(opened.expose()) {
                    Ok(theirs) => (record.revision, theirs),
                    // A newer version's: it is left alone.
                    Err(_) => break,
                },
                // What the server shows is not what any device has written.
                Err(_) => (record.revision, Verdicts::default()),
            },
            Err(error) if error.code() == Some(ProblemCode::RecordNotFound) => (0, Verdicts::default()),
            Err(error) => return Err(error),
        };
        verdicts.merge(&theirs);
        if verdicts == theirs {
            break;
        }
        let sealed = verdicts
            .encode()
            .ok()
            .and_then(|bytes| records.seal(&mut rng, id, &bytes).ok());
        let Some(sealed) = sealed else {
            break;
        };
        let body = WriteRecord {
            replaces,
            sealed: sealed.into(),
        };
        match api.write_record(id, &body).await {
            Ok(_) => break,
            Err(error) if error.code() == Some(ProblemCode::StaleRecord) => {}
            Err(error) => return Err(error),
        }
    }
    let blocked = api.blocked().await?.accounts;
    for &account in &blocked {
        match verdicts.of(Subject::Account(account)) {
            Some(Verdict::Blocked) => {}
            Some(Verdict::Accepted | Verdict::Declined) => api.unblock(account).await?,
            // What was decided has been lost, and the server has kept its part of it.
            None => {
                verdicts.decide(Subject::Account(account), Verdict::Blocked);
            }
        }
    }
    let missing: Vec<AccountId> = verdicts
        .blocked()
        .filter(|account| !blocked.contains(account))
        .collect();
    for account in missing {
        match api.block(account).await {
            Err(error) if error.code() == Some(ProblemCode::UserNotFound) => {}
            result => result?,
        }
    }
    Ok(verdicts)
}
