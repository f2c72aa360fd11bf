//! At which steps a client is stopped in turn.

/// Set, each step is one at which a client is stopped, however long that takes.
const EVERY_STEP: &str = "SOTTO_EVERY_STEP";

/// The steps from the first on, without an end: each `stride`th of them, as a test of all would take minutes; all of them if
/// `SOTTO_EVERY_STEP` is set.
pub fn every(stride: usize) -> impl Iterator<Item = u64> {
    let stride = if std::env::var_os(EVERY_STEP).is_some() {
        1
    } else {
        stride
    };
    (0..).step_by(stride)
}
