//! Who waits for everything that was missed: a device that was woken, and may sleep again once it has it.
//!
//! Whatever changes anything here came to the engine as an input; so it is looked at after each, as long as somebody waits, and
//! nothing has to say of itself that it is done.

use super::{Engine, Input, OpenChat, Reply};
use crate::chats::Stage;
use crate::error::ClientError;
use crate::platform::Platform;
use core::time::Duration;
use sotto_protocol::{ChatId, Seq};
use std::collections::BTreeMap;

/// How long there may be no connection.
const CONNECTION_PATIENCE: Duration = Duration::from_secs(30);

/// Who waits, and how long there has been no connection.
#[derive(Default)]
pub(crate) struct CatchingUp {
    waiting: Vec<Waiting>,
    /// Each time without a connection has a number; a timer is set for the one that lasts.
    outages: u64,
    is_timed: bool,
}

struct Waiting {
    reply: Reply<()>,
    /// What was announced on the connection with this number, as far as it is not here yet.
    missing: Option<Missing>,
}

struct Missing {
    connection: u64,
    chats: BTreeMap<ChatId, Target>,
}

/// Up to where a chat is to be read.
#[derive(Clone, Copy)]
struct Target {
    seq: Seq,
    /// A page was asked for that says whether there is more.
    awaits_page: bool,
}

impl CatchingUp {
    fn answer_all(&mut self, error: &ClientError) {
        for waiting in core::mem::take(&mut self.waiting) {
            waiting.reply.send(Err(error.clone()));
        }
    }
}

impl<P: Platform> Engine<P> {
    /// Answers once all that the server has for this device is here.
    pub(super) async fn catch_up(&mut self, reply: Reply<()>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        if !self.logged_in {
            return reply.send(Err(ClientError::NotLoggedIn));
        }
        if !self.is_online() {
            self.connect();
        }
        self.wake_ups
            .catching_up
            .waiting
            .push(Waiting { reply, missing: None });
    }

    /// Nobody will have everything: the reason is this.
    pub(super) fn catch_up_fails(&mut self, error: &ClientError) {
        self.wake_ups.catching_up.answer_all(error);
    }

    /// Answers those who wait, if what they wait for is here, or will not be.
    pub(super) fn look_after_catching_up(&mut self) {
        if self.wake_ups.catching_up.waiting.is_empty() {
            return;
        }
        if !self.logged_in {
            return self.catch_up_fails(&ClientError::NotLoggedIn);
        }
        if !self.wanted {
            return self.catch_up_fails(&ClientError::Offline);
        }
        let Some(connection) = self.ready_connection() else {
            return self.watch_outage();
        };
        self.wake_ups.catching_up.is_timed = false;
        let all_waiting = core::mem::take(&mut self.wake_ups.catching_up.waiting);
        for Waiting { reply, missing } in all_waiting {
            let missing = missing.filter(|missing| missing.connection == connection);
            let mut missing = missing.unwrap_or_else(|| self.missing(connection));
            missing
                .chats
                .retain(|&chat, target| !self.has_reached(chat, target));
            if missing.chats.is_empty() && !self.is_reading_records() {
                reply.send(Ok(()));
            } else {
                let missing = Some(missing);
                self.wake_ups.catching_up.waiting.push(Waiting { reply, missing });
            }
        }
    }

    /// There was no connection for so long.
    pub(super) fn catch_up_overdue(&mut self, outage: u64) {
        let catching_up = &mut self.wake_ups.catching_up;
        if catching_up.is_timed && catching_up.outages == outage {
            catching_up.is_timed = false;
            catching_up.answer_all(&ClientError::Offline);
        }
    }

    fn watch_outage(&mut self) {
        let catching_up = &mut self.wake_ups.catching_up;
        if !catching_up.is_timed {
            catching_up.is_timed = true;
            catching_up.outages += 1;
            let overdue = Input::CatchUpOverdue(catching_up.outages);
            self.later(CONNECTION_PATIENCE, overdue);
        }
    }

    /// All that is known to be missing now.
    fn missing(&self, connection: u64) -> Missing {
        let chats = self.chats.values().map(|chat| {
            let target = Target {
                seq: chat.line.seen,
                awaits_page: true,
            };
            (chat.id, target)
        });
        let joining = self.joining.iter().map(|&chat| {
            let target = Target {
                seq: Seq::ZERO,
                awaits_page: true,
            };
            (chat, target)
        });
        Missing {
            connection,
            chats: chats.chain(joining).collect(),
        }
    }

    /// Whether a chat has been read as far as this, or cannot be.
    fn has_reached(&self, id: ChatId, target: &mut Target) -> bool {
        let Some(chat) = self.chats.get(&id) else {
            // This device comes into it, or the server does not let it in.
            return !self.joining.contains(&id);
        };
        match chat.record.stage {
            Stage::Creating | Stage::Left => true,
            Stage::Joining => self.is_stuck(chat),
            Stage::Member | Stage::Leaving => {
                target.awaits_page &= chat.line.probe || chat.line.fetching;
                let is_read = !chat.line.lost && !target.awaits_page && chat.record.done >= target.seq;
                is_read || self.is_stuck(chat)
            }
        }
    }

    /// Whether nothing more is done in a chat until something else happens.
    fn is_stuck(&self, chat: &OpenChat) -> bool {
        let is_out = chat.line.lost || chat.record.stage == Stage::Joining;
        chat.record.halted.is_some()
            || (is_out && (self.is_on_hold(chat) || (chat.line.paused && chat.pending.is_none())))
    }
}
