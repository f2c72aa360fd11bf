//! `/v1/notification/…`

use super::{Api, ApiError, NO_BODY};
use crate::platform::{Method, Platform};
use sotto_protocol::rest::notification::{NotificationKey, PutSubscription, Subscription};

const SUBSCRIPTION: &str = "/v1/notification/subscription";

impl<P: Platform> Api<P> {
    /// `GET /v1/notification/key`
    pub(crate) async fn notification_key(&self) -> Result<NotificationKey, ApiError> {
        self.call(Method::Get, "/v1/notification/key".to_owned(), NO_BODY)
            .await
    }

    /// `GET /v1/notification/subscription`
    pub(crate) async fn subscription(&self) -> Result<Subscription, ApiError> {
        self.call(Method::Get, SUBSCRIPTION.to_owned(), NO_BODY).await
    }

    /// `PUT /v1/notification/subscription`
    pub(crate) async fn subscribe(&self, body: &PutSubscription) -> Result<(), ApiError> {
        self.call(Method::Put, SUBSCRIPTION.to_owned(), Some(body)).await
    }

    /// `DELETE /v1/notification/subscription`
    pub(crate) async fn unsubscribe(&self) -> Result<(), ApiError> {
        self.call(Method::Delete, SUBSCRIPTION.to_owned(), NO_BODY).await
    }
}
