//! One connection of a device: one task that moves frames between the socket and the Delivery Service.

use super::framing::CloseCode;
use super::upgrade::Admitted;
use super::{AfterClose, Message, Patience, ReadError, Stream, WebSocket};
use crate::app::{App, Backend};
use crate::delivery::{Connection, Due, Intake, Room, Taken, without_what_is_over};
use crate::http::chain;
use crate::limit::Spent;
use crate::listener::ConnectionPermit;
use crate::membership::are_enrolled;
use crate::telemetry::metrics::{self, CloseReason, FrameKind, METRICS};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use sotto_protocol::frame::{ClientFrame, Goodbye, RequestId};
use sotto_protocol::{DeviceAddress, ProblemCode, Timestamp, limits};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::time::sleep_until;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// How many times a connection reads or writes before others have their turn.
const TURNS: usize = 8;

/// How long after some waiting entries were over it is looked for others.
const EXPIRY_MILLIS: u64 = 1000;
const NEVER: Timestamp = Timestamp(u64::MAX);

/// What is counted for as long as the connection lives.
type Held = (Option<ConnectionPermit>, TaskTrackerToken);

/// The future of a connection, done when either side has ended it. There are very many of them, so what is rare is boxed:
/// what it holds while nothing moves is `docs/performance.md`'s subject.
pub(super) struct Session<B: Backend> {
    stage: Stage<B>,
    _held: Held,
}

#[allow(
    clippy::large_enum_variant,
    reason = "the large one is what nearly all connections are in"
)]
enum Stage<B: Backend> {
    Open(Open<B>),
    Closing(BoxFuture<'static, ()>),
    Closed,
}

/// What a connection waits for, or has waited for.
enum Waiting {
    Nothing,
    /// Comes with room in a queue, if it waits for that.
    For(BoxFuture<'static, Option<Room>>),
    /// Some room is left: for what can be read at once, and then for others.
    Over(Room),
}

impl Waiting {
    fn is_over(&self) -> bool {
        !matches!(self, Self::For(_))
    }
}

struct Open<B: Backend> {
    app: App<B>,
    socket: WebSocket<Stream>,
    connection: Connection<B::Accounts, B::Log>,
    /// A frame that waits for room in a queue, or for a database, or the end of a pause for having sent too much. Nothing is
    /// read meanwhile.
    waiting: Waiting,
    /// Whether anything has come since the last ping.
    heard: bool,
    /// What it has sent.
    spent: Spent,
    /// Whether its account is a bot.
    is_bot: bool,
    /// When the first of the entries that wait for the socket is over.
    expires_first: Timestamp,
    /// Set when the client has broken the protocol: it is read no further.
    broken: Option<CloseCode>,
    _counted: metrics::Held,
}

/// Why a connection ends.
#[derive(Clone, Copy)]
enum Ended {
    /// The Delivery Service ended it: say goodbye.
    ByUs,
    /// The client said that it goes.
    ByThem(Option<CloseCode>),
    /// The network, or a client that neither reads nor answers.
    Lost,
}

impl Ended {
    fn reason(self, goodbye: Option<Goodbye>) -> CloseReason {
        match (goodbye, self) {
            (Some(goodbye), _) => goodbye.into(),
            (None, Self::ByUs | Self::ByThem(_)) => CloseReason::Client,
            (None, Self::Lost) => CloseReason::Lost,
        }
    }
}

impl<B: Backend> Session<B> {
    pub(super) fn new(
        app: App<B>,
        socket: WebSocket<Stream>,
        Admitted { connection, is_bot }: Admitted<B>,
        held: Held,
    ) -> Self {
        METRICS.connections_opened.increment();
        Self {
            stage: Stage::Open(Open {
                app,
                socket,
                connection,
                waiting: Waiting::Nothing,
                heard: true,
                spent: Spent::default(),
                is_bot,
                expires_first: NEVER,
                broken: None,
                _counted: METRICS.connections.hold(),
            }),
            _held: held,
        }
    }
}

/// Nothing in it is pinned in its place.
impl<B: Backend> Unpin for Session<B> {}

impl<B: Backend> Future for Session<B> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match &mut self.stage {
                Stage::Open(open) => {
                    let polled = open.poll(cx);
                    if open.waiting.is_over() {
                        open.waiting = Waiting::Nothing;
                    }
                    let ended = ready!(polled);
                    if let Stage::Open(open) = std::mem::replace(&mut self.stage, Stage::Closed) {
                        self.stage = open.close(ended);
                    }
                }
                Stage::Closing(closing) => {
                    ready!(closing.as_mut().poll(cx));
                    self.stage = Stage::Closed;
                }
                Stage::Closed => return Poll::Ready(()),
            }
        }
    }
}

impl<B: Backend> Open<B> {
    fn patience(&self) -> Patience {
        Patience {
            message: self.app.config.timeouts.request(),
            write: self.app.config.timeouts.write(),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        let patience = self.patience();
        for _ in 0..TURNS {
            // While the system takes no more, nothing is taken out of the outbox, whose bounds tell a slow reader, and
            // nothing is read: whoever asks has to take the answers.
            self.erase_what_is_over();
            match self.socket.poll_write(cx, patience) {
                Poll::Ready(Ok(())) => self.expires_first = NEVER,
                Poll::Ready(Err(_)) => return Poll::Ready(Ended::Lost),
                Poll::Pending => {
                    self.poll_held(cx);
                    return Poll::Pending;
                }
            }
            match self.connection.poll_due(cx) {
                Poll::Ready(Due::Frames(frames)) => {
                    METRICS.sent(&frames.encoded);
                    self.expires_first = frames.expires_first.unwrap_or(NEVER);
                    self.socket.send(frames.encoded);
                    continue;
                }
                Poll::Ready(Due::SignOfLife) => {
                    // Who is not listened to cannot be heard.
                    let is_silent = !self.heard && self.waiting.is_over();
                    if is_silent {
                        return Poll::Ready(Ended::Lost);
                    }
                    self.heard = false;
                    self.socket.ping();
                    continue;
                }
                Poll::Ready(Due::Goodbye) => return Poll::Ready(Ended::ByUs),
                Poll::Pending => {}
            }
            if let Waiting::For(waiting) = &mut self.waiting {
                let room = ready!(waiting.as_mut().poll(cx));
                self.waiting = room.map_or(Waiting::Nothing, Waiting::Over);
                self.heard = true;
            }
            if self.broken.is_some() {
                return Poll::Pending;
            }
            if let ControlFlow::Break(ended) = ready!(self.poll_read(cx, patience)) {
                return Poll::Ready(ended);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Takes the payloads out of entries that have waited for the client until their time was over.
    fn erase_what_is_over(&mut self) {
        if self.expires_first == NEVER {
            return;
        }
        let now = self.connection.now();
        if self.expires_first <= now {
            self.socket.replace(|frame| without_what_is_over(frame, now));
            // Those that are left may be over at any time.
            self.expires_first = now.plus_millis(EXPIRY_MILLIS);
        }
    }

    /// Goes on with what holds a database, or room in a queue: it must not wait for a client that does not read.
    fn poll_held(&mut self, cx: &mut Context<'_>) {
        self.connection.poll_greeting(cx);
        if let Waiting::For(waiting) = &mut self.waiting
            && waiting.as_mut().poll(cx).is_ready()
        {
            self.waiting = Waiting::Nothing;
            self.heard = true;
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, patience: Patience) -> Poll<ControlFlow<Ended>> {
        let Self {
            app,
            socket,
            connection,
            waiting,
            broken,
            spent,
            is_bot,
            ..
        } = self;
        let mut closed = None;
        let read = socket.poll_read(cx, patience, |message| match message {
            Message::Binary(bytes) => match receive(app, connection, &bytes, waiting) {
                Ok(()) if waiting.is_over() => ControlFlow::Continue(()),
                Ok(()) => ControlFlow::Break(()),
                Err(Malformed) => {
                    *broken = Some(CloseCode::PROTOCOL);
                    ControlFlow::Break(())
                }
            },
            Message::Text(_) => {
                *broken = Some(CloseCode::PROTOCOL);
                ControlFlow::Break(())
            }
            Message::Close(code) => {
                closed = Some(code);
                ControlFlow::Break(())
            }
        });
        match ready!(read) {
            Ok(read) => {
                self.heard = true;
                if let Some(until) = app.limits.of_frames(*is_bot, spent, read.frames, read.bytes) {
                    socket.forgive();
                    let before = std::mem::replace(waiting, Waiting::Nothing);
                    *waiting = Waiting::For(Box::pin(async move {
                        if let Waiting::For(before) = before {
                            drop(before.await);
                        }
                        sleep_until(until).await;
                        None
                    }));
                }
            }
            Err(ReadError::Violation(violation)) => self.broken = Some(violation.close_code()),
            Err(ReadError::TooSlow) => self.broken = Some(CloseCode::POLICY),
            Err(ReadError::Lost(_)) => return Poll::Ready(ControlFlow::Break(Ended::Lost)),
        }
        if let Some(code) = closed {
            return Poll::Ready(ControlFlow::Break(Ended::ByThem(code)));
        }
        if self.broken.is_some() {
            self.connection.close(Goodbye::Malformed);
        }
        Poll::Ready(ControlFlow::Continue(()))
    }

    /// Unregisters the device, then closes the socket.
    fn close(self, ended: Ended) -> Stage<B> {
        let patience = self.patience();
        let Self {
            socket,
            connection,
            broken,
            ..
        } = self;
        tracing::debug!(device = ?connection.device().device, "disconnected");
        let goodbye = connection.goodbye();
        METRICS.connections_closed.of(ended.reason(goodbye)).increment();
        drop(connection);
        match ended {
            Ended::ByUs => {
                let (code, reason) = closing(goodbye, broken);
                let next = if broken.is_some() {
                    AfterClose::End
                } else {
                    AfterClose::Answer
                };
                Stage::Closing(Box::pin(socket.close(Some(code), reason, next, patience)))
            }
            Ended::ByThem(code) => {
                Stage::Closing(Box::pin(socket.close(code, "", AfterClose::End, patience)))
            }
            Ended::Lost => Stage::Closed,
        }
    }
}

/// The bytes are no frame, or one that breaks the protocol.
struct Malformed;

/// Takes a message: every one that a client sends comes through here. Notes what has to be waited for before the next.
fn receive<B: Backend>(
    app: &App<B>,
    connection: &Connection<B::Accounts, B::Log>,
    message: &Bytes,
    waiting: &mut Waiting,
) -> Result<(), Malformed> {
    let frame = ClientFrame::decode(message).map_err(|_| Malformed)?;
    METRICS.received(FrameKind::from(&frame), message.len());
    let intake = connection.intake();
    if let ClientFrame::Commit { request, added, .. } = &frame {
        let (app, intake) = (app.clone(), intake.clone());
        let (request, added) = (*request, added.clone());
        *waiting = Waiting::For(Box::pin(async move {
            take_commit(&app, &intake, request, &added, frame).await
        }));
        return Ok(());
    }
    let room = match waiting {
        Waiting::Over(room) => Some(room),
        Waiting::Nothing | Waiting::For(_) => None,
    };
    match intake.take(frame, room) {
        Taken::Done => {}
        Taken::Waits(rest) => *waiting = Waiting::For(rest),
        Taken::Reads(rest) => {
            let (app, account) = (app.clone(), intake.device().account);
            *waiting = Waiting::For(Box::pin(async move {
                app.limits.until_read(account).await;
                rest.await
            }));
        }
    }
    Ok(())
}

/// Takes the frame of a Commit, if those whom it adds are devices.
pub(crate) async fn take_commit<B: Backend>(
    app: &App<B>,
    intake: &Intake<B::Accounts, B::Log>,
    request: RequestId,
    added: &[DeviceAddress],
    frame: ClientFrame,
) -> Option<Room> {
    app.limits.until_read(intake.device().account).await;
    match check_added(app, intake.device(), added).await {
        Ok(()) => intake.receive(frame).await,
        Err(code) => {
            intake.refuse(request, code);
            None
        }
    }
}

/// Whether the devices that a Commit adds are who they are said to be. The sender is: it has a token.
async fn check_added<B: Backend>(
    app: &App<B>,
    sender: DeviceAddress,
    added: &[DeviceAddress],
) -> Result<(), ProblemCode> {
    if added.len() > limits::ADDED_DEVICES {
        return Err(ProblemCode::TooLarge);
    }
    let others: Vec<_> = added
        .iter()
        .copied()
        .filter(|address| *address != sender)
        .collect();
    match are_enrolled(&app.accounts, &others).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(ProblemCode::MembershipRefused),
        Err(error) => {
            tracing::error!(
                error = chain(&error),
                "the devices of an account could not be read"
            );
            Err(ProblemCode::Unavailable)
        }
    }
}

/// The code and reason of our close frame (RFC 6455, section 7.4). What a client acts on is the `Goodbye` before it; these
/// are for logs and for proxies on the way.
fn closing(goodbye: Option<Goodbye>, broken: Option<CloseCode>) -> (CloseCode, &'static str) {
    match goodbye {
        None => (CloseCode::AWAY, "going away"),
        Some(Goodbye::Restarting) => (CloseCode::RESTART, "restarting"),
        Some(Goodbye::TooSlow) => (CloseCode::AGAIN, "too slow"),
        Some(Goodbye::SessionEnded) => (CloseCode::POLICY, "session ended"),
        Some(Goodbye::Replaced) => (CloseCode::POLICY, "replaced"),
        Some(Goodbye::Banned) => (CloseCode::POLICY, "banned"),
        Some(Goodbye::Malformed) => (broken.unwrap_or(CloseCode::PROTOCOL), "malformed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{SqliteAccounts, SqliteLog};

    struct Sqlite;

    impl Backend for Sqlite {
        type Accounts = SqliteAccounts;
        type Log = SqliteLog;
    }

    #[test]
    fn what_a_connection_keeps_does_not_grow_unnoticed() {
        assert!(
            size_of::<Session<Sqlite>>() <= 320,
            "{}",
            size_of::<Session<Sqlite>>()
        );
    }
}
