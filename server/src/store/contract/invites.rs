//! The contract of [`crate::store::InviteStore`], and of the accounts that are created with an invite.

use super::Backend;
use super::administration::{by, has_role};
use super::fixture::*;
use crate::store::{
    AccountStore, Actor, AdminStore, CreateAccountError, InviteHash, InviteStore, NewAccount, NewAct,
    NewChange, NewInvite, PerformError, RoleStore,
};
use sotto_protocol::rest::admin::{AdminAct, Invite};
use sotto_protocol::{InviteId, Permission, Timestamp};

/// How long invites are good here, in milliseconds.
const LIFETIME: u64 = 1000;

fn hash(number: u8) -> InviteHash {
    InviteHash([number; 32])
}

/// An invite by a number.
fn invite(number: u8, uses: u32) -> NewInvite {
    NewInvite {
        invite: InviteId::from_bytes([number; 16]),
        hash: hash(number),
        uses,
        note: format!("for {number}"),
        expires_at: NOW.plus_millis(LIFETIME),
    }
}

/// Does something with invites, at a time.
async fn act<B: Backend>(
    backend: &B,
    by: Actor,
    change: NewChange,
    at: Timestamp,
) -> Result<Option<AdminAct>, PerformError> {
    let act = NewAct {
        by,
        at,
        change,
        reason: String::new(),
    };
    backend.accounts().perform(act).await
}

/// An invite by a number, made from the command line.
async fn made<B: Backend>(backend: &B, number: u8, uses: u32) {
    let change = NewChange::CreateInvite(invite(number, uses));
    act(backend, Actor::CommandLine, change, NOW).await.unwrap();
}

/// How an invite is shown of which no use was taken.
fn shown(invite: NewInvite, made_by: Option<Person>, made_at: Timestamp) -> Invite {
    Invite {
        invite: invite.invite,
        uses_left: invite.uses,
        note: invite.note,
        made_at,
        expires_at: invite.expires_at,
        made_by: made_by.map(Person::account),
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
    ALICE.registers(&backend).await;
    has_role(&backend, ALICE, "moderator").await;
    assert_eq!(backend.accounts().invites().await.unwrap(), []);
    made(&backend, 1, 3).await;
    let later = NOW.plus_millis(1);
    let create = NewChange::CreateInvite(invite(2, u32::MAX));
    act(&backend, by(ALICE), create, later).await.unwrap();
    let backend = backend.reopen().await;
    let listed = backend.accounts().invites().await.unwrap();
    let of_alice = shown(invite(2, u32::MAX), Some(ALICE), later);
    assert_eq!(listed, [of_alice, shown(invite(1, 3), None, NOW)]);
}

pub(crate) async fn only_who_may_makes_and_ends_invites<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    made(&backend, 1, 1).await;
    let (of_one, of_two) = (InviteId::from_bytes([1; 16]), InviteId::from_bytes([2; 16]));
    for change in [
        NewChange::CreateInvite(invite(2, 1)),
        NewChange::RevokeInvite { invite: of_one },
        NewChange::RevokeInvite { invite: of_two },
    ] {
        let refused = act(&backend, by(ALICE), change, NOW).await;
        assert!(matches!(refused, Err(PerformError::Forbidden)));
    }
    let role = backend
        .accounts()
        .role_of(ALICE.account())
        .await
        .unwrap()
        .unwrap();
    assert!(!role.permissions.contains(Permission::ManageInvites));
    assert_eq!(uses_left(&backend).await, [1]);
}

pub(crate) async fn an_invite_makes_as_many_accounts_as_it_has_uses<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    made(&backend, 1, 2).await;
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
    made(&backend, 1, 1).await;
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
    made(&backend, 1, 1).await;
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
        made(&backend, number, 1).await;
    }
    let revoked = InviteId::from_bytes([2; 16]);
    let revoke = NewChange::RevokeInvite { invite: revoked };
    let done = act(&backend, Actor::CommandLine, revoke.clone(), NOW).await;
    assert!(done.unwrap().is_some());
    let again = act(&backend, Actor::CommandLine, revoke, NOW).await;
    assert!(matches!(again, Err(PerformError::InviteNotFound)));
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
    made(&backend, 1, 1).await;
    accounts
        .purge_invites(NOW.plus_millis(LIFETIME - 1))
        .await
        .unwrap();
    assert_eq!(uses_left(&backend).await, [1]);
    accounts.purge_invites(NOW.plus_millis(LIFETIME)).await.unwrap();
    assert!(uses_left(&backend).await.is_empty());
}
