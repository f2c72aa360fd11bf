//! How far files are on their way.

use crate::events::{Event, EventHub};
use crate::platform::{Clock as _, Platform};
use crate::shared::Shared;
use crate::surroundings::Surroundings;
use sotto_protocol::{ChatId, MessageId, Timestamp};
use std::sync::Arc;

/// At least so long it is between two reports of one transfer, in milliseconds.
const INTERVAL_MS: u64 = 100;

/// A file on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The chat.
    pub chat: ChatId,
    /// The message that has the file.
    pub message: MessageId,
    /// Which way it goes.
    pub direction: Direction,
    /// Bytes that have arrived.
    pub done: u64,
    /// Bytes of the file.
    pub total: u64,
    /// What goes on.
    pub state: TransferState,
}

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the server.
    Up,
    /// From the server.
    Down,
}

/// What goes on with a file that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferState {
    /// It moves.
    Active,
    /// It goes on by itself when the server can be reached.
    Waiting,
    /// The file is not where it was, or is another one: [`Client::resume_file`](crate::Client::resume_file) goes on with it.
    NeedsFile,
    /// It has arrived.
    Done,
    /// It does not go on by itself.
    Failed {
        /// Why: a problem code of the server, or one of the client's own.
        code: &'static str,
    },
}

/// Tells how far one file is, but not too often.
pub(crate) struct Progress<P: Platform> {
    surroundings: Arc<Surroundings<P>>,
    shared: Arc<Shared>,
    events: EventHub,
    transfer: Transfer,
    told_at: Option<Timestamp>,
}

impl<P: Platform> Progress<P> {
    /// Of a file of which nothing has arrived, as far as is known.
    pub(crate) const fn new(
        surroundings: Arc<Surroundings<P>>,
        shared: Arc<Shared>,
        events: EventHub,
        transfer: Transfer,
    ) -> Self {
        Self {
            surroundings,
            shared,
            events,
            transfer,
            told_at: None,
        }
    }

    /// So many bytes have arrived.
    pub(crate) fn moved(&mut self, done: u64) {
        let before = core::mem::replace(&mut self.transfer.state, TransferState::Active);
        self.transfer.done = done.min(self.transfer.total);
        let now = self.surroundings.clock.now();
        let is_new = before != TransferState::Active
            || self
                .told_at
                .is_none_or(|told_at| now.0.saturating_sub(told_at.0) >= INTERVAL_MS);
        if is_new {
            self.told_at = Some(now);
            self.tell();
        }
    }

    /// Something else goes on.
    pub(crate) fn is(&mut self, state: TransferState) {
        if state == TransferState::Done {
            self.transfer.done = self.transfer.total;
        }
        if core::mem::replace(&mut self.transfer.state, state) != state {
            self.tell();
        }
    }

    fn tell(&self) {
        self.shared.note_transfer(&self.transfer);
        self.events.emit(&Event::Transfer(self.transfer.clone()));
    }
}
