//! The contract of [`crate::store::AdminStore`], [`crate::store::RoleStore`] and [`crate::store::BanStore`]: who may do what, and that
//! it is written down.

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountStore, Actor, AdminStore, BanStore, DeleteAccountError, NewAct, NewChange, PerformError, ReadActs,
    RefreshTokenHashes, RoleStore, Rotation, SessionId, SessionStore,
};
use sotto_protocol::rest::admin::{AdminAct, AdminChange};
use sotto_protocol::{Ban, Permission, RoleName, Timestamp, limits};

pub(crate) fn role(name: &str) -> RoleName {
    name.parse().unwrap()
}

/// Has something done, for the reason "because".
pub(crate) async fn act<B: Backend>(
    backend: &B,
    by: Actor,
    change: NewChange,
) -> Result<Option<AdminAct>, PerformError> {
    let act = NewAct {
        by,
        at: NOW,
        change,
        reason: "because".to_owned(),
    };
    backend.accounts().perform(act).await
}

/// Gives somebody a role from the command line.
pub(crate) async fn has_role<B: Backend>(backend: &B, who: Person, name: &str) {
    act(backend, Actor::CommandLine, sets(who, name)).await.unwrap();
}

pub(crate) fn by(who: Person) -> Actor {
    Actor::Account(who.account())
}

fn sets(who: Person, name: &str) -> NewChange {
    NewChange::SetRole {
        account: who.account(),
        role: role(name),
    }
}

pub(crate) fn bans(who: Person, until: Option<Timestamp>) -> NewChange {
    NewChange::Ban {
        account: who.account(),
        until,
    }
}

fn puts(name: &str, permissions: &[Permission]) -> NewChange {
    NewChange::PutRole {
        role: role(name),
        permissions: permissions.iter().copied().collect(),
    }
}

/// Whether something was refused for the right reason.
type Expected = fn(&PerformError) -> bool;

async fn role_of<B: Backend>(backend: &B, who: Person) -> RoleName {
    let role = backend.accounts().role_of(who.account()).await.unwrap();
    role.unwrap().role
}

async fn all_acts<B: Backend>(backend: &B) -> Vec<AdminAct> {
    let page = ReadActs {
        limit: u16::MAX,
        ..ReadActs::default()
    };
    backend.accounts().acts(page).await.unwrap()
}

pub(crate) async fn every_account_is_a_member_until_it_is_given_another_role<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    assert_eq!(accounts.role_of(EVE.account()).await.unwrap(), None);
    assert_eq!(role_of(&backend, ALICE).await, RoleName::member());
    has_role(&backend, ALICE, "administrator").await;
    act(&backend, by(ALICE), sets(BOB, "moderator")).await.unwrap();
    let backend = backend.reopen().await;
    let bob = backend.accounts().role_of(BOB.account()).await.unwrap().unwrap();
    assert_eq!(bob.role, role("moderator"));
    assert!(bob.permissions.contains(Permission::BanAccounts));
    assert!(!bob.permissions.contains(Permission::ManageRoles));
    let roles = backend.accounts().roles().await.unwrap();
    let shown: Vec<_> = roles
        .iter()
        .map(|role| (role.role.as_str(), role.is_built_in, role.accounts))
        .collect();
    assert_eq!(
        shown,
        [
            ("administrator", true, Some(1)),
            ("member", true, None),
            ("moderator", true, Some(1))
        ]
    );
    act(&backend, by(ALICE), sets(BOB, "member")).await.unwrap();
    assert_eq!(role_of(&backend, BOB).await, RoleName::member());
}

pub(crate) async fn what_is_done_is_written_down_and_what_is_so_already_is_not<B: Backend>(backend: B) {
    for who in [ALICE, BOB] {
        who.registers(&backend).await;
    }
    has_role(&backend, ALICE, "administrator").await;
    let until = Some(NOW.plus_millis(5));
    let banned = act(&backend, by(ALICE), bans(BOB, until)).await.unwrap().unwrap();
    assert_eq!(banned.by, Some(ALICE.named()));
    assert_eq!((banned.at, &*banned.reason), (NOW, "because"));
    let subject = BOB.named();
    assert_eq!(banned.change, AdminChange::Banned { subject, until });
    let unban = NewChange::Unban {
        account: BOB.account(),
    };
    assert!(act(&backend, by(ALICE), unban.clone()).await.unwrap().is_some());
    let as_it_is = puts("member", &[Permission::CreateCommunities]);
    for nothing in [unban, sets(BOB, "member"), as_it_is] {
        assert_eq!(act(&backend, by(ALICE), nothing).await.unwrap(), None);
    }
    let acts = all_acts(&backend).await;
    assert_eq!(acts.len(), 3);
    assert!(acts.is_sorted_by(|later, earlier| later.act > earlier.act));
    assert_eq!(acts[1], banned);
    assert_eq!(acts[2].by, None);
    let accounts = backend.accounts();
    assert_eq!(accounts.last_act().await.unwrap(), acts[0].act);
    let after = accounts.acts_after(acts[2].act, 1).await.unwrap();
    assert_eq!(after, acts[1..2]);
    assert_eq!(accounts.acts_after(acts[0].act, 9).await.unwrap(), []);
    for (account, limit, before, expected) in [
        (None, 2, None, &acts[..2]),
        (None, 2, Some(acts[1].act), &acts[2..]),
        (Some(BOB.account()), 9, None, &acts[..2]),
        (Some(ALICE.account()), 9, None, &acts[..]),
        (Some(EVE.account()), 9, None, &[]),
    ] {
        let page = ReadActs {
            account,
            before,
            limit,
        };
        assert_eq!(accounts.acts(page).await.unwrap(), expected);
    }
}

pub(crate) async fn what_is_refused_is_neither_done_nor_written_down<B: Backend>(backend: B) {
    for who in [ALICE, BOB, EVE] {
        who.registers(&backend).await;
    }
    has_role(&backend, ALICE, "administrator").await;
    has_role(&backend, BOB, "moderator").await;
    let before = all_acts(&backend).await;
    let account = EVE.account();
    let role_of_bob = role("moderator");
    let forbidden: Expected = |error| matches!(error, PerformError::Forbidden);
    let exceeded: Expected = |error| matches!(error, PerformError::Exceeded);
    for (actor, change, expected) in [
        (EVE, bans(BOB, None), forbidden),
        (EVE, sets(EVE, "administrator"), forbidden),
        (EVE, puts("own", &[]), forbidden),
        (BOB, sets(EVE, "member"), forbidden),
        (BOB, bans(ALICE, None), exceeded),
        // The command line alone deletes other people's accounts.
        (ALICE, NewChange::DeleteAccount { account }, forbidden),
        (Person(9), bans(EVE, None), forbidden),
        (ALICE, bans(Person(9), None), |error| {
            matches!(error, PerformError::UserNotFound)
        }),
        (ALICE, sets(EVE, "nobody"), |error| {
            matches!(error, PerformError::RoleNotFound)
        }),
        (ALICE, NewChange::DeleteRole { role: role_of_bob }, |error| {
            matches!(error, PerformError::RoleFixed)
        }),
        (ALICE, puts("administrator", &[]), |error| {
            matches!(error, PerformError::RoleFixed)
        }),
        (ALICE, puts("second", &[Permission::Administer]), |error| {
            matches!(error, PerformError::RoleFixed)
        }),
    ] {
        let refused = act(&backend, by(actor), change.clone()).await.unwrap_err();
        assert!(expected(&refused), "{change:?}: {refused:?}");
    }
    assert_eq!(all_acts(&backend).await, before);
    assert_eq!(backend.accounts().ban_of(BOB.account(), NOW).await.unwrap(), None);
}

pub(crate) async fn nobody_gives_or_takes_what_they_may_not_do<B: Backend>(backend: B) {
    for who in [ALICE, BOB, EVE] {
        who.registers(&backend).await;
    }
    let steward = [
        Permission::ManageRoles,
        Permission::BanAccounts,
        Permission::WriteNews,
    ];
    act(&backend, Actor::CommandLine, puts("steward", &steward))
        .await
        .unwrap();
    has_role(&backend, ALICE, "administrator").await;
    has_role(&backend, BOB, "steward").await;
    for change in [
        sets(EVE, "moderator"),
        sets(EVE, "administrator"),
        sets(ALICE, "member"),
        bans(ALICE, None),
        puts("moderator", &[]),
        puts("new", &[Permission::ReadAuditLog]),
    ] {
        let refused = act(&backend, by(BOB), change.clone()).await;
        assert!(matches!(refused, Err(PerformError::Exceeded)), "{change:?}");
    }
    for change in [
        puts("herald", &[Permission::WriteNews]),
        sets(EVE, "herald"),
        puts("herald", &[]),
        sets(EVE, "steward"),
        bans(EVE, None),
    ] {
        let done = act(&backend, by(BOB), change.clone()).await.unwrap();
        assert!(done.is_some(), "{change:?}");
    }
    // Whoever is banned does nothing more, though a request of theirs may be on its way.
    let refused = act(&backend, by(EVE), sets(BOB, "member")).await;
    assert!(matches!(refused, Err(PerformError::Forbidden)));
}

pub(crate) async fn the_last_administrator_stays<B: Backend>(backend: B) {
    for who in [ALICE, BOB] {
        who.registers(&backend).await;
        has_role(&backend, who, "administrator").await;
    }
    let accounts = backend.accounts();
    act(&backend, by(ALICE), bans(BOB, Some(NOW.plus_millis(1))))
        .await
        .unwrap();
    let is_last = |done| matches!(done, Err(PerformError::LastAdministrator));
    assert!(is_last(act(&backend, by(ALICE), sets(ALICE, "member")).await));
    assert!(is_last(act(&backend, by(ALICE), bans(ALICE, None)).await));
    let deleted = accounts.delete_account(ALICE.account(), NOW).await;
    assert!(matches!(deleted, Err(DeleteAccountError::LastAdministrator)));
    // Bob administers again when his ban is over.
    let later = NOW.plus_millis(1);
    assert!(accounts.delete_account(ALICE.account(), later).await.unwrap());
    let unban = NewChange::Unban {
        account: BOB.account(),
    };
    act(&backend, Actor::CommandLine, unban).await.unwrap();
    assert!(is_last(act(&backend, by(BOB), sets(BOB, "member")).await));
    has_role(&backend, BOB, "member").await;
    assert_eq!(role_of(&backend, BOB).await, RoleName::member());
}

pub(crate) async fn of_administrators_who_leave_at_once_one_stays<B: Backend>(backend: B) {
    for who in [ALICE, BOB] {
        who.registers(&backend).await;
        has_role(&backend, who, "administrator").await;
    }
    let accounts = backend.accounts();
    let (one, other) = futures_util::join!(
        accounts.delete_account(ALICE.account(), NOW),
        act(&backend, by(BOB), sets(BOB, "member")),
    );
    assert_ne!(one.is_ok(), other.is_ok(), "{one:?}, {other:?}");
}

pub(crate) async fn a_ban_holds_for_sessions_until_it_ends_or_is_lifted<B: Backend>(backend: B) {
    for who in [ALICE, BOB] {
        who.registers(&backend).await;
    }
    let accounts = backend.accounts();
    let (until, later) = (NOW.plus_millis(10), NOW.plus_millis(100));
    act(&backend, Actor::CommandLine, bans(BOB, Some(until)))
        .await
        .unwrap();
    let ban = Ban {
        reason: "because".to_owned(),
        until: Some(until),
    };
    let of = async |who: Person, now| accounts.ban_of(who.account(), now).await.unwrap();
    assert_eq!(of(BOB, NOW).await, Some(ban.clone()));
    assert_eq!(of(ALICE, NOW).await, None);
    assert_eq!(of(BOB, until).await, None);
    // A session stays, and its token, which is not used up by being refused.
    let token = RefreshTokenHashes {
        secret: secret(0),
        ..session(BOB.0).refresh
    };
    let refresh = async |now| {
        accounts
            .rotate_refresh_token(token, secret(1), now, later)
            .await
            .unwrap()
    };
    assert_eq!(refresh(NOW).await, Rotation::Banned(ban));
    assert!(
        accounts
            .session(SessionId([BOB.0; 16]), NOW)
            .await
            .unwrap()
            .is_some()
    );
    assert!(matches!(refresh(until).await, Rotation::Rotated(_)));
    // Another ban takes the place of the first; one that is over is forgotten.
    act(&backend, Actor::CommandLine, bans(BOB, None)).await.unwrap();
    accounts.purge_bans(later).await.unwrap();
    assert_eq!(of(BOB, later).await.unwrap().until, None);
    let unban = NewChange::Unban {
        account: BOB.account(),
    };
    act(&backend, Actor::CommandLine, unban).await.unwrap();
    assert_eq!(of(BOB, NOW).await, None);
}

pub(crate) async fn a_role_is_deleted_when_nobody_has_it<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let of_line = Actor::CommandLine;
    act(&backend, of_line, puts("herald", &[Permission::WriteNews]))
        .await
        .unwrap();
    has_role(&backend, ALICE, "herald").await;
    let delete = NewChange::DeleteRole { role: role("herald") };
    let refused = act(&backend, of_line, delete.clone()).await;
    assert!(matches!(refused, Err(PerformError::RoleInUse)));
    has_role(&backend, ALICE, "member").await;
    let deleted = act(&backend, of_line, delete.clone()).await.unwrap().unwrap();
    let permissions = [Permission::WriteNews].into_iter().collect();
    assert_eq!(
        deleted.change,
        AdminChange::RoleDeleted {
            role: role("herald"),
            permissions
        }
    );
    let refused = act(&backend, of_line, delete).await;
    assert!(matches!(refused, Err(PerformError::RoleNotFound)));
    for number in 3..limits::ROLES {
        act(&backend, of_line, puts(&format!("r{number}"), &[]))
            .await
            .unwrap();
    }
    let refused = act(&backend, of_line, puts("one-more", &[])).await;
    assert!(matches!(refused, Err(PerformError::TooManyRoles)));
}

pub(crate) async fn what_was_done_to_a_deleted_account_stays_written_down<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    has_role(&backend, ALICE, "administrator").await;
    act(&backend, Actor::CommandLine, bans(ALICE, None))
        .await
        .unwrap();
    let delete = NewChange::DeleteAccount {
        account: ALICE.account(),
    };
    act(&backend, Actor::CommandLine, delete.clone()).await.unwrap();
    let accounts = backend.accounts();
    assert_eq!(accounts.account(ALICE.account()).await.unwrap(), None);
    assert!(!accounts.is_name_free(&ALICE.name()).await.unwrap());
    let acts = all_acts(&backend).await;
    assert_eq!(acts.len(), 3);
    for act in acts {
        assert_eq!(act.change.subject(), Some(&ALICE.named()));
    }
    let again = act(&backend, Actor::CommandLine, delete).await;
    assert!(matches!(again, Err(PerformError::UserNotFound)));
}
