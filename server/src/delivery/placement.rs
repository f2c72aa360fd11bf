//! Which shard a chat is in, remembered: a chat never moves.

use super::generations::Generations;
use super::lock;
use crate::store::ShardId;
use sotto_protocol::ChatId;
use std::sync::Mutex;

const CHATS: usize = 250_000;

/// The shards of chats that were lately asked for.
#[derive(Debug)]
pub(super) struct Placements {
    known: Mutex<Generations<ChatId, ShardId>>,
}

impl Default for Placements {
    fn default() -> Self {
        Self {
            known: Mutex::new(Generations::new(CHATS)),
        }
    }
}

impl Placements {
    pub(super) fn get(&self, chat: ChatId) -> Option<ShardId> {
        lock(&self.known).get(chat).copied()
    }

    pub(super) fn put(&self, chat: ChatId, shard: ShardId) {
        lock(&self.known).put(chat, shard);
    }
}
