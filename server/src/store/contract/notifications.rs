//! The contract of [`crate::store::NotificationStore`].

use super::Backend;
use super::administration::{act, bans};
use super::fixture::*;
use crate::store::{
    AccountStore as _, Actor, DeviceStore as _, NewChange, NewDevice, NewSubscription, NotificationStore,
    SessionId, SessionStore as _, Subscription, SubscriptionKeys,
};
use sotto_protocol::{DeviceAddress, Timestamp};

/// A subscription of somebody's device 1 in the session that registering gave it.
fn new(who: Person, endpoint: &str) -> NewSubscription {
    NewSubscription {
        device: who.device(1),
        session: SessionId([who.0; 16]),
        endpoint: endpoint.to_owned(),
        keys: SubscriptionKeys {
            p256dh: [who.0; 65],
            auth: [who.0 + 1; 16],
        },
        quiet_chats: vec![chat(1), chat(200)],
    }
}

fn kept(new: &NewSubscription) -> Subscription {
    Subscription {
        device: new.device,
        endpoint: new.endpoint.clone(),
        keys: new.keys,
        quiet_chats: new.quiet_chats.clone(),
    }
}

async fn puts(backend: &impl Backend, subscription: &NewSubscription) -> bool {
    let put = backend.accounts().put_subscription(subscription.clone());
    put.await.unwrap()
}

/// The endpoints of these devices.
async fn endpoints(backend: &impl Backend, devices: &[DeviceAddress], now: Timestamp) -> Vec<String> {
    let found = backend.accounts().subscriptions(devices, now).await.unwrap();
    let mut endpoints: Vec<_> = found.into_iter().map(|found| found.endpoint).collect();
    endpoints.sort();
    endpoints
}

pub(crate) async fn a_subscription_is_replaced_by_the_devices_next<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let both = [ALICE.device(1), BOB.device(1), EVE.device(1)];
    assert_eq!(endpoints(&backend, &both, NOW).await, [""; 0]);
    assert_eq!(endpoints(&backend, &[], NOW).await, [""; 0]);
    assert!(puts(&backend, &new(ALICE, "first")).await);
    assert!(puts(&backend, &new(BOB, "Bob's")).await);
    let next = NewSubscription {
        quiet_chats: Vec::new(),
        ..new(ALICE, "second")
    };
    assert!(puts(&backend, &next).await);
    let backend = backend.reopen().await;
    assert_eq!(endpoints(&backend, &both, NOW).await, ["Bob's", "second"]);
    let found = backend.accounts().subscriptions(&both[..1], NOW).await.unwrap();
    assert_eq!(found, [kept(&next)]);
    let found = backend.accounts().subscriptions(&both[1..], NOW).await.unwrap();
    assert_eq!(found, [kept(&new(BOB, "Bob's"))]);
    assert!(!puts(&backend, &new(EVE, "nobody's")).await);
    let anothers = NewSubscription {
        session: SessionId([BOB.0; 16]),
        ..new(ALICE, "in another's session")
    };
    assert!(!puts(&backend, &anothers).await);
}

pub(crate) async fn a_subscription_is_forgotten_unless_it_is_another_by_now<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    puts(&backend, &new(ALICE, "new")).await;
    puts(&backend, &new(BOB, "Bob's")).await;
    let both = [ALICE.device(1), BOB.device(1)];
    let forget = async |device, endpoint| {
        let forgotten = backend.accounts().forget_subscription(device, endpoint);
        forgotten.await.unwrap();
    };
    forget(ALICE.device(1), Some("old")).await;
    assert_eq!(endpoints(&backend, &both, NOW).await, ["Bob's", "new"]);
    forget(ALICE.device(1), Some("new")).await;
    assert_eq!(endpoints(&backend, &both, NOW).await, ["Bob's"]);
    forget(BOB.device(1), None).await;
    forget(BOB.device(1), None).await;
    assert_eq!(endpoints(&backend, &both, NOW).await, [""; 0]);
}

pub(crate) async fn a_subscription_ends_with_its_session_its_device_and_its_account<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    EVE.registers(&backend).await;
    let all = [ALICE.device(1), BOB.device(1), EVE.device(1)];
    for who in [ALICE, BOB, EVE] {
        assert!(puts(&backend, &new(who, &format!("of {}", who.0))).await);
    }
    assert_eq!(endpoints(&backend, &all, NOW).await, ["of 1", "of 2", "of 3"]);
    let accounts = backend.accounts();
    // The hour of the sessions is over, though nobody has purged them.
    let over = NOW.plus_millis(3_600_000);
    assert_eq!(endpoints(&backend, &all, over).await, [""; 0]);
    // Whoever is banned is not woken, until that is over.
    let ban = bans(BOB, Some(NOW.plus_millis(1)));
    act(&backend, Actor::CommandLine, ban).await.unwrap();
    assert_eq!(endpoints(&backend, &all, NOW).await, ["of 1", "of 3"]);
    let later = NOW.plus_millis(1);
    assert_eq!(endpoints(&backend, &all, later).await, ["of 1", "of 2", "of 3"]);
    let unban = NewChange::Unban {
        account: BOB.account(),
    };
    act(&backend, Actor::CommandLine, unban).await.unwrap();
    accounts.end_session(SessionId([ALICE.0; 16])).await.unwrap();
    assert_eq!(endpoints(&backend, &all, NOW).await, ["of 2", "of 3"]);
    accounts
        .remove_device(BOB.device(1), BOB.device_list(2, &[]), NOW)
        .await
        .unwrap();
    assert_eq!(endpoints(&backend, &all, NOW).await, ["of 3"]);
    accounts.delete_account(EVE.account(), NOW).await.unwrap();
    assert_eq!(endpoints(&backend, &all, NOW).await, [""; 0]);
    assert!(!puts(&backend, &new(ALICE, "too late")).await);
}

pub(crate) async fn a_new_login_of_the_device_has_no_subscription_yet<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    assert!(puts(&backend, &new(ALICE, "of the old session")).await);
    let device = NewDevice {
        address: ALICE.device(1),
        device_key: ALICE.device_key(1),
        device_list: None,
        name: None,
        session: session(9),
        at: NOW,
    };
    backend.accounts().enrol_device(device).await.unwrap();
    assert_eq!(endpoints(&backend, &[ALICE.device(1)], NOW).await, [""; 0]);
    assert!(!puts(&backend, &new(ALICE, "of the old session")).await);
    let next = NewSubscription {
        session: SessionId([9; 16]),
        ..new(ALICE, "of the new one")
    };
    assert!(puts(&backend, &next).await);
    assert_eq!(
        endpoints(&backend, &[ALICE.device(1)], NOW).await,
        ["of the new one"]
    );
}
