//! A long conversation of two people over a server: texts of many scripts, answers, reactions, edits, deletions, pictures, voice
//! notes and files, made from a seed. What shows a chat is measured with it.
#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program for measurements"
)]

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use futures_util::StreamExt as _;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sotto_client_sdk::native::{HttpTransport, SystemClock};
use sotto_client_sdk::platform::{MaybeSend, Platform};
use sotto_client_sdk::protocol::{ChatId, MessageId};
use sotto_client_sdk::store::MemoryStore;
use sotto_client_sdk::{
    Client, ClientConfig, ConnectionState, Event, Events, MessageState, MessagesBefore, NewFile, NewMessage,
    StoreKey,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The native platform, with a store in memory.
enum InMemory {}

impl Platform for InMemory {
    type Transport = HttpTransport;
    type Store = MemoryStore;
    type Clock = SystemClock;

    fn spawn(task: impl Future<Output = ()> + MaybeSend + 'static) {
        tokio::spawn(task);
    }
}

/// Registers two people, and has them talk.
#[derive(Parser)]
struct Arguments {
    /// The server's address
    #[arg(long)]
    server: String,
    /// How many messages there are at the end, those that are deleted among them
    #[arg(long, default_value_t = 50_000)]
    messages: usize,
    /// How many of them the first person has not read
    #[arg(long, default_value_t = 200)]
    unread: usize,
    /// The names of the two
    #[arg(long, num_args = 2, default_values = ["ada", "grace"])]
    names: Vec<String>,
    /// The password of both
    #[arg(long, default_value = "correct horse battery staple")]
    password: String,
    /// A folder of pictures, NAME.jpg, each with a small one that stands for it, NAME.thumb.jpg
    #[arg(long)]
    pictures: PathBuf,
    /// The same seed makes the same conversation
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// How many messages are sent before the last of them has to have arrived.
const BURST: usize = 200;

/// What is said, a message or a part of one.
const SENTENCES: &[&str] = &[
    "The boat is back in the water, and it does not leak.",
    "Did you see the heron this morning? It stood on the roof again.",
    "Wir treffen uns um halb sieben am Steg, bring bitte die Thermoskanne mit.",
    "On se retrouve devant la gare, comme la dernière fois.",
    "明日の朝、湖で会いましょう。お弁当は私が持っていきます。",
    "我们明天早上在湖边见面，别忘了带伞。",
    "내일 아침에 호수에서 만나요.",
    "نلتقي غدًا صباحًا عند البحيرة، ولا تنسَ المظلة.",
    "Увидимся завтра утром у озера.",
    "कल सुबह झील पर मिलते हैं।",
    "ok",
    "👍",
    "haha, of course it did 😄🚣‍♀️",
    "*Important:* the key is with the baker, _not_ with the butcher, and `gate 3` is closed.",
    "https://example.org/timetable?line=7&day=sunday has the times.",
    "I have thought about it for a while, and I think that we should not paint the fence before the rain is over; the last time we did, \
     it came off in one piece, and we spent the summer picking blue flakes out of the lawn.",
];
const REACTIONS: &[&str] = &["👍", "❤️", "😂", "🎉"];

type Picture = (Vec<u8>, Vec<u8>);

struct Person {
    client: Client<InMemory>,
    events: Events,
}

impl Person {
    async fn registered(server: &str, name: &str, password: &str) -> Result<Self> {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let client = Client::open(ClientConfig {
            transport: HttpTransport::new(server)?,
            store: MemoryStore::new(),
            store_key: StoreKey::generate(&mut rng),
            clock: SystemClock,
            rng: Box::new(rng),
            device_name: "A long conversation".to_owned(),
        })
        .await?;
        let events = client.events();
        client.register(name, password).await?;
        let mut person = Self { client, events };
        while person.client.connection() != ConnectionState::Online {
            person.next().await?;
        }
        Ok(person)
    }

    async fn next(&mut self) -> Result<Event> {
        self.events.next().await.context("the client has closed")
    }

    /// Waits until the server has a message of this person.
    async fn has_sent(&mut self, chat: ChatId, sent: MessageId) -> Result<()> {
        loop {
            match self.client.message(chat, sent).await? {
                Some(message) if message.state == MessageState::Queued => {}
                Some(_) => return Ok(()),
                None => bail!("a message was refused"),
            }
            self.next().await?;
        }
    }

    /// Waits until this person has a message.
    async fn has(&mut self, chat: ChatId, sought: MessageId) -> Result<()> {
        while self.client.message(chat, sought).await?.is_none() {
            self.next().await?;
        }
        Ok(())
    }
}

fn pictures(folder: &Path) -> Result<Vec<Picture>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let thumbnail = path.with_extension("thumb.jpg");
        if thumbnail.is_file() {
            found.push((fs::read(&path)?, fs::read(thumbnail)?));
        }
    }
    if found.is_empty() {
        bail!("there are no pictures in {}", folder.display());
    }
    Ok(found)
}

/// What is said next.
struct Script {
    rng: ChaCha20Rng,
    pictures: Vec<Picture>,
    /// The last messages that are texts, with who of the two has said them.
    last: Vec<(usize, MessageId)>,
}

impl Script {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.next_u32()).unwrap_or(usize::MAX) % bound
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        let index = self.below(all.len());
        all[index].clone()
    }

    fn text(&mut self, number: usize) -> String {
        let sentences = 1 + self.below(3);
        let mut text: Vec<&str> = (0..sentences).map(|_| self.one_of(SENTENCES)).collect();
        let number = format!("No. {number}");
        if self.below(4) > 0 {
            text.push(&number);
        }
        text.join(if self.below(8) == 0 { "\n\n" } else { " " })
    }

    fn file(&mut self, number: usize) -> NewFile {
        match self.below(20) {
            0..14 => {
                let pictures = core::mem::take(&mut self.pictures);
                let (picture, thumbnail) = self.one_of(&pictures);
                self.pictures = pictures;
                NewFile::new(format!("lake-{number}.jpg"), "image/jpeg", picture)
                    .with_dimensions(1200, 800)
                    .with_thumbnail(thumbnail)
            }
            14..17 => {
                let levels = (0..64).map(|_| self.rng.next_u32().to_le_bytes()[0]).collect();
                NewFile::new(format!("voice-{number}.ogg"), "audio/ogg", vec![0x4f; 4_000])
                    .with_duration(4_200)
                    .as_voice_note(levels)
            }
            _ => NewFile::new(
                format!("minutes-{number}.pdf"),
                "application/pdf",
                vec![0x25; 12_000],
            )
            .with_caption("as we said"),
        }
    }
}

async fn talk(arguments: &Arguments) -> Result<()> {
    let mut people = Vec::new();
    for name in &arguments.names {
        people.push(Person::registered(&arguments.server, name, &arguments.password).await?);
    }
    let mut script = Script {
        rng: ChaCha20Rng::seed_from_u64(arguments.seed),
        pictures: pictures(&arguments.pictures)?,
        last: Vec::new(),
    };
    let chat = people[0].client.start_chat(&arguments.names[1]).await?;
    let hello = people[0].client.send_text(chat, "Hello, it is me.").await?;
    people[1].has(chat, hello).await?;
    let mut said = 1;
    let mut speaker = 1;
    while said < arguments.messages {
        let burst = BURST.min(arguments.messages - said);
        let mut sent = hello;
        for _ in 0..burst {
            said += 1;
            let client = &people[speaker].client;
            if script.below(50) == 0 {
                sent = client.send_file(chat, script.file(said)).await?;
                continue;
            }
            let mut message = NewMessage::text(script.text(said));
            if !script.last.is_empty() && script.below(10) == 0 {
                let answered = script.below(script.last.len());
                message = message.in_reply_to(script.last[answered].1);
            }
            sent = client.send(chat, message).await?;
            script.last.push((speaker, sent));
        }
        people[speaker].has_sent(chat, sent).await?;
        people[1 - speaker].has(chat, sent).await?;
        think_again(&people, chat, &mut script).await?;
        speaker = 1 - speaker;
        if said % 5_000 == 0 {
            println!("{said} messages");
        }
    }
    let read = people[0]
        .client
        .messages(chat, MessagesBefore::Latest, arguments.unread + 1)
        .await?;
    if let Some(last) = read.first() {
        people[0].client.mark_read(chat, last.position).await?;
    }
    for person in people {
        person.client.catch_up().await?;
        person.client.archive_now().await?;
        person.client.close().await?;
    }
    Ok(())
}

/// Some of what was said last is reacted to, edited and deleted.
async fn think_again(people: &[Person], chat: ChatId, script: &mut Script) -> Result<()> {
    for (author, message) in core::mem::take(&mut script.last) {
        match script.below(100) {
            0..8 => {
                let emoji = script.one_of(REACTIONS);
                people[1 - author]
                    .client
                    .react(chat, message, emoji, true)
                    .await?;
            }
            8..11 => {
                let text = script.text(0);
                people[author].client.edit(chat, message, text).await?;
            }
            11 => {
                people[author].client.delete(chat, message).await?;
                continue;
            }
            _ => {}
        }
        if script.below(20) == 0 {
            script.last.push((author, message));
        }
    }
    Ok(())
}

/// What the program does.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(talk(&arguments)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
