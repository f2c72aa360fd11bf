use crate::support::{Person, TestServer, random};
use http::StatusCode;
use sotto_protocol::frame::{Change, Goodbye, ServerFrame};
use sotto_protocol::rest::auth::StartRegistration;
use sotto_protocol::rest::user::{UpdateUser, User, UsersFound};
use sotto_protocol::{AccountId, ProblemCode};

#[tokio::test]
async fn people_are_found_by_name_page_by_page() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    for name in ["bob", "bobby", "jacob-bob", "carol"] {
        Person::register(&server, name).await;
    }
    let mut names = Vec::new();
    let mut path = "/v1/user?q=bob&limit=2".to_owned();
    loop {
        let page: UsersFound = server
            .get(&path)
            .token(&alice.tokens.access_token)
            .send()
            .await
            .ok();
        assert!(page.users.len() <= 2);
        names.extend(page.users.into_iter().map(|user| user.name.to_string()));
        match page.next {
            Some(next) => path = format!("/v1/user?q=bob&limit=2&after={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["bob", "bobby", "jacob-bob"]);
}

#[tokio::test]
async fn a_search_out_of_bounds_is_refused() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let long = "a".repeat(129);
    for query in [
        "",
        "?q=",
        &format!("?q={long}"),
        "?q=a&limit=0",
        "?q=a&limit=-1",
        "?q=a&limit=70000",
        "?q=a&after=nonsense",
        "?q=a&unknown=1",
        "?near=91,0",
        "?near=48.1",
        "?near=48,11&within_km=9",
        "?near=48,11&within_km=501",
        "?q=a&within_km=20",
        "?q=a&after=10~anna",
        "?near=48,11&after=b~anna",
    ] {
        server
            .get(&format!("/v1/user{query}"))
            .token(&alice.tokens.access_token)
            .send()
            .await
            .is(ProblemCode::InvalidRequest);
    }
    server
        .get("/v1/user?q=a")
        .send()
        .await
        .is(ProblemCode::Unauthenticated);
}

#[tokio::test]
async fn a_profile_is_read_by_name_and_by_id() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let by_name: User = server.get("/v1/user/alice").send().await.ok();
    let by_id: User = server
        .get(&format!("/v1/user/by-id/{}", alice.account))
        .send()
        .await
        .ok();
    assert_eq!(by_name, by_id);
    server
        .get("/v1/user/nobody")
        .send()
        .await
        .is(ProblemCode::UserNotFound);
    server
        .get(&format!("/v1/user/by-id/{}", AccountId::from_bytes(random())))
        .send()
        .await
        .is(ProblemCode::UserNotFound);
    server
        .get("/v1/user/by-id/nonsense")
        .send()
        .await
        .is(ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn only_ones_own_profile_can_be_changed_or_deleted() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    Person::register(&server, "bob").await;
    let token = &alice.tokens.access_token;
    let change = UpdateUser {
        display_name: Some("Mallory".to_owned()),
        ..UpdateUser::default()
    };
    for name in ["bob", "nobody"] {
        let path = format!("/v1/user/{name}");
        server
            .post(&path)
            .token(token)
            .json(&change)
            .await
            .is(ProblemCode::Forbidden);
        server
            .delete(&path)
            .token(token)
            .send()
            .await
            .is(ProblemCode::Forbidden);
    }
    let bob: User = server.get("/v1/user/bob").send().await.ok();
    assert_eq!(bob.display_name, "");
}

#[tokio::test]
async fn a_changed_profile_is_told_to_those_who_share_a_chat() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    alice.start_chat(&server, &bob).await;
    let mut socket = bob.connect(&server).await;
    let changed: User = server
        .post("/v1/user/alice")
        .token(&alice.tokens.access_token)
        .json(&UpdateUser {
            display_name: Some("Alice 愛".to_owned()),
            about: Some("two\nlines".to_owned()),
            ..UpdateUser::default()
        })
        .await
        .ok();
    assert_eq!(
        (&*changed.display_name, &*changed.about),
        ("Alice 愛", "two\nlines")
    );
    let told = ServerFrame::Changed(Change::User(alice.account));
    socket.until(|frame| *frame == told).await;
}

#[tokio::test]
async fn a_profile_has_bounds() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let change = |display_name: &str, about: &str| UpdateUser {
        display_name: Some(display_name.to_owned()),
        about: Some(about.to_owned()),
        ..UpdateUser::default()
    };
    let place = |place: &str| UpdateUser {
        place: Some(place.to_owned()),
        ..UpdateUser::default()
    };
    let cases = [
        (change(&"a".repeat(129), ""), ProblemCode::TooLarge),
        (change("", &"a".repeat(2049)), ProblemCode::TooLarge),
        (change("a\nb", ""), ProblemCode::InvalidRequest),
        (change("", "a\u{0}b"), ProblemCode::InvalidRequest),
        (place(&"a".repeat(129)), ProblemCode::TooLarge),
        (place("a\nb"), ProblemCode::InvalidRequest),
    ];
    for (change, code) in cases {
        server
            .post("/v1/user/alice")
            .token(&alice.tokens.access_token)
            .json(&change)
            .await
            .is(code);
    }
}

#[tokio::test]
async fn a_deleted_account_is_told_to_those_who_share_a_chat() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    alice.start_chat(&server, &bob).await;
    let mut socket = bob.connect(&server).await;
    alice.deletes_account(&server).await;
    let told = ServerFrame::Changed(Change::User(alice.account));
    socket.until(|frame| *frame == told).await;
    server
        .get("/v1/user/alice")
        .send()
        .await
        .is(ProblemCode::UserNotFound);
}

#[tokio::test]
async fn a_session_alone_deletes_no_account_and_nobody_deletes_anothers() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let bobs_login = bob.log_in(&server).await.enrolment_token;
    for token in [&alice.tokens.access_token, &bobs_login] {
        server
            .delete("/v1/user/alice")
            .token(token)
            .send()
            .await
            .is(ProblemCode::Forbidden);
    }
    let found = server.get("/v1/user/alice").send().await;
    assert_eq!(found.status, StatusCode::OK);
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_name_is_given_to_nobody() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut socket = alice.connect(&server).await;
    let answer = alice.deletes_account(&server).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    socket.is_told_goodbye(Goodbye::SessionEnded).await;
    server
        .get("/v1/user/alice")
        .send()
        .await
        .is(ProblemCode::UserNotFound);
    server
        .get("/v1/device")
        .token(&alice.tokens.access_token)
        .send()
        .await
        .is(ProblemCode::SessionEnded);
    server
        .post("/v1/auth/registration")
        .json(&StartRegistration {
            name: "alice".parse().unwrap(),
            request: vec![0; 32].into(),
            bot: None,
        })
        .await
        .is(ProblemCode::NameTaken);
    alice
        .try_log_in(&server, b"correct horse battery staple")
        .await
        .is(ProblemCode::WrongCredentials);
}
