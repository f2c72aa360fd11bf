//! Roles: what accounts may beside what everyone may. They are changed by [`super::AdminStore::perform`].

use super::StoreError;
use sotto_protocol::AccountId;
use sotto_protocol::rest::admin::Role;
use sotto_protocol::rest::role::OwnRole;

/// Roles.
pub trait RoleStore: Send + Sync + 'static {
    /// The account's role and what that permits; `None` if there is no such account.
    fn role_of(&self, account: AccountId)
    -> impl Future<Output = Result<Option<OwnRole>, StoreError>> + Send;

    /// All roles, in the order of their names.
    fn roles(&self) -> impl Future<Output = Result<Vec<Role>, StoreError>> + Send;
}
