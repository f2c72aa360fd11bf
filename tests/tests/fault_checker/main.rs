//! The checker finds what is wrong, and nothing where nothing is: into a run in which every promise was kept, each kind of
//! fault is planted.
#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unnecessary_wraps,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

mod good_run;
mod planted;

use good_run::good_run;
use planted::{PLANTS, Plant};
use proptest::prelude::{ProptestConfig, any, proptest};
use sotto_protocol::Timestamp;
use sotto_tests::faults::checker::{Broken, Finding, check};
use sotto_tests::faults::dice::Dice;
use std::collections::BTreeSet;

/// Plants a fault into a good run. `None` if this run has no place for it.
fn findings_after(plant: &Plant, seed: u64) -> Option<Vec<Finding>> {
    let (mut history, mut stored) = good_run(seed);
    (plant.change)(&mut history, &mut stored, &mut Dice::of(seed, 1))?;
    Some(check(&history, &stored))
}

#[test]
fn a_run_in_which_every_promise_was_kept_has_no_findings() {
    for seed in 0..100 {
        let (history, stored) = good_run(seed);
        let findings = check(&history, &stored);
        assert!(findings.is_empty(), "seed {seed}: {}", listed(&findings));
    }
}

#[test]
fn each_kind_of_planted_fault_is_found_and_named() {
    for plant in PLANTS {
        let mut planted = 0;
        for seed in 0..20 {
            let Some(findings) = findings_after(plant, seed) else {
                continue;
            };
            planted += 1;
            assert!(
                findings
                    .iter()
                    .any(|finding| plant.named.contains(&finding.broken)),
                "{} in seed {seed} is not found; found is:\n{}",
                plant.name,
                listed(&findings)
            );
        }
        assert!(planted >= 5, "{} had a place in {planted} runs only", plant.name);
    }
}

#[test]
fn what_is_still_there_because_nothing_could_be_erased_is_not_overdue() {
    let plant = PLANTS
        .iter()
        .find(|plant| plant.name == "a_timed_entry_is_still_in_the_log")
        .unwrap();
    let (mut history, mut stored) = (0..20)
        .find_map(|seed| {
            let (mut history, mut stored) = good_run(seed);
            (plant.change)(&mut history, &mut stored, &mut Dice::of(seed, 1))?;
            Some((history, stored))
        })
        .unwrap();
    assert!(!check(&history, &stored).is_empty());
    history.broken = vec![(Timestamp(0), stored.read_at)];
    assert!(check(&history, &stored).is_empty());
    // Ten seconds after all is whole it ought to be gone.
    stored.read_at = stored.read_at.plus_millis(10_001);
    assert!(!check(&history, &stored).is_empty());
}

#[test]
fn there_is_a_plant_for_each_promise() {
    let named: BTreeSet<Broken> = PLANTS.iter().flat_map(|plant| plant.named).copied().collect();
    assert_eq!(named, Broken::ALL.iter().copied().collect());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_single_fault_is_found(seed in any::<u64>(), which in 0..PLANTS.len()) {
        if let Some(findings) = findings_after(&PLANTS[which], seed) {
            assert!(
                findings.iter().any(|finding| PLANTS[which].named.contains(&finding.broken)),
                "{}: {}", PLANTS[which].name, listed(&findings)
            );
        }
    }
}

fn listed(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
