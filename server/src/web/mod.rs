//! The web app: files in the binary, or in a folder for its developers.

mod assets;
mod brand;
mod policy;
mod serve;

pub(crate) use assets::Assets;
pub(crate) use serve::{api_docs, serve};
