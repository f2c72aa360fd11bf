//! The contract of [`crate::store::PasskeyStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{AccountStore as _, AddPasskeyError, NewPasskey, PasskeyKey, PasskeyStore, SessionStore};
use bytes::Bytes;
use sotto_protocol::rest::passkey::Passkey;
use sotto_protocol::{PasskeyId, limits};

fn id(number: u8) -> PasskeyId {
    PasskeyId::from_bytes([number; 32])
}

fn new(person: Person, number: u8) -> NewPasskey {
    NewPasskey {
        passkey: id(number),
        account: person.account(),
        key: PasskeyKey {
            credential: vec![number; 20].into(),
            public_key: vec![number; 77].into(),
            algorithm: -7,
            counter: 0,
        },
        vault: vec![number; 73].into(),
        name: vec![number; 169].into(),
        at: NOW.plus_millis(u64::from(number)),
    }
}

pub(crate) async fn an_account_adds_renames_and_removes_its_passkeys<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    for number in [2, 1] {
        accounts.add_passkey(new(ALICE, number)).await.unwrap();
    }
    let listed = |number: u8, name: u8| Passkey {
        passkey: id(number),
        name: vec![name; 169].into(),
        added_at: NOW.plus_millis(u64::from(number)),
        used_at: None,
    };
    let of_alice = accounts.passkeys(ALICE.account()).await.unwrap();
    assert_eq!(of_alice, [listed(1, 1), listed(2, 2)]);
    assert_eq!(accounts.passkeys(BOB.account()).await.unwrap(), []);
    let credentials = accounts.credentials(ALICE.account()).await.unwrap();
    assert_eq!(credentials, [1, 2].map(|number| Bytes::from(vec![number; 20])));
    let stored = accounts.passkey(id(1)).await.unwrap().unwrap();
    assert_eq!(stored.account, ALICE.account());
    assert_eq!(stored.key, new(ALICE, 1).key);
    assert_eq!(*stored.vault, [1; 73]);

    // Nobody touches another account's.
    let (alice, bob) = (ALICE.account(), BOB.account());
    let name = || Bytes::from(vec![9; 169]);
    assert!(!accounts.rename_passkey(bob, id(1), name()).await.unwrap());
    assert!(!accounts.remove_passkey(bob, id(1)).await.unwrap());
    assert!(accounts.rename_passkey(alice, id(1), name()).await.unwrap());
    assert!(accounts.remove_passkey(alice, id(2)).await.unwrap());
    assert!(!accounts.remove_passkey(alice, id(2)).await.unwrap());
    assert_eq!(accounts.passkey(id(2)).await.unwrap(), None);
    assert_eq!(accounts.passkeys(alice).await.unwrap(), [listed(1, 9)]);
}

pub(crate) async fn a_passkey_is_one_accounts_and_an_account_has_so_many_and_no_more<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    let most = u8::try_from(limits::PASSKEYS_PER_ACCOUNT).unwrap();
    for number in 2..=most {
        accounts.add_passkey(new(ALICE, number)).await.unwrap();
    }
    let taken = accounts.add_passkey(new(BOB, 2)).await;
    assert!(matches!(taken, Err(AddPasskeyError::PasskeyTaken)));
    let stranger = accounts.add_passkey(new(EVE, 100)).await;
    assert!(matches!(stranger, Err(AddPasskeyError::AccountNotFound)));
    // Of those who race for the last place one gets it.
    let (one, other) = futures_util::join!(
        accounts.add_passkey(new(ALICE, 100)),
        accounts.add_passkey(new(ALICE, 101))
    );
    assert!(one.is_ok() != other.is_ok());
    let refused = [one, other].into_iter().find_map(Result::err).unwrap();
    assert!(matches!(refused, AddPasskeyError::TooManyPasskeys));
    let has = accounts.passkeys(ALICE.account()).await.unwrap();
    assert_eq!(has.len(), limits::PASSKEYS_PER_ACCOUNT);
    accounts.add_passkey(new(BOB, 102)).await.unwrap();
}

pub(crate) async fn a_counter_counts_on_or_stays_nothing<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.add_passkey(new(ALICE, 1)).await.unwrap();
    let used = |counter, later| accounts.passkey_used(id(1), counter, NOW.plus_millis(later));
    for later in [10, 11] {
        assert!(used(0, later).await.unwrap());
    }
    assert!(used(u32::MAX - 1, 12).await.unwrap());
    for counter in [0, 1, u32::MAX - 1] {
        assert!(!used(counter, 13).await.unwrap());
    }
    let (one, other) = futures_util::join!(used(u32::MAX, 14), used(u32::MAX, 14));
    assert!(one.unwrap() != other.unwrap());
    assert!(!accounts.passkey_used(id(2), 1, NOW).await.unwrap());
    let listed = accounts.passkeys(ALICE.account()).await.unwrap();
    assert_eq!(listed[0].used_at, Some(NOW.plus_millis(14)));
    let stored = accounts.passkey(id(1)).await.unwrap().unwrap();
    assert_eq!(stored.key.counter, u32::MAX);
}

pub(crate) async fn passkeys_go_with_their_account_and_stay_when_its_sessions_end<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.add_passkey(new(ALICE, 1)).await.unwrap();
    accounts.end_sessions_of(ALICE.account()).await.unwrap();
    let (record, vault) = (Bytes::from_static(b"record"), Bytes::from_static(b"vault"));
    accounts
        .set_password(ALICE.account(), record, vault)
        .await
        .unwrap();
    assert!(accounts.passkey(id(1)).await.unwrap().is_some());
    accounts.delete_account(ALICE.account(), NOW).await.unwrap();
    assert_eq!(accounts.passkey(id(1)).await.unwrap(), None);
    assert_eq!(accounts.passkeys(ALICE.account()).await.unwrap(), []);
}
