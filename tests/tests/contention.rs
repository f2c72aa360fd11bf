//! Many commit at once, go offline in the middle, and their processes die: a few seeds; `cargo xtask contention` plays as many
//! as one likes.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what fails here is a test, and says its seed"
)]

use sotto_tests::contention::play;

#[test]
fn one_seed_is_one_episode() {
    let first = play(1, true);
    let second = play(1, true);
    assert_eq!(first.digest, second.digest, "{}\n-----\n{}", first.trace, second.trace);
}
