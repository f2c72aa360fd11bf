//! The search in a device's messages, over memory and SQLite, against a plain reading of all of them.

#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]
#![cfg(not(target_family = "wasm"))]

use core::time::Duration;
use proptest::prelude::*;
use sotto_client_sdk::native::SqliteStore;
use sotto_client_sdk::platform::Clock;
use sotto_client_sdk::protocol::{AccountId, ChatId, Timestamp};
use sotto_client_sdk::store::{MemoryStore, Store};
use sotto_client_sdk::testing::{History, Said};
use sotto_client_sdk::{Body, ClientError, SearchCursor, SearchKind, SearchPage, SearchQuery};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// A time in the test's hands.
#[derive(Clone, Default)]
struct Hours {
    now: Arc<AtomicU64>,
    /// How long each look at it takes.
    step: u64,
}

impl Hours {
    fn set(&self, at: u64) {
        self.now.store(at, Ordering::Relaxed);
    }
}

impl Clock for Hours {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.fetch_add(self.step, Ordering::Relaxed))
    }

    async fn sleep(&self, _: Duration) {}
}

const ANNA: AccountId = AccountId::from_bytes([1; 16]);
const BERT: AccountId = AccountId::from_bytes([2; 16]);
const GARDEN: ChatId = ChatId::from_bytes([3; 16]);
const KITCHEN: ChatId = ChatId::from_bytes([4; 16]);

fn said(chat: ChatId, position: u64, text: &str) -> Said {
    Said {
        chat,
        position,
        from: ANNA,
        at: Timestamp(position),
        text: text.to_owned(),
        expires_at: None,
    }
}

async fn history(said: &[Said]) -> History<MemoryStore, Hours> {
    let mut history = History::new(MemoryStore::new(), Hours::default());
    history.say(said).await.unwrap();
    history
}

fn text_of(body: &Body) -> &str {
    match body {
        Body::Text(text) => &text.text,
        other => panic!("{other:?}"),
    }
}

fn texts(page: &SearchPage) -> Vec<&str> {
    page.found
        .iter()
        .map(|found| text_of(&found.message.body))
        .collect()
}

/// All that a query finds, in pages of this size.
async fn all<S: Store>(history: &History<S, Hours>, query: &SearchQuery, limit: usize) -> Vec<(ChatId, u64)> {
    let mut places = Vec::new();
    let mut before: Option<SearchCursor> = None;
    loop {
        let page = history.search(query, limit, before).await.unwrap();
        assert!(page.found.len() <= limit);
        places.extend(
            page.found
                .iter()
                .map(|found| (found.message.chat, found.message.position)),
        );
        match page.next {
            // As an application passes it on.
            Some(next) => before = Some(next.to_string().parse().unwrap()),
            None => return places,
        }
    }
}

async fn found<S: Store>(history: &History<S, Hours>, query: &str) -> Vec<(ChatId, u64)> {
    all(history, &SearchQuery::text(query), 10).await
}

#[tokio::test]
async fn the_newest_of_all_chats_come_first_and_say_what_matched() {
    let history = history(&[
        said(GARDEN, 1, "the first rose"),
        said(KITCHEN, 2, "rosemary for the ROSÉ"),
        said(GARDEN, 3, "tulips"),
        said(GARDEN, 4, "a rose"),
    ])
    .await;
    let page = history
        .search(&SearchQuery::text("rose"), 10, None)
        .await
        .unwrap();
    assert_eq!(
        texts(&page),
        ["a rose", "rosemary for the ROSÉ", "the first rose"]
    );
    let marked: Vec<_> = page.found[1]
        .marks
        .iter()
        .map(|mark| &texts(&page)[1][mark.clone()])
        .collect();
    assert_eq!(marked, ["rose", "ROSÉ"]);
    assert_eq!((page.next, page.looked_to), (None, None));
}

#[tokio::test]
async fn what_is_stored_while_one_searches_is_found_and_what_is_gone_is_not() {
    let mut history = history(&[said(GARDEN, 1, "red roses"), said(GARDEN, 2, "white roses")]).await;
    assert_eq!(found(&history, "roses").await, [(GARDEN, 2), (GARDEN, 1)]);
    history.say(&[said(KITCHEN, 3, "roses of sugar")]).await.unwrap();
    assert_eq!(
        found(&history, "roses").await,
        [(KITCHEN, 3), (GARDEN, 2), (GARDEN, 1)]
    );
    // An edit.
    history.say(&[said(GARDEN, 1, "red tulips")]).await.unwrap();
    assert_eq!(found(&history, "\"red roses\"").await, []);
    assert_eq!(found(&history, "roses").await, [(KITCHEN, 3), (GARDEN, 2)]);
    assert_eq!(found(&history, "red").await, [(GARDEN, 1)]);
    history.delete(GARDEN, 2).await.unwrap();
    assert_eq!(found(&history, "roses").await, [(KITCHEN, 3)]);
}

#[tokio::test]
async fn what_was_deleted_or_edited_before_all_was_read_is_not_brought_back_by_reading() {
    let many: Vec<Said> = (1..=2_000)
        .map(|position| said(GARDEN, position, "rose"))
        .collect();
    let mut history = history(&many).await;
    history.search(&SearchQuery::text("rose"), 0, None).await.unwrap();
    assert!(history.read_on().await.unwrap());
    history.delete(GARDEN, 7).await.unwrap();
    history.say(&[said(GARDEN, 8, "tulip")]).await.unwrap();
    let roses = all(&history, &SearchQuery::text("rose"), 150).await;
    assert_eq!(roses.len(), 1_998);
    assert!(!roses.contains(&(GARDEN, 7)) && !roses.contains(&(GARDEN, 8)));
    assert_eq!(found(&history, "tulip").await, [(GARDEN, 8)]);
}

#[tokio::test]
async fn what_is_over_is_not_found_though_it_is_stored_still() {
    let hours = Hours::default();
    let mut history = History::new(MemoryStore::new(), hours.clone());
    let timed = Said {
        expires_at: Some(Timestamp(10_000)),
        ..said(GARDEN, 1, "for a while")
    };
    history.say(&[timed, said(GARDEN, 2, "for good")]).await.unwrap();
    assert_eq!(found(&history, "for").await, [(GARDEN, 2), (GARDEN, 1)]);
    hours.set(10_000);
    assert_eq!(found(&history, "for").await, [(GARDEN, 2)]);
}

#[tokio::test]
async fn filters_hold_together_with_and_without_words() {
    let from_bert = |position, text| Said {
        from: BERT,
        ..said(GARDEN, position, text)
    };
    let history = history(&[
        said(GARDEN, 1, "rose"),
        from_bert(2, "rose"),
        said(KITCHEN, 3, "rose https://rose.example"),
        from_bert(4, "tulip"),
    ])
    .await;
    let rose = SearchQuery::text("rose");
    let any = SearchQuery::default();
    for (query, expected) in [
        (
            SearchQuery {
                chat: Some(GARDEN),
                ..rose.clone()
            },
            vec![2, 1],
        ),
        (
            SearchQuery {
                chat: Some(ChatId::from_bytes([9; 16])),
                ..rose.clone()
            },
            vec![],
        ),
        (
            SearchQuery {
                from: Some(BERT),
                ..rose.clone()
            },
            vec![2],
        ),
        (
            SearchQuery {
                from: Some(BERT),
                ..any.clone()
            },
            vec![4, 2],
        ),
        (
            SearchQuery {
                since: Some(Timestamp(2)),
                ..rose.clone()
            },
            vec![3, 2],
        ),
        (
            SearchQuery {
                until: Some(Timestamp(2)),
                ..rose.clone()
            },
            vec![1],
        ),
        (
            SearchQuery {
                since: Some(Timestamp(3)),
                until: Some(Timestamp(2)),
                ..any.clone()
            },
            vec![],
        ),
        (
            SearchQuery {
                kind: Some(SearchKind::Link),
                ..any.clone()
            },
            vec![3],
        ),
        (
            SearchQuery {
                kind: Some(SearchKind::Text),
                ..rose.clone()
            },
            vec![3, 2, 1],
        ),
        (
            SearchQuery {
                kind: Some(SearchKind::Image),
                ..any.clone()
            },
            vec![],
        ),
        (any, vec![]),
    ] {
        let positions: Vec<u64> = all(&history, &query, 10)
            .await
            .into_iter()
            .map(|(_, position)| position)
            .collect();
        assert_eq!(positions, expected, "{query:?}");
    }
}

#[tokio::test]
async fn what_somebody_blocked_says_is_not_found() {
    let mut history = history(&[
        said(GARDEN, 1, "rose"),
        Said {
            from: BERT,
            ..said(GARDEN, 2, "rose")
        },
    ])
    .await;
    assert_eq!(found(&history, "rose").await, [(GARDEN, 2), (GARDEN, 1)]);
    history.block(BERT);
    assert_eq!(found(&history, "rose").await, [(GARDEN, 1)]);
}

#[tokio::test]
async fn a_page_says_how_far_back_it_has_looked_and_the_next_goes_on_from_there() {
    // Nobody has patience for more than a few looks.
    let hours = Hours {
        step: 60,
        ..Hours::default()
    };
    let mut history = History::new(MemoryStore::new(), hours);
    let many: Vec<Said> = (1..=20_000)
        .map(|position| {
            said(
                GARDEN,
                position,
                if position % 10_000 == 1 { "rose" } else { "tulip" },
            )
        })
        .collect();
    history.say(&many).await.unwrap();
    let query = SearchQuery::text("rose");
    let (mut positions, mut pages, mut before) = (Vec::new(), 0, None);
    loop {
        let page = history.search(&query, 10, before).await.unwrap();
        pages += 1;
        positions.extend(page.found.iter().map(|found| found.message.position));
        let Some(next) = page.next else {
            assert_eq!(page.looked_to, None);
            break;
        };
        let looked_to = page.looked_to.unwrap();
        assert!(positions.iter().all(|&position| position > looked_to.0));
        before = Some(next);
    }
    assert_eq!(positions, [10_001, 1]);
    assert!(pages > 3, "{pages}");
}

#[tokio::test]
async fn nobody_searches_without_a_session_and_its_index_ends_with_it() {
    let history = history(&[said(GARDEN, 1, "rose")]).await;
    assert_eq!(history.index_size(), None);
    assert_eq!(found(&history, "rose").await, [(GARDEN, 1)]);
    assert_eq!(history.index_size().map(|(messages, _)| messages), Some(1));
    history.allow(false);
    assert_eq!(history.index_size(), None);
    assert_eq!(
        history.search(&SearchQuery::text("rose"), 10, None).await,
        Err(ClientError::NotLoggedIn)
    );
    history.allow(true);
    assert_eq!(history.index_size(), None);
    assert_eq!(found(&history, "rose").await, [(GARDEN, 1)]);
}

#[derive(Clone, Debug)]
enum Step {
    Say(Vec<Said>),
    Delete(ChatId, u64),
    ReadOn,
    Search(SearchQuery, usize),
    LogOut,
}

/// Few different places and words, so that they meet.
fn step() -> impl Strategy<Value = Step> {
    let chat = prop::sample::select(vec![GARDEN, KITCHEN]);
    let from = prop::sample::select(vec![ANNA, BERT]);
    // Times that go back, and are the same.
    let said = (chat.clone(), 1..40_u64, from.clone(), 0..12_u64, "[abB ]{0,5}").prop_map(
        |(chat, position, from, at, text)| Said {
            from,
            at: Timestamp(position / 2 + at / 6),
            ..said(chat, position, &text)
        },
    );
    let query = (
        "[ab]{0,2}( [ab])?",
        prop::option::weighted(0.2, chat.clone()),
        prop::option::weighted(0.2, from),
        prop::option::weighted(0.2, 0..20_u64),
        prop::option::weighted(0.2, 0..20_u64),
    )
        .prop_map(|(text, chat, from, since, until)| SearchQuery {
            text,
            chat,
            from,
            since: since.map(Timestamp),
            until: until.map(Timestamp),
            kind: None,
        });
    prop_oneof![
        4 => prop::collection::vec(said, 1..8).prop_map(Step::Say),
        2 => (chat, 1..40_u64).prop_map(|(chat, position)| Step::Delete(chat, position)),
        1 => Just(Step::ReadOn),
        4 => (query, 1..5_usize).prop_map(|(query, limit)| Step::Search(query, limit)),
        1 => Just(Step::LogOut),
    ]
}

/// What a plain reading finds.
fn expected(messages: &BTreeMap<(ChatId, u64), Said>, query: &SearchQuery) -> Vec<(ChatId, u64)> {
    if *query == SearchQuery::text(query.text.clone()) && query.text.trim().is_empty() {
        return Vec::new();
    }
    let mut matching: Vec<&Said> = messages
        .values()
        .filter(|said| {
            let text = said.text.to_lowercase();
            query.text.split_whitespace().all(|word| text.contains(word))
                && query.chat.is_none_or(|chat| chat == said.chat)
                && query.from.is_none_or(|from| from == said.from)
                && query.since.is_none_or(|since| said.at >= since)
                && query.until.is_none_or(|until| said.at < until)
        })
        .collect();
    matching.sort_by_key(|said| (said.at, said.chat, said.position));
    matching
        .iter()
        .rev()
        .map(|said| (said.chat, said.position))
        .collect()
}

async fn finds_what_a_plain_reading_finds<S: Store>(store: S, steps: Vec<Step>) {
    let mut history = History::new(store, Hours::default());
    let mut messages = BTreeMap::new();
    for step in steps {
        match step {
            Step::Say(said) => {
                history.say(&said).await.unwrap();
                messages.extend(said.into_iter().map(|said| ((said.chat, said.position), said)));
            }
            Step::Delete(chat, position) => {
                history.delete(chat, position).await.unwrap();
                messages.remove(&(chat, position));
            }
            Step::ReadOn => drop(history.read_on().await.unwrap()),
            Step::Search(query, limit) => {
                assert_eq!(
                    all(&history, &query, limit).await,
                    expected(&messages, &query),
                    "{query:?}"
                );
            }
            Step::LogOut => {
                history.allow(false);
                history.allow(true);
            }
        }
    }
}

fn wait_for(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn memory_is_searched_as_by_a_plain_reading(steps in prop::collection::vec(step(), 1..40)) {
        wait_for(finds_what_a_plain_reading_finds(MemoryStore::new(), steps));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn sqlite_is_searched_as_by_a_plain_reading(steps in prop::collection::vec(step(), 1..40)) {
        let folder = TempDir::new().unwrap();
        wait_for(async {
            let store = SqliteStore::open(folder.path().join("store.db")).await.unwrap();
            finds_what_a_plain_reading_finds(store, steps).await;
        });
    }
}

#[tokio::test]
async fn many_messages_come_each_once_and_newest_first_while_they_are_read() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("store.db")).await.unwrap();
    let mut history = History::new(store, Hours::default());
    let chats: Vec<ChatId> = (0..7).map(|number| ChatId::from_bytes([number; 16])).collect();
    let many: Vec<Said> = (1..=3_000_u64)
        .map(|number| Said {
            at: Timestamp(number / 3),
            ..said(
                chats[usize::try_from(number * number % 7).unwrap()],
                number,
                "rose",
            )
        })
        .collect();
    history.say(&many).await.unwrap();
    let found = all(&history, &SearchQuery::text("rose"), 97).await;
    let model = many
        .into_iter()
        .map(|said| ((said.chat, said.position), said))
        .collect();
    assert_eq!(found, expected(&model, &SearchQuery::text("rose")));
}
