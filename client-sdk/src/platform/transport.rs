//! The way to the server: requests, and one connection that carries frames.

use super::{MaybeSend, MaybeSync};
use bytes::Bytes;
use core::fmt;
use core::ops::Range;
use sotto_protocol::rest::auth::Token;
use sotto_protocol::rest::blob::PARTIAL_UPLOAD;

/// The way to one server, whose address it knows.
pub trait Transport: MaybeSend + MaybeSync + 'static {
    /// An open WebSocket.
    type Connection: Connection;

    /// Sends a request and reads the whole answer. Every status is an answer, also 4xx and 5xx.
    ///
    /// A request that failed may have reached the server all the same.
    fn request(&self, request: Request)
    -> impl Future<Output = Result<Response, TransportError>> + MaybeSend;

    /// Opens the WebSocket `/v1/ws` as the device whose access token this is.
    fn connect(
        &self,
        token: &Token,
    ) -> impl Future<Output = Result<Self::Connection, TransportError>> + MaybeSend;
}

/// An open connection. Dropping both of its halves closes it.
pub trait Connection: MaybeSend + 'static {
    /// The half that sends.
    type Sink: FrameSink;
    /// The half that receives.
    type Source: FrameSource;

    /// The two halves, which may live in two tasks.
    fn split(self) -> (Self::Sink, Self::Source);
}

/// The sending half of a [`Connection`].
pub trait FrameSink: MaybeSend + 'static {
    /// Hands one frame to the network, waiting while it is full. That is no promise that the frame arrives.
    fn send(&mut self, frame: Bytes) -> impl Future<Output = Result<(), TransportError>> + MaybeSend;

    /// Says goodbye. Frames sent before still go out; the source then ends.
    fn close(&mut self) -> impl Future<Output = ()> + MaybeSend;
}

/// The receiving half of a [`Connection`].
pub trait FrameSource: MaybeSend + 'static {
    /// The next frame; `None` once either side has closed the connection in order (status 1000 or 1001).
    ///
    /// After an error or `None` there is nothing more. Dropping the future loses no frame.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, TransportError>>> + MaybeSend;
}

/// The verb of a [`Request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`.
    Get,
    /// `PUT`.
    Put,
    /// `POST`.
    Post,
    /// `DELETE`.
    Delete,
    /// `PATCH`.
    Patch,
}

impl Method {
    /// As it stands in the request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
        }
    }
}

/// A request to the server's REST interface.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// Path and query below the server's address, with every name in it percent-encoded: `/v1/user?q=ada`.
    pub path: String,
    /// The access token, for all but the requests that get one.
    pub token: Option<Token>,
    /// What is sent along.
    pub body: Option<RequestBody>,
    /// The bytes that are wanted of a blob, if not all (RFC 9110, section 14.2). Not empty.
    pub range: Option<Range<u64>>,
}

/// What a [`Request`] sends along.
#[derive(Clone, PartialEq, Eq)]
pub enum RequestBody {
    /// `application/json`.
    Json(Vec<u8>),
    /// A piece of a blob, of the type [`PARTIAL_UPLOAD`](sotto_protocol::rest::blob::PARTIAL_UPLOAD).
    Piece {
        /// Where in the blob it begins: the header [`UPLOAD_OFFSET`](sotto_protocol::rest::blob::UPLOAD_OFFSET).
        offset: u64,
        /// Its bytes.
        bytes: Bytes,
    },
    /// An image, whose type its bytes show: `application/octet-stream`.
    Image(Bytes),
}

impl RequestBody {
    /// The type of its bytes, for the header `Content-Type`.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Image(_) => "application/octet-stream",
            Self::Piece { .. } => PARTIAL_UPLOAD,
        }
    }

    /// Where its bytes begin, for the header [`UPLOAD_OFFSET`](sotto_protocol::rest::blob::UPLOAD_OFFSET).
    #[must_use]
    pub const fn upload_offset(&self) -> Option<u64> {
        match self {
            Self::Json(_) | Self::Image(_) => None,
            Self::Piece { offset, .. } => Some(*offset),
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Json(bytes) => bytes.into(),
            Self::Piece { bytes, .. } | Self::Image(bytes) => bytes,
        }
    }
}

/// How many bytes.
impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
            Self::Image(bytes) => write!(f, "Image({} bytes)", bytes.len()),
            Self::Piece { offset, bytes } => write!(f, "Piece({} bytes at {offset})", bytes.len()),
        }
    }
}

/// The header `Range` for these bytes.
pub(crate) fn range_header(range: &Range<u64>) -> String {
    format!("bytes={}-{}", range.start, range.end.saturating_sub(1))
}

/// Neither path (names) nor body shows.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// The server's answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// JSON, the bytes of a blob, or nothing. At most [`BODY_BYTES`](sotto_protocol::limits::BODY_BYTES) long.
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish()
    }
}

/// Why there is no answer, or no connection any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No way to the server: no network, no such host, nothing listening, a certificate that does not hold. Try later.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server did not answer in time. It may have done what was asked.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The server answered the WebSocket upgrade with this HTTP status: with 401, get a new token. Browsers do not tell
    /// the status and report [`TransportError::Unreachable`].
    #[error("the server refused the connection with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The connection broke, or the server closed it for this reason (RFC 6455, section 7.4; 1006 if it gave none).
    #[error("the connection was closed with code {code}")]
    Closed {
        /// The close code.
        code: u16,
    },
    /// The other side does not speak our protocol: an answer that is too long, a text frame, another subprotocol.
    #[error("what came back is not Sotto's protocol: {0}")]
    Protocol(&'static str),
    /// The request cannot be sent at all: its path or token holds what a URL or header cannot.
    #[error("the request cannot be expressed")]
    Malformed,
}
