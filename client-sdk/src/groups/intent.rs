//! What a user has asked for in a group: kept until it has happened, or cannot.

use super::{GroupSettings, ProfileEdit};
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, AccountName, Invitation, InvitationKey};

/// It outlives restarts, refusals and the Commits of others: a Commit that carries it out is made anew in each epoch that
/// comes, until one is accepted. A change of the profile is said instead, and anew if another's came first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum IntentRecord {
    /// These accounts are in the group.
    Add {
        /// By name: who they are is looked up when it is carried out.
        names: Vec<AccountName>,
    },
    /// These accounts are not in the group.
    Remove {
        accounts: Vec<AccountId>,
        /// And do not come in again.
        bans: bool,
    },
    /// This account, which has asked to be let in, is in the group, as far as this account's approval goes.
    Admit { account: AccountId },
    /// The group's rules say this.
    Settings(GroupSettings),
    /// This device of the own account is not in the chat.
    RemoveDevice(sotto_protocol::DeviceId),
    /// The group's rules hold this invitation.
    Invite(Invitation),
    /// The group's rules do not hold the invitation with this key.
    Revoke(InvitationKey),
    /// The group's profile says this.
    Describe(ProfileEdit),
    /// The server has the profile that the members know, if the group is listed.
    PublishProfile,
}
