//! What follows in the accounts database from Commits to groups: whoever has come in asks no more, and a group that is listed
//! no more has no public profile. No transaction spans the two databases, so what is lost here by a crash is not shown: readers
//! look at the log shard too.

use super::{Delivery, Shared};
use crate::store::{ChatIndex, GroupChange, LogStore, StoreError};
use sotto_protocol::ChatId;
use std::sync::Weak;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// Commits that may wait. A server that has more is one whose accounts database stands still.
const WAITING: usize = 4096;

/// How long a server that stops waits for an accounts database that stands still.
const SETTLING: Duration = Duration::from_secs(5);

/// A Commit that was accepted.
#[derive(Debug)]
pub(super) struct GroupChanged {
    pub(super) group: ChatId,
    pub(super) change: GroupChange,
}

#[derive(Debug)]
pub(super) enum Task {
    Follow(GroupChanged),
    /// To be answered when all before it is done.
    Settle(oneshot::Sender<()>),
}

/// The way in.
#[derive(Clone, Debug)]
pub(super) struct Aftermath(Sender<Task>);

impl Aftermath {
    pub(super) fn new() -> (Self, Receiver<Task>) {
        let (sender, receiver) = channel(WAITING);
        (Self(sender), receiver)
    }

    pub(super) fn of(&self, changed: GroupChanged) {
        if self.0.try_send(Task::Follow(changed)).is_err() {
            tracing::warn!("what follows from a Commit to a group is left undone");
        }
    }

    /// Ready when what follows from all Commits until now is done, or cannot be done soon.
    pub(super) async fn settle(&self) {
        let (settled, done) = oneshot::channel();
        let settling = async {
            // An error says that there is nobody who would do anything more.
            self.0.send(Task::Settle(settled)).await.ok()?;
            done.await.ok()
        };
        if tokio::time::timeout(SETTLING, settling).await.is_err() {
            tracing::warn!("what follows from Commits to groups is left undone");
        }
    }
}

/// Does what follows, for as long as there is a Delivery Service.
pub(super) async fn run<I: ChatIndex, L: LogStore>(shared: Weak<Shared<I, L>>, mut tasks: Receiver<Task>) {
    while let Some(task) = tasks.recv().await {
        let Some(shared) = Weak::upgrade(&shared) else {
            return;
        };
        match task {
            Task::Settle(settled) => drop(settled.send(())),
            Task::Follow(changed) => {
                if let Err(error) = follow(&Delivery { shared }, changed).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "what follows from a Commit to a group is left undone"
                    );
                }
            }
        }
    }
}

async fn follow<I: ChatIndex, L: LogStore>(
    delivery: &Delivery<I, L>,
    GroupChanged { group, change }: GroupChanged,
) -> Result<(), StoreError> {
    let index = &delivery.shared.index;
    if change.is_unlisted {
        // It may be listed again by now, with a profile of then.
        let standings = delivery.group_standings(&[group]).await?;
        let is_listed = standings
            .get(&group)
            .is_some_and(|standing| standing.rules.is_listed);
        if !is_listed {
            index.delete_group_profile(group).await?;
        }
    }
    if !change.newcomers.is_empty() && index.forget_join_requests(group, &change.newcomers).await? {
        delivery.join_requests_changed(group).await;
    }
    Ok(())
}
