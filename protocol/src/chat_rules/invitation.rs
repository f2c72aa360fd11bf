//! Invitations: links by which whoever has one joins a group alone.

use super::{GroupRules, RuleViolation};
use crate::{InvitationKey, Timestamp, limits};
use serde::{Deserialize, Serialize};

/// An invite link that works. It stands in the group's rules, so that the owner or an admin alone can make one, every member
/// knows of it, and it works no more once it is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The public half of the link's key pair. The other half is in the link: whoever uses it signs with that.
    pub key: InvitationKey,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// How many accounts can come in by it, 1 to [`limits::INVITATION_USES`]. The server alone counts them.
    pub uses: u32,
}

/// By which invitation a device joins, as its signature shows, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The invitation's key. Who calls has checked that it signed for this device and this group.
    pub by: InvitationKey,
    /// When the server accepted the Commit, or does.
    pub at: Timestamp,
}

impl GroupRules {
    /// The invitation with this key, if it works at this time.
    #[must_use]
    pub fn invitation(&self, invited: Invited) -> Option<&Invitation> {
        let place = self
            .invitations
            .binary_search_by_key(&invited.by, |known| known.key);
        let invitation = self.invitations.get(place.ok()?)?;
        (invited.at < invitation.expires_at).then_some(invitation)
    }

    /// Adds an invitation, in the place of one with the same key.
    pub fn invite(&mut self, invitation: Invitation) {
        self.revoke(invitation.key);
        let place = self
            .invitations
            .partition_point(|known| known.key < invitation.key);
        self.invitations.insert(place, invitation);
    }

    /// Takes an invitation out, if it is there.
    pub fn revoke(&mut self, key: InvitationKey) {
        self.invitations.retain(|known| known.key != key);
    }

    /// Takes out the invitations that work no more at this time.
    pub fn forget_expired_invitations(&mut self, now: Timestamp) {
        self.invitations.retain(|known| now < known.expires_at);
    }

    pub(super) fn check_invited(&self, invited: Invited) -> Result<(), RuleViolation> {
        match self.invitation(invited) {
            Some(_) => Ok(()),
            None => Err(RuleViolation::Invitation),
        }
    }
}

/// Whether these can be a group's invitations.
pub(super) fn are_sound(invitations: &[Invitation]) -> bool {
    invitations.len() <= limits::INVITATIONS
        && invitations.is_sorted_by(|one, next| one.key < next.key)
        && invitations
            .iter()
            .all(|invitation| (1..=limits::INVITATION_USES).contains(&invitation.uses))
}
