//! `/v1/user/…`

use super::{Api, ApiError, NO_BODY, decode_body, escaped, exchange, json_request};
use crate::account::ProfileImage;
use crate::contacts::PeopleQuery;
use crate::platform::{Method, Platform, Request, RequestBody};
use bytes::Bytes;
use core::fmt::Write as _;
use sotto_protocol::rest::user::{CreateUser, UpdateUser, User, UserCreated, UsersFound};
use sotto_protocol::{AccountId, AccountName, PictureId};

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

    /// `GET /v1/user?q=…&near=…&within_km=…&after=…`
    pub(crate) async fn search_users(
        &self,
        query: &PeopleQuery,
        after: Option<&str>,
    ) -> Result<UsersFound, ApiError> {
        let parameters = [
            ("q", query.text.clone()),
            // Rounded already: the server is not told more than it may keep.
            ("near", query.near.map(|place| place.to_string())),
            ("within_km", query.within_km.map(|km| km.to_string())),
            ("after", after.map(str::to_owned)),
        ];
        let mut path = "/v1/user".to_owned();
        let given = parameters
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)));
        for (separator, (name, value)) in core::iter::once('?').chain(core::iter::repeat('&')).zip(given) {
            // Writing to a string has no error to return.
            let _ = write!(path, "{separator}{name}={}", escaped(value));
        }
        self.call(Method::Get, path, NO_BODY).await
    }

    /// `POST /v1/user/{name}`
    pub(crate) async fn update_user(&self, name: &AccountName, body: &UpdateUser) -> Result<User, ApiError> {
        self.call(Method::Post, format!("/v1/user/{name}"), Some(body))
            .await
    }

    /// `PUT` or, without a file, `DELETE` of `/v1/user/{name}/picture` or `/v1/user/{name}/cover`
    pub(crate) async fn set_profile_image(
        &self,
        name: &AccountName,
        image: ProfileImage,
        file: Option<Bytes>,
    ) -> Result<User, ApiError> {
        let method = if file.is_some() {
            Method::Put
        } else {
            Method::Delete
        };
        let image = match image {
            ProfileImage::Picture => "picture",
            ProfileImage::Cover => "cover",
        };
        let request = Request {
            body: file.map(RequestBody::Image),
            ..json_request(method, format!("/v1/user/{name}/{image}"), NO_BODY)?
        };
        decode_body(&self.authorised(request).await?)
    }

    /// `GET /v1/picture/{id}`
    pub(crate) async fn picture(&self, picture: PictureId) -> Result<Vec<u8>, ApiError> {
        let request = json_request(Method::Get, format!("/v1/picture/{picture}"), NO_BODY)?;
        Ok(exchange(&self.surroundings, request).await?.body)
    }
}
