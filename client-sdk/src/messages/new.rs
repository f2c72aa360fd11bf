//! A message that an application wants to send.

use sotto_protocol::{MessageId, Retention};

/// A message to be sent: what it says, and what else is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    pub(crate) id: Option<MessageId>,
    pub(crate) text: String,
    pub(crate) retention: Option<Retention>,
}

impl NewMessage {
    /// A text of 1 to [`TEXT_BYTES`](sotto_protocol::limits::TEXT_BYTES) bytes, kept as long as the chat's messages are.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            id: None,
            text: text.into(),
            retention: None,
        }
    }

    /// Kept for another time than the chat's messages are; `None` is no other. A fleeting message ([`Retention::Never`]) is not stored: it goes out while
    /// this client runs, to the devices that are connected then.
    #[must_use]
    pub fn kept(mut self, retention: impl Into<Option<Retention>>) -> Self {
        self.retention = retention.into();
        self
    }

    /// Under an id that the caller chose at random. Sent again with the same id, nothing happens: so a caller that did not hear
    /// whether its call succeeded may repeat it, even to another client that has the same store by then. That does not hold for a
    /// fleeting message, of which not even the id is stored: a client that was started since sends it again.
    #[must_use]
    pub const fn with_id(mut self, id: MessageId) -> Self {
        self.id = Some(id);
        self
    }
}
