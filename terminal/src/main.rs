//! Sotto in a terminal.

fn main() {}
