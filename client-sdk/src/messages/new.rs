//! A message that an application wants to send.

use sotto_crypto_core::Text;
use sotto_crypto_core::content::File;
use sotto_protocol::{MessageId, Retention};

/// A message to be sent: what it says, and what else is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    pub(crate) id: Option<MessageId>,
    pub(crate) body: NewBody,
    pub(crate) reply_to: Option<MessageId>,
    pub(crate) retention: Option<Retention>,
}

/// What a message to be sent says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NewBody {
    Text(Text),
    /// A file that is on the server, to be passed on.
    File(File),
}

impl NewBody {
    /// The text, or what is said about the file.
    pub(crate) const fn words_mut(&mut self) -> &mut Text {
        match self {
            Self::Text(text) => text,
            Self::File(file) => &mut file.caption,
        }
    }
}

impl NewMessage {
    /// What was said before, in another chat.
    pub(crate) fn passing_on(mut body: NewBody) -> Self {
        let words = body.words_mut();
        *words = Text {
            is_forwarded: true,
            ..Text::from(core::mem::take(&mut words.text))
        };
        Self {
            id: None,
            body,
            reply_to: None,
            retention: None,
        }
    }

    /// A text of 1 to [`TEXT_BYTES`](sotto_protocol::limits::TEXT_BYTES) bytes, kept as long as the chat's messages are. Whom it names
    /// is in its `mentions`.
    #[must_use]
    pub fn text(text: impl Into<Text>) -> Self {
        Self {
            id: None,
            body: NewBody::Text(text.into()),
            reply_to: None,
            retention: None,
        }
    }

    /// In answer to a message of the same chat.
    #[must_use]
    pub const fn in_reply_to(mut self, message: MessageId) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// Kept for another time than the chat's messages are; `None` is no other. A fleeting message ([`Retention::Never`]) is not stored:
    /// it goes out while this client runs, to the devices that are connected then.
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
