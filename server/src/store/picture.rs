//! Pictures of profiles: public, and made by the server itself from what it was sent.

use super::StoreError;
use bytes::Bytes;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, PictureId};

/// A picture of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPicture {
    /// Chosen at random.
    pub id: PictureId,
    /// The file.
    pub jpeg: Bytes,
}

/// The picture of a profile in its two sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProfilePicture {
    /// For whoever looks at the profile.
    pub large: NewPicture,
    /// For lists.
    pub small: NewPicture,
}

/// Pictures of profiles. What is replaced or removed is there no more, and all of them go with their account.
pub trait PictureStore: Send + Sync + 'static {
    /// Gives the profile this picture instead of the one that it has, or none, and returns it. `None` if there is no such account.
    fn set_picture(
        &self,
        account: AccountId,
        picture: Option<NewProfilePicture>,
    ) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;

    /// Gives the profile this cover instead of the one that it has, or none, and returns it. `None` if there is no such account.
    fn set_cover(
        &self,
        account: AccountId,
        cover: Option<NewPicture>,
    ) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;

    /// The file of this picture.
    fn picture(&self, picture: PictureId) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send;
}
