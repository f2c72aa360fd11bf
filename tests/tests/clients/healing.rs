//! Commits that a server accepted and members cannot: they are taken back, and the chat goes on for everybody.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use bytes::Bytes;
use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::protocol::frame::{ClientFrame, Outcome, RequestId, ServerFrame};
use sotto_client_sdk::testing::Faults;
use sotto_tests::tampering::{Tamper, TamperSent, Tampering};
use sotto_tests::world::{BY_MEMBERS, Device, PASSWORD, Vault, World, gardeners};
use std::sync::{Arc, Mutex};

/// A person whose next Commit that the server takes is one that nobody can process, once she is told so.
struct Mallory {
    device: Device,
    mischief: Arc<Mutex<Mischief>>,
}

#[derive(Default)]
struct Mischief {
    is_armed: bool,
    /// Her last Commit that nobody can process.
    sent: Option<RequestId>,
}

impl Mallory {
    async fn registers(world: &World) -> Self {
        let mischief: Arc<Mutex<Mischief>> = Arc::default();
        let sending = Arc::clone(&mischief);
        let garbling: TamperSent = Arc::new(Mutex::new(move |mut frame: ClientFrame| {
            let mut mischief = sending.lock().unwrap();
            if mischief.is_armed
                && let ClientFrame::Commit { request, commit, .. } = &mut frame
            {
                *commit = garbled(commit);
                mischief.sent = Some(*request);
            }
            vec![frame]
        }));
        let hearing = Arc::clone(&mischief);
        let watching: Tamper = Arc::new(Mutex::new(move |frame: ServerFrame| {
            let mut mischief = hearing.lock().unwrap();
            if let ServerFrame::Response {
                request,
                outcome: Outcome::Accepted { .. },
            } = &frame
                && mischief.sent == Some(*request)
            {
                *mischief = Mischief::default();
            }
            vec![frame]
        }));
        let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), watching);
        let device = Device::open_over(transport.with_sent(garbling), Vault::new(), Faults::none())
            .await
            .unwrap();
        device.client.register("mallory", PASSWORD).await.unwrap();
        device.is_online().await;
        Self { device, mischief }
    }

    fn is_armed(&self) {
        self.mischief.lock().unwrap().is_armed = true;
    }

    /// Waits until the Commit is in the log.
    async fn has_struck(&self) {
        while self.mischief.lock().unwrap().is_armed {
            tokio::task::yield_now().await;
        }
    }
}

/// The same header, and a seal that does not open.
fn garbled(commit: &Bytes) -> Bytes {
    let mut bytes = commit.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    bytes.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_goes_on_after_a_commit_that_nobody_can_process() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let bob = world.person("bob").await;
    let carol = world.person("carol").await;
    let dan = world.person("dan").await;
    let mallory = Mallory::registers(&world).await;
    let chat = alice
        .founds(gardeners(BY_MEMBERS, &["bob", "carol", "mallory"]))
        .await;
    for device in [&bob, &carol, &mallory.device] {
        device.takes(chat).await;
    }
    alice.sends(chat, "before").await;
    for device in [&bob, &carol, &mallory.device] {
        device.hears(chat, &["before"]).await;
    }
    // Carol is away, and finds all of it later.
    let away = carol.goes_away().await;

    mallory.is_armed();
    let adding = mallory.device.client.clone();
    tokio::spawn(async move { adding.add_to_group(chat, &["dan"]).await });
    mallory.has_struck().await;
    alice.sees_refused(chat, mallory.device.account()).await;
    bob.sends(chat, "after").await;
    for device in [&alice, &bob] {
        device.hears(chat, &["before", "after"]).await;
    }
    let carol = Device::open(&world.url(), away, Faults::none()).await;
    carol.hears(chat, &["before", "after"]).await;
    carol.sees_refused(chat, mallory.device.account()).await;
    // Mallory comes back alone, and may speak.
    mallory.device.sends(chat, "sorry").await;
    for device in [&alice, &bob, &carol] {
        device.hears(chat, &["before", "after", "sorry"]).await;
    }
    drop(dan);
    for device in [&alice, &bob, &carol] {
        let summary = device.client.chats().await.unwrap().remove(0);
        assert!(!summary.is_halted && summary.halted_by.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_after_a_commit_that_is_taken_back_is_sent_again() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let mallory = Mallory::registers(&world).await;
    mallory.is_armed();
    let chat = alice.client.start_chat("mallory").await.unwrap();
    mallory.device.has_chat(chat).await;
    // Her keys are renewed before she says anything, by a Commit that Alice cannot process.
    for text in ["one", "two", "three"] {
        mallory.device.sends(chat, text).await;
    }
    mallory.has_struck().await;
    alice.hears(chat, &["one", "two", "three"]).await;
    mallory.device.hears(chat, &["one", "two", "three"]).await;
    alice.sends(chat, "four").await;
    for device in [&alice, &mallory.device] {
        device.hears(chat, &["one", "two", "three", "four"]).await;
    }
    alice.sees_refused(chat, mallory.device.account()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_switched_off_while_it_objects_goes_on_afterwards() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let bob = world.person("bob").await;
    let dan = world.person("dan").await;
    let mallory = Mallory::registers(&world).await;
    let chat = alice.founds(gardeners(BY_MEMBERS, &["bob", "mallory"])).await;
    for device in [&bob, &mallory.device] {
        device.takes(chat).await;
    }
    alice.sends(chat, "before").await;
    for device in [&bob, &mallory.device] {
        device.hears(chat, &["before"]).await;
    }
    let away = bob.goes_away().await;
    mallory.is_armed();
    let adding = mallory.device.client.clone();
    tokio::spawn(async move { adding.add_to_group(chat, &["dan"]).await });
    mallory.has_struck().await;
    let alice = Device::open(&world.url(), alice.goes_away().await, Faults::none()).await;
    let bob = Device::open(&world.url(), away, Faults::none()).await;
    alice.sends(chat, "after").await;
    for device in [&alice, &bob] {
        device.hears(chat, &["before", "after"]).await;
    }
    drop(dan);
}
