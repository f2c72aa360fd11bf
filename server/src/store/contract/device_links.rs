//! The contract of [`crate::store::DeviceLinkStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{DeviceLinkStore, DeviceStore, NewDevice, NewDeviceLink};
use bytes::Bytes;
use sotto_protocol::{DeviceLinkId, LoginKey};

/// How long links are good here, in milliseconds.
const LIFETIME: u64 = 1000;

fn link(number: u8) -> DeviceLinkId {
    DeviceLinkId::from_bytes([number; 16])
}

/// An offer of a person's device 1.
fn offer(person: Person, number: u8) -> NewDeviceLink {
    NewDeviceLink {
        link: link(number),
        offered_by: person.device(1),
        login_key: LoginKey::from_bytes([number; 32]),
        vault: Bytes::from(vec![number; 80]),
        expires_at: NOW.plus_millis(LIFETIME),
    }
}

pub(crate) async fn a_link_is_taken_once_and_in_time<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let late = NOW.plus_millis(LIFETIME);
    for number in [1, 2] {
        assert!(accounts.offer_device_link(offer(ALICE, number)).await.unwrap());
        assert_eq!(accounts.device_link(link(number), late).await.unwrap(), None);
        assert_eq!(accounts.take_device_link(link(number), late).await.unwrap(), None);
        let offered = accounts.device_link(link(number), NOW).await.unwrap().unwrap();
        assert_eq!(offered.account, ALICE.account());
        assert_eq!(offered.login_key, LoginKey::from_bytes([number; 32]));
        assert_eq!(*offered.vault, [number; 80]);
        let (one, other) = futures_util::join!(
            accounts.take_device_link(link(number), NOW),
            accounts.take_device_link(link(number), NOW)
        );
        let taken: Vec<_> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
        assert_eq!(taken, [offered]);
        assert_eq!(accounts.device_link(link(number), NOW).await.unwrap(), None);
    }
    accounts.offer_device_link(offer(ALICE, 3)).await.unwrap();
    accounts.purge_device_links(late).await.unwrap();
    assert_eq!(accounts.take_device_link(link(3), NOW).await.unwrap(), None);
}

pub(crate) async fn an_account_has_one_link_and_the_last_counts<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    assert!(accounts.offer_device_link(offer(ALICE, 1)).await.unwrap());
    assert!(accounts.offer_device_link(offer(ALICE, 2)).await.unwrap());
    assert_eq!(accounts.device_link(link(1), NOW).await.unwrap(), None);
    // Nobody takes another account's place.
    assert!(!accounts.offer_device_link(offer(BOB, 2)).await.unwrap());
    let kept = accounts.device_link(link(2), NOW).await.unwrap().unwrap();
    assert_eq!(kept.account, ALICE.account());
}

pub(crate) async fn a_link_ends_with_the_device_that_offered_it<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let second = NewDevice {
        address: ALICE.device(2),
        device_key: ALICE.device_key(2),
        device_list: Some(ALICE.device_list(2, &[1, 2])),
        name: None,
        session: session(12),
        at: NOW,
    };
    accounts.enrol_device(second).await.unwrap();
    let of_second = NewDeviceLink {
        offered_by: ALICE.device(2),
        ..offer(ALICE, 1)
    };
    assert!(accounts.offer_device_link(of_second).await.unwrap());
    let without = ALICE.device_list(3, &[1]);
    accounts
        .remove_device(ALICE.device(2), without, NOW)
        .await
        .unwrap();
    assert_eq!(accounts.take_device_link(link(1), NOW).await.unwrap(), None);
}

pub(crate) async fn a_link_is_withdrawn_by_its_own_account<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.offer_device_link(offer(ALICE, 1)).await.unwrap();
    accounts
        .withdraw_device_link(BOB.account(), link(1))
        .await
        .unwrap();
    assert!(accounts.device_link(link(1), NOW).await.unwrap().is_some());
    accounts
        .withdraw_device_link(ALICE.account(), link(1))
        .await
        .unwrap();
    assert_eq!(accounts.device_link(link(1), NOW).await.unwrap(), None);
}
