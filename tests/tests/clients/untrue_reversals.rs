//! A server that says that a good Commit was taken back: whoever believes it joins anew, where the others are.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use bytes::Bytes;
use sotto_client_sdk::GroupChange;
use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::protocol::Seq;
use sotto_client_sdk::protocol::frame::{Entry, EntryKind, Outcome, Reversal, ServerFrame};
use sotto_client_sdk::protocol::message_header::MessageHeader;
use sotto_client_sdk::testing::Faults;
use sotto_tests::tampering::{Tamper, Tampering};
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, Vault, World, gardeners};
use std::sync::{Arc, Mutex};

/// What a server makes up.
#[derive(Default)]
struct Lie {
    /// What the last Commit that came by would be taken back by.
    last_commit: Option<Reversal>,
    /// The next message is to be shown as that.
    is_told: bool,
    /// Where that is, once it was said: it is said again wherever the entry comes by.
    told: Option<(Seq, Reversal)>,
}

impl Lie {
    fn show(&mut self, entry: &mut Entry) {
        if entry.kind == EntryKind::Commit {
            let header = MessageHeader::read(&entry.payload).unwrap();
            self.last_commit = Some(Reversal {
                first: entry.seq,
                epoch: header.epoch,
            });
        }
        if self.is_told && entry.kind == EntryKind::Application {
            self.is_told = false;
            self.told = self.last_commit.map(|reversal| (entry.seq, reversal));
        }
        if let Some((seq, reversal)) = self.told
            && seq == entry.seq
        {
            entry.kind = EntryKind::Reversal;
            entry.payload = Bytes::copy_from_slice(&reversal.encode());
        }
    }
}

fn lying(lie: &Arc<Mutex<Lie>>) -> Tamper {
    let lie = Arc::clone(lie);
    Arc::new(Mutex::new(move |mut frame: ServerFrame| {
        let mut lie = lie.lock().unwrap();
        match &mut frame {
            ServerFrame::Entry { entry, .. } => lie.show(entry),
            ServerFrame::Response {
                outcome: Outcome::Page(page),
                ..
            } => page.entries.iter_mut().for_each(|entry| lie.show(entry)),
            _ => {}
        }
        vec![frame]
    }))
}

async fn person_over(world: &World, name: &str, lie: &Arc<Mutex<Lie>>) -> Device {
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), lying(lie));
    let device = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    device.client.register(name, PASSWORD).await.unwrap();
    device.is_online().await;
    device
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_told_that_a_good_commit_was_taken_back_joins_the_others_anew() {
    let world = World::start().await;
    let lie = Arc::default();
    let alice = world.person("alice").await;
    let bob = person_over(&world, "bob", &lie).await;
    let carol = world.person("carol").await;
    let dan = world.person("dan").await;
    let chat = alice.founds(gardeners(BY_ADMINS, &["bob", "carol"])).await;
    for device in [&bob, &carol] {
        device.takes(chat).await;
    }
    let mut expected = Vec::new();
    for (device, text) in [(&alice, "one"), (&bob, "two"), (&carol, "three")] {
        device.sends(chat, text).await;
        expected.push(text);
        for device in [&alice, &bob, &carol] {
            device.hears(chat, &expected).await;
        }
    }
    alice.client.add_to_group(chat, &["dan"]).await.unwrap();
    for device in [&alice, &bob, &carol] {
        device.sees_group(chat, |group| group.members == 4).await;
    }
    // What tells a newcomer the title is a message as well: the lie is not to be told with that.
    dan.sees_group(chat, |group| group.title.is_some()).await;
    bob.sends(chat, "mine").await;
    expected.push("mine");
    for device in [&alice, &bob, &carol] {
        device.hears(chat, &expected).await;
    }
    lie.lock().unwrap().is_told = true;
    // What the lie is told with does not reach him.
    alice.sends(chat, "hidden").await;
    bob.sees_refused(chat, alice.account()).await;
    bob.sees_change(chat, bob.account(), &GroupChange::Rejoined).await;
    // What he had said since is said again, and shown once.
    let mut at_others = [&expected[..], &["hidden"]].concat();
    let mut at_bob = expected;
    for (device, text) in [(&bob, "here"), (&alice, "there"), (&carol, "everywhere")] {
        device.sends(chat, text).await;
        at_bob.push(text);
        at_others.push(text);
        bob.hears(chat, &at_bob).await;
        for device in [&alice, &carol] {
            device.hears(chat, &at_others).await;
        }
    }
    for device in [&alice, &bob, &carol] {
        device.sees_group(chat, |group| group.members == 4).await;
    }
}
