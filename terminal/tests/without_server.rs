//! The program as a shell sees it, where no server is.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn sotto(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sotto"));
    command
        .arg("--data-dir")
        .arg(folder)
        .args(arguments)
        .env_remove("SOTTO_SERVER")
        .env_remove("SOTTO_BOT_TOKEN")
        .env("SOTTO_PASSWORD", "correct horse battery staple")
        .stdin(Stdio::null());
    command
}

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    sotto(folder.path(), arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An address where nothing listens: it was free a moment ago.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn the_help_shows_the_first_steps() {
    let folder = TempDir::new().unwrap();
    let output = run(&folder, &["--help"]);
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for step in [
        "sotto register ada",
        "sotto chat grace",
        "SOTTO_PASSWORD",
        "--data-dir",
    ] {
        assert!(help.contains(step), "{step} is not in\n{help}");
    }
}

#[test]
fn the_help_of_a_search_shows_how_to_ask() {
    let folder = TempDir::new().unwrap();
    let output = run(&folder, &["search", "--help"]);
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for example in [
        "'\"rose garden\"' --chat '#Gardeners'",
        "--from grace --since 7d",
        "--kind link",
    ] {
        assert!(help.contains(example), "{example} is not in\n{help}");
    }
}

#[test]
fn whoever_has_no_account_is_told_how_to_get_one() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["chats"][..], &["whoami"], &["send", "grace", "hi"]] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("sotto register NAME"), "{}", said(&output));
    }
}

#[test]
fn registering_asks_for_a_server_and_for_a_name_that_can_be_one() {
    let folder = TempDir::new().unwrap();
    assert!(said(&run(&folder, &["register", "ada"])).contains("--server"));
    let output = run(
        &folder,
        &["register", "Ada Lovelace", "--server", "http://localhost:1"],
    );
    assert!(said(&output).contains("lower-case"), "{}", said(&output));
    let output = run(&folder, &["register", "ada", "--server", "localhost"]);
    assert!(
        said(&output).contains("https://sotto.example"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_server_that_is_away_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    for command in ["register", "login"] {
        let output = run(&folder, &[command, "ada", "--server", &nowhere()]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said(&output).contains("The server cannot be reached"),
            "{}",
            said(&output)
        );
        // Nothing that would tie the next attempt to this password.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_password_is_the_first_line_of_the_input() {
    let folder = TempDir::new().unwrap();
    let output = sotto(folder.path(), &["login", "ada", "--server", &nowhere()])
        .env_remove("SOTTO_PASSWORD")
        .output()
        .unwrap();
    assert!(
        said(&output).contains("before a password came"),
        "{}",
        said(&output)
    );
}

#[test]
fn logging_in_takes_a_name_or_the_code_of_another_device() {
    let folder = TempDir::new().unwrap();
    let output = run(&folder, &["login"]);
    assert_eq!(output.status.code(), Some(2));
    let output = run(&folder, &["login", "--code", "nonsense"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("not the code for a new device"),
        "{}",
        said(&output)
    );
    let output = run(&folder, &["login", "ada", "--code", "sotto-device:AQ"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_recovery_code_that_is_none_reaches_no_server() {
    let folder = TempDir::new().unwrap();
    let output = sotto(
        folder.path(),
        &["login", "ada", "--recovery", "--server", &nowhere()],
    )
    .env("SOTTO_RECOVERY_CODE", "abandon ability able")
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("24 words"), "{}", said(&output));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_bots_token_is_made_here_and_the_operator_is_told_its_hash_alone() {
    let folder = TempDir::new().unwrap();
    let output = run(&folder, &["bot", "token", "weather"]);
    assert!(output.status.success(), "{}", said(&output));
    let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let secret = token.strip_prefix("sotto-bot:weather:").unwrap();
    let told = said(&output);
    assert!(told.contains("sotto-server admin bot create weather "), "{told}");
    assert!(!told.contains(secret), "{told}");
    let output = run(&folder, &["bot", "run", "--server", &nowhere()]);
    assert!(!output.status.success());
    assert!(said(&output).contains("SOTTO_BOT_TOKEN"), "{}", said(&output));
}
