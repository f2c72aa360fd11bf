//! Chats that this node holds for the time of a transaction.
//!
//! Only blocking waits can make a deadlock. They come first in a transaction and in the order of keys; whatever is not free after
//! that is left for a later batch. So no cycle of waiting nodes can come about, and no batch waits behind another's rows.

use super::load::read_head;
use crate::store::StoreError;
use crate::store::sequencer::ChatState;
use sotto_protocol::{Epoch, Seq};
use sqlx::postgres::PgConnection;
use std::collections::HashMap;

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

    /// Notes which chats of a batch were held.
    pub(super) fn note(&mut self, states: &[ChatState], heads: &HashMap<i64, Head>) {
        for state in states {
            if heads.contains_key(&state.key) {
                self.0.remove(&state.key);
            } else {
                let times = self.0.entry(state.key).or_default();
                *times = times.saturating_add(1);
            }
        }
    }
}

/// Takes hold of those of the chats that are free or overdue, of at least one.
pub(super) async fn hold(
    connection: &mut PgConnection,
    states: &[ChatState],
    deferred: &Deferred,
) -> Result<HashMap<i64, Head>, StoreError> {
    let mut keys: Vec<i64> = states.iter().map(|state| state.key).collect();
    keys.sort_unstable();
    let overdue: Vec<i64> = keys
        .iter()
        .copied()
        .filter(|&chat| deferred.is_overdue(chat))
        .take(WAITED_FOR)
        .collect();
    let mut heads = HashMap::with_capacity(keys.len());
    if !overdue.is_empty() {
        wait_for(connection, &overdue, &mut heads).await?;
    }
    take_free(connection, &keys, &mut heads).await?;
    if heads.is_empty()
        && let Some(&first) = keys.first()
    {
        wait_for(connection, &[first], &mut heads).await?;
        take_free(connection, &keys, &mut heads).await?;
    }
    Ok(heads)
}

async fn wait_for(
    connection: &mut PgConnection,
    chats: &[i64],
    heads: &mut HashMap<i64, Head>,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT chat, last_seq, epoch, members_version FROM heads WHERE chat = ANY($1)
         ORDER BY chat FOR NO KEY UPDATE",
    )
    .bind(chats)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        heads.extend([read_head(row)?]);
    }
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
