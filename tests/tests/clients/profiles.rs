//! Profiles through a real server: what somebody says of themselves, and how others find them by it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use crate::group_pictures::photograph;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sotto_client_sdk::protocol::{CoarseLocation, PictureId, ProblemCode};
use sotto_client_sdk::{ClientError, IdentityStatus, PeopleQuery, ProfileUpdate};
use sotto_tests::world::World;

/// One pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test(flavor = "multi_thread")]
async fn people_say_who_and_where_they_are_and_are_found_by_it() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let update = ProfileUpdate {
        display_name: Some("Alice".to_owned()),
        about: Some("Plays chess".to_owned()),
        place: Some("München".to_owned()),
        location: Some(Some(CoarseLocation::near(48.1372, 11.5755).unwrap())),
        ..ProfileUpdate::default()
    };
    let own = alice.client.update_profile(update).await.unwrap();
    assert_eq!(own.identity, IdentityStatus::Known);
    let seen = bob.client.profile("alice").await.unwrap();
    assert_eq!(
        (&*seen.about, &*seen.place, seen.is_listed),
        ("Plays chess", "München", true)
    );
    assert_eq!(seen.location.unwrap().to_string(), "48.1,11.6");
    assert_eq!(seen.identity, IdentityStatus::New);

    let near = PeopleQuery {
        text: Some("CHESS".to_owned()),
        near: Some(CoarseLocation::near(48.3, 11.6).unwrap()),
        within_km: Some(50),
    };
    for (query, distance) in [(near, Some(22)), ("münch".into(), None), ("ali".into(), None)] {
        let found = bob.client.search_people(query, None).await.unwrap();
        assert_eq!(found.people.len(), 1);
        let alice = &found.people[0];
        assert_eq!(
            (alice.person.name.as_str(), alice.distance_km),
            ("alice", distance)
        );
        assert_eq!((&*alice.about, &*alice.place), ("Plays chess", "München"));
    }

    let hidden = ProfileUpdate {
        listed: Some(false),
        location: Some(None),
        ..ProfileUpdate::default()
    };
    let own = alice.client.update_profile(hidden).await.unwrap();
    assert_eq!(
        (own.is_listed, own.location, &*own.about),
        (false, None, "Plays chess")
    );
    assert!(
        bob.client
            .search_people("ali", None)
            .await
            .unwrap()
            .people
            .is_empty()
    );
    assert!(bob.client.start_chat("alice").await.is_ok());
    let refused = bob.client.search_people(PeopleQuery::default(), None).await;
    assert!(matches!(refused, Err(ClientError::Refused(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_set_shown_to_others_and_taken_away() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let file = STANDARD.decode(PNG).unwrap();
    let own = alice.client.set_picture(Some(file.clone())).await.unwrap();
    alice.client.set_cover(Some(file)).await.unwrap();
    let seen = bob.client.profile("alice").await.unwrap();
    assert_eq!(seen.picture, own.picture);
    for id in [
        seen.picture.unwrap().large,
        seen.picture.unwrap().small,
        seen.cover.unwrap(),
    ] {
        let picture = bob.client.profile_picture(id).await.unwrap();
        assert_eq!(picture.content_type, "image/jpeg");
        assert!(picture.bytes.starts_with(&[0xFF, 0xD8, 0xFF]));
    }
    let removed = alice.client.set_picture(None).await.unwrap();
    assert_eq!((removed.picture, removed.cover), (None, seen.cover));
    let gone = bob.client.profile_picture(seen.picture.unwrap().small).await;
    assert_eq!(gone.unwrap_err().code(), ProblemCode::PictureNotFound.as_str());
    let never = bob.client.profile_picture(PictureId::from_bytes([7; 16])).await;
    assert_eq!(never.unwrap_err().code(), ProblemCode::PictureNotFound.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_refused() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let code = async |file: &[u8]| {
        alice
            .client
            .set_picture(Some(file.to_vec()))
            .await
            .unwrap_err()
            .code()
            .to_owned()
    };
    // It has the parts of a JPEG, and the server finds that nothing can be drawn of them.
    assert_eq!(code(&photograph(1000)).await, "invalid-picture");
    assert_eq!(code(b"GIF89a").await, "invalid-picture");
    let here = alice
        .client
        .set_picture(Some(b"hello".to_vec()))
        .await
        .unwrap_err();
    assert!(matches!(here, ClientError::InvalidPicture(_)));
    assert_eq!(alice.client.profile("alice").await.unwrap().picture, None);
}
