//! What can be wrong.

use sotto_protocol::frame::RequestId;
use sotto_protocol::{ChatId, DeviceAddress, MessageId, Seq};
use std::fmt;

/// A promise that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Broken {
    /// An acknowledged entry is not in the log.
    AcknowledgedIsMissing,
    /// An acknowledged entry is in the log at another position, or with another time.
    AcknowledgedHasMoved,
    /// One message has two positions in the log.
    Doubled,
    /// Two readers, or a reader and the log, have different entries at one position.
    OrderDiffers,
    /// A position is left out.
    Gap,
    /// A payload, or what is said about it, is not what its sender sent.
    WrongPayload,
    /// An entry that nobody sent.
    NobodySentIt,
    /// Two answers to one message name different positions or times.
    AcknowledgedTwice,
    /// A message that was refused is in the log.
    RefusedIsThere,
    /// A message was refused after it had been acknowledged.
    AcknowledgedThenRefused,
    /// A page or a greeting leaves out what had been acknowledged before it was asked for.
    StaleRead,
    /// The server believes a device to be further than the device ever said.
    CursorAhead,
    /// A reader was shown an entry that is not in the log.
    SeenIsMissing,
    /// An entry was made in another epoch than the one that its position is in.
    EpochBroken,
    /// An entry that was acknowledged before another was sent stands after it.
    Overtaken,
    /// A fleeting message was written down.
    FleetingIsStored,
    /// A fleeting message came twice to one device.
    FleetingDoubled,
    /// A timed entry is still there after its time.
    Overdue,
    /// An entry was erased before its time.
    ErasedEarly,
    /// A device never got an answer, or never got an entry that the log has.
    NotSettled,
}

impl Broken {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::AcknowledgedIsMissing,
        Self::AcknowledgedHasMoved,
        Self::Doubled,
        Self::OrderDiffers,
        Self::Gap,
        Self::WrongPayload,
        Self::NobodySentIt,
        Self::AcknowledgedTwice,
        Self::RefusedIsThere,
        Self::AcknowledgedThenRefused,
        Self::StaleRead,
        Self::CursorAhead,
        Self::SeenIsMissing,
        Self::EpochBroken,
        Self::Overtaken,
        Self::FleetingIsStored,
        Self::FleetingDoubled,
        Self::Overdue,
        Self::ErasedEarly,
        Self::NotSettled,
    ];
}

/// A promise that was broken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub broken: Broken,
    /// In which chat.
    pub chat: Option<ChatId>,
    /// At which position.
    pub seq: Option<Seq>,
    /// Which message.
    pub message: Option<MessageId>,
    /// Whose history shows it, or who sent it.
    pub device: Option<DeviceAddress>,
    /// Which of the device's requests shows it.
    pub request: Option<RequestId>,
    /// The rest.
    pub detail: String,
}

impl Finding {
    /// Without a place yet.
    #[must_use]
    pub fn new(broken: Broken, detail: impl Into<String>) -> Self {
        Self {
            broken,
            chat: None,
            seq: None,
            message: None,
            device: None,
            request: None,
            detail: detail.into(),
        }
    }

    pub(super) fn chat(mut self, chat: ChatId) -> Self {
        self.chat = Some(chat);
        self
    }

    pub(super) fn seq(mut self, seq: Seq) -> Self {
        self.seq = Some(seq);
        self
    }

    pub(super) fn message(mut self, message: MessageId) -> Self {
        self.message = Some(message);
        self
    }

    pub(super) fn device(mut self, device: DeviceAddress) -> Self {
        self.device = Some(device);
        self
    }

    pub(super) fn request(mut self, request: RequestId) -> Self {
        self.request = Some(request);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.broken)?;
        if let Some(chat) = self.chat {
            write!(f, " {chat:?}")?;
        }
        if let Some(seq) = self.seq {
            write!(f, " at {seq}")?;
        }
        if let Some(message) = self.message {
            write!(f, " {message:?}")?;
        }
        if let Some(device) = self.device {
            write!(f, " {:?}", device.device)?;
        }
        if let Some(request) = self.request {
            write!(f, " request {}", request.0)?;
        }
        write!(f, ": {}", self.detail)
    }
}
