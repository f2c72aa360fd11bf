//! A device that could not accept a Commit is offered what the group has become: whom it follows, and whom not.

use crate::groups::{group, rules};
use crate::raw::{self, Raw, extensions};
use crate::world::Client;
use openmls::prelude::{Extensions, GroupContext, LeafNodeIndex};
use sotto_crypto_core::NotAllowed;
use sotto_protocol::chat_rules::{Inviters, JoinPolicy, Role, RuleViolation};
use sotto_protocol::{ChatRules, GroupRules, Suite};

const SUITE: Suite = Suite::X25519;
const BY_ADMINS: JoinPolicy = JoinPolicy::Invite { by: Inviters::Admins };

/// Alice's group, with Bob, and with Mallory, who is malicious.
fn scene() -> (Client, Client, Raw) {
    let [mut alice, mut bob, mut mallory] = ["alice", "bob", "mallory"].map(Client::new);
    let mut malicious = Raw::of(&mut mallory);
    group(SUITE, BY_ADMINS, &mut alice, &mut [&mut bob]);
    let invited = mallory.verified(&raw::bytes(&malicious.key_package(SUITE)), SUITE);
    let (chat, rng, device) = alice.parts();
    let joining = chat.add(rng, device, &[invited]).unwrap();
    alice.confirms();
    bob.receives_commit(&joining.commit);
    malicious.joins(joining.welcome.as_ref().unwrap());
    (alice, bob, malicious)
}

fn context(rules: &GroupRules) -> Extensions<GroupContext> {
    extensions(ChatRules::Group(rules.clone()).encode().unwrap(), vec![])
}

/// What Bob says of a group that he is to follow.
fn judged(bob: &mut Client, group_info: &[u8]) -> Result<(), NotAllowed> {
    let joined = bob.tries_to_join_externally(group_info).unwrap();
    bob.chat().check_successor(&joined, &[])
}

#[test]
fn what_the_owner_has_made_of_a_group_is_followed() {
    let (mut alice, mut bob, _) = scene();
    let carol = Client::new("carol");
    let appointed = bob.party();
    let change = alice.changes_rules(|rules| rules.appoint(appointed, Role::Admin));
    alice.confirms();
    assert_eq!(judged(&mut bob, &change.group_info), Ok(()));
    // Also when it was done in several steps.
    let banned = carol.account();
    let change = alice.changes_rules(|rules| rules.ban(banned));
    alice.confirms();
    assert_eq!(judged(&mut bob, &change.group_info), Ok(()));
}

#[test]
fn a_member_who_makes_herself_the_owner_is_not_followed() {
    let (mut alice, mut bob, mut malicious) = scene();
    let mallory = Client::new("mallory").party();
    let mut after = rules(&mut alice);
    after.appoint(mallory, Role::Owner);
    let changed = context(&after);
    let group_info = malicious.leads(|commit| commit.propose_group_context_extensions(changed).unwrap());
    let violation = RuleViolation::RulesChanged;
    assert_eq!(judged(&mut bob, &group_info), Err(violation.into()));
}

#[test]
fn a_member_who_throws_another_out_is_not_followed() {
    let (mut alice, mut bob, mut malicious) = scene();
    let account = alice.account();
    let mut after = rules(&mut alice);
    after.note_removal([account]);
    let changed = context(&after);
    let group_info = malicious.leads(|commit| {
        commit
            .propose_removals([LeafNodeIndex::new(0)])
            .propose_group_context_extensions(changed)
            .unwrap()
    });
    let violation = RuleViolation::RemovesOthers { account };
    assert_eq!(judged(&mut bob, &group_info), Err(violation.into()));
}

#[test]
fn a_member_who_has_only_renewed_her_keys_is_followed() {
    let (_, mut bob, mut malicious) = scene();
    let group_info = malicious.leads(|commit| commit.force_self_update(true));
    assert_eq!(judged(&mut bob, &group_info), Ok(()));
}
