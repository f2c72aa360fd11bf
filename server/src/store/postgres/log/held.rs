//! Chats that this node holds for the time of a transaction.
//!
//! Only blocking waits can make a deadlock. They come first in a transaction and in the order of keys; whatever is not free after
//! that is left for a later batch. So no cycle of waiting nodes can come about, and no batch waits behind another's rows.

use super::load::read_head;
use crate::store::StoreError;
use crate::store::sequencer::ChatState;
use sotto_protocol::{Epoch, Seq};
use sqlx::postgres::PgConnection;
use std::collections::{HashMap, HashSet};

/// After being left for a later batch so often, a chat is waited for: others would else get ahead for ever.
const PATIENCE: u8 = 4;
/// Chats that are waited for in one transaction.
const WAITED_FOR: usize = 64;

/// What changes in a chat, as it is while it is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) last: Seq,
    pub(super) epoch: Epoch,
    pub(super) members_version: i64,
}

/// How often chats were left for later, by key.
#[derive(Debug, Default)]
pub(super) struct Deferred(HashMap<i64, u8>);

impl Deferred {
    fn is_overdue(&self, chat: i64) -> bool {
        self.0.get(&chat).is_some_and(|times| *times >= PATIENCE)
    }

    /// Notes which chats of a batch were held, or are no more.
    pub(super) fn note(&mut self, states: &[ChatState], held: &Held) {
        for state in states {
            if held.heads.contains_key(&state.key) || held.gone.contains(&state.key) {
                self.0.remove(&state.key);
            } else {
                let times = self.0.entry(state.key).or_default();
                *times = times.saturating_add(1);
            }
        }
    }
}

/// The chats of a batch, as they were found.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Those that this node holds, by key.
    pub(super) heads: HashMap<i64, Head>,
    /// Those that were waited for and are no more, by key.
    pub(super) gone: HashSet<i64>,
}

/// Takes hold of those of the chats that are free or overdue, of at least one if one is there.
pub(super) async fn hold(
    connection: &mut PgConnection,
    states: &[ChatState],
    deferred: &Deferred,
) -> Result<Held, StoreError> {
    let mut keys: Vec<i64> = states.iter().map(|state| state.key).collect();
    keys.sort_unstable();
    let overdue: Vec<i64> = keys
        .iter()
        .copied()
        .filter(|&chat| deferred.is_overdue(chat))
        .take(WAITED_FOR)
        .collect();
    let mut held = Held::default();
    if !overdue.is_empty() {
        wait_for(connection, &overdue, &mut held).await?;
    }
    take_free(connection, &keys, &mut held.heads).await?;
    if held.heads.is_empty()
        && let Some(&first) = keys.iter().find(|key| !held.gone.contains(key))
    {
        wait_for(connection, &[first], &mut held).await?;
        take_free(connection, &keys, &mut held.heads).await?;
    }
    Ok(held)
}

async fn wait_for(connection: &mut PgConnection, chats: &[i64], held: &mut Held) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT chat, last_seq, epoch, members_version FROM heads WHERE chat = ANY($1)
         ORDER BY chat FOR NO KEY UPDATE",
    )
    .bind(chats)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        held.heads.extend([read_head(row)?]);
    }
    let missing = chats.iter().filter(|chat| !held.heads.contains_key(chat));
    held.gone.extend(missing);
    Ok(())
}

async fn take_free(
    connection: &mut PgConnection,
    chats: &[i64],
    heads: &mut HashMap<i64, Head>,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT chat, last_seq, epoch, members_version FROM heads WHERE chat = ANY($1)
         ORDER BY chat FOR NO KEY UPDATE SKIP LOCKED",
    )
    .bind(chats)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        heads.extend([read_head(row)?]);
    }
    Ok(())
}
