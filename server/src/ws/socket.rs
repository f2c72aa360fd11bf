//! A WebSocket on a stream whose HTTP part is over: frames in and out, pongs, deadlines, and the clean close of RFC 6455,
//! section 7. What messages mean is its owner's business.

use super::framing::{CloseCode, Decoder, Event, Opcode, Violation, close_frame};
use super::outgoing::Outgoing;
use bytes::{Buf as _, Bytes};
use std::cell::Cell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Sleep, sleep, timeout};

/// Bytes that are read at once, into a buffer that all sockets of a thread share.
const READ_BYTES: usize = 64 * 1024;

/// Bytes a second that a reader has to take beyond the time that any may take: slower ones hold memory for too long.
const SLOWEST_READER: u64 = 16 * 1024;

/// How long the slowest reader may take for so many bytes, beyond the time that any may take.
pub(crate) fn time_to_take(bytes: usize) -> Duration {
    Duration::from_micros(bytes as u64 * 1_000_000 / SLOWEST_READER)
}

/// Bytes that are read behind our close, so that the client finds it before the connection is reset.
const DISCARDED_BYTES_MAX: usize = 1024 * 1024;

/// How long the other side may take to answer our close.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

thread_local! {
    static READ_BUFFER: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// How much was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// Frames that were begun, parts of messages among them.
    pub frames: u32,
    /// Bytes that have arrived.
    pub bytes: usize,
}

/// How long the other side may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a message, from its first byte to its last.
    pub message: Duration,
    /// To take what is written, and a second more for each 16 KiB of it.
    pub write: Duration,
}

/// What a client says to the owner of the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Bytes.
    Binary(Bytes),
    /// UTF-8.
    Text(Bytes),
    /// Nothing more. To be answered by [`WebSocket::close`] with the same code.
    Close(Option<CloseCode>),
}

/// What comes after our close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterClose {
    /// The client's close frame.
    Answer,
    /// Nothing: ours was the answer, or follows a violation, after which nothing can be read.
    End,
}

/// Why no more can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The client broke the protocol: it can still be told.
    #[error(transparent)]
    Violation(#[from] Violation),
    /// A message began and did not end in time: it can still be told.
    #[error("a message took too long")]
    TooSlow,
    /// The connection is gone, without a close.
    #[error("the connection is lost")]
    Lost(#[from] io::Error),
}

/// A server's side of a WebSocket. Idle, it holds no buffer.
#[derive(Debug)]
pub struct WebSocket<S> {
    stream: S,
    decoder: Decoder,
    /// Arrived, and not yet read: the owner wanted no more for now.
    unread: Bytes,
    outgoing: Outgoing,
    /// When the message that has begun has to be there.
    message_due: Option<Pin<Box<Sleep>>>,
    /// When the system has to have taken what is being written.
    write_due: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// On a stream after its upgrade. `read_ahead` are bytes behind the request that HTTP has read already.
    pub fn new(stream: S, read_ahead: Bytes, message_bytes_max: usize) -> Self {
        Self {
            stream,
            decoder: Decoder::new(message_bytes_max),
            unread: read_ahead,
            outgoing: Outgoing::default(),
            message_due: None,
            write_due: None,
        }
    }

    /// Sends binary messages, in order.
    pub fn send(&mut self, messages: VecDeque<Bytes>) {
        self.outgoing.push_messages(messages);
    }

    /// Sends something else in the place of messages that have not begun.
    pub fn replace(&mut self, replacement: impl Fn(&Bytes) -> Option<Bytes>) {
        self.outgoing.replace(replacement);
    }

    /// Sends a text before all messages that have not begun.
    pub fn send_text(&mut self, text: &[u8]) {
        self.outgoing.push_frame(Opcode::Text, text);
    }

    /// Lets a message that has begun take its time anew: what it waits for is us.
    pub fn forgive(&mut self) {
        self.message_due = None;
    }

    /// Asks for a sign of life.
    pub fn ping(&mut self) {
        self.outgoing.push_frame(Opcode::Ping, &[]);
    }

    /// Writes all that waits. An error is the end: the connection is lost, or its reader too slow.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, patience: Patience) -> Poll<io::Result<()>> {
        if self.outgoing.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let written = self.outgoing.poll_write(Pin::new(&mut self.stream), cx);
        if written.is_ready() {
            self.write_due = None;
            return written;
        }
        let outgoing = &self.outgoing;
        let due = self
            .write_due
            .get_or_insert_with(|| Box::pin(sleep(patience.write + time_to_take(outgoing.bytes()))));
        ready!(due.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads what has arrived and hands it to `take`, until that breaks off. Ready when something has arrived, if only a
    /// part of a message. Pings are answered by the next [`Self::poll_write`].
    ///
    /// After an error, or [`Message::Close`], there is nothing more to read.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        patience: Patience,
        mut take: impl FnMut(Message) -> ControlFlow<()>,
    ) -> Poll<Result<Read, ReadError>> {
        if !self.unread.is_empty() {
            let mut unread = std::mem::take(&mut self.unread);
            let mut rest = &unread[..];
            self.decode(&mut rest, &mut take)?;
            let read = unread.len() - rest.len();
            unread.advance(read);
            if !unread.is_empty() {
                self.unread = unread;
            }
            return Poll::Ready(Ok(self.has_read(0)));
        }
        let mut buffer = READ_BUFFER.take().unwrap_or_else(|| vec![0; READ_BYTES].into());
        let mut arrived = ReadBuf::new(&mut buffer);
        let read = match Pin::new(&mut self.stream).poll_read(cx, &mut arrived) {
            Poll::Ready(Ok(())) if arrived.filled().is_empty() => {
                Poll::Ready(Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()))
            }
            Poll::Ready(Ok(())) => {
                let mut rest = arrived.filled();
                let decoded = self.decode(&mut rest, &mut take);
                self.unread = Bytes::copy_from_slice(rest);
                let bytes = arrived.filled().len();
                Poll::Ready(decoded.map(|()| self.has_read(bytes)).map_err(Into::into))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
            Poll::Pending => Poll::Pending,
        };
        READ_BUFFER.set(Some(buffer));
        self.watch_message(cx, patience, read)
    }

    fn has_read(&mut self, bytes: usize) -> Read {
        let frames = self.decoder.take_frames();
        Read { frames, bytes }
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        take: &mut impl FnMut(Message) -> ControlFlow<()>,
    ) -> Result<(), Violation> {
        while let Some(event) = self.decoder.next(input)? {
            let message = match event {
                Event::Binary(bytes) => Message::Binary(bytes),
                Event::Text(bytes) => Message::Text(bytes),
                Event::Close(code) => Message::Close(code),
                Event::Ping(payload) => {
                    self.outgoing.push_frame(Opcode::Pong, &payload);
                    continue;
                }
                Event::Pong => continue,
            };
            if take(message).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Sets the deadline of a message that begins, and keeps it while nothing more comes.
    fn watch_message(
        &mut self,
        cx: &mut Context<'_>,
        patience: Patience,
        read: Poll<Result<Read, ReadError>>,
    ) -> Poll<Result<Read, ReadError>> {
        // While the owner does not read on, the client is not what is waited for.
        if !self.decoder.has_begun() || !self.unread.is_empty() {
            self.message_due = None;
            return read;
        }
        let due = self
            .message_due
            .get_or_insert_with(|| Box::pin(sleep(patience.message)));
        if read.is_pending() && due.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(ReadError::TooSlow));
        }
        read
    }

    /// Writes what waits, says that nothing more comes, and waits until the other side is gone: whoever drops a socket with
    /// unread bytes in it takes back what it has just written.
    pub async fn close(
        mut self,
        code: Option<CloseCode>,
        reason: &str,
        next: AfterClose,
        patience: Patience,
    ) {
        if self.write_all(patience).await.is_err() {
            return;
        }
        self.outgoing.push_encoded(&close_frame(code, reason));
        if self.write_all(patience).await.is_err() {
            return;
        }
        let _ = timeout(CLOSE_PATIENCE, async {
            match next {
                AfterClose::Answer => self.read_to_close(patience).await,
                AfterClose::End => {}
            }
            self.stream.shutdown().await?;
            self.read_to_end().await
        })
        .await;
    }

    async fn write_all(&mut self, patience: Patience) -> io::Result<()> {
        poll_fn(|cx| self.poll_write(cx, patience)).await
    }

    /// Reads and forgets until the client has nothing more to say, unless that takes too many bytes.
    async fn read_to_close(&mut self, patience: Patience) {
        let mut is_closed = false;
        let mut bytes = 0;
        while !is_closed && bytes < DISCARDED_BYTES_MAX {
            let read = poll_fn(|cx| {
                self.poll_read(cx, patience, |message| match message {
                    Message::Close(_) => {
                        is_closed = true;
                        ControlFlow::Break(())
                    }
                    Message::Binary(_) | Message::Text(_) => ControlFlow::Continue(()),
                })
            });
            match read.await {
                Ok(read) => bytes += read.bytes,
                Err(_) => return,
            }
            // Nothing more is written but our close, which is.
            self.outgoing = Outgoing::default();
        }
    }

    /// Reads and forgets until the stream ends, unless that takes too many bytes.
    async fn read_to_end(&mut self) -> io::Result<()> {
        let mut bytes = 0;
        poll_fn(|cx| {
            let mut buffer = READ_BUFFER.take().unwrap_or_else(|| vec![0; READ_BYTES].into());
            let ended = loop {
                let mut arrived = ReadBuf::new(&mut buffer);
                match Pin::new(&mut self.stream).poll_read(cx, &mut arrived) {
                    Poll::Ready(Ok(())) if !arrived.filled().is_empty() && bytes < DISCARDED_BYTES_MAX => {
                        bytes += arrived.filled().len();
                    }
                    ended => break ended,
                }
            };
            READ_BUFFER.set(Some(buffer));
            ended
        })
        .await
    }
}
