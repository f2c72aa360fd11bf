//! Whoever sends what could not be reported is not read; whoever sends what can be is held to it.

use crate::raw::{self, Raw};
use crate::world::{CHAT, Client, content};
use sotto_crypto_core::content::ContentError;
use sotto_crypto_core::{Content, Franked, FrankingKey, Received};
use sotto_protocol::message_header::message_commitment;
use sotto_protocol::{DeviceAddress, FrankedPlace, MessageId, Suite};

const SUITE: Suite = Suite::X25519;

fn said_by(from: DeviceAddress, content: &Content) -> FrankedPlace {
    FrankedPlace {
        chat: CHAT,
        message: content.message,
        from,
    }
}

/// Alice, and Bob, who is malicious.
fn scene() -> (Client, Client, Raw) {
    let [mut alice, mut bob] = ["alice", "bob"].map(Client::new);
    alice.knows(&bob);
    let mut malicious = Raw::of(&mut bob);
    let invited = bob.verified(&raw::bytes(&malicious.key_package(SUITE)), SUITE);
    let (welcome, _) = alice.creates_chat(SUITE, bob.party(), &[invited]);
    malicious.joins(&welcome);
    (alice, bob, malicious)
}

/// What the server does with a report: it has the payload, and knows who sent it and under which id.
fn server_believes(payload: &[u8], place: &FrankedPlace, reported: &Franked) -> bool {
    let commitment = message_commitment(payload).unwrap();
    reported.key.fits(place, reported.content.expose(), &commitment)
}

#[test]
fn what_a_message_says_can_be_shown_to_who_cannot_read_it() {
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    alice.knows(&bob);
    let invited = bob.invitation(SUITE);
    let (welcome, _) = alice.creates_chat(SUITE, bob.party(), &[invited]);
    bob.joins(&welcome);
    let sent = [
        alice.encrypts("I know where you live"),
        alice.encrypts("Good morning"),
    ];
    let received = sent
        .each_ref()
        .map(|payload| match bob.receives(payload).unwrap() {
            Received::Message { content, franked, .. } => (content, franked),
            other => panic!("{other:?}"),
        });
    let [(threat, of_threat), (greeting, of_greeting)] = received;
    assert_eq!(of_threat.content.expose(), threat.encode().unwrap());
    let place = said_by(alice.address(), &threat);
    assert!(server_believes(&sent[0], &place, &of_threat));
    // The threat was not said there, nor by somebody else, nor is the greeting what was said with the threat.
    assert!(!server_believes(
        &sent[1],
        &said_by(alice.address(), &greeting),
        &of_threat
    ));
    assert!(!server_believes(
        &sent[0],
        &said_by(bob.address(), &threat),
        &of_threat
    ));
    assert!(!server_believes(&sent[0], &place, &of_greeting));
    let made_up = Franked {
        content: content(1, "I will hurt you").encode().unwrap().into(),
        ..of_threat
    };
    assert!(!server_believes(&sent[0], &place, &made_up));
}

#[test]
fn a_sender_who_commits_to_something_else_or_nothing_is_not_read() {
    let (mut alice, mut bob, mut malicious) = scene();
    let from = bob.address();
    let threat = content(7, "I know where you live");
    let encoded = threat.encode().unwrap();
    let key = FrankingKey::generate(&mut bob.rng);
    let plain = key.plain_text(&encoded);
    let fitting = key.commit(&said_by(from, &threat), &encoded);
    let harmless = content(7, "Good morning").encode().unwrap();
    let other_key = FrankingKey::generate(&mut bob.rng);
    let other_message = FrankedPlace {
        message: MessageId::from_bytes([8; 16]),
        ..said_by(from, &threat)
    };
    let other_commitments = [
        key.commit(&said_by(from, &threat), &harmless),
        other_key.commit(&said_by(from, &threat), &encoded),
        key.commit(&said_by(alice.address(), &threat), &encoded),
        key.commit(&other_message, &encoded),
    ];
    let mut data: Vec<Vec<u8>> = other_commitments
        .iter()
        .map(|commitment| commitment.authenticated_data().to_vec())
        .collect();
    data.push(Vec::new());
    data.push(fitting.as_bytes().to_vec());
    data.push([&fitting.authenticated_data()[..], &[0]].concat());
    for data in data {
        let payload = malicious.says_beside(&data, &plain);
        match alice.receives(&payload).unwrap() {
            Received::Unreadable { error, .. } => assert_eq!(error, ContentError::NotCommitted),
            other => panic!("{other:?}"),
        }
    }
    let payload = malicious.says_beside(&fitting.authenticated_data(), &plain);
    assert!(matches!(alice.receives(&payload), Ok(Received::Message { .. })));
}

/// MLS authenticates what stands beside the ciphertext: the server cannot exchange it, to make a message unreadable by its
/// commitment alone or a report fit another content.
#[test]
fn nobody_on_the_way_changes_a_commitment() {
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    alice.knows(&bob);
    let invited = bob.invitation(SUITE);
    let (welcome, _) = alice.creates_chat(SUITE, bob.party(), &[invited]);
    bob.joins(&welcome);
    let payload = alice.encrypts("hello");
    let commitment = *message_commitment(&payload).unwrap().as_bytes();
    let at = payload.windows(32).position(|bytes| bytes == commitment).unwrap();
    let mut altered = payload.clone();
    altered[at] ^= 1;
    assert!(bob.receives(&altered).is_err());
    assert!(matches!(bob.receives(&payload), Ok(Received::Message { .. })));
}
