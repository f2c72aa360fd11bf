//! What the server is told of where this device is woken: after a login, and when other chats are silent than before; nothing if it knows
//! all already.

use super::catching_up::CatchingUp;
use super::{Done, Engine, Input, Reply};
use crate::api::{Api, ApiError};
use crate::contacts::Reception;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError};
use crate::wake_up::{Due, WakeUpAddress, WakeUpRecord};
use core::time::Duration;
use sotto_protocol::{ChatId, Problem, ProblemCode, Timestamp, limits};

/// The longest that a timer is set for, in milliseconds: what ends later is looked at with what is looked at every hour.
const LOOK_AGAIN_MS: u64 = 60 * 60 * 1000;

/// What the application wants of wake-ups.
pub(crate) enum WakeUpCommand {
    Set {
        address: WakeUpAddress,
        reply: Reply<()>,
    },
    Remove {
        reply: Reply<()>,
    },
    CatchUp {
        reply: Reply<()>,
    },
}

/// Where this device is woken, what is being said about it to the server, and who waits for everything that was missed.
#[derive(Default)]
pub(crate) struct WakeUps {
    record: WakeUpRecord,
    is_under_way: bool,
    waiting: Vec<Reply<()>>,
    /// When the next silent chat is silent no more, as far as a timer is set for it.
    next_end: Option<Timestamp>,
    pub(super) catching_up: CatchingUp,
}

/// What the server is told, or asked.
pub(crate) struct Errand {
    due: Due,
    address: Option<WakeUpAddress>,
    quiet: Vec<ChatId>,
}

/// What came of it.
pub(crate) enum Finding {
    /// The server knows what it is to know.
    Told,
    /// It has forgotten what it knew.
    Gone,
}

impl<P: Platform> Engine<P> {
    pub(super) async fn wake_up_command(&mut self, command: WakeUpCommand) {
        match command {
            WakeUpCommand::Set { address, reply } => match self.want_wake_ups(Some(address)).await {
                Ok(()) => {
                    let quiet = self.quiet_chats();
                    let due = self.wake_ups.record.due_if_wanted(&quiet, self.now());
                    self.begin_errand(due, quiet, Some(reply));
                }
                Err(error) => reply.send(Err(error)),
            },
            WakeUpCommand::Remove { reply } => match self.want_wake_ups(None).await {
                Ok(()) => self.look_after_wake_up(Some(reply)),
                Err(error) => reply.send(Err(error)),
            },
            WakeUpCommand::CatchUp { reply } => self.catch_up(reply).await,
        }
    }

    /// Reads where this device is woken.
    pub(super) async fn read_wake_up(&mut self) -> Result<(), RecordsError> {
        let records = &self.surroundings.records;
        let record = records.get::<WakeUpRecord>(&record_key::wake_up()).await?;
        self.wake_ups.record = record.unwrap_or_default();
        Ok(())
    }

    /// A session begins with this batch.
    pub(super) fn wake_up_in_new_session(&mut self, changes: &mut Changes) {
        let before = self.wake_ups.record.clone();
        self.wake_ups.record.is_in_new_session();
        if self.wake_ups.record != before {
            changes.put(record_key::wake_up(), &self.wake_ups.record);
        }
    }

    async fn want_wake_ups(&mut self, address: Option<WakeUpAddress>) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        if !self.logged_in {
            return Err(ClientError::NotLoggedIn);
        }
        let mut record = self.wake_ups.record.clone();
        match address {
            Some(address) => {
                if !record.want(address) {
                    return Err(gone());
                }
            }
            None => record.want_none(),
        }
        self.keep_wake_up(record).await
    }

    async fn keep_wake_up(&mut self, record: WakeUpRecord) -> Result<(), ClientError> {
        if record != self.wake_ups.record {
            let mut changes = Changes::new();
            changes.put(record_key::wake_up(), &record);
            self.write(changes).await?;
            self.wake_ups.record = record;
        }
        Ok(())
    }

    /// Tells the server what it does not know, if there is anything.
    pub(super) fn look_after_wake_up(&mut self, reply: Option<Reply<()>>) {
        let quiet = self.quiet_chats();
        let due = self.wake_ups.record.due(&quiet);
        self.begin_errand(due, quiet, reply);
    }

    /// Other chats are silent than before, perhaps: without a connection the server is told on the next.
    pub(super) fn silent_chats_changed(&mut self) {
        if self.is_online() {
            self.look_after_wake_up(None);
        }
    }

    /// A chat is silent no more, perhaps.
    pub(super) fn silence_over(&mut self) {
        self.wake_ups.next_end = None;
        self.silent_chats_changed();
    }

    fn begin_errand(&mut self, due: Option<Due>, quiet: Vec<ChatId>, reply: Option<Reply<()>>) {
        if self.wake_ups.is_under_way {
            self.wake_ups.waiting.extend(reply);
            return;
        }
        let Some(due) = due else {
            if let Some(reply) = reply {
                reply.send(Ok(()));
            }
            return;
        };
        self.wake_ups.waiting.extend(reply);
        self.wake_ups.is_under_way = true;
        let errand = Errand {
            due,
            address: self.wake_ups.record.address().cloned(),
            quiet,
        };
        let api = self.api.clone();
        self.start(async move {
            let result = run(&api, &errand).await;
            Done::WakeUp { errand, result }
        });
    }

    /// The server was told, or asked, or not.
    pub(super) async fn errand_done(&mut self, errand: Errand, result: Result<Finding, ApiError>) {
        self.wake_ups.is_under_way = false;
        if let Err(error) = self.ensure_loaded().await {
            return self.errand_over(&Err(error));
        }
        let mut record = self.wake_ups.record.clone();
        let is_of_now = record.address() == errand.address.as_ref();
        let outcome = match result {
            Ok(Finding::Told) if !is_of_now => Ok(()),
            Ok(Finding::Told) if errand.due == Due::Forget => {
                record.is_forgotten();
                Ok(())
            }
            Ok(Finding::Told) => {
                record.is_told(errand.quiet, self.now());
                Ok(())
            }
            Ok(Finding::Gone) if is_of_now => {
                record.is_gone();
                Err(gone())
            }
            Ok(Finding::Gone) => Ok(()),
            Err(error) if error.is_passing() => return self.errand_over(&Err(error.into())),
            Err(error) => {
                if is_of_now {
                    record.want_none();
                }
                Err(error.into())
            }
        };
        if let Err(error) = self.keep_wake_up(record).await {
            return self.errand_over(&Err(error));
        }
        if outcome.is_err() && is_of_now {
            self.errand_over(&outcome);
        }
        let quiet = self.quiet_chats();
        match self.wake_ups.record.due(&quiet) {
            // What the server refuses to forget it is asked to on the next connection.
            Some(due) if outcome.is_ok() || errand.due != Due::Forget => {
                self.begin_errand(Some(due), quiet, None);
            }
            Some(_) | None => self.errand_over(&outcome),
        }
    }

    fn errand_over(&mut self, outcome: &Result<(), ClientError>) {
        for reply in core::mem::take(&mut self.wake_ups.waiting) {
            reply.send(outcome.clone());
        }
    }

    /// The chats for which this device is not to be woken: those that are silent, the latest first, and those that were declined; as
    /// many as the server takes, in the order of their ids. When the first is silent no more, this is looked at again.
    fn quiet_chats(&mut self) -> Vec<ChatId> {
        if self.wake_ups.record.address().is_none() {
            return Vec::new();
        }
        let now = self.now();
        let silent = self.preferences.silent(now);
        if let Some(end) = silent.iter().filter_map(|&(_, end)| end).min() {
            self.watch_silence(end, now);
        }
        let declined = self
            .chats
            .values()
            .filter(|chat| self.contacts.reception(chat.id, &chat.record.kind) == Reception::Declined)
            .map(|chat| chat.id);
        let quiet = silent.into_iter().map(|(chat, _)| chat).chain(declined);
        let mut quiet: Vec<ChatId> = quiet.take(limits::QUIET_CHATS).collect();
        quiet.sort_unstable();
        quiet.dedup();
        quiet
    }

    fn watch_silence(&mut self, end: Timestamp, now: Timestamp) {
        let wait = end.0.saturating_sub(now.0);
        if wait <= LOOK_AGAIN_MS && self.wake_ups.next_end.is_none_or(|next| end < next) {
            self.wake_ups.next_end = Some(end);
            self.later(Duration::from_millis(wait), Input::SilenceOver);
        }
    }
}

async fn run<P: Platform>(api: &Api<P>, errand: &Errand) -> Result<Finding, ApiError> {
    match (&errand.due, &errand.address) {
        (Due::Tell { if_known: false }, Some(address)) => {
            api.subscribe(&address.subscription(errand.quiet.clone())).await?;
        }
        (Due::Tell { if_known: true } | Due::Check, Some(address)) => {
            if api.subscription().await?.endpoint.is_none() {
                return Ok(Finding::Gone);
            }
            if errand.due != Due::Check {
                api.subscribe(&address.subscription(errand.quiet.clone())).await?;
            }
        }
        (Due::Forget, _) | (_, None) => api.unsubscribe().await?,
    }
    Ok(Finding::Told)
}

/// As the server refuses an address: the push service does not know it any more.
fn gone() -> ClientError {
    let detail = "The push service does not know this address any more.";
    ClientError::from(Problem::new(ProblemCode::EndpointRefused).with_detail(detail.to_owned()))
}
