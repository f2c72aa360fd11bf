//! Files that are to be sent, wherever they are.

use super::{BoxFuture, MaybeSend, MaybeSync};
use bytes::Bytes;
use core::fmt;
use core::ops::Range;
use std::sync::Arc;

/// The content of a file that is to be sent. It must not change while it is: what changed is another file.
pub trait FileSource: MaybeSend + MaybeSync + 'static {
    /// How many bytes it has.
    fn length(&self) -> u64;

    /// When it was changed last, in milliseconds since 1970, where that is known.
    fn modified(&self) -> Option<u64> {
        None
    }

    /// What finds it again after a restart, by [`Platform::find_file`](super::Platform::find_file), if anything does.
    fn reference(&self) -> Option<String> {
        None
    }

    /// These bytes, all of them.
    fn read(&self, range: Range<u64>) -> BoxFuture<'_, Result<Vec<u8>, FileUnreadable>>;
}

/// Why a file that is to be sent cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileUnreadable {
    /// It is not there any more, or may not be read.
    #[error("the file cannot be read")]
    Unreadable,
    /// It is another one than it was.
    #[error("the file was changed while it was sent")]
    Changed,
}

/// A file that is to be sent. Clones are the same file.
#[derive(Clone)]
pub struct FileContent(Arc<dyn FileSource>);

impl FileContent {
    /// From where it is.
    #[must_use]
    pub fn new(source: impl FileSource) -> Self {
        Self(Arc::new(source))
    }

    /// How many bytes it has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.0.length()
    }

    /// When it was changed last, in milliseconds since 1970, where that is known.
    #[must_use]
    pub fn modified(&self) -> Option<u64> {
        self.0.modified()
    }

    /// What finds it again after a restart, if anything does.
    #[must_use]
    pub fn reference(&self) -> Option<String> {
        self.0.reference()
    }

    /// These bytes, all of them.
    pub async fn read(&self, range: Range<u64>) -> Result<Vec<u8>, FileUnreadable> {
        let length = range.end.saturating_sub(range.start);
        let bytes = self.0.read(range).await?;
        if bytes.len() as u64 == length {
            Ok(bytes)
        } else {
            Err(FileUnreadable::Changed)
        }
    }
}

/// How long it is.
impl fmt::Debug for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileContent({} bytes)", self.length())
    }
}

/// Where a file is written, from its beginning to its end.
pub trait FileSink: MaybeSend {
    /// Appends these bytes.
    fn write(&mut self, bytes: Vec<u8>) -> BoxFuture<'_, Result<(), FileUnwritable>>;
}

/// A file cannot be written: there is no room, or this program may not write there. The text is the system's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file cannot be written: {0}")]
pub struct FileUnwritable(pub String);

/// In memory.
impl FileSink for Vec<u8> {
    fn write(&mut self, mut bytes: Vec<u8>) -> BoxFuture<'_, Result<(), FileUnwritable>> {
        self.append(&mut bytes);
        Box::pin(core::future::ready(Ok(())))
    }
}

/// In memory.
impl FileSource for Bytes {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, range: Range<u64>) -> BoxFuture<'_, Result<Vec<u8>, FileUnreadable>> {
        let part = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok())
            .and_then(|(start, end)| self.get(start..end))
            .map(<[u8]>::to_vec);
        Box::pin(core::future::ready(part.ok_or(FileUnreadable::Unreadable)))
    }
}

impl From<Vec<u8>> for FileContent {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(Bytes::from(bytes))
    }
}
