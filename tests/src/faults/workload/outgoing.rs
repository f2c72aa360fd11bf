//! What a device has sent or is about to send, until it has its answer.

use super::chat::ChatView;
use crate::faults::dice::Dice;
use crate::faults::history::{Fingerprint, Submission};
use crate::light::mls;
use bytes::Bytes;
use sotto_protocol::frame::{ClientFrame, EntryKind, RequestId};
use sotto_protocol::{ChatId, ChatRules, DeviceAddress, Epoch, MessageId, Retention, Seq, Suite};
use tokio::time::Instant;

/// A message or Commit on its way.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) chat: ChatId,
    rules: ChatRules,
    pub(super) message: MessageId,
    pub(super) retention: Retention,
    pub(super) kind: EntryKind,
    pub(super) epoch: Epoch,
    /// The device has read up to here, and this was not there.
    pub(super) after: Seq,
    payload: Bytes,
    /// On its way on this connection, under this number, since then.
    pub(super) in_flight: Option<(RequestId, Instant)>,
    /// Refused for now: not before then.
    pub(super) not_before: Option<Instant>,
    /// The chat has moved on: to be made anew in this epoch or a later one.
    pub(super) needs_epoch: Option<Epoch>,
    /// The device has read it in the log: it is not sent again.
    pub(super) is_found: bool,
}

impl Outgoing {
    /// Something to say, or a Commit.
    pub(super) fn new(chat: &ChatView, dice: &mut Dice) -> Self {
        let kind = if dice.once_in(60) {
            EntryKind::Commit
        } else {
            EntryKind::Application
        };
        let retention = match (kind, dice.below(25)) {
            (EntryKind::Commit, _) => Retention::Keep,
            (_, 0) => Retention::Never,
            (_, 1) => Retention::For {
                seconds: 1 + u32::try_from(dice.below(3)).unwrap(),
            },
            _ => Retention::Keep,
        };
        let mut outgoing = Self {
            chat: chat.chat,
            rules: chat.rules.clone(),
            message: MessageId::from_bytes(dice.bytes()),
            retention,
            kind,
            epoch: chat.epoch,
            after: chat.read,
            payload: Bytes::new(),
            in_flight: None,
            not_before: None,
            needs_epoch: None,
            is_found: false,
        };
        outgoing.make(chat.epoch, dice);
        outgoing
    }

    /// Makes the payload in this epoch, unlike any before: as a client that encrypts.
    pub(super) fn make(&mut self, epoch: Epoch, dice: &mut Dice) {
        let length = match dice.below(100) {
            0 => 20_000 + dice.below(40_000),
            1..10 => 2_000 + dice.below(4_000),
            _ => 16 + dice.below(500),
        };
        let inside = dice.fill(length);
        self.epoch = epoch;
        self.needs_epoch = None;
        self.payload = match self.kind {
            EntryKind::Commit => mls::commit(self.chat, epoch, &inside),
            EntryKind::Application | EntryKind::Deleted | EntryKind::TakenBack | EntryKind::Reversal => {
                mls::application(self.chat, epoch, &inside)
            }
        };
    }

    /// The frame of this device, and what it says for the history.
    pub(super) fn frame(&self, by: DeviceAddress, request: RequestId) -> (ClientFrame, Submission) {
        let frame = match self.kind {
            EntryKind::Commit => ClientFrame::Commit {
                request,
                chat: self.chat,
                message: self.message,
                after: self.after,
                commit: self.payload.clone(),
                group_info: mls::group_info(
                    by,
                    self.chat,
                    Epoch(self.epoch.0 + 1),
                    Suite::XWing,
                    &self.rules,
                ),
                added: Vec::new(),
                removed: Vec::new(),
                as_newcomer: false,
                welcome: None,
            },
            EntryKind::Application | EntryKind::Deleted | EntryKind::TakenBack | EntryKind::Reversal => {
                ClientFrame::Send {
                    request,
                    chat: self.chat,
                    message: self.message,
                    after: self.after,
                    retention: self.retention,
                    payload: self.payload.clone(),
                }
            }
        };
        let submission = Submission {
            request,
            chat: self.chat,
            message: self.message,
            retention: self.retention,
            kind: self.kind,
            epoch: self.epoch,
            payload: Fingerprint::of(&self.payload),
        };
        (frame, submission)
    }

    /// Whether it is sent again when there was no answer. A fleeting message is not: nobody could tell it from a new one.
    pub(super) fn is_sent_again(&self) -> bool {
        self.retention != Retention::Never && !self.is_found
    }
}
