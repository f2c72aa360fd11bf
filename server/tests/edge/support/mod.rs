//! A server to test, and people who use it.

#[allow(dead_code, reason = "the clients' tests use more of it")]
pub(crate) mod authenticator;
mod described;
pub(crate) mod group;
#[allow(dead_code, reason = "the clients' tests use more of it")]
pub(crate) mod issuer;
pub(crate) mod mls;
pub(crate) mod opaque;
pub(crate) mod person;
pub(crate) mod push_service;
mod server;
mod socket;

pub(crate) use person::Person;
pub(crate) use server::{Answer, TestServer};
pub(crate) use socket::Socket;

use rand_core::Rng as _;
use std::process::Command;
use std::time::Duration;

/// What `sotto-server admin` says on standard output and standard error, beside the server.
pub(crate) async fn admin(server: &TestServer, arguments: &[&str]) -> Result<(String, String), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sotto-server"));
    command
        .arg("--data")
        .arg(server.data())
        .arg("admin")
        .args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok((text(output.stdout), text(output.stderr)))
    } else {
        Err(text(output.stderr))
    }
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut bytes);
    bytes
}

/// Waits for an event that has to come; a test that waits for it longer has failed.
pub(crate) async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), event)
        .await
        .expect("it did not happen")
}

/// Asks until the answer is yes, of what nobody is told. It leaves the server time in between: one that is asked as fast
/// as it answers says soon that this is too much.
pub(crate) async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    soon(async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}
