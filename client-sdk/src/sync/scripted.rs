//! A server of a few lines, for the tests of this module: what it answers and sends is the test's to say.

use crate::native::SystemClock;
use crate::platform::{
    Connection, FrameSink, FrameSource, MaybeSend, Platform, Request, Response, Transport, TransportError,
};
use crate::store::MemoryStore;
use async_channel::{Receiver, Sender};
use bytes::Bytes;
use serde::Serialize;
use sotto_protocol::frame::{ClientFrame, ServerFrame};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::{Problem, ProblemCode};
use std::sync::{Arc, Mutex};

/// tokio with its time in the test's hands, a store in memory, and a server that is scripted.
pub(crate) enum Scripted {}

impl Platform for Scripted {
    type Transport = ScriptedTransport;
    type Store = MemoryStore;
    type Clock = SystemClock;

    fn spawn(task: impl Future<Output = ()> + MaybeSend + 'static) {
        tokio::spawn(task);
    }
}

type Answer = Box<dyn FnMut(&Request) -> Result<Response, TransportError> + Send>;

/// Answers requests by a closure; hands each connection's other end to the test.
#[derive(Clone)]
pub(crate) struct ScriptedTransport {
    answer: Arc<Mutex<Answer>>,
    refuse: Arc<Mutex<Option<TransportError>>>,
    connections: Sender<Peer>,
}

/// The test's end of a connection.
pub(crate) struct Peer {
    frames: Receiver<Bytes>,
    to_client: Sender<Bytes>,
}

impl Peer {
    /// The client's next frame; `None` once it has hung up.
    pub(crate) async fn hears(&self) -> Option<ClientFrame> {
        let bytes = self.frames.recv().await.ok()?;
        Some(ClientFrame::decode(&bytes).unwrap())
    }

    /// Sends a frame.
    pub(crate) async fn says(&self, frame: &ServerFrame) {
        self.to_client.send(frame.encode()).await.unwrap();
    }

    /// Whether the client has hung up.
    pub(crate) async fn is_left(&self) {
        while self.frames.recv().await.is_ok() {}
    }
}

impl ScriptedTransport {
    /// A server that answers so, and where its connections arrive.
    pub(crate) fn new(
        answer: impl FnMut(&Request) -> Result<Response, TransportError> + Send + 'static,
    ) -> (Self, Receiver<Peer>) {
        let (connections, peers) = async_channel::unbounded();
        let transport = Self {
            answer: Arc::new(Mutex::new(Box::new(answer))),
            refuse: Arc::default(),
            connections,
        };
        (transport, peers)
    }

    /// Refuses the next connection.
    pub(crate) fn refuse_next(&self, error: TransportError) {
        *self.refuse.lock().unwrap() = Some(error);
    }
}

impl Transport for ScriptedTransport {
    type Connection = (ScriptedSink, ScriptedSource);

    async fn request(&self, request: Request) -> Result<Response, TransportError> {
        tokio::task::yield_now().await;
        (self.answer.lock().unwrap())(&request)
    }

    async fn connect(&self, _token: &Token) -> Result<Self::Connection, TransportError> {
        if let Some(error) = self.refuse.lock().unwrap().take() {
            return Err(error);
        }
        let (to_peer, frames) = async_channel::unbounded();
        let (to_client, from_peer) = async_channel::unbounded();
        let peer = Peer { frames, to_client };
        self.connections.send(peer).await.unwrap();
        Ok((ScriptedSink(to_peer), ScriptedSource(from_peer)))
    }
}

pub(crate) struct ScriptedSink(Sender<Bytes>);
pub(crate) struct ScriptedSource(Receiver<Bytes>);

impl Connection for (ScriptedSink, ScriptedSource) {
    type Sink = ScriptedSink;
    type Source = ScriptedSource;

    fn split(self) -> Self {
        self
    }
}

impl FrameSink for ScriptedSink {
    async fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        let sent = self.0.send(frame).await;
        sent.map_err(|_| TransportError::Closed { code: 1006 })
    }

    async fn close(&mut self) {
        self.0.close();
    }
}

impl FrameSource for ScriptedSource {
    async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        self.0.recv().await.ok().map(Ok)
    }
}

/// A success with this body.
pub(crate) fn success(body: &impl Serialize) -> Response {
    Response {
        status: 200,
        body: serde_json::to_vec(body).unwrap(),
    }
}

/// A problem with this code.
pub(crate) fn problem(code: ProblemCode) -> Response {
    Response {
        status: code.status(),
        body: serde_json::to_vec(&Problem::new(code)).unwrap(),
    }
}
