//! A file that an application wants to send.

use super::{ImageError, ImageType, without_metadata};
use crate::error::ClientError;
use crate::platform::FileContent;
use bytes::Bytes;
use sotto_crypto_core::Text;
use sotto_crypto_core::content::FileInfo;
use sotto_crypto_core::file::FILE_BYTES;
use sotto_protocol::{MessageId, Retention, limits};

/// The longest picture that is sent: it is cleaned in memory.
pub const PICTURE_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// What would not be found again after a restart is kept in the store until it is sent, up to this length.
const STAGED_BYTES: u64 = 8 * 1024 * 1024;
/// What every kind of picture can be told by.
const SIGNATURE_BYTES: u64 = 16;

/// A file to be sent: what it is, its content, and what else is wanted.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub(crate) id: Option<MessageId>,
    pub(crate) info: FileInfo,
    pub(crate) content: FileContent,
    pub(crate) caption: Text,
    pub(crate) reply_to: Option<MessageId>,
    pub(crate) retention: Option<Retention>,
}

impl NewFile {
    /// A file of this name and media type. Pictures (JPEG, PNG, WebP) are sent without what cameras write into them.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        media_type: impl Into<String>,
        content: impl Into<FileContent>,
    ) -> Self {
        Self {
            id: None,
            info: FileInfo {
                name: name.into(),
                media_type: media_type.into(),
                ..FileInfo::default()
            },
            content: content.into(),
            caption: Text::default(),
            reply_to: None,
            retention: None,
        }
    }

    /// A picture or video of this width and height, in pixels.
    #[must_use]
    pub const fn with_dimensions(mut self, width: u16, height: u16) -> Self {
        self.info.dimensions = Some((width, height));
        self
    }

    /// A video or sound of so many milliseconds.
    #[must_use]
    pub const fn with_duration(mut self, milliseconds: u32) -> Self {
        self.info.duration = Some(milliseconds);
        self
    }

    /// A voice note, and how loud it is from its beginning to its end: at most
    /// [`WAVEFORM_LEVELS`](sotto_protocol::limits::WAVEFORM_LEVELS) levels.
    #[must_use]
    pub fn as_voice_note(mut self, levels: Vec<u8>) -> Self {
        self.info.waveform = Some(levels);
        self
    }

    /// With a small picture that stands for it, JPEG or WebP, of at most
    /// [`THUMBNAIL_BYTES`](sotto_protocol::limits::THUMBNAIL_BYTES).
    #[must_use]
    pub fn with_thumbnail(mut self, picture: Vec<u8>) -> Self {
        self.info.thumbnail = picture;
        self
    }

    /// With something said about it, in at most [`CAPTION_BYTES`](sotto_protocol::limits::CAPTION_BYTES) bytes.
    #[must_use]
    pub fn with_caption(mut self, caption: impl Into<Text>) -> Self {
        self.caption = caption.into();
        self
    }

    /// What is said about it.
    #[must_use]
    pub const fn caption(&self) -> &Text {
        &self.caption
    }

    /// In answer to a message of the same chat.
    #[must_use]
    pub const fn in_reply_to(mut self, message: MessageId) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// Kept for another time than the chat's messages are; `None` is no other. A fleeting file is on the server, sealed, for ten
    /// minutes, so that those who are there can read it.
    #[must_use]
    pub fn kept(mut self, retention: impl Into<Option<Retention>>) -> Self {
        self.retention = retention.into();
        self
    }

    /// Under an id that the caller chose at random: see [`NewMessage::with_id`](crate::NewMessage::with_id).
    #[must_use]
    pub const fn with_id(mut self, id: MessageId) -> Self {
        self.id = Some(id);
        self
    }

    /// Checks it, and cleans it if it is a picture. Says what of it is to be kept in the store until it is sent.
    pub(crate) async fn prepared(mut self) -> Result<(Self, Option<Bytes>), ClientError> {
        let length = self.content.length();
        let beginning = self.content.read(0..length.min(SIGNATURE_BYTES)).await?;
        let mut staged = None;
        if let Some(picture) = ImageType::of(&beginning) {
            if length > PICTURE_FILE_BYTES {
                return Err(ImageError::TooLarge(PICTURE_FILE_BYTES).into());
            }
            let cleaned = without_metadata(self.content.read(0..length).await?.into())?;
            picture.content_type().clone_into(&mut self.info.media_type);
            staged = Some(cleaned);
        } else if self.content.reference().is_none() && length <= STAGED_BYTES {
            staged = Some(self.content.read(0..length).await?.into());
        }
        if let Some(content) = &staged {
            self.content = FileContent::new(content.clone());
        }
        self.info.length = self.content.length();
        if !self.info.thumbnail.is_empty() {
            let thumbnail = core::mem::take(&mut self.info.thumbnail);
            self.info.thumbnail = without_metadata(thumbnail.into())?.into();
        }
        if self.info.length > FILE_BYTES || !self.info.is_sound() {
            return Err(ClientError::InvalidFile);
        }
        if self.caption.text.len() > limits::CAPTION_BYTES {
            return Err(ClientError::TextTooLong);
        }
        if !self.caption.is_sound() {
            return Err(ClientError::InvalidMention);
        }
        Ok((self, staged))
    }
}
