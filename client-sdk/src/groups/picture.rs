//! A group's picture: sealed for an unlisted group, and for a listed one as public as its title.

use crate::chats::ChatRecord;
use crate::client::Client;
use crate::error::ClientError;
use crate::files::{self, ImageError, ImageType};
use crate::platform::Platform;
use crate::record_key;
use crate::sync::{Command, GroupCommand, NewBlob};
use serde::{Deserialize, Serialize};
use sotto_crypto_core::{FileKey, FileLayout, picture_digest, verify_group_profile};
use sotto_protocol::chat_rules::Role;
use sotto_protocol::{ChatId, GroupPicture, PictureDigest, Retention, limits};

/// A picture as a page can show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub content_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Its type and how many bytes it has.
impl core::fmt::Debug for Picture {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

/// What to change of a group's profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ProfileEdit {
    Texts {
        title: String,
        description: String,
    },
    /// To one that is on the server, or to none.
    Picture(Option<NewPicture>),
}

/// A picture that is on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NewPicture {
    pub(crate) picture: GroupPicture,
    /// If it is sealed.
    pub(crate) key: Option<FileKey>,
}

/// A picture in the store.
#[derive(Serialize, Deserialize)]
pub(crate) struct PictureRecord {
    pub(crate) digest: PictureDigest,
    pub(crate) bytes: Vec<u8>,
}

impl<P: Platform> Client<P> {
    /// Changes a group's picture, or takes it away. JPEG, PNG or WebP, at most
    /// [`PICTURE_BYTES`](sotto_protocol::limits::PICTURE_BYTES) of it after everything is taken out that is not drawn.
    pub async fn set_group_picture(
        &self,
        group: ChatId,
        picture: Option<Vec<u8>>,
    ) -> Result<(), ClientError> {
        let before = self.group(group).await?;
        match before.own_role {
            None => return Err(ClientError::NotAMember),
            Some(Role::Member) => {
                return Err(ClientError::InvalidGroup(
                    "the owner and the admins change the group's picture",
                ));
            }
            Some(Role::Admin | Role::Owner) => {}
        }
        let old = self.shown_picture(group).await?;
        let new = match picture {
            Some(bytes) => Some(self.upload_picture(bytes, !before.is_listed).await?),
            None => None,
        };
        let edit = ProfileEdit::Picture(new);
        self.ask_group(|reply| GroupCommand::Describe { group, edit, reply })
            .await?;
        if let Some((old, _)) = old {
            // Another's stays: only who uploaded it may delete it. Nobody is led to it any more.
            let _ = self.api().delete_blob(old.blob).await;
        }
        Ok(())
    }

    /// A group's picture: of one that this account is in, or of one that is listed. From the store if it was read before.
    pub async fn group_picture(&self, group: ChatId) -> Result<Option<Picture>, ClientError> {
        if let Some((shown, key)) = self.shown_picture(group).await? {
            let known = self
                .records()
                .get::<PictureRecord>(&record_key::group_picture(group))
                .await?;
            if let Some(known) = known.filter(|known| known.digest == shown.digest) {
                return Ok(picture(known.bytes));
            }
            let bytes = self.download_picture(shown, key.as_ref()).await?;
            let digest = shown.digest;
            let record = PictureRecord {
                digest,
                bytes: bytes.clone(),
            };
            self.tell(Command::Group(GroupCommand::KeepPicture {
                group,
                picture: record,
            }))
            .await?;
            return Ok(picture(bytes));
        }
        if self.chat_record(group).await?.is_some() {
            return Ok(None);
        }
        let read = self.api().group(group).await?;
        let profile = read
            .profile
            .and_then(|signed| verify_group_profile(&signed, group, read.group_key, None).ok());
        match profile.and_then(|profile| profile.picture) {
            Some(public) if !public.is_sealed => Ok(picture(self.download_picture(public, None).await?)),
            Some(_) | None => Ok(None),
        }
    }

    /// The picture that the newest profile seen here names, and its key if it is sealed.
    async fn shown_picture(
        &self,
        group: ChatId,
    ) -> Result<Option<(GroupPicture, Option<FileKey>)>, ClientError> {
        let record = self.chat_record(group).await?;
        let group = record.as_ref().and_then(ChatRecord::group);
        Ok(group.and_then(|group| Some((group.profile()?.picture?, group.picture_key.clone()))))
    }

    async fn chat_record(&self, group: ChatId) -> Result<Option<ChatRecord>, ClientError> {
        Ok(self.records().get::<ChatRecord>(&record_key::chat(group)).await?)
    }

    async fn upload_picture(&self, bytes: Vec<u8>, is_sealed: bool) -> Result<NewPicture, ClientError> {
        let bytes = files::without_metadata(bytes.into())?;
        let length = u32::try_from(bytes.len())
            .ok()
            .filter(|_| bytes.len() <= limits::PICTURE_BYTES)
            .ok_or(ImageError::TooLarge(limits::PICTURE_BYTES as u64))?;
        let digest = picture_digest(&bytes);
        let NewBlob { upload, key } = self.ask(|reply| Command::NewBlob { reply }).await?;
        let key = is_sealed.then_some(key);
        let stored = match &key {
            Some(key) => {
                files::seal(key, &bytes).map_err(|_| ClientError::Failed("the picture cannot be sealed"))?
            }
            None => bytes,
        };
        let blob = files::upload(self.api(), self.clock(), upload, Retention::Keep, stored).await?;
        let picture = GroupPicture {
            blob,
            length,
            digest,
            is_sealed,
        };
        Ok(NewPicture { picture, key })
    }

    async fn download_picture(
        &self,
        shown: GroupPicture,
        key: Option<&FileKey>,
    ) -> Result<Vec<u8>, ClientError> {
        const OTHER: ClientError = ClientError::Untrusted("another picture than the group's");
        let length = u64::from(shown.length);
        let bytes = match (shown.is_sealed, key) {
            (false, _) => files::download(self.api(), self.clock(), shown.blob, 0..length).await?,
            (true, Some(key)) => {
                let layout = FileLayout::new(length).map_err(|_| OTHER)?;
                let sealed =
                    files::download(self.api(), self.clock(), shown.blob, 0..layout.sealed_length()).await?;
                files::open(key, layout, &sealed).map_err(|_| OTHER)?
            }
            (true, None) => {
                return Err(ClientError::Failed(
                    "nobody has told this device the picture's key",
                ));
            }
        };
        if picture_digest(&bytes) == shown.digest {
            Ok(bytes)
        } else {
            Err(OTHER)
        }
    }
}

/// As a page can show it; `None` of what is no picture after all.
fn picture(bytes: Vec<u8>) -> Option<Picture> {
    let content_type = ImageType::of(&bytes)?.content_type();
    Some(Picture { content_type, bytes })
}
