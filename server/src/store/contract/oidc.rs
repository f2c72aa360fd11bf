//! The contract of [`crate::store::OidcStore`], and of the accounts that are created with a link.

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountStore, CreateAccountError, KnownSubject, Linking, NewAccount, NewOidcLink, OidcStore, OidcSubject,
};

const ADA: OidcSubject = OidcSubject([1; 32]);
const BEN: OidcSubject = OidcSubject([2; 32]);

fn linked(person: Person, subject: OidcSubject, registers: bool) -> NewAccount {
    NewAccount {
        oidc: Some(NewOidcLink { subject, registers }),
        ..person.registration()
    }
}

pub(crate) async fn a_subject_and_an_account_are_linked_with_one_each<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    let (alice, bob) = (ALICE.account(), BOB.account());
    let link = async |account, subject| accounts.link_oidc(account, subject, NOW).await.unwrap();
    assert_eq!(accounts.oidc_subject(ADA).await.unwrap(), None);
    assert_eq!(link(EVE.account(), ADA).await, Linking::AccountNotFound);
    assert_eq!(link(alice, ADA).await, Linking::Linked);
    assert_eq!(link(alice, ADA).await, Linking::Linked);
    assert_eq!(link(bob, ADA).await, Linking::Taken);
    assert_eq!(link(alice, BEN).await, Linking::Taken);
    let refused = accounts.create_account(linked(EVE, ADA, false)).await;
    assert!(matches!(refused, Err(CreateAccountError::OidcTaken)));
    assert!(accounts.is_name_free(&EVE.name()).await.unwrap());
    let known = KnownSubject {
        account: Some(alice),
        has_registered: false,
    };
    assert_eq!(accounts.oidc_subject(ADA).await.unwrap(), Some(known));
    assert_eq!(accounts.oidc_link(alice).await.unwrap(), Some((ADA, NOW)));
    assert_eq!(accounts.oidc_link(bob).await.unwrap(), None);

    // Of a link that ends nothing stays.
    assert!(accounts.unlink_oidc(alice).await.unwrap());
    assert!(!accounts.unlink_oidc(alice).await.unwrap());
    assert_eq!(accounts.oidc_subject(ADA).await.unwrap(), None);
    assert_eq!(link(bob, ADA).await, Linking::Linked);
    assert!(accounts.delete_account(bob, NOW).await.unwrap());
    assert_eq!(accounts.oidc_subject(ADA).await.unwrap(), None);
}

pub(crate) async fn a_subject_registers_one_account_and_no_other_after_it<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    accounts.create_account(linked(ALICE, ADA, true)).await.unwrap();
    assert!(accounts.unlink_oidc(ALICE.account()).await.unwrap());
    let registered = Some(KnownSubject {
        account: None,
        has_registered: true,
    });
    assert_eq!(accounts.oidc_subject(ADA).await.unwrap(), registered);
    let refused = accounts.create_account(linked(BOB, ADA, true)).await;
    assert!(matches!(refused, Err(CreateAccountError::OidcTaken)));
    // One that an invite has let in may be linked, and one that is there.
    accounts.create_account(linked(BOB, ADA, false)).await.unwrap();
    assert!(accounts.delete_account(BOB.account(), NOW).await.unwrap());
    assert_eq!(accounts.oidc_subject(ADA).await.unwrap(), registered);
    let linking = accounts.link_oidc(ALICE.account(), ADA, NOW).await.unwrap();
    assert_eq!(linking, Linking::Linked);
}

pub(crate) async fn of_many_who_race_with_one_subject_one_gets_an_account<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    let attempts = (10..26).map(|number| accounts.create_account(linked(Person(number), ADA, true)));
    let results = futures_util::future::join_all(attempts).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.into_iter().filter_map(Result::err) {
        assert!(matches!(result, CreateAccountError::OidcTaken), "{result:?}");
    }
}
