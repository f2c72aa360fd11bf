//! What a Commit declares, judged by the chat's rules, and what it changes.

use super::chat_state::ChatState;
use super::members::{Leaf, Members};
use crate::store::{CommitParts, Findings, GroupChange, stored_rules};
use sotto_protocol::chat_rules::{Actor, Change, Invited, Member, Party, RuleViolation};
use sotto_protocol::{AccountId, ChatRules, DeviceAddress, ProblemCode, Timestamp};
use std::collections::{BTreeSet, HashSet};

/// Whether a device of this account may come in by this external Commit.
pub(super) fn may_join_alone(state: &ChatState, account: AccountId, parts: &CommitParts) -> bool {
    match state.rules.as_deref() {
        Some(rules) if rules.as_group().is_some() => {
            let is_let_in = parts.as_newcomer && stored_rules::lets_in(rules, account);
            is_let_in || state.members.has_party(account)
        }
        Some(rules) => rules.parties().iter().any(|party| party.account == account),
        None => false,
    }
}

/// Why a Commit is not taken by what is known beside the log. Who holds an office already keeps it, whatever has become of
/// the account.
pub(super) fn found_against(state: &ChatState, parts: &CommitParts) -> Option<ProblemCode> {
    let before = state.rules.as_deref().and_then(ChatRules::as_group);
    let holds_office = |party: &Party| {
        before.is_some_and(|rules| rules.offices.iter().any(|office| office.holder == *party))
    };
    let Findings {
        refusal, strangers, ..
    } = &parts.findings;
    let has_stranger = strangers.iter().any(|party| !holds_office(party));
    refusal.or(has_stranger.then_some(ProblemCode::OfficeRefused))
}

/// Whether a Commit may be made that declares this, or what is answered. See [`crate::store::LogStore::write`]. `has_departed` says of a device
/// whether it is gone from its account: such a one may have a leaf that is older than the list of leaves, which has it not.
pub(super) fn check(
    state: &ChatState,
    from: DeviceAddress,
    parts: &CommitParts,
    at: Timestamp,
    has_departed: impl Fn(DeviceAddress) -> bool,
) -> Result<(), ProblemCode> {
    let Some(rules) = state.rules.as_deref() else {
        return Err(ProblemCode::MembershipRefused);
    };
    // It is fixed at the chat's birth, and says how many devices there can be.
    if parts.suite != state.suite {
        return Err(ProblemCode::MalformedMessage);
    }
    let has_leaf = |address: DeviceAddress| state.members.leaf_key(address).is_some();
    let is_sound = if parts.external {
        // A device that comes back takes its earlier leaf out of the tree by the same Commit.
        let earlier_self: &[DeviceAddress] = if has_leaf(from) { &[from] } else { &[] };
        parts.added == [from] && parts.removed == earlier_self && parts.welcome.is_none()
    } else {
        let removed_are_others = parts
            .removed
            .iter()
            .all(|&address| address != from && (has_leaf(address) || has_departed(address)));
        removed_are_others
            && all_different(&parts.added)
            && all_different(&parts.removed)
            && parts.welcome.is_some() != parts.added.is_empty()
    };
    if !is_sound {
        return Err(ProblemCode::MembershipRefused);
    }
    Ok(check_rules(state, rules, from, parts, at)?)
}

fn check_rules(
    state: &ChatState,
    rules: &ChatRules,
    from: DeviceAddress,
    parts: &CommitParts,
    at: Timestamp,
) -> Result<(), RuleViolation> {
    let members = state.members.for_rules();
    let declared = |addresses: &[DeviceAddress]| -> Vec<Member> {
        addresses.iter().copied().map(Member::from).collect()
    };
    let is_member = |address: DeviceAddress| state.members.leaf_key(address).is_some();
    let approvals: Vec<(DeviceAddress, AccountId)> = parts
        .evidence
        .approvals
        .iter()
        .filter(|approval| is_member(approval.by) && !parts.findings.unknown.contains(&approval.by))
        .map(|approval| (approval.newcomer, approval.by.account))
        .collect();
    let departed: Vec<AccountId> = parts
        .evidence
        .departures
        .iter()
        .filter(|departure| is_member(departure.by) && is_believed(state, parts, departure.by))
        .map(|departure| departure.by.account)
        .collect();
    let committer = Member::from(from);
    let (by, added) = if parts.external {
        (Actor::Joiner(committer), Vec::new())
    } else {
        (Actor::Member(committer), declared(&parts.added))
    };
    rules.check(&Change {
        suite: state.suite,
        by,
        members: &members,
        added: &added,
        removed: &declared(&parts.removed),
        approvals: &approvals,
        departed: &departed,
        invited: parts.evidence.invitation.map(|used| Invited {
            by: used.invitation,
            at,
        }),
        rules: &parts.rules,
    })
}

/// Whether a departure of this device may count: it was verified, or its account gets nothing any more.
fn is_believed(state: &ChatState, parts: &CommitParts, by: DeviceAddress) -> bool {
    !parts.findings.unknown.contains(&by) || !state.members.is_in_chat(by.account)
}

/// The members after an allowed Commit; of the devices added, with their keys.
pub(super) fn members_after(
    members: &Members,
    parts: &CommitParts,
    added: &[(DeviceAddress, i64)],
) -> Members {
    let removed: HashSet<DeviceAddress> = parts.removed.iter().copied().collect();
    let come_in: BTreeSet<AccountId> = added.iter().map(|(address, _)| address.account).collect();
    let staying = members
        .leaves()
        .filter(|leaf| !removed.contains(&leaf.address))
        .map(|leaf| Leaf {
            is_party: leaf.is_party || come_in.contains(&leaf.address.account),
            ..leaf
        });
    let added = added.iter().map(|&(address, key)| Leaf {
        address,
        key,
        is_active: true,
        is_party: true,
    });
    Members::new(staying.chain(added).collect())
}

/// Which accounts come into a group by a Commit, and which go.
#[derive(Debug, Default)]
pub(super) struct PartyChange {
    pub(super) newcomers: Vec<AccountId>,
    pub(super) gone: Vec<AccountId>,
}

impl PartyChange {
    /// By an allowed Commit, with the members before and after it. The parties of a direct chat stay what they are.
    pub(super) fn of(before: &Members, after: &Members, parts: &CommitParts) -> Self {
        if parts.rules.as_group().is_none() {
            return Self::default();
        }
        let accounts = |addresses: &[DeviceAddress]| -> BTreeSet<AccountId> {
            addresses.iter().map(|address| address.account).collect()
        };
        let newcomers = accounts(&parts.added).into_iter();
        let gone = accounts(&parts.removed).into_iter();
        Self {
            newcomers: newcomers.filter(|&account| !before.has_party(account)).collect(),
            gone: gone.filter(|&account| !after.has_account(account)).collect(),
        }
    }
}

/// What an accepted Commit changed of a group beside its members.
pub(super) fn of_group(
    before: Option<&ChatRules>,
    after: &ChatRules,
    newcomers: &[AccountId],
) -> Option<Box<GroupChange>> {
    let is_listed = |rules: &ChatRules| rules.as_group().is_some_and(|rules| rules.is_listed);
    let is_unlisted = before.is_some_and(is_listed) && !is_listed(after);
    (is_unlisted || !newcomers.is_empty()).then(|| {
        Box::new(GroupChange {
            newcomers: newcomers.to_vec(),
            is_unlisted,
        })
    })
}

fn all_different(addresses: &[DeviceAddress]) -> bool {
    addresses.iter().collect::<HashSet<_>>().len() == addresses.len()
}
