//! Databases of older servers: that knew no groups, and no search by what people say.

use super::super::{LOG, SqliteStores};
use crate::store::contract::fixture::*;
use crate::store::contract::log_append::whole_log;
use crate::store::contract::log_commit::is_refused;
use crate::store::contract::people::is_found_by;
use crate::store::{ChatCreation, LogStore as _};
use sotto_protocol::{ProblemCode, Suite};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;

/// The last migration without groups.
const OLD: i64 = 2;

/// What an older server had: chat 1 of Alice and Bob, with a GroupInfo that says so, and chat 2, whose GroupInfo says nothing.
async fn old_log(file: &Path) {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    let old = LOG.iter().filter(|migration| migration.version <= OLD);
    Migrator::with_migrations(old.cloned().collect())
        .run_direct(None, &mut connection, false)
        .await
        .unwrap();
    let (alice, bob) = (ALICE.device(1), BOB.device(1));
    for (key, address) in [(1, alice), (2, bob)] {
        sqlx::query("INSERT INTO devices (key, device, account) VALUES (?, ?, ?)")
            .bind(key)
            .bind(address.device.as_bytes().as_slice())
            .bind(address.account.as_bytes().as_slice())
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let readable = group_info(ALICE.device(1), chat(1), 1, &direct(ALICE, BOB));
    for (key, info) in [(1_u8, &readable[..]), (2, b"unreadable")] {
        sqlx::query(
            "INSERT INTO chats (key, chat, lower_account, higher_account, creator_device, suite, epoch, created_at)
             VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
        )
        .bind(key)
        .bind(chat(key).as_bytes().as_slice())
        .bind(alice.account.as_bytes().as_slice())
        .bind(bob.account.as_bytes().as_slice())
        .bind(alice.device.as_bytes().as_slice())
        .bind(Suite::XWing.code_point())
        .bind(i64::try_from(NOW.0).unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
        sqlx::query("INSERT INTO group_infos VALUES (?, ?)")
            .bind(key)
            .bind(info)
            .execute(&mut connection)
            .await
            .unwrap();
        for (account, device) in [(alice.account, 1), (bob.account, 2)] {
            sqlx::query("INSERT INTO parties VALUES (?, ?)")
                .bind(account.as_bytes().as_slice())
                .bind(key)
                .execute(&mut connection)
                .await
                .unwrap();
            sqlx::query("INSERT INTO members VALUES (?, ?, 0)")
                .bind(key)
                .bind(device)
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_chat_of_an_older_server_goes_on_by_the_rules_in_its_group_info() {
    let folder = tempfile::tempdir().unwrap();
    old_log(&folder.path().join("log-0.db")).await;
    let stores = SqliteStores::open(folder.path(), 1).await.unwrap();
    let log = &stores.logs[0];
    assert_eq!(
        position(&write_one(log, says(chat(1), ALICE.device(1), 1)).await),
        1
    );
    let removing = commits(chat(1), ALICE.device(1), 2).removing(BOB.device(1));
    assert!(is_refused(log, removing).await);
    let mut joins = commits(chat(1), BOB.device(2), 3).joining();
    joins.commit.as_mut().unwrap().group_info = group_info(ALICE.device(1), chat(1), 2, &direct(ALICE, BOB));
    assert_eq!(position(&write_one(log, joins).await), 2);
    assert_eq!(whole_log(log, BOB.device(2), chat(1)).await.entries.len(), 2);
    // The same creation again, and another one.
    let existed = ChatCreation::Existed { at: NOW };
    assert_eq!(log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap(), existed);
    assert_eq!(
        log.create_chat(new_chat(1, ALICE, EVE)).await.unwrap(),
        ChatCreation::Taken
    );
    assert!(log.group(chat(1)).await.unwrap().is_none());
    assert_eq!(log.delete_group(chat(1)).await.unwrap(), []);
}

#[tokio::test]
async fn a_chat_of_an_older_server_without_rules_takes_messages_and_no_commits() {
    let folder = tempfile::tempdir().unwrap();
    old_log(&folder.path().join("log-0.db")).await;
    let stores = SqliteStores::open(folder.path(), 1).await.unwrap();
    let log = &stores.logs[0];
    let both = [
        says(chat(2), ALICE.device(1), 1),
        commits(chat(2), ALICE.device(1), 2),
        says(chat(1), BOB.device(1), 3),
    ];
    let outcomes = write(log, &both).await;
    assert_eq!(position(&outcomes[0]), 1);
    assert_eq!(refusal(&outcomes[1]), ProblemCode::MembershipRefused);
    assert_eq!(position(&outcomes[2]), 1, "other chats do not suffer");
    let joins = commits(chat(2), BOB.device(2), 4).joining();
    assert_eq!(refusal(&write_one(log, joins).await), ProblemCode::ChatNotFound);
}

#[tokio::test]
async fn accounts_of_an_older_server_are_found_once_a_newer_one_has_started() {
    let folder = tempfile::tempdir().unwrap();
    SqliteStores::open(folder.path(), 1).await.unwrap().close().await;
    let options = SqliteConnectOptions::new().filename(folder.path().join("sotto.db"));
    let mut connection = options.connect().await.unwrap();
    sqlx::query(
        "INSERT INTO accounts (account, name, display_name, about, identity_key, opaque_record, vault_by_password,
             vault_by_recovery_code, device_list, device_list_signature, device_list_version, created_at)
         VALUES (zeroblob(16), 'ada', 'Ada', 'Plays CHESS', zeroblob(32), x'', x'', x'', x'', zeroblob(64), 1, 0)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let stores = SqliteStores::open(folder.path(), 1).await.unwrap();
    for text in ["ada", "chess"] {
        assert!(is_found_by(&stores.accounts, "ada", text).await, "{text}");
    }
}
