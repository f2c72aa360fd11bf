//! What a Commit brings along to show that it is allowed: its authenticated data (RFC 9420, section 6), which the server
//! can read.

use crate::fixed_bytes::fixed_bytes;
use crate::message_header::MalformedMessage;
use crate::{AccountId, ChatId, DeviceAddress, DeviceKey, InvitationKey, Signature, limits};
use serde::{Deserialize, Serialize};

fixed_bytes! {
    /// The reference of a KeyPackage (RFC 9420, section 5.2).
    KeyPackageRef[32];
    /// The SHA-256 of the encryption key in a member's leaf (RFC 9420, section 7.2): it names one membership of one device,
    /// as each has a key of its own.
    LeafKeyHash[32];
}

/// Statements of devices, gathered by whoever commits. The default, nothing, has no bytes.
///
/// Only `sotto-crypto-core` can tell whether the signatures hold; to everyone else these are claims.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Approvals of newcomers whom the Commit adds.
    pub approvals: Vec<Approval>,
    /// Of accounts whom the Commit removes because they leave.
    pub departures: Vec<Departure>,
    /// The invitation by which a device joins alone.
    pub invitation: Option<InvitationUse>,
}

/// A member approves that a newcomer joins a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The newcomer's device.
    pub newcomer: DeviceAddress,
    /// The KeyPackage of its request: the one by which it is added.
    pub key_package: KeyPackageRef,
    /// The device that approves.
    pub by: DeviceAddress,
    /// Its signature over [`Self::signed_bytes`].
    pub signature: Signature,
}

impl Approval {
    /// What the signature covers, before domain separation: group, its [`removals`](crate::GroupRules::removals), newcomer
    /// and KeyPackage, at fixed lengths.
    #[must_use]
    pub fn signed_bytes(
        chat: ChatId,
        removals: u64,
        newcomer: DeviceAddress,
        key_package: KeyPackageRef,
    ) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ChatId::LENGTH + 8 + ADDRESS_LENGTH + KeyPackageRef::LENGTH);
        bytes.extend_from_slice(chat.as_bytes());
        bytes.extend_from_slice(&removals.to_be_bytes());
        bytes.extend_from_slice(newcomer.account.as_bytes());
        bytes.extend_from_slice(newcomer.device.as_bytes());
        bytes.extend_from_slice(key_package.as_bytes());
        bytes
    }
}

/// An account leaves a group: one of its devices says so, as no member can remove itself (RFC 9420, section 12.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// The device that says it.
    pub by: DeviceAddress,
    /// Its membership. It says nothing of a later one.
    pub leaf_key: LeafKeyHash,
    /// Its signature over [`Self::signed_bytes`].
    pub signature: Signature,
}

impl Departure {
    /// What the signature covers, before domain separation: group, account and leaf, at fixed lengths.
    #[must_use]
    pub fn signed_bytes(chat: ChatId, account: AccountId, leaf_key: LeafKeyHash) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ChatId::LENGTH + AccountId::LENGTH + LeafKeyHash::LENGTH);
        bytes.extend_from_slice(chat.as_bytes());
        bytes.extend_from_slice(account.as_bytes());
        bytes.extend_from_slice(leaf_key.as_bytes());
        bytes
    }
}

/// A device has an invite link to a group: it joins by an external Commit with this, or asks for what it needs to do so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationUse {
    /// The invitation.
    pub invitation: InvitationKey,
    /// The device's key, which is also in its credential: members compare the two, and the server has no need to.
    pub device_key: DeviceKey,
    /// The signature of the invitation's key, which is in the link, over [`Self::signed_bytes`].
    pub signature: Signature,
}

impl InvitationUse {
    /// What the signature covers, before domain separation: group, invitation and the device with its key, at fixed lengths. So
    /// nobody who reads it can come in by it.
    #[must_use]
    pub fn signed_bytes(
        chat: ChatId,
        invitation: InvitationKey,
        by: DeviceAddress,
        device_key: DeviceKey,
    ) -> Vec<u8> {
        let mut bytes =
            Vec::with_capacity(ChatId::LENGTH + InvitationKey::LENGTH + ADDRESS_LENGTH + DeviceKey::LENGTH);
        bytes.extend_from_slice(chat.as_bytes());
        bytes.extend_from_slice(invitation.as_bytes());
        bytes.extend_from_slice(by.account.as_bytes());
        bytes.extend_from_slice(by.device.as_bytes());
        bytes.extend_from_slice(device_key.as_bytes());
        bytes
    }
}

const ADDRESS_LENGTH: usize = AccountId::LENGTH + crate::DeviceId::LENGTH;
const VERSION: u8 = 1;
/// The postcard of `None`.
const NO_INVITATION: [u8; 1] = [0];

impl Evidence {
    /// The bytes: none if there is nothing to show.
    #[must_use]
    #[allow(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "serialising plain data into memory has no error to return"
    )]
    pub fn encode(&self) -> Vec<u8> {
        if *self == Self::default() {
            return Vec::new();
        }
        let mut bytes = postcard::to_extend(self, vec![VERSION]).expect("plain data always encodes");
        if self.invitation.is_none() {
            // As before there were invitations.
            bytes.pop();
        }
        bytes
    }

    /// Only the one encoding that [`Self::encode`] makes, within [`limits::EVIDENCE_BYTES`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MalformedMessage> {
        let Some((&version, fields)) = bytes.split_first() else {
            return Ok(Self::default());
        };
        if version != VERSION || bytes.len() > limits::EVIDENCE_BYTES {
            return Err(MalformedMessage);
        }
        [fields, &[fields, &NO_INVITATION].concat()]
            .into_iter()
            .filter_map(|fields| postcard::take_from_bytes::<Self>(fields).ok())
            .find(|(evidence, rest)| rest.is_empty() && evidence.encode() == bytes)
            .map(|(evidence, _)| evidence)
            .ok_or(MalformedMessage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeviceId;
    use proptest::prelude::*;

    fn evidence() -> Evidence {
        let by = DeviceAddress {
            account: AccountId::from_bytes([1; 16]),
            device: DeviceId::from_bytes([2; 16]),
        };
        Evidence {
            approvals: vec![Approval {
                newcomer: by,
                key_package: KeyPackageRef::from_bytes([3; 32]),
                by,
                signature: Signature::from_bytes([4; 64]),
            }],
            departures: vec![Departure {
                by,
                leaf_key: LeafKeyHash::from_bytes([5; 32]),
                signature: Signature::from_bytes([6; 64]),
            }],
            invitation: None,
        }
    }

    fn by_invitation() -> Evidence {
        Evidence {
            invitation: Some(InvitationUse {
                invitation: InvitationKey::from_bytes([7; 32]),
                device_key: DeviceKey::from_bytes([8; 32]),
                signature: Signature::from_bytes([9; 64]),
            }),
            ..Evidence::default()
        }
    }

    #[test]
    fn evidence_has_one_encoding_and_none_has_no_bytes() {
        assert_eq!(Evidence::default().encode(), Vec::<u8>::new());
        assert_eq!(Evidence::decode(&[]), Ok(Evidence::default()));
        // Nothing, but not in its one encoding.
        assert_eq!(Evidence::decode(&[VERSION, 0, 0]), Err(MalformedMessage));
        for evidence in [evidence(), by_invitation()] {
            let encoded = evidence.encode();
            assert_eq!(Evidence::decode(&encoded), Ok(evidence));
            for length in 1..encoded.len() {
                assert_eq!(Evidence::decode(&encoded[..length]), Err(MalformedMessage));
            }
            let continued = [encoded.as_slice(), &[0]].concat();
            assert_eq!(Evidence::decode(&continued), Err(MalformedMessage));
        }
    }

    #[test]
    fn evidence_without_an_invitation_is_encoded_as_before_there_were_any() {
        let Evidence {
            approvals,
            departures,
            invitation: _,
        } = evidence();
        let before = postcard::to_extend(&(approvals, departures), vec![VERSION]).unwrap();
        assert_eq!(evidence().encode(), before);
    }

    #[test]
    fn more_evidence_than_a_commit_can_need_is_refused() {
        let mut evidence = evidence();
        let approval = evidence.approvals[0];
        evidence.approvals = vec![approval; limits::EVIDENCE_BYTES / 160 + 1];
        assert_eq!(Evidence::decode(&evidence.encode()), Err(MalformedMessage));
    }

    proptest! {
        #[test]
        fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Evidence::decode(&bytes);
        }
    }
}
