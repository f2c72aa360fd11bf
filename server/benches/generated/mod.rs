//! What the benchmarks of searches share: what is drawn by chance and the same in each run, the databases, and how it is printed.

use super::postgres_server::PostgresServer;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng as _};
use sotto_protocol::CoarseLocation;
use sotto_server::store::Near;
use sotto_server::store::postgres::{PostgresSettings, PostgresStores};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::time::Duration;

/// Where people and communities are.
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
    ("Nairobi", -1.29, 36.82),
    ("Sydney", -33.87, 151.21),
    ("Tromsø", 69.65, 18.96),
];

/// Chance that is the same in each run.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.0.next_u64() % count as u64).unwrap()
    }

    /// One of them; the first ones far more often.
    fn often(&mut self, count: usize) -> usize {
        let one = self.below(count + 1);
        let other = self.below(count + 1);
        (one * other / (count + 1)).min(count - 1)
    }

    pub(crate) fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.often(all.len())]
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A city, and a place at most so many tenths of a degree from it.
    pub(crate) fn place(&mut self, around: usize) -> (&'static str, CoarseLocation) {
        let (city, latitude, longitude) = CITIES[self.often(CITIES.len())];
        let mut offset = || self.below(2 * around + 1) as f64 / 10.0 - around as f64 / 10.0;
        let location = CoarseLocation::near(latitude + offset(), longitude + offset()).unwrap();
        (city, location)
    }

    /// What somebody in a city looks around for.
    pub(crate) fn near(&mut self) -> Near {
        let (_, location) = self.place(0);
        Near {
            location,
            within_km: [10, 25, 50, 100, 500][self.below(5)],
        }
    }
}

/// What a run is asked for: `<count> <searches> <sqlite|postgres>`, each of which may be left out.
pub(crate) struct Arguments {
    pub(crate) count: usize,
    pub(crate) searches: usize,
    database: Option<String>,
}

impl Arguments {
    pub(crate) fn read(count: usize) -> Self {
        // Cargo passes `--bench`.
        let mut given = std::env::args()
            .skip(1)
            .filter(|argument| !argument.starts_with("--"));
        Self {
            count: given.next().map_or(count, |text| text.parse().unwrap()),
            searches: given.next().map_or(300, |text| text.parse().unwrap()),
            database: given.next(),
        }
    }

    pub(crate) fn wants(&self, database: &str) -> bool {
        self.database.as_deref().is_none_or(|wanted| wanted == database)
    }
}

/// Places for the accounts and for a log on a PostgreSQL server.
pub(crate) async fn schemas(server: &PostgresServer) -> Vec<PgConnectOptions> {
    let mut places = Vec::new();
    for schema in ["accounts", "log_0"] {
        let options: PgConnectOptions = server.url(schema).parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
            .execute(&mut connection)
            .await
            .unwrap();
        places.push(options);
    }
    places
}

pub(crate) async fn open(places: &[PgConnectOptions]) -> PostgresStores {
    PostgresStores::open(&places[0], &places[1..], PostgresSettings::default())
        .await
        .unwrap()
}

pub(crate) async fn vacuum(connection: &mut PgConnection) {
    sqlx::raw_sql("VACUUM ANALYZE").execute(connection).await.unwrap();
}

/// Prints how long searches of a kind took, and how many each has found.
pub(crate) fn print(kind: &str, times: &mut [Duration], found: usize) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "  {kind:<34} p50 {:>7.2} ms  p99 {:>7.2} ms  {:>4.1} found",
        at(50),
        at(99),
        found as f64 / times.len() as f64,
    );
}
