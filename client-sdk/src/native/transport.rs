//! HTTP by reqwest, `WebSocket`s by tungstenite, TLS by rustls with the operating system's certificates.

use super::connection::{WebSocketConnection, failure};
use crate::platform::{Method, Request, Response, Transport, TransportError, range_header};
use core::time::Duration;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RANGE};
use reqwest::{Client, Url};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_platform_verifier::BuilderVerifierExt as _;
use sotto_protocol::frame::SUBPROTOCOL;
use sotto_protocol::limits::{BODY_BYTES, FRAME_BYTES};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::rest::blob::UPLOAD_OFFSET;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, client_async_tls_with_config};

/// From the first packet to the last byte of the answer. The server stretches no password: it answers at once, but a
/// body of [`BODY_BYTES`] takes its time on a slow line.
const REQUEST_TIME: Duration = Duration::from_mins(1);
/// From the first packet to the answer to the WebSocket upgrade.
const CONNECT_TIME: Duration = Duration::from_secs(20);
/// Most frames are a few hundred bytes; larger ones grow the buffer.
const BUFFER_BYTES: usize = 16 * 1024;

/// The way to one server over HTTP and WebSocket.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    base: Url,
    socket: Url,
    client: Client,
    tls: Arc<ClientConfig>,
}

/// Why there is no way to this server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServer {
    /// The address is not `http://…` or `https://…`, or has more than host, port and path.
    #[error("a server's address looks like https://sotto.example")]
    Address,
    /// The operating system's certificates cannot be read.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl HttpTransport {
    /// The way to the server at this address: `https://sotto.example`, `http://localhost:8080`. Nothing is sent yet.
    pub fn new(server: &str) -> Result<Self, InvalidServer> {
        let mut base = Url::parse(server.trim()).map_err(|_| InvalidServer::Address)?;
        let address_alone = base.query().is_none()
            && base.fragment().is_none()
            && base.username().is_empty()
            && base.password().is_none();
        let socket_scheme = match base.scheme() {
            "http" => "ws",
            "https" => "wss",
            _ => return Err(InvalidServer::Address),
        };
        if !address_alone || !base.has_host() {
            return Err(InvalidServer::Address);
        }
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        let mut socket = base.clone();
        socket
            .set_scheme(socket_scheme)
            .map_err(|()| InvalidServer::Address)?;
        socket.set_path(&format!("{path}/v1/ws"));

        let tls = tls_config().map_err(|error| InvalidServer::Tls(error.to_string()))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .timeout(REQUEST_TIME)
            .connect_timeout(CONNECT_TIME)
            // A token goes to the server that it is for, and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .build()
            .map_err(|error| InvalidServer::Tls(error.to_string()))?;
        Ok(Self {
            base,
            socket,
            client,
            tls: Arc::new(tls),
        })
    }

    /// The server's address, as it is remembered.
    #[must_use]
    pub fn server(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    async fn open_socket(&self, token: &Token) -> Result<WebSocketConnection, TransportError> {
        let mut request = self
            .socket
            .as_str()
            .into_client_request()
            .map_err(|_| TransportError::Malformed)?;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer(token)?);
        headers.insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));

        let host = self.socket.host_str().ok_or(TransportError::Malformed)?;
        let port = self
            .socket
            .port_or_known_default()
            .ok_or(TransportError::Malformed)?;
        let stream = TcpStream::connect(format!("{host}:{port}"))
            .await
            .map_err(unreachable)?;
        // A frame is written whole: waiting for more to send would only delay it.
        stream.set_nodelay(true).map_err(unreachable)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES)
            .max_message_size(Some(FRAME_BYTES))
            .max_frame_size(Some(FRAME_BYTES));
        let connector = Connector::Rustls(Arc::clone(&self.tls));
        let (socket, _) = client_async_tls_with_config(request, stream, Some(config), Some(connector))
            .await
            .map_err(failure)?;
        Ok(WebSocketConnection::new(socket))
    }
}

impl Transport for HttpTransport {
    type Connection = WebSocketConnection;

    async fn request(&self, request: Request) -> Result<Response, TransportError> {
        if !request.path.starts_with('/') {
            return Err(TransportError::Malformed);
        }
        let url = format!("{}{}", self.server(), request.path);
        let url = Url::parse(&url).map_err(|_| TransportError::Malformed)?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Put => reqwest::Method::PUT,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
            Method::Patch => reqwest::Method::PATCH,
        };
        let mut builder = self.client.request(method, url);
        if let Some(token) = &request.token {
            builder = builder.header(AUTHORIZATION, bearer(token)?);
        }
        if let Some(range) = &request.range {
            builder = builder.header(RANGE, range_header(range));
        }
        if let Some(body) = request.body {
            builder = builder.header(CONTENT_TYPE, body.content_type());
            if let Some(offset) = body.upload_offset() {
                builder = builder.header(UPLOAD_OFFSET, offset);
            }
            builder = builder.body(body.into_bytes());
        }
        let mut response = builder.send().await.map_err(request_failure)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(request_failure)? {
            if body.len() + chunk.len() > BODY_BYTES {
                return Err(TransportError::Protocol("the answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, body })
    }

    async fn connect(&self, token: &Token) -> Result<WebSocketConnection, TransportError> {
        tokio::time::timeout(CONNECT_TIME, self.open_socket(token))
            .await
            .unwrap_or(Err(TransportError::TimedOut))
    }
}

fn tls_config() -> Result<ClientConfig, rustls::Error> {
    Ok(
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?
            .with_no_client_auth(),
    )
}

fn bearer(token: &Token) -> Result<HeaderValue, TransportError> {
    let mut value =
        HeaderValue::try_from(format!("Bearer {}", token.reveal())).map_err(|_| TransportError::Malformed)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The address is left out of the text: it may hold a name.
fn request_failure(error: reqwest::Error) -> TransportError {
    if error.is_timeout() {
        return TransportError::TimedOut;
    }
    let error = error.without_url();
    // What reqwest itself says is "error sending request"; the reason is at the bottom.
    let mut reason: &dyn std::error::Error = &error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    TransportError::Unreachable(reason.to_string())
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn unreachable(error: std::io::Error) -> TransportError {
    TransportError::Unreachable(error.to_string())
}
