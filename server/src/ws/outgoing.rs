//! What is on its way to one socket: whole messages, shared with other connections, and small frames of our own.

use super::framing::{FrameHead, Opcode};
use bytes::Bytes;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;

/// Messages in one write: two slices each.
const MESSAGES_PER_WRITE: usize = 32;

/// Frames that wait for the socket. Empty, it holds no memory but itself.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// Payloads of binary messages; their heads are made as they are written.
    messages: VecDeque<Bytes>,
    /// Of the first message's frame, so many bytes are written.
    begun: u32,
    /// Frames that are encoded: they go before the next message that has not begun.
    frames: Vec<u8>,
    /// All is written, and some of it may still be with TLS.
    needs_flush: bool,
}

impl Outgoing {
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.frames.is_empty() && !self.needs_flush
    }

    /// Bytes of payload that wait.
    pub(super) fn bytes(&self) -> usize {
        self.frames.len() + self.messages.iter().map(Bytes::len).sum::<usize>()
    }

    pub(super) fn push_messages(&mut self, mut messages: VecDeque<Bytes>) {
        if self.messages.is_empty() {
            self.messages = messages;
        } else {
            self.messages.append(&mut messages);
        }
    }

    /// Replaces messages that have not begun, where there is something to put in their place.
    pub(super) fn replace(&mut self, replacement: impl Fn(&Bytes) -> Option<Bytes>) {
        for message in self.messages.iter_mut().skip(usize::from(self.begun > 0)) {
            if let Some(replacement) = replacement(message) {
                *message = replacement;
            }
        }
    }

    pub(super) fn push_frame(&mut self, opcode: Opcode, payload: &[u8]) {
        self.push_encoded(FrameHead::new(opcode, payload.len()).as_bytes());
        self.push_encoded(payload);
    }

    pub(super) fn push_encoded(&mut self, frame: &[u8]) {
        self.frames.extend_from_slice(frame);
    }

    /// Writes all that waits, in as few calls as the system takes it.
    pub(super) fn poll_write(
        &mut self,
        mut stream: Pin<&mut impl AsyncWrite>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.messages.is_empty() || !self.frames.is_empty() {
            let mut heads = [FrameHead::NONE; MESSAGES_PER_WRITE];
            for (head, message) in heads.iter_mut().zip(&self.messages) {
                *head = FrameHead::new(Opcode::Binary, message.len());
            }
            let mut slices = [IoSlice::new(&[]); 2 * MESSAGES_PER_WRITE + 1];
            let count = self.fill(&heads, &mut slices);
            let slices = slices.get(..count).unwrap_or_default();
            let written = ready!(stream.as_mut().poll_write_vectored(cx, slices))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(written);
            self.needs_flush = true;
        }
        if self.needs_flush {
            ready!(stream.poll_flush(cx))?;
        }
        *self = Self::default();
        Poll::Ready(Ok(()))
    }

    /// Puts what is to be written next into `slices`, and returns how many they are.
    fn fill<'a>(&'a self, heads: &'a [FrameHead], slices: &mut [IoSlice<'a>]) -> usize {
        let parts = heads
            .iter()
            .zip(&self.messages)
            .flat_map(|(head, message)| [head.as_bytes(), message]);
        let mut skip = self.begun as usize;
        let parts = parts.map(|part| {
            let skipped = skip.min(part.len());
            skip -= skipped;
            part.get(skipped..).unwrap_or_default()
        });
        let mut parts = parts.peekable();
        let mut rest_of_first = [&[][..]; 2];
        if self.begun > 0 {
            for part in &mut rest_of_first {
                *part = parts.next().unwrap_or_default();
            }
        }
        let in_order = rest_of_first
            .into_iter()
            .chain([self.frames.as_slice()])
            .chain(parts);
        let mut count = 0;
        for (slice, part) in slices.iter_mut().zip(in_order.filter(|part| !part.is_empty())) {
            *slice = IoSlice::new(part);
            count += 1;
        }
        count
    }

    /// Forgets what is written, in the order of [`Self::fill`].
    fn advance(&mut self, mut written: usize) {
        if self.begun > 0 {
            written = self.advance_messages(written, 1);
        }
        let frames = written.min(self.frames.len());
        self.frames.drain(..frames);
        self.advance_messages(written - frames, usize::MAX);
    }

    /// Forgets up to `most` messages. Returns what is left of `written`.
    fn advance_messages(&mut self, mut written: usize, most: usize) -> usize {
        for _ in 0..most {
            let Some(message) = self.messages.front() else {
                break;
            };
            let head = FrameHead::new(Opcode::Binary, message.len());
            let left = head.as_bytes().len() + message.len() - self.begun as usize;
            if written < left {
                self.begun += u32::try_from(written).unwrap_or(u32::MAX);
                return 0;
            }
            written -= left;
            self.begun = 0;
            self.messages.pop_front();
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Takes so many bytes at a time, as a busy socket does.
    struct Narrow {
        taken: Vec<u8>,
        widths: std::vec::IntoIter<usize>,
        /// Whether all that it took is gone.
        flushes: bool,
    }

    impl AsyncWrite for Narrow {
        fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let Some(width) = self.widths.next() else {
                return Poll::Pending;
            };
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            let count = width.min(bytes.len());
            self.taken.extend_from_slice(&bytes[..count]);
            Poll::Ready(Ok(count))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            if self.flushes {
                Poll::Ready(Ok(()))
            } else {
                Poll::Pending
            }
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Reads the server's frames: opcode and payload.
    fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut frames = Vec::new();
        while let [first, length, rest @ ..] = bytes {
            let (length, rest) = match *length {
                126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
                length => (usize::from(length), rest),
            };
            let (payload, rest) = rest.split_at(length);
            frames.push((*first, payload.to_vec()));
            bytes = rest;
        }
        frames
    }

    #[test]
    fn what_the_stream_has_taken_and_not_passed_on_still_waits() {
        let mut outgoing = Outgoing::default();
        outgoing.push_frame(Opcode::Ping, b"there?");
        let mut stream = Narrow {
            taken: Vec::new(),
            widths: vec![2000].into_iter(),
            flushes: false,
        };
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(outgoing.poll_write(Pin::new(&mut stream), &mut cx).is_pending());
        assert!(!outgoing.is_empty());
        assert!(outgoing.poll_write(Pin::new(&mut stream), &mut cx).is_pending());
        stream.flushes = true;
        assert!(outgoing.poll_write(Pin::new(&mut stream), &mut cx).is_ready());
        assert!(outgoing.is_empty());
    }

    proptest! {
        #[test]
        fn every_frame_goes_out_whole_and_in_order_however_little_the_socket_takes(
            lengths in proptest::collection::vec(0..300_usize, 0..80),
            mut widths in proptest::collection::vec(1..2000_usize, 0..60),
            pings in proptest::collection::vec(0..60_usize, 0..3),
        ) {
            let messages: Vec<Bytes> = (0_u8..)
                .zip(&lengths)
                .map(|(number, &length)| vec![number; length].into())
                .collect();
            let mut outgoing = Outgoing::default();
            outgoing.push_messages(messages.iter().cloned().collect());
            let mut cx = Context::from_waker(std::task::Waker::noop());
            let mut stream = Narrow { taken: Vec::new(), widths: Vec::new().into_iter(), flushes: true };
            // Pings come when some of it is written.
            let mut sent = 0;
            for ping in &pings {
                let now: Vec<_> = widths.drain(..(*ping).min(widths.len())).collect();
                stream.widths = now.into_iter();
                let _ = outgoing.poll_write(Pin::new(&mut stream), &mut cx);
                outgoing.push_frame(Opcode::Ping, b"there?");
                sent += 1;
            }
            stream.widths = vec![2000; 200].into_iter();
            prop_assert!(outgoing.poll_write(Pin::new(&mut stream), &mut cx).is_ready());
            prop_assert!(outgoing.is_empty());
            let (pings, rest): (Vec<_>, Vec<_>) = frames(&stream.taken).into_iter().partition(|(first, _)| *first == 0x89);
            prop_assert_eq!(pings.len(), sent);
            prop_assert!(rest.into_iter().map(|(_, payload)| payload).eq(messages));
        }
    }
}
