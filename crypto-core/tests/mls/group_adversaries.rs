//! What malicious members, joiners, founders and the server try against each rule of a group, and that it changes nothing.

use crate::groups::{group, rules};
use crate::raw::{self, Raw, Seed, extensions, show};
use crate::world::{CHAT, Client};
use openmls::prelude::{Extensions, GroupContext, LeafNodeIndex};
use openmls_traits::signatures::Signer as _;
use sotto_crypto_core::{JoinError, Label, NotAllowed, ReceiveError};
use sotto_protocol::chat_rules::{Approvers, Inviters, JoinPolicy, Office, Role, RuleViolation};
use sotto_protocol::{
    Approval, ChatId, ChatRules, Departure, Evidence, GroupKey, GroupRules, KeyPackageRef, Signature, Suite,
};

const SUITE: Suite = Suite::X25519;
const BY_ADMINS: JoinPolicy = JoinPolicy::Invite { by: Inviters::Admins };

const fn approval_by(number: u8) -> JoinPolicy {
    JoinPolicy::Approval {
        by: Approvers::Members(number),
    }
}

/// Alice's group, with Bob, who is honest too, and Mallory, who is not; and Carol, who is not in it.
struct Scene {
    alice: Client,
    bob: Client,
    mallory: Client,
    malicious: Raw,
    carol: Client,
    stranger: Raw,
}

fn scene(join_policy: JoinPolicy) -> Scene {
    let [mut alice, mut bob, mut mallory, mut carol] = ["alice", "bob", "mallory", "carol"].map(Client::new);
    let mut malicious = Raw::of(&mut mallory);
    let stranger = Raw::of(&mut carol);
    group(SUITE, join_policy, &mut alice, &mut [&mut bob]);
    let invited = mallory.verified(&raw::bytes(&malicious.key_package(SUITE)), SUITE);
    let (chat, rng, device) = alice.parts();
    let joining = if let JoinPolicy::Approval { .. } = join_policy {
        let approvals = vec![bob.approves(&invited)];
        chat.admit(rng, device, &[invited], approvals).unwrap()
    } else {
        chat.add(rng, device, &[invited]).unwrap()
    };
    alice.confirms();
    bob.receives_commit(&joining.commit);
    malicious.joins(joining.welcome.as_ref().unwrap());
    Scene {
        alice,
        bob,
        mallory,
        malicious,
        carol,
        stranger,
    }
}

impl Scene {
    /// Every honest device refuses it for the same reason, and goes on as if it had never come.
    #[track_caller]
    fn all_refuse(mut self, payload: &[u8], reason: NotAllowed) {
        let epoch = self.alice.chat().epoch();
        for client in [&mut self.alice, &mut self.bob] {
            let disk = client.disk.clone();
            match client.receives(payload) {
                Err(ReceiveError::NotAllowed(refused)) => assert_eq!(refused, reason),
                Err(error) => panic!("{error:?}"),
                Ok(_) => panic!("taken"),
            }
            assert!(disk == client.disk);
            assert_eq!(client.chat().epoch(), epoch);
        }
        let update = self.bob.updates_itself();
        self.bob.confirms();
        self.alice.receives_commit(&update.commit);
        self.malicious.reads(&update.commit);
    }

    /// Mallory adds Carol, with these statements.
    fn adds_the_stranger(&mut self, evidence: &Evidence) -> Vec<u8> {
        let key_package = self.stranger.key_package(SUITE);
        self.malicious.brings(evidence);
        self.malicious
            .commits(|commit| commit.propose_adds([key_package]))
    }

    /// Mallory changes the rules.
    fn changes_rules(&mut self, change: impl FnOnce(&mut GroupRules)) -> Vec<u8> {
        let mut rules = rules(&mut self.alice);
        change(&mut rules);
        let changed = context(&rules);
        self.malicious
            .commits(|commit| commit.propose_group_context_extensions(changed).unwrap())
    }

    /// Mallory removes a member, with what that means for the rules, and with these statements.
    fn removes(&mut self, target: &str, evidence: &Evidence) -> Vec<u8> {
        let target = Client::new(match target {
            "alice" => "alice",
            _ => "bob",
        });
        let mut rules = rules(&mut self.alice);
        rules.note_removal([target.account()]);
        let leaf = self.leaf_of(&target);
        self.malicious.brings(evidence);
        self.malicious.commits(|commit| {
            commit
                .propose_removals([leaf])
                .propose_group_context_extensions(context(&rules))
                .unwrap()
        })
    }

    fn leaf_of(&mut self, member: &Client) -> LeafNodeIndex {
        let key = member.device.credential().device_key;
        let group = self.malicious.group();
        let found = group
            .members()
            .find(|member| member.signature_key == key.as_bytes());
        found.unwrap().index
    }

    fn stranger_refused(&self, violation: fn(sotto_protocol::AccountId) -> RuleViolation) -> NotAllowed {
        NotAllowed::Rule(violation(self.carol.account()))
    }
}

impl Raw {
    fn brings(&mut self, evidence: &Evidence) {
        self.group().set_aad(evidence.encode());
    }
}

/// The GroupContext's extensions for these rules, sound or not.
fn context(rules: &GroupRules) -> Extensions<GroupContext> {
    let encoded = ChatRules::Group(rules.clone())
        .encode()
        .unwrap_or_else(|_| postcard::to_extend(rules, vec![2]).unwrap());
    extensions(encoded, vec![])
}

fn approvals(approvals: impl IntoIterator<Item = Approval>) -> Evidence {
    Evidence {
        approvals: approvals.into_iter().collect(),
        ..Evidence::default()
    }
}

fn departures(departures: impl IntoIterator<Item = Departure>) -> Evidence {
    Evidence {
        departures: departures.into_iter().collect(),
        ..Evidence::default()
    }
}

/// A signature by the device's own key over whatever it likes.
fn signed_by(client: &Client, label: Label, bytes: &[u8]) -> Signature {
    let signature = Seed::of(&client.device).sign(&label.prefix(bytes)).unwrap();
    Signature::from_bytes(signature.try_into().unwrap())
}

mod a_malicious_member {
    use super::*;

    #[test]
    fn cannot_add_where_admins_invite() {
        let mut scene = scene(BY_ADMINS);
        let commit = scene.adds_the_stranger(&Evidence::default());
        let reason = scene.stranger_refused(|account| RuleViolation::NotInvited { account });
        scene.all_refuse(&commit, reason);
    }

    #[test]
    fn cannot_add_whom_nobody_else_has_approved() {
        let mut scene = scene(approval_by(2));
        let commit = scene.adds_the_stranger(&Evidence::default());
        let reason = scene.stranger_refused(|account| RuleViolation::NotApproved { account });
        scene.all_refuse(&commit, reason);
    }

    #[test]
    fn cannot_count_one_approval_twice() {
        let mut scene = scene(approval_by(2));
        let change = GroupRules {
            join_policy: approval_by(3),
            ..rules(&mut scene.alice)
        };
        let (chat, rng, device) = scene.alice.parts();
        let update = chat.change_rules(rng, device, change).unwrap();
        scene.alice.confirms();
        scene.bob.receives_commit(&update.commit);
        scene.malicious.takes(&update.commit);
        let key_package = scene.stranger.key_package(SUITE);
        let newcomer = scene.carol.verified(&raw::bytes(&key_package), SUITE);
        let approval = scene.bob.approves(&newcomer);
        scene.malicious.brings(&approvals([approval, approval]));
        let commit = scene
            .malicious
            .commits(|commit| commit.propose_adds([key_package]));
        let reason = scene.stranger_refused(|account| RuleViolation::NotApproved { account });
        scene.all_refuse(&commit, reason);
    }

    /// In Bob's name: signed by itself; made for another KeyPackage, group, or number of removals, or for another newcomer.
    #[test]
    fn cannot_forge_or_bend_an_approval() {
        type Signed = fn(&Scene, KeyPackageRef) -> Vec<u8>;
        let of_another_group: Signed = |scene, key_package| {
            Approval::signed_bytes(ChatId::from_bytes([9; 16]), 0, scene.carol.address(), key_package)
        };
        let of_another_time: Signed =
            |scene, key_package| Approval::signed_bytes(CHAT, 1, scene.carol.address(), key_package);
        let of_another_newcomer: Signed =
            |scene, key_package| Approval::signed_bytes(CHAT, 0, scene.alice.address(), key_package);
        let right: Signed =
            |scene, key_package| Approval::signed_bytes(CHAT, 0, scene.carol.address(), key_package);
        for (signed, label, by_bob) in [
            (right, Label::Approval, false),
            (right, Label::Departure, true),
            (of_another_group, Label::Approval, true),
            (of_another_time, Label::Approval, true),
            (of_another_newcomer, Label::Approval, true),
        ] {
            let mut scene = scene(approval_by(2));
            let key_package = scene.stranger.key_package(SUITE);
            let newcomer = scene.carol.verified(&raw::bytes(&key_package), SUITE);
            let signer = if by_bob { &scene.bob } else { &scene.mallory };
            let by = scene.bob.address();
            let forged = Approval {
                newcomer: newcomer.address(),
                key_package: newcomer.reference(),
                by,
                signature: signed_by(signer, label, &signed(&scene, newcomer.reference())),
            };
            scene.malicious.brings(&approvals([forged]));
            let commit = scene
                .malicious
                .commits(|commit| commit.propose_adds([key_package]));
            scene.all_refuse(&commit, NotAllowed::Statement { by });
        }
    }

    #[test]
    fn cannot_use_an_approval_for_another_key_package_than_the_requests() {
        let mut scene = scene(approval_by(2));
        let requested = scene.carol.invitation(SUITE);
        let approval = scene.bob.approves(&requested);
        let commit = scene.adds_the_stranger(&approvals([approval]));
        let by = scene.bob.address();
        scene.all_refuse(&commit, NotAllowed::Statement { by });
    }

    #[test]
    fn cannot_count_an_approval_of_somebody_outside() {
        let mut scene = scene(approval_by(2));
        let key_package = scene.stranger.key_package(SUITE);
        let newcomer = scene.carol.address();
        let reference = scene.carol.verified(&raw::bytes(&key_package), SUITE).reference();
        let bytes = Approval::signed_bytes(CHAT, 0, newcomer, reference);
        let by_itself = Approval {
            newcomer,
            key_package: reference,
            by: newcomer,
            signature: signed_by(&scene.carol, Label::Approval, &bytes),
        };
        scene.malicious.brings(&approvals([by_itself]));
        let commit = scene
            .malicious
            .commits(|commit| commit.propose_adds([key_package]));
        scene.all_refuse(&commit, NotAllowed::Statement { by: newcomer });
    }

    #[test]
    fn cannot_bring_evidence_that_nobody_can_read() {
        let mut scene = scene(BY_ADMINS);
        scene.malicious.group().set_aad(vec![1, 0xff]);
        let commit = scene.malicious.commits(|commit| commit.force_self_update(true));
        scene.all_refuse(&commit, NotAllowed::MalformedEvidence);
    }

    #[test]
    fn cannot_remove_anyone() {
        for target in ["alice", "bob"] {
            let mut scene = scene(JoinPolicy::Open);
            let commit = scene.removes(target, &Evidence::default());
            let account = crate::world::account_of(target);
            scene.all_refuse(
                &commit,
                NotAllowed::Rule(RuleViolation::RemovesOthers { account }),
            );
        }
    }

    #[test]
    fn cannot_say_for_another_that_it_leaves() {
        let mut scene = scene(JoinPolicy::Open);
        // Bob's true word, but about another group; and Mallory's about Bob.
        let honest = scene.bob.departs();
        let bytes =
            Departure::signed_bytes(ChatId::from_bytes([9; 16]), scene.bob.account(), honest.leaf_key);
        let of_another_group = Departure {
            signature: signed_by(&scene.bob, Label::Departure, &bytes),
            ..honest
        };
        let bytes = Departure::signed_bytes(CHAT, scene.bob.account(), honest.leaf_key);
        let forged = Departure {
            signature: signed_by(&scene.mallory, Label::Departure, &bytes),
            ..honest
        };
        let by = scene.bob.address();
        for departure in [of_another_group, forged] {
            let commit = scene.removes("bob", &departures([departure]));
            for client in [&mut scene.alice, &mut scene.bob] {
                assert!(matches!(
                    client.receives(&commit),
                    Err(ReceiveError::NotAllowed(NotAllowed::Statement { by: said_by })) if said_by == by
                ));
            }
        }
        let commit = scene.removes("alice", &departures([honest]));
        let account = scene.alice.account();
        scene.all_refuse(
            &commit,
            NotAllowed::Rule(RuleViolation::RemovesOthers { account }),
        );
    }

    #[test]
    fn cannot_change_the_rules() {
        type Wish = fn(&mut GroupRules, sotto_protocol::chat_rules::Party);
        let wishes: [Wish; 7] = [
            |rules, mallory| rules.appoint(mallory, Role::Admin),
            |rules, mallory| rules.appoint(mallory, Role::Owner),
            |rules, _| rules.offices.clear(),
            |rules, _| rules.join_policy = BY_ADMINS,
            |rules, _| rules.is_listed = true,
            |rules, _| rules.group_key = GroupKey::from_bytes([9; 32]),
            |rules, _| rules.removals += 1,
        ];
        for wish in wishes {
            let mut scene = scene(JoinPolicy::Open);
            let mallory = scene.mallory.party();
            let commit = scene.changes_rules(|rules| wish(rules, mallory));
            scene.all_refuse(&commit, NotAllowed::Rule(RuleViolation::RulesChanged));
        }
    }

    #[test]
    fn cannot_make_the_rules_unreadable_or_the_group_another_kind_of_chat() {
        let of_two = ChatRules::direct(Client::new("mallory").party(), Client::new("bob").party()).unwrap();
        for changed in [
            Extensions::empty(),
            extensions(vec![2], vec![]),
            extensions(of_two.encode().unwrap(), vec![]),
        ] {
            let mut scene = scene(JoinPolicy::Open);
            let commit = scene
                .malicious
                .commits(|commit| commit.propose_group_context_extensions(changed).unwrap());
            scene.all_refuse(&commit, NotAllowed::Rule(RuleViolation::RulesChanged));
        }
    }

    #[test]
    fn cannot_add_a_second_identity_of_a_member() {
        let mut scene = scene(JoinPolicy::Open);
        let mut impostor = Client::impostor_of("bob", 9);
        let key_package = Raw::of(&mut impostor).key_package(SUITE);
        let commit = scene
            .malicious
            .commits(|commit| commit.propose_adds([key_package]));
        let account = scene.bob.account();
        scene.all_refuse(&commit, NotAllowed::Rule(RuleViolation::AddsToOthers { account }));
    }
}

mod a_malicious_joiner {
    use super::*;

    #[test]
    fn cannot_join_alone_where_others_decide() {
        for policy in [BY_ADMINS, approval_by(2)] {
            let mut scene = scene(policy);
            let update = scene.alice.updates_itself();
            scene.alice.confirms();
            scene.bob.receives_commit(&update.commit);
            scene.malicious.takes(&update.commit);
            let commit = scene.stranger.joins_externally(&update.group_info);
            let reason = scene.stranger_refused(|account| RuleViolation::Stranger { account });
            scene.all_refuse(&commit, reason);
        }
    }

    #[test]
    fn cannot_take_a_members_name_with_another_identity() {
        for policy in [BY_ADMINS, JoinPolicy::Open] {
            let mut scene = scene(policy);
            let update = scene.alice.updates_itself();
            scene.alice.confirms();
            scene.bob.receives_commit(&update.commit);
            scene.malicious.takes(&update.commit);
            let mut impostor = Client::impostor_of("alice", 9);
            let commit = Raw::of(&mut impostor).joins_externally(&update.group_info);
            let account = impostor.account();
            scene.all_refuse(
                &commit,
                NotAllowed::Rule(RuleViolation::TwoIdentities { account }),
            );
        }
    }

    /// As the server might, which knows account, device and GroupInfo: with an identity key of its own, in the place of Bob's only
    /// leaf.
    #[test]
    fn cannot_take_the_place_of_a_members_only_device() {
        for policy in [BY_ADMINS, approval_by(2), JoinPolicy::Open] {
            let mut scene = scene(policy);
            let update = scene.alice.updates_itself();
            scene.alice.confirms();
            scene.bob.receives_commit(&update.commit);
            scene.malicious.takes(&update.commit);
            let mut impostor = Client::impostor_of("bob", 1);
            assert_eq!(impostor.address(), scene.bob.address());
            let commit = Raw::of(&mut impostor).joins_externally(&update.group_info);
            let account = scene.bob.account();
            // One's own leaf is not given away either.
            assert!(scene.bob.receives(&commit).is_err());
            match scene.alice.receives(&commit) {
                Err(ReceiveError::NotAllowed(NotAllowed::Rule(reason))) => assert!(
                    matches!(reason, RuleViolation::TwoIdentities { account: of } if of == account)
                        || reason == RuleViolation::DeviceTwice,
                    "{reason:?}"
                ),
                other => panic!("{other:?}"),
            }
        }
    }

    /// With Alice's identity key in a credential that she never signed.
    #[test]
    fn cannot_claim_an_identity_without_its_signature() {
        let mut scene = scene(JoinPolicy::Open);
        let update = scene.alice.updates_itself();
        scene.alice.confirms();
        scene.bob.receives_commit(&update.commit);
        scene.malicious.takes(&update.commit);
        let mut impostor = Client::impostor_of("alice", 9);
        let mut forger = Raw::of(&mut impostor);
        let mut credential = impostor.device.credential().clone();
        credential.identity_key = scene.alice.identity_key();
        forger.credential = show(&credential);
        let commit = forger.joins_externally(&update.group_info);
        scene.all_refuse(
            &commit,
            NotAllowed::Credential(sotto_crypto_core::device::CredentialError::Signature),
        );
    }
}

mod a_malicious_founder {
    use super::*;

    fn welcome(change: impl FnOnce(&mut GroupRules)) -> (Client, Vec<u8>) {
        let [mut mallory, mut bob] = ["mallory", "bob"].map(Client::new);
        let key = GroupKey::from_bytes([7; 32]);
        let mut rules = GroupRules::new(key, mallory.party(), JoinPolicy::Open);
        change(&mut rules);
        let invited = crate::adversaries::key_package(&mut bob);
        let welcome = Raw::of(&mut mallory).creates(SUITE, context(&rules), &[invited]);
        (bob, welcome)
    }

    #[test]
    fn cannot_invite_into_a_group_whose_rules_do_not_hold() {
        type Wrong = fn(&mut GroupRules);
        let absent = Client::new("alice");
        let wrong: [(Wrong, RuleViolation); 4] = [
            (
                |rules| rules.appoint(Client::new("alice").party(), Role::Admin),
                RuleViolation::AbsentOfficer {
                    account: absent.account(),
                },
            ),
            (
                |rules| rules.ban(Client::new("bob").account()),
                RuleViolation::Banned {
                    account: Client::new("bob").account(),
                },
            ),
            (
                |rules| {
                    let holder = Client::new("bob").party();
                    let role = Role::Member;
                    rules.offices.insert(0, Office { holder, role });
                },
                RuleViolation::Malformed,
            ),
            (
                |rules| rules.join_policy = approval_by(1),
                RuleViolation::Malformed,
            ),
        ];
        for (wrong, reason) in wrong {
            let (mut bob, welcome) = welcome(wrong);
            match bob.tries_to_join(&welcome) {
                Err(JoinError::NotAllowed(NotAllowed::Rule(refused))) => assert_eq!(refused, reason),
                Err(error) => panic!("{error:?}"),
                Ok(_) => panic!("joined"),
            }
        }
        let (mut bob, welcome) = welcome(|_| ());
        bob.joins(&welcome);
    }
}

mod a_malicious_server {
    use super::*;

    /// The server hands out what the newcomer's request should be: a device of its own, in the newcomer's name.
    #[test]
    fn cannot_slip_a_device_of_its_own_into_a_request() {
        let carol = Client::new("carol");
        let mut impostor = Client::impostor_of("carol", 9);
        let request = impostor.key_package(SUITE);
        let verified = sotto_crypto_core::InvitedDevice::verify(
            &request,
            SUITE,
            crate::world::NOW,
            carol.identity_key(),
            carol.account(),
            &carol.device_list(&[]),
        );
        assert!(verified.is_err());
    }

    /// It accepts a Commit that the rules forbid, and hands it to everyone.
    #[test]
    fn cannot_force_a_forbidden_commit_on_members() {
        let mut scene = scene(approval_by(2));
        let commit = scene.adds_the_stranger(&Evidence::default());
        let sent = scene.malicious.says(b"\x01");
        let reason = scene.stranger_refused(|account| RuleViolation::NotApproved { account });
        // Messages of the epoch that it should have ended are still read.
        assert!(scene.alice.receives(&sent).is_ok());
        scene.all_refuse(&commit, reason);
    }

    /// Statements of one Commit do not let another through, and an altered one breaks the Commit's own signature.
    #[test]
    fn cannot_change_what_a_commit_brings_along() {
        let mut scene = scene(approval_by(2));
        let newcomer = scene.carol.invitation(SUITE);
        let approval = scene.bob.approves(&newcomer);
        let (chat, rng, device) = scene.alice.parts();
        let pending = chat.admit(rng, device, &[newcomer], vec![approval]).unwrap();
        let evidence = approvals([approval]).encode();
        let place = pending
            .commit
            .windows(evidence.len())
            .position(|window| window == evidence)
            .unwrap();
        for offset in 0..evidence.len() {
            let mut altered = pending.commit.clone();
            altered[place + offset] ^= 1;
            assert!(matches!(
                scene.bob.receives(&altered),
                Err(ReceiveError::Invalid(_))
            ));
        }
        scene.bob.receives_commit(&pending.commit);
    }
}
