//! What happened in a group, for people to read.

use crate::contacts::Names;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::Chat;
use sotto_protocol::chat_rules::{GrantedHistory, JoinPolicy, Member, Role};
use sotto_protocol::{AccountId, AccountName, GroupRules, Retention, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Whom something happened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whom {
    /// The account.
    pub account: AccountId,
    /// Its name, unless it has not been read from the server yet.
    pub name: Option<AccountName>,
}

/// Something that changed in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupChange<A = Whom> {
    /// The account was added.
    Added(A),
    /// The account joined by itself.
    Joined(A),
    /// The account was removed.
    Removed(A),
    /// The account has left.
    Left(A),
    /// The account has another role.
    Role {
        /// The account.
        account: A,
        /// Its role now.
        role: Role,
    },
    /// Newcomers get in otherwise.
    JoinPolicy(JoinPolicy),
    /// The group can be found by anyone now, or no more.
    Listed(bool),
    /// Messages are kept otherwise if nothing else is said.
    Retention(Retention),
    /// The account may not come in again.
    Banned(A),
    /// The account may come in again.
    Unbanned(A),
    /// The group has another title.
    Title(String),
    /// The group has another picture, or none any more.
    Picture,
    /// A change that whoever this is from had made was taken back, because others could not accept it.
    Refused,
    /// The device that this is from has joined anew, as it could not follow the chat any more: of what was said meanwhile some may
    /// be missing there.
    Rejoined,
    /// There is a new invite link.
    LinkMade,
    /// An invite link does not work any more, before its time.
    LinkRevoked,
    /// Newcomers are given something else of what was said before they came.
    History(GrantedHistory),
}

/// As it is stored: by account alone.
pub(crate) type StoredChange = GroupChange<AccountId>;

impl<A> GroupChange<A> {
    /// Whom it happened to, if it was somebody.
    pub const fn whom(&self) -> Option<&A> {
        match self {
            Self::Added(who)
            | Self::Joined(who)
            | Self::Removed(who)
            | Self::Left(who)
            | Self::Role { account: who, .. }
            | Self::Banned(who)
            | Self::Unbanned(who) => Some(who),
            Self::JoinPolicy(_)
            | Self::Listed(_)
            | Self::Retention(_)
            | Self::Title(_)
            | Self::Picture
            | Self::Refused
            | Self::Rejoined
            | Self::LinkMade
            | Self::LinkRevoked
            | Self::History(_) => None,
        }
    }

    /// The same, with accounts said otherwise.
    pub fn map<B>(self, mut account: impl FnMut(A) -> B) -> GroupChange<B> {
        match self {
            Self::Added(who) => GroupChange::Added(account(who)),
            Self::Joined(who) => GroupChange::Joined(account(who)),
            Self::Removed(who) => GroupChange::Removed(account(who)),
            Self::Left(who) => GroupChange::Left(account(who)),
            Self::Role { account: who, role } => GroupChange::Role {
                account: account(who),
                role,
            },
            Self::JoinPolicy(policy) => GroupChange::JoinPolicy(policy),
            Self::Listed(listed) => GroupChange::Listed(listed),
            Self::Retention(retention) => GroupChange::Retention(retention),
            Self::Banned(who) => GroupChange::Banned(account(who)),
            Self::Unbanned(who) => GroupChange::Unbanned(account(who)),
            Self::Title(title) => GroupChange::Title(title),
            Self::Picture => GroupChange::Picture,
            Self::Refused => GroupChange::Refused,
            Self::Rejoined => GroupChange::Rejoined,
            Self::LinkMade => GroupChange::LinkMade,
            Self::LinkRevoked => GroupChange::LinkRevoked,
            Self::History(history) => GroupChange::History(history),
        }
    }
}

impl StoredChange {
    /// As it is shown.
    pub(crate) fn shown(self, names: &impl Names) -> GroupChange {
        self.map(|account| Whom {
            account,
            name: names.name_of(account),
        })
    }
}

/// Members and rules of a group at one time.
pub(crate) struct View {
    members: BTreeMap<AccountId, Role>,
    rules: GroupRules,
}

impl View {
    /// Whether anyone could find the group.
    pub(crate) const fn is_listed(&self) -> bool {
        self.rules.is_listed
    }

    /// Whether others hold offices than before.
    pub(crate) fn has_other_offices_than(&self, before: &Self) -> bool {
        self.rules.offices != before.rules.offices
    }

    /// Of a chat that is a group.
    pub(crate) fn of(chat: &Chat) -> Option<Self> {
        let rules = chat.rules().as_group()?.clone();
        let members = chat
            .members()
            .iter()
            .map(|credential| (credential.account, rules.role_of(&Member::from(credential))))
            .collect();
        Some(Self { members, rules })
    }

    /// Who was not in the group before.
    pub(crate) fn newcomers_since(&self, before: &Self) -> impl Iterator<Item = AccountId> {
        let is_new = |account: &&AccountId| !before.members.contains_key(account);
        self.members.keys().filter(is_new).copied()
    }

    /// Whether an account is in the group.
    pub(crate) fn has(&self, account: AccountId) -> bool {
        self.members.contains_key(&account)
    }

    /// What has changed since `before`, by a Commit of this account at this time. `departed` have said before that they leave.
    pub(crate) fn changes_since(
        &self,
        before: &Self,
        by: AccountId,
        at: Timestamp,
        departed: &BTreeSet<AccountId>,
    ) -> Vec<StoredChange> {
        let mut changes = Vec::new();
        for account in self.members.keys() {
            if !before.members.contains_key(account) {
                changes.push(if *account == by {
                    StoredChange::Joined(*account)
                } else {
                    StoredChange::Added(*account)
                });
            }
        }
        for account in before.members.keys() {
            if !self.members.contains_key(account) {
                changes.push(if departed.contains(account) {
                    StoredChange::Left(*account)
                } else {
                    StoredChange::Removed(*account)
                });
            }
        }
        if self.rules.is_broadcast {
            // Whoever reads along comes and goes: thousands of notices would hide what is said.
            changes.retain(|change| matches!(change, StoredChange::Removed(_)));
        }
        for (account, role) in &self.members {
            if before.members.get(account).is_some_and(|before| before != role) {
                changes.push(StoredChange::Role {
                    account: *account,
                    role: *role,
                });
            }
        }
        self.setting_changes(before, &mut changes);
        self.link_changes(before, at, &mut changes);
        changes
    }

    /// What is over is taken out of the rules by whatever comes next, which is nothing to tell.
    fn link_changes(&self, before: &Self, at: Timestamp, changes: &mut Vec<StoredChange>) {
        let (now, then) = (&self.rules.invitations, &before.rules.invitations);
        let made = now.iter().filter(|link| !then.contains(link));
        changes.extend(made.map(|_| StoredChange::LinkMade));
        let is_there = |key| now.iter().any(|link| link.key == key);
        let revoked = then
            .iter()
            .filter(|link| at < link.expires_at && !is_there(link.key));
        changes.extend(revoked.map(|_| StoredChange::LinkRevoked));
    }

    fn setting_changes(&self, before: &Self, changes: &mut Vec<StoredChange>) {
        let (now, then) = (&self.rules, &before.rules);
        if now.join_policy != then.join_policy {
            changes.push(StoredChange::JoinPolicy(now.join_policy));
        }
        if now.is_listed != then.is_listed {
            changes.push(StoredChange::Listed(now.is_listed));
        }
        if now.retention != then.retention {
            changes.push(StoredChange::Retention(now.retention));
        }
        if now.history != then.history {
            changes.push(StoredChange::History(now.history));
        }
        let banned = now.banned.iter().filter(|account| !then.banned.contains(account));
        changes.extend(banned.map(|account| StoredChange::Banned(*account)));
        let unbanned = then.banned.iter().filter(|account| !now.banned.contains(account));
        changes.extend(unbanned.map(|account| StoredChange::Unbanned(*account)));
    }
}
