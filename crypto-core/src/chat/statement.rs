//! Statements of members that a later Commit of anyone rests on: approvals of newcomers, departures.

use super::{Chat, ChatError, NotAllowed, leaf};
use crate::signature::{is_signed, sign, verifying_key};
use crate::{Device, InvitedDevice, Label};
use openmls::prelude::{Member, MlsGroup};
use sha2::{Digest as _, Sha256};
use sotto_protocol::{Approval, ChatId, Departure, DeviceAddress, GroupRules, KeyPackageRef, LeafKeyHash};

impl Chat {
    /// Approves that the device of a request joins this group: for a Commit that adds it by this KeyPackage, of whoever.
    pub fn approve(&self, device: &Device, newcomer: &InvitedDevice) -> Result<Approval, ChatError> {
        self.check_device(device)?;
        let rules = self.group_rules()?;
        let (newcomer, key_package) = (newcomer.address(), newcomer.reference());
        let signed = Approval::signed_bytes(self.id(), rules.removals, newcomer, key_package);
        Ok(Approval {
            newcomer,
            key_package,
            by: device.address(),
            signature: sign(device.signing_key(), Label::Approval, &signed),
        })
    }

    /// Whether an approval would count now: made by a member, and since the last removal of an account.
    pub fn verify_approval(&self, approval: &Approval) -> Result<(), ChatError> {
        let rules = self.group_rules()?;
        Ok(verify_approval(&self.group, self.id(), rules, approval)?)
    }

    /// Says that this device's account leaves the group: another member's Commit then removes its devices.
    pub fn depart(&self, device: &Device) -> Result<Departure, ChatError> {
        self.check_device(device)?;
        self.group_rules()?;
        let by = device.address();
        let own = self
            .group
            .member_at(self.group.own_leaf_index())
            .ok_or(ChatError::Damaged)?;
        let leaf_key = leaf_key_hash(&own.encryption_key);
        let signed = Departure::signed_bytes(self.id(), by.account, leaf_key);
        Ok(Departure {
            by,
            leaf_key,
            signature: sign(device.signing_key(), Label::Departure, &signed),
        })
    }

    /// Whether a departure holds: said by a member, of its present membership.
    pub fn verify_departure(&self, departure: &Departure) -> Result<(), ChatError> {
        self.group_rules()?;
        Ok(verify_departure(&self.group, self.id(), departure)?)
    }

    pub(super) fn group_rules(&self) -> Result<&GroupRules, ChatError> {
        self.rules.as_group().ok_or(ChatError::NoGroup)
    }
}

pub(super) fn verify_approval(
    group: &MlsGroup,
    chat: ChatId,
    rules: &GroupRules,
    approval: &Approval,
) -> Result<(), NotAllowed> {
    let Approval {
        newcomer,
        key_package,
        by,
        signature,
    } = *approval;
    let refused = NotAllowed::Statement { by };
    let member = member_of(group, by).ok_or(refused)?;
    let key = signature_key(&member).ok_or(refused)?;
    let signed = Approval::signed_bytes(chat, rules.removals, newcomer, key_package);
    let holds = is_signed(&key, Label::Approval, &signed, &signature);
    holds.then_some(()).ok_or(refused)
}

pub(super) fn verify_departure(
    group: &MlsGroup,
    chat: ChatId,
    departure: &Departure,
) -> Result<(), NotAllowed> {
    let Departure {
        by,
        leaf_key,
        signature,
    } = *departure;
    let refused = NotAllowed::Statement { by };
    let member = member_of(group, by).ok_or(refused)?;
    let key = signature_key(&member).ok_or(refused)?;
    let signed = Departure::signed_bytes(chat, by.account, leaf_key);
    let holds = leaf_key_hash(&member.encryption_key) == leaf_key
        && is_signed(&key, Label::Departure, &signed, &signature);
    holds.then_some(()).ok_or(refused)
}

fn member_of(group: &MlsGroup, address: DeviceAddress) -> Option<Member> {
    group
        .members()
        .find(|member| leaf::decode(&member.credential).is_ok_and(|shown| shown.address() == address))
}

fn signature_key(member: &Member) -> Option<ed25519_dalek::VerifyingKey> {
    verifying_key(member.signature_key.as_slice().try_into().ok()?)
}

fn leaf_key_hash(encryption_key: &[u8]) -> LeafKeyHash {
    LeafKeyHash::from_bytes(Sha256::digest(encryption_key).into())
}

/// The reference of a KeyPackage (RFC 9420, section 5.2).
pub(crate) fn key_package_ref(
    key_package: &openmls::prelude::KeyPackage,
) -> Result<KeyPackageRef, NotAllowed> {
    let reference = key_package
        .hash_ref(&crate::suite::SuiteCrypto::without_randomness())
        .map_err(|_| NotAllowed::Proposal)?;
    KeyPackageRef::try_from(reference.as_slice()).map_err(|_| NotAllowed::Proposal)
}
