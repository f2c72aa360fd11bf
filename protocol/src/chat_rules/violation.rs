//! What is not allowed.

use crate::{AccountId, ProblemCode, limits};

/// A rule that was broken. Nothing of the Commit, Welcome or GroupInfo that broke it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleViolation {
    /// The bytes are no rules of a kind that is known here, or not in their one encoding.
    #[error("the chat's rules cannot be read")]
    Malformed,
    /// A direct chat is between two accounts with two identity keys.
    #[error("the two parties of a direct chat are the same")]
    SameParty,
    /// The rules of this chat cannot change so, or not by this member.
    #[error("the chat's rules cannot be changed so by this member")]
    RulesChanged,
    /// A device of no party, or of one that shows another identity key; of a group, one that joins alone where that is not
    /// allowed.
    #[error("{account} is no party of this chat, or shows another identity key")]
    Stranger {
        /// The account that the device claims.
        account: AccountId,
    },
    /// Two devices of one account show different identity keys.
    #[error("{account} shows two identity keys")]
    TwoIdentities {
        /// The account.
        account: AccountId,
    },
    /// A device of another account would be removed by someone who may not.
    #[error("this member cannot remove devices of {account}")]
    RemovesOthers {
        /// The account.
        account: AccountId,
    },
    /// Some devices of another account would be removed, or replaced: only its own devices can do that.
    #[error("only {account} can remove some of its devices")]
    RemovesSomeOfOthers {
        /// The account.
        account: AccountId,
    },
    /// A device of an account that is in the group would be added by another account.
    #[error("only {account} can add devices to its own")]
    AddsToOthers {
        /// The account.
        account: AccountId,
    },
    /// The committer may not add members.
    #[error("this member cannot add {account}")]
    NotInvited {
        /// The account that would be added.
        account: AccountId,
    },
    /// Fewer members have approved the newcomer than the group's rule says.
    #[error("too few members have approved {account}")]
    NotApproved {
        /// The newcomer.
        account: AccountId,
    },
    /// The account was banned.
    #[error("{account} is banned from the group")]
    Banned {
        /// The account.
        account: AccountId,
    },
    /// The invitation that a joiner shows is not one of the group's, or no more; or somebody shows one who joins by none.
    #[error("the invitation is none of this group's, or is over")]
    Invitation,
    /// A joining device would add another.
    #[error("a joining device can add no other")]
    JoinerAdds,
    /// A joining device would remove another than itself.
    #[error("a joining device can remove its own earlier leaf alone")]
    JoinerRemoves,
    /// A device would be in the group twice.
    #[error("a device is in the group already")]
    DeviceTwice,
    /// An account would have more devices than it can.
    #[error("an account has at most {} devices", limits::DEVICES_PER_ACCOUNT)]
    TooManyDevices,
    /// An office would be held by an account that is not in the group.
    #[error("{account} holds an office without being a member")]
    AbsentOfficer {
        /// The account.
        account: AccountId,
    },
    /// A device would come into a chat that has as many as its suite allows.
    #[error("the chat has as many devices as it can: {most}")]
    Full {
        /// How many that is.
        most: usize,
    },
}

/// What the server answers to whoever would break the rule.
impl From<RuleViolation> for ProblemCode {
    fn from(violation: RuleViolation) -> Self {
        match violation {
            RuleViolation::Full { .. } => Self::GroupFull,
            RuleViolation::Malformed
            | RuleViolation::SameParty
            | RuleViolation::RulesChanged
            | RuleViolation::Stranger { .. }
            | RuleViolation::TwoIdentities { .. }
            | RuleViolation::RemovesOthers { .. }
            | RuleViolation::RemovesSomeOfOthers { .. }
            | RuleViolation::AddsToOthers { .. }
            | RuleViolation::NotInvited { .. }
            | RuleViolation::NotApproved { .. }
            | RuleViolation::Banned { .. }
            | RuleViolation::Invitation
            | RuleViolation::JoinerAdds
            | RuleViolation::JoinerRemoves
            | RuleViolation::DeviceTwice
            | RuleViolation::TooManyDevices
            | RuleViolation::AbsentOfficer { .. } => Self::MembershipRefused,
        }
    }
}
