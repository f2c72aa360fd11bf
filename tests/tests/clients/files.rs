//! Files in messages: sealed in pieces, resumed wherever they were cut off, and gone with their messages.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use crate::group_pictures::{PLACE, photograph};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sotto_client_sdk::native::{HttpTransport, file_at, save_file};
use sotto_client_sdk::platform::{Method, Request};
use sotto_client_sdk::protocol::Retention;
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{Body, ClientError, Event, Message, MessageState, NewFile, TransferState};
use sotto_tests::process::ServerProcess;
use sotto_tests::tampering::{Tampering, honest};
use sotto_tests::world::{Device, PASSWORD, Pair, Vault, next};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

const MIB: usize = 1024 * 1024;

/// Bytes that are like no others.
fn content(length: usize) -> Vec<u8> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let mut bytes = vec![0; length];
    ChaCha20Rng::seed_from_u64(MADE.fetch_add(1, Ordering::Relaxed)).fill_bytes(&mut bytes);
    bytes
}

fn file(name: &str, content: Vec<u8>) -> NewFile {
    NewFile::new(name, "application/octet-stream", content)
}

fn is_file(message: &Message) -> bool {
    matches!(message.body, Body::File { .. }) && message.state != MessageState::Queued
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_arrives_as_it_was_sent_with_what_is_said_about_it() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = alice.messages(chat).await[0].id;
    for length in [0, 1, 64 * 1024, 3 * MIB + 7] {
        let sent = content(length);
        let new = file("report.bin", sent.clone())
            .with_caption("what we spoke about")
            .with_dimensions(640, 480)
            .with_duration(1500)
            .as_voice_note(vec![1, 2, 3])
            .in_reply_to(hello);
        let id = alice.client.send_file(chat, new).await.unwrap();
        let seen = bob.sees(chat, id, is_file).await;
        assert_eq!(seen.in_reply_to.unwrap().message, hello);
        let Body::File { info, caption } = seen.body else {
            panic!("{:?}", seen.body);
        };
        assert_eq!(info.name, "report.bin");
        assert_eq!(info.length, length as u64);
        assert_eq!((info.dimensions, info.duration), (Some((640, 480)), Some(1500)));
        assert_eq!(info.waveform, Some(vec![1, 2, 3]));
        assert_eq!(caption.text, "what we spoke about");
        assert_eq!(bob.client.read_file(chat, id).await.unwrap(), sent);
        let part = bob
            .client
            .read_file_part(chat, id, 100_000..200_000)
            .await
            .unwrap();
        assert_eq!(part, sent.get(100_000..200_000).unwrap_or_default());
        alice.sees(chat, id, is_file).await;
        assert_eq!(alice.client.read_file(chat, id).await.unwrap(), sent);
        assert_eq!(alice.client.transfer(id), None);
    }
    for (name, media_type) in [("a/b", "text/plain"), ("a", "text"), ("", "text/plain")] {
        let new = NewFile::new(name, media_type, Vec::new());
        assert_eq!(
            alice.client.send_file(chat, new).await,
            Err(ClientError::InvalidFile)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_leaves_without_what_is_not_drawn() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let picture = photograph(500);
    // Whatever its sender calls it.
    let new = file("holiday", picture.clone()).with_thumbnail(picture.clone());
    let id = alice.client.send_file(chat, new).await.unwrap();
    let seen = bob.sees(chat, id, is_file).await;
    let Body::File { info, .. } = seen.body else {
        panic!("{:?}", seen.body);
    };
    let received = bob.client.read_file(chat, id).await.unwrap();
    assert_eq!(info.media_type, "image/jpeg");
    for bytes in [&received, &info.thumbnail] {
        assert!(bytes.starts_with(&[0xFF, 0xD8]));
        assert!(!bytes.windows(PLACE.len()).any(|window| window == PLACE));
    }
    let broken = file("broken.jpg", b"\xFF\xD8\xFF\xE1 and no more".to_vec());
    assert!(matches!(
        alice.client.send_file(chat, broken).await,
        Err(ClientError::InvalidPicture(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_a_file_is_on_its_way_overtakes_it() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let vault = alice.goes_away().await;
    let alice = Device::open("http://127.0.0.1:9", vault, Faults::none()).await;
    let sent = content(MIB);
    let id = alice
        .client
        .send_file(chat, file("later.bin", sent.clone()))
        .await
        .unwrap();
    alice.client.send_text(chat, "it is coming").await.unwrap();
    assert_eq!(
        alice.client.message(chat, id).await.unwrap().unwrap().state,
        MessageState::Queued
    );
    // It is in the store, and goes out after a restart.
    let _alice = alice.crashes_and_restarts(&world).await;
    bob.sees(chat, id, is_file).await;
    assert_eq!(bob.client.read_file(chat, id).await.unwrap(), sent);
    assert_eq!(bob.texts(chat).await[..2], ["hello", "it is coming"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_goes_on_after_restarts_from_where_it_is_and_another_one_does_not() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.bin");
    let sent = content(9 * MIB);
    std::fs::write(&path, &sent).unwrap();
    let vault = alice.goes_away().await;
    let alice = Device::open("http://127.0.0.1:9", vault, Faults::none()).await;
    let new = NewFile::new("film.bin", "video/mp4", file_at(&path).await.unwrap());
    let id = alice.client.send_file(chat, new).await.unwrap();
    assert!(!alice.vault.holds("film content").await);
    let alice = alice.crashes_and_restarts(&world).await;
    bob.sees(chat, id, is_file).await;
    let saved = folder.path().join("saved.bin");
    save_file(&bob.client, chat, id, &saved).await.unwrap();
    assert!(std::fs::read(&saved).unwrap() == sent);
    assert!(
        save_file(&bob.client, chat, id, &saved).await.is_err(),
        "nothing is overwritten"
    );
    // One that was changed meanwhile is another file.
    let vault = alice.goes_away().await;
    let alice = Device::open("http://127.0.0.1:9", vault, Faults::none()).await;
    let new = NewFile::new("film.bin", "video/mp4", file_at(&path).await.unwrap());
    let id = alice.client.send_file(chat, new).await.unwrap();
    std::fs::write(&path, content(9 * MIB + 1)).unwrap();
    let alice = alice.crashes_and_restarts(&world).await;
    let mut events = alice.client.events();
    while alice.client.transfer(id).map(|transfer| transfer.state) != Some(TransferState::NeedsFile) {
        next(&mut events).await;
    }
    let other = file_at(&path).await.unwrap();
    assert_eq!(
        alice.client.resume_file(chat, id, other).await,
        Err(ClientError::FileDiffers)
    );
    alice.client.cancel_transfer(chat, id).await.unwrap();
    assert_eq!(alice.client.message(chat, id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_again_and_again_loses_no_byte() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let vault = alice.goes_away().await;
    let pieces = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&pieces);
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(
        Arc::new(move |request: &Request, mut answer| {
            // Of every second piece the server's answer is lost.
            if request.method == Method::Patch && counted.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
                answer.status = 503;
                answer.body.clear();
            }
            answer
        }),
    );
    let alice = Device::open_over(transport, vault, Faults::none()).await.unwrap();
    let sent = content(5 * MIB);
    let id = alice
        .client
        .send_file(chat, file("cut.bin", sent.clone()))
        .await
        .unwrap();
    bob.sees(chat, id, is_file).await;
    assert!(pieces.load(Ordering::Relaxed) >= 4);
    assert!(bob.client.read_file(chat, id).await.unwrap() == sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_a_file_is_is_told_and_it_can_be_withdrawn() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let mut events = alice.client.events();
    let id = alice
        .client
        .send_file(chat, file("a.bin", content(6 * MIB)))
        .await
        .unwrap();
    let mut told = Vec::new();
    loop {
        if let Event::Transfer(transfer) = next(&mut events).await {
            assert_eq!((transfer.message, transfer.total), (id, 6 * MIB as u64));
            told.push(transfer.done);
            if transfer.state == TransferState::Done {
                break;
            }
        }
    }
    assert!(told.is_sorted(), "{told:?}");
    assert_eq!(told.last(), Some(&(6 * MIB as u64)));
    alice.client.disconnect().await.unwrap();
    let id = alice
        .client
        .send_file(chat, file("never mind.bin", content(6 * MIB)))
        .await
        .unwrap();
    alice.client.delete(chat, id).await.unwrap();
    assert_eq!(alice.client.message(chat, id).await.unwrap(), None);
    alice.client.connect().await.unwrap();
    alice.client.send_text(chat, "never mind").await.unwrap();
    bob.reads(chat, &["hello", "<file a.bin>", "never mind"]).await;
    assert_eq!(bob.client.message(chat, id).await.unwrap(), None);
    assert!(!alice.vault.holds("never mind.bin").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_with_its_message() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    // Deleted for all: the blob goes soon.
    let id = alice
        .client
        .send_file(chat, file("secret.bin", content(1000)))
        .await
        .unwrap();
    let sent = bob.sees(chat, id, is_file).await;
    alice.sees(chat, id, is_file).await;
    let notes = bob.client.notes().await.unwrap();
    let passed_on = bob.client.forward(chat, id, notes).await.unwrap();
    assert_eq!(bob.client.read_file(notes, passed_on).await.unwrap().len(), 1000);
    alice.client.delete(chat, sent.id).await.unwrap();
    bob.sees(chat, id, |message| matches!(message.body, Body::Deleted { .. }))
        .await;
    assert_eq!(bob.client.read_file(chat, id).await, Err(ClientError::FileGone));
    while bob.client.read_file(notes, passed_on).await != Err(ClientError::FileGone) {
        tokio::task::yield_now().await;
    }
    assert!(
        !bob.vault.holds("secret.bin").await || bob.client.message(notes, passed_on).await.unwrap().is_some()
    );
    // With a time: the message goes, and the server deletes the blob.
    let timed = file("timed.bin", content(1000)).kept(Retention::For { seconds: 2 });
    let mut events = bob.client.events();
    let id = alice.client.send_file(chat, timed).await.unwrap();
    bob.sees(chat, id, is_file).await;
    assert_eq!(bob.client.read_file(chat, id).await.unwrap().len(), 1000);
    loop {
        if matches!(next(&mut events).await, Event::MessageRemoved { message, .. } if message == id) {
            break;
        }
    }
    assert_eq!(
        bob.client.read_file(chat, id).await,
        Err(ClientError::MessageNotFound)
    );
    assert!(!bob.vault.holds("timed.bin").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleeting_file_is_read_by_those_who_are_there_and_is_in_no_store_of_theirs() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let sent = content(100_000);
    let mut events = bob.client.events();
    let fleeting = file("fleeting.bin", sent.clone()).kept(Retention::Never);
    let id = alice.client.send_file(chat, fleeting).await.unwrap();
    loop {
        if matches!(next(&mut events).await, Event::MessageAdded(message) if message.id == id) {
            break;
        }
    }
    assert_eq!(bob.client.read_file(chat, id).await.unwrap(), sent);
    for device in [&alice, &bob] {
        assert_eq!(device.client.message(chat, id).await.unwrap(), None);
        assert!(!device.vault.holds("fleeting.bin").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_server_has_altered_is_not_shown() {
    let mut server = ServerProcess::start().await;
    let alice = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    alice.client.register("alice", PASSWORD).await.unwrap();
    let altering = Tampering::new(HttpTransport::new(&server.url()).unwrap(), honest()).with_answers(
        Arc::new(|request: &Request, mut answer| {
            if request.method == Method::Get && request.path.starts_with("/v1/blob/") {
                let middle = answer.body.len() / 2;
                answer.body[middle] ^= 1;
            }
            answer
        }),
    );
    let bob = Device::open_over(altering, Vault::new(), Faults::none())
        .await
        .unwrap();
    bob.client.register("bob", PASSWORD).await.unwrap();
    bob.is_online().await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.takes(chat).await;
    let secret = content(200_000);
    let id = alice
        .client
        .send_file(chat, file("a.bin", secret.clone()))
        .await
        .unwrap();
    bob.sees(chat, id, is_file).await;
    assert_eq!(
        bob.client.read_file(chat, id).await,
        Err(ClientError::FileDamaged)
    );
    // Nor has it anything to read.
    server.kill().await;
    for (path, content) in server.files() {
        let is_in = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        assert!(!is_in(&secret[..16]) && !is_in(b"a.bin"), "{}", path.display());
    }
}
