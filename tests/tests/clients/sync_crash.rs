//! A client is stopped at each step of sending and receiving in turn, and starts again from what its store held: every
//! message is there once, in order, on both sides.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::protocol::frame::{Outcome, ServerFrame};
use sotto_client_sdk::protocol::{ChatId, Retention};
use sotto_client_sdk::store::{RecordKey, Scan};
use sotto_client_sdk::testing::{Fault, Faults};
use sotto_client_sdk::{Mention, Message, NewFile, NewMessage, NoticeAbout, Text};
use sotto_tests::steps::every;
use sotto_tests::tampering::{Places, Tamper, Tampering, watching};
use sotto_tests::world::{Device, PASSWORD, Vault, World, next, text_of};
use std::sync::{Arc, Mutex};

/// Two people with a chat that is quiet: nothing is queued, and both have renewed their keys.
async fn quiet_chat(world: &World) -> (Device, Device, ChatId) {
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    begin_quiet_chat(alice, bob).await
}

async fn begin_quiet_chat(alice: Device, bob: Device) -> (Device, Device, ChatId) {
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    alice.sends(chat, "first").await;
    bob.reads(chat, &["first"]).await;
    bob.sends(chat, "second").await;
    alice.reads(chat, &["first", "second"]).await;
    bob.reads(chat, &["first", "second"]).await;
    (alice, bob, chat)
}

/// Someone who sees where each message stands in the log: shown is it once in any case.
async fn watcher(world: &World, name: &str) -> (Device, Places) {
    let in_log = Places::default();
    let device = over(world, watching(&in_log), Vault::new()).await;
    device.client.register(name, PASSWORD).await.unwrap();
    device.is_online().await;
    (device, in_log)
}

async fn over(world: &World, tamper: Tamper, vault: Vault) -> Device {
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), tamper);
    Device::open_over(transport, vault, Faults::none()).await.unwrap()
}

fn assert_nothing_is_doubled(in_log: &Places) {
    let in_log = in_log.lock().unwrap();
    assert!(in_log.values().all(|places| places.len() == 1), "{in_log:#?}");
}

/// Runs `work` on a device that stops at `step`, until it stops or is done; `true` if it stopped. Then the process is gone.
async fn until_it_stops<F: Future>(
    world: &World,
    vault: &Vault,
    step: u64,
    work: impl FnOnce(Device) -> F,
) -> bool {
    let faults = Faults::at(step, Fault::Stop);
    let work = async {
        if let Ok(device) = Device::try_open(&world.url(), vault.clone(), faults.clone()).await {
            work(device).await;
        }
    };
    tokio::select! {
        () = faults.stopped() => {}
        () = work => {}
    }
    faults.has_stopped()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_stopped_at_any_step_loses_nothing_that_it_took_and_doubles_nothing() {
    let world = World::start().await;
    let (bob, in_log) = watcher(&world, "bob").await;
    let (mut alice, bob, chat) = begin_quiet_chat(world.person("alice").await, bob).await;
    let mut expected = vec!["first".to_owned(), "second".to_owned()];
    for step in 0.. {
        let vault = alice.vault.snapshot();
        alice.client.close().await.unwrap();
        let text = format!("sent at step {step}");
        let taken = Mutex::new(false);
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            if device.client.send_text(chat, &text).await.is_ok() {
                *taken.lock().unwrap() = true;
            }
            let waited: Vec<&str> = expected
                .iter()
                .map(String::as_str)
                .chain([text.as_str()])
                .collect();
            device.reads(chat, &waited).await;
            device.client.close().await.unwrap();
        })
        .await;
        alice = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        // A send that was cut off may have been taken; one that returned has been.
        let is_there = alice.texts(chat).await.contains(&text);
        assert!(is_there || !taken.into_inner().unwrap(), "step {step}");
        if is_there {
            expected.push(text);
        }
        let all: Vec<&str> = expected.iter().map(String::as_str).collect();
        alice.reads(chat, &all).await;
        bob.reads(chat, &all).await;
        assert_nothing_is_doubled(&in_log);
        if !stopped {
            assert!(step > 20, "the steps are counted");
            return;
        }
    }
}

/// Keeps from a device that its messages were accepted.
fn without_acceptances() -> Tamper {
    Arc::new(Mutex::new(|frame| match frame {
        ServerFrame::Response {
            outcome: Outcome::Accepted { .. },
            ..
        } => Vec::new(),
        frame => vec![frame],
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_lost_the_group_before_hearing_of_an_acceptance_and_is_stopped_at_any_step_doubles_nothing() {
    let world = World::start().await;
    let (bob, in_log) = watcher(&world, "bob").await;
    let (mut alice, bob, chat) = begin_quiet_chat(world.person("alice").await, bob).await;
    let mut expected = vec!["first".to_owned(), "second".to_owned()];
    for step in every(3) {
        // Alice's message is accepted, and she does not know; then there is more, and her group is gone.
        alice.client.close().await.unwrap();
        let deaf = over(&world, without_acceptances(), alice.vault.snapshot()).await;
        let text = format!("in doubt at step {step}");
        deaf.sends(chat, &text).await;
        bob.ends_with(chat, &text).await;
        expected.push(text);
        let vault = deaf.crashes();
        bob.sends(chat, &format!("not for Alice at step {step}")).await;
        bob.ends_with(chat, &format!("not for Alice at step {step}"))
            .await;
        vault.loses_group(chat).await;

        // She joins anew, after all that, which her history says, and finds her message before.
        let all: Vec<&str> = expected.iter().map(String::as_str).collect();
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            device.hears(chat, &all).await;
            device.client.close().await.unwrap();
        })
        .await;
        alice = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        alice.hears(chat, &all).await;
        let after = format!("after step {step}");
        alice.sends(chat, &after).await;
        bob.ends_with(chat, &after).await;
        expected.push(after);
        let all: Vec<&str> = expected.iter().map(String::as_str).collect();
        alice.hears(chat, &all).await;
        assert_nothing_is_doubled(&in_log);
        assert_eq!(
            alice.client.chats().await.unwrap()[0].undecryptable,
            0,
            "step {step}"
        );
        if !stopped {
            assert!(step > 20, "the steps are counted");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_stopped_at_any_step_gets_everything_once_and_in_order() {
    let world = World::start().await;
    let (alice, mut bob, chat) = quiet_chat(&world).await;
    let mut expected = vec!["first".to_owned(), "second".to_owned()];
    for step in 0.. {
        let vault = bob.vault.snapshot();
        bob.client.close().await.unwrap();
        // One that was missed, and one that comes live.
        let (missed, live) = (
            format!("missed before step {step}"),
            format!("live at step {step}"),
        );
        alice.sends(chat, &missed).await;
        expected.push(missed);
        let all: Vec<String> = expected.iter().cloned().chain([live.clone()]).collect();
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            let missed: Vec<&str> = expected.iter().map(String::as_str).collect();
            device.reads(chat, &missed).await;
            alice.sends(chat, &live).await;
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            device.reads(chat, &all).await;
            device.client.close().await.unwrap();
        })
        .await;
        bob = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        if alice.texts(chat).await.contains(&live) {
            expected.push(live);
        }
        let all: Vec<&str> = expected.iter().map(String::as_str).collect();
        alice.reads(chat, &all).await;
        bob.reads(chat, &all).await;
        let summary = &bob.client.chats().await.unwrap()[0];
        assert_eq!(summary.undecryptable, 0, "step {step}");
        if !stopped {
            assert!(step > 20, "the steps are counted");
            return;
        }
    }
}

/// How many notices are in a store.
async fn notices_in(vault: &Vault) -> usize {
    const KIND: u8 = 0x30;
    let notices = Scan::prefix(RecordKey::new(KIND));
    vault.records().scan_keys(notices).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_one_stops_who_is_named_the_notice_is_in_the_store_if_the_message_is_and_only_then() {
    let world = World::start().await;
    let (alice, mut bob, chat) = quiet_chat(&world).await;
    let (own, mut known) = (bob.account(), notices_in(&bob.vault).await);
    for step in every(4) {
        let vault = bob.vault.snapshot();
        bob.client.close().await.unwrap();
        let text = format!("@ step {step}");
        let naming = Text {
            mentions: vec![Mention {
                start: 0,
                end: 1,
                account: own,
            }],
            ..Text::from(text.as_str())
        };
        alice.client.send(chat, NewMessage::text(naming)).await.unwrap();
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            device.ends_with(chat, &text).await;
            device.client.close().await.unwrap();
        })
        .await;
        let vault = vault.snapshot();
        let is_there = vault.holds(&text).await;
        assert_eq!(
            notices_in(&vault).await,
            known + usize::from(is_there),
            "step {step}"
        );
        bob = Device::open(&world.url(), vault, Faults::none()).await;
        bob.ends_with(chat, &text).await;
        known += 1;
        let notices = bob.client.notices(1, None).await.unwrap();
        assert!(
            matches!(&notices[0].about, NoticeAbout::Mention { message } if text_of(message) == text),
            "step {step}"
        );
        if !stopped {
            assert!(step > 10, "the steps are counted");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_begins_a_chat_and_is_stopped_at_any_step_has_it_in_the_end() {
    let world = World::start().await;
    let bob = world.person("bob").await;
    for step in 0.. {
        let device = world.person(&format!("alice{step}")).await;
        let vault = device.vault.snapshot();
        device.client.close().await.unwrap();
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            device.is_online().await;
            device.client.start_chat("bob").await.unwrap();
            device.client.close().await.unwrap();
        })
        .await;
        let device = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        device.is_online().await;
        let chat = device.client.start_chat("bob").await.unwrap();
        device.sends(chat, "hello").await;
        bob.reads(chat, &["hello"]).await;
        assert_eq!(device.client.chats().await.unwrap().len(), 1, "step {step}");
        if !stopped {
            assert!(step > 20, "the steps are counted");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_is_invited_and_stopped_at_any_step_is_in_the_chat_in_the_end() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    for step in 0.. {
        let bob = format!("bob{step}");
        let device = world.person(&bob).await;
        let vault = device.vault.snapshot();
        device.client.close().await.unwrap();
        let chat = alice.client.start_chat(&bob).await.unwrap();
        alice.sends(chat, "welcome").await;
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            device.has_chat(chat).await;
            device.reads(chat, &["welcome"]).await;
            device.client.close().await.unwrap();
        })
        .await;
        let device = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        device.has_chat(chat).await;
        device.reads(chat, &["welcome"]).await;
        device.sends(chat, "thanks").await;
        alice.reads(chat, &["welcome", "thanks"]).await;
        if !stopped {
            assert!(step > 20, "the steps are counted");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_stopped_at_any_step_of_its_login_is_in_the_chat_in_the_end() {
    let world = World::start().await;
    let (alice, bob, chat) = quiet_chat(&world).await;
    // Stretching a password takes a while: not every step, but all kinds of them.
    for step in every(7) {
        let vault = Vault::new();
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            device.client.log_in("alice", PASSWORD).await.unwrap();
            device.has_chat(chat).await;
            device.client.close().await.unwrap();
        })
        .await;
        let device = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        if device.client.account().is_none() {
            device.client.log_in("alice", PASSWORD).await.unwrap();
        }
        device.has_chat(chat).await;
        let text = format!("from the device of step {step}");
        device.sends(chat, &text).await;
        for reader in [&alice, &bob] {
            reader.ends_with(chat, &text).await;
        }
        // The next one finds the account as this one did.
        let id = device.client.account().unwrap().device;
        device.client.close().await.unwrap();
        alice.client.remove_device(id).await.unwrap();
        if !stopped {
            assert!(step > 20, "the steps are counted");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_once_at_any_step_costs_nothing_but_time() {
    let world = World::start().await;
    let (mut alice, bob, chat) = quiet_chat(&world).await;
    let mut expected = vec!["first".to_owned(), "second".to_owned()];
    for step in 0..60 {
        let vault = alice.vault.snapshot();
        alice.client.close().await.unwrap();
        let faults = Faults::at(step, Fault::Fail);
        let Ok(device) = Device::try_open(&world.url(), vault.snapshot(), faults).await else {
            alice = Device::open(&world.url(), vault, Faults::none()).await;
            continue;
        };
        let text = format!("sent at step {step}");
        while device.client.send_text(chat, &text).await.is_err() {}
        expected.push(text);
        let all: Vec<&str> = expected.iter().map(String::as_str).collect();
        device.client.connect().await.unwrap();
        device.reads(chat, &all).await;
        bob.reads(chat, &all).await;
        alice = device;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_sender_is_stopped_at_any_step_arrives_once_if_it_was_taken() {
    let world = World::start().await;
    let (bob, in_log) = watcher(&world, "bob").await;
    let (mut alice, bob, chat) = begin_quiet_chat(world.person("alice").await, bob).await;
    let mut expected = vec!["first".to_owned(), "second".to_owned()];
    for step in every(3) {
        let vault = alice.vault.snapshot();
        alice.client.close().await.unwrap();
        let (name, shown) = (format!("{step}.bin"), format!("<file {step}.bin>"));
        let taken = Mutex::new(false);
        let all: Vec<&str> = expected
            .iter()
            .map(String::as_str)
            .chain([shown.as_str()])
            .collect();
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            let file = NewFile::new(&name, "application/octet-stream", vec![7; 3000]);
            if device.client.send_file(chat, file).await.is_ok() {
                *taken.lock().unwrap() = true;
            }
            device.reads(chat, &all).await;
            device.client.close().await.unwrap();
        })
        .await;
        alice = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        let is_there = alice.texts(chat).await.contains(&shown);
        assert!(is_there || !taken.into_inner().unwrap(), "step {step}");
        if is_there {
            expected.push(shown);
        }
        let all: Vec<&str> = expected.iter().map(String::as_str).collect();
        alice.reads(chat, &all).await;
        bob.reads(chat, &all).await;
        assert_nothing_is_doubled(&in_log);
        if is_there {
            let last = bob.messages(chat).await.pop().unwrap();
            let content = bob.client.read_file(chat, last.id).await.unwrap();
            assert!(content == vec![7; 3000], "step {step}");
        }
        if !stopped {
            assert!(step > 20, "the steps are counted");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_whose_author_is_stopped_at_any_step_is_made_once_on_both_sides() {
    let world = World::start().await;
    let (mut alice, bob, chat) = quiet_chat(&world).await;
    let mut message = alice.messages(chat).await[0].id;
    let mut editions = vec!["first".to_owned()];
    for step in every(3) {
        // Of a message that was edited often not all is kept.
        if editions.len() == 20 {
            let fresh = format!("before step {step}");
            alice.sends(chat, &fresh).await;
            bob.ends_with(chat, &fresh).await;
            message = bob.messages(chat).await.pop().unwrap().id;
            alice.sees(chat, message, |_| true).await;
            editions = vec![fresh];
        }
        let vault = alice.vault.snapshot();
        alice.client.close().await.unwrap();
        let text = format!("edited at step {step}");
        let taken = Mutex::new(false);
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            if device.client.edit(chat, message, text.as_str()).await.is_ok() {
                *taken.lock().unwrap() = true;
            }
            bob.sees(chat, message, |message| text_of(message) == text).await;
            device.client.close().await.unwrap();
        })
        .await;
        alice = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        let here = alice.client.message(chat, message).await.unwrap().unwrap();
        let is_there = text_of(&here) == text;
        assert!(is_there || !taken.into_inner().unwrap(), "step {step}");
        if is_there {
            editions.push(text);
        }
        let is_made = |message: &Message| {
            let said = message.editions.iter().map(|edition| edition.text.text.as_str());
            editions.len() == 1 || said.eq(editions.iter().map(String::as_str))
        };
        // What is said after it comes after it.
        let after = format!("after step {step}");
        alice.sends(chat, &after).await;
        bob.ends_with(chat, &after).await;
        bob.sees(chat, message, is_made).await;
        alice.sees(chat, message, is_made).await;
        if !stopped {
            assert!(step > 20, "the steps are counted");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_gone_wherever_a_receiver_was_stopped() {
    let world = World::start().await;
    let (alice, mut bob, chat) = quiet_chat(&world).await;
    let is_gone = async |device: &Device, text: &str| {
        let mut events = device.client.events();
        while device.vault.holds(text).await {
            next(&mut events).await;
        }
    };
    for step in every(5) {
        let vault = bob.vault.snapshot();
        bob.client.close().await.unwrap();
        let (timed, kept) = (format!("for a second, step {step}"), format!("kept, step {step}"));
        let a_second = Retention::For { seconds: 1 };
        let message = NewMessage::text(Text::from(timed.as_str())).kept(a_second);
        alice.client.send(chat, message).await.unwrap();
        alice.sends(chat, &kept).await;
        let stopped = until_it_stops(&world, &vault, step, async |device: Device| {
            device.ends_with(chat, &kept).await;
            is_gone(&device, &timed).await;
            device.client.close().await.unwrap();
        })
        .await;
        bob = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        bob.ends_with(chat, &kept).await;
        is_gone(&bob, &timed).await;
        assert!(!bob.texts(chat).await.contains(&timed), "step {step}");
        if !stopped {
            assert!(step > 20, "the steps are counted");
            return;
        }
    }
}
