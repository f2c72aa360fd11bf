//! Invite links: whoever has one joins a group alone, until it is over, used up or revoked.

use crate::signature::{is_signed, sign, verifying_key};
use crate::{Device, GroupSigningKey, Label, Secret};
use core::fmt;
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_protocol::{
    ChatId, GroupKey, Invitation, InvitationKey, InvitationUse, Signature, Timestamp, binary, limits,
};
use zeroize::Zeroizing;

/// An invite link: an [`Invitation`] of a group, with the secret half of its key.
///
/// What is in it was signed by the group's key. That does not make it work: the group's rules do, in which the invitation
/// has to stand. Who holds the group's key and no office any more can sign a link that nobody lets in.
pub struct InviteLink {
    claims: Claims,
    /// The group key's signature over the claims.
    signature: Signature,
    key: SigningKey,
}

/// What the group's key signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    group: ChatId,
    group_key: GroupKey,
    invitation: Invitation,
    title: Option<String>,
}

/// The link's bytes, after the version.
#[derive(Serialize, Deserialize)]
struct Encoded {
    claims: Claims,
    signature: Signature,
    seed: [u8; 32],
}

const VERSION: u8 = 1;

/// A text is no invite link that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InviteLinkError {
    /// It is something else, or a part of it is missing: copy it anew.
    #[error("this is not a whole invite link: copy it anew")]
    Malformed,
    /// A newer client made it.
    #[error("this invite link was made by a newer version")]
    NewerVersion,
    /// It was altered, or made by somebody who does not hold the group's key.
    #[error("this invite link is not signed by its group")]
    Signature,
}

impl InviteLink {
    /// A new link to a group, with a key of its own. It works once its [`Self::invitation`] stands in the group's rules.
    #[must_use]
    pub fn generate(
        rng: &mut impl CryptoRng,
        group: ChatId,
        group_key: &GroupSigningKey,
        title: Option<String>,
        expires_at: Timestamp,
        uses: u32,
    ) -> Self {
        let key = SigningKey::from_bytes(Secret::generate(rng).expose());
        let claims = Claims {
            group,
            group_key: group_key.public_key(),
            invitation: Invitation {
                key: InvitationKey::from_bytes(key.verifying_key().to_bytes()),
                expires_at,
                uses,
            },
            title: title.filter(|title| is_title(title)),
        };
        let signature = group_key.sign_invite_link(&claims.signed_bytes());
        Self {
            claims,
            signature,
            key,
        }
    }

    /// The group.
    #[must_use]
    pub const fn group(&self) -> ChatId {
        self.claims.group
    }

    /// The group's key.
    #[must_use]
    pub const fn group_key(&self) -> GroupKey {
        self.claims.group_key
    }

    /// What has to stand in the group's rules.
    #[must_use]
    pub const fn invitation(&self) -> Invitation {
        self.claims.invitation
    }

    /// The group's title when the link was made.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.claims.title.as_deref()
    }

    /// Uses the link for this device: nobody else can use what this gives.
    #[must_use]
    pub fn use_for(&self, device: &Device) -> InvitationUse {
        let invitation = self.claims.invitation.key;
        let device_key = device.credential().device_key;
        let signed = InvitationUse::signed_bytes(self.claims.group, invitation, device.address(), device_key);
        InvitationUse {
            invitation,
            device_key,
            signature: sign(&self.key, Label::InvitationUse, &signed),
        }
    }

    /// The link as text, without an address: base64url. Who reads it can join.
    #[must_use]
    #[allow(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "serialising plain data into memory has no error to return"
    )]
    pub fn encode(&self) -> Zeroizing<String> {
        let encoded = Encoded {
            claims: self.claims.clone(),
            signature: self.signature,
            seed: self.key.to_bytes(),
        };
        let bytes = postcard::to_extend(&encoded, Vec::with_capacity(limits::INVITE_LINK_BYTES))
            .map(Zeroizing::new)
            .expect("plain data always encodes");
        let mut versioned = Zeroizing::new(Vec::with_capacity(1 + bytes.len()));
        versioned.push(VERSION);
        versioned.extend_from_slice(&bytes);
        Zeroizing::new(binary::encode(&versioned))
    }

    /// The link that [`Self::encode`] wrote, if it holds together and its group's key has signed it.
    pub fn decode(text: &str) -> Result<Self, InviteLinkError> {
        if text.len() > limits::INVITE_LINK_BYTES {
            return Err(InviteLinkError::Malformed);
        }
        let bytes = binary::decode(text)
            .map(Zeroizing::new)
            .ok_or(InviteLinkError::Malformed)?;
        let (&version, fields) = bytes.split_first().ok_or(InviteLinkError::Malformed)?;
        if version > VERSION {
            return Err(InviteLinkError::NewerVersion);
        }
        let (encoded, rest) =
            postcard::take_from_bytes::<Encoded>(fields).map_err(|_| InviteLinkError::Malformed)?;
        let Encoded {
            claims,
            signature,
            seed,
        } = encoded;
        let key = SigningKey::from_bytes(&Zeroizing::new(seed));
        let holds_together = version == VERSION
            && rest.is_empty()
            && key.verifying_key().as_bytes() == claims.invitation.key.as_bytes()
            && claims.title.as_deref().is_none_or(is_title);
        if !holds_together {
            return Err(InviteLinkError::Malformed);
        }
        let group_key = verifying_key(claims.group_key.as_bytes()).ok_or(InviteLinkError::Signature)?;
        if !is_signed(&group_key, Label::InviteLink, &claims.signed_bytes(), &signature) {
            return Err(InviteLinkError::Signature);
        }
        let link = Self {
            claims,
            signature,
            key,
        };
        // Numbers and base64url can be written in more than one way: there is one text for a link.
        if *link.encode() == text {
            Ok(link)
        } else {
            Err(InviteLinkError::Malformed)
        }
    }
}

impl Claims {
    /// A version byte and the postcard.
    #[allow(
        clippy::expect_used,
        reason = "serialising plain data into memory has no error to return"
    )]
    fn signed_bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![VERSION]).expect("plain data always encodes")
    }
}

fn is_title(title: &str) -> bool {
    !title.trim().is_empty() && title.len() <= limits::TITLE_BYTES && !title.chars().any(char::is_control)
}

/// Whether the invitation's key has signed for this device in this group.
pub(crate) fn is_used_by(
    used: &InvitationUse,
    chat: ChatId,
    device: &sotto_protocol::DeviceCredential,
) -> bool {
    let signed = InvitationUse::signed_bytes(chat, used.invitation, device.address(), device.device_key);
    used.device_key == device.device_key
        && verifying_key(used.invitation.as_bytes())
            .is_some_and(|key| is_signed(&key, Label::InvitationUse, &signed, &used.signature))
}

/// To which group it leads; never the key.
impl fmt::Debug for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InviteLink").field(&self.claims.group).finish()
    }
}
