//! Why nothing of a Commit, Welcome or GroupInfo is taken.

use crate::device::CredentialError;
use sotto_protocol::DeviceAddress;
use sotto_protocol::chat_rules::RuleViolation;

/// What was broken. Nothing of the Commit, Welcome or GroupInfo that broke it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The chat's rules forbid it.
    #[error(transparent)]
    Rule(#[from] RuleViolation),
    /// The group is no chat of ours: its GroupContext has other extensions, or such as cannot be read.
    #[error("the group's context is not a chat's")]
    NoChat,
    /// A member's credential does not prove what it claims.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A leaf holds no credential of a version that is known here.
    #[error("a member's credential cannot be read")]
    MalformedCredential,
    /// A leaf's signature key is not the device key of its credential.
    #[error("a member's signature key is not the one in its credential")]
    SignatureKey,
    /// An update would replace the credential of a leaf.
    #[error("a member's credential cannot be replaced")]
    CredentialReplaced,
    /// A Proposal of a kind that this chat does not take (a reinitialisation, a pre-shared key, an Update, and the like), or
    /// one that is not inside the Commit.
    #[error("a Proposal of a kind that this chat does not take")]
    Proposal,
    /// What the Commit brings along to show that it is allowed cannot be read.
    #[error("the Commit's evidence cannot be read")]
    MalformedEvidence,
    /// An approval or departure that its device did not sign, or not for this; or that of a device that is not in the group.
    #[error("a statement in the Commit is not {}'s", .by.account)]
    Statement {
        /// The device that is said to have made it.
        by: DeviceAddress,
    },
}
