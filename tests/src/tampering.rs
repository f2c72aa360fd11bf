//! A server that is not to be trusted: what it sends is changed on the way.

use bytes::Bytes;
use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::platform::{
    Connection, FrameSink, FrameSource, Request, Response, Transport, TransportError,
};
use sotto_client_sdk::protocol::frame::ServerFrame;
use sotto_client_sdk::protocol::rest::auth::Token;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// What becomes of a frame: nothing, itself, another, or several.
pub type Tamper = Arc<Mutex<dyn FnMut(ServerFrame) -> Vec<ServerFrame> + Send>>;

/// What becomes of an answer.
pub type TamperAnswer = Arc<dyn Fn(&Request, Response) -> Response + Send + Sync>;

/// Leaves every frame as it is.
#[must_use]
pub fn honest() -> Tamper {
    Arc::new(Mutex::new(|frame| vec![frame]))
}

/// A transport to a server that tampers with what it sends.
#[derive(Clone)]
pub struct Tampering {
    inner: HttpTransport,
    frames: Tamper,
    answers: Option<TamperAnswer>,
}

impl Tampering {
    /// With frames.
    #[must_use]
    pub fn new(inner: HttpTransport, frames: Tamper) -> Self {
        Self {
            inner,
            frames,
            answers: None,
        }
    }

    /// And with answers.
    #[must_use]
    pub fn with_answers(mut self, answers: TamperAnswer) -> Self {
        self.answers = Some(answers);
        self
    }
}

impl Transport for Tampering {
    type Connection = TamperedConnection;

    async fn request(&self, request: Request) -> Result<Response, TransportError> {
        let answer = self.inner.request(request.clone()).await?;
        Ok(match &self.answers {
            Some(tamper) => tamper(&request, answer),
            None => answer,
        })
    }

    async fn connect(&self, token: &Token) -> Result<Self::Connection, TransportError> {
        let (sink, source) = self.inner.connect(token).await?.split();
        let source = TamperedSource {
            source,
            tamper: Arc::clone(&self.frames),
            waiting: VecDeque::new(),
        };
        Ok(TamperedConnection {
            sink: TamperedSink(sink),
            source,
        })
    }
}

type Inner = <HttpTransport as Transport>::Connection;

/// A connection on which the server says what it was made to say.
pub struct TamperedConnection {
    sink: TamperedSink,
    source: TamperedSource,
}

/// Sends what the client says as it is.
pub struct TamperedSink(<Inner as Connection>::Sink);

/// Receives what the server was made to say.
pub struct TamperedSource {
    source: <Inner as Connection>::Source,
    tamper: Tamper,
    waiting: VecDeque<Bytes>,
}

impl Connection for TamperedConnection {
    type Sink = TamperedSink;
    type Source = TamperedSource;

    fn split(self) -> (TamperedSink, TamperedSource) {
        (self.sink, self.source)
    }
}

impl FrameSink for TamperedSink {
    async fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.0.send(frame).await
    }

    async fn close(&mut self) {
        self.0.close().await;
    }
}

impl FrameSource for TamperedSource {
    async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(Ok(frame));
            }
            let bytes = match self.source.next().await? {
                Ok(bytes) => bytes,
                Err(error) => return Some(Err(error)),
            };
            let frame = ServerFrame::decode(&bytes).unwrap();
            let tampered = (self.tamper.lock().unwrap())(frame);
            self.waiting.extend(tampered.iter().map(ServerFrame::encode));
        }
    }
}
