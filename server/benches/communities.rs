//! Finding communities among fifty thousand: how long a page of a search takes, one search after the other. The aim is less than 50 ms
//! for 99 of 100.
//!
//! `cargo bench -p sotto-server --bench communities [-- <communities> <searches> <sqlite|postgres>]`; both databases if none is named.
//! PostgreSQL is a server of its own. Communities are founded as by their founders, one after the other.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, measures real time, and may panic"
)]

mod generated;
#[path = "../tests/postgres_server/mod.rs"]
mod postgres_server;

use bytes::Bytes;
use generated::{Arguments, Dice, open, print, schemas, vacuum};
use postgres_server::PostgresServer;
use sotto_protocol::{
    AccountId, CommunityId, DeviceId, DeviceKey, IdentityKey, LoginKey, Signature, SignedDeviceList,
    Timestamp, limits,
};
use sotto_server::store::sqlite::SqliteStores;
use sotto_server::store::{
    AccountStore, CommunityProfile, CommunityStore, FindNewCommunities, Near, NewAccount, NewCommunity,
    NewSession, RefreshTokenHashes, SearchCommunities, SessionId, TokenHash,
};
use sqlx::ConnectOptions as _;
use std::time::{Duration, Instant};

const TITLES: [&str; 24] = [
    "Choir",
    "Chess",
    "Football",
    "Gardeners",
    "Readers",
    "Cyclists",
    "Hikers",
    "Painters",
    "Bakers",
    "Sailors",
    "Climbers",
    "Runners",
    "Parents",
    "Makers",
    "Coders",
    "Dancers",
    "Actors",
    "Nurses",
    "Teachers",
    "Friends",
    "合唱団",
    "читатели",
    "Müllers",
    "Straßenfest",
];
const TOPICS: [&str; 12] = [
    "music",
    "games",
    "sport",
    "environment",
    "books",
    "travel",
    "art",
    "food",
    "family",
    "technology",
    "health",
    "languages",
];
const WORDS: [&str; 24] = [
    "we", "meet", "every", "monday", "evening", "at", "the", "river", "and", "sing", "play", "walk", "read",
    "together", "new", "people", "are", "welcome", "bring", "tea", "from", "all", "over", "town",
];
fn words(dice: &mut Dice, count: usize) -> String {
    let words: Vec<_> = (0..count).map(|_| dice.one_of(&WORDS)).collect();
    words.join(" ")
}

fn bytes<const N: usize>(dice: &mut Dice) -> [u8; N] {
    std::array::from_fn(|_| u8::try_from(dice.below(256)).unwrap())
}

fn profile(dice: &mut Dice, number: usize) -> CommunityProfile {
    let (city, location) = dice.place(10);
    let count = 6 + dice.below(40);
    let mut description = words(dice, count);
    if dice.chance(2) {
        description = format!("{description} founded as number {number}");
    }
    let mut topics = vec![dice.one_of(&TOPICS).to_owned(), dice.one_of(&TOPICS).to_owned()];
    topics.dedup();
    // One topic that few communities are about.
    if dice.below(500) == 0 {
        topics.push("astronomy".to_owned());
    }
    CommunityProfile {
        title: format!("{} {city} {number}", dice.one_of(&TITLES)),
        topics,
        place: city.to_owned(),
        location: dice.chance(75).then_some(location),
        description,
    }
}

fn main() {
    let asked = Arguments::read(50_000);
    let (communities, searches) = (asked.count, asked.searches);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        if asked.wants("sqlite") {
            println!("SQLite, {communities} communities");
            let folder = tempfile::tempdir().unwrap();
            let stores = SqliteStores::open(folder.path(), 1).await.unwrap();
            found_all(&stores.accounts, communities).await;
            measure(&stores.accounts, communities, searches).await;
            stores.close().await;
        }
        if asked.wants("postgres") {
            println!("PostgreSQL, {communities} communities");
            postgres(communities, searches).await;
        }
    });
}

async fn postgres(communities: usize, searches: usize) {
    let server = PostgresServer::start(&["shared_buffers=256MB", "fsync=off"]);
    let places = schemas(&server).await;
    let stores = open(&places).await;
    found_all(&stores.accounts, communities).await;
    let mut connection = places[0].connect().await.unwrap();
    vacuum(&mut connection).await;
    measure(&stores.accounts, communities, searches).await;
    stores.close().await;
}

async fn found_all<S: AccountStore + CommunityStore>(store: &S, communities: usize) {
    let mut dice = Dice::new(1);
    let began = Instant::now();
    let each = usize::try_from(limits::COMMUNITIES_FOUNDED).unwrap();
    let mut founder = AccountId::from_bytes([0; 16]);
    for number in 0..communities {
        if number % each == 0 {
            founder = registered(store, &mut dice, number).await;
        }
        let new = NewCommunity {
            community: CommunityId::from_bytes(bytes(&mut dice)),
            founder,
            profile: profile(&mut dice, number),
            at: Timestamp(number as u64 + 1),
        };
        store.found_community(new).await.unwrap();
    }
    println!("  founded in {:.1?}", began.elapsed());
}

async fn registered<S: AccountStore>(store: &S, dice: &mut Dice, number: usize) -> AccountId {
    let account = AccountId::from_bytes(bytes(dice));
    let junk = Bytes::from_static(&[7; 80]);
    let new = NewAccount {
        account,
        name: format!("founder-{number}").parse().unwrap(),
        opaque_record: junk.clone(),
        identity_key: IdentityKey::from_bytes(bytes(dice)),
        vault_by_password: junk.clone(),
        vault_by_recovery_code: junk.clone(),
        recovery_key: LoginKey::from_bytes(bytes(dice)),
        device: DeviceId::from_bytes(bytes(dice)),
        device_key: DeviceKey::from_bytes(bytes(dice)),
        device_list: SignedDeviceList {
            list: junk.into(),
            signature: Signature::from_bytes([7; 64]),
        },
        device_name: None,
        oidc: None,
        bot: None,
        session: NewSession {
            id: SessionId(bytes(dice)),
            refresh: RefreshTokenHashes {
                family: TokenHash(bytes(dice)),
                secret: TokenHash(bytes(dice)),
            },
            expires_at: Timestamp(u64::MAX / 4),
        },
        invite: None,
        captcha: None,
        at: Timestamp(1),
    };
    store.create_account(new).await.unwrap();
    account
}

/// What is asked.
enum Asked {
    Search(SearchCommunities),
    New(FindNewCommunities),
}

/// Makes the next question of a kind.
type Next = fn(&mut Dice, usize) -> Asked;

fn search(text: Option<String>, topic: Option<&str>, near: Option<Near>) -> Asked {
    Asked::Search(SearchCommunities {
        text,
        topic: topic.map(str::to_owned),
        near,
        limit: 20,
        after: None,
    })
}

const KINDS: [(&str, Next); 10] = [
    ("all", |_, _| search(None, None, None)),
    ("a word of titles", |dice, _| {
        search(Some(dice.one_of(&TITLES).to_owned()), None, None)
    }),
    ("the end of a title", |dice, communities| {
        search(Some(dice.below(communities).to_string()), None, None)
    }),
    ("a word of what they say", |dice, _| {
        search(Some(dice.one_of(&WORDS).to_owned()), None, None)
    }),
    ("a rare text", |dice, communities| {
        search(Some(format!("as number {}", dice.below(communities))), None, None)
    }),
    ("a topic", |dice, _| {
        let topic = [dice.one_of(&TOPICS), "astronomy", "none"][dice.below(3)];
        search(None, Some(topic), None)
    }),
    ("a topic and a word", |dice, _| {
        let topic = [dice.one_of(&TOPICS), "astronomy"][dice.below(2)];
        search(Some(dice.one_of(&WORDS).to_owned()), Some(topic), None)
    }),
    ("near a place", |dice, _| search(None, None, Some(dice.near()))),
    ("a topic and a word near a place", |dice, _| {
        let topic = [dice.one_of(&TOPICS), "astronomy"][dice.below(2)];
        search(
            Some(dice.one_of(&WORDS).to_owned()),
            Some(topic),
            Some(dice.near()),
        )
    }),
    ("new ones near a place", |dice, communities| {
        Asked::New(FindNewCommunities {
            near: dice.near(),
            since: Timestamp(dice.below(communities) as u64),
            limit: limits::SEARCH_RESULTS,
        })
    }),
];

async fn measure<S: CommunityStore>(store: &S, communities: usize, searches: usize) {
    let mut dice = Dice::new(2);
    for (kind, next) in KINDS {
        let mut times: Vec<Duration> = Vec::with_capacity(searches);
        let mut found = 0;
        for _ in 0..searches {
            let asked = next(&mut dice, communities);
            let began = Instant::now();
            found += match asked {
                Asked::Search(search) => store.search_communities(search).await.unwrap().communities.len(),
                Asked::New(find) => store.new_communities(find).await.unwrap().len(),
            };
            times.push(began.elapsed());
        }
        print(kind, &mut times, found);
    }
}
