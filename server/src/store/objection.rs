//! Commits that members cannot accept, and when one is taken back.
//!
//! The server cannot read a Commit, so it may take one that the chat's rules forbid, or that nobody can process. Who finds
//! that out stays where it is and objects; this decides whether enough do. Everything here is pure: the stores gather what it
//! needs and carry it out.

use super::StoreError;
use serde::{Deserialize, Serialize};
use sotto_protocol::chat_rules::{Member, Role};
use sotto_protocol::frame::Reversal;
use sotto_protocol::{
    AccountId, ChatId, ChatRules, DeviceAddress, Epoch, InvitationKey, MessageId, Seq, Timestamp, limits,
};
use std::collections::BTreeSet;

/// How long a Commit stands, unless all object who could: those who accept it are to be heard too, and cursors are written with
/// a delay.
pub(crate) const HEARING_MILLIS: u64 = 3_000;

/// A device cannot accept a Commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The chat.
    pub chat: ChatId,
    /// The device.
    pub from: DeviceAddress,
    /// The Commit's position.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
}

/// What became of a Commit to which a device objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objected {
    /// It stands. The objection is kept.
    Noted,
    /// It is taken back now.
    TakenBack(Box<TakenBack>),
    /// It was taken back before.
    WasTakenBack,
    /// It cannot be taken back: there is no Commit at this position, the device's own account made it, or what it changed is
    /// not known any more.
    Final,
}

/// A Commit that was taken back, as the log says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The position of the entry that says so.
    pub seq: Seq,
    /// What it says.
    pub reversal: Reversal,
    /// Who made the Commit.
    pub from: DeviceAddress,
    /// The Commit's id.
    pub message: MessageId,
    /// The devices that are in the chat again or still.
    pub members: Vec<DeviceAddress>,
    /// The devices that are not in it any more.
    pub removed: Vec<DeviceAddress>,
}

/// What a Commit changed, kept so that it can be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CommitChange {
    /// The rules before it, encoded, if it changed them.
    pub(super) rules: Option<Vec<u8>>,
    /// The devices that it added, by their keys in the database.
    pub(super) added: Vec<i64>,
    /// The leaves that it removed.
    pub(super) removed: Vec<RemovedLeaf>,
    /// Accounts that became parties.
    pub(super) newcomers: Vec<AccountId>,
    /// Accounts that were parties until then.
    pub(super) gone: Vec<AccountId>,
    /// The invitation that its sender's account has used by it, and not before.
    pub(super) used: Option<InvitationKey>,
}

/// A leaf that a Commit removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RemovedLeaf {
    /// The device's key in the database.
    pub(super) device: i64,
    /// Its cursor.
    pub(super) acknowledged: i64,
    /// Whether it was in the chat, or only its leaf waited to be removed.
    pub(super) active: bool,
}

impl CommitChange {
    pub(super) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        postcard::to_stdvec(self).map_err(|_| UNREADABLE)
    }

    /// Also what was kept before the invitation was kept with it: then the last field is missing.
    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        postcard::from_bytes(bytes)
            .or_else(|_| postcard::from_bytes(&[bytes, &NO_INVITATION].concat()))
            .map_err(|_| UNREADABLE)
    }
}

/// The postcard of `None`.
const NO_INVITATION: [u8; 1] = [0];
const UNREADABLE: StoreError = StoreError::Unreadable { what: "change" };

/// One of a chat's last Commits, as a store keeps it.
#[derive(Clone, Debug)]
pub(super) struct KeptCommit {
    /// The epoch that it began.
    pub(super) epoch: Epoch,
    pub(super) seq: Seq,
    pub(super) from: DeviceAddress,
    pub(super) at: Timestamp,
    pub(super) change: CommitChange,
}

impl KeptCommit {
    pub(super) fn new(
        epoch: Epoch,
        seq: Seq,
        from: DeviceAddress,
        at: Timestamp,
        change: &[u8],
    ) -> Result<Self, StoreError> {
        Ok(Self {
            epoch,
            seq,
            from,
            at,
            change: CommitChange::decode(change)?,
        })
    }
}

/// The Commits from the one in question on, if they are all known. `kept` are those of the chat from its position on, the last one
/// first; `epoch` is the chat's.
pub(super) fn commits_since(kept: Vec<KeptCommit>, seq: Seq, epoch: Epoch) -> Option<Vec<KeptCommit>> {
    let epochs = (0..=epoch.0).rev().map(Epoch);
    let is_whole = kept
        .iter()
        .zip(epochs)
        .all(|(commit, epoch)| commit.epoch == epoch);
    let begins_there = kept.last().is_some_and(|first| first.seq == seq);
    (is_whole && begins_there).then_some(kept)
}

/// The rules before the first of these Commits, encoded, if one of them has changed them.
pub(super) fn rules_before(commits: &[KeptCommit]) -> Option<&[u8]> {
    commits
        .iter()
        .rev()
        .find_map(|commit| commit.change.rules.as_deref())
}

/// What a decision rests on.
#[derive(Debug)]
pub(super) struct Hearing<'a> {
    /// The Commit in question, and those after it, the last one first.
    pub(super) commits: &'a [KeptCommit],
    /// The rules before it.
    pub(super) rules: &'a ChatRules,
    /// The devices that are in the chat, and their cursors.
    pub(super) members: &'a [(DeviceAddress, Seq)],
    /// The accounts that object.
    pub(super) objecting: &'a BTreeSet<AccountId>,
    /// Now.
    pub(super) at: Timestamp,
}

impl Hearing<'_> {
    /// Whether the Commit is to be taken back. Accounts count, not devices: those that were in the chat before it and are in it still,
    /// without the committer's. So nobody objects to being removed, and nobody brings friends along to outnumber the others.
    ///
    /// - In a chat that is no group the other account's objection suffices.
    /// - Otherwise more accounts have to object than accept. The committer's accepts, and so does one that made a later Commit, or of
    ///   which a device has acknowledged this one. With as many on both sides, the owner's objection decides.
    /// - If some of those who are heard hold an office, by the rules before the Commit, one of them has to object; if none does, more
    ///   than half of all.
    pub(super) fn takes_back(&self) -> bool {
        let Some(commit) = self.commits.last() else {
            return false;
        };
        let newcomers: BTreeSet<AccountId> = self
            .commits
            .iter()
            .flat_map(|commit| commit.change.newcomers.iter().copied())
            .collect();
        let heard: BTreeSet<AccountId> = self
            .members
            .iter()
            .map(|(member, _)| member.account)
            .filter(|account| *account != commit.from.account && !newcomers.contains(account))
            .collect();
        let objecting: BTreeSet<AccountId> = heard.intersection(self.objecting).copied().collect();
        if objecting.is_empty() {
            return false;
        }
        let Some(rules) = self.rules.as_group() else {
            return true;
        };
        if objecting != heard && self.at < commit.at.plus_millis(HEARING_MILLIS) {
            return false;
        }
        let built_on_it: BTreeSet<AccountId> =
            self.commits.iter().map(|commit| commit.from.account).collect();
        let has_passed = |account: &AccountId| {
            self.members
                .iter()
                .any(|(member, acknowledged)| member.account == *account && *acknowledged >= commit.seq)
        };
        let accepting = heard
            .iter()
            .filter(|account| !objecting.contains(account))
            .filter(|account| built_on_it.contains(account) || has_passed(account))
            .count()
            + 1;
        let role_of = |account: &AccountId| {
            let members = self.members.iter().map(|(member, _)| *member);
            let mut of_account = members.filter(|member| member.account == *account);
            of_account
                .next()
                .map_or(Role::Member, |member| rules.role_of(&Member::from(member)))
        };
        let holds_office = |account: &AccountId| role_of(account) >= Role::Admin;
        if heard.iter().any(holds_office) {
            let owner_objects = objecting.iter().any(|account| role_of(account) == Role::Owner);
            objecting.iter().any(holds_office)
                && (objecting.len() > accepting || objecting.len() == accepting && owner_objects)
        } else {
            objecting.len() * 2 > heard.len()
        }
    }
}

/// Accounts of whose Commits to a chat some were taken back, and how often.
#[derive(Clone, Debug, Default)]
pub(super) struct Refused(Vec<(AccountId, u8)>);

impl Refused {
    pub(super) fn add(&mut self, account: AccountId, times: u8) {
        self.0.push((account, times));
    }

    /// Whether the account commits nothing more of this kind.
    pub(super) fn forbids(&self, account: AccountId, is_external: bool) -> bool {
        let mut own = self.0.iter().filter(|(refused, _)| *refused == account);
        own.any(|(_, times)| !is_external || *times > limits::REFUSED_JOINS)
    }

    /// The account was removed or added by another.
    pub(super) fn forget(&mut self, accounts: &[AccountId]) {
        self.0.retain(|(account, _)| !accounts.contains(account));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes of memory beside the value itself.
    pub(super) fn weight(&self) -> usize {
        self.0.capacity() * size_of::<(AccountId, u8)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::fixture::{ALICE, BOB, EVE, NOW, Person, direct, group_rules};
    use sotto_protocol::chat_rules::Role;

    const DAN: Person = Person(4);
    const FAY: Person = Person(5);
    const COMMIT: Seq = Seq(7);

    fn commit(from: Person, number: u64) -> KeptCommit {
        KeptCommit {
            epoch: Epoch(3 + number),
            seq: Seq(COMMIT.0 + number),
            from: from.device(1),
            at: NOW,
            change: CommitChange::default(),
        }
    }

    /// A case in words.
    struct Case {
        rules: ChatRules,
        commits: Vec<KeptCommit>,
        members: Vec<Person>,
        accepting: Vec<Person>,
        objecting: Vec<Person>,
        millis: u64,
    }

    impl Case {
        /// In a group that Alice owns.
        fn group(by: Person, members: &[Person]) -> Self {
            Self {
                rules: ChatRules::Group(group_rules(ALICE)),
                commits: vec![commit(by, 0)],
                members: members.to_vec(),
                accepting: Vec::new(),
                objecting: Vec::new(),
                millis: HEARING_MILLIS,
            }
        }

        fn with_admin(mut self, admin: Person) -> Self {
            let mut rules = self.rules.as_group().unwrap().clone();
            rules.appoint(admin.party(), Role::Admin);
            self.rules = ChatRules::Group(rules);
            self
        }

        fn then(mut self, by: Person) -> Self {
            let number = self.commits.len() as u64;
            self.commits.insert(0, commit(by, number));
            self
        }

        fn accepted_by(mut self, people: &[Person]) -> Self {
            self.accepting = people.to_vec();
            self
        }

        fn at_once(mut self) -> Self {
            self.millis = 0;
            self
        }

        fn is_taken_back_if(&self, objecting: &[Person]) -> bool {
            let members: Vec<(DeviceAddress, Seq)> = self
                .members
                .iter()
                .map(|person| {
                    let passed = self.accepting.contains(person);
                    (person.device(1), if passed { COMMIT } else { Seq(COMMIT.0 - 1) })
                })
                .collect();
            let objecting = self.objecting.iter().chain(objecting);
            let objecting = objecting.map(|person| person.account()).collect();
            Hearing {
                commits: &self.commits,
                rules: &self.rules,
                members: &members,
                objecting: &objecting,
                at: NOW.plus_millis(self.millis),
            }
            .takes_back()
        }
    }

    #[test]
    fn of_two_the_other_one_suffices_at_once() {
        let mut case = Case::group(ALICE, &[ALICE, BOB]).at_once();
        case.rules = direct(ALICE, BOB);
        assert!(case.is_taken_back_if(&[BOB]));
        assert!(!case.is_taken_back_if(&[ALICE]));
        assert!(!case.is_taken_back_if(&[EVE]));
        assert!(!case.is_taken_back_if(&[]));
    }

    #[test]
    fn when_all_object_who_could_nobody_is_waited_for() {
        let case = Case::group(EVE, &[ALICE, BOB, EVE]).at_once();
        assert!(case.is_taken_back_if(&[ALICE, BOB]));
        assert!(!case.is_taken_back_if(&[ALICE]));
    }

    #[test]
    fn the_owner_suffices_when_nobody_else_has_accepted() {
        let case = Case::group(EVE, &[ALICE, BOB, EVE, DAN]);
        assert!(case.is_taken_back_if(&[ALICE]));
        assert!(!case.is_taken_back_if(&[BOB]), "no office");
        assert!(!case.is_taken_back_if(&[BOB, DAN]), "the owner has not objected");
        assert!(!case.accepted_by(&[BOB]).is_taken_back_if(&[ALICE]));
    }

    #[test]
    fn more_have_to_object_than_accept_and_one_of_them_holds_an_office() {
        let case = Case::group(ALICE, &[ALICE, BOB, EVE, DAN, FAY]).with_admin(BOB);
        assert!(!case.is_taken_back_if(&[BOB]), "one against one");
        assert!(case.is_taken_back_if(&[BOB, EVE]));
        assert!(!case.is_taken_back_if(&[EVE, DAN, FAY]));
        let accepted = case.accepted_by(&[DAN]);
        assert!(!accepted.is_taken_back_if(&[BOB, EVE]));
        assert!(accepted.is_taken_back_if(&[BOB, EVE, FAY]));
        assert!(
            accepted.is_taken_back_if(&[BOB, EVE, DAN]),
            "an account may change its mind"
        );
    }

    #[test]
    fn without_another_office_more_than_half_have_to_object() {
        let case = Case::group(ALICE, &[ALICE, BOB, EVE, DAN, FAY]);
        assert!(!case.is_taken_back_if(&[BOB, EVE]));
        assert!(case.is_taken_back_if(&[BOB, EVE, DAN]));
        let of_two = Case::group(ALICE, &[ALICE, BOB]);
        assert!(of_two.is_taken_back_if(&[BOB]));
    }

    #[test]
    fn who_has_built_on_a_commit_has_accepted_it() {
        let case = Case::group(EVE, &[ALICE, BOB, EVE, DAN]);
        assert!(case.then(EVE).is_taken_back_if(&[ALICE]));
        let case = Case::group(EVE, &[ALICE, BOB, EVE, DAN]).then(DAN);
        assert!(!case.is_taken_back_if(&[ALICE]));
        assert!(case.is_taken_back_if(&[ALICE, BOB]));
    }

    #[test]
    fn whoever_came_in_by_the_commit_has_no_say() {
        let mut case = Case::group(EVE, &[ALICE, BOB, EVE, DAN, FAY]).accepted_by(&[DAN, FAY]);
        assert!(!case.is_taken_back_if(&[ALICE, BOB]));
        case.commits[0].change.newcomers = vec![DAN.account(), FAY.account()];
        assert!(case.is_taken_back_if(&[ALICE, BOB]));
    }

    #[test]
    fn only_an_unbroken_row_of_commits_is_taken_back() {
        let row = |epochs: &[u64]| -> Vec<KeptCommit> {
            epochs.iter().map(|number| commit(EVE, *number)).collect()
        };
        let is_known = |epochs: &[u64]| commits_since(row(epochs), COMMIT, Epoch(5)).is_some();
        assert!(is_known(&[2, 1, 0]));
        assert!(!is_known(&[2, 1]), "not from there");
        assert!(!is_known(&[2, 0]), "one is missing");
        assert!(!is_known(&[1, 0]), "the last is missing");
        assert!(!is_known(&[]));
    }

    #[test]
    fn the_rules_are_those_before_the_first_commit() {
        let mut commits = vec![commit(EVE, 2), commit(EVE, 1), commit(EVE, 0)];
        assert_eq!(rules_before(&commits), None);
        commits[0].change.rules = Some(vec![2]);
        assert_eq!(rules_before(&commits), Some(&[2][..]));
        commits[1].change.rules = Some(vec![1]);
        assert_eq!(rules_before(&commits), Some(&[1][..]));
    }

    #[test]
    fn a_change_that_was_kept_before_invitations_were_is_read() {
        let change = CommitChange {
            added: vec![3],
            gone: vec![EVE.account()],
            ..CommitChange::default()
        };
        let mut encoded = change.encode().unwrap();
        assert_eq!(CommitChange::decode(&encoded).unwrap(), change);
        assert_eq!(encoded.pop(), Some(0));
        assert_eq!(CommitChange::decode(&encoded).unwrap(), change);
        let used = CommitChange {
            used: Some(InvitationKey::from_bytes([7; 32])),
            ..change
        };
        assert_eq!(CommitChange::decode(&used.encode().unwrap()).unwrap(), used);
    }

    #[test]
    fn an_account_whose_commit_was_taken_back_comes_back_alone_a_few_times() {
        let mut refused = Refused::default();
        refused.add(EVE.account(), 1);
        assert!(refused.forbids(EVE.account(), false));
        assert!(!refused.forbids(EVE.account(), true));
        assert!(!refused.forbids(BOB.account(), false));
        refused.forget(&[EVE.account()]);
        assert!(!refused.forbids(EVE.account(), false));
        refused.add(EVE.account(), limits::REFUSED_JOINS + 1);
        assert!(refused.forbids(EVE.account(), true));
    }
}
