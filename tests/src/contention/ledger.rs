//! What users asked for, and what they were told became of it.

use sotto_client_sdk::protocol::{AccountId, ChatId, DeviceId, MessageId, Seq};
use sotto_client_sdk::{JoinPolicy, Role};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Everything that was asked for. Clones are the same ledger.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// Something that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// On which device: its name.
    pub on: String,
    /// By whom.
    pub by: AccountId,
    /// In which chat.
    pub chat: ChatId,
    /// What.
    pub what: Request,
    /// How far the device had read the chat then.
    pub known: Seq,
    /// What became of it.
    pub answer: Answer,
}

/// Something that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// This text is sent.
    Text(MessageId),
    /// These accounts are in the group.
    Present(Vec<AccountId>),
    /// These accounts are not in the group.
    Absent(Vec<AccountId>),
    /// The account has this role.
    Role(AccountId, Role),
    /// Newcomers get in so.
    Policy(JoinPolicy),
    /// The group has this title.
    Title(String),
    /// This device is in no chat any more.
    NoDevice(DeviceId),
    /// Something whose effect nothing shows.
    Other(&'static str),
}

/// What became of something that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing yet.
    Awaited,
    /// It has happened, the user was told.
    Done,
    /// It will not happen, the user was told why.
    Refused(String),
    /// The process ended before it answered.
    Unheard,
}

/// A place in a [`Ledger`].
#[derive(Clone, Copy, Debug)]
pub struct Line(usize);

impl Ledger {
    /// Writes down what is asked.
    #[must_use]
    pub fn ask(&self, asked: Asked) -> Line {
        let mut all = self.all();
        all.push(asked);
        Line(all.len() - 1)
    }

    /// Writes down what became of it.
    pub fn answer(&self, line: Line, answer: Answer) {
        if let Some(asked) = self.all().get_mut(line.0) {
            asked.answer = answer;
        }
    }

    /// All that was asked.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.all().clone()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
