//! HTTP by fetch.

use super::clock::BrowserClock;
use super::connection::{self, WebSocketConnection};
use super::global::{self, member_of};
use crate::platform::{Request, Response, Transport, TransportError, range_header, timeout};
use core::time::Duration;
use js_sys::{Promise, Uint8Array};
use sotto_protocol::limits::BODY_BYTES;
use sotto_protocol::rest::auth::Token;
use sotto_protocol::rest::blob::UPLOAD_OFFSET;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestInit,
    RequestRedirect, Url,
};

/// From the first packet to the last byte of the answer.
const REQUEST_TIME: Duration = Duration::from_mins(1);
/// From the first packet to the open WebSocket.
const CONNECT_TIME: Duration = Duration::from_secs(20);

/// The way to one server by fetch and WebSocket.
#[derive(Clone, Debug)]
pub struct FetchTransport {
    /// Without a slash at its end.
    server: String,
    socket: String,
}

/// The address is not `http://…` or `https://…`, or has more than host, port and path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a server's address looks like https://sotto.example")]
pub struct InvalidServer;

impl FetchTransport {
    /// The way to the server at this address: the page's own origin, as a rule. Nothing is sent yet.
    pub fn new(server: &str) -> Result<Self, InvalidServer> {
        let url = Url::new(server).map_err(|_| InvalidServer)?;
        let address_alone = [url.search(), url.hash(), url.username(), url.password()]
            .iter()
            .all(String::is_empty);
        let socket_scheme = match url.protocol().as_str() {
            "http:" => "ws",
            "https:" => "wss",
            _ => return Err(InvalidServer),
        };
        let host = url.host();
        if !address_alone || host.is_empty() {
            return Err(InvalidServer);
        }
        let path = url.pathname();
        let path = path.trim_end_matches('/');
        Ok(Self {
            server: format!("{}//{host}{path}", url.protocol()),
            socket: format!("{socket_scheme}://{host}{path}/v1/ws"),
        })
    }

    async fn fetch(&self, request: Request) -> Result<Response, TransportError> {
        if !request.path.starts_with('/') {
            return Err(TransportError::Malformed);
        }
        let abort = AbortOnDrop::new()?;
        let request = prepare(&format!("{}{}", self.server, request.path), request, &abort.0)
            .map_err(|_| TransportError::Malformed)?;
        let response = global::function("fetch")
            .and_then(|fetch| fetch.call1(&JsValue::UNDEFINED, &request))
            .map_err(unreachable)?;
        let response: web_sys::Response = JsFuture::from(Promise::resolve(&response))
            .await
            .map_err(unreachable)?
            .unchecked_into();
        Ok(Response {
            status: response.status(),
            body: read(&response).await?,
        })
    }
}

impl Transport for FetchTransport {
    type Connection = WebSocketConnection;

    async fn request(&self, request: Request) -> Result<Response, TransportError> {
        timeout(&BrowserClock, REQUEST_TIME, self.fetch(request))
            .await
            .unwrap_or(Err(TransportError::TimedOut))
    }

    async fn connect(&self, token: &Token) -> Result<WebSocketConnection, TransportError> {
        timeout(&BrowserClock, CONNECT_TIME, connection::open(&self.socket, token))
            .await
            .unwrap_or(Err(TransportError::TimedOut))
    }
}

fn prepare(url: &str, request: Request, abort: &AbortController) -> Result<web_sys::Request, JsValue> {
    let headers = Headers::new()?;
    if let Some(token) = &request.token {
        headers.set("authorization", &format!("Bearer {}", token.reveal()))?;
    }
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    if let Some(range) = &request.range {
        headers.set("range", &range_header(range))?;
    }
    if let Some(body) = request.body {
        headers.set("content-type", body.content_type())?;
        if let Some(offset) = body.upload_offset() {
            headers.set(UPLOAD_OFFSET, &offset.to_string())?;
        }
        init.set_body(&Uint8Array::from(&*body.into_bytes()));
    }
    init.set_headers(&headers);
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    // A token goes to the server that it is for, and nowhere else.
    init.set_redirect(RequestRedirect::Error);
    init.set_referrer("");
    init.set_signal(Some(&abort.signal()));
    web_sys::Request::new_with_str_and_init(url, &init)
}

/// The body, piece by piece, so that one that is too long is not held.
async fn read(response: &web_sys::Response) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    let Some(stream) = response.body() else {
        return Ok(body);
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(unreachable)?;
        if member_of(&piece, "done").is_truthy() {
            return Ok(body);
        }
        let piece = Uint8Array::new(&member_of(&piece, "value"));
        if body.len() + piece.length() as usize > BODY_BYTES {
            return Err(TransportError::Protocol("the answer is too long"));
        }
        body.extend(piece.to_vec());
    }
}

/// Ends a request that nobody waits for any more. One that has ended is not disturbed.
struct AbortOnDrop(AbortController);

impl AbortOnDrop {
    fn new() -> Result<Self, TransportError> {
        AbortController::new().map(Self).map_err(unreachable)
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
pub(super) fn unreachable(thrown: JsValue) -> TransportError {
    TransportError::Unreachable(global::text(&thrown))
}
