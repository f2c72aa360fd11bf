//! What schemathesis says of the REST interface: `cargo xtask conformance` installs it and runs this.

use crate::administration::with_role;
use crate::support::{Person, TestServer};
use sotto_server::config::Rate;
use std::process::Stdio;

/// The program; `SCHEMATHESIS` names it.
const PROGRAM: &str = "SCHEMATHESIS";
/// Requests for each operation and phase, unless `SCHEMATHESIS_EXAMPLES` says otherwise.
const EXAMPLES: &str = "850";
/// How it writes the media types that it does not know.
const HOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/edge/schemathesis_hooks.py");

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance,response_headers_conformance";

/// Who asks: schemathesis makes up the same for each.
#[derive(Clone, Copy, Debug)]
enum Asking {
    Nobody,
    Member,
    Administrator,
}

#[tokio::test]
#[ignore = "takes minutes and a Python program: cargo xtask conformance"]
async fn the_interface_answers_as_it_is_described_whoever_asks() {
    for asking in [Asking::Nobody, Asking::Member, Asking::Administrator] {
        eprintln!("asked by: {asking:?}");
        answers_as_described(asking).await;
    }
}

async fn answers_as_described(asking: Asking) {
    let program = std::env::var(PROGRAM).expect("SCHEMATHESIS names the program");
    let examples = std::env::var("SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
    let server = TestServer::start_with(|config| {
        let none = Rate::new(0, 0);
        let limits = &mut config.limits;
        limits.requests_per_account = none;
        limits.requests_per_device = none;
        limits.requests_per_address = none;
        limits.searches_per_account = none;
        limits.claims_per_account = none;
        limits.claims_per_target = none;
        limits.claims_per_pair = none;
        limits.pictures_per_account = none;
        limits.blob_requests_per_account = none;
        limits.logins_per_name = none;
        limits.reports_per_account = none;
    })
    .await;
    let token = match asking {
        Asking::Nobody => None,
        Asking::Member => Some(Person::register(&server, "alice").await),
        Asking::Administrator => Some(with_role(&server, "alice", "administrator").await),
    };
    // It leaves what it has learned where it runs.
    let folder = tempfile::tempdir().unwrap();
    let mut schemathesis = std::process::Command::new(program);
    schemathesis
        .current_dir(folder.path())
        .env("SCHEMATHESIS_HOOKS", HOOKS)
        .args(["run", &server.url("/v1/openapi.json")])
        .args(["--checks", CHECKS])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            &examples,
        ])
        .args(["--continue-on-failure", "--warnings", "off"])
        .stdin(Stdio::null());
    if let Some(alice) = token {
        let token = alice.tokens.access_token.reveal();
        schemathesis
            .args(["--header", &format!("Authorization: Bearer {token}")])
            // They would end the session that all others need.
            .args(["--exclude-operation-id", "logout"])
            .args(["--exclude-operation-id", "logoutEverywhere"]);
    }
    let ran = tokio::task::spawn_blocking(move || schemathesis.status().unwrap());
    let ran = ran.await.unwrap();
    assert!(
        ran.success(),
        "schemathesis has found something, asked by: {asking:?}"
    );
}
