//! Reads a staged Commit for the chat's rules to judge, before anything of it is merged.

use super::NotAllowed;
use super::group::{members, read_setup};
use super::leaf;
use super::statement::{key_package_ref, verify_approval, verify_departure};
use crate::invite_link::is_used_by;
use openmls::prelude::{LeafNode, LeafNodeIndex, MlsGroup, Proposal, Sender, StagedCommit};
use sotto_protocol::chat_rules::{Actor, Change, Invited, Member, RuleViolation};
use sotto_protocol::{
    AccountId, ChatId, ChatRules, DeviceAddress, DeviceCredential, Evidence, InvitationKey, KeyPackageRef,
    Timestamp,
};

/// What a Commit does, judged and allowed.
pub(super) struct Judged {
    pub(super) from: DeviceCredential,
    /// The devices that the Commit adds; of an external Commit, the joiner.
    pub(super) added: Vec<DeviceCredential>,
    pub(super) removed: Vec<DeviceCredential>,
    /// The rules from then on.
    pub(super) rules: ChatRules,
}

/// What the Proposals of a Commit are.
#[derive(Default)]
struct Proposed {
    added: Vec<DeviceCredential>,
    key_packages: Vec<KeyPackageRef>,
    removed: Vec<DeviceCredential>,
    /// There is a `GroupContextExtensions` Proposal (RFC 9420, section 12.1.7).
    restates_context: bool,
}

/// What the evidence of a Commit shows.
#[derive(Default)]
struct Shown {
    /// Which added devices which accounts have approved.
    approvals: Vec<(DeviceAddress, AccountId)>,
    /// The accounts that leave.
    departed: Vec<AccountId>,
    /// The invitation that has let the committer in.
    invitation: Option<InvitationKey>,
}

/// Judges a Commit by the chat's rules. The committer and every receiver come through here. `accepted_at` is for the
/// invitation of who joins by one, and nothing else hangs on it.
pub(super) fn judge(
    group: &MlsGroup,
    rules: &ChatRules,
    sender: &Sender,
    staged: &StagedCommit,
    evidence: &Evidence,
    accepted_at: Timestamp,
) -> Result<Judged, NotAllowed> {
    // Whatever cannot be read as rules of ours is a change that nobody may make.
    let after = read_setup(staged.group_context()).map_err(|_| RuleViolation::RulesChanged)?;
    let path_leaf = staged.update_path_leaf_node();
    let (from, joining) = match sender {
        Sender::Member(index) => (committer(group, *index, path_leaf)?, false),
        Sender::NewMemberCommit => (joiner(path_leaf)?, true),
        Sender::External(_) | Sender::NewMemberProposal => return Err(NotAllowed::Proposal),
    };
    let Proposed {
        mut added,
        key_packages,
        removed,
        restates_context,
    } = read_proposals(group, staged, joining)?;
    if restates_context && after.rules == *rules {
        return Err(NotAllowed::Proposal);
    }
    let shown = verify_evidence(group, rules, evidence, after.chat, &from, &key_packages)?;
    let by = Member::from(&from);
    let members: Vec<Member> = members(group.members())?.iter().map(Member::from).collect();
    rules.check(&Change {
        suite: after.suite,
        by: if joining {
            Actor::Joiner(by)
        } else {
            Actor::Member(by)
        },
        members: &members,
        added: &added.iter().map(Member::from).collect::<Vec<_>>(),
        removed: &removed.iter().map(Member::from).collect::<Vec<_>>(),
        approvals: &shown.approvals,
        departed: &shown.departed,
        invited: shown.invitation.map(|by| Invited { by, at: accepted_at }),
        rules: &after.rules,
    })?;
    if joining {
        added.push(from.clone());
    }
    Ok(Judged {
        from,
        added,
        removed,
        rules: after.rules,
    })
}

fn read_proposals(group: &MlsGroup, staged: &StagedCommit, joining: bool) -> Result<Proposed, NotAllowed> {
    let mut proposed = Proposed::default();
    for queued in staged.queued_proposals() {
        match queued.proposal() {
            Proposal::Add(add) => {
                let node = add.key_package().leaf_node();
                proposed.added.push(leaf::verified(
                    node.credential(),
                    node.signature_key().as_slice(),
                )?);
                proposed.key_packages.push(key_package_ref(add.key_package())?);
            }
            Proposal::Remove(remove) => {
                let member = group.member(remove.removed()).ok_or(NotAllowed::Proposal)?;
                proposed.removed.push(leaf::decode(member)?);
            }
            // What it changes is read off the context that it leads to.
            Proposal::GroupContextExtensions(_) if !joining => proposed.restates_context = true,
            Proposal::ExternalInit(_) if joining => {}
            // Whatever OpenMLS comes to know besides is refused too.
            _ => return Err(NotAllowed::Proposal),
        }
    }
    Ok(proposed)
}

/// Checks every statement. One that does not hold, or that has
/// nothing to do with the Commit, spoils it.
fn verify_evidence(
    group: &MlsGroup,
    rules: &ChatRules,
    evidence: &Evidence,
    chat: ChatId,
    from: &DeviceCredential,
    key_packages: &[KeyPackageRef],
) -> Result<Shown, NotAllowed> {
    if *evidence == Evidence::default() {
        return Ok(Shown::default());
    }
    let Evidence {
        approvals,
        departures,
        invitation,
    } = evidence;
    let rules = rules.as_group().ok_or(NotAllowed::MalformedEvidence)?;
    for approval in approvals {
        if !key_packages.contains(&approval.key_package) {
            return Err(NotAllowed::Statement { by: approval.by });
        }
        verify_approval(group, chat, rules, approval)?;
    }
    for departure in departures {
        verify_departure(group, chat, departure)?;
    }
    if let Some(used) = invitation
        && !is_used_by(used, chat, from)
    {
        return Err(NotAllowed::Statement { by: from.address() });
    }
    let approved = approvals
        .iter()
        .map(|approval| (approval.newcomer, approval.by.account))
        .collect();
    let departed = departures.iter().map(|departure| departure.by.account).collect();
    Ok(Shown {
        approvals: approved,
        departed,
        invitation: invitation.map(|used| used.invitation),
    })
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
