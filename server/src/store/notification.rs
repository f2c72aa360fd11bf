//! Where devices can be woken that are not connected.

use super::{SessionId, StoreError};
use sotto_protocol::{ChatId, DeviceAddress, Timestamp};

/// The keys of a subscription, as a browser makes them (RFC 8291, section 3.1). Whoever has them can encrypt for it; nobody else has to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SubscriptionKeys {
    /// The browser's public key: an uncompressed point of P-256.
    pub p256dh: [u8; 65],
    /// What both sides know beside.
    pub auth: [u8; 16],
}

impl std::fmt::Debug for SubscriptionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubscriptionKeys(…)")
    }
}

/// A subscription about to be kept.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// Whose.
    pub device: DeviceAddress,
    /// The session that it ends with.
    pub session: SessionId,
    /// Where wake-ups go.
    pub endpoint: String,
    /// What they are encrypted for.
    pub keys: SubscriptionKeys,
    /// Chats for which the device is not woken.
    pub quiet_chats: Vec<ChatId>,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Whose.
    pub device: DeviceAddress,
    /// Where wake-ups go.
    pub endpoint: String,
    /// What they are encrypted for.
    pub keys: SubscriptionKeys,
    /// Chats for which the device is not woken.
    pub quiet_chats: Vec<ChatId>,
}

/// Chats in one value, as every backend keeps them.
pub(super) fn joined(chats: &[ChatId]) -> Vec<u8> {
    chats.iter().flat_map(|chat| *chat.as_bytes()).collect()
}

/// The chats that [`joined`] has put together.
pub(super) fn parted(bytes: &[u8]) -> Result<Vec<ChatId>, StoreError> {
    bytes
        .chunks(ChatId::LENGTH)
        .map(|chat| {
            ChatId::try_from(chat).map_err(|_| StoreError::Unreadable {
                what: "list of quiet chats",
            })
        })
        .collect()
}

/// Subscriptions to wake-ups: one a device. They end with the session that made them, and so with their device and account.
pub trait NotificationStore: Send + Sync + 'static {
    /// Keeps a subscription in place of the device's earlier one. `false` if the session has ended.
    fn put_subscription(
        &self,
        subscription: NewSubscription,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The subscriptions of those of the devices that have one, a session that is not over, and an account that is not banned.
    fn subscriptions(
        &self,
        devices: &[DeviceAddress],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Subscription>, StoreError>> + Send;

    /// Forgets the device's subscription; if `endpoint` says which, only if it is that one.
    fn forget_subscription(
        &self,
        device: DeviceAddress,
        endpoint: Option<&str>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
