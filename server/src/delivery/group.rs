//! Groups: what others may know of them, how accounts leave them, how they end.

use super::{Delivery, DeliveryError, Shard, check};
use crate::store::{ChatIndex, GroupStanding, GroupVersion, Leaving, LogStore, StoreError, StoredGroup};
use sotto_protocol::chat_rules::{Member, Role};
use sotto_protocol::frame::{Change, Refusal};
use sotto_protocol::message_header::GroupInfoHeader;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Epoch, ProblemCode, SignedGroupProfile};
use std::collections::HashMap;

/// Deletions that are looked for at a time.
const DELETIONS: u16 = 100;

/// A group, as whoever knows its id may know it.
#[derive(Clone, Debug)]
pub struct ReadGroup {
    /// What its GroupInfo says.
    pub header: GroupInfoHeader,
    /// The rest.
    pub stored: StoredGroup,
    /// The profile of a listed group.
    pub profile: Option<SignedGroupProfile>,
}

/// Which state of a group it is: the same one is read as the same [`ReadGroup`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadGroupVersion {
    /// What its log shard has of it.
    stored: GroupVersion,
    /// Its profile, listed or not: of a small thing, the thing itself is a version that cannot be mistaken.
    profile: Option<SignedGroupProfile>,
}

impl ReadGroupVersion {
    /// Whether a group that was read after this version is of it, as far as it can have become another one and this one again.
    #[must_use]
    pub fn is_of(&self, members: u32, profile: Option<&SignedGroupProfile>) -> bool {
        self.stored.members == members && self.profile.as_ref() == profile
    }

    /// Bytes of it beyond its own size.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.profile
            .as_ref()
            .map_or(0, |profile| profile.profile.as_slice().len())
    }
}

/// A group, and what an account is in it.
#[derive(Clone, Debug)]
pub struct GroupOf {
    /// The group.
    pub standing: GroupStanding,
    /// The accounts in it.
    pub members: Vec<AccountId>,
    /// The account's role; `None` if it is no member.
    pub role: Option<Role>,
}

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// The group, for whoever knows its id.
    pub async fn group(&self, group: ChatId) -> Result<ReadGroup, DeliveryError> {
        let shard = self.shard_of(group).await?.ok_or(ProblemCode::GroupNotFound)?;
        let stored = shard.log.group(group).await?.ok_or(ProblemCode::GroupNotFound)?;
        let header = GroupInfoHeader::read(&stored.group_info)
            .map_err(|_| StoreError::Unreadable { what: "GroupInfo" })?;
        let is_listed = header.rules.as_group().is_some_and(|rules| rules.is_listed);
        let profile = if is_listed {
            self.shared.index.group_profile(group).await?
        } else {
            None
        };
        Ok(ReadGroup {
            header,
            stored,
            profile,
        })
    }

    /// Which version of the group there is. It is read from the databases each time, and without the GroupInfo.
    pub async fn group_version(&self, group: ChatId) -> Result<ReadGroupVersion, DeliveryError> {
        let shard = self.shard_of(group).await?.ok_or(ProblemCode::GroupNotFound)?;
        let stored = shard.log.group_version(group).await?;
        Ok(ReadGroupVersion {
            stored: stored.ok_or(ProblemCode::GroupNotFound)?,
            profile: self.shared.index.group_profile(group).await?,
        })
    }

    /// The group, and what this device's account is in it.
    pub async fn group_of(&self, from: DeviceAddress, group: ChatId) -> Result<GroupOf, DeliveryError> {
        let shard = self.shard_of(group).await?.ok_or(ProblemCode::GroupNotFound)?;
        let standings = shard.log.group_standings(&[group]).await?;
        let standing = standings.into_iter().next().ok_or(ProblemCode::GroupNotFound)?;
        let members = shard.log.parties(group).await?;
        let role = members
            .contains(&from.account)
            .then(|| standing.rules.role_of(&Member::from(from)));
        Ok(GroupOf {
            standing,
            members,
            role,
        })
    }

    /// What can be said of those of the chats that are groups.
    pub async fn group_standings(
        &self,
        groups: &[ChatId],
    ) -> Result<HashMap<ChatId, GroupStanding>, StoreError> {
        let mut by_shard: Vec<(&Shard<L>, Vec<ChatId>)> = Vec::new();
        for &group in groups {
            let Some(shard) = self.shard_of(group).await? else {
                continue;
            };
            match by_shard.iter_mut().find(|(other, _)| std::ptr::eq(*other, shard)) {
                Some((_, groups)) => groups.push(group),
                None => by_shard.push((shard, vec![group])),
            }
        }
        let mut standings = HashMap::new();
        for (shard, groups) in by_shard {
            let found = shard.log.group_standings(&groups).await?;
            standings.extend(found.into_iter().map(|standing| (standing.group, standing)));
        }
        Ok(standings)
    }

    /// Replaces a listed group's profile, for its owner or an admin.
    pub async fn update_group(
        &self,
        from: DeviceAddress,
        group: ChatId,
        signed: SignedGroupProfile,
    ) -> Result<(), DeliveryError> {
        let GroupOf { standing, role, .. } = self.group_of(from, group).await?;
        if role.is_none_or(|role| role < Role::Admin) {
            return Err(ProblemCode::Forbidden.into());
        }
        let profile = check::profile(group, &standing.rules, &signed)?;
        if self.shared.index.put_group_profile(profile, signed).await? {
            Ok(())
        } else {
            Err(ProblemCode::StaleProfile.into())
        }
    }

    /// Takes an account out of a group at once: nothing more reaches its devices. Its leaves stay in the tree until a member
    /// commits their removal.
    pub async fn leave_group(
        &self,
        account: AccountId,
        group: ChatId,
        epoch: Option<Epoch>,
    ) -> Result<(), DeliveryError> {
        let shard = self.shard_of(group).await?.ok_or(ProblemCode::GroupNotFound)?;
        let left = shard.log.leave_group(group, account, epoch).await?;
        self.shared.fan_out.members.forget(group);
        match left {
            // What is said in it can be read by nobody, and whoever came in would find those in its tree who have left.
            Leaving::Left { is_empty: true } if self.shared.index.begin_deletion(group).await? => {
                Ok(self.delete_begun(group).await?)
            }
            Leaving::Left { .. } => Ok(()),
            Leaving::Stale(epoch) => Err(DeliveryError::Refused(Refusal {
                code: ProblemCode::StaleEpoch,
                epoch: Some(epoch),
            })),
            Leaving::NoParty if !shard.log.group_standings(&[group]).await?.is_empty() => Ok(()),
            Leaving::NoParty => Err(ProblemCode::GroupNotFound.into()),
        }
    }

    /// Deletes a group for good, for its owner, and tells who was in it.
    pub async fn delete_group(&self, from: DeviceAddress, group: ChatId) -> Result<(), DeliveryError> {
        if self.group_of(from, group).await?.role != Some(Role::Owner) {
            return Err(ProblemCode::Forbidden.into());
        }
        if !self.shared.index.begin_deletion(group).await? {
            return Err(ProblemCode::GroupNotFound.into());
        }
        Ok(self.delete_begun(group).await?)
    }

    /// Completes the deletions that were cut off.
    pub async fn complete_deletions(&self) -> Result<(), StoreError> {
        loop {
            let deletions = self.shared.index.deletions(DELETIONS).await?;
            for &group in &deletions {
                self.delete_begun(group).await?;
            }
            if deletions.len() < usize::from(DELETIONS) {
                return Ok(());
            }
        }
    }

    /// Deletes a group whose deletion has begun.
    async fn delete_begun(&self, group: ChatId) -> Result<(), StoreError> {
        let Some(shard) = self.shard_of(group).await? else {
            return Err(StoreError::Mismatch {
                reason: "the log shard of a group that is to be deleted is not configured".to_owned(),
            });
        };
        let accounts = shard.log.delete_group(group).await?;
        self.shared.index.conclude_deletion(group).await?;
        self.shared.fan_out.members.forget(group);
        self.shared.fan_out.changed(accounts, Change::ChatDeleted(group));
        Ok(())
    }

    /// Tells the connected devices of a group's members that the requests to join it have changed. A hint: whoever misses it
    /// reads them at the next occasion.
    pub async fn join_requests_changed(&self, group: ChatId) {
        let parties = async {
            match self.shard_of(group).await? {
                Some(shard) => shard.log.parties(group).await,
                None => Ok(Vec::new()),
            }
        };
        match parties.await {
            Ok(accounts) => self.shared.fan_out.changed(accounts, Change::JoinRequests(group)),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a change of a group's requests is not told"
            ),
        }
    }
}
