//! Private records that the account's devices share by way of the server: verdicts about strangers, what others are told, and what is
//! marked for oneself. Each
//! round begins with what the server has, so that one that was cut off anywhere is made up for by the next.

use super::{Done, Engine, Reply};
use crate::account::AccountRecord;
use crate::api::{Api, ApiError};
use crate::archive::ArchiveHeads;
use crate::chats::ChatPreferences;
use crate::contacts::{Subject, Verdict, Verdicts};
use crate::error::ClientError;
use crate::events::Event;
use crate::messages::{Drafts, Stars};
use crate::platform::Platform;
use crate::privacy::PrivacyRecord;
use crate::record_key;
use crate::store::{Changes, RecordsError};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::{AccountRecords, AccountRoot};
use sotto_protocol::rest::record::WriteRecord;
use sotto_protocol::{AccountId, ProblemCode};
use std::borrow::Cow;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// How often a record is written that other devices write at the same time.
const ATTEMPTS: usize = 8;

/// A state that several devices change, and that merges to the same in whatever order they hear of each other.
pub(crate) trait SharedRecord: Clone + Default + Serialize + DeserializeOwned {
    /// The record's name: its place on the server is derived of it.
    const NAME: &'static str;

    /// What of it the other devices get.
    fn shared(&self) -> Cow<'_, Self> {
        Cow::Borrowed(self)
    }

    /// Takes in what another device has decided.
    fn merge(&mut self, other: &Self);

    /// The bytes that the devices share.
    fn encode(&self) -> Option<Vec<u8>> {
        postcard::to_allocvec(&Encoded::V1(self.shared())).ok()
    }

    /// What the bytes say; `None` if a newer version has written them.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (Encoded::V1(record), rest) = postcard::take_from_bytes(bytes).ok()?;
        rest.is_empty().then_some(record)
    }
}

/// As the devices share a record.
#[derive(Serialize, Deserialize)]
enum Encoded<T> {
    V1(T),
}

/// All that is shared.
pub(crate) struct SharedRecords {
    verdicts: Verdicts,
    privacy: PrivacyRecord,
    stars: Stars,
    preferences: ChatPreferences,
    drafts: Drafts,
    archive_heads: ArchiveHeads,
}

/// The names of the records.
const ALL: [&str; 6] = [
    PrivacyRecord::NAME,
    Verdicts::NAME,
    ChatPreferences::NAME,
    Stars::NAME,
    Drafts::NAME,
    ArchiveHeads::NAME,
];

/// The round that is under way, and who waits for what.
#[derive(Default)]
pub(crate) struct Sharing {
    is_under_way: bool,
    /// The names of the records that are to be shared in the next round.
    due: BTreeSet<&'static str>,
    waiting: Vec<Reply<()>>,
    /// Something was begun to be written: soon the other devices get it.
    pub(super) has_drafts: bool,
}

impl<P: Platform> Engine<P> {
    /// Whether what the server has of the records, of the own account's devices, or of accounts that are named in what came, is being
    /// read.
    pub(super) fn is_reading_records(&self) -> bool {
        self.sharing.is_under_way || self.own_profiles_awaited > 0 || !self.looking_up.is_empty()
    }

    /// Shares all records.
    pub(crate) async fn share_records(&mut self, reply: Option<Reply<()>>) {
        self.sharing.due.extend(ALL);
        self.begin_sharing(reply).await;
    }

    /// Shares the record of this name.
    pub(super) async fn share(&mut self, name: &'static str, reply: Option<Reply<()>>) {
        self.sharing.due.insert(name);
        self.begin_sharing(reply).await;
    }

    /// Begins a round, unless one is under way: then another follows. Without a connection whoever waits is told that it is
    /// kept, and the round follows on the next one.
    async fn begin_sharing(&mut self, reply: Option<Reply<()>>) {
        if !self.is_online() {
            if let Some(reply) = reply {
                reply.send(Ok(()));
            }
            return;
        }
        self.sharing.waiting.extend(reply);
        if core::mem::replace(&mut self.sharing.is_under_way, true) {
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
        let ours = SharedRecords {
            verdicts: self.contacts.verdicts().clone(),
            privacy: self.privacy,
            stars: self.stars.clone(),
            preferences: self.preferences.clone(),
            drafts: self.drafts.clone(),
            archive_heads: self.archive_heads.clone(),
        };
        let due = core::mem::take(&mut self.sharing.due);
        let api = self.api.clone();
        self.start(async move {
            let result = share_all(&api, &records, rng, ours, &due).await;
            Done::SharedRecords {
                result: result.map(Box::new),
            }
        });
    }

    /// A round is over.
    pub(crate) async fn records_shared(&mut self, result: Result<Box<SharedRecords>, ApiError>) {
        self.sharing.is_under_way = false;
        let outcome = match result {
            Ok(shared) => {
                if self.take_shared(&shared).await.is_err() {
                    return self.store_failed();
                }
                Ok(())
            }
            // It is kept, and shared on the next connection.
            Err(error) if error.is_passing() => Ok(()),
            Err(error) => Err(ClientError::from(error)),
        };
        if !self.sharing.due.is_empty() {
            return self.begin_sharing(None).await;
        }
        for reply in core::mem::take(&mut self.sharing.waiting) {
            reply.send(outcome.clone());
        }
    }

    /// Keeps what all devices have decided, and goes by it.
    async fn take_shared(&mut self, shared: &SharedRecords) -> Result<(), RecordsError> {
        let mut changes = Changes::new();
        let subjects = self.contacts.merge_verdicts(&shared.verdicts, &mut changes);
        let tells_otherwise = self.merge_privacy(&shared.privacy, &mut changes);
        let preferred = self.merge_preferences(&shared.preferences, &mut changes);
        let drafted = self.merge_drafts(&shared.drafts, &mut changes);
        let starred = self.merge_stars(&shared.stars, &mut changes).await?;
        let heads = self.archive_heads.clone();
        self.archive_heads.merge(&shared.archive_heads);
        if self.archive_heads != heads {
            changes.put(record_key::archive_heads(), &self.archive_heads);
        }
        self.invitations_seen(&subjects, &mut changes);
        self.flush(changes).await?;
        self.compare_archive_heads().await;
        if tells_otherwise {
            self.privacy_changed();
        }
        self.tell_stars(starred);
        for chat in drafted {
            self.events.emit(&Event::DraftChanged { chat });
            self.events.emit(&Event::ChatChanged { chat });
        }
        self.silent_chats_changed();
        for chat in preferred {
            self.events.emit(&Event::ChatChanged { chat });
        }
        self.decided(&subjects).await;
        for subject in subjects {
            if let Subject::Account(account) = subject {
                self.look_up_nameless(account);
            }
        }
        Ok(())
    }
}

async fn share_all<P: Platform>(
    api: &Api<P>,
    records: &AccountRecords,
    mut rng: ChaCha20Rng,
    mut all: SharedRecords,
    due: &BTreeSet<&'static str>,
) -> Result<SharedRecords, ApiError> {
    share(api, records, &mut rng, due, &mut all.privacy).await?;
    share(api, records, &mut rng, due, &mut all.verdicts).await?;
    if due.contains(Verdicts::NAME) {
        have_blocked(api, &mut all.verdicts).await?;
    }
    share(api, records, &mut rng, due, &mut all.preferences).await?;
    share(api, records, &mut rng, due, &mut all.stars).await?;
    share(api, records, &mut rng, due, &mut all.drafts).await?;
    share(api, records, &mut rng, due, &mut all.archive_heads).await?;
    Ok(all)
}

/// Brings what this device has decided together with what the others have, on the server too, if that is due.
async fn share<T: SharedRecord, P: Platform>(
    api: &Api<P>,
    records: &AccountRecords,
    rng: &mut ChaCha20Rng,
    due: &BTreeSet<&'static str>,
    ours: &mut T,
) -> Result<(), ApiError> {
    if !due.contains(T::NAME) {
        return Ok(());
    }
    let id = records.id(T::NAME);
    for _ in 0..ATTEMPTS {
        let (replaces, theirs) = match api.record(id).await {
            Ok(record) => match records.open(id, record.sealed.as_slice()) {
                Ok(opened) => match T::decode(opened.expose()) {
                    Some(theirs) => (record.revision, theirs),
                    // A newer version's: it is left alone.
                    None => break,
                },
                // What the server shows is not what any device has written.
                Err(_) => (record.revision, T::default()),
            },
            Err(error) if error.code() == Some(ProblemCode::RecordNotFound) => (0, T::default()),
            Err(error) => return Err(error),
        };
        ours.merge(&theirs);
        // What is shared: this device may keep more for itself.
        let Some(bytes) = ours
            .encode()
            .filter(|bytes| theirs.encode().as_ref() != Some(bytes))
        else {
            break;
        };
        let Ok(sealed) = records.seal(rng, id, &bytes) else {
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
    Ok(())
}

/// Has the server block whom this account blocks.
async fn have_blocked<P: Platform>(api: &Api<P>, verdicts: &mut Verdicts) -> Result<(), ApiError> {
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
    Ok(())
}
