//! How many transfers there are at a time.

use crate::limit::{Share, Shares};
use crate::telemetry::metrics::{Limit, METRICS};
use sotto_protocol::AccountId;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for transfers in one direction: so many on this node, and of those so many for one account.
pub(super) struct Slots {
    all: Arc<Semaphore>,
    of_accounts: Shares<AccountId>,
}

/// A place, until it is dropped.
pub(super) struct Slot {
    _place: OwnedSemaphorePermit,
    _share: Share<AccountId>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoSlot {
    /// This node has as many transfers as it can.
    #[error("this node has as many transfers as it can")]
    Overloaded,
    /// The account has as many as it may.
    #[error("the account has as many transfers as it may")]
    TooMany,
}

impl Slots {
    pub(super) fn new(all: usize, of_account: u32) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            of_accounts: Shares::new(of_account),
        }
    }

    /// A place for a transfer of this account.
    pub(super) fn take(&self, account: AccountId) -> Result<Slot, NoSlot> {
        let Some(share) = self.of_accounts.take(account) else {
            METRICS.limits_hit.of(Limit::BlobTransfersPerAccount).increment();
            return Err(NoSlot::TooMany);
        };
        let place = Arc::clone(&self.all).try_acquire_owned();
        Ok(Slot {
            _place: place.map_err(|_| NoSlot::Overloaded)?,
            _share: share,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_takes_no_more_than_its_part_and_who_finds_no_place_keeps_none() {
        let [alice, bob, eve] = [1, 2, 3].map(|number| AccountId::from_bytes([number; 16]));
        let slots = Slots::new(3, 2);
        let of_alice = [slots.take(alice).unwrap(), slots.take(alice).unwrap()];
        assert_eq!(slots.take(alice).err(), Some(NoSlot::TooMany));
        let _of_bob = slots.take(bob).unwrap();
        for _ in 0..3 {
            assert_eq!(slots.take(eve).err(), Some(NoSlot::Overloaded));
        }
        drop(of_alice);
        let _of_eve = [slots.take(eve).unwrap(), slots.take(eve).unwrap()];
    }
}
