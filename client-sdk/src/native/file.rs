//! Files on the machine that are to be sent.

use crate::platform::{BoxFuture, FileContent, FileSource, FileUnreadable};
use core::ops::Range;
use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf, absolute};
use std::time::UNIX_EPOCH;

/// A file at a path, as it was when it was chosen.
struct FileAtPath {
    path: PathBuf,
    length: u64,
    modified: Option<u64>,
}

/// The file at this path, to be sent as it is now.
pub async fn file_at(path: impl Into<PathBuf>) -> io::Result<FileContent> {
    let path = absolute(path.into())?;
    let source = blocking(move || {
        let metadata = File::open(&path)?.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "that is no file"));
        }
        Ok(FileAtPath {
            length: metadata.len(),
            modified: modified(&metadata),
            path,
        })
    });
    Ok(FileContent::new(source.await?))
}

fn modified(metadata: &Metadata) -> Option<u64> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

impl FileSource for FileAtPath {
    fn length(&self) -> u64 {
        self.length
    }

    fn modified(&self) -> Option<u64> {
        self.modified
    }

    fn reference(&self) -> Option<String> {
        self.path.to_str().map(str::to_owned)
    }

    fn read(&self, range: Range<u64>) -> BoxFuture<'_, Result<Vec<u8>, FileUnreadable>> {
        let (path, was) = (self.path.clone(), (self.length, self.modified));
        Box::pin(async move {
            let read = blocking(move || read(&path, &range));
            let (bytes, metadata) = read.await.map_err(|_| FileUnreadable::Unreadable)?;
            if (metadata.len(), modified(&metadata)) == was {
                Ok(bytes)
            } else {
                Err(FileUnreadable::Changed)
            }
        })
    }
}

/// The bytes, and what is known of the file.
fn read(path: &Path, range: &Range<u64>) -> io::Result<(Vec<u8>, Metadata)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = Vec::new();
    (&mut file)
        .take(range.end.saturating_sub(range.start))
        .read_to_end(&mut bytes)?;
    Ok((bytes, file.metadata()?))
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
