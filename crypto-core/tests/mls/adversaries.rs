//! What malicious members, joiners and inviters try, and that it changes nothing.

use crate::raw::{self, Raw, Seed, extensions, parties, show};
use crate::world::{Client, account_of, alice_and_bob};
use openmls::prelude::{Extension, Extensions};
use sotto_crypto_core::content::ContentError;
use sotto_crypto_core::device::CredentialError;
use sotto_crypto_core::{JoinError, NotAllowed, ReceiveError, Received};
use sotto_protocol::chat_rules::{DirectRules, Party, RuleViolation};
use sotto_protocol::{Commitment, Epoch, Suite};

const SUITE: Suite = Suite::X25519;

/// Alice with two devices and Bob, who is malicious.
struct Scene {
    alice: Client,
    tablet: Client,
    bob: Client,
    malicious: Raw,
}

fn scene() -> Scene {
    let mut alice = Client::new("alice");
    let mut tablet = Client::device_of("alice", 2);
    let mut bob = Client::new("bob");
    alice.knows(&bob);
    let mut malicious = Raw::of(&mut bob);
    let invited = bob.verified(&raw::bytes(&malicious.key_package(SUITE)), SUITE);
    let invited_tablet = tablet.invitation(SUITE);
    let (welcome, _) = alice.creates_chat(SUITE, bob.party(), &[invited, invited_tablet]);
    tablet.joins(&welcome);
    malicious.joins(&welcome);
    Scene {
        alice,
        tablet,
        bob,
        malicious,
    }
}

impl Scene {
    /// Every honest device refuses it for the same reason, and goes on as if it had never come.
    #[track_caller]
    fn all_refuse(mut self, payload: &[u8], reason: NotAllowed) {
        for client in [&mut self.alice, &mut self.tablet] {
            let disk = client.disk.clone();
            for _again in 0..2 {
                match client.receives(payload) {
                    Err(ReceiveError::NotAllowed(refused)) => assert_eq!(refused, reason),
                    Err(error) => panic!("{error:?}"),
                    Ok(_) => panic!("taken"),
                }
            }
            assert!(disk == client.disk);
            assert_eq!(client.chat().epoch(), Epoch(1));
        }
        let sent = self.alice.sends("business as usual");
        sent.to(&mut self.tablet);
        self.malicious.reads(&sent.payload);
        let update = self.tablet.updates_itself();
        self.tablet.confirms();
        self.alice.receives_commit(&update.commit);
    }
}

#[test]
fn a_member_cannot_add_a_stranger() {
    let mut scene = scene();
    let mut carol = Client::new("carol");
    let stranger = Raw::of(&mut carol).key_package(SUITE);
    let commit = scene.malicious.commits(|commit| commit.propose_adds([stranger]));
    scene.all_refuse(
        &commit,
        NotAllowed::Rule(RuleViolation::Stranger {
            account: carol.account(),
        }),
    );
}

#[test]
fn a_member_cannot_add_an_impostor_of_the_other() {
    let mut scene = scene();
    let mut impostor = Client::impostor_of("alice", 9);
    let stranger = Raw::of(&mut impostor).key_package(SUITE);
    let commit = scene.malicious.commits(|commit| commit.propose_adds([stranger]));
    scene.all_refuse(
        &commit,
        NotAllowed::Rule(RuleViolation::Stranger {
            account: impostor.account(),
        }),
    );
}

#[test]
fn a_member_cannot_add_a_device_whose_credential_is_forged() {
    let mut scene = scene();
    // An impostor's device that claims Alice's identity key, with a signature that is not hers.
    let mut impostor = Client::impostor_of("alice", 9);
    let mut forged = Raw::of(&mut impostor);
    let mut credential = impostor.device.credential().clone();
    credential.identity_key = scene.alice.identity_key();
    forged.credential = show(&credential);
    let key_package = forged.key_package(SUITE);
    let commit = scene
        .malicious
        .commits(|commit| commit.propose_adds([key_package]));
    scene.all_refuse(&commit, NotAllowed::Credential(CredentialError::Signature));
}

#[test]
fn a_member_cannot_add_a_device_under_a_key_that_is_not_its_credentials() {
    let mut scene = scene();
    let mut other = Client::device_of("bob", 3);
    let mut mixed = Raw::of(&mut other);
    // Bob's real credential of one device over the leaf of another.
    mixed.credential.credential = show(Client::device_of("bob", 4).device.credential()).credential;
    let key_package = mixed.key_package(SUITE);
    let commit = scene
        .malicious
        .commits(|commit| commit.propose_adds([key_package]));
    scene.all_refuse(&commit, NotAllowed::SignatureKey);
}

#[test]
fn a_member_cannot_remove_the_other_accounts_device() {
    let mut scene = scene();
    let tablet = scene.tablet.device.credential().device_key;
    let index = scene
        .malicious
        .group()
        .members()
        .find(|member| member.signature_key == tablet.as_bytes())
        .unwrap()
        .index;
    let commit = scene.malicious.commits(|commit| commit.propose_removals([index]));
    scene.all_refuse(
        &commit,
        NotAllowed::Rule(RuleViolation::RemovesOthers {
            account: account_of("alice"),
        }),
    );
}

#[test]
fn a_member_cannot_change_the_parties() {
    let mut scene = scene();
    let carol = Client::new("carol");
    let changed = extensions(parties([scene.bob.party(), carol.party()]), vec![]);
    let commit = scene
        .malicious
        .commits(|commit| commit.propose_group_context_extensions(changed).unwrap());
    scene.all_refuse(&commit, NotAllowed::Rule(RuleViolation::RulesChanged));
}

#[test]
fn a_member_cannot_drop_the_rules_or_make_them_unreadable() {
    for changed in [Extensions::empty(), extensions(vec![], vec![])] {
        let mut scene = scene();
        let commit = scene
            .malicious
            .commits(|commit| commit.propose_group_context_extensions(changed).unwrap());
        scene.all_refuse(&commit, NotAllowed::Rule(RuleViolation::RulesChanged));
    }
}

/// Even one that changes nothing: nobody of us makes it.
#[test]
fn a_member_cannot_restate_the_group_context() {
    let mut scene = scene();
    let same = extensions(parties([scene.alice.party(), scene.bob.party()]), vec![]);
    let commit = scene
        .malicious
        .commits(|commit| commit.propose_group_context_extensions(same).unwrap());
    scene.all_refuse(&commit, NotAllowed::Proposal);
}

#[test]
fn an_update_cannot_replace_the_credential() {
    let mut scene = scene();
    let other = Client::device_of("bob", 3);
    let commit = scene
        .malicious
        .commits_as(&Seed::of(&other.device), show(other.device.credential()));
    scene.all_refuse(&commit, NotAllowed::CredentialReplaced);
}

#[test]
fn an_update_cannot_put_another_credential_over_the_same_key() {
    let mut scene = scene();
    let mut credential = show(scene.bob.device.credential());
    credential.credential = show(Client::device_of("bob", 3).device.credential()).credential;
    let signer = scene.malicious.signer.clone();
    let commit = scene.malicious.commits_as(&signer, credential);
    scene.all_refuse(&commit, NotAllowed::CredentialReplaced);
}

#[test]
fn a_proposal_outside_a_commit_is_refused() {
    let mut scene = scene();
    let proposal = scene.malicious.proposes_an_update();
    scene.all_refuse(&proposal, NotAllowed::Proposal);
}

#[test]
fn a_handshake_in_plaintext_is_refused() {
    let mut scene = scene();
    let group = scene.malicious.group();
    let plain = openmls::prelude::MlsGroupJoinConfig::builder()
        .wire_format_policy(openmls::prelude::PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .use_ratchet_tree_extension(true)
        .build();
    group
        .set_configuration(&openmls_memory_storage::MemoryStorage::default(), &plain)
        .unwrap();
    let commit = scene.malicious.commits(|commit| commit.force_self_update(true));
    assert!(matches!(
        scene.alice.receives(&commit),
        Err(ReceiveError::Invalid(_))
    ));
    scene.alice.sends("business as usual").to(&mut scene.tablet);
}

/// Authentic nonsense counts as received, so that it is neither fetched nor tried again.
#[test]
fn a_message_of_nonsense_is_shown_as_unreadable() {
    let mut scene = scene();
    let commitment = Commitment::from_bytes([7; 32]).authenticated_data();
    let nonsense = scene.malicious.says_beside(&commitment, b"\xff\xff");
    match scene.alice.receives(&nonsense).unwrap() {
        Received::Unreadable { from, error } => {
            assert_eq!(from, *scene.bob.device.credential());
            assert_eq!(error, ContentError::Malformed);
        }
        _ => panic!("readable"),
    }
    assert!(matches!(
        scene.alice.receives(&nonsense),
        Err(ReceiveError::AlreadyReceived)
    ));
}

#[test]
fn a_stranger_cannot_join_by_an_external_commit() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let update = alice.updates_itself();
    alice.confirms();
    bob.receives_commit(&update.commit);
    for mut stranger in [Client::new("carol"), Client::impostor_of("bob", 9)] {
        let commit = Raw::of(&mut stranger).joins_externally(&update.group_info);
        for client in [&mut alice, &mut bob] {
            match client.receives(&commit) {
                Err(ReceiveError::NotAllowed(reason)) => {
                    assert_eq!(
                        reason,
                        NotAllowed::Rule(RuleViolation::Stranger {
                            account: stranger.account()
                        })
                    );
                }
                _ => panic!("taken"),
            }
        }
        assert!(matches!(
            stranger.tries_to_join_externally(&update.group_info),
            Err(JoinError::NotAParty | JoinError::IdentityMismatch { .. })
        ));
    }
    alice.sends("business as usual").to(&mut bob);
}

#[test]
fn a_welcome_into_a_group_with_a_third_account_is_refused() {
    let mut carol = Client::new("carol");
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    let third = Raw::of(&mut carol).key_package(SUITE);
    let invited = key_package(&mut bob);
    let rules = extensions(parties([alice.party(), bob.party()]), vec![]);
    let welcome = Raw::of(&mut alice).creates(SUITE, rules, &[third, invited]);
    let refused = bob.tries_to_join(&welcome).err().unwrap();
    assert!(matches!(
        refused,
        JoinError::NotAllowed(NotAllowed::Rule(RuleViolation::Stranger { account })) if account == carol.account()
    ));
    assert_eq!(bob.key_packages.len(), 1);
}

#[test]
fn a_welcome_into_a_group_of_others_is_refused() {
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    let rules = extensions(parties([alice.party(), Client::new("carol").party()]), vec![]);
    let invited = key_package(&mut bob);
    let welcome = Raw::of(&mut alice).creates(SUITE, rules, &[invited]);
    assert!(matches!(bob.tries_to_join(&welcome), Err(JoinError::NotAParty)));
}

#[test]
fn a_welcome_into_a_group_with_other_rules_is_refused() {
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    let ours = parties([alice.party(), bob.party()]);
    let same = [1_u8].into_iter().chain(ours[1..49].repeat(2)).collect();
    let unordered = [1_u8]
        .into_iter()
        .chain(ours[49..].iter().chain(&ours[1..49]).copied())
        .collect();
    let senders = Extension::ExternalSenders(vec![]);
    let malformed = NotAllowed::Rule(RuleViolation::Malformed);
    for (rules, reason) in [
        (Extensions::empty(), NotAllowed::NoChat),
        (extensions(vec![], vec![]), malformed),
        (
            extensions(same, vec![]),
            NotAllowed::Rule(RuleViolation::SameParty),
        ),
        (extensions(unordered, vec![]), malformed),
        (extensions(ours.clone(), vec![senders]), NotAllowed::NoChat),
    ] {
        let invited = key_package(&mut bob);
        let mut creator = Raw::of(&mut alice);
        let welcome = creator.creates(SUITE, rules, &[invited]);
        match bob.tries_to_join(&welcome) {
            Err(JoinError::NotAllowed(refused)) => assert_eq!(refused, reason),
            Err(error) => panic!("{error:?}"),
            Ok(_) => panic!("joined"),
        }
    }
}

/// The server, or who has it, invites in Alice's name.
#[test]
fn a_welcome_by_an_impostor_of_a_known_account_is_refused() {
    let alice = Client::new("alice");
    let mut impostor = Client::impostor_of("alice", 9);
    let mut bob = Client::new("bob");
    bob.knows(&alice);

    // With the impostor's identity key for Alice's.
    let invited = key_package(&mut bob);
    let rules = extensions(parties([impostor.party(), bob.party()]), vec![]);
    let welcome = Raw::of(&mut impostor).creates(SUITE, rules, &[invited]);
    assert!(matches!(
        bob.tries_to_join(&welcome),
        Err(JoinError::IdentityMismatch { account }) if account == alice.account()
    ));

    // With Alice's real identity key, which the impostor's device does not show.
    let invited = key_package(&mut bob);
    let rules = extensions(parties([alice.party(), bob.party()]), vec![]);
    let welcome = Raw::of(&mut impostor).creates(SUITE, rules.clone(), &[invited]);
    assert!(matches!(
        bob.tries_to_join(&welcome),
        Err(JoinError::NotAllowed(NotAllowed::Rule(
            RuleViolation::Stranger { .. }
        )))
    ));

    // With Alice's real identity key in a credential that she never signed.
    let invited = key_package(&mut bob);
    let mut forger = Raw::of(&mut impostor);
    let mut credential = impostor.device.credential().clone();
    credential.identity_key = alice.identity_key();
    forger.credential = show(&credential);
    let welcome = forger.creates(SUITE, rules, &[invited]);
    assert!(matches!(
        bob.tries_to_join(&welcome),
        Err(JoinError::NotAllowed(NotAllowed::Credential(
            CredentialError::Signature
        )))
    ));
}

#[test]
fn a_welcome_that_shows_another_identity_of_ones_own_is_refused() {
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    let impostor = Client::impostor_of("bob", 9);
    let claimed = Party {
        account: bob.account(),
        identity_key: impostor.identity_key(),
    };
    let rules = extensions(parties([alice.party(), claimed]), vec![]);
    let invited = key_package(&mut bob);
    let welcome = Raw::of(&mut alice).creates(SUITE, rules, &[invited]);
    assert!(matches!(
        bob.tries_to_join(&welcome),
        Err(JoinError::IdentityMismatch { account }) if account == bob.account()
    ));
}

/// After the contact's identity has changed and the user has accepted it, nothing under the old one is shown as theirs.
#[test]
fn a_chat_under_an_identity_that_is_known_no_more_receives_nothing() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let sent = alice.sends("hi");
    let impostor = Client::impostor_of("alice", 9);
    bob.knows(&impostor);
    assert!(matches!(
        bob.receives(&sent.payload),
        Err(ReceiveError::IdentityMismatch { account }) if account == alice.account()
    ));
    bob.knows(&alice);
    sent.to(&mut bob);
}

#[test]
fn an_account_has_no_direct_chat_with_itself() {
    let alice = Client::new("alice");
    let tablet = Client::device_of("alice", 2);
    assert_eq!(
        DirectRules::new(alice.party(), tablet.party()),
        Err(RuleViolation::SameParty)
    );
}

/// The committer is bound by the rules that bind its receivers.
#[test]
fn an_honest_device_cannot_be_made_to_break_the_rules() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let mut carol = Client::new("carol");
    let invited = [carol.invitation(SUITE)];
    let removed = [bob.address()];
    let (chat, rng, device) = alice.parts();
    assert!(matches!(
        chat.add(rng, device, &invited),
        Err(sotto_crypto_core::ChatError::NotAllowed(NotAllowed::Rule(
            RuleViolation::Stranger { .. }
        )))
    ));
    assert!(matches!(
        chat.remove(rng, device, &removed),
        Err(sotto_crypto_core::ChatError::NotAllowed(NotAllowed::Rule(
            RuleViolation::RemovesOthers { .. }
        )))
    ));
    let own = [device.address()];
    assert!(chat.remove(rng, device, &own).is_err());
    assert!(!chat.has_pending_commit() && !chat.has_changes());
    alice.sends("business as usual").to(&mut bob);
}

pub fn key_package(client: &mut Client) -> openmls::prelude::KeyPackage {
    let bytes = client.key_package(SUITE);
    let openmls::prelude::MlsMessageBodyIn::KeyPackage(key_package) = raw::message(&bytes).extract() else {
        panic!("no KeyPackage")
    };
    let crypto = sotto_crypto_core::suite::SuiteCrypto::without_randomness();
    key_package
        .validate(&crypto, openmls::prelude::ProtocolVersion::Mls10)
        .unwrap()
}
