//! A device that stops between any two steps: what it finds on its disk is the chat before the operation or after it.

use crate::world::{Client, Disk, NOW, alice_and_bob};
use sotto_crypto_core::{KeyPackages, RecordChange};
use sotto_protocol::{Epoch, Suite};

/// The device as it would start from this disk.
fn from_disk(client: &Client, disk: &Disk) -> Client {
    let number = client.device.credential().device.as_bytes()[0];
    let mut again = Client::device_of(client.name, number);
    again.known.clone_from(&client.known);
    again.disk.clone_from(disk);
    again.restarts();
    again.rng = client.rng.clone();
    again
}

/// The chat in memory and the chat on the disk are the same: from the same randomness they make the same bytes, and both
/// read what the peer sends.
#[track_caller]
fn memory_and_disk_are_one(client: &mut Client, peer: &mut Client) {
    let mut loaded = from_disk(client, &client.disk);
    assert_eq!(client.chat().epoch(), loaded.chat().epoch());
    assert_eq!(client.chat().members(), loaded.chat().members());
    assert_eq!(
        client.chat().has_pending_commit(),
        loaded.chat().has_pending_commit()
    );
    let sent = peer.sends("to both");
    sent.to(&mut loaded);
    sent.to(client);
    assert!(client.disk == loaded.disk);
    let mut other = from_disk(client, &client.disk);
    let content = crate::world::content(200, "the same");
    let (chat, rng, device) = client.parts();
    let here = chat.encrypt(rng, device, &content).unwrap();
    let (chat, rng, device) = other.parts();
    assert!(here == chat.encrypt(rng, device, &content).unwrap());
    client.flushes();
    other.flushes();
    assert!(client.disk == other.disk);
}

#[test]
fn after_every_operation_the_disk_holds_the_chat() {
    for suite in Suite::ALL {
        let (mut alice, mut bob) = alice_and_bob(suite);
        // Created and joined.
        memory_and_disk_are_one(&mut alice, &mut bob);
        memory_and_disk_are_one(&mut bob, &mut alice);
        // Encrypted and received.
        alice.sends("hi").to(&mut bob);
        memory_and_disk_are_one(&mut alice, &mut bob);
        memory_and_disk_are_one(&mut bob, &mut alice);
        // A Commit is pending.
        let commit = alice.updates_itself();
        memory_and_disk_are_one(&mut alice, &mut bob);
        // It was confirmed here, and received there.
        alice.confirms();
        bob.receives_commit(&commit.commit);
        memory_and_disk_are_one(&mut alice, &mut bob);
        memory_and_disk_are_one(&mut bob, &mut alice);
        // A Commit was discarded.
        bob.updates_itself();
        bob.chat().discard_commit().unwrap();
        bob.flushes();
        memory_and_disk_are_one(&mut bob, &mut alice);
        // A device has joined alone.
        let mut tablet = Client::device_of("bob", 2);
        let update = alice.updates_itself();
        alice.confirms();
        bob.receives_commit(&update.commit);
        let (commit, _) = tablet.joins_externally(&update.group_info);
        let mut loaded = from_disk(&tablet, &tablet.disk);
        assert!(loaded.chat().has_pending_commit());
        tablet.confirms();
        loaded.confirms();
        assert!(tablet.disk == loaded.disk);
        alice.receives_commit(&commit);
        memory_and_disk_are_one(&mut tablet, &mut alice);
        memory_and_disk_are_one(&mut alice, &mut tablet);
    }
}

#[test]
fn a_message_encrypted_but_not_stored_was_never_sent() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let before = alice.disk.clone();
    alice.encrypts("lost with the memory");
    let mut alice = from_disk(&alice, &before);
    alice.sends("sent after the restart").to(&mut bob);
}

#[test]
fn a_message_received_but_not_stored_is_received_again() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let before = bob.disk.clone();
    let sent = alice.sends("twice");
    sent.to(&mut bob);
    let mut bob = from_disk(&bob, &before);
    sent.to(&mut bob);
    bob.sends("thanks").to(&mut alice);
}

#[test]
fn a_commit_received_but_not_stored_is_received_again() {
    let (mut alice, mut bob) = alice_and_bob(Suite::default());
    let before = bob.disk.clone();
    let commit = alice.updates_itself();
    alice.confirms();
    bob.receives_commit(&commit.commit);
    let mut bob = from_disk(&bob, &before);
    assert_eq!(bob.chat().epoch(), Epoch(1));
    bob.receives_commit(&commit.commit);
    alice.sends("in epoch 2").to(&mut bob);
}

#[test]
fn a_commit_made_but_not_stored_was_never_made() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let before = alice.disk.clone();
    alice.updates_itself();
    let mut alice = from_disk(&alice, &before);
    assert!(!alice.chat().has_pending_commit());
    alice.sends("still in epoch 1").to(&mut bob);
    let commit = alice.updates_itself();
    alice.confirms();
    bob.receives_commit(&commit.commit);
    bob.sends("in epoch 2").to(&mut alice);
}

#[test]
fn a_commit_confirmed_but_not_stored_is_confirmed_again() {
    for suite in Suite::ALL {
        let (mut alice, mut bob) = alice_and_bob(suite);
        let commit = alice.updates_itself();
        let before = alice.disk.clone();
        alice.confirms();
        let mut alice = from_disk(&alice, &before);
        assert!(alice.chat().has_pending_commit());
        alice.confirms();
        bob.receives_commit(&commit.commit);
        alice.sends("in epoch 2").to(&mut bob);
        bob.sends("too").to(&mut alice);
    }
}

#[test]
fn a_welcome_joined_but_not_stored_is_joined_again() {
    let suite = Suite::default();
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    let invited = bob.invitation(suite);
    let mut key_packages = Disk::new();
    for RecordChange { key, value } in bob.key_packages.take_changes() {
        key_packages.insert(key, value.unwrap().expose().to_vec());
    }
    let (welcome, _) = alice.creates_chat(suite, bob.party(), &[invited]);
    bob.joins(&welcome);
    // The KeyPackage goes in the same batch in which the chat comes.
    let spent = bob.key_packages.take_changes();
    assert!(spent.len() == 1 && spent[0].value.is_none());
    assert!(key_packages.contains_key(&spent[0].key) && !bob.disk.contains_key(&spent[0].key));
    // The batch was not written.
    bob.key_packages = KeyPackages::from_records(key_packages);
    bob.joins(&welcome);
    alice.sends("welcome").to(&mut bob);
}

#[test]
fn an_external_commit_made_but_not_stored_is_made_anew() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let update = alice.updates_itself();
    alice.confirms();
    bob.receives_commit(&update.commit);
    let mut tablet = Client::device_of("bob", 2);
    tablet.joins_externally(&update.group_info);
    let (commit, _) = tablet.joins_externally(&update.group_info);
    tablet.confirms();
    for client in [&mut alice, &mut bob] {
        client.receives_commit(&commit);
    }
    tablet.sends("in").to(&mut alice);
}

#[test]
fn a_failed_operation_leaves_nothing_behind() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let before = alice.disk.clone();
    let mut payload = bob.encrypts("altered");
    *payload.last_mut().unwrap() ^= 1;
    assert!(alice.receives(&payload).is_err());
    let too_long = crate::world::content(1, &"x".repeat(100_000));
    let (chat, rng, device) = alice.parts();
    assert!(chat.encrypt(rng, device, &too_long).is_err());
    assert!(chat.add(rng, device, &[]).is_err());
    assert!(chat.remove(rng, device, &[]).is_err());
    assert!(chat.confirm_commit().is_err() && chat.discard_commit().is_err());
    assert!(!chat.has_changes());
    assert!(before == alice.disk);
    memory_and_disk_are_one(&mut alice, &mut bob);
}

#[test]
fn an_operation_writes_what_it_changed_and_no_more() {
    let (mut alice, mut bob) = alice_and_bob(Suite::default());
    let content = alice.content("one record");
    let (chat, rng, device) = alice.parts();
    chat.encrypt(rng, device, &content).unwrap();
    assert_eq!(chat.take_changes().len(), 1);
    let sent = bob.sends("one record");
    let known = crate::world::NobodyKnown;
    chat.receive(&sent.payload, NOW, &known).unwrap();
    assert_eq!(chat.take_changes().len(), 1);
    assert!(!chat.has_changes());
}

#[test]
fn a_chat_that_ends_deletes_all_its_records() {
    let (mut alice, _) = alice_and_bob(Suite::X25519);
    let stored = alice.disk.clone();
    let chat = sotto_crypto_core::Chat::load(alice.disk.clone()).unwrap();
    for RecordChange { key, value } in chat.into_deletions() {
        assert!(value.is_none());
        alice.disk.remove(&key);
    }
    assert!(!stored.is_empty() && alice.disk.is_empty());
}

#[test]
fn records_that_are_damaged_or_missing_are_told_and_do_not_panic() {
    let (alice, _) = alice_and_bob(Suite::X25519);
    assert!(sotto_crypto_core::Chat::load(Disk::new()).is_err());
    for key in alice.disk.keys() {
        let mut missing = alice.disk.clone();
        missing.remove(key);
        let _ = sotto_crypto_core::Chat::load(missing);
        let mut cut = alice.disk.clone();
        cut.get_mut(key).unwrap().pop();
        assert!(sotto_crypto_core::Chat::load(cut).is_err() || key.len() > 1);
    }
    assert!(
        KeyPackages::from_records([(vec![17, 1], vec![1, 2, 3])])
            .delete_expired(NOW)
            .is_err()
    );
}
