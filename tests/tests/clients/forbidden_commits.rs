//! A malicious member's Commits through a real server: those that it can see through it refuses, the others are taken back by the
//! members, and the group goes on without her.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::chat_rules::{Party, Role};
use sotto_client_sdk::protocol::frame::Outcome;
use sotto_client_sdk::protocol::{AccountId, Approval, ChatId, ChatRules, Evidence, ProblemCode, Signature};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{Approvers, Event, JoinPolicy};
use sotto_crypto_core::Label;
use sotto_tests::malicious::mls::{context, key_package};
use sotto_tests::malicious::{Made, Malicious, Spoil, Strike, Unruly};
use sotto_tests::world::{BY_ADMINS, BY_MEMBERS, Device, World, gardeners, until};

const fn approved_by(by: Approvers) -> JoinPolicy {
    JoinPolicy::Approval { by }
}

/// Alice's group with Bob, who is honest too, and Mallory, who is not; and Carol, who is not in it.
struct Scene {
    world: World,
    alice: Device,
    bob: Device,
    carol: Device,
    mallory: Malicious,
    chat: ChatId,
}

impl Scene {
    async fn new(join_policy: JoinPolicy) -> Self {
        let world = World::start().await;
        let [alice, bob, carol] = [
            world.person("alice").await,
            world.person("bob").await,
            world.person("carol").await,
        ];
        let mut mallory = Malicious::registers(&world, "mallory").await;
        let chat = alice.founds(gardeners(join_policy, &["bob", "mallory"])).await;
        mallory.is_let_in().await;
        bob.takes(chat).await;
        alice.sends(chat, "before").await;
        bob.hears(chat, &["before"]).await;
        Self {
            world,
            alice,
            bob,
            carol,
            mallory,
            chat,
        }
    }

    /// Mallory's Commit under the GroupInfo of one that changes nothing but keys: all that the server sees is allowed.
    async fn strikes(&mut self, mut make: impl FnMut(&mut Unruly) -> Made) {
        let outcome = self
            .mallory
            .strikes(self.chat, |mls| Strike::disguised(make(mls), mls.renews()))
            .await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }

    /// The members take back what Mallory did, say whose it was, and go on; and she changes nothing any more.
    async fn goes_on(mut self) {
        let mallorys = self.mallory.address().account;
        for device in [&self.alice, &self.bob] {
            device.sees_refused(self.chat, mallorys).await;
        }
        self.bob.sends(self.chat, "after").await;
        for device in [&self.alice, &self.bob] {
            device.hears(self.chat, &["before", "after"]).await;
            device.sees_group(self.chat, |group| group.members == 3).await;
            let summary = device.client.chats().await.unwrap().remove(0);
            assert!(!summary.is_halted && summary.halted_by.is_none());
        }
        assert!(self.carol.client.chats().await.unwrap().is_empty());
        // Nothing more that she changes is taken, allowed or not.
        let outcome = self
            .mallory
            .strikes(self.chat, |mls| Strike::of(mls.renews()))
            .await;
        is_refused(&outcome, ProblemCode::MembershipRefused);
        let removed = [mallorys];
        self.alice
            .client
            .remove_from_group(self.chat, &removed, false)
            .await
            .unwrap();
        self.alice.sends(self.chat, "alone").await;
        self.bob.hears(self.chat, &["before", "after", "alone"]).await;
        self.bob.sees_group(self.chat, |group| group.members == 2).await;
        drop(self.world);
    }

    /// The server has refused it, and nobody has heard of it.
    async fn stays_untouched(self) {
        self.bob.sends(self.chat, "after").await;
        for device in [&self.alice, &self.bob] {
            device.hears(self.chat, &["before", "after"]).await;
            device.sees_group(self.chat, |group| group.members == 3).await;
            let messages = device.messages(self.chat).await;
            let mallorys = self.mallory.address().account;
            assert!(messages.iter().all(|message| message.from.account != mallorys));
        }
    }
}

fn is_refused(outcome: &Outcome, code: ProblemCode) {
    assert!(
        matches!(outcome, Outcome::Refused(refusal) if refusal.code == code),
        "{outcome:?}"
    );
}

/// She takes the group.
fn crowns(mls: &mut Unruly, party: Party) -> Made {
    let ChatRules::Group(mut rules) = mls.rules() else {
        panic!("no group");
    };
    rules.appoint(party, Role::Owner);
    let context = context(&ChatRules::Group(rules));
    mls.makes(|commit| commit.propose_group_context_extensions(context).unwrap())
}

fn party(mallory: &Malicious) -> Party {
    let credential = mallory.device.credential();
    Party {
        account: credential.account,
        identity_key: credential.identity_key,
    }
}

/// She brings in whom the rule does not let her, and does not say so to the server.
async fn smuggles_a_stranger_in(join_policy: JoinPolicy) {
    let mut scene = Scene::new(join_policy).await;
    let carols = scene.mallory.claims(scene.carol.account()).await;
    scene
        .strikes(|mls| mls.makes(|commit| commit.propose_adds([key_package(&carols)])))
        .await;
    scene.goes_on().await;
}

/// She makes herself the owner, and does not say so to the server.
async fn takes_the_group(join_policy: JoinPolicy) {
    let mut scene = Scene::new(join_policy).await;
    let party = party(&scene.mallory);
    scene.strikes(|mls| crowns(mls, party)).await;
    // Everybody is told that something is wrong, until it is put right.
    until(&mut scene.bob.events, |event| {
        matches!(event, Event::ChatHalted { .. })
    })
    .await;
    scene.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_admins_invite_a_member_who_adds_somebody_is_overruled() {
    smuggles_a_stranger_in(BY_ADMINS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_an_admin_approves_a_member_who_adds_somebody_is_overruled() {
    smuggles_a_stranger_in(approved_by(Approvers::AnyAdmin)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_several_approve_a_member_who_adds_somebody_alone_is_overruled() {
    smuggles_a_stranger_in(approved_by(Approvers::Members(2))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_members_invite_a_member_who_takes_the_group_is_overruled() {
    takes_the_group(BY_MEMBERS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_member_approves_a_member_who_takes_the_group_is_overruled() {
    takes_the_group(approved_by(Approvers::AnyMember)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everybody_joins_a_member_who_takes_the_group_is_overruled() {
    takes_the_group(JoinPolicy::Open).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_refuses_what_a_member_may_not_and_says() {
    let mut scene = Scene::new(approved_by(Approvers::Members(2))).await;
    let (chat, carol) = (scene.chat, scene.carol.client.account().unwrap());
    let carols = scene.mallory.claims(carol.account).await;
    let newcomer = sotto_client_sdk::protocol::DeviceAddress {
        account: carol.account,
        device: carol.device,
    };
    let adds = |mls: &mut Unruly| {
        let made = mls.makes(|commit| commit.propose_adds([key_package(&carols)]));
        Strike {
            welcome: made.welcome.clone(),
            added: vec![newcomer],
            ..Strike::of(made)
        }
    };
    // Nobody else has approved.
    let outcome = scene.mallory.strikes(chat, adds).await;
    is_refused(&outcome, ProblemCode::MembershipRefused);
    // Bob has, she says.
    let bob = scene.bob.client.account().unwrap();
    let (by, key_package) = (bob.account, reference(&carols));
    let bytes = Approval::signed_bytes(chat, 0, newcomer, key_package);
    let evidence = Evidence {
        approvals: vec![Approval {
            newcomer,
            key_package,
            by: sotto_client_sdk::protocol::DeviceAddress {
                account: by,
                device: bob.device,
            },
            signature: signed_by(&scene.mallory, &bytes),
        }],
        ..Evidence::default()
    };
    let outcome = scene
        .mallory
        .strikes(chat, |mls| {
            mls.brings(&evidence);
            adds(mls)
        })
        .await;
    is_refused(&outcome, ProblemCode::StatementRefused);
    // She takes the group.
    let party = party(&scene.mallory);
    let outcome = scene
        .mallory
        .strikes(chat, |mls| Strike::of(crowns(mls, party)))
        .await;
    is_refused(&outcome, ProblemCode::MembershipRefused);
    // A GroupInfo that somebody else has signed.
    let read = scene.mallory.reads_group_info(chat).await.unwrap();
    let outcome = scene
        .mallory
        .strikes(chat, |mls| Strike {
            group_info: advanced(read.group_info.as_slice()),
            ..Strike::of(mls.renews())
        })
        .await;
    assert!(
        matches!(&outcome, Outcome::Refused(refusal)
            if [ProblemCode::GroupInfoRefused, ProblemCode::MalformedMessage].contains(&refusal.code)),
        "{outcome:?}"
    );
    scene.stays_untouched().await;
}

/// The same GroupInfo, of the next epoch: its signature does not hold any more.
fn advanced(group_info: &[u8]) -> Vec<u8> {
    let mut bytes = group_info.to_vec();
    // Frame, version and suite, the group's id after its length: then the epoch.
    let place = 4 + 4 + 17 + 7;
    bytes[place] = bytes[place].wrapping_add(1);
    bytes
}

fn reference(message: &[u8]) -> sotto_client_sdk::protocol::KeyPackageRef {
    use openmls_traits::types::HashType;
    use sotto_client_sdk::protocol::message_header::key_package_ref_input;
    let crypto = sotto_crypto_core::suite::SuiteCrypto::without_randomness();
    let input = key_package_ref_input(message).unwrap();
    let hash = openmls_traits::crypto::OpenMlsCrypto::hash(&crypto, HashType::Sha2_256, &input).unwrap();
    hash.as_slice().try_into().unwrap()
}

fn signed_by(mallory: &Malicious, bytes: &[u8]) -> Signature {
    mallory.mls.signs(&Label::Approval.prefix(bytes))
}

fn garbled(made: Made) -> Made {
    let mut commit = made.commit;
    *commit.last_mut().unwrap() ^= 1;
    Made { commit, ..made }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_of_garbage_is_taken_back() {
    let mut scene = Scene::new(BY_ADMINS).await;
    scene.strikes(|mls| garbled(mls.renews())).await;
    scene.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_info_with_somebody_in_its_tree_whom_the_rules_keep_out_is_joined_by_nobody() {
    let mut scene = Scene::new(BY_ADMINS).await;
    let carols = scene.mallory.claims(scene.carol.account()).await;
    let outcome = scene
        .mallory
        .strikes(scene.chat, |mls| {
            let forbidden = mls.makes(|commit| commit.propose_adds([key_package(&carols)]));
            Strike::disguised(garbled(mls.renews()), forbidden)
        })
        .await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    scene.goes_on().await;
}

/// As long as those who could take it back are away, whoever is there stays where the rules have it.
#[tokio::test(flavor = "multi_thread")]
async fn one_member_alone_waits_for_the_others_rather_than_join_what_the_rules_forbid() {
    let mut scene = Scene::new(BY_ADMINS).await;
    let carols = scene.mallory.claims(scene.carol.account()).await;
    let mallorys = scene.mallory.address().account;
    let away = scene.alice.goes_away().await;
    let outcome = scene
        .mallory
        .strikes(scene.chat, |mls| {
            let forbidden = mls.makes(|commit| commit.propose_adds([key_package(&carols)]));
            Strike::disguised(garbled(mls.renews()), forbidden)
        })
        .await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    // Bob has tried to follow, and has seen where that leads.
    until(&mut scene.bob.events, |event| {
        matches!(event, Event::ChatHalted { .. })
    })
    .await;
    let summary = scene.bob.client.chats().await.unwrap().remove(0);
    assert!(summary.is_halted);
    assert_eq!(summary.halted_by.map(|by| by.account), Some(mallorys));
    scene.bob.sees_group(scene.chat, |group| group.members == 3).await;
    scene.alice = Device::open(&scene.world.url(), away, Faults::none()).await;
    scene.goes_on().await;
}

/// Four in a group, in the order of their leaves: Carol's is beside Mallory's.
struct FourLeaves {
    world: World,
    alice: Device,
    bob: Device,
    carol: Device,
    mallory: Malicious,
    chat: ChatId,
}

impl FourLeaves {
    async fn new() -> Self {
        let world = World::start().await;
        let alice = world.person("alice").await;
        let bob = world.person("bob").await;
        let carol = world.person("carol").await;
        let mut mallory = Malicious::registers(&world, "mallory").await;
        let chat = alice
            .founds(gardeners(BY_ADMINS, &["bob", "carol", "mallory"]))
            .await;
        mallory.is_let_in().await;
        for device in [&bob, &carol] {
            device.takes(chat).await;
        }
        alice.sends(chat, "before").await;
        for device in [&bob, &carol] {
            device.hears(chat, &["before"]).await;
        }
        Self {
            world,
            alice,
            bob,
            carol,
            mallory,
            chat,
        }
    }

    /// Mallory renews her keys, and what she seals on the way is spoilt, for Carol or for all others.
    async fn spoils(&mut self, for_whom: fn(Vec<u8>) -> Spoil) {
        let account = self.carol.client.account().unwrap();
        let carol = sotto_client_sdk::protocol::DeviceAddress {
            account: account.account,
            device: account.device,
        };
        let outcome = self
            .mallory
            .strikes(self.chat, |mls| {
                let leaf = mls.leaf_of(carol);
                assert_eq!(leaf.index.u32(), mls.group().own_leaf_index().u32() ^ 1);
                mls.spoils(for_whom(leaf.encryption_key));
                let made = mls.renews();
                mls.spoils(Spoil::Nobody);
                Strike::of(made)
            })
            .await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }

    async fn all_go_on(self) {
        let mut expected = vec!["before"];
        for (device, text) in [(&self.carol, "one"), (&self.alice, "two"), (&self.bob, "three")] {
            device.sends(self.chat, text).await;
            expected.push(text);
            for device in [&self.alice, &self.bob, &self.carol] {
                device.hears(self.chat, &expected).await;
            }
        }
        drop(self.world);
    }
}

fn mallorys(scene: &FourLeaves) -> AccountId {
    scene.mallory.address().account
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_alone_cannot_process_a_commit_joins_anew_and_the_commit_stands() {
    let mut scene = FourLeaves::new().await;
    scene.spoils(Spoil::Only).await;
    let carols = scene.carol.account();
    let rejoined = sotto_client_sdk::GroupChange::Rejoined;
    scene.carol.sees_change(scene.chat, carols, &rejoined).await;
    let mallorys = mallorys(&scene);
    for device in [&scene.alice, &scene.bob] {
        let messages = device.messages(scene.chat).await;
        assert!(messages.iter().all(|message| message.from.account != mallorys));
    }
    scene.all_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_most_cannot_process_is_taken_back_and_whoever_could_joins_anew() {
    let mut scene = FourLeaves::new().await;
    scene.spoils(Spoil::AllBut).await;
    let mallorys = mallorys(&scene);
    for device in [&scene.alice, &scene.bob, &scene.carol] {
        device.sees_refused(scene.chat, mallorys).await;
    }
    scene.all_go_on().await;
}
