//! One node on SQLite is killed, stopped, cut off, and left without a disk while people talk: nothing that was acknowledged
//! is missing, doubled or moved, for anybody.
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
use sotto_tests::faults::power::{PowerTrial, RecordingDisk, Syncs};
use sotto_tests::faults::report::Report;
use sotto_tests::faults::trial::{Backend, Trial};
use sotto_tests::faults::workload::PopulationSize;
use std::time::Duration;

async fn trial(kinds: &[FaultKind], rounds: usize, seed: u64) {
    println!("seed {seed}");
    let trial = Trial {
        seed,
        backend: Backend::Sqlite,
        syncs: false,
        size: PopulationSize {
            accounts: 4,
            devices: 2,
            chats: 2,
            pace: Duration::from_millis(8),
        },
        plan: PlanOptions {
            rounds,
            kinds: kinds.to_vec(),
            nodes: 1,
            messages: 300,
            lasts: Duration::from_millis(700),
            long: Duration::from_millis(2_500),
        },
    };
    let report: Report = trial.run(&mut |line| println!("{line}")).await;
    println!("{report}");
    assert!(report.is_good(), "{report}");
    assert!(report.rounds == rounds || !report.skipped.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_again_and_again_keeps_every_promise() {
    let new = rand_core::UnwrapErr(getrandom::SysRng).next_u64() >> 32;
    for seed in [1, new] {
        trial(&[FaultKind::KillNode], 4, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stalls_or_is_cut_off_keeps_every_promise() {
    trial(
        &[FaultKind::StallNode, FaultKind::Clients, FaultKind::KillNode],
        8,
        2,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_disk_is_full_refuses_keeps_every_promise_and_recovers() {
    trial(&[FaultKind::FullDisk], 3, 3).await;
    trial(&[FaultKind::FullDisk, FaultKind::KillNode], 3, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_disk_fails_now_and_then_keeps_every_promise() {
    trial(&[FaultKind::FailingDisk], 3, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_power_is_cut_has_lost_nothing_that_was_acknowledged() {
    if let Err(reason) = RecordingDisk::try_out() {
        println!("SKIPPED: {reason}; it takes /dev/fuse, and root or fusermount3");
        return;
    }
    let seed = rand_core::UnwrapErr(getrandom::SysRng).next_u64() >> 32;
    println!("seed {seed}");
    let trial = PowerTrial {
        seed,
        size: PopulationSize {
            accounts: 4,
            devices: 2,
            chats: 2,
            pace: Duration::from_millis(4),
        },
        messages: 1_000,
    };
    let played = trial.play().await.unwrap();
    let mut say = |line: &str| println!("{line}");
    let cuts = played.cut(120, Syncs::Obeyed, &mut say).await.unwrap();
    println!("{cuts}");
    assert!(cuts.is_good(), "{cuts}");
    assert!(cuts.acknowledged > 10_000, "{cuts}");
    for lying in [Syncs::Ignored, Syncs::IgnoredOf("-wal"), Syncs::IgnoredOf(".db")] {
        let cuts = played.cut(20, lying, &mut say).await.unwrap();
        assert!(!cuts.is_good(), "{lying:?} was not found out: {cuts}");
    }
}
