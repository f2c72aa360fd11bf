//! The archive: what was said is on a new device, whatever became of the old ones, and a server that shows another history is found
//! out.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::platform::{Method, Request, Response};
use sotto_client_sdk::protocol::{ChatId, MessageId, Retention};
use sotto_client_sdk::testing::{Fault, Faults};
use sotto_client_sdk::{ArchiveFault, ArchiveStatus, ChatSummary, FaultyArchive, Message, NewMessage};
use sotto_tests::steps::every;
use sotto_tests::tampering::{Tampering, honest};
use sotto_tests::world::{BY_MEMBERS, Device, PASSWORD, Pair, Vault, World, gardeners, next, text_of};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Of the steps at which a client can be stopped each third is tried: most of them are of connecting, which other tests stop too.
const STRIDE: usize = 3;

/// A device that has nothing but the name and the password.
async fn new_device(world: &World, name: &str) -> Device {
    let device = world.device().await;
    device.client.log_in(name, PASSWORD).await.unwrap();
    device
}

async fn status(device: &Device) -> ArchiveStatus {
    device.client.archive_status().await.unwrap()
}

/// Waits until the archive stands so.
async fn stands(device: &Device, wanted: impl Fn(&ArchiveStatus) -> bool) -> ArchiveStatus {
    let mut events = device.client.events();
    loop {
        let status = status(device).await;
        if wanted(&status) {
            return status;
        }
        next(&mut events).await;
    }
}

/// Waits until all that is wrong is this.
async fn finds(device: &Device, chat: ChatId, fault: ArchiveFault) {
    stands(device, |status| status.faulty == [FaultyArchive { chat, fault }]).await;
}

/// Waits until the chat reads so, notices apart.
async fn has_texts(device: &Device, chat: ChatId, expected: &[&str]) {
    let mut events = device.client.events();
    while texts(device, chat).await != expected {
        next(&mut events).await;
    }
}

async fn texts(device: &Device, chat: ChatId) -> Vec<String> {
    let messages = device.messages(chat).await;
    let said = messages
        .iter()
        .filter(|message| matches!(message.body, sotto_client_sdk::Body::Text(_)));
    said.map(text_of).collect()
}

async fn say(device: &Device, chat: ChatId, text: &str) -> MessageId {
    let message = device.client.send_text(chat, text).await.unwrap();
    is_in_log(device, chat, message).await;
    message
}

async fn is_in_log(device: &Device, chat: ChatId, message: MessageId) {
    device
        .sees(chat, message, |message| {
            message.state == sotto_client_sdk::MessageState::Accepted
        })
        .await;
}

fn says(text: &str) -> impl Fn(&Message) -> bool {
    move |message| text_of(message) == text
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_lost_their_only_device_has_their_history_again_by_name_and_password() {
    let pair = Pair::start().await;
    let (chat, bob) = (pair.chat, &pair.bob);
    let first = say(&pair.alice, chat, "shall we meet?").await;
    let answer = say(bob, chat, "at the bridge").await;
    pair.alice.sees(chat, answer, |_| true).await;
    pair.alice
        .client
        .edit(chat, first, "shall we meet today?")
        .await
        .unwrap();
    bob.sees(chat, first, says("shall we meet today?")).await;
    bob.client.react(chat, first, "👍", true).await.unwrap();
    pair.alice
        .sees(chat, first, |message| !message.reactions.is_empty())
        .await;
    pair.alice.client.star(chat, answer, true).await.unwrap();
    pair.alice.client.pin(chat, answer, true).await.unwrap();
    let last = say(bob, chat, "hurry").await;
    let read = pair.alice.sees(chat, answer, |_| true).await.position;
    pair.alice.sees(chat, last, |_| true).await;
    pair.alice.client.mark_read(chat, read).await.unwrap();
    let before = pair.alice.messages(chat).await;
    pair.alice.client.archive_now().await.unwrap();
    pair.alice.client.close().await.unwrap();

    let laptop = new_device(&pair.world, "alice").await;
    has_texts(
        &laptop,
        chat,
        &["hello", "shall we meet today?", "at the bridge", "hurry"],
    )
    .await;
    stands(&laptop, |status| status.restoration.is_none()).await;
    laptop.sees(chat, answer, |message| message.is_starred).await;
    let after = laptop.messages(chat).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.id, after.id);
        assert_eq!(before.position, after.position);
        assert_eq!(before.own, after.own);
        assert_eq!(before.from, after.from);
        assert_eq!(before.at, after.at);
        assert_eq!(before.state, after.state);
        assert_eq!(before.editions, after.editions);
        assert_eq!(before.reactions, after.reactions);
        assert_eq!(before.is_starred, after.is_starred);
    }
    let pinned = laptop.client.pinned(chat).await.unwrap();
    assert_eq!(
        pinned.iter().map(|message| message.id).collect::<Vec<_>>(),
        [answer]
    );
    let chats = laptop.client.chats().await.unwrap();
    assert_eq!((chats[0].unread, chats[0].read_up_to), (1, read));
    assert_eq!(status(&laptop).await.faulty, []);
    // And it goes on.
    say(&laptop, chat, "I am back").await;
    bob.ends_with(chat, "I am back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_has_what_was_said_right_before_it_came_once_another_has_archived_it() {
    let Pair {
        world,
        alice,
        bob: _bob,
        chat,
    } = Pair::start().await;
    say(&alice, chat, "just now").await;
    let phone = new_device(&world, "alice").await;
    has_texts(&phone, chat, &["hello", "just now"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_that_found_no_archive_looks_again_once_there_is_one_also_after_a_restart() {
    let Pair {
        world,
        alice,
        bob: _bob,
        chat,
    } = Pair::start().await;
    say(&alice, chat, "just now").await;
    alice.client.disconnect().await.unwrap();
    let phone = new_device(&world, "alice").await;
    phone.has_chat(chat).await;
    stands(&phone, |status| status.restoration.is_none()).await;
    assert_eq!(texts(&phone, chat).await, Vec::<String>::new());
    let phone = phone.goes_away().await;
    alice.client.connect().await.unwrap();
    alice.is_online().await;
    alice.client.archive_now().await.unwrap();
    let phone = Device::open(&world.url(), phone, Faults::none()).await;
    has_texts(&phone, chat, &["hello", "just now"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_comes_in_parts_and_all_of_it() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let notes = alice.client.notes().await.unwrap();
    let mut expected = Vec::new();
    let mut last = None;
    for number in 0..300 {
        // Nothing that compresses well: parts of it are as large as they get.
        let noise: String = (0..2_000_u64)
            .map(|place| char::from(b'a' + u8::try_from((number * 7_919 + place * place * 31) % 26).unwrap()))
            .collect();
        let text = format!("{number} {noise}");
        last = Some(alice.client.send_text(notes, &text).await.unwrap());
        expected.push(text);
    }
    is_in_log(&alice, notes, last.unwrap()).await;
    alice.client.archive_now().await.unwrap();
    let laptop = new_device(&world, "alice").await;
    laptop.has_chat(notes).await;
    let done = stands(&laptop, |status| status.restoration.is_none()).await;
    assert_eq!(done.faulty, []);
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    has_texts(&laptop, notes, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_deleted_after_it_was_archived_is_so_in_the_archive() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let edited = say(alice, chat, "first").await;
    let deleted = say(alice, chat, "a word too many").await;
    let hidden = say(bob, chat, "not for me").await;
    // More than an index holds: those above are in a segment.
    for number in 0..40 {
        say(alice, chat, &format!("{number} {}", "filler ".repeat(300))).await;
    }
    alice.sees(chat, hidden, |_| true).await;
    alice.client.archive_now().await.unwrap();
    alice.client.edit(chat, edited, "second").await.unwrap();
    alice.client.delete(chat, deleted).await.unwrap();
    alice.client.delete_here(chat, hidden).await.unwrap();
    bob.sees(chat, edited, says("second")).await;
    bob.sees(chat, deleted, |message| {
        matches!(message.body, sotto_client_sdk::Body::Deleted { .. })
    })
    .await;
    alice.client.archive_now().await.unwrap();
    let laptop = new_device(&pair.world, "alice").await;
    laptop.has_chat(chat).await;
    laptop.sees(chat, edited, says("second")).await;
    stands(&laptop, |status| status.restoration.is_none()).await;
    let seen = texts(&laptop, chat).await;
    assert_eq!(seen[..2], ["hello", "second"]);
    assert_eq!(seen.len(), 42);
    assert!(!laptop.vault.holds("a word too many").await);
    assert!(!laptop.vault.holds("not for me").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_vanishes_nothing_stays_in_the_archive() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let day = Retention::For { seconds: 86_400 };
    let timed = alice
        .client
        .send(chat, NewMessage::text("until tomorrow").kept(day))
        .await
        .unwrap();
    let brief = Retention::For { seconds: 30 };
    let over = alice
        .client
        .send(chat, NewMessage::text("half a minute").kept(brief))
        .await
        .unwrap();
    let fleeting = NewMessage::text("in passing").kept(Retention::Never);
    alice.client.send(chat, fleeting).await.unwrap();
    is_in_log(alice, chat, timed).await;
    is_in_log(alice, chat, over).await;
    bob.sees(chat, over, |_| true).await;
    alice.client.archive_now().await.unwrap();
    let laptop = new_device(&pair.world, "alice").await;
    has_texts(&laptop, chat, &["hello", "until tomorrow"]).await;
    stands(&laptop, |status| status.restoration.is_none()).await;
    let seen = laptop.sees(chat, timed, |_| true).await;
    let there = alice.sees(chat, timed, |_| true).await;
    assert_eq!((seen.retention, seen.expires_at), (day, there.expires_at));
    assert!(!laptop.vault.holds("in passing").await);
    assert!(!laptop.vault.holds("half a minute").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_archive_at_once_lose_nothing_and_double_nothing() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let phone = new_device(&pair.world, "alice").await;
    phone.has_chat(chat).await;
    let mut expected = vec!["hello".to_owned()];
    for round in 0..6 {
        let mut last = None;
        for number in 0..12 {
            let text = format!("{round}.{number} {}", "x".repeat(1_000));
            last = Some(say(bob, chat, &text).await);
            expected.push(text);
        }
        for device in [alice, &phone] {
            device.sees(chat, last.unwrap(), |_| true).await;
        }
        let (one, other) = tokio::join!(alice.client.archive_now(), phone.client.archive_now());
        assert_eq!((one, other), (Ok(()), Ok(())));
    }
    let laptop = new_device(&pair.world, "alice").await;
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    has_texts(&laptop, chat, &expected).await;
    assert_eq!(
        stands(&laptop, |status| status.restoration.is_none())
            .await
            .faulty,
        []
    );
    for device in [alice, &phone] {
        assert_eq!(status(device).await.faulty, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_among_the_chats_of_a_new_device_and_has_its_title_with_nobody_there_to_tell_it() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let direct = alice.client.start_chat("bob").await.unwrap();
    bob.takes(direct).await;
    let group = alice.founds(gardeners(BY_MEMBERS, &["bob"])).await;
    bob.has_chat(group).await;
    let said = say(&alice, group, "slugs again").await;
    bob.sees(group, said, |_| true).await;
    for device in [alice, bob] {
        device.client.archive_now().await.unwrap();
        device.client.close().await.unwrap();
    }
    for name in ["alice", "bob"] {
        let laptop = new_device(&world, name).await;
        laptop.sees(group, said, says("slugs again")).await;
        laptop
            .sees_group(group, |group| group.title.as_deref() == Some("Gardeners"))
            .await;
        // Whom the account has accepted comes by another way than the history.
        let mut events = laptop.client.events();
        let waits = |chat: &ChatSummary| chat.request.is_some();
        while laptop.client.chats().await.unwrap().iter().any(waits) {
            next(&mut events).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_left_is_history_on_a_new_device_and_can_be_come_into_again() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let group = alice.founds(gardeners(BY_MEMBERS, &["bob"])).await;
    bob.has_chat(group).await;
    let said = say(&alice, group, "slugs again").await;
    bob.sees(group, said, |_| true).await;
    bob.client.leave_group(group).await.unwrap();
    bob.client.archive_now().await.unwrap();
    let laptop = new_device(&world, "bob").await;
    laptop.sees(group, said, says("slugs again")).await;
    // Whoever is added before that is in still.
    alice.sees_group(group, |group| group.members == 1).await;
    alice.client.add_to_group(group, &["bob"]).await.unwrap();
    let back = say(&alice, group, "welcome back").await;
    laptop.sees(group, back, says("welcome back")).await;
}

/// Answers to reading archives, as the server gives them; or as it gave them before.
#[derive(Clone, Default)]
struct Past {
    kept: Arc<Mutex<BTreeMap<String, Response>>>,
    is_shown: Arc<Mutex<bool>>,
}

impl Past {
    /// A device over a server that can be told to show what it showed before.
    async fn device(&self, world: &World, vault: Vault) -> Device {
        let past = self.clone();
        let answers = move |request: &Request, answer: Response| past.answer(request, answer);
        let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest())
            .with_answers(Arc::new(answers));
        Device::open_over(transport, vault, Faults::none()).await.unwrap()
    }

    fn answer(&self, request: &Request, answer: Response) -> Response {
        if request.method != Method::Get || !request.path.starts_with("/v1/archive") {
            return answer;
        }
        let mut kept = self.kept.lock().unwrap();
        if *self.is_shown.lock().unwrap() {
            return kept
                .get(&request.path)
                .cloned()
                .or_else(|| one_of(kept.get("/v1/archive")?, &request.path))
                .unwrap_or(answer);
        }
        kept.insert(request.path.clone(), answer.clone());
        answer
    }

    fn show(&self) {
        *self.is_shown.lock().unwrap() = true;
    }
}

/// An archive that is asked for by itself, out of the list.
fn one_of(list: &Response, path: &str) -> Option<Response> {
    let chat = path.strip_prefix("/v1/archive/")?;
    let page: serde_json::Value = serde_json::from_slice(&list.body).unwrap();
    let archives = page["archives"].as_array().unwrap();
    let archive = archives.iter().find(|archive| archive["chat"] == chat)?;
    Some(Response {
        body: serde_json::to_vec(archive).unwrap(),
        ..list.clone()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_older_than_what_was_seen_is_named() {
    let pair = Pair::start().await;
    let (chat, bob) = (pair.chat, &pair.bob);
    pair.alice.client.archive_now().await.unwrap();
    let past = Past::default();
    // A device that has read the archive, and then sees it go on.
    let phone = past.device(&pair.world, Vault::new()).await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    has_texts(&phone, chat, &["hello"]).await;
    let said = say(bob, chat, "more").await;
    phone.sees(chat, said, |_| true).await;
    phone.client.archive_now().await.unwrap();
    let said = say(bob, chat, "and more").await;
    phone.sees(chat, said, |_| true).await;
    past.show();
    // Started again, it reads what there is before it writes.
    let vault = phone.goes_away().await;
    let phone = past.device(&pair.world, vault).await;
    phone.is_online().await;
    let _ = phone.client.archive_now().await;
    finds(&phone, chat, ArchiveFault::RolledBack).await;
    phone.client.acknowledge_archive_faults().await.unwrap();
    assert_eq!(status(&phone).await.faulty, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_knows_from_the_others_how_much_is_archived() {
    let pair = Pair::start().await;
    let chat = pair.chat;
    let past = Past::default();
    pair.alice.client.archive_now().await.unwrap();
    let spy = past.device(&pair.world, Vault::new()).await;
    spy.client.log_in("alice", PASSWORD).await.unwrap();
    has_texts(&spy, chat, &["hello"]).await;
    let said = say(&pair.bob, chat, "more").await;
    pair.alice.sees(chat, said, |_| true).await;
    pair.alice.client.archive_now().await.unwrap();
    // With each connection the devices tell each other.
    let vault = pair.alice.goes_away().await;
    let alice = Device::open(&pair.world.url(), vault, Faults::none()).await;
    alice.is_online().await;
    past.show();
    let laptop = past.device(&pair.world, Vault::new()).await;
    laptop.client.log_in("alice", PASSWORD).await.unwrap();
    finds(&laptop, chat, ArchiveFault::RolledBack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_which_something_is_missing_or_that_is_anothers_is_named() {
    let pair = Pair::start().await;
    let chat = pair.chat;
    for number in 0..40 {
        say(&pair.alice, chat, &format!("{number} {}", "filler ".repeat(300))).await;
    }
    pair.alice.client.archive_now().await.unwrap();
    let without_segments = |request: &Request, mut answer: Response| {
        if request.path.contains("/segment") {
            answer.body = br#"{"segments":[],"left_out":[]}"#.to_vec();
        }
        answer
    };
    let altered = |request: &Request, mut answer: Response| {
        if request.path.starts_with("/v1/archive") && !request.path.contains("/segment") {
            let text = String::from_utf8(answer.body.clone()).unwrap();
            answer.body = text.replace("\"index\":\"A", "\"index\":\"B").into_bytes();
        }
        answer
    };
    for (tamper, fault) in [
        (
            Arc::new(without_segments) as sotto_tests::tampering::TamperAnswer,
            ArchiveFault::Cut,
        ),
        (Arc::new(altered), ArchiveFault::Foreign),
    ] {
        let transport =
            Tampering::new(HttpTransport::new(&pair.world.url()).unwrap(), honest()).with_answers(tamper);
        let laptop = Device::open_over(transport, Vault::new(), Faults::none())
            .await
            .unwrap();
        laptop.client.log_in("alice", PASSWORD).await.unwrap();
        laptop.has_chat(chat).await;
        finds(&laptop, chat, fault).await;
        // What there is, is read all the same, and the chat goes on.
        say(&laptop, chat, "on").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_is_stopped_at_any_step_of_archiving_loses_nothing() {
    let world = World::start().await;
    let mut alice = world.person("alice").await;
    let notes = alice.client.notes().await.unwrap();
    let mut expected = vec!["0".to_owned()];
    let mut last = say(&alice, notes, "0").await;
    for step in every(STRIDE) {
        // Something new, and something else about what is archived.
        alice.client.archive_now().await.unwrap();
        let edited = format!("{step} edited");
        alice.client.edit(notes, last, &edited).await.unwrap();
        *expected.last_mut().unwrap() = edited;
        let text = format!("{step} {}", "filler ".repeat(500));
        last = say(&alice, notes, &text).await;
        expected.push(text);
        let vault = alice.goes_away().await;
        let faults = Faults::at(step, Fault::Stop);
        let work = async {
            if let Ok(device) = Device::try_open(&world.url(), vault.clone(), faults.clone()).await {
                device.is_online().await;
                device.client.archive_now().await.unwrap();
                device.client.close().await.unwrap();
            }
        };
        tokio::select! {
            () = faults.stopped() => {}
            () = work => {}
        }
        alice = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        alice.is_online().await;
        if !faults.has_stopped() {
            assert!(step > 20, "the steps are counted");
            break;
        }
    }
    alice.client.archive_now().await.unwrap();
    assert_eq!(status(&alice).await.faulty, []);
    let laptop = new_device(&world, "alice").await;
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    has_texts(&laptop, notes, &expected).await;
    assert_eq!(
        stands(&laptop, |status| status.restoration.is_none())
            .await
            .faulty,
        []
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_is_stopped_at_any_step_of_reading_the_archive_has_all_of_it_in_the_end() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let notes = alice.client.notes().await.unwrap();
    let mut expected = Vec::new();
    for number in 0..12 {
        let text = format!("{number} {}", "filler ".repeat(1_000));
        say(&alice, notes, &text).await;
        expected.push(text);
    }
    alice.client.archive_now().await.unwrap();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    // A device that is in and could read nothing of the archive yet.
    let unavailable = |request: &Request, mut answer: Response| {
        if request.path.starts_with("/v1/archive") {
            answer.status = 503;
        }
        answer
    };
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest())
        .with_answers(Arc::new(unavailable));
    let laptop = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    laptop.client.log_in("alice", PASSWORD).await.unwrap();
    laptop.has_chat(notes).await;
    let vault = laptop.goes_away().await;
    for step in every(STRIDE) {
        let vault = vault.snapshot();
        let faults = Faults::at(step, Fault::Stop);
        let work = async {
            if let Ok(device) = Device::try_open(&world.url(), vault.clone(), faults.clone()).await {
                has_texts(&device, notes, &expected).await;
                stands(&device, |status| status.restoration.is_none()).await;
                device.client.close().await.unwrap();
            }
        };
        tokio::select! {
            () = faults.stopped() => {}
            () = work => {}
        }
        let device = Device::open(&world.url(), vault.snapshot(), Faults::none()).await;
        has_texts(&device, notes, &expected).await;
        device.client.close().await.unwrap();
        if !faults.has_stopped() {
            assert!(step > 20, "the steps are counted");
            break;
        }
    }
}
