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

#[path = "../tests/postgres_server/mod.rs"]
mod postgres_server;

use postgres_server::PostgresServer;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng as _};
use sotto_protocol::CoarseLocation;
use sotto_server::store::postgres::{PostgresSettings, PostgresStores};
use sotto_server::store::sqlite::SqliteStores;
use sotto_server::store::{AccountStore, Near, SearchAccounts};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;
use std::time::{Duration, Instant};

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
const CITIES: [(&str, f64, f64); 16] = [
    ("Berlin", 52.52, 13.40),
    ("München", 48.14, 11.58),
    ("Hamburg", 53.55, 9.99),
    ("Köln", 50.94, 6.96),
    ("Paris", 48.86, 2.35),
    ("London", 51.51, -0.13),
    ("Madrid", 40.42, -3.70),
    ("Roma", 41.90, 12.50),
    ("Warszawa", 52.23, 21.01),
    ("İstanbul", 41.01, 28.98),
    ("New York", 40.71, -74.01),
    ("São Paulo", -23.55, -46.63),
    ("東京", 35.68, 139.69),
    ("Sydney", -33.87, 151.21),
    ("Nairobi", -1.29, 36.82),
    ("Tromsø", 69.65, 18.96),
];

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.0.next_u64() % count as u64).unwrap()
    }

    /// One of them; the first ones far more often.
    fn often(&mut self, count: usize) -> usize {
        let one = self.below(count + 1);
        let other = self.below(count + 1);
        (one * other / (count + 1)).min(count - 1)
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.often(all.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn kanji(&mut self, count: usize) -> String {
        let all: Vec<char> = KANJI.chars().collect();
        (0..count).map(|_| all[self.below(all.len())]).collect()
    }
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
        account.display_name = dice.kanji(4);
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
        let (city, latitude, longitude) = CITIES[dice.often(CITIES.len())];
        city.clone_into(&mut account.place);
        let around = if dice.chance(70) { 2 } else { 30 };
        let mut offset = || dice.below(2 * around + 1) as f64 / 10.0 - around as f64 / 10.0;
        let location = CoarseLocation::near(latitude + offset(), longitude + offset()).unwrap();
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
    // Cargo passes `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let accounts = arguments.first().map_or(1_000_000, |text| text.parse().unwrap());
    let searches = arguments.get(1).map_or(300, |text| text.parse().unwrap());
    let wanted = arguments.get(2).map(String::as_str);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        if wanted.is_none_or(|wanted| wanted == "sqlite") {
            println!("SQLite, {accounts} accounts");
            let folder = tempfile::tempdir().unwrap();
            sqlite(folder.path(), accounts, searches).await;
        }
        if wanted.is_none_or(|wanted| wanted == "postgres") {
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
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(1));
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
    let mut places: Vec<PgConnectOptions> = Vec::new();
    for schema in ["accounts", "log_0"] {
        let options: PgConnectOptions = server.url(schema).parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
            .execute(&mut connection)
            .await
            .unwrap();
        places.push(options);
    }
    let open = async || {
        PostgresStores::open(&places[0], &places[1..], PostgresSettings::default())
            .await
            .unwrap()
    };
    open().await.close().await;
    let mut connection = places[0].connect().await.unwrap();
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(1));
    let insert = format!(
        "INSERT INTO accounts ({COLUMNS})
         SELECT decode(md5(name), 'hex'), name, display_name, about, place, cell, junk.bytes, junk.bytes || junk.bytes,
             junk.bytes, junk.bytes, junk.bytes, junk.bytes, 1, 0
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[])
             AS new (name, display_name, about, place, cell),
             LATERAL (SELECT decode(repeat(md5(name), 6), 'hex') AS bytes) AS junk"
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
    let stores = open().await;
    println!("  made searchable in {:.1?}", began.elapsed());
    sqlx::raw_sql("VACUUM ANALYZE")
        .execute(&mut connection)
        .await
        .unwrap();
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

fn near(dice: &mut Dice) -> Near {
    let (_, latitude, longitude) = CITIES[dice.often(CITIES.len())];
    Near {
        location: CoarseLocation::near(latitude, longitude).unwrap(),
        within_km: [10, 25, 50, 100, 500][dice.below(5)],
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
            0 => text(dice.kanji(1)),
            1 => text(dice.kanji(2)),
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
        near: Some(near(dice)),
        limit: 20,
        after: None,
    }),
    ("a word or name near a place", |dice, accounts| SearchAccounts {
        near: Some(near(dice)),
        ..match dice.below(3) {
            0 => text(WORDS[dice.below(WORDS.len())]),
            1 => text(LAST[dice.below(LAST.len())]),
            _ => text(format!("born in {}", dice.below(accounts))),
        }
    }),
];

async fn measure<A: AccountStore>(store: &A, accounts: usize, searches: usize) {
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(2));
    for (kind, next) in KINDS {
        let mut times = Vec::with_capacity(searches);
        let mut found = 0;
        let mut slowest = (Duration::ZERO, String::new());
        for _ in 0..searches {
            let search = next(&mut dice, accounts);
            let what = format!("{:?} {:?}", search.text, search.near);
            let began = Instant::now();
            found += store.search_accounts(search).await.unwrap().accounts.len();
            times.push(began.elapsed());
            slowest = slowest.max((began.elapsed(), what));
        }
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
        println!(
            "  {kind:<34} p50 {:>7.2} ms  p99 {:>7.2} ms  {:>4.1} found  slowest {}",
            at(50).as_secs_f64() * 1e3,
            at(99).as_secs_f64() * 1e3,
            found as f64 / searches as f64,
            slowest.1
        );
    }
}
