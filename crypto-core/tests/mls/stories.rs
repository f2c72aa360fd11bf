//! What two people and their devices do all day.

use crate::world::{CHAT, Client, alice_and_bob};
use sotto_crypto_core::{ChatError, Label, ReceiveError, Received};
use sotto_protocol::message_header::{ContentType, GroupInfoHeader, MessageForm, MessageHeader};
use sotto_protocol::{Epoch, Suite};

#[test]
fn two_accounts_talk_in_both_directions_in_both_suites() {
    for suite in Suite::ALL {
        let (mut alice, mut bob) = alice_and_bob(suite);
        assert_eq!((alice.chat().id(), alice.chat().suite()), (CHAT, suite));
        assert_eq!(alice.chat().epoch(), Epoch(1));
        assert_eq!(alice.chat().rules(), bob.chat().rules());
        assert_eq!(bob.chat().members(), alice.chat().members());
        alice.sends("hi").to(&mut bob);
        bob.sends("hello").to(&mut alice);
        alice.sends("how are you?").to(&mut bob);
        alice.sends("よく眠れた? 🐈").to(&mut bob);
    }
}

#[test]
fn the_server_sees_no_more_of_a_message_than_its_header() {
    for suite in Suite::ALL {
        let (mut alice, _) = alice_and_bob(suite);
        let payload = alice.encrypts("a needle in a haystack");
        let header = MessageHeader::read(&payload).unwrap();
        assert_eq!((header.form, header.chat), (MessageForm::Private, CHAT));
        assert_eq!(
            (header.epoch, header.content),
            (Epoch(1), ContentType::Application)
        );
        assert!(!payload.windows(6).any(|window| window == b"needle"));
        let commit = alice.updates_itself();
        let header = MessageHeader::read(&commit.commit).unwrap();
        assert_eq!(
            (header.form, header.content),
            (MessageForm::Private, ContentType::Commit)
        );
        let header = GroupInfoHeader::read(&commit.group_info).unwrap();
        assert_eq!((header.suite, header.chat, header.epoch), (suite, CHAT, Epoch(2)));
    }
}

#[test]
fn messages_of_one_step_of_length_look_alike() {
    let (mut alice, _) = alice_and_bob(Suite::X25519);
    assert_eq!(
        alice.encrypts("yes").len(),
        alice.encrypts("no, on no account").len()
    );
}

#[test]
fn a_self_update_moves_everyone_into_the_next_epoch() {
    for suite in Suite::ALL {
        let (mut alice, mut bob) = alice_and_bob(suite);
        let before = alice.chat().export(Label::StoreRecord, b"", 32).unwrap();
        let commit = alice.updates_itself();
        assert!(alice.chat().has_pending_commit());
        alice.sends("still in the old epoch").to(&mut bob);
        let committed = bob.receives_commit(&commit.commit);
        assert_eq!(committed.from, *alice.device.credential());
        assert_eq!((committed.added, committed.removed), (vec![], vec![]));
        assert_eq!(committed.epoch, Epoch(2));
        alice.confirms();
        assert!(!alice.chat().has_pending_commit());
        alice.sends("new").to(&mut bob);
        bob.sends("keys").to(&mut alice);
        let after = alice.chat().export(Label::StoreRecord, b"", 32).unwrap();
        assert!(before != after);
        assert!(after == bob.chat().export(Label::StoreRecord, b"", 32).unwrap());
    }
}

/// Post-compromise security: a copy of the device's state reads on until its owner updates, and no further.
#[test]
fn a_self_update_locks_out_who_had_stolen_the_state() {
    for suite in Suite::ALL {
        let (mut alice, mut bob) = alice_and_bob(suite);
        let mut thief = Client::new("bob");
        thief.disk.clone_from(&bob.disk);
        thief.restarts();
        let read = alice.sends("read by the thief");
        read.to(&mut bob);
        read.to(&mut thief);
        let commit = bob.updates_itself();
        bob.confirms();
        alice.receives_commit(&commit.commit);
        let healed = alice.sends("healed");
        assert!(matches!(
            thief.receives(&healed.payload),
            Err(ReceiveError::FutureEpoch { .. })
        ));
        assert!(matches!(
            thief.receives(&commit.commit),
            Ok(Received::Own) | Err(_)
        ));
        healed.to(&mut bob);
    }
}

/// Forward secrecy: what a device has read, its state cannot read again.
#[test]
fn stolen_state_cannot_read_what_was_read_before() {
    let (mut alice, mut bob) = alice_and_bob(Suite::default());
    let past = alice.sends("past");
    past.to(&mut bob);
    let mut thief = Client::new("bob");
    thief.disk.clone_from(&bob.disk);
    thief.restarts();
    assert!(matches!(
        thief.receives(&past.payload),
        Err(ReceiveError::AlreadyReceived)
    ));
}

#[test]
fn messages_of_a_late_sender_are_read_for_two_epochs() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let late = [alice.sends("one"), alice.sends("two"), alice.sends("three")];
    for late in &late {
        late.to(&mut bob);
        let commit = bob.updates_itself();
        bob.confirms();
        alice.receives_commit(&commit.commit);
        if bob.chat().epoch() == Epoch(3) {
            break;
        }
    }
    let [_, _, three] = &late;
    three.to(&mut bob);
    let kept = alice.sends("kept");
    for _ in 0..3 {
        let commit = bob.updates_itself();
        bob.confirms();
        alice.receives_commit(&commit.commit);
    }
    assert!(matches!(
        bob.receives(&kept.payload),
        Err(ReceiveError::StaleEpoch { current: Epoch(6) })
    ));
}

#[test]
fn messages_out_of_order_are_read() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let sent: Vec<_> = (0..20).map(|_| alice.sends("fleeting")).collect();
    for sent in sent.iter().rev() {
        sent.to(&mut bob);
    }
}

#[test]
fn many_messages_that_never_arrive_do_not_hinder_the_next() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    for _ in 0..1500 {
        alice.encrypts("fleeting, while bob is offline");
    }
    alice.sends("kept").to(&mut bob);
}

#[test]
fn a_second_device_joins_alone_and_both_accounts_see_it() {
    for suite in Suite::ALL {
        let (mut alice, mut bob) = alice_and_bob(suite);
        let mut tablet = Client::device_of("bob", 2);
        tablet.knows(&alice);
        let update = alice.updates_itself();
        alice.confirms();
        bob.receives_commit(&update.commit);
        let (commit, group_info) = tablet.joins_externally(&update.group_info);
        let header = MessageHeader::read(&commit).unwrap();
        assert_eq!(
            header.form,
            MessageForm::Public {
                new_member_commit: true
            }
        );
        assert_eq!((header.epoch, header.content), (Epoch(2), ContentType::Commit));
        assert_eq!(GroupInfoHeader::read(&group_info).unwrap().epoch, Epoch(3));
        assert!(tablet.chat().has_pending_commit());
        for client in [&mut alice, &mut bob] {
            let committed = client.receives_commit(&commit);
            assert_eq!(committed.from, *tablet.device.credential());
            assert_eq!(committed.added, [tablet.device.credential().clone()]);
        }
        tablet.confirms();
        let sent = tablet.sends("from the tablet");
        sent.to(&mut alice);
        sent.to(&mut bob);
        let sent = alice.sends("to both");
        sent.to(&mut bob);
        sent.to(&mut tablet);
        assert_eq!(tablet.chat().members().len(), 3);
    }
}

#[test]
fn a_device_that_lost_its_state_takes_its_own_place_again() {
    let (mut alice, mut bob) = alice_and_bob(Suite::default());
    let update = alice.updates_itself();
    alice.confirms();
    bob.receives_commit(&update.commit);
    let (commit, _) = bob.joins_externally(&update.group_info);
    let committed = alice.receives_commit(&commit);
    assert_eq!(committed.removed, [bob.device.credential().clone()]);
    bob.confirms();
    assert_eq!(alice.chat().members().len(), 2);
    alice.sends("welcome back").to(&mut bob);
    bob.sends("thanks").to(&mut alice);
}

#[test]
fn devices_are_added_by_either_account_and_removed_by_their_own() {
    for suite in Suite::ALL {
        let (mut alice, mut bob) = alice_and_bob(suite);
        let mut tablet = Client::device_of("bob", 2);
        let invited = tablet.invitation(suite);
        let pending = alice.adds(&[invited]);
        assert_eq!(pending.added, [tablet.address()]);
        alice.confirms();
        assert_eq!(
            bob.receives_commit(&pending.commit).added,
            [tablet.device.credential().clone()]
        );
        tablet.joins(&pending.welcome.unwrap());
        alice.sends("to three").to(&mut tablet);

        let pending = bob.removes(&tablet);
        assert_eq!(pending.removed, [tablet.address()]);
        assert_eq!(pending.welcome, None);
        bob.confirms();
        let committed = alice.receives_commit(&pending.commit);
        assert_eq!(committed.removed, [tablet.device.credential().clone()]);
        let committed = tablet.receives_commit(&pending.commit);
        assert_eq!(committed.removed, [tablet.device.credential().clone()]);
        assert!(!tablet.chat().is_member());
        let sent = alice.sends("to two");
        sent.to(&mut bob);
        assert!(matches!(
            tablet.receives(&sent.payload),
            Err(ReceiveError::Removed)
        ));
        let content = tablet.content("from outside");
        let (chat, rng, device) = tablet.parts();
        assert!(matches!(
            chat.encrypt(rng, device, &content),
            Err(ChatError::Removed)
        ));
    }
}

#[test]
fn the_losing_one_of_two_commits_gives_way() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let winner = alice.updates_itself();
    bob.updates_itself();
    alice.confirms();
    bob.receives_commit(&winner.commit);
    assert!(!bob.chat().has_pending_commit());
    bob.sends("fine").to(&mut alice);
    let again = bob.updates_itself();
    bob.confirms();
    alice.receives_commit(&again.commit);
    alice.sends("in epoch 3").to(&mut bob);
}

#[test]
fn a_refused_commit_is_discarded_and_another_can_be_made() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    alice.updates_itself();
    let (chat, rng, device) = alice.parts();
    assert!(matches!(
        chat.self_update(rng, device),
        Err(ChatError::PendingCommit)
    ));
    alice.chat().discard_commit().unwrap();
    assert!(matches!(
        alice.chat().discard_commit(),
        Err(ChatError::NoPendingCommit)
    ));
    assert!(matches!(
        alice.chat().confirm_commit(),
        Err(ChatError::NoPendingCommit)
    ));
    alice.sends("still in epoch 1").to(&mut bob);
    let commit = alice.updates_itself();
    alice.confirms();
    bob.receives_commit(&commit.commit);
    bob.sends("in epoch 2").to(&mut alice);
}

#[test]
fn ones_own_messages_and_commits_are_told_apart() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let sent = alice.sends("mine");
    assert!(matches!(alice.receives(&sent.payload), Ok(Received::Own)));
    sent.to(&mut bob);
    let commit = alice.updates_itself();
    assert!(matches!(alice.receives(&commit.commit), Ok(Received::Own)));
    assert!(alice.chat().has_pending_commit());
    alice.confirms();
    bob.receives_commit(&commit.commit);
    alice.sends("next").to(&mut bob);
}

#[test]
fn a_pending_external_commit_neither_sends_nor_receives_nor_goes_back() {
    let (mut alice, bob) = alice_and_bob(Suite::X25519);
    let update = alice.updates_itself();
    alice.confirms();
    let mut tablet = Client::device_of("bob", 2);
    tablet.joins_externally(&update.group_info);
    let content = tablet.content("too early");
    let (chat, rng, device) = tablet.parts();
    assert!(matches!(
        chat.encrypt(rng, device, &content),
        Err(ChatError::PendingCommit)
    ));
    assert!(matches!(
        chat.self_update(rng, device),
        Err(ChatError::PendingCommit)
    ));
    assert!(matches!(
        chat.discard_commit(),
        Err(ChatError::JoinedByPendingCommit)
    ));
    let sent = alice.sends("not for the tablet");
    assert!(matches!(
        tablet.receives(&sent.payload),
        Err(ReceiveError::PendingCommit)
    ));
    drop(bob);
}

#[test]
fn a_last_resort_key_package_serves_two_welcomes_and_others_one() {
    let suite = Suite::default();
    let mut bob = Client::new("bob");
    let last_resort = bob
        .key_packages
        .generate(&mut bob.rng, &bob.device, suite, crate::world::NOW, true)
        .unwrap();
    let ordinary = bob.key_package(suite);
    for (key_package, times) in [(last_resort, 2), (ordinary, 1)] {
        let mut welcomes = Vec::new();
        for _ in 0..2 {
            let invited = bob.verified(&key_package, suite);
            welcomes.push(
                Client::new("alice")
                    .creates_chat(suite, bob.party(), &[invited])
                    .0,
            );
        }
        for (number, welcome) in welcomes.iter().enumerate() {
            assert_eq!(bob.tries_to_join(welcome).is_ok(), number < times);
        }
    }
    assert_eq!(bob.key_packages.len(), 1);
}
