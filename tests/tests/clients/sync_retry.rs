//! A sender says how far it has read, and the server looks for its message after that: what if one of them is wrong about it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::protocol::frame::{ClientFrame, Outcome, RequestId, ServerFrame};
use sotto_client_sdk::protocol::{ProblemCode, Seq, limits};
use sotto_client_sdk::testing::Faults;
use sotto_tests::tampering::{Places, Tamper, TamperSent, Tampering, watching};
use sotto_tests::world::{Device, PASSWORD, Vault, World};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

async fn over(transport: Tampering, vault: Vault) -> Device {
    Device::open_over(transport, vault, Faults::none()).await.unwrap()
}

fn tampering(world: &World, tamper: Tamper) -> Tampering {
    Tampering::new(HttpTransport::new(&world.url()).unwrap(), tamper)
}

async fn registers(device: Device, name: &str) -> Device {
    device.client.register(name, PASSWORD).await.unwrap();
    device.is_online().await;
    device
}

/// Someone who sees where each message stands in the log.
async fn watcher(world: &World, name: &str) -> (Device, Places) {
    let places = Places::default();
    let device = over(tampering(world, watching(&places)), Vault::new()).await;
    (registers(device, name).await, places)
}

fn places(places: &Places) -> Vec<BTreeSet<Seq>> {
    places.lock().unwrap().values().cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_twice_in_the_log_is_shown_once_and_ends_nothing() {
    let world = World::start().await;
    // Whatever Alice sends goes once more, with the claim that she has read the log to where it is.
    let last: Arc<Mutex<(Option<ClientFrame>, Seq)>> = Arc::default();
    let accepted: Tamper = {
        let last = Arc::clone(&last);
        Arc::new(Mutex::new(move |frame| {
            if let ServerFrame::Response {
                outcome: Outcome::Accepted { seq: Some(seq), .. },
                ..
            } = &frame
            {
                last.lock().unwrap().1 = *seq;
            }
            vec![frame]
        }))
    };
    let doubled: TamperSent = {
        let last = Arc::clone(&last);
        Arc::new(Mutex::new(move |frame: ClientFrame| {
            let mut frames = Vec::new();
            let mut last = last.lock().unwrap();
            if let ClientFrame::Send { .. } = &frame {
                let seq = last.1;
                if let Some(ClientFrame::Send { request, after, .. }) = &mut last.0 {
                    *request = RequestId(u32::MAX);
                    *after = seq;
                }
                frames.extend(last.0.replace(frame.clone()));
            }
            frames.push(frame);
            frames
        }))
    };
    let alice = over(tampering(&world, accepted).with_sent(doubled), Vault::new()).await;
    let alice = registers(alice, "alice").await;
    let (bob, in_log) = watcher(&world, "bob").await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    let texts: Vec<String> = (0..6).map(|number| number.to_string()).collect();
    for (number, text) in texts.iter().enumerate() {
        alice.sends(chat, text).await;
        let texts: Vec<&str> = texts.iter().take(number + 1).map(String::as_str).collect();
        alice.reads(chat, &texts).await;
        bob.reads(chat, &texts).await;
    }
    bob.sends(chat, "all of it").await;
    alice.ends_with(chat, "all of it").await;
    assert_eq!(alice.texts(chat).await.len(), texts.len() + 1);
    for device in [&alice, &bob] {
        assert_eq!(device.client.chats().await.unwrap()[0].undecryptable, 0);
    }
    let in_log = places(&in_log);
    assert!(in_log.iter().any(|places| places.len() == 2), "{in_log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_is_behind_catches_up_and_sends_again() {
    let world = World::start().await;
    // Nothing is pushed to Alice: she is behind, and does not know.
    let deaf = Arc::new(AtomicBool::new(false));
    let refused = Arc::new(AtomicUsize::new(0));
    let tamper: Tamper = {
        let (deaf, refused) = (Arc::clone(&deaf), Arc::clone(&refused));
        Arc::new(Mutex::new(move |frame| match frame {
            // Before that, a message may cross Bob's first renewal, and be refused as of a stale epoch.
            frame if !deaf.load(Ordering::SeqCst) => vec![frame],
            ServerFrame::Response {
                outcome: Outcome::Refused(refusal),
                ..
            } => {
                assert_eq!(refusal.code, ProblemCode::Behind);
                refused.fetch_add(1, Ordering::SeqCst);
                vec![frame]
            }
            ServerFrame::Entry { .. } | ServerFrame::Cursor { .. } => Vec::new(),
            frame => vec![frame],
        }))
    };
    let alice = registers(over(tampering(&world, tamper), Vault::new()).await, "alice").await;
    let (bob, in_log) = watcher(&world, "bob").await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    alice.sends(chat, "first").await;
    bob.reads(chat, &["first"]).await;
    alice.reads(chat, &["first"]).await;
    bob.sends(chat, "second").await;
    alice.reads(chat, &["first", "second"]).await;
    deaf.store(true, Ordering::SeqCst);
    let many = usize::try_from(limits::UNREAD_ENTRIES).unwrap() + 10;
    for number in 0..many {
        bob.sends(chat, &number.to_string()).await;
    }
    bob.has_messages(chat, many + 2).await;
    assert_eq!(alice.texts(chat).await, ["first", "second"]);
    alice.sends(chat, "last").await;
    bob.ends_with(chat, "last").await;
    alice.has_messages(chat, many + 3).await;
    assert_eq!(alice.texts(chat).await, bob.texts(chat).await);
    assert_eq!(refused.load(Ordering::SeqCst), 1);
    let in_log = places(&in_log);
    assert!(in_log.iter().all(|places| places.len() == 1), "{in_log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_always_says_behind_is_asked_now_and_then_and_not_without_end() {
    let world = World::start().await;
    let lies = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicUsize::new(0));
    let tamper: Tamper = {
        let lies = Arc::clone(&lies);
        Arc::new(Mutex::new(move |frame: ServerFrame| match frame {
            ServerFrame::Response { request, outcome } if lies.load(Ordering::SeqCst) => {
                let outcome = match outcome {
                    Outcome::Accepted { .. } | Outcome::Refused(_) => {
                        Outcome::Refused(ProblemCode::Behind.into())
                    }
                    Outcome::Page(mut page) => {
                        page.entries.clear();
                        page.last = Seq::ZERO;
                        Outcome::Page(page)
                    }
                };
                vec![ServerFrame::Response { request, outcome }]
            }
            frame => vec![frame],
        }))
    };
    let counting: TamperSent = {
        let sent = Arc::clone(&sent);
        Arc::new(Mutex::new(move |frame| {
            sent.fetch_add(1, Ordering::SeqCst);
            vec![frame]
        }))
    };
    let alice = over(tampering(&world, tamper).with_sent(counting), Vault::new()).await;
    let alice = registers(alice, "alice").await;
    let (bob, in_log) = watcher(&world, "bob").await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    alice.sends(chat, "first").await;
    bob.reads(chat, &["first"]).await;
    alice.reads(chat, &["first"]).await;

    lies.store(true, Ordering::SeqCst);
    let before = sent.load(Ordering::SeqCst);
    alice.sends(chat, "second").await;
    bob.reads(chat, &["first", "second"]).await;
    // After what Alice does not know to be in the log: a gap that no page closes.
    bob.sends(chat, "third").await;
    bob.reads(chat, &["first", "second", "third"]).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let asked = sent.load(Ordering::SeqCst) - before;
    assert!(asked < 20, "{asked} frames in four seconds");
    lies.store(false, Ordering::SeqCst);
    alice.reads(chat, &["first", "second", "third"]).await;
    let in_log = places(&in_log);
    assert!(in_log.iter().all(|places| places.len() == 1), "{in_log:?}");
}
