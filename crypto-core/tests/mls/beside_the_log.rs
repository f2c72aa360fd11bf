//! Signals and markers: members of an epoch read them, each as its sender's in its chat, and nobody else does.

use crate::world::alice_and_bob;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use sotto_crypto_core::epoch_keys::{DoesNotOpen, sealed_in};
use sotto_crypto_core::{EpochKeys, Marker, Signal, SignalKind};
use sotto_protocol::{DeviceAddress, Epoch, Seq, Suite, Timestamp, limits};

const TYPING: Signal = Signal {
    at: Timestamp(1_000_000),
    kind: SignalKind::Typing,
};

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn marker() -> Marker {
    Marker {
        delivered: Some(Seq(7)),
        read: Some(Seq(5)),
        seen_at: Some(Timestamp(60_000)),
        own: vec![1; 49],
    }
}

#[test]
fn members_read_signals_and_markers_of_their_epoch_in_both_suites() {
    for suite in Suite::ALL {
        let (mut alice, mut bob) = alice_and_bob(suite);
        let from = alice.address();
        let (hers, his) = (
            alice.chat().epoch_keys().unwrap(),
            bob.chat().epoch_keys().unwrap(),
        );
        let signal = hers.seal_signal(&mut rng(1), from, TYPING);
        assert_eq!(sealed_in(&signal), Some(Epoch(1)));
        assert_eq!(his.open_signal(from, &signal), Ok(TYPING));
        let sealed = hers.seal_marker(&mut rng(2), from, &marker());
        assert_eq!(his.open_marker(from, &sealed), Ok(marker()));
        assert!(sealed.len() <= limits::SIGNAL_BYTES);
    }
}

#[test]
fn what_is_sealed_for_one_sender_purpose_or_epoch_is_nothing_for_another() {
    let (mut alice, mut bob) = alice_and_bob(Suite::X25519);
    let from = alice.address();
    let keys = alice.chat().epoch_keys().unwrap();
    let signal = keys.seal_signal(&mut rng(1), from, TYPING);
    // The server passes it on as another's, as a marker, as of another epoch, altered, or cut.
    assert_eq!(keys.open_signal(bob.address(), &signal), Err(DoesNotOpen));
    assert_eq!(keys.open_marker(from, &signal), Err(DoesNotOpen));
    let mut other_epoch = signal.clone();
    other_epoch[7] = 2;
    assert_eq!(keys.open_signal(from, &other_epoch), Err(DoesNotOpen));
    for place in 0..signal.len() {
        let mut altered = signal.clone();
        altered[place] ^= 1;
        assert_eq!(keys.open_signal(from, &altered), Err(DoesNotOpen), "{place}");
        assert_eq!(
            keys.open_signal(from, &signal[..place]),
            Err(DoesNotOpen),
            "{place}"
        );
    }
    // Nor do those read it who come into the next epoch.
    let commit = alice.updates_itself();
    bob.receives_commit(&commit.commit);
    let next = bob.chat().epoch_keys().unwrap();
    assert_eq!(next.epoch(), Epoch(2));
    assert_eq!(next.open_signal(from, &signal), Err(DoesNotOpen));
    let relabelled = [&2_u64.to_be_bytes(), &signal[8..]].concat();
    assert_eq!(next.open_signal(from, &relabelled), Err(DoesNotOpen));
}

#[test]
fn lengths_say_nothing() {
    let (mut alice, _) = alice_and_bob(Suite::X25519);
    let from: DeviceAddress = alice.address();
    let keys = alice.chat().epoch_keys().unwrap();
    let away = Signal {
        at: Timestamp(u64::MAX),
        kind: SignalKind::Away,
    };
    let signals = [TYPING, away].map(|signal| keys.seal_signal(&mut rng(1), from, signal).len());
    assert_eq!(signals[0], signals[1]);
    let little = Marker {
        own: vec![1; 49],
        ..Marker::default()
    };
    let markers = [little, marker()].map(|marker| keys.seal_marker(&mut rng(1), from, &marker).len());
    assert_eq!(markers[0], markers[1]);
}

#[test]
fn stored_keys_are_the_same_keys() {
    let (mut alice, _) = alice_and_bob(Suite::X25519);
    let from = alice.address();
    let keys = alice.chat().epoch_keys().unwrap();
    let stored = postcard::to_stdvec(&keys).unwrap();
    let again: EpochKeys = postcard::from_bytes(&stored).unwrap();
    let signal = keys.seal_signal(&mut rng(1), from, TYPING);
    assert_eq!(again.open_signal(from, &signal), Ok(TYPING));
}
