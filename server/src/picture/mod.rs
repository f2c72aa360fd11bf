//! Pictures of profiles. What somebody sends is decoded within hard limits, turned, cut and scaled, and encoded anew: of the file that
//! was sent nothing is kept, neither where it was taken nor what else was hidden in it.

mod render;

use crate::limit::{Share, Shares};
use crate::store::{NewPicture, NewProfilePicture};
use bytes::Bytes;
use render::Rendered;
use sotto_protocol::limits::{COVER_PIXELS, PICTURE_PIXELS, SMALL_PICTURE_PIXELS};
use sotto_protocol::{AccountId, PictureId};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Pictures that are being made at a time: each takes a processor, and up to 200 MB.
const AT_A_TIME: usize = 2;
/// Pictures that wait for their turn.
const WAITING: usize = 16;

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PictureError {
    /// The bytes are no picture of a kind that is decoded here, or are damaged.
    #[error("the bytes are no picture that can be decoded")]
    Unreadable,
    /// It has more pixels than are decoded here, or takes more memory.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// The account has another picture in the making.
    #[error("another picture of the account is being made")]
    TooMany,
    /// As many are waiting as can.
    #[error("too many pictures are waiting")]
    Overloaded,
    /// What was decoded could not be encoded.
    #[error("the picture could not be encoded")]
    Failed,
}

/// What a picture is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Picture,
    Cover,
}

/// Makes pictures, some at a time.
pub(crate) struct Pictures {
    turns: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    of_accounts: Shares<AccountId>,
}

impl Pictures {
    pub(crate) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            waiting: Arc::new(Semaphore::new(AT_A_TIME + WAITING)),
            of_accounts: Shares::new(1),
        }
    }

    /// A turn of this account's, of which it has one at a time.
    pub(crate) fn turn_of(&self, account: AccountId) -> Result<Share<AccountId>, PictureError> {
        self.of_accounts.take(account).ok_or(PictureError::TooMany)
    }

    /// The two sizes of a profile's picture, from a file that somebody has sent.
    pub(crate) async fn profile_picture(
        &self,
        file: Bytes,
        ids: [PictureId; 2],
    ) -> Result<NewProfilePicture, PictureError> {
        let [large, small] = ids;
        let mut sizes = self.made(file, Purpose::Picture).await?.into_iter();
        let mut next = |id| Some(new_picture(id, sizes.next()?));
        match (next(large), next(small)) {
            (Some(large), Some(small)) => Ok(NewProfilePicture { large, small }),
            _ => Err(PictureError::Failed),
        }
    }

    /// A profile's cover, from a file that somebody has sent.
    pub(crate) async fn cover(&self, file: Bytes, id: PictureId) -> Result<NewPicture, PictureError> {
        let made = self.made(file, Purpose::Cover).await?;
        let cover = made.into_iter().next().ok_or(PictureError::Failed)?;
        Ok(new_picture(id, cover))
    }

    async fn made(&self, file: Bytes, purpose: Purpose) -> Result<Vec<Rendered>, PictureError> {
        let waiting = Arc::clone(&self.waiting)
            .try_acquire_owned()
            .map_err(|_| PictureError::Overloaded)?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| PictureError::Overloaded)?;
        let making = tokio::task::spawn_blocking(move || {
            // Whoever asked may be gone: it counts until it is done.
            let _counted = (waiting, turn);
            let sizes: &[(u32, u32)] = match purpose {
                Purpose::Picture => &[
                    (PICTURE_PIXELS, PICTURE_PIXELS),
                    (SMALL_PICTURE_PIXELS, SMALL_PICTURE_PIXELS),
                ],
                Purpose::Cover => &[COVER_PIXELS],
            };
            render::render(&file, sizes)
        });
        // A decoder that panics has met what it cannot read.
        making.await.unwrap_or(Err(PictureError::Unreadable))
    }
}

fn new_picture(id: PictureId, rendered: Rendered) -> NewPicture {
    NewPicture {
        id,
        jpeg: rendered.0.into(),
    }
}
