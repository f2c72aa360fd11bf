//! What a group has become since this device could not follow it, judged without the Commits in between.

use super::{Chat, JoinedExternally, NotAllowed};
use sotto_protocol::chat_rules::{Actor, Change, JoinPolicy, Member, RuleViolation};
use sotto_protocol::{AccountId, ChatRules, DeviceAddress, DeviceCredential, GroupRules, limits};
use std::collections::BTreeSet;

impl Chat {
    /// Whether this group may have become what a device has joined anew because it could not accept a Commit: whoever has signed
    /// the GroupInfo answers for all that has changed since, and has to be a member here who might have changed it alone.
    /// `departed` are accounts of which it is known that they leave.
    ///
    /// Who has approved newcomers cannot be seen any more, and is taken on trust. Of a chat that is no group the rules leave
    /// nothing open.
    pub fn check_successor(
        &self,
        joined: &JoinedExternally,
        departed: &[AccountId],
    ) -> Result<(), NotAllowed> {
        let (Some(rules), Some(after)) = (self.rules.as_group(), joined.chat.rules.as_group()) else {
            return Ok(());
        };
        let by = joined.signed_by.as_ref().ok_or(NotAllowed::MalformedCredential)?;
        let (before, now) = (self.members(), joined.chat.members());
        let is_other = |member: &DeviceCredential| member.address() == by.address() && member != by;
        if before.iter().any(is_other) {
            return Err(NotAllowed::CredentialReplaced);
        }
        let is_known = before.iter().any(|member| member.account == by.account);
        if !is_known && rules.join_policy != JoinPolicy::Open {
            let account = by.account;
            return Err(RuleViolation::Stranger { account }.into());
        }
        let (added, removed) = (in_one_alone(&now, &before), in_one_alone(&before, &now));
        let before: Vec<Member> = before.iter().map(Member::from).collect();
        let removes_others = removed.iter().any(|member| member.account() != by.account);
        let approvals = all_approvals(rules, &before, &added);
        let after = with_removals(after, rules, removes_others)?;
        rules_of(rules).check(&Change {
            suite: self.suite(),
            by: Actor::Member(Member::from(by)),
            members: &before,
            added: &added,
            removed: &removed,
            approvals: &approvals,
            departed,
            invited: None,
            rules: &after,
        })?;
        Ok(())
    }
}

fn rules_of(rules: &GroupRules) -> ChatRules {
    ChatRules::Group(rules.clone())
}

/// The rules as one Commit would have left them: several may have removed somebody, and none may have turned the count back.
fn with_removals(
    after: &GroupRules,
    before: &GroupRules,
    removes_others: bool,
) -> Result<ChatRules, RuleViolation> {
    let removals = before.removals.saturating_add(u64::from(removes_others));
    if after.removals < removals {
        return Err(RuleViolation::RulesChanged);
    }
    Ok(ChatRules::Group(GroupRules {
        removals,
        ..after.clone()
    }))
}

/// Those that only the first list has, by their credentials.
fn in_one_alone(one: &[DeviceCredential], other: &[DeviceCredential]) -> Vec<Member> {
    one.iter()
        .filter(|member| !other.contains(member))
        .map(Member::from)
        .collect()
}

/// Approvals of everybody who was added, by all whose approval any rule can ask for.
fn all_approvals(
    rules: &GroupRules,
    members: &[Member],
    added: &[Member],
) -> Vec<(DeviceAddress, AccountId)> {
    let officers = rules.offices.iter().map(|office| office.holder.account);
    let accounts: BTreeSet<AccountId> = members.iter().map(Member::account).collect();
    let others = accounts.into_iter().take(usize::from(limits::APPROVERS));
    let approving: BTreeSet<AccountId> = officers.chain(others).collect();
    added
        .iter()
        .flat_map(|newcomer| approving.iter().map(|account| (newcomer.address, *account)))
        .collect()
}
