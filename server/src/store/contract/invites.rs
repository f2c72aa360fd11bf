//! The contract of [`crate::store::InviteStore`], and of the accounts that are created with an invite.

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountStore, CreateAccountError, Invite, InviteHash, InviteStore, NewAccount, NewInvite,
};
use sotto_protocol::{InviteId, Timestamp};

/// How long invites are good here, in milliseconds.
const LIFETIME: u64 = 1000;

fn hash(number: u8) -> InviteHash {
    InviteHash([number; 32])
}

/// An invite by a number, of the command line.
fn invite(number: u8, uses: u32) -> NewInvite {
    NewInvite {
        invite: InviteId::from_bytes([number; 16]),
        hash: hash(number),
        uses,
        note: format!("for {number}"),
        made_at: NOW.plus_millis(number.into()),
        expires_at: NOW.plus_millis(LIFETIME),
        made_by: None,
    }
}

/// How an invite is shown that has so many uses left.
fn shown(invite: NewInvite, uses_left: u32) -> Invite {
    Invite {
        invite: invite.invite,
        uses_left,
        note: invite.note,
        made_at: invite.made_at,
        expires_at: invite.expires_at,
        made_by: invite.made_by,
    }
}

/// A registration with an invite, at a time.
fn invited(person: Person, number: u8, at: Timestamp) -> NewAccount {
    NewAccount {
        invite: Some(hash(number)),
        at,
        ..person.registration()
    }
}

async fn uses_left<B: Backend>(backend: &B) -> Vec<u32> {
    let invites = backend.accounts().invites().await.unwrap();
    invites.iter().map(|invite| invite.uses_left).collect()
}

pub(crate) async fn invites_are_listed_with_the_latest_first<B: Backend>(backend: B) {
    let of_alice = NewInvite {
        made_by: Some(ALICE.account()),
        ..invite(2, u32::MAX)
    };
    let accounts = backend.accounts();
    assert_eq!(accounts.invites().await.unwrap(), []);
    accounts.create_invite(invite(1, 3)).await.unwrap();
    accounts.create_invite(of_alice.clone()).await.unwrap();
    let backend = backend.reopen().await;
    let listed = backend.accounts().invites().await.unwrap();
    assert_eq!(listed, [shown(of_alice, u32::MAX), shown(invite(1, 3), 3)]);
}

pub(crate) async fn an_invite_makes_as_many_accounts_as_it_has_uses<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    accounts.create_invite(invite(1, 2)).await.unwrap();
    for person in [ALICE, BOB] {
        accounts.create_account(invited(person, 1, NOW)).await.unwrap();
    }
    let refused = accounts.create_account(invited(EVE, 1, NOW)).await;
    assert!(matches!(refused, Err(CreateAccountError::InviteInvalid)));
    assert!(accounts.is_name_free(&EVE.name()).await.unwrap());
    assert_eq!(uses_left(&backend).await, [0]);
}

pub(crate) async fn of_many_who_race_for_one_use_one_gets_it<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    accounts.create_invite(invite(1, 1)).await.unwrap();
    let attempts = (10..26).map(|number| accounts.create_account(invited(Person(number), 1, NOW)));
    let results = futures_util::future::join_all(attempts).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.into_iter().filter_map(Result::err) {
        assert!(matches!(result, CreateAccountError::InviteInvalid), "{result:?}");
    }
    assert_eq!(uses_left(&backend).await, [0]);
}

pub(crate) async fn an_account_that_is_not_created_uses_no_invite<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    accounts.create_invite(invite(1, 1)).await.unwrap();
    let same_name = NewAccount {
        name: ALICE.name(),
        ..invited(BOB, 1, NOW)
    };
    let same_device = NewAccount {
        device: ALICE.device(1).device,
        ..invited(BOB, 1, NOW)
    };
    let refused = accounts.create_account(same_name).await;
    assert!(matches!(refused, Err(CreateAccountError::NameTaken)));
    let refused = accounts.create_account(same_device).await;
    assert!(matches!(refused, Err(CreateAccountError::DeviceTaken)));
    assert_eq!(uses_left(&backend).await, [1]);
    accounts.create_account(invited(BOB, 1, NOW)).await.unwrap();
}

pub(crate) async fn an_invite_that_is_unknown_over_or_revoked_makes_no_account<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    for number in [1, 2] {
        accounts.create_invite(invite(number, 1)).await.unwrap();
    }
    let revoked = InviteId::from_bytes([2; 16]);
    assert!(accounts.revoke_invite(revoked).await.unwrap());
    assert!(!accounts.revoke_invite(revoked).await.unwrap());
    for (number, at) in [(3, NOW), (1, NOW.plus_millis(LIFETIME)), (2, NOW)] {
        let refused = accounts.create_account(invited(ALICE, number, at)).await;
        assert!(
            matches!(refused, Err(CreateAccountError::InviteInvalid)),
            "{number}"
        );
    }
    let in_time = NOW.plus_millis(LIFETIME - 1);
    accounts.create_account(invited(ALICE, 1, in_time)).await.unwrap();
}

pub(crate) async fn invites_are_forgotten_when_their_time_is_over<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    accounts.create_invite(invite(1, 1)).await.unwrap();
    accounts
        .purge_invites(NOW.plus_millis(LIFETIME - 1))
        .await
        .unwrap();
    assert_eq!(uses_left(&backend).await, [1]);
    accounts.purge_invites(NOW.plus_millis(LIFETIME)).await.unwrap();
    assert!(uses_left(&backend).await.is_empty());
}
