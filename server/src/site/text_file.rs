//! A file with Markdown, as it was when it was read.

use super::front_matter;
use super::markdown::{self, Document};
use std::fs::{self, Metadata};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// Bytes of a text.
const TEXT_BYTES: u64 = 256 * 1024;

/// What tells one state of a file from the next without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    modified: Option<SystemTime>,
    length: u64,
}

impl Version {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
        }
    }
}

/// A file with Markdown, as it was when it was read.
#[derive(Clone, Debug)]
pub(super) struct TextFile {
    version: Version,
    /// What it says, or why that is not shown.
    pub(super) read: Arc<Result<Text, String>>,
}

/// What a file says.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) title: Option<String>,
    pub(super) is_draft: bool,
    pub(super) document: Document,
}

impl TextFile {
    /// Reads the file, unless it is as it was `before`. `None` if there is none.
    pub(super) fn look(path: &Path, before: Option<&Self>) -> Option<Self> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return Some(Self::unreadable(&error)),
        };
        let version = Version::of(&metadata);
        match before {
            Some(before) if before.version == version => Some(before.clone()),
            _ => Some(Self {
                version,
                read: Arc::new(read(path, &metadata)),
            }),
        }
    }

    fn unreadable(error: &io::Error) -> Self {
        Self {
            version: Version {
                modified: None,
                length: 0,
            },
            read: Arc::new(Err(format!("cannot be read: {error}"))),
        }
    }
}

fn read(path: &Path, metadata: &Metadata) -> Result<Text, String> {
    let bytes = bounded(path, metadata, TEXT_BYTES)?;
    let file = String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    let (front, text) = front_matter::split(&file).map_err(|error| error.to_string())?;
    let document = markdown::read(text).map_err(|error| error.to_string())?;
    Ok(Text {
        title: front.title.or_else(|| document.title.clone()),
        is_draft: front.is_draft,
        document,
    })
}

/// The bytes of a file that has at most so many.
pub(super) fn bounded(path: &Path, metadata: &Metadata, most: u64) -> Result<Vec<u8>, String> {
    if !metadata.is_file() {
        return Err("is no file".to_owned());
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        // It may have grown since it was looked at.
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > most {
        return Err(format!("has more than {} KiB", most / 1024));
    }
    Ok(bytes)
}
