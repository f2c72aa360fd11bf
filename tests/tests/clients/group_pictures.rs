//! Pictures of groups through a real server: everybody in the group sees the same, and of an unlisted one nobody else anything.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::ChatId;
use sotto_client_sdk::protocol::limits::PICTURE_BYTES;
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{Body, ClientError, GroupChange, NewGroup};
use sotto_tests::process::ServerProcess;
use sotto_tests::world::{BY_ADMINS, Device, Vault, World, gardeners};

pub(crate) const PLACE: &[u8] = b"GPS 48.8584 N 2.2945 E";

/// Shaped like a JPEG, with so many coded bytes, and with what a camera adds to it.
pub(crate) fn photograph(coded: usize) -> Vec<u8> {
    let segment = |marker: u8, contents: &[u8]| {
        let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], length.as_slice(), contents].concat()
    };
    let picture = b"heron at dawn ".iter().copied().cycle().take(coded);
    [
        vec![0xFF, 0xD8],
        segment(0xE1, &[b"Exif\0\0", PLACE].concat()),
        segment(0xC0, b"frame"),
        segment(0xDA, b"scan"),
        picture.collect(),
        vec![0xFF, 0xD9],
    ]
    .concat()
}

fn group(is_listed: bool, members: &[&str]) -> NewGroup {
    NewGroup {
        title: "Birdwatchers".to_owned(),
        is_listed,
        ..gardeners(BY_ADMINS, members)
    }
}

/// Waits until this device has heard of the group's picture, and reads it.
async fn picture(device: &Device, group: ChatId) -> Vec<u8> {
    device.sees_group(group, |group| group.picture.is_some()).await;
    let picture = device.client.group_picture(group).await.unwrap().unwrap();
    assert_eq!(picture.content_type, "image/jpeg");
    picture.bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_reaches_members_and_those_who_come_later_without_what_the_camera_wrote() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let id = alice.client.create_group(group(false, &["bob"])).await.unwrap();
    bob.has_chat(id).await;
    alice
        .client
        .set_group_picture(id, Some(photograph(100_000)))
        .await
        .unwrap();
    let seen = picture(&bob, id).await;
    assert!(seen.starts_with(&[0xFF, 0xD8]) && seen.ends_with(b"\xFF\xD9"));
    assert!(!seen.windows(PLACE.len()).any(|part| part == PLACE));
    assert!(seen.len() > 100_000);
    let carol = world.person("carol").await;
    alice.client.add_to_group(id, &["carol"]).await.unwrap();
    carol.has_chat(id).await;
    assert!(picture(&carol, id).await == seen);
    let told = bob.messages(id).await.into_iter().any(|message| {
        matches!(message.body, Body::GroupChanges(changes) if changes.contains(&GroupChange::Picture))
    });
    assert!(told, "the history says that the picture has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_was_read_is_there_without_a_server_and_one_that_is_taken_away_is_gone() {
    let mut world = World::start().await;
    let alice = world.person("alice").await;
    let id = alice.client.create_group(group(false, &[])).await.unwrap();
    alice
        .client
        .set_group_picture(id, Some(photograph(1000)))
        .await
        .unwrap();
    let first = picture(&alice, id).await;
    // Whatever was told to the client before is done when it answers this.
    alice.client.group(id).await.unwrap();
    world.stop().await;
    assert!(picture(&alice, id).await == first);
    world.start_again().await;
    alice.client.connect().await.unwrap();
    alice.is_online().await;
    alice.client.set_group_picture(id, None).await.unwrap();
    assert_eq!(alice.client.group_picture(id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_groups_picture_is_for_everyone_and_an_unlisted_ones_is_not() {
    let world = World::start().await;
    let (alice, stranger) = (world.person("alice").await, world.person("mallory").await);
    for is_listed in [true, false] {
        let id = alice.client.create_group(group(is_listed, &[])).await.unwrap();
        alice
            .client
            .set_group_picture(id, Some(photograph(500)))
            .await
            .unwrap();
        let shown = stranger.client.group_picture(id).await.unwrap();
        assert_eq!(shown.is_some(), is_listed);
    }
    let found = stranger.client.search_groups("bird", None).await.unwrap();
    assert_eq!(found.groups.len(), 1);
    assert!(found.groups[0].picture.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_or_too_large_is_refused_before_anything_is_sent() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let id = alice.client.create_group(group(false, &["bob"])).await.unwrap();
    bob.has_chat(id).await;
    for bytes in [
        b"<svg onload=alert(1)>".to_vec(),
        photograph(PICTURE_BYTES),
        photograph(0)[..9].to_vec(),
    ] {
        let refused = alice.client.set_group_picture(id, Some(bytes)).await;
        assert!(
            matches!(refused, Err(ClientError::InvalidPicture(_))),
            "{refused:?}"
        );
    }
    let refused = bob.client.set_group_picture(id, Some(photograph(10))).await;
    assert!(
        matches!(refused, Err(ClientError::InvalidGroup(_))),
        "{refused:?}"
    );
    assert_eq!(alice.client.group_picture(id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_never_has_an_unlisted_groups_picture() {
    let mut server = ServerProcess::start().await;
    let alice = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    alice
        .client
        .register("alice", "Xylophon-47-Quittenmus")
        .await
        .unwrap();
    for is_listed in [false, true] {
        let id = alice.client.create_group(group(is_listed, &[])).await.unwrap();
        alice
            .client
            .set_group_picture(id, Some(photograph(2000)))
            .await
            .unwrap();
        if is_listed {
            continue;
        }
        assert!(!is_in_files(&server, b"heron at dawn"));
    }
    server.kill().await;
    assert!(
        is_in_files(&server, b"heron at dawn"),
        "the search finds what is there: a listed group's picture"
    );
    assert!(!is_in_files(&server, PLACE));
}

fn is_in_files(server: &ServerProcess, what: &[u8]) -> bool {
    let is_in = |content: &[u8]| content.windows(what.len()).any(|part| part == what);
    server.files().iter().any(|(_, content)| is_in(content))
}
