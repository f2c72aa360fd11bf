//! A device's WebSocket, with as little memory as a connection can have.

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use sotto_protocol::frame::{ClientFrame, SUBPROTOCOL, ServerFrame};
use sotto_protocol::limits;
use sotto_protocol::rest::auth::Token;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

const READ_BUFFER_BYTES: usize = 1024;

/// Why there is no connection, or none any more.
#[derive(Debug)]
pub enum SocketError {
    /// The server is not there, or went away without a word.
    Gone(String),
    /// The server answered the upgrade with this status.
    Refused(u16),
    /// The server sent something that is no frame.
    Malformed,
}

impl std::fmt::Display for SocketError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone(reason) => write!(f, "the connection is gone: {reason}"),
            Self::Refused(status) => write!(f, "the server answered {status}"),
            Self::Malformed => f.write_str("the server sent something that is no frame"),
        }
    }
}

impl std::error::Error for SocketError {}

/// A device's WebSocket.
#[derive(Debug)]
pub struct LightSocket {
    stream: WebSocketStream<TcpStream>,
}

impl LightSocket {
    /// Connects. The greeting is still to come.
    pub async fn connect(address: SocketAddr, token: &Token) -> Result<Self, SocketError> {
        let mut request = format!("ws://{address}/v1/ws").into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        let authorization = format!("Bearer {}", token.reveal());
        headers.insert("authorization", authorization.parse().unwrap());
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(limits::FRAME_BYTES))
            .max_frame_size(Some(limits::FRAME_BYTES));
        let stream = TcpStream::connect(address).await.map_err(gone)?;
        let _ = stream.set_nodelay(true);
        match Box::pin(client_async_with_config(request, stream, Some(config))).await {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(Error::Http(response)) => Err(SocketError::Refused(response.status().as_u16())),
            Err(error) => Err(gone(error)),
        }
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), SocketError> {
        self.send_bytes(frame.encode()).await
    }

    /// Sends a frame that is encoded already.
    pub async fn send_bytes(&mut self, frame: Bytes) -> Result<(), SocketError> {
        self.stream.send(Message::Binary(frame)).await.map_err(gone)
    }

    /// Takes a frame to be sent by [`Self::flush`].
    pub async fn feed(&mut self, frame: &ClientFrame) -> Result<(), SocketError> {
        self.stream
            .feed(Message::Binary(frame.encode()))
            .await
            .map_err(gone)
    }

    /// Sends what [`Self::feed`] has taken.
    pub async fn flush(&mut self) -> Result<(), SocketError> {
        self.stream.flush().await.map_err(gone)
    }

    /// The next frame, or `None` when the server has closed cleanly. Can be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Option<Result<ServerFrame, SocketError>> {
        loop {
            match self.stream.next().await? {
                Ok(Message::Binary(bytes)) => {
                    return Some(ServerFrame::decode(&bytes).map_err(|_| SocketError::Malformed));
                }
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_)) => {}
                Ok(Message::Text(_) | Message::Frame(_)) => return Some(Err(SocketError::Malformed)),
                Err(error) => return Some(Err(gone(error))),
            }
        }
    }

    /// The connection below, for those who do not keep to the protocol.
    #[must_use]
    pub fn into_tcp(self) -> TcpStream {
        self.stream.into_inner()
    }

    /// Closes the connection with a handshake, as far as the other side plays along.
    pub async fn close(&mut self) {
        let _ = self.stream.close(None).await;
    }
}

fn gone(error: impl std::fmt::Display) -> SocketError {
    SocketError::Gone(error.to_string())
}
