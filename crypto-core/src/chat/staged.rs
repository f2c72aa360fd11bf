//! Reads a staged Commit for the chat's rules to judge, before anything of it is merged.

use super::group::{members, read_rules};
use super::leaf;
use crate::policy::{Actor, Change, DirectChat, NotAllowed};
use openmls::prelude::{LeafNode, LeafNodeIndex, MlsGroup, Proposal, Sender, StagedCommit};
use sotto_protocol::DeviceCredential;

/// What a Commit does, judged and allowed.
pub(super) struct Judged {
    pub(super) from: DeviceCredential,
    /// The devices that the Commit adds; of an external Commit, the joiner.
    pub(super) added: Vec<DeviceCredential>,
    pub(super) removed: Vec<DeviceCredential>,
}

/// Judges a Commit by the chat's rules. The committer and every receiver come through here.
pub(super) fn judge(
    group: &MlsGroup,
    rules: &DirectChat,
    sender: &Sender,
    staged: &StagedCommit,
) -> Result<Judged, NotAllowed> {
    // The rules stay what they are, whatever Proposal would have changed them.
    match read_rules(staged.group_context()) {
        Ok(after) if after.rules == *rules => {}
        Ok(_) | Err(_) => return Err(NotAllowed::RulesChanged),
    }
    let path_leaf = staged.update_path_leaf_node();
    let (from, joining) = match sender {
        Sender::Member(index) => (committer(group, *index, path_leaf)?, false),
        Sender::NewMemberCommit => (joiner(path_leaf)?, true),
        Sender::External(_) | Sender::NewMemberProposal => return Err(NotAllowed::Proposal),
    };
    let mut added = Vec::new();
    let mut removed = Vec::new();
    for queued in staged.queued_proposals() {
        match queued.proposal() {
            Proposal::Add(add) => {
                let node = add.key_package().leaf_node();
                added.push(leaf::verified(
                    node.credential(),
                    node.signature_key().as_slice(),
                )?);
            }
            Proposal::Remove(remove) => {
                let member = group.member(remove.removed()).ok_or(NotAllowed::Proposal)?;
                removed.push(leaf::decode(member)?);
            }
            Proposal::ExternalInit(_) if joining => {}
            // Whatever OpenMLS comes to know besides is refused too.
            _ => return Err(NotAllowed::Proposal),
        }
    }
    rules.check(&Change {
        by: if joining {
            Actor::Joiner(&from)
        } else {
            Actor::Member(&from)
        },
        members: &members(group.members())?,
        added: &added,
        removed: &removed,
    })?;
    if joining {
        added.push(from.clone());
    }
    Ok(Judged { from, added, removed })
}

/// A member who commits: its new leaf shows the credential of the old.
fn committer(
    group: &MlsGroup,
    index: LeafNodeIndex,
    path_leaf: Option<&LeafNode>,
) -> Result<DeviceCredential, NotAllowed> {
    let member = group.member_at(index).ok_or(NotAllowed::MalformedCredential)?;
    if let Some(node) = path_leaf
        && (*node.credential() != member.credential
            || node.signature_key().as_slice() != member.signature_key)
    {
        return Err(NotAllowed::CredentialReplaced);
    }
    leaf::decode(&member.credential)
}

/// A device that joins: its leaf is in the path of its Commit.
fn joiner(path_leaf: Option<&LeafNode>) -> Result<DeviceCredential, NotAllowed> {
    let node = path_leaf.ok_or(NotAllowed::MalformedCredential)?;
    leaf::verified(node.credential(), node.signature_key().as_slice())
}
