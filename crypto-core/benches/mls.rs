//! What a chat costs: messages a second with the store's flush in batches, a chat from nothing, and bytes on the wire.
//!
//! `cargo bench -p sotto-crypto-core --bench mls`. Figures of one thread, the best of some rounds.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures time and prints it"
)]

mod people;

use people::{NOW, Nobody, Person};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::{Body, Chat, Content, StoreKey, Text};
use sotto_protocol::{ChatId, ChatRules, MessageId, Retention, Suite};
use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const MESSAGES: usize = 8_192;
const BATCHES: [usize; 3] = [1, 64, 1_024];

/// A store of the simplest kind: sealed records appended to a file, durable when the flush returns.
struct Log {
    key: StoreKey,
    file: File,
    rng: ChaCha20Rng,
}

impl Log {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        Self {
            key: StoreKey::generate(&mut rng),
            file: tempfile::tempfile().unwrap(),
            rng,
        }
    }

    fn flush(&mut self, chat: &mut Chat) {
        for change in chat.take_changes() {
            if let Some(value) = change.value {
                let sealed = self.key.seal(&mut self.rng, &change.key, value.expose());
                self.file.write_all(&sealed).unwrap();
            }
        }
        self.file.sync_data().unwrap();
    }
}

fn hundred_bytes() -> Content {
    let text = Text::from("x".repeat(100));
    Content {
        message: MessageId::from_bytes([1; 16]),
        retention: Retention::Keep,
        body: Body::Text(text),
    }
}

/// Time on the processor so far, which a busy machine does not stretch; nothing where the system does not tell.
fn processor_time() -> Duration {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|line| line.split(' ').next()?.parse().ok())
        .map_or(Duration::ZERO, Duration::from_nanos)
}

/// How long it took, by the clock and on the processor.
#[derive(Clone, Copy)]
struct Cost {
    clock: Duration,
    processor: Duration,
}

impl Cost {
    const UNKNOWN: Self = Self {
        clock: Duration::MAX,
        processor: Duration::MAX,
    };

    fn of(work: impl FnOnce()) -> Self {
        let (clock, processor) = (Instant::now(), processor_time());
        work();
        Self {
            clock: clock.elapsed(),
            processor: processor_time().saturating_sub(processor),
        }
    }

    fn min(self, other: Self) -> Self {
        Self {
            clock: self.clock.min(other.clock),
            processor: self.processor.min(other.processor),
        }
    }
}

/// The shortest of some rounds.
fn best(mut round: impl FnMut() -> Duration) -> Duration {
    (0..ROUNDS).map(|_| round()).min().unwrap()
}

fn direct(one: &Person, other: &Person) -> ChatRules {
    ChatRules::direct(one.device.credential().into(), other.device.credential().into()).unwrap()
}

fn chat_of_two(suite: Suite) -> (Person, Chat, Person, Chat) {
    let (mut alice, mut bob) = (Person::new(1), Person::new(2));
    let invited = [bob.key_package(suite)].map(|key_package| bob.verified(&key_package, suite));
    let id = ChatId::from_bytes([3; 16]);
    let rules = direct(&alice, &bob);
    let created = Chat::create(&mut alice.rng, &alice.device, NOW, id, suite, rules, &invited).unwrap();
    let joined = Chat::join(
        &bob.device,
        &mut bob.key_packages,
        created.welcome.as_ref().unwrap(),
        &Nobody,
    )
    .unwrap();
    (alice, created.chat, bob, joined)
}

#[allow(clippy::cast_precision_loss, reason = "a rate for people to read")]
fn messages(suite: Suite) {
    let (mut alice, mut sender, mut bob, mut recipient) = chat_of_two(suite);
    // Both have committed, as in a chat that is in use.
    let update = sender.self_update(&mut alice.rng, &alice.device).unwrap();
    sender.confirm_commit().unwrap();
    recipient.receive(&update.commit, NOW, &Nobody).unwrap();
    let update = recipient.self_update(&mut bob.rng, &bob.device).unwrap();
    recipient.confirm_commit().unwrap();
    sender.receive(&update.commit, NOW, &Nobody).unwrap();
    let content = hundred_bytes();
    for batch in BATCHES {
        // A flush a message measures the disk.
        let count = if batch == 1 { 512 } else { MESSAGES };
        let (mut encrypting, mut decrypting) = (Cost::UNKNOWN, Cost::UNKNOWN);
        for _ in 0..ROUNDS {
            let mut log = Log::new();
            let mut payloads = Vec::with_capacity(count);
            encrypting = encrypting.min(Cost::of(|| {
                for number in 1..=count {
                    let encrypted = sender.encrypt(&mut alice.rng, &alice.device, &content);
                    payloads.push(encrypted.unwrap().payload);
                    if number % batch == 0 {
                        log.flush(&mut sender);
                    }
                }
            }));
            decrypting = decrypting.min(Cost::of(|| {
                for (payload, number) in payloads.iter().zip(1..) {
                    recipient.receive(payload, NOW, &Nobody).unwrap();
                    if number % batch == 0 {
                        log.flush(&mut recipient);
                    }
                }
            }));
        }
        let rate = |time: Duration| count as f64 / time.as_secs_f64();
        println!(
            "{suite:?}: flush every {batch} messages: {:.0} encrypts/s, {:.0} decrypts/s; \
             a second of processor time makes {:.0} and {:.0}",
            rate(encrypting.clock),
            rate(decrypting.clock),
            rate(encrypting.processor),
            rate(decrypting.processor),
        );
    }
    let encrypted = sender.encrypt(&mut alice.rng, &alice.device, &content).unwrap();
    let payload = encrypted.payload;
    let plain = encrypted.franking_key.plain_text(&content.encode().unwrap());
    let overhead = payload.len() - plain.len();
    println!(
        "{suite:?}: message of 100 bytes: {} B, of which MLS {overhead} B",
        payload.len()
    );
}

fn from_nothing(suite: Suite) {
    let generating = best(|| {
        let mut person = Person::new(1);
        let start = Instant::now();
        person.key_package(suite);
        start.elapsed()
    });
    let (mut creating, mut joining) = (Duration::MAX, Duration::MAX);
    let whole = best(|| {
        let (mut alice, mut bob) = (Person::new(1), Person::new(2));
        let start = Instant::now();
        let key_package = bob.key_package(suite);
        let create = Instant::now();
        let invited = [bob.verified(&key_package, suite)];
        let id = ChatId::from_bytes([3; 16]);
        let rules = direct(&alice, &bob);
        let created = Chat::create(&mut alice.rng, &alice.device, NOW, id, suite, rules, &invited).unwrap();
        creating = creating.min(create.elapsed());
        let join = Instant::now();
        let mut joined = Chat::join(
            &bob.device,
            &mut bob.key_packages,
            created.welcome.as_ref().unwrap(),
            &Nobody,
        )
        .unwrap();
        joining = joining.min(join.elapsed());
        let mut chat = created.chat;
        let message = chat
            .encrypt(&mut alice.rng, &alice.device, &hundred_bytes())
            .unwrap();
        joined.receive(&message.payload, NOW, &Nobody).unwrap();
        start.elapsed()
    });
    println!(
        "{suite:?}: KeyPackage {generating:.2?}, create {creating:.2?}, join {joining:.2?}; \
         from nothing to the first message read {whole:.2?}"
    );
}

fn commits(suite: Suite) {
    let (mut alice, mut sender, mut bob, mut recipient) = chat_of_two(suite);
    let (mut making, mut taking) = (Duration::MAX, Duration::MAX);
    let mut bytes = (0, 0);
    for _ in 0..20 {
        let start = Instant::now();
        let update = sender.self_update(&mut alice.rng, &alice.device).unwrap();
        sender.confirm_commit().unwrap();
        making = making.min(start.elapsed());
        let start = Instant::now();
        recipient.receive(&update.commit, NOW, &Nobody).unwrap();
        taking = taking.min(start.elapsed());
        bytes = (update.commit.len(), update.group_info.len());
    }
    let (mut first, mut second) = (Person::new(1), Person::new(2));
    let key_package = second.key_package(suite);
    let invited = [second.verified(&key_package, suite)];
    let id = ChatId::from_bytes([3; 16]);
    let rules = direct(&first, &second);
    let created = Chat::create(&mut first.rng, &first.device, NOW, id, suite, rules, &invited).unwrap();
    let state: usize = recipient
        .take_changes()
        .iter()
        .map(|change| change.key.len() + change.value.as_ref().map_or(0, |value| value.expose().len()))
        .sum();
    let rejoining = best(|| {
        let start = Instant::now();
        Chat::join_external(&mut bob.rng, &bob.device, &created.group_info, &Nobody).unwrap();
        start.elapsed()
    });
    println!("{suite:?}: self-update made {making:.2?}, taken {taking:.2?}; external join {rejoining:.2?}");
    println!(
        "{suite:?}: KeyPackage {} B, Welcome {} B, self-update Commit {} B, GroupInfo {} B, state {state} B",
        key_package.len(),
        created.welcome.unwrap().len(),
        bytes.0,
        bytes.1,
    );
}

fn main() {
    for suite in Suite::ALL {
        from_nothing(suite);
        commits(suite);
        messages(suite);
    }
}
