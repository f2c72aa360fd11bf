//! The contract of [`crate::store::KeyPackageStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountPair, BlockStore, ChatIndex, Claim, KeyPackageStore, NewKeyPackage, PublishKeyPackagesError,
    ReservedFor,
};
use bytes::Bytes;
use sotto_protocol::rest::key_package::SuiteStock;
use sotto_protocol::{Suite, limits};
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

/// Bob's claim of Alice's KeyPackages.
const CLAIM: fn() -> Claim = || Claim {
    account: ALICE.account(),
    suite: Suite::XWing,
    by: BOB.device(1),
    is_crowded: false,
    at: NOW,
};

/// What a claim gets of Alice's device, and what remains.
async fn claims_as<B: Backend>(backend: &B, claim: Claim) -> Option<(Bytes, u32)> {
    let claimed = backend.accounts().claim_key_packages(claim).await;
    let taken = claimed.unwrap().unwrap().pop();
    taken.map(|taken| (taken.key_package, taken.remaining))
}

/// What Bob gets of Alice's device, and what remains.
async fn claims<B: Backend>(backend: &B) -> Option<(Bytes, u32)> {
    claims_as(backend, CLAIM()).await
}

/// `who` begins a direct chat with another.
async fn begins_chat<B: Backend>(backend: &B, who: Person, with: Person) {
    let pair = AccountPair::new(who.account(), with.account());
    let accounts = backend.accounts();
    accounts
        .reserve(ReservedFor::Pair(pair), chat(who.0), who.device(1), 1, NOW)
        .await
        .unwrap();
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
        .key_package_stock(ALICE.device(1).device, NOW)
        .await
        .unwrap();
    stock.suites.sort_by_key(|stock| stock.suite.code_point());
    assert_eq!(
        stock.suites,
        [
            SuiteStock {
                suite: Suite::X25519,
                remaining: 1,
                last_resort: false,
                last_resort_used: false
            },
            SuiteStock {
                suite: Suite::XWing,
                remaining: 2,
                last_resort: true,
                last_resort_used: false
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
    BOB.registers(&backend).await;
    begins_chat(&backend, ALICE, BOB).await;
    assert_eq!(claims(&backend).await, None);
    publishes(&backend, ALICE, vec![last_resort(1), one_time(1), one_time(2)]).await;
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("one-time 1"), 1));
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("one-time 2"), 0));
    let device = ALICE.device(1).device;
    let stock = backend.accounts().key_package_stock(device, NOW).await.unwrap();
    assert!(!stock.suites[0].last_resort_used);
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("last resort 1"), 0));
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("last resort 1"), 0));
    let stock = backend.accounts().key_package_stock(device, NOW).await.unwrap();
    assert!(stock.suites[0].last_resort_used);
    publishes(&backend, ALICE, vec![last_resort(2)]).await;
    let stock = backend.accounts().key_package_stock(device, NOW).await.unwrap();
    assert!(!stock.suites[0].last_resort_used);
    assert_eq!(claims(&backend).await.unwrap(), (Bytes::from("last resort 2"), 0));
}

pub(crate) async fn strangers_leave_some_of_the_stock_alone<B: Backend>(backend: B) {
    for person in [ALICE, BOB, EVE] {
        person.registers(&backend).await;
    }
    // That Eve has begun a chat makes her no less a stranger.
    begins_chat(&backend, ALICE, BOB).await;
    begins_chat(&backend, EVE, ALICE).await;
    let most = limits::KEY_PACKAGES_RESERVED as usize + 3;
    let mut published: Vec<_> = (0..most).map(one_time).collect();
    published.push(last_resort(1));
    publishes(&backend, ALICE, published).await;
    let by_eve = Claim {
        by: EVE.device(1),
        ..CLAIM()
    };
    let last = (Bytes::from("last resort 1"), limits::KEY_PACKAGES_RESERVED);
    for left in (limits::KEY_PACKAGES_RESERVED..)
        .take(3)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        assert_eq!(claims_as(&backend, by_eve).await.unwrap().1, left);
    }
    for _ in 0..20 {
        assert_eq!(claims_as(&backend, by_eve).await.unwrap(), last);
    }
    // Bob, with whom Alice has begun a chat, and a device of hers are no strangers.
    assert_eq!(claims(&backend).await.unwrap().0, Bytes::from("one-time 3"));
    let own = Claim {
        by: ALICE.device(2),
        ..CLAIM()
    };
    assert_eq!(
        claims_as(&backend, own).await.unwrap().0,
        Bytes::from("one-time 4")
    );
}

pub(crate) async fn a_crowd_of_strangers_gets_the_last_resort<B: Backend>(backend: B) {
    for person in [ALICE, BOB, EVE] {
        person.registers(&backend).await;
    }
    begins_chat(&backend, ALICE, BOB).await;
    let most = limits::KEY_PACKAGES_RESERVED as usize + 3;
    publishes(&backend, ALICE, (0..most).map(one_time).collect()).await;
    let crowded = |by: Person| Claim {
        by: by.device(1),
        is_crowded: true,
        ..CLAIM()
    };
    // Of a device without a last resort they get what there is.
    assert_eq!(
        claims_as(&backend, crowded(EVE)).await.unwrap().0,
        Bytes::from("one-time 0")
    );
    publishes(&backend, ALICE, vec![last_resort(1)]).await;
    let taken = claims_as(&backend, crowded(EVE)).await.unwrap();
    assert_eq!(taken.0, Bytes::from("last resort 1"));
    assert_eq!(
        claims_as(&backend, crowded(BOB)).await.unwrap().0,
        Bytes::from("one-time 1")
    );
}

pub(crate) async fn whoever_is_blocked_finds_no_key_package<B: Backend>(backend: B) {
    for person in [ALICE, BOB, EVE] {
        person.registers(&backend).await;
    }
    publishes(&backend, ALICE, (0..3).map(one_time).collect()).await;
    let accounts = backend.accounts();
    accounts.block(ALICE.account(), BOB.account(), NOW).await.unwrap();
    assert_eq!(claims(&backend).await, None);
    let by_eve = Claim {
        by: EVE.device(1),
        ..CLAIM()
    };
    assert_eq!(claims_as(&backend, by_eve).await.unwrap().1, 2);
    accounts.unblock(ALICE.account(), BOB.account()).await.unwrap();
    assert_eq!(claims(&backend).await.unwrap().1, 1);
}

pub(crate) async fn what_is_too_old_is_neither_counted_nor_handed_out<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    publishes(&backend, ALICE, vec![one_time(1), last_resort(1)]).await;
    let device = ALICE.device(1).device;
    let last_day = NOW.plus_millis(limits::KEY_PACKAGE_SHELF_MILLIS);
    let later = Claim {
        at: last_day.plus_millis(1),
        ..CLAIM()
    };
    let accounts = backend.accounts();
    let stock = accounts.key_package_stock(device, last_day).await.unwrap();
    assert_eq!(stock.suites[0].remaining, 1);
    let stock = accounts.key_package_stock(device, later.at).await.unwrap();
    assert_eq!(stock.suites, []);
    assert_eq!(claims_as(&backend, later).await, None);
    accounts
        .publish_key_packages(ALICE.device(1), vec![one_time(2)], later.at)
        .await
        .unwrap();
    assert_eq!(
        claims_as(&backend, later).await.unwrap(),
        (Bytes::from("one-time 2"), 0)
    );
    // What is still fresh by another clock stays until it is purged.
    accounts.purge_key_packages(NOW).await.unwrap();
    let stock = accounts.key_package_stock(device, NOW).await.unwrap();
    assert_eq!(stock.suites[0].remaining, 1);
    accounts.purge_key_packages(NOW.plus_millis(1)).await.unwrap();
    let stock = accounts.key_package_stock(device, NOW).await.unwrap();
    assert_eq!(stock.suites, []);
}

pub(crate) async fn the_calling_device_is_left_out<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    publishes(&backend, ALICE, vec![one_time(1)]).await;
    let own = Claim {
        by: ALICE.device(1),
        ..CLAIM()
    };
    assert_eq!(claims_as(&backend, own).await, None);
    let other_suite = Claim {
        suite: Suite::X25519,
        ..CLAIM()
    };
    assert_eq!(claims_as(&backend, other_suite).await, None);
    let of_nobody = Claim {
        account: EVE.account(),
        ..CLAIM()
    };
    let nobody = backend.accounts().claim_key_packages(of_nobody).await.unwrap();
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
        .key_package_stock(ALICE.device(1).device, NOW)
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
            accounts
                .claim_key_packages(CLAIM())
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
