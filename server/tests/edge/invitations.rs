use crate::support::group::TestGroup;
use crate::support::{Answer, Person, TestServer, random};
use ed25519_dalek::{Signer as _, SigningKey};
use sotto_protocol::chat_rules::{Inviters, JoinPolicy};
use sotto_protocol::frame::Outcome;
use sotto_protocol::rest::chat::GroupInfo;
use sotto_protocol::{
    ChatId, Evidence, Invitation, InvitationKey, InvitationUse, ProblemCode, Signature, Timestamp,
};

/// An invite link, as far as the server knows of it: its key.
struct Link(SigningKey);

impl Link {
    fn new() -> Self {
        Self(SigningKey::from_bytes(&random()))
    }

    fn key(&self) -> InvitationKey {
        InvitationKey::from_bytes(self.0.verifying_key().to_bytes())
    }

    /// What a person's device shows.
    fn used_by(&self, person: &Person, group: ChatId) -> InvitationUse {
        let (invitation, device_key) = (self.key(), person.device_key);
        let signed = InvitationUse::signed_bytes(group, invitation, person.address(), device_key);
        let message = [b"sotto.v1 invitation use\0".as_slice(), &signed].concat();
        InvitationUse {
            invitation,
            device_key,
            signature: Signature::from_bytes(self.0.sign(&message).to_bytes()),
        }
    }
}

/// Alice's group, which a link leads to that one account can use.
async fn scene(server: &TestServer) -> (TestGroup, Link, [Person; 3]) {
    let people = [
        Person::register(server, "alice").await,
        Person::register(server, "bob").await,
        Person::register(server, "carol").await,
    ];
    let link = Link::new();
    let mut group = TestGroup::new(&people[0], JoinPolicy::Invite { by: Inviters::Admins });
    group.rules.invite(Invitation {
        key: link.key(),
        expires_at: Timestamp(u64::MAX),
        uses: 1,
    });
    let group = group.create(server, &people[0], &[]).await;
    (group, link, people)
}

async fn group_info(server: &TestServer, group: &TestGroup, reader: &Person, shown: InvitationUse) -> Answer {
    let InvitationUse {
        invitation,
        device_key,
        signature,
    } = shown;
    let query = format!("invitation={invitation}&device_key={device_key}&signature={signature}");
    reader
        .gets(server, &format!("/v1/chat/{}/group-info?{query}", group.id))
        .await
}

fn showing(invitation: InvitationUse) -> Evidence {
    Evidence {
        invitation: Some(invitation),
        ..Evidence::default()
    }
}

#[track_caller]
fn is_refused(outcome: &Outcome, expected: ProblemCode) {
    match outcome {
        Outcome::Refused(refusal) => assert_eq!(refusal.code, expected),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn who_shows_an_invitation_reads_the_group_info_and_comes_in_until_it_is_used_up() {
    let server = TestServer::start().await;
    let (mut group, link, [_, bob, carol]) = scene(&server).await;
    let shown = link.used_by(&bob, group.id);
    let found: GroupInfo = group_info(&server, &group, &bob, shown).await.ok();
    assert_eq!(found.chat, group.id);
    let mut socket = bob.connect(&server).await;
    let joined = group.lets_in_by(&mut socket, &bob, &showing(shown)).await;
    assert!(matches!(joined, Outcome::Accepted { .. }), "{joined:?}");
    let shown = link.used_by(&carol, group.id);
    group_info(&server, &group, &carol, shown)
        .await
        .is(ProblemCode::InvitationRefused);
    let mut socket = carol.connect(&server).await;
    let refused = group.lets_in_by(&mut socket, &carol, &showing(shown)).await;
    is_refused(&refused, ProblemCode::InvitationRefused);
}

#[tokio::test]
async fn an_invitation_that_does_not_hold_shows_nothing_and_lets_nobody_in() {
    let server = TestServer::start().await;
    let (mut group, link, [alice, bob, carol]) = scene(&server).await;
    let good = link.used_by(&bob, group.id);
    let unsigned = InvitationUse {
        signature: Signature::from_bytes([1; 64]),
        ..good
    };
    let mut socket = bob.connect(&server).await;
    for shown in [
        // Of another device, of another group, unsigned, and of a link that nobody made.
        link.used_by(&carol, group.id),
        link.used_by(&bob, ChatId::from_bytes(random())),
        unsigned,
        Link::new().used_by(&bob, group.id),
    ] {
        group_info(&server, &group, &bob, shown)
            .await
            .is(ProblemCode::InvitationRefused);
        let refused = group.lets_in_by(&mut socket, &bob, &showing(shown)).await;
        is_refused(&refused, ProblemCode::InvitationRefused);
    }
    let path = format!("/v1/chat/{}/group-info?invitation={}", group.id, good.invitation);
    bob.gets(&server, &path).await.is(ProblemCode::InvalidRequest);
    // Revoked.
    group.rules.revoke(link.key());
    let mut owner = alice.connect(&server).await;
    let revoked = group.commits(&mut owner, vec![], vec![]).await;
    assert!(matches!(revoked, Outcome::Accepted { .. }), "{revoked:?}");
    group_info(&server, &group, &bob, good)
        .await
        .is(ProblemCode::InvitationRefused);
    let refused = group.lets_in_by(&mut socket, &bob, &showing(good)).await;
    is_refused(&refused, ProblemCode::InvitationRefused);
}
