//! One connection of a device: one task that moves frames between the socket and the Delivery Service.

use super::close;
use crate::app::{App, Backend};
use crate::delivery::Connection;
use crate::http::chain;
use crate::membership::are_enrolled;
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use rand_core::Rng;
use sotto_protocol::frame::{ClientFrame, Goodbye, Outcome, ServerFrame};
use sotto_protocol::{DeviceAddress, ProblemCode, limits};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long the system may take no byte from us: a reader this slow is cut off.
const WRITE_PATIENCE: Duration = Duration::from_secs(20);

/// How long the other side may take to answer our close.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// Why nothing more can be said on a socket.
enum Ended {
    /// The Delivery Service ended the connection: say goodbye.
    ByUs,
    /// The other side closed, or the network did.
    ByThem,
}

/// Runs until either side ends it.
pub(super) async fn run<B: Backend>(
    app: &App<B>,
    mut socket: WebSocket,
    mut connection: Connection<B::Accounts, B::Log>,
) {
    let ended = exchange(app, &mut socket, &mut connection).await;
    if matches!(ended, Ended::ByUs) {
        let goodbye = close::frame(connection.goodbye());
        drop(connection);
        let _ = timeout(WRITE_PATIENCE, socket.send(Message::Close(Some(goodbye)))).await;
    } else {
        drop(connection);
    }
    // Reading to the end is what makes a close clean: the other side's close comes, and ours has gone out.
    let _ = timeout(CLOSE_PATIENCE, async {
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
}

async fn exchange<B: Backend>(
    app: &App<B>,
    socket: &mut WebSocket,
    connection: &mut Connection<B::Accounts, B::Log>,
) -> Ended {
    let half = app.config.timeouts.idle() / 2;
    // Connections that began together, as after a restart, do not ping together ever after.
    let mut check = std::pin::pin!(sleep(spread(half, &mut app.rng())));
    let mut heard = true;
    loop {
        tokio::select! {
            frames = connection.next() => match frames {
                Some(frames) => if write(socket, frames.into_iter()).await.is_err() {
                    return Ended::ByThem;
                },
                None => return Ended::ByUs,
            },
            message = socket.next() => {
                heard = true;
                match message {
                    Some(Ok(Message::Binary(bytes))) => {
                        let answer = receive(app, connection, bytes).await;
                        if write(socket, answer.into_iter()).await.is_err() {
                            return Ended::ByThem;
                        }
                    }
                    Some(Ok(Message::Text(_))) => connection.close(Goodbye::Malformed),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Close(_))) | None => return Ended::ByThem,
                    // Too large, not masked, no UTF-8, or the network: after the first three it can still be told.
                    Some(Err(_)) => {
                        connection.close(Goodbye::Malformed);
                        return finish::<B>(socket, connection).await;
                    }
                }
            },
            () = &mut check => {
                if !heard || timeout(WRITE_PATIENCE, socket.send(Message::Ping(Bytes::new()))).await.is_err() {
                    return Ended::ByThem;
                }
                heard = false;
                check.as_mut().reset(Instant::now() + half);
            }
        }
    }
}

/// Writes what is left, the goodbye last.
async fn finish<B: Backend>(
    socket: &mut WebSocket,
    connection: &mut Connection<B::Accounts, B::Log>,
) -> Ended {
    while let Some(frames) = connection.next().await {
        if write(socket, frames.into_iter()).await.is_err() {
            return Ended::ByThem;
        }
    }
    Ended::ByUs
}

/// Hands a frame over. The answer is of one that is refused right here.
async fn receive<B: Backend>(
    app: &App<B>,
    connection: &Connection<B::Accounts, B::Log>,
    bytes: Bytes,
) -> Option<Bytes> {
    let Ok(frame) = ClientFrame::decode(&bytes) else {
        connection.close(Goodbye::Malformed);
        return None;
    };
    if let ClientFrame::Commit { request, added, .. } = &frame
        && let Err(code) = check_added(app, connection.device(), added).await
    {
        let refused = ServerFrame::<Bytes>::Response {
            request: *request,
            outcome: Outcome::Refused(code.into()),
        };
        return Some(refused.encode());
    }
    connection.receive(frame).await;
    None
}

/// Whether the devices that a Commit adds are who they are said to be. The sender is: it has a token.
async fn check_added<B: Backend>(
    app: &App<B>,
    sender: DeviceAddress,
    added: &[DeviceAddress],
) -> Result<(), ProblemCode> {
    if added.len() > limits::ADDED_DEVICES {
        return Err(ProblemCode::TooLarge);
    }
    let others: Vec<_> = added
        .iter()
        .copied()
        .filter(|address| *address != sender)
        .collect();
    match are_enrolled(&app.accounts, &others).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(ProblemCode::MembershipRefused),
        Err(error) => {
            tracing::error!(
                error = chain(&error),
                "the devices of an account could not be read"
            );
            Err(ProblemCode::Unavailable)
        }
    }
}

/// Writes all frames that wait, and flushes once.
async fn write(socket: &mut WebSocket, frames: impl ExactSizeIterator<Item = Bytes>) -> Result<(), ()> {
    if frames.len() == 0 {
        return Ok(());
    }
    let written = timeout(WRITE_PATIENCE, async {
        for frame in frames {
            socket.feed(Message::Binary(frame)).await?;
        }
        socket.flush().await
    });
    match written.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(()),
    }
}

/// Between a half of `period` and all of it.
fn spread(period: Duration, rng: &mut impl Rng) -> Duration {
    period / 2 + (period / 2).mul_f64(f64::from(rng.next_u32()) / f64::from(u32::MAX))
}
