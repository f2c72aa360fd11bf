//! The group's key comes to whoever holds an office, and its profile from them: what others try to have of it.

use crate::groups::{all_take, rules};
use crate::world::{CHAT, Client};
use sotto_crypto_core::group_key::GroupProfileError;
use sotto_crypto_core::group_key_share::{GroupKeyShare, GroupKeyShareError};
use sotto_crypto_core::{
    AcceptedProfile, Body, ChatError, Content, GroupKeyRequest, GroupSigningKey, KnownProfile, Received,
};
use sotto_protocol::chat_rules::{Inviters, JoinPolicy, Role};
use sotto_protocol::{ChatId, ChatRules, GroupKey, GroupProfile, GroupRules, MessageId, Retention, Suite};

const SUITE: Suite = Suite::X25519;

/// Alice's group with Bob, an admin, and Carol, who is none.
struct Scene {
    alice: Client,
    bob: Client,
    carol: Client,
    key: GroupSigningKey,
}

fn scene() -> Scene {
    let [mut alice, mut bob, mut carol] = ["alice", "bob", "carol"].map(Client::new);
    let key = GroupSigningKey::generate(&mut alice.rng);
    let policy = JoinPolicy::Invite {
        by: Inviters::Members,
    };
    let rules = GroupRules::new(key.public_key(), alice.party(), policy);
    let invited = [bob.invitation(SUITE), carol.invitation(SUITE)];
    let (welcome, _) = alice.creates(SUITE, ChatRules::Group(rules), &invited);
    for other in [&mut bob, &mut carol] {
        other.joins(welcome.as_ref().unwrap());
    }
    let party = bob.party();
    let appointing = alice.changes_rules(|rules| rules.appoint(party, Role::Admin));
    all_take(&appointing, &mut alice, &mut [&mut bob, &mut carol]);
    Scene {
        alice,
        bob,
        carol,
        key,
    }
}

impl Client {
    fn shares(
        &mut self,
        key: &GroupSigningKey,
        asker: &Self,
        request: &GroupKeyRequest,
    ) -> Result<GroupKeyShare, ChatError> {
        let (chat, rng, device) = self.parts();
        chat.share_group_key(rng, device, key, asker.address(), request)
    }

    /// Says it to the other: what arrives there.
    pub(crate) fn says_to(&mut self, other: &mut Self, body: Body) -> Body {
        let message = MessageId::from_bytes([1; 16]);
        let (chat, rng, device) = self.parts();
        let payload = chat
            .encrypt(
                rng,
                device,
                &Content {
                    message,
                    retention: Retention::Keep,
                    body,
                },
            )
            .unwrap();
        match other.receives(&payload.payload).unwrap() {
            Received::Message { content, .. } => content.body,
            _ => panic!("no message"),
        }
    }
}

#[test]
fn an_admin_who_asks_has_the_groups_key_and_signs_with_it() {
    let Scene {
        mut alice,
        mut bob,
        key,
        ..
    } = scene();
    let (request, secret) = GroupKeyRequest::generate(&mut bob.rng);
    let Body::GroupKeyRequest(request) = bob.says_to(&mut alice, Body::GroupKeyRequest(request)) else {
        panic!("no request");
    };
    let share = alice.shares(&key, &bob, &request).unwrap();
    let Body::GroupKeyShare(share) = alice.says_to(&mut bob, Body::GroupKeyShare(share)) else {
        panic!("no share");
    };
    assert_eq!(share.to(), bob.address());
    let opened = share.open(&secret, CHAT, key.public_key(), alice.address(), bob.address());
    assert_eq!(opened.unwrap().encode(), key.encode());
}

#[test]
fn who_holds_no_office_gets_nothing() {
    let Scene {
        mut alice,
        mut bob,
        mut carol,
        key,
    } = scene();
    let (request, _) = GroupKeyRequest::generate(&mut carol.rng);
    for asker in [&carol, &Client::new("mallory"), &Client::impostor_of("bob", 9)] {
        let shared = alice.shares(&key, asker, &request);
        assert!(matches!(shared, Err(ChatError::NoOffice)));
    }
    // Nor does who holds none any more.
    let account = bob.account();
    let dismissing = alice.changes_rules(|rules| rules.dismiss(account));
    all_take(&dismissing, &mut alice, &mut [&mut bob, &mut carol]);
    assert!(matches!(
        alice.shares(&key, &bob, &request),
        Err(ChatError::NoOffice)
    ));
}

#[test]
fn a_share_opens_for_whom_it_was_made_alone() {
    let Scene {
        mut alice,
        mut bob,
        carol,
        key,
    } = scene();
    let (request, secret) = GroupKeyRequest::generate(&mut bob.rng);
    let share = alice.shares(&key, &bob, &request).unwrap();
    let group_key = key.public_key();
    let (from, to) = (alice.address(), bob.address());
    let opens = |group, from, to| share.open(&secret, group, group_key, from, to).map(|_| ());
    assert_eq!(opens(CHAT, from, to), Ok(()));
    let sealed = Err(GroupKeyShareError::Sealed);
    // The server moves it to another group, or passes it off as another's; a member repeats it as its own.
    assert_eq!(opens(ChatId::from_bytes([9; 16]), from, to), sealed);
    assert_eq!(opens(CHAT, carol.address(), to), sealed);
    assert_eq!(opens(CHAT, from, carol.address()), sealed);
    // Another device, which has asked with a key of its own.
    let (_, others) = GroupKeyRequest::generate(&mut bob.rng);
    let opened = share.open(&others, CHAT, group_key, from, to).map(|_| ());
    assert_eq!(opened, sealed);
}

#[test]
fn another_key_than_the_groups_is_refused() {
    let Scene {
        mut alice,
        mut bob,
        key,
        ..
    } = scene();
    let (request, secret) = GroupKeyRequest::generate(&mut bob.rng);
    let other = GroupSigningKey::generate(&mut bob.rng);
    assert!(matches!(
        alice.shares(&other, &bob, &request),
        Err(ChatError::NoOffice)
    ));
    // A client that was changed seals it all the same: in a group of its own, whose key it is.
    let mut elsewhere = Client::new("alice");
    let mut asker = Client::new("bob");
    let rules = GroupRules::new(other.public_key(), elsewhere.party(), JoinPolicy::Open);
    let invited = asker.invitation(SUITE);
    elsewhere.creates(SUITE, ChatRules::Group(rules), &[invited]);
    let party = asker.party();
    elsewhere.changes_rules(|rules| rules.appoint(party, Role::Admin));
    elsewhere.confirms();
    let share = elsewhere.shares(&other, &asker, &request).unwrap();
    let opened = share.open(
        &secret,
        CHAT,
        key.public_key(),
        elsewhere.address(),
        asker.address(),
    );
    assert_eq!(opened.map(|_| ()), Err(GroupKeyShareError::OtherKey));
}

fn profile(revision: u64) -> GroupProfile {
    GroupProfile {
        group: CHAT,
        revision,
        title: "Gardeners".to_owned(),
        description: String::new(),
        picture: None,
    }
}

/// What Alice makes of a profile that somebody tells.
fn told(
    scene: &mut Scene,
    from: &str,
    revision: u64,
    known: impl Into<Option<KnownProfile>>,
) -> Result<AcceptedProfile, GroupProfileError> {
    let from = Client::new(if from == "bob" { "bob" } else { "carol" });
    let signed = scene.key.sign_profile(&profile(revision));
    scene
        .alice
        .chat()
        .accept_group_profile(&signed, from.device.credential(), known.into())
}

const fn known(revision: u64, is_vouched_for: bool) -> KnownProfile {
    KnownProfile {
        revision,
        is_vouched_for,
    }
}

#[test]
fn a_newer_profile_is_taken_from_office_holders_alone_whoever_has_the_key() {
    let mut scene = scene();
    assert!(told(&mut scene, "bob", 8, known(7, true)).is_ok());
    assert_eq!(
        told(&mut scene, "carol", 8, known(7, true)),
        Err(GroupProfileError::NoOffice)
    );
    // Nor one after which there could be no other.
    for revision in [7, u64::MAX] {
        let known_revision = 7;
        assert_eq!(
            told(&mut scene, "bob", revision, known(known_revision, true)),
            Err(GroupProfileError::OutOfOrder {
                revision,
                known: known_revision
            })
        );
    }
}

/// A dismissed admin who has kept the key tells a newcomer the highest revision that there can be.
#[test]
fn what_a_member_has_told_a_newcomer_gives_way_to_what_an_office_holder_says() {
    let mut scene = scene();
    let first = told(&mut scene, "carol", u64::MAX, None).unwrap();
    assert!(!first.is_vouched_for);
    let believed = known(u64::MAX, false);
    assert_eq!(
        told(&mut scene, "carol", u64::MAX, believed),
        Err(GroupProfileError::NoOffice)
    );
    let right = told(&mut scene, "bob", 7, believed).unwrap();
    assert_eq!((right.profile.revision, right.is_vouched_for), (7, true));
}

#[test]
fn a_profile_that_the_groups_key_has_not_signed_is_nobodys_to_tell() {
    let mut scene = scene();
    let other = GroupSigningKey::generate(&mut scene.bob.rng);
    assert_ne!(rules(&mut scene.alice).group_key, GroupKey::from_bytes([0; 32]));
    let signed = other.sign_profile(&profile(8));
    let from = scene.bob.device.credential().clone();
    let told = scene.alice.chat().accept_group_profile(&signed, &from, None);
    assert_eq!(told, Err(GroupProfileError::Signature));
}
