//! Files: what leaves the device as a blob, and how it comes back.

mod chunks;
mod client;
mod image;
mod new;
mod progress;
mod read;
mod staged;
mod transfer;
mod upload;

pub use crate::platform::{FileContent, FileSource, FileUnreadable};
pub use image::ImageError;
pub(crate) use image::{ImageType, without_metadata};
pub use new::{NewFile, PICTURE_FILE_BYTES};
pub(crate) use progress::Progress;
pub use progress::{Direction, Transfer, TransferState};
pub use read::{FILE_IN_MEMORY_BYTES, FILE_PART_BYTES};
pub(crate) use staged::{stage, staged, unstage};
pub(crate) use transfer::{download, open, seal, upload};
pub(crate) use upload::{UploadFailure, UploadJob};
