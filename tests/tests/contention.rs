//! Many commit at once, go offline in the middle, and their processes die: a few seeds and the scenes of what was found by
//! others; `cargo xtask contention` plays as many as one likes.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what fails here is a test, and says its seed"
)]

use sotto_client_sdk::{Inviters, JoinPolicy, Role};
use sotto_tests::contention::plan::{GroupPlan, Step, Who, Wish};
use sotto_tests::contention::weather::Weather;
use sotto_tests::contention::{Outcome, Plan, play, play_plan};
use std::time::Duration;

/// The only device of a person.
fn of(person: usize) -> Who {
    Who { person, device: 0 }
}

fn after(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Three people in a group that the first has founded, in good weather.
fn scene(members: &[usize], steps: Vec<(Duration, Step)>) -> Plan {
    Plan {
        people: 3,
        groups: vec![GroupPlan {
            founder: 0,
            members: members.to_vec(),
            admins: Vec::new(),
            join_policy: JoinPolicy::Invite {
                by: Inviters::Members,
            },
        }],
        steps,
        weather: Weather::FINE,
    }
}

fn is_good(outcome: &Outcome) {
    println!("seed {}", outcome.seed);
    assert!(
        outcome.is_good(),
        "seed {}: {:#?}\n{}",
        outcome.seed,
        outcome.findings,
        outcome.trace
    );
}

/// Removed and added again while it was away, with texts before, between and after.
#[test]
fn a_device_that_was_removed_and_added_again_while_it_was_away_comes_back_by_its_welcome() {
    let steps = vec![
        (after(1), Step::Offline(of(2), after(20))),
        (after(2), Step::Ask(of(1), 0, Wish::Text)),
        (after(3), Step::Ask(of(0), 0, Wish::Remove(vec![2], false))),
        (after(6), Step::Ask(of(1), 0, Wish::Text)),
        (after(8), Step::Ask(of(0), 0, Wish::Add(vec![2]))),
        (after(12), Step::Ask(of(1), 0, Wish::Text)),
    ];
    let outcome = play_plan(1, scene(&[1, 2], steps), true);
    is_good(&outcome);
    assert!(
        !outcome.trace.contains("Commit") || !outcome.trace.contains("halted"),
        "{}",
        outcome.trace
    );
}

/// It asks while it is offline, its process ends, and meanwhile it is removed.
#[test]
fn what_was_asked_of_a_device_before_it_was_removed_is_reported_after_a_restart() {
    let steps = vec![
        (after(1), Step::Offline(of(1), after(20))),
        (after(2), Step::Ask(of(1), 0, Wish::Add(vec![2]))),
        (after(4), Step::Close(of(1), after(1))),
        (after(8), Step::Ask(of(0), 0, Wish::Remove(vec![1], false))),
    ];
    let outcome = play_plan(1, scene(&[1], steps), true);
    is_good(&outcome);
    assert!(outcome.trace.contains("intent failed"), "{}", outcome.trace);
}

/// Its departure is written, the answer to its leaving is lost with its network; then it is added again.
#[test]
fn a_device_that_has_left_does_not_leave_again_what_it_is_added_to_meanwhile() {
    let steps = vec![
        (after(1), Step::Ask(of(2), 0, Wish::Leave)),
        (
            after(1) + Duration::from_millis(8),
            Step::Offline(of(2), after(40)),
        ),
        (after(20), Step::Ask(of(0), 0, Wish::Add(vec![2]))),
        (after(25), Step::Ask(of(1), 0, Wish::Text)),
    ];
    for seed in 0..4 {
        is_good(&play_plan(seed, scene(&[1, 2], steps.clone()), true));
    }
}

/// Its account is removed, and joins again by the other device.
#[test]
fn a_device_whose_account_has_come_in_again_by_another_device_comes_back_too() {
    let other = Who { person: 2, device: 1 };
    let steps = vec![
        (after(1), Step::AddDevice(of(2))),
        (after(60), Step::Ask(of(0), 0, Wish::Remove(vec![2], false))),
        (after(70), Step::Ask(other, 0, Wish::Join)),
        (after(75), Step::Ask(of(1), 0, Wish::Text)),
    ];
    let mut plan = scene(&[1, 2], steps);
    plan.groups[0].join_policy = JoinPolicy::Open;
    is_good(&play_plan(1, plan, true));
}

/// Each of two names the group while it does not hear of the other's naming.
#[test]
fn of_two_titles_at_once_the_later_in_the_log_stays_with_everybody() {
    let steps = vec![
        (after(1), Step::Ask(of(0), 0, Wish::Appoint(1, Role::Admin))),
        (after(10), Step::Offline(of(1), after(20))),
        (after(11), Step::Ask(of(1), 0, Wish::Title)),
        (after(12), Step::Ask(of(0), 0, Wish::Title)),
    ];
    is_good(&play_plan(1, scene(&[1, 2], steps), true));
}

/// The only one who could tell it is away while a newcomer joins, and its connections do not last.
#[test]
fn whoever_joins_alone_learns_the_title_from_one_whose_process_died_before_it_told() {
    let steps = vec![
        (after(1), Step::Ask(of(1), 0, Wish::Join)),
        (after(1) + Duration::from_millis(60), Step::Close(of(0), after(5))),
    ];
    let mut plan = scene(&[], steps);
    plan.people = 2;
    plan.groups[0].join_policy = JoinPolicy::Open;
    is_good(&play_plan(1, plan, true));
}

/// One episode is the same each time, to the last frame.
#[test]
fn one_seed_is_one_episode() {
    let first = play(2, true);
    for _ in 0..3 {
        let again = play(2, true);
        assert!(
            first.digest == again.digest,
            "{}",
            first_difference(&first.trace, &again.trace)
        );
    }
}

fn first_difference(one: &str, other: &str) -> String {
    let mut lines = one.lines().zip(other.lines());
    let differs = lines.find(|(one, other)| one != other);
    format!("{differs:?}")
}

/// Seeds that once found something; each is played as it was then, as long as plans are made in the same way.
const FOUND: [(u64, &str); 13] = [
    (
        3,
        "a member without an office told the new title, and who came back kept the old one",
    ),
    (
        1_005,
        "a device stayed outside whose account had come in again by another device",
    ),
    (
        1_017,
        "of two titles at once each stayed with whoever had given it",
    ),
    (1_188, "nobody told a newcomer the title after a restart"),
    (
        1_793,
        "who was to take out a leaver gave up when another's Commit came first",
    ),
    (
        1_988,
        "whoever asked to join while another added them joined once more, and lost what was said between",
    ),
    (
        2_103,
        "a Welcome was passed over for a Commit that had not been sent",
    ),
    (
        2_190,
        "nobody had heard of a leaver but those who had come in since",
    ),
    (
        2_230,
        "what was written in a group that was never joined was neither sent nor reported",
    ),
    (
        10_340,
        "an account that had left an open group was in it again by its other device",
    ),
    (
        20_289,
        "a device that came into a group while it was removed stayed there",
    ),
    (
        30_320,
        "whoever asked to join a group that it was still leaving waited for ever",
    ),
    (
        30_485,
        "what was said between a Commit to join and its answer on another connection was read much later",
    ),
];

#[test]
fn what_a_seed_has_found_is_not_found_again() {
    for (seed, found) in FOUND {
        println!("{seed}: {found}");
        is_good(&play(seed, true));
    }
}

/// Seeds in which few people do all of it; `cargo xtask contention` plays new ones.
#[test]
fn whoever_commits_at_once_loses_nothing_and_locks_out_nobody() {
    let few = (5..).filter(|seed| Plan::of(*seed).people <= 3);
    for seed in few.take(3) {
        is_good(&play(seed, true));
    }
}
