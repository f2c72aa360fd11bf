//! Private records that the account's devices share by way of the server: verdicts about strangers, and what others are told. Each
//! round begins with what the server has, so that one that was cut off anywhere is made up for by the next.

use super::{Done, Engine, Reply};
use crate::account::AccountRecord;
use crate::api::{Api, ApiError};
use crate::contacts::{Subject, Verdict, Verdicts};
use crate::error::ClientError;
use crate::platform::Platform;
use crate::privacy::PrivacyRecord;
use crate::record_key;
use crate::store::Changes;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::{AccountRecords, AccountRoot};
use sotto_protocol::rest::record::WriteRecord;
use sotto_protocol::{AccountId, ProblemCode};
use zeroize::Zeroizing;

/// How often a record is written that other devices write at the same time.
const ATTEMPTS: usize = 8;

/// A state that several devices change, and that merges to the same in whatever order they hear of each other.
pub(crate) trait SharedRecord: Default + PartialEq {
    /// The record's name: its place on the server is derived of it.
    const NAME: &'static str;

    /// The bytes that the devices share; `None` if they would be too many.
    fn encode(&self) -> Option<Vec<u8>>;

    /// What the bytes say; `None` if a newer version has written them.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// Takes in what another device has decided.
    fn merge(&mut self, other: &Self);
}

/// All that is shared.
pub(crate) struct SharedRecords {
    verdicts: Verdicts,
    privacy: PrivacyRecord,
}

/// The round that is under way, and who waits for what.
#[derive(Default)]
pub(crate) struct Sharing {
    is_under_way: bool,
    /// Something was decided since the round began.
    again: bool,
    waiting: Vec<Reply<()>>,
}

impl<P: Platform> Engine<P> {
    /// Begins a round, unless one is under way: then another follows. Without a connection whoever waits is told that it is
    /// kept, and the round follows on the next one.
    pub(crate) async fn share_records(&mut self, reply: Option<Reply<()>>) {
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
        let ours = SharedRecords {
            verdicts: self.contacts.verdicts().clone(),
            privacy: self.privacy,
        };
        let api = self.api.clone();
        self.start(async move {
            let result = share_all(&api, &records, rng, ours).await;
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
                let mut changes = Changes::new();
                let subjects = self.contacts.merge_verdicts(&shared.verdicts, &mut changes);
                let tells_otherwise = self.merge_privacy(&shared.privacy, &mut changes);
                if self.flush(changes).await.is_err() {
                    return self.store_failed();
                }
                if tells_otherwise {
                    self.privacy_changed();
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
            return self.share_records(None).await;
        }
        for reply in core::mem::take(&mut self.sharing.waiting) {
            reply.send(outcome.clone());
        }
    }
}

async fn share_all<P: Platform>(
    api: &Api<P>,
    records: &AccountRecords,
    mut rng: ChaCha20Rng,
    ours: SharedRecords,
) -> Result<SharedRecords, ApiError> {
    let privacy = share(api, records, &mut rng, ours.privacy).await?;
    let mut verdicts = share(api, records, &mut rng, ours.verdicts).await?;
    have_blocked(api, &mut verdicts).await?;
    Ok(SharedRecords { verdicts, privacy })
}

/// Brings what this device has decided together with what the others have, on the server too.
async fn share<T: SharedRecord, P: Platform>(
    api: &Api<P>,
    records: &AccountRecords,
    rng: &mut ChaCha20Rng,
    mut ours: T,
) -> Result<T, ApiError> {
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
        if ours == theirs {
            break;
        }
        let sealed = ours.encode().and_then(|bytes| records.seal(rng, id, &bytes).ok());
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
    Ok(ours)
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
