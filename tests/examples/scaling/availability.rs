//! How long users are without the service in a year, by many years at random.

use super::assumptions::*;
use super::cluster::Cluster;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// Years that are tried.
const YEARS: usize = 20_000;
/// The same years each time.
const SEED: u64 = 42;

/// Something that goes wrong now and then.
struct Mishap {
    what: &'static str,
    per_year: f64,
    /// Mean; each time it is another, exponentially distributed.
    seconds: f64,
    /// The part of all users whom it touches.
    share: f64,
    /// Whether they are without the service, or only wait longer for messages.
    is_outage: bool,
}

/// A year's minutes without the service, of the mean user, over all years tried.
#[derive(Clone, Debug)]
pub(crate) struct Availability {
    pub(crate) mean: f64,
    pub(crate) median: f64,
    pub(crate) worst_of_twenty: f64,
    /// The part of years that keep the promise.
    pub(crate) kept: f64,
    /// What each kind of mishap contributes to the mean.
    pub(crate) parts: Vec<(&'static str, f64)>,
    /// Minutes in which messages to other nodes came late.
    pub(crate) late: f64,
}

/// Minutes a year that 99.995 % leave.
pub(crate) const ALLOWED: f64 = 365.25 * 24.0 * 60.0 * (1.0 - 0.999_95);

pub(crate) fn simulate(cluster: Cluster) -> Availability {
    let mishaps = mishaps(cluster);
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut uniform = || (f64::from(rng.next_u32()) + 1.0) / (f64::from(u32::MAX) + 2.0);
    let mut years: Vec<f64> = (0..YEARS)
        .map(|_| {
            let outages = mishaps.iter().filter(|mishap| mishap.is_outage);
            outages.map(|mishap| minutes(mishap, &mut uniform)).sum()
        })
        .collect();
    years.sort_unstable_by(f64::total_cmp);
    let at = |part: usize| years.get(YEARS * part / 100).copied().unwrap_or_default();
    let count = |years: usize| u32::try_from(years).map_or(f64::INFINITY, f64::from);
    let expected = |mishap: &Mishap| mishap.per_year * mishap.seconds * mishap.share / 60.0;
    Availability {
        mean: years.iter().sum::<f64>() / count(YEARS),
        median: at(50),
        worst_of_twenty: at(95),
        kept: count(years.iter().filter(|minutes| **minutes <= ALLOWED).count()) / count(YEARS),
        parts: mishaps
            .iter()
            .filter(|mishap| mishap.is_outage)
            .map(|mishap| (mishap.what, expected(mishap)))
            .collect(),
        late: mishaps
            .iter()
            .filter(|mishap| !mishap.is_outage)
            .map(expected)
            .fold(0.0, |sum, minutes| sum + minutes),
    }
}

/// What one kind of mishap takes of the mean user in a year.
fn minutes(mishap: &Mishap, uniform: &mut impl FnMut() -> f64) -> f64 {
    let mut at = 0.0;
    let mut seconds = 0.0;
    loop {
        // Exponential waits: they come whenever they like.
        at -= uniform().ln() / mishap.per_year;
        if at > 1.0 {
            return seconds * mishap.share / 60.0;
        }
        seconds -= uniform().ln() * mishap.seconds;
    }
}

fn mishaps(cluster: Cluster) -> Vec<Mishap> {
    let databases = cluster.postgres.max(1.0);
    let mishap = |what, per_year, seconds, share| Mishap {
        what,
        per_year,
        seconds,
        share,
        is_outage: true,
    };
    let mut mishaps = vec![
        mishap(
            "nodes that die",
            NODE_CRASHES * cluster.nodes,
            NODE_FAILOVER,
            1.0 / cluster.nodes,
        ),
        mishap("rolling upgrades", UPGRADES, UPGRADE_RECONNECT, 1.0),
        mishap(
            "upgrades that are taken back",
            BAD_UPGRADES,
            BAD_UPGRADE_SECONDS,
            1.0 / cluster.nodes,
        ),
        mishap("everything at once", SITE_FAILURES, SITE_REPAIR, 1.0),
    ];
    if cluster.postgres > 0.0 {
        mishaps.extend([
            mishap(
                "databases of the log",
                POSTGRES_FAILURES * databases,
                POSTGRES_FAILOVER,
                1.0 / databases,
            ),
            mishap(
                "database of accounts",
                POSTGRES_FAILURES,
                POSTGRES_FAILOVER,
                ACCOUNTS_SHARE,
            ),
            mishap("zones", ZONE_FAILURES * 3.0, ZONE_FAILOVER, 1.0 / 3.0),
            Mishap {
                what: "NATS",
                per_year: NATS_FAILURES * cluster.nats,
                seconds: NATS_REPAIR,
                share: 1.0,
                is_outage: false,
            },
        ]);
    }
    mishaps
}
