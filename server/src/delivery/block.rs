//! Whom accounts block, as far as chats are concerned: what the blocked sends into the direct chat of the two is refused, and
//! whoever blocks somebody is brought into no group by them.
//!
//! That somebody is blocked stands in the accounts database, that they are silenced in a chat in the chat's shard, where its
//! writer finds it without reading anything more.

use super::{Delivery, DeliveryError};
use crate::store::{AccountPair, Blocking, ChatIndex, LogStore, StoreError};
use sotto_protocol::frame::Change;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, ProblemCode};
use std::collections::BTreeSet;

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// Blocks an account for the caller's. When this is answered, nothing more that it sends is accepted in their direct chat.
    pub async fn block(&self, from: DeviceAddress, blocked: AccountId) -> Result<(), DeliveryError> {
        if blocked == from.account {
            return Err(ProblemCode::InvalidRequest.into());
        }
        let now = self.shared.clock.now();
        match self.shared.index.block(from.account, blocked, now).await? {
            Blocking::Blocked => {}
            Blocking::TooMany => return Err(ProblemCode::TooManyBlocks.into()),
            Blocking::NotFound => return Err(ProblemCode::UserNotFound.into()),
        }
        self.blocks_changed(from, blocked).await
    }

    /// Blocks an account no more.
    pub async fn unblock(&self, from: DeviceAddress, blocked: AccountId) -> Result<(), DeliveryError> {
        self.shared.index.unblock(from.account, blocked).await?;
        self.blocks_changed(from, blocked).await
    }

    async fn blocks_changed(&self, from: DeviceAddress, blocked: AccountId) -> Result<(), DeliveryError> {
        self.follow_block(from.account, blocked).await?;
        self.records_changed(from);
        Ok(())
    }

    /// Tells the account's other connected devices that its private records, or whom it blocks, have changed.
    pub fn records_changed(&self, from: DeviceAddress) {
        self.shared
            .fan_out
            .changed_elsewhere([from.account], &[from], Change::Records);
    }

    /// Silences an account in the direct chat with another as that one has it.
    async fn follow_block(&self, account: AccountId, blocked: AccountId) -> Result<(), StoreError> {
        let index = &self.shared.index;
        let Some((chat, shard)) = index.chat_of(AccountPair::new(account, blocked)).await? else {
            return Ok(());
        };
        let log = self.log(shard)?;
        let mut silenced = self.is_blocked(account, blocked).await?;
        // Of several who do this at the same time, the last to write sees what holds then.
        loop {
            log.silence(chat, blocked, silenced).await?;
            self.shared.fan_out.members.forget(chat);
            let now = self.is_blocked(account, blocked).await?;
            if now == silenced {
                return Ok(());
            }
            silenced = now;
        }
    }

    /// What was blocked while the chat was being created is looked at now that it is there.
    pub(super) async fn follow_blocks_between(&self, pair: AccountPair) -> Result<(), StoreError> {
        let [one, other] = pair.accounts();
        for (account, blocked) in [(one, other), (other, one)] {
            if one != other && self.is_blocked(account, blocked).await? {
                self.follow_block(account, blocked).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn is_blocked(
        &self,
        account: AccountId,
        blocked: AccountId,
    ) -> Result<bool, StoreError> {
        let blockers = self.shared.index.blockers_of(blocked, &[account]).await?;
        Ok(!blockers.is_empty())
    }

    /// Whether one of these devices is of somebody who blocks the account that brings it in.
    pub(super) async fn is_unwelcome(
        &self,
        chat: ChatId,
        by: AccountId,
        added: &[DeviceAddress],
    ) -> Result<bool, StoreError> {
        let others: BTreeSet<AccountId> = added.iter().map(|device| device.account).collect();
        let others: Vec<AccountId> = others.into_iter().filter(|account| *account != by).collect();
        if others.is_empty() {
            return Ok(false);
        }
        self.shared.index.is_unwelcome(chat, by, &others).await
    }
}
