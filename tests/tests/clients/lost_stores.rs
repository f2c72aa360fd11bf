//! Stores that lost a group's state, in which it was damaged, or that were set back: the device joins anew by itself, says so in
//! its history, and nothing that it sends is lost.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::protocol::ChatId;
use sotto_client_sdk::protocol::rest::chat::GroupInfo;
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{GroupChange, MessageState};
use sotto_tests::tampering::{TamperAnswer, Tampering, honest};
use sotto_tests::world::{BY_ADMINS, Device, Vault, World, gardeners, next};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A group of Alice, Bob and Carol in which all have spoken, so that nobody is about to renew anything.
struct Scene {
    world: World,
    alice: Device,
    carol: Device,
    chat: ChatId,
}

const SPOKEN: [&str; 3] = ["alice", "bob", "carol"];

impl Scene {
    async fn new() -> (Self, Device) {
        let world = World::start().await;
        let alice = world.person("alice").await;
        let bob = world.person("bob").await;
        let carol = world.person("carol").await;
        let chat = alice.founds(gardeners(BY_ADMINS, &["bob", "carol"])).await;
        for device in [&bob, &carol] {
            device.takes(chat).await;
        }
        let mut expected = Vec::new();
        for (device, text) in [&alice, &bob, &carol].into_iter().zip(SPOKEN) {
            device.sends(chat, text).await;
            expected.push(text);
            for device in [&alice, &bob, &carol] {
                device.hears(chat, &expected).await;
            }
        }
        let scene = Self {
            world,
            alice,
            carol,
            chat,
        };
        (scene, bob)
    }

    async fn opens(&self, vault: Vault) -> Device {
        Device::open(&self.world.url(), vault, Faults::none()).await
    }

    /// Bob says so quietly that he has joined anew, and all hear each other.
    async fn heals(&self, bob: &Device, at_bob: &[&str], at_others: &[&str]) {
        bob.sees_change(self.chat, bob.account(), &GroupChange::Rejoined)
            .await;
        let mut at_bob = at_bob.to_vec();
        let mut at_others = at_others.to_vec();
        for (device, text) in [
            (bob, "back"),
            (&self.alice, "welcome back"),
            (&self.carol, "hello"),
        ] {
            device.sends(self.chat, text).await;
            at_bob.push(text);
            at_others.push(text);
            bob.hears(self.chat, &at_bob).await;
            for device in [&self.alice, &self.carol] {
                device.hears(self.chat, &at_others).await;
            }
        }
        for device in [&self.alice, bob, &self.carol] {
            device.sees_group(self.chat, |group| group.members == 3).await;
            let summary = device.client.chats().await.unwrap().remove(0);
            assert!(!summary.is_halted);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_lost_a_groups_state_joins_anew() {
    let (scene, bob) = Scene::new().await;
    let vault = bob.goes_away().await;
    vault.loses_group(scene.chat).await;
    let bob = scene.opens(vault).await;
    // By this he notices, and cannot read it.
    scene.alice.sends(scene.chat, "unread").await;
    let spoken = [&SPOKEN[..], &["unread"]].concat();
    scene.heals(&bob, &SPOKEN, &spoken).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_in_whose_store_a_groups_state_is_damaged_joins_anew() {
    let (scene, bob) = Scene::new().await;
    let vault = bob.goes_away().await;
    vault.damages_group(scene.chat).await;
    let bob = scene.opens(vault).await;
    bob.sends(scene.chat, "first").await;
    let spoken = [&SPOKEN[..], &["first"]].concat();
    bob.hears(scene.chat, &spoken).await;
    scene.heals(&bob, &spoken, &spoken).await;
}

/// Its keys were used since: what it says next with the same keys would be taken for what is known already.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_store_was_set_back_within_an_epoch_joins_anew_before_it_speaks() {
    let (scene, bob) = Scene::new().await;
    let old = bob.vault.snapshot();
    bob.sends(scene.chat, "forgotten").await;
    let spoken = [&SPOKEN[..], &["forgotten"]].concat();
    for device in [&scene.alice, &bob, &scene.carol] {
        device.hears(scene.chat, &spoken).await;
    }
    drop(bob.goes_away().await);
    let bob = scene.opens(old).await;
    // Written before anything is known of the server.
    bob.sends(scene.chat, "remembered").await;
    for device in [&scene.alice, &scene.carol] {
        device
            .hears(scene.chat, &[&spoken[..], &["remembered"]].concat())
            .await;
    }
    let at_bob = [&SPOKEN[..], &["remembered"]].concat();
    bob.hears(scene.chat, &at_bob).await;
    scene
        .heals(&bob, &at_bob, &[&spoken[..], &["remembered"]].concat())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_store_was_set_back_over_epochs_joins_anew() {
    let (scene, bob) = Scene::new().await;
    let old = bob.vault.snapshot();
    // A Commit of Bob's own, which that store does not know, and then messages.
    let vault = bob.goes_away().await;
    vault.loses_group(scene.chat).await;
    let bob = scene.opens(vault).await;
    bob.sends(scene.chat, "mine").await;
    bob.sees_change(scene.chat, bob.account(), &GroupChange::Rejoined)
        .await;
    let spoken = [&SPOKEN[..], &["mine"]].concat();
    scene.alice.hears(scene.chat, &spoken).await;
    scene.alice.sends(scene.chat, "meanwhile").await;
    let spoken = [&spoken[..], &["meanwhile"]].concat();
    for device in [&scene.alice, &bob, &scene.carol] {
        device.hears(scene.chat, &spoken).await;
    }
    drop(bob.goes_away().await);
    let bob = scene.opens(old).await;
    // What was said before it joins anew it cannot read any more.
    scene.heals(&bob, &SPOKEN, &spoken).await;
}

/// The server answers for one chat with another's GroupInfo while this is set.
fn another_chats_group_info(wanted: ChatId, other: Arc<std::sync::Mutex<Option<GroupInfo>>>) -> TamperAnswer {
    let path = format!("/v1/chat/{wanted}/group-info");
    Arc::new(move |request, mut answer| {
        if request.path.starts_with(&path)
            && answer.status == 200
            && let Some(other) = &*other.lock().unwrap()
        {
            answer.body = serde_json::to_vec(other).unwrap();
        }
        answer
    })
}

/// Keeps the GroupInfo of a chat as the server hands it out.
fn keeping_group_info(of: ChatId, kept: Arc<std::sync::Mutex<Option<GroupInfo>>>) -> TamperAnswer {
    let path = format!("/v1/chat/{of}/group-info");
    Arc::new(move |request, answer| {
        if request.path.starts_with(&path) && answer.status == 200 {
            *kept.lock().unwrap() = serde_json::from_slice(&answer.body).ok();
        }
        answer
    })
}

async fn over(world: &World, answers: TamperAnswer, vault: Vault) -> Device {
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(answers);
    Device::open_over(transport, vault, Faults::none()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chats_group_info_is_not_joined_and_the_chat_heals_when_the_right_one_comes() {
    let (scene, bob) = Scene::new().await;
    let other = scene.alice.founds(gardeners(BY_ADMINS, &["bob", "carol"])).await;
    bob.takes(other).await;
    // Of a log in which nothing is yet nothing can be missed.
    scene.alice.sends(other, "first").await;
    bob.hears(other, &["first"]).await;
    let vault = bob.goes_away().await;
    // The other group's GroupInfo, as anybody gets it who has to join anew.
    vault.loses_group(other).await;
    let kept = Arc::default();
    let bob = over(&scene.world, keeping_group_info(other, Arc::clone(&kept)), vault).await;
    bob.sends(other, "again").await;
    bob.sees_change(other, bob.account(), &GroupChange::Rejoined)
        .await;
    scene.alice.hears(other, &["first", "again"]).await;
    assert!(kept.lock().unwrap().is_some());

    let vault = bob.goes_away().await;
    vault.loses_group(scene.chat).await;
    let asked = Arc::new(AtomicBool::new(false));
    let swapping = another_chats_group_info(scene.chat, Arc::clone(&kept));
    let noting: TamperAnswer = {
        let asked = Arc::clone(&asked);
        let path = format!("/v1/chat/{}/group-info", scene.chat);
        Arc::new(move |request, answer| {
            let is_it = request.path.starts_with(&path);
            let answer = swapping(request, answer);
            if is_it {
                asked.store(true, Ordering::SeqCst);
            }
            answer
        })
    };
    let bob = over(&scene.world, noting, vault).await;
    bob.sends(scene.chat, "waiting").await;
    while !asked.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    // Nothing of it goes into the other group, nor out at all; the other group goes on.
    scene.alice.sends(other, "here").await;
    bob.hears(other, &["first", "again", "here"]).await;
    bob.sends(other, "there").await;
    scene
        .alice
        .hears(other, &["first", "again", "here", "there"])
        .await;
    let waiting = bob.messages(scene.chat).await.pop().unwrap();
    assert_eq!(waiting.state, MessageState::Queued);
    // The server comes to its senses.
    *kept.lock().unwrap() = None;
    bob.client.disconnect().await.unwrap();
    bob.client.connect().await.unwrap();
    let mut events = bob.client.events();
    while bob
        .messages(scene.chat)
        .await
        .iter()
        .any(|message| message.state == MessageState::Queued)
    {
        next(&mut events).await;
    }
    let spoken = [&SPOKEN[..], &["waiting"]].concat();
    scene.heals(&bob, &spoken, &spoken).await;
}
