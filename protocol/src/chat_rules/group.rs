//! The rules of groups: roles, and how a newcomer gets in.

use super::ChatRules;
use super::RuleViolation;
use super::change::{Actor, Change, Member};
use super::direct::{Party, check_devices, check_joiner_alone};
use super::invitation::{self, Invitation};
use crate::{AccountId, CommunityId, GroupKey, Retention, Timestamp, limits};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The rules of a group. Who is a member without an office is not in them: that is everyone else in the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRules {
    /// The public half of the group's identity key, for good: it signs what the group says to the outside. Its secret is
    /// with the owner and the admins.
    pub group_key: GroupKey,
    /// Whether the group can be found by search, and its profile read by anyone.
    pub is_listed: bool,
    /// How a newcomer gets in.
    pub join_policy: JoinPolicy,
    /// What becomes of messages whose sender says nothing else.
    pub retention: Retention,
    /// How often accounts were removed, or left. An approval counts up to the next time: so none that was kept brings back
    /// who was removed after it.
    pub removals: u64,
    /// The owner and the admins, in the order of their accounts.
    pub offices: Vec<Office>,
    /// Accounts that do not come in again, in their order.
    pub banned: Vec<AccountId>,
    /// The invite links that work, in the order of their keys. Taking one out revokes it.
    pub invitations: Vec<Invitation>,
    /// What newcomers are given of what was said before they came.
    pub history: GrantedHistory,
    /// The community that the group is of, for good: the server lets nobody come in who is not in it. Who is, is the server's word, so
    /// no member can check that.
    pub community: Option<CommunityId>,
    /// Whether it is a broadcast, for good: the owner and the admins speak, everyone else reads. Such a group is listed and open. Who is
    /// heard is each member's to decide, by these rules; the server cannot read who says what.
    pub is_broadcast: bool,
}

/// What a newcomer to a group is given, by a member, of what was said before they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GrantedHistory {
    /// Nothing.
    #[default]
    None,
    /// What was said since then and is kept.
    Since(Timestamp),
}

/// How a newcomer gets into a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum JoinPolicy {
    /// A member adds them.
    Invite {
        /// Who may.
        by: Inviters,
    },
    /// They ask, and are added when enough have approved.
    Approval {
        /// Who may approve, and how many have to.
        by: Approvers,
    },
    /// They join alone.
    Open,
}

/// Who may add newcomers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Inviters {
    /// The owner and the admins.
    Admins,
    /// Every member.
    Members,
}

/// Whose approval a newcomer needs. Whoever commits the addition approves by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Approvers {
    /// The owner's or one admin's.
    AnyAdmin,
    /// One member's.
    AnyMember,
    /// That of so many members, 2 to [`limits::APPROVERS`].
    Members(u8),
}

/// A member's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// No office.
    Member,
    /// Changes the group's profile and rules, makes invite links, bans, and removes members without an office.
    Admin,
    /// An admin who also appoints and dismisses the others, and hands the group on. At most one.
    Owner,
}

/// Who holds an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// The account, with its identity: whoever takes the account over by another does not take the office.
    pub holder: Party,
    /// [`Role::Owner`] or [`Role::Admin`].
    pub role: Role,
}

impl GroupRules {
    /// A new group's, whose founder owns it.
    #[must_use]
    pub fn new(group_key: GroupKey, founder: Party, join_policy: JoinPolicy) -> Self {
        Self {
            group_key,
            is_listed: false,
            join_policy,
            retention: Retention::Keep,
            removals: 0,
            offices: vec![Office {
                holder: founder,
                role: Role::Owner,
            }],
            banned: Vec::new(),
            invitations: Vec::new(),
            history: GrantedHistory::None,
            community: None,
            is_broadcast: false,
        }
    }

    /// A new broadcast's, whose founder owns it. Whoever comes is given all that was said: it was said to everyone.
    #[must_use]
    pub fn broadcast(group_key: GroupKey, founder: Party, community: Option<CommunityId>) -> Self {
        Self {
            is_listed: true,
            history: GrantedHistory::Since(Timestamp(0)),
            community,
            is_broadcast: true,
            ..Self::new(group_key, founder, JoinPolicy::Open)
        }
    }

    /// Whether what a member says is heard.
    #[must_use]
    pub fn may_speak(&self, member: &Member) -> bool {
        !self.is_broadcast || self.role_of(member) >= Role::Admin
    }

    /// The role of a device's account.
    #[must_use]
    pub fn role_of(&self, member: &Member) -> Role {
        self.offices
            .iter()
            .find(|office| office.holder.owns(member))
            .map_or(Role::Member, |office| office.role)
    }

    /// Gives an account a role. There is one owner: whoever was it becomes an admin.
    pub fn appoint(&mut self, holder: Party, role: Role) {
        if role == Role::Owner {
            for office in &mut self.offices {
                office.role = Role::Admin;
            }
        }
        self.dismiss(holder.account);
        if role != Role::Member {
            let office = Office { holder, role };
            let place = self
                .offices
                .partition_point(|office| office.holder.account < holder.account);
            self.offices.insert(place, office);
        }
    }

    /// Takes an account's office away, if it has one.
    pub fn dismiss(&mut self, account: AccountId) {
        self.offices.retain(|office| office.holder.account != account);
    }

    /// Bans an account.
    pub fn ban(&mut self, account: AccountId) {
        if let Err(place) = self.banned.binary_search(&account) {
            self.banned.insert(place, account);
        }
    }

    /// Takes accounts out of the rules that are removed by the same Commit.
    pub fn note_removal(&mut self, accounts: impl IntoIterator<Item = AccountId>) {
        let mut removes = false;
        for account in accounts {
            self.dismiss(account);
            removes = true;
        }
        self.removals = self.removals.saturating_add(u64::from(removes));
    }

    fn office_of(&self, account: AccountId) -> Option<&Office> {
        self.offices
            .iter()
            .find(|office| office.holder.account == account)
    }

    /// What holds whoever is in the group.
    pub(super) fn check_form(&self) -> Result<(), RuleViolation> {
        let accounts_in_order = self
            .offices
            .is_sorted_by(|one, next| one.holder.account < next.holder.account);
        let owners = self
            .offices
            .iter()
            .filter(|office| office.role == Role::Owner)
            .count();
        let retention_in_bounds = self.retention.is_in_bounds();
        let policy_in_bounds = match self.join_policy {
            JoinPolicy::Approval {
                by: Approvers::Members(number),
            } => (2..=limits::APPROVERS).contains(&number),
            JoinPolicy::Approval { .. } | JoinPolicy::Invite { .. } | JoinPolicy::Open => true,
        };
        let is_open_to_all = self.is_listed && self.join_policy == JoinPolicy::Open;
        let is_sound = accounts_in_order
            && (is_open_to_all || !self.is_broadcast)
            && owners <= 1
            && self.offices.iter().all(|office| office.role != Role::Member)
            && self.offices.len() <= limits::OFFICES
            && self.banned.is_sorted_by(|one, next| one < next)
            && self.banned.len() <= limits::BANNED_ACCOUNTS
            && invitation::are_sound(&self.invitations)
            && retention_in_bounds
            && policy_in_bounds;
        is_sound.then_some(()).ok_or(RuleViolation::Malformed)
    }

    pub(super) fn check_members(&self, members: &[Member]) -> Result<(), RuleViolation> {
        check_devices(members)?;
        let mut accounts = BTreeMap::<AccountId, Member>::new();
        for member in members {
            let first = accounts.entry(member.account()).or_insert(*member);
            if !member.agrees_with(first) {
                return Err(RuleViolation::TwoIdentities {
                    account: member.account(),
                });
            }
        }
        for Office { holder, .. } in &self.offices {
            let is_there = accounts
                .get(&holder.account)
                .is_some_and(|member| holder.owns(member));
            if !is_there {
                return Err(RuleViolation::AbsentOfficer {
                    account: holder.account,
                });
            }
        }
        for account in &self.banned {
            if accounts.contains_key(account) {
                return Err(RuleViolation::Banned { account: *account });
            }
        }
        Ok(())
    }

    pub(super) fn check(&self, change: &Change<'_>) -> Result<(), RuleViolation> {
        let ChatRules::Group(after) = change.rules else {
            return Err(RuleViolation::RulesChanged);
        };
        let joiner = match change.by {
            Actor::Joiner(joiner) => {
                check_joiner_alone(&joiner, change)?;
                self.check_joiner(&joiner, change)?;
                if after != self {
                    return Err(RuleViolation::RulesChanged);
                }
                Some(joiner)
            }
            // Whoever is in needs none.
            Actor::Member(_) if change.invited.is_some() => return Err(RuleViolation::Invitation),
            Actor::Member(committer) => {
                let removed = self.check_removed(&committer, change)?;
                self.check_added(&committer, change)?;
                self.check_rules(&committer, &removed, change.members, after)?;
                None
            }
        };
        let members: Vec<Member> = change
            .staying()
            .chain(change.added.iter().copied())
            .chain(joiner)
            .collect();
        after.check_members(&members)
    }

    fn check_joiner(&self, joiner: &Member, change: &Change<'_>) -> Result<(), RuleViolation> {
        let account = joiner.account();
        // Also of a leaf that it takes the place of: otherwise an account's only device could be replaced by somebody else's.
        let mut present = change.members.iter().filter(|member| member.account() == account);
        if let Some(member) = present.next() {
            let agrees = joiner.agrees_with(member) && present.all(|member| joiner.agrees_with(member));
            return agrees
                .then_some(())
                .ok_or(RuleViolation::TwoIdentities { account });
        }
        if self.banned.binary_search(&account).is_ok() {
            return Err(RuleViolation::Banned { account });
        }
        match (change.invited, self.join_policy) {
            // Whatever the policy is: the link is the word of the owner or an admin.
            (Some(invited), _) => self.check_invited(invited),
            (None, JoinPolicy::Open) => Ok(()),
            (None, JoinPolicy::Invite { .. } | JoinPolicy::Approval { .. }) => {
                Err(RuleViolation::Stranger { account })
            }
        }
    }

    /// The other accounts that are removed, if they may be: as a whole, by someone of a higher role, or because they leave.
    fn check_removed(
        &self,
        committer: &Member,
        change: &Change<'_>,
    ) -> Result<BTreeSet<AccountId>, RuleViolation> {
        let mut removed = BTreeSet::new();
        for member in change.removed {
            let account = member.account();
            if account == committer.account() {
                continue;
            }
            let may = change.departed.contains(&account)
                || self.role_of(committer) >= Role::Admin && self.role_of(committer) > self.role_of(member);
            if !may {
                return Err(RuleViolation::RemovesOthers { account });
            }
            removed.insert(account);
        }
        let stays = |account: &AccountId| {
            change
                .staying()
                .chain(change.added.iter().copied())
                .any(|member| member.account() == *account)
        };
        match removed.iter().copied().find(stays) {
            Some(account) => Err(RuleViolation::RemovesSomeOfOthers { account }),
            None => Ok(removed),
        }
    }

    fn check_added(&self, committer: &Member, change: &Change<'_>) -> Result<(), RuleViolation> {
        let present: BTreeSet<AccountId> = change.members.iter().map(Member::account).collect();
        for added in change.added {
            let account = added.account();
            if account == committer.account() {
                continue;
            }
            if present.contains(&account) {
                return Err(RuleViolation::AddsToOthers { account });
            }
            if self.banned.binary_search(&account).is_ok() {
                return Err(RuleViolation::Banned { account });
            }
            match self.join_policy {
                JoinPolicy::Invite { by: Inviters::Admins } if self.role_of(committer) < Role::Admin => {
                    return Err(RuleViolation::NotInvited { account });
                }
                JoinPolicy::Approval { by } if !self.is_approved(by, added, committer, change) => {
                    return Err(RuleViolation::NotApproved { account });
                }
                JoinPolicy::Invite { .. } | JoinPolicy::Approval { .. } | JoinPolicy::Open => {}
            }
        }
        Ok(())
    }

    fn is_approved(&self, by: Approvers, newcomer: &Member, committer: &Member, change: &Change<'_>) -> bool {
        let (role, number) = match by {
            Approvers::AnyAdmin => (Role::Admin, 1),
            Approvers::AnyMember => (Role::Member, 1),
            Approvers::Members(number) => (Role::Member, usize::from(number)),
        };
        let approving: BTreeSet<AccountId> = change
            .approvals
            .iter()
            .filter(|(approved, _)| *approved == newcomer.address)
            .map(|(_, account)| *account)
            .chain([committer.account()])
            .collect();
        let entitled: BTreeSet<AccountId> = change
            .members
            .iter()
            .filter(|member| approving.contains(&member.account()) && self.role_of(member) >= role)
            .map(Member::account)
            .collect();
        entitled.len() >= number
    }

    /// Whether the rules may become these, by this committer, in a Commit that removes these accounts.
    fn check_rules(
        &self,
        committer: &Member,
        removed: &BTreeSet<AccountId>,
        members: &[Member],
        after: &Self,
    ) -> Result<(), RuleViolation> {
        let role = self.role_of(committer);
        let is_same = self.is_listed == after.is_listed
            && self.join_policy == after.join_policy
            && self.retention == after.retention
            && self.banned == after.banned
            && self.invitations == after.invitations
            && self.history == after.history;
        let allowed = self.group_key == after.group_key
            && self.community == after.community
            && self.is_broadcast == after.is_broadcast
            && Some(after.removals) == self.removals.checked_add(u64::from(!removed.is_empty()))
            && (is_same || role >= Role::Admin)
            && self.may_have_offices(committer, removed, members, after);
        allowed.then_some(()).ok_or(RuleViolation::RulesChanged)
    }

    fn may_have_offices(
        &self,
        committer: &Member,
        removed: &BTreeSet<AccountId>,
        members: &[Member],
        after: &Self,
    ) -> bool {
        let own = committer.account();
        let role = self.role_of(committer);
        let succeeds = self.may_succeed(committer, members);
        let owner = self.offices.iter().find(|office| office.role == Role::Owner);
        let accounts: BTreeSet<AccountId> = self
            .offices
            .iter()
            .chain(&after.offices)
            .map(|office| office.holder.account)
            .collect();
        let each = accounts.into_iter().all(|account| {
            let (before, then) = (self.office_of(account), after.office_of(account));
            before == then
                || role == Role::Owner
                || then.is_none() && removed.contains(&account)
                || then.is_none() && account == own && role == Role::Admin
                || succeeds && account == own && then.is_some_and(|office| office.role == Role::Owner)
                || succeeds && then.is_none() && before == owner
        });
        // An owner who stays hands the group on; it is not left without one.
        let keeps_owner =
            role != Role::Owner || after.offices.iter().any(|office| office.role == Role::Owner);
        each && keeps_owner
    }

    /// Whether the member may take the group over, because its owner is gone: an admin, or anyone if there is none. Nobody takes a
    /// broadcast over that way: anybody can come in there, and who owns it speaks to everyone. It falls silent.
    fn may_succeed(&self, committer: &Member, members: &[Member]) -> bool {
        let is_held = |role: Role| {
            self.offices
                .iter()
                .any(|office| office.role == role && members.iter().any(|member| office.holder.owns(member)))
        };
        let is_left_to_anyone = !is_held(Role::Admin) && !self.is_broadcast;
        !is_held(Role::Owner) && (self.role_of(committer) == Role::Admin || is_left_to_anyone)
    }
}
