//! A network that goes wrong when told to.

use super::faults::{Failed, Faults};
use crate::platform::{Connection, FrameSink, FrameSource, Request, Response, Transport, TransportError};
use bytes::Bytes;
use sotto_protocol::rest::auth::Token;

/// The connection broke without a goodbye (RFC 6455, section 7.4.1).
const BROKEN: TransportError = TransportError::Closed { code: 1006 };

/// A [`Transport`] under [`Faults`], with its connections.
#[derive(Clone, Debug)]
pub struct FaultyTransport<T> {
    transport: T,
    faults: Faults,
}

impl<T> FaultyTransport<T> {
    /// `transport` under `faults`.
    #[must_use]
    pub const fn new(transport: T, faults: Faults) -> Self {
        Self { transport, faults }
    }

    async fn step(&self) -> Result<(), TransportError> {
        let failed = |Failed| TransportError::Unreachable("a fault of the test".to_owned());
        self.faults.step().await.map_err(failed)
    }
}

impl<T: Transport> Transport for FaultyTransport<T> {
    type Connection = FaultyConnection<T::Connection>;

    async fn request(&self, request: Request) -> Result<Response, TransportError> {
        self.step().await?;
        let response = self.transport.request(request).await?;
        self.step().await?;
        Ok(response)
    }

    async fn connect(&self, token: &Token) -> Result<Self::Connection, TransportError> {
        self.step().await?;
        let connection = self.transport.connect(token).await?;
        self.step().await?;
        Ok(FaultyConnection {
            connection,
            faults: self.faults.clone(),
        })
    }
}

/// A [`Connection`] under [`Faults`].
#[derive(Debug)]
pub struct FaultyConnection<C> {
    connection: C,
    faults: Faults,
}

impl<C: Connection> Connection for FaultyConnection<C> {
    type Sink = FaultySink<C::Sink>;
    type Source = FaultySource<C::Source>;

    fn split(self) -> (Self::Sink, Self::Source) {
        let (sink, source) = self.connection.split();
        let sink = FaultySink {
            sink,
            faults: self.faults.clone(),
            broken: false,
        };
        let source = FaultySource {
            source,
            faults: self.faults,
            broken: false,
        };
        (sink, source)
    }
}

/// The sending half of a [`FaultyConnection`]. Once it has failed, it sends nothing more.
#[derive(Debug)]
pub struct FaultySink<S> {
    sink: S,
    faults: Faults,
    broken: bool,
}

impl<S: FrameSink> FrameSink for FaultySink<S> {
    async fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        if self.broken || self.faults.step().await.is_err() {
            self.broken = true;
            return Err(BROKEN);
        }
        self.sink.send(frame).await?;
        self.broken = self.faults.step().await.is_err();
        if self.broken { Err(BROKEN) } else { Ok(()) }
    }

    async fn close(&mut self) {
        self.sink.close().await;
    }
}

/// The receiving half of a [`FaultyConnection`]. Only a frame that has arrived is a step: how often a client waits for
/// one that does not come is chance.
#[derive(Debug)]
pub struct FaultySource<S> {
    source: S,
    faults: Faults,
    broken: bool,
}

impl<S: FrameSource> FrameSource for FaultySource<S> {
    async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        if self.broken {
            return None;
        }
        let frame = self.source.next().await;
        if self.faults.step().await.is_err() {
            self.broken = true;
            return Some(Err(BROKEN));
        }
        frame
    }
}
