//! What a Commit shows and brings along, checked by the public keys that the accounts database has: so that one which members
//! could not accept is refused before it is in the log, as far as a server can tell.
//!
//! What it cannot tell is what is sealed: the Proposals themselves, and whether a departure is of the membership that is. That
//! is for the members, who [object](super::objection).

use super::Delivery;
use crate::signature::{is_signed, signs, verifying_key};
use crate::store::{ChatIndex, CommitParts, Findings, LogStore, StoreError};
use sha2::{Digest as _, Sha256};
use sotto_protocol::chat_rules::Party;
use sotto_protocol::message_header::{SignedGroupInfo, key_package_ref_input};
use sotto_protocol::{
    AccountId, Approval, ChatId, Departure, DeviceAddress, DeviceKey, Evidence, GroupRules, KeyPackageRef,
    ProblemCode, Signature,
};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Keeps what a device signs here apart from all else that it signs.
const APPROVAL_LABEL: &str = "sotto.v1 approval";
/// As above.
const DEPARTURE_LABEL: &str = "sotto.v1 departure";

type DeviceKeys = HashMap<DeviceAddress, DeviceKey>;

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// What is known of a Commit beside the log.
    pub(super) async fn examine(
        &self,
        chat: ChatId,
        from: DeviceAddress,
        commit: &CommitParts,
    ) -> Result<Findings, StoreError> {
        let index = &self.shared.index;
        let Evidence {
            approvals,
            departures,
            // Its signature was checked with the form: no key of a device is needed for that.
            invitation: _,
        } = &commit.evidence;
        let signers: BTreeSet<DeviceAddress> = approvals
            .iter()
            .map(|approval| approval.by)
            .chain(departures.iter().map(|departure| departure.by))
            .chain([from])
            .collect();
        let signers: Vec<DeviceAddress> = signers.into_iter().collect();
        let keys = index.device_keys(&signers).await?;
        let mut findings = Findings {
            unknown: signers
                .iter()
                .copied()
                .filter(|signer| !keys.contains_key(signer))
                .collect(),
            ..Findings::default()
        };
        let rules = commit.rules.as_group();
        if !is_signed_by(&keys, from, &commit.group_info) {
            findings.refusal = Some(ProblemCode::GroupInfoRefused);
        } else if !statements_hold(&keys, chat, from, commit)
            || !self.requests_are_there(chat, approvals).await?
        {
            findings.refusal = Some(ProblemCode::StatementRefused);
        } else if self.is_unwelcome(chat, from.account, &commit.added).await? {
            findings.refusal = Some(ProblemCode::MembershipRefused);
        } else if let Some(rules) = rules {
            findings.strangers = self.strangers_in_office(rules).await?;
            findings.refusal = self.may_come_in(rules, from.account, commit).await?.err();
        }
        Ok(findings)
    }

    /// Whether the device has signed this GroupInfo: nobody could join by it otherwise.
    pub(super) async fn has_signed_group_info(
        &self,
        from: DeviceAddress,
        group_info: &[u8],
    ) -> Result<bool, StoreError> {
        let keys = self.shared.index.device_keys(&[from]).await?;
        Ok(is_signed_by(&keys, from, group_info))
    }

    /// Whether the approvals are of requests that wait: whoever has asked may have thought better of it.
    async fn requests_are_there(&self, group: ChatId, approvals: &[Approval]) -> Result<bool, StoreError> {
        if approvals.is_empty() {
            return Ok(true);
        }
        let requests = self.shared.index.join_requests(group).await?;
        let waiting: HashSet<(AccountId, KeyPackageRef)> = requests
            .iter()
            .filter_map(|request| Some((request.account, reference(request.key_package.as_slice())?)))
            .collect();
        Ok(approvals
            .iter()
            .all(|approval| waiting.contains(&(approval.newcomer.account, approval.key_package))))
    }

    async fn strangers_in_office(&self, rules: &GroupRules) -> Result<Vec<Party>, StoreError> {
        let holders: Vec<Party> = rules.offices.iter().map(|office| office.holder).collect();
        let accounts: Vec<AccountId> = holders.iter().map(|holder| holder.account).collect();
        let known = self.shared.index.identity_keys(&accounts).await?;
        Ok(holders
            .into_iter()
            .filter(|holder| known.get(&holder.account) != Some(&holder.identity_key))
            .collect())
    }
}

/// Whether this is a GroupInfo with the device's signature (RFC 9420, section 12.4.3).
fn is_signed_by(keys: &DeviceKeys, device: DeviceAddress, group_info: &[u8]) -> bool {
    let Ok(signed) = SignedGroupInfo::read(group_info) else {
        return false;
    };
    let key = keys.get(&device).and_then(|key| verifying_key(key.as_bytes()));
    key.is_some_and(|key| {
        signed
            .signature
            .try_into()
            .is_ok_and(|signature| signs(&key, &signed.signed_bytes(), &signature))
    })
}

/// Whether a group's Commit shows nothing that its device has not said. Members refuse a Commit for one statement that does not
/// hold, or that has nothing to do with it.
fn statements_hold(keys: &DeviceKeys, chat: ChatId, from: DeviceAddress, commit: &CommitParts) -> bool {
    let Evidence {
        approvals,
        departures,
        invitation: _,
    } = &commit.evidence;
    if approvals.is_empty() && departures.is_empty() {
        return true;
    }
    let Some(after) = commit.rules.as_group() else {
        return false;
    };
    // The rules make sure that this is what the count was before.
    let removes_others = commit.removed.iter().any(|device| device.account != from.account);
    let Some(removals) = after.removals.checked_sub(u64::from(removes_others)) else {
        return false;
    };
    // Of a device that is gone nothing can be said: what it counts for is decided with what is known of the chat.
    let has_said = |by: DeviceAddress, label: &str, signed: &[u8], signature: &Signature| {
        keys.get(&by).is_none_or(|key| {
            verifying_key(key.as_bytes()).is_some_and(|key| is_signed(&key, label, signed, signature))
        })
    };
    let is_approved = |approval: &Approval| {
        let signed = Approval::signed_bytes(chat, removals, approval.newcomer, approval.key_package);
        commit.added.contains(&approval.newcomer)
            && has_said(approval.by, APPROVAL_LABEL, &signed, &approval.signature)
    };
    let has_left = |departure: &Departure| {
        let signed = Departure::signed_bytes(chat, departure.by.account, departure.leaf_key);
        has_said(departure.by, DEPARTURE_LABEL, &signed, &departure.signature)
    };
    approvals.iter().all(is_approved) && departures.iter().all(has_left)
}

/// The reference of a KeyPackage (RFC 9420, section 5.2).
fn reference(key_package: &[u8]) -> Option<KeyPackageRef> {
    let input = key_package_ref_input(key_package).ok()?;
    Some(KeyPackageRef::from_bytes(Sha256::digest(input).into()))
}
