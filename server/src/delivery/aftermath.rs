//! What follows in the accounts database from Commits to groups: whoever has come in asks no more, and a group that is listed
//! no more has no public profile. No transaction spans the two databases, so what is lost here by a crash is not shown: readers
//! look at the log shard too.

use super::{Delivery, Shared};
use crate::store::{ChatIndex, GroupChange, LogStore, StoreError};
use sotto_protocol::ChatId;
use std::sync::Weak;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

/// Commits that may wait. A server that has more is one whose accounts database stands still.
const WAITING: usize = 4096;

/// A Commit that was accepted.
#[derive(Debug)]
pub(super) struct GroupChanged {
    pub(super) group: ChatId,
    pub(super) change: GroupChange,
}

/// The way in.
#[derive(Clone, Debug)]
pub(super) struct Aftermath(Sender<GroupChanged>);

impl Aftermath {
    pub(super) fn new() -> (Self, Receiver<GroupChanged>) {
        let (sender, receiver) = channel(WAITING);
        (Self(sender), receiver)
    }

    pub(super) fn of(&self, changed: GroupChanged) {
        if self.0.try_send(changed).is_err() {
            tracing::warn!("what follows from a Commit to a group is left undone");
        }
    }
}

/// Does what follows, until stopped.
pub(super) async fn run<I: ChatIndex, L: LogStore>(
    shared: Weak<Shared<I, L>>,
    mut commits: Receiver<GroupChanged>,
    stop: CancellationToken,
) {
    loop {
        let next = tokio::select! {
            () = stop.cancelled() => return,
            next = commits.recv() => next,
        };
        let (Some(changed), Some(shared)) = (next, Weak::upgrade(&shared)) else {
            return;
        };
        if let Err(error) = follow(&Delivery { shared }, changed).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what follows from a Commit to a group is left undone"
            );
        }
    }
}

async fn follow<I: ChatIndex, L: LogStore>(
    delivery: &Delivery<I, L>,
    GroupChanged { group, change }: GroupChanged,
) -> Result<(), StoreError> {
    let index = &delivery.shared.index;
    if change.is_unlisted {
        index.delete_group_profile(group).await?;
    }
    if !change.newcomers.is_empty() && index.forget_join_requests(group, &change.newcomers).await? {
        delivery.join_requests_changed(group).await;
    }
    Ok(())
}
