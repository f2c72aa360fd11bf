//! `/v1/notification`: wakes devices that are not connected, by Web Push (RFC 8030, 8291, 8292). What goes through a push service
//! says nothing: that there is something new, and not of whom, in which chat or what.

use crate::{Binary, ChatId};
use serde::{Deserialize, Serialize};

/// `GET /v1/notification/key`: what a browser binds its subscription to (`applicationServerKey`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationKey {
    /// The server's public key for push services (RFC 8292): an uncompressed point of P-256. It never changes.
    pub key: Binary,
}

/// `PUT /v1/notification/subscription`: where the calling device can be woken, in place of what it said before. It ends with the
/// session, and when the push service says that it is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutSubscription {
    /// An `https` URL of at most [`crate::limits::PUSH_ENDPOINT_BYTES`], as the push service gave it.
    pub endpoint: String,
    /// The device's public key for it: an uncompressed point of P-256, 65 bytes.
    pub p256dh: Binary,
    /// The device's authentication secret for it: 16 bytes.
    pub auth: Binary,
    /// Chats for which the device is not woken: at most [`crate::limits::QUIET_CHATS`].
    #[serde(default)]
    pub quiet_chats: Vec<ChatId>,
}

/// `GET /v1/notification/subscription`: what the server knows of where the calling device can be woken. A push service that does not know
/// an address any more says so to the server alone: a device learns of it here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subscription {
    /// The address; absent if the device was never told of one in this session, or it was forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}
