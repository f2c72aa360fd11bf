//! What groups of 2 to 2,000 members cost: time and bytes of what happens in them.
//!
//! `cargo bench -p sotto-crypto-core --bench groups`. Figures of one thread, the best of some rounds. In every group all members
//! have committed once before anything is measured, unless that would take too long: then the last ten have.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures time and prints it"
)]

mod people;

use people::{NOW, Nobody, Person};
use sotto_crypto_core::{Body, Chat, Content, GroupSigningKey, InvitedDevice, PendingCommit, Text};
use sotto_protocol::chat_rules::{JoinPolicy, Party};
use sotto_protocol::{ChatId, ChatRules, GroupRules, MessageId, Retention, Suite, limits};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
/// The last ones leave room for the newcomer who is measured.
const SIZES: [(Suite, &[u16]); 2] = [
    (Suite::XWing, &[2, 10, 100, 255]),
    (Suite::X25519, &[2, 10, 100, 1_000, 1_999]),
];
/// Groups in which everyone commits, as that makes a tree as large as it can be: so many that a device's share can be told.
const WARM: [(Suite, [u16; 2]); 2] = [(Suite::XWing, [32, 64]), (Suite::X25519, [64, 128])];
/// Devices that one Commit adds.
const BATCH: usize = 128;
/// Members of each group whose state is kept, beside the founder, and who commit.
const WATCHED: usize = 10;

struct Group {
    founder: Person,
    chat: Chat,
    /// Other members and their state.
    watched: Vec<(Person, Chat)>,
    adding: Duration,
    largest_welcome: usize,
}

fn group(suite: Suite, size: u16, watched: usize) -> Group {
    let mut founder = Person::new(0);
    let key = GroupSigningKey::generate(&mut founder.rng).public_key();
    let party = Party::from(founder.device.credential());
    let rules = ChatRules::Group(GroupRules::new(key, party, JoinPolicy::Open));
    let id = ChatId::from_bytes([3; 16]);
    let created = Chat::create(&mut founder.rng, &founder.device, NOW, id, suite, rules, &[]).unwrap();
    let mut group = Group {
        founder,
        chat: created.chat,
        watched: Vec::new(),
        adding: Duration::ZERO,
        largest_welcome: 0,
    };
    let mut others: Vec<Person> = (1..size).map(Person::new).collect();
    while !others.is_empty() {
        let mut batch: Vec<Person> = others.drain(..others.len().min(BATCH)).collect();
        let invited: Vec<InvitedDevice> = batch
            .iter_mut()
            .map(|person| {
                let key_package = person.key_package(suite);
                person.verified(&key_package, suite)
            })
            .collect();
        let start = Instant::now();
        let added = group
            .chat
            .add(&mut group.founder.rng, &group.founder.device, &invited)
            .unwrap();
        group.chat.confirm_commit().unwrap();
        group.adding += start.elapsed();
        let welcome = added.welcome.as_ref().unwrap();
        group.largest_welcome = group.largest_welcome.max(welcome.len());
        for (_, chat) in &mut group.watched {
            chat.receive(&added.commit, NOW, &Nobody).unwrap();
        }
        // The last who come are those whose state is kept.
        if others.is_empty() {
            let kept = batch.split_off(batch.len().saturating_sub(watched));
            for mut person in kept {
                let chat = Chat::join(&person.device, &mut person.key_packages, welcome, &Nobody).unwrap();
                group.watched.push((person, chat));
            }
        }
    }
    // Everyone whose state is kept commits once, as members in use have.
    for index in 0..group.watched.len() {
        let (person, chat) = &mut group.watched[index];
        let update = chat.self_update(&mut person.rng, &person.device).unwrap();
        chat.confirm_commit().unwrap();
        group.all_take(&update, Some(index));
    }
    let update = group
        .chat
        .self_update(&mut group.founder.rng, &group.founder.device)
        .unwrap();
    group.chat.confirm_commit().unwrap();
    group.all_take(&update, None);
    group
}

impl Group {
    fn all_take(&mut self, commit: &PendingCommit, by: Option<usize>) {
        if by.is_some() {
            self.chat.receive(&commit.commit, NOW, &Nobody).unwrap();
        }
        for (index, (_, chat)) in self.watched.iter_mut().enumerate() {
            if Some(index) != by {
                chat.receive(&commit.commit, NOW, &Nobody).unwrap();
            }
        }
    }
}

fn hundred_bytes() -> Content {
    Content {
        message: MessageId::from_bytes([1; 16]),
        retention: Retention::Keep,
        body: Body::Text(Text::from("x".repeat(100))),
    }
}

fn state_bytes(chat: &mut Chat) -> usize {
    let records = chat.take_changes();
    records
        .iter()
        .map(|change| change.key.len() + change.value.as_ref().map_or(0, |value| value.expose().len()))
        .sum()
}

fn measure(suite: Suite, size: u16) {
    let mut group = group(suite, size, WATCHED);
    let state = state_bytes(&mut group.watched[0].1);
    let (mut making, mut taking, mut joining, mut external) =
        (Duration::MAX, Duration::MAX, Duration::MAX, Duration::MAX);
    let (mut encrypting, mut decrypting) = (Duration::MAX, Duration::MAX);
    let mut bytes = (0, 0, 0);
    for round in 0..ROUNDS {
        let start = Instant::now();
        let update = group
            .chat
            .self_update(&mut group.founder.rng, &group.founder.device)
            .unwrap();
        group.chat.confirm_commit().unwrap();
        making = making.min(start.elapsed());
        let start = Instant::now();
        group.watched[0].1.receive(&update.commit, NOW, &Nobody).unwrap();
        taking = taking.min(start.elapsed());

        let start = Instant::now();
        let message = group
            .chat
            .encrypt(&mut group.founder.rng, &group.founder.device, &hundred_bytes())
            .unwrap()
            .payload;
        encrypting = encrypting.min(start.elapsed());
        let start = Instant::now();
        group.watched[0].1.receive(&message, NOW, &Nobody).unwrap();
        decrypting = decrypting.min(start.elapsed());

        let mut newcomer = Person::new(size + 1 + u16::try_from(round).unwrap());
        let start = Instant::now();
        Chat::join_external(&mut newcomer.rng, &newcomer.device, &update.group_info, &Nobody).unwrap();
        external = external.min(start.elapsed());

        let key_package = newcomer.key_package(suite);
        let invited = [newcomer.verified(&key_package, suite)];
        let added = group
            .chat
            .add(&mut group.founder.rng, &group.founder.device, &invited)
            .unwrap();
        let start = Instant::now();
        Chat::join(
            &newcomer.device,
            &mut newcomer.key_packages,
            added.welcome.as_ref().unwrap(),
            &Nobody,
        )
        .unwrap();
        joining = joining.min(start.elapsed());
        group.chat.discard_commit().unwrap();
        bytes = (
            update.commit.len(),
            update.group_info.len(),
            added.welcome.unwrap().len(),
        );
    }
    println!(
        "{suite:?}, {size} members: all added in {:.1?} (largest Welcome of a batch {} B), join {joining:.2?}, alone {external:.2?}; \
         self-update made {making:.2?}, taken {taking:.2?}; 100 bytes encrypted {encrypting:.2?}, decrypted {decrypting:.2?}",
        group.adding, group.largest_welcome
    );
    println!(
        "{suite:?}, {size} members: Commit {} B, GroupInfo {} B, Welcome for one {} B, state {state} B",
        bytes.0, bytes.1, bytes.2
    );
}

/// The bytes of a GroupInfo of a group in which everyone has committed, and of the Commit that made it.
fn warm(suite: Suite, size: u16) -> (usize, usize) {
    let mut group = group(suite, size, size.into());
    let update = group
        .chat
        .self_update(&mut group.founder.rng, &group.founder.device)
        .unwrap();
    (update.group_info.len(), update.commit.len())
}

/// What a GroupInfo of as many devices as there can be has, by what each device adds to it, and the largest Welcome with it.
fn measure_limit(suite: Suite, [fewer, more]: [u16; 2]) {
    let (small, _) = warm(suite, fewer);
    let (large, commit) = warm(suite, more);
    let each = (large - small) / usize::from(more - fewer);
    let most = suite.most_devices();
    let group_info = large + each * (most - usize::from(more));
    println!(
        "{suite:?}, everyone has committed: {each} B of GroupInfo a device, so {group_info} B at {most}; Commit at {more} {commit} B; \
         limit {} B",
        limits::HANDSHAKE_BYTES
    );
}

fn main() {
    for (suite, sizes) in WARM {
        measure_limit(suite, sizes);
    }
    for (suite, sizes) in SIZES {
        for &size in sizes {
            measure(suite, size);
        }
    }
}
