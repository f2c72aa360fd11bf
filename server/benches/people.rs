//! Finding people among a million: how long a page of a search takes, one search after the other.
//!
//! `cargo bench -p sotto-server --bench people [-- <accounts> <searches> <sqlite|postgres>]`; both databases if none is named. PostgreSQL is a
//! server of its own. Accounts are written as an older server would have left them, so what the first start after an upgrade
//! takes is measured too.

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

use generated::{Arguments, Dice, open, print, schemas, vacuum};
use postgres_server::PostgresServer;
use sotto_server::store::sqlite::SqliteStores;
use sotto_server::store::{AccountStore, SearchAccounts};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;
use std::time::Instant;

const FIRST: [&str; 40] = [
    "anna", "ben", "carla", "david", "elena", "felix", "greta", "hannah", "ivan", "julia", "karim", "lena",
    "marie", "noah", "olga", "paul", "quentin", "rosa", "samir", "tom", "ulrike", "victor", "wanda", "xenia",
    "yusuf", "zoe", "alex", "bruno", "chloe", "dora", "emil", "fatima", "georg", "helga", "igor", "jana",
    "kai", "lars", "mia", "nils",
];
const LAST: [&str; 40] = [
    "Müller",
    "Schmidt",
    "García",
    "Rossi",
    "Nowak",
    "Ivanova",
    "Silva",
    "Kowalski",
    "Dubois",
    "Jensen",
    "Novák",
    "Yılmaz",
    "Smith",
    "Johnson",
    "Nguyen",
    "Kim",
    "Okafor",
    "Haddad",
    "Cohen",
    "Andersson",
    "Fischer",
    "Weber",
    "Wagner",
    "Becker",
    "Hoffmann",
    "Koch",
    "Bauer",
    "Richter",
    "Klein",
    "Wolf",
    "Neumann",
    "Schwarz",
    "Zimmermann",
    "Braun",
    "Krüger",
    "Hofmann",
    "Hartmann",
    "Lange",
    "Werner",
    "Krause",
];
const KANJI: &str = "田中山本佐藤鈴木高橋伊渡辺小林加吉村井上松清水斎池橋阿部森川石原藤岡後長谷近坂遠青西福太三中野大東京南北";
const WORDS: [&str; 48] = [
    "gardening",
    "chess",
    "music",
    "climbing",
    "bread",
    "astronomy",
    "cycling",
    "poetry",
    "history",
    "science",
    "trains",
    "coffee",
    "photography",
    "hiking",
    "dogs",
    "cats",
    "football",
    "cooking",
    "painting",
    "linux",
    "rust",
    "sailing",
    "teacher",
    "nurse",
    "engineer",
    "student",
    "journalist",
    "carpenter",
    "lawyer",
    "farmer",
    "and",
    "the",
    "with",
    "from",
    "loves",
    "reads",
    "builds",
    "writes",
    "plays",
    "sings",
    "every",
    "morning",
    "evening",
    "in",
    "by",
    "sea",
    "mountains",
    "city",
];
fn kanji(dice: &mut Dice, count: usize) -> String {
    let all: Vec<char> = KANJI.chars().collect();
    (0..count).map(|_| all[dice.below(all.len())]).collect()
}

#[derive(Default)]
struct Account {
    name: String,
    display_name: String,
    about: String,
    place: String,
    cell: Option<i32>,
}

fn account(dice: &mut Dice, number: usize) -> Account {
    let (first, last) = (dice.one_of(&FIRST), dice.one_of(&LAST));
    let mut account = Account {
        name: format!("{first}.{}", base36(number)),
        ..Account::default()
    };
    if dice.chance(10) {
        account.display_name = kanji(dice, 4);
    } else if dice.chance(80) {
        account.display_name = format!("{}{} {last}", first[..1].to_uppercase(), &first[1..]);
    }
    if dice.chance(60) {
        let words: Vec<_> = (0..4 + dice.below(10)).map(|_| dice.one_of(&WORDS)).collect();
        account.about = words.join(" ");
        if dice.chance(2) {
            account.about = format!("{} born in {number}", account.about);
        }
    }
    if dice.chance(50) {
        let around = if dice.chance(70) { 2 } else { 30 };
        let (city, location) = dice.place(around);
        city.clone_into(&mut account.place);
        account.cell = Some(location.cell());
    }
    account
}

fn base36(mut number: usize) -> String {
    let mut text = String::new();
    loop {
        text.push(char::from_digit(u32::try_from(number % 36).unwrap(), 36).unwrap());
        number /= 36;
        if number == 0 {
            return text;
        }
    }
}

/// What a row has besides: as many bytes as in a real one.
const COLUMNS: &str =
    "account, name, display_name, about, place, cell, identity_key, opaque_record, vault_by_password,
    vault_by_recovery_code, device_list, device_list_signature, device_list_version, created_at";

fn main() {
    let asked = Arguments::read(1_000_000);
    let (accounts, searches) = (asked.count, asked.searches);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        if asked.wants("sqlite") {
            println!("SQLite, {accounts} accounts");
            let folder = tempfile::tempdir().unwrap();
            sqlite(folder.path(), accounts, searches).await;
        }
        if asked.wants("postgres") {
            println!("PostgreSQL, {accounts} accounts");
            postgres(accounts, searches).await;
        }
    });
}

async fn sqlite(folder: &Path, accounts: usize, searches: usize) {
    SqliteStores::open(folder, 1).await.unwrap().close().await;
    let file = folder.join("sotto.db");
    let mut connection = SqliteConnectOptions::new()
        .filename(&file)
        .connect()
        .await
        .unwrap();
    let mut dice = Dice::new(1);
    let mut transaction = connection.begin().await.unwrap();
    let insert = format!(
        "INSERT INTO accounts ({COLUMNS}) VALUES (randomblob(16), ?, ?, ?, ?, ?, randomblob(32), randomblob(192),
             randomblob(80), randomblob(80), randomblob(150), randomblob(64), 1, 0)"
    );
    for number in 0..accounts {
        let account = account(&mut dice, number);
        sqlx::query(sqlx::AssertSqlSafe(insert.clone()))
            .bind(account.name)
            .bind(account.display_name)
            .bind(account.about)
            .bind(account.place)
            .bind(account.cell)
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
    connection.close().await.unwrap();
    let before = std::fs::metadata(&file).unwrap().len();
    let began = Instant::now();
    let stores = SqliteStores::open(folder, 1).await.unwrap();
    println!("  made searchable in {:.1?}", began.elapsed());
    measure(&stores.accounts, accounts, searches).await;
    stores.close().await;
    let after = std::fs::metadata(&file).unwrap().len();
    println!("  what searches need: {} MB", (after - before) / 1_000_000);
}

async fn postgres(accounts: usize, searches: usize) {
    let server = PostgresServer::start(&["shared_buffers=1GB", "max_wal_size=8GB"]);
    let places = schemas(&server).await;
    open(&places).await.close().await;
    let mut connection = places[0].connect().await.unwrap();
    let mut dice = Dice::new(1);
    let insert = format!(
        "INSERT INTO accounts ({COLUMNS})
         SELECT decode(md5(name), 'hex'), name, display_name, about, place, cell, substring(junk.bytes, 1, 32), junk.bytes,
             substring(junk.bytes, 1, 80), substring(junk.bytes, 1, 80), substring(junk.bytes, 1, 150),
             substring(junk.bytes, 1, 64), 1, 0
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[])
             AS new (name, display_name, about, place, cell),
             LATERAL (SELECT decode(repeat(md5(name), 12), 'hex') AS bytes) AS junk"
    );
    for from in (0..accounts).step_by(10_000) {
        let new: Vec<Account> = (from..accounts.min(from + 10_000))
            .map(|number| account(&mut dice, number))
            .collect();
        let texts = |of: fn(&Account) -> &String| new.iter().map(of).cloned().collect::<Vec<_>>();
        sqlx::query(sqlx::AssertSqlSafe(insert.clone()))
            .bind(texts(|account| &account.name))
            .bind(texts(|account| &account.display_name))
            .bind(texts(|account| &account.about))
            .bind(texts(|account| &account.place))
            .bind(new.iter().map(|account| account.cell).collect::<Vec<_>>())
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let began = Instant::now();
    let stores = open(&places).await;
    println!("  made searchable in {:.1?}", began.elapsed());
    vacuum(&mut connection).await;
    measure(&stores.accounts, accounts, searches).await;
    stores.close().await;
    let bytes: i64 = sqlx::query_scalar("SELECT pg_total_relation_size('people')")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    println!("  what searches need: {} MB", bytes / 1_000_000);
}

/// Makes the next search of a kind.
type Next = fn(&mut Dice, usize) -> SearchAccounts;

fn text(text: impl Into<String>) -> SearchAccounts {
    SearchAccounts {
        text: Some(text.into()),
        near: None,
        limit: 20,
        after: None,
    }
}

const KINDS: [(&str, Next); 9] = [
    ("the beginning of a name", |dice, accounts| {
        let name = account(dice, 0).name;
        let whole = format!("{}{}", &name[..name.len() - 1], base36(dice.below(accounts)));
        text(&whole[..3 + dice.below(whole.len() - 3)])
    }),
    ("a surname", |dice, _| text(LAST[dice.below(LAST.len())])),
    ("part of a name", |dice, accounts| {
        text(base36(36 * 36 + dice.below(accounts)))
    }),
    ("a word of what people say", |dice, _| {
        text(WORDS[dice.below(WORDS.len())])
    }),
    ("two words", |dice, _| {
        text(format!("{} {}", dice.one_of(&WORDS), dice.one_of(&WORDS)))
    }),
    ("a rare text", |dice, accounts| {
        text(format!("born in {}", dice.below(accounts)))
    }),
    ("one or two letters or characters", |dice, _| {
        match dice.below(4) {
            0 => text(kanji(dice, 1)),
            1 => text(kanji(dice, 2)),
            2 => text(&"abcdefghijklmnopqrstuvwxyz"[dice.below(25)..][..1]),
            _ => {
                let from = dice.below(24);
                text(format!(
                    "{}{}",
                    char::from(b'a' + u8::try_from(from).unwrap()),
                    ["a", "e", "q", "x"][dice.below(4)]
                ))
            }
        }
    }),
    ("near a place", |dice, _| SearchAccounts {
        text: None,
        near: Some(dice.near()),
        limit: 20,
        after: None,
    }),
    ("a word or name near a place", |dice, accounts| SearchAccounts {
        near: Some(dice.near()),
        ..match dice.below(3) {
            0 => text(WORDS[dice.below(WORDS.len())]),
            1 => text(LAST[dice.below(LAST.len())]),
            _ => text(format!("born in {}", dice.below(accounts))),
        }
    }),
];

async fn measure<A: AccountStore>(store: &A, accounts: usize, searches: usize) {
    let mut dice = Dice::new(2);
    for (kind, next) in KINDS {
        let mut times = Vec::with_capacity(searches);
        let mut found = 0;
        for _ in 0..searches {
            let search = next(&mut dice, accounts);
            let began = Instant::now();
            found += store.search_accounts(search).await.unwrap().accounts.len();
            times.push(began.elapsed());
        }
        print(kind, &mut times, found);
    }
}
