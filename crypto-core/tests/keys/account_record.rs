//! Private records of an account.

use super::{ACCOUNT, rng};
use sotto_crypto_core::AccountRoot;
use sotto_crypto_core::account_record::{AccountRecordError, AccountRecords, RecordTooLong};
use sotto_protocol::{AccountId, limits};

fn records(account: AccountId, root: u8) -> AccountRecords {
    AccountRecords::new(account, &AccountRoot::from_bytes([root; 32]))
}

#[test]
fn a_record_opens_for_its_account_in_its_place_alone() {
    let own = records(ACCOUNT, 1);
    let (place, other_place) = (own.id("one"), own.id("other"));
    let sealed = own.seal(&mut rng(1), place, b"what is kept").unwrap();
    assert_eq!(own.open(place, &sealed).unwrap().expose(), b"what is kept");
    assert_eq!(own.open(other_place, &sealed), Err(AccountRecordError));
    let other_account = records(AccountId::from_bytes([9; 16]), 1);
    assert_eq!(other_account.open(place, &sealed), Err(AccountRecordError));
    assert_eq!(records(ACCOUNT, 2).open(place, &sealed), Err(AccountRecordError));
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(own.open(place, &altered), Err(AccountRecordError));
    }
}

#[test]
fn places_say_nothing_of_names_and_differ_by_account() {
    let own = records(ACCOUNT, 1);
    assert_eq!(own.id("one"), own.id("one"));
    assert_ne!(own.id("one"), own.id("other"));
    assert_ne!(own.id("one"), records(ACCOUNT, 2).id("one"));
}

#[test]
fn lengths_come_in_steps_and_within_the_servers_bound() {
    let own = records(ACCOUNT, 1);
    let place = own.id("one");
    let length = |bytes: usize| {
        own.seal(&mut rng(1), place, &vec![7; bytes])
            .map(|sealed| sealed.len())
    };
    assert_eq!(length(0), length(100));
    assert_ne!(length(100), length(200));
    let longest = (0..limits::ACCOUNT_RECORD_BYTES)
        .rev()
        .find_map(|bytes| length(bytes).ok())
        .unwrap();
    assert!(longest <= limits::ACCOUNT_RECORD_BYTES);
    assert_eq!(length(limits::ACCOUNT_RECORD_BYTES), Err(RecordTooLong));
}
