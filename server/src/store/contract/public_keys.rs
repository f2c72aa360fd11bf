//! The contract of [`PublicKeyStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{AccountStore, DeviceStore, NewDevice, PublicKeyStore};
use std::collections::HashMap;

pub(crate) async fn keys_are_known_while_their_devices_and_accounts_are_there<B: Backend>(backend: B) {
    for person in [ALICE, BOB] {
        person.registers(&backend).await;
    }
    let accounts = backend.accounts();
    let second = NewDevice {
        address: ALICE.device(2),
        device_key: ALICE.device_key(2),
        device_list: Some(ALICE.device_list(2, &[1, 2])),
        name: None,
        session: session(9),
        at: NOW,
    };
    accounts.enrol_device(second).await.unwrap();
    let (alice, other, bob) = (ALICE.device(1), ALICE.device(2), BOB.device(1));
    // Alice's device, claimed for Bob's account.
    let mut not_bobs = BOB.device(1);
    not_bobs.device = alice.device;
    let asked = [alice, other, bob, EVE.device(1), not_bobs];
    let keys = accounts.device_keys(&asked).await.unwrap();
    let expected = HashMap::from([
        (alice, ALICE.device_key(1)),
        (other, ALICE.device_key(2)),
        (bob, BOB.device_key(1)),
    ]);
    assert_eq!(keys, expected);
    assert_eq!(accounts.device_keys(&[]).await.unwrap(), HashMap::new());
    let people = [ALICE, BOB, EVE].map(Person::account);
    let identities = accounts.identity_keys(&people).await.unwrap();
    let expected = [ALICE, BOB].map(|person| (person.account(), person.identity_key()));
    assert_eq!(identities, HashMap::from(expected));

    let list = ALICE.device_list(3, &[1]);
    accounts.remove_device(other, list, NOW).await.unwrap();
    assert!(accounts.delete_account(BOB.account(), NOW).await.unwrap());
    let keys = accounts.device_keys(&asked).await.unwrap();
    assert_eq!(keys, HashMap::from([(alice, ALICE.device_key(1))]));
    let identities = accounts.identity_keys(&people).await.unwrap();
    assert_eq!(
        identities,
        HashMap::from([(ALICE.account(), ALICE.identity_key())])
    );
}
