//! The contract of [`BlockStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountStore, Asked, BlockStore, Blocking, ChatIndex, GroupStore, NewJoinRequest, ReservedFor,
};
use bytes::Bytes;
use sotto_protocol::AccountId;

async fn everybody(backend: &impl Backend) {
    for person in [ALICE, BOB, EVE] {
        person.registers(backend).await;
    }
}

pub(crate) async fn an_account_blocks_and_unblocks<B: Backend>(backend: B) {
    everybody(&backend).await;
    let accounts = backend.accounts();
    let (alice, bob, eve) = (ALICE.account(), BOB.account(), EVE.account());
    assert_eq!(accounts.blocked_by(alice).await.unwrap(), []);
    for blocked in [bob, bob, eve] {
        assert_eq!(
            accounts.block(alice, blocked, NOW).await.unwrap(),
            Blocking::Blocked
        );
    }
    let nobody = AccountId::from_bytes([9; 16]);
    assert_eq!(
        accounts.block(alice, nobody, NOW).await.unwrap(),
        Blocking::NotFound
    );
    let mut blocked = accounts.blocked_by(alice).await.unwrap();
    blocked.sort_unstable();
    assert_eq!(blocked, [bob, eve]);
    // One way.
    assert_eq!(accounts.blocked_by(bob).await.unwrap(), []);
    assert_eq!(accounts.blockers_of(bob, &[alice, eve]).await.unwrap(), [alice]);
    assert_eq!(accounts.blockers_of(bob, &[eve]).await.unwrap(), []);
    for _ in 0..2 {
        accounts.unblock(alice, bob).await.unwrap();
    }
    assert_eq!(accounts.blocked_by(alice).await.unwrap(), [eve]);
    let backend = backend.reopen().await;
    assert_eq!(backend.accounts().blocked_by(alice).await.unwrap(), [eve]);
}

pub(crate) async fn blocks_go_with_either_account<B: Backend>(backend: B) {
    everybody(&backend).await;
    let accounts = backend.accounts();
    let (alice, bob, eve) = (ALICE.account(), BOB.account(), EVE.account());
    accounts.block(alice, bob, NOW).await.unwrap();
    accounts.block(bob, eve, NOW).await.unwrap();
    assert!(accounts.delete_account(bob, NOW).await.unwrap());
    assert_eq!(accounts.blocked_by(alice).await.unwrap(), []);
    assert_eq!(accounts.blockers_of(eve, &[bob]).await.unwrap(), []);
}

pub(crate) async fn whoever_blocks_is_unwelcome_to_be_brought_in_unless_it_asked<B: Backend>(backend: B) {
    everybody(&backend).await;
    let accounts = backend.accounts();
    let (alice, bob, eve) = (ALICE.account(), BOB.account(), EVE.account());
    let group = chat(7);
    accounts
        .reserve(ReservedFor::Group, group, BOB.device(1), 1, NOW)
        .await
        .unwrap();
    accounts.confirm(ReservedFor::Group, group).await.unwrap();
    accounts.block(alice, bob, NOW).await.unwrap();
    assert!(accounts.is_unwelcome(group, bob, &[eve, alice]).await.unwrap());
    assert!(!accounts.is_unwelcome(group, bob, &[eve]).await.unwrap());
    assert!(!accounts.is_unwelcome(group, eve, &[alice]).await.unwrap());
    let asked = accounts.ask_to_join(NewJoinRequest {
        group,
        account: alice,
        key_package: Bytes::from_static(b"key package"),
        at: NOW,
    });
    assert_eq!(asked.await.unwrap(), Asked::Waiting);
    assert!(!accounts.is_unwelcome(group, bob, &[eve, alice]).await.unwrap());
    assert!(accounts.is_unwelcome(chat(8), bob, &[alice]).await.unwrap());
}
