//! Exports: an account's history in a file, and out of it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::platform::{FileContent, Method, Request, Response};
use sotto_client_sdk::protocol::{ChatId, MessageId, Problem, ProblemCode, Retention};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{
    Body, ChatKind, ClientError, ConnectionState, Event, ExportProgress, Exported, ImportProgress, Imported,
    Message, MessageState, NewFile, NewMessage, ReadableExport, SearchQuery, Watcher,
};
use sotto_tests::tampering::{Tampering, honest};
use sotto_tests::world::{BY_MEMBERS, Device, PASSWORD, Pair, Vault, World, gardeners, next, text_of};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use zip::ZipArchive;

const PASSPHRASE: &str = "nobody knows this";

async fn export(device: &Device) -> (Vec<u8>, Exported) {
    let mut file = Vec::new();
    let exported = device.client.export_history(PASSPHRASE, &mut file, &()).await;
    (file, exported.unwrap())
}

async fn import(device: &Device, file: &[u8]) -> Result<Imported, ClientError> {
    let file = FileContent::from(file.to_vec());
    device.client.import_history(&file, PASSPHRASE, &()).await
}

/// A new device of an account whose archive the server has lost.
async fn device_without_archive(world: &World, name: &str) -> Device {
    let answers = |request: &Request, mut answer: Response| {
        if request.method != Method::Get || !request.path.starts_with("/v1/archive") {
            return answer;
        }
        if request.path.starts_with("/v1/archive/") {
            answer.status = 404;
            answer.body = serde_json::to_vec(&Problem::new(ProblemCode::ArchiveNotFound)).unwrap();
        } else {
            answer.body = br#"{"archives":[]}"#.to_vec();
        }
        answer
    };
    let transport =
        Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(Arc::new(answers));
    let device = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    device.client.log_in(name, PASSWORD).await.unwrap();
    device.is_online().await;
    device.client.catch_up().await.unwrap();
    device
}

async fn say(device: &Device, chat: ChatId, text: &str) -> MessageId {
    let message = device.client.send_text(chat, text).await.unwrap();
    device
        .sees(chat, message, |message| message.state == MessageState::Accepted)
        .await;
    message
}

async fn texts(device: &Device, chat: ChatId) -> Vec<String> {
    let messages = device.messages(chat).await;
    let said = messages
        .iter()
        .filter(|message| matches!(message.body, Body::Text(_)));
    said.map(text_of).collect()
}

fn says(text: &str) -> impl Fn(&Message) -> bool {
    move |message| text_of(message) == text
}

/// Waits until the device's account is not in the group any more.
async fn has_left(device: &Device, group: ChatId) {
    let mut events = device.client.events();
    loop {
        let chats = device.client.chats().await.unwrap();
        let is_left = |kind: &ChatKind| matches!(kind, ChatKind::Group { is_member: false, .. });
        if chats.iter().any(|chat| chat.chat == group && is_left(&chat.kind)) {
            return;
        }
        next(&mut events).await;
    }
}

const fn imported(chats: u64, messages: u64, known: u64) -> Imported {
    Imported {
        chats,
        messages,
        known,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_has_from_an_export_what_the_archive_has_lost() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let first = say(alice, chat, "shall we meet?").await;
    let answer = say(bob, chat, "at the bridge").await;
    alice.sees(chat, answer, |_| true).await;
    alice
        .client
        .edit(chat, first, "shall we meet today?")
        .await
        .unwrap();
    bob.sees(chat, first, says("shall we meet today?")).await;
    bob.client.react(chat, first, "👍", true).await.unwrap();
    let regretted = say(alice, chat, "or in the rain").await;
    alice.client.delete(chat, regretted).await.unwrap();
    bob.sees(chat, regretted, |message| {
        matches!(message.body, Body::Deleted { .. })
    })
    .await;
    alice
        .sees(chat, first, |message| !message.reactions.is_empty())
        .await;
    alice.client.star(chat, answer, true).await.unwrap();
    alice.client.pin(chat, answer, true).await.unwrap();
    let group = alice.founds(gardeners(BY_MEMBERS, &["bob"])).await;
    say(alice, group, "slugs").await;
    let before = alice.messages(chat).await;
    let (file, exported) = export(alice).await;
    assert_eq!((exported.chats, exported.is_complete), (2, true));
    assert_eq!(
        exported.messages,
        (before.len() + alice.messages(group).await.len()) as u64
    );

    let laptop = device_without_archive(&pair.world, "alice").await;
    assert_eq!(texts(&laptop, chat).await, [""; 0]);
    let mut events = laptop.client.events();
    let result = import(&laptop, &file).await.unwrap();
    assert_eq!(result.messages + result.known, exported.messages);
    while next(&mut events).await != (Event::HistoryRestored { chat }) {}
    let after = laptop.messages(chat).await;
    // The laptop's own coming stands at the end.
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((before.id, before.position), (after.id, after.position));
        assert_eq!(before.from, after.from);
        assert_eq!((before.at, before.state), (after.at, after.state));
        assert_eq!(before.body, after.body);
        assert_eq!(before.editions, after.editions);
        assert_eq!(before.reactions, after.reactions);
        assert_eq!(before.is_starred, after.is_starred);
    }
    assert_eq!(texts(&laptop, group).await, ["slugs"]);
    let pinned = laptop.client.pinned(chat).await.unwrap();
    assert_eq!(
        pinned.iter().map(|message| message.id).collect::<Vec<_>>(),
        [answer]
    );
    let starred = laptop.client.starred(10, 0).await.unwrap();
    assert_eq!(
        starred.iter().map(|message| message.id).collect::<Vec<_>>(),
        [answer]
    );
    // It is found, and the chat goes on.
    let found = laptop
        .client
        .search(&SearchQuery::text("bridge"), 10, None)
        .await
        .unwrap();
    assert_eq!(found.found.len(), 1);
    let more = say(&laptop, chat, "I am back").await;
    bob.sees(chat, more, says("I am back")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_twice_is_there_once() {
    let pair = Pair::start().await;
    let chat = pair.chat;
    say(&pair.alice, chat, "and again").await;
    let (file, exported) = export(&pair.alice).await;
    let count = exported.messages;
    // Where it all is, nothing is new.
    assert_eq!(import(&pair.alice, &file).await, Ok(imported(1, 0, count)));
    let laptop = device_without_archive(&pair.world, "alice").await;
    assert_eq!(import(&laptop, &file).await, Ok(imported(1, count, 0)));
    let after = texts(&laptop, chat).await;
    assert_eq!(after, ["hello", "and again"]);
    assert_eq!(import(&laptop, &file).await, Ok(imported(1, 0, count)));
    assert_eq!(texts(&laptop, chat).await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_vanish_is_in_no_export() {
    let pair = Pair::start().await;
    let (alice, chat) = (&pair.alice, pair.chat);
    let day = NewMessage::text("until tomorrow").kept(Retention::For { seconds: 86_400 });
    let timed = alice.client.send(chat, day).await.unwrap();
    alice
        .sees(chat, timed, |message| message.state == MessageState::Accepted)
        .await;
    let fleeting = NewMessage::text("in passing").kept(Retention::Never);
    alice.client.send(chat, fleeting).await.unwrap();
    say(alice, chat, "for good").await;
    let (file, _) = export(alice).await;
    let laptop = device_without_archive(&pair.world, "alice").await;
    import(&laptop, &file).await.unwrap();
    assert_eq!(texts(&laptop, chat).await, ["hello", "for good"]);
    assert!(!laptop.vault.holds("until tomorrow").await);
    assert!(!laptop.vault.holds("in passing").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_none_or_wrong_is_called_what_it_is_and_changes_nothing() {
    let pair = Pair::start().await;
    let (file, _) = export(&pair.alice).await;
    let laptop = device_without_archive(&pair.world, "alice").await;
    let read = async |bytes: &[u8], passphrase: &str| {
        let file = FileContent::from(bytes.to_vec());
        laptop.client.import_history(&file, passphrase, &()).await
    };
    for (bytes, passphrase, expected) in [
        (
            file.as_slice(),
            "somebody knows this",
            ClientError::WrongPassphrase,
        ),
        (&file, "too short", ClientError::PassphraseLength),
        (&file[..20], PASSPHRASE, ClientError::NotAnExport),
        (b"" as &[u8], PASSPHRASE, ClientError::NotAnExport),
        (&[7; 1000], PASSPHRASE, ClientError::NotAnExport),
        (&file[..file.len() - 1], PASSPHRASE, ClientError::ExportDamaged),
        (&file[..45], PASSPHRASE, ClientError::ExportDamaged),
    ] {
        assert_eq!(read(bytes, passphrase).await, Err(expected));
    }
    let refused = laptop
        .client
        .export_history("too short", &mut Vec::new(), &())
        .await;
    assert_eq!(refused, Err(ClientError::PassphraseLength));
    let theirs = export(&pair.bob).await.0;
    assert_eq!(
        import(&laptop, &theirs).await,
        Err(ClientError::AnotherAccountsExport)
    );
    assert_eq!(texts(&laptop, pair.chat).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_file_that_was_altered_what_came_before_is_kept() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let notes = alice.client.notes().await.unwrap();
    // Nothing that compresses well: the file has several chunks.
    let mut expected = Vec::new();
    let mut last = None;
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    for number in 0..120 {
        let mut noise = [0; 1_000];
        rng.fill_bytes(&mut noise);
        let noise = noise
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let text = format!("{number} {noise}");
        last = Some(alice.client.send_text(notes, &text).await.unwrap());
        expected.push(text);
    }
    alice
        .sees(notes, last.unwrap(), |message| {
            message.state == MessageState::Accepted
        })
        .await;
    let (mut file, exported) = export(&alice).await;
    assert!(file.len() > 100_000, "{}", file.len());
    let end = file.len() - 20;
    file[end] ^= 1;
    let laptop = device_without_archive(&world, "alice").await;
    assert_eq!(import(&laptop, &file).await, Err(ClientError::ExportDamaged));
    let some = texts(&laptop, notes).await;
    assert!(!some.is_empty() && some.len() < expected.len(), "{}", some.len());
    assert_eq!(some, expected[..some.len()]);
    file[end] ^= 1;
    let rest = exported.messages - some.len() as u64;
    assert_eq!(
        import(&laptop, &file).await,
        Ok(imported(1, rest, some.len() as u64))
    );
    assert_eq!(texts(&laptop, notes).await, expected);
}

/// A file's name and content.
fn unzipped(zip: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    (0..archive.len())
        .map(|number| {
            let mut file = archive.by_index(number).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

async fn readable(device: &Device, with_files: bool) -> (BTreeMap<String, Vec<u8>>, Exported) {
    let wanted = ReadableExport {
        with_files,
        zone: Box::new(()),
    };
    let mut zip = Vec::new();
    let exported = device.client.export_readable(&wanted, &mut zip, &()).await;
    (unzipped(zip), exported.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_readable_export_is_text_whatever_others_have_written_in_it() {
    const SCRIPT: &str = "<script>alert('it')</script><img src=x onerror=alert(1)>&amp;";
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let said = say(bob, chat, SCRIPT).await;
    alice.sees(chat, said, |_| true).await;
    let answer = NewMessage::text("no, thanks").in_reply_to(said);
    let answer = alice.client.send(chat, answer).await.unwrap();
    bob.sees(chat, answer, |_| true).await;
    bob.client
        .edit(chat, said, "\u{202e}<b>never mind</b>")
        .await
        .unwrap();
    alice.sees(chat, said, says("\u{202e}<b>never mind</b>")).await;
    alice.client.react(chat, said, "👀", true).await.unwrap();
    let day = NewMessage::text("until tomorrow").kept(Retention::For { seconds: 86_400 });
    alice.client.send(chat, day).await.unwrap();
    for (name, content) in [
        ("page.html", b"<script>1</script>".as_slice()),
        ("a <b> & \"c\".bin", b"two"),
    ] {
        let file = NewFile::new(name, "text/html", content.to_vec());
        let sent = alice.client.send_file(chat, file).await.unwrap();
        alice
            .sees(chat, sent, |message| message.state == MessageState::Accepted)
            .await;
    }
    let (files, exported) = readable(alice, true).await;
    assert_eq!(
        (exported.chats, exported.files, exported.missing_files),
        (1, 2, 0)
    );
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "chats/0001-bob.html",
            "chats/0001.json",
            "files/00001-page.html.txt",
            "files/00002-a _b_ _ _c_.bin",
            "history.json",
            "index.html",
        ]
    );
    assert_eq!(files["files/00002-a _b_ _ _c_.bin"], b"two");
    for page in ["index.html", "chats/0001-bob.html"] {
        let page = String::from_utf8(files[page].clone()).unwrap();
        assert!(page.contains("default-src 'none'"));
        for raw in ["<script", "<img src=x", "<b>never", "\u{202e}", "until tomorrow"] {
            assert!(!page.contains(raw), "{raw}: {page}");
        }
    }
    let page = String::from_utf8(files["chats/0001-bob.html"].clone()).unwrap();
    assert!(
        page.contains("&lt;script&gt;alert('it')&lt;/script&gt;"),
        "{page}"
    );
    assert!(page.contains("../files/00001-page.html.txt"));
    let history: serde_json::Value = serde_json::from_slice(&files["history.json"]).unwrap();
    assert_eq!(
        (&history["format"], &history["version"]),
        (&"sotto-history".into(), &1.into())
    );
    assert_eq!(history["account"]["name"], "alice");
    assert_eq!(
        history["chats"][0]["files"],
        serde_json::json!(["chats/0001.json"])
    );
    assert_eq!(history["chats"][0]["messages"], exported.messages);
    let told: serde_json::Value = serde_json::from_slice(&files["chats/0001.json"]).unwrap();
    let messages = told["messages"].as_array().unwrap();
    assert_eq!(messages.len() as u64, exported.messages);
    let edited = messages
        .iter()
        .find(|message| message["id"] == said.to_string())
        .unwrap();
    assert_eq!(edited["text"], "\u{202e}<b>never mind</b>");
    assert_eq!(edited["editions"][0]["text"], SCRIPT);
    assert_eq!(edited["reactions"][0]["by"][0]["name"], "alice");
    let answered = messages
        .iter()
        .find(|message| message["id"] == answer.to_string())
        .unwrap();
    assert_eq!(answered["replyTo"]["text"], SCRIPT);
    let file = messages
        .iter()
        .find(|message| message["file"]["name"] == "page.html")
        .unwrap();
    assert_eq!(file["file"]["path"], "files/00001-page.html.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_fetched_are_named() {
    let mut pair = Pair::start().await;
    let chat = pair.chat;
    let file = NewFile::new("report.pdf", "application/pdf", b"it".to_vec());
    let sent = pair.alice.client.send_file(chat, file).await.unwrap();
    pair.alice
        .sees(chat, sent, |message| message.state == MessageState::Accepted)
        .await;
    let (files, exported) = readable(&pair.alice, false).await;
    assert_eq!((exported.files, exported.missing_files, files.len()), (0, 0, 4));
    pair.world.stop().await;
    let mut events = pair.alice.client.events();
    while pair.alice.client.connection() == ConnectionState::Online {
        next(&mut events).await;
    }
    let (files, exported) = readable(&pair.alice, true).await;
    assert_eq!((exported.files, exported.missing_files, files.len()), (0, 1, 4));
    let page = String::from_utf8(files["chats/0001-bob.html"].clone()).unwrap();
    assert!(
        page.contains("report.pdf") && page.contains("not in this export"),
        "{page}"
    );
}

/// Ends it after the first step.
#[derive(Default)]
struct Impatient {
    has_moved: AtomicBool,
}

impl<T> Watcher<T> for Impatient {
    fn moved(&self, _: T) {
        self.has_moved.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.has_moved.load(Ordering::Relaxed)
    }
}

/// Keeps what it is told.
#[derive(Default)]
struct Told<T>(Mutex<Vec<T>>);

impl<T: Send> Watcher<T> for Told<T> {
    fn moved(&self, progress: T) {
        self.0.lock().unwrap().push(progress);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_how_far_it_is_and_ends_when_it_is_not_wanted_any_more() {
    let pair = Pair::start().await;
    pair.alice.client.notes().await.unwrap();
    let told = Told::<ExportProgress>::default();
    let mut file = Vec::new();
    let exported = pair
        .alice
        .client
        .export_history(PASSPHRASE, &mut file, &told)
        .await;
    let last = *told.0.lock().unwrap().last().unwrap();
    assert_eq!(last.messages, exported.unwrap().messages);
    assert_eq!(last.messages, last.total_messages);
    let told = Told::<ImportProgress>::default();
    let content = FileContent::from(file);
    pair.alice
        .client
        .import_history(&content, PASSPHRASE, &told)
        .await
        .unwrap();
    let last = *told.0.lock().unwrap().last().unwrap();
    assert_eq!(
        (last.bytes, last.total_bytes),
        (content.length(), content.length())
    );
    let impatient = Impatient::default();
    impatient.has_moved.store(true, Ordering::Relaxed);
    let mut sink = Vec::new();
    let cancelled = pair
        .alice
        .client
        .export_history(PASSPHRASE, &mut sink, &impatient)
        .await;
    assert_eq!(cancelled, Err(ClientError::Cancelled));
    let cancelled = pair
        .alice
        .client
        .import_history(&content, PASSPHRASE, &impatient)
        .await;
    assert_eq!(cancelled, Err(ClientError::Cancelled));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_in_while_an_export_is_read() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    for number in 0..30 {
        say(alice, chat, &format!("{number}")).await;
    }
    let (file, _) = export(alice).await;
    let laptop = device_without_archive(&pair.world, "alice").await;
    let saying = async {
        let mut last = None;
        for number in 30..60 {
            last = Some(say(bob, chat, &format!("{number}")).await);
        }
        last.unwrap()
    };
    let (last, result) = tokio::join!(saying, import(&laptop, &file));
    result.unwrap();
    laptop.sees(chat, last, |_| true).await;
    let expected = (0..60).map(|number| number.to_string());
    let expected: Vec<String> = ["hello".to_owned()].into_iter().chain(expected).collect();
    assert_eq!(texts(&laptop, chat).await, expected);
    let summaries = laptop.client.chats().await.unwrap();
    let summary = summaries.iter().find(|summary| summary.chat == chat).unwrap();
    let unread = laptop.messages(chat).await;
    let unread = unread
        .iter()
        .filter(|message| !message.own && message.position > summary.read_up_to);
    assert_eq!(summary.unread as usize, unread.count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_left_comes_as_one_and_can_be_come_into_again() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let group = alice.founds(gardeners(BY_MEMBERS, &["bob"])).await;
    bob.has_chat(group).await;
    let said = say(&alice, group, "slugs again").await;
    bob.sees(group, said, |_| true).await;
    bob.client.leave_group(group).await.unwrap();
    // Whoever is added before that is in still.
    alice.sees_group(group, |group| group.members == 1).await;
    has_left(&bob, group).await;
    let (file, _) = export(&bob).await;
    let laptop = device_without_archive(&world, "bob").await;
    import(&laptop, &file).await.unwrap();
    laptop.sees(group, said, says("slugs again")).await;
    let chats = laptop.client.chats().await.unwrap();
    let kinds: Vec<&ChatKind> = chats.iter().map(|chat| &chat.kind).collect();
    assert!(
        matches!(kinds.as_slice(), [ChatKind::Group { title: Some(title), is_member: false, .. }] if title == "Gardeners"),
        "{kinds:?}"
    );
    alice.client.add_to_group(group, &["bob"]).await.unwrap();
    let back = say(&alice, group, "welcome back").await;
    bob.sees(group, back, says("welcome back")).await;
    laptop.sees(group, back, says("welcome back")).await;
    laptop.sees(group, said, says("slugs again")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_comes_after_an_export_has_what_was_changed_since() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let edited = say(alice, chat, "first").await;
    let deleted = say(alice, chat, "a word too many").await;
    let (file, _) = export(alice).await;
    alice.client.edit(chat, edited, "second").await.unwrap();
    alice.client.delete(chat, deleted).await.unwrap();
    bob.sees(chat, deleted, |message| {
        matches!(message.body, Body::Deleted { .. })
    })
    .await;
    alice.client.archive_now().await.unwrap();
    // The laptop hears of the archive only once it is online again.
    let laptop = pair.world.device().await;
    laptop.client.log_in("alice", PASSWORD).await.unwrap();
    let result = import(&laptop, &file).await.unwrap();
    assert_eq!(result.chats, 1);
    laptop.sees(chat, edited, says("second")).await;
    laptop
        .sees(chat, deleted, |message| {
            matches!(message.body, Body::Deleted { .. })
        })
        .await;
    import(&laptop, &file).await.unwrap();
    assert!(!laptop.vault.holds("a word too many").await);
}
