//! A server that is not to be trusted: what it sends is changed on the way. So may be what it is sent.

use bytes::Bytes;
use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::platform::{
    Connection, FrameSink, FrameSource, Request, Response, Transport, TransportError,
};
use sotto_client_sdk::protocol::frame::{ClientFrame, Entry, Outcome, ServerFrame};
use sotto_client_sdk::protocol::rest::auth::Token;
use sotto_client_sdk::protocol::{DeviceAddress, MessageId, Seq};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

/// What becomes of a frame: nothing, itself, another, or several.
pub type Tamper = Arc<Mutex<dyn FnMut(ServerFrame) -> Vec<ServerFrame> + Send>>;

/// What becomes of a frame of the client.
pub type TamperSent = Arc<Mutex<dyn FnMut(ClientFrame) -> Vec<ClientFrame> + Send>>;

/// Where the messages stand that came by: one place each, if none is doubled.
pub type Places = Arc<Mutex<BTreeMap<(DeviceAddress, MessageId), BTreeSet<Seq>>>>;

/// What becomes of an answer.
pub type TamperAnswer = Arc<dyn Fn(&Request, Response) -> Response + Send + Sync>;

/// Leaves every frame as it is.
#[must_use]
pub fn honest() -> Tamper {
    Arc::new(Mutex::new(|frame| vec![frame]))
}

/// Leaves every frame as it is, and notes where messages stand.
#[must_use]
pub fn watching(places: &Places) -> Tamper {
    let places = Arc::clone(places);
    Arc::new(Mutex::new(move |frame| {
        let note = |entry: &Entry| {
            let message = (entry.from, entry.message);
            places
                .lock()
                .unwrap()
                .entry(message)
                .or_default()
                .insert(entry.seq);
        };
        match &frame {
            ServerFrame::Entry { entry, .. } => note(entry),
            ServerFrame::Response {
                outcome: Outcome::Page(page),
                ..
            } => page.entries.iter().for_each(note),
            _ => {}
        }
        vec![frame]
    }))
}

/// A transport to a server that tampers with what it sends.
#[derive(Clone)]
pub struct Tampering {
    inner: HttpTransport,
    frames: Tamper,
    sent: Option<TamperSent>,
    answers: Option<TamperAnswer>,
}

impl Tampering {
    /// With frames.
    #[must_use]
    pub fn new(inner: HttpTransport, frames: Tamper) -> Self {
        Self {
            inner,
            frames,
            sent: None,
            answers: None,
        }
    }

    /// And with what it is sent.
    #[must_use]
    pub fn with_sent(mut self, sent: TamperSent) -> Self {
        self.sent = Some(sent);
        self
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
            sink: TamperedSink {
                sink,
                tamper: self.sent.clone(),
            },
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

/// Sends what the client was made to say.
pub struct TamperedSink {
    sink: <Inner as Connection>::Sink,
    tamper: Option<TamperSent>,
}

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
        let Some(tamper) = &self.tamper else {
            return self.sink.send(frame).await;
        };
        let tampered = (tamper.lock().unwrap())(ClientFrame::decode(&frame).unwrap());
        for frame in tampered {
            self.sink.send(frame.encode()).await?;
        }
        Ok(())
    }

    async fn close(&mut self) {
        self.sink.close().await;
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
