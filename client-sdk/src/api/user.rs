//! `/v1/user/…`

use super::{Api, ApiError, NO_BODY, escaped};
use crate::platform::{Method, Platform};
use core::fmt::Write as _;
use sotto_protocol::rest::user::{CreateUser, User, UserCreated, UsersFound};
use sotto_protocol::{AccountId, AccountName};

impl<P: Platform> Api<P> {
    /// `PUT /v1/user/{name}`
    pub(crate) async fn create_user(
        &self,
        name: &AccountName,
        body: &CreateUser,
    ) -> Result<UserCreated, ApiError> {
        self.call_with(Method::Put, format!("/v1/user/{name}"), None, Some(body))
            .await
    }

    /// `GET /v1/user/{name}`
    pub(crate) async fn user(&self, name: &AccountName) -> Result<User, ApiError> {
        let user: User = self
            .call(Method::Get, format!("/v1/user/{name}"), NO_BODY)
            .await?;
        if user.name == *name {
            Ok(user)
        } else {
            Err(ApiError::Unreadable { status: 200 })
        }
    }

    /// `GET /v1/user/by-id/{account}`
    pub(crate) async fn user_by_id(&self, account: AccountId) -> Result<User, ApiError> {
        let user: User = self
            .call(Method::Get, format!("/v1/user/by-id/{account}"), NO_BODY)
            .await?;
        if user.account == account {
            Ok(user)
        } else {
            Err(ApiError::Unreadable { status: 200 })
        }
    }

    /// `GET /v1/user/by-id/{account}` without a session: profiles are public.
    pub(crate) async fn profile(&self, account: AccountId) -> Result<User, ApiError> {
        let path = format!("/v1/user/by-id/{account}");
        self.call_with(Method::Get, path, None, NO_BODY).await
    }

    /// `GET /v1/user?q=…&after=…`
    pub(crate) async fn search_users(
        &self,
        query: &str,
        after: Option<&str>,
    ) -> Result<UsersFound, ApiError> {
        let mut path = format!("/v1/user?q={}", escaped(query));
        if let Some(after) = after {
            // Writing to a string has no error to return.
            let _ = write!(path, "&after={}", escaped(after));
        }
        self.call(Method::Get, path, NO_BODY).await
    }
}
