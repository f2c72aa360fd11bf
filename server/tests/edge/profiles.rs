use crate::support::{Person, TestServer};
use http::StatusCode;
use serde_json::json;
use sotto_protocol::rest::user::{UpdateUser, User, UsersFound};
use sotto_protocol::{CoarseLocation, ProblemCode};

async fn says(server: &TestServer, person: &Person, what: serde_json::Value) -> User {
    let path = format!("/v1/user/{}", person.name);
    let token = &person.tokens.access_token;
    server.post(&path).token(token).json(&what).await.ok()
}

async fn found(server: &TestServer, person: &Person, query: &str) -> UsersFound {
    let path = format!("/v1/user?{query}");
    let token = &person.tokens.access_token;
    server.get(&path).token(token).send().await.ok()
}

#[tokio::test]
async fn a_place_is_stored_to_a_tenth_of_a_degree_and_no_closer() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let precise =
        json!({ "place": "Marienplatz", "location": { "latitude": 48.137_23, "longitude": 11.575_48 } });
    let told = says(&server, &alice, precise).await;
    assert_eq!(told.location, Some(CoarseLocation::near(48.1, 11.6).unwrap()));
    let read = server.get("/v1/user/alice").send().await;
    let body = String::from_utf8(read.body).unwrap();
    assert!(
        body.contains(r#""location":{"latitude":48.1,"longitude":11.6}"#),
        "{body}"
    );
    // What is not said stays; null takes away.
    let kept = says(&server, &alice, json!({ "about": "Hello" })).await;
    assert_eq!(
        (kept.place.as_str(), kept.location),
        ("Marienplatz", told.location)
    );
    let gone = says(&server, &alice, json!({ "location": null, "place": "" })).await;
    assert_eq!((gone.place.as_str(), gone.location), ("", None));
    for wrong in [
        json!({ "latitude": 91, "longitude": 0 }),
        json!({ "latitude": 1 }),
        json!("48,11"),
    ] {
        server
            .post("/v1/user/alice")
            .token(&alice.tokens.access_token)
            .json(&json!({ "location": wrong }))
            .await
            .is(ProblemCode::InvalidRequest);
    }
}

#[tokio::test]
async fn who_is_not_listed_is_read_by_name_and_not_found() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let hidden = UpdateUser {
        listed: Some(false),
        ..UpdateUser::default()
    };
    says(&server, &alice, serde_json::to_value(hidden).unwrap()).await;
    assert!(found(&server, &bob, "q=alice").await.users.is_empty());
    let alice: User = server.get("/v1/user/alice").send().await.ok();
    assert!(!alice.listed);
}

#[tokio::test]
async fn people_near_a_place_are_found_with_how_far_they_are() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    let long = "gardens ".repeat(100);
    let at =
        |latitude: f64| json!({ "about": long, "location": { "latitude": latitude, "longitude": 11.6 } });
    says(&server, &bob, at(48.1)).await;
    says(&server, &carol, at(48.5)).await;
    let near = found(&server, &alice, "near=48.1372,11.5755&within_km=100&limit=1").await;
    let seen: Vec<_> = near
        .users
        .iter()
        .map(|user| (user.name.as_str(), user.distance_km))
        .collect();
    assert_eq!(seen, [("bob", Some(10))]);
    assert!(near.users[0].about.len() <= 280 && near.users[0].about.starts_with("gardens"));
    let next = near.next.unwrap();
    let near = found(
        &server,
        &alice,
        &format!("near=48.1372,11.5755&within_km=100&after={next}"),
    )
    .await;
    let seen: Vec<_> = near
        .users
        .iter()
        .map(|user| (user.name.as_str(), user.distance_km))
        .collect();
    assert_eq!((seen, near.next), (vec![("carol", Some(44))], None));
    let both = found(&server, &alice, "q=GARDENS&near=48.1,11.6").await;
    assert_eq!(both.users.len(), 2);
    assert!(
        found(&server, &alice, "q=roses&near=48.1,11.6")
            .await
            .users
            .is_empty()
    );
    let by_text = found(&server, &alice, "q=gardens").await;
    assert_eq!(by_text.users.len(), 2);
    assert_eq!(by_text.users[0].distance_km, None);
}

#[tokio::test]
async fn a_profile_that_a_client_has_already_is_not_sent_again() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    for path in [
        "/v1/user/alice".to_owned(),
        format!("/v1/user/by-id/{}", alice.account),
    ] {
        let first = server.get(&path).send().await;
        assert_eq!(
            (first.status, first.header("cache-control")),
            (StatusCode::OK, "no-cache")
        );
        let version = first.header("etag").to_owned();
        let again = server.get(&path).header("if-none-match", &version).send().await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        assert_eq!((again.header("etag"), again.body.len()), (&*version, 0));
        says(&server, &alice, json!({ "about": path })).await;
        let changed = server.get(&path).header("if-none-match", &version).send().await;
        assert_eq!(changed.ok::<User>().about, path);
    }
}
