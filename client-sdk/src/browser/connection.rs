//! An open WebSocket.

use super::clock::BrowserClock;
use super::fetch::unreachable;
use crate::platform::{Clock as _, Connection, FrameSink, FrameSource, TransportError};
use bytes::Bytes;
use core::cell::RefCell;
use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use sotto_protocol::frame::SUBPROTOCOL;
use sotto_protocol::limits::FRAME_BYTES;
use sotto_protocol::rest::auth::Token;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

/// Frames that may wait to be read, and their bytes. A browser cannot be told to slow the server down: when more
/// arrive, the connection is given up, and the client catches up on the next one.
const WAITING_FRAMES: usize = 4096;
const WAITING_BYTES: usize = 4 * FRAME_BYTES;
/// Bytes that may wait to be sent before [`FrameSink::send`] waits with them.
const UNSENT_BYTES: u32 = 1024 * 1024;
/// How often a sender that waits looks again: browsers have no event for it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Close codes (RFC 6455, section 7.4.1).
mod code {
    pub(super) const NORMAL: u16 = 1000;
    pub(super) const GOING_AWAY: u16 = 1001;
    pub(super) const NO_STATUS: u16 = 1005;
    pub(super) const ABNORMAL: u16 = 1006;
    /// Ours, from the range for private use: the client could not keep up.
    pub(super) const OVERRUN: u16 = 4000;
}

/// An open WebSocket.
pub struct WebSocketConnection(Rc<Socket>);

/// Its sending half.
pub struct WebSocketSink(Rc<Socket>);

/// Its receiving half.
pub struct WebSocketSource(Rc<Socket>);

/// Opens the WebSocket at `url`. Dropping the future gives up.
pub(super) async fn open(url: &str, token: &Token) -> Result<WebSocketConnection, TransportError> {
    // Browsers cannot set headers here: the token is offered as a subprotocol, and the server picks the other.
    let subprotocols = Array::of2(&SUBPROTOCOL.into(), &token.reveal().into());
    let socket =
        WebSocket::new_with_str_sequence(url, &subprotocols).map_err(|_| TransportError::Malformed)?;
    let socket = Rc::new(Socket::new(socket));
    poll_fn(|context| socket.poll_open(context)).await?;
    if socket.browser.protocol() == SUBPROTOCOL {
        Ok(WebSocketConnection(socket))
    } else {
        Err(TransportError::Protocol("another subprotocol"))
    }
}

/// The browser's socket with what has arrived. Dropped, it closes.
struct Socket {
    browser: WebSocket,
    state: Rc<RefCell<State>>,
    _handlers: Handlers,
}

/// Held for as long as the browser may call them.
struct Handlers {
    _open: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

#[derive(Default)]
struct State {
    open: bool,
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// Set once no more frames come.
    end: Option<End>,
    waker: Option<Waker>,
}

/// Why no more frames come.
enum End {
    InOrder,
    Failed(TransportError),
}

impl State {
    fn receive(&mut self, frame: Vec<u8>) {
        if self.end.is_some() {
            return;
        }
        if frame.len() > FRAME_BYTES {
            self.end(End::Failed(TransportError::Protocol(
                "a message that is too long",
            )));
        } else if self.frames.len() >= WAITING_FRAMES || self.bytes + frame.len() > WAITING_BYTES {
            self.end(End::Failed(TransportError::Closed { code: code::OVERRUN }));
        } else {
            self.bytes += frame.len();
            self.frames.push_back(frame.into());
        }
    }

    /// What came before it still is read. The first reason counts.
    fn end(&mut self, reason: End) {
        self.end.get_or_insert(reason);
    }
}

impl Socket {
    fn new(socket: WebSocket) -> Self {
        socket.set_binary_type(BinaryType::Arraybuffer);
        let state = Rc::new(RefCell::new(State::default()));
        let open = handler(&state, |state, _: Event| state.open = true);
        let message = {
            let socket = socket.clone();
            handler(&state, move |state, event: MessageEvent| {
                match event.data().dyn_into::<ArrayBuffer>() {
                    Ok(frame) => state.receive(Uint8Array::new(&frame).to_vec()),
                    Err(_) => state.end(End::Failed(TransportError::Protocol("a text message"))),
                }
                if state.end.is_some() {
                    let _ = socket.close_with_code(code::OVERRUN);
                }
            })
        };
        let close = handler(&state, |state, event: CloseEvent| {
            state.end(match event.code() {
                code::NORMAL | code::GOING_AWAY | code::NO_STATUS => End::InOrder,
                code => End::Failed(TransportError::Closed { code }),
            });
        });
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Self {
            browser: socket,
            state,
            _handlers: Handlers {
                _open: open,
                _message: message,
                _close: close,
            },
        }
    }

    fn poll_open(&self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut state = self.state.borrow_mut();
        if state.open {
            Poll::Ready(Ok(()))
        } else if state.end.is_some() {
            // Browsers do not tell a page why: the server is away, or has refused the token.
            let reason = "the WebSocket did not open".to_owned();
            Poll::Ready(Err(TransportError::Unreachable(reason)))
        } else {
            state.waker = Some(context.waker().clone());
            Poll::Pending
        }
    }

    fn poll_frame(&self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        let mut state = self.state.borrow_mut();
        if let Some(frame) = state.frames.pop_front() {
            state.bytes -= frame.len();
            return Poll::Ready(Some(Ok(frame)));
        }
        if let Some(end) = &mut state.end {
            return Poll::Ready(match core::mem::replace(end, End::InOrder) {
                End::InOrder => None,
                End::Failed(error) => Some(Err(error)),
            });
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn is_open(&self) -> bool {
        self.browser.ready_state() == WebSocket::OPEN
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.browser.set_onopen(None);
        self.browser.set_onmessage(None);
        self.browser.set_onclose(None);
        let _ = self.browser.close_with_code(code::NORMAL);
    }
}

/// Calls `handle` with the state, then wakes who waits for it.
fn handler<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
    state: &Rc<RefCell<State>>,
    mut handle: impl FnMut(&mut State, E) + 'static,
) -> Closure<dyn FnMut(E)> {
    let state = Rc::clone(state);
    Closure::new(move |event| {
        let waker = {
            let mut state = state.borrow_mut();
            handle(&mut state, event);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    })
}

impl Connection for WebSocketConnection {
    type Sink = WebSocketSink;
    type Source = WebSocketSource;

    fn split(self) -> (WebSocketSink, WebSocketSource) {
        (WebSocketSink(Rc::clone(&self.0)), WebSocketSource(self.0))
    }
}

impl FrameSink for WebSocketSink {
    async fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        while self.0.is_open() && self.0.browser.buffered_amount() > UNSENT_BYTES {
            BrowserClock.sleep(LOOK_AGAIN).await;
        }
        if !self.0.is_open() {
            // A browser takes frames for a closed socket and throws them away.
            return Err(TransportError::Closed { code: code::ABNORMAL });
        }
        self.0.browser.send_with_u8_array(&frame).map_err(unreachable)
    }

    async fn close(&mut self) {
        let _ = self.0.browser.close_with_code(code::NORMAL);
    }
}

impl FrameSource for WebSocketSource {
    async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        poll_fn(|context| self.0.poll_frame(context)).await
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
