//! An open WebSocket.

use crate::platform::{Connection, FrameSink, FrameSource, TransportError};
use bytes::Bytes;
use core::fmt;
use core::time::Duration;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Once one side has said goodbye, the other has this long to do so.
const CLOSING_TIME: Duration = Duration::from_secs(5);

/// The connection broke without a goodbye (RFC 6455, section 7.4.1).
const ABNORMAL: u16 = 1006;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An open WebSocket.
pub struct WebSocketConnection(Socket);

/// Its sending half.
pub struct WebSocketSink {
    sink: SplitSink<Socket, Message>,
    closing: Arc<Notify>,
}

/// Its receiving half.
pub struct WebSocketSource {
    stream: SplitStream<Socket>,
    closing: Arc<Notify>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// One side has said goodbye, with this code. What follows is the other's goodbye.
    Closing {
        code: u16,
    },
    Ended,
}

impl WebSocketConnection {
    pub(super) const fn new(socket: Socket) -> Self {
        Self(socket)
    }
}

impl Connection for WebSocketConnection {
    type Sink = WebSocketSink;
    type Source = WebSocketSource;

    fn split(self) -> (WebSocketSink, WebSocketSource) {
        let (sink, stream) = self.0.split();
        let closing = Arc::new(Notify::new());
        let source = WebSocketSource {
            stream,
            closing: Arc::clone(&closing),
            state: State::Open,
        };
        (WebSocketSink { sink, closing }, source)
    }
}

impl FrameSink for WebSocketSink {
    async fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.sink.send(Message::Binary(frame)).await.map_err(broken)
    }

    async fn close(&mut self) {
        let goodbye = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        // A connection that is gone already needs no goodbye.
        let _ = tokio::time::timeout(CLOSING_TIME, self.sink.send(Message::Close(Some(goodbye)))).await;
        self.closing.notify_one();
    }
}

impl FrameSource for WebSocketSource {
    async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        loop {
            let message = match self.state {
                State::Ended => return None,
                State::Open => tokio::select! {
                    message = self.stream.next() => message,
                    () = self.closing.notified() => {
                        self.state = State::Closing { code: CloseCode::Normal.into() };
                        continue;
                    }
                },
                // Reading on until the end sends the goodbye back, and lets the server close first.
                State::Closing { code } => match tokio::time::timeout(CLOSING_TIME, self.stream.next()).await
                {
                    Ok(message) => message,
                    Err(_) => return self.end(code),
                },
            };
            match message {
                Some(Ok(Message::Binary(frame))) => return Some(Ok(frame)),
                Some(Ok(Message::Close(goodbye))) => {
                    let code = goodbye.map_or(CloseCode::Status, |goodbye| goodbye.code);
                    self.state = State::Closing { code: code.into() };
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Text(_))) => {
                    self.state = State::Ended;
                    return Some(Err(TransportError::Protocol("a text message")));
                }
                None | Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) => {
                    let code = match self.state {
                        State::Closing { code } => code,
                        State::Open | State::Ended => ABNORMAL,
                    };
                    return self.end(code);
                }
                Some(Err(error)) => {
                    if let State::Closing { code } = self.state {
                        return self.end(code);
                    }
                    self.state = State::Ended;
                    return Some(Err(broken(error)));
                }
            }
        }
    }
}

impl WebSocketSource {
    fn end(&mut self, code: u16) -> Option<Result<Bytes, TransportError>> {
        self.state = State::Ended;
        match CloseCode::from(code) {
            CloseCode::Normal | CloseCode::Away | CloseCode::Status => None,
            _ => Some(Err(TransportError::Closed { code })),
        }
    }
}

/// As [`failure`], of a connection that was open.
fn broken(error: Error) -> TransportError {
    match error {
        Error::Io(_) => TransportError::Closed { code: ABNORMAL },
        error => failure(error),
    }
}

/// What a failure of tungstenite means to the caller.
pub(super) fn failure(error: Error) -> TransportError {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => TransportError::Closed { code: ABNORMAL },
        Error::Io(error) => TransportError::Unreachable(error.to_string()),
        Error::Tls(error) => TransportError::Unreachable(error.to_string()),
        Error::Http(response) => TransportError::Refused {
            status: response.status().as_u16(),
        },
        Error::Capacity(CapacityError::MessageTooLong { .. } | CapacityError::TooManyHeaders) => {
            TransportError::Protocol("a message that is too long")
        }
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing) => {
            TransportError::Closed { code: ABNORMAL }
        }
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => {
            TransportError::Protocol("another subprotocol")
        }
        Error::Protocol(_) | Error::WriteBufferFull(_) | Error::Utf8(_) | Error::AttackAttempt => {
            TransportError::Protocol("a broken WebSocket")
        }
        Error::Url(_) | Error::HttpFormat(_) => TransportError::Malformed,
    }
}

impl fmt::Debug for WebSocketConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebSocketConnection")
    }
}

impl fmt::Debug for WebSocketSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebSocketSink")
    }
}

impl fmt::Debug for WebSocketSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebSocketSource")
    }
}
