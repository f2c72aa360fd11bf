//! What the engine lets everyone see without asking it.

use crate::account::Account;
use crate::contacts::Contacts;
use crate::events::ConnectionState;
use sotto_protocol::{AccountId, IdentityKey};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A view of the engine's state, never held across an await.
#[derive(Default)]
pub(crate) struct Shared {
    view: RwLock<View>,
}

#[derive(Default)]
struct View {
    account: Option<Account>,
    own_identity: Option<(AccountId, IdentityKey)>,
    contacts: Arc<Contacts>,
    connection: ConnectionState,
}

impl Shared {
    /// The account that is logged in.
    pub(crate) fn account(&self) -> Option<Account> {
        self.read().account.clone()
    }

    /// The account whose data is in the store, logged in or not, and its identity key.
    pub(crate) fn own_identity(&self) -> Option<(AccountId, IdentityKey)> {
        self.read().own_identity
    }

    /// The contacts as they are now.
    pub(crate) fn contacts(&self) -> Arc<Contacts> {
        Arc::clone(&self.read().contacts)
    }

    /// How the client stands to the server.
    pub(crate) fn connection(&self) -> ConnectionState {
        self.read().connection
    }

    /// Shows another account and other contacts.
    pub(crate) fn set(
        &self,
        account: Option<Account>,
        own_identity: Option<(AccountId, IdentityKey)>,
        contacts: Contacts,
    ) {
        let mut view = self.write();
        view.account = account;
        view.own_identity = own_identity;
        view.contacts = Arc::new(contacts);
    }

    /// Shows another connection state; `false` if it is the same.
    pub(crate) fn set_connection(&self, state: ConnectionState) -> bool {
        let mut view = self.write();
        let differs = view.connection != state;
        view.connection = state;
        differs
    }

    fn read(&self) -> RwLockReadGuard<'_, View> {
        // Nothing that holds the lock can panic half-way through a change.
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }
}
