//! What happens, as a stream.

use crate::account::Account;
use crate::error::ClientError;
use crate::files::Transfer;
use crate::groups::Whom;
use crate::messages::Message;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use futures_util::Stream;
use sotto_protocol::{AccountId, Ban, ChatId, DeviceId, MessageId, Seq};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Something that happened. What a record says is in the store before its event is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The connection to the server has changed.
    Connection(ConnectionState),
    /// An account was registered or logged in on this device.
    LoggedIn(Account),
    /// The session is over. What is stored here stays readable, and what is queued is sent after the next login.
    LoggedOut {
        /// Why.
        reason: LogOutReason,
    },
    /// A chat can be used.
    ChatAdded {
        /// The chat.
        chat: ChatId,
    },
    /// A chat's summary reads differently: its unread count, or who the other person is.
    ChatChanged {
        /// The chat.
        chat: ChatId,
    },
    /// The server has moved a chat on in a way that its rules forbid: by a Commit of somebody who may not, or to another chat under
    /// its id. It is paused. It goes on when the Commit is taken back, which this client and the others' ask for.
    ChatHalted {
        /// The chat.
        chat: ChatId,
    },
    /// A message was received or queued.
    MessageAdded(Message),
    /// A message that was queued has another state, and with it perhaps another position.
    MessageChanged(Message),
    /// A message's time is over: it is in no store any more, and is not to be shown any longer.
    MessageRemoved {
        /// The chat.
        chat: ChatId,
        /// The message.
        message: MessageId,
        /// Where it was.
        position: u64,
    },
    /// An account shows another identity key than the one known: nothing is sent to it until
    /// [`Client::accept_identity`](crate::Client::accept_identity).
    IdentityChanged {
        /// The account.
        account: AccountId,
    },
    /// An entry could not be decrypted. It is recorded for diagnosis, and the chat goes on.
    Undecryptable {
        /// The chat.
        chat: ChatId,
        /// The entry.
        seq: Seq,
    },
    /// The devices of this account are others now, or what is known of them is.
    DevicesChanged,
    /// A new device has logged in to this account: tell the user plainly, who may want to remove it.
    DeviceAdded {
        /// The device.
        device: DeviceId,
        /// Whether it came by a code that this device showed.
        is_expected: bool,
    },
    /// Somebody asks to be let into a group, does so no more, or was approved.
    JoinRequestsChanged {
        /// The group.
        chat: ChatId,
    },
    /// Something that was asked for in a group before this client was started again cannot be done.
    IntentFailed {
        /// The group.
        chat: ChatId,
        /// Why.
        error: ClientError,
    },
    /// A chat that was added waits as a request of somebody whom this account has never written to: see
    /// [`ChatSummary::request`](crate::ChatSummary::request).
    ContactRequested {
        /// The chat.
        chat: ChatId,
    },
    /// Whom this account blocks, or what is known of them, is different now.
    BlockedChanged,
    /// The store refused a change: the disk is full or broken. Nothing is lost that was acknowledged; the client goes
    /// offline and tries again later.
    StoreFailed,
    /// Somebody's devices have told that they are further in a chat: see [`Client::receipts`](crate::Client::receipts).
    ReceiptsChanged {
        /// The chat.
        chat: ChatId,
    },
    /// Somebody writes a message, or has ceased to.
    Typing {
        /// The chat.
        chat: ChatId,
        /// Who.
        who: Whom,
        /// Whether they do.
        is_typing: bool,
    },
    /// Somebody has come or gone: see [`Client::presence`](crate::Client::presence).
    PresenceChanged {
        /// Who.
        account: AccountId,
    },
    /// A file is further on its way, or is not on its way any more.
    Transfer(Transfer),
    /// Other messages are starred than before: see [`Client::starred`](crate::Client::starred).
    StarsChanged,
    /// There are other notices than before, or they were looked at: see [`Client::notices`](crate::Client::notices).
    NoticesChanged,
    /// Another device of this account has begun to write something in a chat, or has sent it or thrown it away.
    DraftChanged {
        /// The chat.
        chat: ChatId,
    },
    /// Messages came out of the archive that this device did not have: read the chat anew.
    HistoryRestored {
        /// The chat.
        chat: ChatId,
    },
    /// The archive stands otherwise: see [`Client::archive_status`](crate::Client::archive_status).
    ArchiveChanged,
    /// What others are told was changed, on this device or another: see [`Client::privacy`](crate::Client::privacy).
    PrivacyChanged,
    /// The server has banned the account, and says why and until when. [`Event::LoggedOut`] follows; what is stored stays.
    Banned(Ban),
    /// The account may do something else on the server than before: see [`Client::role`](crate::Client::role).
    RoleChanged,
    /// The reader was too slow and has missed events: read chats and messages anew.
    Lagged,
}

/// How the client stands to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// There is no connection. Reads work and sends queue.
    #[default]
    Offline,
    /// A connection is being made, or its beginning is being read.
    Connecting,
    /// The client hears of everything at once.
    Online,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogOutReason {
    /// [`Client::log_out`](crate::Client::log_out) was called.
    Requested,
    /// The server ended it: the device was removed, or its session was not used for too long.
    SessionEnded,
    /// The server has banned the account: [`Event::Banned`] came before this.
    Banned,
}

/// Events that wait for one reader.
pub const EVENTS_WAITING: usize = 1024;

/// Hands each event to every reader.
#[derive(Clone, Default)]
pub(crate) struct EventHub {
    readers: Arc<Mutex<Vec<Weak<Mutex<Queue>>>>>,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    lagged: bool,
    closed: bool,
    waker: Option<Waker>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds one of these locks can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EventHub {
    /// A reader of all events from now on.
    pub(crate) fn subscribe(&self) -> Events {
        let queue = Arc::new(Mutex::new(Queue::default()));
        lock(&self.readers).push(Arc::downgrade(&queue));
        Events { queue }
    }

    /// Hands `event` to every reader.
    pub(crate) fn emit(&self, event: &Event) {
        self.to_each(|queue| queue.push(event));
    }

    /// Ends every reader's stream after what is waiting.
    pub(crate) fn close(&self) {
        self.to_each(|queue| queue.closed = true);
    }

    fn to_each(&self, mut change: impl FnMut(&mut Queue)) {
        lock(&self.readers).retain(|reader| {
            let Some(queue) = reader.upgrade() else {
                return false;
            };
            let mut queue = lock(&queue);
            change(&mut queue);
            if let Some(waker) = queue.waker.take() {
                waker.wake();
            }
            true
        });
    }
}

impl Queue {
    fn push(&mut self, event: &Event) {
        if self.events.len() < EVENTS_WAITING {
            if core::mem::take(&mut self.lagged) {
                self.events.push_back(Event::Lagged);
            }
            self.events.push_back(event.clone());
        } else {
            self.lagged = true;
        }
    }

    fn pop(&mut self) -> Option<Event> {
        self.events
            .pop_front()
            .or_else(|| core::mem::take(&mut self.lagged).then_some(Event::Lagged))
    }
}

/// A stream of [`Event`]s. It ends when the client is closed. At most [`EVENTS_WAITING`] wait; a reader that is slower
/// than that finds [`Event::Lagged`] where it missed some.
pub struct Events {
    queue: Arc<Mutex<Queue>>,
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut queue = lock(&self.queue);
        match queue.pop() {
            Some(event) => Poll::Ready(Some(event)),
            None if queue.closed => Poll::Ready(None),
            None => {
                queue.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, StreamExt};

    fn event(number: u64) -> Event {
        Event::Undecryptable {
            chat: ChatId::from_bytes([0; 16]),
            seq: Seq(number),
        }
    }

    #[test]
    fn every_reader_gets_every_event_in_order() {
        let hub = EventHub::default();
        let (mut one, mut two) = (hub.subscribe(), hub.subscribe());
        hub.emit(&event(1));
        hub.emit(&event(2));
        for events in [&mut one, &mut two] {
            assert_eq!(events.next().now_or_never(), Some(Some(event(1))));
            assert_eq!(events.next().now_or_never(), Some(Some(event(2))));
            assert_eq!(events.next().now_or_never(), None);
        }
    }

    #[test]
    fn a_slow_reader_is_told_where_it_missed_events_and_keeps_no_more_than_its_bound() {
        let hub = EventHub::default();
        let mut events = hub.subscribe();
        for number in 0..EVENTS_WAITING as u64 + 10 {
            hub.emit(&event(number));
        }
        assert_eq!(events.next().now_or_never(), Some(Some(event(0))));
        let last = event(u64::MAX);
        hub.emit(&last);
        let rest: Vec<_> = std::iter::from_fn(|| events.next().now_or_never().flatten()).collect();
        assert_eq!(rest.len(), EVENTS_WAITING + 1);
        assert_eq!(rest[EVENTS_WAITING - 1..], [Event::Lagged, last]);
    }

    #[test]
    fn a_reader_that_has_caught_up_learns_that_it_missed_events_although_no_new_one_comes() {
        let hub = EventHub::default();
        let mut events = hub.subscribe();
        for number in 0..=EVENTS_WAITING as u64 {
            hub.emit(&event(number));
        }
        let all: Vec<_> = std::iter::from_fn(|| events.next().now_or_never().flatten()).collect();
        assert_eq!(all.last(), Some(&Event::Lagged));
    }

    #[test]
    fn the_stream_ends_after_what_is_waiting_when_the_client_closes() {
        let hub = EventHub::default();
        let mut events = hub.subscribe();
        hub.emit(&event(1));
        hub.close();
        assert_eq!(events.next().now_or_never(), Some(Some(event(1))));
        assert_eq!(events.next().now_or_never(), Some(None));
    }
}
