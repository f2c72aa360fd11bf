//! Chats that are full, and what a message writes however many are in them.

use crate::groups::{group, rules};
use crate::raw::{self, Raw};
use crate::world::{Client, Disk, alice_and_bob};
use openmls::prelude::{KeyPackage, MlsMessageBodyIn, ProtocolVersion};
use sotto_crypto_core::chat::Received;
use sotto_crypto_core::suite::SuiteCrypto;
use sotto_crypto_core::{ChatError, InvitedDevice, JoinError, NotAllowed, ReceiveError};
use sotto_protocol::chat_rules::{JoinPolicy, RuleViolation};
use sotto_protocol::{ChatRules, Suite};

/// The kinds of the records that hold message secrets.
const IN_ONE: u8 = 6;
const CURRENT: u8 = 18;
const PAST: u8 = 19;
const PAST_MEMBERS: u8 = 20;

/// Past epochs whose messages are still opened.
const KEPT: u64 = 2;

fn numbered(kind: u8, epoch: u64) -> Vec<u8> {
    [&[kind][..], &epoch.to_be_bytes()].concat()
}

/// The keys of what was written or deleted.
fn written(before: &Disk, after: &Disk) -> Vec<Vec<u8>> {
    let keys = before.keys().chain(after.keys());
    let changed = keys.filter(|key| before.get(*key) != after.get(*key)).cloned();
    changed
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Alice and Bob after some epochs.
fn after_epochs(suite: Suite, epochs: u64) -> (Client, Client) {
    let (mut alice, mut bob) = alice_and_bob(suite);
    for _ in 0..epochs {
        let update = alice.updates_itself();
        alice.confirms();
        bob.receives_commit(&update.commit);
    }
    (alice, bob)
}

#[test]
fn a_message_writes_the_secrets_of_its_epoch_and_nothing_else() {
    let (mut alice, mut bob) = after_epochs(Suite::X25519, 4);
    let (alices, bobs) = (alice.disk.clone(), bob.disk.clone());
    alice.sends("hi").to(&mut bob);
    assert_eq!(written(&alices, &alice.disk), [[CURRENT]]);
    assert_eq!(written(&bobs, &bob.disk), [[CURRENT]]);
}

#[test]
fn a_late_message_writes_the_secrets_of_its_past_epoch_alone_and_is_opened_once() {
    let (mut alice, mut bob) = after_epochs(Suite::X25519, 2);
    let late = alice.sends("late");
    let epoch = alice.chat().epoch().0;
    let update = alice.updates_itself();
    alice.confirms();
    bob.receives_commit(&update.commit);
    let before = bob.disk.clone();
    late.to(&mut bob);
    assert_eq!(written(&before, &bob.disk), [numbered(PAST, epoch)]);
    // Also after a restart: what the past epoch has given away is on the disk.
    bob.restarts();
    assert!(matches!(
        bob.receives(&late.payload),
        Err(ReceiveError::AlreadyReceived)
    ));
}

#[test]
fn of_past_epochs_the_last_ones_alone_are_on_the_disk() {
    for suite in Suite::ALL {
        let (mut alice, mut bob) = after_epochs(suite, 1);
        let closed = alice.sends("closed for good");
        for _ in 0..=KEPT {
            let update = alice.updates_itself();
            alice.confirms();
            bob.receives_commit(&update.commit);
        }
        let epoch = bob.chat().epoch().0;
        for client in [&alice, &bob] {
            for kind in [PAST, PAST_MEMBERS] {
                let kept: Vec<_> = client.disk.keys().filter(|key| key[0] == kind).cloned().collect();
                assert_eq!(kept, [numbered(kind, epoch - 2), numbered(kind, epoch - 1)]);
            }
        }
        bob.restarts();
        assert!(matches!(
            bob.receives(&closed.payload),
            Err(ReceiveError::StaleEpoch { .. })
        ));
    }
}

/// What a version before this one would have written, which knew one record. Put together by the specification of postcard, so
/// that it is not the code's own idea of it.
fn as_earlier_versions_wrote(disk: &Disk) -> Disk {
    let mut earlier = disk.clone();
    let current = earlier.remove([CURRENT].as_slice()).unwrap();
    let past: Vec<u64> = disk
        .keys()
        .filter(|key| key[0] == PAST)
        .map(|key| u64::from_be_bytes(key[1..].try_into().unwrap()))
        .collect();
    // How many epochs are kept, how many there are, and their numbers each take one byte, as they are under 128.
    let mut whole = vec![current[0], u8::try_from(past.len()).unwrap()];
    for epoch in past {
        whole.push(u8::try_from(epoch).unwrap());
        whole.extend(earlier.remove(&numbered(PAST, epoch)).unwrap());
        whole.extend(earlier.remove(&numbered(PAST_MEMBERS, epoch)).unwrap());
    }
    whole.extend_from_slice(&current[1..]);
    earlier.insert(vec![IN_ONE], whole);
    earlier
}

#[test]
fn a_store_of_an_earlier_version_is_read_and_brought_up_to_date_by_the_first_message() {
    let (mut alice, mut bob) = after_epochs(Suite::X25519, 3);
    let late = alice.sends("late");
    let update = alice.updates_itself();
    alice.confirms();
    bob.receives_commit(&update.commit);
    bob.disk = as_earlier_versions_wrote(&bob.disk);
    bob.restarts();
    assert!(bob.disk.contains_key([IN_ONE].as_slice()));
    alice.sends("hi").to(&mut bob);
    assert!(!bob.disk.contains_key([IN_ONE].as_slice()));
    bob.restarts();
    late.to(&mut bob);
    bob.sends("thanks").to(&mut alice);
}

#[test]
fn a_device_that_stops_before_its_store_is_brought_up_to_date_begins_with_the_old_one() {
    let (mut alice, mut bob) = after_epochs(Suite::X25519, 3);
    let old = as_earlier_versions_wrote(&bob.disk);
    bob.disk.clone_from(&old);
    bob.restarts();
    let sent = alice.sends("twice");
    sent.to(&mut bob);
    // The batch was not written.
    bob.disk = old;
    bob.restarts();
    sent.to(&mut bob);
}

/// So many accounts that nobody knows better.
fn names(number: usize) -> impl Iterator<Item = &'static str> {
    (0..number).map(|number| -> &'static str { Box::leak(format!("c{number}").into_boxed_str()) })
}

fn read(key_package: &[u8]) -> KeyPackage {
    let MlsMessageBodyIn::KeyPackage(read) = raw::message(key_package).extract() else {
        panic!("no KeyPackage")
    };
    let crypto = SuiteCrypto::new(&mut Client::new("reader").rng);
    read.validate(&crypto, ProtocolVersion::Mls10).unwrap()
}

/// Alice's open group, in which she, Bob and Mallory and a crowd are as many as can be.
struct Full {
    alice: Client,
    bob: Client,
    mallory: Raw,
    group_info: Vec<u8>,
    most: usize,
}

const SUITE: Suite = Suite::XWing;

fn full_group() -> Full {
    let [mut alice, mut bob, mut mallory] = ["alice", "bob", "mallory"].map(Client::new);
    let mut malicious = Raw::of(&mut mallory);
    group(SUITE, JoinPolicy::Open, &mut alice, &mut [&mut bob]);
    let most = SUITE.most_devices();
    let mut invited: Vec<InvitedDevice> = names(most - 3)
        .map(|name| Client::new(name).invitation(SUITE))
        .collect();
    invited.push(mallory.verified(&raw::bytes(&malicious.key_package(SUITE)), SUITE));
    let added = alice.adds(&invited);
    alice.confirms();
    bob.receives_commit(&added.commit);
    malicious.joins(added.welcome.as_ref().unwrap());
    assert_eq!(bob.chat().members().len(), most);
    Full {
        alice,
        bob,
        mallory: malicious,
        group_info: added.group_info,
        most,
    }
}

#[test]
fn nobody_comes_into_a_full_group_whoever_lets_them_in() {
    let Full {
        mut alice,
        mut bob,
        mut mallory,
        group_info,
        most,
    } = full_group();
    let full = NotAllowed::Rule(RuleViolation::Full { most });
    let mut carol = Client::new("carol");

    // An honest member does not try.
    let invited = carol.invitation(SUITE);
    let (chat, rng, device) = alice.parts();
    match chat.add(rng, device, &[invited]) {
        Err(ChatError::NotAllowed(reason)) => assert_eq!(reason, full),
        _ => panic!("added"),
    }
    // Nor does an honest newcomer.
    match carol.tries_to_join_externally(&group_info) {
        Err(JoinError::NotAllowed(reason)) => assert_eq!(reason, full),
        _ => panic!("joined"),
    }
    // Of those who do, nobody takes anything.
    let mut stranger = Raw::of(&mut carol);
    let key_package = stranger.key_package(SUITE);
    let adding = mallory.commits(|commit| commit.propose_adds([key_package]));
    let joining = stranger.joins_externally(&group_info);
    for payload in [adding, joining] {
        for client in [&mut alice, &mut bob] {
            let disk = client.disk.clone();
            match client.receives(&payload) {
                Err(ReceiveError::NotAllowed(reason)) => assert_eq!(reason, full),
                _ => panic!("taken"),
            }
            assert!(disk == client.disk);
        }
    }
    // It goes on, and once somebody has left there is room again.
    let removed = bob.account();
    let (chat, rng, device) = alice.parts();
    let removing = chat.remove_accounts(rng, device, &[removed], false).unwrap();
    alice.flushes();
    alice.confirms();
    mallory.reads(&removing.commit);
    assert!(matches!(bob.receives(&removing.commit), Ok(Received::Commit(_))));
    let mut dave = Client::new("dave");
    let invited = dave.invitation(SUITE);
    let added = alice.adds(&[invited]);
    alice.confirms();
    dave.joins(added.welcome.as_ref().unwrap());
    assert_eq!(dave.chat().members().len(), most);
}

#[test]
fn in_a_full_group_a_device_comes_back_to_its_own_place() {
    let Full {
        mut alice,
        mut bob,
        group_info,
        most,
        ..
    } = full_group();
    let (commit, _) = bob.joins_externally(&group_info);
    bob.confirms();
    alice.receives_commit(&commit);
    assert_eq!(alice.chat().members().len(), most);
    bob.sends("back").to(&mut alice);
}

#[test]
fn a_welcome_into_a_group_with_too_many_devices_is_refused() {
    let mut mallory = Client::new("mallory");
    let mut carol = Client::new("carol");
    let mut key_packages: Vec<KeyPackage> = names(SUITE.most_devices())
        .map(|name| Raw::of(&mut Client::new(name)).key_package(SUITE))
        .collect();
    key_packages.push(read(&carol.key_package(SUITE)));
    // Their founder does not care, and everybody else is made up.
    group(SUITE, JoinPolicy::Open, &mut mallory, &mut []);
    let rules = ChatRules::Group(rules(&mut mallory));
    let mut malicious = Raw::of(&mut mallory);
    let welcome = malicious.creates(
        SUITE,
        raw::extensions(rules.encode().unwrap(), Vec::new()),
        &key_packages,
    );
    match carol.tries_to_join(&welcome) {
        Err(JoinError::NotAllowed(reason)) => {
            let most = SUITE.most_devices();
            assert_eq!(reason, NotAllowed::Rule(RuleViolation::Full { most }));
        }
        _ => panic!("joined"),
    }
}
