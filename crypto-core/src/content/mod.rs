//! What a message says: the plain text of an MLS application message.

mod changes;
mod file;
mod text;

pub use changes::{Deletion, Edit, Pin, Reaction};
pub use file::{File, FileInfo};
pub use text::{Mention, Quote, Text};

use crate::FileKey;
use crate::group_key_share::{GroupKeyRequest, GroupKeyShare};
use crate::history_share::{HistoryRequest, HistoryShare};
use core::fmt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sotto_protocol::{Approval, Departure, MessageId, Retention, Seq, SignedGroupProfile, limits};
use zeroize::Zeroizing;

/// What one message says, and its id.
///
/// Encoded as a version byte and the postcard of (message id, kind, body bytes), behind which stands that of the retention unless
/// it is [`Retention::Keep`]. A body is postcard too. It may grow at its end: what a newer version appends is passed over. A kind that is newer than this code is kept
/// as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// Chosen at random by the sender. It has to be the entry's id too: the server could not otherwise be caught
    /// relabelling it.
    pub message: MessageId,
    /// How long its sender wants it to be kept. The server is told the same, and is not believed: what is shorter counts.
    pub retention: Retention,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Text.
    Text(Text),
    /// A file.
    File(File),
    /// Of a group: its profile, said anew when it changes and when somebody came in who cannot know it.
    GroupProfile(ToldGroupProfile),
    /// Of a group: its sender approves a newcomer.
    Approval(Approval),
    /// Of a group: its sender leaves.
    Departure(Departure),
    /// Of a group: its sender, who holds an office, asks for the group's key.
    GroupKeyRequest(GroupKeyRequest),
    /// Of a group: the group's key, sealed for one device that has asked.
    GroupKeyShare(GroupKeyShare),
    /// Of a group: its sender, who has come in, asks for what was said before.
    HistoryRequest(HistoryRequest),
    /// Of a group: what was said before, for one device that has asked.
    HistoryShare(HistoryShare),
    /// Of a chat without roles: how long its messages are kept.
    Retention(ChatRetention),
    /// A message reads otherwise now.
    Edit(Edit),
    /// A message is to be shown no more.
    Deletion(Deletion),
    /// What somebody thinks of a message.
    Reaction(Reaction),
    /// A message is shown above the others.
    Pin(Pin),
    /// Of a kind that is newer than this code: shown as "sent by a newer version", and encoded again as it was.
    Unknown {
        /// The kind's number.
        kind: u16,
        /// The body's bytes.
        bytes: Vec<u8>,
    },
}

/// How long the messages of a chat are kept that do not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatRetention {
    /// So long.
    pub retention: Retention,
    /// Where in the log that was set; `None` if this message sets it. It is told again to devices that have come since, and the
    /// last word in the log counts.
    pub set_at: Option<Seq>,
}

/// A group's profile, with what the server does not get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldGroupProfile {
    /// The profile.
    pub profile: SignedGroupProfile,
    /// The key of its picture, if that is sealed.
    pub picture_key: Option<FileKey>,
}

/// The content is longer than a message can be: shorten it, or send it as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is longer than {} bytes", limits::TEXT_BYTES)]
pub struct ContentTooLong;

/// A content cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// A newer client wrote it: show that a message came, and that this version cannot read it.
    #[error("the message was sent by a newer version")]
    NewerVersion,
    /// Its sender's client is broken: nothing can be shown.
    #[error("the message cannot be read")]
    Malformed,
    /// Its sender has not committed to what it says: nobody could report it, so nobody is shown it.
    #[error("its sender has not committed to what the message says")]
    NotCommitted,
}

/// Bytes of a body of any kind: the longest text with all that can stand beside it.
const BODY_BYTES: usize = limits::TEXT_BYTES + limits::QUOTE_BYTES + limits::MENTIONS * 26 + 128;
const VERSION: u8 = 1;
const KIND_TEXT: u16 = 1;
const KIND_GROUP_PROFILE: u16 = 2;
const KIND_APPROVAL: u16 = 3;
const KIND_DEPARTURE: u16 = 4;
const KIND_GROUP_KEY_REQUEST: u16 = 5;
const KIND_GROUP_KEY_SHARE: u16 = 6;
const KIND_RETENTION: u16 = 7;
const KIND_EDIT: u16 = 8;
const KIND_DELETION: u16 = 9;
const KIND_REACTION: u16 = 10;
const KIND_PIN: u16 = 11;
const KIND_FILE: u16 = 12;
const KIND_HISTORY_REQUEST: u16 = 13;
const KIND_HISTORY_SHARE: u16 = 14;

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    message: MessageId,
    kind: u16,
    body: &'a [u8],
}

impl Content {
    /// The content's bytes: what its sender [commits to](crate::franking), and what is sent, padded.
    #[allow(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "serialising plain data into memory has no error to return"
    )]
    pub fn encode(&self) -> Result<Vec<u8>, ContentTooLong> {
        let (kind, body) = self.body.encode()?;
        if body.len() > BODY_BYTES {
            return Err(ContentTooLong);
        }
        let envelope = Envelope {
            message: self.message,
            kind,
            body: &body,
        };
        let mut buffer = Vec::with_capacity(body.len() + ENVELOPE_BYTES);
        buffer.push(VERSION);
        let mut encoded = postcard::to_extend(&envelope, buffer).expect("plain data always encodes");
        if self.retention != Retention::Keep {
            encoded = postcard::to_extend(&self.retention, encoded).expect("plain data always encodes");
        }
        Ok(encoded)
    }

    /// The content that these bytes are.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        let (&version, fields) = bytes.split_first().ok_or(ContentError::Malformed)?;
        if version != VERSION {
            return Err(if version > VERSION {
                ContentError::NewerVersion
            } else {
                ContentError::Malformed
            });
        }
        let (envelope, rest) =
            postcard::take_from_bytes::<Envelope<'_>>(fields).map_err(|_| ContentError::Malformed)?;
        if envelope.body.len() > BODY_BYTES {
            return Err(ContentError::Malformed);
        }
        Ok(Self {
            message: envelope.message,
            retention: decode_retention(rest)?,
            body: Body::decode(envelope.kind, envelope.body)?,
        })
    }
}

/// At most: version, message id, kind and the body's length; the retention.
const ENVELOPE_BYTES: usize = 1 + MessageId::LENGTH + 3 + 5 + 6;

/// The retention that stands behind the envelope, in its one encoding.
fn decode_retention(bytes: &[u8]) -> Result<Retention, ContentError> {
    if bytes.is_empty() {
        return Ok(Retention::Keep);
    }
    match postcard::take_from_bytes(bytes) {
        Ok((Retention::Keep, _)) | Err(_) => Err(ContentError::Malformed),
        Ok((retention, [])) if Retention::is_in_bounds(retention) => Ok(retention),
        Ok(_) => Err(ContentError::Malformed),
    }
}

impl Body {
    /// The kind's number, and the bytes.
    fn encode(&self) -> Result<(u16, Zeroizing<Vec<u8>>), ContentTooLong> {
        match self {
            Self::Text(Text { text, .. })
            | Self::Edit(Edit {
                text: Text { text, .. },
                ..
            }) if text.len() > limits::TEXT_BYTES => Err(ContentTooLong),
            Self::Text(body) => Ok((KIND_TEXT, Zeroizing::new(body.encode_to(Vec::new())))),
            Self::File(body) => Ok((KIND_FILE, body.encode())),
            Self::Edit(body) => Ok((KIND_EDIT, Zeroizing::new(body.encode()))),
            Self::Deletion(body) => Ok((KIND_DELETION, plain(body))),
            Self::Reaction(body) => Ok((KIND_REACTION, plain(body))),
            Self::Pin(body) => Ok((KIND_PIN, plain(body))),
            Self::GroupProfile(body) => Ok((KIND_GROUP_PROFILE, plain(body))),
            Self::Approval(body) => Ok((KIND_APPROVAL, plain(body))),
            Self::Departure(body) => Ok((KIND_DEPARTURE, plain(body))),
            Self::GroupKeyRequest(body) => Ok((KIND_GROUP_KEY_REQUEST, plain(body))),
            Self::GroupKeyShare(body) => Ok((KIND_GROUP_KEY_SHARE, plain(body))),
            Self::HistoryRequest(body) => Ok((KIND_HISTORY_REQUEST, plain(body))),
            Self::HistoryShare(body) => Ok((KIND_HISTORY_SHARE, plain(body))),
            Self::Retention(body) => Ok((KIND_RETENTION, plain(body))),
            Self::Unknown { kind, bytes } => Ok((*kind, Zeroizing::new(bytes.clone()))),
        }
    }

    fn decode(kind: u16, bytes: &[u8]) -> Result<Self, ContentError> {
        match kind {
            KIND_TEXT => Text::decode(bytes).map(Self::Text),
            KIND_FILE => File::decode(bytes).map(Self::File),
            KIND_EDIT => Edit::decode(bytes).map(Self::Edit),
            KIND_DELETION => body(bytes).map(Self::Deletion),
            KIND_REACTION => sound(body(bytes)?, Reaction::is_sound).map(Self::Reaction),
            KIND_PIN => body(bytes).map(Self::Pin),
            KIND_GROUP_PROFILE => body(bytes).map(Self::GroupProfile),
            KIND_APPROVAL => body(bytes).map(Self::Approval),
            KIND_DEPARTURE => body(bytes).map(Self::Departure),
            KIND_GROUP_KEY_REQUEST => {
                sound(body(bytes)?, GroupKeyRequest::is_sound).map(Self::GroupKeyRequest)
            }
            KIND_GROUP_KEY_SHARE => sound(body(bytes)?, GroupKeyShare::is_sound).map(Self::GroupKeyShare),
            KIND_HISTORY_REQUEST => sound(body(bytes)?, HistoryRequest::is_sound).map(Self::HistoryRequest),
            KIND_HISTORY_SHARE => sound(body(bytes)?, HistoryShare::is_sound).map(Self::HistoryShare),
            KIND_RETENTION => {
                let is_sound = |said: &ChatRetention| said.retention.is_in_bounds();
                sound(body(bytes)?, is_sound).map(Self::Retention)
            }
            _ => Ok(Self::Unknown {
                kind,
                bytes: bytes.to_vec(),
            }),
        }
    }
}

#[allow(
    clippy::expect_used,
    reason = "serialising plain data into memory has no error to return"
)]
fn plain(body: &impl Serialize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(postcard::to_stdvec(body).expect("plain data always encodes"))
}

/// A body; what a newer version has appended to it is passed over.
fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ContentError> {
    let (body, _of_a_newer_version) =
        postcard::take_from_bytes(bytes).map_err(|_| ContentError::Malformed)?;
    Ok(body)
}

fn sound<T>(body: T, is_sound: impl Fn(&T) -> bool) -> Result<T, ContentError> {
    if is_sound(&body) {
        Ok(body)
    } else {
        Err(ContentError::Malformed)
    }
}

/// Not what it says: a log is no place for a person's words.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("message", &self.message)
            .field("retention", &self.retention)
            .field("body", &self.body)
            .finish()
    }
}

/// The kind alone.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::File(file) => file.fmt(f),
            Self::GroupProfile(_) => f.write_str("GroupProfile"),
            Self::Approval(approval) => approval.fmt(f),
            Self::Departure(departure) => departure.fmt(f),
            Self::GroupKeyRequest(request) => request.fmt(f),
            Self::GroupKeyShare(share) => share.fmt(f),
            Self::HistoryRequest(request) => request.fmt(f),
            Self::HistoryShare(share) => share.fmt(f),
            Self::Retention(retention) => retention.fmt(f),
            Self::Edit(edit) => edit.fmt(f),
            Self::Deletion(deletion) => deletion.fmt(f),
            Self::Reaction(reaction) => reaction.fmt(f),
            Self::Pin(pin) => pin.fmt(f),
            Self::Unknown { kind, .. } => write!(f, "Unknown({kind})"),
        }
    }
}
