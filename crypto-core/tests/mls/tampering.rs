//! A server that alters, cuts, replays, misdirects and holds back what passes through it.

use crate::world::{Client, alice_and_bob};
use proptest::prelude::*;
use sotto_crypto_core::ReceiveError;
use sotto_protocol::{Epoch, Suite};

const SUITE: Suite = Suite::X25519;

/// Each byte of it in turn with one bit flipped.
fn altered(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len()).map(|position| {
        let mut altered = bytes.to_vec();
        altered[position] ^= 1 << (position % 8);
        altered
    })
}

/// Each beginning of it, and it with a byte more.
fn cut(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let continued = [bytes, &[0]].concat();
    (0..bytes.len())
        .map(|length| bytes[..length].to_vec())
        .chain([continued])
}

#[test]
fn an_altered_or_cut_message_is_refused_and_the_true_one_still_read() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let sent = alice.sends("true");
    let disk = bob.disk.clone();
    for payload in altered(&sent.payload).chain(cut(&sent.payload)) {
        assert!(bob.receives(&payload).is_err());
    }
    assert!(disk == bob.disk);
    sent.to(&mut bob);
}

#[test]
fn an_altered_or_cut_commit_is_refused_and_the_true_one_still_taken() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let commit = alice.updates_itself().commit;
    alice.confirms();
    let disk = bob.disk.clone();
    for payload in altered(&commit).chain(cut(&commit)) {
        assert!(bob.receives(&payload).is_err());
    }
    assert!(disk == bob.disk);
    bob.receives_commit(&commit);
    alice.sends("in the next epoch").to(&mut bob);
}

#[test]
fn an_altered_or_cut_external_commit_is_refused_and_the_true_one_still_taken() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let update = alice.updates_itself();
    alice.confirms();
    bob.receives_commit(&update.commit);
    let mut tablet = Client::device_of("bob", 2);
    let (commit, _) = tablet.joins_externally(&update.group_info);
    let disk = alice.disk.clone();
    for payload in altered(&commit).chain(cut(&commit)) {
        assert!(alice.receives(&payload).is_err());
    }
    assert!(disk == alice.disk);
    alice.receives_commit(&commit);
    tablet.confirms();
    tablet.sends("in").to(&mut alice);
}

#[test]
fn an_altered_or_cut_welcome_is_refused_and_spends_no_key_package() {
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    let invited = bob.invitation(SUITE);
    let (welcome, _) = alice.creates_chat(SUITE, bob.party(), &[invited]);
    bob.key_packages.take_changes();
    for welcome in altered(&welcome).chain(cut(&welcome)) {
        assert!(bob.tries_to_join(&welcome).is_err());
    }
    assert!(bob.key_packages.take_changes().is_empty());
    bob.joins(&welcome);
    alice.sends("welcome").to(&mut bob);
}

#[test]
fn an_altered_or_cut_group_info_is_refused() {
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    let invited = bob.invitation(SUITE);
    let (_, group_info) = alice.creates_chat(SUITE, bob.party(), &[invited]);
    for group_info in altered(&group_info).chain(cut(&group_info)) {
        assert!(bob.tries_to_join_externally(&group_info).is_err());
    }
    assert!(bob.tries_to_join_externally(&group_info).is_ok());
}

#[test]
fn every_beginning_of_what_the_hybrid_suite_sends_is_refused() {
    let suite = Suite::XWing;
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    let key_package = bob.key_package(suite);
    for cut in cut(&key_package) {
        let list = bob.device_list(&[]);
        let now = crate::world::NOW;
        let verified = sotto_crypto_core::InvitedDevice::verify(
            &cut,
            suite,
            now,
            bob.identity_key(),
            bob.account(),
            &list,
        );
        assert!(verified.is_err());
    }
    let invited = bob.verified(&key_package, suite);
    let (welcome, group_info) = alice.creates_chat(suite, bob.party(), &[invited]);
    for cut in cut(&welcome) {
        assert!(bob.tries_to_join(&cut).is_err());
    }
    for cut in cut(&group_info) {
        assert!(bob.tries_to_join_externally(&cut).is_err());
    }
    bob.joins(&welcome);
    let commit = alice.updates_itself().commit;
    for cut in cut(&commit) {
        assert!(bob.receives(&cut).is_err());
    }
    bob.receives_commit(&commit);
}

#[test]
fn a_replayed_message_is_told_as_such() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let first = alice.sends("once");
    first.to(&mut bob);
    assert!(matches!(
        bob.receives(&first.payload),
        Err(ReceiveError::AlreadyReceived)
    ));
    for _ in 0..40 {
        alice.sends("more").to(&mut bob);
    }
    assert!(matches!(
        bob.receives(&first.payload),
        Err(ReceiveError::AlreadyReceived)
    ));
    bob.restarts();
    assert!(matches!(
        bob.receives(&first.payload),
        Err(ReceiveError::AlreadyReceived)
    ));
}

#[test]
fn a_replayed_commit_is_of_a_past_epoch() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let commit = alice.updates_itself().commit;
    alice.confirms();
    bob.receives_commit(&commit);
    for client in [&mut alice, &mut bob] {
        assert!(matches!(
            client.receives(&commit),
            Err(ReceiveError::StaleEpoch { current: Epoch(2) })
        ));
    }
}

#[test]
fn a_replay_of_the_last_epoch_is_told_as_such() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let sent = alice.sends("once");
    sent.to(&mut bob);
    let commit = alice.updates_itself().commit;
    alice.confirms();
    bob.receives_commit(&commit);
    assert!(matches!(
        bob.receives(&sent.payload),
        Err(ReceiveError::AlreadyReceived)
    ));
}

#[test]
fn a_message_before_the_commit_it_builds_on_waits_for_it() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let commit = alice.updates_itself().commit;
    alice.confirms();
    let sent = alice.sends("too early");
    assert!(matches!(
        bob.receives(&sent.payload),
        Err(ReceiveError::FutureEpoch { current: Epoch(1) })
    ));
    bob.receives_commit(&commit);
    sent.to(&mut bob);
}

#[test]
fn a_message_of_another_chat_is_refused() {
    let (mut alice, mut bob) = alice_and_bob(SUITE);
    let mut misdirected = alice.sends("for this chat").payload;
    misdirected[5] ^= 1;
    assert!(matches!(bob.receives(&misdirected), Err(ReceiveError::OtherChat)));
}

/// The server gives a member of one group the message of another with the same id: the keys do not fit.
#[test]
fn a_message_of_a_group_with_the_same_id_is_refused() {
    let (mut alice, _) = alice_and_bob(SUITE);
    let (_, mut bob) = alice_and_bob(Suite::XWing);
    let sent = alice.sends("for another bob");
    assert!(matches!(
        bob.receives(&sent.payload),
        Err(ReceiveError::Invalid(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), form in 1_u8..6) {
        let (mut alice, mut bob) = alice_and_bob(SUITE);
        let headed = [&[0, 1, 0, form][..], &bytes].concat();
        for bytes in [&bytes, &headed] {
            prop_assert!(bob.receives(bytes).is_err());
            prop_assert!(bob.tries_to_join(bytes).is_err());
            prop_assert!(bob.tries_to_join_externally(bytes).is_err());
        }
        let sent = alice.sends("fine");
        sent.to(&mut bob);
    }
}
