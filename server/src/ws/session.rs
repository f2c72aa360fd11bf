//! One connection of a device: one task that moves frames between the socket and the Delivery Service.

use super::close;
use crate::delivery::Connection;
use crate::store::{DirectChatIndex, LogStore};
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use rand_core::Rng;
use sotto_protocol::frame::{ClientFrame, Goodbye};
use std::collections::VecDeque;
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
pub(super) async fn run<I: DirectChatIndex, L: LogStore>(
    mut socket: WebSocket,
    mut connection: Connection<I, L>,
    idle: Duration,
    mut rng: impl Rng,
) {
    let ended = exchange(&mut socket, &mut connection, idle, &mut rng).await;
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

async fn exchange<I: DirectChatIndex, L: LogStore>(
    socket: &mut WebSocket,
    connection: &mut Connection<I, L>,
    idle: Duration,
    rng: &mut impl Rng,
) -> Ended {
    let half = idle / 2;
    // Connections that began together, as after a restart, do not ping together ever after.
    let mut check = std::pin::pin!(sleep(spread(half, rng)));
    let mut heard = true;
    loop {
        tokio::select! {
            frames = connection.next() => match frames {
                Some(frames) => if write(socket, frames).await.is_err() {
                    return Ended::ByThem;
                },
                None => return Ended::ByUs,
            },
            message = socket.next() => {
                heard = true;
                match message {
                    Some(Ok(Message::Binary(bytes))) => receive(connection, bytes).await,
                    Some(Ok(Message::Text(_))) => connection.close(Goodbye::Malformed),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Close(_))) | None => return Ended::ByThem,
                    // Too large, not masked, no UTF-8, or the network: after the first three it can still be told.
                    Some(Err(_)) => {
                        connection.close(Goodbye::Malformed);
                        return finish(socket, connection).await;
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
async fn finish<I: DirectChatIndex, L: LogStore>(
    socket: &mut WebSocket,
    connection: &mut Connection<I, L>,
) -> Ended {
    while let Some(frames) = connection.next().await {
        if write(socket, frames).await.is_err() {
            return Ended::ByThem;
        }
    }
    Ended::ByUs
}

async fn receive<I: DirectChatIndex, L: LogStore>(connection: &Connection<I, L>, bytes: Bytes) {
    match ClientFrame::decode(&bytes) {
        Ok(frame) => connection.receive(frame).await,
        Err(_) => connection.close(Goodbye::Malformed),
    }
}

/// Writes all frames that wait, and flushes once.
async fn write(socket: &mut WebSocket, frames: VecDeque<Bytes>) -> Result<(), ()> {
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
