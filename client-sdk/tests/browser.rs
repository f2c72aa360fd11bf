//! The browser's store, clock and transport in a real browser, inside a Worker, as the client runs there.

#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]
#![cfg(target_family = "wasm")]

use core::time::Duration;
use sotto_client_sdk::SearchQuery;
use sotto_client_sdk::browser::{BrowserClock, FetchTransport, IndexedDbStore, InvalidServer};
use sotto_client_sdk::platform::{
    Clock as _, Method, Request, Transport as _, TransportError, system_rng, timeout,
};
use sotto_client_sdk::protocol::rest::auth::Token;
use sotto_client_sdk::protocol::{AccountId, ChatId, Timestamp};
use sotto_client_sdk::store::{Batch, Store as _, StoreError};
use sotto_client_sdk::store_contract_cases;
use sotto_client_sdk::testing::store_contract::{self, Backend};
use sotto_client_sdk::testing::{History, Said};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// A database of its own for each test.
struct Database(&'static str);

impl Backend for Database {
    type Store = IndexedDbStore;

    async fn open(&mut self) -> Result<IndexedDbStore, StoreError> {
        IndexedDbStore::open(self.0).await
    }
}

mod indexed_db {
    use wasm_bindgen_test::wasm_bindgen_test;

    macro_rules! cases {
        ($($case:ident,)+) => { $(
            #[wasm_bindgen_test]
            async fn $case() {
                super::store_contract::$case(&mut super::Database(stringify!($case))).await;
            }
        )+ };
    }
    super::store_contract_cases!(cases);
}

#[wasm_bindgen_test]
async fn a_store_has_one_client_at_a_time() {
    let mut place = Database("one client");
    let store = place.open().await.unwrap();
    assert_eq!(place.open().await.unwrap_err(), StoreError::Locked);
    store.close().await;
    let second = place.open().await.unwrap();
    drop(second);
    // Waits until the one that was dropped has settled.
    place.open().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_batch_that_is_dropped_under_way_is_seen_by_the_next_client() {
    let mut place = Database("dropped under way");
    for round in 0..10_u8 {
        let store = place.open().await.unwrap();
        let mut batch = Batch::new();
        for key in 0..50 {
            batch.put([key], [round]);
        }
        let mut applying = Box::pin(store.apply(batch));
        assert!(futures_util::poll!(&mut applying).is_pending());
        drop(applying);
        drop(store);
        let store = place.open().await.unwrap();
        assert_eq!(store.get(&[0]).await, Ok(Some(vec![round])));
        store.close().await;
    }
}

#[wasm_bindgen_test]
async fn the_store_key_is_made_once_and_found_again() {
    let mut place = Database("store key");
    let store = place.open().await.unwrap();
    let key = store.unlock(&mut system_rng()).await.unwrap();
    assert!(store.unlock(&mut system_rng()).await.unwrap() == key);
    store.close().await;
    let store = place.open().await.unwrap();
    assert!(store.unlock(&mut system_rng()).await.unwrap() == key);

    let other = Database("another store key").open().await.unwrap();
    assert!(other.unlock(&mut system_rng()).await.unwrap() != key);
}

#[wasm_bindgen_test]
async fn a_store_with_records_but_no_key_is_not_given_a_new_one() {
    let store = Database("no key").open().await.unwrap();
    let mut batch = Batch::new();
    batch.put([1], [1]);
    store.apply(batch).await.unwrap();
    assert!(matches!(
        store.unlock(&mut system_rng()).await,
        Err(StoreError::Corrupted(_))
    ));
}

#[wasm_bindgen_test]
async fn sleeping_takes_its_time_and_can_be_cut_short() {
    let clock = BrowserClock;
    let before = clock.now();
    clock.sleep(Duration::from_millis(50)).await;
    // Browsers round the time.
    assert!(clock.now().0 + 2 >= before.0 + 50);
    let never = core::future::pending::<()>();
    assert!(timeout(&clock, Duration::from_millis(20), never).await.is_err());
    assert!(
        timeout(&clock, Duration::from_hours(24 * 60), async {})
            .await
            .is_ok()
    );
}

#[wasm_bindgen_test]
async fn a_server_that_is_not_there_is_unreachable() {
    // The discard port: nothing listens there, and browsers refuse to try.
    let transport = FetchTransport::new("http://127.0.0.1:9").unwrap();
    let request = |path: &str| Request {
        method: Method::Get,
        path: path.to_owned(),
        token: None,
        body: None,
        range: None,
    };
    let refused = transport.request(request("/v1/device")).await;
    assert!(
        matches!(refused, Err(TransportError::Unreachable(_))),
        "{refused:?}"
    );
    assert_eq!(
        transport.request(request("@evil.example")).await,
        Err(TransportError::Malformed)
    );
    let refused = transport.connect(&Token::new("a-token".to_owned())).await.err();
    assert!(
        matches!(
            refused,
            Some(TransportError::Unreachable(_) | TransportError::Malformed)
        ),
        "{refused:?}"
    );
    let refused = transport
        .connect(&Token::new("not a token".to_owned()))
        .await
        .err();
    assert_eq!(refused, Some(TransportError::Malformed));
}

#[wasm_bindgen_test]
fn a_servers_address_is_http_or_https_and_nothing_more() {
    for given in [
        "https://sotto.example",
        "http://localhost:8080/",
        "http://[::1]:8080/chat/",
    ] {
        assert!(FetchTransport::new(given).is_ok(), "{given}");
    }
    for given in [
        "",
        "sotto.example",
        "ws://sotto.example",
        "https://ada:secret@sotto.example",
        "https://sotto.example/?q",
        "https://sotto.example/#f",
    ] {
        assert_eq!(FetchTransport::new(given).err(), Some(InvalidServer), "{given}");
    }
}

/// The browser itself decomposes what is searched.
#[wasm_bindgen_test]
async fn what_is_stored_is_found_whatever_its_case_accents_width_and_script() {
    const CHAT: ChatId = ChatId::from_bytes([1; 16]);
    let store = Database("search").open().await.unwrap();
    let mut history = History::new(store, BrowserClock);
    let texts = [
        "Cafe\u{301} STRASSE",
        "ﾃｽﾄ と 東京都",
        "مُحَمَّد",
        "각자",
        "กรุงเทพฯ",
        "ﬁnal ＡＢＣ",
    ];
    let said = (1_u64..).zip(texts).map(|(position, text)| Said {
        chat: CHAT,
        position,
        from: AccountId::from_bytes([2; 16]),
        at: Timestamp(position),
        text: text.to_owned(),
        expires_at: None,
    });
    history.say(&said.collect::<Vec<_>>()).await.unwrap();
    for (query, position) in [
        ("café straße", 1),
        ("テスト", 2),
        ("京都", 2),
        ("محمد", 3),
        ("가", 4),
        ("เทพ", 5),
        ("abc \"final a\"", 6),
    ] {
        let page = history.search(&SearchQuery::text(query), 10, None).await.unwrap();
        let found: Vec<u64> = page.found.iter().map(|found| found.message.position).collect();
        assert_eq!(found, [position], "{query}");
    }
}
