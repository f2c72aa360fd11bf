//! What a connection is told at its start: Welcomes, cursors, markers, Ready. Read from the shards in pages, while live
//! entries are already coming in: the device is registered first, so none is missed in between.

use super::Shared;
use super::outbox::Outbox;
use crate::store::{ChatIndex, ListPosition, LogStore, StoreError};
use bytes::Bytes;
use sotto_protocol::frame::ServerFrame;
use sotto_protocol::{DeviceAddress, limits};
use std::collections::VecDeque;

const STANDINGS_PER_PAGE: u16 = 500;

/// How far the greeting of a connection has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Greeting {
    stage: Stage,
    shard: usize,
    after: ListPosition,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Welcomes,
    Standings,
    Done,
}

impl Greeting {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::Welcomes,
            shard: 0,
            after: ListPosition::default(),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// The next frames, at least one. Dropped before it is ready, it has moved past nothing that was not returned.
    pub(super) async fn next<I: ChatIndex, L: LogStore>(
        &mut self,
        shared: &Shared<I, L>,
        device: DeviceAddress,
    ) -> Result<VecDeque<Bytes>, StoreError> {
        loop {
            let Some(current) = shared.shards.get(self.shard) else {
                self.shard = 0;
                self.after = ListPosition::default();
                if self.stage == Stage::Welcomes {
                    self.stage = Stage::Standings;
                    continue;
                }
                self.stage = Stage::Done;
                let ready = ServerFrame::<Bytes>::Ready {
                    at: shared.clock.now(),
                };
                return Ok(VecDeque::from([ready.encode()]));
            };
            let (frames, after) = match self.stage {
                Stage::Welcomes => welcomes(&*current.log, device, self.after).await?,
                Stage::Standings | Stage::Done => standings(&*current.log, device, self.after).await?,
            };
            if let Some(after) = after {
                self.after = after;
            } else {
                self.shard += 1;
                self.after = ListPosition::default();
            }
            if !frames.is_empty() {
                return Ok(frames);
            }
        }
    }
}

/// Tells a device once more, among its entries, what it was told at its start.
pub(super) async fn repeat<I: ChatIndex, L: LogStore>(
    shared: &Shared<I, L>,
    device: DeviceAddress,
    outbox: &Outbox,
) -> Result<(), StoreError> {
    let mut greeting = Greeting::new();
    while outbox.goodbye().is_none() {
        let frames = greeting.next(shared, device).await?;
        // What is done has ended with `Ready`, which was said.
        if greeting.is_done() {
            break;
        }
        for frame in frames {
            outbox.push(frame);
        }
    }
    Ok(())
}

/// Some frames, and where the next page begins if there may be one.
type Greeted = (VecDeque<Bytes>, Option<ListPosition>);

async fn welcomes<L: LogStore>(
    log: &L,
    device: DeviceAddress,
    after: ListPosition,
) -> Result<Greeted, StoreError> {
    let welcomes = log.pending_welcomes(device, after).await?;
    let after = welcomes.last().map(|welcome| welcome.position);
    let frames = welcomes
        .into_iter()
        .map(|welcome| {
            ServerFrame::Welcome {
                chat: welcome.chat,
                after: welcome.after,
                from: welcome.from,
                payload: welcome.payload,
            }
            .encode()
        })
        .collect();
    Ok((frames, after))
}

async fn standings<L: LogStore>(
    log: &L,
    device: DeviceAddress,
    after: ListPosition,
) -> Result<Greeted, StoreError> {
    let standings = log.standings(device, after, STANDINGS_PER_PAGE).await?;
    let Some(last) = standings.last().map(|standing| standing.position) else {
        return Ok((VecDeque::new(), None));
    };
    let mut frames: VecDeque<Bytes> = standings
        .iter()
        .filter(|standing| standing.acknowledged != Some(standing.last))
        .map(|standing| {
            ServerFrame::<Bytes>::Cursor {
                chat: standing.chat,
                acknowledged: standing.acknowledged,
                last: standing.last,
                suite: standing.suite,
            }
            .encode()
        })
        .collect();
    let is_full = standings.len() >= usize::from(STANDINGS_PER_PAGE);
    let mut marker_bytes = 0;
    for standing in standings {
        for (from, payload) in standing.markers {
            marker_bytes += payload.len();
            let chat = standing.chat;
            frames.push_back(ServerFrame::Marker { chat, from, payload }.encode());
        }
    }
    let is_full = is_full || marker_bytes >= limits::PAGE_BYTES;
    Ok((frames, is_full.then_some(last)))
}
