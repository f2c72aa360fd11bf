//! Groups of communities: nobody comes in who is not in the community. Who is stands in the accounts database.

use super::Delivery;
use crate::store::{ChatIndex, CommitParts, LogStore, StoreError};
use sotto_protocol::{AccountId, ChatId, CommunityId, DeviceAddress, GroupRules, ProblemCode};
use std::collections::BTreeSet;

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// Whether a group with these rules may begin with these accounts.
    pub(super) async fn may_begin_in_community(
        &self,
        rules: &GroupRules,
        founder: AccountId,
        added: &[DeviceAddress],
    ) -> Result<Result<(), ProblemCode>, StoreError> {
        let Some(community) = rules.community else {
            return Ok(Ok(()));
        };
        if !self.shared.index.is_community(community).await? {
            return Ok(Err(ProblemCode::CommunityNotFound));
        }
        let accounts: BTreeSet<AccountId> = added
            .iter()
            .map(|device| device.account)
            .chain([founder])
            .collect();
        self.are_in(community, accounts, founder).await
    }

    /// Whether all may come into a group of a community whom a Commit brings in. A new device of somebody who is in the group may,
    /// whether its account is still in the community or not.
    pub(super) async fn may_come_in(
        &self,
        rules: &GroupRules,
        from: AccountId,
        commit: &CommitParts,
    ) -> Result<Result<(), ProblemCode>, StoreError> {
        let Some(community) = rules.community else {
            return Ok(Ok(()));
        };
        let newcomers: BTreeSet<AccountId> = if commit.external {
            commit.as_newcomer.then_some(from).into_iter().collect()
        } else {
            let others = commit.added.iter().map(|device| device.account);
            others.filter(|account| *account != from).collect()
        };
        self.are_in(community, newcomers, from).await
    }

    /// Whether the account may ask to be let into a group with these rules.
    pub async fn may_ask(&self, rules: &GroupRules, account: AccountId) -> Result<bool, StoreError> {
        match rules.community {
            Some(community) => {
                let outsiders = self.shared.index.outsiders(community, &[account]).await?;
                Ok(outsiders.is_empty())
            }
            None => Ok(true),
        }
    }

    /// Notes that a group is of the community that its rules name.
    pub(super) async fn note_community(&self, group: ChatId, rules: &GroupRules) -> Result<(), StoreError> {
        match rules.community {
            Some(community) => self.shared.index.put_community_group(community, group).await,
            None => Ok(()),
        }
    }

    async fn are_in(
        &self,
        community: CommunityId,
        accounts: BTreeSet<AccountId>,
        by: AccountId,
    ) -> Result<Result<(), ProblemCode>, StoreError> {
        if accounts.is_empty() {
            return Ok(Ok(()));
        }
        let accounts: Vec<AccountId> = accounts.into_iter().collect();
        let outsiders = self.shared.index.outsiders(community, &accounts).await?;
        Ok(if outsiders.contains(&by) {
            Err(ProblemCode::NotInCommunity)
        } else if outsiders.is_empty() {
            Ok(())
        } else {
            Err(ProblemCode::MembershipRefused)
        })
    }
}
