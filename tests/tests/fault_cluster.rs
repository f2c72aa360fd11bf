//! Three nodes on PostgreSQL and NATS are killed, stopped and cut off, and so are PostgreSQL and NATS, while people talk:
//! nothing that was acknowledged is missing, doubled or moved, for anybody at any node.
//!
//! A few rounds of each kind, from fixed seeds and one that is new each time; `cargo xtask faults` does as many as one likes.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what fails here is a test, and says its seed"
)]

use rand_core::Rng as _;
use sotto_tests::faults::plan::{FaultKind, PlanOptions};
use sotto_tests::faults::trial::{Backend, Trial};
use sotto_tests::faults::workload::PopulationSize;
use std::time::Duration;

async fn trial(kinds: &[FaultKind], rounds: usize, seed: u64) {
    trial_with(kinds, rounds, seed, Duration::from_millis(700)).await;
}

async fn trial_with(kinds: &[FaultKind], rounds: usize, seed: u64, lasts: Duration) {
    println!("seed {seed}");
    let trial = Trial {
        seed,
        backend: Backend::Postgres,
        syncs: false,
        size: PopulationSize {
            accounts: 4,
            devices: 2,
            chats: 2,
            pace: Duration::from_millis(10),
        },
        plan: PlanOptions {
            rounds,
            kinds: kinds.to_vec(),
            nodes: 3,
            messages: 250,
            lasts,
            long: Duration::from_millis(2_500),
        },
    };
    let report = trial.run(&mut |line| println!("{line}")).await;
    println!("{report}");
    assert!(report.is_good(), "{report}");
    assert!(report.rounds == rounds || !report.skipped.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_are_killed_keep_every_promise() {
    let new = rand_core::UnwrapErr(getrandom::SysRng).next_u64() >> 32;
    trial(&[FaultKind::KillNode], 4, new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_whose_database_is_killed_or_stalls_or_cannot_be_reached_keep_every_promise() {
    let kinds = [
        FaultKind::KillDatabase,
        FaultKind::StallDatabase,
        FaultKind::Database,
    ];
    trial(&kinds, 5, 11).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_without_a_bus_keep_every_promise() {
    trial(&[FaultKind::KillBus, FaultKind::StallBus, FaultKind::Bus], 5, 12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_whose_databases_disk_is_full_refuse_keep_every_promise_and_recover() {
    // Long enough that PostgreSQL needs room.
    trial_with(&[FaultKind::FullDisk], 2, 13, Duration::from_secs(4)).await;
}
