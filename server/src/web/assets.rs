//! Where the files are.

use axum::body::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

#[derive(RustEmbed)]
#[folder = "$SOTTO_EMBEDDED_WEB"]
struct Embedded;

/// Where the files are.
#[derive(Clone, Debug)]
pub(crate) enum Assets {
    /// In the binary.
    Embedded,
    /// In this folder, read anew for each request.
    Folder(PathBuf),
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asset {
    pub(super) content: Bytes,
    /// SHA-256 of the content.
    pub(super) hash: [u8; 32],
}

impl Assets {
    /// The file at this path, which has no slash at its beginning.
    pub(super) async fn get(&self, path: &str) -> io::Result<Option<Asset>> {
        if !is_plain(path) {
            return Ok(None);
        }
        match self {
            Self::Embedded => Ok(Embedded::get(path).map(|file| Asset {
                hash: file.metadata.sha256_hash(),
                content: match file.data {
                    Cow::Borrowed(content) => Bytes::from_static(content),
                    Cow::Owned(content) => content.into(),
                },
            })),
            Self::Folder(folder) => read(folder, path).await,
        }
    }
}

async fn read(folder: &Path, path: &str) -> io::Result<Option<Asset>> {
    let file = folder.join(path);
    match tokio::fs::metadata(&file).await {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Ok(None),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    let content = tokio::fs::read(file).await?;
    Ok(Some(Asset {
        hash: Sha256::digest(&content).into(),
        content: content.into(),
    }))
}

/// Whether the path names a file below the folder, by its form: no empty, hidden or climbing part.
fn is_plain(path: &str) -> bool {
    path.len() <= 512
        && path
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_binary_has_a_page() {
        let page = Assets::Embedded.get("index.html").await.unwrap().unwrap();
        assert_eq!(page.hash, <[u8; 32]>::from(Sha256::digest(&page.content)));
    }

    #[tokio::test]
    async fn no_path_leads_out_of_the_folder() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("web");
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::write(outer.path().join("secret"), "secret").unwrap();
        std::fs::write(folder.join(".hidden"), "hidden").unwrap();
        std::fs::write(folder.join("sub/page"), "page").unwrap();
        let assets = Assets::Folder(folder);
        assert_eq!(&*assets.get("sub/page").await.unwrap().unwrap().content, b"page");
        for path in [
            "../secret",
            "sub/../../secret",
            "/etc/passwd",
            ".hidden",
            "sub",
            "",
            "sub/page/x",
            "a\0b",
        ] {
            assert_eq!(assets.get(path).await.unwrap(), None, "{path:?}");
        }
    }
}
