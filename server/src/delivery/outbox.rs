//! What waits to be sent to one connection.

use super::lock;
use bytes::Bytes;
use sotto_protocol::Timestamp;
use sotto_protocol::frame::{Goodbye, ServerFrame};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// Signals may take so much of an outbox on top of its bounds: one part in this many.
const SIGNAL_SHARE: usize = 8;

/// Bounds on what may wait for one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutboxLimits {
    pub(super) frames: u32,
    pub(super) bytes: u32,
}

/// Encoded frames on their way to one connection. An empty one holds no memory but itself.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    limits: OutboxLimits,
}

/// How much waits for a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) frames: usize,
    pub(super) bytes: usize,
}

/// What there is to do for a connection.
#[derive(Debug)]
pub enum Due {
    /// Frames to send, at least one. A [`Goodbye`] is the last that ever comes.
    Frames(Frames),
    /// Time to see whether the other side is still there.
    SignOfLife,
    /// The goodbye was the last: close.
    Goodbye,
}

/// Encoded frames.
#[derive(Debug, Default)]
pub struct Frames {
    /// In their order.
    pub encoded: VecDeque<Bytes>,
    /// When the first of the entries among them is over: from then on they are not sent as they are.
    pub expires_first: Option<Timestamp>,
}

/// The earlier of two times, if there is one.
pub(super) fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

#[derive(Debug, Default)]
struct State {
    frames: Frames,
    bytes: usize,
    /// Of the frames, those that are signals, and their bytes.
    signals: u32,
    signal_bytes: usize,
    /// Requests of the connection without an answer yet.
    unanswered: u32,
    goodbye: Option<Goodbye>,
    wants_sign_of_life: bool,
    /// The connection's task, if it waits for anything here.
    task: Option<Waker>,
}

impl Outbox {
    pub(super) fn new(limits: OutboxLimits) -> Self {
        Self {
            state: Mutex::default(),
            limits,
        }
    }

    /// Adds a frame. `false` if the connection is over or, by this very frame, too slow.
    pub(super) fn push(&self, frame: Bytes) -> bool {
        self.push_until(frame, None)
    }

    /// Adds a frame that has an entry which is over at this time.
    pub(super) fn push_until(&self, frame: Bytes, expires_at: Option<Timestamp>) -> bool {
        self.change(|state| state.push(frame, expires_at, self.limits))
    }

    /// Adds a signal, if that is no burden: what waits is half of the bounds at most, and of it few are signals. A signal
    /// takes no room from other frames. `false` if it was dropped.
    pub(super) fn push_signal(&self, signal: Bytes) -> bool {
        let mut state = lock(&self.state);
        let OutboxLimits { frames, bytes } = self.limits;
        let (frames, bytes) = (frames as usize, bytes as usize);
        let has_room = (state.signals as usize) < frames.div_ceil(SIGNAL_SHARE)
            && state.signal_bytes + signal.len() <= bytes / SIGNAL_SHARE
            && state.other_frames() <= frames / 2
            && state.other_bytes() <= bytes / 2;
        if state.goodbye.is_some() || !has_room {
            return false;
        }
        state.signals += 1;
        state.signal_bytes += signal.len();
        state.bytes += signal.len();
        state.frames.encoded.push_back(signal);
        wake(state);
        true
    }

    /// Adds the answer to a request that [`Self::begin_request`] let in, with entries of which the first is over at this
    /// time.
    pub(super) fn answer(&self, frame: Bytes, expires_first: Option<Timestamp>) {
        self.change(|state| {
            state.unanswered = state.unanswered.saturating_sub(1);
            state.push(frame, expires_first, self.limits);
        });
    }

    /// Counts one more request, if fewer than `most` are without an answer and the connection is not over.
    pub(super) fn try_begin_request(&self, most: usize) -> bool {
        let mut state = lock(&self.state);
        let has_room = state.goodbye.is_none() && (state.unanswered as usize) < most;
        state.unanswered += u32::from(has_room);
        has_room
    }

    /// Waits until fewer than `most` requests are without an answer, and counts one more. `false` if the connection
    /// is over.
    pub(super) async fn begin_request(&self, most: usize) -> bool {
        poll_fn(|cx| {
            let mut state = lock(&self.state);
            if state.goodbye.is_some() {
                return Poll::Ready(false);
            }
            if (state.unanswered as usize) < most {
                state.unanswered += 1;
                return Poll::Ready(true);
            }
            state.wait(cx);
            Poll::Pending
        })
        .await
    }

    /// Says goodbye after what is waiting, once.
    pub(super) fn close(&self, goodbye: Goodbye) {
        self.change(|state| state.close(goodbye));
    }

    /// Asks the connection whether its other side is still there.
    pub(super) fn ask_for_sign_of_life(&self) {
        self.change(|state| state.wants_sign_of_life = true);
    }

    pub(super) fn goodbye(&self) -> Option<Goodbye> {
        lock(&self.state).goodbye
    }

    /// What there is to do. The one task that owns the connection is woken when there is something.
    pub(super) fn poll_due(&self, cx: &mut Context<'_>) -> Poll<Due> {
        let mut state = lock(&self.state);
        if !state.frames.encoded.is_empty() {
            return Poll::Ready(Due::Frames(state.take()));
        }
        if state.goodbye.is_some() {
            return Poll::Ready(Due::Goodbye);
        }
        if std::mem::take(&mut state.wants_sign_of_life) {
            return Poll::Ready(Due::SignOfLife);
        }
        state.wait(cx);
        Poll::Pending
    }

    /// How much is waiting.
    pub(super) fn waiting(&self) -> Waiting {
        let state = lock(&self.state);
        Waiting {
            frames: state.frames.encoded.len(),
            bytes: state.bytes,
        }
    }

    /// Takes all that is waiting.
    pub(super) fn take(&self) -> Frames {
        lock(&self.state).take()
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = lock(&self.state);
        let changed = change(&mut state);
        wake(state);
        changed
    }
}

/// Wakes the connection's task, without the lock, which it will want at once.
fn wake(mut state: MutexGuard<'_, State>) {
    let task = state.task.take();
    drop(state);
    if let Some(task) = task {
        task.wake();
    }
}

impl State {
    fn push(&mut self, frame: Bytes, expires_at: Option<Timestamp>, limits: OutboxLimits) -> bool {
        if self.goodbye.is_some() {
            return false;
        }
        self.bytes += frame.len();
        self.frames.encoded.push_back(frame);
        self.frames.expires_first = earlier(self.frames.expires_first, expires_at);
        // One frame always fits, however large it is.
        let is_full = self.other_frames() > limits.frames as usize
            || self.other_bytes() > limits.bytes as usize && self.other_frames() > 1;
        if is_full {
            self.take();
            self.close(Goodbye::TooSlow);
        }
        !is_full
    }

    fn close(&mut self, goodbye: Goodbye) {
        if self.goodbye.is_none() {
            self.goodbye = Some(goodbye);
            self.frames
                .encoded
                .push_back(ServerFrame::<Bytes>::Goodbye(goodbye).encode());
        }
    }

    fn take(&mut self) -> Frames {
        self.bytes = 0;
        self.signals = 0;
        self.signal_bytes = 0;
        std::mem::take(&mut self.frames)
    }

    fn other_frames(&self) -> usize {
        self.frames.encoded.len() - self.signals as usize
    }

    const fn other_bytes(&self) -> usize {
        self.bytes - self.signal_bytes
    }

    fn wait(&mut self, cx: &Context<'_>) {
        match &mut self.task {
            Some(task) => task.clone_from(cx.waker()),
            task @ None => *task = Some(cx.waker().clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: OutboxLimits = OutboxLimits {
        frames: 16,
        bytes: 800,
    };

    fn frame() -> Bytes {
        Bytes::from_static(&[0; 10])
    }

    fn last_frame(outbox: &Outbox) -> ServerFrame {
        ServerFrame::decode(outbox.take().encoded.back().unwrap()).unwrap()
    }

    #[test]
    fn a_connection_that_does_not_read_is_told_that_it_is_too_slow_and_nothing_else() {
        for frame in [Bytes::from_static(&[0; 1]), Bytes::from_static(&[0; 500])] {
            let outbox = Outbox::new(LIMITS);
            let pushed = (0..20).take_while(|_| outbox.push(frame.clone())).count();
            assert!(pushed <= 16);
            assert_eq!(outbox.goodbye(), Some(Goodbye::TooSlow));
            let frames = outbox.take().encoded;
            assert_eq!(frames.len(), 1);
            assert_eq!(
                ServerFrame::decode(&frames[0]).unwrap(),
                ServerFrame::Goodbye(Goodbye::TooSlow)
            );
            assert!(!outbox.push(frame));
            assert!(outbox.take().encoded.is_empty());
        }
    }

    #[test]
    fn a_frame_that_is_larger_than_the_bound_fits_alone() {
        let outbox = Outbox::new(LIMITS);
        assert!(outbox.push(Bytes::from(vec![0; 5000])));
        assert_eq!(outbox.take().encoded.len(), 1);
        assert_eq!(outbox.goodbye(), None);
    }

    #[test]
    fn the_first_goodbye_counts_and_comes_last() {
        let outbox = Outbox::new(LIMITS);
        outbox.push(Bytes::from_static(b"frame"));
        outbox.close(Goodbye::Replaced);
        outbox.close(Goodbye::Restarting);
        assert_eq!(last_frame(&outbox), ServerFrame::Goodbye(Goodbye::Replaced));
    }

    #[test]
    fn signals_neither_cut_a_reader_off_nor_take_the_room_of_other_frames() {
        let outbox = Outbox::new(LIMITS);
        let relayed = (0..1000).filter(|_| outbox.push_signal(frame())).count();
        assert_eq!(relayed, 2);
        let pushed = (0..16).filter(|_| outbox.push(frame())).count();
        assert_eq!(pushed, 16);
        assert_eq!(outbox.goodbye(), None);
        assert_eq!(outbox.take().encoded.len(), 18);
        assert!(outbox.push_signal(frame()));
    }

    #[test]
    fn signals_are_dropped_before_the_outbox_is_full() {
        let by_frames = Outbox::new(LIMITS);
        (0..9).for_each(|_| assert!(by_frames.push(frame())));
        assert!(!by_frames.push_signal(frame()));
        let by_bytes = Outbox::new(LIMITS);
        assert!(by_bytes.push(Bytes::from(vec![0; 401])));
        assert!(!by_bytes.push_signal(frame()));
        let large = Outbox::new(LIMITS);
        assert!(!large.push_signal(Bytes::from(vec![0; 101])));
        assert_eq!(large.goodbye(), None);
    }

    #[tokio::test]
    async fn a_task_that_waits_is_woken_by_a_frame_an_answer_and_a_question() {
        let outbox = Outbox::new(LIMITS);
        let due = || poll_fn(|cx| outbox.poll_due(cx));
        let (due_now, ()) = tokio::join!(due(), async { assert!(outbox.push(frame())) });
        assert!(matches!(due_now, Due::Frames(frames) if frames.encoded.len() == 1));
        let (due_now, ()) = tokio::join!(due(), async { outbox.ask_for_sign_of_life() });
        assert!(matches!(due_now, Due::SignOfLife));
        assert!(outbox.begin_request(1).await);
        let (begun, ()) = tokio::join!(outbox.begin_request(1), async { outbox.answer(frame(), None) });
        assert!(begun);
        let (begun, ()) = tokio::join!(outbox.begin_request(1), async {
            outbox.close(Goodbye::Replaced);
        });
        assert!(!begun);
    }
}
