//! The contract of [`crate::store::AccountStore`] and [`crate::store::SecretStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountStore, CreateAccountError, DeviceStore, NewAccount, ProfileChange, SecretStore, SessionId,
    SessionStore,
};
use bytes::Bytes;
use sotto_protocol::CoarseLocation;
use zeroize::Zeroizing;

pub(crate) async fn an_account_is_found_by_name_and_by_id<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let alice = accounts.account_by_name(&ALICE.name()).await.unwrap().unwrap();
    assert_eq!(alice.account, ALICE.account());
    assert_eq!(alice.identity_key, ALICE.identity_key());
    assert_eq!(alice.device_list, ALICE.device_list(1, &[1]));
    assert_eq!(alice.created_at, NOW);
    assert_eq!(accounts.account(ALICE.account()).await.unwrap(), Some(alice));
    let login = accounts.login_record(&ALICE.name()).await.unwrap().unwrap();
    assert_eq!(login.opaque_record, "record");
    assert_eq!(login.vault_by_password, "by password");
    assert_eq!(accounts.account_by_name(&BOB.name()).await.unwrap(), None);
    assert!(accounts.login_record(&BOB.name()).await.unwrap().is_none());
    assert!(accounts.session(SessionId([1; 16]), NOW).await.unwrap().is_some());
}

pub(crate) async fn a_name_an_account_id_and_a_device_id_are_given_out_once<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let same_name = NewAccount {
        name: ALICE.name(),
        ..BOB.registration()
    };
    let same_account = NewAccount {
        account: ALICE.account(),
        ..BOB.registration()
    };
    let same_device = NewAccount {
        device: ALICE.device(1).device,
        ..BOB.registration()
    };
    assert!(!accounts.is_name_free(&ALICE.name()).await.unwrap());
    assert!(accounts.is_name_free(&BOB.name()).await.unwrap());
    let refused = accounts.create_account(same_name).await;
    assert!(matches!(refused, Err(CreateAccountError::NameTaken)));
    let refused = accounts.create_account(same_account).await;
    assert!(matches!(refused, Err(CreateAccountError::AccountTaken)));
    let refused = accounts.create_account(same_device).await;
    assert!(matches!(refused, Err(CreateAccountError::DeviceTaken)));
}

pub(crate) async fn a_failed_creation_leaves_nothing<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let same_device = NewAccount {
        device: ALICE.device(1).device,
        ..BOB.registration()
    };
    backend.accounts().create_account(same_device).await.unwrap_err();
    assert!(backend.accounts().is_name_free(&BOB.name()).await.unwrap());
    BOB.registers(&backend).await;
}

pub(crate) async fn a_profile_changes_only_where_it_says<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let change = ProfileChange {
        display_name: Some("Älice".to_owned()),
        ..ProfileChange::default()
    };
    let alice = accounts
        .update_profile(ALICE.account(), change)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((alice.display_name.as_str(), alice.about.as_str()), ("Älice", ""));
    let munich = CoarseLocation::near(48.1372, 11.5755).unwrap();
    let change = ProfileChange {
        about: Some("Hello".to_owned()),
        place: Some("München".to_owned()),
        location: Some(Some(munich)),
        listed: Some(false),
        ..ProfileChange::default()
    };
    let alice = accounts
        .update_profile(ALICE.account(), change.clone())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (alice.display_name.as_str(), alice.about.as_str()),
        ("Älice", "Hello")
    );
    assert_eq!(
        (alice.place.as_str(), alice.location, alice.listed),
        ("München", Some(munich), false)
    );
    let nowhere = ProfileChange {
        location: Some(None),
        ..ProfileChange::default()
    };
    let alice = accounts
        .update_profile(ALICE.account(), nowhere)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (alice.place.as_str(), alice.location, alice.listed),
        ("München", None, false)
    );
    assert_eq!(accounts.account(ALICE.account()).await.unwrap(), Some(alice));
    assert_eq!(
        accounts.update_profile(BOB.account(), change).await.unwrap(),
        None
    );
}

pub(crate) async fn a_login_is_answered_by_the_last_password_and_the_one_recovery_code<B: Backend>(
    backend: B,
) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let (record, vault) = (
        Bytes::from_static(b"new record"),
        Bytes::from_static(b"new vault"),
    );
    let set = accounts.set_password(ALICE.account(), record.clone(), vault.clone());
    assert!(set.await.unwrap());
    let found = accounts.login_record(&ALICE.name()).await.unwrap().unwrap();
    assert_eq!(
        (found.opaque_record, found.vault_by_password),
        (record.clone(), vault.clone())
    );
    assert_eq!(&*found.vault_by_recovery_code, b"by code");
    assert_eq!(found.recovery_key, Some(ALICE.registration().recovery_key));
    assert!(!accounts.set_password(BOB.account(), record, vault).await.unwrap());
}

pub(crate) async fn a_deleted_account_leaves_a_name_that_nobody_can_take<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    assert!(accounts.delete_account(ALICE.account(), NOW).await.unwrap());
    assert!(!accounts.delete_account(ALICE.account(), NOW).await.unwrap());
    assert_eq!(accounts.account(ALICE.account()).await.unwrap(), None);
    assert!(accounts.login_record(&ALICE.name()).await.unwrap().is_none());
    assert!(accounts.session(SessionId([1; 16]), NOW).await.unwrap().is_none());
    assert!(accounts.devices(ALICE.account()).await.unwrap().is_empty());
    assert_eq!(accounts.departed_devices(10).await.unwrap(), [ALICE.device(1)]);
    assert!(!accounts.is_name_free(&ALICE.name()).await.unwrap());
    let again = accounts.create_account(ALICE.registration()).await;
    assert!(matches!(again, Err(CreateAccountError::NameTaken)));
    let same_id = NewAccount {
        account: ALICE.account(),
        ..BOB.registration()
    };
    let refused = accounts.create_account(same_id).await;
    assert!(matches!(refused, Err(CreateAccountError::AccountTaken)));
}

pub(crate) async fn a_server_secret_is_made_once<B: Backend>(backend: B) {
    let secret = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
    let accounts = backend.accounts();
    assert_eq!(
        *accounts.server_secret("one", secret(b"first")).await.unwrap(),
        b"first"
    );
    assert_eq!(
        *accounts.server_secret("one", secret(b"second")).await.unwrap(),
        b"first"
    );
    assert_eq!(
        *accounts.server_secret("two", secret(b"third")).await.unwrap(),
        b"third"
    );
    let backend = backend.reopen().await;
    let kept = backend
        .accounts()
        .server_secret("one", secret(b"fourth"))
        .await
        .unwrap();
    assert_eq!(*kept, b"first");
}
