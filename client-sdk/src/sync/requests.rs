//! Requests on the connection that wait for an answer.

use sotto_protocol::frame::RequestId;
use sotto_protocol::{ChatId, Epoch, MessageId, Seq, limits};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

/// Kept back from [`limits::FRAMES_IN_FLIGHT`] for fetches and Commits, so that sends never stand in their way.
const RESERVED: usize = 64;

/// A request that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// A message, encrypted in this epoch.
    Send {
        /// The chat.
        chat: ChatId,
        /// The message.
        message: MessageId,
        /// The epoch.
        epoch: Epoch,
        /// The last entry that this device had read.
        after: Seq,
    },
    /// The chat's pending Commit.
    Commit {
        /// The chat.
        chat: ChatId,
        /// The entry's id.
        message: MessageId,
        /// The last entry that this device had read.
        after: Seq,
    },
    /// A page of the chat.
    Fetch {
        /// The chat.
        chat: ChatId,
    },
}

/// The requests of one connection.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    waiting: HashMap<RequestId, Request>,
    last: u32,
    /// Chats that could not send for want of room.
    held_up: BTreeSet<ChatId>,
}

impl Requests {
    /// Counts a request in and names it.
    pub(crate) fn begin(&mut self, request: Request) -> RequestId {
        loop {
            self.last = self.last.wrapping_add(1);
            let id = RequestId(self.last);
            if let Entry::Vacant(free) = self.waiting.entry(id) {
                free.insert(request);
                return id;
            }
        }
    }

    /// The request that was answered, if it was one of this connection's.
    pub(crate) fn end(&mut self, id: RequestId) -> Option<Request> {
        self.waiting.remove(&id)
    }

    /// How many more sends may be in flight.
    pub(crate) fn room(&self) -> usize {
        (limits::FRAMES_IN_FLIGHT - RESERVED).saturating_sub(self.waiting.len())
    }

    /// Notes that a chat has more to send than there is room for.
    pub(crate) fn hold_up(&mut self, chat: ChatId) {
        self.held_up.insert(chat);
    }

    /// Chats that may try again, if there is room now.
    pub(crate) fn released(&mut self) -> Vec<ChatId> {
        if self.room() == 0 {
            return Vec::new();
        }
        core::mem::take(&mut self.held_up).into_iter().collect()
    }

    /// The connection is gone, and with it every answer.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.held_up.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(number: u8) -> Request {
        Request::Fetch {
            chat: ChatId::from_bytes([number; 16]),
        }
    }

    #[test]
    fn an_answer_finds_its_request_once() {
        let mut requests = Requests::default();
        let (one, two) = (requests.begin(fetch(1)), requests.begin(fetch(2)));
        assert_eq!(requests.end(two), Some(fetch(2)));
        assert_eq!(requests.end(one), Some(fetch(1)));
        assert_eq!(requests.end(one), None);
    }

    #[test]
    fn sends_stay_within_what_the_server_takes_unanswered_and_go_on_when_there_is_room() {
        let mut requests = Requests::default();
        let mut ids = Vec::new();
        while requests.room() > 0 {
            ids.push(requests.begin(fetch(1)));
        }
        assert!(ids.len() < limits::FRAMES_IN_FLIGHT);
        let chat = ChatId::from_bytes([9; 16]);
        requests.hold_up(chat);
        assert_eq!(requests.released(), []);
        requests.end(ids[0]);
        assert_eq!(requests.released(), [chat]);
        assert_eq!(requests.released(), []);
    }
}
