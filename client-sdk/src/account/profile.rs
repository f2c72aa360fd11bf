//! Profiles: what anyone may read of an account, and what its owner says of it.
//!
//! They are on the server alone, as others see them: reading one takes a connection, as finding people does.

use crate::client::Client;
use crate::contacts::{IdentityStatus, Names as _};
use crate::error::ClientError;
use crate::files::{self, ImageError, ImageType};
use crate::groups::Picture;
use crate::platform::Platform;
use bytes::Bytes;
use sotto_protocol::rest::user::{ProfilePicture, UpdateUser, User};
use sotto_protocol::{AccountId, AccountName, CoarseLocation, PictureId, Timestamp, limits};

/// A public profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The account.
    pub account: AccountId,
    /// Its unique name.
    pub name: AccountName,
    /// How it wants to be called; empty if it has not said.
    pub display_name: String,
    /// What it says about itself; empty if nothing.
    pub about: String,
    /// Where it says that it is, in its own words; empty if nowhere.
    pub place: String,
    /// Roughly where it is, if it has said.
    pub location: Option<CoarseLocation>,
    /// Whether searches find it.
    pub is_listed: bool,
    /// Its picture, if it has one, for [`Client::profile_picture`].
    pub picture: Option<ProfilePicture>,
    /// The wide picture at the head of its profile, if it has one, for [`Client::profile_picture`].
    pub cover: Option<PictureId>,
    /// Whether a program speaks for it, and no person.
    pub is_bot: bool,
    /// What is known of its identity key.
    pub identity: IdentityStatus,
    /// When it was created.
    pub created_at: Timestamp,
}

/// One of the images of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProfileImage {
    Picture,
    Cover,
}

impl<P: Platform> Client<P> {
    /// The profile of the account with this name, one's own too.
    pub async fn profile(&self, name: &str) -> Result<Profile, ClientError> {
        let user = self.api().user(&name.parse()?).await?;
        self.read_profile(user)
    }

    /// Changes what one's own profile says. What the update does not name stays. A place is rounded to the grid of
    /// [`CoarseLocation`] on this device: nobody else is told more of it.
    pub async fn update_profile(&self, update: UpdateUser) -> Result<Profile, ClientError> {
        let name = self.own_name()?;
        let user = self.api().update_user(&name, &update).await?;
        self.read_profile(user)
    }

    /// Gives one's own profile this picture, or none: a JPEG, PNG, WebP or GIF, at most
    /// [`PROFILE_IMAGE_BYTES`](limits::PROFILE_IMAGE_BYTES) of it. What is not drawn of the file, as where it was taken, stays here;
    /// the server cuts a square out of its middle.
    pub async fn set_picture(&self, picture: Option<Vec<u8>>) -> Result<Profile, ClientError> {
        self.set_image(ProfileImage::Picture, picture).await
    }

    /// Gives one's own profile this cover, or none, as [`Client::set_picture`] does with a picture. It is three times as wide as high.
    pub async fn set_cover(&self, cover: Option<Vec<u8>>) -> Result<Profile, ClientError> {
        self.set_image(ProfileImage::Cover, cover).await
    }

    /// A picture that a profile or a search names: a JPEG. A page can show it by itself, from `/v1/picture/` and its id on the server.
    pub async fn profile_picture(&self, picture: PictureId) -> Result<Picture, ClientError> {
        let bytes = self.api().picture(picture).await?;
        match ImageType::of(&bytes) {
            Some(kind @ ImageType::Jpeg) => Ok(Picture {
                content_type: kind.content_type(),
                bytes,
            }),
            Some(_) | None => Err(ClientError::Untrusted("a picture that is no JPEG")),
        }
    }

    async fn set_image(&self, image: ProfileImage, file: Option<Vec<u8>>) -> Result<Profile, ClientError> {
        let name = self.own_name()?;
        let file = file.map(|bytes| cleaned(bytes.into())).transpose()?;
        let user = self.api().set_profile_image(&name, image, file).await?;
        self.read_profile(user)
    }

    fn own_name(&self) -> Result<AccountName, ClientError> {
        Ok(self.account().ok_or(ClientError::NotLoggedIn)?.name)
    }

    fn read_profile(&self, user: User) -> Result<Profile, ClientError> {
        let contacts = self.contacts();
        let is_own = contacts.is_own(user.account);
        let user = contacts.verify(user)?.user;
        Ok(Profile {
            identity: if is_own {
                IdentityStatus::Known
            } else {
                contacts.identity_status(user.account, &user.name, user.identity_key)
            },
            account: user.account,
            name: user.name,
            display_name: user.display_name,
            about: user.about,
            place: user.place,
            location: user.location,
            is_listed: user.listed,
            picture: user.picture,
            cover: user.cover,
            is_bot: user.bot,
            created_at: user.created_at,
        })
    }
}

/// The file without anything in it that is not drawn. Of a GIF nothing is taken out: it says little, and the server keeps nothing of it.
pub(crate) fn cleaned(bytes: Bytes) -> Result<Bytes, ImageError> {
    let file = if bytes.starts_with(b"GIF8") {
        bytes
    } else {
        files::without_metadata(bytes)?
    };
    if file.len() > limits::PROFILE_IMAGE_BYTES {
        return Err(ImageError::TooLarge(limits::PROFILE_IMAGE_BYTES as u64));
    }
    Ok(file)
}
