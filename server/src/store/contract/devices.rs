//! The contract of [`crate::store::DeviceStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountStore, DeviceStore, EnrolDeviceError, KeyPackageStore, NewDevice, NewKeyPackage,
    RemoveDeviceError, SessionId, SessionStore,
};
use bytes::Bytes;
use sotto_protocol::{DeviceId, SignedDeviceList, Suite, Timestamp, limits};

/// Device `number` of a person, with a session of number `10 × person + number`.
fn enrols(person: Person, number: u8, device_list: Option<SignedDeviceList>) -> NewDevice {
    NewDevice {
        address: person.device(number),
        device_key: person.device_key(number),
        device_list,
        name: Some(Bytes::from(vec![number; 3])),
        session: session(10 * person.0 + number),
        at: NOW.plus_millis(u64::from(number)),
    }
}

pub(crate) async fn a_new_device_enrols_with_the_next_list<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let list = ALICE.device_list(2, &[1, 2]);
    accounts
        .enrol_device(enrols(ALICE, 2, Some(list.clone())))
        .await
        .unwrap();
    let devices = accounts.devices(ALICE.account()).await.unwrap();
    let ids: Vec<DeviceId> = devices.iter().map(|device| device.device).collect();
    assert_eq!(ids, [ALICE.device(1).device, ALICE.device(2).device]);
    let alice = accounts.account(ALICE.account()).await.unwrap().unwrap();
    assert_eq!(alice.device_list, list);
    let session = accounts.session(SessionId([12; 16]), NOW).await.unwrap().unwrap();
    assert_eq!(session.device, ALICE.device(2));
    let refused = accounts.enrol_device(enrols(BOB, 1, None)).await;
    assert!(matches!(refused, Err(EnrolDeviceError::AccountNotFound)));
}

pub(crate) async fn a_list_that_does_not_follow_is_refused<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    for list in [
        ALICE.device_list(1, &[1, 2]),
        ALICE.device_list(3, &[1, 2]),
        ALICE.device_list(2, &[2]),
        ALICE.device_list(2, &[1]),
        ALICE.device_list(2, &[1, 2, 3]),
        BOB.device_list(2, &[1, 2]),
        SignedDeviceList {
            list: Bytes::from_static(b"nonsense").into(),
            ..ALICE.device_list(2, &[1, 2])
        },
    ] {
        let refused = backend
            .accounts()
            .enrol_device(enrols(ALICE, 2, Some(list)))
            .await;
        assert!(
            matches!(refused, Err(EnrolDeviceError::StaleDeviceList)),
            "{refused:?}"
        );
    }
    assert_eq!(
        backend.accounts().devices(ALICE.account()).await.unwrap().len(),
        1
    );
}

pub(crate) async fn an_enrolled_device_returns_without_a_list<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.enrol_device(enrols(ALICE, 1, None)).await.unwrap();
    assert!(
        accounts
            .session(SessionId([11; 16]), NOW)
            .await
            .unwrap()
            .is_some()
    );
    let refused = accounts.enrol_device(enrols(ALICE, 2, None)).await;
    assert!(matches!(refused, Err(EnrolDeviceError::DeviceNotFound)));
}

pub(crate) async fn an_enrolment_whose_answer_was_lost_is_repeated<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let list = ALICE.device_list(2, &[1, 2]);
    accounts
        .enrol_device(enrols(ALICE, 2, Some(list.clone())))
        .await
        .unwrap();
    accounts
        .enrol_device(enrols(ALICE, 2, Some(list.clone())))
        .await
        .unwrap();
    assert_eq!(accounts.devices(ALICE.account()).await.unwrap().len(), 2);
    accounts
        .enrol_device(enrols(ALICE, 3, Some(ALICE.device_list(3, &[1, 2, 3]))))
        .await
        .unwrap();
    let late = accounts.enrol_device(enrols(ALICE, 2, Some(list))).await;
    assert!(matches!(late, Err(EnrolDeviceError::StaleDeviceList)));
}

pub(crate) async fn a_device_id_belongs_to_one_key_of_one_account<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let other_key = NewDevice {
        device_key: ALICE.device_key(9),
        ..enrols(ALICE, 1, None)
    };
    let refused = backend.accounts().enrol_device(other_key).await;
    assert!(matches!(refused, Err(EnrolDeviceError::DeviceTaken)));
    let of_alice = NewDevice {
        address: sotto_protocol::DeviceAddress {
            account: BOB.account(),
            device: ALICE.device(1).device,
        },
        ..enrols(BOB, 2, None)
    };
    let refused = backend.accounts().enrol_device(of_alice).await;
    assert!(matches!(refused, Err(EnrolDeviceError::DeviceNotFound)));
}

pub(crate) async fn an_account_has_a_bounded_number_of_devices<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let most = u8::try_from(limits::DEVICES_PER_ACCOUNT).unwrap();
    for number in 2..=most {
        let all: Vec<u8> = (1..=number).collect();
        let list = ALICE.device_list(u64::from(number), &all);
        backend
            .accounts()
            .enrol_device(enrols(ALICE, number, Some(list)))
            .await
            .unwrap();
    }
    let list = ALICE.device_list(u64::from(most) + 1, &[1]);
    let refused = backend
        .accounts()
        .enrol_device(enrols(ALICE, most + 1, Some(list)))
        .await;
    assert!(matches!(refused, Err(EnrolDeviceError::TooManyDevices)));
}

pub(crate) async fn a_removed_device_is_gone_with_its_sessions_and_key_packages<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts
        .enrol_device(enrols(ALICE, 2, Some(ALICE.device_list(2, &[1, 2]))))
        .await
        .unwrap();
    let key_package = NewKeyPackage {
        suite: Suite::XWing,
        key_package: Bytes::from_static(b"key package"),
        last_resort: true,
    };
    accounts
        .publish_key_packages(ALICE.device(2), vec![key_package], NOW)
        .await
        .unwrap();

    let stale = accounts
        .remove_device(ALICE.device(2), ALICE.device_list(2, &[1]), NOW)
        .await;
    assert!(matches!(stale, Err(RemoveDeviceError::StaleDeviceList)));
    let list = ALICE.device_list(3, &[1]);
    accounts
        .remove_device(ALICE.device(2), list.clone(), NOW)
        .await
        .unwrap();

    assert!(
        accounts
            .session(SessionId([12; 16]), NOW)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        accounts
            .key_package_stock(ALICE.device(2).device, NOW)
            .await
            .unwrap()
            .suites
            .is_empty()
    );
    let alice = accounts.account(ALICE.account()).await.unwrap().unwrap();
    assert_eq!(alice.device_list, list);
    let gone = accounts
        .remove_device(ALICE.device(2), ALICE.device_list(4, &[1]), NOW)
        .await;
    assert!(matches!(gone, Err(RemoveDeviceError::DeviceNotFound)));
    let back = accounts
        .enrol_device(enrols(ALICE, 2, Some(ALICE.device_list(4, &[1, 2]))))
        .await;
    assert!(matches!(back, Err(EnrolDeviceError::DeviceTaken)));
}

pub(crate) async fn a_removed_device_is_departing_until_forgotten<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts
        .enrol_device(enrols(ALICE, 2, Some(ALICE.device_list(2, &[1, 2]))))
        .await
        .unwrap();
    assert!(accounts.departed_devices(10).await.unwrap().is_empty());
    accounts
        .remove_device(ALICE.device(2), ALICE.device_list(3, &[1]), NOW)
        .await
        .unwrap();
    assert_eq!(accounts.departed_devices(10).await.unwrap(), [ALICE.device(2)]);
    accounts.forget_departed(&[ALICE.device(2)]).await.unwrap();
    assert!(accounts.departed_devices(10).await.unwrap().is_empty());
}

pub(crate) async fn a_device_has_the_name_that_its_account_gave_it_last<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    let list = ALICE.device_list(2, &[1, 2]);
    accounts.enrol_device(enrols(ALICE, 2, Some(list))).await.unwrap();
    let names = async || -> Vec<Option<Vec<u8>>> {
        let devices = accounts.devices(ALICE.account()).await.unwrap();
        let names = devices.into_iter().map(|device| device.name);
        names
            .map(|name| name.map(|name| name.as_slice().to_vec()))
            .collect()
    };
    assert_eq!(names().await, [Some(b"sealed name".to_vec()), Some(vec![2; 3])]);
    let name = Bytes::from_static(b"another");
    assert!(
        accounts
            .rename_device(ALICE.device(1), name.clone())
            .await
            .unwrap()
    );
    // A device that comes back keeps its name.
    accounts.enrol_device(enrols(ALICE, 2, None)).await.unwrap();
    assert_eq!(names().await, [Some(name.to_vec()), Some(vec![2; 3])]);
    let of_alice = sotto_protocol::DeviceAddress {
        account: BOB.account(),
        device: ALICE.device(1).device,
    };
    for nobodys in [of_alice, ALICE.device(9)] {
        assert!(!accounts.rename_device(nobodys, name.clone()).await.unwrap());
    }
}

pub(crate) async fn the_time_a_device_was_seen_is_kept_to_the_hour<B: Backend>(backend: B) {
    const HOUR: u64 = 3_600_000;
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let device = ALICE.device(1).device;
    let seen = Timestamp(NOW.0 + 5 * HOUR + 1234);
    accounts.device_seen(device, seen).await.unwrap();
    accounts.device_seen(device, NOW).await.unwrap();
    let devices = accounts.devices(ALICE.account()).await.unwrap();
    assert_eq!(devices[0].last_seen_at, Timestamp(seen.0 - seen.0 % HOUR));
}
