//! Prints how long it takes to find something among 100,000 messages of many languages, and what the index costs.
//!
//! ```text
//! cargo bench -p sotto-client-sdk --bench search
//! ```
//!
//! Natively over SQLite on disk; the same in WebAssembly under node, over memory, is part of `cargo xtask bench`. A search is all of it:
//! the index, the chats, the fifty messages read and opened, and what to mark in them.
#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures and prints"
)]

use sotto_client_sdk::platform::Clock;
use sotto_client_sdk::protocol::{AccountId, ChatId, Timestamp};
use sotto_client_sdk::store::Store;
use sotto_client_sdk::testing::{History, Said};
use sotto_client_sdk::{SearchKind, SearchQuery};

const MESSAGES: u64 = 100_000;
const CHATS: u64 = 64;
const SENDERS: u64 = 40;
/// Messages that are stored in one batch.
const BATCH: u64 = 1_000;
const PAGE: usize = 50;
const ROUNDS: usize = 200;
/// The time of the first message. Each comes a minute after the one before.
const BEGIN: u64 = 1_700_000_000_000;
const MINUTE: u64 = 60_000;

/// Parts of words, by script; those without spaces between words come last.
const SYLLABLES: [&[&str]; 11] = [
    &[
        "gar", "den", "er", "in", "the", "ing", "ro", "se", "to", "mor", "row", "ly", "st", "al", "un", "con",
    ],
    &[
        "stra", "ße", "grü", "ün", "sch", "lich", "keit", "ver", "gar", "ten", "ge", "über", "mor", "gen",
        "ö", "ei",
    ],
    &[
        "é", "cole", "jar", "din", "aî", "tre", "çon", "que", "ment", "re", "où", "des", "fle", "ur", "ai",
        "la",
    ],
    &[
        "са", "дов", "ник", "ро", "за", "при", "вет", "зав", "тра", "ё", "ж", "ный", "ла", "ко", "го", "ство",
    ],
    &[
        "κή", "πος", "αύ", "ριο", "τρι", "αντά", "φυλ", "λο", "κα", "λη", "μέ", "ρα", "σου", "το", "ευ", "χα",
    ],
    &[
        "مر", "حبا", "حد", "يقة", "وَر", "دَة", "غدا", "ال", "كتا", "ب", "من", "في", "شُكْ", "را", "إلى", "أه",
    ],
    &[
        "שָׁ", "לוֹם", "גן", "ורד", "מח", "ר", "ספ", "תודה", "בו", "קר", "טוב", "ים", "ות", "ה", "של", "ב",
    ],
    &[
        "नम",
        "स्ते",
        "बगी",
        "चा",
        "गु",
        "लाब",
        "कल",
        "कि",
        "ताब",
        "धन्य",
        "वाद",
        "है",
        "में",
        "का",
        "की",
        "से",
    ],
    &[
        "안녕",
        "하세",
        "요",
        "정원",
        "장미",
        "내일",
        "책",
        "감사",
        "합니다",
        "은",
        "는",
        "이",
        "가",
        "에서",
        "한국",
        "어",
    ],
    &[
        "สวน",
        "กุ",
        "หลาบ",
        "พรุ่ง",
        "นี้",
        "ขอบ",
        "คุณ",
        "ครับ",
        "หนัง",
        "สือ",
        "ที่",
        "และ",
        "ไป",
        "มา",
        "กรุง",
        "เทพ",
    ],
    &[
        "庭",
        "園",
        "薔薇",
        "明日",
        "本",
        "東",
        "京",
        "都",
        "あり",
        "がとう",
        "です",
        "は",
        "バラ",
        "我",
        "们",
        "的",
        "学",
        "生",
        "你",
        "好",
    ],
];
/// From here on words are not apart.
const WITHOUT_SPACES: usize = 9;

/// Numbers that look random, and are the same each time (Knuth's multiplier).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

fn text(number: u64, numbers: &mut Numbers) -> String {
    let script = numbers.below(SYLLABLES.len());
    let syllables = SYLLABLES[script];
    let mut text = String::new();
    for _ in 0..4 + numbers.below(14) {
        for _ in 0..=numbers.below(3) {
            text.push_str(syllables[numbers.below(syllables.len())]);
        }
        if script < WITHOUT_SPACES {
            text.push(' ');
        }
    }
    if number % 40_000 == 7 {
        text.push_str("xylophonquartett");
    }
    if number.is_multiple_of(50) {
        text.push_str(" https://sotto.example/");
    }
    // Something that all have.
    text.push('.');
    text
}

fn id(number: u64) -> [u8; 16] {
    let mut id = [7; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    id
}

async fn fill<S: Store, C: Clock>(history: &mut History<S, C>) -> usize {
    let mut numbers = Numbers(1);
    let mut bytes = 0;
    for batch in 0..MESSAGES / BATCH {
        let said: Vec<Said> = (batch * BATCH..(batch + 1) * BATCH)
            .map(|number| Said {
                chat: ChatId::from_bytes(id(numbers.below(64) as u64 % CHATS)),
                position: number + 1,
                from: AccountId::from_bytes(id(numbers.below(40) as u64 % SENDERS)),
                at: Timestamp(BEGIN + number * MINUTE),
                text: text(number, &mut numbers),
                expires_at: None,
            })
            .collect();
        bytes += said.iter().map(|said| said.text.len()).sum::<usize>();
        history.say(&said).await.unwrap();
    }
    bytes
}

fn queries() -> Vec<(&'static str, SearchQuery)> {
    let text = SearchQuery::text;
    let late = Timestamp(BEGIN + (MESSAGES - 5_000) * MINUTE);
    vec![
        ("a word", text("garden")),
        ("two words", text("garden tomorrow")),
        ("a beginning", text("mor")),
        ("a phrase", text("\"the garden\"")),
        ("a rare part of a word", text("phonquart")),
        ("what is nowhere", text("zzzyx")),
        ("an accent", text("ecole")),
        ("Arabic without its points", text("وردة")),
        ("two ideographs", text("東京")),
        ("what all 100,000 have", text(".")),
        (
            "a word in one chat",
            SearchQuery {
                chat: Some(ChatId::from_bytes(id(3))),
                ..text("rose")
            },
        ),
        (
            "a word by one sender",
            SearchQuery {
                from: Some(AccountId::from_bytes(id(3))),
                ..text("rose")
            },
        ),
        (
            "a word in the last days",
            SearchQuery {
                since: Some(late),
                ..text("rose")
            },
        ),
        (
            "a word before then",
            SearchQuery {
                until: Some(late),
                ..text("rose")
            },
        ),
        (
            "links",
            SearchQuery {
                kind: Some(SearchKind::Link),
                ..SearchQuery::default()
            },
        ),
    ]
}

fn at(sorted: &[f64], per_mille: usize) -> f64 {
    sorted[(sorted.len() - 1) * per_mille / 1000]
}

async fn measure<S: Store, C: Clock>(mut history: History<S, C>) {
    let bytes = fill(&mut history).await;
    print(&format!(
        "{MESSAGES} messages in {CHATS} chats, {:.1} MB of text",
        bytes as f64 / 1e6
    ));

    // The first page, while nothing is read yet.
    let begun = now();
    let first = history
        .search(&SearchQuery::text("garden"), PAGE, None)
        .await
        .unwrap();
    print(&format!(
        "the first page, from nothing: {:.1} ms, {} found",
        now() - begun,
        first.found.len()
    ));
    history.allow(false);
    history.allow(true);
    history.search(&SearchQuery::default(), 0, None).await.unwrap();
    let (begun, mut longest) = (now(), 0.0_f64);
    loop {
        let step = now();
        let is_more = history.read_on().await.unwrap();
        longest = longest.max(now() - step);
        if !is_more {
            break;
        }
    }
    let (indexed, memory) = history.index_size().unwrap();
    print(&format!(
        "all read: {:.0} ms, of which one step at most {longest:.1}; {indexed} in the index, {:.1} MB, {:.0} bytes each",
        now() - begun,
        memory as f64 / 1e6,
        memory as f64 / indexed as f64,
    ));
    print(&format!(
        "{:<28}{:>8}{:>10}{:>10}",
        "a page of 50", "found", "median", "p99 (ms)"
    ));
    for (name, query) in queries() {
        let mut times = Vec::with_capacity(ROUNDS);
        let mut found = 0;
        for _ in 0..ROUNDS {
            let begun = now();
            found = history.search(&query, PAGE, None).await.unwrap().found.len();
            times.push(now() - begun);
        }
        times.sort_by(f64::total_cmp);
        print(&format!(
            "{name:<28}{found:>8}{:>10.2}{:>10.2}",
            at(&times, 500),
            at(&times, 990)
        ));
    }
}

#[cfg(not(target_family = "wasm"))]
mod here {
    use sotto_client_sdk::native::{SqliteStore, SystemClock};
    use sotto_client_sdk::testing::History;
    use std::sync::LazyLock;
    use std::time::Instant;

    pub(crate) fn now() -> f64 {
        static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGUN.elapsed().as_secs_f64() * 1e3
    }

    pub(crate) fn print(line: &str) {
        println!("{line}");
    }

    pub(crate) fn run() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(folder.path().join("store.db")).await.unwrap();
            super::measure(History::new(store, SystemClock)).await;
        });
    }
}

#[cfg(target_family = "wasm")]
mod here {
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};
    use js_sys::{Function, Reflect};
    use sotto_client_sdk::browser::BrowserClock;
    use sotto_client_sdk::store::MemoryStore;
    use sotto_client_sdk::testing::History;
    use wasm_bindgen::{JsCast as _, JsValue};

    /// Calls a method of one of the global's objects.
    fn call(object: &str, method: &str, arguments: &[JsValue]) -> JsValue {
        let object = Reflect::get(&js_sys::global(), &object.into()).unwrap();
        let method: Function = Reflect::get(&object, &method.into()).unwrap().dyn_into().unwrap();
        method.apply(&object, &arguments.iter().collect()).unwrap()
    }

    pub(crate) fn now() -> f64 {
        call("performance", "now", &[]).as_f64().unwrap()
    }

    pub(crate) fn print(line: &str) {
        call("console", "log", &[line.into()]);
    }

    pub(crate) fn run() {
        // Nothing in memory has to be waited for.
        let mut measured = pin!(super::measure(History::new(MemoryStore::new(), BrowserClock)));
        while let Poll::Pending = measured.as_mut().poll(&mut Context::from_waker(Waker::noop())) {}
    }
}

use here::{now, print};

fn main() {
    here::run();
}
