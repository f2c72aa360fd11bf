//! New devices, through a real server: by recovery code, by the code of an old device, named, told, and found to be what they seem.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::{AccountId, DeviceId};
use sotto_client_sdk::{ClientError, Event, OwnDevice, SafetyComparison};
use sotto_tests::world::{DEVICE_NAME, Device, PASSWORD, World, until};

/// Waits until this device is told of one that came, and gives what it then knows of it.
async fn is_told_of(device: &mut Device, expected: bool) -> OwnDevice {
    let event = until(&mut device.events, |event| {
        matches!(event, Event::DeviceAdded { .. })
    })
    .await;
    let Event::DeviceAdded {
        device: added,
        is_expected,
    } = event
    else {
        unreachable!("it was waited for");
    };
    assert_eq!(is_expected, expected);
    own(device, added).await
}

async fn own(device: &Device, wanted: DeviceId) -> OwnDevice {
    let devices = device.client.devices().await.unwrap();
    devices
        .into_iter()
        .find(|device| device.device == wanted)
        .unwrap()
}

fn id(device: &Device) -> DeviceId {
    device.client.account().unwrap().device
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recovery_code_brings_up_a_device_and_another_password() {
    let world = World::start().await;
    let mut alice = world.device().await;
    let code = alice.client.register("alice", PASSWORD).await.unwrap();
    alice.is_online().await;
    let bob = world.person("bob").await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;

    let phone = world.device().await;
    phone
        .client
        .log_in_by_recovery_code("alice", &code.words())
        .await
        .unwrap();
    phone.has_chat(chat).await;
    phone.sends(chat, "the password is gone").await;
    bob.hears(chat, &["the password is gone"]).await;
    is_told_of(&mut alice, false).await;

    let new = "Quittenmus und Kornblumen";
    phone
        .client
        .set_password_by_recovery_code(&code.words(), new)
        .await
        .unwrap();
    let tablet = world.device().await;
    let refused = tablet.client.log_in("alice", PASSWORD).await;
    assert_eq!(refused, Err(ClientError::WrongCredentials));
    tablet.client.log_in("alice", new).await.unwrap();
    tablet.has_chat(chat).await;
    // Whoever knows the password changes it without the code; nobody is logged out.
    let wrong = alice.client.change_password(PASSWORD, "another").await;
    assert_eq!(wrong, Err(ClientError::WrongCredentials));
    alice.client.change_password(new, PASSWORD).await.unwrap();
    assert_eq!(alice.client.devices().await.unwrap().len(), 3);
    tablet.sends(chat, "still here").await;
    bob.hears(chat, &["the password is gone", "still here"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_recovery_code_is_refused_like_an_unknown_name() {
    let world = World::start().await;
    let code = world
        .device()
        .await
        .client
        .register("alice", PASSWORD)
        .await
        .unwrap();
    let other = world
        .device()
        .await
        .client
        .register("bob", PASSWORD)
        .await
        .unwrap();
    let phone = world.device().await;
    for (name, code) in [("alice", &other), ("nobody", &code)] {
        let refused = phone.client.log_in_by_recovery_code(name, &code.words()).await;
        assert_eq!(refused, Err(ClientError::WrongCredentials));
    }
    let malformed = phone
        .client
        .log_in_by_recovery_code("alice", "abandon ability")
        .await;
    assert!(matches!(malformed, Err(ClientError::InvalidRecoveryCode(_))));
    phone
        .client
        .log_in_by_recovery_code("alice", &code.words())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_an_old_device_lets_a_new_one_in_once_and_each_knows_the_other() {
    let world = World::start().await;
    let (mut alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    let offer = alice.client.offer_device_link(&world.url()).await.unwrap();
    assert_eq!(offer.code.server, world.url());

    let phone = world.device().await;
    let text = offer.code.text();
    // What a camera reads is the same behind an address.
    phone
        .client
        .log_in_by_device_link(&offer.code.url())
        .await
        .unwrap();
    assert_eq!(id(&phone), offer.device);
    phone.has_chat(chat).await;
    phone.sends(chat, "from my new phone").await;
    bob.hears(chat, &["from my new phone"]).await;

    let seen = is_told_of(&mut alice, true).await;
    assert_eq!(seen.device, offer.device);
    assert!(seen.is_verified && !seen.is_new);
    assert_eq!(seen.name.as_deref(), Some(DEVICE_NAME));
    let old = own(&phone, id(&alice)).await;
    assert!(old.is_verified && !old.is_new && !old.is_this);
    assert_eq!(old.code, own(&alice, id(&alice)).await.code);

    let thief = world.device().await;
    assert_eq!(
        thief.client.log_in_by_device_link(&text).await,
        Err(ClientError::DeviceLinkRefused)
    );
    let withdrawn = alice.client.offer_device_link(&world.url()).await.unwrap();
    alice.client.withdraw_device_link(&withdrawn.code).await.unwrap();
    assert_eq!(
        thief.client.log_in_by_device_link(&withdrawn.code.text()).await,
        Err(ClientError::DeviceLinkRefused)
    );
    let half = &text[..text.len() / 2];
    assert!(matches!(
        thief.client.log_in_by_device_link(half).await,
        Err(ClientError::InvalidDeviceLinkCode(_))
    ));
    assert_eq!(alice.client.devices().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_nobody_expected_is_told_and_stays_new_until_it_is_acknowledged() {
    let world = World::start().await;
    let mut alice = world.person("alice").await;
    let phone = world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    let seen = is_told_of(&mut alice, false).await;
    assert_eq!(seen.device, id(&phone));
    assert!(seen.is_new && !seen.is_verified && !seen.is_this);

    // However often it is started in between.
    let alice = alice.crashes_and_restarts(&world).await;
    alice.is_online().await;
    assert!(own(&alice, id(&phone)).await.is_new);
    assert!(alice.client.has_new_devices().await.unwrap());
    alice.client.acknowledge_devices().await.unwrap();
    assert!(!alice.client.has_new_devices().await.unwrap());
    let seen = own(&alice, id(&phone)).await;
    assert!(!seen.is_new && !seen.is_verified);

    // The new one has seen no other come.
    let devices = phone.client.devices().await.unwrap();
    assert!(devices.iter().all(|device| !device.is_new));

    // What people compare is the same on both.
    assert_eq!(seen.code, own(&phone, id(&phone)).await.code);
    alice.client.confirm_device(id(&phone)).await.unwrap();
    assert!(own(&alice, id(&phone)).await.is_verified);
    let nobodys = alice.client.confirm_device(DeviceId::from_bytes([7; 16])).await;
    assert_eq!(nobodys, Err(ClientError::DeviceNotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_have_names_that_the_accounts_devices_alone_can_read() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let phone = world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.is_online().await;
    assert_eq!(own(&alice, id(&phone)).await.name.as_deref(), Some(DEVICE_NAME));
    alice
        .client
        .rename_device(id(&phone), " Zoë’s phone ")
        .await
        .unwrap();
    for device in [&alice, &phone] {
        assert_eq!(own(device, id(&phone)).await.name.as_deref(), Some("Zoë’s phone"));
    }
    for refused in ["", "x\u{1b}[2J", &"x".repeat(65)] {
        let refused = alice.client.rename_device(id(&phone), refused).await;
        assert!(matches!(refused, Err(ClientError::InvalidDeviceName(_))));
    }
    let nobodys = alice
        .client
        .rename_device(DeviceId::from_bytes([7; 16]), "ghost")
        .await;
    assert_eq!(nobodys, Err(ClientError::DeviceNotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_never_last_seen_before_it_was_enrolled() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let laptop = own(&alice, id(&alice)).await;
    assert!(laptop.last_seen_at >= laptop.enrolled_at);
}

/// Opens the account that a device was removed from anew: what the thief knew by then helps no more.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_of_a_device_that_is_removed_lets_nobody_in() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let stolen = world.device().await;
    stolen.client.log_in("alice", PASSWORD).await.unwrap();
    stolen.is_online().await;
    let offer = stolen.client.offer_device_link(&world.url()).await.unwrap();
    alice.client.remove_device(id(&stolen)).await.unwrap();
    let thief = world.device().await;
    assert_eq!(
        thief.client.log_in_by_device_link(&offer.code.text()).await,
        Err(ClientError::DeviceLinkRefused)
    );
    assert_eq!(alice.client.devices().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_safety_code_that_is_the_same_verifies_and_another_does_not() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let carol = world.person("carol").await;
    for (peer, name) in [(&bob, "bob"), (&carol, "carol")] {
        let chat = alice.client.start_chat(name).await.unwrap();
        peer.has_chat(chat).await;
    }
    let (of_alice, of_bob) = (alice.account(), bob.account());
    let shown = |device: &Device, to: AccountId| device.client.safety_code(to).unwrap().to_string();
    let is_verified = |device: &Device, whom| device.client.contact(whom).unwrap().is_verified;

    let carols = shown(&carol, of_alice);
    let wrong = alice.client.compare_safety_code(of_bob, &carols).await.unwrap();
    assert_eq!(wrong, SafetyComparison::OtherAccounts);
    assert!(!is_verified(&alice, of_bob));
    let bobs = shown(&bob, of_alice);
    let same = alice.client.compare_safety_code(of_bob, &bobs).await.unwrap();
    assert_eq!(same, SafetyComparison::Same);
    assert!(is_verified(&alice, of_bob));
    bob.client.confirm_safety_number(of_alice).await.unwrap();
    assert!(is_verified(&bob, of_alice));
    let malformed = alice.client.compare_safety_code(of_bob, "12345 67890").await;
    assert!(matches!(malformed, Err(ClientError::InvalidSafetyCode(_))));

    let alice = alice.crashes_and_restarts(&world).await;
    assert!(is_verified(&alice, of_bob));
    assert!(!is_verified(&alice, carol.account()));
}
