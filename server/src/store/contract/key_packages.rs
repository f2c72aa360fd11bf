//! The contract of [`crate::store::KeyPackageStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{KeyPackageStore, NewKeyPackage, PublishKeyPackagesError};
use bytes::Bytes;
use sotto_protocol::rest::key_package::SuiteStock;
use sotto_protocol::{DeviceId, Suite, limits};
use std::collections::HashSet;

fn one_time(number: usize) -> NewKeyPackage {
    NewKeyPackage {
        suite: Suite::XWing,
        key_package: Bytes::from(format!("one-time {number}")),
        last_resort: false,
    }
}

fn last_resort(number: usize) -> NewKeyPackage {
    NewKeyPackage {
        key_package: Bytes::from(format!("last resort {number}")),
        last_resort: true,
        ..one_time(number)
    }
}

async fn publishes<B: Backend>(backend: &B, person: Person, key_packages: Vec<NewKeyPackage>) {
    backend
        .accounts()
        .publish_key_packages(person.device(1), key_packages, NOW)
        .await
        .unwrap();
}

/// What Bob gets of Alice's device, and what remains.
async fn claims<B: Backend>(backend: &B) -> Option<(Bytes, u32)> {
    let mut claimed = backend
        .accounts()
        .claim_key_packages(ALICE.account(), Suite::XWing, BOB.device(1).device)
        .await
        .unwrap()
        .unwrap();
    claimed
        .pop()
        .map(|claimed| (claimed.key_package, claimed.remaining))
}

pub(crate) async fn the_stock_counts_by_suite<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let classical = NewKeyPackage {
        suite: Suite::X25519,
        ..one_time(3)
    };
    publishes(
        &backend,
        ALICE,
        vec![
            one_time(1),
            one_time(2),
            one_time(2),
            last_resort(1),
            last_resort(2),
            classical,
        ],
    )
    .await;
    let mut stock = backend
        .accounts()
        .key_package_stock(ALICE.device(1).device)
        .await
        .unwrap();
    stock.suites.sort_by_key(|stock| stock.suite.code_point());
    assert_eq!(
        stock.suites,
        [
            SuiteStock {
                suite: Suite::X25519,
                remaining: 1,
                last_resort: false
            },
            SuiteStock {
                suite: Suite::XWing,
                remaining: 2,
                last_resort: true
            },
        ]
    );
    let stranger = backend
        .accounts()
        .publish_key_packages(BOB.device(1), vec![one_time(1)], NOW)
        .await;
    assert!(matches!(stranger, Err(PublishKeyPackagesError::DeviceNotFound)));
}

pub(crate) async fn key_packages_are_claimed_oldest_first_then_the_last_resort<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    assert_eq!(claims(&backend).await, None);
    publishes(&backend, ALICE, vec![last_resort(1), one_time(1), one_time(2)]).await;
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("one-time 1"), 1));
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("one-time 2"), 0));
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("last resort 1"), 0));
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("last resort 1"), 0));
    publishes(&backend, ALICE, vec![last_resort(2)]).await;
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("last resort 2"), 0));
}

pub(crate) async fn the_calling_device_is_left_out<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    publishes(&backend, ALICE, vec![one_time(1)]).await;
    let accounts = backend.accounts();
    let own = accounts
        .claim_key_packages(ALICE.account(), Suite::XWing, ALICE.device(1).device)
        .await
        .unwrap();
    assert!(own.unwrap().is_empty());
    let other_suite = accounts
        .claim_key_packages(ALICE.account(), Suite::X25519, BOB.device(1).device)
        .await
        .unwrap();
    assert!(other_suite.unwrap().is_empty());
    let nobody = accounts
        .claim_key_packages(EVE.account(), Suite::XWing, BOB.device(1).device)
        .await
        .unwrap();
    assert!(nobody.is_none());
}

pub(crate) async fn a_full_stock_takes_nothing<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let most = limits::KEY_PACKAGES_PER_DEVICE;
    publishes(&backend, ALICE, (0..most - 1).map(one_time).collect()).await;
    let refused = backend
        .accounts()
        .publish_key_packages(ALICE.device(1), vec![one_time(most), one_time(most + 1)], NOW)
        .await;
    assert!(matches!(
        refused,
        Err(PublishKeyPackagesError::TooManyKeyPackages)
    ));
    let stock = backend
        .accounts()
        .key_package_stock(ALICE.device(1).device)
        .await
        .unwrap();
    assert_eq!(stock.suites[0].remaining as usize, most - 1);
}

pub(crate) async fn concurrent_claims_never_get_the_same_key_package<B: Backend>(backend: B) {
    const CLAIMS: usize = 40;
    ALICE.registers(&backend).await;
    publishes(&backend, ALICE, (0..CLAIMS).map(one_time).collect()).await;
    let claims = (0..CLAIMS).map(|_| {
        let accounts = backend.accounts().clone();
        tokio::spawn(async move {
            let nobody = DeviceId::from_bytes([0; 16]);
            accounts
                .claim_key_packages(ALICE.account(), Suite::XWing, nobody)
                .await
                .unwrap()
                .unwrap()
                .remove(0)
        })
    });
    let mut claimed = HashSet::new();
    for claim in claims.collect::<Vec<_>>() {
        assert!(claimed.insert(claim.await.unwrap().key_package));
    }
    assert_eq!(claimed.len(), CLAIMS);
}
