//! The contract of [`crate::store::CaptchaStore`], and of the accounts that are created with a captcha.

use super::Backend;
use super::fixture::*;
use crate::store::{AccountStore, CaptchaStore, CreateAccountError, NewAccount, SpentCaptcha};

/// How long solutions are good here, in milliseconds.
const LIFETIME: u64 = 1000;

fn captcha(number: u8) -> SpentCaptcha {
    SpentCaptcha {
        challenge: [number; 32],
        expires_at: NOW.plus_millis(LIFETIME),
    }
}

fn working(person: Person, number: u8) -> NewAccount {
    NewAccount {
        captcha: Some(captcha(number)),
        ..person.registration()
    }
}

pub(crate) async fn a_captcha_is_spent_once<B: Backend>(backend: B) {
    assert!(backend.accounts().spend_captcha(captcha(1)).await.unwrap());
    assert!(!backend.accounts().spend_captcha(captcha(1)).await.unwrap());
    let backend = backend.reopen().await;
    assert!(!backend.accounts().spend_captcha(captcha(1)).await.unwrap());
    assert!(backend.accounts().spend_captcha(captcha(2)).await.unwrap());
}

pub(crate) async fn a_captcha_makes_one_account_and_is_no_good_for_anything_else<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    accounts.create_account(working(ALICE, 1)).await.unwrap();
    let refused = accounts.create_account(working(BOB, 1)).await;
    assert!(matches!(refused, Err(CreateAccountError::CaptchaSpent)));
    assert!(accounts.is_name_free(&BOB.name()).await.unwrap());
    assert!(!accounts.spend_captcha(captcha(1)).await.unwrap());
}

pub(crate) async fn of_many_who_race_with_one_captcha_one_gets_an_account<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    let attempts = (10..26).map(|number| accounts.create_account(working(Person(number), 1)));
    let results = futures_util::future::join_all(attempts).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.into_iter().filter_map(Result::err) {
        assert!(matches!(result, CreateAccountError::CaptchaSpent), "{result:?}");
    }
}

pub(crate) async fn an_account_that_is_not_created_spends_no_captcha<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let same_name = NewAccount {
        name: ALICE.name(),
        ..working(BOB, 1)
    };
    let refused = accounts.create_account(same_name).await;
    assert!(matches!(refused, Err(CreateAccountError::NameTaken)));
    accounts.create_account(working(BOB, 1)).await.unwrap();
}

pub(crate) async fn captchas_are_forgotten_when_their_time_is_over<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    assert!(accounts.spend_captcha(captcha(1)).await.unwrap());
    accounts
        .purge_captchas(NOW.plus_millis(LIFETIME - 1))
        .await
        .unwrap();
    assert!(!accounts.spend_captcha(captcha(1)).await.unwrap());
    accounts.purge_captchas(NOW.plus_millis(LIFETIME)).await.unwrap();
    assert!(accounts.spend_captcha(captcha(1)).await.unwrap());
}
