//! Which shard a chat is in, remembered: a chat never moves.

use super::lock;
use crate::store::ShardId;
use sotto_protocol::ChatId;
use std::collections::HashMap;
use std::sync::Mutex;

/// Chats in one of the two generations.
const GENERATION: usize = 250_000;

/// Two generations: what is not asked for while one fills is forgotten with it.
#[derive(Debug, Default)]
pub(super) struct Placements {
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<ChatId, ShardId>,
    old: HashMap<ChatId, ShardId>,
}

impl Placements {
    pub(super) fn get(&self, chat: ChatId) -> Option<ShardId> {
        let mut generations = lock(&self.generations);
        if let Some(&shard) = generations.young.get(&chat) {
            return Some(shard);
        }
        let shard = generations.old.remove(&chat)?;
        generations.put(chat, shard);
        Some(shard)
    }

    pub(super) fn put(&self, chat: ChatId, shard: ShardId) {
        lock(&self.generations).put(chat, shard);
    }
}

impl Generations {
    fn put(&mut self, chat: ChatId, shard: ShardId) {
        self.young.insert(chat, shard);
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
    }
}
