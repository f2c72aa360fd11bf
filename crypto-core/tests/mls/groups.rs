//! Groups: who comes in, who goes, who may what, as its members live it.

use crate::world::{Client, alice_and_bob};
use sotto_crypto_core::chat::PendingCommit;
use sotto_crypto_core::{
    ChatError, GroupSigningKey, InvitedDevice, JoinError, NotAllowed, verify_group_profile,
};
use sotto_protocol::chat_rules::{Approvers, Inviters, JoinPolicy, Member, Role, RuleViolation};
use sotto_protocol::{
    Approval, ChatRules, Departure, GroupProfile, GroupRules, Retention, SignedGroupProfile, Suite,
};

const SUITE: Suite = Suite::X25519;
const BY_ADMINS: JoinPolicy = JoinPolicy::Invite { by: Inviters::Admins };
const BY_TWO: JoinPolicy = JoinPolicy::Approval {
    by: Approvers::Members(2),
};

/// A founder's group with these members.
pub fn group(
    suite: Suite,
    join_policy: JoinPolicy,
    founder: &mut Client,
    others: &mut [&mut Client],
) -> Vec<u8> {
    let key = GroupSigningKey::generate(&mut founder.rng).public_key();
    let rules = ChatRules::Group(GroupRules::new(key, founder.party(), join_policy));
    let invited: Vec<_> = others.iter_mut().map(|other| other.invitation(suite)).collect();
    let (welcome, group_info) = founder.creates(suite, rules, &invited);
    for other in others {
        other.joins(welcome.as_ref().unwrap());
    }
    group_info
}

pub fn rules(client: &mut Client) -> GroupRules {
    client.chat().rules().as_group().unwrap().clone()
}

fn role(of: &Client, seen_by: &mut Client) -> Role {
    rules(seen_by).role_of(&Member::from(of.device.credential()))
}

impl Client {
    pub fn changes_rules(&mut self, change: impl FnOnce(&mut GroupRules)) -> PendingCommit {
        let mut rules = rules(self);
        change(&mut rules);
        let (chat, rng, device) = self.parts();
        let pending = chat.change_rules(rng, device, rules).unwrap();
        self.flushes();
        pending
    }

    pub fn approves(&mut self, newcomer: &InvitedDevice) -> Approval {
        let (chat, _, device) = self.parts();
        chat.approve(device, newcomer).unwrap()
    }

    pub fn departs(&mut self) -> Departure {
        let (chat, _, device) = self.parts();
        chat.depart(device).unwrap()
    }

    fn removes_account(&mut self, other: &Self, bans: bool) -> Result<PendingCommit, ChatError> {
        let (chat, rng, device) = self.parts();
        let pending = chat.remove_accounts(rng, device, &[other.account()], bans);
        self.flushes();
        pending
    }
}

/// The Commit is accepted: everyone moves on.
pub fn all_take(pending: &PendingCommit, committer: &mut Client, others: &mut [&mut Client]) {
    committer.confirms();
    for other in others.iter_mut() {
        other.receives_commit(&pending.commit);
        assert_eq!(other.chat().epoch(), committer.chat().epoch());
        assert_eq!(other.chat().rules(), committer.chat().rules());
        assert_eq!(other.chat().members(), committer.chat().members());
    }
    let sent = committer.sends("after the Commit");
    for other in others.iter_mut() {
        sent.to(other);
    }
}

fn people<const N: usize>(names: [&'static str; N]) -> [Client; N] {
    names.map(Client::new)
}

#[test]
fn a_founder_owns_the_group_and_those_invited_are_members() {
    for suite in Suite::ALL {
        let [mut alice, mut bob, mut carol] = people(["alice", "bob", "carol"]);
        group(suite, BY_ADMINS, &mut alice, &mut [&mut bob, &mut carol]);
        assert_eq!(role(&alice, &mut carol), Role::Owner);
        assert_eq!(role(&bob, &mut carol), Role::Member);
        let sent = bob.sends("hello, both");
        sent.to(&mut alice);
        sent.to(&mut carol);
        carol.restarts();
        assert_eq!(carol.chat().rules(), bob.chat().rules());
    }
}

#[test]
fn a_group_and_notes_begin_with_one_device_alone() {
    let mut alice = Client::new("alice");
    group(SUITE, JoinPolicy::Open, &mut alice, &mut []);
    assert_eq!(alice.chat().epoch().0, 1);
    let (welcome, group_info) = alice.creates(SUITE, ChatRules::Notes(alice.party()), &[]);
    assert!(welcome.is_none());
    let mut tablet = Client::device_of("alice", 2);
    let (commit, _) = tablet.joins_externally(&group_info);
    tablet.confirms();
    alice.receives_commit(&commit);
    alice.sends("milk, eggs").to(&mut tablet);
    let mut bob = Client::new("bob");
    assert!(matches!(
        bob.tries_to_join_externally(&group_info),
        Err(JoinError::NotAParty)
    ));
}

#[test]
fn an_admin_adds_and_a_member_cannot() {
    let [mut alice, mut bob, mut carol] = people(["alice", "bob", "carol"]);
    group(SUITE, BY_ADMINS, &mut alice, &mut [&mut bob]);
    let invited = [carol.invitation(SUITE)];
    let (chat, rng, device) = bob.parts();
    assert!(matches!(
        chat.add(rng, device, &invited),
        Err(ChatError::NotAllowed(NotAllowed::Rule(RuleViolation::NotInvited { account }))) if account == carol.account()
    ));
    let pending = alice.changes_rules(|rules| rules.appoint(bob.party(), Role::Admin));
    all_take(&pending, &mut alice, &mut [&mut bob]);
    let pending = bob.adds(&invited);
    carol.joins(pending.welcome.as_ref().unwrap());
    all_take(&pending, &mut bob, &mut [&mut alice]);
    alice.sends("welcome, Carol").to(&mut carol);
}

#[test]
fn a_newcomer_comes_in_by_two_approvals_and_not_by_one() {
    let [mut alice, mut bob, mut carol, mut dave] = people(["alice", "bob", "carol", "dave"]);
    group(SUITE, BY_TWO, &mut alice, &mut [&mut bob, &mut carol]);
    let request = dave.key_package(SUITE);
    let newcomer = dave.verified(&request, SUITE);
    let (chat, rng, device) = alice.parts();
    assert!(matches!(
        chat.add(rng, device, std::slice::from_ref(&newcomer)),
        Err(ChatError::NotAllowed(NotAllowed::Rule(
            RuleViolation::NotApproved { .. }
        )))
    ));
    let approval = bob.approves(&newcomer);
    alice.chat().verify_approval(&approval).unwrap();
    // It outlives Commits that remove nobody.
    let update = carol.updates_itself();
    all_take(&update, &mut carol, &mut [&mut alice, &mut bob]);
    let (chat, rng, device) = alice.parts();
    let pending = chat.admit(rng, device, &[newcomer], vec![approval]).unwrap();
    dave.joins(pending.welcome.as_ref().unwrap());
    all_take(&pending, &mut alice, &mut [&mut bob, &mut carol]);
    carol.sends("welcome, Dave").to(&mut dave);
}

#[test]
fn an_approval_counts_no_more_after_somebody_was_removed() {
    let [mut alice, mut bob, mut carol, mut dave] = people(["alice", "bob", "carol", "dave"]);
    group(SUITE, BY_TWO, &mut alice, &mut [&mut bob, &mut carol]);
    let newcomer = dave.invitation(SUITE);
    let approval = bob.approves(&newcomer);
    let removal = alice.removes_account(&carol, false).unwrap();
    all_take(&removal, &mut alice, &mut [&mut bob]);
    assert!(alice.chat().verify_approval(&approval).is_err());
    let (chat, rng, device) = alice.parts();
    assert!(matches!(
        chat.admit(rng, device, &[newcomer], vec![approval]),
        Err(ChatError::NotAllowed(NotAllowed::Statement { by })) if by == bob.address()
    ));
}

#[test]
fn anyone_joins_an_open_group_alone() {
    let [mut alice, mut bob, mut carol] = people(["alice", "bob", "carol"]);
    let group_info = group(SUITE, JoinPolicy::Open, &mut alice, &mut [&mut bob]);
    let (commit, _) = carol.joins_externally(&group_info);
    carol.confirms();
    for member in [&mut alice, &mut bob] {
        let committed = member.receives_commit(&commit);
        assert_eq!(committed.added, [carol.device.credential().clone()]);
    }
    carol.sends("hello").to(&mut alice);
}

#[test]
fn a_members_new_device_joins_alone_whatever_the_policy() {
    for policy in [BY_ADMINS, BY_TWO, JoinPolicy::Open] {
        let [mut alice, mut bob] = people(["alice", "bob"]);
        let group_info = group(SUITE, policy, &mut alice, &mut [&mut bob]);
        let mut tablet = Client::device_of("bob", 2);
        let (commit, _) = tablet.joins_externally(&group_info);
        tablet.confirms();
        alice.receives_commit(&commit);
        bob.receives_commit(&commit);
        alice.sends("hello to both of you").to(&mut tablet);
    }
}

#[test]
fn a_device_that_lost_its_state_takes_its_own_place_again() {
    let [mut alice, mut bob] = people(["alice", "bob"]);
    let group_info = group(SUITE, BY_ADMINS, &mut alice, &mut [&mut bob]);
    let (commit, _) = bob.joins_externally(&group_info);
    bob.confirms();
    let committed = alice.receives_commit(&commit);
    assert_eq!(committed.removed, [bob.device.credential().clone()]);
    assert_eq!(alice.chat().members().len(), 2);
    alice.sends("there you are").to(&mut bob);
}

#[test]
fn whoever_is_removed_reads_nothing_more_and_whoever_is_banned_does_not_come_back() {
    let [mut alice, mut bob, mut carol] = people(["alice", "bob", "carol"]);
    group(SUITE, JoinPolicy::Open, &mut alice, &mut [&mut bob, &mut carol]);
    let removal = alice.removes_account(&carol, true).unwrap();
    carol.receives_commit(&removal.commit);
    assert!(!carol.chat().is_member());
    all_take(&removal, &mut alice, &mut [&mut bob]);
    assert!(carol.receives(&bob.encrypts("without Carol")).is_err());
    assert!(matches!(
        carol.tries_to_join_externally(&removal.group_info),
        Err(JoinError::NotAllowed(NotAllowed::Rule(RuleViolation::Banned { account }))) if account == carol.account()
    ));
}

#[test]
fn a_member_removes_nobody() {
    let [mut alice, mut bob, mut carol] = people(["alice", "bob", "carol"]);
    group(SUITE, JoinPolicy::Open, &mut alice, &mut [&mut bob, &mut carol]);
    for other in [&carol, &alice] {
        assert!(matches!(
            bob.removes_account(other, false),
            Err(ChatError::NotAllowed(NotAllowed::Rule(RuleViolation::RemovesOthers { account }))) if account == other.account()
        ));
    }
}

#[test]
fn who_leaves_says_so_and_another_member_commits_it() {
    let [mut alice, mut bob, mut carol] = people(["alice", "bob", "carol"]);
    let group_info = group(SUITE, BY_ADMINS, &mut alice, &mut [&mut bob, &mut carol]);
    // With a second device, which goes along.
    let mut tablet = Client::device_of("alice", 2);
    let (commit, _) = tablet.joins_externally(&group_info);
    tablet.confirms();
    for member in [&mut alice, &mut bob, &mut carol] {
        member.receives_commit(&commit);
    }
    let departure = alice.departs();
    bob.chat().verify_departure(&departure).unwrap();
    // Commits in between do not matter.
    let update = carol.updates_itself();
    all_take(&update, &mut carol, &mut [&mut alice, &mut tablet, &mut bob]);
    let (chat, rng, device) = bob.parts();
    let pending = chat.let_go(rng, device, vec![departure]).unwrap();
    assert_eq!(pending.removed.len(), 2);
    alice.receives_commit(&pending.commit);
    tablet.receives_commit(&pending.commit);
    all_take(&pending, &mut bob, &mut [&mut carol]);
    assert!(!alice.chat().is_member() && !tablet.chat().is_member());
    // The owner is gone: the first to take the group over has it.
    let pending = carol.changes_rules(|rules| rules.appoint(carol_party(), Role::Owner));
    all_take(&pending, &mut carol, &mut [&mut bob]);
    assert_eq!(role(&carol, &mut bob), Role::Owner);
}

fn carol_party() -> sotto_protocol::chat_rules::Party {
    Client::new("carol").party()
}

#[test]
fn a_departure_is_of_one_membership_and_not_of_a_later_one() {
    let [mut alice, mut bob] = people(["alice", "bob"]);
    group(SUITE, BY_ADMINS, &mut alice, &mut [&mut bob]);
    let departure = bob.departs();
    let (chat, rng, device) = alice.parts();
    let pending = chat.let_go(rng, device, vec![departure]).unwrap();
    all_take(&pending, &mut alice, &mut []);
    let invited = [bob.invitation(SUITE)];
    let again = alice.adds(&invited);
    bob.joins(again.welcome.as_ref().unwrap());
    all_take(&again, &mut alice, &mut []);
    let (chat, rng, device) = alice.parts();
    assert!(matches!(
        chat.let_go(rng, device, vec![departure]),
        Err(ChatError::NotAllowed(NotAllowed::Statement { by })) if by == bob.address()
    ));
}

#[test]
fn settings_and_offices_change_by_commits_that_everyone_sees() {
    let [mut alice, mut bob, mut carol] = people(["alice", "bob", "carol"]);
    group(SUITE, BY_ADMINS, &mut alice, &mut [&mut bob, &mut carol]);
    let before = alice.chat().rules().clone();
    let pending = alice.changes_rules(|rules| {
        rules.retention = Retention::For { seconds: 3600 };
        rules.is_listed = true;
        rules.join_policy = BY_TWO;
    });
    alice.confirms();
    let committed = bob.receives_commit(&pending.commit);
    assert_eq!(committed.rules_before, Some(before));
    carol.receives_commit(&pending.commit);
    assert_eq!(rules(&mut carol).join_policy, BY_TWO);
    let hands_on = alice.changes_rules(|rules| rules.appoint(bob.party(), Role::Owner));
    all_take(&hands_on, &mut alice, &mut [&mut bob, &mut carol]);
    assert_eq!(role(&alice, &mut carol), Role::Admin);
    assert_eq!(role(&bob, &mut carol), Role::Owner);
    // What a restart finds.
    carol.restarts();
    assert_eq!(role(&bob, &mut carol), Role::Owner);
}

#[test]
fn a_discarded_change_of_the_rules_leaves_them_as_they_were() {
    let [mut alice, mut bob] = people(["alice", "bob"]);
    group(SUITE, BY_ADMINS, &mut alice, &mut [&mut bob]);
    let before = rules(&mut alice);
    alice.changes_rules(|rules| rules.is_listed = true);
    assert_eq!(rules(&mut alice), before);
    alice.chat().discard_commit().unwrap();
    assert_eq!(rules(&mut alice), before);
    alice.sends("as before").to(&mut bob);
}

#[test]
fn a_direct_chat_has_neither_approvals_nor_departures_nor_roles() {
    let (mut alice, bob) = alice_and_bob(SUITE);
    let (chat, rng, device) = alice.parts();
    assert!(matches!(chat.depart(device), Err(ChatError::NoGroup)));
    assert!(matches!(
        chat.remove_accounts(rng, device, &[bob.account()], false),
        Err(ChatError::NoGroup)
    ));
}

#[test]
fn a_profile_counts_if_the_groups_key_signed_it_and_it_follows_the_known_one() {
    let mut alice = Client::new("alice");
    let key = GroupSigningKey::generate(&mut alice.rng);
    let group = crate::world::CHAT;
    let profile = GroupProfile {
        group,
        revision: 3,
        title: "Gardeners".to_owned(),
        description: String::new(),
        picture: None,
    };
    let signed = key.sign_profile(&profile);
    let verify =
        |signed: &SignedGroupProfile, known| verify_group_profile(signed, group, key.public_key(), known);
    assert_eq!(verify(&signed, Some(2)), Ok(profile.clone()));
    assert!(verify(&signed, Some(3)).is_err());
    let other = GroupSigningKey::generate(&mut alice.rng);
    assert!(verify(&other.sign_profile(&profile), None).is_err());
    let of_another = GroupProfile {
        group: sotto_protocol::ChatId::from_bytes([9; 16]),
        ..profile
    };
    assert!(verify(&key.sign_profile(&of_another), None).is_err());
    let mut altered = signed;
    altered.profile = b"Gardeners".to_vec().into();
    assert!(verify(&altered, None).is_err());
    // The record holds the key alone, and is taken for no other group's.
    let record = key.encode();
    assert!(GroupSigningKey::decode(record.expose(), key.public_key()).is_some());
    assert!(GroupSigningKey::decode(record.expose(), other.public_key()).is_none());
}
