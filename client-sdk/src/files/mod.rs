//! Files: what leaves the device as a blob, and how it comes back.

mod image;
mod transfer;

pub use image::ImageError;
pub(crate) use image::{ImageType, without_metadata};
pub(crate) use transfer::{download, open, seal, upload};
