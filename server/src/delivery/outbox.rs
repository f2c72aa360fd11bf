//! What waits to be sent to one connection.

use super::lock;
use bytes::Bytes;
use sotto_protocol::frame::{Goodbye, ServerFrame};
use std::collections::VecDeque;
use std::sync::Mutex;
use tokio::sync::Notify;

/// Bounds on what may wait for one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutboxLimits {
    pub(super) frames: usize,
    pub(super) bytes: usize,
}

/// Encoded frames on their way to one connection. An empty one holds no memory but itself.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// There are frames, or there is room for another request.
    changed: Notify,
    limits: OutboxLimits,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// Requests of the connection without an answer yet.
    unanswered: usize,
    goodbye: Option<Goodbye>,
}

impl Outbox {
    pub(super) fn new(limits: OutboxLimits) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            limits,
        }
    }

    /// Adds a frame. `false` if the connection is over or, by this very frame, too slow.
    pub(super) fn push(&self, frame: Bytes) -> bool {
        let pushed = Self::push_into(&mut lock(&self.state), frame, self.limits);
        self.changed.notify_one();
        pushed
    }

    /// Adds the answer to a request that [`Self::begin_request`] let in.
    pub(super) fn answer(&self, frame: Bytes) {
        let mut state = lock(&self.state);
        state.unanswered = state.unanswered.saturating_sub(1);
        Self::push_into(&mut state, frame, self.limits);
        drop(state);
        self.changed.notify_one();
    }

    fn push_into(state: &mut State, frame: Bytes, limits: OutboxLimits) -> bool {
        if state.goodbye.is_some() {
            return false;
        }
        state.bytes += frame.len();
        state.frames.push_back(frame);
        // One frame always fits, however large it is.
        let is_full =
            state.frames.len() > limits.frames || state.bytes > limits.bytes && state.frames.len() > 1;
        if is_full {
            state.frames = VecDeque::new();
            Self::close_state(state, Goodbye::TooSlow);
        }
        !is_full
    }

    /// Waits until fewer than `most` requests are without an answer, and counts one more. `false` if the connection
    /// is over.
    pub(super) async fn begin_request(&self, most: usize) -> bool {
        loop {
            {
                let mut state = lock(&self.state);
                if state.goodbye.is_some() {
                    return false;
                }
                if state.unanswered < most {
                    state.unanswered += 1;
                    return true;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Says goodbye after what is waiting, once.
    pub(super) fn close(&self, goodbye: Goodbye) {
        Self::close_state(&mut lock(&self.state), goodbye);
        self.changed.notify_one();
    }

    fn close_state(state: &mut State, goodbye: Goodbye) {
        if state.goodbye.is_none() {
            state.goodbye = Some(goodbye);
            state
                .frames
                .push_back(ServerFrame::<Bytes>::Goodbye(goodbye).encode());
        }
    }

    pub(super) fn goodbye(&self) -> Option<Goodbye> {
        lock(&self.state).goodbye
    }

    /// Takes all that is waiting.
    pub(super) fn take(&self) -> VecDeque<Bytes> {
        let mut state = lock(&self.state);
        state.bytes = 0;
        std::mem::take(&mut state.frames)
    }

    /// Waits until there may be something to take.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox() -> Outbox {
        Outbox::new(OutboxLimits {
            frames: 3,
            bytes: 100,
        })
    }

    fn last_frame(outbox: &Outbox) -> ServerFrame {
        ServerFrame::decode(outbox.take().back().unwrap()).unwrap()
    }

    #[test]
    fn a_connection_that_does_not_read_is_told_that_it_is_too_slow_and_nothing_else() {
        for frame in [Bytes::from_static(&[0; 1]), Bytes::from_static(&[0; 60])] {
            let outbox = outbox();
            let pushed = (0..5).take_while(|_| outbox.push(frame.clone())).count();
            assert!(pushed < 4);
            assert_eq!(outbox.goodbye(), Some(Goodbye::TooSlow));
            let frames = outbox.take();
            assert_eq!(frames.len(), 1);
            assert_eq!(
                ServerFrame::decode(&frames[0]).unwrap(),
                ServerFrame::Goodbye(Goodbye::TooSlow)
            );
            assert!(!outbox.push(frame));
            assert!(outbox.take().is_empty());
        }
    }

    #[test]
    fn a_frame_that_is_larger_than_the_bound_fits_alone() {
        let outbox = outbox();
        assert!(outbox.push(Bytes::from_static(&[0; 500])));
        assert_eq!(outbox.take().len(), 1);
        assert_eq!(outbox.goodbye(), None);
    }

    #[test]
    fn the_first_goodbye_counts_and_comes_last() {
        let outbox = outbox();
        outbox.push(Bytes::from_static(b"frame"));
        outbox.close(Goodbye::Replaced);
        outbox.close(Goodbye::Restarting);
        assert_eq!(last_frame(&outbox), ServerFrame::Goodbye(Goodbye::Replaced));
    }
}
