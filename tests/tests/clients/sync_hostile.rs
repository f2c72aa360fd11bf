//! The server may do what it likes with what it sends: nothing false is shown, and the chat goes on.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use bytes::Bytes;
use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::protocol::frame::{Entry, EntryKind, Outcome, ServerFrame};
use sotto_client_sdk::protocol::rest::user::User;
use sotto_client_sdk::protocol::{Binary, DeviceAddress, IdentityKey, MessageId};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{ClientError, Event, IdentityStatus, NewGroup};
use sotto_crypto_core::{AccountRoot, Secret};
use sotto_tests::tampering::{Tamper, TamperAnswer, Tampering, honest};
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, Vault, World, gardeners, next, until};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// A person to whom the server tells everything changed like this.
async fn person_over(world: &World, name: &str, tamper: Tamper) -> Device {
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), tamper);
    let device = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    device.client.register(name, PASSWORD).await.unwrap();
    device.is_online().await;
    device
}

/// Changes entries wherever they come from: pushed, or in a page.
fn entries(mut change: impl FnMut(Entry) -> Vec<Entry> + Send + 'static) -> Tamper {
    Arc::new(Mutex::new(move |frame| match frame {
        ServerFrame::Entry { chat, entry } => change(entry)
            .into_iter()
            .map(|entry| ServerFrame::Entry { chat, entry })
            .collect(),
        ServerFrame::Response {
            request,
            outcome: Outcome::Page(mut page),
        } => {
            page.entries = page.entries.into_iter().flat_map(&mut change).collect();
            page.entries.sort_by_key(|entry| entry.seq);
            page.entries.dedup_by_key(|entry| entry.seq);
            vec![ServerFrame::Response {
                request,
                outcome: Outcome::Page(page),
            }]
        }
        frame => vec![frame],
    }))
}

fn is_message(entry: &Entry) -> bool {
    entry.kind == EntryKind::Application
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_message_is_counted_and_not_shown_and_those_after_it_are() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let mut seen = 0;
    let tamper = entries(move |mut entry| {
        if is_message(&entry) {
            seen += 1;
            if seen == 2 {
                let mut payload = entry.payload.to_vec();
                *payload.last_mut().unwrap() ^= 1;
                entry.payload = payload.into();
            }
        }
        vec![entry]
    });
    let mut bob = person_over(&world, "bob", tamper).await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    for text in ["one", "two", "three"] {
        alice.sends(chat, text).await;
    }
    bob.reads(chat, &["one", "three"]).await;
    until(&mut bob.events, |event| {
        matches!(event, Event::Undecryptable { .. })
    })
    .await;
    assert_eq!(bob.client.chats().await.unwrap()[0].undecryptable, 1);
    bob.sends(chat, "four").await;
    alice.reads(chat, &["one", "two", "three", "four"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_server_says_is_ones_own_is_not_hidden() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let own = Arc::new(Mutex::new(None));
    let tamper = entries({
        let own = Arc::clone(&own);
        move |mut entry| {
            if is_message(&entry) {
                entry.from = own.lock().unwrap().unwrap();
            }
            vec![entry]
        }
    });
    let bob = person_over(&world, "bob", tamper).await;
    let account = bob.client.account().unwrap();
    *own.lock().unwrap() = Some(DeviceAddress {
        account: account.account,
        device: account.device,
    });
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    for text in ["one", "two"] {
        alice.sends(chat, text).await;
    }
    bob.reads(chat, &["one", "two"]).await;
    let messages = bob.messages(chat).await;
    assert!(
        messages.iter().all(|message| !message.own),
        "MLS says whose they are, not the server"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_come_twice_are_shown_once() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let bob = person_over(&world, "bob", entries(|entry| vec![entry.clone(), entry])).await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    for text in ["one", "two", "three"] {
        alice.sends(chat, text).await;
    }
    bob.reads(chat, &["one", "two", "three"]).await;
    assert_eq!(bob.client.chats().await.unwrap()[0].undecryptable, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_come_out_of_order_are_shown_in_order() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let mut held: Option<ServerFrame> = None;
    let tamper: Tamper = Arc::new(Mutex::new(move |frame: ServerFrame| {
        match (&frame, held.take()) {
            (ServerFrame::Entry { .. }, None) => {
                held = Some(frame);
                vec![]
            }
            (_, Some(before)) => vec![frame, before],
            (_, None) => vec![frame],
        }
    }));
    let bob = person_over(&world, "bob", tamper).await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    for text in ["one", "two", "three", "four"] {
        alice.sends(chat, text).await;
    }
    alice.reads(chat, &["one", "two", "three", "four"]).await;
    // A frame of its own gives the last one back.
    bob.sends(chat, "five").await;
    bob.reads(chat, &["one", "two", "three", "four", "five"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_not_pushed_is_fetched_when_the_next_one_comes() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let mut pushed = 0;
    let tamper: Tamper = Arc::new(Mutex::new(move |frame: ServerFrame| match &frame {
        ServerFrame::Entry { entry, .. } if is_message(entry) => {
            pushed += 1;
            if pushed == 2 { vec![] } else { vec![frame] }
        }
        _ => vec![frame],
    }));
    let bob = person_over(&world, "bob", tamper).await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    for text in ["one", "two", "three"] {
        alice.sends(chat, text).await;
    }
    bob.reads(chat, &["one", "two", "three"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_server_gives_another_id_is_not_shown() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let mut seen = HashSet::new();
    let tamper = entries(move |mut entry| {
        if is_message(&entry) && seen.insert(entry.seq) && seen.len() == 1 {
            entry.message = MessageId::from_bytes([9; 16]);
        }
        vec![entry]
    });
    let bob = person_over(&world, "bob", tamper).await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    alice.sends(chat, "one").await;
    alice.sends(chat, "two").await;
    bob.reads(chat, &["two"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_nonsense_does_not_end_the_chat() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let mut nonsense = 3;
    let tamper: Tamper = Arc::new(Mutex::new(move |frame: ServerFrame| match frame {
        ServerFrame::Entry { .. } => vec![],
        ServerFrame::Response {
            request,
            outcome: Outcome::Page(mut page),
        } if nonsense > 0 && !page.entries.is_empty() => {
            nonsense -= 1;
            page.entries.reverse();
            let twice = page.entries.clone();
            page.entries.extend(twice);
            vec![ServerFrame::Response {
                request,
                outcome: Outcome::Page(page),
            }]
        }
        frame => vec![frame],
    }));
    let bob = person_over(&world, "bob", tamper).await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    alice.sends(chat, "one").await;
    alice.reads(chat, &["one"]).await;
    for _ in 0..6 {
        // Each new connection says that there is something, and asks for it.
        bob.client.disconnect().await.unwrap();
        bob.client.connect().await.unwrap();
        bob.is_online().await;
    }
    bob.reads(chat, &["one"]).await;
}

/// Shows another identity for one account: its own key, and a device list that it signs.
fn another_identity(name: &'static str) -> TamperAnswer {
    Arc::new(move |request, mut answer| {
        let profile = request.path.starts_with("/v1/user/") && answer.status == 200;
        let Ok(mut user) = serde_json::from_slice::<User>(&answer.body) else {
            return answer;
        };
        if profile && user.name.as_str() == name {
            let identity = root([5; 32]).identity();
            let mut list = user.device_list.claimed().unwrap();
            list.identity_key = identity.public_key();
            list.version += 1;
            user.identity_key = identity.public_key();
            user.device_list = identity.sign_device_list(&list);
            answer.body = serde_json::to_vec(&user).unwrap();
        }
        answer
    })
}

fn root(bytes: [u8; 32]) -> AccountRoot {
    AccountRoot::from_bytes(*Secret::from_bytes(bytes).expose())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_identity_key_puts_the_chat_on_hold_until_it_is_accepted() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    alice.sends(chat, "before").await;
    bob.reads(chat, &["before"]).await;
    alice.reads(chat, &["before"]).await;
    let bobs_account = bob.client.account().unwrap().account;
    let known = alice.client.contact(bobs_account).unwrap().identity_key;

    alice.client.close().await.unwrap();
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest())
        .with_answers(another_identity("bob"));
    let mut alice = Device::open_over(transport, alice.vault.snapshot(), Faults::none())
        .await
        .unwrap();
    alice.is_online().await;
    assert_eq!(
        alice.client.person("bob").await.unwrap().identity,
        IdentityStatus::Changed
    );
    assert_eq!(
        alice.client.start_chat("bob").await,
        Err(ClientError::IdentityChanged {
            account: bobs_account
        })
    );
    let changed = Event::IdentityChanged {
        account: bobs_account,
    };
    until(&mut alice.events, |event| *event == changed).await;
    let contact = alice.client.contact(bobs_account).unwrap();
    assert_eq!(contact.identity_key, known);
    assert_eq!(contact.changed_to, Some(root([5; 32]).identity().public_key()));
    assert_eq!(
        alice.client.chats().await.unwrap()[0]
            .kind
            .with()
            .unwrap()
            .identity,
        IdentityStatus::Changed
    );
    // What is written now waits, while what bob's devices send is still read.
    alice.sends(chat, "held").await;
    bob.sends(chat, "still here").await;
    bob.reads(chat, &["before", "still here"]).await;
}

/// Of somebody with whom one has groups alone, and a direct chat with neither.
#[tokio::test(flavor = "multi_thread")]
async fn another_identity_key_of_a_member_is_told_in_every_group_that_the_account_is_in() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let new = |title: &str, members: &[&str]| NewGroup {
        title: title.to_owned(),
        ..gardeners(BY_ADMINS, members)
    };
    let rowing = alice.client.create_group(new("Rowing", &["bob"])).await.unwrap();
    let singing = alice.client.create_group(new("Singing", &["bob"])).await.unwrap();
    let alone = alice.client.create_group(new("Alone", &[])).await.unwrap();
    for group in [rowing, singing] {
        bob.has_chat(group).await;
        alice.sees_group(group, |seen| seen.members == 2).await;
        // Its name is read, and with it the identity key that is known from then on.
        alice.client.group_members(group, 0, 10).await.unwrap();
    }
    let bobs_account = bob.account();
    let mut events = alice.client.events();
    while alice.client.contact(bobs_account).is_none() {
        next(&mut events).await;
    }

    alice.client.close().await.unwrap();
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest())
        .with_answers(another_identity("bob"));
    let mut alice = Device::open_over(transport, alice.vault.snapshot(), Faults::none())
        .await
        .unwrap();
    alice.is_online().await;
    // Bob changes something of his profile, and the server tells so.
    let mut phone = world.device().await;
    phone.client.log_in("bob", PASSWORD).await.unwrap();
    until(&mut phone.events, |event| {
        matches!(event, Event::ChatAdded { .. })
    })
    .await;
    let changed = Event::IdentityChanged {
        account: bobs_account,
    };
    until(&mut alice.events, |event| *event == changed).await;
    for (group, expected) in [(rowing, true), (singing, true), (alone, false)] {
        let doubted = alice.client.group(group).await.unwrap().doubted;
        assert_eq!(!doubted.is_empty(), expected);
        assert!(doubted.iter().all(|whom| whom.account == bobs_account));
        assert!(
            doubted
                .iter()
                .all(|whom| whom.name.as_ref().unwrap().as_str() == "bob")
        );
    }
    alice.client.accept_identity(bobs_account).await.unwrap();
    for group in [rowing, singing] {
        assert!(alice.client.group(group).await.unwrap().doubted.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_list_that_its_identity_key_did_not_sign_is_refused() {
    let world = World::start().await;
    let (alice, _bob) = (world.person("alice").await, world.person("bob").await);
    alice.client.close().await.unwrap();
    let forged: TamperAnswer = Arc::new(|request, mut answer| {
        if request.path == "/v1/user/bob" {
            let mut user: User = serde_json::from_slice(&answer.body).unwrap();
            let mut list = user.device_list.claimed().unwrap();
            list.version += 1;
            user.device_list.list = Binary::from(Bytes::from(list.encode()));
            answer.body = serde_json::to_vec(&user).unwrap();
        }
        answer
    });
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(forged);
    let alice = Device::open_over(transport, alice.vault.snapshot(), Faults::none())
        .await
        .unwrap();
    assert!(matches!(
        alice.client.start_chat("bob").await,
        Err(ClientError::Untrusted(_))
    ));
    assert!(alice.client.chats().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_shows_another_identity_key_at_login_is_not_believed() {
    let world = World::start().await;
    let _alice = world.person("alice").await;
    let swapped: TamperAnswer = Arc::new(|request, mut answer| {
        if request.path == "/v1/auth/login/finish" && answer.status == 200 {
            let mut value: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            value["identity_key"] = IdentityKey::from_bytes([8; 32]).to_string().into();
            answer.body = serde_json::to_vec(&value).unwrap();
        }
        answer
    });
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(swapped);
    let device = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    assert!(matches!(
        device.client.log_in("alice", PASSWORD).await,
        Err(ClientError::Untrusted(_))
    ));
    assert_eq!(device.client.account(), None);
}
