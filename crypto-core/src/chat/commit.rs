//! Commits of this device: made, then confirmed or discarded by what the server answers (RFC 9420, section 12.4).

use super::leaf::DeviceSigner;
use super::staged::judge;
use super::{Chat, ChatError, Membership, MlsError, write_chat_record};
use crate::mls_store::Provider;
use crate::policy::DirectChat;
use crate::suite::{SuiteCrypto, ciphersuite};
use crate::{Device, InvitedDevice};
use openmls::prelude::{LeafNodeIndex, MlsGroup, Sender};
use openmls_traits::OpenMlsProvider as _;
use rand_core::CryptoRng;
use sotto_protocol::{DeviceAddress, DeviceCredential};

/// A Commit that was made and is to be sent. The chat stays in its epoch until [`Chat::confirm_commit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingCommit {
    /// The Commit as an `MLSMessage`.
    pub commit: Vec<u8>,
    /// The GroupInfo of the epoch that it begins, as an `MLSMessage`.
    pub group_info: Vec<u8>,
    /// The Welcome for the devices added, as an `MLSMessage`; `None` if it adds none.
    pub welcome: Option<Vec<u8>>,
    /// The devices that it adds.
    pub added: Vec<DeviceAddress>,
    /// The devices that it removes, all of this device's account.
    pub removed: Vec<DeviceAddress>,
}

/// What a Commit of this device does.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    SelfUpdate,
    Add(&'a [InvitedDevice]),
    Remove(&'a [DeviceAddress]),
}

impl Chat {
    /// Makes a Commit that replaces this device's keys and those on its path: from the next epoch on, who had stolen them
    /// is out. Due on joining, weekly, and after being offline for long.
    pub fn self_update(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
    ) -> Result<PendingCommit, ChatError> {
        self.commit(rng, device, Change::SelfUpdate)
    }

    /// Makes a Commit that adds devices of either account.
    pub fn add(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        invited: &[InvitedDevice],
    ) -> Result<PendingCommit, ChatError> {
        self.commit(rng, device, Change::Add(invited))
    }

    /// Makes a Commit that removes devices of this device's account, but not this device.
    pub fn remove(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        removed: &[DeviceAddress],
    ) -> Result<PendingCommit, ChatError> {
        self.commit(rng, device, Change::Remove(removed))
    }

    /// Whether a Commit waits to be confirmed or discarded.
    #[must_use]
    pub fn has_pending_commit(&self) -> bool {
        self.membership == Membership::AwaitingAnswer || self.group.pending_commit().is_some()
    }

    /// The server has accepted the pending Commit, or it came back in the log under the message id that it was sent with:
    /// the chat moves into the epoch that it begins.
    pub fn confirm_commit(&mut self) -> Result<(), ChatError> {
        if self.membership == Membership::AwaitingAnswer {
            return self.settle(Membership::Settled);
        }
        if !self.has_pending_commit() {
            return Err(ChatError::NoPendingCommit);
        }
        self.operate(SuiteCrypto::without_randomness(), |group, provider| {
            group
                .merge_pending_commit(provider)
                .map_err(|error| ChatError::Mls(MlsError::new(error)))
        })
    }

    /// The server has refused the pending Commit: the chat stays in its epoch.
    pub fn discard_commit(&mut self) -> Result<(), ChatError> {
        if self.membership == Membership::AwaitingAnswer {
            return Err(ChatError::JoinedByPendingCommit);
        }
        if !self.has_pending_commit() {
            return Err(ChatError::NoPendingCommit);
        }
        self.operate(SuiteCrypto::without_randomness(), |group, provider| {
            group
                .clear_pending_commit(provider.storage())
                .map_err(ChatError::from)
        })
    }

    fn commit(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        change: Change<'_>,
    ) -> Result<PendingCommit, ChatError> {
        self.check_device(device)?;
        if self.has_pending_commit() {
            return Err(ChatError::PendingCommit);
        }
        let rules = self.rules;
        self.operate(SuiteCrypto::new(rng), |group, provider| {
            commit(group, provider, &rules, device, change)
        })
    }

    /// This device has to be the one that is the chat's member.
    pub(super) fn check_device(&self, device: &Device) -> Result<(), ChatError> {
        if !self.group.is_active() {
            return Err(ChatError::Removed);
        }
        let own = self.group.own_leaf_node().ok_or(ChatError::Damaged)?;
        if own.signature_key().as_slice() == device.credential().device_key.as_bytes() {
            Ok(())
        } else {
            Err(ChatError::OtherDevice)
        }
    }

    fn settle(&mut self, membership: Membership) -> Result<(), ChatError> {
        write_chat_record(&mut self.records, self.id, membership)?;
        self.records.keep();
        self.membership = membership;
        Ok(())
    }
}

/// Makes a Commit, stages it, and judges it as every receiver will.
pub(super) fn commit(
    group: &mut MlsGroup,
    provider: &Provider<'_>,
    rules: &DirectChat,
    device: &Device,
    change: Change<'_>,
) -> Result<PendingCommit, ChatError> {
    let suite = group.ciphersuite();
    let removed = match change {
        Change::Remove(removed) => leaves(group, removed)?,
        Change::SelfUpdate | Change::Add(_) => Vec::new(),
    };
    let builder = group
        .commit_builder()
        .consume_proposal_store(false)
        .force_self_update(true);
    let builder = match change {
        Change::SelfUpdate => builder,
        Change::Remove(_) => builder.propose_removals(removed),
        Change::Add([]) => return Err(ChatError::NoDevice),
        Change::Add(invited) if invited.iter().any(|device| ciphersuite(device.suite()) != suite) => {
            return Err(ChatError::OtherSuite);
        }
        Change::Add(invited) => builder.propose_adds(invited.iter().map(|device| device.key_package.clone())),
    };
    let bundle = builder
        .load_psks(provider.storage())
        .and_then(|builder| {
            builder.build(provider.rand(), provider.crypto(), &DeviceSigner(device), |_| {
                true
            })
        })
        .map_err(mls_error)?
        .stage_commit(provider)
        .map_err(mls_error)?;
    let staged = group.pending_commit().ok_or(ChatError::NoPendingCommit)?;
    let judged = judge(group, rules, &Sender::Member(group.own_leaf_index()), staged)?;
    let (commit, welcome, group_info) = bundle.into_messages();
    let group_info = group_info.ok_or_else(|| mls_error("no GroupInfo with the Commit"))?;
    Ok(PendingCommit {
        commit: commit.to_bytes().map_err(mls_error)?,
        group_info: group_info.to_bytes().map_err(mls_error)?,
        welcome: welcome
            .map(|welcome| welcome.to_bytes())
            .transpose()
            .map_err(mls_error)?,
        added: judged.added.iter().map(DeviceCredential::address).collect(),
        removed: judged.removed.iter().map(DeviceCredential::address).collect(),
    })
}

/// The leaves of the devices to be removed.
fn leaves(group: &MlsGroup, devices: &[DeviceAddress]) -> Result<Vec<LeafNodeIndex>, ChatError> {
    if devices.is_empty() {
        return Err(ChatError::NoDevice);
    }
    devices
        .iter()
        .map(|&device| {
            group
                .members()
                .find(|member| {
                    super::leaf::decode(&member.credential).is_ok_and(|member| member.address() == device)
                })
                .map(|member| member.index)
                .ok_or(ChatError::NoMember { device })
        })
        .collect()
}

fn mls_error(error: impl core::fmt::Display) -> ChatError {
    ChatError::Mls(MlsError::new(error))
}
