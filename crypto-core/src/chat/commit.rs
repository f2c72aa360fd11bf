//! Commits of this device: made, then confirmed or discarded by what the server answers (RFC 9420, section 12.4).

use super::group::extensions;
use super::leaf::DeviceSigner;
use super::staged::judge;
use super::{Chat, ChatError, Membership, MlsError, write_chat_record};
use crate::mls_store::Provider;
use crate::suite::{SuiteCrypto, ciphersuite};
use crate::{Device, InvitedDevice};
use openmls::prelude::{LeafNodeIndex, MlsGroup, Sender};
use openmls_traits::OpenMlsProvider as _;
use rand_core::CryptoRng;
use sotto_protocol::{
    AccountId, Approval, ChatRules, Departure, DeviceAddress, DeviceCredential, Evidence, GroupRules,
    Timestamp,
};
use std::collections::BTreeSet;
use std::sync::Arc;

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
    /// The devices that it removes.
    pub removed: Vec<DeviceAddress>,
}

/// What a Commit does beside replacing its committer's keys, which every one does. The default does nothing else.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Devices to add.
    pub added: Vec<InvitedDevice>,
    /// Members to remove.
    pub removed: Vec<DeviceAddress>,
    /// The group's rules from then on; `None` to leave them as they are.
    pub rules: Option<GroupRules>,
    /// What shows that it is allowed.
    pub evidence: Evidence,
}

impl Chat {
    /// Makes a Commit that replaces this device's keys and those on its path: from the next epoch on, who had stolen them
    /// is out. Due on joining, weekly, and after being offline for long.
    pub fn self_update(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
    ) -> Result<PendingCommit, ChatError> {
        self.commit(rng, device, &Plan::default())
    }

    /// Makes a Commit that adds devices: of a party, or to a group.
    pub fn add(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        invited: &[InvitedDevice],
    ) -> Result<PendingCommit, ChatError> {
        self.admit(rng, device, invited, Vec::new())
    }

    /// Makes a Commit that adds newcomers to a group by others' approvals, beside this device's own.
    pub fn admit(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        newcomers: &[InvitedDevice],
        approvals: Vec<Approval>,
    ) -> Result<PendingCommit, ChatError> {
        if newcomers.is_empty() {
            return Err(ChatError::NoDevice);
        }
        let plan = Plan {
            added: newcomers.to_vec(),
            evidence: Evidence {
                approvals,
                ..Evidence::default()
            },
            ..Plan::default()
        };
        self.commit(rng, device, &plan)
    }

    /// Makes a Commit that removes devices of this device's account, but not this device.
    pub fn remove(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        removed: &[DeviceAddress],
    ) -> Result<PendingCommit, ChatError> {
        if removed.is_empty() {
            return Err(ChatError::NoDevice);
        }
        let plan = Plan {
            removed: removed.to_vec(),
            ..Plan::default()
        };
        self.commit(rng, device, &plan)
    }

    /// Makes a Commit that removes other accounts from a group with all their devices, and bans them if wanted.
    pub fn remove_accounts(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        accounts: &[AccountId],
        bans: bool,
    ) -> Result<PendingCommit, ChatError> {
        let mut plan = self.plan_removal(accounts)?;
        if let Some(rules) = plan.rules.as_mut().filter(|_| bans) {
            for account in accounts {
                rules.ban(*account);
            }
        }
        self.commit(rng, device, &plan)
    }

    /// Makes a Commit that takes accounts out of a group that have said that they leave.
    pub fn let_go(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        departures: Vec<Departure>,
    ) -> Result<PendingCommit, ChatError> {
        let accounts: BTreeSet<AccountId> = departures.iter().map(|departure| departure.by.account).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().collect();
        let mut plan = self.plan_removal(&accounts)?;
        plan.evidence.departures = departures;
        self.commit(rng, device, &plan)
    }

    /// Makes a Commit that changes a group's rules.
    pub fn change_rules(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        rules: GroupRules,
    ) -> Result<PendingCommit, ChatError> {
        self.group_rules()?;
        let plan = Plan {
            rules: Some(rules),
            ..Plan::default()
        };
        self.commit(rng, device, &plan)
    }

    /// The removal of all devices of these accounts, with what it means for the rules.
    fn plan_removal(&self, accounts: &[AccountId]) -> Result<Plan, ChatError> {
        let mut rules = self.group_rules()?.clone();
        rules.note_removal(accounts.iter().copied());
        let removed: Vec<DeviceAddress> = self
            .members()
            .iter()
            .map(DeviceCredential::address)
            .filter(|member| accounts.contains(&member.account))
            .collect();
        if removed.is_empty() {
            return Err(ChatError::NoDevice);
        }
        Ok(Plan {
            removed,
            rules: Some(rules),
            ..Plan::default()
        })
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
        })?;
        Ok(self.refresh_rules()?)
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

    /// Makes a Commit, and judges it as every receiver will.
    pub fn commit(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        plan: &Plan,
    ) -> Result<PendingCommit, ChatError> {
        self.check_device(device)?;
        if self.has_pending_commit() {
            return Err(ChatError::PendingCommit);
        }
        let rules = Arc::clone(&self.rules);
        self.operate(SuiteCrypto::new(rng), |group, provider| {
            let Staged {
                commit,
                group_info,
                welcome,
            } = stage(group, provider, device, plan)?;
            let staged = group.pending_commit().ok_or(ChatError::NoPendingCommit)?;
            let sender = Sender::Member(group.own_leaf_index());
            let judged = judge(
                group,
                &rules,
                &sender,
                staged,
                &plan.evidence,
                Timestamp::default(),
            )?;
            Ok(PendingCommit {
                commit,
                group_info,
                welcome,
                added: judged.added.iter().map(DeviceCredential::address).collect(),
                removed: judged.removed.iter().map(DeviceCredential::address).collect(),
            })
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

/// What a Commit consists of, each as an `MLSMessage`.
pub(super) struct Staged {
    pub(super) commit: Vec<u8>,
    pub(super) group_info: Vec<u8>,
    pub(super) welcome: Option<Vec<u8>>,
}

/// Makes a Commit and stages it, unjudged.
pub(super) fn stage(
    group: &mut MlsGroup,
    provider: &Provider<'_>,
    device: &Device,
    plan: &Plan,
) -> Result<Staged, ChatError> {
    let suite = group.ciphersuite();
    if plan
        .added
        .iter()
        .any(|device| ciphersuite(device.suite()) != suite)
    {
        return Err(ChatError::OtherSuite);
    }
    let removed = leaves(group, &plan.removed)?;
    group.set_aad(plan.evidence.encode());
    let mut builder = group
        .commit_builder()
        .consume_proposal_store(false)
        .force_self_update(true)
        .propose_removals(removed)
        .propose_adds(plan.added.iter().map(|device| device.key_package.clone()));
    if let Some(rules) = &plan.rules {
        builder = builder
            .propose_group_context_extensions(extensions(&ChatRules::Group(rules.clone()))?)
            .map_err(mls_error)?;
    }
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
    let (commit, welcome, group_info) = bundle.into_messages();
    let group_info = group_info.ok_or_else(|| mls_error("no GroupInfo with the Commit"))?;
    Ok(Staged {
        commit: commit.to_bytes().map_err(mls_error)?,
        group_info: group_info.to_bytes().map_err(mls_error)?,
        welcome: welcome
            .map(|welcome| welcome.to_bytes())
            .transpose()
            .map_err(mls_error)?,
    })
}

/// The leaves of the devices to be removed.
fn leaves(group: &MlsGroup, devices: &[DeviceAddress]) -> Result<Vec<LeafNodeIndex>, ChatError> {
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
