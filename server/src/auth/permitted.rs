//! Who is calling, and may: what a handler takes that needs a permission. It cannot be had without the permission.

use super::Caller;
use crate::app::{App, Backend};
use crate::http::HttpProblem;
use crate::store::{Actor, RoleStore as _};
use axum::extract::FromRequestParts;
use http::request::Parts;
use sotto_protocol::{AccountId, DeviceAddress, Permission, ProblemCode};
use std::marker::PhantomData;

/// A permission as a type.
pub(crate) trait Needed: Send + Sync + 'static {
    /// Which.
    const PERMISSION: Permission;
}

macro_rules! needed {
    ($($permission:ident),+) => {$(
        #[doc = concat!("See [`Permission::", stringify!($permission), "`].")]
        pub(crate) enum $permission {}

        impl Needed for $permission {
            const PERMISSION: Permission = Permission::$permission;
        }
    )+};
}

needed!(
    CreateCommunities,
    HandleReports,
    SeeAccounts,
    BanAccounts,
    ManageInvites,
    ManageRoles,
    SeeStorage,
    ReadAuditLog,
    ManageBots,
    ManageBroadcast
);

/// A device with a session that is alive, of an account whose role permits `N` just now.
pub(crate) struct Permitted<N> {
    caller: Caller,
    permission: PhantomData<N>,
}

impl<N: Needed> Permitted<N> {
    /// Whose account it is.
    pub(crate) fn account(&self) -> AccountId {
        self.caller.address.account
    }

    /// The device that calls.
    pub(crate) fn address(&self) -> DeviceAddress {
        self.caller.address
    }

    /// Who does what this permits.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Account(self.account())
    }
}

impl<B: Backend, N: Needed> FromRequestParts<App<B>> for Permitted<N> {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App<B>) -> Result<Self, HttpProblem> {
        let caller = Caller::from_request_parts(parts, app).await?;
        // Read each time: what was taken from somebody is gone at once, on every node.
        let role = app.accounts.role_of(caller.address.account).await?;
        if role.is_some_and(|role| role.permissions.contains(N::PERMISSION)) {
            Ok(Self {
                caller,
                permission: PhantomData,
            })
        } else {
            Err(ProblemCode::Forbidden.into())
        }
    }
}
