//! What an office in a group gives a device: the group's key, and the word about its profile.

use super::{Chat, ChatError};
use crate::group_key::GroupProfileError;
use crate::group_key_share::{GroupKeyRequest, GroupKeyShare};
use crate::{Device, GroupSigningKey, verify_group_profile};
use rand_core::CryptoRng;
use sotto_protocol::chat_rules::{Member, Office, Role};
use sotto_protocol::{DeviceAddress, DeviceCredential, GroupProfile, SignedGroupProfile};

impl Chat {
    /// Whether this device is a member of the group whose account is its owner or an admin now.
    #[must_use]
    pub fn holds_office(&self, device: DeviceAddress) -> bool {
        self.members()
            .iter()
            .find(|member| member.address() == device)
            .is_some_and(|member| self.has_office(member))
    }

    /// Whether what this device says in the chat is heard: in a broadcast, if its account is the owner or an admin now.
    #[must_use]
    pub fn may_speak(&self, device: DeviceAddress) -> bool {
        let Some(rules) = self.rules.as_group().filter(|rules| rules.is_broadcast) else {
            return true;
        };
        // The members are many and the officers few: who is none of them is not looked for among all.
        let has_office = |office: &Office| office.holder.account == device.account;
        rules.offices.iter().any(has_office) && self.holds_office(device)
    }

    fn has_office(&self, credential: &DeviceCredential) -> bool {
        self.rules
            .as_group()
            .is_some_and(|rules| rules.role_of(&Member::from(credential)) >= Role::Admin)
    }

    /// Seals the group's key for a device that has asked for it: only if its account holds an office now.
    pub fn share_group_key(
        &self,
        rng: &mut impl CryptoRng,
        device: &Device,
        key: &GroupSigningKey,
        asker: DeviceAddress,
        request: &GroupKeyRequest,
    ) -> Result<GroupKeyShare, ChatError> {
        self.check_device(device)?;
        if key.public_key() != self.group_rules()?.group_key || !self.holds_office(asker) {
            return Err(ChatError::NoOffice);
        }
        request
            .answer(rng, key, self.id, device.address(), asker)
            .ok_or(ChatError::NoOffice)
    }

    /// The group's profile as a member tells it, if it is to be taken.
    ///
    /// The signature alone does not do: who was dismissed may have kept the key. So whoever knows a profile takes a newer one from
    /// the owner and the admins alone. Who knows none takes any that is signed, from any member, as members repeat what they know to
    /// whoever came in; the word of the owner or an admin then replaces it, whatever its revision.
    pub fn accept_group_profile(
        &self,
        signed: &SignedGroupProfile,
        from: &DeviceCredential,
        known: Option<KnownProfile>,
    ) -> Result<AcceptedProfile, GroupProfileError> {
        let rules = self.rules.as_group().ok_or(GroupProfileError::OtherGroup)?;
        let is_vouched_for = self.has_office(from);
        let replaced = known.filter(|known| known.is_vouched_for);
        let replaced = replaced.map(|known| known.revision);
        let profile = verify_group_profile(signed, self.id, rules.group_key, replaced)?;
        if known.is_some() && !is_vouched_for {
            return Err(GroupProfileError::NoOffice);
        }
        Ok(AcceptedProfile {
            profile,
            is_vouched_for,
        })
    }
}

/// The profile of a group that a device knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownProfile {
    /// Its revision.
    pub revision: u64,
    /// The owner or an admin has told it, and not only a member who repeated it.
    pub is_vouched_for: bool,
}

/// A group's profile that is to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedProfile {
    /// What it says.
    pub profile: GroupProfile,
    /// The owner or an admin has told it.
    pub is_vouched_for: bool,
}
