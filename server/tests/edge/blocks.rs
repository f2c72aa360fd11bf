use crate::support::{Person, TestServer, mls, random};
use sotto_protocol::frame::Outcome;
use sotto_protocol::rest::block::Blocked;
use sotto_protocol::rest::key_package::{ClaimKeyPackages, KeyPackagesClaimed, PublishKeyPackages};
use sotto_protocol::{AccountId, ChatId, ProblemCode, Suite};

async fn blocked_by(server: &TestServer, person: &Person) -> Vec<AccountId> {
    let blocked: Blocked = person.gets(server, "/v1/block").await.ok();
    blocked.accounts
}

async fn publishes(server: &TestServer, person: &Person) {
    let publication = PublishKeyPackages {
        key_packages: (0..3).map(|_| mls::key_package(Suite::XWing).into()).collect(),
        last_resort: vec![mls::key_package(Suite::XWing).into()],
    };
    let answer = person.posts(server, "/v1/key-package", &publication).await;
    assert!(answer.status.is_success());
}

#[tokio::test]
async fn an_account_says_whom_it_blocks_and_hears_whom() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    assert_eq!(blocked_by(&server, &alice).await, []);
    let path = format!("/v1/block/{}", bob.account);
    for _ in 0..2 {
        let answer = alice.puts(&server, &path, &()).await;
        assert!(answer.status.is_success());
    }
    assert_eq!(blocked_by(&server, &alice).await, [bob.account]);
    assert_eq!(blocked_by(&server, &bob).await, []);
    let server = server.restart().await;
    assert_eq!(blocked_by(&server, &alice).await, [bob.account]);
    assert!(alice.deletes(&server, &path).await.status.is_success());
    assert_eq!(blocked_by(&server, &alice).await, []);
    let nobody = format!("/v1/block/{}", AccountId::from_bytes(random()));
    alice
        .puts(&server, &nobody, &())
        .await
        .is(ProblemCode::UserNotFound);
    let oneself = format!("/v1/block/{}", alice.account);
    alice
        .puts(&server, &oneself, &())
        .await
        .is(ProblemCode::InvalidRequest);
    server
        .get("/v1/block")
        .send()
        .await
        .is(ProblemCode::Unauthenticated);
}

#[tokio::test]
async fn a_blocked_account_is_told_no_more_than_that_nothing_arrives() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let without = Person::register(&server, "without").await;
    publishes(&server, &alice).await;
    let chat = bob.start_chat(&server, &alice).await;
    let path = format!("/v1/block/{}", bob.account);
    assert!(alice.puts(&server, &path, &()).await.status.is_success());

    let claim = |account| ClaimKeyPackages {
        account,
        suite: Suite::XWing,
    };
    let of_alice = bob
        .posts(&server, "/v1/key-package/claim", &claim(alice.account))
        .await;
    let of_without = bob
        .posts(&server, "/v1/key-package/claim", &claim(without.account))
        .await;
    of_alice.is(ProblemCode::NoKeyPackage);
    assert_eq!(of_alice.body, of_without.body);
    let by_other: KeyPackagesClaimed = without
        .posts(&server, "/v1/key-package/claim", &claim(alice.account))
        .await
        .ok();
    assert_eq!(by_other.key_packages.len(), 1);

    let mut socket = bob.connect(&server).await;
    let outcome = socket.say(chat, 1, b"hello").await;
    assert!(matches!(outcome, Outcome::Refused(refusal) if refusal.code == ProblemCode::Undeliverable));
    let profile = bob.gets(&server, "/v1/user/alice").await;
    assert!(profile.status.is_success());
    let again = ChatId::from_bytes(random());
    bob.puts(
        &server,
        &format!("/v1/chat/{again}"),
        &bob.invitation(&alice, again),
    )
    .await
    .is(ProblemCode::Undeliverable);
}

#[tokio::test]
async fn whoever_begins_too_many_chats_is_told_when_to_go_on() {
    let server = TestServer::start_with(|config| config.limits.chats_begun_per_day = 1).await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    alice.start_chat(&server, &bob).await;
    let chat = ChatId::from_bytes(random());
    let refused = alice
        .puts(
            &server,
            &format!("/v1/chat/{chat}"),
            &alice.invitation(&carol, chat),
        )
        .await;
    refused.is(ProblemCode::RateLimited);
    let wait = refused.problem().retry_after.unwrap();
    assert!((86_000..=86_400).contains(&wait), "{wait}");
    assert_eq!(refused.header("retry-after"), wait.to_string());
}
