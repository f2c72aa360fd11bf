//! The devices of an account through a real server: listed, removed, and out of every chat.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::{AccountId, ChatId};
use sotto_client_sdk::store::Scan;
use sotto_client_sdk::{ClientError, Event, LogOutReason};
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, Pair, World, gardeners, next, until};

/// Waits until the account has so many devices in the group, as this device sees it.
async fn has_devices(device: &Device, group: ChatId, account: AccountId, count: usize) {
    let mut events = device.client.events();
    loop {
        let page = device.client.group_members(group, 0, 10).await.unwrap();
        let member = page.members.iter().find(|member| member.account == account);
        if member.map_or(0, |member| member.devices) == count {
            return;
        }
        next(&mut events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_device_is_logged_out_and_out_of_every_chat() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let mut phone = world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.is_online().await;
    let group = alice.founds(gardeners(BY_ADMINS, &["bob"])).await;
    let direct = alice.client.start_chat("bob").await.unwrap();
    for device in [&bob, &phone] {
        device.has_chat(group).await;
        device.has_chat(direct).await;
    }
    has_devices(&bob, group, alice.account(), 2).await;

    let devices = alice.client.devices().await.unwrap();
    assert_eq!(devices.len(), 2);
    assert!(devices[0].is_this && !devices[1].is_this);
    assert_eq!(
        alice.client.remove_device(devices[0].device).await,
        Err(ClientError::ThisDevice)
    );
    alice.client.remove_device(devices[1].device).await.unwrap();
    until(&mut phone.events, |event| {
        *event
            == Event::LoggedOut {
                reason: LogOutReason::SessionEnded,
            }
    })
    .await;
    for device in [&alice, &bob] {
        has_devices(device, group, alice.account(), 1).await;
    }
    // Doing it again does nothing.
    alice.client.remove_device(devices[1].device).await.unwrap();
    assert_eq!(alice.client.devices().await.unwrap().len(), 1);
    for chat in [group, direct] {
        bob.sends(chat, "just us").await;
        alice.hears(chat, &["just us"]).await;
        assert!(phone.texts(chat).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_away_takes_part_in_what_was_decided_without_it() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let phone = world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.is_online().await;
    let group = alice.founds(gardeners(BY_ADMINS, &["bob"])).await;
    phone.has_chat(group).await;
    bob.has_chat(group).await;
    has_devices(&bob, group, alice.account(), 2).await;
    let lost = phone.client.account().unwrap().device;
    drop(phone);
    // Whoever removes it crashes before it comes to the chats.
    alice.client.remove_device(lost).await.unwrap();
    let alice = alice.crashes_and_restarts(&world).await;
    for device in [&alice, &bob] {
        has_devices(device, group, alice.account(), 1).await;
    }
    alice.sends(group, "still here").await;
    bob.hears(group, &["still here"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_finishes_what_the_one_that_removed_has_not() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let (phone, tablet) = (world.device().await, world.device().await);
    for device in [&phone, &tablet] {
        device.client.log_in("alice", PASSWORD).await.unwrap();
        device.is_online().await;
    }
    let group = alice.founds(gardeners(BY_ADMINS, &["bob"])).await;
    for device in [&phone, &tablet, &bob] {
        device.has_chat(group).await;
    }
    has_devices(&bob, group, alice.account(), 3).await;
    let lost = phone.client.account().unwrap().device;
    drop(phone);
    // One that never comes to the chats: it removes the device, and is gone.
    alice.client.remove_device(lost).await.unwrap();
    drop(alice);
    has_devices(&tablet, group, tablet.account(), 2).await;
    has_devices(&bob, group, tablet.account(), 2).await;
}

/// However long another device waits before it looks after removed ones, one that came meanwhile is not taken for one.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_new_stays_though_others_have_not_heard_of_it() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let group = alice.founds(gardeners(BY_ADMINS, &["bob"])).await;
    bob.has_chat(group).await;
    let mut phones = Vec::new();
    for count in 2..5 {
        let phone = world.device().await;
        phone.client.log_in("bob", PASSWORD).await.unwrap();
        phone.has_chat(group).await;
        has_devices(&alice, group, bob.account(), count).await;
        phones.push(phone);
    }
    // Whoever looks after removed devices next finds all of these on the list.
    let removed = world.device().await;
    removed.client.log_in("bob", PASSWORD).await.unwrap();
    removed.has_chat(group).await;
    has_devices(&alice, group, bob.account(), 5).await;
    let here = removed.client.account().unwrap().device;
    bob.client.remove_device(here).await.unwrap();
    has_devices(&alice, group, bob.account(), 4).await;
    alice.sends(group, "hello to all four").await;
    for device in phones.iter().chain([&bob]) {
        device.ends_with(group, "hello to all four").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_logs_out_everywhere_goes_on_with_what_is_there_on_each_device_that_logs_in_again() {
    let Pair {
        world,
        mut alice,
        bob,
        chat,
    } = Pair::start().await;
    let mut phone = world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.has_chat(chat).await;
    alice.client.log_out_everywhere().await.unwrap();
    for (device, reason) in [
        (&mut alice, LogOutReason::Requested),
        (&mut phone, LogOutReason::SessionEnded),
    ] {
        until(&mut device.events, |event| *event == Event::LoggedOut { reason }).await;
        assert_eq!(
            device.client.log_out_everywhere().await,
            Err(ClientError::NotLoggedIn)
        );
    }
    assert_eq!(alice.texts(chat).await, ["hello"]);
    bob.sends(chat, "are you there?").await;
    alice.client.log_in("alice", PASSWORD).await.unwrap();
    alice.reads(chat, &["hello", "are you there?"]).await;
    assert_eq!(alice.client.devices().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_by_whoever_knows_its_password_with_what_is_stored_here() {
    let Pair {
        world,
        mut alice,
        bob,
        chat,
    } = Pair::start().await;
    let wrong = alice.client.delete_account("correct horse battery stable").await;
    assert_eq!(wrong, Err(ClientError::WrongCredentials));
    alice.sends(chat, "still here").await;
    bob.reads(chat, &["hello", "still here"]).await;

    alice.client.delete_account(PASSWORD).await.unwrap();
    let reason = LogOutReason::Requested;
    until(&mut alice.events, |event| *event == Event::LoggedOut { reason }).await;
    assert_eq!(alice.client.account(), None);
    assert!(alice.client.chats().await.unwrap().is_empty());
    let left = alice.vault.records().scan_bytes(Scan::all()).await.unwrap();
    assert_eq!(left.len(), 0, "records are left");
    assert_eq!(bob.client.person("alice").await, Err(ClientError::UserNotFound));
    assert_eq!(bob.texts(chat).await, ["hello", "still here"]);
    let again = world.device().await;
    let taken = again.client.register("alice", PASSWORD).await.err();
    assert_eq!(taken, Some(ClientError::NameTaken));
}
