//! Test vectors that others wrote and that are not part of this repository.

use std::io::Write as _;
use std::path::PathBuf;

/// The JSON file of this name from the folder that `SOTTO_VECTORS` names, or from `../shared/vectors` beside the
/// workspace. `None`, and a notice that no test harness swallows, if it is not there: the test is then skipped.
pub(crate) fn vectors(file: &str) -> Option<serde_json::Value> {
    let folder = std::env::var_os("SOTTO_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    let path = folder.join(file);
    match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(error) => {
            // `eprintln` is captured by the test harness, and a skipped test would look like one that passed.
            let mut standard_error = std::io::stderr();
            writeln!(
                standard_error,
                "\n*** SKIPPED, NOT PASSED: test vectors {} cannot be read ({error}).\n\
                 *** Point SOTTO_VECTORS at the folder that holds them.\n",
                path.display()
            )
            .unwrap();
            None
        }
    }
}

/// The bytes that a hexadecimal JSON string holds.
pub(crate) fn hex(value: &serde_json::Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    assert!(text.len().is_multiple_of(2));
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}
