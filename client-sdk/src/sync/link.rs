//! One attempt at a connection, as a task of its own: wait, connect, pump frames, notice a dead peer, report the end.
//!
//! The engine starts the next attempt. Nothing here knows what the frames mean, but for `Goodbye`, which ends the task.

use super::input::Input;
use crate::account::{Session, SessionError};
use crate::api::ApiError;
use crate::platform::{
    Clock, Connection, FrameSink, FrameSource, Platform, Transport, TransportError, timeout,
};
use crate::surroundings::Surroundings;
use async_channel::{Receiver, Sender};
use bytes::Bytes;
use core::pin::pin;
use core::time::Duration;
use futures_util::{FutureExt, select_biased};
use sotto_protocol::frame::{ClientFrame, Goodbye, ServerFrame};
use std::sync::Arc;

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long one frame may take to leave.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// How often the link looks whether it has heard anything: after a silent look it asks, after the next it gives up.
/// A peer is so found dead within 45 s.
const LOOK: Duration = Duration::from_secs(15);

/// What the engine tells the link.
pub(crate) enum ToLink {
    /// Wait no longer.
    Hurry,
    /// Send this.
    Frame(Bytes),
    /// Say goodbye, and end.
    Close,
}

/// What the link tells the engine.
pub(crate) enum LinkEvent {
    /// The wait is over.
    Connecting,
    /// The connection is open: frames can be sent.
    Up,
    /// A frame has come.
    Frame(ServerFrame),
    /// The connection, or the attempt at one, is over. Nothing comes after this.
    Down(LinkEnd),
}

/// Why a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkEnd {
    /// The network or the server failed: try again.
    Lost,
    /// The server said goodbye.
    Goodbye(Goodbye),
    /// There is no session.
    NotLoggedIn,
    /// The engine closed it.
    Closed,
}

/// The task's side of a link.
pub(crate) struct Link<P: Platform> {
    pub(crate) surroundings: Arc<Surroundings<P>>,
    pub(crate) session: Arc<Session<P>>,
    pub(crate) attempt: u64,
    pub(crate) from_engine: Receiver<ToLink>,
    pub(crate) to_engine: Sender<Input>,
}

impl<P: Platform> Link<P> {
    /// Waits, connects, and pumps until the end.
    pub(crate) async fn run(self, wait: Duration) {
        let end = match self.attempt(wait).await {
            Ok(()) => LinkEnd::Closed,
            Err(end) => end,
        };
        self.report(LinkEvent::Down(end)).await;
    }

    async fn report(&self, event: LinkEvent) {
        // An engine that is gone wants no reports.
        let _ = self
            .to_engine
            .send(Input::Link {
                attempt: self.attempt,
                event,
            })
            .await;
    }

    async fn attempt(&self, wait: Duration) -> Result<(), LinkEnd> {
        self.wait(wait).await?;
        self.report(LinkEvent::Connecting).await;
        let connection = self.connect().await?;
        self.report(LinkEvent::Up).await;
        let (sink, source) = connection.split();
        self.pump(sink, source).await
    }

    async fn wait(&self, wait: Duration) -> Result<(), LinkEnd> {
        let mut over = pin!(self.surroundings.clock.sleep(wait).fuse());
        loop {
            let told = select_biased! {
                told = self.from_engine.recv().fuse() => told,
                () = over => return Ok(()),
            };
            match told {
                Ok(ToLink::Hurry) => return Ok(()),
                // Frames for a connection that does not exist: the engine sends none.
                Ok(ToLink::Frame(_)) => {}
                Ok(ToLink::Close) | Err(_) => return Err(LinkEnd::Closed),
            }
        }
    }

    async fn connect(&self) -> Result<<P::Transport as Transport>::Connection, LinkEnd> {
        let token = self.session.access_token().await.map_err(session_end)?;
        let opened = timeout(
            &self.surroundings.clock,
            CONNECT_TIMEOUT,
            self.surroundings.transport.connect(&token),
        )
        .await;
        match opened {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(TransportError::Refused { status: 401 | 403 })) => {
                // The token was good by this device's clock: the server's is ahead, the session is over, or the account is banned. The
                // answer says which.
                self.session.renewed_token(&token).await.map_err(session_end)?;
                Err(LinkEnd::Lost)
            }
            Ok(Err(_)) | Err(_) => Err(LinkEnd::Lost),
        }
    }

    async fn pump(&self, mut sink: impl FrameSink, mut source: impl FrameSource) -> Result<(), LinkEnd> {
        let clock = &self.surroundings.clock;
        let mut silent_looks = 0_u8;
        let mut look = pin!(clock.sleep(LOOK).fuse());
        loop {
            select_biased! {
                told = self.from_engine.recv().fuse() => match told {
                    Ok(ToLink::Frame(frame)) => self.send(&mut sink, frame).await?,
                    Ok(ToLink::Hurry) => {}
                    Ok(ToLink::Close) | Err(_) => {
                        // A peer that does not answer the goodbye is left alone.
                        let _ = timeout(clock, SEND_TIMEOUT, sink.close()).await;
                        return Ok(());
                    }
                },
                came = source.next().fuse() => {
                    silent_looks = 0;
                    let Some(Ok(bytes)) = came else {
                        return Err(LinkEnd::Lost);
                    };
                    match ServerFrame::decode(&bytes) {
                        Ok(ServerFrame::Goodbye(goodbye)) => return Err(LinkEnd::Goodbye(goodbye)),
                        Ok(ServerFrame::Pong) => {}
                        Ok(frame) => self.report(LinkEvent::Frame(frame)).await,
                        Err(_) => return Err(LinkEnd::Lost),
                    }
                },
                () = look => {
                    look.set(clock.sleep(LOOK).fuse());
                    silent_looks += 1;
                    match silent_looks {
                        1 => {}
                        2 => self.send(&mut sink, ClientFrame::Ping.encode()).await?,
                        _ => return Err(LinkEnd::Lost),
                    }
                },
            }
        }
    }

    async fn send(&self, sink: &mut impl FrameSink, frame: Bytes) -> Result<(), LinkEnd> {
        match timeout(&self.surroundings.clock, SEND_TIMEOUT, sink.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(LinkEnd::Lost),
        }
    }
}

fn session_end(error: SessionError) -> LinkEnd {
    match error {
        SessionError::NotLoggedIn => LinkEnd::NotLoggedIn,
        SessionError::Refresh(error) if *error == ApiError::NotLoggedIn => LinkEnd::NotLoggedIn,
        SessionError::Refresh(_) | SessionError::Store(_) => LinkEnd::Lost,
    }
}
