//! A push service of the tests' own: the one that the server's tests have.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

#[allow(
    dead_code,
    reason = "what each of the two programs uses of it is not the same"
)]
#[path = "../../../server/tests/edge/support/push_service.rs"]
pub(crate) mod push_service;

use rand_core::Rng as _;
use sotto_tests::world::PATIENCE;

/// Random bytes.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut bytes);
    bytes
}

/// Waits for an event that has to come; a test that waits for it longer has failed.
pub(crate) async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, event)
        .await
        .expect("it did not happen")
}
