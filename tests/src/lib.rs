//! Tests that need more than one of Sotto's crates.
