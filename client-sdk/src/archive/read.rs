//! Reads the archive.

use super::index::{Index, KnownIndex, SegmentEntry};
use super::message::ArchivedMessage;
use super::segment::unpack_segment;
use crate::api::{Api, ApiError};
use crate::platform::Platform;
use sotto_crypto_core::ArchiveCipher;
use sotto_crypto_core::archive::IndexDigest;
use sotto_protocol::rest::archive::{Archive, Archives};
use sotto_protocol::{ChatId, DeviceId, ProblemCode, SegmentId, limits};

/// Why something in the archive is not read.
#[derive(Debug)]
pub(crate) enum ReadError {
    Api(ApiError),
    /// It does not open: it is not what any device of the account has written there.
    Foreign,
    /// A newer version has written it.
    Newer,
}

impl From<ApiError> for ReadError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// Reads archives.
pub(crate) struct Reader<P: Platform> {
    pub(crate) api: Api<P>,
    pub(crate) cipher: ArchiveCipher,
    /// This device.
    pub(crate) device: DeviceId,
}

/// An archive that the server has shown.
pub(crate) struct ShownArchive {
    pub(crate) chat: ChatId,
    pub(crate) known: KnownIndex,
    pub(crate) index: Result<Box<Index>, ReadError>,
}

/// What came of some segments.
pub(crate) struct ReadSegments {
    pub(crate) messages: Vec<ArchivedMessage>,
    /// Those that were read.
    pub(crate) read: Vec<SegmentId>,
    /// Those that the server does not have.
    pub(crate) absent: Vec<SegmentId>,
    /// Those that do not open.
    pub(crate) foreign: Vec<SegmentId>,
    /// Those that had no room in the answer.
    pub(crate) left_out: Vec<SegmentId>,
}

impl ReadSegments {
    /// Whether nothing at all is known of any of them.
    pub(crate) fn is_fruitless(&self) -> bool {
        self.read.is_empty() && self.absent.is_empty() && self.foreign.is_empty()
    }
}

impl<P: Platform> Reader<P> {
    /// The index of a chat's archive; `None` if there is none.
    pub(crate) async fn index(&self, chat: ChatId) -> Result<Option<(KnownIndex, Box<Index>)>, ReadError> {
        let archive = match self.api.archive(chat).await {
            Ok(archive) => archive,
            Err(error) if error.code() == Some(ProblemCode::ArchiveNotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let shown = self.open(archive);
        Ok(Some((shown.known, shown.index?)))
    }

    /// As [`Self::index`], whatever it is.
    pub(crate) async fn archive(&self, chat: ChatId) -> Result<Option<ShownArchive>, ApiError> {
        match self.api.archive(chat).await {
            Ok(archive) => Ok(Some(self.open(Archive { chat, ..archive }))),
            Err(error) if error.code() == Some(ProblemCode::ArchiveNotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A page of all archives, those first that were written last, and where the next one begins.
    pub(crate) async fn page(
        &self,
        after: Option<&str>,
    ) -> Result<(Vec<ShownArchive>, Option<String>), ApiError> {
        let Archives { archives, next } = self.api.archives(after).await?;
        let shown = archives.into_iter().map(|archive| self.open(archive)).collect();
        Ok((shown, next))
    }

    fn open(&self, archive: Archive) -> ShownArchive {
        let Archive {
            chat,
            revision,
            index,
            ..
        } = archive;
        let known = KnownIndex {
            revision,
            digest: IndexDigest::of(index.as_slice()),
        };
        let opened = self.cipher.open_index(chat, revision, index.as_slice());
        let index = match opened.map(|content| Index::unpack(content.expose())) {
            Ok(Ok(index)) => Ok(Box::new(index)),
            Ok(Err(_)) => Err(ReadError::Newer),
            Err(_) => Err(ReadError::Foreign),
        };
        ShownArchive { chat, known, index }
    }

    /// What a segment says; `None` if it is not there.
    pub(crate) async fn segment(
        &self,
        chat: ChatId,
        segment: SegmentId,
    ) -> Result<Option<Vec<ArchivedMessage>>, ReadError> {
        let found = self.api.segments(chat, &[segment]).await?;
        let Some(found) = found.segments.into_iter().find(|found| found.segment == segment) else {
            return Ok(None);
        };
        self.open_segment(chat, segment, found.sealed.as_slice())
            .map(Some)
    }

    /// What some segments say.
    pub(crate) async fn segments(
        &self,
        chat: ChatId,
        segments: &[SegmentEntry],
    ) -> Result<ReadSegments, ReadError> {
        let wanted: Vec<SegmentId> = segments.iter().map(|entry| entry.segment).collect();
        let wanted = wanted
            .get(..limits::SEGMENTS_READ.min(wanted.len()))
            .unwrap_or_default();
        let answer = self.api.segments(chat, wanted).await?;
        let mut read = ReadSegments {
            messages: Vec::new(),
            read: Vec::new(),
            absent: Vec::new(),
            foreign: Vec::new(),
            left_out: Vec::new(),
        };
        for &segment in wanted {
            let found = answer.segments.iter().find(|found| found.segment == segment);
            let Some(found) = found else {
                if answer.left_out.contains(&segment) {
                    read.left_out.push(segment);
                } else {
                    read.absent.push(segment);
                }
                continue;
            };
            match self.open_segment(chat, segment, found.sealed.as_slice()) {
                Ok(messages) => {
                    read.messages.extend(messages);
                    read.read.push(segment);
                }
                Err(ReadError::Foreign) => read.foreign.push(segment),
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    fn open_segment(
        &self,
        chat: ChatId,
        segment: SegmentId,
        sealed: &[u8],
    ) -> Result<Vec<ArchivedMessage>, ReadError> {
        let content = self.cipher.open_segment(chat, segment, sealed);
        let content = content.map_err(|_| ReadError::Foreign)?;
        unpack_segment(content.expose()).map_err(|_| ReadError::Newer)
    }
}
