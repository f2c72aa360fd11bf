//! The contract of [`crate::store::OverviewStore`].

use super::Backend;
use super::administration::{act, bans, has_role, role};
use super::fixture::*;
use crate::store::{
    AccountStore, Actor, BlobAllowance, BlobStore, ListAccounts, NewBlob, OverviewStore, ProfileChange,
};
use sotto_protocol::rest::admin::{ListedAccount, ListedBan, StorageTotals};
use sotto_protocol::{Retention, Timestamp, UploadId};

const DAY: u64 = 24 * 60 * 60 * 1000;

async fn names<B: Backend>(backend: &B, list: ListAccounts) -> Vec<String> {
    let listed = backend.accounts().list_accounts(list, NOW).await.unwrap();
    listed.iter().map(|account| account.name.to_string()).collect()
}

pub(crate) async fn an_account_is_shown_with_its_role_its_ban_and_what_it_has<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    has_role(&backend, BOB, "moderator").await;
    let until = Some(NOW.plus_millis(9));
    act(&backend, Actor::CommandLine, bans(BOB, until)).await.unwrap();
    let accounts = backend.accounts();
    let file = NewBlob {
        account: ALICE.account(),
        upload: UploadId::from_bytes([1; 16]),
        size: 1000,
        retention: Retention::Keep,
        at: NOW,
        abandoned_at: NOW.plus_millis(DAY),
        blob: sotto_protocol::BlobId::from_bytes([2; 16]),
    };
    let allowance = BlobAllowance {
        bytes: 5000,
        blobs: 5,
        uploads: 5,
    };
    accounts.create_blob(file, allowance).await.unwrap();
    let expected = ListedAccount {
        account: ALICE.account(),
        name: ALICE.name(),
        display_name: String::new(),
        created_at: NOW,
        role: role("member"),
        ban: None,
        devices: 1,
        last_seen_day: Some(Timestamp(NOW.0 / DAY * DAY)),
        blobs: 1,
        blob_bytes: 1000,
        archive_bytes: 0,
    };
    let shown = async |who: Person| accounts.listed_account(who.account(), NOW).await.unwrap();
    assert_eq!(shown(ALICE).await, Some(expected));
    assert_eq!(shown(EVE).await, None);
    let bob = shown(BOB).await.unwrap();
    assert_eq!(bob.role, role("moderator"));
    let ban = ListedBan {
        reason: "because".to_owned(),
        banned_at: NOW,
        until,
        banned_by: None,
    };
    assert_eq!(bob.ban, Some(ban));
    let StorageTotals {
        accounts_database_bytes,
        ..
    } = accounts.storage_totals(NOW).await.unwrap();
    assert!(accounts_database_bytes > 10_000);
    assert_eq!(
        accounts.storage_totals(NOW).await.unwrap(),
        StorageTotals {
            accounts: 2,
            banned_accounts: 1,
            devices: 2,
            chats: 0,
            blobs: 1,
            blob_bytes: 1000,
            archive_segments: 0,
            archive_bytes: 0,
            accounts_database_bytes,
        }
    );
}

pub(crate) async fn accounts_are_listed_by_name_and_found_by_what_applies<B: Backend>(backend: B) {
    for number in 1..=5 {
        Person(number).registers(&backend).await;
    }
    let change = ProfileChange {
        display_name: Some("Ä_Ö%".to_owned()),
        ..ProfileChange::default()
    };
    let accounts = backend.accounts();
    accounts.update_profile(EVE.account(), change).await.unwrap();
    has_role(&backend, BOB, "moderator").await;
    act(&backend, Actor::CommandLine, bans(EVE, None)).await.unwrap();
    // A ban that is over is none.
    act(&backend, Actor::CommandLine, bans(ALICE, Some(NOW)))
        .await
        .unwrap();
    let all = ListAccounts {
        limit: 10,
        ..ListAccounts::default()
    };
    let list = |change: fn(&mut ListAccounts)| {
        let mut list = all.clone();
        change(&mut list);
        names(&backend, list)
    };
    assert_eq!(list(|list| list.limit = 2).await, ["person-1", "person-2"]);
    let rest = ["person-3", "person-4", "person-5"];
    assert_eq!(list(|list| list.after = Some(BOB.name())).await, rest);
    assert_eq!(list(|list| list.text = Some("SON-4".into())).await, ["person-4"]);
    assert_eq!(list(|list| list.text = Some("ä_ö%".into())).await, ["person-3"]);
    assert_eq!(list(|list| list.text = Some("%".into())).await, ["person-3"]);
    assert_eq!(list(|list| list.text = Some("\0".into())).await, [""; 0]);
    assert_eq!(
        list(|list| list.role = Some(role("moderator"))).await,
        ["person-2"]
    );
    assert_eq!(list(|list| list.role = Some(role("member"))).await.len(), 4);
    assert_eq!(list(|list| list.banned = Some(true)).await, ["person-3"]);
    assert_eq!(list(|list| list.banned = Some(false)).await.len(), 4);
}
