//! The contract of [`crate::store::SessionStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{
    DeviceStore, NewDevice, RefreshTokenHashes, Rotation, SessionId, SessionStore, TokenHash,
};
use sotto_protocol::Timestamp;

const LATER: Timestamp = NOW.plus_millis(1_000_000);

/// Alice's refresh token with this secret.
fn token(number: u8) -> RefreshTokenHashes {
    RefreshTokenHashes {
        family: session(ALICE.0).refresh.family,
        secret: secret(number),
    }
}

async fn refreshes<B: Backend>(backend: &B, presented: u8, successor: u8) -> Rotation {
    backend
        .accounts()
        .rotate_refresh_token(token(presented), secret(successor), NOW, LATER)
        .await
        .unwrap()
}

async fn is_alive<B: Backend>(backend: &B) -> bool {
    backend
        .accounts()
        .session(SessionId([ALICE.0; 16]), NOW)
        .await
        .unwrap()
        .is_some()
}

pub(crate) async fn a_session_lasts_until_it_expires_or_is_ended<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    let expires_at = session(1).expires_at;
    let id = SessionId([1; 16]);
    let alive = accounts
        .session(id, Timestamp(expires_at.0 - 1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(alive.device, ALICE.device(1));
    assert_eq!(accounts.session(id, expires_at).await.unwrap(), None);
    assert!(accounts.end_session(id).await.unwrap());
    assert!(!accounts.end_session(id).await.unwrap());
    assert_eq!(accounts.session(id, NOW).await.unwrap(), None);
}

pub(crate) async fn all_sessions_of_an_account_end_at_once_and_those_of_others_do_not<B: Backend>(
    backend: B,
) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    let phone = NewDevice {
        address: ALICE.device(2),
        device_key: ALICE.device_key(2),
        device_list: Some(ALICE.device_list(2, &[1, 2])),
        name: None,
        session: session(3),
        at: NOW,
    };
    accounts.enrol_device(phone).await.unwrap();
    accounts.end_sessions_of(ALICE.account()).await.unwrap();
    for (number, is_alive) in [(1, false), (3, false), (2, true)] {
        let session = accounts.session(SessionId([number; 16]), NOW).await.unwrap();
        assert_eq!(session.is_some(), is_alive, "session {number}");
    }
}

pub(crate) async fn a_new_session_of_a_device_ends_the_one_before<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let returns = NewDevice {
        address: ALICE.device(1),
        device_key: ALICE.device_key(1),
        device_list: None,
        name: None,
        session: session(77),
        at: NOW,
    };
    backend.accounts().enrol_device(returns).await.unwrap();
    assert!(!is_alive(&backend).await);
    assert_eq!(refreshes(&backend, 0, 1).await, Rotation::Unknown);
}

pub(crate) async fn a_refresh_token_is_replaced_by_its_successor<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    for number in 0..5 {
        let Rotation::Rotated(session) = refreshes(&backend, number, number + 1).await else {
            panic!("token {number} was not taken");
        };
        assert_eq!((session.device, session.expires_at), (ALICE.device(1), LATER));
    }
    let stranger = RefreshTokenHashes {
        family: TokenHash([99; 32]),
        ..token(5)
    };
    let unknown = backend
        .accounts()
        .rotate_refresh_token(stranger, secret(6), NOW, LATER)
        .await
        .unwrap();
    assert_eq!(unknown, Rotation::Unknown);
    let expired = backend
        .accounts()
        .rotate_refresh_token(token(5), secret(6), LATER, LATER)
        .await
        .unwrap();
    assert_eq!(expired, Rotation::Unknown);
}

pub(crate) async fn a_token_whose_successor_was_lost_is_taken_again<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    for lost in 1..4 {
        assert!(matches!(refreshes(&backend, 0, lost).await, Rotation::Rotated(_)));
    }
    assert!(matches!(refreshes(&backend, 3, 4).await, Rotation::Rotated(_)));
}

pub(crate) async fn a_token_that_comes_again_after_its_successor_was_used_ends_the_session<B: Backend>(
    backend: B,
) {
    ALICE.registers(&backend).await;
    refreshes(&backend, 0, 1).await;
    refreshes(&backend, 1, 2).await;
    let Rotation::Reused(session) = refreshes(&backend, 0, 3).await else {
        panic!("a reuse was not seen");
    };
    assert_eq!(session.device, ALICE.device(1));
    assert!(!is_alive(&backend).await);
    assert_eq!(refreshes(&backend, 2, 4).await, Rotation::Unknown);
}

pub(crate) async fn a_token_that_a_lost_answer_carried_ends_the_session_once_it_was_replaced<B: Backend>(
    backend: B,
) {
    ALICE.registers(&backend).await;
    refreshes(&backend, 0, 1).await;
    refreshes(&backend, 0, 2).await;
    assert!(matches!(refreshes(&backend, 1, 3).await, Rotation::Reused(_)));
    assert!(!is_alive(&backend).await);
}

pub(crate) async fn a_login_is_spent_once_until_it_is_purged<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    assert!(accounts.spend_login([7; 16], LATER).await.unwrap());
    assert!(!accounts.spend_login([7; 16], LATER).await.unwrap());
    assert!(accounts.spend_login([8; 16], LATER).await.unwrap());
    accounts.purge_expired_sessions(NOW).await.unwrap();
    assert!(!accounts.spend_login([7; 16], LATER).await.unwrap());
    assert!(is_alive(&backend).await);
    accounts
        .purge_expired_sessions(session(1).expires_at)
        .await
        .unwrap();
    assert!(accounts.spend_login([7; 16], LATER).await.unwrap());
    assert!(!is_alive(&backend).await);
}
