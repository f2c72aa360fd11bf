//! A group's own key: it signs what the group says to the outside.

use crate::signature::{is_signed, sign, verifying_key};
use crate::{Label, Secret, SecretBytes};
use core::fmt;
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use sotto_protocol::{Binary, ChatId, GroupKey, GroupProfile, PictureDigest, Signature, SignedGroupProfile};

/// A group's Ed25519 key pair, made with the group. Its secret is with the owner and the admins.
#[derive(Clone)]
pub struct GroupSigningKey(SigningKey);

/// A group's profile is refused; the one that was known before stays in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupProfileError {
    /// The group's key did not sign these bytes.
    #[error("the profile is not signed by the group's key")]
    Signature,
    /// Signed, but no profile of a version that is known here: a newer client wrote it.
    #[error("not a group's profile of a known version")]
    Malformed,
    /// Another group's.
    #[error("the profile is another group's")]
    OtherGroup,
    /// It does not follow the one that is known: see [`GroupProfile::follows`].
    #[error("profile {revision} does not follow {known}, which is known")]
    OutOfOrder {
        /// The profile's revision.
        revision: u64,
        /// The known one's.
        known: u64,
    },
    /// Newer than the known one, and told by somebody who has no say about it (any more).
    #[error("the profile was told by a member without an office")]
    NoOffice,
}

impl GroupSigningKey {
    /// A new group's.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(SigningKey::from_bytes(Secret::generate(rng).expose()))
    }

    /// The public half, as it stands in the group's rules.
    #[must_use]
    pub fn public_key(&self) -> GroupKey {
        GroupKey::from_bytes(self.0.verifying_key().to_bytes())
    }

    /// The secret as a record for a sealed store.
    #[must_use]
    pub fn encode(&self) -> SecretBytes {
        self.0.as_bytes().to_vec().into()
    }

    /// The key that [`Self::encode`] wrote, if it is the one with this public half.
    #[must_use]
    pub fn decode(bytes: &[u8], group_key: GroupKey) -> Option<Self> {
        let seed = Secret::<32>::try_from(bytes).ok()?;
        let key = Self(SigningKey::from_bytes(seed.expose()));
        (key.public_key() == group_key).then_some(key)
    }

    /// Signs what an invite link claims.
    pub(crate) fn sign_invite_link(&self, claims: &[u8]) -> Signature {
        sign(&self.0, Label::InviteLink, claims)
    }

    /// Signs the group's profile.
    #[must_use]
    pub fn sign_profile(&self, profile: &GroupProfile) -> SignedGroupProfile {
        let bytes = profile.encode();
        SignedGroupProfile {
            signature: sign(&self.0, Label::GroupProfile, &bytes),
            profile: Binary::from(bytes),
        }
    }
}

impl fmt::Debug for GroupSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupSigningKey")
    }
}

/// What a group's profile says of its picture, so that no other can be shown.
#[must_use]
pub fn picture_digest(picture: &[u8]) -> PictureDigest {
    PictureDigest::from_bytes(Sha256::digest(picture).into())
}

/// The profile, if the group's key signed exactly these bytes, it is `group`'s, and it follows the one that is known, of which this
/// is the revision.
pub fn verify_group_profile(
    signed: &SignedGroupProfile,
    group: ChatId,
    group_key: GroupKey,
    known: Option<u64>,
) -> Result<GroupProfile, GroupProfileError> {
    let key = verifying_key(group_key.as_bytes()).ok_or(GroupProfileError::Signature)?;
    if !is_signed(
        &key,
        Label::GroupProfile,
        signed.profile.as_slice(),
        &signed.signature,
    ) {
        return Err(GroupProfileError::Signature);
    }
    let profile = signed.claimed().map_err(|_| GroupProfileError::Malformed)?;
    if profile.group != group {
        return Err(GroupProfileError::OtherGroup);
    }
    match known {
        Some(known) if !profile.follows(known) => Err(GroupProfileError::OutOfOrder {
            revision: profile.revision,
            known,
        }),
        Some(_) | None => Ok(profile),
    }
}
